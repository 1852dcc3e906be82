"""The tools: what each is called, what it takes, what it answers. Their descriptions are what a model reads."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from ...errors import StoreMissing
from . import contacts, conversation, coverage, documents, search, status
from .arguments import (
    Arguments,
    CheckCoverage,
    Fetch,
    GetContact,
    GetConversation,
    ListTickets,
    Search,
    SearchConversations,
    Sized,
    SyncConversations,
    seconds_of,
    window_of,
)
from .budgets import Budget
from .models import (
    Answer,
    Conversations,
    CoverageOf,
    DataInfo,
    Document,
    OneContact,
    OneConversation,
    Results,
    ServerStatus,
    Synced,
    SyncStatus,
    Tickets,
)
from .pool import Pool
from .status import Service
from .syncing import Syncing, Tell
from .triggering import Trigger

Handler = Callable[[Any, Tell], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool. `reads` is False where it changes the store."""

    name: str
    title: str
    description: str
    arguments: type[Arguments]
    answer: type[Answer]
    handler: Handler
    reads: bool = True


class Tools:
    """The tools of one server."""

    def __init__(
        self,
        pool: Pool,
        trigger: Trigger,
        service: Service,
        *,
        budget: Budget | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._pool, self._trigger, self.service = pool, trigger, service
        self._budget, self._now = budget or Budget(), now

    @property
    def syncing(self) -> Syncing:
        return self._trigger.syncing

    def table(self) -> Mapping[str, Tool]:
        """All of them by name, in the order in which they are listed."""
        return {tool.name: tool for tool in self._all()}

    def _all(self) -> tuple[Tool, ...]:
        return (
            Tool(
                "search_conversations",
                "Search conversations",
                "Conversations whose messages hold all the words, newest first, with a snippet of the newest match."
                " Without words: those last updated. Filters narrow both. get_conversation gives the messages.",
                SearchConversations,
                Conversations,
                self.search_conversations,
            ),
            Tool(
                "get_conversation",
                "Read a conversation",
                "A conversation with its messages in their order, page by page: next_cursor goes on, also within a"
                " message that was too long for one page.",
                GetConversation,
                OneConversation,
                self.get_conversation,
            ),
            Tool(
                "get_server_status",
                "Server status",
                "Whether the server works, which store it serves, how much that holds and how old it is.",
                Arguments,
                ServerStatus,
                self.get_server_status,
            ),
            Tool(
                "sync_conversations",
                "Sync conversations",
                "Brings the store up to date with Intercom, or joins a sync that is under way, and waits a while for"
                " its end. Without arguments: what changed since the last sync. It only reads from Intercom.",
                SyncConversations,
                Synced,
                self.sync_conversations,
                reads=False,
            ),
            Tool(
                "search",
                "Search",
                "Documents that match a query, for fetch. Filters: object_type:conversations or object_type:contacts,"
                " state:open, since:7d, until:2026-01-31, email:ann@example.org, tag:vip, limit:10.",
                Search,
                Results,
                self.search,
            ),
            Tool(
                "fetch",
                "Fetch",
                "The whole text of a document that search found: conversation_123 or contact_123.",
                Fetch,
                Document,
                self.fetch,
            ),
            Tool(
                "get_contact",
                "Read a contact",
                "A user or lead by id or e-mail address; ids that were merged lead to who they became.",
                GetContact,
                OneContact,
                self.get_contact,
            ),
            Tool(
                "list_tickets",
                "List tickets",
                "Tickets, those last updated first.",
                ListTickets,
                Tickets,
                self.list_tickets,
            ),
            Tool(
                "check_coverage",
                "Check coverage",
                "Whether the store holds everything that was updated in a window of time, and what is missing."
                " Ask this before you say that something did not happen.",
                CheckCoverage,
                CoverageOf,
                self.check_coverage,
            ),
            Tool(
                "get_data_info",
                "What is held",
                "Whose data the store holds, how much of each kind, and which windows of time were read.",
                Arguments,
                DataInfo,
                self.get_data_info,
            ),
            Tool(
                "get_sync_status",
                "Sync status",
                "How the last sync ended, whether one runs and how far it is, and who runs it.",
                Arguments,
                SyncStatus,
                self.get_sync_status,
            ),
        )

    async def search_conversations(self, asked: SearchConversations, _tell: Tell) -> Answer:
        return await self._pool.ask(search.finder(asked, self._sized(asked), self._now()))

    async def get_conversation(self, asked: GetConversation, _tell: Tell) -> Answer:
        place = conversation.begin(asked.id, asked.cursor)
        return await self._pool.ask(partial(conversation.conversation, place, self._room(asked), self._now()))

    async def get_server_status(self, _asked: Arguments, _tell: Tell) -> Answer:
        running = self.syncing.running
        return await self._pool.ask(partial(status.server_status, self.service, running, self._now()))

    async def sync_conversations(self, asked: SyncConversations, tell: Tell) -> Answer:
        synced = await self._trigger.sync(asked, tell, self._now())
        try:
            around = await self._pool.ask(partial(status.around, self._now()))
        except StoreMissing:  # the sync has just begun, and makes it
            around = status.nothing()
        return Synced(freshness=around.freshness, coverage=around.coverage, **synced)

    async def search(self, asked: Search, _tell: Tell) -> Answer:
        return await self._pool.ask(documents.searcher(asked.query, self._budget, self._now()))

    async def fetch(self, asked: Fetch, _tell: Tell) -> Answer:
        return await self._pool.ask(partial(documents.fetch, asked.id, self._budget.room, self._now()))

    async def get_contact(self, asked: GetContact, _tell: Tell) -> Answer:
        return await self._pool.ask(partial(contacts.contact, asked.id, self._now()))

    async def list_tickets(self, asked: ListTickets, _tell: Tell) -> Answer:
        now = self._now()
        since, until, cursor = window_of(asked.since, asked.until, asked.cursor, now)
        wanted = contacts.TicketsAsked(
            since=since,
            until=until,
            state=asked.state,
            contact=asked.contact.removeprefix("contact_"),
            limit=asked.limit,
            cursor=cursor,
        )
        return await self._pool.ask(partial(contacts.tickets, wanted, self._room(asked), now))

    async def check_coverage(self, asked: CheckCoverage, _tell: Tell) -> Answer:
        now = self._now()
        since = seconds_of(asked.since, now)
        until = int(now) if asked.until is None else seconds_of(asked.until, now)
        return await self._pool.ask(
            partial(coverage.covered, asked.stream, since, max(since, until), self._budget.seconds, now)
        )

    async def get_data_info(self, _asked: Arguments, _tell: Tell) -> Answer:
        return await self._pool.ask(partial(coverage.info, self._now()))

    async def get_sync_status(self, _asked: Arguments, _tell: Tell) -> Answer:
        job = self.syncing.job
        progress = job.progress if job is not None else None
        question = partial(status.sync_status, self.service, progress, self.syncing.running, self._now())
        return await self._pool.ask(question)

    def _room(self, asked: Sized) -> int:
        return self._sized(asked).room

    def _sized(self, asked: Sized) -> Budget:
        return self._budget.within(asked.max_bytes, asked.max_tokens)
