"""What an answer looks like under an older or a newer `Notion-Version` than the declared one.

Source: developers.notion.com (versioning, upgrade guides 2025-09-03 and 2026-03-11).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Final

from ....paths import Json

DECLARED: Final = "2025-09-03"
NEWER: Final = "2026-03-11"
KNOWN: Final = ("2021-05-11", "2021-05-13", "2021-08-16", "2022-02-22", "2022-06-28", DECLARED, NEWER)

_APART: Final = 0x100


def database_of(data_source: Json) -> Json:
    """The id of the database that a data source stands in; anything that is no UUID stays as it is.

    The two ids differ in one bit, so that either is found from the other.
    """
    try:
        return str(uuid.UUID(int=uuid.UUID(data_source).int ^ _APART))
    except (ValueError, TypeError, AttributeError):
        return data_source


def as_of(version: str, body: Json) -> Json:
    """An answer's body as that version writes it."""
    if version == DECLARED:
        return body
    return _newer(body) if version > DECLARED else _older(body)


def _newer(value: Json) -> Json:
    """`archived` is gone: `in_trash` says it."""
    if isinstance(value, list):
        return [_newer(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    return {name: _newer(item) for name, item in value.items() if not (name == "archived" and "in_trash" in value)}


def _older(value: Json) -> Json:
    """Databases hold the rows themselves, and there are no data sources."""
    if isinstance(value, list):
        return [_older(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    if value.get("object") == "data_source":
        return _database(value)
    found = {_OLD_NAMES.get(name, name): _older(item) for name, item in value.items() if name != "is_archived"}
    if found.get("type") == "page_or_data_source":
        found["type"] = "page_or_database"
    if found.get("type") == "data_source_id":
        return {"type": "database_id", "database_id": value.get("database_id", database_of(value["data_source_id"]))}
    if "data_source_id" in found and "database_id" in found:
        del found["data_source_id"]
    return found


def _database(source: Mapping[str, Json]) -> Json:
    kept = {name: _older(item) for name, item in source.items() if name not in ("database_parent", "parent")}
    parent = source.get("parent")
    inside = parent.get("database_id") if isinstance(parent, Mapping) else None
    return {
        **kept,
        "object": "database",
        "id": inside or database_of(source.get("id")),
        "parent": source.get("database_parent"),
    }


_OLD_NAMES: Final = {"page_or_data_source": "page_or_database"}
