"""The sandbox: one function from request to response, in the order in which a platform decides.

platform -> fault -> credential -> rate limit -> API version -> endpoint -> answer -> evolution -> headers
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from fnmatch import fnmatchcase
from traceback import format_tb

import httpx

from ..auth import SANDBOX_SEED
from ..dialects import ErrorKind
from ..errors import ConfigurationError, DeclarationError, UnknownEndpoint
from ..interaction import SANDBOX_HEADER
from ..pagination import BadPage
from ..paths import Json
from ..platform import Endpoint, Platform
from ..queries import BadQuery
from ..redact import redact_text
from . import admin
from .answer import Answer, json_answer
from .behaviours import behaviour
from .bending import Bending
from .clock import Clock, http_date
from .damage import damaged
from .evolution import Evolution
from .exchange import Address, Exchange
from .faults import HEADER, Fault, Faults, Rule, chance
from .limits import Limits, Tally
from .refusal import Refusal
from .rest import Rest
from .routing import Place, Router
from .wording import REQUEST_ID, bad_query, refused_as, request_id, shaped, tells_request_id, unreadable, with_status
from .world import World

LONGEST_PATH = 2048
"""Characters of a path that may lead somewhere; nothing has a longer key."""

_log = logging.getLogger("bi_contracts.sandbox")


class Sandbox:
    """Answers as the platforms it is given.

    Requests are told apart by host (`https://api.notion.com/v1/users`) or, at any other host, by a first
    path segment that names the platform (`http://127.0.0.1:8080/notion/v1/users`).

    Args:
        platforms: Whom to imitate.
        seed: The same seed gives the same data and the same credentials.
        rows: Rows in every list.
        clock: The time it follows, as Unix seconds.
        enforce_limits: False to state rate limits without ever refusing.

    Attributes:
        clock: What time it is in the sandbox; it can be moved.
        requests: How often each endpoint was asked.
        failures: How often the sandbox itself failed; such requests are answered as the platform's server error.
    """

    def __init__(
        self,
        platforms: Iterable[Platform],
        *,
        seed: str = SANDBOX_SEED,
        rows: int = 120,
        clock: Callable[[], float] = time.time,
        enforce_limits: bool = True,
    ) -> None:
        self.router = Router.of(platforms)
        self.platforms: Mapping[str, Platform] = self.router.platforms
        self.seed = seed
        self.world = World(seed, rows)
        self.clock = clock if isinstance(clock, Clock) else Clock(clock)
        self.world.clock = self.now
        self.limits = Limits(enforced=enforce_limits)
        self.faults = Faults(seed)
        self.evolution = Evolution()
        self.requests: Counter[str] = Counter()
        self.failures = 0
        self._behaviours: dict[str, Rest] = {one.name: behaviour(one, self.world) for one in self.platforms.values()}
        for name, found in self._behaviours.items():
            self.router.extend(name, found.extra)
        self._accepted = {platform.name: _credential(platform, seed) for platform in self.platforms.values()}
        self._rivals = _rivals(self.platforms.values())
        self._telling = frozenset(one.name for one in self.platforms.values() if tells_request_id(one))
        self._numbers = itertools.count(1)
        self._bending = Bending(self.world, self.faults)

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
        self.faults.add(Rule.made(platform, endpoint, fault, times))

    def rule(self, text: str) -> None:
        """A fault with its place and number: `slack/*: rate-limit; retry-after=1 x3`. Raises `ConfigurationError`."""
        rule = Rule.parse(text)
        served = [one for name, one in self.platforms.items() if fnmatchcase(name, rule.platform)]
        if not served:
            known = ", ".join(self.platforms)
            raise ConfigurationError(f"fault {text!r}: no platform is called {rule.platform!r}; served are {known}")
        names = {endpoint.name for one in served for endpoint in (*one.endpoints, *self._behaviours[one.name].extra)}
        if rule.endpoint != "*" and not any(fnmatchcase(name, rule.endpoint) for name in names):
            near = ", ".join(get_close_matches(rule.endpoint, names) or sorted(names))
            raise ConfigurationError(f"fault {text!r}: no endpoint is called {rule.endpoint!r}; there are {near}")
        self.faults.add(rule)

    def limit(self, platform: str, limit: int, window: float, quota: str = "") -> None:
        """Another rate limit: requests in so many seconds; `*` for every platform; the first, or the named quota."""
        for one in self.platforms.values() if platform == "*" else [self._platform(platform)]:
            known = [each.name for each in one.limits.quotas]
            if quota and quota not in known:
                raise ConfigurationError(f"{one.name} has no quota {quota!r}; known are {', '.join(known) or 'none'}")
            self.limits.change(one.name, limit, window, quota)

    def transport(self) -> httpx.MockTransport:
        """For `httpx.Client` and `httpx.AsyncClient`. A latency fault sleeps in the calling thread."""
        return httpx.MockTransport(self.handle)

    def async_transport(self) -> httpx.MockTransport:
        """For `httpx.AsyncClient`: a latency fault lets other tasks run."""
        return httpx.MockTransport(self.handle_async)

    # One request

    def handle(self, request: httpx.Request) -> httpx.Response:
        """The response to a request whose body was read. Raises `httpx.ReadTimeout` on that fault."""
        request.read()
        exchange = self.begin(request)
        if exchange is not None and exchange.delay:
            time.sleep(exchange.delay)
        return self._response(request, exchange)

    async def handle_async(self, request: httpx.Request) -> httpx.Response:
        """As `handle`, without blocking the event loop."""
        await request.aread()
        exchange = self.begin(request)
        if exchange is not None and exchange.delay:
            await asyncio.sleep(exchange.delay)
        return self._response(request, exchange)

    def _response(self, request: httpx.Request, exchange: Exchange | None) -> httpx.Response:
        if exchange is not None and exchange.fault is not None and exchange.fault.timeout:
            raise httpx.ReadTimeout("the sandbox was told not to answer", request=request)
        answer = self.finish(request, exchange)
        return (answer.without_body() if request.method == "HEAD" else answer).response(request)

    def begin(self, request: httpx.Request) -> Exchange | None:
        """Who is asked, and what is to go wrong; None where no platform lives at this address."""
        place = None if admin.is_admin(request.url.path) else self.router.place(request)
        if place is None:
            return None
        asked = request if request.method != "HEAD" else httpx.Request("GET", request.url, headers=request.headers)
        if not isinstance(asked.url, Address):
            asked.url = Address(asked.url)
        exchange = Exchange(asked, self._account(asked, place), next(self._numbers))
        place = exchange.place
        try:
            self._route(exchange)
        except Exception as error:
            self._crashed(exchange, error)
        self.requests[f"{place.platform.name}/{exchange.name}"] += 1
        words = request.headers.get(HEADER)
        if words is not None:
            self._read_fault(exchange, words)
        elif self.faults.rules:
            exchange.fault = self.faults.strike(place.platform.name, exchange.name)
        if exchange.fault is not None and exchange.fault.latency is not None:
            exchange.delay = exchange.fault.latency.draw(chance(self.seed, "latency", exchange.number))
        return exchange

    def _account(self, request: httpx.Request, place: Place) -> Place:
        """The account that is asked: several of one vendor share its address, and only credentials tell them apart."""
        rivals = self._rivals.get(place.platform.name, ())
        if rivals and request.url.host in self.router.hosts:
            return next((Place(one, place.path) for one in rivals if self._knows(one, request)), place)
        return place

    def _knows(self, platform: Platform, request: httpx.Request) -> bool:
        """Whether a request carries this platform's credential, or sends it to a login."""
        try:
            self._behaviours[platform.name].admit(request, self._accepted[platform.name])
        except Exception:
            return any(value.encode() in request.content for value in self.credentials(platform.name).values())
        return True

    def _route(self, exchange: Exchange) -> None:
        request, place = exchange.request, exchange.place
        exchange.unreadable = unreadable(request)
        if not exchange.unreadable and len(place.path) <= LONGEST_PATH:
            exchange.match = self.router.match(request, place)
        if exchange.match is not None:
            exchange.name = self._behaviours[place.platform.name].name(request, exchange.match)

    def _read_fault(self, exchange: Exchange, words: str) -> None:
        """The fault that the request asks for itself; what a storm has left is for the requests that follow."""
        try:
            fault = Fault.parse(words)
        except ConfigurationError as problem:
            exchange.problem = str(problem)
            return
        platform = exchange.place.platform.name
        if fault.storm > 1:
            rest = replace(fault, storm=fault.storm - 1)
            self.faults.add(Rule(platform, exchange.name or "*", rest, words, rest.storm))
        if fault.share == 1 or chance(self.seed, words, exchange.number) < fault.share:
            exchange.fault = fault

    def finish(self, request: httpx.Request, exchange: Exchange | None) -> Answer:
        """The answer, after everything that `begin` found out."""
        if exchange is None:
            return self._labelled(self._elsewhere(request), self.now())
        if exchange.problem:
            return self._labelled(json_answer(400, {"error": exchange.problem}), self.now())
        fault, platform = exchange.fault, exchange.place.platform
        now = self.now()
        answer = self._answered(exchange, now)
        answer = self._identify(answer, platform, exchange.number)
        answer = self._labelled(answer, now + exchange.skew)
        answer = damaged(answer, fault) if fault is not None else answer
        return replace(answer, body=b"") if answer.status in (204, 304) else answer

    def too_large(self, request: httpx.Request) -> Answer:
        """What a request is answered whose body nobody wants to read."""
        exchange = self.begin(request)
        if exchange is None:
            return self._labelled(json_answer(413, {"error": "the body is too large"}), self.now())
        answer = with_status(exchange.place.platform, 413, ErrorKind.BAD_REQUEST)
        answer = self._identify(answer, exchange.place.platform, exchange.number)
        return self._labelled(answer, self.now())

    def _labelled(self, answer: Answer, now: float) -> Answer:
        answer.headers += [("date", http_date(now)), (SANDBOX_HEADER, "1")]
        return answer

    def _identify(self, answer: Answer, platform: Platform, number: int) -> Answer:
        """The answer with an id of its own, in a header and wherever an error repeats it."""
        behaviour_ = self._behaviours[platform.name]
        answer, found = behaviour_.dressed(answer), behaviour_.request_id(request_id(self.seed, number))
        if platform.request_id:
            answer.headers.append((platform.request_id.lower(), found))
        if answer.status >= 400 or platform.name in self._telling:
            answer.body = answer.body.replace(REQUEST_ID, found.encode())
        return answer

    def _answered(self, exchange: Exchange, now: float) -> Answer:
        platform, fault = exchange.place.platform, exchange.fault
        asked = (platform, exchange.name, exchange.place.path, now)
        if fault is not None and fault.failing:
            return self._failure(fault, self.limits.count(*asked), now, platform)
        if exchange.request.method == "OPTIONS" and (taken := self._methods(exchange)):
            return Answer(204, [("allow", ", ".join(taken))], b"")
        refusal = self._refused(exchange)
        if refusal is not None:
            answer = refused_as(platform, refusal)
            answer.headers += self.limits.look(*asked).headers(now, exchange.skew) if platform.limits.anonymous else []
            return answer
        tally = self.limits.count(*asked)
        if tally.refused is not None:
            answer = refused_as(platform, Refusal(ErrorKind.RATE_LIMITED, shape=tally.refused.quota.refusal))
        else:
            answer = self._served(exchange)
            points = dict(answer.headers).get(platform.limits.points, "") if platform.limits.points else ""
            if points.isdecimal():
                tally = self.limits.charge(*asked, int(points))
        answer.headers += tally.headers(now, exchange.skew)
        return answer

    def _refused(self, exchange: Exchange) -> Refusal | None:
        """Why the credential is not good enough, None where it is."""
        platform = exchange.place.platform
        behaviour_ = self._behaviours[platform.name]
        if exchange.match is not None and exchange.match.endpoint.name in behaviour_.open:
            return None
        try:
            behaviour_.admit(exchange.request, self._accepted[platform.name])
        except Refusal as refusal:
            return refusal
        except Exception as error:
            return self._crashed(exchange, error)
        return None

    def _served(self, exchange: Exchange) -> Answer:
        """The answer of the platform. Nothing that a behaviour raises goes further than this."""
        platform = exchange.place.platform
        if exchange.crashed:
            return refused_as(platform, Refusal(ErrorKind.SERVER_ERROR))
        try:
            return self._inside(exchange)
        except Refusal as refusal:
            return refused_as(platform, refusal)
        except BadPage as problem:
            return refused_as(platform, Refusal(ErrorKind.BAD_REQUEST, str(problem)))
        except BadQuery as problem:
            return bad_query(platform, problem)
        except Exception as error:
            return refused_as(platform, self._crashed(exchange, error))

    def _crashed(self, exchange: Exchange, error: Exception) -> Refusal:
        """Says on stderr that the sandbox has a mistake, and where; the caller hears of a server error.

        What the error says is left out, and what stands in the path redacted: both may hold what was sent.
        """
        exchange.crashed = True
        self.failures += 1
        asked, where = exchange.request, "".join(format_tb(error.__traceback__))
        path = redact_text(asked.url.path[:200])
        _log.error("the sandbox failed at %s %s: %s\n%s", asked.method, path, type(error).__name__, where)
        return Refusal(ErrorKind.SERVER_ERROR)

    def _inside(self, exchange: Exchange) -> Answer:
        platform, request = exchange.place.platform, exchange.request
        behaviour_ = self._behaviours[platform.name]
        if platform.version_missing is not None and not request.headers.get(platform.version_header):
            return shaped(platform.version_missing)
        if exchange.unreadable:
            raise Refusal(ErrorKind.BAD_REQUEST, exchange.unreadable, platform.errors.unreadable)
        if exchange.match is None:
            return self._unknown(exchange)
        if exchange.fault is None:
            answer = behaviour_.answer(request, exchange.match)
        else:
            answer = self._bending.answer(behaviour_, exchange, exchange.fault, exchange.match)
        return self._evolved(answer, platform, exchange)

    def _unknown(self, exchange: Exchange) -> Answer:
        """A path that nobody knows, or one that does not take this method."""
        shape = exchange.place.platform.errors.wrong_method
        taken = self._methods(exchange) if shape is not None else []
        if shape is None or not taken:
            raise Refusal(ErrorKind.NOT_FOUND, shape=exchange.place.platform.errors.unknown_path)
        return shaped(shape).with_header("allow", ", ".join(taken))

    def _methods(self, exchange: Exchange) -> list[str]:
        """The methods that a path takes."""
        taken = self.router.methods(exchange.place)
        return sorted(taken | {"OPTIONS"} | ({"HEAD"} if "GET" in taken else set())) if taken else []

    def _evolved(self, answer: Answer, platform: Platform, exchange: Exchange) -> Answer:
        version = exchange.request.headers.get(platform.version_header) if platform.version_header else None
        if version and version.isascii():
            answer.headers.append((platform.version_header.lower(), version))
        if not self.evolution.changes:
            return answer
        name = f"{platform.name}/{exchange.name}"
        status = self.evolution.status(name)
        if status is not None:
            answer = with_status(platform, status) if status >= 400 else replace(answer, status=status)
        for header, value in self.evolution.headers(name):
            answer = answer.with_header(header, value)
        return answer

    def _failure(self, fault: Fault, tally: Tally, now: float, platform: Platform) -> Answer:
        answer = with_status(platform, fault.status, fault.kind)
        if fault.kind is ErrorKind.RATE_LIMITED or fault.status == 429:
            tally = tally.exhausted(fault.window_end(now))
        answer.headers += tally.headers(now, fault.clock_skew) if fault.limit_reset != "none" else []
        for name, value in fault.refusal(now + fault.clock_skew):
            answer = answer.with_header(name, value)
        return answer

    def _elsewhere(self, request: httpx.Request) -> Answer:
        if admin.is_admin(request.url.path):
            return admin.answer(self, request)
        names = ", ".join(sorted(self.platforms))
        words = f"no platform at {request.url.host}{request.url.path}; the path starts with one of: {names}"
        return json_answer(404, {"error": words})

    def _changed(self) -> None:
        for each in self._behaviours.values():
            each.evolution = self.evolution
            each.changed()

    def _platform(self, name: str) -> Platform:
        if name not in self.platforms:
            raise DeclarationError(f"no platform {name!r}; known are {', '.join(sorted(self.platforms))}")
        return self.platforms[name]

    def _endpoint(self, identifier: str) -> tuple[Platform, Endpoint]:
        name, _, rest = identifier.partition("/")
        if name not in self.platforms:
            known = [platform.id(item) for platform in self.platforms.values() for item in platform.endpoints]
            raise UnknownEndpoint(identifier, known)
        return self.platforms[name], self.platforms[name].endpoint(rest)


def _credential(platform: Platform, seed: str) -> str:
    """What a request signed with the sandbox's credential carries."""
    signer = platform.auth.sign(platform.auth.example(seed))
    request = httpx.Request("GET", platform.base_url)
    return platform.auth.presented(next(signer.sync_auth_flow(request)))


def _rivals(platforms: Iterable[Platform]) -> dict[str, tuple[Platform, ...]]:
    """Name -> all platforms at the same address, where there are several."""
    found: dict[str, list[Platform]] = {}
    for platform in platforms:
        found.setdefault(platform.base_url, []).append(platform)
    return {platform.name: tuple(same) for same in found.values() if len(same) > 1 for platform in same}
