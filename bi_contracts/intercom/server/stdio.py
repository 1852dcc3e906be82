"""Serves on stdin and stdout, as desktop clients start servers."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from typing import Any, cast

from mcp.server.stdio import stdio_server

from .server import mcp_server
from .tools import Tools
from .wire import Wire


def serve_stdio(tools: Tools, wire: Wire) -> None:
    """Serves until stdin ends or a signal comes. A sync that runs is ended between two batches."""
    try:
        asyncio.run(_serve(tools, wire))
    finally:
        wire.close()


async def _serve(tools: Tools, wire: Wire) -> None:
    loop, task = asyncio.get_running_loop(), asyncio.ensure_future(_speak(tools, wire))
    for number in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError):  # Windows has no handlers in loops
            loop.add_signal_handler(number, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        if not task.cancelled():
            raise
    finally:
        await tools.syncing.aclose()


async def _speak(tools: Tools, wire: Wire) -> None:
    server = mcp_server(tools)
    wire.open()
    ends = cast(Any, wire)
    async with stdio_server(ends, ends) as (reading, writing):
        await server.run(reading, writing, server.create_initialization_options())
