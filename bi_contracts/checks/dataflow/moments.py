"""Moments in rows: which fields hold one, what it means for it to be there, and when it is."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from enum import Enum
from functools import lru_cache
from typing import Final, NamedTuple

from ...paths import Json


class Role(Enum):
    """What a moment says about its row."""

    MADE = "made"
    CHANGED = "changed"
    DONE = "done"
    PAST = "past"
    PLANNED = "planned"
    NONE = "no moment"


class Moment(NamedTuple):
    """Unix seconds; `day` where only the date is told."""

    at: float
    day: bool = False


_MADE = "created createdat createdate createddate createdtime hscreatedate datecreate datecreated creationtime"
_CHANGED = (
    "updated updatedat modified modifiedat lastmodified lastmodifieddate hslastmodifieddate lasteditedtime editedat"
    " dateupdate dateupdated systemmodstamp lastupdated lastupdatedat lastmodifiedat"
)
_DONE = "completedat closedat closeddate canceledat cancelledat resolvedat archivedat deletedat datedelete solvedat"
_PAST = (
    "posted started startedat eventtime loggedinat signedupat sentat receivedat notifiedat appliedat collectedat"
    " reviewtime callstarttime ts pinnedts threadts latestreply lastread lastset remotecreatedat waitingsince"
    " snoozedsince timestamp presnapshottimestamp postsnapshottimestamp lastseen latestdatecovered"
)
_PLANNED = (
    "dueon dueat duedate due closedate closetime scheduled scheduledat start end starton endon startat endat startdate"
    " enddate startsat endsat starttime endtime fromdate todate targetdate activitydate expires expiresat expireson"
    " expirydate reset resetat resetsat snoozeduntil remindat renewaldate"
)
ROLES: Final = {
    name: role
    for role, names in (
        (Role.MADE, _MADE),
        (Role.CHANGED, _CHANGED),
        (Role.DONE, _DONE),
        (Role.PAST, _PAST),
        (Role.PLANNED, _PLANNED),
    )
    for name in names.split()
}
"""Name of a field, in small letters without separators -> what the moment there says. A name that is neither here nor
of the forms below is not taken for a moment."""

_BEGUN: Final = re.compile(r"[a-z]*(last|first|latest)[a-z]*(at|date|time)")
_AHEAD: Final = re.compile(r"next[a-z]*(at|date|time|on|step)")
_DIGITS: Final = re.compile(r"\d{9,16}(\.\d+)?")
_DAY: Final = len("2026-01-05")


@lru_cache(4096)
def plain(name: str) -> str:
    """A field's name in small letters, without separators: `createdAt` and `created_at` are the same name."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


@lru_cache(4096)
def role_of(name: str) -> Role:
    """What a moment in a field of this name says; `Role.NONE` where the name does not tell of one."""
    known = plain(name)
    if known in ROLES:
        return ROLES[known]
    if _BEGUN.fullmatch(known):
        return Role.PAST
    return Role.PLANNED if _AHEAD.fullmatch(known) else Role.NONE


def moment_of(value: Json) -> Moment | None:
    """The moment a value tells: ISO 8601 (a zone without a colon too; none means UTC), a date, or Unix time.

    Unix time is in seconds, or in milliseconds or microseconds by its size; as text too, as Slack has it. None for
    anything else, for zero, which several platforms write for "never", and for a year that no calendar has.
    """
    if isinstance(value, str):
        return _number(float(value)) if _DIGITS.fullmatch(value) else _written(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _number(value)
    return None


def _number(value: float) -> Moment | None:
    if not 0 < value < 10**17:
        return None
    return Moment(value / (1e6 if value >= 1e14 else 1e3 if value >= 1e11 else 1.0))


def _written(text: str) -> Moment | None:
    if len(text) < _DAY or text[4:5] != "-":
        return None
    try:
        found = datetime.fromisoformat(text)
        zoned = found if found.tzinfo else found.replace(tzinfo=UTC)
        return Moment(zoned.timestamp(), len(text) == _DAY)
    except (ValueError, OverflowError):
        return None
