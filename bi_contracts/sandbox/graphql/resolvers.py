"""Resolvers: what graphql-core calls for every field. They are bound once a schema and know only the run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from graphql import GraphQLSchema, is_object_type
from graphql.type import GraphQLObjectType

from ...paths import Json
from .defaults import default
from .nodes import ABSENT
from .schemas import Field

Resolver = Callable[..., Any]


def bind(schema: GraphQLSchema, fields: Mapping[str, Mapping[str, Field]]) -> None:
    """Gives every field of a schema its resolver."""
    for name, type_ in schema.type_map.items():
        if is_object_type(type_) and not name.startswith("__"):
            _bind(type_, fields[name], schema)


def _bind(type_: GraphQLObjectType, fields: Mapping[str, Field], schema: GraphQLSchema) -> None:
    root = type_ in (schema.query_type, schema.mutation_type)
    page = "nodes" in fields and "pageInfo" in fields
    for name, found in fields.items():
        if root:
            type_.fields[name].resolve = _root(found, type_.name)
        elif page and name in _PAGE:
            type_.fields[name].resolve = _PAGE[name]
        elif "node" in fields and "cursor" in fields and name in _EDGE:
            type_.fields[name].resolve = _EDGE[name]
        else:
            type_.fields[name].resolve = _FORMS[found.form](found)


def type_of(source: Any, *_: Any) -> str:
    """The object type of what an interface or a union stands for."""
    return str(source.type)


def _root(found: Field, type_: str) -> Resolver:
    read = type_ == "Query"

    def resolve(_: Any, info: Any, **arguments: Any) -> Any:
        return info.context.root(found, info, arguments) if read else info.context.mutation(found, info, arguments)

    return resolve


def _leaf(found: Field) -> Resolver:
    name = found.name
    fallback = default(found) if found.required else None

    def resolve(source: Any, info: Any, **_: Any) -> Json:
        value = source.values.get(name, ABSENT)
        if value is ABSENT:
            value = info.context.missing(source, found)
        return fallback(source) if value is None and fallback is not None else value

    return resolve


def _object(found: Field) -> Resolver:
    return lambda source, info, **_: info.context.child(source, found)


def _objects(found: Field) -> Resolver:
    return lambda source, info, **_: info.context.children(source, found)


def _connection(found: Field) -> Resolver:
    return lambda source, info, **arguments: info.context.connection(source, found, info, arguments)


_FORMS: Mapping[str, Callable[[Field], Resolver]] = {
    "leaf": _leaf,
    "object": _object,
    "objects": _objects,
    "connection": _connection,
}
_PAGE: Mapping[str, Resolver] = {
    "nodes": lambda source, _: source.nodes,
    "edges": lambda source, _: source.edges,
    "pageInfo": lambda source, info: info.context.plain("PageInfo", source.info),
    "totalCount": lambda source, _: len(source.rows),
}
_EDGE: Mapping[str, Resolver] = {"node": lambda source, _: source.node, "cursor": lambda source, _: source.cursor}
