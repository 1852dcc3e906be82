"""What comes after the last good answer: a recording, or made-up rows. Neither is there unless it is asked for."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import BiContractsError
from ..interaction import Source
from ..paths import Json
from ..reading import Reader
from ..registry import Target
from ..resilience import Fallback, Kept, Mock, Recording
from ..session import Upstream
from .sources import Got, MakeFallback

ROWS = 25
SEED = "gateway"


def recording(reader: Reader, one: Target, arguments: Mapping[str, Json]) -> Fallback:
    """The workspace's recording of a list, as the last good answer; marked stale, with its age and who answered.

    Where the platforms themselves are asked, a recording of the sandbox is none of theirs and is not told.
    """

    async def read() -> Kept | None:
        async with Reader(Upstream(reader.upstream.workspace, "replay")) as kept:
            try:
                found = await kept.read(one.id, max_pages=None, **arguments)
            except BiContractsError:
                return None
        if reader.upstream.origin == "live" and found.source is not Source.LIVE:
            return None
        at = found.at if found.recorded_at is None else found.recorded_at
        return Kept(Got(found.records, str(found.source), found.at, found.complete), at)

    return Recording(read)


def mock(reader: Reader, one: Target, arguments: Mapping[str, Json]) -> Fallback:  # noqa: ARG001
    """Made-up rows that keep the contract; marked mock, and never a success."""

    def make() -> Got:
        from ..contract import Contract
        from ..mock import records

        path = reader.upstream.workspace.find_contract(one.id)
        made = records(one.platform, one.endpoint, None if path is None else Contract.load(path), ROWS, SEED)
        rows: tuple[Json, ...] = made.records
        return Got(rows, "mock", made.at, True)

    return Mock(make)


FALLBACKS: dict[str, MakeFallback] = {"recording": recording, "mock": mock}
"""By the name that the command line gives them."""
