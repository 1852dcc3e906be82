"""Contracts from a GraphQL schema: what the response to one query must look like."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from ..errors import InvalidContract
from ..interaction import Source
from .contract import Contract
from .evidence import Evidence
from .schema import DIALECT

if TYPE_CHECKING:
    from graphql import (
        FieldNode,
        FragmentDefinitionNode,
        GraphQLNamedType,
        GraphQLSchema,
        GraphQLType,
        SelectionSetNode,
    )

SCALARS: Final[Mapping[str, dict[str, Any]]] = {
    "Int": {"type": "integer"},
    "Float": {"type": "number"},
    "String": {"type": "string"},
    "ID": {"type": "string"},
    "Boolean": {"type": "boolean"},
    "DateTime": {"type": "string", "format": "date-time"},
    "Date": {"type": "string"},
    "TimelessDate": {"type": "string"},
    "UUID": {"type": "string", "format": "uuid"},
}
"""Scalars with a known JSON form; any other may be anything."""


def from_graphql(sdl: str, query: str, *, id: str = "") -> Contract:
    """The contract of a query's successful response against a schema in SDL.

    Raises InvalidContract, with line and column, when either cannot be read or the query does not fit the schema.
    """
    from graphql import FragmentDefinitionNode, GraphQLError, OperationDefinitionNode, parse, validate

    try:
        schema, document = _schema(sdl), parse(query)
        errors = validate(schema, document)
    except GraphQLError as error:
        raise InvalidContract(f"{id or 'query'}: {_told(error)}") from None
    except TypeError as error:
        raise InvalidContract(f"{id or 'query'}: the schema cannot be built ({error}).") from None
    if errors:
        raise InvalidContract(f"{id or 'query'}: {_told(errors[0])}")
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    operation = next((node for node in document.definitions if isinstance(node, OperationDefinitionNode)), None)
    root = schema.get_root_type(operation.operation) if operation is not None else None
    if operation is None or root is None:
        raise InvalidContract(f"{id or 'query'}: there is no operation that the schema knows.")
    data = _Selection(schema, fragments).object_schema(root, operation.selection_set)
    name = id or (operation.name.value if operation.name else "query")
    return Contract(name, _envelope(name, data), Evidence(source=Source.IMPORTED.value, described_by="GraphQL schema"))


@lru_cache(maxsize=2)
def _schema(sdl: str) -> GraphQLSchema:
    """Kept, since many queries are of one schema that takes seconds to build."""
    from graphql import build_schema

    return build_schema(sdl, assume_valid=True)


def _envelope(name: str, data: dict[str, Any]) -> dict[str, Any]:
    body = {"type": "object", "properties": {"data": data}, "required": ["data"]}
    return {
        "$schema": DIALECT,
        "$id": quote(name, safe="/-._~"),
        "title": name,
        "type": "object",
        "properties": {"status": {"type": "integer", "const": 200}, "body": body},
        "required": ["status", "body"],
    }


def _told(error: Any) -> str:
    places = ", ".join(f"line {place.line}, column {place.column}" for place in error.locations or ())
    return f"{error.message} ({places})" if places else str(error.message)


@dataclass(frozen=True)
class _Selection:
    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]

    def object_schema(self, parent: GraphQLNamedType, selections: SelectionSetNode) -> dict[str, Any]:
        """What a selection on an object gives: every field without a condition is there."""
        properties: dict[str, Any] = {}
        required: set[str] = set()
        for owner, node, certain in self._fields(parent, selections, certain=True):
            key = node.alias.value if node.alias else node.name.value
            found = self._field(owner, node)
            properties[key] = _merged(properties[key], found) if key in properties else found
            if certain:
                required.add(key)
        schema: dict[str, Any] = {"type": "object", "properties": dict(sorted(properties.items()))}
        return schema | ({"required": sorted(required)} if required else {})

    def _fields(
        self, parent: GraphQLNamedType, selections: SelectionSetNode, *, certain: bool
    ) -> Iterable[tuple[GraphQLNamedType, FieldNode, bool]]:
        """The fields of a selection with the type that owns them, through fragments; whether they are always there."""
        from graphql import FieldNode, FragmentSpreadNode

        for node in selections.selections:
            always = certain and not any(one.name.value in ("include", "skip") for one in node.directives or ())
            if isinstance(node, FieldNode):
                yield parent, node, always
                continue
            found: Any = self.fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
            owner = self.schema.type_map[found.type_condition.name.value] if found.type_condition else parent
            yield from self._fields(owner, found.selection_set, certain=always and self._covers(owner, parent))

    def _covers(self, owner: GraphQLNamedType, parent: GraphQLNamedType) -> bool:
        """Whether every object of type `parent` is of type `owner`."""
        from graphql import is_abstract_type

        if owner is parent:
            return True
        return bool(is_abstract_type(owner)) and self.schema.is_sub_type(owner, parent)  # type: ignore[arg-type]

    def _field(self, parent: GraphQLNamedType, node: FieldNode) -> dict[str, Any]:
        if node.name.value == "__typename":
            return {"type": "string"}
        return self._of(parent.fields[node.name.value].type, node)  # type: ignore[attr-defined]

    def _of(self, kind: GraphQLType, node: FieldNode) -> dict[str, Any]:
        from graphql import GraphQLNonNull

        if isinstance(kind, GraphQLNonNull):
            return self._present(kind.of_type, node)
        return _or_null(self._present(kind, node))

    def _present(self, kind: GraphQLType, node: FieldNode) -> dict[str, Any]:
        from graphql import GraphQLEnumType, GraphQLList, GraphQLScalarType

        if isinstance(kind, GraphQLList):
            return {"type": "array", "items": self._of(kind.of_type, node)}
        if isinstance(kind, GraphQLEnumType):
            return {"type": "string", "enum": sorted(kind.values)}
        if isinstance(kind, GraphQLScalarType):
            return dict(SCALARS.get(kind.name, {}))
        assert node.selection_set is not None  # validated: composite types have a selection
        return self.object_schema(kind, node.selection_set)  # type: ignore[arg-type]


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    if "type" not in schema:
        return schema
    widened = schema | {"type": [schema["type"], "null"]}
    return widened | ({"enum": [*schema["enum"], None]} if "enum" in schema else {})


def _merged(one: dict[str, Any], two: dict[str, Any]) -> dict[str, Any]:
    """The same field selected twice: the selections add up."""
    if "items" in one and one.get("type") == two.get("type"):
        return one | {"items": _merged(one["items"], two["items"])}
    if one.get("type") != two.get("type") or "properties" not in one:
        return one if one == two else {}
    properties = {**one["properties"], **two.get("properties", {})}
    required = sorted({*one.get("required", ()), *two.get("required", ())})
    return one | {"properties": dict(sorted(properties.items()))} | ({"required": required} if required else {})
