"""What a maker is told: the row that is being made, the rows it may refer to, the list it stands in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ...paths import Json
from ..entities import Entities
from ..keys import mix

POOL = 97
"""How many different things a field may refer to, so that references repeat as they do in real data."""


@dataclass(slots=True)
class Scope:
    """The row, or the object inside a row, that is being made.

    Attributes:
        index: Position in its list.
        number: 64 bits that belong to the thing itself: the same thing gets the same name everywhere.
        key: Its identifier, None where it has none.
        lineage: Endpoint -> position of the row of that endpoint that this row stands under.
        kind: What kind of thing it is, "" where that is nobody's business.
        thing: Which one of its kind.
        own: False inside an object that is another thing than the row.
    """

    index: int
    number: int
    key: Json = None
    lineage: Mapping[str, int] = field(default_factory=dict)
    kind: str = ""
    thing: int = 0
    own: bool = True


Maker = Callable[[Scope], Json]
"""Makes one value of a row."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Another row that an example refers to.

    Attributes:
        endpoint: The list it stands in.
        example: Which example of that list is meant; rows made after the same example stand in for it.
        variants: How many examples the list has.
        total: How many rows the list has.
        people: True where its rows are people.
        lookup: Position -> the scope of the row.
        kind: What its rows are.
        entities: The world that they are part of.
    """

    endpoint: str
    example: int
    variants: int
    total: int
    people: bool
    lookup: Callable[[int], Scope]
    kind: str = ""
    entities: Entities | None = None

    def target(self, scope: Scope, mark: int) -> Scope:
        """The row that stands in for the example: the one this row stands under or has to do with, or one of many."""
        position = scope.lineage.get(self.endpoint)
        if position is None:
            position = self._related(scope)
        if position is None:
            position = mix(scope.number, mark) % min(self.total, POOL)
            position = min(position - position % self.variants + self.example, self.total - 1)
        return self.lookup(position)

    def _related(self, scope: Scope) -> int | None:
        """The row that the row's entity has to do with; of a colleague, the one like the example that is nearest."""
        if self.entities is None or not (self.kind and scope.kind) or self.kind == scope.kind:
            return None
        position = self.entities.related(scope.kind, scope.thing, self.kind) % self.total
        if self.kind != "colleague":
            return position
        return min(position - position % self.variants + self.example, self.total - 1)


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a compiler must know about the list it compiles for.

    Attributes:
        seed: Salt of the list.
        key: Path of the field that tells rows apart.
        step: Seconds between two rows.
        entities: The world that the rows are part of.
        kind: What the rows are.
        people: True where the rows are people.
        references: Example identifier -> the row it stands for.
        parents: Field name -> the row a field of that name stands for.
    """

    seed: int
    key: tuple[str, ...]
    step: int
    entities: Entities
    kind: str = ""
    people: bool = False
    references: Mapping[Json, Reference] = field(default_factory=dict)
    parents: Mapping[str, Reference] = field(default_factory=dict)
