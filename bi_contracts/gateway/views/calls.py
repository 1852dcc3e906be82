"""Calls of Gong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from ...paths import Json, dig
from ..models import Call, Calls, CallTotals, Contact, Day, Party, told
from ..section import Sections, as_of, derived
from .people import evidence as contact_evidence
from .values import first_text, items, moment, positive, text

CALLS = "gong/calls_extensive"
EARLIEST = datetime.min.replace(tzinfo=UTC)


def recent(
    sections: Sections, *, days: int = 7, limit: int = 100, known: Mapping[str, Sequence[Contact]] | None = None
) -> Calls:
    """The calls of the last `days`, newest first, counted back from when the platform answered.

    `known` are the CRM's contacts by e-mail; with them every call says whom the CRM knows.
    """
    found = since(all_calls(sections, known), sections, days)
    degraded, at, states = told(sections)
    return Calls(
        degraded=degraded,
        at=at,
        sections=states,
        days=days,
        total=len(found),
        minutes=minutes(found),
        calls=found[:limit],
    )


def all_calls(sections: Sections, known: Mapping[str, Sequence[Contact]] | None = None) -> list[Call]:
    """Every call that was read, newest first."""
    found = list(derived(sections, CALLS, "calls", _newest_first))
    return [met(one, known) for one in found] if known else found


def met(one: Call, known: Mapping[str, Sequence[Contact]]) -> Call:
    """The call with whom the CRM knows of its parties."""
    mails = dict.fromkeys(party.email.casefold() for party in one.parties if party.email)
    contacts = [contact_evidence(each) for mail in mails for each in known.get(mail, ())]
    return one.model_copy(update={"contacts": contacts}) if contacts else one


def _newest_first(found: Sequence[Json]) -> tuple[Call, ...]:
    made = [call(row) for row in found]
    return tuple(sorted(made, key=lambda one: (one.started or EARLIEST, one.id), reverse=True))


def since(found: Sequence[Call], sections: Sections, days: int) -> list[Call]:
    """Those of the last days before now, which is when the platform answered; a call to come is none of them."""
    now = as_of(sections)
    if now is None:
        return []
    until = datetime.fromtimestamp(now, UTC)
    start = until - timedelta(days=days)
    return [one for one in found if one.started is not None and start <= one.started <= until]


def minutes(found: Sequence[Call]) -> float:
    """The length of calls in minutes."""
    return round(sum(one.duration or 0.0 for one in found) / 60, 2)


def call_totals(found: Sequence[Call], days: int) -> CallTotals:
    """Calls in figures."""
    length = minutes(found)
    return CallTotals(
        days=days,
        count=len(found),
        external=sum(1 for one in found if external(one)),
        minutes=length,
        average_minutes=round(length / len(found), 2) if found else None,
    )


def by_day(found: Sequence[Call]) -> list[Day]:
    """Calls of each day in UTC that had any, in order."""
    grouped: dict[str, list[Call]] = {}
    for one in reversed(found):
        if one.started is not None:
            grouped.setdefault(one.started.date().isoformat(), []).append(one)
    return [Day(day=name, calls=len(group), minutes=minutes(group)) for name, group in grouped.items()]


def external(one: Call) -> bool:
    """Whether somebody from outside took part."""
    return one.scope == "External" or any(party.affiliation == "External" for party in one.parties)


def evidence(one: Call) -> str:
    """The id of a call's row."""
    return f"gong/calls/{one.id}"


def call(row: Json) -> Call:
    """One call from a row of `gong/calls_extensive`."""
    return Call(
        platform="gong",
        id=first_text(row, "metaData.id") or "",
        title=first_text(row, "metaData.title"),
        started=moment(dig(row, "metaData.started")),
        duration=positive(dig(row, "metaData.duration")),
        direction=first_text(row, "metaData.direction"),
        scope=first_text(row, "metaData.scope"),
        system=first_text(row, "metaData.system"),
        url=first_text(row, "metaData.url"),
        owner_id=first_text(row, "metaData.primaryUserId"),
        parties=[_party(one) for one in items(dig(row, "parties"))],
        related=_related(row),
        contacts=[],
    )


def _party(row: Json) -> Party:
    return Party(
        id=first_text(row, "id"),
        name=first_text(row, "name"),
        email=first_text(row, "emailAddress"),
        title=first_text(row, "title"),
        affiliation=first_text(row, "affiliation"),
        user_id=first_text(row, "userId"),
    )


def _related(row: Json) -> list[str]:
    named = [
        (text(dig(system, "system")), text(dig(thing, "objectType")), text(dig(thing, "objectId")))
        for system in items(dig(row, "context"))
        for thing in items(dig(system, "objects"))
    ]
    return [f"{system.lower()}/{kind}/{id}" for system, kind, id in named if system and kind and id]
