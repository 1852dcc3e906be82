"""What things are called in Linear: keys of teams, addresses, times."""

from __future__ import annotations

import re

from ....paths import Json

FIRST_KEY = 3048
"""The key of the first team, `ENG`, as a number; the second one is `ENH`."""


def written_key(position: int) -> str:
    """The key of the team at a position: three letters, more when they are used up."""
    number, width = position + FIRST_KEY, 3
    while number >= 26**width:
        number -= 26**width
        width += 1
    return "".join(chr(ord("A") + number // 26**place % 26) for place in range(width - 1, -1, -1))


def read_key(key: str) -> int:
    """The position of the team with a key; out of range where no team can have it."""
    number = 0
    for letter in key:
        number = number * 26 + ord(letter) - ord("A")
    return number + sum(26**width for width in range(3, len(key))) - FIRST_KEY if len(key) >= 3 else -1


def slug(title: Json) -> str:
    """A title as it stands in an address."""
    return re.sub(r"[^a-z0-9]+", "-", str(title).lower()).strip("-")


def stamp(now: float) -> str:
    """A time as Linear writes it. `now` is in Unix seconds."""
    from ...writing import stamped

    return str(stamped("2026-01-01T00:00:00.000Z", now))
