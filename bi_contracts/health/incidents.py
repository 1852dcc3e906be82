"""What was wrong, and when: for the status page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .evidence import State
from .state import Change

KEPT = 50


@dataclass(frozen=True, slots=True)
class Incident:
    """A time in which a platform was not up. `ended` is None while it lasts; `worst` is the worst it came to."""

    platform: str
    worst: State
    began: float
    reason: str
    detail: str
    source: str
    ended: float | None = None


def after(incidents: Sequence[Incident], change: Change, source: str) -> tuple[Incident, ...]:
    """The incidents after a confirmed change, the oldest first. What becomes unknown neither begins nor ends one."""
    found = list(incidents)
    place = next((at for at, one in enumerate(found) if one.platform == change.platform and one.ended is None), None)
    if change.after is State.UP:
        if place is not None:
            found[place] = replace(found[place], ended=change.at)
    elif change.after in (State.DEGRADED, State.DOWN):
        if place is None:
            found.append(Incident(change.platform, change.after, change.at, str(change.reason), change.detail, source))
        elif change.after is State.DOWN:
            found[place] = replace(found[place], worst=State.DOWN, reason=str(change.reason), detail=change.detail)
    return _bounded(found)


def _bounded(found: Sequence[Incident]) -> tuple[Incident, ...]:
    """Those that last, and the latest of those that are over."""
    over = [one for one in found if one.ended is not None]
    dropped = {id(one) for one in over[: max(0, len(over) - KEPT)]}
    return tuple(one for one in found if id(one) not in dropped)
