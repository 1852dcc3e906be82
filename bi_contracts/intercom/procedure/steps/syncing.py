"""The sync, in a process of its own, into the database that was just made."""

from __future__ import annotations

import asyncio
import json
import os
import time
from asyncio.subprocess import PIPE
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from .... import errors
from ....errors import BiContractsError, ConfigurationError, UpstreamError
from ..actions import Broken
from ..conclusion import bad, warning
from ..context import Context
from ..line import SYNC, Line, Mark
from ..mcp_client import last_words
from ..running import python
from ..tree import duration, number
from ..worker import Order

FEW = 10
"""Conversations below which no speed is judged: starting takes longer than they do."""


async def run(context: Context) -> None:
    """Syncs. Raises what the sync raised."""
    from ...store import open_store

    context.measured.synced = told = await _synced(context)
    with open_store(context.testbed.store) as store:
        counters = dict(store.status().counters)
        if counters["conversations"]:
            from ..truth import truth_of

            context.truth = truth_of(store)
    context.measured.bytes, context.measured.held = context.testbed.store.stat().st_size, counters["conversations"]
    _lines(context, told, counters)


async def _synced(context: Context) -> Mapping[str, Any]:
    testbed = context.testbed
    if testbed.proxy is not None:
        testbed.proxy.stage = "sync"
    steady = bool(testbed.roots) or context.settings.record is not None
    order = Order(str(testbed.root("sync")), testbed.origin, str(testbed.store), testbed.days, testbed.most, steady)
    log = testbed.folder / "sync.log"
    with log.open("wb") as errors_file:
        process = await asyncio.create_subprocess_exec(
            *python("-m", "bi_contracts.intercom.procedure.worker"),
            stdin=PIPE,
            stdout=PIPE,
            stderr=errors_file,
            env={**os.environ, **testbed.environ},
            limit=2**24,
        )
    try:
        if (told := await _followed(context, process, json.dumps(asdict(order)))) is not None:
            return told
        code = await process.wait()
        words = last_words(log) or "without a word"
        raise Broken(f"the sync's process ended with code {code}: {words}", "sync")
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _followed(context: Context, process: asyncio.subprocess.Process, order: str) -> Mapping[str, Any] | None:
    """What the process told at its end, None where it ended without a word. Raises what it met."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{order}\n".encode())
    process.stdin.close()
    started, points = 0.0, context.measured.progress
    async for line in process.stdout:
        told = json.loads(line)
        if step := told.get("step"):
            if not points:  # the process took its time to begin: that is no part of the sync
                started = time.perf_counter()
                points.append((0.0, 0.0))
            if step["phase"] == "conversations":
                points.append((time.perf_counter() - started, float(step["done"])))
            context.step(f"sync: {step['phase']}", step["done"] / step["total"] if step.get("total") else 0.0)
        if "failed" in told:
            raise failure(told["failed"])
        if "done" in told:
            found: Mapping[str, Any] = told["done"]
            return found
    return None


def failure(told: Mapping[str, Any]) -> BiContractsError:
    """The error that the sync's process met, made again here."""
    kind, message = getattr(errors, str(told.get("kind")), ConfigurationError), str(told.get("message"))
    if not (isinstance(kind, type) and issubclass(kind, BiContractsError)):
        return ConfigurationError(message)
    if issubclass(kind, UpstreamError) and kind not in (errors.TimedOut, errors.BreakerOpen):
        return kind(message, status=told.get("status"))
    try:
        return kind(message)
    except TypeError:
        return ConfigurationError(message)


def _lines(context: Context, told: Mapping[str, Any], counters: Mapping[str, int]) -> None:
    run_, seconds = told["run"], told["run"]["milliseconds"] / 1000
    conversations, messages = counters["conversations"], counters["parts"]
    context.say(_range(context, run_))
    context.say(_conversations(told, counters))
    rate = messages / seconds if seconds else 0.0
    context.say(
        Line(
            SYNC,
            "Messages",
            f"{messages:,} messages processed, {number(rate)}/second",
            _judged(context, "message_speed", rate, conversations),
            problem="slow sync",
            figures={"messages": float(messages), "messages_per_second": rate},
            target=context.target("message_speed"),
        )
    )
    context.say(Line(SYNC, "Customers", f"{counters['contacts']:,} unique customers"))
    context.say(_speed(context, run_, seconds, conversations))
    context.say(_calls(context, run_, conversations))
    context.say(Line(SYNC, "Duration", duration(seconds), elapsed=seconds, figures={"duration_s": seconds}))


def _range(context: Context, run_: Mapping[str, Any]) -> Line:
    days, until = context.testbed.days, int(run_["started_at"])
    first, last = (datetime.fromtimestamp(at, UTC).date() for at in (until - days * 86_400, until))
    return Line(SYNC, "Date Range", f"{first} to {last} ({days:g} days)", Mark.PLAIN)


def _conversations(told: Mapping[str, Any], counters: Mapping[str, int]) -> Line:
    held, figures = counters["conversations"], {"conversations": float(counters["conversations"])}
    if told["run"]["outcome"] not in ("done", "partial"):
        return bad(SYNC, "Conversations", f"{held:,} synced, then: {told['run']['error']}", "sync", figures=figures)
    open_ends = {
        "without their messages yet": counters["pending"],
        "unreadable, kept as they were sent": told["dead"],
        "with more than 500 messages, of which the older ones are not sent": counters["truncated"],
    }
    missing = [f"{count:,} {words}" for words, count in open_ends.items() if count]
    if missing:
        return warning(
            SYNC, "Conversations", f"{held:,} synced; {'; '.join(missing)}", "incomplete sync", figures=figures
        )
    if not held:
        return warning(SYNC, "Conversations", "0 synced: nothing was updated in that time", "no data", figures=figures)
    return Line(SYNC, "Conversations", f"{held:,} synced successfully", figures=figures, samples=held)


def _judged(context: Context, key: str, rate: float, conversations: int) -> Mark:
    return context.judge(key, rate) if conversations >= FEW else Mark.GOOD


def _speed(context: Context, run_: Mapping[str, Any], seconds: float, conversations: int) -> Line:
    rate = run_["conversations"] / seconds if seconds else 0.0
    mark = _judged(context, "sync_speed", rate, conversations)
    few = ", too few to judge" if conversations < FEW else ""
    made = bad if mark is Mark.BAD else Line
    more: dict[str, Any] = {
        "figures": {"conversations_per_second": rate},
        "target": context.target("sync_speed"),
        "elapsed": seconds,
    }
    text = f"{number(rate)} conversations/second{few}"
    if made is bad:
        return bad(SYNC, "Sync Speed", text, "slow sync", exit_code=errors.ExitCode.SLA_BREACHED, **more)
    return Line(SYNC, "Sync Speed", text, mark, problem="slow sync", **more)


def _calls(context: Context, run_: Mapping[str, Any], conversations: int) -> Line:
    calls, refused, retried = run_["calls"], run_["refused"], run_["retried"]
    each = calls / conversations if conversations else 0.0
    text = f"{calls:,} calls ({each:.2f} per conversation)" if conversations else f"{calls:,} calls"
    figures = {"calls": float(calls), "calls_each": each, "refused": float(refused), "retried": float(retried)}
    if refused:
        said = f"{text}; {refused:,} refused with 429"
        return warning(SYNC, "API Calls", said, "rate limited", figures=figures, target=context.target("refused"))
    if retried:
        return warning(SYNC, "API Calls", f"{text}; {retried:,} repeated after failures", "retried", figures=figures)
    return Line(SYNC, "API Calls", f"{text}, none refused", figures=figures, samples=calls)
