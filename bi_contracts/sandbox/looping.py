"""A page that names itself as the next one: what a broken server does, and a client must notice."""

from __future__ import annotations

import json

import httpx

from ..pagination import Cursor, Link, Relay, Scroll
from ..paths import Json, bury
from ..platform import Endpoint
from ..slots import read_slot
from .answer import Answer, encode


def looped(answer: Answer, request: httpx.Request, endpoint: Endpoint) -> Answer:
    """The answer, handing out the page token that came in. The first page is left as it is."""
    found = _tokens(request, endpoint)
    if not found or answer.status != 200:
        return answer
    body = json.loads(answer.body)
    for path, value in found.items():
        body = bury(body, path, value)
    return Answer(answer.status, answer.headers, encode(body))


def _tokens(request: httpx.Request, endpoint: Endpoint) -> dict[str, Json]:
    """Paths in the answer and what must stand there."""
    match endpoint.paginator:
        case Cursor(token=path, slot=slot, more=more):
            token = read_slot(request, slot)
            return {} if not token else {path: token} | ({more: True} if more else {})
        case Link(next=path, number=slot):
            return {} if read_slot(request, slot) is None else {path: str(request.url)}
        case Relay(connection=connection, variables=variables):
            token = read_slot(request, f"{variables}.after")
            info = f"{connection}.pageInfo"
            return {} if not token else {f"{info}.endCursor": token, f"{info}.hasNextPage": True}
        case Scroll():
            return {}
    return {}
