"""What an answer looks like under another `Intercom-Version` than the declared one.

Source: Intercom's OpenAPI descriptions 2.11 and 2.13 and their changelog.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ....paths import Json

KNOWN: Final = (
    *("1.0", "1.1", "1.2", "1.3", "1.4"),
    *(f"2.{number}" for number in range(17)),
    "Preview",
    "Unstable",
)
SINCE: Final[Mapping[str, str]] = {
    "contacts": "2.0",
    "contact": "2.0",
    "contacts_search": "2.0",
    "create_contact": "2.0",
    "update_contact": "2.0",
    "delete_contact": "2.0",
    "merge_contacts": "2.0",
    "contact_tags": "2.0",
    "tag_contact": "2.0",
    "untag_contact": "2.0",
    "company_contacts": "2.0",
    "contact_notes": "2.0",
    "contact_companies": "2.0",
    "contact_segments": "2.0",
    "contact_subscriptions": "2.0",
    "note": "2.0",
    "conversations_search": "2.0",
    "data_attributes": "2.0",
    "articles": "2.2",
    "article": "2.2",
    "ticket_types": "2.9",
    "ticket_type": "2.9",
    "tickets_search": "2.9",
    "ticket": "2.9",
    "conversations_deleted": "2.16",
}
"""Endpoint -> the first version that has it; all others have been there from the beginning."""

STATES: Final[Mapping[str, tuple[str, str]]] = {
    "submitted": ("7840001", "Submitted"),
    "in_progress": ("7840002", "In progress"),
    "waiting_on_customer": ("7840003", "Waiting on customer"),
    "resolved": ("7840004", "Resolved"),
}
"""Category of a ticket's state -> id and label."""


def reached(version: str, wanted: str) -> bool:
    """Whether a version is that one or a later one."""
    return not version[0].isdigit() or _number(version) >= _number(wanted)


def _number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def as_of(version: str, body: Json) -> Json:
    """An answer's body as that version writes it: from 2.12 on the state of a ticket is an object."""
    return _with_states(body) if reached(version, "2.12") else body


def _with_states(value: Json) -> Json:
    if isinstance(value, list):
        return [_with_states(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    found = {name: _with_states(item) for name, item in value.items()}
    if value.get("type") == "ticket" and isinstance(value.get("ticket_state"), str):
        gone = ("ticket_state_internal_label", "ticket_state_external_label")
        kept = {name: item for name, item in found.items() if name not in gone}
        return {**kept, "ticket_state": state(value["ticket_state"])}
    if value.get("type") == "ticket_type":
        return {**found, "ticket_states": {"type": "list", "data": [state(name) for name in STATES]}}
    return found


def state(category: str) -> Json:
    """A state of a ticket as an object."""
    key, label = STATES.get(category, STATES["submitted"])
    return {
        "type": "ticket_state",
        "id": key,
        "category": category,
        "internal_label": label,
        "external_label": label,
    }
