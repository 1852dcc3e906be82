"""How a platform says no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import httpx

from ..paths import Json, dig
from ..slots import answer_of


class ErrorKind(StrEnum):
    """What went wrong, whatever the platform calls it."""

    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    BAD_REQUEST = "bad_request"
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"

    @classmethod
    def of(cls, status: int) -> ErrorKind:
        """The kind that an HTTP status means where nothing says more (RFC 9110 section 15, RFC 6585 for 429)."""
        known = {401: cls.UNAUTHORIZED, 403: cls.FORBIDDEN, 404: cls.NOT_FOUND, 429: cls.RATE_LIMITED}
        return known.get(status, cls.SERVER_ERROR if status >= 500 else cls.BAD_REQUEST)


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
        messages: Beginnings of messages that say more than their code does, with their kind; of a whole answer, too,
            where it is no JSON (Salesforce's `Bad_OAuth_Token`).
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
        words = answer if isinstance(answer, str) else message
        if isinstance(answer, str):
            message = f"{message} (the answer is no JSON but {response.headers.get('content-type', 'text')})"
        said = (kind for beginning, kind in self.messages.items() if words.startswith(beginning))
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
        return ErrorKind.of(status)


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
