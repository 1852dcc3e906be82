"""What Asana's task lists take to choose rows.

Source: Asana's OpenAPI description (getTasks).
"""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from ..slots import read_slot
from .arguments import Arguments, Where
from .predicate import EVERYTHING, All, Any, Condition, Query


@dataclass(frozen=True, slots=True)
class Tasks:
    """`modified_since`, and `completed_since`: what is open or was completed since a time; `now` is what is open."""

    def read(self, request: httpx.Request) -> Query:
        wanted = [_MODIFIED.read(request).where]
        if read_slot(request, "query.completed_since") == "now":
            wanted.append(_OPEN)
        elif (completed := _COMPLETED.read(request).where) != EVERYTHING:
            wanted.append(Any((_OPEN, completed)))
        told = tuple(part for part in wanted if part != EVERYTHING)
        return Query(All(told)) if told else Query()


_OPEN = Condition("completed", "eq", False)
_MODIFIED = Arguments({"query.modified_since": Where("modified_at", "ge", "time")})
_COMPLETED = Arguments({"query.completed_since": Where("completed_at", "ge", "time")})
