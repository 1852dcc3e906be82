"""What follows, in a row that is made up, from its other members: ids of databases, the URL of a page."""

from __future__ import annotations

from collections.abc import Mapping

from ....paths import Json, dig
from .versions import database_of

SITE = "https://www.notion.so/"


def settled(row: Json) -> Json:
    """The row with ids of databases that are those of its data sources, and a URL that has the page's title."""
    if not isinstance(row, Mapping) or not isinstance(parent := row.get("parent"), Mapping):
        return row
    found = dict(row)
    if row.get("object") == "data_source" and parent.get("type") == "database_id":
        found["parent"] = {**parent, "database_id": database_of(row.get("id"))}
        found["properties"] = _columns(row.get("properties"))
    elif parent.get("type") == "data_source_id" and "database_id" in parent:
        found["parent"] = {**parent, "database_id": database_of(parent["data_source_id"])}
    if row.get("object") == "page" and str(row.get("url")).startswith(SITE):
        found["url"] = url_of(title_of(row), str(row["id"]))
    return found


def title_of(page: Mapping[str, Json]) -> str:
    """The title of a page, without its style."""
    values = page.get("properties") or {}
    titles = [value["title"] for value in values.values() if dig(value, "type") == "title"]
    return "".join(piece["plain_text"] for title in titles for piece in title)


def url_of(title: str, key: str) -> str:
    """Where a page stands on the web: the words of its title, and its id without dashes."""
    slug = "-".join("".join(letter if letter.isalnum() else " " for letter in title).split())
    return f"{SITE}{slug}-{key.replace('-', '')}".replace("/-", "/")


def _columns(properties: Json) -> Json:
    """Columns whose relations lead to a database that is there."""
    if not isinstance(properties, Mapping):
        return properties
    return {name: _column(column) for name, column in properties.items()}


def _column(column: Json) -> Json:
    source = dig(column, "relation.data_source_id")
    if source is None or "database_id" not in column["relation"]:
        return column
    return {**column, "relation": {**column["relation"], "database_id": database_of(source)}}
