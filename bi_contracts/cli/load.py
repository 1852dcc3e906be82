"""`bi-contracts load`: benchmarks of the gateway, of any declared endpoint, or of any address, against thresholds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import BiContractsError, ConfigurationError, ExitCode
from . import load_scenario, options

if TYPE_CHECKING:
    import httpx

    from ..load import BenchmarkConfig, LoadResult, Threshold
    from ..load.endpoints import EndpointLoad
    from ..load.resources import Monitor
    from ..report.events import Outcome
    from ..session import Upstream
    from ..workspace import Workspace

PERCENT = 100
PATIENCE = 5.0
"""Seconds in which a gateway says what it is."""


@click.command("load")
@click.argument("names", nargs=-1, metavar="[BENCHMARK|ENDPOINT|PATH]...")
@click.option(
    "--mode", type=click.Choice(["sandbox", "replay", "live"]), default="sandbox", show_default=True,
    help="Who answers the gateway, or as the platform.",
)  # fmt: skip
@click.option("--url", metavar="URL", help="Measure what is served there instead: a gateway, or anything else.")
@click.option("--in-process", is_flag=True, help="Target and generator in one process, without a socket.")
@click.option("--users", type=click.IntRange(1), help="Closed model: so many users, each waits for its answer.")
@click.option("--requests", type=click.IntRange(0), help="So many requests in all.")
@click.option("--rate", type=click.FloatRange(0, min_open=True), help="Open model: so many requests a second.")
@click.option("--duration", type=click.FloatRange(0, min_open=True), help="Seconds in which requests start.")
@click.option("--ramp", multiple=True, metavar="SECONDS:RATE", help="Open model: go to this rate. Repeatable.")
@click.option("--poisson", is_flag=True, help="Arrivals as independent customers have them; --seed repeats them.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the Poisson arrivals.")
@click.option("--think", type=click.FloatRange(0), help="Seconds a user pauses between two requests.")
@click.option("--timeout", type=click.FloatRange(0, min_open=True), help="Seconds after which a request has failed.")
@click.option("--warmup", type=click.IntRange(0), help="Requests before those that are measured.")
@click.option("--threshold", "thresholds", multiple=True, metavar="TEXT", help="As k6 has them. Repeatable.")
@click.option("--sla", multiple=True, metavar="FILE|NAME=NUMBER|none", help="Over the usual SLA. Repeatable.")
@click.option("--quick", is_flag=True, help="Five requests a benchmark, or one a user.")
@click.option("--engine", type=click.Choice(["builtin", "locust"]), default="builtin", show_default=True)
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True, help="Processes of --engine locust.")
@click.option("--export", type=click.Choice(["k6", "locust"]), help="Print the scenario for that tool and end.")
@click.option("--yes-load-live", is_flag=True, help="Do put load on live platforms, within their declared limits.")
@options.report_options
def command(
    names: tuple[str, ...],
    mode: str,
    url: str | None,
    in_process: bool,
    thresholds: tuple[str, ...],
    sla: tuple[str, ...],
    quick: bool,
    engine: str,
    workers: int,
    export: str | None,
    yes_load_live: bool,
    format: str,
    output: Path | None,
    **shape: Any,
) -> None:
    """Measure under load, each request from the moment it was due, and hold that to thresholds.

    Without a name the nine standard benchmarks run against a gateway on the sandbox, in a process of its own. A
    breach ends with 6, a run in which no request was sent, or whose generator lagged, with 5.

    \b
    bi-contracts load health_check_baseline gong_calls_light_load
    bi-contracts load gong/calls --rate 50 --duration 10 --threshold 'http_req_duration: p(95)<500, p(99)<900'
    bi-contracts load /api/business/dashboard --users 4 --requests 40 --sla max_p95_response_time_ms=300
    bi-contracts load --url http://127.0.0.1:3333 --threshold 'http_req_failed: rate<0.01 abortOnFail'
    bi-contracts load dashboard_load_test --engine locust --workers 2
    bi-contracts load crm_contacts_performance --rate 20 --duration 30 --export k6 > load.js
    """
    space = options.workspace()
    if mode == "live" and url is None and not yes_load_live and export is None:
        raise click.UsageError(f"{load_scenario.NOT_LIVE}, or leave --mode live out")
    limits = load_scenario.limits(sla, thresholds)
    configs = [load_scenario.shaped(config, shape, quick) for config in load_scenario.configs(space, names)]
    if export is None and not yes_load_live:
        load_scenario.refuse_live(space, [url or "", *(config.endpoint for config in configs)])
    run = Run(space, mode, url, in_process, engine, workers, limits)
    if export is not None:
        return _export(run, configs, export, output)
    if engine == "locust" and in_process:
        raise click.UsageError("Locust asks over the network: leave --in-process out")
    _finish(run, configs, format, output)
    return None


@dataclass(frozen=True)
class Run:
    """What the command line says of the whole run."""

    space: Workspace
    mode: str
    url: str | None
    in_process: bool
    engine: str
    workers: int
    limits: tuple[Threshold, ...]


# What is measured


def _declared(run: Run, config: BenchmarkConfig) -> bool:
    from ..registry import find

    return find(config.endpoint, run.space) is not None


def _endpoint(run: Run, config: BenchmarkConfig, address: str) -> EndpointLoad:
    """The endpoint on the upstream that the run is about: live, in process, or served at the address."""
    from ..load.endpoints import endpoint_load
    from ..registry import target

    upstream = _upstream(run, address)
    return endpoint_load(target(config.endpoint, run.space), upstream, config)


def _upstream(run: Run, address: str) -> Upstream:
    from ..session import Upstream

    return Upstream(run.space, "live" if run.mode == "live" and run.url is None else address or "sandbox")


@contextmanager
def _targets(run: Run) -> Iterator[Callable[[bool], tuple[str, int | None]]]:
    """Addresses and processes of what is measured, by whether it is a platform. Each is served when first needed."""
    from .load_target import served

    with ExitStack() as stack:
        kept: dict[bool, tuple[str, int | None]] = {}

        def target(platform: bool) -> tuple[str, int | None]:
            if run.url is not None:
                return run.url, _process_at(run.url)
            if run.in_process or (platform and run.mode == "live"):
                return "", None
            if platform not in kept:
                found = stack.enter_context(served("sandbox" if platform else "gateway", run.mode))
                kept[platform] = (found.url, found.pid)
            return kept[platform]

        yield target


def _process_at(url: str) -> int | None:
    from ..load.resources import process_at

    try:
        return process_at(url)
    except ConfigurationError:
        return None


def _monitor(pid: int | None) -> Monitor | None:
    """None where psutil is not installed, which is said once."""
    from ..load.resources import Monitor

    try:
        return Monitor(pid)
    except ConfigurationError as error:
        context = click.get_current_context()
        if not context.meta.get("told"):
            click.echo(f"note: {error}", err=True)
        context.meta["told"] = True
        return None


# The runs


def _finish(run: Run, configs: Sequence[BenchmarkConfig], format: str, output: Path | None) -> None:
    from ..suite import events

    if run.mode == "replay" and any(_declared(run, config) for config in configs):
        raise click.UsageError("a recording is not served: put load on the endpoint of the sandbox, or on the gateway")
    started = time.perf_counter()
    outcomes: list[Outcome] = []
    interrupted = _interrupted(run, configs, outcomes)
    facts = {"workspace": run.space.root.name, "mode": "url" if run.url else run.mode, "engine": run.engine}
    stream = events("Load", "load", outcomes, time.perf_counter() - started, **facts)
    _say_of_the_model(run, configs)
    with suppress(click.exceptions.Exit) if interrupted else nullcontext():
        # Without its last event a report says that it is not complete.
        options.emit(stream[:-1] if interrupted else stream, format, output, run.space.settings.fail_on)
    if interrupted:
        raise KeyboardInterrupt


def _interrupted(run: Run, configs: Sequence[BenchmarkConfig], outcomes: list[Outcome]) -> bool:
    """Runs them; True where somebody stopped that: what was found until then is reported all the same."""
    try:
        with _targets(run) as target, options.progress(PERCENT * len(configs), "load") as done:
            # One by one: what is there when somebody stops it is kept.
            outcomes.extend(_one(run, config, target, _Bar(config, done)) for config in configs)
    except KeyboardInterrupt:
        return True
    return False


def _say_of_the_model(run: Run, configs: Sequence[BenchmarkConfig]) -> None:
    """What figures of a closed model leave out: for a run that has passed, text shows no note."""
    from ..load.result import CLOSED_NOTE

    closed = run.engine == "locust" or any(config.model == "closed" for config in configs)
    if closed and not click.get_current_context().find_root().obj.get("quiet"):
        click.echo(f"note: {CLOSED_NOTE}", err=True)


def _one(run: Run, config: BenchmarkConfig, target: Callable[[bool], tuple[str, int | None]], bar: _Bar) -> Outcome:
    """One benchmark, measured and judged. What could not be done is an outcome too."""
    from ..load import outcome
    from ..report.events import Outcome, Status

    declared = _declared(run, config)
    subject = config.endpoint if declared else f"gateway/{config.name}"
    try:
        address, pid = ("", None) if "://" in config.endpoint else target(declared)
        if run.engine == "locust":
            result = _on_locust(run, config, address, declared, bar)
        else:
            result = asyncio.run(_builtin(run, config, address, pid, declared, bar))
    except BiContractsError as error:
        return Outcome(
            subject, "load", Status.ERROR, note=str(error), exit_code=ExitCode(error.exit_code), phase="load"
        )
    finally:
        bar.end()
    return outcome(result, run.limits, subject=subject)


async def _builtin(
    run: Run, config: BenchmarkConfig, address: str, pid: int | None, declared: bool, bar: _Bar
) -> LoadResult:
    from ..load import client_for
    from ..load import run as measured

    kept: dict[str, Any] = {"thresholds": run.limits, "progress": bar, "monitor": _monitor(pid)}
    if declared:
        asked = await asyncio.to_thread(_endpoint, run, config, address)
        async with asked.client() as client:
            found = await measured(asked.config, client, request=asked.request, judged=asked.judged, **kept)
        return replace(found, source=asked.source)
    if not address and "://" not in config.endpoint:
        from ..gateway import in_process

        async with in_process(_gateway_upstream(run)) as client:
            return await measured(config, client, source=run.mode, **kept)
    async with client_for(address) as client:
        return await measured(config, client, source=await _source(run, config, client), **kept)


def _gateway_upstream(run: Run) -> Upstream:
    from ..session import Upstream

    return Upstream(run.space, run.mode)


async def _source(run: Run, config: BenchmarkConfig, client: httpx.AsyncClient) -> str:
    """Who answers: a gateway says it of itself; of anything else it is not known."""
    import httpx

    whole = "://" in config.endpoint
    if run.url is None and not whole:
        return run.mode
    try:
        async with asyncio.timeout(PATIENCE):
            asked = httpx.URL(config.endpoint).join("/healthz") if whole else "/healthz"
            found = (await client.get(asked)).json()
    except (TimeoutError, httpx.HTTPError, httpx.InvalidURL, ValueError, RecursionError):
        return "unknown"
    said = found.get("mode") if isinstance(found, dict) else None
    return said if said in ("sandbox", "replay", "live") else "unknown"


def _on_locust(run: Run, config: BenchmarkConfig, address: str, declared: bool, bar: _Bar) -> LoadResult:
    from ..load import swarm

    if not declared:
        source = run.mode if run.url is None and "://" not in config.endpoint else "unknown"
        return swarm.run(config, address, run.workers, source=source, told=bar)
    if run.mode == "live" and run.url is None:
        raise ConfigurationError(f"{config.name}: Locust is not put on live platforms; use the builtin engine")
    asked = _endpoint(run, config, address)
    source = "sandbox" if run.url is None else "unknown"
    return swarm.run(asked.signed(), address, run.workers, source=source, told=bar)


class _Bar:
    """Turns requests, or in a timed run seconds, into hundredths of a benchmark."""

    def __init__(self, config: BenchmarkConfig, done: Callable[[str], None]) -> None:
        self._config = config
        self._done = done
        self._shown = 0
        self._started = time.monotonic()

    def __call__(self, ended: int) -> None:
        if self._config.window:
            share = (time.monotonic() - self._started) / self._config.window
        else:
            share = ended / max(1, self._config.total_requests)
        self._to(min(PERCENT, int(PERCENT * share)))

    def end(self) -> None:
        """The benchmark is over, however it ended."""
        self._to(PERCENT)

    def _to(self, wanted: int) -> None:
        while self._shown < wanted:
            self._shown += 1
            self._done(self._config.name)


# Exports


def _export(run: Run, configs: Sequence[BenchmarkConfig], tool: str, output: Path | None) -> None:
    """Prints, or writes, the scenario as a script. Credentials never stand in it."""
    from ..files import write_text
    from ..load import k6, locust

    if len(configs) != 1:
        raise click.UsageError("name the one benchmark, endpoint or path to export")
    (config,) = configs
    address = run.url or "http://127.0.0.1:3333"
    if _declared(run, config):
        config = replace(_endpoint(run, config, run.url or "").config, headers={})
        address = ""
    text = k6.script(config, address, run.limits) if tool == "k6" else locust.locustfile(config, address)
    if output is None:
        click.echo(text, nl=False)
    else:
        write_text(output, text)
        click.echo(f"written to {output}", err=True)
