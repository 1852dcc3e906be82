"""Pagination as data, read both ways.

`page_flow` is the client's side: a generator that yields requests and is sent responses, and never does
I/O itself (the pattern of `httpx.Auth.auth_flow`). `serve` is the sandbox's side: it reads the same slots
and says which rows to answer and what else the envelope holds.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import math
import re
import uuid
from collections.abc import Callable, Generator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import httpx

from .errors import ApiError, PaginationLoop
from .paths import Json, dig
from .slots import answer_of, read_slot, write_slot

PageFlow = Generator[httpx.Request, httpx.Response, None]
TokenForm = Literal["base64", "uuid", "number", "jwt", "bound"]
Memory = MutableMapping[str, int]
"""What a sandbox remembers between two requests of a stateful pagination (scroll)."""


class BadPage(ValueError):
    """A page token or size that the platform would refuse."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page as the sandbox answers it: rows, and dotted envelope paths with their values."""

    rows: Sequence[Json]
    fields: Mapping[str, Json] = field(default_factory=dict)


class Paginator(Protocol):
    """How an endpoint hands out its rows in pages."""

    @property
    def page(self) -> int:
        """The page size asked for when nobody says otherwise; 0 where there is nothing to ask."""
        ...

    def sized(self, request: httpx.Request, size: int) -> httpx.Request:
        """The request, asking for pages of `size` rows."""
        ...

    def continues(self, request: httpx.Request) -> bool:
        """Whether a request asks for a later page rather than for the first."""
        ...

    def page_flow(self, request: httpx.Request) -> PageFlow:
        """Yields requests, is sent responses, returns after the last page.

        Raises `PaginationLoop` where a page repeats one that was already read.
        """
        ...

    def serve(self, request: httpx.Request, rows: Sequence[Json], memory: Memory) -> Page:
        """The page that `request` asks for. Raises `BadPage` for a token or size the platform refuses."""
        ...


@dataclass(frozen=True, slots=True)
class Single:
    """Everything in one answer."""

    page: int = 0

    def sized(self, request: httpx.Request, size: int) -> httpx.Request:  # noqa: ARG002
        return request

    def continues(self, request: httpx.Request) -> bool:  # noqa: ARG002
        return False

    def page_flow(self, request: httpx.Request) -> PageFlow:
        yield request

    def serve(self, request: httpx.Request, rows: Sequence[Json], memory: Memory) -> Page:  # noqa: ARG002
        return Page(rows)


@dataclass(frozen=True, slots=True)
class Cursor:
    """An opaque token in the answer goes back in a slot of the next request.

    Attributes:
        token: Dotted path of the token in the answer.
        slot: Where the token goes.
        size: The slot of the page size, "" where the page size cannot be chosen.
        page: Page size by default.
        most: The largest size the platform takes.
        more: Dotted path of a "there is more" flag, "" where there is none.
        end: What stands at `token` on the last page; `...` (Ellipsis) means nothing does.
        block: The object around the token that is null as a whole on the last page, "" for none.
        tokens: What the tokens look like; `number` is how many rows were read, `jwt` and `bound` are good for one path.
        also: Envelope paths that hold figures: `page` (from 1), `index` (from 0), `size`, `count` (of this page),
            `pages`, `total`, `next_page`, `next_size`, `next_url`, `next_path`.
        unpaged: True where the platform does not page at all until a size is sent (Asana).
    """

    token: str
    slot: str
    size: str = ""
    page: int = 100
    most: int = 100
    more: str = ""
    end: Json = None
    block: str = ""
    tokens: TokenForm = "base64"
    also: Mapping[str, str] = field(default_factory=dict)
    unpaged: bool = False

    def sized(self, request: httpx.Request, size: int) -> httpx.Request:
        return write_slot(request, self.size, size) if self.size else request

    def continues(self, request: httpx.Request) -> bool:
        return bool(read_slot(request, self.slot))

    def page_flow(self, request: httpx.Request) -> PageFlow:
        def following(response: httpx.Response) -> tuple[Json, httpx.Request] | None:
            answer = answer_of(response)
            token = dig(answer, self.token)
            if token in (None, "", self.end) or (self.more and not dig(answer, self.more)):
                return None
            return token, write_slot(request, self.slot, token)

        yield from _follow(request, following)

    def serve(self, request: httpx.Request, rows: Sequence[Json], memory: Memory) -> Page:  # noqa: ARG002
        asked = read_slot(request, self.size) if self.size else None
        if asked is None and self.unpaged:
            return Page(rows)
        token = read_slot(request, self.slot)
        start = _decode(token, self.tokens, request.url.path) if token else 0
        size = page_size(asked, self.page, self.most)
        stop = start + size
        following = _encode(stop, self.tokens, request.url.path) if stop < len(rows) else None
        fields: dict[str, Json] = {}
        if following is not None:
            fields[self.token] = following
        elif self.end is not ...:
            fields[self.block or self.token] = self.end
        if self.more:
            fields[self.more] = following is not None
        target = write_slot(request, self.slot, following) if following is not None else None
        return Page(rows[start:stop], fields | _figures(self.also, start, size, len(rows), target))


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
                raise _looping(request, "page")

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
        figures = _figures(also, start, size, len(rows), None)
        return Page(rows[start : start + size], figures)


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

        yield from _follow(request, following)

    def serve(self, request: httpx.Request, rows: Sequence[Json], memory: Memory) -> Page:  # noqa: ARG002
        size = page_size(read_slot(request, self.size), self.page, self.most)
        number = max(whole_number(read_slot(request, self.number), self.first), self.first)
        start = (number - self.first) * size
        more = start + size < len(rows)
        target = write_slot(self.sized(request, size), self.number, number + 1) if more else None
        fields = {self.next: str(target.url) if target else None}
        return Page(rows[start : start + size], fields | _figures(self.also, start, size, len(rows), target))


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

        yield from _follow(request, following)

    def serve(self, request: httpx.Request, rows: Sequence[Json], memory: Memory) -> Page:
        token = read_slot(request, self.slot) or _encode(len(memory), "uuid")
        if read_slot(request, self.slot) and token not in memory:
            raise BadPage("this scroll has expired")
        start = memory.get(token, 0)
        memory[token] = start + self.page
        return Page(rows[start : start + self.page], {self.token: token})


@dataclass(frozen=True, slots=True)
class Relay:
    """GraphQL connections after the Relay specification: `first`/`after`, `nodes`, `pageInfo`.

    Attributes:
        connection: Dotted path of the connection in the answer.
        variables: Dotted path of the variables in the request body.
    """

    connection: str
    variables: str = "body.variables"
    page: int = 50
    most: int = 250

    def sized(self, request: httpx.Request, size: int) -> httpx.Request:
        return write_slot(request, f"{self.variables}.first", size)

    def continues(self, request: httpx.Request) -> bool:
        return bool(read_slot(request, f"{self.variables}.after"))

    def page_flow(self, request: httpx.Request) -> PageFlow:
        def following(response: httpx.Response) -> tuple[Json, httpx.Request] | None:
            info = dig(answer_of(response), f"{self.connection}.pageInfo") or {}
            token = info.get("endCursor")
            if not info.get("hasNextPage") or not token:
                return None
            return token, write_slot(request, f"{self.variables}.after", token)

        yield from _follow(request, following)

    def serve(self, request: httpx.Request, rows: Sequence[Json], memory: Memory) -> Page:  # noqa: ARG002
        arguments = read_slot(request, self.variables) or {}
        found = self.window(rows, {name: arguments.get(name) for name in ("first", "after", "last", "before")})
        return Page(found.rows, {f"{self.connection}.pageInfo": found.fields["pageInfo"]})

    def window(self, rows: Sequence[Json], arguments: Mapping[str, Json]) -> Page:
        """Rows and `pageInfo` for the arguments `first`, `after`, `last` and `before`."""
        low = _decode(arguments["after"], "uuid") if arguments.get("after") else 0
        high = _decode(arguments["before"], "uuid") - 1 if arguments.get("before") else len(rows)
        if arguments.get("last"):
            start, stop = max(low, high - page_size(arguments["last"], self.page, self.most)), high
        else:
            start, stop = low, min(high, low + page_size(arguments.get("first"), self.page, self.most))
        info = {
            "hasNextPage": stop < len(rows),
            "hasPreviousPage": start > 0,
            "startCursor": _encode(start + 1, "uuid") if start < stop else None,
            "endCursor": _encode(stop, "uuid") if start < stop else None,
        }
        return Page(rows[start:stop], {"pageInfo": info})


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

        yield from _follow(request, following)

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

        yield from _follow(request, following)

    def serve(self, request: httpx.Request, rows: Sequence[Json], memory: Memory) -> Page:  # noqa: ARG002
        token = read_slot(request, self.slot)
        start = _read_jwt(token, request.url.path) if token else 0
        stop = start + self.page
        fields: dict[str, Json] = {self.token: _jwt(stop, request.url.path)} if stop < len(rows) else {}
        return Page(rows[start:stop], fields | _figures(self.also, start, self.page, len(rows), None))


def page_size(asked: Json, usual: int, most: int) -> int:
    """The page size a platform grants. Raises `BadPage` outside 1..most."""
    size = whole_number(asked, usual)
    if not 1 <= size <= most:
        raise BadPage(f"page size must be between 1 and {most}")
    return size


def whole_number(value: Json, usual: int) -> int:
    """A number that came as text or as JSON; `usual` where none came. Raises `BadPage` for anything else."""
    if value in (None, ""):
        return usual
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        raise BadPage("not a whole number") from None


def _follow(
    request: httpx.Request, following: Callable[[httpx.Response], tuple[Json, httpx.Request] | None]
) -> PageFlow:
    """Drives a chain of pages; the same mark twice is a loop."""
    seen: set[Json] = set()
    while True:
        response = yield request
        step = following(response)
        if step is None:
            return
        mark, request = step
        if mark in seen:
            raise _looping(request, "page token")
        seen.add(mark)


def _looping(request: httpx.Request, what: str) -> PaginationLoop:
    return PaginationLoop(f"{request.url.host}{request.url.path}: the same {what} came twice; stopped reading")


def _figures(
    also: Mapping[str, str], start: int, size: int, total: int, target: httpx.Request | None
) -> dict[str, Json]:
    known: dict[str, Json] = {
        "page": start // size + 1,
        "size": size,
        "pages": math.ceil(total / size),
        "total": total,
        "index": start // size,
        "count": max(0, min(size, total - start)),
    }
    if target is not None:
        path = target.url.raw_path.decode()
        known |= {"next_page": start // size + 2, "next_url": str(target.url), "next_path": path, "next_size": size}
    return {path: known[name] for path, name in also.items() if name in known}


_MARK = 0xB1C0_47AC_7500_4000_8000 << 48
"""The upper bits of a UUID token, so that a foreign UUID is told from one of ours."""


def _encode(position: int, form: TokenForm, path: str = "") -> str:
    if form == "number":
        return str(position)
    if form == "jwt":
        return _jwt(position, path)
    if form == "bound":
        return base64.urlsafe_b64encode(f"next:{position}:{_check(position, path)}".encode()).decode()
    if form == "uuid":
        return str(uuid.UUID(int=_MARK | position))
    return base64.urlsafe_b64encode(f"position:{position}".encode()).decode()


def _decode(token: Json, form: TokenForm, path: str = "") -> int:
    if form == "jwt":
        return _read_jwt(token, path)
    try:
        if form == "number":
            if not re.fullmatch(r"[0-9]{1,18}", str(token)):
                raise BadPage("unknown page token")
            return int(token)
        if form == "uuid":
            position = uuid.UUID(token).int ^ _MARK
            if position >> 48:
                raise BadPage("unknown page token")
            return position
        name, _, number = base64.urlsafe_b64decode(str(token)).decode().partition(":")
        if form == "bound":
            number, _, check = number.partition(":")
            if name != "next" or check != _check(int(number), path):
                raise BadPage("unknown page token")
            return int(number)
        if name != "position":
            raise BadPage("unknown page token")
        return int(number)
    except (ValueError, AttributeError, TypeError, binascii.Error):
        raise BadPage("unknown page token") from None


def _check(position: int, path: str) -> str:
    """What tells a token of this path from one of another: eight hexadecimal digits."""
    return hashlib.blake2b(f"{path.rpartition('/')[2]}?{position}".encode(), digest_size=4).hexdigest()


def _jwt(position: int, path: str) -> str:
    """A page token in the form of RFC 7519, signed for one path: what came from elsewhere is told from it."""
    payload = base64.urlsafe_b64encode(f'{{"position":{position}}}'.encode()).decode().rstrip("=")
    signature = hashlib.blake2b(f"{path}?{position}".encode(), digest_size=24).digest()
    return f"eyJhbGciOiJIUzI1NiJ9.{payload}.{base64.urlsafe_b64encode(signature).decode()}"


def _read_jwt(token: Json, path: str) -> int:
    parts = token.split(".") if isinstance(token, str) else []
    try:
        payload = base64.urlsafe_b64decode(f"{parts[1]}==").decode() if len(parts) == 3 else ""
    except ValueError:
        payload = ""
    found = re.fullmatch(r'{"position":(\d{1,18})}', payload)
    if found is None or token != _jwt(int(found[1]), path):
        raise BadPage("unknown or expired page token")
    return int(found[1])
