"""Answers of the endpoints that stand at a path of their own: lists, items, identities, writes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

import httpx

from ..dialects import ErrorKind, ErrorShape
from ..pagination import Memory, Page
from ..paths import Json, bury, dig
from ..platform import Endpoint, Platform
from ..slots import form_of, json_of
from .answer import Answer, encode, json_answer
from .evolution import Evolution
from .fieldsets import picked, wanted
from .routing import Match, missing
from .vary import Maker
from .world import Collection, Rows, World, makers_for

ROWS_KEPT = 50_000
"""Rendered rows kept for each endpoint and choice of fields."""

FIELDSETS_KEPT = 100
"""Endpoints and choices of fields whose rendered rows are kept."""

_MARK = "\ufdd0rows\ufdd0"
"""Stands for the rows while the envelope is written. A Unicode noncharacter, so that no data contains it."""
_MARK_BYTES = f'"{_MARK}"'.encode()


class Refusal(Exception):
    """The platform says no: in the way of its kind, or in a shape of its own."""

    def __init__(self, kind: ErrorKind, message: str = "", shape: ErrorShape | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.shape = shape


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
        self.clock: Callable[[], float] = time.time
        self.evolution = Evolution()
        self.memories: dict[str, Memory] = {}
        self.rendered: dict[str, dict[int, bytes]] = {}
        self.extras: dict[str, tuple[Maker, ...]] = {}

    def admit(self, request: httpx.Request, accepted: str) -> None:
        """Raises `Refusal` for a request that does not carry the credential that is accepted."""
        if self.platform.auth.presented(request) != accepted:
            raise Refusal(ErrorKind.UNAUTHORIZED)

    def answer(self, request: httpx.Request, match: Match) -> Answer:
        """The answer to a request that was routed. Raises `Refusal` and `BadPage`."""
        special: Callable[[httpx.Request, Match], Answer] | None
        special = getattr(self, f"answer_{match.endpoint.name}", None)
        return special(request, match) if special is not None else self.usual(request, match)

    def usual(self, request: httpx.Request, match: Match) -> Answer:
        """The answer that the declaration alone gives."""
        absent = missing(match)
        if absent:
            raise Refusal(ErrorKind.BAD_REQUEST, f"{absent[0]}: Missing input")
        match match.endpoint.kind:
            case "list":
                return self._list(request, match)
            case "item":
                home, position = item_position(self.world, self.platform, match)
                return self._one(request, match.endpoint, home, position)
            case "identity":
                home = self.world.collection(self.platform, match.endpoint)
                return self._one(request, match.endpoint, home, 0)
        return self._written(request, match)

    def name(self, request: httpx.Request, match: Match) -> str:  # noqa: ARG002
        """The name of the endpoint that a request asks for."""
        return match.endpoint.name

    def changed(self) -> None:
        """Forgets what was rendered, after rows or evolution changed."""
        self.rendered.clear()
        self.extras.clear()

    def _list(self, request: httpx.Request, match: Match) -> Answer:
        endpoint = match.endpoint
        rows = parent_rows(self.world, self.platform, match)
        memory = self.memories.setdefault(endpoint.name, {})
        return self._paged(endpoint, endpoint.paginator.serve(request, rows, memory), wanted(request, endpoint))

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
        found = []
        for position in rows.positions:
            fragment = kept.get(position)
            if fragment is None:
                row = rows.source.row(position)
                fragment = kept[position] = encode(self._shown(endpoint, row, position, fields))
            found.append(fragment)
        return found

    def record(self, endpoint: Endpoint, row: Json, position: int) -> Json:
        """The row as the API, evolved, gives it."""
        return self.evolution.record(self.platform.id(endpoint), row, position)

    def _shown(self, endpoint: Endpoint, row: Json, position: int, fields: str) -> Json:
        return picked(self.record(endpoint, row, position), fields, endpoint.key)

    def _one(self, request: httpx.Request, endpoint: Endpoint, home: Collection, position: int) -> Answer:
        if not len(home):
            raise Refusal(ErrorKind.NOT_FOUND)
        row = self.whole(endpoint, home, position)
        return self._enveloped(endpoint, self._shown(endpoint, row, position, wanted(request, endpoint)))

    def _enveloped(self, endpoint: Endpoint, record: Json) -> Answer:
        if endpoint.records or not isinstance(record, Mapping):
            body = bury(endpoint.envelope, endpoint.records, record)
        else:
            body = {**endpoint.envelope, **record}
        return json_answer(200, self.evolution.envelope(self.platform.id(endpoint), body))

    def whole(self, endpoint: Endpoint, home: Collection, position: int) -> Json:
        """A row with the fields that only the item endpoint shows."""
        row = home.row(position)
        if endpoint is home.endpoint or not endpoint.examples or not isinstance(row, Mapping):
            return row
        makers = self.extras.get(endpoint.name)
        if makers is None:
            makers = self.extras[endpoint.name] = makers_for(home, endpoint)
        return {**makers[position % len(makers)](home.scope(position)), **row}

    def _written(self, request: httpx.Request, match: Match) -> Answer:
        endpoint = match.endpoint
        home = parent_rows(self.world, self.platform, match).source
        sent = json_of(request)
        sent = dig(sent, endpoint.records, sent) if sent is not None else form_of(request)
        record = home.row(0) if home.count else {}
        if isinstance(sent, Mapping) and isinstance(record, Mapping):
            record = {**record, **{name: value for name, value in sent.items() if name in record or not record}}
        return self._enveloped(endpoint, self.record(endpoint, record, 0))


def parent_rows(world: World, platform: Platform, match: Match) -> Rows:
    """The rows under the parents that the request names. Raises `Refusal` where one is not there."""
    positions = _parents(world, platform, match)
    found = world.collection(platform, match.endpoint)
    if found.parent is None or not positions:
        return Rows(found, 0, found.count)
    return found.under(positions[-1][1])


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
            raise Refusal(ErrorKind.NOT_FOUND)
        found.append((home, position))
        named[home.endpoint.name] = position
        for ancestor, place in home.lineage(position).items():
            if named.setdefault(ancestor, place) != place:
                raise Refusal(ErrorKind.NOT_FOUND)
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
