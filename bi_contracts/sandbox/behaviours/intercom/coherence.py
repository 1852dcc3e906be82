"""What follows, in a row that is made up, from its other members and from the rows that it names.

Each thing that a row names in brief has there what it has in its own list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from ....paths import Json, dig
from ...collection import Collection
from ...entities import CONTACTS
from ...keys import mix

Home = Callable[[str], Collection]
"""Name of a list -> the list."""

TEAM: Final = 8
"""Places among the admins that make a team; every other place is a person."""

NOTES: Final = 9_000_000
"""Ids of notes start here: a contact has one, and its place is told by the id."""

COUNTRIES: Final[Mapping[str, tuple[str, str]]] = {
    "Austria": ("AUT", "EU"),
    "Belgium": ("BEL", "EU"),
    "Canada": ("CAN", "NA"),
    "Croatia": ("HRV", "EU"),
    "Estonia": ("EST", "EU"),
    "France": ("FRA", "EU"),
    "Ghana": ("GHA", "AF"),
    "Ireland": ("IRL", "EU"),
    "Japan": ("JPN", "AS"),
    "Kenya": ("KEN", "AF"),
    "Norway": ("NOR", "EU"),
    "Portugal": ("PRT", "EU"),
    "United Kingdom": ("GBR", "EU"),
    "United States": ("USA", "NA"),
}
"""Country -> its code (ISO 3166-1 alpha-3) and its continent's."""

_LISTS: Final[Mapping[str, str]] = {
    "tags": "tags",
    "notes": "notes",
    "companies": "companies",
    "opted_out_subscription_types": "subscriptions",
    "opted_in_subscription_types": "subscriptions",
}
"""Lists inside a contact -> the last segment of their URL."""

_DEFAULTS: Final = ("_default_title_", "_default_description_")


def coherent(home: Home, row: Mapping[str, Json]) -> Json:
    """The row, put in order."""
    match row.get("type"):
        case "contact":
            return _contact(home, row)
        case "conversation":
            return _conversation(home, row)
        case "ticket":
            return _ticket(home, row)
        case "ticket_type":
            return _ticket_type(row)
        case "admin" if "team_ids" in row:
            return _admin(home, row)
        case "team":
            return _team(home, row)
        case "company":
            return _company(home, row)
        case "data_attribute" if row.get("custom") and "name" in row:
            return {**row, "full_name": f"custom_attributes.{row['name']}", "label": row["name"]}
    return row


def _contact(home: Home, row: Mapping[str, Json]) -> Json:
    lists = {key: row[key] for key in _LISTS if isinstance(row.get(key), Mapping)}
    found = {**row, **{key: {**one, "url": f"/contacts/{row['id']}/{_LISTS[key]}"} for key, one in lists.items()}}
    if dig(found, "notes.data"):
        key = str(NOTES + _place(home("contacts"), row))
        found["notes"] = {**found["notes"], "data": [{"type": "note", "id": key, "url": f"/notes/{key}"}]}
    code = COUNTRIES.get(dig(row, "location.country"))
    if code is not None:
        place = {"country_code": code[0], "continent_code": code[1], "region": dig(row, "location.city")}
        found["location"] = {**row["location"], **place}
    return found


def _conversation(home: Home, row: Mapping[str, Json]) -> Json:
    found = {**row, **_contacts(home, row)}
    said = dig(row, "source.body")
    if said and not said.startswith("<"):
        found["source"] = {**row["source"], "body": f"<p>{said}</p>"}
    if isinstance(dig(row, "conversation_rating.contact"), Mapping):
        rated = _external(home, row["conversation_rating"]["contact"])
        found["conversation_rating"] = {**row["conversation_rating"], "contact": rated}
    if dig(row, "tags.tags"):
        found["tags"] = {**row["tags"], "tags": [_applied(home, row, tag) for tag in row["tags"]["tags"]]}
    return found


def _contacts(home: Home, row: Mapping[str, Json]) -> dict[str, Json]:
    held = row.get("contacts")
    if not isinstance(held, Mapping) or not isinstance(held.get("contacts"), list):
        return {}
    return {"contacts": {**held, "contacts": [_external(home, one) for one in held["contacts"]]}}


def _external(home: Home, brief: Json) -> Json:
    """A contact in brief, with the id of the customer's own that its row has."""
    contacts = home("contacts")
    place = contacts.position(dig(brief, "id"))
    if place is None or "external_id" not in brief:
        return brief
    whole = contacts.row(place) if contacts.touched(place) else contacts.members(place, frozenset({"external_id"}))
    return {**brief, "external_id": whole.get("external_id")}


def _applied(home: Home, row: Mapping[str, Json], tag: Mapping[str, Json]) -> Json:
    """A tag of a conversation; whoever is assigned put it there, soon after the beginning."""
    admin, at = dig(tag, "applied_by.id"), tag.get("applied_at")
    if admin is None or (isinstance(at, int) and row["created_at"] <= at <= row["updated_at"]):
        return tag
    by = tag["applied_by"]
    if home("admins").position(admin) is None and row.get("admin_assignee_id") is not None:
        by = {**by, "id": str(row["admin_assignee_id"])}
    return {**tag, "applied_at": row["created_at"] + 100, "applied_by": by}


def _ticket(home: Home, row: Mapping[str, Json]) -> Json:
    types = home("ticket_types")
    place = types.position(dig(row, "ticket_type.id"))
    known = types.row(place) if place is not None else row.get("ticket_type")
    found = _ticket_type(known) if isinstance(known, Mapping) else known
    return {**row, **_contacts(home, row), **({"ticket_type": found} if "ticket_type" in row else {})}


def _ticket_type(row: Mapping[str, Json]) -> Json:
    """A type of ticket whose first attributes have the names that they have in every workspace."""
    held = row.get("ticket_type_attributes")
    data = held.get("data") if isinstance(held, Mapping) else None
    if not data or not str(row.get("id")).isdecimal():
        return row
    named = [
        {
            **one,
            "ticket_type_id": int(row["id"]),
            **({"name": _DEFAULTS[one["order"]]} if one.get("default") and one["order"] < len(_DEFAULTS) else {}),
        }
        for one in data
    ]
    return {**row, "ticket_type_attributes": {**held, "data": named}}  # type: ignore[dict-item]


def _admin(home: Home, row: Mapping[str, Json]) -> Json:
    """An admin in the team whose row has this admin."""
    admins, teams = home("admins"), home("teams")
    place = _place(admins, row)
    if not row["team_ids"] or place < 0 or admins.exact is not None or teams.exact is not None:
        return row
    team = int(teams.key(place // TEAM))
    found = {**row, "team_ids": [team]}
    if dig(row, "team_priority_level.primary_team_ids"):
        found["team_priority_level"] = {**row["team_priority_level"], "primary_team_ids": [team]}
    return found


def _team(home: Home, row: Mapping[str, Json]) -> Json:
    admins, position = home("admins"), _place(home("teams"), row)
    if position < 0 or admins.exact is not None or "admin_ids" not in row:
        return row
    people = range(position * TEAM, min((position + 1) * TEAM, admins.count), len(admins.endpoint.examples))
    return {**row, "admin_ids": [int(admins.key(place)) for place in people]}


def _company(home: Home, row: Mapping[str, Json]) -> Json:
    """A company that counts its contacts."""
    contacts, position = home("contacts"), _place(home("companies"), row)
    if position < 0 or contacts.exact is not None or "user_count" not in row:
        return row
    entities = contacts.world.entities
    people = range(min(position * CONTACTS, contacts.count), min((position + 1) * CONTACTS, contacts.count))
    there = [one for one in people if entities.employer(one) == position and _employed(contacts, one)]
    return {**row, "user_count": len(there)}


def _employed(contacts: Collection, place: int) -> bool:
    return bool(dig(contacts.members(place, frozenset({"companies"})), "companies.data"))


def _place(home: Collection, row: Mapping[str, Json]) -> int:
    """Where a row that was made up stands in its list, -1 where it does not."""
    found = home.position(row.get("id"))
    return -1 if found is None else found


def note_text(position: int) -> int:
    """The number that a note's text is drawn by."""
    return mix(position, NOTES)
