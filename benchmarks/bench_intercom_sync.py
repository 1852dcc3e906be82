"""How near a sync of Intercom comes to what the API allows, and what a conversation costs.

    python benchmarks/bench_intercom_sync.py [--conversations 5000] [--heads 50000] [--limit 1667] [--latency 0.15]

The sandbox answers, in this process, after `--latency` seconds and within `--limit` calls in ten seconds, which it
enforces; the ceiling is limit / 10 x 150 / 151 conversations a second. Three parts:

- `simulated`: time passes only by waiting, as if computing cost nothing: what the pace is worth.
- `wall`: the same by the clock on the wall, sandbox, client and store on one core: what comes of it here.
- `heads`: until the heads of `--heads` conversations are searchable, in simulated time.

`CPU` is milliseconds a conversation for sandbox, client, contracts and store together; RSS includes the sandbox's rows.
Nothing fails here: figures are printed beside their targets.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import resource
import selectors
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from bi_contracts.intercom.store import open_store
from bi_contracts.intercom.sync import Intercom, Step, Synced, SyncSettings, sync
from bi_contracts.registry import platform
from bi_contracts.sandbox import Sandbox
from bi_contracts.session import Upstream
from bi_contracts.workspace import Workspace

BEGIN = 1_800_000_000.0


class Impatient(selectors.DefaultSelector):
    """Waits for nothing: whoever would have waited is told how long, and goes on."""

    def __init__(self, waited: Callable[[float], None]) -> None:
        super().__init__()
        self._waited = waited

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is not None and timeout > 0:
            self._waited(timeout)
            timeout = 0
        return super().select(timeout)


class Simulated(asyncio.SelectorEventLoop):
    """An event loop whose time passes only by waiting, and then at once."""

    def __init__(self) -> None:
        self._seconds = 0.0
        super().__init__(Impatient(self._pass))

    def _pass(self, seconds: float) -> None:
        self._seconds += seconds

    def time(self) -> float:
        return self._seconds


class Enough(Exception):
    """The heads are there."""


def sandbox(rows: int, limit: int, latency: float, clock: Callable[[], float]) -> Sandbox:
    made = Sandbox([platform("intercom")], rows=rows, clock=clock)
    made.clock.set(made.world.present)
    made.limit("intercom", limit, 10)
    made.fault(f"latency={latency}", times=None)
    return made


def run(work: Callable[[], Awaitable[Any]], loop: asyncio.AbstractEventLoop) -> Any:
    async def whole() -> Any:
        return await work()

    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(whole())


def synced(upstream: Upstream, folder: Path, loop: asyncio.AbstractEventLoop, **settings: Any) -> Synced:
    async def work() -> Synced:
        with open_store(folder / "store.db") as store:
            async with Intercom(upstream) as intercom:
                return await sync(store, intercom, SyncSettings(), **settings)

    found: Synced = run(work, loop)
    return found


def measured(name: str, rows: int, limit: int, latency: float, *, simulated: bool) -> None:
    loop: asyncio.AbstractEventLoop = Simulated() if simulated else asyncio.new_event_loop()
    with tempfile.TemporaryDirectory() as folder:
        made = sandbox(rows, limit, latency, lambda: BEGIN + loop.time() if simulated else time.time())
        upstream = Upstream(Workspace(Path(folder)), "sandbox", made)
        began = time.process_time()
        done = synced(upstream, Path(folder), loop)
        cpu = 1000 * (time.process_time() - began) / rows
        made.clock.advance(1000)
        again_loop: asyncio.AbstractEventLoop = Simulated() if simulated else asyncio.new_event_loop()
        again = synced(upstream, Path(folder), again_loop)
    ceiling = limit / 10 * 150 / 151
    print(
        f"{name:<10} {done.run.conversations:>7} conversations  {done.rate:7.1f}/s"
        f"  {100 * done.rate / ceiling:5.1f} % of the ceiling (target 95)  429: {done.run.refused} (target 0)"
        f"  calls each {done.calls_each:.4f} (target 1.01)  nothing changed: {again.run.calls} call  CPU {cpu:.2f} ms"
    )


def heads(rows: int, limit: int, latency: float) -> None:
    loop = Simulated()
    with tempfile.TemporaryDirectory() as folder:
        made = sandbox(rows, limit, latency, lambda: BEGIN + loop.time())
        upstream = Upstream(Workspace(Path(folder)), "sandbox", made)

        def told(step: Step) -> None:
            if step.phase == "heads" and step.done >= rows:
                raise Enough

        with contextlib.suppress(Enough):
            synced(upstream, Path(folder), loop, progress=told)
        print(f"heads      {rows:>7} conversations  searchable after {loop.time():.1f} s simulated (target 60)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--conversations", type=int, default=5000)
    parser.add_argument("--heads", type=int, default=50_000)
    parser.add_argument("--limit", type=int, default=1667)
    parser.add_argument("--latency", type=float, default=0.15)
    parser.add_argument("--quick", action="store_true", help="Simulated time only, and few conversations.")
    given = parser.parse_args()
    rows = min(given.conversations, 1000) if given.quick else given.conversations
    measured("simulated", rows, given.limit, given.latency, simulated=True)
    if not given.quick:
        measured("wall", rows, given.limit, given.latency, simulated=False)
        heads(given.heads, given.limit, given.latency)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    print(f"RSS        {peak:.0f} MB at most, rows of the sandbox included")


if __name__ == "__main__":
    main()
