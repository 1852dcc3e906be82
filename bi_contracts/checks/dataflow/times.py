"""Time in rows: in order, not in the future, not far from all others, fresh."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import pairwise
from math import inf
from typing import Final

from ...platform import Endpoint
from ...report.events import Finding, Severity
from . import stated
from .found import counted, finding
from .moments import Moment, Role, moment_of, plain, role_of
from .table import Objects, Table, joined

DAY: Final = 86_400.0
SKEW: Final = 300.0
"""Seconds that two clocks may differ by."""
GRAIN: Final = 1.0
"""Seconds within which two moments are the same: platforms write some to the second, others to the millisecond."""
APART: Final = 365 * DAY
"""The least gap between some rows' moments and all the others' that is worth a word."""

IN_ORDER: Final[tuple[tuple[Role, Role, Severity], ...]] = (
    (Role.MADE, Role.CHANGED, "breaking"),
    (Role.MADE, Role.DONE, "breaking"),
    (Role.DONE, Role.CHANGED, "warning"),
)
"""What comes before what in one object, told by the fields' roles."""

SPANS: Final[tuple[tuple[str, str, Severity], ...]] = (
    ("start", "end", "breaking"),
    ("starttime", "endtime", "breaking"),
    ("startsat", "endsat", "breaking"),
    ("startedat", "endedat", "breaking"),
    ("startedat", "completedat", "breaking"),
    ("startedat", "canceledat", "breaking"),
    ("started", "ended", "breaking"),
    ("fromdate", "todate", "breaking"),
    ("audiostarttime", "audioendtime", "breaking"),
    ("snippetstarttime", "snippetendtime", "breaking"),
    ("starton", "endon", "warning"),
    ("starton", "dueon", "warning"),
    ("startdate", "enddate", "warning"),
    ("startdate", "targetdate", "warning"),
    ("startdate", "duedate", "warning"),
)
"""Names, plain, of fields that begin and end something; what people plan, they may plan the wrong way round."""


HAPPENED: Final = frozenset({Role.MADE, Role.CHANGED, Role.DONE, Role.PAST})
"""Roles of moments that cannot lie ahead."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A field whose moment may lie ahead although its name tells of the past.

    Raises `ConfigurationError` for a value that cannot be.

    Attributes:
        source: `endpoint id:dotted path`, both with wildcards: `hubspot/tasks*:properties.hs_timestamp`.
        why: In one sentence.
    """

    source: str
    why: str = ""

    def __post_init__(self) -> None:
        stated.place(f"Planned {self.source}", self.source)
        stated.text(f"Planned {self.source}", "why", self.why)

    def holds(self, id: str, path: str) -> bool:
        """Whether it speaks of this field."""
        endpoint, _, wanted = self.source.partition(":")
        return fnmatchcase(id, endpoint) and fnmatchcase(path, wanted)


@dataclass(frozen=True, slots=True)
class Freshness:
    """How old the newest row of a list may be. Raises `ConfigurationError` for a value that cannot be.

    Attributes:
        endpoint: Its id, with wildcards.
        days: The most; 0 asks for nothing, less than that is refused.
        field: Dotted path of the moment; "" is the newest of all that have happened.
        every: True where every row must be as fresh, not only the newest.
        severity: Of the finding.
    """

    endpoint: str
    days: float
    field: str = ""
    every: bool = False
    severity: Severity = "warning"

    def __post_init__(self) -> None:
        who = f"Freshness {self.endpoint}"
        stated.endpoint(who, self.endpoint)
        stated.number(who, "days", self.days)
        stated.text(who, "field", self.field)
        stated.flag(who, "every", self.every)
        stated.severity(who, "severity", self.severity)


def out_of_order(rows: Table, *, key: str = "", moved_in: bool = False) -> list[Finding]:
    """Objects that were changed or done before they were made, or that end before they start.

    With `moved_in`, rows may have come from another system: what was done there before it was made here is a warning.
    """
    return [
        finding(
            "time-out-of-order",
            severity,
            joined(path, later),
            f"{later} lies before {earlier} in {counted(len(bad), len(objects), 'object')}",
            table=rows,
            rows=bad,
            of=len(objects),
            key=key,
            explanation="Nothing is changed, done or over before it has begun.",
        )
        for path, objects in rows.objects.items()
        for earlier, later, severity in _pairs(rows.names[path], moved_in)
        if (bad := _reversed(objects, earlier, later))
    ]


def _pairs(names: Iterable[str], moved_in: bool) -> Iterator[tuple[str, str, Severity]]:
    by_role: dict[Role, list[str]] = {}
    for name in names:
        by_role.setdefault(role_of(name), []).append(name)
    for first, second, told in IN_ORDER:
        severity: Severity = "warning" if moved_in and second is Role.DONE else told
        for earlier in by_role.get(first, ()):
            for later in by_role.get(second, ()):
                yield earlier, later, severity
    by_name = {plain(name): name for name in names}
    for first_name, second_name, severity in SPANS:
        if first_name in by_name and second_name in by_name:
            yield by_name[first_name], by_name[second_name], severity


def _reversed(objects: Objects, earlier: str, later: str) -> list[int]:
    bad = []
    for number, one in objects:
        first, second = moment_of(one.get(earlier)), moment_of(one.get(later))
        if first is not None and second is not None and _before(second, first):
            bad.append(number)
    return bad


def _before(one: Moment, other: Moment) -> bool:
    """Whether `one` is surely earlier: a date alone is any moment of its day, in any zone."""
    tolerance = DAY if one.day or other.day else GRAIN
    return one.at < other.at - tolerance


def in_future(
    rows: Table, now: float, *, id: str = "", key: str = "", planned: Sequence[Planned] = (), skew: float = SKEW
) -> list[Finding]:
    """Moments that have happened, by their name, and yet lie ahead of `now` (Unix seconds).

    Due dates, schedules and the like (`Role.PLANNED`) may lie ahead, and so may what `planned` names.
    """
    found = []
    for path, moments in happened(rows):
        if any(one.holds(id, path) for one in planned):
            continue
        bad = [number for number, one in moments if one.at > now + (DAY if one.day else skew)]
        if bad:
            found.append(
                finding(
                    "time-in-future",
                    "breaking",
                    path,
                    f"has not happened yet in {counted(len(set(bad)), len(rows))}",
                    table=rows,
                    rows=bad,
                    of=len(rows),
                    key=key,
                    explanation="What is recorded as having happened cannot lie ahead.",
                )
            )
    return found


def happened(rows: Table, wanted: str = "") -> list[tuple[str, list[tuple[int, Moment]]]]:
    """Every column of moments that have happened, with the numbers of their rows; or the `wanted` column alone."""
    return _moments(rows, [wanted] if wanted else [path for path in rows.columns if _role(path) in HAPPENED])


def _moments(rows: Table, paths: Iterable[str]) -> list[tuple[str, list[tuple[int, Moment]]]]:
    return [(path, moments) for path in paths if (moments := rows.moments(path))]


def _role(path: str) -> Role:
    return role_of(path.rpartition(".")[2])


def far_from_others(rows: Table, *, key: str = "") -> list[Finding]:
    """Rows, fewer than half, whose moments lie more than a year, and four times the others' span, before all others.

    A timestamp that was set back, or written in the wrong unit, stands out in this way; an old account does not.
    """
    found = []
    for path, moments in _moments(rows, [path for path in rows.columns if _role(path) is not Role.NONE]):
        bad = _stragglers(moments)
        if bad:
            found.append(
                finding(
                    "time-far-from-others",
                    "warning",
                    path,
                    f"lies more than a year before all the others in {counted(len(bad), len(moments))}",
                    table=rows,
                    rows=bad,
                    of=len(moments),
                    key=key,
                    explanation="A timestamp that was set back, or written in another unit, stands out like this.",
                )
            )
    return found


def _stragglers(moments: Sequence[tuple[int, Moment]]) -> list[int]:
    ordered = sorted((one.at, number) for number, one in moments)
    half = (len(ordered) - 1) // 2
    for place in range(half, 0, -1):
        gap, span = ordered[place][0] - ordered[place - 1][0], ordered[-1][0] - ordered[place][0]
        if gap > APART and gap > 4 * span:
            return [number for _, number in ordered[:place]]
    return []


def newest(rows: Table, field: str = "", *, until: float = inf) -> float | None:
    """When the newest thing happened that the rows tell of, as Unix seconds; None where they tell of none.

    What lies after `until` has not happened.
    """
    told = (one.at for _, moments in happened(rows, field) for _, one in moments)
    return max((at for at in told if at <= until), default=None)


def stale(rows: Table, now: float, wanted: Freshness, *, key: str = "") -> list[Finding]:
    """The newest row is older than asked for; with `every`, each row that is.

    A moment that has not come yet tells nothing of how fresh a row is.
    """
    latest: dict[int, float] = {}
    for _, moments in happened(rows, wanted.field):
        for number, one in moments:
            if one.at <= now + (DAY if one.day else SKEW):
                latest[number] = max(one.at, latest.get(number, one.at))
    limit = now - wanted.days * DAY
    old = [number for number, at in latest.items() if at < limit]
    if not old or not (wanted.every or len(old) == len(latest)):
        return []
    age = (now - (min if wanted.every else max)(latest.values())) / DAY
    said = f"{counted(len(old), len(latest))} are" if wanted.every else "the newest row is"
    return [
        finding(
            "data-stale",
            wanted.severity,
            wanted.field,
            f"{said} older than {wanted.days:g} days ({age:.1f} days)",
            table=rows,
            rows=old,
            of=len(latest),
            key=key,
            age_days=round(age, 2),
            explanation="Data that nobody adds to may have stopped flowing.",
        )
    ]


def unsorted(pages: Sequence[Table], endpoint: Endpoint) -> list[Finding]:
    """Pages of a list that answers the newest first (`Endpoint.newest_first`) on which an older row stands first."""
    if not endpoint.newest_first:
        return []
    bad = [page for page in pages if not _descending(page, endpoint)]
    if not bad:
        return []
    return [
        finding(
            "rows-out-of-order",
            "warning",
            "",
            f"newest first is promised, and does not hold on {counted(len(bad), len(pages), 'page')}",
            explanation="A reader that stops at the first row it knows misses what stands behind it.",
        )
    ]


def _descending(page: Table, endpoint: Endpoint) -> bool:
    path = _made(page, endpoint)
    at = [one.at for _, value in page.column(path) if (one := moment_of(value)) is not None] if path else []
    return all(first >= second - GRAIN for first, second in pairwise(at))


def _made(page: Table, endpoint: Endpoint) -> str:
    """Where a row says when it was made: in its key (Slack's `ts`), or in a field of its own."""
    if role_of(endpoint.key) is Role.PAST:
        return endpoint.key
    return next((path for path in page.names.get("", ()) if role_of(path) is Role.MADE), "")
