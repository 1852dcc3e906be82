"""Intercom's API as a sync uses it: few calls, each within the pace, each tried again where that can help."""

from __future__ import annotations

import asyncio
import logging
import random
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from typing import Any, Self

import httpx

from ...errors import ApiError, RateLimited, Unreachable, UpstreamError
from ...interaction import SANDBOX_HEADER
from ...paths import Json, dig
from ...platform import Endpoint, Platform
from ...session import Upstream
from ...slots import answer_of
from ..raw import is_nested
from .pace import BODIES, HEADS, Pace
from .settings import REGIONS, SyncSettings

PAGE = 150
"""Rows of a search page, the most that Intercom gives."""

DELETED_SINCE = (2, 16)
"""The first version that lists deleted conversations."""

TRIES = 6
"""Times that one call is made where the server fails; rate limits are waited for and do not count."""

LONGEST_RESET = 120.0
"""Seconds. A rate limit of windows of seconds that says a later reset is not believed."""

_log = logging.getLogger("bi_contracts.intercom.sync")


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a search.

    Attributes:
        rows: As they were sent.
        at: When it was answered, by Intercom's clock.
        total: Rows in the whole window, None where it was not said.
        following: What asks for the page after it, "" at the end.
    """

    rows: list[Json] = field(repr=False)
    at: int
    total: int | None = None
    following: str = ""


@dataclass(frozen=True, slots=True)
class Body:
    """One record. `at` is when it was answered, by Intercom's clock."""

    value: Json = field(repr=False)
    at: int


class Nested(ApiError):
    """An answer that is JSON, and nested too deep to be read. `text` is the answer, `at` when it was given."""

    def __init__(self, where: str, response: httpx.Response, at: int) -> None:
        super().__init__(f"{where}: the answer is nested too deep to be read", status=response.status_code)
        self.text = response.text
        self.at = at


class Intercom:
    """The calls of a sync.

    Args:
        upstream: Who answers.
        region: us, eu or au; "" for the declared place. Counts for Intercom itself only.
        version: `Intercom-Version`, "" for the declared one.
        platform: The declaration, None for the packaged one.
        patience: Seconds without any success that rate limits are waited for.
        concurrency: Connections.
        sleep: How to wait.
        chance: Draws the share of a wait that is really waited, from 0 to 1.

    Attributes:
        calls: Requests that were sent.
        refused: Answers 429.
        retried: Requests that were sent again after a failure that was no 429.
    """

    def __init__(
        self,
        upstream: Upstream,
        *,
        region: str = "",
        version: str = "",
        platform: Platform | None = None,
        patience: float = 300.0,
        concurrency: int = 40,
        timeout: float = 30.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.upstream = upstream
        self.platform = _spoken(upstream, platform or _declared(upstream), region, version)
        self.calls = self.refused = self.retried = 0
        self.source = upstream.mode.value
        quiet = upstream.recorded or (upstream.in_process and not upstream.sandbox.limits.enforced)
        self.pace = Pace(self.platform.limits.limit, self.platform.limits.window, enforced=not quiet)
        self.clock = ServerClock(self.pace.now)
        self._patience = patience
        self.sleep, self._chance = sleep, chance
        self._client = upstream.async_client(self.platform, patience=0.0, timeout=timeout, connections=concurrency)
        self._base = upstream.base_url(self.platform)
        self._bare = 0.0  # since when nothing has succeeded
        self._streak = 0

    @classmethod
    def of(cls, upstream: Upstream, settings: SyncSettings, **others: Any) -> Self:
        """The calls as settings want them: region, version, connections."""
        return cls(
            upstream, region=settings.region, version=settings.version, concurrency=settings.concurrency, **others
        )

    @property
    def version(self) -> str:
        return self.platform.version

    @property
    def lists_deleted(self) -> bool:
        """Whether this version lists deleted conversations."""
        number = self.version.split(".")
        return not number[0].isdigit() or tuple(map(int, number)) >= DELETED_SINCE

    async def me(self) -> Body:
        """Who the token is, and of which workspace. Raises `UpstreamError`."""
        return await self._record("me", {}, HEADS)

    async def conversation(self, id: str) -> Body:
        """A conversation with its parts. Raises `NotFound`, `Nested` and other `UpstreamError`."""
        return await self._record("conversation", {"id": id}, BODIES)

    async def contact(self, id: str) -> Body:
        """A contact; another id in it tells that it was merged. Raises `NotFound` and other `UpstreamError`."""
        return await self._record("contact", {"id": id}, BODIES)

    async def search(
        self,
        stream: str,
        after: int,
        before: int | None,
        *,
        newest_first: bool = False,
        size: int = PAGE,
        following: str = "",
        born: tuple[int, int] | None = None,
    ) -> Page:
        """Rows of conversations, contacts or tickets updated above `after` and below `before`, both in Unix seconds.

        `born` asks for those created above and below two moments. Raises `UpstreamError`.
        """
        query = [_filter("updated_at", ">", after)]
        query += [_filter("updated_at", "<", before)] if before is not None else []
        query += [_filter("created_at", ">", born[0]), _filter("created_at", "<", born[1])] if born else []
        asked: dict[str, Json] = {
            "query": {"operator": "AND", "value": query},
            "sort": {"field": "updated_at", "order": "descending" if newest_first else "ascending"},
            "pagination": {"per_page": size, **({"starting_after": following} if following else {})},
        }
        return await self._page(f"{stream}_search", asked)

    async def deleted(self, page: int) -> Page:
        """Deleted conversations, the newest deletion first. Raises `UpstreamError`."""
        return await self._page("conversations_deleted", {"order": "desc", "per_page": 60, "page": page})

    async def aclose(self) -> None:
        await self._client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.aclose()

    # One call

    async def _page(self, name: str, arguments: dict[str, Json]) -> Page:
        rows, response = await self._call(name, arguments, HEADS)
        answer = response.extensions["bi_contracts.answer"]
        total, following = dig(answer, "total_count"), dig(answer, "pages.next.starting_after")
        return Page(
            rows,
            int(self.clock.read(response)),
            total if isinstance(total, int) and not isinstance(total, bool) else None,
            following if isinstance(following, str) else "",
        )

    async def _record(self, name: str, arguments: dict[str, Json], lane: int) -> Body:
        rows, response = await self._call(name, arguments, lane)
        return Body(rows[0], int(self.clock.read(response)))

    async def _call(self, name: str, arguments: dict[str, Json], lane: int) -> tuple[list[Json], httpx.Response]:
        """The rows of one answer. Tries again after failures that pass. Raises `UpstreamError` for others."""
        endpoint, tries = self.platform.endpoint(name), 0
        while True:
            await self.pace.take(lane)
            sent = self.pace.now()
            self.calls += 1
            try:
                return await self._answer(endpoint, arguments)
            except RateLimited as refusal:
                self.refused += 1
                self._refused(refusal, sent)
            except (Unreachable, ApiError) as failure:
                tries += 1
                if tries >= TRIES or not _passing(failure):
                    raise
                self.retried += 1
                wait = self._backoff(tries, getattr(failure, "retry_after", None))
                _log.info("%s: %s; again in %.1f s", name, type(failure).__name__, wait)
                await self.sleep(wait)
            finally:
                self.pace.landed()

    async def _answer(self, endpoint: Endpoint, arguments: dict[str, Json]) -> tuple[list[Json], httpx.Response]:
        request = self.platform.request(endpoint, arguments, self._base)
        try:
            response = await self._client.answer(endpoint, request)
        except UpstreamError as failure:
            if failure.said:
                failure.args = (_bounded(str(failure), failure.said),)
            raise
        if isinstance(answer_of(response), str) and is_nested(response.content):
            raise Nested(self.platform.id(endpoint), response, int(self.clock.read(response)))
        rows = self._client.rows(endpoint.name, response)
        self.pace.learn(self.platform.limits.budget(response), self.clock.read(response))
        if SANDBOX_HEADER in response.headers:
            self.source = "sandbox"
        self._bare = self._streak = 0
        return rows, response

    def _refused(self, refusal: RateLimited, sent: float) -> None:
        """Everybody waits: as long as Intercom says, or where that makes no sense as long as makes sense."""
        now = self.pace.now()
        self._bare = self._bare or now
        if now - self._bare > self._patience:
            raise refusal
        told = refusal.retry_after
        if told is not None and 0 < told <= LONGEST_RESET:
            self.pace.pause(told)
        elif sent >= self._resumed:
            # Calls that were in flight together are refused together, and make one wait longer but once.
            self._streak += 1
            self.pace.pause(min(2.0 ** (self._streak - 1), self.pace.window * 3) * (0.5 + self._chance() / 2))
        self._resumed = max(self._resumed, now)
        _log.info("refused with 429; nothing is sent for a while")

    _resumed = 0.0

    def _backoff(self, tries: int, told: float | None) -> float:
        wait = min(0.5 * 2.0 ** (tries - 1), 8.0) * (0.5 + self._chance() / 2)
        return max(wait, told) if told is not None and told <= LONGEST_RESET else wait


class ServerClock:
    """What time it is at Intercom: by the `Date` of its answers (RFC 9110 section 6.6.1), never by ours."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._text, self._read = "", 0.0
        self._at, self._since = 0.0, 0.0

    def read(self, response: httpx.Response) -> float:
        """When an answer was written. One without a date is taken for as late as time has gone on since the last."""
        text = response.headers.get("date", "")
        if text != self._text or not text:
            try:
                self._read = parsedate_to_datetime(text).timestamp()
            except ValueError:
                return self.now()
            self._text = text
            self._at, self._since = self._read, self._clock()
        return self._read

    def now(self) -> float:
        """The time at Intercom now; this machine's before the first answer."""
        return self._at + self._clock() - self._since if self._at else time.time()


_SAID = 120
"""Characters of what Intercom says of an error: whoever wrote to the workspace may be quoted in it."""

_ADDRESS = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+")


def _bounded(message: str, said: str) -> str:
    """An error whose part that Intercom wrote is short, without addresses, and marked as Intercom's."""
    theirs = _ADDRESS.sub("(address)", " ".join(said.split()).replace('"', "'"))
    short = theirs if len(theirs) <= _SAID else f"{theirs[:_SAID]}..."
    return message.replace(f": {said} (HTTP", f': Intercom says "{short}" (HTTP', 1)


def _passing(failure: Exception) -> bool:
    """Whether a failure may pass: no answer, a server that fails, an answer that is not whole."""
    status = getattr(failure, "status", None)
    return isinstance(failure, Unreachable) or status is None or status >= 500 or status in (408, 409, 423, 425)


def _filter(name: str, operator: str, value: int) -> dict[str, Json]:
    return {"field": name, "operator": operator, "value": value}


def _declared(upstream: Upstream) -> Platform:
    if upstream.in_process and "intercom" in upstream.sandbox.platforms:
        return upstream.sandbox.platforms["intercom"]
    from ...registry import platform

    return platform("intercom", upstream.workspace)


def _spoken(upstream: Upstream, platform: Platform, region: str, version: str) -> Platform:
    """The declaration for a region and a version, with the list of deleted conversations that it lacks."""
    place = REGIONS[region] if region and upstream.origin == "live" else platform.base_url
    deleted = Endpoint("conversations_deleted", "/conversations/deleted", records="conversations")
    known = any(endpoint.name == deleted.name for endpoint in platform.endpoints)
    endpoints = platform.endpoints if known else (*platform.endpoints, deleted)
    return replace(platform, version=version or platform.version, base_url=place, endpoints=endpoints)
