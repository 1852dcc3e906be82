"""Answers as a GraphQL platform: by its schema, or by one that is derived from its examples."""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping, Sequence
from math import ceil
from typing import TYPE_CHECKING, Any, ClassVar

import httpx

from ...dialects import ErrorKind
from ...pagination import BadPage, Relay
from ...paths import Json, bury, dig
from ...platform import Endpoint, Platform
from ...queries import BadQuery
from ...slots import json_of
from ..answer import Answer, json_answer
from ..collection import Collection
from ..refusal import Refusal
from ..rest import Rest
from ..routing import Match
from ..rows import FOREVER
from ..world import World
from ..writing import written
from .problems import ARGUMENT, INPUT, REQUEST, USER_INPUT, Invalid, one, told

if TYPE_CHECKING:
    from graphql import ExecutionResult, GraphQLError
    from graphql.language import OperationDefinitionNode

    from .documents import Document
    from .edits import Edit
    from .nodes import Node
    from .run import Run
    from .schemas import Field, Served
    from .tables import Tables

ANSWERS_KEPT = 256
NODES_KEPT = 20_000


class Graph(Rest):
    """Answers as one GraphQL platform.

    A platform with ways of its own has a subclass in `behaviours`: a method `query_<field>` answers a field of the
    root in the place of the general way, `mutation` every mutation.
    """

    relations: ClassVar[Mapping[str, str]] = {}
    """`Type.field` of a connection -> the field of its rows that refers back, `*` for every row."""

    aliases: ClassVar[Mapping[str, str]] = {}
    """Type -> the type whose rows it shows."""

    follows: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """Member of a row -> the members that it is worked out from."""

    most: ClassVar[float] = 250_000
    """Points that one query may cost."""

    def __init__(self, platform: Platform, world: World) -> None:
        super().__init__(platform, world)
        self.kept: dict[bytes, Answer] = {}
        self.nodes: dict[tuple[str, str, int], Node] = {}
        self.chosen: dict[Hashable, Sequence[int]] = {}
        self.glances: dict[tuple[str, str], dict[int, Json]] = {}
        self.state: tuple[Served, Tables] | None = None
        self.seen = world.version
        relays = (endpoint.paginator for endpoint in platform.endpoints)
        self.relay = next((relay for relay in relays if isinstance(relay, Relay)), Relay(""))

    def changed(self) -> None:
        super().changed()
        self.state = None
        self.glances.clear()
        self.forget()

    def forget(self) -> None:
        """Lets go of everything that was read from the world."""
        self.kept.clear()
        self.nodes.clear()
        self.chosen.clear()
        self.seen = self.world.version

    # The schema

    def served(self) -> tuple[Served, Tables]:
        """The schema as it is now, and the lists behind it."""
        if self.state is None:
            from .schemas import sdl, served

            strict = bool(self.platform.schema)
            text = sdl(self.platform.schema) if strict else self._derived()
            plain = served(text, (), strict)
            found = served(text, self._edits(plain), strict) if self.evolution.changes else plain
            self.state = found, self._tables(found)
        return self.state

    def _tables(self, served: Served) -> Tables:
        from .tables import Tables

        return Tables(self.platform, self.world, served.fields, self.relations, self.aliases)

    def _derived(self) -> str:
        from .derived import derived

        samples = {}
        for endpoint in self.platform.endpoints:
            put = self.world.collection(self.platform, endpoint).exact
            samples[endpoint.name] = list(put)[:50] if put else endpoint.examples
        return derived(self.platform, samples)

    def _edits(self, served: Served) -> tuple[Edit, ...]:
        """What the API's evolution changes in its schema."""
        from .edits import edits

        tables = self._tables(served)
        found: dict[Edit, None] = {}
        for endpoint in self.platform.endpoints:
            changes = self.evolution.of(self.platform.id(endpoint))
            found |= dict.fromkeys(edits(changes, tables.type_of(endpoint), served.fields))
        return tuple(found)

    # One request

    def name(self, request: httpx.Request, match: Match) -> str:  # noqa: ARG002
        from .derived import root
        from .documents import parsed

        try:
            query, _, name = asked(request)
            document = parsed(query)
            fields = document.roots(document.operation(name))
        except Invalid:
            return ""
        named = {root(endpoint): endpoint.name for endpoint in reversed(self.platform.endpoints)}
        return next((named[field] for field in fields if field in named), "")

    def answer(self, request: httpx.Request, match: Match) -> Answer:  # noqa: ARG002
        if self.seen != self.world.version or len(self.nodes) > NODES_KEPT:
            self.forget()
        kept = self.kept.get(request.content)
        if kept is None or self.world.lag.get(self.platform.name):
            kept = self._fresh(request)
        return Answer(kept.status, list(kept.headers), kept.body)

    def _fresh(self, request: httpx.Request) -> Answer:
        try:
            answer, fleeting = self._answered(request)
        except Invalid as problem:
            return self.invalid(problem)
        if not fleeting:
            if len(self.kept) >= ANSWERS_KEPT:
                self.kept.clear()
            self.kept[request.content] = answer
        return answer

    def _answered(self, request: httpx.Request) -> tuple[Answer, bool]:
        query, variables, name = asked(request)
        served, tables = self.served()
        document = served.document(query)
        operation = document.operation(name)
        points = self.cost(served, document, operation, variables)
        run, result = self._executed(request, document, operation, variables)
        body = self._body(result)
        for field in document.roots(operation):
            endpoint = tables.roots.get(field)
            if endpoint is not None:
                body = self.evolution.envelope(self.platform.id(endpoint), body)
        return json_answer(200, body, [("x-complexity", str(points))]), run.fleeting

    def cost(
        self, served: Served, document: Document, operation: OperationDefinitionNode, variables: Mapping[str, Json]
    ) -> int:
        """What an operation costs, in points. Raises `Invalid` for one that costs too much."""
        from .cost import Cost

        given = with_defaults(operation, variables)
        points = Cost(served.schema, document, given, self.relay.page, self.relay.most).of(operation)
        if points > self.most:
            said = f"The query costs {points:.0f} points; a query may cost {self.most:.0f}."
            raise Invalid("Query too complex", INPUT, said)
        return ceil(round(points, 6))

    def _executed(
        self,
        request: httpx.Request,
        document: Document,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Json],
    ) -> tuple[Run, ExecutionResult]:
        from graphql import execute_sync

        from .resolvers import type_of
        from .run import Run

        served, tables = self.served()
        run = Run(self, request, served, tables, with_defaults(operation, variables))
        try:
            result = execute_sync(
                served.schema,
                document.ast,
                context_value=run,
                variable_values=dict(variables),
                operation_name=operation.name.value if operation.name else None,
                type_resolver=type_of,
            )
        except RecursionError:
            raise Invalid("The query is nested too deeply.") from None
        return run, result

    # What went wrong

    def _body(self, result: ExecutionResult) -> Json:
        from graphql import GraphQLError

        if not result.errors:
            return {"data": result.data}
        for error in result.errors:
            problem = error.original_error
            if isinstance(problem, Invalid):
                raise problem
            if isinstance(problem, BadPage | BadQuery):
                raise Invalid([{**one(error), "message": str(problem)}], ARGUMENT)
            if isinstance(problem, GraphQLError | None) and error.message.startswith("Argument"):
                raise Invalid([one(error)], USER_INPUT)
        if result.data is None and not any(error.path for error in result.errors):
            raise Invalid(told(result.errors), USER_INPUT)
        return {"errors": [self._told(error) for error in result.errors], "data": result.data}

    def _told(self, error: GraphQLError) -> Json:
        """One error beside partial data. Raises `Refusal` where the platform has no such way."""
        from graphql import GraphQLError

        problem = error.original_error
        if problem is not None and not isinstance(problem, Refusal | GraphQLError):
            raise problem
        if isinstance(problem, Refusal):
            shape = problem.shape
            _, body = (shape or self.platform.errors.shapes[problem.kind]).render(problem.message)
        else:
            _, body = self.platform.errors.render(ErrorKind.SERVER_ERROR)
        entry = dig(body, "errors.0")
        if not isinstance(entry, Mapping):
            raise problem if isinstance(problem, Refusal) else Refusal(ErrorKind.SERVER_ERROR)
        place = one(error)
        return {**entry, **{name: place[name] for name in ("locations", "path") if name in place}}

    def invalid(self, problem: Invalid) -> Answer:
        """The answer to a request of which nothing was executed."""
        entries = []
        status, body = 400, None
        for error in problem.errors:
            status, body = self.platform.errors.render(ErrorKind.BAD_REQUEST, error["message"])
            if self.platform.errors.code:
                body = bury(body, self.platform.errors.code, problem.code)
            entry = dig(body, "errors.0")
            if isinstance(entry, Mapping):
                rest = {name: value for name, value in entry.items() if name not in ("locations", "path")}
                entries.append(self.explained({**error, **rest, "message": error["message"]}, problem))
        return json_answer(status, {**body, "errors": entries} if entries and isinstance(body, Mapping) else body)

    def explained(self, entry: Mapping[str, Json], problem: Invalid) -> Json:  # noqa: ARG002
        """One error of a refused request, with what a platform says beside."""
        return entry

    # Rows

    def values(self, home: Collection, position: int, until: float = FOREVER) -> Mapping[str, Json]:
        """A whole row as the API, evolved, gives it."""
        found = self.record(home.endpoint, home.row(position, until), position)
        return found if isinstance(found, Mapping) else {}

    def glanced(self, home: Collection, position: int, name: str) -> Json:
        """One member of a row that nobody wrote, made without the others; `ABSENT` where the row has none."""
        from .nodes import ABSENT

        if self.evolution.changes:
            return self.values(home, position).get(name, ABSENT)
        row = home.members(position, frozenset((name, *self.follows.get(name, ()))))
        return self.record(home.endpoint, row, position).get(name, ABSENT)

    # What a platform may say of its own

    def named(self, run: Run, type_: str, home: Collection, key: Json) -> int | None:  # noqa: ARG002
        """Where the object stands that has another name of its own, None where no object has."""
        return None

    def computed(self, run: Run, node: Node, field: Field) -> Json:  # noqa: ARG002
        """The value of a field that no row says."""
        return None

    def filtered(self, run: Run, node: Node, name: str) -> Any:  # noqa: ARG002
        """What a filter finds under a name that is no field."""
        return None

    def completed(self, run: Run, type_: str, record: dict[str, Json]) -> dict[str, Json]:  # noqa: ARG002
        """A record that is about to be created, with what the platform fills in."""
        return record

    def mutation(self, run: Run, field: Field, arguments: Mapping[str, Json]) -> Node:
        """The payload of a mutation: that it went well, and the record that it concerned."""
        endpoint = run.tables.roots.get(field.name)
        payload: dict[str, Json] = {"success": True, "lastSyncId": 1}
        if endpoint is not None:
            record = self._done(endpoint, arguments) if endpoint.write else self._echoed(endpoint, arguments)
            payload[endpoint.records.rpartition(".")[2]] = record
            self.forget()
        return run.plain(field.type, payload)

    def _done(self, endpoint: Endpoint, arguments: Mapping[str, Json]) -> Json:
        """Does what the declaration says of a write; returns the record as it is afterwards. Raises `Refusal`."""
        request = httpx.Request("POST", self.platform.base_url, json={"variables": arguments})
        answer = written(self, request, Match(endpoint, arguments))
        return dig(json.loads(answer.body), endpoint.records) if answer.body else None

    def _echoed(self, endpoint: Endpoint, arguments: Mapping[str, Json]) -> Json:
        """A record like the others, with what was sent."""
        home = self.world.collection(self.platform, endpoint)
        given = arguments.get("input")
        record = home.row(0) if home.count else {}
        return {**record, **(given if isinstance(given, Mapping) else {})}


def asked(request: httpx.Request) -> tuple[str, Mapping[str, Json], str | None]:
    """The query, the variables and the operation's name of a request. Raises `Invalid`."""
    try:
        payload = json_of(request)
    except RecursionError:
        payload = None
    if not isinstance(payload, Mapping) or not isinstance(payload.get("query"), str):
        raise Invalid("A JSON body with a query is wanted.", REQUEST)
    variables, name = payload.get("variables"), payload.get("operationName")
    if not isinstance(variables, Mapping | None):
        raise Invalid("variables: an object is wanted.", REQUEST)
    return payload["query"], variables or {}, name if isinstance(name, str) else None


def with_defaults(operation: OperationDefinitionNode, variables: Mapping[str, Json]) -> dict[str, Json]:
    """The variables, with the defaults of those that were not given."""
    from graphql import value_from_ast_untyped

    found = dict(variables)
    for node in operation.variable_definitions or ():
        if node.default_value is not None and node.variable.name.value not in found:
            found[node.variable.name.value] = value_from_ast_untyped(node.default_value)
    return found
