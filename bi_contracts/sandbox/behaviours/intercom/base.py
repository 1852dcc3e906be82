"""What every part of Intercom's behaviour needs: its errors, its rows, who is meant by an id."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace

import httpx

from ....dialects import ErrorKind, ErrorShape
from ....paths import Json
from ....platform import Endpoint
from ....slots import json_of
from ...answer import Answer, json_answer
from ...collection import Collection
from ...refusal import Refusal
from ...rest import Rest

TAGS_IN_TEXT = re.compile(r"<[^>]*>")


class Base(Rest):
    """Answers as Intercom, for lists and items."""

    def home(self, name: str) -> Collection:
        """The list of that name."""
        return self.world.collection(self.platform, self.platform.endpoint(name))

    def refusal(self, status: int, code: str, message: str) -> Refusal:
        """An error with a code of its own."""
        usual = self.platform.errors.shapes[ErrorKind.BAD_REQUEST]
        return Refusal(ErrorKind.BAD_REQUEST, shape=replace(usual, status=status, code=code, message=message))

    def lacking(self, shape: ErrorShape | None) -> Refusal:
        """Something is not there."""
        return Refusal(ErrorKind.NOT_FOUND, shape=shape)

    def sent(self, request: httpx.Request) -> Mapping[str, Json]:
        """The body, an object. Raises `Refusal`."""
        body = json_of(request)
        if not isinstance(body, Mapping) or not writable(body):
            raise self.refusal(400, "bad_request", "The body is no JSON object")
        return body

    def row(self, name: str, key: Json, item: str = "") -> tuple[int, Json]:
        """The row of a list with this key, and where it stands. Raises `Refusal` as the `item` endpoint does."""
        home = self.home(name)
        position = home.position(str(key)) if key is not None and not isinstance(key, list | dict) else None
        if position is None:
            raise self.lacking(self.platform.endpoint(item).missing if item else None)
        return position, home.row(position)

    def record(self, endpoint: Endpoint, row: Json, position: int) -> Json:
        if isinstance(row, Mapping) and endpoint.name in ("conversations", "conversations_search"):
            row = {key: value for key, value in row.items() if key != "conversation_parts"}
        home = self.world.collection(self.platform, endpoint)
        made_up = isinstance(row, Mapping) and position >= 0 and home.exact is None
        return super().record(endpoint, _settled(endpoint.name, row) if made_up else row, position)


def _settled(name: str, row: Mapping[str, Json]) -> Json:
    """A made-up row with what follows from its other members."""
    if name == "data_attributes" and row.get("custom") and "name" in row:
        return {**row, "full_name": f"custom_attributes.{row['name']}", "label": row["name"]}
    if row.get("type") == "contact":
        lists = {key: row[key] for key in _LISTS if isinstance(row.get(key), Mapping)}
        return {**row, **{key: {**one, "url": f"/contacts/{row['id']}/{_LISTS[key]}"} for key, one in lists.items()}}
    if row.get("type") == "ticket_type":
        return _of_type(row)
    if row.get("type") == "ticket" and isinstance(row.get("ticket_type"), Mapping):
        return {**row, "ticket_type": _of_type(row["ticket_type"])}
    return row


_DEFAULTS = ("_default_title_", "_default_description_")
_LISTS = {
    "tags": "tags",
    "notes": "notes",
    "companies": "companies",
    "opted_out_subscription_types": "subscriptions",
    "opted_in_subscription_types": "subscriptions",
}
"""Lists inside a contact -> the last segment of their URL."""


def _of_type(row: Mapping[str, Json]) -> Json:
    """A type of ticket whose first attributes have the names that they have in every workspace."""
    held = row.get("ticket_type_attributes")
    data = held.get("data") if isinstance(held, Mapping) else None
    if not data or not str(row.get("id")).isdecimal():
        return row
    named = [
        {
            **one,
            "ticket_type_id": int(row["id"]),
            **({"name": _DEFAULTS[one["order"]]} if one.get("default") and one["order"] < len(_DEFAULTS) else {}),
        }
        for one in data
    ]
    return {**row, "ticket_type_attributes": {**held, "data": named}}  # type: ignore[dict-item]


def writable(value: Json) -> bool:
    """Whether a value can be written as JSON again: `1e999` can be read, and is then infinite."""
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return False
    return True


def plain(value: Json) -> Json:
    """HTML without its tags."""
    return TAGS_IN_TEXT.sub("", value) if isinstance(value, str) else value


def whole(body: Json) -> Answer:
    """A success with that body."""
    return json_answer(200, body)
