"""Looker's searches: an argument a field, `%` for anything, `filter_or` for any of them, `sorts` with directions.

Source: the descriptions of `search_looks` and its likes in Looker's OpenAPI description, 4.0.
"""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from .arguments import Arguments
from .predicate import EVERYTHING, All, Any, Condition, Predicate, Query


@dataclass(frozen=True, slots=True)
class Search:
    """A search over fields of a row.

    Attributes:
        fields: The fields that can be searched by, each an argument of the query.
    """

    fields: tuple[str, ...]

    def read(self, request: httpx.Request) -> Query:
        """The query in a request."""
        given = request.url.params
        parts = tuple(_wanted(field, given[field]) for field in self.fields if given.get(field))
        order = Arguments(sort="query.sorts").read(request).order
        if not parts:
            return Query(EVERYTHING, order)
        return Query(Any(parts) if given.get("filter_or", "").lower() == "true" else All(parts), order)


def _wanted(field: str, value: str) -> Predicate:
    """What one argument wants: nothing at all, anything at all, one of several, a pattern, or that very value."""
    if value.upper() in ("NULL", "NOT NULL"):
        return Condition(field, "empty", value.upper() == "NULL")
    if "%" in value:
        return _pattern(field, value)
    if "," in value and (field == "id" or field.endswith("_id")):
        return Condition(field, "in", [part.strip() for part in value.split(",")])
    return Condition(field, "eq", value)


def _pattern(field: str, value: str) -> Predicate:
    """`sales%`, `%2026%`, `a%z`: SQL's pattern, letter case aside."""
    first, *middle, last = value.split("%")
    parts = [
        *([Condition(field, "starts", first)] if first else []),
        *(Condition(field, "contains", part) for part in middle if part),
        *([Condition(field, "ends", last)] if last else []),
    ]
    return All(tuple(parts)) if parts else Condition(field, "exists", True)
