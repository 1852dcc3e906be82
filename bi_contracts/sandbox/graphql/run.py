"""One request being answered: what the resolvers ask for."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import httpx

from ...dialects import ErrorKind
from ...pagination import Relay
from ...paths import Json
from ...platform import Endpoint
from ..collection import Collection
from ..keys import salt
from ..refusal import Refusal
from ..routing import Match
from ..rows import FOREVER, Rows
from .glances import looked_at
from .nodes import ABSENT, Node, Page
from .schemas import Field, Served
from .selecting import Wanted, selected
from .tables import Tables

if TYPE_CHECKING:
    from .graph import Graph


class Run:
    """The context of an execution.

    Attributes:
        variables: The operation's variables with their defaults, as JSON.
        fleeting: True where the answer depends on the time.
    """

    def __init__(
        self, behaviour: Graph, request: httpx.Request, served: Served, tables: Tables, variables: Mapping[str, Json]
    ) -> None:
        self.behaviour = behaviour
        self.request = request
        self.served = served
        self.tables = tables
        self.variables = variables
        self.fleeting = False

    # The roots

    def root(self, found: Field, info: Any, arguments: Mapping[str, Json]) -> Any:
        """A field of `Query`. Raises `Refusal`, `BadPage` and `BadQuery`."""
        special = getattr(self.behaviour, f"query_{found.name}", None)
        if special is not None:
            return special(self, found, arguments)
        arguments = self.given(info, arguments)
        endpoint = self.tables.roots.get(found.name)
        if found.form == "leaf":
            return None
        if endpoint is not None and endpoint.kind == "identity":
            return self.identity(found.type, endpoint)
        if found.form in ("connection", "objects"):
            return self.listed(found, endpoint or self.tables.endpoint(found.node or found.type), arguments)
        if endpoint is None and "id" not in arguments:
            return self.plain(found.type, {})
        return self.item(found, endpoint, arguments)

    def mutation(self, found: Field, info: Any, arguments: Mapping[str, Json]) -> Any:
        """A field of `Mutation`."""
        self.fleeting = True
        return self.behaviour.mutation(self, found, self.given(info, arguments))

    def given(self, info: Any, arguments: Mapping[str, Json]) -> Mapping[str, Json]:
        """The arguments of a field; of a derived schema, those too that it does not know."""
        if self.served.strict:
            return arguments
        from graphql import value_from_ast_untyped

        variables = dict(self.variables)
        nodes = info.field_nodes[0].arguments or ()
        return {node.name.value: value_from_ast_untyped(node.value, variables) for node in nodes}

    def identity(self, type_: str, endpoint: Endpoint) -> Node:
        """Who one is."""
        home = self.behaviour.world.collection(self.behaviour.platform, endpoint)
        values = self.behaviour.shown(endpoint, home, 0)
        own = self.tables.home(type_)
        return Node(type_, values, own, None)

    def listed(self, found: Field, endpoint: Endpoint | None, arguments: Mapping[str, Json]) -> Any:
        """A list of the root."""
        if endpoint is None:
            return self.page(found, [], {}, Relay("")) if found.form == "connection" else []
        rows = self.behaviour.rows(self.request, Match(endpoint, arguments))
        type_ = found.node or found.type
        if found.form == "objects":
            return self.nodes(type_, rows)
        return self.paged(found, rows, arguments, (endpoint.name, found.name))

    def item(self, found: Field, endpoint: Endpoint | None, arguments: Mapping[str, Json]) -> Node:
        """One object by its key."""
        try:
            if endpoint is not None and len(endpoint.parents) != 1:
                home, position = self.behaviour.found(Match(endpoint, arguments))
            else:
                key = arguments.get(next(iter(endpoint.parents)) if endpoint is not None else "id")
                home, position = self.located(found.type, key, endpoint)
        except Refusal as refusal:
            raise Refusal(refusal.kind, refusal.message or found.type, refusal.shape) from None
        if endpoint is None:
            return self.node(found.type, home, position)
        node = Node(found.type, self.behaviour.shown(endpoint, home, position), home, position)
        node.full = node.values
        return node

    def located(self, type_: str, key: Json, endpoint: Endpoint | None = None) -> tuple[Collection, int]:
        """Where the object with a key, or another name of its own, stands. Raises `Refusal`."""
        if endpoint is not None and type_ not in self.tables.lists:
            return self.behaviour.found(Match(endpoint, dict.fromkeys(endpoint.parents, key)))
        home = self.tables.home(type_)
        position = None if home is None else home.position(key)
        if position is None and home is not None:
            position = self.behaviour.named(self, type_, home, key)
        if home is None or position is None:
            raise Refusal(ErrorKind.NOT_FOUND, type_)
        return home, position

    # Objects

    def node(self, type_: str, home: Collection, position: int, until: float = FOREVER) -> Node:
        """The object at a position of a list."""
        if until != FOREVER:
            return Node(type_, self.behaviour.values(home, position, until), home, position)
        kept = self.behaviour.nodes
        name = (type_, home.endpoint.name, position)
        found = kept.get(name)
        if found is None:
            found = kept[name] = Node(type_, self.behaviour.values(home, position), home, position)
        return found

    def nodes(self, type_: str, rows: Sequence[Json]) -> list[Node]:
        """The objects of rows."""
        if isinstance(rows, Rows):
            return [self.node(type_, rows.source, position, rows.until) for position in rows.positions]
        return [row if isinstance(row, Node) else self.embedded(type_, row) for row in rows]

    def plain(self, type_: str, values: Mapping[str, Json]) -> Node:
        """An object that stands in no list."""
        node = Node(type_, values)
        node.full = {}
        return node

    def embedded(self, type_: str, values: Mapping[str, Json]) -> Node:
        """An object that stands in another's row, in brief; as it is now, where it was written."""
        home = self.tables.home(type_)
        if home is not None and home.patches:
            position = home.position(values.get(home.endpoint.key))
            if position is not None and home.touched(position):
                return self.node(type_, home, position)
        return Node(type_, values, home)

    def missing(self, node: Any, found: Field) -> Json:
        """The value of a field that is not at hand: from the object's own row, or from what only an item shows."""
        if not isinstance(node, Node):
            return None
        if node.full is None:
            node.full = self.full(node)
        value = node.full.get(found.name, ABSENT)
        return self.behaviour.computed(self, node, found) if value is ABSENT else value

    def full(self, node: Node) -> Mapping[str, Json]:
        """Everything that is known of an object."""
        home = node.home
        if home is None:
            return {}
        if node.position is None:
            return self._twin(node, home)
        row = node.values or self.behaviour.values(home, node.position)
        item = self.tables.items.get(node.type)
        if item is None or home.endpoint.examples == item.examples:
            return row
        raw = home.row(node.position)
        more = self.behaviour.whole(item, home, node.position)
        return {**{name: value for name, value in more.items() if name not in raw}, **row}

    def _twin(self, node: Node, home: Collection) -> Mapping[str, Json]:
        """Everything about an object that another's row shows in brief, from its own row."""
        position = home.position(node.values.get(home.endpoint.key))
        if position is None:
            return {}
        twin = self.node(node.type, home, position)
        if twin.full is None:
            twin.full = self.full(twin)
        return twin.full

    def value(self, node: Any, found: Field) -> Json:
        """What a field of an object holds, as JSON."""
        value = node.values.get(found.name, ABSENT)
        return self.missing(node, found) if value is ABSENT else value

    def child(self, node: Any, found: Field) -> Node | None:
        """The object that a field refers to."""
        value = self.value(node, found)
        if isinstance(value, Node):
            return value
        if isinstance(value, Mapping):
            return self.embedded(found.type, value)
        return self._some(node, found) if found.required else None

    def _some(self, node: Any, found: Field) -> Node:
        """An object for a field that must hold one."""
        identity = self.tables.identities.get(found.type)
        if identity is not None:
            return self.identity(found.type, identity)
        home = self.tables.home(found.type)
        if home is None or not home.count:
            return self.plain(self.served.object_type(found.type), {})
        return self.node(found.type, home, salt(node.type, node.position, found.name) % home.count)

    def children(self, node: Any, found: Field) -> list[Node] | None:
        """The objects of a list that is no page."""
        value = self.value(node, found)
        if isinstance(value, list):
            return [self.embedded(found.type, item) for item in value if isinstance(item, Mapping)]
        return [] if found.required else None

    def _looked_at(self, type_: str, rows: Sequence[Json]) -> list[Node]:
        """The objects of rows, for a filter: nothing of them is made but what it reads."""
        if not isinstance(rows, Rows):
            return self.nodes(type_, rows)
        home = rows.source
        return [Node(type_, looked_at(self.behaviour, home, at, rows.until), home, at) for at in rows.positions]

    # Pages

    def connection(self, node: Any, found: Field, info: Any, arguments: Mapping[str, Json]) -> Page | None:
        """A page of the objects that have to do with an object."""
        if not found.required and node.values.get(found.name, ABSENT) is None:
            return None
        arguments = self.given(info, arguments)
        rows = self.related(node, found)
        return self.paged(found, rows, arguments, (node.type, self.key(node), found.name))

    def key(self, node: Any) -> Json:
        """The identifier of an object."""
        return node.values.get(node.home.endpoint.key if node.home is not None else "id")

    def related(self, node: Any, found: Field) -> Sequence[Json]:
        """All objects that have to do with an object, before they are paged: rows, or what stands in its own row."""
        home = self.tables.home(found.node)
        path = self.tables.back(node.type, found) if home is not None else ""
        value = node.values.get(found.name, ABSENT)
        if value is ABSENT and not path:
            value = self.missing(node, found)
        if isinstance(value, Mapping) and isinstance(value.get("nodes"), list):
            return [self.embedded(found.node, item) for item in value["nodes"] if isinstance(item, Mapping)]
        key = self.key(node)
        if home is None or not path or not isinstance(key, str):
            return []
        return self.tables.rows(home, path, key, self.behaviour.world.horizon(self.behaviour.platform))

    def paged(self, found: Field, rows: Sequence[Json], arguments: Mapping[str, Json], name: Hashable) -> Page:
        """The page of rows that arguments ask for. Raises `BadPage` and `BadQuery`."""
        rows = selected(self, found, rows, Wanted.read(self, found, arguments), name)
        home = self.tables.home(found.node)
        relay = home.endpoint.paginator if home is not None else None
        return self.page(found, rows, arguments, relay if isinstance(relay, Relay) else self.behaviour.relay)

    def page(self, found: Field, rows: Sequence[Json], arguments: Mapping[str, Json], relay: Relay) -> Page:
        window = relay.window(rows, arguments)
        return Page(found.type, self.nodes(found.node, window.rows), rows, window.fields["pageInfo"], relay)

    # What filters read

    def read(self, node: Any, name: str) -> Any:
        """What a filter or an order finds under a name: JSON, an object, or a list of objects."""
        found = self.served.fields.get(node.type, {}).get(name)
        if found is None:
            return self.behaviour.filtered(self, node, name)
        match found.form:
            case "object":
                return self.child(node, found)
            case "objects":
                return self.children(node, found) or []
            case "connection":
                return self._looked_at(found.node, self.related(node, found))
        return self.value(node, found)
