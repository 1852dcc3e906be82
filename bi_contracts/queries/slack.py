"""What Slack's list methods take to choose rows: a span of message times, kinds of conversations.

Source: docs.slack.dev (conversations.history, conversations.replies, conversations.list).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from ..paths import Json
from ..slots import read_slot
from .predicate import All, Any, BadQuery, Condition, Predicate, Query


@dataclass(frozen=True, slots=True)
class Timespan:
    """`oldest` and `latest`, both left out themselves unless `inclusive` is sent.

    Attributes:
        path: Dotted path of the time in a row.
        oldest: The argument that says where the span begins, in Unix seconds, with or without a fraction.
        latest: The argument that says where it ends.
        inclusive: The argument that takes the two ends in; "" where they always are.
    """

    path: str = "ts"
    oldest: str = "oldest"
    latest: str = "latest"
    inclusive: str = "inclusive"

    def read(self, request: httpx.Request) -> Query:
        whole = not self.inclusive or flag(read_slot(request, f"param.{self.inclusive}"))
        ends = (
            self._end(request, self.oldest, "ge" if whole else "gt"),
            self._end(request, self.latest, "le" if whole else "lt"),
        )
        wanted = tuple(end for end in ends if end is not None)
        return Query(All(wanted)) if wanted else Query()

    def _end(self, request: httpx.Request, name: str, operator: str) -> Predicate | None:
        value = read_slot(request, f"param.{name}")
        if value in (None, "", 0, "0"):
            return None
        if not TIME.fullmatch(str(value)):
            raise BadQuery(f"{name}: not a time", f"invalid_ts_{name}")
        return Condition(self.path, operator, str(value))


@dataclass(frozen=True, slots=True)
class Kinds:
    """`types`, with commas between, and `exclude_archived`.

    Attributes:
        kinds: Name of a type -> the flags in a row that tell it.
        usual: The types meant where none is sent.
    """

    kinds: Mapping[str, Mapping[str, bool]]
    usual: str = ""

    def read(self, request: httpx.Request) -> Query:
        named = [part.strip() for part in str(read_slot(request, "param.types") or self.usual).split(",")]
        unknown = [name for name in named if name not in self.kinds]
        if unknown:
            raise BadQuery(f"types: {unknown[0]} is none", "invalid_types")
        some = Any(tuple(self._kind(name) for name in named))
        if not flag(read_slot(request, "param.exclude_archived")):
            return Query(some)
        return Query(All((some, Condition("is_archived", "eq", False))))

    def _kind(self, name: str) -> Predicate:
        return All(tuple(Condition(path, "eq", value) for path, value in self.kinds[name].items()))


def flag(value: Json) -> bool:
    """A boolean as Slack takes it: `true`, `1`, or JSON's own."""
    return str(value).lower() in ("true", "1")


TIME = re.compile(r"\d{1,11}(\.\d{1,6})?")
