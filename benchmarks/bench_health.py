"""Whether alerts are exact, and what a look costs.

    python benchmarks/bench_health.py [--runs 100] [--looks 240] [--platforms 3]

A run watches platforms that flap at random: quiet times, outages, gaps in the watch, maintenance, a channel that fails,
restarts of the process. Every message is held against a recount that looks back over all answers and shares no code
with the monitor: messages = confirmed changes + due reminders, exactly, in every run. The price of a look is measured
with memories that are full, and without the time that platforms and channels take.
"""

from __future__ import annotations

import argparse
import asyncio
import platform as machine
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bi_contracts.health import Evidence, Monitor, Reason, Settings, State
from bi_contracts.health.burn import burning
from bi_contracts.health.memory import load, save
from bi_contracts.health.metrics import exposition
from bi_contracts.health.page import render
from tests.health.flapping import simulate


def exactness(runs: int, looks: int, platforms: int) -> bool:
    """Prints what the runs came to, side by side with what they had to come to."""
    started = time.perf_counter()
    found = [simulate(seed, looks, platforms) for seed in range(runs)]
    took = time.perf_counter() - started
    exact = sum(run.exact for run in found)
    probes = sum(run.probes for run in found)
    print(f"{runs} runs of {looks} looks at {platforms} platforms: {probes:,} probes, {took:.1f} s")
    table(
        ("", "counted", "recount", "ratio"),
        compared("confirmed changes", [run.changes for run in found], [run.expected_changes for run in found]),
        compared("due reminders", [run.reminders for run in found], [run.expected_reminders for run in found]),
        compared(
            "messages made",
            [run.messages for run in found],
            [run.expected_changes + run.expected_reminders for run in found],
        ),
        compared("messages accepted", [run.delivered for run in found], [run.messages for run in found]),
    )
    flips = sum(run.flips for run in found)
    changes = sum(run.changes for run in found)
    print(f"runs that are exact: {exact} of {runs}")
    print(f"answers that differ from the one before: {flips:,}, {flips / changes:.1f} for each confirmed change\n")
    return exact == runs


def compared(name: str, ours: Sequence[int], theirs: Sequence[int]) -> tuple[str, ...]:
    return name, f"{sum(ours):,}", f"{sum(theirs):,}", f"{sum(ours) / sum(theirs):.4f}"


def full(names: Sequence[str]) -> Monitor:
    """A watch that has gone on for more than three days, a look a minute."""
    now = [1_770_000_000.0]
    states = (State.UP,) * 97 + (State.DEGRADED, State.DOWN, State.UP)

    async def probe() -> Sequence[Evidence]:
        state = states[int(now[0] // 60) % len(states)]
        return [Evidence(name, now[0], state, Reason.NONE, "", 0.1, 200, 7, "live") for name in names]

    monitor = Monitor(names, probe, Settings(), clock=lambda: now[0], report=print)

    async def watch() -> None:
        for _ in range(3 * 1440 + 60):
            await monitor.tick()
            now[0] += 60

    asyncio.run(watch())
    return monitor


def costs() -> None:
    """What a look at nine platforms costs, and what its parts do, in microseconds."""
    names = [f"platform{number}" for number in range(9)]
    monitor = full(names)
    look = asyncio.run(monitor.tick())
    budget = monitor.memory.budgets[names[0]]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "health.json"
        save(monitor.memory, path)
        size = path.stat().st_size
        tick = microseconds(lambda: asyncio.run(monitor.tick()), 50)
        rows = [
            ("a look at 9 platforms, nothing written", tick),
            ("  of which burn rates of one platform", microseconds(lambda: burning(budget, look.at, 0.99), 200)),
            ("writing the memory (with fsync)", microseconds(partial(save, monitor.memory, path), 20)),
            ("reading the memory", microseconds(partial(load, path), 20)),
            ("the status page", microseconds(lambda: render(look), 20)),
            ("the metrics", microseconds(lambda: exposition(look), 20)),
        ]
    table(("", "microseconds", "of a look"), *((name, f"{took:,.0f}", f"{took / tick:.2f}") for name, took in rows))
    print(f"memory file: {size / 1000:.0f} kB; page: {len(render(look)) / 1000:.0f} kB")
    kept = [len(ring.buckets) for ring in (budget.minutes, budget.halves, budget.days)]
    print(f"slices kept of a platform: {kept}")


def microseconds(work: Callable[[], object], times: int) -> float:
    """The median of so many times."""
    took = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        took.append(time.perf_counter() - started)
    return statistics.median(took) * 1e6


def table(*rows: Sequence[str]) -> None:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = (cell.rjust(size) for cell, size in zip(row[1:], widths[1:], strict=True))
        print("  ".join([row[0].ljust(widths[0]), *cells]))


def main() -> None:
    parser = argparse.ArgumentParser(description="Whether alerts are exact, and what a look costs.")
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--looks", type=int, default=240)
    parser.add_argument("--platforms", type=int, default=3)
    given = parser.parse_args()
    print(f"Python {machine.python_version()}\n")
    exact = exactness(given.runs, given.looks, given.platforms)
    costs()
    sys.exit(0 if exact else 1)


if __name__ == "__main__":
    main()
