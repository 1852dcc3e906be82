"""Blocks below pages and below other blocks, and comments on either."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

import httpx

from ....dialects import ErrorKind
from ....paths import Json, dig
from ....queries.property_filters import dashed
from ...answer import Answer
from ...collection import Collection
from ...refusal import Refusal
from ...routing import Match
from .base import Base, listed, not_found
from .coherence import settled, title_of
from .contents import block, invalid, minute, rich_text

CHILDREN = 2
"""Blocks below a made-up block that has any."""

_APART = 1 << 112


class Blocks(Base):
    """Answers about blocks and comments."""

    def answer_blocks(self, request: httpx.Request, match: Match) -> Answer:
        key = match.arguments.get("block_id")
        if self.collection("pages").position(key) is not None:
            return self.usual(request, match)
        found = self.block(key)
        if found is None:
            raise not_found("block", key)
        return self.paged(request, match.endpoint, self.below(found))

    def answer_block(self, request: httpx.Request, match: Match) -> Answer:  # noqa: ARG002
        key = match.arguments["block_id"]
        found = self.block(key) or self.page_block(key)
        if found is None:
            raise not_found("block", key)
        return self.enveloped(match.endpoint, found)

    def answer_update_block(self, request: httpx.Request, match: Match) -> Answer:
        key = match.arguments["block_id"]
        home, position = self._standing(key)
        sent = dict(self.sent(request))
        away = sent.pop("in_trash", sent.pop("archived", None))
        if away is not None:
            self.throw(home, position, away=_flag(away))
        kind = home.row(position)["type"]
        if sent:
            named, held = block(sent, "body")
            if named != kind:
                raise Refusal(ErrorKind.BAD_REQUEST, f"Cannot change the type of a block from {kind} to {named}.")
            self._touch(home, position, {kind: held})
        return self.enveloped(self.platform.endpoint("block"), home.row(position))

    def answer_delete_block(self, request: httpx.Request, match: Match) -> Answer:  # noqa: ARG002
        key = match.arguments["block_id"]
        pages = self.collection("pages")
        position = pages.position(key)
        if position is not None:
            self.throw(pages, position, away=True)
            return self.enveloped(self.platform.endpoint("block"), self.page_block(key))
        home, position = self._standing(key)
        self.throw(home, position, away=True)
        return self.enveloped(self.platform.endpoint("block"), home.row(position))

    def answer_append_blocks(self, request: httpx.Request, match: Match) -> Answer:
        key = match.arguments["block_id"]
        sent = self.sent(request, "after position", "children")
        page = self.collection("pages").position(key)
        found = None if page is not None else self.block(key)
        if page is None and found is None:
            raise not_found("block", key)
        parent = {"type": "page_id", "page_id": dashed(key)} if page is not None else _below(dashed(key))
        made = self.append(sent["children"], parent, page)
        if found is not None:
            self._touch(*self._standing(key), {"has_children": True})
        return listed(self.platform.endpoint("blocks"), made)

    def append(self, children: Json, parent: Json, page: int | None, where: str = "body.children") -> list[Json]:
        """Writes blocks below a page or a block. Raises `Refusal` before anything is written."""
        if not isinstance(children, list):
            raise invalid(f"{where} should be an array, instead was `{children}`.")
        if len(children) > 100:
            raise invalid(f"{where}.length should be ≤ `100`, instead was `{len(children)}`.")
        held = [block(child, f"{where}[{place}]") for place, child in enumerate(children)]
        return [self._written(*one, parent, page) for one in held]

    def _written(self, kind: str, held: Json, parent: Json, page: int | None) -> Json:
        now, endpoint = minute(self.clock()), self.platform.endpoint("blocks")
        record = {
            "object": "block",
            "id": self.world.blank(self.platform, endpoint)["id"],
            "parent": parent,
            "created_time": now,
            "last_edited_time": now,
            "created_by": self.bot(),
            "last_edited_by": self.bot(),
            "has_children": False,
            "in_trash": False,
            "type": kind,
            kind: held,
            "archived": False,
        }
        self.world.create(self.platform, endpoint, record, page)
        return record

    def block(self, key: Json) -> Json:
        """The block with this id, None where there is none."""
        home = self.collection("blocks")
        position = home.position(key)
        if position is not None:
            return home.row(position)
        for place in range(CHILDREN):
            above = home.position(_apart(key, place))
            if above is not None and above >= 0 and home.untouched(above).get("has_children"):
                return _made_up(home.row(above), place)
        return None

    def below(self, found: Mapping[str, Json]) -> list[Json]:
        """The blocks below a block: made up where it was, and those that somebody wrote."""
        home = self.collection("blocks")
        position = home.position(found["id"])
        made_up = position is not None and position >= 0 and home.untouched(position).get("has_children")
        written = [home.row(one) for one in home.added(None, self.horizon()) if not self.trashed(home, one)]
        mine = [row for row in written if dig(row, "parent.block_id") == found["id"]]
        return [*([_made_up(found, place) for place in range(CHILDREN)] if made_up else []), *mine]

    def horizon(self) -> float:
        """What was written after this time is not to be seen in lists yet."""
        return self.world.horizon(self.platform)

    def page_block(self, key: Json) -> Json:
        """A page as the block that it is to its parent, None where there is none."""
        home = self.collection("pages")
        position = home.position(key)
        if position is None:
            return None
        page = settled(home.row(position))
        kept = (
            "id",
            "parent",
            "created_time",
            "last_edited_time",
            "created_by",
            "last_edited_by",
            "in_trash",
            "archived",
        )
        head = {"object": "block", **{name: page[name] for name in kept if name in page}}
        return {**head, "has_children": True, "type": "child_page", "child_page": {"title": title_of(page)}}

    def _standing(self, key: Json) -> tuple[Collection, int]:
        home = self.collection("blocks")
        position = home.position(key)
        if position is None:
            raise not_found("block", key)
        return home, position

    def _touch(self, home: Collection, position: int, patch: Json) -> None:
        stamp = {"last_edited_time": minute(self.clock()), "last_edited_by": self.bot()}
        self.world.update(self.platform, home.endpoint, position, {**patch, **stamp})

    # Comments

    def answer_comments(self, request: httpx.Request, match: Match) -> Answer:
        key = match.arguments.get("block_id")
        if self.collection("pages").position(key) is not None or key is None:
            return self.usual(request, match)
        found = self.block(key)
        if found is None:
            raise not_found("block", key)
        home = self.collection("comments")
        written = [home.row(one) for one in home.added(None, self.horizon())]
        mine = [row for row in written if dig(row, "parent.block_id") == found["id"]]
        return self.paged(request, match.endpoint, mine)

    def answer_create_comment(self, request: httpx.Request, match: Match) -> Answer:
        sent = self.sent(request, "parent discussion_id attachments display_name markdown", "rich_text")
        words = rich_text(sent["rich_text"], "body.rich_text")
        parent, page, discussion = self._discussed(sent)
        now, home = minute(self.clock()), self.collection("comments")
        blank = self.world.blank(self.platform, home.endpoint)
        record = {
            "object": "comment",
            "id": blank["id"],
            "parent": parent,
            "discussion_id": discussion or str(uuid.UUID(int=uuid.UUID(blank["id"]).int ^ _APART)),
            "created_time": now,
            "last_edited_time": now,
            "created_by": self.bot(),
            "rich_text": words,
            "display_name": {"type": "integration", "resolved_name": self.collection("me").row(0)["name"]},
        }
        position = self.world.create(self.platform, home.endpoint, record, page)
        return self.enveloped(match.endpoint, home.row(position))

    def _discussed(self, sent: Mapping[str, Json]) -> tuple[Json, int | None, str]:
        """What a comment is on: its parent as it is written, the page's position, the discussion. Raises `Refusal`."""
        if "discussion_id" in sent:
            return self._discussion(sent["discussion_id"])
        parent = sent.get("parent")
        key = dig(parent, "page_id")
        if key is not None:
            page = self.collection("pages").position(key)
            if page is None:
                raise not_found("page", key)
            return {"type": "page_id", "page_id": dashed(key)}, page, ""
        key = dig(parent, "block_id")
        if key is None:
            raise invalid("body.parent.page_id should be defined, instead was `undefined`.")
        found = self.block(key)
        if found is None:
            raise not_found("block", key)
        return _below(dashed(key)), None, ""

    def _discussion(self, key: Json) -> tuple[Json, int | None, str]:
        """A discussion that is known: one that somebody started here, or the first of a page's."""
        home = self.collection("comments")
        for position in home.added(None, float("inf")):
            row = home.row(position)
            if row["discussion_id"] == dashed(key):
                return row["parent"], self.world.created[position].parent, row["discussion_id"]
        raise not_found("discussion", key)


def _below(key: str) -> Json:
    return {"type": "block_id", "block_id": key}


def _flag(value: Json) -> bool:
    if not isinstance(value, bool):
        raise invalid(f"body.in_trash should be a boolean, instead was `{value}`.")
    return value


def _apart(key: Json, place: int) -> str:
    """The id of a made-up block below a block, and of the block above such a one."""
    found = dashed(key)
    return str(uuid.UUID(int=uuid.UUID(found).int ^ (_APART << place))) if found else ""


def _made_up(above: Mapping[str, Json], place: int) -> Json:
    """A paragraph below a block."""
    words = dig(above[above["type"]], "rich_text.0.plain_text") or dig(above[above["type"]], "title") or "Details"
    kept = {name: value for name, value in above.items() if name != above["type"]}
    return {
        **kept,
        "id": _apart(above["id"], place),
        "parent": _below(above["id"]),
        "has_children": False,
        "type": "paragraph",
        "paragraph": {
            "rich_text": rich_text([{"text": {"content": f"{words} ({place + 1})"}}], ""),
            "icon": None,
            "color": "default",
        },
    }
