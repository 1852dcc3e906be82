"""Whether Intercom answers, as whom, with which permissions, how fast, and how much it allows."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

from ....cassette.transport import ELAPSED
from ....client import AsyncClient
from ....dialects import Budget
from ....errors import NotFound, Unauthorized, UpstreamError
from ....interaction import Source
from ....paths import Json, dig
from ..conclusion import bad, warning
from ..context import Context
from ..line import CONNECTION, ENVIRONMENT, Line, Mark
from ..tree import number

SCOPES = (
    ("conversations:read", "conversations_search", True),
    ("contacts:read", "contacts_search", True),
    ("teams:read", "teams", False),
    ("admins:read", "admins", False),
)
"""Permission, what needs it, and whether the procedure does."""

MORE = 3
"""Calls after the others, so that the average rests on several."""

SLOW = 2.0
"""Seconds. A longer average asks to be looked at."""


@dataclass
class Timed:
    """Calls of one client, timed. What is played back takes as long as it took when it was recorded."""

    client: AsyncClient
    seconds: list[float] = field(default_factory=list)
    budget: Budget | None = None

    async def ask(self, name: str, **arguments: Json) -> list[Json]:
        """The rows of one answer. Raises `UpstreamError`."""
        sized = name.endswith("_search")
        started = time.perf_counter()
        try:
            pages = self.client.responses(name, max_pages=1, page_size=1 if sized else None, **arguments)
            rows = [row async for response in pages for row in self.client.rows(name, response)]
        finally:
            took, last = time.perf_counter() - started, self.client.last
            if last is not None:
                self.seconds.append(float(last.extensions.get(ELAPSED, took)))
                self.budget = self.client.platform.limits.budget(last) or self.budget
        return rows


async def run(context: Context) -> None:
    """Raises `UpstreamError` where nobody answers, or not us."""
    upstream = context.testbed.upstream("connection")
    async with upstream.async_client(context.testbed.platform) as client:
        timed = Timed(client)
        (me,) = await timed.ask("me")
        assert client.last is not None
        context.source = _source(context, upstream.source(client.last))
        _named(context, me)
        context.say(_status(context))
        context.say(await _permissions(timed))
        for _ in range(MORE):
            await timed.ask("me")
    context.say(_limits(timed.budget))
    context.say(_times(timed.seconds))


def _source(context: Context, seen: Source) -> Source:
    """Who answered: what a recording says of itself, else what the answers show."""
    made = context.testbed.made
    if made is not None:
        return Source(made.source)
    if context.testbed.mode == "live":
        return Source.LIVE if seen is not Source.SANDBOX else seen
    return seen


def _named(context: Context, me: Any) -> None:
    name, id = dig(me, "app.name") or "no name", dig(me, "app.id_code") or "unknown"
    context.workspace = f"{name} (workspace_id: {id})"
    context.say(Line(ENVIRONMENT, "API Workspace", context.workspace, Mark.PLAIN))


def _status(context: Context) -> Line:
    testbed = context.testbed
    shown = "" if context.source is Source.LIVE else f" to {told_source(testbed.mode, context.source)}"
    return Line(CONNECTION, "Status", f"Connected{shown}", samples=1)


def told_source(mode: str, source: Source) -> str:
    """Who answered, in words: `sandbox`, `replay of a sandbox recording`."""
    if mode == "replay":
        return f"replay of a {source} recording"
    return "an unknown server" if source is Source.UNKNOWN else str(source)


async def _permissions(timed: Timed) -> Line:
    """Each is asked for by using it. Raises `UpstreamError` for what is no refusal."""
    have, lack = [], []
    for scope, name, needed in SCOPES:
        try:
            await timed.ask(name)
            have.append(scope)
        except (Unauthorized, NotFound):
            lack.append((scope, needed))
        except UpstreamError:
            if needed:
                raise
            lack.append((scope, needed))
    text = ", ".join(have) or "none"
    missing = ", ".join(scope for scope, _ in lack)
    if any(needed for _, needed in lack):
        return bad(CONNECTION, "Permissions", f"{text}; missing: {missing}", "scope", samples=len(SCOPES))
    note = f" (optional, not given: {missing})" if missing else ""
    return Line(CONNECTION, "Permissions", f"{text}{note}", samples=len(SCOPES))


def _limits(budget: Budget | None) -> Line:
    if budget is None:
        return warning(CONNECTION, "Rate Limits", "not stated by the API", "rate limited")
    share = budget.remaining / budget.limit if budget.limit else 0.0
    text = f"{budget.remaining:,} of {budget.limit:,} calls remaining in this window"
    figures = {"limit": float(budget.limit), "remaining": float(budget.remaining)}
    if share < 0.1:
        return warning(CONNECTION, "Rate Limits", text, "rate limited", figures=figures)
    return Line(CONNECTION, "Rate Limits", text, figures=figures)


def _times(seconds: list[float]) -> Line:
    average = fmean(seconds)
    text = f"{number(round(average * 1000, 1))}ms average of {len(seconds)} calls"
    figures = {"average_ms": average * 1000, "slowest_ms": max(seconds) * 1000}
    if average > SLOW:
        return warning(CONNECTION, "Response Time", text, "slow answers", figures=figures, samples=len(seconds))
    return Line(CONNECTION, "Response Time", text, figures=figures, samples=len(seconds))
