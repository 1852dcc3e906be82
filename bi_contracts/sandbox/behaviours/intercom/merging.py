"""A lead that turns out to be a known user: the two become one contact, and what named the lead names the user.

Source: Intercom's OpenAPI description 2.11 (merge a lead and a user).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import httpx

from ....paths import Json, dig
from ....platform import Platform
from ....queries import Condition, Query
from ...answer import Answer
from ...collection import Collection
from ...routing import Match
from ...world import World
from .base import Base
from .contacts import LOOKED_AT
from .parts import held

FILLED: Final = ("email", "phone", "name", "avatar")
"""Members that a user takes from the lead where it has none of its own."""


class Merging(Base):
    """Answers about contacts that became one.

    Attributes:
        merged: Id of a lead -> id of the user that it became.
    """

    def __init__(self, platform: Platform, world: World) -> None:
        super().__init__(platform, world)
        self.merged: dict[str, str] = {}

    def answer_contact(self, request: httpx.Request, match: Match) -> Answer:
        key = self.merged.get(str(match.arguments["id"]))
        return self.usual(request, match if key is None else Match(match.endpoint, {**match.arguments, "id": key}))

    def answer_merge_contacts(self, request: httpx.Request, match: Match) -> Answer:  # noqa: ARG002
        sent, home = self.sent(request), self.collection("contacts")
        for name in ("from", "into"):
            if not isinstance(sent.get(name), str) or not sent[name]:
                raise self.refusal(400, "parameter_not_found", f"{name} is required")
        place, lead = self.row("contacts", sent["from"], "contact")
        position, user = self.row("contacts", sent["into"], "contact")
        if (lead["role"], user["role"]) != ("lead", "user"):
            raise self.refusal(400, "parameter_invalid", "a lead can be merged into a user")
        now = int(self.clock())
        filled = {name: lead[name] for name in FILLED if lead.get(name) and not user.get(name)}
        self.world.update(self.platform, home.endpoint, position, {**filled, "updated_at": now})
        self.world.delete(self.platform, home.endpoint, place)
        self.merged = {old: user["id"] if new == lead["id"] else new for old, new in self.merged.items()}
        self.merged[lead["id"]] = user["id"]
        user = home.row(position)
        for name in ("conversations", "tickets_search"):
            self._renamed(self.collection(name), lead["id"], user, now)
        self.rendered.clear()
        return self.enveloped(self.platform.endpoint("contact"), self.shown(home.endpoint, home, position))

    def _renamed(self, home: Collection, old: str, user: Mapping[str, Json], now: int) -> None:
        """Lets every row that named the lead name the user."""
        rows = home.everything()
        if len(rows) > LOOKED_AT:
            rows = type(rows)(home, home.added(None, float("inf")))
        found = self.narrowed(rows, Query(Condition("contacts.contacts.id", "eq", old)))
        for position in list(found.positions):
            whole = self.shown(self.platform.endpoint(_ITEMS[home.endpoint.name]), home, position)
            self.world.update(self.platform, home.endpoint, position, _naming(whole, old, user) | {"updated_at": now})


_ITEMS: Final[Mapping[str, str]] = {"conversations": "conversation", "tickets_search": "ticket"}
"""List -> the endpoint that gives one row of it whole."""


def _naming(row: Json, old: str, user: Mapping[str, Json]) -> dict[str, Json]:
    """What changes in a row when a contact becomes another."""
    brief = {"type": "contact", "id": user["id"], "external_id": user.get("external_id")}
    others = [one for one in dig(row, "contacts.contacts") or [] if dig(one, "id") not in (old, user["id"])]
    patch: dict[str, Json] = {"contacts": {"contacts": [brief, *others]}}
    author = {"type": "user", "id": user["id"], "name": user.get("name"), "email": user.get("email")}
    if dig(row, "source.author.id") == old:
        patch["source"] = {"author": author}
    parts = dig(row, "conversation_parts.conversation_parts")
    if isinstance(parts, list):
        patch["conversation_parts"] = held(
            [{**part, "author": author} if dig(part, "author.id") == old else part for part in parts]
        )
    return patch
