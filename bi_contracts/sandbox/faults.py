"""What can be made to go wrong, as values, and as the text that asks for it.

One clause or several with `;` between them:

    status=503              that status, in the platform's own words
    not-found               any kind of error, as the platform writes it (unauthorized, forbidden, bad-request,
                            rate-limit, server-error; missing-scope is forbidden)
    storm=5                 refuse this request and the next four as one too many
    share=0.3               strike that share of the requests, the same ones for the same seed
    rate-limit; retry-after=2         refuse, and say when to come back: in seconds...
    rate-limit; retry-after-date=2    ...or as an HTTP date
    rate-limit; reset=none            refuse without a word of when; reset=past and reset=absurd say an hour ago, or
                            the year 9999
    latency=0.2             answer later: by a figure, by 0.05..0.4 or by lognormal:MEDIAN,P99
    timeout                 no answer at all
    reset                   the connection breaks in the middle of the answer
    truncate                half of the body
    empty                   no body at all, whatever the status
    malformed               a body that is no JSON
    html                    an error page in place of JSON; with status=..., of that status
    content-type=text/plain
    gzip                    a compressed body
    chunked, chunked=7      a body in many small pieces, of so many bytes
    loop                    every later page names itself as the next one
    duplicate               one later page is given twice
    shuffle                 the rows of each page stand in another order
    page-drift=2            so many rows appear at the head of the list between two pages; they go where negative
    index-lag=30            lists and searches do not show what was written in the last so many seconds
    clock-skew=-90          Date and the resets of rate limits are off by so many seconds

A rule says where and how often, too: `slack/*: rate-limit; retry-after=1 x3`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields, replace
from email.utils import formatdate
from fnmatch import fnmatchcase
from threading import Lock
from typing import Any

from ..dialects import ErrorKind
from ..errors import ConfigurationError
from .clock import LATEST
from .keys import mix, salt
from .latency import Latency

HEADER = "x-bi-fault"
PIECE = 16
"""Bytes in a piece of a chunked body, unless another size is asked for."""


MARKS_KEPT = 10_000
"""Pages that are remembered to have come twice."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to fail; several may come together.

    Attributes:
        status: HTTP status to answer, 0 for the usual one.
        kind: Error to answer in the platform's own words.
        storm: How many requests it refuses, 0 for as many as the rule says.
        share: Share of the requests that it strikes.
        retry_after: Seconds in `Retry-After`.
        as_date: True where `Retry-After` is an HTTP date.
        limit_reset: When a refusal says that its window ends: `none`, `past` or `absurd`, "" for the truth.
        latency: Seconds to wait before the answer.
        timeout: No answer.
        reset: A broken connection.
        truncate: Half of the body.
        empty: No body.
        malformed: A body that does not parse.
        html: An HTML page in place of the body.
        content_type: Another content type.
        gzip: A compressed body.
        chunked: Bytes in a piece of the body, 0 for a body in one piece.
        loop: The page token that came in goes out again.
        duplicate: The same, once for each token.
        shuffle: The rows of a page in another order.
        page_drift: Rows that appear (or go) at the head of a list between two pages.
        index_lag: Seconds after which lists show what was written.
        clock_skew: Seconds that the platform's clock is ahead of the sandbox's.
    """

    status: int = 0
    kind: ErrorKind | None = None
    storm: int = 0
    share: float = 1.0
    retry_after: float | None = None
    as_date: bool = False
    limit_reset: str = ""
    latency: Latency | None = None
    timeout: bool = False
    reset: bool = False
    truncate: bool = False
    empty: bool = False
    malformed: bool = False
    html: bool = False
    content_type: str = ""
    gzip: bool = False
    chunked: int = 0
    loop: bool = False
    duplicate: bool = False
    shuffle: bool = False
    page_drift: int = 0
    index_lag: float = 0.0
    clock_skew: float = 0.0

    @classmethod
    def parse(cls, text: str) -> Fault:
        """A fault from its text. Raises `ConfigurationError` naming the word that is not understood."""
        fault = cls()
        for clause in filter(None, (part.strip() for part in text.split(";"))):
            fault = _with(fault, clause)
        if replace(fault, share=1.0) == cls():
            raise ConfigurationError(f"fault {text!r} says nothing; known are {', '.join(KNOWN)}")
        return fault

    @property
    def failing(self) -> bool:
        """True where the answer is an error in place of data."""
        return self.kind is not None or self.status != 0

    @property
    def fatal(self) -> bool:
        """True where there is no usable answer, whatever else happens to it."""
        return self.failing or self.timeout or self.reset or self.html or self.empty

    def refusal(self, now: float) -> list[tuple[str, str]]:
        """The `Retry-After` header (RFC 9110 section 10.2.3), where one is asked for."""
        if self.retry_after is None:
            return []
        seconds = f"{self.retry_after:g}"
        return [("retry-after", formatdate(now + self.retry_after, usegmt=True) if self.as_date else seconds)]

    def window_end(self, now: float) -> float:
        """When a refusal says that there is something left again, as Unix time."""
        said = {"past": now - 3600.0, "absurd": LATEST}.get(self.limit_reset)
        return said if said is not None else now + (1.0 if self.retry_after is None else self.retry_after)

    def __or__(self, other: Fault) -> Fault:
        """Both at once; where both say something the first one's word counts."""
        usual = Fault()
        said = {item.name: getattr(self, item.name) for item in fields(self)}
        mine = {name: value for name, value in said.items() if value != getattr(usual, name)}
        return replace(other, **mine)


def _with(fault: Fault, clause: str) -> Fault:
    name, given, value = (part.strip() for part in clause.partition("="))
    word = name.lower().replace("_", "-")
    if not given and word in _FLAGS:
        return _flagged(fault, word)
    if not given and word in _KINDS:
        return replace(fault, kind=_KINDS[word])
    if given and word in _FIGURES:
        attribute, low, high, whole = _FIGURES[word]
        return _flagged(fault, attribute, _number(clause, value, low, high, whole=whole))
    match word if given else "":
        case "storm":
            return replace(fault, kind=ErrorKind.RATE_LIMITED, storm=int(_number(clause, value, 1, 1e9, whole=True)))
        case "latency":
            return replace(fault, latency=_latency(clause, value))
        case "retry-after" | "retry-after-date":
            seconds = _number(clause, value, 0, 86_400)
            return replace(fault, retry_after=seconds, as_date=word == "retry-after-date")
        case "reset" if value in RESETS:
            return replace(fault, limit_reset=value, kind=ErrorKind.RATE_LIMITED)
        case "content-type" if value.isascii() and value.isprintable() and value:
            return replace(fault, content_type=value)
    raise ConfigurationError(f"fault {clause!r} is not understood; known are {', '.join(KNOWN)}")


def _flagged(fault: Fault, word: str, value: object = True) -> Fault:
    attribute = word.replace("-", "_")
    changed: dict[str, Any] = {attribute: PIECE if attribute == "chunked" and value is True else value}
    return replace(fault, **changed)


def _latency(clause: str, value: str) -> Latency:
    try:
        return Latency.parse(value)
    except ConfigurationError as problem:
        raise ConfigurationError(f"fault {clause!r}: {problem}") from None


def _number(clause: str, value: str, low: float, high: float, *, whole: bool = False) -> float:
    try:
        number = int(value) if whole else float(value)
    except ValueError:
        number = low - 1
    if not low <= number <= high:
        kind = "a whole number" if whole else "a number"
        raise ConfigurationError(f"fault {clause!r}: {kind} from {low:g} to {high:g} is wanted")
    return number


_FLAGS = (
    *("timeout", "reset", "truncate", "empty", "malformed", "html", "gzip", "chunked"),
    *("loop", "duplicate", "shuffle"),
)
RESETS = ("none", "past", "absurd")
"""What a refusal can say of the end of its window that is not so."""

_FIGURES = {
    "status": ("status", 200, 599, True),
    "share": ("share", 0.0, 1.0, False),
    "chunked": ("chunked", 1, 65_536, True),
    "page-drift": ("page_drift", -1000, 1000, True),
    "index-lag": ("index_lag", 0, 86_400, False),
    "clock-skew": ("clock_skew", -31_536_000, 31_536_000, False),
}
_KINDS = {kind.value.replace("_", "-"): kind for kind in ErrorKind} | {
    "rate-limit": ErrorKind.RATE_LIMITED,
    "missing-scope": ErrorKind.FORBIDDEN,
}
KNOWN = (
    *(
        "status=N",
        "storm=N",
        "share=P",
        "latency=S",
        "retry-after=S",
        "retry-after-date=S",
        "reset=WHEN",
        "content-type=T",
    ),
    *("chunked=N", "page-drift=N", "index-lag=S", "clock-skew=S"),
    *_FLAGS,
    *_KINDS,
)

_RULE = re.compile(r"(?:(?P<where>[^\s:;=]+):\s)?(?P<fault>.*?)(?:\s+x(?P<times>[0-9]{1,9}))?", re.DOTALL)


@dataclass(slots=True)
class Rule:
    """A fault that waits for requests. `times` is how often it still strikes, None for always."""

    platform: str
    endpoint: str
    fault: Fault
    text: str
    times: int | None = 1
    met: int = 0

    @classmethod
    def parse(cls, text: str) -> Rule:
        """`slack/users: rate-limit; retry-after=1 x3`: where, what, how often; everywhere, and always.

        Raises `ConfigurationError` naming what is not understood.
        """
        found = _RULE.fullmatch(text.strip())
        where, words, times = found.group("where", "fault", "times") if found else (None, text, None)
        platform, _, endpoint = (where or "*").partition("/")
        if times == "0":
            raise ConfigurationError(f"fault {text!r}: x0 strikes never; leave it away for always")
        return cls.made(platform, endpoint or "*", words.strip(), int(times) if times else None)

    @classmethod
    def made(cls, platform: str, endpoint: str, text: str, times: int | None) -> Rule:
        """A rule; a storm says itself how often it strikes. Raises `ConfigurationError`."""
        fault = Fault.parse(text)
        return cls(platform, endpoint, fault, text, fault.storm or times)

    def concerns(self, platform: str, endpoint: str) -> bool:
        """Whether the rule is for this platform and endpoint."""
        return fnmatchcase(platform, self.platform) and fnmatchcase(endpoint, self.endpoint)

    def strikes(self, seed: str) -> bool:
        """Whether the fault strikes the request that meets it now: by lot, where it has a share."""
        self.met += 1
        return chance(seed, self.text, self.met) < self.fault.share


def chance(seed: str, what: str, number: int) -> float:
    """A number from 0 up to 1, the same for the same seed."""
    return mix(number, salt(seed, what)) / 2**64


@dataclass(slots=True)
class Faults:
    """The faults that are set, in the order they were set."""

    seed: str = ""
    rules: list[Rule] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)

    def add(self, rule: Rule) -> None:
        """One more rule."""
        with self._lock:
            self.rules.append(rule)

    def clear(self) -> None:
        """Takes all rules away."""
        with self._lock:
            self.rules.clear()
            self._seen.clear()

    def strike(self, platform: str, endpoint: str) -> Fault | None:
        """The faults that meet this request, counted: of those that leave no answer the first, and all others."""
        found: Fault | None = None
        with self._lock:
            for rule in self.rules:
                taken = found is not None and found.fatal and rule.fault.fatal
                if taken or not rule.concerns(platform, endpoint) or not rule.strikes(self.seed):
                    continue
                if rule.times is not None:
                    rule.times -= 1
                found = rule.fault if found is None else found | rule.fault
            self.rules = [kept for kept in self.rules if kept.times is None or kept.times > 0]
        return found

    def first(self, mark: str) -> bool:
        """True the first time that a mark is met."""
        with self._lock:
            new = mark not in self._seen
            if len(self._seen) > MARKS_KEPT:
                self._seen.clear()
            self._seen.add(mark)
        return new
