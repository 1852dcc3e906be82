"""What may be written into a record, and how it is refused.

Source: developer.salesforce.com, REST API Developer Guide (sObject Basic Information, sObject Rows, status codes and
error responses) and Object Reference (required fields).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, datetime

import httpx

from ....paths import Json
from .fields import NUMBERS, TEXTS, targets
from .records import Org, full_id
from .refusals import refused
from .schema import Sobject, length, writable

DEFAULTS: Mapping[str, Mapping[str, Json]] = {
    "Case": {"Status": "New", "Priority": "Medium"},
    "Lead": {"Status": "Open - Not Contacted"},
    "Opportunity": {"ForecastCategory": "Pipeline", "ForecastCategoryName": "Pipeline", "Probability": 10.0},
    "Task": {"Status": "Not Started", "Priority": "Normal", "TaskSubtype": "Task"},
}
"""What a new record has where nothing was said."""


def sent(request: httpx.Request) -> dict[str, Json]:
    """The JSON object in a request. Raises `Refusal`."""
    try:
        body = json.loads(request.content)
    except ValueError:
        raise refused(400, "JSON_PARSER_ERROR", "Unexpected character or end of input at [line:1, column:1]") from None
    except RecursionError:
        raise refused(400, "JSON_PARSER_ERROR", "The body is too deeply nested") from None
    if not isinstance(body, Mapping):
        raise refused(400, "JSON_PARSER_ERROR", "Cannot deserialize a record from anything but an object")
    return {name: value for name, value in body.items() if name != "attributes"}


def checked(org: Org, sobject: Sobject, values: Mapping[str, Json], *, new: bool) -> dict[str, Json]:
    """The values under names as they are spelled. Raises `Refusal` for the first that the platform would not take."""
    found: dict[str, Json] = {}
    for name, value in values.items():
        spelled = sobject.spelled.get(name.lower(), "")
        if spelled not in sobject.fields:
            raise refused(400, "INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject.name}")
        if not writable(sobject, spelled):
            problem = f"Unable to create/update fields: {spelled}."
            raise refused(400, "INVALID_FIELD_FOR_INSERT_UPDATE", problem, (spelled,))
        found[spelled] = _value(org, sobject, spelled, value)
    wanted = sobject.required if new else tuple(name for name in sobject.required if name in found)
    absent = tuple(name for name in wanted if found.get(name) in (None, ""))
    if absent:
        problem = f"Required fields are missing: [{', '.join(absent)}]"
        raise refused(400, "REQUIRED_FIELD_MISSING", problem, absent)
    return found


def _value(org: Org, sobject: Sobject, name: str, value: Json) -> Json:
    """One value as the record holds it."""
    kind = sobject.fields[name]
    if value is None or value == "":
        return False if kind == "boolean" else None
    if not _fits(kind, value):
        said = json.dumps(value) if not isinstance(value, str) else value
        problem = f"Cannot deserialize instance of {kind} from value {said[:80]}"
        raise refused(400, "JSON_PARSER_ERROR", problem)
    if kind in NUMBERS:
        return int(value) if kind == "int" else float(value)
    if kind == "reference":
        return _reference(org, sobject, name, str(value))
    if length(sobject, name) and len(str(value)) > length(sobject, name):
        problem = f"{name}: data value too large: (max length={length(sobject, name)})"
        raise refused(400, "STRING_TOO_LONG", problem, (name,))
    if kind == "email" and not _EMAIL.fullmatch(str(value)):
        raise refused(400, "INVALID_EMAIL_ADDRESS", f"{name}: invalid email address: {str(value)[:80]}", (name,))
    if kind == "datetime":
        return datetime.fromisoformat(value).strftime("%Y-%m-%dT%H:%M:%S.000%z")
    return str(value) if kind in TEXTS else value


_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


def _fits(kind: str, value: Json) -> bool:
    if kind == "boolean":
        return isinstance(value, bool)
    if kind in NUMBERS:
        return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e18
    if kind in ("date", "datetime"):
        return isinstance(value, str) and _is_time(kind, value)
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _is_time(kind: str, value: str) -> bool:
    try:
        if kind == "date":
            date.fromisoformat(value)
            return len(value) == 10
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _reference(org: Org, sobject: Sobject, name: str, value: str) -> str:
    key = full_id(value)
    leads_to = targets(name, sobject.name)
    if not re.fullmatch(r"[0-9A-Za-z]{15}([0-9A-Za-z]{3})?", value):
        raise refused(400, "MALFORMED_ID", f"{name}: id value of incorrect type: {value[:80]}", (name,))
    known = [one for one in leads_to if org.find(one) is not None]
    if known and org.referred(known, key) is None:
        raise refused(400, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", (name,))
    return str(key)


def blank(sobject: Sobject) -> dict[str, Json]:
    """A new record before anything is said about it."""
    empty: dict[str, Json] = {name: False if kind == "boolean" else None for name, kind in sobject.fields.items()}
    return empty | dict(DEFAULTS.get(sobject.name, {}))
