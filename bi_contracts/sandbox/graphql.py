"""Answers GraphQL queries from the declared endpoints, without a schema.

A field of the query's root is an endpoint: the one whose `records` path starts `data.<field>`. What fields a
row has is learnt from the rows themselves; asking for another one is refused as the platform would.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Literal

import httpx

from ..dialects import ErrorKind
from ..pagination import Relay
from ..paths import Json, bury
from ..platform import Endpoint, Platform
from ..slots import json_of
from .answer import Answer, json_answer
from .documents import DEEPEST, Invalid, Operation, Selected, operation
from .refusal import Refusal
from .rest import Rest, item_position, parent_rows
from .routing import Match
from .world import Collection

SAMPLES = 24
"""Rows read to learn which fields there are."""

ANSWERS_KEPT = 256
CONNECTION = ("nodes", "edges", "pageInfo", "totalCount")


@dataclass(slots=True)
class Shape:
    """What can be asked of a value.

    Attributes:
        kind: `object`, `connection`, `scalar`, or `unknown` where only null was seen.
        fields: Of an object, or of the nodes of a connection.
        home: The list that the object stands in, where it stands in one.
        type: GraphQL type name.
    """

    kind: Literal["object", "connection", "scalar", "unknown"] = "unknown"
    fields: dict[str, Shape] = field(default_factory=dict)
    home: Collection | None = None
    type: str = ""


class Graph(Rest):
    """Answers as one GraphQL platform."""

    def __init__(self, *arguments: Json) -> None:
        super().__init__(*arguments)
        self.roots = _roots(self.platform)
        self.shapes: dict[str, Shape] = {}
        self.kept: dict[bytes, Answer] = {}
        self.made: dict[str, dict[int, Json]] = {}

    def changed(self) -> None:
        super().changed()
        self.shapes.clear()
        self.kept.clear()
        self.made.clear()

    def name(self, request: httpx.Request, match: Match) -> str:  # noqa: ARG002
        try:
            asked = _operation(request)
            fields = asked.fields(asked.definition.selection_set)
        except Invalid:
            return ""
        found = (self.roots.get(selected.name) for selected in fields)
        return next((endpoint.name for endpoint in found if endpoint is not None), "")

    def answer(self, request: httpx.Request, match: Match) -> Answer:  # noqa: ARG002
        kept = self.kept.get(request.content)
        if kept is None:
            kept = self._fresh(request)
            if len(self.kept) >= ANSWERS_KEPT:
                self.kept.clear()
            self.kept[request.content] = kept
        return Answer(kept.status, list(kept.headers), kept.body)

    def _fresh(self, request: httpx.Request) -> Answer:
        try:
            asked = _operation(request)
            fields = asked.fields(asked.definition.selection_set)
            data = {selected.alias: self.root(asked, selected) for selected in fields}
        except Invalid as problem:
            return self._invalid(problem)
        body: Json = {"data": data}
        for selected in fields:
            if selected.name in self.roots:
                body = self.evolution.envelope(self.platform.id(self.roots[selected.name]), body)
        return json_answer(200, body, [("x-complexity", str(ceil(complexity(asked))))])

    def _invalid(self, problem: Invalid) -> Answer:
        status, body = self.platform.errors.render(ErrorKind.BAD_REQUEST, str(problem))
        if self.platform.errors.code:
            body = bury(body, self.platform.errors.code, problem.code)
        if problem.locations and isinstance(body, Mapping) and body.get("errors"):
            body = bury(body, "errors.0.locations", problem.locations)
        return json_answer(status, body)

    def root(self, asked: Operation, selected: Selected) -> Json:
        """The value of one field of the root."""
        if selected.name == "__typename":
            return asked.root
        endpoint = self.roots.get(selected.name)
        if endpoint is None or (endpoint.kind == "write") is (asked.root == "Query"):
            raise Invalid(f'Cannot query field "{selected.name}" on type "{asked.root}".', selected.node)
        arguments = asked.arguments(selected.node)
        for name in endpoint.parents:
            if arguments.get(name) is None:
                words = f'Field "{selected.name}" argument "{name}" of type "String!" is required'
                raise Invalid(f"{words}, but it was not provided.", selected.node)
        try:
            return self._root(_Run(self, asked), endpoint, selected, arguments)
        except Refusal as refusal:
            raise Refusal(refusal.kind, refusal.message or self.shape(endpoint).type) from None

    def _root(self, run: _Run, endpoint: Endpoint, selected: Selected, arguments: Mapping[str, Json]) -> Json:
        found = Match(endpoint, arguments)
        shape = self.shape(endpoint)
        if endpoint.kind == "list":
            rows = parent_rows(self.world, self.platform, found)
            if isinstance(endpoint.paginator, Relay):
                return run.connection(endpoint, rows, selected, shape, arguments)
            return [run.object(row, selected, shape) for row in self.records(endpoint, rows)]
        if endpoint.kind == "write":
            return run.object(self._payload(endpoint, found), selected, Shape())
        home, position = item_position(self.world, self.platform, found)
        if not home.count:
            raise Refusal(ErrorKind.NOT_FOUND)
        return run.object(self.record(endpoint, self.whole(endpoint, home, position), position), selected, shape)

    def _payload(self, endpoint: Endpoint, match: Match) -> Json:
        """What a mutation answers: the record after the change, and that it went well."""
        home = parent_rows(self.world, self.platform, match).source
        given = match.arguments.get("input")
        record = {**home.row(0), **(given if isinstance(given, Mapping) else {})}
        return {"success": True, "lastSyncId": 1, endpoint.records.rpartition(".")[2]: record}

    def records(self, endpoint: Endpoint, rows: Sequence[Json]) -> list[Json]:
        """The rows as the API, evolved, gives them; kept for the next time."""
        kept = self.made.setdefault(endpoint.name, {})
        if len(kept) > 5000:
            kept.clear()
        found = []
        positions = getattr(rows, "positions", range(len(rows)))
        for number, position in enumerate(positions):
            if position not in kept:
                kept[position] = self.record(endpoint, rows[number], position)
            found.append(kept[position])
        return found

    def shape(self, endpoint: Endpoint) -> Shape:
        """What can be asked of an endpoint's rows."""
        found = self.shapes.get(endpoint.name)
        if found is None:
            found = self.shapes[endpoint.name] = Shape(type=type_name(endpoint.records.split(".")[1]))
            home = self.world.collection(self.platform, endpoint)
            found.home = home
            count = min(SAMPLES, home.count) if home.exact is not None else SAMPLES
            samples = [self.record(endpoint, self.whole(endpoint, home, place), place) for place in range(count)]
            _learn(found, samples, self._home)
            found.kind = found.kind if samples else "unknown"
        return found

    def _home(self, value: Mapping[str, Json]) -> Collection | None:
        """The list in which an object with an identifier stands."""
        for endpoint in self.roots.values():
            if endpoint.kind == "list" and isinstance(value.get(endpoint.key), str):
                home = self.world.collection(self.platform, endpoint)
                if home.position(value[endpoint.key]) is not None:
                    return home
        return None


@dataclass(slots=True)
class _Run:
    """One execution: projects values onto what was selected."""

    graph: Graph
    asked: Operation

    def connection(
        self,
        endpoint: Endpoint,
        rows: Sequence[Json],
        selected: Selected,
        shape: Shape,
        arguments: Mapping[str, Json],
    ) -> Json:
        """A page of a list."""
        relay = endpoint.paginator if isinstance(endpoint.paginator, Relay) else Relay("")
        page = relay.window(rows, arguments)
        records = self.graph.records(endpoint, page.rows)
        return self._page(relay, rows, records, page.fields["pageInfo"], selected, shape)

    def _page(
        self,
        relay: Relay,
        rows: Sequence[Json],
        records: Sequence[Json],
        info: Mapping[str, Json],
        selected: Selected,
        shape: Shape,
    ) -> Json:
        found: dict[str, Json] = {}
        for part in self._below(selected, shape.type + "Connection"):
            match part.name:
                case "nodes":
                    found[part.alias] = self._many(records, part, shape)
                case "edges":
                    cursors = _cursors(relay, rows, info["startCursor"], len(records))
                    found[part.alias] = self._edges(records, cursors, part, shape)
                case "pageInfo":
                    found[part.alias] = self.object(info, part, _PAGE_INFO)
                case "totalCount":
                    found[part.alias] = len(rows)
                case "__typename":
                    found[part.alias] = shape.type + "Connection"
                case name:
                    raise Invalid(f'Cannot query field "{name}" on type "{shape.type}Connection".', part.node)
        return found

    def _edges(self, records: Sequence[Json], cursors: Iterable[str], selected: Selected, shape: Shape) -> Json:
        parts = self._below(selected, shape.type + "Edge")
        for part in parts:
            if part.name not in ("node", "cursor", "__typename"):
                raise Invalid(f'Cannot query field "{part.name}" on type "{shape.type}Edge".', part.node)
        nodes = {part.alias: self._many(records, part, shape) for part in parts if part.name == "node"}
        plain = {"__typename": shape.type + "Edge"}
        return [
            {
                part.alias: nodes[part.alias][number] if part.name == "node" else {**plain, "cursor": cursor}[part.name]
                for part in parts
            }
            for number, cursor in enumerate(cursors)
        ]

    def _many(self, records: Sequence[Json], selected: Selected, shape: Shape) -> list[Json]:
        parts = self.check(selected, shape)
        return [self._project(record, parts, shape) for record in records]

    def object(self, value: Json, selected: Selected, shape: Shape) -> Json:
        """One object with the selected fields."""
        return self._project(value, self.check(selected, shape), shape)

    def check(self, selected: Selected, shape: Shape) -> list[Selected]:
        """The selected fields. Raises `Invalid` for one that is not there, however deep."""
        parts = self._below(selected, shape.type)
        for part in parts:
            if part.name == "__typename" or shape.kind == "unknown":
                continue
            inner = self._field(shape, part.name)
            if inner is None:
                raise Invalid(f'Cannot query field "{part.name}" on type "{shape.type}".', part.node)
            self._check_field(part, inner)
        return parts

    def _check_field(self, part: Selected, inner: Shape) -> None:
        if part.leaf and (inner.kind == "connection" or (inner.kind == "object" and "id" in inner.fields)):
            words = f'Field "{part.name}" of type "{inner.type}" must have a selection of subfields.'
            raise Invalid(f'{words} Did you mean "{part.name} {{ ... }}"?', part.node)
        if inner.kind == "scalar" and not part.leaf:
            raise Invalid(f'Field "{part.name}" must not have a selection: it has no subfields.', part.node)
        if inner.kind == "object" and not part.leaf:
            self.check(part, inner)

    def _field(self, shape: Shape, name: str) -> Shape | None:
        if name in shape.fields or shape.home is None:
            return shape.fields.get(name)
        return self.graph.shape(shape.home.endpoint).fields.get(name)

    def _project(self, value: Json, parts: Sequence[Selected], shape: Shape) -> Json:
        if not isinstance(value, Mapping):
            return [self._project(item, parts, shape) for item in value] if isinstance(value, list) else value
        found: dict[str, Json] = {}
        for part in parts:
            if part.name == "__typename":
                found[part.alias] = value.get("__typename", shape.type)
            elif part.name in value:
                found[part.alias] = self._inside(value[part.name], part, shape)
            else:
                found[part.alias] = self._inside(self._elsewhere(value, part.name, shape), part, shape)
        return found

    def _elsewhere(self, value: Mapping[str, Json], name: str, shape: Shape) -> Json:
        """A field that stands in the full row of an object that is shown in brief."""
        home = shape.home
        if home is None:
            return None
        position = home.position(value.get(home.endpoint.key))
        row = None if position is None else self.graph.record(home.endpoint, home.row(position), position)
        return row.get(name) if isinstance(row, Mapping) else None

    def _inside(self, value: Json, part: Selected, shape: Shape) -> Json:
        if part.leaf or value is None:
            return value
        inner = self._field(shape, part.name) or Shape()
        if isinstance(value, Mapping) and isinstance(value.get("nodes"), list):
            return self._nested(value["nodes"], part, inner)
        return self._project(value, self._below(part, inner.type), inner)

    def _nested(self, rows: Sequence[Json], part: Selected, shape: Shape) -> Json:
        relay = Relay("")
        page = relay.window(rows, self.asked.arguments(part.node))
        return self._page(relay, rows, page.rows, page.fields["pageInfo"], part, shape)

    def _below(self, selected: Selected, type_: str) -> list[Selected]:
        if selected.leaf:
            words = f'Field "{selected.name}" of type "{type_}" must have a selection of subfields.'
            raise Invalid(words, selected.node)
        return self.asked.below(selected)


def _operation(request: httpx.Request) -> Operation:
    payload = json_of(request)
    if not isinstance(payload, Mapping) or not isinstance(payload.get("query"), str):
        raise Invalid("a JSON body with a query is wanted", code="BAD_REQUEST")
    variables, name = payload.get("variables"), payload.get("operationName")
    if not isinstance(variables, Mapping | None):
        raise Invalid("variables must be an object", code="BAD_REQUEST")
    return operation(payload["query"], variables or {}, name if isinstance(name, str) else None)


def _roots(platform: Platform) -> dict[str, Endpoint]:
    """Field of the root -> endpoint."""
    found: dict[str, Endpoint] = {}
    for endpoint in platform.endpoints:
        steps = endpoint.records.split(".")
        if len(steps) > 1 and steps[0] == "data":
            found.setdefault(steps[1], endpoint)
    return found


def _learn(shape: Shape, values: Iterable[Json], home: Json) -> None:
    """Adds what can be seen in some values to a shape."""
    for value in values:
        match value:
            case Mapping() if isinstance(value.get("nodes"), list):
                shape.kind = "connection"
                _learn_fields(shape, value["nodes"], home)
            case Mapping():
                shape.kind = "object"
                _learn_fields(shape, [value], home)
            case list() if any(isinstance(item, Mapping) for item in value):
                shape.kind = "object"
                _learn_fields(shape, value, home)
            case None:
                continue
            case _ if shape.kind == "unknown":
                shape.kind = "scalar"


def _learn_fields(shape: Shape, values: Iterable[Json], home: Json) -> None:
    for value in values:
        if not isinstance(value, Mapping):
            continue
        if shape.home is None:
            shape.home = home(value)
            if shape.home is not None:
                shape.type = type_name(shape.home.endpoint.records.split(".")[1])
        for name, member in value.items():
            inner = shape.fields.get(name)
            if inner is None:
                inner = shape.fields[name] = Shape(type=type_name(name))
            _learn(inner, [member], home)


def type_name(root: str) -> str:
    """`issueLabels` -> `IssueLabel`."""
    single = root[:-3] + "y" if root.endswith("ies") else root.removesuffix("s")
    return single[:1].upper() + single[1:]


def _cursors(relay: Relay, rows: Sequence[Json], first: str | None, count: int) -> Iterable[str]:
    """The cursor of each row of a page."""
    cursor = first
    for number in range(count):
        if number:
            cursor = relay.window(rows, {"after": cursor, "first": 1}).fields["pageInfo"]["endCursor"]
        yield str(cursor)


def complexity(asked: Operation) -> float:
    """Points of a query: 0.1 a property, 1 an object, a connection times its page size (Linear's rule)."""

    def cost(selected: Selected, depth: int) -> float:
        if selected.leaf or depth > DEEPEST:
            return 0.1
        below = asked.below(selected)
        inside = sum(cost(part, depth + 1) for part in below)
        if any(part.name in CONNECTION[:2] for part in below):
            arguments = asked.arguments(selected.node)
            size = arguments.get("first") or arguments.get("last") or 50
            return inside * (size if isinstance(size, int) else 50)
        return 1 + inside

    return sum(cost(selected, 0) for selected in asked.fields(asked.definition.selection_set))


_PAGE_INFO = Shape(
    "object",
    {name: Shape("scalar") for name in ("hasNextPage", "hasPreviousPage", "startCursor", "endCursor")},
    type="PageInfo",
)
