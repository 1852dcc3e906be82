"""What an answer may take: bytes and tokens, of its structured content and its text together, and seconds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

TOKEN = 4
"""Bytes that a token of English text is about."""

LEAST_BYTES = 12_000
"""The smallest budget: freshness, coverage and the head of a conversation fit into it whatever they hold."""

MOST_BYTES = 1_000_000
MARK = "… [cut]"


@dataclass(frozen=True, slots=True)
class Budget:
    """What an answer may take. By default 10,000 tokens: what clients of the protocol show without a warning.

    `seconds` are those of a search: what was found by then is told.
    """

    bytes: int = 40_000
    tokens: int = 10_000
    seconds: float = 0.2

    @property
    def room(self) -> int:
        """In bytes: whichever of the two is less."""
        return min(self.bytes, self.tokens * TOKEN)

    def within(self, bytes: int | None, tokens: int | None) -> Budget:
        """The budget of one call, which asks for less; more than this one is never given."""
        return replace(self, bytes=min(self.bytes, bytes or self.bytes), tokens=min(self.tokens, tokens or self.tokens))


def written(value: Any) -> str:
    """A value as it travels."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def cost(value: Any) -> int:
    """Bytes of a value in an answer: it stands there structured, and once more within a text."""
    text = written(value)
    return _bytes(text) + _bytes(written(text)) - 2


def clipped(text: str, most: int = 300) -> str:
    """A text of at most so many bytes as JSON, marked where it was cut."""
    if _size(text) <= most:
        return text
    return text[: longest(text, lambda start: _size(start) <= most - len(MARK) - 2)] + MARK


def some(texts: Iterable[str], most: int = 1200) -> tuple[str, ...]:
    """As many texts as fit into so many bytes."""
    kept: list[str] = []
    for text in texts:
        most -= _size(text) + 1
        if most < 0:
            break
        kept.append(text)
    return tuple(kept)


def longest(text: str, fits: Callable[[str], bool]) -> int:
    """How many characters of a text, from its start, fit."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(text[:middle]) else (low, middle - 1)
    return low


def how_many(rows: Iterable[Any], room: int) -> int:
    """How many rows, from the first on, fit into so many bytes."""
    count = 0
    for row in rows:
        room -= cost(row) + 2
        if room < 0:
            break
        count += 1
    return count


def _size(text: str) -> int:
    return _bytes(written(text))


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
