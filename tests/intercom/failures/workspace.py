"""A workspace of Intercom that lives while it is synced, and time that passes only when somebody waits."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select

from bi_contracts.intercom.records import content_digest, whole_conversation
from bi_contracts.intercom.store import open_store
from bi_contracts.intercom.store import schema as tables
from bi_contracts.intercom.store.store import Store
from bi_contracts.intercom.sync import Intercom, Synced, SyncSettings, sync
from bi_contracts.platforms.intercom import PLATFORM
from bi_contracts.sandbox import Clock, Sandbox
from bi_contracts.session import Upstream
from bi_contracts.workspace import Workspace as Folder

TRIP = 0.15
"""Seconds that a request takes."""

Hook = Callable[[httpx.Request], None]
Json = Any


class _Impatient(selectors.DefaultSelector):
    """Waits for nothing: whoever would have waited is told how long, and goes on."""

    def __init__(self, waited: Callable[[float], None]) -> None:
        super().__init__()
        self._waited = waited

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is not None and timeout > 0:
            self._waited(timeout)
            timeout = 0
        return super().select(timeout)


class Quick(asyncio.SelectorEventLoop):
    """An event loop whose time passes only by waiting, and then at once. Nothing in it talks to a network."""

    def __init__(self, begin: float = 0.0) -> None:
        self._seconds = begin
        super().__init__(_Impatient(self._pass))

    def _pass(self, seconds: float) -> None:
        self._seconds += seconds

    def time(self) -> float:
        return self._seconds


@dataclass(frozen=True)
class Watched(Upstream):
    """The sandbox, reached through somebody who looks at every request and may answer in its place."""

    carry: Callable[[httpx.Request], Coroutine[None, None, httpx.Response]] = field(kw_only=True)

    def transport(self, *_: object, **__: object) -> httpx.MockTransport:
        return httpx.MockTransport(self.carry)


class Workspace:
    """A workspace of Intercom, what somebody does in it, and syncs of it into one store.

    Attributes:
        seconds: How long it has lived.
        before: Called with every request of a sync before it is answered.
        asked: Method and path of every request of a sync.
        settings: Of every sync, unless it says otherwise.
    """

    def __init__(self, folder: Path, rows: int = 12, *, settings: SyncSettings | None = None) -> None:
        self.sandbox = Sandbox([PLATFORM], rows=rows, enforce_limits=False)
        self.seconds = 0.0
        begin = self.sandbox.world.present
        self.sandbox.clock = Clock(lambda: begin + self.seconds)
        self.sandbox.world.clock = self.sandbox.now
        self.path = folder / "store.db"
        self.settings = settings or SyncSettings()
        self.before: Hook = lambda _: None
        self.asked: list[tuple[str, str]] = []
        self._folder = folder
        token = next(iter(self.sandbox.credentials("intercom").values()))
        self._headers = {"authorization": f"Bearer {token}", "intercom-version": "2.16"}

    # What somebody does

    def do(self, method: str, path: str, body: Json = None) -> Json:
        """Somebody else's request, at once and without a fault. Gives the answer's body."""
        rules, self.sandbox.faults.rules = self.sandbox.faults.rules, []
        request = httpx.Request(method, f"{PLATFORM.base_url}{path}", headers=self._headers, json=body)
        answer = self.sandbox.handle(request)
        self.sandbox.faults.rules = rules
        assert answer.status_code == 200, answer.text
        return answer.json()

    def reply(self, id: str, text: str = "One more thing") -> None:
        self.do("POST", f"/conversations/{id}/reply", {**self._admin, "message_type": "comment", "body": text})

    def close(self, id: str) -> None:
        self.do("POST", f"/conversations/{id}/parts", {**self._admin, "message_type": "close"})

    def delete(self, id: str) -> None:
        self.do("DELETE", f"/conversations/{id}")

    def redact(self, id: str) -> str:
        """Redacts the newest part with words; gives what they were."""
        parts = self.get(id)["conversation_parts"]["conversation_parts"]
        part = next(one for one in reversed(parts) if one["body"] and not one["redacted"])
        named = {"type": "conversation_part", "conversation_id": id, "conversation_part_id": part["id"]}
        self.do("POST", "/conversations/redact", named)
        return str(part["body"]).split("</p>")[0].removeprefix("<p>")

    def create(self) -> str:
        """A new conversation."""
        endpoint, now = PLATFORM.endpoint("conversations"), int(self.sandbox.now())
        record = self.sandbox.world.blank(PLATFORM, endpoint) | {"created_at": now, "updated_at": now}
        self.sandbox.world.create(PLATFORM, endpoint, record)
        return str(record["id"])

    def merge(self, lead: str, user: str) -> None:
        self.do("POST", "/contacts/merge", {"from": lead, "into": user})

    def get(self, id: str) -> Json:
        return self.do("GET", f"/conversations/{id}")

    @property
    def _admin(self) -> dict[str, Json]:
        return {"type": "admin", "admin_id": self.key("admins")}

    def key(self, name: str, position: int = 0) -> Json:
        return self.sandbox.world.collection(PLATFORM, PLATFORM.endpoint(name)).key(position)

    def ids(self) -> list[str]:
        """Of all conversations that there are, the oldest first."""
        rows = self.sandbox.world.collection(PLATFORM, PLATFORM.endpoint("conversations")).everything()
        return [str(row["id"]) for row in rows]

    def contacts(self, role: str) -> list[str]:
        rows = self.sandbox.world.collection(PLATFORM, PLATFORM.endpoint("contacts")).everything()
        return [str(row["id"]) for row in rows if row["role"] == role]

    # Syncs

    def sync(self, settings: SyncSettings | None = None, **more: Any) -> Synced:
        """One sync. Raises as `sync` does."""
        with open_store(self.path) as store:
            done: Synced = self.run(lambda: self.synced(store, settings, **more))
            return done

    async def synced(self, store: Store, settings: SyncSettings | None = None, **more: Any) -> Synced:
        settings = settings or self.settings
        async with self.intercom(version=settings.version, **more) as intercom:
            return await sync(store, intercom, settings)

    def intercom(self, **settings: Any) -> Intercom:
        upstream = Watched(Folder(self._folder), "sandbox", self.sandbox, carry=self._carried)
        return Intercom(upstream, platform=PLATFORM, chance=lambda: 1.0, **settings)

    async def _carried(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(TRIP / 2)
        self.asked.append((request.method, request.url.path))
        self.before(request)
        answer = await self.sandbox.handle_async(request)
        await asyncio.sleep(TRIP / 2)
        return answer

    def run(self, work: Callable[[], Awaitable[Any]]) -> Any:
        """Does it in time that passes by itself."""
        with self._passing() as loop, asyncio.Runner(loop_factory=lambda: loop) as runner:
            return runner.run(_all_of(work()))

    @contextmanager
    def _passing(self) -> Iterator[Quick]:
        loop = Quick(self.seconds)
        was, self.sandbox.clock.wall = self.sandbox.clock.wall, partial(_moment, self.sandbox.world.present, loop)
        try:
            yield loop
        finally:
            self.seconds, self.sandbox.clock.wall = loop.time(), was

    def count(self, path: str) -> int:
        """Requests of syncs below a path."""
        return sum(asked.startswith(path) for _, asked in self.asked)

    # What there is, and what is held

    def theirs(self) -> dict[str, str]:
        """Id -> digest of every conversation that Intercom has."""
        return {id: digest(self.get(id)) for id in self.ids()}

    def ours(self) -> dict[str, str]:
        """Id -> digest of every conversation that is held and not a tombstone; a body that is missing is none."""
        row = tables.conversations.c
        wanted = select(row.id, row.digest, row.pending).where(row.deleted_at.is_(None))
        with open_store(self.path) as store, store.reading() as connection:
            return {id: "pending" if pending else held for id, held, pending in connection.execute(wanted)}

    def told(self, id: str) -> str:
        """All words that are held of a conversation."""
        row = tables.conversations.c
        mine = select(row.n).where(row.id == id).scalar_subquery()
        with open_store(self.path) as store, store.reading() as connection:
            texts = connection.execute(select(tables.parts.c.text).where(tables.parts.c.conversation == mine))
            return "\n".join(text for (text,) in texts)

    def settled(self) -> Synced:
        """One more sync, when all has been quiet for long enough, which must leave nothing to do."""
        self.before = lambda _: None
        self.sandbox.faults.clear()
        self.seconds += 2000
        return self.sync()


def digest(conversation: Json) -> str:
    """What a store makes of a whole conversation."""
    found = whole_conversation(conversation)
    return content_digest(found.head_digest, {part.id: part.digest for part in found.parts})


async def _all_of(work: Awaitable[Any]) -> Any:
    return await work


def _moment(begin: float, loop: Quick) -> float:
    return begin + loop.time()
