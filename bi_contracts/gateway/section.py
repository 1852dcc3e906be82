"""What one endpoint gave a view: its rows, who answered, and how old that is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from ..paths import Json

SourceName = Literal["live", "sandbox", "replay", "stale", "mock", "unavailable", "bypassed"]
FRESH: frozenset[str] = frozenset({"live", "sandbox", "replay"})
"""Sources that answered for this request, or recordings where recordings were asked for."""
USABLE: frozenset[str] = FRESH | {"stale"}
"""Sources whose rows were the platform's own once. Mock rows never were."""

Derived = TypeVar("Derived")


@dataclass(frozen=True, slots=True)
class Section:
    """One endpoint's part of an answer.

    Attributes:
        id: The endpoint's.
        source: Who answered; `unavailable` where nobody did, `bypassed` where nobody was asked.
        rows: What it holds.
        provenance: Who answered in the first place: a recording may be the sandbox's.
        at: When it was answered, as Unix seconds by the clock of who answered; None where nobody did.
        age: Seconds since these rows were the platform's.
        complete: Whether every page was read.
        error: Why it is not fresh; redacted.
        absent: True where the platform said that there is no such thing: an answer, not an outage.
        derived: What was made of the rows before: rows that are kept for a while are looked at once.
    """

    id: str
    source: SourceName
    rows: tuple[Json, ...] = ()
    provenance: str = "unknown"
    at: float | None = None
    age: float = 0.0
    complete: bool = False
    error: str = ""
    absent: bool = False
    derived: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def platform(self) -> str:
        """The platform that it belongs to."""
        return self.id.partition("/")[0]

    @property
    def fresh(self) -> bool:
        return self.source in FRESH

    @property
    def whole(self) -> bool:
        """Whether it is fresh, and no part of it failed."""
        return self.fresh and not self.error

    @property
    def usable(self) -> bool:
        return self.source in USABLE

    def once(self, name: str, make: Callable[[tuple[Json, ...]], Derived]) -> Derived:
        """What `make` makes of the rows; made once, and not to be changed by whoever gets it."""
        if name not in self.derived:
            self.derived[name] = make(self.rows)
        found: Derived = self.derived[name]
        return found


Sections = Mapping[str, Section]
"""Endpoint id -> its section, in the order in which they are told."""


def as_of(sections: Sections) -> float | None:
    """The time of the newest answer among sections, None where nobody answered: what a view takes for now."""
    return max((one.at for one in sections.values() if one.at is not None), default=None)


def rows(sections: Sections, id: str) -> tuple[Json, ...]:
    """The rows of a section; none where it was not read."""
    return sections[id].rows if id in sections else ()


def any_usable(sections: Sections, *ids: str) -> bool:
    """Whether something is known of at least one of the endpoints."""
    return any(id in sections and sections[id].usable for id in ids)


def all_read(sections: Sections) -> bool:
    """Whether what is in none of them is nowhere: somebody was asked, and whoever was has told everything."""
    asked = [one for one in sections.values() if one.source != "bypassed"]
    return bool(asked) and all(one.fresh and one.complete for one in asked)


def derived(
    sections: Sections, id: str, name: str, make: Callable[[tuple[Json, ...]], tuple[Derived, ...]]
) -> tuple[Derived, ...]:
    """`Section.once` of a section; nothing where it was not read."""
    return sections[id].once(name, make) if id in sections else ()
