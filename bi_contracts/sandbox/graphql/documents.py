"""GraphQL documents: parsed once, measured before anything is done with them, validated once a schema."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from graphql import GraphQLSyntaxError
from graphql.language import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
)

from .problems import SYNTAX, Invalid, told

DEEPEST = 60
"""Levels of nesting in a query."""

TOKENS = 15_000
"""Lexical tokens in a document."""

TWINS = 250_000
"""Pairs of selections that ask for one and the same place: validation looks at every pair."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document without errors of syntax, and of a size that can be worked on."""

    ast: DocumentNode
    operations: tuple[OperationDefinitionNode, ...]
    fragments: Mapping[str, FragmentDefinitionNode]

    @classmethod
    def of(cls, ast: DocumentNode) -> Document:
        """The operations and fragments of a parsed text."""
        fragments = {node.name.value: node for node in ast.definitions if isinstance(node, FragmentDefinitionNode)}
        return cls(ast, tuple(node for node in ast.definitions if isinstance(node, OperationDefinitionNode)), fragments)

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """The operation that a request names, or the only one. Raises `Invalid`."""
        found = [node for node in self.operations if not name or (node.name and node.name.value == name)]
        if len(found) != 1:
            raise Invalid(f'Unknown operation named "{name}".' if name else "Must provide one operation or its name.")
        return found[0]

    def roots(self, operation: OperationDefinitionNode) -> list[str]:
        """The fields of the root that an operation asks for, each once, in order."""
        return list(dict.fromkeys(node.name.value for node in self._flat(operation.selection_set, frozenset())))

    def _flat(self, selections: SelectionSetNode, seen: frozenset[str]) -> Iterator[FieldNode]:
        for node in selections.selections:
            if isinstance(node, FieldNode):
                yield node
            elif isinstance(node, InlineFragmentNode):
                yield from self._flat(node.selection_set, seen)
            else:
                name = node.name.value  # type: ignore[attr-defined]
                if name in self.fragments and name not in seen:
                    yield from self._flat(self.fragments[name].selection_set, seen | {name})


@lru_cache(maxsize=128)
def parsed(query: str) -> Document:
    """The document. Raises `Invalid` with the place of a syntax error, and for one that is too large."""
    try:
        ast = parse(query, max_tokens=TOKENS)
    except GraphQLSyntaxError as problem:
        raise Invalid(told([problem]), SYNTAX) from None
    except RecursionError:
        raise Invalid("The query is nested too deeply.", SYNTAX) from None
    found = Document.of(ast)
    for node in (*found.operations, *found.fragments.values()):
        measure(node.selection_set)
    return found


def measure(selections: SelectionSetNode) -> None:
    """Raises `Invalid` for selections that nest too deeply, or that repeat one place too often."""
    places: Counter[tuple[str, ...]] = Counter(_places(selections, (), 0))
    if sum(count * count for count in places.values() if count > 1) > TWINS:
        raise Invalid("The query asks for the same fields too often.")


def _places(selections: SelectionSetNode, path: tuple[str, ...], depth: int) -> Iterator[tuple[str, ...]]:
    if depth > DEEPEST:
        raise Invalid("The query is nested too deeply.")
    for node in selections.selections:
        if isinstance(node, FieldNode):
            place = (*path, node.alias.value if node.alias else node.name.value)
            yield place
            if node.selection_set:
                yield from _places(node.selection_set, place, depth + 1)
        elif isinstance(node, InlineFragmentNode):
            yield from _places(node.selection_set, path, depth + 1)
        else:
            yield (*path, "...")
