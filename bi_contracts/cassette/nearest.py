"""The recorded request closest to one that was not found, and how the two differ. Runs only on a miss."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import islice, zip_longest
from typing import Any
from urllib.parse import parse_qsl

from ..interaction import Request, header
from ..redact import DEFAULT, Policy, redact_request
from .keys import RequestKey, key_of

_MOST_CANDIDATES = 2000
_MOST_BODIES = 20
_MOST_LINES = 12
_LONGEST_VALUE = 120


@dataclass(frozen=True, slots=True)
class Nearest:
    """A recorded request and the lines that say how the asked one differs."""

    request: Request
    difference: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.request.method} {self.request.url}"


def nearest(request: Request, recorded: Iterable[Request], policy: Policy = DEFAULT) -> Nearest | None:
    """The recorded request closest to a redacted one; looks at 2000 and compares the bodies of the best 20."""
    asked = key_of(request)
    candidates = (redact_request(other, policy) for other in islice(recorded, _MOST_CANDIDATES))
    scored = [(_score(asked, key_of(other)), other) for other in candidates]
    if not scored:
        return None
    scored.sort(key=lambda entry: entry[0], reverse=True)
    best = [other for score, other in scored[:_MOST_BODIES] if score == scored[0][0]]
    differences = [(other, tuple(_difference(request, other))) for other in best]
    closest, lines = min(differences, key=lambda pair: len(pair[1]))
    return Nearest(closest, _shortened(lines))


def _score(asked: RequestKey, other: RequestKey) -> float:
    """Higher is closer: the path counts most, then the method, the host and the query."""
    query = len(set(asked.query) & set(other.query)) / (len(set(asked.query) | set(other.query)) or 1)
    path = 4.0 if asked.path == other.path else 3 * SequenceMatcher(None, asked.path[:200], other.path[:200]).ratio()
    return (
        path
        + 2 * (asked.method == other.method)
        + 2 * (asked.host == other.host)
        + (asked.port == other.port)
        + query
        + (asked.body == other.body)
    )


def _shortened(lines: tuple[str, ...]) -> tuple[str, ...]:
    if len(lines) <= _MOST_LINES:
        return lines
    return (*lines[:_MOST_LINES], f"and {len(lines) - _MOST_LINES} more differences")


def _difference(request: Request, other: Request) -> Iterator[str]:
    asked, known = key_of(request), key_of(other)
    for name in ("method", "scheme", "host", "port", "path"):
        yield from _line(name, getattr(asked, name), getattr(known, name))
    yield from _pairs("query", asked.query, known.query)
    if asked.body != known.body:
        yield from _bodies(request, other)


def _line(where: str, asked: Any, known: Any) -> Iterator[str]:
    if asked != known:
        yield f"{where[:_LONGEST_VALUE]}: asked {_shown(asked)}, recorded {_shown(known)}"


class _Absent:
    def __repr__(self) -> str:
        return "nothing"


_ABSENT = _Absent()


def _shown(value: Any) -> str:
    text = repr(value) if isinstance(value, _Absent) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}..."


def _pairs(where: str, asked: Sequence[tuple[str, str]], known: Sequence[tuple[str, str]]) -> Iterator[str]:
    for name in dict.fromkeys(name for name, _ in (*asked, *known)):
        ours = [value for key, value in asked if key == name]
        theirs = [value for key, value in known if key == name]
        for mine, other in zip_longest(ours, theirs, fillvalue=_ABSENT):
            yield from _line(f"{where} {name}", mine, other)


def _bodies(request: Request, other: Request) -> Iterator[str]:
    kinds = [header(message.headers, "content-type").lower() for message in (request, other)]
    if all("urlencoded" in kind for kind in kinds):
        yield from _pairs("form", _form(request), _form(other))
        return
    asked, known = _json(request.body), _json(other.body)
    if asked is not None and known is not None:
        yield from _values("", asked, known)
        return
    yield f"body: asked {_excerpt(request.body)}, recorded {_excerpt(other.body)}"


def _form(request: Request) -> list[tuple[str, str]]:
    return sorted(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _excerpt(body: bytes) -> str:
    return _shown(body.decode("utf-8", "replace")) if body else "nothing"


def _values(pointer: str, asked: Any, known: Any) -> Iterator[str]:
    """One line for each place, as a JSON Pointer (RFC 6901), at which two values differ."""
    if isinstance(asked, dict) and isinstance(known, dict):
        for name in dict.fromkeys((*asked, *known)):
            step = str(name).replace("~", "~0").replace("/", "~1")
            yield from _values(f"{pointer}/{step}", asked.get(name, _ABSENT), known.get(name, _ABSENT))
    elif isinstance(asked, list) and isinstance(known, list):
        for place, (mine, other) in enumerate(zip_longest(asked, known, fillvalue=_ABSENT)):
            yield from _values(f"{pointer}/{place}", mine, other)
    else:
        yield from _line(f"body {pointer or '/'}", asked, known)
