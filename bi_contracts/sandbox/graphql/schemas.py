"""The schema that is served: a platform's own or one derived from its examples, evolved, and bound to resolvers."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from importlib.resources import files
from typing import Any

from graphql import (
    GraphQLBoolean,
    GraphQLError,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLString,
    build_ast_schema,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
    parse,
    specified_rules,
    validate,
)
from graphql.language import (
    DocumentNode,
    FragmentDefinitionNode,
    InlineFragmentNode,
    NamedTypeNode,
    NameNode,
    Visitor,
    visit,
)
from graphql.type import GraphQLField, get_nullable_type
from graphql.validation import KnownArgumentNamesRule, VariablesInAllowedPositionRule

from ...paths import Json
from ...queries.comparators import is_duration, is_time
from .cost import paged
from .documents import Document, parsed
from .edits import Edit, edited
from .problems import Invalid, told

DOCUMENTS_KEPT = 256
ANYTHING = "JSON"
"""The scalar that stands for whatever a derived schema cannot know."""

LENIENT = (KnownArgumentNamesRule, VariablesInAllowedPositionRule)
"""What a derived schema cannot judge: it was learnt from answers, and knows no arguments and no input types."""


@dataclass(frozen=True, slots=True)
class Field:
    """What must be known of a field to answer it.

    Attributes:
        type: Name of the type without list and non-null.
        form: `leaf`, `object`, `objects` (a list of them) or `connection` (a page of them).
        required: True where null is no answer.
        many: True for a list.
        node: For a connection: the type of its nodes.
        arguments: Names of what it takes.
    """

    name: str
    type: str
    form: str
    required: bool
    many: bool
    node: str
    arguments: frozenset[str]
    choices: tuple[str, ...] = ()


@dataclass(slots=True, eq=False)
class Served:
    """A schema, with what was learnt about it and the documents that were validated against it.

    Attributes:
        strict: False where the schema was derived.
        fields: Object type -> field -> what must be known of it.
    """

    schema: GraphQLSchema
    strict: bool
    fields: Mapping[str, Mapping[str, Field]]
    documents: OrderedDict[str, Document] = field(default_factory=OrderedDict)

    def document(self, query: str) -> Document:
        """The document, valid against this schema. Raises `Invalid` with every error."""
        found = self.documents.get(query)
        if found is None:
            found = self._validated(parsed(query))
            if len(self.documents) >= DOCUMENTS_KEPT:
                self.documents.popitem(last=False)
            self.documents[query] = found
        return found

    def _validated(self, document: Document) -> Document:
        if not self.strict:
            document = loosened(document, self.schema)
        rules = specified_rules if self.strict else tuple(rule for rule in specified_rules if rule not in LENIENT)
        try:
            errors = validate(self.schema, document.ast, rules)
        except RecursionError:
            raise Invalid("The query is nested too deeply.") from None
        if errors:
            raise Invalid(told(errors))
        return document

    def object_type(self, name: str) -> str:
        """The type itself, or the first that an interface or a union may stand for."""
        type_ = self.schema.get_type(name)
        return self.schema.get_possible_types(type_)[0].name if is_abstract_type(type_) else name


def sdl(schema: str) -> str:
    """The SDL that a declaration names: the text itself, or `package/file`."""
    if "{" in schema:
        return schema
    package, _, name = schema.rpartition("/")
    return files(package.replace("/", ".")).joinpath(name).read_text(encoding="utf-8")


@lru_cache(maxsize=32)
def served(text: str, edits: tuple[Edit, ...], strict: bool) -> Served:
    """The schema in SDL after what changed in it."""
    document = tree(text)
    return bound(edited(document, edits) if edits else document, strict)


@lru_cache(maxsize=32)
def tree(text: str) -> DocumentNode:
    """The SDL as a syntax tree."""
    return parse(text, no_location=True)


def bound(document: DocumentNode, strict: bool) -> Served:
    """A schema that can be executed: its fields resolve to the rows of the world."""
    from .resolvers import bind

    schema = build_ast_schema(document, assume_valid=True, assume_valid_sdl=True)
    found = Served(schema, strict, facts(schema))
    loose(schema)
    _timed(schema)
    bind(schema, found.fields)
    return found


def facts(schema: GraphQLSchema) -> dict[str, dict[str, Field]]:
    """What must be known of every field of every object type."""
    return {
        name: {member: fact(member, definition) for member, definition in type_.fields.items()}
        for name, type_ in schema.type_map.items()
        if is_object_type(type_) and not name.startswith("__")
    }


def fact(name: str, definition: GraphQLField) -> Field:
    """What the engine must know of a field, read from its definition."""
    type_: Any = get_named_type(definition.type)
    many = is_list_type(get_nullable_type(definition.type))
    if is_leaf_type(type_):
        form = "leaf"
    elif many:
        form = "objects"
    else:
        form = "connection" if paged(type_) else "object"
    node = str(get_named_type(type_.fields["nodes"].type)) if form == "connection" else ""
    choices = tuple(getattr(type_, "values", ()))
    required = is_non_null_type(definition.type)
    return Field(name, type_.name, form, required, many, node, frozenset(definition.args), choices)


def _timed(schema: GraphQLSchema) -> None:
    """Lets the scalars of times take what is one; a schema in SDL says of a scalar no more than its name."""
    for name in ("DateTime", "DateTimeOrDuration", "TimelessDate", "TimelessDateOrDuration"):
        known = schema.type_map.get(name)
        if isinstance(known, GraphQLScalarType):
            for called in ("parse_value", "coerce_input_value"):  # in graphql-core 3.2, and from 3.3 on
                setattr(known, called, partial(_time, name))


def _time(name: str, value: Json) -> Json:
    """A time that somebody sent. Raises `GraphQLError` for what is none."""
    if isinstance(value, str) and (is_time(value) or (name.endswith("Duration") and is_duration(value))):
        return value
    raise GraphQLError(f"{name} cannot represent {value!r}: a time in the form of ISO 8601 is wanted")


def loose(schema: GraphQLSchema) -> None:
    """Lets built-in scalars say what the rows say: a whole `Float` as JSON's `3`, as every JavaScript server does."""
    for type_ in schema.type_map.values():
        if is_object_type(type_) and not type_.name.startswith("__"):
            for definition in type_.fields.values():
                definition.type = _loosened(definition.type)


def _loosened(type_: Any) -> Any:
    if is_non_null_type(type_):
        return GraphQLNonNull(_loosened(type_.of_type))
    if is_list_type(type_):
        return GraphQLList(_loosened(type_.of_type))
    return _LOOSE.get(type_.name, type_)


def _as_it_is(value: Json) -> Json:
    return value


def _double(known: GraphQLScalarType) -> GraphQLScalarType:
    """The scalar under its own name; graphql-core lets nobody else define one of that name."""
    double = GraphQLScalarType(f"{known.name}_", serialize=_as_it_is, description=known.description)
    double.name = known.name
    return double


_BUILT_IN = (GraphQLString, GraphQLID, GraphQLInt, GraphQLFloat, GraphQLBoolean)
_LOOSE = {known.name: _double(known) for known in _BUILT_IN}


def loosened(document: Document, schema: GraphQLSchema) -> Document:
    """The document with every variable of a type that a derived schema cannot know of the one that is anything."""
    return Document.of(visit(document.ast, _Variables(schema)))


class _Variables(Visitor):
    def __init__(self, schema: GraphQLSchema) -> None:
        super().__init__()
        self.known = schema.type_map

    def enter_named_type(self, node: NamedTypeNode, _key: Json, parent: Json, *_: Json) -> NamedTypeNode | None:
        if node.name.value in self.known or isinstance(parent, FragmentDefinitionNode | InlineFragmentNode):
            return None
        return NamedTypeNode(name=NameNode(value=ANYTHING))
