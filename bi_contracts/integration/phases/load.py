"""Load: the standard benchmarks, and the workspace's own, against the gateway in this process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx

from ...checks.connection import HEALTH
from ...errors import BiContractsError, ExitCode
from ...load import STANDARD_BENCHMARKS, BenchmarkConfig, SLAThresholds, outcome
from ...load import run as run_load
from ...load.benchmarks import quick
from ...platform import Platform
from ...report.events import GATEWAY, Outcome, Status
from ..context import Context

PHASE = "load"

NOT_LIVE = (
    "load is not put on the platforms themselves by a run; `bi-contracts load --mode live --yes-load-live` does,"
    " within their rate limits"
)


async def run(context: Context) -> AsyncIterator[Outcome]:
    """One outcome a benchmark, held to the usual service levels. `quick` sends five requests each, or one a user.

    What a replay or the platforms that were chosen cannot answer is skipped, and live platforms are left alone.
    """
    if context.mode == "live":
        yield Outcome("gateway/load", "load", Status.SKIPPED, note=NOT_LIVE, elapsed=0.0, phase=PHASE)
        return
    for config in (*STANDARD_BENCHMARKS, *context.of(BenchmarkConfig)):
        started = time.perf_counter()
        found = await _one(context, config)
        yield replace(found, elapsed=time.perf_counter() - started)


async def _one(context: Context, config: BenchmarkConfig) -> Outcome:
    subject = f"gateway/{config.name}"
    try:
        reason = await _unanswerable(context, config)
        if reason:
            return Outcome(subject, "load", Status.SKIPPED, note=reason, phase=PHASE)
        wanted = quick(config) if context.quick else config
        source = GATEWAY if _of_itself(config) else context.mode
        result = await run_load(wanted, context.gateway, source=source)
    except BiContractsError as error:
        return Outcome(subject, "load", Status.ERROR, note=str(error), exit_code=ExitCode(error.exit_code), phase=PHASE)
    return outcome(result, SLAThresholds().thresholds, subject=subject)


async def _unanswerable(context: Context, config: BenchmarkConfig) -> str:
    """Why this run cannot put the benchmark to the gateway; "" where it can. The gateway is asked once."""
    try:
        if httpx.URL(config.endpoint).host:
            return f"is not of the gateway: `bi-contracts load {config.name}` measures whole addresses"
        if _of_itself(config) and not await _anybody(context):
            return "no platform behind the gateway answers: how fast it says that it is alive tells nothing"
        answer = await context.gateway.request(
            config.method,
            config.endpoint,
            params={name: str(value) for name, value in config.params.items()},
            json=config.payload,
            headers=dict(config.headers),
        )
    except (httpx.HTTPError, httpx.InvalidURL):
        return ""  # the run itself will tell
    sections = _sections(answer)
    bypassed = [one["id"] for one in sections if one.get("source") == "bypassed"]
    if bypassed and not answer.is_success:
        return f"needs platforms that were not chosen: {_platforms(bypassed)}"
    missing = [one["id"] for one in sections if one.get("source") in ("unavailable", "stale")]
    if missing and context.mode == "replay":
        return f"cannot be known from recordings: none of {', '.join(missing)}"
    return ""


def _of_itself(config: BenchmarkConfig) -> bool:
    """Whether the gateway answers by itself, whatever becomes of the platforms."""
    return config.endpoint.partition("?")[0] in HEALTH


async def _anybody(context: Context) -> bool:
    """Whether any of the platforms that take part answers: all are asked at once who the credential is."""

    async def answers(platform: Platform) -> bool:
        try:
            await context.reader.read(platform.id(platform.endpoint(platform.identity)))
        except BiContractsError:
            return False
        return True

    return any(await asyncio.gather(*map(answers, context.platforms)))


def _sections(answer: httpx.Response) -> list[dict[str, Any]]:
    try:
        found = answer.json()
    except ValueError:
        return []
    sections = found.get("sections") if isinstance(found, dict) else None
    return [one for one in sections if isinstance(one, dict)] if isinstance(sections, list) else []


def _platforms(ids: list[str]) -> str:
    return ", ".join(sorted({id.partition("/")[0] for id in ids}))
