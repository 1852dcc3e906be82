"""What goes over the wire during a sync, seen from the client's own transport: requests, bytes, waiting, budgets."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from ...platform import Platform
from ...session import Upstream

CONNECTIONS = 100
"""Kept open at most: more than a sync has requests in flight."""

_ID = re.compile(r"/(?:[0-9][0-9a-z_-]*|[0-9a-f]{8,}[0-9a-f-]*)(?=/|$)")


@dataclass(frozen=True, slots=True)
class Call:
    """One request and its answer.

    Attributes:
        what: Method and path, `{id}` in the place of ids.
        start: Seconds since the watching began.
        elapsed: Seconds until the answer was read whole, or until there was none.
        status: HTTP status, 0 where there was no answer.
        sent: Bytes of the request's body.
        received: Bytes of the answer's body, as they came over the wire.
        remaining: What was left of the rate limit, None where that was not said.
        steps: Seconds that parts of it took: `connect`, `tls`, `ttfb`; empty where no network was there.
    """

    what: str
    start: float
    elapsed: float
    status: int
    sent: int
    received: int
    remaining: int | None = None
    steps: dict[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class Traffic:
    """All requests of a sync. `flying` are on their way now, `most` the most that ever were."""

    clock: Callable[[], float] = time.perf_counter
    calls: list[Call] = field(default_factory=list)
    begun: float | None = None
    flying: int = 0
    most: int = 0
    busy: float = 0.0
    _since: float = 0.0

    def enter(self) -> float:
        """A request leaves. Gives the moment."""
        now = self.clock()
        self.begun = now if self.begun is None else self.begun
        if not self.flying:
            self._since = now
        self.flying += 1
        self.most = max(self.most, self.flying)
        return now

    def leave(self, call: Call) -> None:
        """Its answer was read. `busy` is the time in which any request was on its way."""
        self.flying -= 1
        self.calls.append(call)
        if not self.flying:
            self.busy += self.clock() - self._since

    def since(self, moment: float) -> float:
        """Seconds from the first request to a moment."""
        return moment - (self.begun if self.begun is not None else moment)

    @property
    def refused(self) -> int:
        """Answers 429."""
        return sum(call.status == 429 for call in self.calls)

    @property
    def failed(self) -> int:
        """Requests without an answer, and answers 5xx."""
        return sum(call.status == 0 or call.status >= 500 for call in self.calls)

    @property
    def sent(self) -> int:
        return sum(call.sent for call in self.calls)

    @property
    def received(self) -> int:
        return sum(call.received for call in self.calls)

    @property
    def by_endpoint(self) -> dict[str, int]:
        """Requests of each kind, the most frequent first."""
        return dict(Counter(call.what for call in self.calls).most_common())


class Watching(httpx.MockTransport):
    """A transport that notes what passes through another one; of a kind that `Upstream` hands out."""

    def __init__(self, inner: httpx.AsyncBaseTransport, traffic: Traffic) -> None:
        super().__init__(self._pass)
        self._inner, self._traffic = inner, traffic

    async def _pass(self, request: httpx.Request) -> httpx.Response:
        start, traced = self._traffic.enter(), Steps(self._traffic.clock)
        request.extensions = {**request.extensions, "trace": traced.note}
        status, received, remaining = 0, 0, None
        try:
            response = await self._inner.handle_async_request(request)
            response.request = request
            await response.aread()
            status, remaining = response.status_code, _remaining(response)
            received = response.num_bytes_downloaded or len(response.content)
            return response
        finally:
            what = f"{request.method} {_ID.sub('/{id}', request.url.path)}"
            elapsed, begun = self._traffic.clock() - start, self._traffic.since(start)
            sent = len(request.content)
            self._traffic.leave(Call(what, begun, elapsed, status, sent, received, remaining, traced.seconds(start)))

    async def aclose(self) -> None:
        await self._inner.aclose()


class Steps:
    """The steps of a request as httpcore tells them. Source: httpcore's documentation of the trace extension."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._at: dict[str, float] = {}

    async def note(self, event: str, _info: Any) -> None:
        """Called by httpcore."""
        self._at[event.partition(".")[2]] = self._clock()

    def seconds(self, start: float) -> dict[str, float]:
        """What is known of `connect`, `tls` and `ttfb` (first byte of the answer, from the start)."""
        found = {}
        for name, step in (("connect", "connect_tcp"), ("tls", "start_tls")):
            if f"{step}.complete" in self._at:
                found[name] = self._at[f"{step}.complete"] - self._at[f"{step}.started"]
        if "receive_response_headers.complete" in self._at:
            found["ttfb"] = self._at["receive_response_headers.complete"] - start
        return found


@dataclass(frozen=True)
class WatchedUpstream(Upstream):
    """An upstream whose traffic is noted. Make it with `watched`."""

    traffic: Traffic = field(default_factory=Traffic)

    def transport(self, platform: Platform, *, waits: bool = False) -> httpx.MockTransport:  # noqa: ARG002
        """What carries requests, and notes them. For asynchronous clients only."""
        return Watching(super().transport(platform) or network(), self.traffic)


def watched(upstream: Upstream) -> WatchedUpstream:
    """The same upstream with its traffic noted."""
    given = upstream.sandbox if upstream.in_process else upstream.given
    return WatchedUpstream(upstream.workspace, upstream.origin, given, upstream.patience)


def network() -> httpx.AsyncBaseTransport:
    """The network as a sync's client has it: many connections, or through the proxy of the environment."""
    from ...cassette.tls import shared_ssl_context
    from ...connections import Connections, proxied

    if not proxied():
        return Connections(shared_ssl_context())
    from urllib.request import getproxies

    limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
    return httpx.AsyncHTTPTransport(verify=shared_ssl_context(), proxy=getproxies().get("https"), limits=limits)


def _remaining(response: httpx.Response) -> int | None:
    said = response.headers.get("x-ratelimit-remaining", "")
    return int(said) if said.isdecimal() else None
