"""The sandbox: one function from request to response, in the order in which a platform decides.

platform -> fault -> credential -> rate limit -> API version -> endpoint -> answer -> evolution -> headers
"""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import cached_property

import httpx

from ..dialects import ErrorDialect, ErrorKind
from ..errors import ConfigurationError, DeclarationError, UnknownEndpoint
from ..interaction import SANDBOX_HEADER
from ..pagination import BadPage, Relay
from ..paths import Json, bury
from ..platform import Endpoint, Platform
from ..queries import BadQuery
from ..slots import FORM, media_type
from . import admin
from .answer import Answer, json_answer
from .behaviours import desk
from .clock import Clock, http_date
from .damage import damaged
from .evolution import Evolution
from .faults import HEADER, Fault, Faults, Rule, chance
from .keys import mix, salt
from .limits import Limits, Tally
from .looping import drifted, drifting, later, looped, mark, scrolls, turned_back
from .refusal import Refusal
from .rest import Rest
from .routing import Match, Place, Router
from .world import World

REQUEST_ID = b"{request_id}"
LONGEST_PATH = 2048
"""Characters of a path that may lead somewhere; nothing has a longer key."""

REPEATS_KEPT = 1000
"""Pages of scrolls that are kept to be answered again."""

_log = logging.getLogger("bi_contracts.sandbox")


@dataclass(slots=True)
class Exchange:
    """One request on its way through the sandbox, with what was found out about it so far.

    Attributes:
        number: Counts the requests.
        name: The endpoint that is asked for, "" where none is.
        delay: Seconds to wait before the answer.
        unreadable: What is wrong with the body.
        problem: What is wrong with the fault that was asked for.
        crashed: True where the sandbox itself failed.
    """

    request: httpx.Request
    place: Place
    number: int
    match: Match | None = None
    name: str = ""
    fault: Fault | None = None
    delay: float = 0.0
    unreadable: str = ""
    problem: str = ""
    crashed: bool = False

    @property
    def skew(self) -> float:
        """Seconds that the platform's clock is ahead."""
        return 0.0 if self.fault is None else self.fault.clock_skew


class Address(httpx.URL):
    """A URL that parses its query once, however many ask."""

    @cached_property
    def params(self) -> httpx.QueryParams:
        return super().params


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
        seed: str = "bi",
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
        self._desks: dict[str, Rest] = {one.name: desk(one, self.world) for one in self.platforms.values()}
        for name, found in self._desks.items():
            self.router.extend(name, found.extra)
        self._accepted = {platform.name: _credential(platform, seed) for platform in self.platforms.values()}
        self._telling = frozenset(one.name for one in self.platforms.values() if _tells_request_id(one))
        self._numbers = itertools.count(1)
        self._repeats: dict[str, Answer] = {}

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
        names = {endpoint.name for one in served for endpoint in (*one.endpoints, *self._desks[one.name].extra)}
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
        asked.url = Address(asked.url)
        exchange = Exchange(asked, place, next(self._numbers))
        try:
            self._route(exchange)
        except Exception:
            self._crashed(exchange)
        self.requests[f"{place.platform.name}/{exchange.name}"] += 1
        words = request.headers.get(HEADER)
        if words is not None:
            self._read_fault(exchange, words)
        elif self.faults.rules:
            exchange.fault = self.faults.strike(place.platform.name, exchange.name)
        if exchange.fault is not None and exchange.fault.latency is not None:
            exchange.delay = exchange.fault.latency.draw(chance(self.seed, "latency", exchange.number))
        return exchange

    def _route(self, exchange: Exchange) -> None:
        request, place = exchange.request, exchange.place
        exchange.unreadable = _unreadable(request)
        if not exchange.unreadable and len(place.path) <= LONGEST_PATH:
            exchange.match = self.router.match(request, place)
        if exchange.match is not None:
            exchange.name = self._desks[place.platform.name].name(request, exchange.match)

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
        self._identify(answer, platform, exchange.number)
        answer = self._labelled(answer, now + exchange.skew)
        answer = damaged(answer, fault) if fault is not None else answer
        return replace(answer, body=b"") if answer.status in (204, 304) else answer

    def too_large(self, request: httpx.Request) -> Answer:
        """What a request is answered whose body nobody wants to read."""
        exchange = self.begin(request)
        if exchange is None:
            return self._labelled(json_answer(413, {"error": "the body is too large"}), self.now())
        answer = _with_status(exchange.place.platform, 413, ErrorKind.BAD_REQUEST)
        self._identify(answer, exchange.place.platform, exchange.number)
        return self._labelled(answer, self.now())

    def _labelled(self, answer: Answer, now: float) -> Answer:
        answer.headers += [("date", http_date(now)), (SANDBOX_HEADER, "1")]
        return answer

    def _identify(self, answer: Answer, platform: Platform, number: int) -> None:
        """Gives the answer an id of its own, in a header and wherever an error repeats it."""
        found = request_id(self.seed, number)
        if platform.request_id:
            answer.headers.append((platform.request_id.lower(), found))
        if answer.status >= 400 or platform.name in self._telling:
            answer.body = answer.body.replace(REQUEST_ID, found.encode())

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
        desk_ = self._desks[platform.name]
        if exchange.match is not None and exchange.match.endpoint.name in desk_.open:
            return None
        try:
            desk_.admit(exchange.request, self._accepted[platform.name])
        except Refusal as refusal:
            return refusal
        except Exception:
            return self._crashed(exchange)
        return None

    def _served(self, exchange: Exchange) -> Answer:
        """The answer of the platform. Nothing that a desk raises goes further than this."""
        platform = exchange.place.platform
        if exchange.crashed:
            return refused_as(platform, Refusal(ErrorKind.SERVER_ERROR))
        try:
            return self._inside(exchange)
        except Refusal as refusal:
            return refused_as(platform, refusal)
        except BadPage as problem:
            return json_answer(*platform.errors.render(ErrorKind.BAD_REQUEST, str(problem)))
        except BadQuery as problem:
            return bad_query(platform, problem)
        except Exception:
            return refused_as(platform, self._crashed(exchange))

    def _crashed(self, exchange: Exchange) -> Refusal:
        """Says on stderr that the sandbox has a mistake, and where; the caller hears of a server error."""
        exchange.crashed = True
        self.failures += 1
        _log.exception("the sandbox failed at %s %s", exchange.request.method, exchange.request.url.path[:200])
        return Refusal(ErrorKind.SERVER_ERROR)

    def _inside(self, exchange: Exchange) -> Answer:
        platform, request = exchange.place.platform, exchange.request
        desk_ = self._desks[platform.name]
        if platform.version_missing is not None and not request.headers.get(platform.version_header):
            words = ErrorDialect({ErrorKind.BAD_REQUEST: platform.version_missing})
            return json_answer(*words.render(ErrorKind.BAD_REQUEST))
        if exchange.unreadable:
            raise Refusal(ErrorKind.BAD_REQUEST, exchange.unreadable, platform.errors.unreadable)
        if exchange.match is None:
            return self._unknown(exchange)
        fault = exchange.fault
        answer = desk_.answer(request, exchange.match) if fault is None else self._bent(exchange, fault, exchange.match)
        return self._evolved(answer, platform, exchange)

    def _unknown(self, exchange: Exchange) -> Answer:
        """A path that nobody knows, or one that does not take this method."""
        shape = exchange.place.platform.errors.wrong_method
        taken = self._methods(exchange) if shape is not None else []
        if shape is None or not taken:
            raise Refusal(ErrorKind.NOT_FOUND, shape=exchange.place.platform.errors.unknown_path)
        return json_answer(*shape.render(), headers=[("allow", ", ".join(taken))])

    def _methods(self, exchange: Exchange) -> list[str]:
        """The methods that a path takes."""
        taken = methods(self.router, exchange.place)
        return sorted(taken | {"OPTIONS"} | ({"HEAD"} if "GET" in taken else set())) if taken else []

    def _bent(self, exchange: Exchange, fault: Fault, match: Match) -> Answer:
        """The platform's answer, with pages and index as a fault wants them."""
        platform = exchange.place.platform
        request = exchange.request
        if fault.page_drift and platform.protocol == "graphql":
            relay = self._asked(exchange, match).paginator
            request = drifted(request, relay, fault.page_drift) if isinstance(relay, Relay) else request
        elif fault.page_drift:
            match = drifting(match, fault.page_drift)
        before = self.world.lag.get(platform.name, 0.0)
        self.world.lag[platform.name] = max(before, fault.index_lag)
        try:
            if fault.loop or fault.duplicate:
                return self._repeated(exchange, request, fault, match)
            return self._desks[platform.name].answer(request, match)
        finally:
            self.world.lag[platform.name] = before

    def _asked(self, exchange: Exchange, match: Match) -> Endpoint:
        """The endpoint that is asked for: at one path of GraphQL there are many."""
        named = {endpoint.name: endpoint for endpoint in exchange.place.platform.endpoints}
        return named.get(exchange.name, match.endpoint)

    def _repeated(self, exchange: Exchange, request: httpx.Request, fault: Fault, match: Match) -> Answer:
        """A page that comes again: always, or once."""
        platform = exchange.place.platform
        desk_ = self._desks[platform.name]
        endpoint = self._asked(exchange, match)
        if not later(request, endpoint):
            return desk_.answer(request, match)
        page = f"{platform.name}/{mark(request, endpoint)}"
        if scrolls(endpoint):
            return self._again(page, lambda: desk_.answer(request, match), once=not fault.loop)
        again = fault.loop or self.faults.first(page)
        answer = desk_.answer(turned_back(request, endpoint, once=not fault.loop), match)
        return looped(answer, request, endpoint) if again else answer

    def _again(self, page: str, fresh: Callable[[], Answer], *, once: bool) -> Answer:
        """The page of a scroll that was answered before, where one was."""
        kept = self._repeats.pop(page, None)
        if kept is not None and once:
            return kept
        if len(self._repeats) >= REPEATS_KEPT:
            self._repeats.clear()
        answer = kept or fresh()
        self._repeats[page] = replace(answer, headers=list(answer.headers))
        return answer

    def _evolved(self, answer: Answer, platform: Platform, exchange: Exchange) -> Answer:
        version = exchange.request.headers.get(platform.version_header) if platform.version_header else None
        if version and version.isascii():
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

    def _failure(self, fault: Fault, tally: Tally, now: float, platform: Platform) -> Answer:
        answer = _with_status(platform, fault.status, fault.kind)
        if fault.kind is ErrorKind.RATE_LIMITED or fault.status == 429:
            tally = tally.exhausted(now + (1.0 if fault.retry_after is None else fault.retry_after))
        answer.headers += tally.headers(now, fault.clock_skew)
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
        for each in self._desks.values():
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


def methods(router: Router, place: Place) -> set[str]:
    """The methods that some endpoint at a path takes."""
    fixed, patterns = router.routes[place.platform.name]
    found = [*fixed.get(place.path, ()), *(one.endpoint for one in patterns if one.pattern.fullmatch(place.path))]
    return {method for endpoint in found for method in (endpoint.method, *endpoint.other_methods)}


def refused_as(platform: Platform, refusal: Refusal) -> Answer:
    """A refusal in the platform's words."""
    shape = refusal.shape or platform.errors.shapes[refusal.kind]
    return json_answer(*shape.render(refusal.message), headers=[(name.lower(), v) for name, v in shape.headers.items()])


def bad_query(platform: Platform, problem: BadQuery) -> Answer:
    """A query that the platform refuses, under the code that it has for it."""
    status, body = platform.errors.render(ErrorKind.BAD_REQUEST, str(problem))
    if problem.code and platform.errors.code:
        body = bury(body, platform.errors.code, problem.code)
    return json_answer(status, body)


def request_id(seed: str, number: int) -> str:
    """An id for a request, in the form of a random UUID; the same for the same seed."""
    high, low = mix(number, salt(seed, "request")), mix(number, salt(seed, "id"))
    text = f"{high:016x}{low:016x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


def _unreadable(request: httpx.Request) -> str:
    """What is wrong with a body that says it is JSON, or that no parser would survive; "" where nothing is."""
    kind = media_type(request.headers)
    if not request.content or kind == FORM:
        return ""
    try:
        json.loads(request.content)
    except RecursionError:
        return "the body is nested too deeply"
    except ValueError:
        return "the body is no valid JSON" if kind.endswith(("/json", "+json")) else ""
    return ""


def _credential(platform: Platform, seed: str) -> str:
    """What a request signed with the sandbox's credential carries."""
    signer = platform.auth.sign(platform.auth.example(seed))
    request = httpx.Request("GET", platform.base_url)
    return platform.auth.presented(next(signer.sync_auth_flow(request)))


def _tells_request_id(platform: Platform) -> bool:
    """Whether an answer that is no error may hold the request's id."""
    word = REQUEST_ID.decode()
    shapes = [shape for shape in platform.errors.shapes.values() if shape.status < 400]
    own = [shape for one in platform.endpoints for shape in (one.missing, one.empty) if shape and shape.status < 400]
    bodies = [shape.body for shape in (*shapes, *own)]
    return word in json.dumps([bodies, [dict(one.envelope) for one in platform.endpoints]], default=str)


def _with_status(platform: Platform, status: int, kind: ErrorKind | None = None) -> Answer:
    """An error in the platform's words, under the status that was asked for."""
    if status in platform.errors.statuses:
        return json_answer(*platform.errors.statuses[status].render())
    if kind is None:
        kind = _KINDS.get(status, ErrorKind.SERVER_ERROR if status >= 500 else ErrorKind.BAD_REQUEST)
    usual, body = platform.errors.render(kind)
    if status and isinstance(body, dict) and body.get("status") == usual:
        body = {**body, "status": status}
    return json_answer(status or usual, body)


_KINDS = {
    401: ErrorKind.UNAUTHORIZED,
    403: ErrorKind.FORBIDDEN,
    404: ErrorKind.NOT_FOUND,
    429: ErrorKind.RATE_LIMITED,
}
