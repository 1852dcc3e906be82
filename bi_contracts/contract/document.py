"""The text form of a contract: a JSON document whose evidence takes one line a pointer."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import InvalidContract
from ..paths import Json


def write(schema: Mapping[str, Any], name: str, evidence: Mapping[str, Any] | None) -> str:
    """The schema indented by two, then the evidence block under `name`."""
    text = json.dumps(schema, indent=2, ensure_ascii=False)
    if evidence is None:
        return text + "\n"
    about = {key: value for key, value in evidence.items() if key != "counts"}
    lines = [f"    {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in about.items()]
    lines.append(f'    "counts": {_table(evidence["counts"])}')
    head = text.removesuffix("}").rstrip()
    comma = "" if head == "{" else ","
    return f"{head}{comma}\n  {json.dumps(name)}: {{\n" + ",\n".join(lines) + "\n  }\n}\n"


def _table(counts: Mapping[str, Any]) -> str:
    rows = [f"      {_dumps(pointer)}: {_dumps(entry)}" for pointer, entry in counts.items()]
    return "{\n" + ",\n".join(rows) + "\n    }" if rows else "{}"


def _dumps(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)


def parse(text: str, where: str) -> dict[str, Any]:
    """The document as an object. Raises InvalidContract with line and column."""
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise InvalidContract(f"{where}:{error.lineno}:{error.colno}: not JSON ({error.msg}).") from None
    except (RecursionError, ValueError):
        raise InvalidContract(f"{where}: JSON nested too deep or a number too long to read.") from None
    if not isinstance(document, dict):
        raise InvalidContract(f"{where}:1:1: a contract is a JSON object, this is not one.")
    return document


def locate(text: str, path: Iterable[str | int]) -> tuple[int, int]:
    """Line and column, from 1, of the value at `path` in a valid JSON document."""
    at = _skip(text, 0)
    for step in path:
        at = _child(text, at + 1, step)
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def _child(text: str, at: int, step: str | int) -> int:
    """Where the value of one key or index of the object or array that opens before `at` begins."""
    decoder, number, found = json.JSONDecoder(), 0, at
    while text[at := _skip(text, at)] not in "]}":
        name: str | int = number
        if isinstance(step, str):
            name, at = decoder.raw_decode(text, at)
            at = _skip(text, _skip(text, at) + 1)
        if name == step:
            found = at
        at = _skip(text, decoder.raw_decode(text, at)[1])
        at += text[at] == ","
        number += 1
    return found


def _skip(text: str, at: int) -> int:
    while text[at] in " \t\r\n\ufeff":
        at += 1
    return at
