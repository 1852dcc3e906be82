"""YAML read event by event: bounded memory, no object is ever constructed from a tag, and what precedes a
damaged place is still imported.

Scalars become text, integers, booleans, None, or bytes (`!!binary`, Ruby's `!binary`). Every other tag, Ruby
objects among them, is dropped and its node read as what it is: text, a list or an object.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .base import Unusable
from .values import Broken

if TYPE_CHECKING:
    import yaml

MAX_DEPTH = 200
MAX_NODES = 1_000_000
"""The most nodes that one interaction may have; real ones have some hundred."""

_KEY = re.compile(rb"""^["']?([A-Za-z_]\w*)["']?[ \t]*:(?:[ \t\r\n]|\Z)""", re.MULTILINE)
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


@lru_cache(maxsize=8)
def top_keys(head: bytes) -> tuple[str, ...]:
    """The keys at the left margin of a block mapping whose beginning is `head`."""
    if head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"["):
        return ()
    return tuple(key.decode() for key in _KEY.findall(head))


def entries(path: Path, *streamed: str) -> Iterator[tuple[str, Any]]:
    """The top-level entries of every document as (key, value); a list under a `streamed` key gives one pair for
    each item, and so does a top-level list, under the key "". Raises `Unusable` with line and column."""
    import yaml

    with path.open("rb") as stream:
        try:
            loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml is missing in some builds
            yield from _documents(_Reader(iter(yaml.parse(stream, Loader=loader))), frozenset(streamed))
        except yaml.MarkedYAMLError as error:
            raise Unusable(_described(error)) from None
        except yaml.reader.ReaderError as error:
            raise Unusable(f"not readable as text: position {error.position}: {error.reason}") from None


def _described(error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    place = f": line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    return f"corrupt or cut-off YAML{place}: {error.problem or error.context or 'unreadable'}"


def _documents(reader: _Reader, streamed: frozenset[str]) -> Iterator[tuple[str, Any]]:
    for event in reader.events:
        match type(event).__name__:
            case "MappingStartEvent":
                yield from _mapping(reader, streamed)
            case "SequenceStartEvent":
                yield from (("", item) for item in _items(reader))
            case "ScalarEvent":
                yield "", reader.value(event)


def _mapping(reader: _Reader, streamed: frozenset[str]) -> Iterator[tuple[str, Any]]:
    for event in reader.events:
        if type(event).__name__ == "MappingEndEvent":
            return
        key = _key(reader.value(event))
        first = next(reader.events)
        if key in streamed and type(first).__name__ == "SequenceStartEvent":
            yield from ((key, item) for item in _items(reader))
        else:
            yield key, reader.value(first)


def _items(reader: _Reader) -> Iterator[Any]:
    for event in reader.events:
        if type(event).__name__ == "SequenceEndEvent":
            return
        yield reader.value(event)


class _Reader:
    """Events to values, without recursion: nesting in a file must not reach the interpreter's stack."""

    def __init__(self, events: Iterator[Any]) -> None:
        self.events = events
        self._anchors: dict[str, Any] = {}

    def value(self, event: Any) -> Any:
        """The value that begins with `event`."""
        open_nodes: list[_Node] = []
        for _ in range(MAX_NODES):
            match type(event).__name__:
                case "SequenceStartEvent":
                    open_nodes.append(self._opened(_Node([], event.tag), event, len(open_nodes)))
                    event = next(self.events)
                    continue
                case "MappingStartEvent":
                    open_nodes.append(self._opened(_Node({}, event.tag), event, len(open_nodes)))
                    event = next(self.events)
                    continue
                case "ScalarEvent":
                    done = self._anchored(event, _scalar(event))
                case "AliasEvent":
                    done = self._aliased(event)
                case _:
                    done = open_nodes.pop().finished()
            if not open_nodes:
                return done
            open_nodes[-1].add(done)
            event = next(self.events)
        raise Unusable(f"one entry of the YAML has more than {MAX_NODES} nodes: no recorded exchange")

    def _opened(self, node: _Node, event: Any, depth: int) -> _Node:
        if depth >= MAX_DEPTH:
            raise Unusable(f"YAML nested deeper than {MAX_DEPTH} levels: line {event.start_mark.line + 1}")
        self._anchored(event, node.held)
        return node

    def _aliased(self, event: Any) -> Any:
        if event.anchor not in self._anchors:
            mark = event.start_mark
            raise Unusable(f"corrupt YAML: line {mark.line + 1}, column {mark.column + 1}: undefined alias")
        return self._anchors[event.anchor]

    def _anchored(self, event: Any, value: Any) -> Any:
        if event.anchor is not None:
            self._anchors[event.anchor] = value
        return value


class _Node:
    """A list or an object that is still being read."""

    __slots__ = ("_key", "_waiting", "held", "tag")

    def __init__(self, held: list[Any] | dict[str, Any], tag: str | None) -> None:
        self.held = held
        self.tag = tag or ""
        self._waiting = False
        self._key = ""

    def add(self, value: Any) -> None:
        if isinstance(self.held, list):
            self.held.append(value)
        elif self._waiting:
            self.held[self._key] = value
            self._waiting = False
        else:
            self._key, self._waiting = _key(value), True

    def finished(self) -> Any:
        if self.tag.startswith("!ruby/string") and isinstance(self.held, dict):
            return self.held.get("str", "")
        return self.held


def _key(value: Any) -> str:
    return value if isinstance(value, str) else str(value) if isinstance(value, int | None) else ""


def _scalar(event: Any) -> Any:
    tag, text = event.tag or "", event.value
    if tag.endswith(("!binary", ":binary")):
        return _binary(text)
    if tag.endswith((":int", ":null", ":bool")) or (not tag and event.implicit[0]):
        return _resolved(text)
    return text


def _resolved(text: str) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    return int(text) if _INTEGER.fullmatch(text) else text


def _binary(text: str) -> bytes | Broken:
    try:
        return base64.b64decode("".join(text.split()).encode("ascii"), validate=True)
    except (binascii.Error, UnicodeError):
        return Broken("a value says it is base64 (!binary) and is not")
