"""A workspace of Intercom, with what the tests of the sync itself need beside what its failure tests have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from bi_contracts.intercom.store import open_store
from bi_contracts.intercom.store.store import Store
from bi_contracts.intercom.sync import Step, Synced, SyncSettings, refetch, sync
from bi_contracts.sandbox.evolution import Evolution

from ..failures.workspace import Workspace

Json = Any
Instead = Callable[[httpx.Request], httpx.Response | None]
DAY = 86_400


class World(Workspace):
    """The workspace of the failure tests.

    Attributes:
        instead: Answers a request in place of the sandbox, where it gives an answer.
        steps: What progress was told.
    """

    def __init__(self, folder: Path, rows: int = 25, *, settings: SyncSettings | None = None) -> None:
        super().__init__(folder, rows, settings=settings or SyncSettings(concurrency=8))
        self.instead: Instead = lambda _: None
        self.steps: list[Step] = []

    async def synced(self, store: Store, settings: SyncSettings | None = None, **more: Any) -> Synced:
        settings = settings or self.settings
        async with self.intercom(version=settings.version, **more) as intercom:
            return await sync(store, intercom, settings, progress=self.steps.append)

    def refetch(self, ids: list[str]) -> Synced:
        async def work() -> Synced:
            with open_store(self.path) as store:
                async with self.intercom() as intercom:
                    return await refetch(store, intercom, ids, self.steps.append)

        found: Synced = self.run(work)
        return found

    async def _carried(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        answer = self.instead(request)
        if answer is None:
            return await super()._carried(request)
        self.asked.append((request.method, request.url.path))
        return answer

    def evolve(self, *changes: Json) -> None:
        self.sandbox.evolve(Evolution.parse({"change": list(changes)}))

    def calls(self, work: Callable[[], Any]) -> list[str]:
        """Paths that were asked for meanwhile."""
        before = len(self.asked)
        work()
        return [path for _, path in self.asked[before:]]

    def later(self, seconds: float) -> None:
        self.seconds += seconds

    def newest(self) -> list[str]:
        """Ids, the last updated first."""
        found = {id: self.get(id)["updated_at"] for id in self.ids()}
        return sorted(found, key=lambda id: -found[id])

    def held(self) -> dict[str, str]:
        return self.ours() if self.path.exists() else {}


def said(status: int, body: Json = None, **headers: str) -> httpx.Response:
    """An answer that the sandbox does not give."""
    return httpx.Response(status, json=body, headers=headers)
