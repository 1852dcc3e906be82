"""What the names of fields say about their values, and the forms that tell values apart."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ...paths import Json
from ..keys import identifier_form

IDS = ("id", "gid", "uuid")
"""Fields that identify a nested object."""

FIXED = {"state", "status", "workspace", "organization", "app", "select", "custom_status", "workflow_state", "icon"}
"""Objects that are the same in every row."""

FIXED_FLAGS = {"ok", "has_more", "hasnextpage", "object", "enabled", "is_channel", "is_group", "is_im", "is_mpim"}
FIXED_FLAGS |= {"is_private", "is_bot", "is_usergroup", "is_subteam", "is_organization"}
FIXED_FLAGS |= {"archived", "is_archived", "in_trash", "redacted", "open"}
"""Booleans that stay as they are in the example."""

SHARED = {"team", "team_id", "user_team", "enterprise_id", "context_team_id", "app_id", "api_app_id", "workspace_id"}
SHARED |= {"shared_team_ids", "id_code", "organization_id", "color", "avatar_hash", "block_id", "sync", "hash"}
"""Identifiers that all rows have in common."""

PEOPLE = {"user", "users", "assignee", "creator", "author", "owner", "admin", "created_by", "createdBy", "followers"}
PEOPLE |= {"completed_by", "contact", "contacts", "lead", "profile", "person", "members", "updated_by", "teammates"}
"""Objects that are people."""

TITLES = {"name", "title", "subject", "label", "name_normalized", "handle"}
PROSE = {"text", "body", "description", "notes", "content", "plain_text", "summary", "message", "value_text"}

LABELS = {"type", "status", "stage", "stagename", "source", "leadsource", "category", "rating", "severity"}
"""Texts that are picked from a list, however many words they have."""

NAMED = {
    "firstname": "first_name",
    "lastname": "last_name",
    "realname": "name",
    "realnamenormalized": "name",
    "fullname": "name",
    "displayname": "name",
    "displaynamenormalized": "name",
}
"""Field name without underscores -> attribute of a person."""

EMAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[a-z]{2,}")
SLUG = re.compile(r"[a-z0-9]+([-_][a-z0-9]+)*")
MARKUP = re.compile(r"[<>{}]|^:.*:$|^#|\.\w{2,4}$")
MEASURES = re.compile(r"offset|width|height|_[wh]$|version|precision|priority|workspace|region|time_to_", re.IGNORECASE)
"""Numbers that are settings rather than amounts: they stay as they are."""

NAMES_ID = re.compile(r"id$|^ids$", re.IGNORECASE)


def stem(name: str) -> str:
    """The name of a field or argument without its `_id`: what it identifies."""
    return re.sub(r"_?(gid|id|uuid)$", "", name, flags=re.IGNORECASE)


def starts(name: str) -> tuple[str, ...]:
    """What the start of a stretch may be called whose end has this name: `startTime` for `endTime`."""
    pairs = (("End", "Start"), ("end", "start"), ("last", "first"))
    return tuple(name.replace(end, start) for end, start in pairs if end in name)


def chosen(path: Sequence[str]) -> bool:
    """True inside things that are picked from a list rather than written: their names and ids never change."""
    return any(step in _CHOICES for step in path)


def identifier_of(value: Mapping[str, Json]) -> Json:
    """The identifier of an object, None where it has none."""
    return next((value[name] for name in IDS if identifier_form(value.get(name), 0) and len(value[name]) > 5), None)


def ticket_of(example: Json) -> tuple[str, int]:
    """The `("NUM", 18)` of a record that names itself `NUM-18`; otherwise a pair that nothing equals."""
    values = example.values() if isinstance(example, Mapping) else ()
    found = next(filter(None, (_TICKET.fullmatch(value) for value in values if isinstance(value, str))), None)
    return (found[1], int(found[2])) if found else ("", -1)


_TICKET = re.compile(r"([A-Z]{2,8})-(\d{1,6})")
_CHOICES = FIXED | {"multi_select", "options", "enum_options", "enum_value", "priority", "labels", "custom_fields"}
_CHOICES |= {"reactions", "properties", "schema", "social_profiles", "plan"}
