"""A process that has everything loaded, and brings up children that sync: a child costs a fork and no start.

Each line of standard input is an order: a child syncs the store from the sandbox at an address, and where the order
says so dies by SIGKILL before its n-th statement to the database. Two lines come back: its process id at once, and at
its end how it ended (0, or the signal as a negative number). The first order is carried out by this process itself,
which loads everything; the number of its statements is the second line.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from bi_contracts.intercom.store import open_store
from bi_contracts.intercom.sync import Intercom, SyncSettings, backfill, bodies, sync, windows
from bi_contracts.platforms.intercom import PLATFORM
from bi_contracts.session import Upstream
from bi_contracts.workspace import Workspace

PAGE, BATCH = 5, 3
"""Rows of a page and bodies of a batch: little data makes many of both."""

MANY = 1_000_000


def small() -> None:
    """Little data makes many pages, windows and batches."""
    for function in (Intercom.search, windows.slices, windows.pieces):
        function.__kwdefaults__.update(size=PAGE)  # type: ignore[union-attr]
    setattr(backfill, "PAGE", PAGE)  # noqa: B010 - it is not that module's own
    backfill.SHARD = 2 * PAGE
    bodies.BATCH = BATCH


def deadly(number: int) -> list[int]:
    """Lets this process die before its n-th statement; gives the count, which goes on."""
    count = [0]

    def one(*_: Any) -> None:
        count[0] += 1
        if count[0] == number:
            os.kill(os.getpid(), signal.SIGKILL)

    for name in ("before_cursor_execute", "commit"):
        event.listen(Engine, name, one)
    return count


async def synced(order: dict[str, Any]) -> None:
    folder = Workspace(Path(order["folder"]), environ={"INTERCOM_ACCESS_TOKEN": order["token"]})
    with open_store(order["store"]) as store:
        async with Intercom(Upstream(folder, order["url"]), platform=PLATFORM) as intercom:
            intercom.pace.limit = MANY
            await sync(store, intercom, SyncSettings(version="2.16", concurrency=4))


def child(order: dict[str, Any]) -> int:
    deadly(order.get("statement", 0))
    try:
        asyncio.run(synced(order))
    except Exception as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 1
    return 0


def main() -> None:
    sys.path.append(str(Path(__file__).parents[1]))
    from statements import compiled_once  # type: ignore[import-not-found]

    small()
    with compiled_once():
        carry_out()


def carry_out() -> None:
    count = deadly(0)
    print(os.getpid(), flush=True)
    asyncio.run(synced(json.loads(sys.stdin.readline())))
    print(count[0], flush=True)
    gc.collect()
    gc.freeze()  # what every child has from here is not looked through, and so not copied
    for line in sys.stdin:
        order = json.loads(line)
        process = os.fork()
        if not process:
            os._exit(child(order))
        print(process, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
