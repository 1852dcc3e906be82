"""An opaque token of a platform that fixes the size of its pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import httpx

from ..paths import Json, dig
from ..slots import answer_of, read_slot, write_slot
from .figures import figures_of, follow
from .protocol import Memory, Page, PageFlow
from .tokens import read_jwt, write_jwt


@dataclass(frozen=True, slots=True)
class Marker:
    """An opaque token as in `Cursor`, of a platform that fixes the size of its pages; no token on the last page.

    Attributes:
        token: Dotted path of the token in the answer. It looks like a JSON Web Token (RFC 7519).
        slot: Where the token goes.
        page: The size of a page.
        also: As in `Cursor`.
    """

    token: str
    slot: str
    page: int = 100
    also: Mapping[str, str] = field(default_factory=dict)

    def sized(self, request: httpx.Request, size: int) -> httpx.Request:  # noqa: ARG002
        return request

    def continues(self, request: httpx.Request) -> bool:
        return bool(read_slot(request, self.slot))

    def page_flow(self, request: httpx.Request) -> PageFlow:
        def following(response: httpx.Response) -> tuple[Json, httpx.Request] | None:
            token = dig(answer_of(response), self.token)
            return (token, write_slot(request, self.slot, token)) if token else None

        yield from follow(request, following)

    def serve(self, request: httpx.Request, rows: Sequence[Json], memory: Memory) -> Page:  # noqa: ARG002
        token = read_slot(request, self.slot)
        start = read_jwt(token, request.url.path) if token else 0
        stop = start + self.page
        fields: dict[str, Json] = {self.token: write_jwt(stop, request.url.path)} if stop < len(rows) else {}
        return Page(rows[start:stop], fields | figures_of(self.also, start, self.page, len(rows), None))
