"""Reads sections for the views: one policy, one breaker and one limiter a platform for as long as the gateway lives.

A fresh section is kept for `max_age` seconds, so that ten requests in that time are one question to the platform; how
old it is stands in every answer. The last good one is kept for as long as the gateway lives, and is what is told,
marked `stale`, once the platform fails. Whoever asks at the same time for the same thing waits for the same answer.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..errors import ApiError, NotFound
from ..interaction import Source as Answered
from ..paths import Json
from ..platform import Platform
from ..reading import Reader, Reading
from ..redact import redact_text
from ..registry import Target, platforms
from ..resilience import (
    Breakers,
    CircuitBreakerConfig,
    Fallback,
    LastGood,
    Policies,
    Policy,
    Result,
    RetryConfig,
    Stale,
)
from ..resilience import Source as Origin
from .section import Section, SourceName

RETRY = RetryConfig(max_attempts=3, base_delay=0.2, max_delay=2.0)
BREAKER = CircuitBreakerConfig(failure_threshold=5, recovery_timeout=30.0)
TOTAL_TIMEOUT = 15.0
ATTEMPT_TIMEOUT = 10.0
MAX_AGE = 5.0
MAX_PAGES = 3
KEPT = 500
"""Sections that are kept fresh, and that are kept stale."""
LONGEST_ERROR = 300
TOGETHER = "together"

MakeFallback = Callable[[Reader, Target, Mapping[str, Json]], Fallback]
"""Makes the fallback of an endpoint that comes after the last good answer: see `fallbacks`."""


@dataclass(frozen=True, slots=True)
class Want:
    """What is to be read: an endpoint, what the platform may leave out (`narrowing`), and whose rows.

    `known_as` is what the last good answer is kept under where the narrowing moves with time: else an answer of five
    to nine would be forgotten at nine.
    """

    id: str
    narrowing: Mapping[str, Json] = field(default_factory=dict)
    arguments: Mapping[str, Json] = field(default_factory=dict)
    known_as: str = ""

    @property
    def key(self) -> str:
        """What tells two wants apart."""
        if not self.narrowing and not self.arguments:
            return self.id
        return f"{self.id} {json.dumps([dict(self.narrowing), dict(self.arguments)], sort_keys=True)}"


@dataclass(frozen=True, slots=True)
class Got:
    """What an answer held."""

    rows: tuple[Json, ...] = ()
    provenance: str = "unknown"
    at: float | None = None
    complete: bool = False
    absent: bool = False


class Sources:
    """Every section that a gateway reads.

    Args:
        reader: Reads the platforms; whoever made it closes it.
        platforms: The platforms that are asked; all where none is named. Sections of others are `bypassed`.
        max_age: Seconds for which a section is not asked for again, 0 for never.
        max_pages: Pages of a list that are read.
        breakers, retry: How calls survive a bad day; the gateway's own where none are given.
        last_good: The last good answers.
        fallbacks: What comes after the last good answer: recordings, mock data.
        observe: Is told of every section that is given out.
        clock: Seconds that never go back.
    """

    def __init__(
        self,
        reader: Reader,
        *,
        platforms: Iterable[str] = (),
        max_age: float = MAX_AGE,
        max_pages: int = MAX_PAGES,
        breakers: Breakers | None = None,
        retry: RetryConfig | None = None,
        last_good: LastGood | None = None,
        fallbacks: Sequence[MakeFallback] = (),
        observe: Callable[[Section], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.reader, self.max_age, self.max_pages, self.observe = reader, max_age, max_pages, observe
        self.names = tuple(platforms)
        self.breakers = breakers or Breakers(BREAKER)
        # A sandbox in process and recordings have no limit to keep.
        limited = not (reader.upstream.in_process or reader.upstream.recorded)
        self._policies = Policies(
            retry=retry or RETRY,
            breakers=self.breakers,
            limits=limited,
            total_timeout=TOTAL_TIMEOUT,
            attempt_timeout=ATTEMPT_TIMEOUT,
        )
        self._last_good = LastGood(capacity=KEPT) if last_good is None else last_good
        # Whatever single things are asked for, they must not push out the answers that every view needs.
        self._last_things = LastGood(capacity=KEPT, now=self._last_good.now)
        self._fallbacks, self._clock = tuple(fallbacks), clock
        self._kept: OrderedDict[str, tuple[float, Section]] = OrderedDict()
        self._running: dict[str, asyncio.Task[Section]] = {}

    @property
    def platforms(self) -> tuple[Platform, ...]:
        """The platforms that are asked."""
        return tuple(one for one in platforms(self.reader.upstream.workspace) if self.serves(one.name))

    def serves(self, platform: str) -> bool:
        """Whether a platform is asked at all."""
        return not self.names or platform in self.names

    def policy(self, platform: Platform) -> Policy:
        """The policy of a platform, breaker and limiter in it the same for all calls."""
        return self._policies.of(platform)

    async def section(self, want: Want, *, fresh: bool = False) -> Section:
        """One section: what is kept if it is young enough, else what the platform answers now.

        `fresh` asks the platform whatever is kept. Raises `UnknownEndpoint`.
        """
        one = self.reader.target(want.id)
        if not self.serves(one.platform.name):
            found = Section(want.id, "bypassed")
        else:
            found = (None if fresh else self._young(want)) or await self._asked(want, one, fresh)
        self.observe(found)
        return found

    def forget(self, platform: str) -> None:
        """Asks a platform anew from now on: something was written there."""
        for key in [key for key in self._kept if key.startswith(f"{platform}/")]:
            del self._kept[key]

    async def aclose(self) -> None:
        """Ends what is still being read. The reader is left as it is."""
        running, self._running = list(self._running.values()), {}
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _young(self, want: Want) -> Section | None:
        found = self._kept.get(want.key)
        if found is None:
            return None
        waited = self._clock() - found[0]
        return replace(found[1], age=found[1].age + waited) if waited < self.max_age else None

    async def _asked(self, want: Want, one: Target, fresh: bool) -> Section:
        """Asks once for everybody who waits; nobody who leaves takes the answer from the others."""
        if fresh:
            return await self._read(want, one)
        task = self._running.get(want.key)
        if task is None:
            task = asyncio.create_task(self._read(want, one))
            self._running[want.key] = task
            task.add_done_callback(lambda done: self._forget(want.key, done))
        return await asyncio.shield(task)

    def _forget(self, key: str, done: asyncio.Task[Section]) -> None:
        if self._running.get(key) is done:
            del self._running[key]

    async def _read(self, want: Want, one: Target) -> Section:
        kept, single = want.known_as or want.key, not want.known_as and want.key != want.id
        stale = Stale(self._last_things if single else self._last_good, kept)
        others = [make(self.reader, one, want.arguments) for make in self._fallbacks]
        policy = self.policy(one.platform)

        async def answer() -> Got | Result[Got]:
            return await self._answer(want, one)

        result: Result[Got] = await policy.fetch(
            answer,
            endpoint=one.endpoint.name,
            requests=self.max_pages if one.endpoint.kind == "list" else 1,
            fallbacks=[stale, *others],
        )
        found = _section(want.id, result)
        if found.fresh and self.max_age > 0:
            self._keep(want.key, found)
        return found

    def _keep(self, key: str, section: Section) -> None:
        self._kept[key] = (self._clock(), section)
        self._kept.move_to_end(key)
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)

    async def _answer(self, want: Want, one: Target) -> Result[Got]:
        """What the platform says. That there is no such thing is an answer where the caller named the thing."""
        try:
            reading = await self.reader.read(
                want.id, max_pages=self.max_pages, narrowing=dict(want.narrowing), **want.arguments
            )
        except NotFound as error:
            if error.status is not None and not want.arguments:
                raise
            return Result(Got(at=self.reader.now(), complete=True, absent=True), self._origin(Answered.UNKNOWN), 0.0)
        if one.endpoint.kind != "list" and not all(isinstance(row, Mapping) for row in reading.records):
            raise ApiError(f"{want.id}: the answer is no object; is it whole?", status=reading.pages[-1].status)
        return Result(_got(reading), self._origin(reading.source), reading.age)

    def _origin(self, answered: Answered) -> Origin:
        """Who is credited: recordings as such; where an answer does not say, whoever was to be asked."""
        upstream = self.reader.upstream
        if upstream.recorded:
            return Origin.REPLAY
        if answered in (Answered.LIVE, Answered.SANDBOX):
            return Origin(str(answered))
        return Origin.LIVE if upstream.origin == "live" else Origin.SANDBOX


class Ask:
    """What one request asks: each thing once, several at a time.

    Args:
        sources: Who is asked.
        fresh: Whether the platform is asked whatever is kept.
    """

    def __init__(self, sources: Sources, *, fresh: bool = False) -> None:
        self.sources, self.fresh = sources, fresh
        self._asked: dict[str, asyncio.Task[Section]] = {}

    async def section(self, want: Want) -> Section:
        """One section. Raises `UnknownEndpoint`."""
        if want.key not in self._asked:
            self._asked[want.key] = asyncio.create_task(self.sources.section(want, fresh=self.fresh))
        return await self._asked[want.key]

    async def sections(self, *wants: Want) -> list[Section]:
        """Several at a time, in the order asked."""
        return list(await asyncio.gather(*(self.section(want) for want in wants)))


def combined(id: str, parts: Sequence[Section]) -> Section:
    """Several readings of one endpoint as one section: as good as the worst of those that have rows.

    Where some part could not be read, the section is not complete and says why.
    """
    known = [part for part in parts if part.usable] or list(parts)
    worst = max(known, key=lambda part: _ORDER.index(part.source))
    return Section(
        id,
        worst.source,
        rows=tuple(row for part in known for row in part.rows),
        provenance=worst.provenance,
        at=max((part.at for part in known if part.at is not None), default=None),
        age=max(part.age for part in known),
        complete=all(part.complete for part in parts),
        error=next((part.error for part in parts if part.error), ""),
        derived=_shared(known),
    )


def _shared(parts: Sequence[Section]) -> dict[str, Any]:
    """What was made of the same parts put together before; it is kept with the first of them."""
    each = [part.derived for part in parts]
    before = each[0].get(TOGETHER)
    if before is None or len(before[0]) != len(each) or any(a is not b for a, b in zip(before[0], each, strict=True)):
        before = each[0][TOGETHER] = (each, {})
    made: dict[str, Any] = before[1]
    return made


def said(error: BaseException) -> str:
    """An error's words, without credentials and personal data, in one line."""
    found = " ".join(redact_text(str(error)).split()) or type(error).__name__
    return found if len(found) <= LONGEST_ERROR else f"{found[: LONGEST_ERROR - 1]}…"


_ORDER: tuple[SourceName, ...] = ("live", "sandbox", "replay", "stale", "mock", "bypassed", "unavailable")


def _got(reading: Reading) -> Got:
    return Got(reading.records, str(reading.source), reading.at, reading.complete)


def _section(id: str, result: Result[Got]) -> Section:
    error = "" if result.error is None else said(result.error)
    if result.value is None:
        return Section(id, "unavailable", error=error)
    got = result.value
    source = SOURCE_NAMES[result.source]
    return Section(
        id, source, got.rows, got.provenance, got.at, result.age or 0.0, got.complete, error, absent=got.absent
    )


SOURCE_NAMES: dict[Origin, SourceName] = {
    Origin.LIVE: "live",
    Origin.SANDBOX: "sandbox",
    Origin.REPLAY: "replay",
    Origin.STALE: "stale",
    Origin.MOCK: "mock",
}
