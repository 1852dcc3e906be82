"""A server-side cursor that ends with an empty page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import httpx

from ..paths import Json, dig
from ..slots import answer_of, read_slot, write_slot
from .figures import follow
from .protocol import BadPage, Memory, Page, PageFlow
from .tokens import encode


@dataclass(frozen=True, slots=True)
class Scroll:
    """A server-side cursor: one token for the whole read, which ends with an empty page.

    Attributes:
        token: Dotted path of the token in the answer.
        slot: Where it goes.
        rows: Dotted path of the rows; an empty page is the end.
        page: The size of a page, which the platform fixes.
    """

    token: str
    slot: str
    rows: str
    page: int = 100

    def sized(self, request: httpx.Request, size: int) -> httpx.Request:  # noqa: ARG002
        return request

    def continues(self, request: httpx.Request) -> bool:
        return bool(read_slot(request, self.slot))

    def page_flow(self, request: httpx.Request) -> PageFlow:
        def following(response: httpx.Response) -> tuple[Json, httpx.Request] | None:
            answer = answer_of(response)
            token, rows = dig(answer, self.token), dig(answer, self.rows)
            return (response.content, write_slot(request, self.slot, token)) if rows and token else None

        yield from follow(request, following)

    def serve(self, request: httpx.Request, rows: Sequence[Json], memory: Memory) -> Page:
        token = read_slot(request, self.slot) or encode(len(memory), "uuid")
        if read_slot(request, self.slot) and token not in memory:
            raise BadPage("this scroll has expired")
        start = memory.get(token, 0)
        memory[token] = start + self.page
        return Page(rows[start : start + self.page], {self.token: token})
