"""What every part of Intercom's behaviour needs: its errors, its rows, who is meant by an id."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import httpx

from ....dialects import ErrorKind, ErrorShape
from ....paths import Json
from ....platform import Endpoint
from ....slots import json_of
from ...answer import Answer, json_answer, writable
from ...collection import Collection
from ...refusal import Refusal
from ...rest import Rest
from .coherence import coherent
from .parts import held, made

TAGS_IN_TEXT = re.compile(r"<[^>]*>")


class Base(Rest):
    """Answers as Intercom, for lists and items."""

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
        home = self.collection(name)
        position = home.position(str(key)) if key is not None and not isinstance(key, list | dict) else None
        if position is None:
            raise self.lacking(self.platform.endpoint(item).missing if item else None)
        return position, home.row(position)

    def whole(self, endpoint: Endpoint, home: Collection, position: int) -> Json:
        """A row with the fields that only the item endpoint shows. The parts of conversations are made below."""
        row = home.row(position) if endpoint.name in CONVERSATIONS and _made_up(home, position) else None
        return super().whole(endpoint, home, position) if row is None else row

    def record(self, endpoint: Endpoint, row: Json, position: int) -> Json:
        home = self.world.collection(self.platform, endpoint)
        if isinstance(row, Mapping) and _made_up(home, position):
            row = coherent(self.collection, row)
        if isinstance(row, Mapping) and endpoint.name in CONVERSATIONS:
            row = self._with_parts(endpoint, home, row, position)
        return super().record(endpoint, row, position)

    def _with_parts(self, endpoint: Endpoint, home: Collection, row: Mapping[str, Json], position: int) -> Json:
        """A conversation without its parts in lists; else with them, made unless somebody wrote in it."""
        if endpoint.kind == "list":
            return {key: value for key, value in row.items() if key != "conversation_parts"}
        if "conversation_parts" in row or not _made_up(home, position):
            return row
        return {**row, "conversation_parts": held(made(self.collection, row, position, home.number(position)))}


CONVERSATIONS = ("conversations", "conversations_search", "conversation")


def _made_up(home: Collection, position: int) -> bool:
    return position >= 0 and home.exact is None


def plain(value: Json) -> Json:
    """HTML without its tags."""
    return TAGS_IN_TEXT.sub("", value) if isinstance(value, str) else value


def whole(body: Json) -> Answer:
    """A success with that body."""
    return json_answer(200, body)
