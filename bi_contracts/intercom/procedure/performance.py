"""The figures of the system beside their targets: sync, writes, queries, memory; with a profile also by layer."""

from __future__ import annotations

import asyncio
import cProfile
import pstats
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import ExitCode
from ...session import Upstream
from ...workspace import Workspace
from ..records import whole_conversation
from . import data, database, queries
from .figures import per_second
from .line import Mark
from .result import Result, Row, Section
from .targets import TARGETS
from .workload import Measured, measured

if TYPE_CHECKING:
    from ..store.store import Store
    from ..sync import SyncSettings

WRITTEN = 1000
"""Made-up conversations whose writing is measured by itself."""


@dataclass(frozen=True, slots=True)
class Performance:
    """What was measured."""

    sync: Measured
    sections: tuple[Section, ...]
    layers: Mapping[str, float] = field(default_factory=dict)

    def result(self) -> Result:
        """Beside the targets. A target that is missed ends the process with 6."""
        sections = [*self.sections]
        if self.layers:
            sections.append(Section("Time by layer", _layer_rows(self.layers)))
        data = {"layers": dict(self.layers)} if self.layers else {}
        found = Result(
            "performance", "Performance", self.sync.source, tuple(sections), data=data, missed=ExitCode.SLA_BREACHED
        )
        slow = found.mark in (Mark.BAD, Mark.WARNING)
        return replace(found, advice=ADVICE) if slow else found


ADVICE = ("Say where the time of a sync goes: bi-contracts intercom diagnose",)


def run(
    space: Workspace,
    upstream: Upstream,
    folder: Path,
    settings: SyncSettings,
    *,
    number: int = 100,
    profile: bool = False,
    written: int = WRITTEN,
) -> Performance:
    """Syncs into a store of its own, asks it, and writes made-up conversations into another. Raises as `sync` does."""
    from ..store import open_store

    profiler = cProfile.Profile() if profile else None
    with open_store(folder / "performance.db") as store:
        found = _profiled(lambda: asyncio.run(measured(upstream, store, settings)), profiler)
        asked = database.answering(queries.times(store, number))
        sync, size = _sync(found), _size(store)
    with open_store(folder / "written.db") as store:
        bodies = [whole_conversation(one.value) for one in data.made(space, written)]
        writing = database.writing(store, bodies)
    sections = (
        Section("Sync", sync),
        Section("Database writes (made-up data)", writing),
        Section("Queries", asked),
        Section("Resources", (*_memory(found), size)),
    )
    return Performance(found, sections, layers(profiler) if profiler else {})


def _profiled(work: Callable[[], Measured], profiler: cProfile.Profile | None) -> Measured:
    return work() if profiler is None else profiler.runcall(work)


def _sync(found: Measured) -> tuple[Row, ...]:
    run, wall = found.synced.run, found.clocks.wall
    each = found.synced.calls_each
    note = "" if found.source == "live" else "no network in it"
    speed, messages = per_second(run.conversations, wall), per_second(run.parts, wall)
    return (
        Row.held(TARGETS["sync_speed"], "Sync speed", speed, "conversations/s", note=note),
        Row.held(TARGETS["message_speed"], "Message processing", messages, "messages/s"),
        Row("429 answers", run.refused, mark=TARGETS["refused"].judge(run.refused), target="none", key="refused"),
        Row("API calls", run.calls, note=f"{each:.3g} a conversation" if each else "", key="calls"),
        Row("Conversations", run.conversations, note=f"{run.parts} messages", key="conversations"),
        Row("Duration", wall, "s", key="sync_s"),
    )  # fmt: skip


def _memory(found: Measured) -> tuple[Row, ...]:
    note = "this process, a sandbox in it too" if found.source != "live" else "this process"
    peak = found.peak / 1e6
    return (Row.held(TARGETS["memory_mb"], "Memory peak during the sync", peak, "MB", note=note, key="memory_peak_mb"),)


def _size(store: Store) -> Row:
    status = store.status()
    held = status.counters.get("conversations", 0)
    each = f"{status.bytes / held / 1000:.3g} KB a conversation" if held else ""
    return Row("Database size", status.bytes / 1e6, "MB", note=each, key="database_mb")


LAYERS: Mapping[str, tuple[str, ...]] = {
    "store": ("/intercom/store/", "/sqlalchemy/", "/psycopg", "sqlite3", "/intercom/sync/"),
    "decode": ("/intercom/records", "/intercom/raw", "/intercom/text", "/json/", "zlib", "_json", "blake2"),
    "sandbox": ("/bi_contracts/sandbox/", "/bi_contracts/queries/"),
    "client": ("/httpx/", "/httpcore/", "/h11/", "/anyio/", "/bi_contracts/"),
    "waiting": ("select.epoll", "select.kqueue", "select.poll", "_overlapped"),
}
"""Layer -> what stands in the file or name of a function of it. The first that fits counts."""


def layers(profiler: cProfile.Profile) -> dict[str, float]:
    """Seconds by layer: what is built in counts for whoever called it."""
    stats: dict[Any, Any] = pstats.Stats(profiler).stats  # type: ignore[attr-defined]
    found: dict[str, float] = {}
    for (file, _, name), (_, _, own, _, callers) in stats.items():
        layer = layer_of(name if file == "~" else file)
        if layer is not None or not callers:
            found[layer or "other"] = found.get(layer or "other", 0.0) + own
            continue
        for (calling, _, caller), told in callers.items():
            above = layer_of(caller if calling == "~" else calling) or "other"
            found[above] = found.get(above, 0.0) + told[2]
    return dict(sorted(found.items(), key=lambda one: -one[1]))


def layer_of(where: str) -> str | None:
    """The layer of a file, or of a built-in function by its name; None where it is of none."""
    known = where.replace("\\", "/")
    return next((layer for layer, marks in LAYERS.items() if any(mark in known for mark in marks)), None)


def _layer_rows(found: Mapping[str, float]) -> tuple[Row, ...]:
    total = sum(found.values()) or 1.0
    words = {"waiting": "waiting for the network or for a turn", "client": "HTTP client", "store": "sync and store"}
    return tuple(
        Row(words.get(layer, layer), 100 * seconds / total, "%", note=f"{seconds:.2f} s under the profiler")
        for layer, seconds in found.items()
    )
