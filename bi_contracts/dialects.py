"""How a platform says no, and how it says slow down: as data, read both ways."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cache
from math import ceil
from typing import Literal

import httpx

from .paths import Json, dig
from .slots import answer_of


class ErrorKind(StrEnum):
    """What went wrong, whatever the platform calls it."""

    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    BAD_REQUEST = "bad_request"
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"


@dataclass(frozen=True, slots=True)
class ErrorShape:
    """One error as the platform writes it.

    Attributes:
        status: HTTP status.
        body: JSON body; `{message}` and `{code}` in its strings are filled in, and `{request_id}` by the sandbox.
        code: The platform's own error code.
        message: The platform's own words in brief, used where nobody says more.
        headers: What stands in the headers beside it, such as `WWW-Authenticate`.
    """

    status: int
    body: Json
    code: str = ""
    message: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def render(self, message: str = "") -> tuple[int, Json]:
        """Status and body as the platform would answer."""
        return self.status, _fill(self.body, {"message": message or self.message, "code": self.code})


@dataclass(frozen=True, slots=True)
class Problem:
    """An error response, understood. `retry_after` is in seconds."""

    kind: ErrorKind
    status: int
    code: str
    message: str
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class ErrorDialect:
    """How errors look.

    Attributes:
        shapes: One shape a kind, for the sandbox to answer and the client to recognise.
        code: Dotted path of the error code in a body.
        message: Dotted path of the words in a body.
        failed: Dotted path that marks a failure inside a success status...
        failed_is: ...when it holds this value; `...` (Ellipsis) means any non-empty value.
        codes: Further codes that a client may meet, with their kind.
        messages: Beginnings of messages that say more than their code does, with their kind.
        places: Endings of request paths where a refusal is of that kind, whatever its status (Looker's login: 404).
        wrong_method: What a known path answers to a method that it does not take, None where that is not-found.
        unknown_path: What a path that nobody knows answers, None where that is not-found.
        unreadable: What a body that is no JSON is answered, None where that is a bad request like others.
        statuses: HTTP status -> how it is written, where that is not the way of its kind (409, 503, 529).
    """

    shapes: Mapping[ErrorKind, ErrorShape]
    code: str = ""
    message: str = "message"
    failed: str = ""
    failed_is: Json = ...
    codes: Mapping[str, ErrorKind] = field(default_factory=dict)
    messages: Mapping[str, ErrorKind] = field(default_factory=dict)
    places: Mapping[str, ErrorKind] = field(default_factory=dict)
    wrong_method: ErrorShape | None = None
    unknown_path: ErrorShape | None = None
    unreadable: ErrorShape | None = None
    statuses: Mapping[int, ErrorShape] = field(default_factory=dict)

    def render(self, kind: ErrorKind, message: str = "") -> tuple[int, Json]:
        """Status and body as the platform would answer."""
        return self.shapes[kind].render(message)

    def recognise(self, response: httpx.Response) -> Problem | None:
        """The problem that a response reports, None where it reports none. The response must have been read."""
        answer = answer_of(response)
        if response.is_success and not self._failed(answer):
            return None
        code = str(dig(answer, self.code) or "") if self.code else ""
        message = dig(answer, self.message)
        if not isinstance(message, str):
            message = response.reason_phrase or f"HTTP {response.status_code}"
        if isinstance(answer, str):
            message = f"{message} (the answer is no JSON but {response.headers.get('content-type', 'text')})"
        said = (kind for beginning, kind in self.messages.items() if message.startswith(beginning))
        kind = next(said, None) or self._of_place(response) or self._kind(response.status_code, code)
        return Problem(kind, response.status_code, code, message)

    def _failed(self, answer: Json) -> bool:
        if not self.failed:
            return False
        mark = dig(answer, self.failed)
        return bool(mark) if self.failed_is is ... else mark == self.failed_is

    def _of_place(self, response: httpx.Response) -> ErrorKind | None:
        """The kind of every refusal at the place that was asked; never of a rate limit or a broken server."""
        if not self.places or response.status_code == httpx.codes.TOO_MANY_REQUESTS or response.status_code >= 500:
            return None
        try:
            path = response.request.url.path
        except RuntimeError:  # a response that nobody asked for: one out of a test
            return None
        return next((kind for ending, kind in self.places.items() if path.endswith(ending)), None)

    def _kind(self, status: int, code: str) -> ErrorKind:
        if code:
            if code in self.codes:
                return self.codes[code]
            named = [kind for kind, shape in self.shapes.items() if shape.code == code]
            exact = [kind for kind in named if self.shapes[kind].status == status]
            if exact or named:
                return (exact or named)[0]
        return _BY_STATUS.get(status, ErrorKind.SERVER_ERROR if status >= 500 else ErrorKind.BAD_REQUEST)


_BY_STATUS = {
    401: ErrorKind.UNAUTHORIZED,
    403: ErrorKind.FORBIDDEN,
    404: ErrorKind.NOT_FOUND,
    429: ErrorKind.RATE_LIMITED,
}

Figure = Literal[
    "limit",
    "remaining",
    "used",
    "reset_seconds",
    "reset_milliseconds",
    "reset_in",
    "window_seconds",
    "window_milliseconds",
]
"""What a rate-limit header holds: `reset_seconds` and `reset_milliseconds` are Unix times, `reset_in` counts down."""


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
        headers: Header name -> the figure it holds, or a template of figures: `api-usage={used}/{limit}`.
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
        headers: Header name -> the figure it holds, or a template of figures, on every answer.
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

        Where an answer states neither and yet how long a window is, no wait need be longer.
        """
        now = time.time() if now is None else now
        value = response.headers.get("retry-after", "").strip()
        if value:
            return _delay(value, now)
        stated = [budget for budget in self._stated(response, now) if budget.reset]
        spent = [budget for budget in stated if not budget.remaining] or stated[:1]
        return max((max(0.0, budget.reset - now) for budget in spent), default=self.all_for("")[0].length(response))


def _delay(value: str, now: float) -> float | None:
    try:
        return max(0.0, float(value))
    except ValueError:
        try:
            return max(0.0, parsedate_to_datetime(value).timestamp() - now)
        except ValueError:
            return None


def _fill(template: Json, words: Mapping[str, str]) -> Json:
    match template:
        case str():
            for name, word in words.items():
                template = template.replace(f"{{{name}}}", word)
            return template
        case Mapping():
            return {name: _fill(value, words) for name, value in template.items()}
        case list() | tuple():
            return [_fill(value, words) for value in template]
    return template
