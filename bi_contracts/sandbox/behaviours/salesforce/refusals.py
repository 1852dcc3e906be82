"""Errors of the REST API as it writes them: an array of objects with message and code, and fields after a write."""

from __future__ import annotations

from ....dialects import ErrorKind, ErrorShape
from ....paths import Json
from ...refusal import Refusal


def refused(status: int, code: str, message: str, fields: tuple[str, ...] | None = None) -> Refusal:
    """A refusal with a code of its own; `fields` is what a write names beside it."""
    error: dict[str, Json] = {"message": "{message}", "errorCode": code}
    if fields is not None:
        error["fields"] = list(fields)
    return Refusal(ErrorKind.BAD_REQUEST, message, ErrorShape(status, [error], code))


def not_found() -> Refusal:
    """There is no such thing."""
    return Refusal(ErrorKind.NOT_FOUND)


def deleted() -> Refusal:
    """The record was there and is deleted."""
    return refused(404, "ENTITY_IS_DELETED", "entity is deleted", ())
