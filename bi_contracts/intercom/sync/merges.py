"""Contacts that became others: a conversation whose contact is another one now tells of it, and a call confirms it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...errors import NotFound
from ..records import Conversation, Undecodable, contact_of

if TYPE_CHECKING:
    from .job import Job

MOST = 500
"""Contacts that are asked for in one sync because they may have been merged."""


class Merges:
    """Finds contacts that conversations lost, and asks what became of them."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._lost: dict[str, None] = {}

    def look(self, heads: Sequence[Conversation]) -> None:
        """Compares heads with what is held of them, before they are written; what is found is kept with them."""
        found = {one.id: one for one in heads}
        before = len(self._lost)
        for id, held in self._job.store.known(list(found)).items():
            if held.head_digest == found[id].head_digest or len(self._lost) >= MOST:
                continue
            known = self._job.store.conversation(id, parts_limit=0)
            if known is not None:
                self._lost |= dict.fromkeys(one for one in known.contact_ids if one not in found[id].contact_ids)
        if len(self._lost) > before:
            self._remember()

    async def settle(self) -> None:
        """Asks for each of them. A contact that is answered under another id was merged into it."""
        self._lost |= dict.fromkeys(json.loads(self._job.store.meta(_KEY) or "[]"))
        if not self._lost:
            return
        while self._lost:
            await self._asked(next(iter(self._lost)))
        with self._job.batch():
            self._remember()

    async def _asked(self, id: str) -> None:
        try:
            contact = contact_of((await self._job.intercom.contact(id)).value)
        except (NotFound, Undecodable):
            contact = None
        del self._lost[id]
        if contact is None or contact.id == id:
            return
        self._remember()
        with self._job.batch() as batch:
            batch.contacts([contact])
            batch.merged(id, contact.id)
        self._job.totals.merged += 1

    def _remember(self) -> None:
        self._job.remember(_KEY, json.dumps(list(self._lost)))


_KEY = "contacts_lost"
