"""Made-up identifiers in the form of an example, each with its way back: index -> key -> index.

The way back is what lets a world of a million rows find one by its id without holding any of them.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from math import gcd

from ..paths import Json

_WORD = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15


def salt(*parts: object) -> int:
    """64 bits that depend on the parts alone: the same in every process."""
    return int.from_bytes(hashlib.blake2b("/".join(map(str, parts)).encode(), digest_size=8).digest(), "big")


def mix(number: int, other: int) -> int:
    """64 well-spread bits from two numbers."""
    mixed = ((number ^ other) * _GOLDEN) & _WORD
    mixed ^= mixed >> 29
    return (mixed * 0xBF58476D1CE4E5B9 & _WORD) ^ (mixed >> 32)


@dataclass(frozen=True, slots=True)
class Shuffle:
    """A permutation of 0..size-1 that looks random and can be undone."""

    size: int
    factor: int
    shift: int

    @classmethod
    def make(cls, size: int, seed: int) -> Shuffle:
        """A permutation that belongs to a seed."""
        factor = (seed * _GOLDEN & _WORD) % size | 1
        while gcd(factor, size) != 1:
            factor += 2
        return cls(size, factor, mix(seed, size) % size)

    def there(self, index: int) -> int:
        """Where an index goes."""
        return (index * self.factor + self.shift) % self.size

    def back(self, value: int) -> int:
        """The index that goes there."""
        return (value - self.shift) * pow(self.factor, -1, self.size) % self.size


@dataclass(frozen=True, slots=True)
class KeyForm:
    """Keys of one form. `write` turns an index into a key, `read` a key into an index or raises ValueError."""

    write: Callable[[int], Json]
    read: Callable[[Json], int]

    def index(self, key: Json) -> int:
        """The index that has this key, -1 where none has."""
        try:
            index = self.read(key)
        except (ValueError, TypeError, AttributeError):
            return -1
        return index if index >= 0 and self.write(index) == key else -1


def key_form(example: Json, seed: int, total: int) -> KeyForm:
    """The form of `example`, for `total` keys."""
    form = identifier_form(example, seed, total)
    if form is not None:
        return form
    if isinstance(example, int) and not isinstance(example, bool):
        return _number(example, total, seed, as_text=False)
    return _numbered(str(example))


def identifier_form(example: Json, seed: int, total: int = 1 << 20) -> KeyForm | None:
    """The form of an example that is recognisably an identifier, else None."""
    if not isinstance(example, str):
        return None
    if UUID.fullmatch(example):
        return _uuid(example, seed)
    if HEX.fullmatch(example):
        return _hex(len(example), seed)
    if TS.fullmatch(example):
        return _ts(total)
    if SALESFORCE_ID.fullmatch(example) and salesforce_id(example[:15]) == example:
        return _salesforce(example, seed)
    if SLACK_ID.fullmatch(example):
        return _base36(example, seed, total)
    if example.isdecimal() and example.isascii():
        return _number(int(example), total, seed, as_text=True)
    return None


def _uuid(example: str, seed: int) -> KeyForm:
    shuffle = Shuffle.make(1 << 62, seed)
    dashed = "-" in example

    def write(index: int) -> str:
        low = shuffle.there(index)
        high = mix(low, seed) & ~0xF000 | 0x4000
        made = uuid.UUID(int=high << 64 | 1 << 63 | low)
        return str(made) if dashed else made.hex

    return KeyForm(write, lambda key: shuffle.back(uuid.UUID(key).int & ((1 << 62) - 1)))


def _hex(length: int, seed: int) -> KeyForm:
    shuffle = Shuffle.make(1 << 62, seed)
    mask = (1 << 4 * (length - 16)) - 1

    def write(index: int) -> str:
        low = shuffle.there(index)
        return f"{mix(low, seed) & mask:0{length - 16}x}{low:016x}"

    return KeyForm(write, lambda key: shuffle.back(int(key[-16:], 16)))


def _base36(example: str, seed: int, total: int) -> KeyForm:
    prefix = example[:2] if example[1] == "0" else example[:1]
    digits = len(example) - len(prefix)
    while 36**digits < total:
        digits += 1
    shuffle = Shuffle.make(36**digits, seed)
    return KeyForm(
        lambda index: prefix + base36(shuffle.there(index), digits),
        lambda key: shuffle.back(int(key[len(prefix) :], 36)),
    )


def _salesforce(example: str, seed: int) -> KeyForm:
    """15 letters and digits, the first seven of them the example's: kind of object, pod and a zero."""
    prefix = example[:7]
    shuffle = Shuffle.make(36**8, seed)

    def write(index: int) -> str:
        return salesforce_id(prefix + base36(shuffle.there(index), 8))

    return KeyForm(write, lambda key: shuffle.back(int(key[len(prefix) : 15], 36)))


def salesforce_id(short: str) -> str:
    """The 18 characters of a Salesforce id: the 15, and which of each five are capitals in base 32."""
    groups = (short[start : start + 5] for start in range(0, 15, 5))
    bits = (sum(letter.isupper() << place for place, letter in enumerate(group)) for group in groups)
    return short + "".join("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[number] for number in bits)


def base36(value: int, digits: int) -> str:
    """Upper-case base 36, zero-filled."""
    found = ""
    for _ in range(digits):
        value, digit = divmod(value, 36)
        found = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[digit] + found
    return found


def _number(example: int, total: int, seed: int, *, as_text: bool) -> KeyForm:
    low = 10 ** (len(str(abs(example))) - 1)
    if 9 * low < 4 * total:
        return KeyForm(
            (lambda index: str(example + index)) if as_text else (lambda index: example + index),
            lambda key: int(key) - example,
        )
    shuffle = Shuffle.make(9 * low, seed)
    return KeyForm(
        (lambda index: str(low + shuffle.there(index))) if as_text else (lambda index: low + shuffle.there(index)),
        lambda key: shuffle.back(int(key) - low),
    )


def _ts(total: int) -> KeyForm:
    """Slack message times: seconds and microseconds, ten digits and six."""
    first = 1_767_600_000_000_000
    stride = max(1, min(61_003_019, (9_999_999_999_000_000 - first) // max(total, 1)))

    def write(index: int) -> str:
        seconds, micros = divmod(first + index * stride, 1_000_000)
        return f"{seconds}.{micros:06d}"

    return KeyForm(write, lambda key: (int(key.replace(".", "")) - first) // stride)


def _numbered(example: str) -> KeyForm:
    return KeyForm(lambda index: f"{example}-{index + 1}", lambda key: int(key.rpartition("-")[2]) - 1)


UUID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
HEX = re.compile(r"(?=.*[a-f])(?=.*\d)[0-9a-f]{20,40}")
TS = re.compile(r"\d{10}\.\d{6}")
SALESFORCE_ID = re.compile(r"[0-9A-Za-z]{15}[A-Z0-5]{3}")
SLACK_ID = re.compile(r"(?=.*\d)[A-Z][A-Z0-9]{8,10}")
