"""Changes of an API as changes of its schema, so that what evolved can be asked for and answered."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeGuard

from graphql.language import (
    DefinitionNode,
    DocumentNode,
    FieldDefinitionNode,
    NamedTypeNode,
    NameNode,
    NonNullTypeNode,
    ObjectTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    TypeNode,
)

from ..evolution import Change

if TYPE_CHECKING:
    from .schemas import Field

CHANGED = "JSON"
_NAME = re.compile(r"(?!__)[_A-Za-z][_0-9A-Za-z]*")
"""What a field may be called: GraphQL specification, section 2.1.9."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of a schema.

    Attributes:
        type: The object type concerned.
        field: Its field.
        how: It is no more, may be null, may be anything (and null), or is new.
        like: For a new field: the field whose type it has, "" for anything.
    """

    type: str
    field: str
    how: Literal["gone", "nullable", "anything", "new"]
    like: str = ""


def edits(changes: Iterable[Change], type_: str, fields: Mapping[str, Mapping[str, Field]]) -> Iterator[Edit]:
    """What changes of the records of a type do to the schema."""
    for change in changes:
        if type_ and change.scope == "record" and change.of_value:
            steps = change.path.split(".")
            holder = _holder(steps[:-1], type_, fields)
            if holder is not None:
                yield from _edits(change, holder, steps[-1], always=change.share >= 1 and len(steps) == 1)


def _edits(change: Change, holder: str, name: str, *, always: bool) -> Iterator[Edit]:
    match change.change:
        case "remove":
            yield Edit(holder, name, "gone" if always else "nullable")
        case "rename":
            yield Edit(holder, str(change.to), "new", name)
            yield Edit(holder, name, "gone" if always else "nullable")
        case "nullify":
            yield Edit(holder, name, "nullable")
        case "add":
            yield Edit(holder, name, "new")
        case "retype" | "wrap" | "enum":
            yield Edit(holder, name, "anything")


def _holder(steps: list[str], type_: str, fields: Mapping[str, Mapping[str, Field]]) -> str | None:
    """The object type at the end of a path from a type."""
    for step in steps:
        if step in ("nodes", "*") or step.isdecimal():
            continue
        found = fields.get(type_, {}).get(step)
        if found is None or found.form == "leaf":
            return None
        type_ = found.node or found.type
    return type_


def edited(document: DocumentNode, changes: tuple[Edit, ...]) -> DocumentNode:
    """The schema after the changes, in their order."""
    types = {node.name.value: node for node in document.definitions if isinstance(node, ObjectTypeDefinitionNode)}
    for change in changes:
        if change.type in types:
            types[change.type] = _edited(types[change.type], change)
    definitions = [types[node.name.value] if _is_object(node) else node for node in document.definitions]
    if not any(isinstance(node, ScalarTypeDefinitionNode) and node.name.value == CHANGED for node in definitions):
        definitions.append(ScalarTypeDefinitionNode(name=NameNode(value=CHANGED), directives=()))
    return DocumentNode(definitions=tuple(definitions))


def _is_object(node: DefinitionNode) -> TypeGuard[ObjectTypeDefinitionNode]:
    return isinstance(node, ObjectTypeDefinitionNode)


def _edited(node: ObjectTypeDefinitionNode, change: Edit) -> ObjectTypeDefinitionNode:
    fields = {member.name.value: member for member in node.fields or ()}
    known = fields.get(change.field)
    if change.how == "new" and not _NAME.fullmatch(change.field):
        return node
    if change.how == "new":
        model = fields.get(change.like)
        type_ = _optional(model.type) if model is not None else _anything()
        fields[change.field] = _field(change.field, type_, model)
    elif known is not None and change.how == "gone":
        del fields[change.field]
    elif known is not None:
        type_ = _anything() if change.how == "anything" else _optional(known.type)
        fields[change.field] = _field(change.field, type_, known)
    return ObjectTypeDefinitionNode(
        name=node.name, interfaces=node.interfaces, directives=(), fields=tuple(fields.values())
    )


def _field(name: str, type_: TypeNode, model: FieldDefinitionNode | None) -> FieldDefinitionNode:
    arguments = model.arguments if model is not None else ()
    return FieldDefinitionNode(name=NameNode(value=name), arguments=arguments, type=type_, directives=())


def _anything() -> TypeNode:
    return NamedTypeNode(name=NameNode(value=CHANGED))


def _optional(type_: TypeNode) -> TypeNode:
    return type_.type if isinstance(type_, NonNullTypeNode) else type_
