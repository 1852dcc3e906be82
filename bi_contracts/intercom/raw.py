"""What Intercom sent, kept whole: as canonical JSON, hashed, and packed for the store."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from hashlib import blake2b

from ..paths import Json

LEVEL = 1
"""Of zlib: four fifths of what its best level saves, at a fifth of the time."""

WORTH = 1000
"""Bytes. Of a shorter text, as most parts are, little is saved, and as much time spent as on writing it."""


def canonical(value: Json) -> bytes:
    """One text for equal values: members sorted, no spaces, ASCII. Lone surrogates and NUL stay escaped."""
    return _encoded(value).encode("ascii")


_encoded = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


def digest_of(text: bytes) -> str:
    """128 bits of BLAKE2b (RFC 7693) in hexadecimal digits."""
    return blake2b(text, digest_size=16).hexdigest()


def digest_of_all(digests: Iterable[str]) -> str:
    """One digest for several, in their order."""
    return digest_of("\n".join(digests).encode())


DEEPEST = 100
"""Levels of lists and objects. What Intercom sends has some ten; JSON's own functions give up at about a thousand."""


def is_deep(value: Json) -> bool:
    """Whether a value is nested deeper than `DEEPEST`. Level by level: nothing here can be nested too deep."""
    level = [value]
    for _ in range(DEEPEST + 1):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


def is_nested(text: bytes) -> bool:
    """Whether a text that could not be read is one that is nested too deep."""
    try:
        json.loads(text)
    except RecursionError:
        return True
    except ValueError:
        pass
    return False


def flat(value: Json) -> Json:
    """What can be kept of a value that is nested too deep: its text, or its members that are no lists or objects."""
    try:
        return _encoded(value)
    except RecursionError:
        members = value.items() if isinstance(value, dict) else ()
        return {name: member for name, member in members if not isinstance(member, dict | list)}


def packed(text: bytes) -> bytes:
    """The text as the store holds it: deflated where that is worth its time, and shorter."""
    if len(text) < WORTH:
        return text
    small = zlib.compress(text, LEVEL)
    return small if len(small) < len(text) else text


def unpacked(held: bytes) -> Json:
    """The value again. Raises ValueError where the bytes are damaged."""
    try:
        # A text of JSON never begins with the byte that a zlib stream begins with (RFC 1950 section 2.2).
        return json.loads(zlib.decompress(held) if held[:1] == b"\x78" else held)
    except (zlib.error, RecursionError) as error:
        raise ValueError(f"what Intercom sent cannot be read back: {error}") from None
