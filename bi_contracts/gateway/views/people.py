"""Contacts of HubSpot, Salesforce and Intercom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from ...paths import Json, dig
from ..models import Contact, Contacts, ContactTotals, told
from ..section import Sections, derived
from .values import first_text, moment, text

HUBSPOT, SALESFORCE, INTERCOM = "hubspot/contacts", "salesforce/contacts", "intercom/contacts"
CONTACTS = (HUBSPOT, SALESFORCE, INTERCOM)
EARLIEST = datetime.min.replace(tzinfo=UTC)


def contacts(sections: Sections, *, limit: int = 100, q: str = "") -> Contacts:
    """Contacts, changed last first; `q` is looked for in name, e-mail, company and title, whatever the case."""
    wanted = q.strip().casefold()
    found = [one for one in all_contacts(sections) if not wanted or wanted in _searched(one)]
    found.sort(key=lambda one: (one.updated_at or EARLIEST, one.platform, one.id), reverse=True)
    degraded, at, states = told(sections)
    return Contacts(
        degraded=degraded,
        at=at,
        sections=states,
        total=len(found),
        people=people(found),
        by_platform=dict(Counter(one.platform for one in found)),
        contacts=found[:limit],
    )


def all_contacts(sections: Sections) -> list[Contact]:
    """Every contact of every section, in the order of the sections."""
    return [one for id in sections if id in _KINDS for one in derived(sections, id, "contacts", _rows_of(id))]


def _rows_of(id: str) -> Callable[[tuple[Json, ...]], tuple[Contact, ...]]:
    return lambda found: tuple(_KINDS[id](row) for row in found)


def people(found: Iterable[Contact]) -> int:
    """How many different people: those with one e-mail address count once, those without count each."""
    found = list(found)
    return len({one.email.casefold() for one in found if one.email}) + sum(1 for one in found if not one.email)


def by_email(found: Iterable[Contact]) -> dict[str, list[Contact]]:
    """E-mail address in small letters -> who has it."""
    known: dict[str, list[Contact]] = {}
    for one in found:
        if one.email:
            known.setdefault(one.email.casefold(), []).append(one)
    return known


def contact_totals(sections: Sections) -> ContactTotals:
    """Contacts in figures."""
    found = all_contacts(sections)
    return ContactTotals(
        people=people(found),
        by_platform=dict(Counter(one.platform for one in found)),
        by_lifecycle=dict(Counter(one.lifecycle or "unknown" for one in found)),
    )


def evidence(one: Contact) -> str:
    """The id of a contact's row."""
    return f"{one.platform}/contacts/{one.id}"


def _searched(one: Contact) -> str:
    return "\n".join(part for part in (one.name, one.email, one.company, one.title) if part).casefold()


def _hubspot(row: Json) -> Contact:
    names = (text(dig(row, "properties.firstname")), text(dig(row, "properties.lastname")))
    return Contact(
        platform="hubspot",
        id=first_text(row, "id") or "",
        name=" ".join(name for name in names if name) or None,
        email=first_text(row, "properties.email"),
        phone=first_text(row, "properties.phone"),
        title=first_text(row, "properties.jobtitle"),
        company=first_text(row, "properties.company"),
        lifecycle=first_text(row, "properties.lifecyclestage"),
        owner_id=first_text(row, "properties.hubspot_owner_id"),
        created_at=moment(dig(row, "createdAt")),
        updated_at=moment(dig(row, "updatedAt")),
        url=first_text(row, "url"),
    )


def _salesforce(row: Json) -> Contact:
    return Contact(
        platform="salesforce",
        id=first_text(row, "Id") or "",
        name=first_text(row, "Name"),
        email=first_text(row, "Email"),
        phone=first_text(row, "Phone", "MobilePhone"),
        title=first_text(row, "Title"),
        company=first_text(row, "Account.Name"),
        lifecycle=None,
        owner_id=first_text(row, "OwnerId"),
        created_at=moment(dig(row, "CreatedDate")),
        updated_at=moment(dig(row, "LastModifiedDate")),
        url=None,
    )


def _intercom(row: Json) -> Contact:
    return Contact(
        platform="intercom",
        id=first_text(row, "id") or "",
        name=first_text(row, "name"),
        email=first_text(row, "email"),
        phone=first_text(row, "phone"),
        title=None,
        company=None,
        lifecycle=first_text(row, "role"),
        owner_id=first_text(row, "owner_id"),
        created_at=moment(dig(row, "created_at")),
        updated_at=moment(dig(row, "updated_at")),
        url=None,
    )


_KINDS: dict[str, Callable[[Json], Contact]] = {HUBSPOT: _hubspot, SALESFORCE: _salesforce, INTERCOM: _intercom}
