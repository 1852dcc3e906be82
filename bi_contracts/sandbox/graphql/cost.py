"""What a query costs: 0.1 a property, 1 an object, and a connection its children times the page size.

Read from Linear's published rule and from what its recorded answers say: an object of which only the `id` is asked
counts as a property, a list as an object.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from graphql import GraphQLSchema, get_named_type, is_leaf_type, is_list_type
from graphql.language import (
    FieldNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
)
from graphql.type import GraphQLNamedType, get_nullable_type

from ...paths import Json
from .documents import DEEPEST, Document
from .problems import Invalid

PROPERTY = 0.1
INTROSPECTION = 2500.0
"""Points of a question about the schema itself: nobody needs many at once, and each is long to answer."""


@dataclass(slots=True)
class Cost:
    """Reckons one operation.

    Attributes:
        page: Page size where none is asked for; `most` is the largest that counts.
        variables: Name -> value, defaults included.
    """

    schema: GraphQLSchema
    document: Document
    variables: Mapping[str, Json]
    page: int = 50
    most: int = 250
    known: dict[tuple[int, str], tuple[float, int]] = field(default_factory=dict)

    def of(self, operation: OperationDefinitionNode) -> float:
        """Points. Raises `Invalid` for fragments that nest too deeply together."""
        root = self.schema.get_root_type(operation.operation)
        points, depth = self._inside(operation.selection_set, root)
        if depth > DEEPEST:
            raise Invalid("The query is nested too deeply.")
        return points

    def _inside(self, selections: SelectionSetNode, parent: GraphQLNamedType | None) -> tuple[float, int]:
        """The points and the depth of what is asked inside a type: the same wherever it is asked."""
        name = (id(selections), parent.name if parent is not None else "")
        found = self.known.get(name)
        if found is None:
            parts = [self._part(node, parent) for node in selections.selections]
            found = sum(points for points, _ in parts), 1 + max((depth for _, depth in parts), default=0)
            self.known[name] = found
        return found

    def _part(self, node: Json, parent: GraphQLNamedType | None) -> tuple[float, int]:
        if isinstance(node, FieldNode):
            return self._field(node, parent)
        if isinstance(node, InlineFragmentNode):
            condition = node.type_condition
            inner = self.schema.get_type(condition.name.value) if condition is not None else parent
            return self._inside(node.selection_set, inner)
        if isinstance(node, FragmentSpreadNode):
            fragment = self.document.fragments[node.name.value]
            return self._inside(fragment.selection_set, self.schema.get_type(fragment.type_condition.name.value))
        return 0.0, 0

    def _field(self, node: FieldNode, parent: GraphQLNamedType | None) -> tuple[float, int]:
        definition = getattr(parent, "fields", {}).get(node.name.value)
        if node.name.value == "__schema":
            return INTROSPECTION, 1
        if node.name.value.startswith("__") or definition is None:
            return 0.0, 1
        type_ = get_named_type(definition.type)
        listed = is_list_type(get_nullable_type(definition.type))
        if node.selection_set is None or is_leaf_type(type_):
            return (1.0 if listed else PROPERTY), 0
        points, depth = self._inside(node.selection_set, type_)
        if paged(type_):
            return points * self._size(node), depth
        if only_key(node.selection_set):
            return points + PROPERTY, depth
        return points + 1, depth

    def _size(self, node: FieldNode) -> int:
        for argument in node.arguments or ():
            if argument.name.value in ("first", "last"):
                value = argument.value
                if isinstance(value, VariableNode):
                    size = self.variables.get(value.name.value)
                else:
                    size = int(value.value) if isinstance(value, IntValueNode) else None
                if isinstance(size, int):
                    return min(max(1, size), self.most)
        return self.page


def paged(type_: GraphQLNamedType) -> bool:
    """Whether a type is a page of a list."""
    fields = getattr(type_, "fields", {})
    return "nodes" in fields and "pageInfo" in fields


def only_key(selections: SelectionSetNode) -> bool:
    """Whether nothing but the `id` of an object is asked: it stands in the row that refers to the object."""
    names = [node.name.value if isinstance(node, FieldNode) else "..." for node in selections.selections]
    return {name for name in names if name != "__typename"} == {"id"}
