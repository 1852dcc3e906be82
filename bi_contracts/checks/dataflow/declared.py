"""What is asked of the data: the rows that ship with the package, and the user's own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Self

from .completeness import Filled
from .known import ACROSS, FRESHNESS, PLANNED, REFERENCES, UNIQUE
from .limits import Limits
from .references import Reference
from .times import Freshness, Planned
from .uniqueness import Unique

KINDS = (Filled, Unique, Freshness, Planned, Limits, Reference)
"""What a user may declare."""


@dataclass(frozen=True, slots=True)
class Declared:
    """Everything that is asked.

    Attributes:
        filled: How often fields hold something.
        unique: Fields that no two rows share.
        freshness: How old the newest row may be; the last one that fits an endpoint holds.
        planned: Moments that may lie ahead.
        limits: How large and slow answers may be; the last one that fits an endpoint holds.
        references: What must lead somewhere.
    """

    filled: tuple[Filled, ...] = ()
    unique: tuple[Unique, ...] = UNIQUE
    freshness: tuple[Freshness, ...] = FRESHNESS
    planned: tuple[Planned, ...] = PLANNED
    limits: tuple[Limits, ...] = ()
    references: tuple[Reference, ...] = (*REFERENCES, *ACROSS)

    @classmethod
    def of(cls, own: Iterable[Any] = ()) -> Self:
        """What ships, with a user's own after it: one about the same place stands in for what ships."""
        given: dict[type, list[Any]] = {kind: [] for kind in KINDS}
        for one in own:
            if type(one) in given:
                given[type(one)].append(one)
        return cls(
            tuple(given[Filled]),
            _over(UNIQUE, given[Unique]),
            (*FRESHNESS, *given[Freshness]),
            (*PLANNED, *given[Planned]),
            tuple(given[Limits]),
            _over_references((*REFERENCES, *ACROSS), given[Reference]),
        )

    def fresh(self, id: str) -> Freshness | None:
        """How fresh an endpoint's rows must be, None where nobody asks."""
        found = next((one for one in reversed(self.freshness) if fnmatchcase(id, one.endpoint)), None)
        return found if found is not None and found.days > 0 else None


def _over(shipped: Iterable[Any], own: list[Any]) -> tuple[Any, ...]:
    sources = {one.source for one in own}
    return (*(one for one in shipped if one.source not in sources), *own)


def _over_references(shipped: Iterable[Reference], own: list[Reference]) -> tuple[Reference, ...]:
    titles = {one.title for one in own} | {(one.source, one.targets) for one in own}
    kept = (one for one in shipped if one.title not in titles and (one.source, one.targets) not in titles)
    return (*kept, *own)
