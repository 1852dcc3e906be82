"""Responses as plain data: check one, or stream them from a JSON-lines file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from ..errors import ConfigurationError
from ..interaction import MOCK_HEADER, Envelope
from ..paths import Json

SHAPE = '{"status": 200, "headers": {"content-type": "application/json"}, "body": ...}'


def as_envelope(value: Json, where: str = "response") -> Envelope:
    """`value` as an `Envelope`: header names in lower case, missing headers and body filled in.

    Raises ConfigurationError, naming `where`, when `value` is not shaped like a response.
    """
    if not isinstance(value, Mapping):
        raise ConfigurationError(f"{where}: expected an object such as {SHAPE}, got {_kind(value)}.")
    status = value.get("status")
    if isinstance(status, bool) or not isinstance(status, int) or not 100 <= status <= 599:
        got = "nothing" if status is None else f"{status}" if isinstance(status, int) else _kind(status)
        raise ConfigurationError(f"{where}: `status` must be an HTTP status from 100 to 599, got {got}.")
    return {"status": int(status), "headers": _headers(value.get("headers"), where), "body": value.get("body")}


def as_envelopes(responses: Iterable[Json], where: str = "response") -> Iterator[Envelope]:
    """Each response checked; an error names its number, counted from 1."""
    if isinstance(responses, (Mapping, str, bytes)):
        raise ConfigurationError(f"{where}s: expected a list of responses, got {_kind(responses)}; wrap it in a list.")
    for number, response in enumerate(responses, start=1):
        yield as_envelope(response, f"{where} {number}")


def read_responses(path: str | Path) -> Iterator[Envelope]:
    """The responses in a JSON-lines file, one at a time; blank lines are skipped.

    Raises ConfigurationError, naming file and line, for anything that is not one response per line, and for mock
    answers: what nobody answered is no evidence.
    """
    path = Path(path)
    number = 0
    try:
        with path.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    where = f"{path}:{number}"
                    yield _evident(as_envelope(_parse(line, where), where), where)
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}:{number + 1}: not UTF-8 text ({error.reason}).") from None
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read ({error.strerror or error}).") from None


def _evident(response: Envelope, where: str) -> Envelope:
    if MOCK_HEADER in response["headers"]:
        raise ConfigurationError(f"{where}: mock data ({MOCK_HEADER}): nobody answered it, so it is no evidence.")
    return response


def _parse(line: str, where: str) -> Json:
    try:
        return json.loads(line)
    except json.JSONDecodeError as error:
        hint = " The file must hold one complete JSON object per line." if line.strip() in ("[", "{") else ""
        raise ConfigurationError(f"{where}:{error.colno}: not JSON ({error.msg}).{hint}") from None
    except (RecursionError, ValueError):
        raise ConfigurationError(f"{where}: JSON nested too deep or a number too long to read.") from None


def _headers(headers: Json, where: str) -> dict[str, str]:
    if headers is None:
        return {}
    if not isinstance(headers, Mapping):
        raise ConfigurationError(f"{where}: `headers` must be an object of strings, got {_kind(headers)}.")
    merged: dict[str, str] = {}
    for name, value in headers.items():
        key, text = str(name).lower(), _header_text(value)
        merged[key] = f"{merged[key]}, {text}" if key in merged else text
    return merged


def _header_text(value: Json) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _kind(value: Json) -> str:
    names = {type(None): "null", bool: "a boolean", int: "a number", float: "a number", str: "a string"}
    return names.get(type(value), "an array" if isinstance(value, list) else f"a {type(value).__name__}")
