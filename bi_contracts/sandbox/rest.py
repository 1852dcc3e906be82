"""Answers of the endpoints that stand at a path of their own: lists, items, identities, writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

import httpx

from ..dialects import ErrorKind
from ..pagination import Memory, Page
from ..paths import Json, bury
from ..platform import Endpoint, Platform
from ..queries import Query
from .answer import Answer, encode, json_answer
from .collection import Collection
from .compiler import Maker
from .evolution import Evolution
from .fieldsets import picked, wanted
from .recipes import makers_for
from .refusal import Refusal
from .routing import Match, missing
from .rows import FOREVER, Rows
from .selecting import Columns, selected
from .world import World
from .writing import written

ROWS_KEPT = 50_000
"""Rendered rows kept for each endpoint and choice of fields."""

QUERIES_KEPT = 64
"""Answers to filters and searches that are kept until something is written."""

FIELDSETS_KEPT = 100
"""Endpoints and choices of fields whose rendered rows are kept."""

_MARK = "\ufdd0rows\ufdd0"
"""Stands for the rows while the envelope is written. A Unicode noncharacter, so that no data contains it."""
_MARK_BYTES = f'"{_MARK}"'.encode()


class Rest:
    """Answers as one REST platform.

    A platform whose ways no declaration can say has a subclass in `behaviours`: a method `answer_<endpoint>`
    answers in the place of the general way.
    """

    extra: ClassVar[tuple[Endpoint, ...]] = ()
    """Endpoints that are served and not declared, such as a login."""

    open: ClassVar[frozenset[str]] = frozenset()
    """Names of endpoints that need no credential."""

    def __init__(self, platform: Platform, world: World) -> None:
        self.platform = platform
        self.world = world
        self.evolution = Evolution()
        self.memories: dict[str, Memory] = {}
        self.rendered: dict[str, dict[int, bytes]] = {}
        self.extras: dict[str, tuple[Maker, ...]] = {}
        self.queried: dict[Json, Sequence[int]] = {}
        self.columns: dict[int, Columns] = {}
        self.version = world.version

    def clock(self) -> float:
        """What time it is in the sandbox, as Unix seconds."""
        return self.world.clock()

    def admit(self, request: httpx.Request, accepted: str) -> None:
        """Raises `Refusal` for a request that does not carry the credential that is accepted."""
        if self.platform.auth.presented(request) != accepted:
            raise Refusal(ErrorKind.UNAUTHORIZED)

    def request_id(self, found: str) -> str:
        """The id of an answer in the platform's form; `found` is a UUID."""
        return found

    def dressed(self, answer: Answer) -> Answer:
        """An answer, or a refusal, with what the platform's own servers say on every one."""
        return answer

    def collection(self, name: str) -> Collection:
        """All rows of the endpoint of that name; of an item, the list it stands in."""
        return self.world.collection(self.platform, self.platform.endpoint(name))

    def answer(self, request: httpx.Request, match: Match) -> Answer:
        """The answer to a request that was routed. Raises `Refusal`, `BadPage` and `BadQuery`."""
        special: Callable[[httpx.Request, Match], Answer] | None
        special = getattr(self, f"answer_{match.endpoint.name}", None)
        return special(request, match) if special is not None else self.usual(request, match)

    def usual(self, request: httpx.Request, match: Match) -> Answer:
        """The answer that the declaration alone gives."""
        absent = missing(match)
        if absent:
            raise Refusal(ErrorKind.BAD_REQUEST, f"{absent[0]}: Missing input")
        endpoint = match.endpoint
        match endpoint.kind:
            case "list":
                return self.paged(request, endpoint, self.rows(request, match), wanted(request, endpoint))
            case "write":
                return written(self, request, match)
            case "item":
                return self._one(request, endpoint, *self.found(match))
        return self._one(request, endpoint, self.world.collection(self.platform, endpoint), 0)

    def name(self, request: httpx.Request, match: Match) -> str:  # noqa: ARG002
        """The name of the endpoint that a request asks for."""
        return match.endpoint.name

    def changed(self) -> None:
        """Forgets what was rendered, after rows or evolution changed."""
        self.rendered.clear()
        self.extras.clear()
        self.queried.clear()
        self.columns.clear()

    def rows(self, request: httpx.Request, match: Match) -> Rows:
        """The rows that a request asks a list for, before they are paged. Raises `Refusal` and `BadQuery`."""
        endpoint = match.endpoint
        rows = parent_rows(self.world, self.platform, match)
        if endpoint.newest_first:
            rows = rows.backwards()
        query = endpoint.query.read(request) if endpoint.query is not None else None
        return rows if query is None or query.plain else self.narrowed(rows, query)

    def narrowed(self, rows: Rows, query: Query) -> Rows:
        """The rows that a query wants, in its order; kept until something is written."""
        name = (id(rows.source), repr(rows.positions), repr(query))
        if self.world.version != self.version or len(self.queried) >= QUERIES_KEPT:
            self.queried.clear()
            self.version = self.world.version
        positions = self.queried.get(name) if rows.until == FOREVER else None
        if positions is None:
            columns = self.columns.setdefault(id(rows.source), Columns())
            positions = selected(rows, query, columns)
        if rows.until == FOREVER:
            self.queried[name] = positions
        return Rows(rows.source, positions, rows.until)

    def paged(self, request: httpx.Request, endpoint: Endpoint, rows: Sequence[Json], fields: str = "") -> Answer:
        """The page of the rows that a request asks for, in the endpoint's envelope. Raises `BadPage` and `Refusal`."""
        if endpoint.empty is not None and not len(rows):
            raise Refusal(ErrorKind.NOT_FOUND, shape=endpoint.empty)
        memory = self.memories.setdefault(endpoint.name, {})
        return self._paged(endpoint, endpoint.paginator.serve(request, rows, memory), fields)

    def found(self, match: Match) -> tuple[Collection, int]:
        """The list and the position of the row that a request names. Raises `Refusal`."""
        return item_position(self.world, self.platform, match)

    def _paged(self, endpoint: Endpoint, page: Page, fields: str) -> Answer:
        body = bury(endpoint.envelope, endpoint.records, _MARK)
        for path, value in page.fields.items():
            if value is not ...:
                body = bury(body, path, value)
        if self.evolution.reshapes(self.platform.id(endpoint)):
            rows = [self._shown(endpoint, row, position, fields) for row, position in placed(page.rows)]
            return json_answer(200, self.evolution.envelope(self.platform.id(endpoint), _swap(body, rows)))
        fragments = b",".join(self._fragments(endpoint, page.rows, fields))
        answer = json_answer(200, body)
        answer.body = answer.body.replace(_MARK_BYTES, b"[" + fragments + b"]", 1)
        return answer

    def _fragments(self, endpoint: Endpoint, rows: Sequence[Json], fields: str) -> list[bytes]:
        if not isinstance(rows, Rows):
            return [encode(self._shown(endpoint, row, position, fields)) for position, row in enumerate(rows)]
        if len(self.rendered) > FIELDSETS_KEPT:
            self.rendered.clear()
        kept = self.rendered.setdefault(f"{endpoint.name}?{fields}", {})
        if len(kept) > ROWS_KEPT:
            kept.clear()
        return [self._fragment(endpoint, rows, position, fields, kept) for position in rows.positions]

    def _fragment(self, endpoint: Endpoint, rows: Rows, position: int, fields: str, kept: dict[int, bytes]) -> bytes:
        """A row as bytes; kept as long as nobody writes it."""
        touched = rows.source.touched(position)
        fragment = None if touched else kept.get(position)
        if fragment is None:
            fragment = encode(self._shown(endpoint, rows.source.row(position, rows.until), position, fields))
            if not touched:
                kept[position] = fragment
        return fragment

    def record(self, endpoint: Endpoint, row: Json, position: int) -> Json:
        """The row as the API, evolved, gives it."""
        return self.evolution.record(self.platform.id(endpoint), row, position)

    def _shown(self, endpoint: Endpoint, row: Json, position: int, fields: str) -> Json:
        return picked(self.record(endpoint, row, position), fields, endpoint.key)

    def _one(self, request: httpx.Request, endpoint: Endpoint, home: Collection, position: int) -> Answer:
        if not home.count and position >= 0:
            raise Refusal(ErrorKind.NOT_FOUND, shape=endpoint.missing)
        return self.enveloped(endpoint, self.shown(endpoint, home, position, wanted(request, endpoint)))

    def shown(self, endpoint: Endpoint, home: Collection, position: int, fields: str = "") -> Json:
        """The whole row as an endpoint gives it, the API's evolution included."""
        return self._shown(endpoint, self.whole(endpoint, home, position), position, fields)

    def enveloped(self, endpoint: Endpoint, record: Json, status: int = 200) -> Answer:
        """One record in its endpoint's envelope."""
        if endpoint.records or not isinstance(record, Mapping):
            body = bury(endpoint.envelope, endpoint.records, record)
        else:
            body = {**endpoint.envelope, **record}
        return json_answer(status, self.evolution.envelope(self.platform.id(endpoint), body))

    def whole(self, endpoint: Endpoint, home: Collection, position: int) -> Json:
        """A row with the fields that only the item endpoint shows."""
        row = home.row(position)
        if endpoint is home.endpoint or not endpoint.examples or not isinstance(row, Mapping):
            return row
        makers = self.extras.get(endpoint.name)
        if makers is None:
            makers = self.extras[endpoint.name] = makers_for(home, endpoint)
        extra = makers[position % len(makers)](home.scope(position))
        if not home.touched(position):
            return {**extra, **row}
        origin, place = home.home(position)
        return origin.patched(place, {**extra, **origin.untouched(place)})


def parent_rows(world: World, platform: Platform, match: Match) -> Rows:
    """The rows under the parents that the request names. Raises `Refusal` where one is not there."""
    positions = _parents(world, platform, match)
    found = world.collection(platform, match.endpoint)
    until = world.horizon(platform)
    if found.parent is None or not positions:
        return found.everything(until)
    return found.under(positions[-1][1], until)


def item_position(world: World, platform: Platform, match: Match) -> tuple[Collection, int]:
    """The collection and the position of the row that the request names."""
    positions = _parents(world, platform, match)
    return positions[-1] if positions else (world.collection(platform, match.endpoint), 0)


def _parents(world: World, platform: Platform, match: Match) -> list[tuple[Collection, int]]:
    """Where the row that each parent argument names stands. Raises `Refusal` for one that is not there."""
    found: list[tuple[Collection, int]] = []
    named: dict[str, int] = {}
    for argument, name in match.endpoint.parents.items():
        home = world.collection(platform, platform.endpoint(name))
        position = home.position(match.arguments[argument])
        if position is None:
            raise Refusal(ErrorKind.NOT_FOUND, shape=match.endpoint.missing)
        found.append((home, position))
        named[home.endpoint.name] = position
        for ancestor, place in home.lineage(position).items():
            if named.setdefault(ancestor, place) != place:
                raise Refusal(ErrorKind.NOT_FOUND, shape=match.endpoint.missing)
    return found


def placed(rows: Sequence[Json]) -> list[tuple[Json, int]]:
    """Rows with their positions."""
    positions = rows.positions if isinstance(rows, Rows) else range(len(rows))
    return list(zip(rows, positions, strict=True))


def _swap(value: Json, rows: Json) -> Json:
    """The envelope with the rows in the place of their mark."""
    if isinstance(value, Mapping):
        return {name: _swap(item, rows) for name, item in value.items()}
    return rows if value == _MARK else value
