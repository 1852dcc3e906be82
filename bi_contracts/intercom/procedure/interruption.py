"""A sync whose connection is cut again and again, against one that nobody disturbs: both must hold the same."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from ...errors import BiContractsError
from ...sandbox.asgi import application
from ...serving import running
from ...session import Upstream
from ...workspace import Workspace
from ..store import open_store
from ..sync import SyncSettings
from .contents import Difference, contents
from .cutting_proxy import Cuts, cutting
from .line import Mark
from .result import Result, Row, Section
from .workload import Measured, measured, sandboxed

UNLIMITED = (10_000, 10.0)
"""Calls in so many seconds that the sandbox states: who is cut is to wait for the connection, not for a rate limit."""


def run(space: Workspace, folder: Path, conversations: int, cuts: Cuts) -> Result:
    """Both syncs, on the sandbox: connections to Intercom itself are encrypted, and nobody can cut their bodies."""
    wanted_cuts = cuts.times
    with open_store(folder / "calm.db") as store:
        calm = asyncio.run(measured(sandboxed(space, conversations), store, SyncSettings()))
        wanted = contents(store)
    given = sandboxed(space, conversations).sandbox
    given.limit("intercom", *UNLIMITED)
    with (
        running(application(given)) as served,
        cutting(served, cuts) as url,
        open_store(folder / "cut.db") as store,
    ):
        # Without credentials of the environment: what is live stays away from a sandbox.
        upstream = Upstream(replace(space, environ={}), url, given)
        found, error = _survived(upstream, store)
        left = Difference.of(wanted, contents(store))
    return result(calm, found, cuts, wanted_cuts, left, len(wanted), error)


def _survived(upstream: Upstream, store: object) -> tuple[Measured | None, str]:
    try:
        return asyncio.run(measured(upstream, store, SyncSettings())), ""  # type: ignore[arg-type]
    except BiContractsError as error:
        return None, str(error)


def result(
    calm: Measured, found: Measured | None, cuts: Cuts, wanted: int, left: Difference, held: int, error: str = ""
) -> Result:
    """What came of it."""
    enough = cuts.made >= wanted
    connection = (
        Row("Cut in the middle of an answer", cuts.made, "times", Mark.GOOD if enough else Mark.WARNING, f"{wanted}"),
        Row("Refused", cuts.refused, "connections", note=f"for {cuts.refused_for:g} s after each cut"),
    )
    sync: tuple[Row, ...] = (Row("Sync", error or "did not end", mark=Mark.BAD),)
    if found is not None:
        run = found.synced.run
        sync = (
            Row("Sync", f"ended: {run.outcome}", mark=Mark.GOOD if run.outcome == "done" else Mark.BAD),
            Row("Calls without an answer", found.traffic.failed, note=f"{run.retried} calls were made again"),
            Row("Duration", found.clocks.wall, "s", note=f"{calm.clocks.wall:.3g} s undisturbed, in process"),
        )
    content = (
        Row("Content", str(left), mark=Mark.GOOD if left.none else Mark.BAD, target="identical"),
        Row("Conversations", held),
    )
    advice = () if enough else ("Ask for more conversations: the sync was over before all cuts were made",)
    sections = (
        Section("Connection", connection),
        Section("Sync", sync),
        Section("Against an undisturbed sync", content),
    )
    return Result("interruption", "Network interruption", "sandbox", sections, advice)
