"""GraphQL documents: parsed once, read without a schema (GraphQL specification, sections 2 and 6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from ..paths import Json

if TYPE_CHECKING:
    from graphql.language import DocumentNode, FieldNode, Node, OperationDefinitionNode, SelectionSetNode, ValueNode

DEEPEST = 60
"""Levels of nesting in a query; fragments that spread themselves end here."""


class Invalid(Exception):
    """A document that the platform would refuse. `code` is Apollo's."""

    def __init__(self, message: str, node: Node | None = None, code: str = "GRAPHQL_VALIDATION_FAILED") -> None:
        super().__init__(message)
        self.code = code
        self.locations = _locations(node)


def _locations(node: Node | None) -> list[dict[str, int]]:
    if node is None or node.loc is None:
        return []
    token = node.loc.start_token
    return [{"line": token.line, "column": token.column}]


@dataclass(frozen=True, slots=True)
class Selected:
    """One field of the answer: every place in the document that asks for it under this name."""

    alias: str
    name: str
    nodes: tuple[FieldNode, ...]
    leaf: bool

    @property
    def node(self) -> FieldNode:
        return self.nodes[0]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation with the values of its variables."""

    definition: OperationDefinitionNode
    fragments: Mapping[str, SelectionSetNode]
    variables: Mapping[str, Json]
    _known: dict[int, tuple[Selected, list[Selected]]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def root(self) -> str:
        """`Query` or `Mutation`."""
        return self.definition.operation.value.capitalize()

    def fields(self, *sets: SelectionSetNode | None, depth: int = 0) -> list[Selected]:
        """The fields that selection sets ask for, in order, the same answer key merged."""
        found: dict[str, list[FieldNode]] = {}
        for selections in sets:
            for node in self._flat(selections, depth):
                found.setdefault(node.alias.value if node.alias else node.name.value, []).append(node)
        return [
            Selected(alias, nodes[0].name.value, tuple(nodes), all(node.selection_set is None for node in nodes))
            for alias, nodes in found.items()
        ]

    def below(self, selected: Selected) -> list[Selected]:
        """The fields inside a field; worked out once, for they are asked for with every row."""
        known = self._known.get(id(selected))
        if known is None:
            parts = self.fields(*(node.selection_set for node in selected.nodes))
            known = self._known[id(selected)] = (selected, parts)
        return known[1]

    def arguments(self, node: FieldNode) -> dict[str, Json]:
        """The arguments of a field; one whose variable was not given is absent."""
        given = ((item.name.value, self.value(item.value)) for item in node.arguments or ())
        return {name: value for name, value in given if value is not ...}

    def value(self, node: ValueNode) -> Json:
        """The JSON value of a literal or a variable; `...` for a variable that was not given."""
        from graphql.language import ast

        match node:
            case ast.VariableNode():
                return self.variables.get(node.name.value, ...)
            case ast.ObjectValueNode():
                members = ((item.name.value, self.value(item.value)) for item in node.fields or ())
                return {name: value for name, value in members if value is not ...}
            case ast.ListValueNode():
                return [None if value is ... else value for value in map(self.value, node.values or ())]
            case ast.IntValueNode():
                return int(node.value)
            case ast.FloatValueNode():
                return float(node.value)
            case ast.StringValueNode() | ast.BooleanValueNode() | ast.EnumValueNode():
                return node.value
        return None

    def _flat(self, selections: SelectionSetNode | None, depth: int) -> Iterator[FieldNode]:
        from graphql.language import FieldNode, FragmentSpreadNode, InlineFragmentNode

        if depth > DEEPEST:
            raise Invalid("the query is nested too deeply", selections)
        for node in selections.selections if selections else ():
            if not self._included(node):
                continue
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, InlineFragmentNode):
                yield from self._flat(node.selection_set, depth + 1)
            elif isinstance(node, FragmentSpreadNode):
                if node.name.value not in self.fragments:
                    raise Invalid(f'Unknown fragment "{node.name.value}".', node)
                yield from self._flat(self.fragments[node.name.value], depth + 1)

    def _included(self, node: Json) -> bool:
        for directive in node.directives or ():
            if directive.name.value in ("include", "skip"):
                wanted = bool(next((self.value(item.value) for item in directive.arguments or ()), False))
                if wanted is (directive.name.value == "skip"):
                    return False
        return True


def operation(query: str, variables: Mapping[str, Json], name: str | None) -> Operation:
    """The operation that a request asks for. Raises `Invalid`."""
    from graphql.language import FragmentDefinitionNode, OperationDefinitionNode

    document = parsed(query)
    fragments, operations = {}, []
    for node in document.definitions:
        if isinstance(node, FragmentDefinitionNode):
            fragments[node.name.value] = node.selection_set
        elif isinstance(node, OperationDefinitionNode):
            operations.append(node)
    if name:
        operations = [node for node in operations if node.name and node.name.value == name]
    if len(operations) != 1:
        raise Invalid(f'Unknown operation named "{name}".' if name else "Must provide one operation or its name.")
    return Operation(operations[0], fragments, _variables(operations[0], variables, fragments))


def _variables(
    node: OperationDefinitionNode, given: Mapping[str, Json], fragments: Mapping[str, SelectionSetNode]
) -> dict[str, Json]:
    from graphql.language import NonNullTypeNode

    found: dict[str, Json] = {}
    for definition in node.variable_definitions or ():
        name = definition.variable.name.value
        if name in given:
            found[name] = given[name]
        elif definition.default_value is not None:
            found[name] = Operation(node, fragments, {}).value(definition.default_value)
        if isinstance(definition.type, NonNullTypeNode) and found.get(name) is None:
            raise Invalid(f'Variable "${name}" of a required type was not provided.', definition)
    return found


@lru_cache(maxsize=256)
def parsed(query: str) -> DocumentNode:
    """The document. Raises `Invalid` with the place of a syntax error."""
    from graphql import GraphQLSyntaxError
    from graphql.language import parse

    try:
        return parse(query, max_tokens=20_000)
    except GraphQLSyntaxError as problem:
        invalid = Invalid(problem.message, code="GRAPHQL_PARSE_FAILED")
        invalid.locations = [{"line": place.line, "column": place.column} for place in problem.locations or ()]
        raise invalid from None
    except RecursionError:
        raise Invalid("the query is nested too deeply", code="GRAPHQL_PARSE_FAILED") from None
