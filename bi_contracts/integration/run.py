"""A whole run: every phase over one upstream, as one stream of events."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module

import httpx

from .. import __version__
from ..errors import BiContractsError, ConfigurationError, ExitCode
from ..reading import QUICK, RUN, Reader
from ..registry import Target, platforms
from ..report.events import Event, Finished, Outcome, Started, Status, Timed
from ..session import Upstream
from .context import Context, Phase
from .own import own_checks
from .phases import PHASES
from .recommendations import recommended

_MODULES = {"data flow": "dataflow"}
_OF_GATEWAY = ("workflow", "load")
"""Phases that say nothing where the gateway cannot be had."""


def phase(name: str) -> Phase:
    """The phase of that name."""
    found: Phase = import_module(f".phases.{_MODULES.get(name, name)}", __package__).run
    return found


@asynccontextmanager
async def opened(upstream: Upstream, targets: Sequence[Target], *, quick: bool = False) -> AsyncIterator[Context]:
    """What phases need, open for as long as the block lasts: one client a platform, and the gateway."""
    async with AsyncExitStack() as stack:
        reader = await stack.enter_async_context(Reader(upstream, QUICK if quick else RUN))
        gateway = await stack.enter_async_context(_gateway(upstream, _chosen(upstream, targets)))
        yield Context(upstream, reader, tuple(targets), gateway, quick, own_checks(upstream.workspace))


async def outcomes(context: Context, names: Iterable[str] = PHASES) -> AsyncIterator[Outcome]:
    """The outcomes of some phases as they come. A phase that cannot be done is an outcome too."""
    missing = await _missing(context)
    for name in names:
        started = time.perf_counter()
        if missing and name in _OF_GATEWAY:
            yield Outcome(f"gateway/{name}", name, Status.SKIPPED, note=missing, phase=name)
            continue
        try:
            async for outcome in phase(name)(context):
                yield outcome if outcome.phase else replace(outcome, phase=name)
        except BiContractsError as error:
            took = time.perf_counter() - started
            code = ExitCode(error.exit_code)
            yield Outcome(name, name, Status.ERROR, note=str(error), elapsed=took, exit_code=code, phase=name)


class Run:
    """One run, and what it has found so far: a run that is interrupted still has its report.

    Args:
        upstream: Who answers.
        targets: The endpoints that take part.
        quick: The short form of every phase.
        phases: Which phases; they run in the order of `PHASES`, each once.
        told: Is given every outcome as it comes.
    """

    def __init__(
        self,
        upstream: Upstream,
        targets: Sequence[Target],
        *,
        quick: bool = False,
        phases: Sequence[str] = PHASES,
        told: Callable[[Outcome], None] = lambda _: None,
    ) -> None:
        self.upstream = upstream
        self.targets = tuple(targets)
        self.quick = quick
        self.phases = tuple(sorted(dict.fromkeys(phases), key=PHASES.index))
        self.started_at = datetime.now(UTC)
        self.found: list[Outcome] = []
        self.timed: list[Timed] = []
        self.finished: Finished | None = None
        self._told = told

    async def run(self) -> None:
        """Runs every phase. In a replay no connection can be opened meanwhile."""
        from ..cassette.sockets import block_sockets

        started = time.perf_counter()
        async with AsyncExitStack() as stack:
            if self.upstream.recorded:
                stack.enter_context(block_sockets())
            context = await stack.enter_async_context(opened(self.upstream, self.targets, quick=self.quick))
            for name in self.phases:
                begun, finished = time.perf_counter(), False
                try:
                    async for outcome in outcomes(context, [name]):
                        self.found.append(outcome)
                        self._told(outcome)
                    finished = True
                finally:
                    self.timed.append(Timed(name, begun - started, time.perf_counter() - begun, finished))
        self.finished = Finished(time.perf_counter() - started)

    @property
    def events(self) -> list[Event]:
        """The stream that report writers read, with what its outcomes recommend."""
        facts = {
            "mode": self.upstream.origin,
            "phases": ", ".join(self.phases),
            "form": "quick" if self.quick else "full",
            "platforms": ", ".join(dict.fromkeys(one.platform.name for one in self.targets)),
        }
        started = Started("Integration run", "run", self.started_at, __version__, facts, self.phases)
        return recommended([started, *self.found, *self.timed, *([self.finished] if self.finished else [])])


@asynccontextmanager
async def _gateway(upstream: Upstream, platforms: tuple[str, ...]) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the gateway over these platforms, or over all.

    Where the gateway's libraries are not installed, one that says so to every request.
    """
    try:
        from ..gateway import in_process

        gateway = in_process(upstream, platforms=platforms)
        client = await gateway.__aenter__()
    except ConfigurationError as error:
        async with httpx.AsyncClient(transport=_Missing(error), base_url="http://gateway") as client:
            yield client
        return
    try:
        yield client
    finally:
        await gateway.__aexit__(None, None, None)


def _chosen(upstream: Upstream, targets: Sequence[Target]) -> tuple[str, ...]:
    """The platforms that take part; none where all do: those that do not are never asked."""
    names = dict.fromkeys(one.platform.name for one in targets)
    return () if len(names) == len(platforms(upstream.workspace)) else tuple(names)


class _Missing(httpx.AsyncBaseTransport):
    def __init__(self, error: ConfigurationError) -> None:
        self.error = error

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:  # noqa: ARG002
        raise self.error


async def _missing(context: Context) -> str:
    """Why there is no gateway, "" where there is one."""
    try:
        await context.gateway.get("/healthz")
    except ConfigurationError as error:
        return str(error)
    return ""
