"""Conversations: read with their parts, tagged, replied to, redacted, deleted."""

from __future__ import annotations

from collections.abc import Mapping

import httpx

from ....dialects import ErrorKind
from ....pagination import page_size, whole_number
from ....paths import Json, dig
from ....platform import Platform
from ...answer import Answer, json_answer
from ...refusal import Refusal
from ...routing import Match
from ...world import World
from .base import Base, plain
from .parts import counted, held, newest

PARTS = 90_000_000
"""Ids of the parts that somebody writes start here."""


class Conversations(Base):
    """Answers about conversations.

    Attributes:
        deleted: The conversations that somebody deleted, the oldest deletion first.
    """

    def __init__(self, platform: Platform, world: World) -> None:
        super().__init__(platform, world)
        self.deleted: list[Json] = []
        self.collection("conversations").finish = counted

    def answer_conversation(self, request: httpx.Request, match: Match) -> Answer:
        form = request.url.params.get("display_as")
        if form not in (None, "plaintext"):
            raise self.refusal(400, "parameter_invalid", "display_as must be plaintext")
        found = newest(self.conversation(match))
        return self.enveloped(match.endpoint, _plain(found) if form else found)

    def conversation(self, match: Match) -> Json:
        """The whole conversation that a request names, its parts included."""
        return self.shown(self.platform.endpoint("conversation"), *self.found(match))

    def answer_reply_conversation(self, request: httpx.Request, match: Match) -> Answer:
        sent, now = self.sent(request), int(self.clock())
        self.found(match)
        author = self._author(sent)
        kind = sent.get("message_type")
        if kind not in ("comment", "note") or (kind == "note" and author["type"] != "admin"):
            raise self.refusal(400, "parameter_invalid", "message_type must be comment, or note for an admin")
        if not isinstance(sent.get("body"), str) or not sent["body"]:
            raise self.refusal(400, "parameter_not_found", "body is required")
        said = "last_contact_reply_at" if author["type"] == "user" else "last_admin_reply_at"
        patch: dict[str, Json] = {}
        if kind == "comment":
            patch = {"waiting_since": now if author["type"] == "user" else None, "statistics": {said: now}}
        if author["type"] == "user" and self.conversation(match).get("state") == "closed":
            kind, patch = "open", {**patch, "state": "open", "open": True}
        return self._continued(match, self._part(kind, sent["body"], author, now), patch)

    def answer_manage_conversation(self, request: httpx.Request, match: Match) -> Answer:
        sent, now = self.sent(request), int(self.clock())
        self.found(match)
        author = self._author({**sent, "type": "admin"})
        kind = sent.get("message_type")
        patch: dict[str, Json]
        match kind:
            case "close":
                patch = {"state": "closed", "open": False, "snoozed_until": None, "statistics": {"last_close_at": now}}
            case "open":
                patch = {"state": "open", "open": True, "snoozed_until": None}
            case "snoozed":
                patch = {"state": "snoozed", "open": True, "snoozed_until": self._later(sent, now)}
            case "assignment":
                return self._assigned(match, sent, author, now)
            case _:
                raise self.refusal(400, "parameter_invalid", "message_type must be close, open, snoozed or assignment")
        return self._continued(match, self._part(kind, sent.get("body"), author, now), patch)

    def _later(self, sent: Mapping[str, Json], now: int) -> int:
        until = sent.get("snoozed_until")
        if not isinstance(until, int) or isinstance(until, bool) or until <= now:
            raise self.refusal(400, "parameter_invalid", "snoozed_until must be a time to come")
        return until

    def _assigned(self, match: Match, sent: Mapping[str, Json], author: Json, now: int) -> Answer:
        """To an admin, to a team, or ("0") to nobody."""
        key = str(sent.get("assignee_id"))
        if key == "0":
            patch: dict[str, Json] = {"admin_assignee_id": None, "team_assignee_id": None}
            return self._continued(match, self._part("assignment", sent.get("body"), author, now), patch)
        kind = "team" if sent.get("type") == "team" else "admin"
        try:
            self.row(f"{kind}s", key)
        except Refusal:
            raise self.refusal(404, "assignee_not_found", "Assignee not found") from None
        part = {**self._part("assignment", sent.get("body"), author, now), "assigned_to": {"type": kind, "id": key}}
        return self._continued(match, part, {f"{kind}_assignee_id": int(key)})

    def _continued(self, match: Match, part: Json, patch: dict[str, Json]) -> Answer:
        """The conversation with one more part, and with what else changed in it."""
        home, position = self.found(match)
        before = self.conversation(match)
        parts = [*(dig(before, "conversation_parts.conversation_parts") or []), part]
        statistics = before.get("statistics")
        if isinstance(statistics, Mapping):
            patch["statistics"] = {**patch.get("statistics", {}), "count_conversation_parts": len(parts)}
        else:
            patch.pop("statistics", None)
        changed = {**patch, "updated_at": part["created_at"], "conversation_parts": held(parts)}
        self.world.update(self.platform, home.endpoint, position, changed)
        return self.enveloped(self.platform.endpoint("conversation"), newest(self.conversation(match)))

    def _part(self, kind: str, body: Json, author: Json, now: int) -> Json:
        return {
            "type": "conversation_part",
            "id": str(PARTS + self.world.version),
            "part_type": kind,
            "body": f"<p>{body}</p>" if isinstance(body, str) and body and not body.startswith("<") else body or None,
            "created_at": now,
            "updated_at": now,
            "notified_at": now,
            "assigned_to": None,
            "author": author,
            "attachments": [],
            "external_id": None,
            "redacted": False,
        }

    def _author(self, sent: Mapping[str, Json]) -> Json:
        """Who replies. Raises `Refusal` for somebody who is not there."""
        kind = sent.get("type")
        if kind == "admin":
            row = self.row("admins", sent.get("admin_id"), "admin")[1]
        elif kind == "user":
            row = self.row("contacts", sent.get("intercom_user_id"), "contact")[1]
        else:
            raise self.refusal(400, "parameter_invalid", "type must be admin or user")
        return {"type": kind, "id": row["id"], "name": row["name"], "email": row["email"]}

    def answer_tag_conversation(self, request: httpx.Request, match: Match) -> Answer:
        home, position = self.found(match)
        sent, now = self.sent(request), int(self.clock())
        for name in ("id", "admin_id"):
            if sent.get(name) in (None, ""):
                raise self.refusal(400, "parameter_not_found", f"{name} is required")
        tag = self.tag(sent["id"])
        admin = self.row("admins", sent["admin_id"], "admin")[1]
        applied = {
            "type": "tag",
            "id": tag["id"],
            "name": tag["name"],
            "applied_at": now,
            "applied_by": {"type": "admin", "id": admin["id"]},
        }
        self._tagged(home.row(position), position, [applied], tag["id"], now)
        return self.enveloped(match.endpoint, applied)

    def answer_untag_conversation(self, request: httpx.Request, match: Match) -> Answer:  # noqa: ARG002
        position, row = self.row("conversations", match.arguments["conversation_id"], "tag_conversation")
        tag = self.tag(match.arguments["tag_id"])
        self._tagged(row, position, [], tag["id"], int(self.clock()))
        return json_answer(200, tag)

    def _tagged(self, row: Json, position: int, tags: list[Json], key: str, now: int) -> None:
        kept = [one for one in dig(row, "tags.tags") or [] if one["id"] != key]
        patch = {"tags": {"type": "tag.list", "tags": [*kept, *tags]}, "updated_at": now}
        self.world.update(self.platform, self.collection("conversations").endpoint, position, patch)

    def tag(self, key: Json) -> Json:
        """The tag with this id. Raises `Refusal`."""
        try:
            return self.row("tags", key)[1]
        except Refusal:
            raise self.refusal(404, "tag_not_found", "Tag not found") from None

    # Redacted messages

    def answer_redact_conversation(self, request: httpx.Request, match: Match) -> Answer:  # noqa: ARG002
        sent = self.sent(request)
        position, _ = self.row("conversations", sent.get("conversation_id"), "tag_conversation")
        named = Match(self.platform.endpoint("conversation"), {"id": str(sent["conversation_id"])})
        before, now = self.conversation(named), int(self.clock())
        match sent.get("type"):
            case "conversation_part":
                patch = _without_part(before, str(sent.get("conversation_part_id")), now)
            case "source":
                patch = _without_source(before, str(sent.get("source_id")))
            case _:
                raise self.refusal(400, "parameter_invalid", "type must be conversation_part or source")
        if not patch:
            raise self.refusal(404, "conversation_part_or_message_not_found", "Conversation part or message not found")
        self.world.update(
            self.platform, self.collection("conversations").endpoint, position, patch | {"updated_at": now}
        )
        return self.enveloped(named.endpoint, newest(self.conversation(named)))

    # Deleted conversations

    def answer_delete_conversation(self, request: httpx.Request, match: Match) -> Answer:
        position, row = self.row("conversations", match.arguments["id"], "tag_conversation")
        retained = request.url.params.get("retain_metrics", "true") != "false"
        self.deleted.append(
            {
                "type": "conversation",
                "id": row["id"],
                "metrics_retained": retained,
                "deleted_at": int(self.clock()),
            }
        )
        self.world.delete(self.platform, self.collection("conversations").endpoint, position)
        return json_answer(200, {"id": row["id"], "object": "conversation", "deleted": True})

    def answer_conversations_deleted(self, request: httpx.Request, match: Match) -> Answer:  # noqa: ARG002
        params = request.url.params
        size, page = page_size(params.get("per_page"), 20, 60), whole_number(params.get("page"), 1)
        order = params.get("order", "desc")
        if order not in ("asc", "desc") or page < 1:
            raise Refusal(ErrorKind.BAD_REQUEST, "order must be asc or desc, page at least 1")
        found = self.deleted if order == "asc" else self.deleted[::-1]
        pages = {"type": "pages", "page": page, "per_page": size, "total_pages": -(-len(found) // size)}
        rows = found[(page - 1) * size : page * size]
        return json_answer(
            200, {"type": "conversation.list", "conversations": rows, "pages": pages, "total_count": len(found)}
        )


def _plain(found: Json) -> Json:
    """The conversation with the text of its bodies alone."""
    body = dict(found)
    if isinstance(found.get("source"), Mapping):
        body["source"] = {**found["source"], "body": plain(found["source"].get("body"))}
    held = found.get("conversation_parts")
    if isinstance(held, Mapping):
        parts = [{**part, "body": plain(part.get("body"))} for part in held["conversation_parts"]]
        body["conversation_parts"] = {**held, "conversation_parts": parts}
    return body


REDACTED = {"body": "<p><i>This message was deleted</i></p>", "attachments": [], "redacted": True}
"""What is left of a message that was redacted."""


def _without_part(found: Json, key: str, now: int) -> dict[str, Json]:
    """What redacting a part changes, nothing where there is no such part."""
    parts = dig(found, "conversation_parts.conversation_parts") or []
    if not any(dig(part, "id") == key for part in parts):
        return {}
    return {
        "conversation_parts": held(
            [{**part, **REDACTED, "updated_at": now} if dig(part, "id") == key else part for part in parts]
        )
    }


def _without_source(found: Json, key: str) -> dict[str, Json]:
    """What redacting the first message changes, nothing where that is another."""
    return {"source": REDACTED | {"subject": ""}} if dig(found, "source.id") == key else {}
