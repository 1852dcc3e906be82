"""What a request asks of Gong, and whether it may be asked."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, date, datetime, time

import httpx

from ....dialects import ErrorKind
from ....paths import Json, dig
from ....platform import Endpoint
from ....slots import json_of
from ...refusal import Refusal

LOG_TYPES = ("AccessLog", "UserActivityLog", "UserCallPlay", "ExternallySharedCallAccess", "ExternallySharedCallPlay")
PERIODS = ("activity_aggregate", "activity_day_by_day", "interaction_stats")
TEXTS = ("fromDateTime", "toDateTime", "workspaceId", "createdFromDateTime", "createdToDateTime")
LISTS = ("callIds", "userIds", "primaryUserIds", "reviewedUserIds", "scorecardIds")
DATES = ("fromDate", "toDate", "callFromDate", "callToDate", "reviewFromDate", "reviewToDate")


def check(request: httpx.Request, endpoint: Endpoint) -> None:
    """Raises `Refusal` for a request that Gong would not look at twice."""
    if endpoint.name == "logs":
        check_log(request)
    if endpoint.method != "POST" or endpoint.kind == "write":
        return
    asked = dig(json_of(request), "filter")
    if not isinstance(asked, Mapping):
        raise Refusal(ErrorKind.BAD_REQUEST, "filter is required")
    for name in TEXTS:
        if not isinstance(asked.get(name), str | None):
            raise Refusal(ErrorKind.BAD_REQUEST, f"{name} must be a text")
    for name in LISTS:
        listed = asked.get(name)
        if listed is not None and not (isinstance(listed, list) and all(isinstance(one, str) for one in listed)):
            raise Refusal(ErrorKind.BAD_REQUEST, f"{name} must be a list of texts")
    days = {name: _day(name, asked[name]) for name in DATES if asked.get(name) is not None}
    if endpoint.name in PERIODS:
        absent = next((name for name in ("fromDate", "toDate") if name not in days), None)
        if absent is not None:
            raise Refusal(ErrorKind.BAD_REQUEST, f"{absent} is required")
        if days["fromDate"] > days["toDate"]:
            raise Refusal(ErrorKind.BAD_REQUEST, "fromDate must be before toDate")


def check_log(request: httpx.Request) -> None:
    """Raises `Refusal` for a request for logs that says not of which kind, or not since when."""
    given = request.url.params
    if given.get("logType") not in LOG_TYPES:
        raise Refusal(ErrorKind.BAD_REQUEST, f"logType must be one of {', '.join(LOG_TYPES)}")
    if not given.get("fromDateTime"):
        raise Refusal(ErrorKind.BAD_REQUEST, "fromDateTime is required")


def _day(name: str, value: Json) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(value), time(), UTC)
    except (TypeError, ValueError):
        raise Refusal(ErrorKind.BAD_REQUEST, f"{name} must be a date such as 2026-01-31") from None


def call_ids(request: httpx.Request) -> list[Json]:
    """The calls that a request names."""
    found = dig(json_of(request), "filter.callIds")
    return found if isinstance(found, list) else []


def selector(request: httpx.Request) -> dict[str, Json]:
    """What a request wants to be shown. Raises `Refusal` for what is no selector."""
    found = dig(json_of(request), "contentSelector")
    if found is None:
        return {}
    if not isinstance(found, Mapping) or not isinstance(found.get("exposedFields") or {}, Mapping):
        raise Refusal(ErrorKind.BAD_REQUEST, "contentSelector must be an object")
    if found.get("context", "None") not in ("None", "Basic", "Extended"):
        raise Refusal(ErrorKind.BAD_REQUEST, "context must be one of None, Basic, Extended")
    return dict(found)


def digest(request: httpx.Request, slot: str) -> str:
    """What a request asks for, the page aside."""
    name = slot.rpartition(".")[2]
    sent = json_of(request)
    body = {key: value for key, value in sent.items() if key != name} if isinstance(sent, Mapping) else None
    asked = sorted((key, value) for key, value in request.url.params.multi_items() if key != name)
    return hashlib.blake2b(repr((request.url.path, asked, body)).encode(), digest_size=8).hexdigest()
