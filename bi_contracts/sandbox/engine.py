"""The sandbox: one function from request to response, in the order in which a platform decides.

platform -> fault -> rate limit -> credential -> API version -> endpoint -> answer -> evolution -> headers
"""

from __future__ import annotations

import asyncio
import gzip
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import httpx

from ..dialects import Budget, ErrorDialect, ErrorKind
from ..errors import ConfigurationError, DeclarationError, UnknownEndpoint
from ..interaction import SANDBOX_HEADER
from ..pagination import BadPage
from ..paths import Json
from ..platform import Platform
from . import admin
from .answer import Answer, json_answer
from .behaviours import desk
from .evolution import Evolution
from .faults import HEADER, Fault, Faults, Rule
from .limits import Limits, headers
from .looping import looped
from .rest import Refusal
from .routing import Match, Place, Router
from .world import World


@dataclass(slots=True)
class Exchange:
    """One request on its way through the sandbox, with what was found out about it so far."""

    request: httpx.Request
    place: Place
    match: Match | None = None
    name: str = ""
    fault: Fault | None = None
    problem: str = ""


class Sandbox:
    """Answers as the platforms it is given.

    Requests are told apart by host (`https://api.notion.com/v1/users`) or, at any other host, by a first
    path segment that names the platform (`http://127.0.0.1:8080/notion/v1/users`).

    Args:
        platforms: Whom to imitate.
        seed: The same seed gives the same data and the same credentials.
        rows: Rows in every list.
        clock: Unix time in seconds, for rate limits.
        enforce_limits: False to state rate limits without ever refusing.
    """

    def __init__(
        self,
        platforms: Iterable[Platform],
        *,
        seed: str = "bi",
        rows: int = 120,
        clock: Callable[[], float] = time.time,
        enforce_limits: bool = True,
    ) -> None:
        self.router = Router.of(platforms)
        self.platforms: Mapping[str, Platform] = self.router.platforms
        self.seed = seed
        self.world = World(seed, rows)
        self.clock = clock
        self.limits = Limits(enforced=enforce_limits)
        self.faults = Faults()
        self.evolution = Evolution()
        self.requests: Counter[str] = Counter()
        self._desks = {platform.name: desk(platform, self.world) for platform in self.platforms.values()}
        for name, found in self._desks.items():
            found.clock = self.now
            self.router.extend(name, found.extra)
        self._accepted = {platform.name: _credential(platform, seed) for platform in self.platforms.values()}
        self._number = 0

    def now(self) -> float:
        """What time it is in the sandbox, as Unix seconds."""
        return self.clock()

    # What a caller may ask for and set

    def credentials(self, platform: str) -> dict[str, str]:
        """Environment variable -> value that the sandbox accepts. Raises `DeclarationError` for an unknown name."""
        return self._platform(platform).auth.example(self.seed)

    def put(self, endpoint: str, rows: Sequence[Json]) -> None:
        """Puts exact rows into a list, under every parent: `put("asana/tasks", [...])`."""
        platform, found = self._endpoint(endpoint)
        self.world.put(platform, found, rows)
        self._changed()

    def evolve(self, evolution: Evolution) -> None:
        """Lets the APIs change, on top of what changed before."""
        self.evolution = self.evolution + evolution
        self._changed()

    def fault(self, fault: str, *, platform: str = "*", endpoint: str = "*", times: int | None = 1) -> None:
        """Lets the next `times` requests (None: all) to matching endpoints fail. Raises `ConfigurationError`."""
        self.faults.add(Rule(platform, endpoint, Fault.parse(fault), fault, times))

    def limit(self, platform: str, limit: int, window: float) -> None:
        """Another rate limit: requests in so many seconds; `*` for every platform."""
        for name in self.platforms if platform == "*" else [self._platform(platform).name]:
            self.limits.change(name, limit, window)

    def transport(self) -> httpx.MockTransport:
        """For `httpx.Client` and `httpx.AsyncClient`. A latency fault sleeps in the calling thread."""
        return httpx.MockTransport(self.handle)

    def async_transport(self) -> httpx.MockTransport:
        """For `httpx.AsyncClient`: a latency fault lets other tasks run."""
        return httpx.MockTransport(self.handle_async)

    # One request

    def handle(self, request: httpx.Request) -> httpx.Response:
        """The response to a request whose body was read. Raises `httpx.ReadTimeout` and `ReadError` on those faults."""
        request.read()
        exchange = self.begin(request)
        if exchange is not None and exchange.fault is not None:
            time.sleep(exchange.fault.latency)
        return self._response(request, exchange)

    async def handle_async(self, request: httpx.Request) -> httpx.Response:
        """As `handle`, without blocking the event loop."""
        await request.aread()
        exchange = self.begin(request)
        if exchange is not None and exchange.fault is not None:
            await asyncio.sleep(exchange.fault.latency)
        return self._response(request, exchange)

    def _response(self, request: httpx.Request, exchange: Exchange | None) -> httpx.Response:
        fault = exchange.fault if exchange is not None else None
        if fault is not None and fault.timeout:
            raise httpx.ReadTimeout("the sandbox was told not to answer", request=request)
        if fault is not None and fault.reset:
            raise httpx.ReadError("the sandbox was told to break the connection", request=request)
        return self.finish(request, exchange).response(request)

    def begin(self, request: httpx.Request) -> Exchange | None:
        """Who is asked, and what is to go wrong; None where no platform lives at this address."""
        place = None if admin.is_admin(request.url.path) else self.router.place(request)
        if place is None:
            return None
        match = self.router.match(request, place)
        name = self._desks[place.platform.name].name(request, match) if match is not None else ""
        exchange = Exchange(request, place, match, name)
        self.requests[f"{place.platform.name}/{name}"] += 1
        asked = request.headers.get(HEADER)
        if asked is not None:
            _read_fault(exchange, asked)
        elif self.faults.rules:
            exchange.fault = self.faults.strike(place.platform.name, name)
        return exchange

    def finish(self, request: httpx.Request, exchange: Exchange | None) -> Answer:
        """The answer, after everything that `begin` found out."""
        if exchange is None:
            return self._elsewhere(request).with_header(SANDBOX_HEADER, "1")
        if exchange.problem:
            return json_answer(400, {"error": exchange.problem})
        answer = self._answered(exchange)
        fault = exchange.fault
        self._number += 1
        answer.headers += [("x-request-id", f"{self.seed}-{self._number:012d}"), (SANDBOX_HEADER, "1")]
        return _damaged(answer, fault) if fault is not None else answer

    def _answered(self, exchange: Exchange) -> Answer:
        platform, now = exchange.place.platform, self.clock()
        budget, refused = self.limits.count(platform, exchange.place.path, now)
        fault = exchange.fault
        if fault is not None and fault.failing:
            return self._failure(platform, fault, budget, now)
        try:
            if refused:
                raise Refusal(ErrorKind.RATE_LIMITED)
            answer = self._inside(exchange)
        except Refusal as refusal:
            answer = refused_as(platform, refusal)
        except BadPage as problem:
            answer = json_answer(*platform.errors.render(ErrorKind.BAD_REQUEST, str(problem)))
        answer.headers += headers(platform.limits, budget, now, refused=refused)
        return answer

    def _inside(self, exchange: Exchange) -> Answer:
        platform, request = exchange.place.platform, exchange.request
        desk_ = self._desks[platform.name]
        if not (exchange.match is not None and exchange.match.endpoint.name in desk_.open):
            desk_.admit(request, self._accepted[platform.name])
        if platform.version_missing is not None and not request.headers.get(platform.version_header):
            words = ErrorDialect({ErrorKind.BAD_REQUEST: platform.version_missing})
            return json_answer(*words.render(ErrorKind.BAD_REQUEST))
        if exchange.match is None:
            raise Refusal(ErrorKind.NOT_FOUND)
        answer = desk_.answer(request, exchange.match)
        if exchange.fault is not None and exchange.fault.loop:
            asked = platform.endpoint(exchange.name) if exchange.name else exchange.match.endpoint
            answer = looped(answer, request, asked)
        return self._evolved(answer, platform, exchange)

    def _evolved(self, answer: Answer, platform: Platform, exchange: Exchange) -> Answer:
        if platform.version_header and (version := exchange.request.headers.get(platform.version_header)):
            answer.headers.append((platform.version_header.lower(), version))
        if not self.evolution.changes:
            return answer
        name = f"{platform.name}/{exchange.name}"
        status = self.evolution.status(name)
        if status is not None:
            answer = _with_status(platform, status) if status >= 400 else replace(answer, status=status)
        for header, value in self.evolution.headers(name):
            answer = answer.with_header(header, value)
        return answer

    def _failure(self, platform: Platform, fault: Fault, budget: Budget, now: float) -> Answer:
        answer = _with_status(platform, fault.status, fault.kind)
        refused = fault.kind is ErrorKind.RATE_LIMITED or fault.status == 429
        if refused:
            budget = Budget(budget.limit, 0, now + (1.0 if fault.retry_after is None else fault.retry_after))
        answer.headers += headers(platform.limits, budget, now, refused=refused)
        for name, value in fault.refusal(now):
            answer = answer.with_header(name, value)
        return answer

    def _elsewhere(self, request: httpx.Request) -> Answer:
        if admin.is_admin(request.url.path):
            return admin.answer(self, request)
        names = ", ".join(sorted(self.platforms))
        words = f"no platform at {request.url.host}{request.url.path}; the path starts with one of: {names}"
        return json_answer(404, {"error": words})

    def _changed(self) -> None:
        for each in self._desks.values():
            each.evolution = self.evolution
            each.changed()

    def _platform(self, name: str) -> Platform:
        if name not in self.platforms:
            raise DeclarationError(f"no platform {name!r}; known are {', '.join(sorted(self.platforms))}")
        return self.platforms[name]

    def _endpoint(self, identifier: str) -> tuple[Platform, Json]:
        name, _, rest = identifier.partition("/")
        if name not in self.platforms:
            known = [platform.id(item) for platform in self.platforms.values() for item in platform.endpoints]
            raise UnknownEndpoint(identifier, known)
        return self.platforms[name], self.platforms[name].endpoint(rest)


def _read_fault(exchange: Exchange, text: str) -> None:
    try:
        exchange.fault = Fault.parse(text)
    except ConfigurationError as problem:
        exchange.problem = str(problem)


def refused_as(platform: Platform, refusal: Refusal) -> Answer:
    """A refusal in the platform's words."""
    if refusal.shape is None:
        return json_answer(*platform.errors.render(refusal.kind, refusal.message))
    return json_answer(*refusal.shape.render(refusal.message))


def _credential(platform: Platform, seed: str) -> str:
    """What a request signed with the sandbox's credential carries."""
    signer = platform.auth.sign(platform.auth.example(seed))
    request = httpx.Request("GET", platform.base_url)
    return platform.auth.presented(next(signer.sync_auth_flow(request)))


def _with_status(platform: Platform, status: int, kind: ErrorKind | None = None) -> Answer:
    """An error in the platform's words, under the status that was asked for."""
    if kind is None:
        kind = _KINDS.get(status, ErrorKind.SERVER_ERROR if status >= 500 else ErrorKind.BAD_REQUEST)
    usual, body = platform.errors.render(kind)
    if status and isinstance(body, dict) and body.get("status") == usual:
        body = {**body, "status": status}
    return json_answer(status or usual, body)


def _damaged(answer: Answer, fault: Fault) -> Answer:
    """The answer with what goes wrong on the way."""
    if fault.html:
        status = fault.status or (answer.status if answer.status >= 400 else 502)
        answer = replace(answer.with_header("content-type", "text/html; charset=utf-8"), status=status, body=_PAGE)
    if fault.content_type:
        answer = answer.with_header("content-type", fault.content_type)
    if fault.truncate:
        answer = replace(answer, body=answer.body[: len(answer.body) // 2])
    if fault.gzip:
        answer = replace(answer.with_header("content-encoding", "gzip"), body=gzip.compress(answer.body, mtime=0))
    return answer


_PAGE = (
    b"<!DOCTYPE html>\n<html><head><title>Something went wrong</title></head>"
    b"<body><h1>Something went wrong</h1><p>Please try again later.</p></body></html>\n"
)
_KINDS = {
    401: ErrorKind.UNAUTHORIZED,
    403: ErrorKind.FORBIDDEN,
    404: ErrorKind.NOT_FOUND,
    429: ErrorKind.RATE_LIMITED,
}
