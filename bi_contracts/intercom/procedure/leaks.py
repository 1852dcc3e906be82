"""Looks for memory that is not given back: the same work in rounds, in a process of its own, and a test for a trend."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass

from ...errors import BiContractsError, UpstreamError
from .line import Mark
from .result import Result, Row, Section
from .sampling import resident
from .trend import LEAST, trend

ROUNDS = 24
WARM_UP = 8
"""Rounds that do not count: caches fill, modules are loaded."""

TRACED = 8 * 1024
"""Bytes a round of Python objects from which on growth is called a leak."""

RESIDENT = 64 * 1024
"""Bytes a round of resident memory from which on growth is called a leak; the allocator rounds generously."""


@dataclass(frozen=True, slots=True)
class Round:
    """What was held after a round: `traced` by Python's objects, `rss` by the process, both in bytes."""

    traced: int
    rss: int


def rounds(work: Callable[[], object], number: int) -> Iterator[Round]:
    """Does the work so often, in this process, and tells after each time what is held."""
    mine = not tracemalloc.is_tracing()
    if mine:
        tracemalloc.start()
    try:
        for _ in range(number):
            work()
            gc.collect()
            yield Round(tracemalloc.get_traced_memory()[0], resident())
    finally:
        if mine:
            tracemalloc.stop()


def judge(found: Sequence[Round], source: str, warm_up: int = WARM_UP) -> Result:
    """Whether memory grows from round to round, once it is warm."""
    warm = found[min(warm_up, max(0, len(found) - LEAST)) :]
    grown = (
        _row("Python objects", [one.traced for one in warm], TRACED, "traced_growth_bytes"),
        _row("Resident memory", [one.rss for one in warm], RESIDENT, "rss_growth_bytes"),
    )
    said = (
        Row("Rounds", len(found), note=f"the first {len(found) - len(warm)} to warm up"),
        Row("Resident at the end", found[-1].rss / 1e6 if found else 0.0, "MB", key="rss_mb"),
    )
    leaks = any(row.mark is Mark.BAD for row in grown)
    advice = (
        ("Look at the growth by line: python -X tracemalloc=10, then tracemalloc.take_snapshot()",) if leaks else ()
    )
    data = {"rounds": [asdict(one) for one in found]}
    return Result("memory leaks", "Memory leaks", source, (Section("Growth", (*grown, *said)),), advice, data)


def _row(name: str, values: list[int], threshold: int, key: str) -> Row:
    if len(values) < LEAST:
        return Row(name, "too few rounds to tell", mark=Mark.SKIPPED, note=f"{LEAST} are needed after the warm-up")
    found = trend(values)
    mark = Mark.BAD if found.grows(threshold) else Mark.GOOD
    note = f"chance of that without growth {found.chance:.2g}"
    return Row(name, found.slope / 1000, "KB a round", mark, f"below {threshold / 1000:.3g}", note, key)


def in_a_process(number: int, conversations: int) -> list[Round]:
    """Rounds of sync and queries on the sandbox, in a new process. Raises `UpstreamError` with what it said."""
    code = f"from {__name__} import child; child({number}, {conversations})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["it said nothing"]
        raise UpstreamError(f"the process that was to be measured ended with {done.returncode}: {said[-1]}")
    return [Round(**json.loads(line)) for line in done.stdout.splitlines() if line.startswith("{")]


def child(number: int, conversations: int) -> None:
    """What that process does: prints a line a round."""
    from .workload import round_of_work

    try:
        work = round_of_work(conversations)
        work()  # what is imported on the way is no round's
        for one in rounds(work, number):
            print(json.dumps(asdict(one)), flush=True)
    except BiContractsError as error:
        sys.exit(str(error))
