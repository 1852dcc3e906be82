"""Sparse fieldsets: a request names the fields it wants, `name,assignee.name,memberships.project`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import httpx

from ..paths import Json
from ..platform import Endpoint
from ..slots import read_slot


def wanted(request: httpx.Request, endpoint: Endpoint) -> str:
    """The fields that a request names, "" where it names none or the platform does not take any."""
    return str(read_slot(request, endpoint.fields) or "") if endpoint.fields else ""


def picked(record: Json, fields: str, key: str) -> Json:
    """The record with its key and the fields that are named; all of it where none is.

    `assignee` is the object as it is, `assignee.name` its key and its name, whether it is one or a list of them.
    """
    return projected(record, tree(fields), key) if fields else record


Tree = Mapping[str, "Tree"]
"""Names, each with what is wanted inside; nothing there is all of it."""


@lru_cache(maxsize=512)
def tree(fields: str) -> Tree:
    """The named fields by their steps; an empty tree is everything below.

    A field that is named whole and in part is shown in part, as recorded answers of Asana have it.
    """
    found: dict[str, Any] = {}
    for path in filter(None, (part.strip() for part in fields.split(","))):
        below = found
        for step in path.split("."):
            below = below.setdefault(step, {})
    return found


def projected(value: Json, wanted: Tree, key: str = "") -> Json:
    """A value with what is wanted of it, and the key of every object where there is one."""
    if isinstance(value, list):
        return [projected(item, wanted, key) for item in value]
    if not wanted or not isinstance(value, Mapping):
        return value
    names = {*wanted, key} if key else wanted
    return {name: projected(item, wanted.get(name, {}), key) for name, item in value.items() if name in names}
