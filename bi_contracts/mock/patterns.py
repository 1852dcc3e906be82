"""Texts that match a pattern, counted: the k-th of them without making those before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Protocol

MANY = 1 << 62
"""Where counting stops."""

SPARE = 3
"""Repetitions beyond the least, where a pattern sets no bound."""

_DIGITS = "0123456789"
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_WORD = _DIGITS + _LETTERS + _LETTERS.upper() + "_"
_PRINTABLE = "".join(map(chr, range(32, 127)))
_CLASSES = {"d": _DIGITS, "w": _WORD, "s": " "}


class Unsupported(ValueError):
    """A pattern that uses what no text is made for: look-ahead, back references, Unicode classes."""


class Texts(Protocol):
    """A set of texts in some order."""

    @property
    def count(self) -> int:
        """How many there are, `MANY` at most."""
        ...

    def nth(self, number: int) -> str:
        """The text with that number, from 0."""
        ...


@lru_cache(maxsize=512)
def texts(pattern: str) -> Texts:
    """Texts that the whole of a pattern matches, anchored or not. Raises `Unsupported`."""
    reader = _Reader(pattern)
    found = reader.choice()
    if reader.at < len(pattern):
        raise Unsupported(pattern)
    return found


@dataclass(frozen=True, slots=True)
class _Letters:
    letters: str

    @property
    def count(self) -> int:
        return len(self.letters)

    def nth(self, number: int) -> str:
        return self.letters[number]


@dataclass(frozen=True, slots=True)
class _Nothing:
    @property
    def count(self) -> int:
        return 1

    def nth(self, number: int) -> str:  # noqa: ARG002
        return ""


@dataclass(frozen=True)
class _Row:
    """One after the other."""

    parts: Sequence[Texts]

    @cached_property
    def count(self) -> int:
        found = 1
        for part in self.parts:
            found = min(MANY, found * part.count)
        return found

    def nth(self, number: int) -> str:
        found = []
        for part in reversed(self.parts):
            number, digit = divmod(number, part.count)
            found.append(part.nth(digit))
        return "".join(reversed(found))


@dataclass(frozen=True)
class _Choice:
    """One or the other."""

    parts: Sequence[Texts]

    @cached_property
    def count(self) -> int:
        return min(MANY, sum(part.count for part in self.parts))

    def nth(self, number: int) -> str:
        for part in self.parts:
            if number < part.count:
                return part.nth(number)
            number -= part.count
        raise IndexError(number)


class _Reader:
    """Reads a pattern from the left."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0

    def next(self) -> str:
        return self.pattern[self.at : self.at + 1]

    def takes(self, words: str) -> bool:
        found = self.pattern.startswith(words, self.at)
        self.at += len(words) * found
        return found

    def choice(self) -> Texts:
        found = [self.row()]
        while self.takes("|"):
            found.append(self.row())
        return found[0] if len(found) == 1 else _Choice(found)

    def row(self) -> Texts:
        found: list[Texts] = []
        while self.next() not in ("", "|", ")"):
            found.append(self.repeated(self.one()))
        return _Row(found)

    def one(self) -> Texts:
        if self.takes("("):
            return self.group()
        if self.takes("["):
            return self.letters()
        if self.takes("^") or self.takes("$"):
            return _Nothing()
        if self.takes("."):
            return _Letters(_WORD)
        if self.takes("\\"):
            return self.escaped()
        if self.next() in ("*", "+", "?", "{"):
            raise Unsupported(self.pattern)
        self.at += 1
        return _Letters(self.pattern[self.at - 1])

    def group(self) -> Texts:
        if self.takes("?") and not self.takes(":"):
            if not self.takes("P<") and not (self.takes("<") and self.next() not in ("=", "!")):
                raise Unsupported(self.pattern)
            self.at = self.pattern.index(">", self.at) + 1
        found = self.choice()
        if not self.takes(")"):
            raise Unsupported(self.pattern)
        return found

    def escaped(self) -> Texts:
        letter = self.next()
        self.at += 1
        if letter in ("b", "A", "Z", "z"):
            return _Nothing()
        return _Letters(self._escape(letter))

    def _escape(self, letter: str) -> str:
        if letter.lower() in _CLASSES:
            known = _CLASSES[letter.lower()]
            return known if letter in _CLASSES else "".join(one for one in _PRINTABLE if one not in known)
        if letter in ("x", "u"):
            width = 2 if letter == "x" else 4
            self.at += width
            return chr(int(self.pattern[self.at - width : self.at], 16))
        if letter.isalnum():
            known = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v"}.get(letter, "")
            if not known:
                raise Unsupported(self.pattern)
            return known
        return letter

    def letters(self) -> Texts:
        negative = self.takes("^")
        found: list[str] = ["]"] if self.takes("]") else []
        while not self.takes("]"):
            if not self.next():
                raise Unsupported(self.pattern)
            found += self._range()
        held = dict.fromkeys(found)
        kept = [one for one in _PRINTABLE if one not in held] if negative else list(held)
        if not kept:
            raise Unsupported(self.pattern)
        return _Letters("".join(kept))

    def _range(self) -> list[str]:
        low = self._letter()
        if len(low) > 1 or self.next() != "-" or self.pattern[self.at + 1 : self.at + 2] in ("]", ""):
            return list(low)
        self.at += 1
        high = self._letter()
        return [chr(code) for code in range(ord(low), min(ord(high), ord(low) + 500) + 1)]

    def _letter(self) -> str:
        if self.takes("\\"):
            letter = self.next()
            self.at += 1
            return "\b" if letter == "b" else self._escape(letter)
        self.at += 1
        return self.pattern[self.at - 1]

    def repeated(self, one: Texts) -> Texts:
        bounds = self._bounds()
        if bounds is None:
            return one
        self.takes("?")
        self.takes("+")
        low, high = bounds
        if high > 10_000:
            raise Unsupported(self.pattern)
        found = [_Row([one] * times) for times in range(low, min(high, low + SPARE) + 1)]
        return found[0] if len(found) == 1 else _Choice(found)

    def _bounds(self) -> tuple[int, int] | None:
        for sign, bounds in (("*", (0, SPARE)), ("+", (1, 1 + SPARE)), ("?", (0, 1))):
            if self.takes(sign):
                return bounds
        if self.next() != "{":
            return None
        inside, closed, _ = self.pattern[self.at + 1 :].partition("}")
        low, comma, high = inside.partition(",")
        if not closed or not low.isdecimal() or not (high == "" or high.isdecimal()):
            raise Unsupported(self.pattern)
        self.at += len(inside) + 2
        return int(low), int(high) if high else int(low) + SPARE * bool(comma)
