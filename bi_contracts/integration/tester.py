"""Every check from Python: what `bi-contracts run` does, phase by phase."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

import httpx

from ..health.evidence import Evidence
from ..health.probe import Prober
from ..health.settings import Settings
from ..health.state import overall
from ..registry import select
from ..report.events import Outcome
from ..session import Upstream
from ..workspace import Workspace
from .context import Context
from .documents import section
from .run import opened, outcomes

if TYPE_CHECKING:
    from ..checks.connection import ConnectionTest
    from ..checks.dataflow import DataFlowTest


class BIIntegrationTester:
    """Checks of all platforms, or of some. Use as `async with`.

    Every result has the shape of a section in the JSON report: `summary` with `total_tests`, `passed`, `failed`,
    `skipped` and `success_rate` (None where nothing ran), and `results`, one a check, each with its `source`.

    Args:
        mode: Who answers: `sandbox` (no account needed), `replay` (recordings), `live`, or a sandbox's URL. Where none
            is given, the live platforms once a credential of theirs is set, and the sandbox as long as none is.
        platforms: Names of those that take part; all where none is given.
        quick: The short form of every check.
        base_url: Where a gateway is served that connection and data-flow tests with a path go to; in process if "".
        workspace: Whose credentials, recordings and checks are used; that of the current folder if None.
    """

    def __init__(
        self,
        mode: str = "",
        *,
        platforms: Sequence[str] = (),
        quick: bool = True,
        base_url: str = "",
        workspace: Workspace | None = None,
    ) -> None:
        self._workspace = workspace or Workspace.discover()
        self._targets = select([f"{name}/*" for name in platforms] or ["*"], self._workspace)
        self._given = bool(mode)
        self._upstream = Upstream(self._workspace, mode or self._usual())
        self._quick = quick
        self._base_url = base_url
        self._stack = AsyncExitStack()
        self._context: Context | None = None

    async def __aenter__(self) -> Self:
        context = await self._stack.enter_async_context(opened(self._upstream, self._targets, quick=self._quick))
        if self._base_url:
            gateway = await self._stack.enter_async_context(httpx.AsyncClient(base_url=self._base_url))
            context = context.through(gateway)
        self._context = context
        return self

    async def __aexit__(self, *exception: object) -> None:
        self._context = None
        await self._stack.aclose()

    @property
    def context(self) -> Context:
        """What checks are given. Raises RuntimeError outside of `async with`."""
        if self._context is None:
            raise RuntimeError("use it as `async with BIIntegrationTester() as tester:`")
        return self._context

    async def test_all_connections(self) -> dict[str, Any]:
        """Authentication, network, response and rate limits of every platform, and the workspace's own tests."""
        return section(await self._phase("connection"))

    async def test_all_data_flows(self) -> dict[str, Any]:
        """Contracts, completeness, uniqueness, times, references and business rules of every endpoint."""
        return section(await self._phase("data flow"))

    async def test_all_workflows(self) -> dict[str, Any]:
        """Lead qualification, project optimisation, call analysis, and the workspace's own workflows."""
        return section(await self._phase("workflow"))

    async def test_error_handling(self) -> dict[str, Any]:
        """The resilience policy, against a sandbox that fails."""
        return section(await self._phase("resilience"))

    async def test_connection(self, test: ConnectionTest) -> dict[str, Any]:
        """One connection test: its `status`, `note` and findings. Without its variables it is `skipped`."""
        from .phases.connection import own

        return _single(await own(self.context, test))

    async def test_data_flow(self, test: DataFlowTest) -> dict[str, Any]:
        """One data-flow test, as `test_connection`."""
        from .phases.dataflow_own import own

        return _single(await own(self.context, test))

    async def get_integration_health(self) -> dict[str, Any]:
        """`overall_status` (`healthy`, `degraded`, `unhealthy` or `unknown`) and the state of every platform.

        `healthy` only where every platform was asked just now and is up; a sandbox only where it was asked for.
        """
        context = self.context
        # A monitor whose credentials are gone must not be told that a sandbox is well.
        upstream = context.upstream if self._given else Upstream(self._workspace, "live")
        if upstream.recorded:
            found: dict[str, dict[str, Any]] = {one.name: _unknown() for one in context.platforms}
        else:
            async with Prober(upstream, Settings.of(self._workspace)) as prober:
                found = {one.platform: _told(one) for one in await prober.probe(context.platforms)}
        return {
            "overall_status": overall(str(one["state"]) for one in found.values()),
            "checked_at": datetime.now(UTC).isoformat(),
            "mode": upstream.origin,
            "platforms": found,
        }

    def _usual(self) -> str:
        environ = self._workspace.environ
        known = {one.platform.name: one.platform for one in self._targets}.values()
        return (
            "live"
            if any(one.environment(environ).get(name) for one in known for name in one.auth.variables)
            else "sandbox"
        )

    async def _phase(self, name: str) -> list[Outcome]:
        return [outcome async for outcome in outcomes(self.context, [name])]


def _told(evidence: Evidence) -> dict[str, Any]:
    return {
        "state": str(evidence.state),
        "reason": evidence.detail,
        "source": str(evidence.source),
        "duration_seconds": evidence.duration,
    }


def _unknown() -> dict[str, Any]:
    return {
        "state": "unknown",
        "reason": "a recording is no fresh evidence",
        "source": "replay",
        "duration_seconds": None,
    }


def _single(outcome: Outcome) -> dict[str, Any]:
    (found,) = section([outcome])["results"]
    assert isinstance(found, dict)
    return found
