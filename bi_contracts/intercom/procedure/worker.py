"""One sync in a process of its own, measured: `python -m bi_contracts.intercom.procedure.worker`.

The order comes on stdin as JSON, what happens goes to stdout, one JSON object a line. A process of its own is what a
sync takes: the procedure's own memory, and that of a sandbox beside it, do not count.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ...errors import BiContractsError, UpstreamError
from ...startup import without_httpx_cli


@dataclass(frozen=True, slots=True)
class Order:
    """What to sync.

    Attributes:
        root: Folder of the workspace.
        origin: Who answers.
        store: The database.
        days: Conversations updated in the last so many days.
        max_conversations: At most so many, 0 for all.
        steady: Take the time from answers alone, so that a recording of it can be played back.
    """

    root: str
    origin: str
    store: str
    days: float
    max_conversations: int
    steady: bool = False


def main() -> int:
    """Runs one sync. 0 where it ended, 1 where it could not."""
    wire = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever prints must not stand among the lines
    without_httpx_cli()

    def tell(**line: Any) -> None:
        wire.write(f"{json.dumps(line, default=str)}\n")
        wire.flush()

    try:
        tell(done=asyncio.run(synced(Order(**json.loads(sys.stdin.readline())), tell)))
    except BiContractsError as error:
        status = error.status if isinstance(error, UpstreamError) else None
        tell(failed={"kind": type(error).__name__, "message": str(error), "status": status})
        return 1
    finally:
        wire.close()
    return 0


async def synced(order: Order, tell: Any = lambda **_: None) -> dict[str, Any]:
    """Runs the sync and says what it came to, and what it took."""
    from ...cassette.sockets import block_sockets
    from ...session import Upstream
    from ...workspace import Workspace
    from ..store import open_store
    from ..sync import Intercom, SyncSettings, sync
    from .usage import usage

    upstream = Upstream(Workspace.discover(Path(order.root)), order.origin)
    settings = SyncSettings(days=order.days, max_conversations=order.max_conversations)
    with ExitStack() as stack:
        if upstream.recorded:
            stack.enter_context(block_sockets())
        store = stack.enter_context(open_store(order.store))
        async with Intercom(upstream) as intercom:
            if order.steady:
                intercom.clock = Steady(intercom.clock)  # type: ignore[assignment]
            told = await sync(store, intercom, settings, progress=lambda step: tell(step=asdict(step)))
    used = usage()
    assert used is not None
    known = {name: value for name, value in asdict(told).items() if name not in ("dead", "drift", "coverage")}
    return {**known, "dead": len(told.dead), "drift": len(told.drift), "usage": asdict(used)}


class Steady:
    """A clock that shows the time of the last answer, and nothing of the time that has gone by here since."""

    def __init__(self, clock: Any) -> None:
        self._clock, self._at = clock, 0.0

    def read(self, response: Any) -> float:
        """When an answer was written."""
        self._at = self._clock.read(response)
        return self._at

    def now(self) -> float:
        """When the last answer was written."""
        return self._at


if __name__ == "__main__":
    sys.exit(main())
