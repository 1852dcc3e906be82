"""What every phase of a run is given."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from typing import Any

import httpx

from ..platform import Platform
from ..reading import Reader
from ..registry import Target
from ..report.events import Outcome
from ..session import Upstream


@dataclass(frozen=True)
class Context:
    """One run.

    Attributes:
        upstream: Who answers: recordings (`replay`), the sandbox in process, or the platforms themselves.
        reader: Reads it; one client a platform for the whole run.
        targets: The endpoints that take part; writes never do.
        gateway: A client of the business gateway over the same upstream, base URL included.
        quick: True for the short form of every phase.
        own: What the workspace's files of checks hold: `ConnectionTest`, `DataFlowTest`, `BenchmarkConfig`, ...
    """

    upstream: Upstream
    reader: Reader
    targets: tuple[Target, ...]
    gateway: httpx.AsyncClient
    quick: bool = False
    own: tuple[Any, ...] = ()

    @property
    def mode(self) -> str:
        """`replay`, `sandbox` or `live`; a sandbox served at a URL is `sandbox`."""
        return self.upstream.mode.value

    @property
    def platforms(self) -> tuple[Platform, ...]:
        """The platforms that take part, each once."""
        return tuple({one.platform.name: one.platform for one in self.targets}.values())

    def through(self, gateway: httpx.AsyncClient) -> Context:
        """The same run over another gateway."""
        return replace(self, gateway=gateway)

    def of(self, kind: type[Any]) -> tuple[Any, ...]:
        """The workspace's own checks of a kind."""
        return tuple(one for one in self.own if isinstance(one, kind))


Phase = Callable[[Context], AsyncIterator[Outcome]]
"""A phase gives its outcomes as they come; it raises nothing of its own making: what goes wrong is an outcome."""
