"""Property values as they are sent: checked against the definitions, and turned into the texts that are kept."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from ....dialects import ErrorKind, ErrorShape
from ....paths import Json, dig
from ...refusal import Refusal


@dataclass(frozen=True, slots=True)
class Invalid:
    """What is wrong with a value: the property, HubSpot's code, and words for it."""

    name: str
    code: str
    message: str


def checked(sent: Mapping[str, Json], known: Mapping[str, Mapping[str, Json]]) -> dict[str, str]:
    """The values as texts. `known` has the definition of every property, {} where there is none.

    Raises `Refusal` that names every property that is unknown, read-only or given a wrong value.
    """
    wrong = [found for name, value in sent.items() for found in _wrong(name, value, known)]
    if wrong:
        raise Refusal(ErrorKind.BAD_REQUEST, shape=refused(wrong))
    return {name: _text(value) for name, value in sent.items()}


def refused(wrong: list[Invalid]) -> ErrorShape:
    """The answer that names what is wrong: HubSpot writes the list once more as JSON inside the message."""
    found = [
        {"isValid": False, "message": each.message, "error": each.code, "name": each.name, "localizedErrorMessage": ""}
        for each in wrong
    ]
    body = {
        "status": "error",
        "message": f"Property values were not valid: {json.dumps(found)}",
        "correlationId": "{request_id}",
        "errors": [
            {"message": each.message, "code": each.code, "context": {"propertyName": [each.name]}} for each in wrong
        ],
        "category": "VALIDATION_ERROR",
    }
    return ErrorShape(400, body)


def missing(names: list[str]) -> Refusal:
    """The refusal of a new object without properties that it must have."""
    wrong = [Invalid(name, "REQUIRED_FIELD", f"{name} is required") for name in names]
    return Refusal(ErrorKind.BAD_REQUEST, shape=refused(wrong))


def _wrong(name: str, value: Json, known: Mapping[str, Mapping[str, Json]]) -> Iterator[Invalid]:
    definition = known.get(name)
    if definition is None:
        yield Invalid(name, "PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist')
    elif isinstance(value, list | Mapping):
        yield Invalid(name, "INVALID_JSON", f"{name} takes a text")
    elif dig(definition, "modificationMetadata.readOnlyValue"):
        yield Invalid(name, "READ_ONLY_VALUE", f'"{name}" is a read only property; its value cannot be set')
    elif text := _text(value):
        yield from _ill_typed(name, text, definition)


def _ill_typed(name: str, text: str, definition: Mapping[str, Json]) -> Iterator[Invalid]:
    kind, options = definition.get("type"), [option["value"] for option in definition.get("options", ())]
    if name == "email" and not _EMAIL.fullmatch(text):
        yield Invalid(name, "INVALID_EMAIL", f"Email address {text} is invalid")
    elif kind == "number" and not _NUMBER.fullmatch(text):
        yield Invalid(name, "INVALID_LONG", f"{text} was not a valid number")
    elif kind == "datetime" and not _is_time(text):
        yield Invalid(name, "INVALID_DATE", f"{text} was not a valid date")
    elif options and not set(text.split(";")) <= set(options):
        yield Invalid(name, "INVALID_OPTION", f"{text} was not one of the allowed options: {options}")


def _text(value: Json) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def _is_time(text: str) -> bool:
    try:
        if text.isdecimal():
            datetime.fromtimestamp(int(text) / 1000, UTC)
        else:
            datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return False
    return True


_EMAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[A-Za-z]{2,}")
_NUMBER = re.compile(r"-?\d{1,30}(\.\d{1,60})?")
