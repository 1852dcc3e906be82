"""Syncs in a process of its own, for a server: `python -m bi_contracts.intercom.server.worker`.

So the server's memory stays what serving takes, its tools answer while a sync computes, and a sync that dies takes
nobody with it. The order comes on stdin; what happens goes to stdout. When stdin ends (the server ended, however it
did), the sync is cancelled between two batches and its lease released.
"""

from __future__ import annotations

import asyncio
import dataclasses
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Any

from ...errors import BiContractsError, StoreBusy
from ...startup import without_httpx_cli
from .logs import configure, place
from .orders import Order, order_of, said

Tell = Callable[[dict[str, Any]], None]


def main() -> int:
    """Runs one sync. 0 where it ended well, 1 where it did not."""
    # Whatever prints must not stand among the lines that the server reads.
    wire = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)

    def tell(line: dict[str, Any]) -> None:
        with suppress(OSError):  # the server is gone; stdin says so too
            wire.write(said(line))

    without_httpx_cli()
    configure("WARNING")
    return obey(sys.stdin.buffer.readline(), tell)


def obey(line: bytes, tell: Tell, stdin: int = 0) -> int:
    """Does what a line orders, until it is done or `stdin` ends."""
    try:
        asyncio.run(_until_ended(order_of(line), tell, stdin))
    except asyncio.CancelledError:
        tell({"failed": {"kind": "Cancelled", "message": "the sync was stopped; the next one goes on from there"}})
        return 1
    except Exception as error:
        tell({"failed": failure(error)})
        return 1
    return 0


def failure(error: Exception) -> dict[str, Any]:
    """What to tell of an error; of one that is our own mistake, its kind and place only."""
    known: dict[str, Any] = {"kind": type(error).__name__, "message": str(error)}
    if isinstance(error, StoreBusy):
        known |= {"holder": error.holder, "expires_in": error.expires_in}
    if not isinstance(error, BiContractsError):
        known["message"] = f"the sync failed at {place(error)}"
    return known


async def _until_ended(order: Order, tell: Tell, stdin: int) -> None:
    """Syncs until it is done, stdin ends or a signal comes."""
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(run(order, tell))
    for number in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError):  # Windows has no handlers in loops
            loop.add_signal_handler(number, task.cancel)

    def watch() -> None:
        while os.read(stdin, 4096):
            pass
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(task.cancel)

    Thread(target=watch, name="stdin", daemon=True).start()
    await task


async def run(order: Order, tell: Tell) -> None:
    """One sync, told step by step."""
    from ...registry import platform
    from ...session import Upstream
    from ...workspace import Workspace
    from ..store import open_store
    from ..sync import Intercom, Step, SyncSettings, sync

    space = Workspace.discover(Path(order.root))
    upstream = Upstream(space, order.origin)
    upstream.credentials(platform("intercom", space))

    def progress(step: Step) -> None:
        tell({"step": dataclasses.asdict(step)})

    settings = SyncSettings(**order.settings)
    with open_store(order.store) as store:
        async with Intercom(upstream, region=settings.region, version=settings.version) as intercom:
            synced = await sync(store, intercom, settings, progress=progress)
    tell(
        {
            "done": {
                "run": dataclasses.asdict(synced.run),
                "written": dataclasses.asdict(synced.written),
                "heads": synced.heads,
                "deleted": synced.deleted,
                "pending": synced.pending,
                "warnings": list(synced.warnings),
            }
        }
    )


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    # The thread that watches stdin may still read: an ordinary end would wait for its lock.
    os._exit(code)
