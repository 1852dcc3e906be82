"""Memory over time: watched into a file, and what such a file shows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import TextIO

from .line import Mark
from .result import Result, Row, Section
from .sampling import INTERVAL, Sample, samples
from .targets import TARGETS
from .trend import trend

SLICE = 0.1
"""Seconds after which a signal to stop is heeded."""

GROWS, SHORT = "grows", "too short to tell"
BLOCKS = "▁▂▃▄▅▆▇█"
WIDEST = 40
USUAL, MOST = TARGETS["memory_mb"].limit, TARGETS["peak_memory_mb"].limit
"""In MB: during a sync, and at the peak of a large one."""

TELLING = 30.0
"""Seconds below which nothing is said of a trend: whatever starts, grows."""

GROWTH = 0.02
"""Share of its median that a process must gain over the second half of what was watched to be called growing."""


@dataclass(slots=True)
class Watch:
    """Watching goes on until `stop` is called, the time is over or nothing that was named is there any more."""

    pids: Sequence[int] = ()
    interval: float = INTERVAL
    duration: float | None = None
    sleep: Callable[[float], None] = time.sleep
    stopped: bool = False
    seen: int = 0

    def stop(self) -> None:
        """Ends it after the look that is being taken."""
        self.stopped = True

    def into(self, file: TextIO) -> int:
        """Writes what is seen, line by line. Gives how many samples that were."""
        until = None if self.duration is None else time.monotonic() + self.duration
        while not self.stopped:
            found = samples(self.pids)
            for one in found:
                file.write(f"{one.line()}\n")
            file.flush()
            self.seen += len(found)
            if (self.pids and not found) or (until is not None and time.monotonic() >= until):
                break
            self._pause()
        return self.seen

    def _pause(self) -> None:
        """In slices: Python goes on sleeping after a signal, and whoever sends one does not want to wait."""
        until = time.monotonic() + self.interval
        while not self.stopped and (left := until - time.monotonic()) > 0:
            self.sleep(min(left, SLICE))


def analyze(found: Iterable[Sample], where: str) -> Result:
    """What was watched, process by process: how much, when, and in which pattern."""
    by_process: dict[tuple[int, str], list[Sample]] = {}
    for one in found:
        by_process.setdefault((one.pid, one.name), []).append(one)
    sections = [_section(name, pid, known) for (pid, name), known in by_process.items()]
    if not sections:
        sections = [Section("Processes", (Row("Samples", "none", mark=Mark.SKIPPED, note=f"{where} is empty"),))]
    grows = [
        section.title
        for section in sections
        if any(row.mark is Mark.WARNING and row.value == GROWS for row in section.rows)
    ]
    advice = (f"{', '.join(grows)}: look for a leak: bi-contracts intercom memory leaks",) if grows else ()
    return Result("memory analyze", f"Memory in {Path(where).name}", "", tuple(sections), advice)


def judged(name: str) -> bool:
    """Whether the targets are meant for a process: for syncs and servers, and the workers of both.

    `test` and the commands that measure have the sandbox, the reports and what they compare with in them.
    """
    return name in ("sync", "serve") or name.endswith(".worker")


def pattern(values: Sequence[int], seconds: float = TELLING) -> str:
    """How memory went in so many seconds: `steady`, `grows`, `rises once`, `peaks` or `too short to tell`."""
    if len(values) < 8 or seconds < TELLING:
        return SHORT
    middle = sorted(values)[len(values) // 2]
    half = values[len(values) // 2 :]
    gained = trend(_thinned(half))
    if gained.grows(GROWTH * middle / max(1, gained.n)):
        return GROWS
    top = max(values)
    if top > 1.25 * values[-1]:
        return "peaks"
    step = max((later - earlier for earlier, later in pairwise(values)), default=0)
    return "rises once" if step > 0.25 * middle else "steady"


def sparkline(values: Sequence[float], width: int = WIDEST) -> str:
    """Values over time in at most so many blocks, from the least to the most of them."""
    if not values:
        return ""
    size = -(-len(values) // width)
    highs = [max(values[start : start + size]) for start in range(0, len(values), size)]
    low, most = min(highs), max(highs)
    span = (most - low) or 1.0
    return "".join(BLOCKS[min(7, int(8 * (high - low) / span))] for high in highs)


def html(found: Sequence[Sample], title: str = "Memory") -> str:
    """A page with a chart of it."""
    from ...report import Chart, Finished, Outcome, Series, Started, Status, render

    start = min((one.at for one in found), default=0.0)
    points: dict[str, list[tuple[float, float]]] = {}
    for one in found:
        points.setdefault(f"{one.name} ({one.pid})", []).append((one.at - start, one.rss / 1e6))
    series = tuple(Series(name, tuple(known)) for name, known in points.items())
    chart = Chart("timeline", "Resident memory", "s", "MB", series, {"target during a sync": USUAL})
    figures = {"peak_mb": max((one.rss for one in found), default=0) / 1e6}
    outcome = Outcome("intercom/memory", "memory", Status.PASSED, figures=figures, charts=(chart,))
    return render([Started(title, "memory", datetime.fromtimestamp(start, UTC)), outcome, Finished()], "html")


def _section(name: str, pid: int, known: Sequence[Sample]) -> Section:
    values = [one.rss for one in known]
    peak, length = max(values) / 1e6, known[-1].at - known[0].at
    told, counts = pattern(values, length), judged(name)
    mark = Mark.GOOD if peak < USUAL else Mark.WARNING if peak < MOST else Mark.BAD
    peaked = Row("Peak", peak, "MB", mark, f"<{USUAL:g} MB, never over {MOST:g} MB", key="memory_peak_mb")
    if not counts:
        peaked = Row("Peak", peak, "MB", note="not judged: neither a sync nor a server")
    return Section(
        f"{name} ({pid})",
        (
            peaked,
            Row("At first, at last", f"{values[0] / 1e6:.1f} MB, {values[-1] / 1e6:.1f} MB"),
            Row("Watched", length, "s", note=f"{len(known)} samples"),
            Row("Pattern", told, mark=_MARKS.get(told, Mark.GOOD) if counts else Mark.PLAIN),
            Row("Over time", sparkline(values)),
        ),
    )


_MARKS = {GROWS: Mark.WARNING, SHORT: Mark.PLAIN}


def _thinned(values: Sequence[int], most: int = 100) -> list[int]:
    """At most so many of them, evenly: the test compares all pairs."""
    size = -(-len(values) // most)
    return list(values[::size]) if size else []
