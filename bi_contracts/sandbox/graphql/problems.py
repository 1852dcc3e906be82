"""A GraphQL request that the platform refuses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from ...paths import Json

if TYPE_CHECKING:
    from graphql import GraphQLError

VALIDATION = "GRAPHQL_VALIDATION_FAILED"
SYNTAX = "GRAPHQL_PARSE_FAILED"
USER_INPUT = "BAD_USER_INPUT"
REQUEST = "BAD_REQUEST"
INPUT = "INPUT_ERROR"
ARGUMENT = "INVALID_INPUT"


class Invalid(Exception):
    """Nothing of the request was executed.

    Attributes:
        errors: One object an error, with `message`, and `locations` and `path` where they are known (GraphQL
            specification, section 7.1.2).
        code: What stands in `extensions.code`: Apollo's codes and Linear's.
        said: What a person is told, "" where the message says it all.
    """

    def __init__(self, errors: str | Sequence[Mapping[str, Json]], code: str = VALIDATION, said: str = "") -> None:
        self.errors = [{"message": errors}] if isinstance(errors, str) else list(errors)
        super().__init__(self.errors[0]["message"])
        self.code = code
        self.said = said


def told(errors: Iterable[GraphQLError], most: int = 10) -> list[dict[str, Json]]:
    """Errors of graphql-core, in the words of its original in JavaScript, which the platforms run."""
    return [one(error) for error, _ in zip(errors, range(most), strict=False)]


def one(error: GraphQLError) -> dict[str, Json]:
    """One error as it is answered."""
    message = _QUOTED.sub(r'"\1"', error.message)
    for new, old in _OLDER:
        message = new.sub(old, message)
    found: dict[str, Json] = {"message": message}
    if error.locations:
        found["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
    if error.path:
        found["path"] = list(error.path)
    return found


_QUOTED = re.compile(r"(?<![\w])'([^'\n]*)'")
"""graphql-core puts names between single quotes, graphql-js between double ones."""

_OLDER = (
    (re.compile(r'^Argument "\w+\.(\w+)\((\w+):\)"'), r'Field "\1" argument "\2"'),
    (
        re.compile(r'^(Variable "\$\w+") has invalid value: Expected a value of non-null type (".+?") to be provided'),
        r"\1 of required type \2 was not provided",
    ),
    (re.compile(r'^(Variable "\$\w+") has invalid value:'), r"\1 got invalid value;"),
)
"""How graphql-js 17 says things, which graphql-core 3.3 follows -> how version 16 does, which the platforms run."""
