"""What Asana takes for the fields of a task, and how it refuses.

Source: Asana's OpenAPI description (TaskRequest), developers.asana.com/docs/errors.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime

from ....dialects import ErrorKind
from ....paths import Json
from ...refusal import Refusal


def bad(message: str) -> Refusal:
    """400, and what is wrong."""
    return Refusal(ErrorKind.BAD_REQUEST, message)


def unknown(name: str, value: Json) -> Refusal:
    """404, and what is not there."""
    return Refusal(ErrorKind.NOT_FOUND, f"{name}: Unknown object: {str(value)[:40]}")


def is_gid(value: Json) -> bool:
    """Whether a value can be a gid: a decimal number as text."""
    return isinstance(value, str) and re.fullmatch(r"[0-9]{1,20}", value) is not None


def plain(sent: Mapping[str, Json]) -> dict[str, Json]:
    """The fields that hold what was sent. Raises `Refusal` for a value that a field cannot hold."""
    for name, value in sent.items():
        if name in FIELDS and not FIELDS[name](value):
            raise bad(f"{name}: not a value for this field")
    return {name: value for name, value in sent.items() if name in FIELDS}


def gids(name: str, value: Json) -> list[str]:
    """A list of gids, or one, or several with commas between. Raises `Refusal`."""
    found = value.split(",") if isinstance(value, str) else value
    if not isinstance(found, list):
        raise bad(f"{name}: a list of ids is wanted")
    wrong = next((item for item in found if not is_gid(item) and item != "me"), None)
    if wrong is not None:
        raise bad(f"{name}: not an id: {str(wrong)[:40]}")
    return found


def _parsed(read: Callable[[str], object]) -> Callable[[Json], bool]:
    def holds(value: Json) -> bool:
        try:
            return value is None or bool(read(value))
        except (TypeError, ValueError):
            return False

    return holds


_text: Callable[[Json], bool] = lambda value: isinstance(value, str)  # noqa: E731
_flag: Callable[[Json], bool] = lambda value: isinstance(value, bool)  # noqa: E731

FIELDS: Mapping[str, Callable[[Json], bool]] = {
    "name": _text,
    "notes": _text,
    "html_notes": _text,
    "completed": _flag,
    "liked": _flag,
    "due_on": _parsed(date.fromisoformat),
    "due_at": _parsed(datetime.fromisoformat),
    "start_on": _parsed(date.fromisoformat),
    "start_at": _parsed(datetime.fromisoformat),
    "resource_subtype": lambda value: value in ("default_task", "milestone", "approval"),
    "assignee_status": lambda value: value in ("today", "upcoming", "later", "new", "inbox"),
    "approval_status": lambda value: value in ("pending", "approved", "rejected", "changes_requested"),
}
"""Field of a task that holds what was sent -> whether it can hold a value."""
