"""A schema for a platform that declares none: learnt from its examples, and from the queries that it declares."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from graphql.language import FieldNode, InlineFragmentNode, SelectionSetNode

from ...pagination import Relay
from ...paths import Json, dig
from ...platform import Endpoint, Platform
from .documents import parsed
from .problems import Invalid

PAGING = "first: JSON, after: JSON, last: JSON, before: JSON"


@dataclass(slots=True)
class Learnt:
    """What was seen of a field."""

    type: str = "JSON"
    many: bool = False
    paged: bool = False

    @property
    def written(self) -> str:
        if self.paged:
            return f"{self.type}Connection"
        return f"[{self.type}]" if self.many else self.type


@dataclass(slots=True)
class Derived:
    """Types in the making.

    Attributes:
        homes: Key of a row -> the type of the list that it stands in.
        asked: Field -> what declared queries ask for inside it.
    """

    homes: Mapping[Json, str]
    asked: Mapping[str, set[str]]
    types: dict[str, dict[str, Learnt]] = field(default_factory=dict)
    pages: set[str] = field(default_factory=set)

    def learn(self, type_: str, row: Json) -> str:
        """Takes up the fields of an object; returns its type."""
        fields = self.types.setdefault(type_, {})
        for name, value in row.items():
            if _NAME.fullmatch(name):
                self._see(fields.setdefault(name, Learnt()), name, value)
        return type_

    def _see(self, known: Learnt, name: str, value: Json) -> None:
        match value:
            case Mapping() if isinstance(value.get("nodes"), list):
                known.paged = True
                self._many(known, name, value["nodes"])
            case Mapping() if self._is_object(name, value):
                known.type = self.learn(self._type(name, value), value)
            case list() if any(isinstance(item, Mapping) for item in value) and self.asked.get(name, True):
                known.many = True
                self._many(known, name, value)
            case list():
                known.many = True
            case str() | bool() | int() | float() if not known.many:
                known.type = known.type if known.type in self.types else _scalar(value)

    def _many(self, known: Learnt, name: str, values: Iterable[Json]) -> None:
        known.type = type_name(name) if known.type == "JSON" else known.type
        self.types.setdefault(known.type, {})
        for item in values:
            if isinstance(item, Mapping):
                known.type = self.learn(self._type(name, item), item)
        if known.paged:
            self.pages.add(known.type)

    def complete(self) -> None:
        """Takes up what no example shows and a declared query asks for."""
        for fields in list(self.types.values()):
            for name, known in fields.items():
                inside = self.asked.get(name)
                if known.type == "JSON" and not known.many and inside:
                    known.paged = "nodes" in inside
                    known.type = type_name(name)
                    names = (self.asked.get("nodes", set()) if known.paged else inside) - {"__typename"}
                    made = self.types.setdefault(known.type, {})
                    for member in names:
                        made.setdefault(member, Learnt())
                    if known.paged:
                        self.pages.add(known.type)

    def _is_object(self, name: str, value: Mapping[str, Json]) -> bool:
        return bool(self.asked.get(name, True)) and any(map(_NAME.fullmatch, value))

    def _type(self, name: str, value: Mapping[str, Json]) -> str:
        keys = (item for item in value.values() if isinstance(item, str))
        return next((self.homes[key] for key in keys if key in self.homes), type_name(name))


def derived(platform: Platform, samples: Mapping[str, Sequence[Json]]) -> str:
    """The schema in SDL.

    Args:
        platform: Its endpoints are the fields of the roots.
        samples: Endpoint -> records as it gives them.
    """
    homes: dict[Json, str] = {}
    lists = [endpoint for endpoint in platform.endpoints if endpoint.kind == "list" and root(endpoint)]
    for endpoint in lists:
        for row in samples[endpoint.name]:
            homes.setdefault(dig(row, endpoint.key), type_name(root(endpoint)))
    made = Derived(homes, asked(platform))
    roots: dict[str, dict[str, str]] = {"Query": {}, "Mutation": {}}
    for endpoint in platform.endpoints:
        if root(endpoint):
            _learn(made, endpoint, samples[endpoint.name], roots)
    made.complete()
    return "\n".join(_written(made, roots))


def _learn(made: Derived, endpoint: Endpoint, rows: Sequence[Json], roots: Mapping[str, dict[str, str]]) -> None:
    write = endpoint.kind == "write"
    last = endpoint.records.rpartition(".")[2]
    keyed = (made.homes.get(dig(row, endpoint.key)) for row in rows)
    type_ = next(filter(None, keyed), type_name(last if write else root(endpoint)))
    made.types.setdefault(type_, {endpoint.key.partition(".")[0]: Learnt()})
    for row in rows:
        if isinstance(row, Mapping):
            made.learn(type_, row)
    if write:
        payload = f"{type_name(root(endpoint))}Payload"
        made.types[payload] = {"success": Learnt("Boolean"), "lastSyncId": Learnt(), last: Learnt(type_)}
        roots["Mutation"].setdefault(root(endpoint), f"{_arguments(endpoint, '')}: {payload}")
        return
    paged = isinstance(endpoint.paginator, Relay) and last == "nodes"
    if paged:
        made.pages.add(type_)
    answer = Learnt(type_, endpoint.kind == "list", paged).written
    roots["Query"].setdefault(root(endpoint), f"{_arguments(endpoint, PAGING if paged else '')}: {answer}")


def _arguments(endpoint: Endpoint, more: str) -> str:
    required = [f"{name}: JSON!" for name in endpoint.parents]
    inside = ", ".join([*required, *filter(None, [more])])
    return f"({inside})" if inside else ""


def _written(made: Derived, roots: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    yield "scalar JSON"
    for root_, fields in roots.items():
        if fields:
            yield f"type {root_} {{\n" + "".join(f"  {name}{rest}\n" for name, rest in fields.items()) + "}"
    for type_, learnt in made.types.items():
        lines = [_line(name, known) for name, known in learnt.items()] or ["  id: JSON"]
        yield f"type {type_} {{\n" + "\n".join(lines) + "\n}"
    for type_ in sorted(made.pages):
        rows = f"nodes: [{type_}!]! edges: [{type_}Edge!]!"
        yield f"type {type_}Connection {{ {rows} pageInfo: PageInfo! totalCount: Int! }}"
        yield f"type {type_}Edge {{ node: {type_}! cursor: String! }}"
    yield "type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }"


def _line(name: str, known: Learnt) -> str:
    return f"  {name}{f'({PAGING})' if known.paged else ''}: {known.written}"


def asked(platform: Platform) -> dict[str, set[str]]:
    """Field -> what the declared queries ask for inside it; nothing for one that they ask for as it is."""
    found: dict[str, set[str]] = {}
    for endpoint in platform.endpoints:
        query = dig(endpoint.body, "query")
        with suppress(Invalid):
            document = parsed(query if isinstance(query, str) else "")
            for node in (*document.operations, *document.fragments.values()):
                _inside(node.selection_set, found)
    return found


def _inside(selections: SelectionSetNode, found: dict[str, set[str]]) -> set[str]:
    names: set[str] = set()
    for node in selections.selections:
        if isinstance(node, FieldNode):
            names.add(node.name.value)
            below = found.setdefault(node.name.value, set())
            below |= _inside(node.selection_set, found) if node.selection_set else set()
        elif isinstance(node, InlineFragmentNode):
            names |= _inside(node.selection_set, found)
    return names


def root(endpoint: Endpoint) -> str:
    """The field of the root that an endpoint is, "" where it is none."""
    steps = endpoint.records.split(".")
    return steps[1] if len(steps) > 1 and steps[0] == "data" else ""


def type_name(field_: str) -> str:
    """`issueLabels` -> `IssueLabel`."""
    single = field_[:-3] + "y" if field_.endswith("ies") else field_.removesuffix("s")
    name = single[:1].upper() + single[1:]
    return f"{name}Value" if name in _TAKEN else name


def _scalar(value: Json) -> str:
    match value:
        case bool():
            return "Boolean"
        case int():
            return "Int"
        case float():
            return "Float"
    return "String"


_TAKEN = {"Query", "Mutation", "Subscription", "PageInfo", "String", "Int", "Float", "Boolean", "ID", "JSON", ""}
_NAME = re.compile(r"(?!__)[_A-Za-z][_0-9A-Za-z]*")
