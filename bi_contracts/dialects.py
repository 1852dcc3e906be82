"""How a platform says no, and how it says slow down: as data, read both ways."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from enum import StrEnum
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
        body: JSON body; `{message}` and `{code}` in its strings are filled in.
        code: The platform's own error code.
        message: The platform's own words in brief, used where nobody says more.
    """

    status: int
    body: Json
    code: str = ""
    message: str = ""

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
    """

    shapes: Mapping[ErrorKind, ErrorShape]
    code: str = ""
    message: str = "message"
    failed: str = ""
    failed_is: Json = ...
    codes: Mapping[str, ErrorKind] = field(default_factory=dict)
    messages: Mapping[str, ErrorKind] = field(default_factory=dict)

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
        kind = next(said, None) or self._kind(response.status_code, code)
        return Problem(kind, response.status_code, code, message)

    def _failed(self, answer: Json) -> bool:
        if not self.failed:
            return False
        mark = dig(answer, self.failed)
        return bool(mark) if self.failed_is is ... else mark == self.failed_is

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

Figure = Literal["limit", "remaining", "reset_seconds", "reset_milliseconds"]
"""What a rate-limit header holds; the resets are Unix times."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What is left of a rate limit. `reset` is a Unix time in seconds."""

    limit: int
    remaining: int
    reset: float


@dataclass(frozen=True, slots=True)
class RateDialect:
    """How a platform limits requests.

    Attributes:
        limit: Requests a window.
        window: Length of the window in seconds.
        per: What is counted by itself: the whole platform, or each path.
        headers: Header name -> the figure it holds, on every answer.
        retry_after: True where a refusal carries `Retry-After` (RFC 9110 section 10.2.3).
    """

    limit: int
    window: float
    per: Literal["platform", "path"] = "platform"
    headers: Mapping[str, Figure] = field(default_factory=dict)
    retry_after: bool = True

    def render(self, budget: Budget, now: float, *, refused: bool) -> dict[str, str]:
        """The headers that say this budget."""
        figures: dict[Figure, int] = {
            "limit": budget.limit,
            "remaining": budget.remaining,
            "reset_seconds": round(budget.reset),
            "reset_milliseconds": round(budget.reset * 1000),
        }
        found = {name: str(figures[figure]) for name, figure in self.headers.items()}
        if refused and self.retry_after:
            found["retry-after"] = str(max(1, round(budget.reset - now)))
        return found

    def budget(self, response: httpx.Response) -> Budget | None:
        """The budget that an answer states, None where it states none that can be read."""
        read: dict[str, float] = {}
        for name, figure in self.headers.items():
            value = response.headers.get(name, "")
            if value.isdigit():
                read[figure] = int(value)
        reset = read.get("reset_seconds", read.get("reset_milliseconds", 0) / 1000)
        if "remaining" not in read:
            return None
        return Budget(int(read.get("limit", self.limit)), int(read["remaining"]), reset)

    def wait(self, response: httpx.Response, now: float | None = None) -> float | None:
        """Seconds to wait after a refusal: `Retry-After` as seconds or HTTP date, else the stated reset."""
        now = time.time() if now is None else now
        value = response.headers.get("retry-after", "").strip()
        if value:
            return _delay(value, now)
        budget = self.budget(response)
        return max(0.0, budget.reset - now) if budget and budget.reset else None


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
