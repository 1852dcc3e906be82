"""Reads endpoints for whoever works with the rows: one client a platform, whatever the mode."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from typing import Any, Self

import httpx

from .cassette.shelf import cassette_at
from .cassette.transport import ELAPSED
from .client import AsyncClient, as_response
from .errors import CassetteMiss, CassetteNotFound, NotFound, RateLimited, Unreachable, UpstreamError
from .interaction import Envelope, Interaction, Source, common_source
from .paths import Json, dig
from .platform import Endpoint, Platform
from .registry import Target, target
from .session import Upstream, heads


@dataclass(frozen=True, slots=True)
class Page:
    """One answer. `elapsed` is in seconds (None where nobody measured), `size` in bytes, decoded."""

    envelope: Envelope
    elapsed: float | None
    size: int
    status: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What one endpoint was found to hold.

    Attributes:
        id: The endpoint's.
        records: Its rows, in order.
        pages: The answers they came in.
        source: Who answered.
        at: When it was answered, as Unix seconds, by the clock of who answered.
        recorded_at: When that was recorded, as Unix seconds; None where it was asked just now.
        complete: Whether every page was read: what is missing in an incomplete reading may stand further on.
        arguments: The parents it was read for.
    """

    id: str
    records: tuple[Json, ...]
    pages: tuple[Page, ...]
    source: Source
    at: float
    recorded_at: float | None = None
    complete: bool = True
    arguments: Mapping[str, Json] = field(default_factory=dict)

    @property
    def age(self) -> float:
        """Seconds since these rows were the platform's; 0 where it was asked just now."""
        return 0.0 if self.recorded_at is None else max(0.0, time.time() - self.recorded_at)

    @property
    def envelopes(self) -> list[Envelope]:
        """The answers as contracts describe them."""
        return [page.envelope for page in self.pages]


@dataclass(frozen=True, slots=True)
class _Collected:
    pages: tuple[Page, ...]
    records: tuple[Json, ...]
    last: httpx.Response | None
    complete: bool


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long a reader bears with one platform: one that hangs, or refuses, must not hold up a whole run.

    Attributes:
        timeout: Seconds for connecting and for each part of an answer.
        patience: Seconds that rate limits are waited for, in all reads together; None for the upstream's, each read.
        failures: After so many reads in a row without an answer, or with nothing but a rate limit, no other one is
            tried for a while: it fails at once, with the same error. None where every read is tried.
        rest: Seconds of that while.
        at_once: How many reads of the platform go on at a time; None for any number.
    """

    timeout: float = 30.0
    patience: float | None = None
    failures: int | None = None
    rest: float = 60.0
    at_once: int | None = None


RUN = Bounds(failures=2, at_once=4)
"""For a run of many reads."""

QUICK = replace(RUN, timeout=5.0, patience=10.0)
"""For its quick form."""


class _Turns:
    """Who may ask a platform now."""

    def __init__(self, bounds: Bounds, clock: Callable[[], float]) -> None:
        self._bounds = bounds
        self._clock = clock
        self._free: AbstractAsyncContextManager[Any] = (
            asyncio.Semaphore(bounds.at_once) if bounds.at_once else nullcontext()
        )
        self._failed = 0
        self._last: tuple[Unreachable | RateLimited, float] | None = None

    @asynccontextmanager
    async def turn(self, id: str) -> AsyncIterator[None]:
        """A read of an endpoint. Raises `Unreachable` or `RateLimited` at once where the last reads ended so."""
        async with self._free:
            self._refuse(id)
            try:
                yield
            except (Unreachable, RateLimited) as error:
                self._failed, self._last = self._failed + 1, (error, self._clock())
                raise
            except UpstreamError:
                self._failed = 0  # a platform that says no is there
                raise
            self._failed = 0

    def _refuse(self, id: str) -> None:
        if self._last is None or self._bounds.failures is None or self._failed < self._bounds.failures:
            return
        error, when = self._last
        if self._clock() - when >= self._bounds.rest:
            return
        message = f"{id}: not asked again: {error}"
        if isinstance(error, RateLimited):
            raise RateLimited(message, status=error.status, code=error.code, retry_after=error.retry_after)
        raise Unreachable(message, status=error.status, code=error.code, reason=error.reason)


class Reader:
    """Reads one upstream. Clients are opened when they are first needed and live as long as the reader.

    Args:
        upstream: Who answers: `Upstream(workspace, "replay" | "sandbox" | "live" | URL)`.
        bounds: How long it bears with a platform; by default every read is tried, however long that takes.
        clock: Tells the time in seconds.
        sleep: How to wait.
    """

    def __init__(
        self,
        upstream: Upstream,
        bounds: Bounds | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.upstream = upstream
        self.bounds = bounds or Bounds()
        self._clock = clock
        self._sleep = sleep
        self._turns: dict[str, _Turns] = {}
        self._clients: dict[str, AsyncClient] = {}
        self._parents: dict[tuple[str, str], Json] = {}
        self._drawing: dict[tuple[str, str], asyncio.Lock] = {}
        self._ahead = 0.0

    def target(self, id: str) -> Target:
        """The endpoint of that id. Raises `UnknownEndpoint`."""
        return target(id, self.upstream.workspace)

    def client(self, platform: Platform) -> AsyncClient:
        """The one client of a platform. Raises `CredentialsMissing`, `ConfigurationError`, `CassetteNotFound`."""
        if platform.name not in self._clients:
            self._clients[platform.name] = self._client(platform)
        return self._clients[platform.name]

    def _client(self, platform: Platform) -> AsyncClient:
        until = 0.0

        async def wait(seconds: float) -> None:
            nonlocal until
            now = self._clock()
            more = max(0.0, now + seconds - max(now, until))  # reads that wait at the same time wait once
            until = max(until, now + seconds)
            if self.bounds.patience is not None:
                client.patience = max(0.0, client.patience - more)
            await self._sleep(seconds)

        patience = self.upstream.patience if self.bounds.patience is None else self.bounds.patience
        client = self.upstream.async_client(platform, patience=patience, timeout=self.bounds.timeout, sleep=wait)
        return client

    def turn(self, id: str) -> AbstractAsyncContextManager[None]:
        """What a request of an endpoint is sent in that `read` does not send: it counts as one of its reads.

        Raises `Unreachable` or `RateLimited` at once where the platform is not asked for a while; see `Bounds`.
        """
        name = id.partition("/")[0]
        if name not in self._turns:
            self._turns[name] = _Turns(self.bounds, self._clock)
        return self._turns[name].turn(id)

    def now(self) -> float:
        """What time it is where the answers come from: a sandbox has a time of its own.

        That of a sandbox at a URL is known once it has answered.
        """
        return self.upstream.sandbox.now() if self.upstream.in_process else time.time() + self._ahead

    async def read(
        self,
        id: str,
        /,
        *,
        max_pages: int | None = 1,
        narrowing: Mapping[str, Json] | None = None,
        **arguments: Json,
    ) -> Reading:
        """The rows of an endpoint.

        `arguments` say which rows: an item's id, a list's parent; a child without them is read for its first parent,
        in a replay for those recorded. `narrowing` only saves the platform work and is left out of a replay: the
        caller must filter all the same. Raises `UpstreamError`, `CredentialsMissing`, `UnknownEndpoint`; in a replay
        `CassetteNotFound` and `CassetteMiss`.
        """
        one = self.target(id)
        if self.upstream.recorded:
            return await self._replayed(one, arguments, max_pages)
        drawn = arguments or await self._drawn(one.platform, one.endpoint)
        sent = {**(narrowing or {}), **drawn}
        answers = self.client(one.platform).responses(one.endpoint.name, max_pages=max_pages, **sent)
        async with self.turn(one.id):
            found = await self._collected(one, answers, max_pages)
        source = self.upstream.source(found.last) if found.last is not None else Source.UNKNOWN
        at = _dated(found.last, self.now())
        if self.upstream.served:
            self._ahead = at - time.time()
        return Reading(id, found.records, found.pages, source, at, complete=found.complete, arguments=drawn)

    async def aclose(self) -> None:
        """Closes every client."""
        clients, self._clients = list(self._clients.values()), {}
        for client in clients:
            await client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.aclose()

    async def _replayed(self, one: Target, arguments: Mapping[str, Json], max_pages: int | None) -> Reading:
        recorded = self._recorded(one.id)
        base_url = one.platform.base_url
        wanted = [
            head
            for head in heads(one.endpoint, base_url, recorded)
            if _asks_for(one.endpoint.read(head, base_url) or {}, arguments)
        ]
        if not wanted:
            said = ", ".join(f"{name}={value}" for name, value in arguments.items())
            raise CassetteMiss(f"{one.id}: no recording of a read of it{f' with {said}' if said else ''}")
        pages: tuple[Page, ...] = ()
        records: tuple[Json, ...] = ()
        last: httpx.Response | None = None
        complete = True
        for head in wanted:
            answers = self.client(one.platform).follow(one.endpoint.name, head, max_pages=max_pages)
            found = await self._collected(one, answers, max_pages)
            pages, records, last = pages + found.pages, records + found.records, found.last or last
            complete = complete and found.complete
        kept = [one.recorded_at.timestamp() for one in recorded if one.recorded_at is not None]
        at = max(kept, default=0.0)
        dated = _dated(last, at)
        return Reading(one.id, records, pages, common_source(recorded), dated, at, complete, dict(arguments))

    def _recorded(self, id: str) -> tuple[Interaction, ...]:
        path = self.upstream.workspace.find_cassette(id)
        if path is None:
            where = self.upstream.workspace.cassette(id)
            raise CassetteNotFound(f"{id}: no recording at {where}; `bi-contracts record {id}` makes one")
        return cassette_at(path).interactions

    async def _collected(
        self, one: Target, answers: AsyncIterator[httpx.Response], max_pages: int | None
    ) -> _Collected:
        pages: list[Page] = []
        records: list[Json] = []
        last: httpx.Response | None = None
        client, started, ended = self.client(one.platform), time.perf_counter(), True
        try:
            async for last in answers:
                took = None if self.upstream.recorded else _took(last, time.perf_counter() - started)
                elapsed = last.extensions.get(ELAPSED, took)
                pages.append(Page(as_response(last).envelope, elapsed, len(last.content), last.status_code))
                records += client.rows(one.endpoint.name, last)
                started = time.perf_counter()
        except (CassetteMiss, UpstreamError) as error:
            # A recording may end in an error or be cut off: what stands before that was recorded all the same.
            if not (self.upstream.recorded and pages) or (isinstance(error, UpstreamError) and error.status is None):
                raise
            ended = False
        return _Collected(tuple(pages), tuple(records), last, ended and (max_pages is None or len(pages) < max_pages))

    async def _drawn(self, platform: Platform, endpoint: Endpoint) -> dict[str, Json]:
        """As `session.draw_arguments`: the first row of each parent; asked for once."""
        return {
            argument: await self._parent(platform, endpoint, parent) for argument, parent in endpoint.parents.items()
        }

    async def _parent(self, platform: Platform, endpoint: Endpoint, parent: str) -> Json:
        place = (platform.name, parent)
        async with self._drawing.setdefault(place, asyncio.Lock()):
            if place not in self._parents:
                declared = platform.endpoint(parent)
                found = await self.read(platform.id(declared))
                if not found.records:
                    raise NotFound(f"{platform.id(endpoint)} needs a row of {platform.id(declared)}, and there is none")
                self._parents[place] = dig(found.records[0], declared.key)
        return self._parents[place]


def _asks_for(sent: Mapping[str, Json], arguments: Mapping[str, Json]) -> bool:
    return all(str(sent.get(name, dig(sent, name))) == str(value) for name, value in arguments.items())


def _took(response: httpx.Response, otherwise: float) -> float:
    """Seconds from the request to its whole answer: what was waited for a rate limit before it is none of them."""
    try:
        return response.elapsed.total_seconds()
    except RuntimeError:  # nobody measured: it did not come through a client
        return otherwise


def _dated(response: httpx.Response | None, otherwise: float) -> float:
    """The time that an answer states (RFC 9110 section 6.6.1)."""
    try:
        return parsedate_to_datetime(response.headers["date"]).timestamp() if response is not None else otherwise
    except (KeyError, ValueError):
        return otherwise
