"""The resilience phase: the policy, in front of every platform as a sandbox of its own that fails on purpose.

Whatever the run's mode, nobody but this sandbox is asked, its time stands still but for the waits, and nobody sleeps.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from ...client import AsyncClient
from ...errors import BiContractsError, Failure, RateLimited, Unauthorized
from ...platform import Platform
from ...redact import redact_text
from ...report.events import Finding, Outcome, Status
from ...resilience import (
    Breaker,
    CircuitBreakerConfig,
    LastGood,
    Mock,
    Policy,
    Result,
    RetryConfig,
    Source,
    Stale,
    State,
    Transition,
)
from ...sandbox import Sandbox
from ...session import Upstream
from ..context import Context

PHASE = "resilience"
NOTE = "in a sandbox of its own: evidence about the policy, not about the live API"
NOT_LIVE = "a live platform cannot be told to fail: use --mode sandbox"
RETRY = RetryConfig(max_attempts=3, base_delay=1.0, jitter=False)
BREAKER = CircuitBreakerConfig(failure_threshold=2, recovery_timeout=30.0)
MINUTE, HOUR = 60.0, 3600.0


async def run(context: Context) -> AsyncIterator[Outcome]:
    """Every check of every platform that takes part. A live run has none: a sandbox must not make it look good."""
    if context.mode == "live":
        for platform in context.platforms:
            yield Outcome(f"{platform.name}/resilience", "policy", Status.SKIPPED, note=NOT_LIVE, phase=PHASE)
        return
    free = _sandbox(context, limited=False)
    limited = _sandbox(context, limited=True)
    for platform in context.platforms:
        for name, check in CHECKS.items():
            async with _opened(context, platform, limited if check is waits_for_its_limit else free) as stage:
                yield await _outcome(name, check, stage)


def _sandbox(context: Context, *, limited: bool) -> Sandbox:
    made = Sandbox(context.platforms, rows=3, enforce_limits=limited)
    made.clock.freeze(made.world.present)
    return made


def _opened(context: Context, platform: Platform, sandbox: Sandbox) -> _Stage:
    # The client itself must not wait: how long is waited is the policy's part here.
    upstream = Upstream(context.upstream.workspace, "sandbox", sandbox, patience=0.0)
    return _Stage(platform, sandbox, upstream.async_client(platform))


async def _outcome(name: str, check: Check, stage: _Stage) -> Outcome:
    started, problem, said = time.perf_counter(), "", ""
    try:
        said = await check(stage)
    except (Failure, BiContractsError) as error:
        problem = redact_text(str(error))
    found = Finding(f"resilience/{name.replace(' ', '-')}", "breaking", "", message=problem) if problem else None
    return Outcome(
        stage.id,
        name,
        Status.FAILED if found else Status.PASSED,
        (found,) if found else (),
        source=Source.SANDBOX,
        samples=stage.asked,
        elapsed=time.perf_counter() - started,
        note=f"{said}; {NOTE}" if said else NOTE,
        phase=PHASE,
        figures={"attempts": float(stage.asked), "waited_s": sum(stage.slept)},
    )


@dataclass
class _Stage:
    """One platform, one policy, one check.

    Attributes:
        platform: Whom the sandbox imitates.
        sandbox: Who answers; its clock is the policy's.
        client: What the policy guards.
        slept: The waits that the policy made, in seconds.
        asked: Attempts.
        told: What each refusal for a rate limit said of how long to wait, in seconds.
        moves: What the breaker went through.
    """

    platform: Platform
    sandbox: Sandbox
    client: AsyncClient
    slept: list[float] = field(default_factory=list)
    asked: int = 0
    told: list[float | None] = field(default_factory=list)
    moves: list[State] = field(default_factory=list)

    def __post_init__(self) -> None:
        name, clock = self.platform.name, self.sandbox.now
        self.breaker = Breaker(name, BREAKER, clock=clock, listener=self._moved)
        self.policy = Policy(name, retry=RETRY, breaker=self.breaker, clock=clock, sleep=self._sleep)

    @property
    def id(self) -> str:
        """The identity's: the least that every platform answers."""
        return self.platform.id(self.platform.endpoint(self.platform.identity))

    async def __aenter__(self) -> _Stage:
        self.sandbox.faults.clear()
        self.sandbox.clock.advance(HOUR)
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.client.aclose()

    async def ask(self) -> Any:
        """One attempt."""
        self.asked += 1
        try:
            return await self.client.identity()
        except RateLimited as refused:
            self.told.append(refused.retry_after)
            raise

    async def prepare(self) -> None:
        """Logs in where that is the way, so that faults strike what was asked for."""
        await self.ask()
        self.asked = 0

    def fault(self, text: str, times: int) -> None:
        """Lets the next attempts fail."""
        self.sandbox.fault(text, platform=self.platform.name, times=times)

    def expect(self, wanted: Any, found: Any, what: str) -> None:
        """Raises `Failure` where something is not as it must be."""
        if found != wanted:
            raise Failure(f"{self.id}: {what}: {found} in place of {wanted}")

    def _moved(self, moved: Transition) -> None:
        self.moves.append(moved.after)

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.sandbox.clock.advance(seconds)


Check = Callable[[_Stage], Awaitable[str]]
"""Gives what is to be said about it. Raises `Failure`, and whatever the policy did not keep from it."""


async def outlives_503(stage: _Stage) -> str:
    """Two refusals in a row are waited out, the second longer than the first."""
    await stage.prepare()
    stage.fault("status=503", times=2)
    await stage.policy.call(stage.ask)
    stage.expect([1.0, 2.0], stage.slept, "waits in seconds")
    stage.expect((1, 0), (stage.breaker.figures.calls, stage.breaker.figures.failed), "calls and failures counted")
    return "answered at the third attempt"


async def waits_as_told(stage: _Stage) -> str:
    """`Retry-After` in seconds and as a date is what is waited, whatever the backoff says."""
    await stage.prepare()
    for text, seconds in (("retry-after=7", 7.0), ("retry-after-date=90", 90.0)):
        stage.slept.clear()
        stage.fault(f"rate-limit; {text}", times=1)
        await stage.policy.call(stage.ask)
        stage.expect([seconds], stage.slept, f"waits in seconds after {text}")
    return "Retry-After in seconds and as a date"


async def waits_for_its_limit(stage: _Stage) -> str:
    """A limit that is used up is met once: the wait ends when the platform says, or later."""
    name, limits = stage.platform.name, stage.platform.limits
    await stage.prepare()
    for quota in ("", *(each.name for each in limits.quotas)):
        stage.sandbox.limit(name, 1000, 3.0, quota)
    stage.sandbox.clock.advance(MINUTE)
    stage.sandbox.limit(name, 1, 3.0)
    await stage.policy.call(stage.ask)
    await stage.policy.call(stage.ask)
    if stage.told[:1] == [None]:
        return f"it states no reset, so backed off for {sum(stage.slept):g} s"
    stage.expect(stage.slept, stage.told, "waits that were told and made")
    stage.expect(1, len(stage.told), "refusals")
    return f"its reset was {stage.slept[0]:g} s away"


async def stops_at_auth(stage: _Stage) -> str:
    """A refused credential is asked about once, waited for never, and no failure of the platform."""
    await stage.prepare()
    stage.fault("unauthorized", times=9)
    try:
        await stage.policy.call(stage.ask)
    except Unauthorized:
        stage.expect((1, []), (stage.asked, stage.slept), "attempts and waits")
        stage.expect(0, stage.breaker.figures.calls, "calls counted")
        return "one attempt"
    raise Failure(f"{stage.id}: a refused credential was taken for an answer")


async def opens_and_recovers(stage: _Stage) -> str:
    """A platform that is down is left alone, tried again after a while, and asked as before when it is back."""
    await stage.prepare()
    stage.fault("status=503", times=BREAKER.failure_threshold * RETRY.max_attempts)
    for _ in range(BREAKER.failure_threshold):
        await stage.policy.fetch(stage.ask)
    made = stage.asked
    refused = await stage.policy.fetch(stage.ask)
    stage.expect((made, Source.UNAVAILABLE), (stage.asked, refused.source), "attempts and source while it is open")
    stage.sandbox.clock.advance(BREAKER.recovery_timeout)
    await stage.policy.call(stage.ask)
    stage.expect([State.OPEN, State.HALF_OPEN, State.CLOSED], stage.moves, "states of the breaker")
    return "opened, half-open, closed"


async def marks_fallbacks(stage: _Stage) -> str:
    """What stands in for an answer says so, and how old it is, and is no success."""
    await stage.prepare()
    store = LastGood(now=stage.sandbox.now)

    async def fetch(*fallbacks: Any) -> Result[Any]:
        return await stage.policy.fetch(stage.ask, source=Source.SANDBOX, fallbacks=fallbacks)

    fresh = await fetch(Stale(store, stage.id))
    stage.expect((Source.SANDBOX, True), (fresh.source, fresh.ok), "source and success of an answer")
    stage.sandbox.clock.advance(HOUR)
    stage.fault("status=503", times=2 * RETRY.max_attempts)
    stale, mock = await fetch(Stale(store, stage.id)), await fetch(Mock(dict))
    stage.expect((Source.STALE, False), (stale.source, stale.ok), "source and success of what is old")
    stage.expect(True, (stale.age or 0.0) >= HOUR, "an age of an hour or more")
    stage.expect((Source.MOCK, False), (mock.source, mock.ok), "source and success of what is made up")
    return "stale and mock are marked"


CHECKS: dict[str, Check] = {
    "outlives 503": outlives_503,
    "waits as told": waits_as_told,
    "waits for its limit": waits_for_its_limit,
    "stops at auth error": stops_at_auth,
    "breaker opens and recovers": opens_and_recovers,
    "fallbacks are marked": marks_fallbacks,
}
