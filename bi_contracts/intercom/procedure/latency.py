"""How fast the API answers: the same few reads again and again, one after the other, endpoint by endpoint."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ...client import AsyncClient
from ...errors import NotFound
from ...paths import dig
from ...registry import platform as declared
from ...session import Upstream
from .figures import Spread
from .line import Mark
from .result import Result, Row, Section
from .traffic import Call, Traffic, watched

NEW_CONNECTIONS = 3
"""Calls that open a connection of their own: what connecting costs shows in no other."""

SLOW = 500.0
"""Milliseconds at the 95th percentile from which on an endpoint is called slow; the seed's own report shows 145."""

NEWEST = {"query": {"field": "updated_at", "operator": ">", "value": 0}, "pagination": {"per_page": 5}}


async def measure(upstream: Upstream, calls: int) -> Result:
    """Asks each endpoint so often. Raises `UpstreamError` where nobody answers, `CredentialsMissing`."""
    seen, platform = watched(upstream), declared("intercom", upstream.workspace)
    for _ in range(NEW_CONNECTIONS):
        async with seen.async_client(platform) as client:
            await client.identity()
    opened = list(seen.traffic.calls)
    seen.traffic.calls.clear()
    async with seen.async_client(platform) as client:
        await client.identity()
        seen.traffic.calls.clear()
        await _ask(client, calls)
        source = "live" if upstream.origin == "live" else upstream.mode.value
        if client.last is not None:
            source = upstream.source(client.last).value
    return result(seen.traffic, opened, source)


async def _ask(client: AsyncClient, calls: int) -> None:
    found: list[Any] = []
    for _ in range(calls):
        await client.identity()
        async for page in client.responses("conversations_search", page_size=0, max_pages=1, **NEWEST):
            found = found or client.rows("conversations_search", page)
    ids = [id for row in found if (id := dig(row, "id")) is not None]
    for number in range(calls if ids else 0):
        try:
            await client.record("conversation", id=ids[number % len(ids)])
        except NotFound:  # deleted since it was listed: an answer all the same
            continue


def result(traffic: Traffic, opened: Sequence[Call], source: str) -> Result:
    """What the calls show."""
    kinds = list(traffic.by_endpoint)
    endpoints = [_section(kind, [call for call in traffic.calls if call.what == kind]) for kind in sorted(kinds)]
    slow = [one.title for one in endpoints if any(row.mark is Mark.WARNING for row in one.rows)]
    advice = (
        "Check the network between here and Intercom: a workspace in the EU or in Australia answers from there",
        "See whether Intercom is in order: https://www.intercomstatus.com",
    )
    data = {"endpoints": {one.title: _spread(traffic.calls, one.title).as_dict() for one in endpoints}}
    sections = (_connecting([*opened, *traffic.calls]), *endpoints)
    return Result("latency", "API latency", source, sections, advice if slow else (), data)


def _section(kind: str, calls: Sequence[Call]) -> Section:
    whole, first = _spread(calls, kind), Spread.of(1000 * call.steps["ttfb"] for call in calls if "ttfb" in call.steps)
    mark = Mark.WARNING if whole.p95 >= SLOW else Mark.GOOD
    rows = [
        Row("Answered", whole.n, "calls", note=_statuses(calls)),
        Row("p50", whole.p50, "ms", key=f"{_key(kind)}_p50_ms"),
        Row("p95", whole.p95, "ms", mark, f"<{SLOW:g} ms", key=f"{_key(kind)}_p95_ms"),
        Row("p99", whole.p99, "ms", key=f"{_key(kind)}_p99_ms"),
    ]
    if first.n:
        rows.append(Row("First byte, p50", first.p50, "ms"))
    return Section(kind, tuple(rows))


def _connecting(calls: Iterable[Call]) -> Section:
    known = [call.steps for call in calls]
    rows = [_step(name, [steps[name] for steps in known if name in steps]) for name in ("connect", "tls")]
    return Section("New connections", tuple(rows))


def _step(name: str, seconds: Sequence[float]) -> Row:
    words = {"connect": "TCP connect", "tls": "TLS handshake"}[name]
    if not seconds:
        return Row(words, "none: in this process, or in the clear" if name == "tls" else "none: in this process")
    return Row(words, Spread.of(seconds).times(1000).p50, "ms", note=f"p50 of {len(seconds)}", key=f"{name}_p50_ms")


def _spread(calls: Iterable[Call], kind: str) -> Spread:
    return Spread.of(1000 * call.elapsed for call in calls if call.what == kind)


def _statuses(calls: Sequence[Call]) -> str:
    bad = [call for call in calls if not 200 <= call.status < 300]
    return f"{len(bad)} of them no success" if bad else "all of them successes"


def _key(kind: str) -> str:
    return kind.partition(" ")[2].strip("/").replace("/{id}", "_item").replace("/", "_")
