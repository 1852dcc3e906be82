"""Contacts and tags that are written."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Final

import httpx

from ....paths import Json, dig
from ....queries import Condition, Query
from ...answer import Answer, json_answer
from ...collection import Collection
from ...routing import Match
from .base import Base, whole

LOOKED_AT: Final = 20_000
"""Contacts among which a double is looked for; beyond that only among those that somebody wrote."""


def _text(value: Json) -> bool:
    return value is None or isinstance(value, str)


def _moment(value: Json) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool))


WRITABLE: Final[Mapping[str, Callable[[Json], bool]]] = {
    "role": lambda value: value in ("user", "lead"),
    "external_id": _text,
    "email": _text,
    "phone": _text,
    "name": _text,
    "avatar": _text,
    "language_override": _text,
    "signed_up_at": _moment,
    "last_seen_at": _moment,
    "owner_id": _moment,
    "unsubscribed_from_emails": lambda value: isinstance(value, bool),
    "custom_attributes": lambda value: isinstance(value, Mapping),
}
"""Member of a contact -> whether it may have a value."""


class Contacts(Base):
    """Answers about contacts and tags."""

    def answer_create_contact(self, request: httpx.Request, match: Match) -> Answer:
        values = self._values(self.sent(request))
        if not any(values.get(name) for name in ("role", "email", "external_id")):
            raise self.refusal(400, "parameter_not_found", "role, email or external_id is required")
        self._alone(values, None)
        now = int(self.clock())
        record = {**self._bare(), "role": "user", **values, "created_at": now, "updated_at": now}
        home = self.collection("contacts")
        return self._shown_contact(home, self.world.create(self.platform, home.endpoint, record), match)

    def answer_update_contact(self, request: httpx.Request, match: Match) -> Answer:
        home, position = self.found(match)
        values = self._values(self.sent(request))
        self._alone(values, position)
        self.world.update(self.platform, home.endpoint, position, {**values, "updated_at": int(self.clock())})
        self.rendered.clear()  # conversations and tickets name it in brief
        return self._shown_contact(home, position, match)

    def answer_delete_contact(self, request: httpx.Request, match: Match) -> Answer:  # noqa: ARG002
        position, row = self.row("contacts", match.arguments["id"], "contact")
        self.world.delete(self.platform, self.collection("contacts").endpoint, position)
        return whole({"type": "contact", "id": row["id"], "external_id": row["external_id"], "deleted": True})

    def _shown_contact(self, home: Collection, position: int, match: Match) -> Answer:
        return self.enveloped(match.endpoint, self.shown(self.platform.endpoint("contact"), home, position))

    def _values(self, sent: Mapping[str, Json]) -> dict[str, Json]:
        """What may be written. Raises `Refusal` for a value of another type."""
        for name, fits in WRITABLE.items():
            if name in sent and not fits(sent[name]):
                raise self.refusal(400, "parameter_invalid", f"{name} is invalid")
        return {name: sent[name] for name in WRITABLE if name in sent}

    def _bare(self) -> Json:
        """A contact about whom nothing is known, with an id of its own."""
        home = self.collection("contacts")
        key = self.world.blank(self.platform, home.endpoint)["id"]
        text = json.dumps(home.endpoint.examples[-1])
        for example in home.endpoint.examples:
            text = text.replace(example["id"], key)
        return json.loads(text)

    def _alone(self, values: Mapping[str, Json], position: int | None) -> None:
        """Raises `Refusal` where another contact has that address or that id of the customer's own."""
        home = self.collection("contacts")
        rows = home.everything()
        if len(rows) > LOOKED_AT:
            rows = type(rows)(home, home.added(None, float("inf")))
        for name in ("email", "external_id"):
            if not values.get(name):
                continue
            found = self.narrowed(rows, Query(Condition(name, "eq", values[name])))
            others = [one for one in found.positions if one != position]
            if others:
                words = f"A contact matching those details already exists with id={home.row(others[0])['id']}"
                raise self.refusal(409, "conflict", words)

    # Tags

    def answer_create_tag(self, request: httpx.Request, match: Match) -> Answer:
        sent = self.sent(request)
        name = sent.get("name")
        if not isinstance(name, str) or not name.strip():
            raise self.refusal(400, "parameter_invalid", "invalid tag parameters")
        home = self.collection("tags")
        if sent.get("id") is not None:
            position = self.row("tags", sent["id"])[0]
            self.world.update(self.platform, home.endpoint, position, {"name": name})
        else:
            known = self.narrowed(home.everything(), Query(Condition("name", "eq", name)))
            position = known.positions[0] if len(known) else self._new_tag(home, name)
        return self.enveloped(match.endpoint, home.row(position))

    def _new_tag(self, home: Collection, name: str) -> int:
        record = {**self.world.blank(self.platform, home.endpoint), "name": name}
        return self.world.create(self.platform, home.endpoint, record)

    def answer_contact_tags(self, request: httpx.Request, match: Match) -> Answer:  # noqa: ARG002
        row = self.row("contacts", match.arguments["contact_id"], "contact")[1]
        keys = [one["id"] for one in dig(row, "tags.data") or []]
        found = [self.row("tags", key)[1] for key in keys if self.collection("tags").position(key) is not None]
        return json_answer(200, {"type": "list", "data": found})

    def answer_tag_contact(self, request: httpx.Request, match: Match) -> Answer:
        tag = self.row("tags", self.sent(request).get("id"))[1]
        self._retagged(match.arguments["contact_id"], tag["id"], wanted=True)
        return whole(tag)

    def answer_untag_contact(self, request: httpx.Request, match: Match) -> Answer:  # noqa: ARG002
        tag = self.row("tags", match.arguments["tag_id"])[1]
        self._retagged(match.arguments["contact_id"], tag["id"], wanted=False)
        return whole(tag)

    def _retagged(self, contact: Json, key: str, *, wanted: bool) -> None:
        position, row = self.row("contacts", contact, "contact")
        kept = [one for one in dig(row, "tags.data") or [] if one["id"] != key]
        data = [*kept, {"type": "tag", "id": key, "url": f"/tags/{key}"}] if wanted else kept
        patch = {"tags": {"data": data, "total_count": len(data)}, "updated_at": int(self.clock())}
        self.world.update(self.platform, self.collection("contacts").endpoint, position, patch)

    def answer_company_contacts(self, request: httpx.Request, match: Match) -> Answer:
        key = match.arguments["id"]
        self.row("companies", key, "company")
        endpoint = self.platform.endpoint("contacts")
        rows = self.narrowed(self.collection("contacts").everything(), Query(Condition("companies.data.id", "eq", key)))
        return self.paged(request, endpoint, rows)
