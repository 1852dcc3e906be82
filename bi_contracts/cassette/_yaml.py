"""The YAML dialect of cassettes: what vcrpy writes and reads, libyaml where it is available.

Imported only when a cassette is read or written: importing yaml costs milliseconds.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import yaml

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

_NOT_LITERAL = re.compile("[^\n\t\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
"""Characters that a literal block cannot hold or would read back as another line break."""


class _CassetteLoader(_Loader):  # type: ignore[misc]
    """The safe loader and the few Python tags old vcrpy cassettes hold. Never makes an arbitrary object."""


class _CarefulLoader(yaml.SafeLoader):
    """The same in Python: slower, and nesting without end is a RecursionError rather than a crash of libyaml."""


class _CassetteDumper(_Dumper):  # type: ignore[misc]
    """The safe dumper: block style, no aliases."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002
        return True


def _text(loader: Any, node: Any) -> Any:
    return loader.construct_scalar(node)


def _sequence(loader: Any, node: Any) -> Any:
    return loader.construct_sequence(node)


def _buffer(loader: Any, node: Any) -> bytes:
    state = loader.construct_mapping(node, deep=True).get("state") or (b"",)
    return state[0].encode() if isinstance(state[0], str) else bytes(state[0] or b"")


def _chunks(loader: Any, node: Any) -> bytes:
    """The parts of a streamed body, joined."""
    arguments = loader.construct_mapping(node, deep=True).get("args") or ((),)
    chunks = arguments[0]
    if chunks and isinstance(chunks[0], int):
        return bytes(chunks)
    return b"".join(chunk.encode() if isinstance(chunk, str) else chunk for chunk in chunks)


_PYTHON = "tag:yaml.org,2002:python/"
for _kind in (_CassetteLoader, _CarefulLoader):
    _kind.add_constructor(f"{_PYTHON}str", _text)
    _kind.add_constructor(f"{_PYTHON}unicode", _text)
    _kind.add_constructor(f"{_PYTHON}tuple", _sequence)
    _kind.add_constructor("!binary", _kind.construct_yaml_binary)  # Ruby's spelling
    _kind.add_constructor(f"{_PYTHON}object/new:_io.BytesIO", _buffer)
    _kind.add_constructor(f"{_PYTHON}object/apply:builtins.iter", _chunks)


def parse(text: str) -> Any:
    """The value of a YAML document. Raises `yaml.YAMLError`, with the position in `problem_mark`."""
    return yaml.load(text, Loader=_CarefulLoader if _may_be_deep(text) else _CassetteLoader)


_DEEP = 1000
_BRACKET = re.compile(r"[\[\]{}]")
_STEP = {"[": 1, "{": 1, "]": -1, "}": -1}
_DASHES = re.compile(r"(?:[-?:][ \t]+)+")


def _may_be_deep(text: str) -> bool:
    """Whether the document could be nested deeper than libyaml survives (some 20,000 levels); errs on the safe side."""
    return "\n" + " " * _DEEP in text or _depth_of_brackets(text) > _DEEP or _longest_run(text) > 2 * _DEEP


def _depth_of_brackets(text: str) -> int:
    if text.count("[") + text.count("{") <= _DEEP:
        return 0
    return max(accumulate(map(_STEP.__getitem__, _BRACKET.findall(text))))


def _longest_run(text: str) -> int:
    """The longest run of `- - -` or `? ? ?`, in characters."""
    if text.count("- ") + text.count("? ") <= _DEEP:
        return 0
    return max((found.end() - found.start() for found in _DASHES.finditer(text)), default=0)


def dump(value: Any, blocks: Sequence[str] = ()) -> str:
    """YAML in block style, keys in the order given; `blocks[n]` stands as a literal block where `reference(n)` is.

    libyaml falls back to one quoted line for a text with an emoji in it, so literal blocks are laid out here.
    """
    text: str = yaml.dump(
        value, Dumper=_CassetteDumper, sort_keys=False, allow_unicode=True, width=1_000_000, default_flow_style=False
    )
    return _REFERENCE.sub(lambda found: _literal(found[1], found[2], blocks[int(found[3])]), text) if blocks else text


_MARK = "bi-contracts-literal-block-"
_REFERENCE = re.compile(rf"^( +)(body|string): {_MARK}(\d+)$", re.MULTILINE)


def reference(number: int) -> str:
    """What stands for a literal block until the document is laid out."""
    return f"{_MARK}{number}"


def is_blockable(text: str) -> bool:
    """Whether the text has several lines and YAML can hold them in a literal block exactly."""
    if text.startswith(_MARK):
        return True
    return "\n" in text and not text[0].isspace() and _NOT_LITERAL.search(text) is None


def _literal(indent: str, key: str, text: str) -> str:
    bare = text.rstrip("\n")
    ends = len(text) - len(bare)
    chomping = {0: "-", 1: ""}.get(ends, "+")
    lines = "\n".join(f"{indent}  {line}" if line else "" for line in bare.split("\n"))
    return f"{indent}{key}: |{chomping}\n{lines}" + "\n" * max(0, ends - 1)
