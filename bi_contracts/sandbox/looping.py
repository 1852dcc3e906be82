"""Pages that go wrong: one that names itself as the next, one that comes twice, a list that moves while it is read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

import httpx

from ..pagination import (
    Cursor,
    Link,
    Locator,
    Memory,
    Offset,
    Page,
    PageFlow,
    Paginator,
    Relay,
    whole_number,
)
from ..paths import Json, bury, dig
from ..platform import Endpoint
from ..slots import read_slot, write_slot
from .answer import Answer, encode
from .keys import mix
from .routing import Match


def looped(answer: Answer, request: httpx.Request, endpoint: Endpoint) -> Answer:
    """The answer, handing out the page token that came in. The first page is left as it is."""
    found = _tokens(request, endpoint.paginator)
    if not found or answer.status != 200:
        return answer
    body = json.loads(answer.body)
    for path, value in found.items():
        body = bury(body, path, value)
    return replace(answer, body=encode(body))


def shuffled(answer: Answer, endpoint: Endpoint, number: int) -> Answer:
    """The answer with the rows of its page in an order that depends on `number`, never the one they had."""
    body = json.loads(answer.body) if endpoint.kind == "list" and answer.status == 200 else None
    rows = dig(body, endpoint.records) if endpoint.records else body
    if not isinstance(rows, list) or len(rows) < 2:
        return answer
    mixed = sorted(range(len(rows)), key=lambda place: mix(place, number))
    turn = mixed if mixed != sorted(mixed) else mixed[::-1]
    return replace(answer, body=encode(bury(body, endpoint.records, [rows[place] for place in turn])))


def _tokens(request: httpx.Request, paginator: Paginator) -> dict[str, Json]:
    """Paths in the answer and what must stand there."""
    match paginator:
        case Cursor(token=path, slot=slot, more=more):
            token = read_slot(request, slot)
            return {} if not token else {path: token} | ({more: True} if more else {})
        case Link(next=path, number=slot):
            return {} if read_slot(request, slot) is None else {path: str(request.url)}
        case Locator(next=path, done=done):
            return {path: request.url.path, done: False} if paginator.continues(request) else {}
        case Relay(connection=connection, variables=variables):
            token = read_slot(request, f"{variables}.after")
            info = f"{connection}.pageInfo"
            return {} if not token else {f"{info}.endCursor": token, f"{info}.hasNextPage": True}
    return {}


def later(request: httpx.Request, endpoint: Endpoint) -> bool:
    """Whether a request asks for a page after the first."""
    return endpoint.kind == "list" and endpoint.paginator.continues(request)


def mark(request: httpx.Request, endpoint: Endpoint) -> str:
    """What tells one page of one read from all others."""
    return f"{endpoint.name} {request.url} {request.content.decode('utf-8', 'replace')}"


def turned_back(request: httpx.Request, endpoint: Endpoint, *, once: bool) -> httpx.Request:
    """The request for a page that was read already, where the client counts the pages itself.

    A loop is a server that gives the second page for ever; `once`, only the third page is the second again.
    """
    paginator = endpoint.paginator
    if not isinstance(paginator, Offset):
        return request
    number = whole_number(read_slot(request, paginator.slot), paginator.first)
    step = 1 if paginator.by == "pages" else whole_number(read_slot(request, paginator.size), paginator.page)
    second = paginator.first + step
    if number == second + step or (number > second and not once):
        return write_slot(request, paginator.slot, second)
    return request


def scrolls(endpoint: Endpoint) -> bool:
    """True where the server counts the pages, or nobody here knows how: a page is repeated by answering it again."""
    return not isinstance(endpoint.paginator, Cursor | Link | Locator | Offset | Relay)


def drifting(found: Match, rows: int) -> Match:
    """The match, over a list at whose head so many rows appear (or go) between two pages."""
    return Match(replace(found.endpoint, paginator=Drifting(found.endpoint.paginator, rows)), found.arguments)


def drifted(request: httpx.Request, relay: Relay, by: int) -> httpx.Request:
    """The request for a later page of a connection at whose head so many rows have appeared (or gone) meanwhile.

    Raises `BadPage` for a cursor that is none.
    """
    slot = f"{relay.variables}.after"
    cursor = read_slot(request, slot)
    if not cursor:
        return request
    probe = _Probe()
    relay.window(probe, {"after": cursor, "first": 1})
    start = max(0, probe.start - by)
    ahead = replace(relay, most=start).window(_Probe(), {"first": start}) if start else None
    return write_slot(request, slot, ahead.fields["pageInfo"]["endCursor"] if ahead else None)


@dataclass(frozen=True, slots=True)
class Drifting:
    """A paginator over a list that moves by `by` rows between two pages."""

    inner: Paginator
    by: int

    @property
    def page(self) -> int:
        return self.inner.page

    def sized(self, request: httpx.Request, size: int) -> httpx.Request:
        return self.inner.sized(request, size)

    def continues(self, request: httpx.Request) -> bool:
        return self.inner.continues(request)

    def page_flow(self, request: httpx.Request) -> PageFlow:
        return self.inner.page_flow(request)

    def serve(self, request: httpx.Request, rows: Sequence[Json], memory: Memory) -> Page:
        probe = _Probe()
        self.inner.serve(request, probe, dict(memory))
        return self.inner.serve(request, Moved(rows, self.by * (probe.start // max(1, probe.size))), memory)


class _Probe(Sequence[Json]):
    """A list without end that remembers which part of it was asked for."""

    start = 0
    size = 0

    def __len__(self) -> int:
        return 1 << 40

    def __getitem__(self, asked: int | slice) -> Json:
        if isinstance(asked, slice):
            start, stop, _ = asked.indices(len(self))
            self.start, self.size = start, stop - start
        return []


class Moved(Sequence[Json]):
    """Rows in front of which others have appeared, or of which the first have gone."""

    def __init__(self, rows: Sequence[Json], by: int) -> None:
        self.rows = rows
        self.by = by

    def __len__(self) -> int:
        return max(0, len(self.rows) + self.by)

    def __getitem__(self, asked: int | slice) -> Json:
        if not isinstance(asked, slice):
            return self.rows[max(0, range(len(self))[asked] - self.by)]
        start, stop, _ = asked.indices(len(self))
        return self.rows[max(0, start - self.by) : max(0, stop - self.by)]
