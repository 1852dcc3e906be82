"""What can be wrong with a platform, read from its standing and its budget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from .alerts import Condition, Level
from .burn import Budget, Guard, Pair, burning
from .evidence import State
from .settings import Settings
from .state import Standing

_LEVELS: Mapping[State, Level | None] = {
    State.UP: None,
    State.DEGRADED: "warning",
    State.UNKNOWN: "warning",
    State.DOWN: "critical",
}
_FAST, _SLOW, _KEPT = "burning its error budget fast", "burning its error budget slowly", "within its error budget"


def conditions(
    standing: Standing, budget: Budget, now: float, settings: Settings, mode: str = "live"
) -> tuple[Condition, Condition]:
    """The state of a platform, and how fast its budget burns."""
    quiet = settings.in_maintenance(standing.platform, now) is not None
    state = replace(of_state(standing, muted=quiet), mode=mode)
    # Failures in a row may become an outage at the next look, and an outage is told as such.
    out = standing.observed is State.DOWN or standing.state is not State.UP
    return state, replace(of_budget(standing, budget, now, settings, muted=quiet or out), mode=mode)


def of_state(standing: Standing, *, muted: bool) -> Condition:
    """What its state says. A platform of which nothing was ever known is no alarm: nobody missed it."""
    level = _LEVELS[standing.state] if standing.known else None
    words = f"{standing.reason}: {standing.detail}" if standing.reason and standing.detail else standing.detail
    return Condition(
        standing.platform, "state", level, standing.state.value, standing.since, words, muted, source_of(standing)
    )


def of_budget(standing: Standing, budget: Budget, now: float, settings: Settings, *, muted: bool) -> Condition:
    """How fast its budget burns. What an outage burned of it was told with the outage, and is not told again."""
    guard = Guard(settings.minimum, settings.minimum_bad)
    firing = burning(budget, now, settings.objective, guard)
    pairs = [pair for pair in firing if not _told(standing, pair, now)]
    level: Level | None = pairs[0].level if pairs else None
    label = _KEPT if level is None else _FAST if level == "critical" else _SLOW
    words = f"more than {' and '.join(map(str, pairs))}" if pairs else ""
    text = f"{words}; {settings.objective:.4g} of all probes are to succeed" if words else ""
    return Condition(standing.platform, "burn", level, label, now, text, muted, source_of(standing))


def source_of(standing: Standing) -> str:
    """Who answered last; `unknown` where nobody ever did."""
    return standing.evidence.source if standing.evidence is not None else "unknown"


def _told(standing: Standing, pair: Pair, now: float) -> bool:
    """Whether the shorter window still holds part of an outage that is over."""
    return standing.before in (State.DOWN, State.DEGRADED) and now - standing.since < pair.short
