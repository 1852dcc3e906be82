"""What is sent to Notion becomes what it answers: rich text, property values, blocks.

Source: developers.notion.com (rich text, page properties, block) and Notion's OpenAPI description.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

from ....dialects import ErrorKind
from ....paths import Json
from ....queries.property_filters import Property, dashed, quoted
from ...refusal import Refusal

LONGEST: Final = 2000
"""Characters in one piece of rich text."""

PLAIN: Final = {
    "bold": False,
    "italic": False,
    "strikethrough": False,
    "underline": False,
    "code": False,
    "color": "default",
}
TEXTUAL: Final = (
    "paragraph",
    "heading_1",
    "heading_2",
    "heading_3",
    "bulleted_list_item",
    "numbered_list_item",
    "to_do",
    "toggle",
    "quote",
    "callout",
)
"""Types of block that hold rich text and a colour."""
BLOCKS: Final = frozenset(
    [
        *TEXTUAL,
        "code",
        "divider",
        "equation",
        "image",
        "video",
        "file",
        "pdf",
        "bookmark",
        "embed",
        "breadcrumb",
        "table_of_contents",
        "synced_block",
        "column_list",
        "column",
        "table",
        "table_row",
        "link_to_page",
        "template",
    ]
)
COMPUTED: Final = frozenset(
    [
        "formula",
        "rollup",
        "created_time",
        "created_by",
        "last_edited_time",
        "last_edited_by",
        "unique_id",
        "verification",
        "button",
    ]
)


def invalid(message: str) -> Refusal:
    """The body does not pass validation."""
    return Refusal(ErrorKind.BAD_REQUEST, f"body failed validation: {message}")


def minute(seconds: float) -> str:
    """Times are told to the minute."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M}:00.000Z"


def rich_text(sent: Json, where: str) -> list[Json]:
    """Rich text as answers hold it. Raises `Refusal`."""
    if not isinstance(sent, list):
        raise invalid(f"{where} should be an array, instead was `{quoted(sent)}`.")
    if len(sent) > 100:
        raise invalid(f"{where}.length should be ≤ `100`, instead was `{len(sent)}`.")
    return [_piece(piece, f"{where}[{place}]") for place, piece in enumerate(sent)]


def _piece(sent: Json, where: str) -> Json:
    kind = next((name for name in ("text", "mention", "equation") if isinstance(sent, Mapping) and name in sent), None)
    if kind is None or not isinstance(sent[kind], Mapping):
        raise invalid(f"{where}.text should be defined, instead was `undefined`.")
    inside = sent[kind]
    link = inside.get("link")
    if kind == "text":
        words = inside.get("content")
        if not isinstance(words, str):
            raise invalid(f"{where}.text.content should be a string, instead was `{quoted(words)}`.")
        if len(words) > LONGEST:
            raise invalid(f"{where}.text.content.length should be ≤ `{LONGEST}`, instead was `{len(words)}`.")
        inside = {"content": words, "link": link}
    else:
        words = str(inside.get("expression", "@"))
    annotations = sent.get("annotations")
    return {
        "type": kind,
        kind: inside,
        "annotations": {**PLAIN, **(annotations if isinstance(annotations, Mapping) else {})},
        "plain_text": words,
        "href": link.get("url") if isinstance(link, Mapping) else None,
    }


def block(sent: Json, where: str) -> tuple[str, Json]:
    """The type of a block and what it holds. Raises `Refusal`."""
    kinds = [name for name in sent if name in BLOCKS] if isinstance(sent, Mapping) else []
    if len(kinds) != 1 or not isinstance(inside := sent[kinds[0]], Mapping):
        raise invalid(f"{where}.paragraph should be defined, instead was `undefined`.")
    kind = kinds[0]
    held = {name: value for name, value in inside.items() if name != "children"}
    if kind in TEXTUAL or "rich_text" in held:
        held["rich_text"] = rich_text(held.get("rich_text"), f"{where}.{kind}.rich_text")
    if kind in TEXTUAL:
        held = {**held, "color": held.get("color", "default")}
    return kind, held


class Table:
    """The properties of a data source, and what their values become.

    Args:
        schema: Name -> property, as the declaration says it.
        columns: Name -> the property as a data source shows it, with its options.
    """

    def __init__(self, schema: Mapping[str, Property], columns: Mapping[str, Json]) -> None:
        self.schema = schema
        self.columns = columns

    def named(self, name: str) -> tuple[str, Property]:
        """The property of that name or id. Raises `Refusal`."""
        for known, found in self.schema.items():
            if name in (known, found.id):
                return known, found
        raise Refusal(ErrorKind.BAD_REQUEST, f"{name} is not a property that exists.")

    def values(self, sent: Json) -> dict[str, Json]:
        """Property values as answers hold them. Raises `Refusal`."""
        if not isinstance(sent, Mapping):
            raise invalid(f"body.properties should be an object, instead was `{quoted(sent)}`.")
        found = {}
        for name, value in sent.items():
            known, column = self.named(name)
            if column.type in COMPUTED:
                raise invalid(f"body.properties.{name}.{column.type} should be not present.")
            made = self.value(known, column, value, f"body.properties.{name}")
            found[known] = {"id": column.id, "type": column.type, column.type: made}
        return found

    def value(self, name: str, column: Property, sent: Json, where: str) -> Json:
        """One value; a bare list is short for the property's own type."""
        if isinstance(sent, list):
            sent = {column.type: sent}
        if not isinstance(sent, Mapping) or column.type not in sent:
            kinds = [kind for kind in sent if kind not in ("id", "type")] if isinstance(sent, Mapping) else []
            if kinds:
                raise Refusal(ErrorKind.BAD_REQUEST, f"{name} is expected to be {column.type}.")
            raise invalid(f"{where}.{column.type} should be defined, instead was `undefined`.")
        inside, place = sent[column.type], f"{where}.{column.type}"
        if column.type in ("title", "rich_text"):
            return rich_text(inside, place)
        if column.type in ("select", "status"):
            return None if inside is None else self.option(name, column.type, inside, place)
        if column.type == "multi_select":
            return [self.option(name, column.type, item, place) for item in _listed(inside, place)]
        if column.type == "relation":
            return [{"id": _uuid(item, place)} for item in _listed(inside, place)]
        if column.type == "people":
            return [{"object": "user", "id": _uuid(item, place)} for item in _listed(inside, place)]
        if column.type == "files":
            return _listed(inside, place)
        if column.type == "date":
            return None if inside is None else _date(inside, place)
        if not _PLAIN[column.type](inside):
            raise invalid(f"{place} has the wrong type, instead was `{quoted(inside)}`.")
        return inside

    def option(self, name: str, kind: str, sent: Json, where: str) -> Json:
        """The option of that name or id. Selections make a new one, a status must be there. Raises `Refusal`."""
        wanted = [sent.get("name"), sent.get("id")] if isinstance(sent, Mapping) else []
        if not any(isinstance(one, str) and one for one in wanted):
            raise invalid(f"{where}.name should be defined, instead was `undefined`.")
        for option in self.columns[name][kind]["options"]:
            if wanted[0] == option["name"] or (wanted[0] is None and wanted[1] == option["id"]):
                return {key: option[key] for key in ("id", "name", "color")}
        if kind == "status" or wanted[0] is None:
            raise Refusal(
                ErrorKind.BAD_REQUEST, f'{kind.capitalize()} option "{wanted[0] or wanted[1]}" does not exist.'
            )
        return {"id": str(uuid.uuid5(uuid.NAMESPACE_OID, wanted[0])), "name": wanted[0], "color": "default"}


def empty(column: Property) -> Json:
    """The value of a property that was not set."""
    if column.type in ("title", "rich_text", "multi_select", "people", "relation", "files"):
        return []
    return False if column.type == "checkbox" else None


_PLAIN: Final[Mapping[str, Callable[[Json], bool]]] = {
    "checkbox": lambda value: isinstance(value, bool),
    "number": lambda value: value is None or (isinstance(value, int | float) and not isinstance(value, bool)),
    "url": lambda value: value is None or isinstance(value, str),
    "email": lambda value: value is None or isinstance(value, str),
    "phone_number": lambda value: value is None or isinstance(value, str),
}


def _date(sent: Json, where: str) -> Json:
    start = sent.get("start") if isinstance(sent, Mapping) else None
    end = sent.get("end") if isinstance(sent, Mapping) else None
    for name, value in (("start", start), ("end", end)):
        if value is None and name == "end":
            continue
        try:
            datetime.fromisoformat(value if isinstance(value, str) else "")
        except ValueError:
            raise invalid(
                f"{where}.{name} should be a valid ISO 8601 date string, instead was `{quoted(value)}`."
            ) from None
    return {"start": start, "end": end, "time_zone": sent.get("time_zone")}


def _uuid(sent: Json, where: str) -> str:
    found = dashed(sent.get("id") if isinstance(sent, Mapping) else None)
    if not found:
        raise invalid(f"{where}.id should be a valid uuid.")
    return found


def _listed(sent: Json, where: str) -> list[Json]:
    if not isinstance(sent, list):
        raise invalid(f"{where} should be an array, instead was `{quoted(sent)}`.")
    return sent
