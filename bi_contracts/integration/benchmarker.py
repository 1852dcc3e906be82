"""Load runs from Python: what `bi-contracts load` does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx

from ..session import Upstream
from ..workspace import Workspace

if TYPE_CHECKING:
    from ..load import BenchmarkConfig, LoadResult


class BIPerformanceBenchmarker:
    """Runs benchmarks against the business gateway: one that is served, or its own in process.

    In process it measures the gateway and this machine, not the vendors' APIs.

    Args:
        base_url: Where a gateway is served; its own in process where "".
        mode: Who answers a gateway in process: `sandbox`, `replay` or `live`.
        workspace: Whose credentials and recordings are used; that of the current folder if None.
    """

    def __init__(self, base_url: str = "", *, mode: str = "sandbox", workspace: Workspace | None = None) -> None:
        self._base_url = base_url
        self._mode = mode
        self._workspace = workspace

    async def run_standard_benchmark_suite(self) -> dict[str, LoadResult]:
        """The nine standard benchmarks, by name."""
        from ..load import STANDARD_BENCHMARKS

        return await self.run_benchmarks(STANDARD_BENCHMARKS)

    async def run_benchmarks(self, configs: Sequence[BenchmarkConfig]) -> dict[str, LoadResult]:
        """These benchmarks one after the other, through one client, by name."""
        from ..load import run

        async with self._target() as client:
            source = self._base_url or self._mode
            return {config.name: await run(config, client, source=source) for config in configs}

    async def run_benchmark(self, config: BenchmarkConfig) -> LoadResult:
        """One benchmark."""
        return (await self.run_benchmarks([config]))[config.name]

    @asynccontextmanager
    async def _target(self) -> AsyncIterator[httpx.AsyncClient]:
        if self._base_url:
            from ..load import client_for

            async with client_for(self._base_url) as client:
                yield client
            return
        from ..gateway import in_process

        async with in_process(Upstream(self._workspace or Workspace.discover(), self._mode)) as client:
            yield client
