"""An event loop whose time passes at once: whoever sleeps an hour has slept an hour, and nobody has waited."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class VirtualLoop(asyncio.SelectorEventLoop):
    """Goes to the next timer where there is nothing else to do."""

    def __init__(self, start: float = 0.0) -> None:
        self._moment = start
        super().__init__(_Selector(self))

    def time(self) -> float:
        return self._moment

    def go(self, seconds: float) -> None:
        self._moment += seconds


class _Selector(selectors.DefaultSelector):  # type: ignore[valid-type,misc]
    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._for = loop

    def select(self, timeout: float | None = None) -> Any:
        assert timeout is not None, "everybody waits, and nothing will ever happen"
        if not self._for._ready:
            # Real time never stands still: who looks at a timer again finds it a little later.
            self._for.go(max(timeout, 1e-9))
        return super().select(0)


def run(coroutine: Coroutine[Any, Any, T], start: float = 0.0) -> T:
    """As `asyncio.run`, in no time."""
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(start)) as runner:
        return runner.run(coroutine)


def now() -> float:
    """Seconds by the running loop."""
    return asyncio.get_running_loop().time()
