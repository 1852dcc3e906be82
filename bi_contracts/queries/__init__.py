"""Which rows a request wants, and in what order: a predicate as a value, and the languages that platforms say it in."""

from __future__ import annotations

from .arguments import Arguments, Where
from .predicate import (
    All,
    Always,
    Any,
    BadQuery,
    Condition,
    Not,
    Order,
    Predicate,
    Query,
    QueryLanguage,
    Selective,
    matches,
)

__all__ = [
    "All",
    "Always",
    "Any",
    "Arguments",
    "BadQuery",
    "Condition",
    "Not",
    "Order",
    "Predicate",
    "Query",
    "QueryLanguage",
    "Selective",
    "Where",
    "matches",
]
