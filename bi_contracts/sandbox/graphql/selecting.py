"""Which rows of a list the arguments `filter`, `orderBy`, `sort` and `includeArchived` leave, and in what order."""

from __future__ import annotations

from array import array
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...paths import Json
from ...queries.comparators import settled, wanted
from ..collection import Collection
from ..rows import FOREVER, Rows
from .glances import looked_at
from .nodes import Node
from .schemas import Field

if TYPE_CHECKING:
    from .run import Run

SELECTIONS_KEPT = 64
ARCHIVED = "archivedAt"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What arguments want of a list.

    Attributes:
        filter: An object of comparators; empty where every row is wanted.
        order: Field -> True for descending, after which rows are sorted; the first one counts most.
        archived: True where archived rows are wanted too.
    """

    filter: Mapping[str, Json]
    order: tuple[tuple[str, bool], ...]
    archived: bool

    @classmethod
    def read(cls, run: Run, found: Field, arguments: Mapping[str, Json]) -> Wanted:
        asked = arguments.get("filter") if "filter" in found.arguments else None
        filter_ = settled(asked, run.behaviour.clock()) if asked else {}
        run.fleeting = run.fleeting or filter_ != (asked or {})
        by = arguments.get("orderBy")
        order = [(str(by), True)] if by == "updatedAt" and "orderBy" in found.arguments else []
        for entry in _entries(arguments.get("sort") or arguments.get("sorts")):
            order += [(name, dig_order(how)) for name, how in entry.items()]
        hides = "includeArchived" in found.arguments and not arguments.get("includeArchived")
        return cls(filter_, tuple(order), not hides)


def _entries(sort: Json) -> list[Mapping[str, Json]]:
    return [entry for entry in (sort if isinstance(sort, list) else [sort]) if isinstance(entry, Mapping)]


def dig_order(how: Json) -> bool:
    """Whether a sort is descending."""
    return isinstance(how, Mapping) and str(how.get("order")).startswith("Desc")


def selected(run: Run, found: Field, rows: Sequence[Json], asked: Wanted, name: Hashable) -> Sequence[Json]:
    """The wanted rows in order; kept until something is written."""
    home = rows.source if isinstance(rows, Rows) else None
    hides = not asked.archived and found.node and ARCHIVED in run.served.fields.get(found.node, {})
    if hides and home is not None and not may_be_archived(home):
        hides = False
    if not asked.filter and not asked.order and not hides:
        return rows
    if not isinstance(rows, Rows):
        nodes = [node for node in run.nodes(found.node, rows) if _wanted(run, node, asked, bool(hides))]
        return _sorted(run, nodes, asked)
    kept = run.behaviour.chosen
    known = (name, repr(asked), bool(hides))
    positions = kept.get(known) if rows.until == FOREVER else None
    if positions is None:
        positions = _positions(run, found, rows, asked, bool(hides))
        if rows.until == FOREVER and not run.fleeting:
            if len(kept) >= SELECTIONS_KEPT:
                kept.clear()
            kept[known] = positions
    return Rows(rows.source, positions, rows.until)


def _positions(run: Run, found: Field, rows: Rows, asked: Wanted, hides: bool) -> Sequence[int]:
    places = ((position, _node(run, found.node, rows, position)) for position in rows.positions)
    passed = ((position, node) for position, node in places if _wanted(run, node, asked, hides))
    if not asked.order:
        return array("q", (position for position, _ in passed))
    pairs = [(position, [_rank(run.read(node, field)) for field, _ in asked.order]) for position, node in passed]
    for number, (_, descending) in reversed(list(enumerate(asked.order))):
        pairs.sort(key=lambda pair, at=number: pair[1][at], reverse=descending)  # type: ignore[misc]
    return array("q", (position for position, _ in pairs))


def _node(run: Run, type_: str, rows: Rows, position: int) -> Node:
    """A node that is not kept: a filter looks at every row once."""
    return Node(type_, looked_at(run.behaviour, rows.source, position, rows.until), rows.source, position)


def _wanted(run: Run, node: Node, asked: Wanted, hides: bool) -> bool:
    if hides and run.read(node, ARCHIVED) is not None:
        return False
    return not asked.filter or wanted(asked.filter, node, run.read)


def _sorted(run: Run, nodes: list[Node], asked: Wanted) -> list[Node]:
    for field, descending in reversed(asked.order):
        nodes.sort(key=lambda node, by=field: _rank(run.read(node, by)), reverse=descending)  # type: ignore[misc]
    return nodes


def _rank(value: Any) -> tuple[int, float, str]:
    """A value in its order: nothing, then numbers, then texts; objects by their name."""
    if isinstance(value, Node):
        value = next((value.values[name] for name in ("name", "title", "number") if name in value.values), None)
    if isinstance(value, int | float):
        return 1, float(value), ""
    return (2, 0.0, value) if isinstance(value, str) else (0, 0.0, "")


def may_be_archived(home: Collection) -> bool:
    """Whether a row of a list can be archived: one that somebody wrote or put, or one after an archived example."""
    if home.exact is not None or home.patches or home.world.created:
        return True
    return any(example.get(ARCHIVED) for example in home.endpoint.examples)
