"""An event loop whose time passes only when everybody waits: a run of ten seconds takes some milliseconds."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

import httpx

Result = TypeVar("Result")


class _Selector(selectors.SelectSelector):
    """Never waits: what it was to wait for has passed."""

    passed = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        ready = super().select(0)
        if not ready and timeout is None:
            raise RuntimeError("everybody waits for something that never comes")
        if not ready and timeout:
            self.passed += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """Its `time()` begins at 0 and jumps to the next thing to do."""

    def __init__(self) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.passed

    def block(self, seconds: float) -> None:
        """Time passes while nobody else gets a turn, as in a function that computes."""
        self._virtual.passed += seconds


def run(main: Coroutine[Any, Any, Result]) -> Result:
    """As `asyncio.run`, in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)


def now() -> float:
    """Seconds of virtual time."""
    return asyncio.get_running_loop().time()


def client(serve: Callable[[httpx.Request], Awaitable[httpx.Response]]) -> httpx.AsyncClient:
    """A client whose requests are served by a coroutine, which may sleep."""

    async def handle(request: httpx.Request) -> httpx.Response:
        return await serve(request)

    return httpx.AsyncClient(transport=httpx.MockTransport(handle), base_url="http://target.test", timeout=None)


async def ok(seconds: float = 0.0) -> httpx.Response:
    """A success after a while."""
    await asyncio.sleep(seconds)
    return httpx.Response(200, json={"ok": True})
