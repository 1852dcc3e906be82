"""How a platform says slow down."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from fnmatch import fnmatchcase
from functools import cache
from math import ceil
from typing import Literal

import httpx

from .errors import ErrorShape


@dataclass(frozen=True, slots=True)
class Budget:
    """What is left of a rate limit. `reset` is a Unix time in seconds, 0 where an answer does not say."""

    limit: int
    remaining: int
    reset: float


@dataclass(frozen=True, slots=True)
class Quota:
    """One rate limit.

    Attributes:
        name: What tells it from the platform's others: `daily`, `complexity`.
        limit: Requests, or points, a window.
        window: Length of the window in seconds.
        per: What is counted by itself: the whole platform, or each path.
        counts: What is counted. Points are what an answer says that it cost (`RateDialect.points`).
        headers: Header name -> the figure it holds, or a template of figures: `api-usage={used}/{limit}`. Figures are
            `limit`, `remaining`, `used`; `reset_seconds` and `reset_milliseconds`, which are Unix times; `reset_in`,
            seconds that count down; `window_seconds` and `window_milliseconds`.
        endpoints: Names, or globs, of the endpoints it holds for; all where there are none.
        refusal: How a refusal for its sake is written, where it differs from the platform's usual one.
    """

    name: str
    limit: int
    window: float
    per: Literal["platform", "path"] = "platform"
    counts: Literal["requests", "points"] = "requests"
    headers: Mapping[str, str] = field(default_factory=dict)
    endpoints: tuple[str, ...] = ()
    refusal: ErrorShape | None = None

    def concerns(self, endpoint: str) -> bool:
        """Whether the limit holds for an endpoint."""
        return not self.endpoints or any(fnmatchcase(endpoint, pattern) for pattern in self.endpoints)

    def render(self, budget: Budget, now: float) -> dict[str, str]:
        """The headers that say this budget."""
        figures = {
            "limit": budget.limit,
            "remaining": budget.remaining,
            "used": budget.limit - budget.remaining,
            "reset_seconds": ceil(budget.reset),
            "reset_milliseconds": round(budget.reset * 1000),
            "reset_in": max(0, ceil(budget.reset - now)),
            "window_seconds": round(self.window),
            "window_milliseconds": round(self.window * 1000),
        }
        return {name: _template(said).format_map(figures) for name, said in self.headers.items()}

    def length(self, response: httpx.Response) -> float | None:
        """The length of the window in seconds that an answer states, None where it states none."""
        read = self._figures(response)
        if "window_seconds" in read:
            return float(read["window_seconds"])
        return read["window_milliseconds"] / 1000 if "window_milliseconds" in read else None

    def _figures(self, response: httpx.Response) -> dict[str, int]:
        read: dict[str, int] = {}
        for name, said in self.headers.items():
            found = _pattern(said).fullmatch(response.headers.get(name, ""))
            read |= {figure: int(value) for figure, value in found.groupdict().items()} if found else {}
        return read

    def budget(self, response: httpx.Response, now: float = 0.0) -> Budget | None:
        """The budget that an answer states, None where it states none that can be read."""
        read = self._figures(response)
        limit = read.get("limit", self.limit)
        if "remaining" not in read and "used" not in read:
            return None
        reset = read.get("reset_seconds", read.get("reset_milliseconds", 0) / 1000)
        if not reset and "reset_in" in read:
            reset = now + read["reset_in"]
        return Budget(limit, read["remaining"] if "remaining" in read else max(0, limit - read["used"]), reset)


def _template(said: str) -> str:
    return said if "{" in said else f"{{{said}}}"


@cache
def _pattern(said: str) -> re.Pattern[str]:
    """What reads the figures of a header back."""
    parts = re.split(r"{(\w+)}", _template(said))
    return re.compile("".join(f"(?P<{part}>[0-9]+)" if odd % 2 else re.escape(part) for odd, part in enumerate(parts)))


@dataclass(frozen=True, slots=True)
class RateDialect:
    """How a platform limits requests. The first limit stands here, further ones that hold beside it in `quotas`.

    Attributes:
        limit: Requests a window.
        window: Length of the window in seconds.
        per: What is counted by itself: the whole platform, or each path.
        headers: As in `Quota`, on every answer.
        retry_after: True where a refusal carries `Retry-After` (RFC 9110 section 10.2.3).
        quotas: Further limits: a day's requests beside a second's, points beside requests.
        tiers: Endpoint name, or glob -> another first limit for those endpoints, in the same window.
        points: The answer's header that says how many points it cost, "" where nothing is counted in points.
        anonymous: False where a request that is not authenticated is told nothing about limits.
    """

    limit: int
    window: float
    per: Literal["platform", "path"] = "platform"
    headers: Mapping[str, str] = field(default_factory=dict)
    retry_after: bool = True
    quotas: tuple[Quota, ...] = ()
    tiers: Mapping[str, int] = field(default_factory=dict)
    points: str = ""
    anonymous: bool = True

    def all_for(self, endpoint: str) -> tuple[Quota, ...]:
        """Every limit that holds for an endpoint, the first one first."""
        limit = next((limit for name, limit in self.tiers.items() if fnmatchcase(endpoint, name)), self.limit)
        first = Quota("", limit, self.window, self.per, headers=self.headers)
        return (first, *(quota for quota in self.quotas if quota.concerns(endpoint)))

    def render(self, budget: Budget, now: float, *, refused: bool) -> dict[str, str]:
        """The headers that say this budget of the first limit."""
        found = self.all_for("")[0].render(budget, now)
        return found | (self.refusal(budget, now) if refused else {})

    def refusal(self, budget: Budget, now: float) -> dict[str, str]:
        """What a refusal adds: when to come back, where the platform says it."""
        return {"retry-after": str(max(1, ceil(budget.reset - now)))} if self.retry_after else {}

    def budget(self, response: httpx.Response, now: float = 0.0) -> Budget | None:
        """The budget that an answer states, the one with least left of several; None where it states none."""
        return min(self._stated(response, now), key=lambda budget: budget.remaining, default=None)

    def _stated(self, response: httpx.Response, now: float) -> list[Budget]:
        found = (quota.budget(response, now) for quota in (*self.all_for("")[:1], *self.quotas))
        return [budget for budget in found if budget is not None]

    def wait(self, response: httpx.Response, now: float | None = None) -> float | None:
        """Seconds to wait after a refusal: `Retry-After` as seconds or HTTP date, else the stated reset.

        Where an answer states neither and yet how long a window is, no wait need be longer. Times are compared with
        the platform's own clock, its `Date` header (RFC 9110 section 6.6.1), where an answer has one.
        """
        now = _clock(response) if now is None else now
        value = response.headers.get("retry-after", "").strip()
        if value:
            return _delay(value, now)
        stated = [budget for budget in self._stated(response, now) if budget.reset]
        spent = [budget for budget in stated if not budget.remaining] or stated[:1]
        return max((max(0.0, budget.reset - now) for budget in spent), default=self.all_for("")[0].length(response))


def _clock(response: httpx.Response) -> float:
    try:
        return parsedate_to_datetime(response.headers["date"]).timestamp()
    except (KeyError, ValueError):
        return time.time()


def _delay(value: str, now: float) -> float | None:
    try:
        return max(0.0, float(value))
    except ValueError:
        try:
            return max(0.0, parsedate_to_datetime(value).timestamp() - now)
        except ValueError:
            return None
