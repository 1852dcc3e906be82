"""Who may buy, and why we think so. The score is the sum of its reasons; nothing is learnt or guessed.

Leads are HubSpot contacts that are no customers yet and Salesforce leads that were not converted; one e-mail address
is one lead. Calls of the last 30 days count where the person took part.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from ...paths import Json, dig
from ...report.values import counted
from ..models import Call, Lead, Leads, Reason, told
from ..section import Sections, derived
from . import calls, people, work
from .values import first_text, flag, moment

SALESFORCE = "salesforce/leads"
LEADS = (people.HUBSPOT, SALESFORCE, calls.CALLS)
STAGES = frozenset({"subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity"})
QUALIFIED = {"marketingqualifiedlead": 15, "salesqualifiedlead": 25, "opportunity": 30}
SENIOR = ("chief", "head", "director", "vp", "vice president", "founder", "owner", "ceo", "cto", "cfo", "coo")
RECENT = timedelta(days=7)
CALLS_WITHIN = timedelta(days=30)
MOST = 100


@dataclass(slots=True)
class _Person:
    """What is known of one lead while it is put together."""

    id: str
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    company: str | None = None
    title: str | None = None
    stage: str | None = None
    status: str | None = None
    rating: str | None = None
    updated_at: datetime | None = None
    evidence: list[str] = field(default_factory=list)

    def add(self, other: _Person) -> None:
        """Takes over what is not known yet, and the later time."""
        for name in ("name", "email", "phone", "company", "title", "stage", "status", "rating"):
            setattr(self, name, getattr(self, name) or getattr(other, name))
        times = [at for at in (self.updated_at, other.updated_at) if at is not None]
        self.updated_at = max(times, default=None)
        self.evidence += other.evidence


def leads(sections: Sections, *, limit: int = 100, min_score: int = 0) -> Leads:
    """Leads, best first."""
    found = [one for one in all_leads(sections) if one.score >= min_score]
    degraded, at, states = told(sections)
    return Leads(degraded=degraded, at=at, sections=states, total=len(found), leads=found[:limit])


def all_leads(sections: Sections) -> list[Lead]:
    """Every lead with its score, best first."""
    now = work.clock(sections)
    spoken = _spoken(sections, now)
    found = [_lead(person, now, spoken.get((person.email or "").casefold(), [])) for person in _people(sections)]
    return sorted(found, key=lambda one: (-one.score, one.id))


def grade(score: int) -> Literal["A", "B", "C", "D"]:
    """A from 75, B from 50, C from 25."""
    if score >= 75:
        return "A"
    if score >= 50:
        return "B"
    return "C" if score >= 25 else "D"


def _people(sections: Sections) -> list[_Person]:
    merged: dict[str, _Person] = {}
    hubspot = derived(sections, people.HUBSPOT, "leads", lambda rows: tuple(_of_hubspot(rows)))
    salesforce = derived(sections, SALESFORCE, "leads", lambda rows: tuple(_of_salesforce(rows)))
    for person in (*hubspot, *salesforce):
        key = (person.email or person.id).casefold()
        if key in merged:
            merged[key].add(person)
        else:
            merged[key] = replace(person, evidence=list(person.evidence))
    customers = _customers(sections)
    return [person for key, person in merged.items() if key not in customers]


def _customers(sections: Sections) -> set[str]:
    """The e-mail addresses of those who bought: HubSpot knows, and a Salesforce lead may not have been told."""
    known = people.all_contacts({id: one for id, one in sections.items() if id == people.HUBSPOT})
    return {one.email.casefold() for one in known if one.email and one.lifecycle in ("customer", "evangelist")}


def _of_hubspot(found: Sequence[Json]) -> Iterator[_Person]:
    for row in found:
        stage = first_text(row, "properties.lifecyclestage")
        if stage not in STAGES:
            continue
        names = (first_text(row, "properties.firstname"), first_text(row, "properties.lastname"))
        id = f"{people.HUBSPOT}/{first_text(row, 'id')}"
        yield _Person(
            id,
            name=" ".join(name for name in names if name) or None,
            email=first_text(row, "properties.email"),
            phone=first_text(row, "properties.phone"),
            company=first_text(row, "properties.company"),
            title=first_text(row, "properties.jobtitle"),
            stage=stage,
            status=first_text(row, "properties.hs_lead_status"),
            updated_at=moment(dig(row, "updatedAt")),
            evidence=[id],
        )


def _of_salesforce(found: Sequence[Json]) -> Iterator[_Person]:
    for row in found:
        if flag(dig(row, "IsConverted")):
            continue
        id = f"{SALESFORCE}/{first_text(row, 'Id')}"
        yield _Person(
            id,
            name=first_text(row, "Name"),
            email=first_text(row, "Email"),
            phone=first_text(row, "Phone"),
            company=first_text(row, "Company"),
            title=first_text(row, "Title"),
            rating=first_text(row, "Rating"),
            updated_at=moment(dig(row, "LastModifiedDate")),
            evidence=[id],
        )


def _spoken(sections: Sections, now: datetime) -> dict[str, list[Call]]:
    """E-mail address of somebody from outside -> their calls of late."""
    found: dict[str, list[Call]] = {}
    for call in calls.all_calls(sections):
        if call.started is None or not timedelta() <= now - call.started <= CALLS_WITHIN:
            continue
        for party in call.parties:
            if party.email and party.affiliation == "External":
                found.setdefault(party.email.casefold(), []).append(call)
    return found


def _lead(person: _Person, now: datetime, spoken: Sequence[Call]) -> Lead:
    reasons = list(_capped(_reasons(person, now, spoken)))
    score = sum(one.points for one in reasons)
    return Lead(
        id=person.id,
        name=person.name,
        email=person.email,
        company=person.company,
        title=person.title,
        score=score,
        grade=grade(score),
        reasons=reasons,
        evidence=[*person.evidence, *(calls.evidence(call) for call in spoken)],
    )


def _capped(reasons: Iterator[Reason]) -> Iterator[Reason]:
    """Reasons until there are 100 points; the last one gives what is left of them."""
    left = MOST
    for one in reasons:
        if left <= 0:
            return
        yield one if one.points <= left else Reason(points=left, reason=one.reason)
        left -= one.points


def _reasons(person: _Person, now: datetime, spoken: Sequence[Call]) -> Iterator[Reason]:
    """Strongest first."""
    if person.stage in QUALIFIED:
        yield Reason(points=QUALIFIED[person.stage], reason=f"lifecycle stage {person.stage}")
    if spoken:
        yield Reason(points=min(30, 15 * len(spoken)), reason=f"in {counted(len(spoken), 'call')} of the last 30 days")
    if person.rating in ("Hot", "Warm"):
        yield Reason(points=20 if person.rating == "Hot" else 10, reason=f"rated {person.rating}")
    if person.title and _senior(person.title):
        yield Reason(points=15, reason="a senior title")
    if person.status in ("OPEN", "IN_PROGRESS", "OPEN_DEAL", "CONNECTED"):
        yield Reason(points=10, reason=f"lead status {person.status}")
    if person.updated_at is not None and timedelta() <= now - person.updated_at <= RECENT:
        yield Reason(points=10, reason="changed in the last 7 days")
    if person.email:
        yield Reason(points=5, reason="an e-mail address")
    if person.company:
        yield Reason(points=5, reason="a company")
    if person.phone:
        yield Reason(points=5, reason="a telephone number")


def _senior(title: str) -> bool:
    words = f" {' '.join(title.casefold().replace(',', ' ').split())} "
    return any(f" {word} " in words for word in SENIOR)
