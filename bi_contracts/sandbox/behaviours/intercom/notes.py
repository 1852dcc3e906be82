"""What is listed below a contact: notes, companies, segments and subscriptions.

Source: Intercom's OpenAPI description 2.11 (list all notes, list attached companies, list attached segments).
"""

from __future__ import annotations

import httpx

from ....paths import Json, dig
from ... import words
from ...answer import Answer, json_answer
from ...routing import Match
from .base import Base, whole
from .coherence import NOTES, note_text


class Notes(Base):
    """Answers about what is listed below contacts."""

    def answer_contact_notes(self, request: httpx.Request, match: Match) -> Answer:  # noqa: ARG002
        position, row = self.contact(match.arguments["contact_id"])
        found = [self.note(position, row)] if dig(row, "notes.data") else []
        return json_answer(200, {"type": "list", "data": found, "total_count": len(found)})

    def answer_note(self, request: httpx.Request, match: Match) -> Answer:  # noqa: ARG002
        key = str(match.arguments["id"])
        place = int(key) - NOTES if key.isdecimal() and len(key) < 20 else -1
        home = self.collection("contacts")
        if not 0 <= place < home.count or home.exact is not None or home.position(home.key(place)) is None:
            raise self.lacking(None)
        row = self.contact(home.key(place))[1]
        if not dig(row, "notes.data"):
            raise self.lacking(None)
        return whole(self.note(place, row))

    def note(self, position: int, contact: Json) -> Json:
        """The note of a contact, which its owner wrote."""
        owner = contact.get("owner_id")
        author = self.row("admins", owner)[1] if owner else self.collection("admins").row(0)
        kept = ("type", "id", "name", "email", "away_mode_enabled", "away_mode_reassign")
        return {
            "type": "note",
            "id": contact["notes"]["data"][0]["id"],
            "created_at": contact["created_at"] + 3600,
            "contact": {"type": "contact", "id": contact["id"]},
            "author": {name: author[name] for name in kept if name in author},
            "body": f"<p>{words.sentence(note_text(position))}</p>",
        }

    def answer_contact_companies(self, request: httpx.Request, match: Match) -> Answer:  # noqa: ARG002
        row = self.contact(match.arguments["contact_id"])[1]
        home, company = self.collection("companies"), self.platform.endpoint("company")
        places = [home.position(one["id"]) for one in dig(row, "companies.data") or []]
        found = [self.shown(company, home, place) for place in places if place is not None]
        pages = {"type": "pages", "page": 1, "per_page": 50, "total_pages": 1}
        return json_answer(200, {"type": "list", "data": found, "pages": pages, "total_count": len(found)})

    def answer_contact_segments(self, request: httpx.Request, match: Match) -> Answer:  # noqa: ARG002
        self.contact(match.arguments["contact_id"])
        return json_answer(200, {"type": "list", "data": []})

    answer_contact_subscriptions = answer_contact_segments

    def contact(self, key: Json) -> tuple[int, Json]:
        """Where a contact stands, and the whole of it. Raises `Refusal`."""
        position, _ = self.row("contacts", key, "contact")
        return position, self.shown(self.platform.endpoint("contact"), self.collection("contacts"), position)
