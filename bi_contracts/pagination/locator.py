"""The answer names the path of the next page."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

import httpx

from ..paths import Json, dig
from ..slots import answer_of
from .figures import follow, page_size
from .protocol import BadPage, Memory, Page, PageFlow


@dataclass(frozen=True, slots=True)
class Locator:
    """The answer names the path of the next page: the first page's, and below it what the server kept of the query.

    A locator is 18 characters, a dash and the number of rows before its page (Salesforce, REST API guide, "Query").
    Only its last segment is followed, below the path that was asked, so that nothing leads to another origin or
    away from a prefix; the arguments are sent again, and say in a recording whose page it is.

    Attributes:
        next: Dotted path of the next page's path in the answer; absent on the last page.
        done: Dotted path of a flag that is true on the last page.
        total: Dotted path of the number of all rows.
        header: The request header that asks for a page size...
        option: ...and the name that the size has in it: `Sforce-Query-Options: batchSize=200`.

    The vendor grants 200 to 2000 rows. `serve` grants fewer than 200 too, so that small pages can be tried.
    """

    next: str
    done: str
    total: str
    header: str
    option: str
    page: int = 2000
    most: int = 2000

    def sized(self, request: httpx.Request, size: int) -> httpx.Request:
        headers = httpx.Headers(request.headers)
        headers[self.header] = f"{self.option}={size}"
        return httpx.Request(request.method, request.url, headers=headers, content=request.content or None)

    def continues(self, request: httpx.Request) -> bool:
        return _LOCATOR.search(request.url.path) is not None

    def head(self, path: str) -> str:
        """The path of the first page."""
        return _LOCATOR.sub("", path).rstrip("/")

    def page_flow(self, request: httpx.Request) -> PageFlow:
        def following(response: httpx.Response) -> tuple[Json, httpx.Request] | None:
            link = dig(answer_of(response), self.next)
            if not isinstance(link, str) or not link:
                return None
            mark = link.rpartition("/")[2]
            url = request.url.copy_with(path=f"{self.head(request.url.path)}/{mark}")
            return mark, httpx.Request(request.method, url, headers=request.headers, content=request.content or None)

        yield from follow(request, following)

    def serve(self, request: httpx.Request, rows: Sequence[Json], memory: Memory) -> Page:
        locator, start = self._asked(request)
        if not start:
            memory[locator] = self._size(request)
        size = memory.get(locator)
        if size is None or (start and start >= len(rows)):
            raise BadPage("invalid query locator")
        stop = start + size
        fields: dict[str, Json] = {self.total: len(rows), self.done: stop >= len(rows)}
        if stop < len(rows):
            fields[self.next] = f"{self.head(request.url.path)}/{locator}-{stop}"
        return Page(rows[start:stop], fields)

    def _asked(self, request: httpx.Request) -> tuple[str, int]:
        """Locator and first row: those in the path, or new ones."""
        found = _LOCATOR.search(request.url.path)
        return (found[1], int(found[2])) if found else (self.locator(request), 0)

    def _size(self, request: httpx.Request) -> int:
        options = (part.partition("=") for part in request.headers.get(self.header, "").split(","))
        asked = [value.strip() for name, _, value in options if name.strip().lower() == self.option.lower()]
        return page_size(asked[0] if asked else None, self.page, self.most)

    def locator(self, request: httpx.Request) -> str:
        """The same for the same query and page size: a recording can be made again byte for byte."""
        query = f"{self.head(request.url.path)}?{request.url.params}\n{self._size(request)}"
        return "0r8" + hashlib.blake2b(query.encode(), digest_size=16).hexdigest()[:15]


_LOCATOR = re.compile(r"/([0-9A-Za-z]{15,18})-([0-9]{1,9})$")
