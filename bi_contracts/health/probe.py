"""Asks platforms how they are: one cheap question each, all at the same time, each for a limited time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Self

import httpx

from ..client import as_response
from ..contract import Contract, Violation
from ..errors import BiContractsError, ConfigurationError, ContractError, NotFound, Unreachable
from ..interaction import Source
from ..platform import Platform
from ..reading import Page, Reader
from ..session import Upstream, who_answered
from ..slots import answer_of
from ..suite import yardstick
from .evidence import Evidence, Reason, State
from .reasons import Judgement, judge, unreadable
from .settings import Limits, Settings


@dataclass(frozen=True, slots=True)
class _Answer:
    """What was answered, and what that is worth."""

    judgement: Judgement
    source: Source
    remaining: int | None = None


class Prober:
    """Probes the platforms of one upstream. Clients are opened when they are first needed, and kept.

    Args:
        upstream: Who is asked. Raises `ConfigurationError` for recordings, which are no fresh evidence.
        settings: How long a probe may take, what is slow, whose data are looked at.
        clock: What time it is, as Unix seconds.
        timer: What durations are measured with, in seconds.
    """

    def __init__(
        self,
        upstream: Upstream,
        settings: Settings | None = None,
        *,
        clock: Callable[[], float] = time.time,
        timer: Callable[[], float] = time.perf_counter,
    ) -> None:
        if upstream.recorded:
            raise ConfigurationError("recordings are no fresh evidence: probe with the mode live or sandbox")
        given = upstream.sandbox if upstream.in_process else None
        # A probe that waited out a rate limit would say nothing about it.
        self.upstream = replace(upstream, given=given, patience=0.0)
        self.settings = settings or Settings()
        self._reader = Reader(self.upstream)
        self._clock = clock
        self._timer = timer
        self._contracts: dict[tuple[str, Source], Contract | None] = {}

    async def probe(self, platforms: Sequence[Platform]) -> tuple[Evidence, ...]:
        """What each of the platforms answers, in the same order. Takes no longer than the slowest may."""
        return tuple(await asyncio.gather(*map(self.one, platforms)))

    async def one(self, platform: Platform) -> Evidence:
        """What one platform answers. Raises nothing: an error is evidence, too."""
        limits, started = self.settings.limits(platform.name), self._timer()
        found = await self._asked(platform, limits.timeout)
        took = self._timer() - started
        if isinstance(found, httpx.Response):
            found = self._answer(platform, found)
        judgement = _timed(found.judgement, took, limits)
        if judgement.state is State.UP:
            judgement = await self._quality(platform, judgement, found.source, limits.timeout)
        return Evidence(
            platform.name,
            self._clock(),
            judgement.state,
            judgement.reason,
            judgement.detail,
            None if judgement.state is State.UNKNOWN else took,
            judgement.status,
            found.remaining,
            str(found.source),
        )

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._reader.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.aclose()

    async def _asked(self, platform: Platform, timeout: float) -> httpx.Response | _Answer:
        """The response of the identity endpoint, or what it means that there is none."""
        try:
            async with asyncio.timeout(timeout):
                pages = self._reader.client(platform).responses(platform.identity, max_pages=1)
                found = [page async for page in pages]
        except TimeoutError:
            return self._failed(platform, Unreachable("", reason="timeout"))
        except BiContractsError as error:
            return self._failed(platform, error)
        except Exception as error:  # whatever it is, it must not end a watch; it says nothing about the platform
            return _Answer(Judgement(State.UNKNOWN, Reason.ERROR, type(error).__name__), Source.UNKNOWN)
        return found[0] if found else _Answer(unreadable(None), self._asked_whom(platform))

    def _answer(self, platform: Platform, response: httpx.Response) -> _Answer:
        """What a success is worth."""
        endpoint, source = platform.endpoint(platform.identity), self.upstream.source(response)
        if isinstance(answer_of(response), str):
            return _Answer(unreadable(response.status_code), source)
        try:
            self._reader.client(platform).rows(endpoint.name, response)
        except BiContractsError as error:
            return _Answer(judge(error, platform), source)
        budget = platform.limits.budget(response)
        judgement = _of_data(self._broken(platform.id(endpoint), response, source), response.status_code)
        return _Answer(judgement, source, None if budget is None else budget.remaining)

    async def _quality(self, platform: Platform, good: Judgement, source: Source, timeout: float) -> Judgement:
        """The same, or degraded where the endpoints that are looked at do not hold what their contracts say."""
        broken: list[tuple[str, Violation]] = []
        for id in self.settings.quality_of(platform):
            try:
                async with asyncio.timeout(timeout):
                    reading = await self._reader.read(id, max_pages=1)
            except NotFound as error:
                if error.status is None:  # no row of a parent: there is nothing to look at
                    continue
                return Judgement(State.DEGRADED, Reason.ERROR, f"{id}: HTTP {error.status}", error.status)
            except TimeoutError:
                return Judgement(State.DEGRADED, Reason.TIMEOUT, f"{id}: no answer within {timeout:g} s")
            except BiContractsError as error:
                worse = judge(error, platform)
                return replace(worse, state=State.DEGRADED, detail=f"{id}: {worse.detail}")
            broken += [(id, each) for page in reading.pages for each in self._violations(id, page, source)]
        return _of_data(broken, good.status) if broken else good

    def _broken(self, id: str, response: httpx.Response, source: Source) -> list[tuple[str, Violation]]:
        page = Page(as_response(response).envelope, None, len(response.content), response.status_code)
        return [(id, each) for each in self._violations(id, page, source)]

    def _violations(self, id: str, page: Page, source: Source) -> list[Violation]:
        contract = self._contract(id, source)
        return [] if contract is None else list(contract.violations(page.envelope))

    def _contract(self, id: str, source: Source) -> Contract | None:
        """What answers are held to, None where there is nothing to hold them to."""
        if (id, source) not in self._contracts:
            try:
                self._contracts[id, source] = yardstick(self.upstream.workspace, id, source)
            except ContractError:
                self._contracts[id, source] = None
        return self._contracts[id, source]

    def _failed(self, platform: Platform, error: BiContractsError) -> _Answer:
        judgement = judge(error, platform)
        unasked = judgement.state is State.UNKNOWN
        return _Answer(judgement, Source.UNKNOWN if unasked else self._asked_whom(platform))

    def _asked_whom(self, platform: Platform) -> Source:
        """Who was asked, where nobody says who answered."""
        if self.upstream.in_process:
            return Source.SANDBOX
        return who_answered(self.upstream.origin, self.upstream.base_url(platform), {})


def _of_data(broken: Sequence[tuple[str, Violation]], status: int | None) -> Judgement:
    """Up where the contracts are kept. Of a violation only endpoint and keyword are told: values may be personal."""
    if not broken:
        return Judgement(State.UP, status=status)
    ids = ", ".join(sorted({id for id, _ in broken}))
    keywords = ", ".join(sorted({each.keyword for _, each in broken}))
    count = f"{len(broken)} violation{'s' if len(broken) > 1 else ''}"
    return Judgement(State.DEGRADED, Reason.CONTRACT, f"{count} of the contract of {ids} ({keywords})", status)


def _timed(judgement: Judgement, took: float, limits: Limits) -> Judgement:
    """A good answer that came late is no good answer."""
    if judgement.state is State.DOWN and judgement.reason is Reason.TIMEOUT:
        return replace(judgement, detail=f"no answer within {limits.timeout:g} s")
    if judgement.state is not State.UP or took <= limits.slow:
        return judgement
    return replace(
        judgement, state=State.DEGRADED, reason=Reason.SLOW, detail=f"{took:.1f} s, and {limits.slow:g} s are allowed"
    )
