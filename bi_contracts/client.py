"""Read a platform through its declaration. One sans-I/O core; `Client` and `AsyncClient` only drive it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from dataclasses import dataclass, replace
from typing import Any, Self

import httpx

from .auth import Credentials
from .dialects import ErrorKind, Problem
from .dialects.unreachable import hint_of, reason_of
from .errors import ApiError, NotFound, RateLimited, Unauthorized, Unreachable, UpstreamError
from .interaction import Response
from .paths import Json, dig
from .platform import Endpoint, Platform
from .redact import redact_text
from .slots import answer_of


@dataclass(frozen=True, slots=True)
class Send:
    """The core asks its driver to send this request and to send back the response, read."""

    request: httpx.Request


@dataclass(frozen=True, slots=True)
class Wait:
    """The core asks its driver to wait, in seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Answer:
    """The core hands out one page."""

    response: httpx.Response


_log = logging.getLogger("bi_contracts.client")

Exchange = Generator[Send | Wait | Answer, httpx.Response | None, None]


LEAST_WAIT = 1.0
"""Seconds. A reset in the past (clocks differ) or `Retry-After: 0` must not become a loop without rest."""


@dataclass(frozen=True, slots=True)
class Core:
    """What both clients share: requests out, responses in, errors understood. Never does I/O.

    Attributes:
        platform: What to read.
        base_url: Where it stands, "" for the declared place.
        patience: How long one read may wait for rate limits in all, in seconds.
    """

    platform: Platform
    base_url: str = ""
    patience: float = 0.0

    def first(self, endpoint: Endpoint, arguments: dict[str, Json], page_size: int | None) -> httpx.Request:
        """The request for the first page. Raises `DeclarationError` where an argument is missing."""
        request = self.platform.request(endpoint, arguments, self.base_url)
        size = endpoint.paginator.page if page_size is None else page_size
        return endpoint.paginator.sized(request, size) if size else request

    def exchange(self, endpoint: Endpoint, request: httpx.Request, max_pages: int | None) -> Exchange:
        """Every step of reading an endpoint from its first request on, page by page."""
        flow = endpoint.paginator.page_flow(request)
        request, pages, patience = next(flow), 0, self.patience
        while True:
            response = yield Send(request)
            assert response is not None
            problem = self.platform.errors.recognise(response)
            if problem is not None and endpoint.says_empty(problem):
                return
            if problem is not None:
                limited = problem.kind is ErrorKind.RATE_LIMITED
                told = self.platform.limits.wait(response) if limited or "retry-after" in response.headers else None
                wait = LEAST_WAIT if told is None else max(told, LEAST_WAIT)
                if told is None or wait > patience or not limited:
                    raise self._error(endpoint, problem, told)
                patience -= wait
                yield Wait(wait)
                continue
            yield Answer(response)
            pages += 1
            if max_pages is not None and pages >= max_pages:
                return
            try:
                request = flow.send(response)
            except StopIteration:
                return
            pause = self._pause(response, patience)
            if pause:
                patience -= pause
                yield Wait(pause)

    def rows(self, endpoint: Endpoint, response: httpx.Response) -> list[Json]:
        """The records in a page; an item or identity is one record. Raises `ApiError` where there are none to find."""
        missing = object()
        found = dig(answer_of(response), endpoint.records, missing)
        if found is missing:
            where = endpoint.records or "the answer's root"
            raise ApiError(f"{self.platform.id(endpoint)}: the answer has nothing at {where}; has the API changed?")
        if endpoint.kind != "list":
            if found is None or isinstance(found, str):
                where, what = self.platform.id(endpoint), "empty" if found is None else "text: cut off, or no JSON"
                raise ApiError(f"{where}: the answer is no object but {what}")
            return [found]
        if not isinstance(found, list):
            raise ApiError(f"{self.platform.id(endpoint)}: {endpoint.records or 'the root'} is no list")
        return found

    def check(self, endpoint: Endpoint, response: httpx.Response) -> None:
        """Raises what a response reports, with the wait that it states; nothing for a success."""
        problem = self.platform.errors.recognise(response)
        if problem is not None:
            limited = problem.kind is ErrorKind.RATE_LIMITED
            told = self.platform.limits.wait(response) if limited or "retry-after" in response.headers else None
            raise self._error(endpoint, problem, told)

    def unreachable(self, endpoint: Endpoint, error: httpx.RequestError) -> Unreachable:
        """The error for a connection that failed; names the host and never the query."""
        host = httpx.URL(self.base_url or self.platform.base_url).host
        what = f"no answer from {host} ({type(error).__name__})"
        message = f"{self.platform.id(endpoint)}: {what}; {hint_of(error)}"
        return Unreachable(message, reason=reason_of(error))

    def _pause(self, response: httpx.Response, patience: float) -> float:
        budget = self.platform.limits.budget(response)
        if budget is None or budget.remaining > 0:
            return 0.0
        wait = max(self.platform.limits.wait(response) or 0.0, LEAST_WAIT)
        return wait if wait <= patience else 0.0

    def _error(self, endpoint: Endpoint, problem: Problem, wait: float | None) -> UpstreamError:
        where, said = self.platform.id(endpoint), redact_text(problem.message)
        message = f"{where}: {problem.kind.replace('_', ' ')}: {said} (HTTP {problem.status}{_code(problem.code)})"
        error = self._of_kind(problem, message, wait)
        error.said = said
        return error

    def _of_kind(self, problem: Problem, message: str, wait: float | None) -> UpstreamError:
        match problem.kind:
            case ErrorKind.RATE_LIMITED:
                hint = f"; wait {wait:.0f} s" if wait is not None else ""
                return RateLimited(message + hint, status=problem.status, code=problem.code, retry_after=wait)
            case ErrorKind.UNAUTHORIZED | ErrorKind.FORBIDDEN:
                hint = f"; check {' and '.join(self.platform.auth.variables)}"
                return Unauthorized(message + hint, status=problem.status, code=problem.code)
            case ErrorKind.NOT_FOUND:
                return NotFound(message, status=problem.status, code=problem.code)
        return ApiError(message, status=problem.status, code=problem.code, retry_after=wait)


def _code(code: str) -> str:
    return f", {redact_text(code[:_LONGEST_CODE])}" if code else ""


_LONGEST_CODE = 80


class Client:
    """Reads a platform, synchronously and lazily: the next page is asked for when its first record is.

    Args:
        platform: What to read.
        credentials: Environment variable name -> value, as `auth.read_credentials` gives them.
        transport: Where requests go: the network when None; a sandbox's transport, or any other of httpx.
        base_url: Where the API stands, "" for the declared place.
        patience: How long one read may wait for rate limits in all, in seconds; beyond it `RateLimited` is raised.
        timeout: For connecting and for each read, in seconds.
        sleep: How to wait.
    """

    def __init__(
        self,
        platform: Platform,
        credentials: Credentials,
        *,
        transport: httpx.BaseTransport | None = None,
        base_url: str = "",
        patience: float = 0.0,
        timeout: float = 30.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.platform = platform
        self._core = Core(platform, base_url, patience)
        self._sleep = sleep
        self._http = httpx.Client(**_settings(platform, credentials, transport, timeout))

    def responses(
        self, name: str, /, *, page_size: int | None = None, max_pages: int | None = None, **arguments: Json
    ) -> Iterator[httpx.Response]:
        """The pages of an endpoint as they come, every one a success.

        `page_size` None asks for the declared size, 0 for none. Raises `UpstreamError` (its subclasses say which),
        `UnknownEndpoint`, `DeclarationError`.
        """
        request = self._core.first(self.platform.endpoint(name), arguments, page_size)
        yield from self.follow(name, request, max_pages=max_pages)

    def follow(self, name: str, request: httpx.Request, /, *, max_pages: int | None = None) -> Iterator[httpx.Response]:
        """The pages from a request on that was made before: one out of a recording. Raises as `responses` does."""
        endpoint = self.platform.endpoint(name)
        exchange = self._core.exchange(endpoint, request, max_pages)
        answer: httpx.Response | None = None
        while True:
            try:
                step = exchange.send(answer)
            except StopIteration:
                return
            answer = None
            match step:
                case Send(request):
                    answer = self._send(endpoint, request)
                case Wait(seconds):
                    self._sleep(seconds)
                case Answer(response):
                    yield response

    def records(
        self, name: str, /, *, page_size: int | None = None, max_pages: int | None = None, **arguments: Json
    ) -> Iterator[Json]:
        """The records of an endpoint, across all its pages, in order. Raises as `responses` does."""
        endpoint = self.platform.endpoint(name)
        for response in self.responses(name, page_size=page_size, max_pages=max_pages, **arguments):
            yield from self._core.rows(endpoint, response)

    def record(self, name: str, /, **arguments: Json) -> Json:
        """The one record of an `item` or `identity` endpoint. Raises as `responses` does."""
        return next(self.records(name, **arguments))

    def rows(self, name: str, response: httpx.Response, /) -> list[Json]:
        """The records in one page. Raises `ApiError` where the answer has none in the declared place."""
        return self._core.rows(self.platform.endpoint(name), response)

    def identity(self) -> Json:
        """Who the credential is. Raises as `responses` does."""
        return self.record(self.platform.identity)

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _send(self, endpoint: Endpoint, request: httpx.Request) -> httpx.Response:
        try:
            return _logged(self.platform.id(endpoint), self._http.send(request))
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise self._core.unreachable(endpoint, error) from error


class AsyncClient:
    """`Client` for asyncio; the same arguments, the same errors. Setting `patience` changes it for later reads.

    `connections` is how many requests are meant to be in flight. `last` is the newest answer, a refusal too.
    """

    def __init__(
        self,
        platform: Platform,
        credentials: Credentials,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        base_url: str = "",
        patience: float = 0.0,
        timeout: float = 30.0,
        connections: int = 20,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.platform = platform
        self.patience = patience
        self.last: httpx.Response | None = None
        self._core = Core(platform, base_url, patience)
        self._sleep = sleep
        self._http = httpx.AsyncClient(**_many(_settings(platform, credentials, transport, timeout), connections))

    async def responses(
        self, name: str, /, *, page_size: int | None = None, max_pages: int | None = None, **arguments: Json
    ) -> AsyncIterator[httpx.Response]:
        """As `Client.responses`."""
        request = self._core.first(self.platform.endpoint(name), arguments, page_size)
        async for response in self.follow(name, request, max_pages=max_pages):
            yield response

    async def follow(
        self, name: str, request: httpx.Request, /, *, max_pages: int | None = None
    ) -> AsyncIterator[httpx.Response]:
        """As `Client.follow`."""
        endpoint = self.platform.endpoint(name)
        exchange = replace(self._core, patience=self.patience).exchange(endpoint, request, max_pages)
        answer: httpx.Response | None = None
        while True:
            try:
                step = exchange.send(answer)
            except StopIteration:
                return
            answer = None
            match step:
                case Send(request):
                    answer = await self._send(endpoint, request)
                case Wait(seconds):
                    await self._sleep(seconds)
                case Answer(response):
                    yield response

    async def records(
        self, name: str, /, *, page_size: int | None = None, max_pages: int | None = None, **arguments: Json
    ) -> AsyncIterator[Json]:
        """As `Client.records`."""
        endpoint = self.platform.endpoint(name)
        async for response in self.responses(name, page_size=page_size, max_pages=max_pages, **arguments):
            for row in self._core.rows(endpoint, response):
                yield row

    async def record(self, name: str, /, **arguments: Json) -> Json:
        """As `Client.record`."""
        return await anext(self.records(name, **arguments))

    async def answer(self, endpoint: Endpoint, request: httpx.Request) -> httpx.Response:
        """The answer to one request, a success: nothing is waited for and no page follows. Raises as `responses`."""
        response = await self._send(endpoint, request)
        self._core.check(endpoint, response)
        return response

    def rows(self, name: str, response: httpx.Response, /) -> list[Json]:
        """As `Client.rows`."""
        return self._core.rows(self.platform.endpoint(name), response)

    async def identity(self) -> Json:
        """As `Client.identity`."""
        return await self.record(self.platform.identity)

    async def aclose(self) -> None:
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.aclose()

    async def _send(self, endpoint: Endpoint, request: httpx.Request) -> httpx.Response:
        try:
            self.last = _logged(self.platform.id(endpoint), await self._http.send(request))
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise self._core.unreachable(endpoint, error) from error
        return self.last


def _logged(id: str, response: httpx.Response) -> httpx.Response:
    """Without the query, which may hold a credential; a path may hold somebody's address."""
    if _log.isEnabledFor(logging.DEBUG):
        asked = response.request
        _log.debug("%s: %s %s -> HTTP %d", id, asked.method, redact_text(asked.url.path), response.status_code)
    return response


def as_response(response: httpx.Response) -> Response:
    """A response as recordings keep it, not redacted yet."""
    headers = tuple(response.headers.multi_items())
    return Response(response.status_code, headers, response.content, response.reason_phrase)


USUAL = 20
"""Connections that httpx keeps open, and that its pool serves well."""


def _many(settings: dict[str, Any], connections: int) -> dict[str, Any]:
    """The settings for more connections than the usual pool is made for."""
    if connections <= USUAL or "transport" in settings:
        return settings
    from .connections import Connections, proxied

    if proxied():
        return settings | {"limits": httpx.Limits(max_connections=connections, max_keepalive_connections=connections)}
    return settings | {"transport": Connections(settings["verify"])}


def _settings(platform: Platform, credentials: Credentials, transport: object | None, timeout: float) -> dict[str, Any]:
    """Keyword arguments for httpx; the network's TLS context is shared, for building one costs 22-30 ms."""
    settings: dict[str, Any] = {"auth": platform.auth.sign(credentials), "timeout": timeout}
    if transport is not None:
        return settings | {"transport": transport, "trust_env": False}
    from .cassette.tls import shared_ssl_context

    return settings | {"verify": shared_ssl_context()}
