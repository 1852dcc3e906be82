"""JSON documents read piece by piece: what precedes a damaged place is still imported."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from ...paths import Json
from .base import Unusable

MAX_DOCUMENT = 128 * 1024 * 1024
"""The largest JSON document that is read, in bytes: its text stands in memory while it is walked."""

_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]:"]', re.DOTALL)
_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


@lru_cache(maxsize=8)
def top_keys(head: bytes) -> tuple[str, ...]:
    """The top-level keys of a JSON object whose beginning is `head`; empty for anything else."""
    body = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not body.startswith(b"{"):
        return ()
    keys, depth, text = [], 0, b""
    for token in (match.group() for match in _TOKEN.finditer(body)):
        if token == b'"':  # a string that the head cuts off
            break
        if token in b"{[":
            depth += 1
        elif token in b"}]":
            depth -= 1
        elif token == b":" and depth == 1:
            keys.append(text[1:-1].decode("utf-8", "replace"))
        text = token
    return tuple(keys)


def document(path: Path) -> str:
    """The file's text. Raises `Unusable` where it is too large or no UTF-8."""
    if path.stat().st_size > MAX_DOCUMENT:
        raise Unusable(f"larger than {MAX_DOCUMENT >> 20} MiB; split it, or turn it into JSONL, which is streamed")
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unusable(f"not UTF-8: byte {error.start}") from None


def value_at(text: str, *keys: str) -> Json:
    """The value under the keys, None where there is none."""
    at = _find(text, keys)
    return None if at < 0 else _decode(text, at)[0]


def elements(text: str, *keys: str) -> Iterator[Json]:
    """The elements of the array under the keys, one by one. Raises `Unusable` at the place of an error."""
    at = _find(text, keys)
    if at < 0:
        raise Unusable(f"no {'.'.join(keys)} in it")
    if text[at : at + 1] != "[":
        raise Unusable(f"{'.'.join(keys)} is no list")
    at = _skip(text, at + 1)
    if text[at : at + 1] == "]":
        return
    while True:
        value, at = _decode(text, at)
        yield value
        at = _skip(text, at)
        if text[at : at + 1] == "]":
            return
        at = _skip(text, _expect(text, at, ","))


def _find(text: str, keys: tuple[str, ...]) -> int:
    """Where the value under the keys begins; -1 where there is none."""
    at = _skip(text, 0)
    for key in keys:
        at = _member(text, at, key)
        if at < 0:
            return -1
    return at


def _member(text: str, at: int, wanted: str) -> int:
    if text[at : at + 1] != "{":
        return -1
    at = _skip(text, at + 1)
    if text[at : at + 1] == "}":
        return -1
    while True:
        key, at = _decode(text, at)
        at = _skip(text, _expect(text, _skip(text, at), ":"))
        if key == wanted:
            return at
        at = _skip(text, _decode(text, at)[1])
        if text[at : at + 1] == "}":
            return -1
        at = _skip(text, _expect(text, at, ","))


def _decode(text: str, at: int) -> tuple[Json, int]:
    try:
        return _DECODER.raw_decode(text, at)
    except json.JSONDecodeError as error:
        end = len(text.rstrip())
        what = "the JSON is cut off" if error.pos >= end or "Unterminated" in error.msg else "corrupt JSON"
        raise Unusable(f"{what}: line {error.lineno}, column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise Unusable("JSON nested too deeply") from None
    except ValueError:  # an integer beyond the interpreter's digit limit
        raise Unusable("a number with too many digits") from None


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _expect(text: str, at: int, sign: str) -> int:
    if text[at : at + 1] == sign:
        return at + 1
    line, column = text.count("\n", 0, at) + 1, at - (text.rfind("\n", 0, at) + 1) + 1
    what = "the JSON is cut off" if at >= len(text) else "corrupt JSON"
    raise Unusable(f"{what}: line {line}, column {column}: expected {sign!r}")
