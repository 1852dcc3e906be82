"""What to give where there is no answer. Each says what it is; none of them ever counts as success."""

from __future__ import annotations

import inspect
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

from .last_good import Kept, LastGood
from .result import Result, Source


class Fallback(Protocol):
    """One way to go on without an answer."""

    @property
    def name(self) -> str:
        """What it is called in notes."""

    def learn(self, result: Result[Any]) -> None:
        """Is told of every answer, to have something for later."""

    async def offer(self, error: Exception) -> Result[Any] | None:
        """What it gives in place of an answer, None where it has nothing."""


class _Forgetful:
    """Learns nothing."""

    __slots__ = ()

    def learn(self, result: Result[Any]) -> None:
        """Does nothing."""


@dataclass(frozen=True, slots=True)
class Stale:
    """The last good answer under a key. Learns every answer that comes by, so one must have come before."""

    store: LastGood
    key: str
    name: str = "stale"

    def learn(self, result: Result[Any]) -> None:
        """Keeps an answer, at the moment when it was the platform's."""
        self.store.keep(self.key, result.value, self.store.now() - (result.age or 0.0))

    async def offer(self, error: Exception) -> Result[Any] | None:
        """The last good answer with its age, however old."""
        kept = self.store.get(self.key)
        return None if kept is None else Result(kept.value, Source.STALE, self.store.age(kept), error)


@dataclass(frozen=True, slots=True)
class Recording(_Forgetful):
    """A recording as the last good answer. `read` gives the rows and when they were recorded, or None."""

    read: Callable[[], Awaitable[Kept | None]]
    now: Callable[[], float] = time.time
    name: str = "recording"

    async def offer(self, error: Exception) -> Result[Any] | None:
        """What was recorded, with its age."""
        kept = await self.read()
        return None if kept is None else Result(kept.value, Source.STALE, max(0.0, self.now() - kept.at), error)


@dataclass(frozen=True, slots=True)
class Mock(_Forgetful):
    """Made-up data, marked as such. `make` may be asynchronous."""

    make: Callable[[], Any]
    name: str = "mock"

    async def offer(self, error: Exception) -> Result[Any]:
        """What was made up."""
        made = self.make()
        return Result(await made if inspect.isawaitable(made) else made, Source.MOCK, 0.0, error)


@dataclass(frozen=True, slots=True)
class Degraded(_Forgetful):
    """A least value to go on with: an empty list, a zero."""

    value: Any
    name: str = "degraded"

    async def offer(self, error: Exception) -> Result[Any]:
        """The least value."""
        return Result(self.value, Source.DEGRADED, 0.0, error)


@dataclass(frozen=True, slots=True)
class Bypass(_Forgetful):
    """Goes on without: for what is not needed. There is no value then, and no error; a note says why."""

    name: str = "bypass"

    async def offer(self, error: Exception) -> Result[Any]:  # noqa: ARG002
        """Nothing, on purpose."""
        return Result(None, Source.BYPASSED, None)
