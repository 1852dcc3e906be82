"""From evidence to states: a pure state machine with a memory, without I/O and without a clock of its own.

One answer may be chance. A state changes for the worse after so many bad answers in a row, for the better after so
many good ones. Where nothing is known yet there is nothing to hold on to, and the first evidence counts at once. What
the evidence says grows old: a platform is never `up` on evidence older than `max_age`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from .evidence import Evidence, Reason, State
from .lasting import lasting
from .settings import Limits

Overall = Literal["healthy", "degraded", "unhealthy", "unknown"]


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of one platform.

    Attributes:
        platform: Whose it is.
        state: The confirmed state: `up`, `degraded`, `down` or `unknown`.
        since: When it was confirmed, as Unix seconds.
        reason: Why, of the latest evidence that supports it.
        detail: The same for people.
        before: The state before this one, None where nothing was ever known.
        good: Good answers in a row up to now.
        bad: Answers in a row that were degraded or down.
        down: Answers in a row that were down.
        alive: Answers in a row that were not.
        evidence: The latest evidence that says something, None where there never was any.
        latest: The latest probe, whether it says something or not.
    """

    platform: str
    state: State = State.UNKNOWN
    since: float = 0.0
    reason: Reason = Reason.NONE
    detail: str = ""
    before: State | None = None
    good: int = 0
    bad: int = 0
    down: int = 0
    alive: int = 0
    evidence: Evidence | None = None
    latest: Evidence | None = None

    @property
    def observed(self) -> State:
        """What the latest probe said, confirmed or not."""
        return State.UNKNOWN if self.latest is None else self.latest.state

    @property
    def worst(self) -> State:
        """The worse of what is confirmed and what was last seen: neither may hide the other."""
        if self.state is State.UNKNOWN or self.observed is State.UNKNOWN:
            return self.state
        return max(self.state, self.observed, key=_WORSE.index)

    @property
    def known(self) -> bool:
        """Whether anything was ever known of it."""
        return self.before is not None or self.state is not State.UNKNOWN

    def age(self, now: float) -> float | None:
        """Seconds since the latest evidence, None where there never was any.

        Evidence from the future is as far off as it is ahead: of now it says nothing.
        """
        return None if self.evidence is None else abs(now - self.evidence.at)


@dataclass(frozen=True, slots=True)
class Change:
    """A confirmed change of state."""

    platform: str
    before: State
    after: State
    at: float
    reason: Reason = Reason.NONE
    detail: str = ""


_WORSE = (State.UP, State.DEGRADED, State.DOWN)


def advance(
    standing: Standing, evidence: Evidence | None, now: float, limits: Limits, max_age: float
) -> tuple[Standing, Change | None]:
    """The standing after a look, and the change if it confirms one. `evidence` None is a look that asked nobody."""
    held = _aged(standing, now, max_age)
    if evidence is None:
        return _moved(standing, held, now)
    held = replace(held, latest=evidence)
    if not evidence.asked:
        # A missing credential is no flapping: from now on nothing is known.
        return _moved(standing, _unknown(held, evidence.reason, evidence.detail, now), now)
    if now - evidence.at > max_age:
        return _moved(standing, held, now)
    held = _counted(held, evidence)
    state = _confirmed(held, limits)
    # The words of the evidence explain the state only where it supports it.
    if state is not held.state or evidence.state is state:
        held = replace(held, state=state, reason=evidence.reason, detail=evidence.detail)
    return _moved(standing, held, now)


def _aged(standing: Standing, now: float, max_age: float) -> Standing:
    """What is left of a standing by now: nothing, where its evidence is too old, or lies in the future."""
    age = None if standing.evidence is None else now - standing.evidence.at
    if standing.state is State.UNKNOWN or (age is not None and -max_age <= age <= max_age):
        return standing
    words = "there is no evidence" if age is None else f"the last evidence is {lasting(abs(age))} old"
    return _unknown(standing, Reason.STALE, words, now)


def _unknown(standing: Standing, reason: Reason, detail: str, now: float) -> Standing:
    since = standing.since if standing.state is State.UNKNOWN else now
    return Standing(
        standing.platform,
        since=since,
        reason=reason,
        detail=detail,
        before=standing.before if standing.state is State.UNKNOWN else standing.state,
        evidence=standing.evidence,
        latest=standing.latest,
    )


def _counted(held: Standing, evidence: Evidence) -> Standing:
    match evidence.state:
        case State.UP:
            return replace(held, good=held.good + 1, bad=0, down=0, alive=held.alive + 1, evidence=evidence)
        case State.DOWN:
            return replace(held, good=0, bad=held.bad + 1, down=held.down + 1, alive=0, evidence=evidence)
    return replace(held, good=0, bad=held.bad + 1, down=0, alive=held.alive + 1, evidence=evidence)


def _confirmed(held: Standing, limits: Limits) -> State:
    """The state that the answers in a row confirm; the one that holds, where they confirm no other."""
    if held.state is State.UNKNOWN:
        return held.observed
    if held.state is not State.UP and held.good >= limits.successes:
        return State.UP
    if held.state is State.DOWN:
        return State.DEGRADED if held.alive >= limits.successes else State.DOWN
    if held.down >= limits.failures:
        return State.DOWN
    return State.DEGRADED if held.bad >= limits.failures else held.state


def _moved(before: Standing, after: Standing, now: float) -> tuple[Standing, Change | None]:
    if after.state is before.state:
        return after, None
    moved = replace(after, since=now, before=before.state)
    return moved, Change(moved.platform, before.state, moved.state, now, moved.reason, moved.detail)


def overall(states: Iterable[State | str] | Mapping[str, State | str]) -> Overall:
    """What all platforms together are.

    `healthy` only where every one of them is up (which rests on fresh evidence); nothing at all is `unknown`, and so
    is a platform in maintenance or of which nothing is known, unless another one is worse.
    """
    found = {State(one) for one in (states.values() if isinstance(states, Mapping) else states)}
    if State.DOWN in found:
        return "unhealthy"
    if State.DEGRADED in found:
        return "degraded"
    return "healthy" if found == {State.UP} else "unknown"
