"""The usual ways to begin: one look at the platforms of an upstream, or a watch with a memory."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..files import check_writable
from ..platform import Platform
from ..session import Upstream
from . import memory as remembered
from .evidence import Evidence, Reason, State
from .look import Look
from .monitor import Monitor
from .probe import Prober
from .settings import Settings
from .shared import Shared
from .state import Standing

if TYPE_CHECKING:
    from .channels import Channel


async def probe(
    upstream: Upstream, platforms: Sequence[Platform], settings: Settings | None = None
) -> tuple[Evidence, ...]:
    """Asks every platform once, all at the same time, and remembers nothing.

    Raises `ConfigurationError` for recordings, which are no fresh evidence, and for settings that cannot be used.
    """
    async with Prober(upstream, settings or Settings.of(upstream.workspace)) as prober:
        return await prober.probe(platforms)


@asynccontextmanager
async def monitor(
    upstream: Upstream,
    platforms: Sequence[Platform],
    settings: Settings,
    *,
    mode: str,
    memory: Path | None = None,
    send: bool = True,
    report: Callable[[str], None],
) -> AsyncIterator[Monitor]:
    """A watch of platforms, which remembers in the file `memory`, if there is one; and sends messages, if it may.

    A file that is damaged is set aside with a word to `report`, and the watch begins anew. Raises
    `ConfigurationError` for recordings, for channels that are not usable, and for a file that cannot be written.
    """
    if memory is not None:
        check_writable(memory)
    async with AsyncExitStack() as stack:
        prober = await stack.enter_async_context(Prober(upstream, settings))
        found = _channels(settings, upstream.workspace.environ) if send else {}
        for channel in found.values():
            stack.push_async_callback(channel.aclose)
        file = None if memory is None else Shared(memory, report)
        known = remembered.Memory() if file is None else file.opened()
        watch = Monitor(
            [one.name for one in platforms],
            partial(prober.probe, platforms),
            settings,
            mode,
            known,
            channels=found,
            silent=not send,
            report=report,
        )
        if file is not None:
            watch.keep, watch.alone = file.keep, file.alone
        yield watch


def recorded(platforms: Sequence[Platform], settings: Settings) -> Look:
    """What recordings say about health: nothing. Every platform is unknown."""
    now = time.time()
    words = (Reason.STALE, "a recording is no fresh evidence")
    standings = {one.name: Standing(one.name, State.UNKNOWN, now, *words) for one in platforms}
    memory = remembered.Memory(standings=standings)
    return Look(now, "replay", tuple(standings), settings, memory)


def _channels(settings: Settings, environ: Mapping[str, str]) -> dict[str, Channel]:
    from .channels import channels

    return channels(settings.channels, environ)
