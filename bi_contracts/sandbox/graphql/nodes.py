"""What resolvers are given: objects with their values, and pages of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ...pagination import Relay
from ...paths import Json
from ..collection import Collection

ABSENT: Final[Any] = object()
"""Stands for a value that an object does not have, which is not null."""


class Node:
    """One object of an answer.

    Attributes:
        type: Its GraphQL type.
        values: What is known of it at once: a whole row, or what stands in a row that refers to it.
        home: The list that it stands in, None where it stands in none.
        position: Where in that list, None where that was not looked up.
        full: Everything that is known of it, None where that was not looked up.
    """

    __slots__ = ("full", "home", "position", "type", "values")

    def __init__(
        self, type_: str, values: Mapping[str, Json], home: Collection | None = None, position: int | None = None
    ) -> None:
        self.type = type_
        self.values = values
        self.home = home
        self.position = position
        self.full: Mapping[str, Json] | None = None


@dataclass(slots=True)
class Page:
    """A page of a list.

    Attributes:
        nodes: Its rows.
        rows: All rows of the list.
        info: `pageInfo`.
    """

    type: str
    nodes: list[Node]
    rows: Sequence[Json]
    info: Mapping[str, Json]
    relay: Relay
    values: Mapping[str, Json] = field(default_factory=dict)

    @property
    def edges(self) -> list[Edge]:
        """The rows with the cursor of each."""
        found = []
        cursor = self.info["startCursor"]
        for number, node in enumerate(self.nodes):
            if number:
                window = self.relay.window(self.rows, {"after": cursor, "first": 1})
                cursor = window.fields["pageInfo"]["endCursor"]
            found.append(Edge(node, cursor))
        return found


@dataclass(slots=True)
class Edge:
    """One row of a page, with its cursor."""

    node: Node
    cursor: str
