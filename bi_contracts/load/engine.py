"""Sends the requests of a scenario and measures each from when it was due.

The clock is that of the running event loop, so a loop with a time of its own makes a run take no time at all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import httpx

from ..errors import ConfigurationError, DeclarationError
from ..slots import text
from .arrivals import arrivals
from .connections import Connections
from .judging import NO_ANSWER, Judge, judge, kind_of
from .measure import Measurement, Sample
from .network import ARRIVED
from .resources import Monitor
from .result import LoadResult
from .scenario import BenchmarkConfig
from .thresholds import Threshold, breaches

Progress = Callable[[int], None]
"""Is told how many requests have ended."""

WATCH = 1.0
"""Seconds between two looks at the thresholds that end a run."""

HOPELESS = 10.0
"""Seconds behind its schedule at which a generator gives up: a rate that no machine sends would run for days."""

RESPITE = 0.01
"""Seconds that a user of a timed run waits after nobody answered: a dead target must not be asked in a hot loop."""


def client_for(
    base_url: str, *, transport: httpx.AsyncBaseTransport | None = None, auth: httpx.Auth | None = None
) -> httpx.AsyncClient:
    """The one client of a run, with connections that cost the same however many there are (`Connections`).

    Timeouts are the run's own (`BenchmarkConfig.timeout_seconds`), over the whole request.
    """
    from ..cassette.tls import shared_ssl_context

    through = transport or Connections(shared_ssl_context())
    return httpx.AsyncClient(base_url=base_url, timeout=None, auth=auth, trust_env=False, transport=through)


async def run(
    config: BenchmarkConfig,
    client: httpx.AsyncClient,
    *,
    request: httpx.Request | None = None,
    judged: Judge | None = None,
    thresholds: Sequence[Threshold] = (),
    progress: Progress = lambda _: None,
    monitor: Monitor | None = None,
    source: str = "",
) -> LoadResult:
    """One load run. All requests go through the one client that is given, which stays open.

    Args:
        config: What to run.
        client: Sends the requests; see `client_for`. Its base URL is the target.
        request: What to send in place of what the scenario says.
        judged: Whether an answer is a success; by status and by what the body says of its source where none is given.
        thresholds: Those with `abort_on_fail` end the run; none is judged here.
        progress: Told after every request.
        monitor: Watches processor, memory and network meanwhile.
        source: Who answers.

    Raises `ConfigurationError` under an open cassette, `DeclarationError` for an address that is none.
    """
    _check_no_cassette()
    sent = request or _request(config, client)
    traffic = _Traffic(config, client, sent, judged or judge(config.expected_status), progress)
    for _ in range(config.warmup_requests):
        await traffic.attempt()
    async with AsyncExitStack() as stack:
        if monitor is not None:
            await stack.enter_async_context(monitor)
        await traffic.flow([one for one in thresholds if one.abort_on_fail])
    measured = traffic.measured
    return LoadResult(
        config,
        measured.latency,
        measured.latency_of_successes,
        measured.lag,
        traffic.issued,
        dict(measured.errors.most_common()),
        dict(sorted(measured.statuses.items())),
        dict(sorted(measured.seconds.items())),
        measured.dropped,
        measured.received,
        measured.elapsed,
        monitor.usage if monitor is not None else {},
        traffic.aborted,
        source,
        in_process=_in_process(client),
    )


@dataclass(slots=True)
class _Traffic:
    """The state of one run."""

    config: BenchmarkConfig
    client: httpx.AsyncClient
    request: httpx.Request
    judged: Judge
    progress: Progress
    measured: Measurement = field(default_factory=Measurement)
    issued: int = 0
    begun: float = 0.0
    aborted: str = ""

    def now(self) -> float:
        """Seconds since the run began."""
        return asyncio.get_running_loop().time() - self.begun

    async def flow(self, aborting: Sequence[Threshold]) -> None:
        """Everything from the first request to the last answer."""
        self.begun = asyncio.get_running_loop().time()
        sending = asyncio.create_task(self._open() if self.config.model == "open" else self._closed())
        watching = asyncio.create_task(self._watch(aborting)) if aborting else None
        try:
            await asyncio.wait({sending, *({watching} if watching else ())}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (sending, watching):
                if task is not None:
                    await _ended(task)
        if self.aborted or self.config.duration_seconds is not None:
            self.measured.elapsed = max(self.measured.elapsed, self.now())

    async def attempt(self) -> tuple[str, int, int, float]:
        """Sends one request: what failed, the status, the bytes of the body, when it ended."""
        try:
            async with asyncio.timeout(self.config.timeout_seconds):
                response = await self.client.send(self.request)
        except Exception as error:  # whatever goes wrong is what a customer would have met
            return kind_of(error), 0, 0, self.now()
        ended = self._arrived(response)
        return self.judged(response), response.status_code, len(response.content), ended

    def _arrived(self, response: httpx.Response) -> float:
        """When the last bytes came. Where many answers come at once, each would else wait for the others' parsing."""
        stream = response.extensions.get("network_stream")
        at = stream.get_extra_info(ARRIVED) if stream is not None else None
        return self.now() if at is None else float(at) - self.begun

    async def _one(self, due: float) -> str:
        started = self.now()
        failure, status, size, ended = await self.attempt()
        self.measured.add(Sample(due, started, ended, failure, status, size))
        self.progress(self.measured.latency.number)
        return failure

    async def _open(self) -> None:
        under_way: set[asyncio.Task[str]] = set()
        try:
            for due in arrivals(self.config):
                # Behind schedule it yields all the same, or answers would wait for the generator.
                await asyncio.sleep(max(0.0, due - self.now()))
                if self.now() - due > HOPELESS:
                    self.measured.dropped += max(1, (self.config.planned or 0) - self.issued - self.measured.dropped)
                    break
                if len(under_way) >= self.config.max_in_flight:
                    self.measured.dropped += 1
                    continue
                self.issued += 1
                task = asyncio.create_task(self._one(due))
                under_way.add(task)
                task.add_done_callback(under_way.discard)
            await self._until_the_end()
            await asyncio.gather(*under_way)
        finally:
            for task in tuple(under_way):
                await _ended(task)

    async def _closed(self) -> None:
        users = [asyncio.create_task(self._user()) for _ in range(self.config.concurrent_users)]
        try:
            await asyncio.gather(*users)
            await self._until_the_end()
        finally:
            for user in users:
                await _ended(user)

    async def _user(self) -> None:
        due = self.now()
        while self._take(due):
            failure = await self._one(due)
            pause = self.config.think_seconds
            if failure in NO_ANSWER and self.config.duration_seconds is not None:
                pause = max(pause, RESPITE)
            due = self.now() + pause
            await asyncio.sleep(min(pause, self._left()))

    def _take(self, due: float) -> bool:
        """Whether there is another request to send; a run by number gives out exactly that many."""
        if self.config.duration_seconds is not None:
            more = due < self.config.duration_seconds
        else:
            more = self.issued < self.config.total_requests
        self.issued += more
        return more

    def _left(self) -> float:
        limit = self.config.duration_seconds
        return max(0.0, limit - self.now()) if limit is not None else float("inf")

    async def _until_the_end(self) -> None:
        """A run by duration lasts that long, also where the last request was due before."""
        if self.config.model == "open" and self.config.ramp:
            await asyncio.sleep(max(0.0, (self.config.window or 0.0) - self.now()))
        elif self.config.duration_seconds is not None:
            await asyncio.sleep(self._left())

    async def _watch(self, thresholds: Sequence[Threshold]) -> None:
        while True:
            await asyncio.sleep(WATCH)
            self.measured.elapsed = max(self.measured.elapsed, self.now())
            crossed = breaches([one for one in thresholds if self.now() >= one.delay_abort_eval], self.measured)
            if crossed:
                self.aborted = f"ended after {self.now():.0f} s: {crossed[0]}"
                return


async def _ended(task: asyncio.Task[Any]) -> None:
    """Waits for a task that is done or is cancelled here, and raises what it raised; not that it was cancelled."""
    task.cancel()
    await asyncio.wait({task})
    if not task.cancelled():
        task.result()


def _request(config: BenchmarkConfig, client: httpx.AsyncClient) -> httpx.Request:
    try:
        made = client.build_request(
            config.method,
            config.endpoint,
            params={name: text(value) for name, value in config.params.items()} or None,
            json=config.payload,
            headers=dict(config.headers),
        )
    except (httpx.InvalidURL, ValueError, TypeError) as error:
        raise DeclarationError(f"{config.name}: {config.endpoint!r} cannot be asked: {error}") from None
    if made.url.scheme not in ("http", "https") or not made.url.host:
        raise DeclarationError(f"{config.name}: {str(made.url)!r} is no address: give the target's, or a whole URL")
    return made


def _in_process(client: httpx.AsyncClient) -> bool:
    """Whether requests stay in this thread; httpx does not tell which transport a client has."""
    return not isinstance(getattr(client, "_transport", None), httpx.AsyncHTTPTransport | Connections)


def _check_no_cassette() -> None:
    """A cassette patches the transports of the whole process: what would be measured is the cassette."""
    home = getattr(httpx.AsyncHTTPTransport.handle_async_request, "__globals__", {}).get("__name__", "")
    if home.partition(".")[0] == "vcr":
        raise ConfigurationError("a load run under an open cassette would measure the cassette: close it first")
