"""The lines across a chart: percentiles and thresholds, with labels that do not run into each other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..axes import Axis
from ..figures import drawn, plain_number
from ..values import clean, shown

_STATISTIC = re.compile(r"^(p\d|mean|median|average|avg|min|max)", re.IGNORECASE)
_CHARACTER = 2.1
"""How wide a character is, in percent of the narrowest chart."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A line: its name, where it lies, and what is written beside it."""

    name: str
    value: float
    text: str
    limit: bool


@dataclass(frozen=True, slots=True)
class Placed:
    """A label: its place in percent of the width, its row from the top, and where the text is anchored."""

    mark: Mark
    x: float
    row: int
    anchor: str


def marks_of(named: Iterable[tuple[str, object]], unit: str) -> list[Mark]:
    """The lines that can be drawn, by growing value."""
    known = [(str(name), drawn(value)) for name, value in named]
    return sorted(
        (Mark(name, value, _words(name, value, unit), _limit(name)) for name, value in known if value is not None),
        key=lambda mark: (mark.value, mark.name),
    )


def _words(name: str, value: float, unit: str) -> str:
    """`p95 12 ms`; the name alone where the number stands in it."""
    said = shown(clean(name), 40)
    if f"{value:g}" in said:
        return said
    return " ".join(filter(None, (said, plain_number(value), unit)))


def _limit(name: str) -> bool:
    """Whether the line is a threshold rather than a statistic."""
    return _STATISTIC.match(name) is None or any(sign in name for sign in "<>(")


def reach(axis: Axis, marks: Sequence[Mark], times: float = 0.75) -> list[float]:
    """The values of marks near enough to make an axis longer for them."""
    room = (axis.high - axis.low) * times
    return [mark.value for mark in marks if axis.low - room <= mark.value <= axis.high + room]


def placed(marks: Sequence[Mark], left: float, width: float, axis: Axis) -> Iterator[Placed]:
    """Each label in the first row in which there is room for it."""
    ends: list[list[tuple[float, float]]] = []
    for mark in marks:
        at = axis.at(mark.value)
        x, length = left + width * at, len(mark.text) * _CHARACTER
        anchor = "end" if x + length > 100 else "start"
        span = (x - length - 1, x) if anchor == "end" else (x, x + length + 1)
        row = next((index for index, taken in enumerate(ends) if not _runs_into(span, taken)), len(ends))
        if row == len(ends):
            ends.append([])
        ends[row].append(span)
        yield Placed(mark, x, row, anchor)


def _runs_into(span: tuple[float, float], taken: Iterable[tuple[float, float]]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in taken)
