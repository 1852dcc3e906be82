"""SOQL, the query language of Salesforce: a parser, a frozen syntax tree, and its conditions as predicates."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from ..predicate import BadQuery, Query
from .parser import located, parse
from .predicates import predicate, query
from .tree import Select

__all__ = ["Select", "Soql", "located", "parse", "predicate"]


@dataclass(frozen=True, slots=True)
class Soql:
    """The statement in `q`.

    Attributes:
        sobject: The object whose rows the endpoint lists, "" for any.
    """

    sobject: str = ""

    def read(self, request: httpx.Request) -> Query:
        """Which rows of its own object a statement wants. Raises `BadQuery`; semi-joins need the other rows too."""
        return query(self.statement(request))

    def concerns(self, request: httpx.Request) -> bool:
        """Whether the statement selects from this object; a later page without a statement may."""
        if "q" not in request.url.params:
            return True
        try:
            return self.sobject.lower() in ("", self.statement(request).sobject.lower())
        except BadQuery:
            return False

    def statement(self, request: httpx.Request) -> Select:
        return parse(request.url.params.get("q", ""))
