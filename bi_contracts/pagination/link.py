"""The answer holds the URL of the next page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import httpx

from ..errors import ApiError
from ..paths import Json, dig
from ..slots import answer_of, read_slot, write_slot
from .figures import figures_of, follow, page_size, whole_number
from .protocol import Memory, Page, PageFlow


@dataclass(frozen=True, slots=True)
class Link:
    """The answer holds the whole URL of the next page.

    The client follows it only to the origin it already talks to: a credential never travels elsewhere.

    Attributes:
        next: Dotted path of the URL in the answer; null or absent on the last page.
        number: The slot that counts pages in that URL.
        first: The number of the first page.
        also: As in `Cursor`.
    """

    next: str
    number: str = "query.page"
    first: int = 1
    size: str = "query.per_page"
    page: int = 50
    most: int = 150
    also: Mapping[str, str] = field(default_factory=dict)

    def sized(self, request: httpx.Request, size: int) -> httpx.Request:
        return write_slot(request, self.size, size)

    def continues(self, request: httpx.Request) -> bool:
        return str(read_slot(request, self.number) or self.first) != str(self.first)

    def page_flow(self, request: httpx.Request) -> PageFlow:
        def following(response: httpx.Response) -> tuple[Json, httpx.Request] | None:
            link = dig(answer_of(response), self.next)
            if not isinstance(link, str) or not link:
                return None
            url = request.url.join(link)
            if (url.scheme, url.host, url.port) != (request.url.scheme, request.url.host, request.url.port):
                raise ApiError(f"the next page is said to be on another origin ({url.host}): not followed")
            content = request.content or None
            return str(url), httpx.Request(request.method, url, headers=request.headers, content=content)

        yield from follow(request, following)

    def serve(self, request: httpx.Request, rows: Sequence[Json], memory: Memory) -> Page:  # noqa: ARG002
        size = page_size(read_slot(request, self.size), self.page, self.most)
        number = max(whole_number(read_slot(request, self.number), self.first), self.first)
        start = (number - self.first) * size
        more = start + size < len(rows)
        target = write_slot(self.sized(request, size), self.number, number + 1) if more else None
        fields = {self.next: str(target.url) if target else None}
        return Page(rows[start : start + size], fields | figures_of(self.also, start, size, len(rows), target))
