"""What can be made to go wrong, as values, and as the text that asks for it.

One clause or several with `;` between them:

    status=503              that status, in the platform's own words
    not-found               any kind of error, as the platform writes it (unauthorized, forbidden, bad-request,
                            rate-limit, server-error)
    rate-limit; retry-after=2         refuse, and say when to come back: in seconds...
    rate-limit; retry-after-date=2    ...or as an HTTP date
    latency=0.2             answer later
    timeout                 no answer at all
    reset                   the connection breaks in the middle of the answer
    truncate                half of the body
    html                    an error page in place of JSON; with status=..., of that status
    content-type=text/plain
    loop                    hand out the page token that came in
    gzip                    a compressed body
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from email.utils import formatdate
from fnmatch import fnmatchcase
from typing import Any

from ..dialects import ErrorKind
from ..errors import ConfigurationError

HEADER = "x-bi-fault"


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to fail; several may come together.

    Attributes:
        status: HTTP status to answer, 0 for the usual one.
        kind: Error to answer in the platform's own words.
        retry_after: Seconds in `Retry-After`.
        as_date: True where `Retry-After` is an HTTP date.
        latency: Seconds to wait before the answer.
        timeout: No answer.
        reset: A broken connection.
        truncate: Half of the body.
        html: An HTML page in place of the body.
        content_type: Another content type.
        loop: The page token that came in goes out again.
        gzip: A compressed body.
    """

    status: int = 0
    kind: ErrorKind | None = None
    retry_after: float | None = None
    as_date: bool = False
    latency: float = 0.0
    timeout: bool = False
    reset: bool = False
    truncate: bool = False
    html: bool = False
    content_type: str = ""
    loop: bool = False
    gzip: bool = False

    @classmethod
    def parse(cls, text: str) -> Fault:
        """A fault from its text. Raises `ConfigurationError` naming the word that is not understood."""
        fault = cls()
        for clause in filter(None, (part.strip() for part in text.split(";"))):
            fault = _with(fault, clause)
        if fault == cls():
            raise ConfigurationError(f"fault {text!r} says nothing; known are {', '.join(KNOWN)}")
        return fault

    @property
    def failing(self) -> bool:
        """True where the answer is an error in place of data."""
        return self.kind is not None or self.status != 0

    def refusal(self, now: float) -> list[tuple[str, str]]:
        """The `Retry-After` header (RFC 9110 section 10.2.3), where one is asked for."""
        if self.retry_after is None:
            return []
        seconds = f"{self.retry_after:g}"
        return [("retry-after", formatdate(now + self.retry_after, usegmt=True) if self.as_date else seconds)]


def _with(fault: Fault, clause: str) -> Fault:
    name, given, value = (part.strip() for part in clause.partition("="))
    word = name.lower().replace("_", "-")
    if not given and word in _FLAGS:
        return _flagged(fault, word)
    if not given and word in _KINDS:
        return replace(fault, kind=_KINDS[word])
    match word if given else "":
        case "status":
            return replace(fault, status=int(_number(clause, value, 200, 599)))
        case "latency":
            return replace(fault, latency=_number(clause, value, 0, 600))
        case "retry-after" | "retry-after-date":
            seconds = _number(clause, value, 0, 86_400)
            return replace(fault, retry_after=seconds, as_date=word == "retry-after-date")
        case "content-type" if value.isascii() and value.isprintable() and value:
            return replace(fault, content_type=value)
    raise ConfigurationError(f"fault {clause!r} is not understood; known are {', '.join(KNOWN)}")


def _flagged(fault: Fault, word: str) -> Fault:
    flags: dict[str, Any] = {word: True}
    return replace(fault, **flags)


def _number(clause: str, value: str, low: float, high: float) -> float:
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    if not low <= number <= high:
        raise ConfigurationError(f"fault {clause!r}: a number from {low:g} to {high:g} is wanted")
    return number


_FLAGS = ("timeout", "reset", "truncate", "html", "loop", "gzip")
_KINDS = {kind.value.replace("_", "-"): kind for kind in ErrorKind} | {"rate-limit": ErrorKind.RATE_LIMITED}
KNOWN = ("status=N", "latency=S", "retry-after=S", "retry-after-date=S", "content-type=T", *_FLAGS, *_KINDS)


@dataclass(slots=True)
class Rule:
    """A fault that waits for requests. `times` is how often it still strikes, None for always."""

    platform: str
    endpoint: str
    fault: Fault
    text: str
    times: int | None = 1

    def strikes(self, platform: str, endpoint: str) -> bool:
        return fnmatchcase(platform, self.platform) and fnmatchcase(endpoint, self.endpoint)


class Faults:
    """The faults that are set, in the order they were set."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []

    def add(self, rule: Rule) -> None:
        self.rules.append(rule)

    def clear(self) -> None:
        self.rules.clear()

    def strike(self, platform: str, endpoint: str) -> Fault | None:
        """The first fault that meets this request, counted."""
        for rule in self.rules:
            if rule.strikes(platform, endpoint):
                if rule.times is not None:
                    rule.times -= 1
                    self.rules = [kept for kept in self.rules if kept.times is None or kept.times > 0]
                return rule.fault
        return None
