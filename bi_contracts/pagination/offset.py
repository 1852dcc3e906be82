"""A number counts rows or pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import httpx

from ..paths import Json, dig
from ..slots import answer_of, read_slot, write_slot
from .figures import figures_of, looping, page_size, whole_number
from .protocol import BadPage, Memory, Page, PageFlow


@dataclass(frozen=True, slots=True)
class Offset:
    """A number counts the rows, or the pages, that were already read.

    Attributes:
        slot: Where the number goes.
        size: The slot of the page size.
        by: What the number counts.
        first: The number of the first row or page.
        rows: Dotted path of the rows in the answer; a page shorter than asked is the last one.
        pages: Dotted path of the number of pages, "" where the answer does not say.
        also: As in `Cursor`.
        unpaged: True where every row comes until a size is sent (Looker).
    """

    slot: str
    size: str
    rows: str
    by: Literal["rows", "pages"] = "rows"
    first: int = 0
    page: int = 100
    most: int = 1000
    pages: str = ""
    also: Mapping[str, str] = field(default_factory=dict)
    unpaged: bool = False

    def sized(self, request: httpx.Request, size: int) -> httpx.Request:
        return write_slot(request, self.size, size)

    def continues(self, request: httpx.Request) -> bool:
        return str(read_slot(request, self.slot) or self.first) != str(self.first)

    def page_flow(self, request: httpx.Request) -> PageFlow:
        number = int(read_slot(request, self.slot) or self.first)
        asked = read_slot(request, self.size)
        size = int(asked or self.page)
        response = yield request
        if self.unpaged and not asked:
            return
        while not self._last(response, number, size):
            before = dig(answer_of(response), self.rows)
            number += 1 if self.by == "pages" else size
            response = yield write_slot(request, self.slot, number)
            if before and dig(answer_of(response), self.rows) == before:
                raise looping(request, "page")

    def _last(self, response: httpx.Response, number: int, size: int) -> bool:
        answer = answer_of(response)
        rows = dig(answer, self.rows) or []
        if self.pages:
            return number - self.first + 1 >= int(dig(answer, self.pages, 0))
        return len(rows) < size

    def serve(self, request: httpx.Request, rows: Sequence[Json], memory: Memory) -> Page:  # noqa: ARG002
        asked = read_slot(request, self.size)
        size = max(len(rows), 1) if self.unpaged and not asked else page_size(asked, self.page, self.most)
        count = whole_number(read_slot(request, self.slot), self.first) - self.first
        if count < 0:
            raise BadPage(f"{self.slot} must be at least {self.first}")
        start = count * size if self.by == "pages" else count
        also = {**self.also, self.pages: "pages"} if self.pages else self.also
        figures = figures_of(also, start, size, len(rows), None)
        return Page(rows[start : start + size], figures)
