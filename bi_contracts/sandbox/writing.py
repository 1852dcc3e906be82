"""Writes as they are declared: a row is created, changed or taken away, and later reads show it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpx

from ..dialects import ErrorKind
from ..paths import Json, bury, dig
from ..platform import Endpoint, Write
from ..slots import form_of, json_of
from .answer import Answer
from .merging import merged
from .refusal import Refusal
from .routing import Match

if TYPE_CHECKING:
    from .collection import Collection
    from .rest import Rest


def written(behaviour: Rest, request: httpx.Request, match: Match) -> Answer:
    """The answer to a write, done. Raises `Refusal`."""
    write = match.endpoint.write
    if write is None:
        return _echoed(behaviour, request, match)
    sent = values(request, write)
    absent = next((name for name in write.required if sent.get(name) in (None, "")), None)
    if absent is not None:
        raise Refusal(ErrorKind.BAD_REQUEST, f"{absent}: Missing input")
    home, position = _done(behaviour, match, write, sent)
    if write.silent:
        return Answer(write.status, [], b"")
    return behaviour.enveloped(match.endpoint, _answered(behaviour, match.endpoint, home, position), write.status)


def values(request: httpx.Request, write: Write) -> dict[str, Json]:
    """What a request sends. Raises `Refusal` for a body that is no object."""
    body = json_of(request)
    body = form_of(request) if body is None else body
    sent = dig(body, write.sent, {}) if isinstance(body, Mapping) else None
    if not isinstance(sent, Mapping) or (request.content and body == {} and request.content.strip() != b"{}"):
        raise Refusal(ErrorKind.BAD_REQUEST, f"{write.sent or 'body'}: an object is wanted")
    return dict(sent)


def _done(behaviour: Rest, match: Match, write: Write, sent: Mapping[str, Json]) -> tuple[Collection, int]:
    if write.action == "create":
        return _created(behaviour, match, write, sent)
    home, position = behaviour.found(match)
    if write.action == "delete":
        if write.fixed:
            behaviour.world.update(behaviour.platform, home.endpoint, position, patch_of(behaviour, home, write, {}))
        behaviour.world.delete(behaviour.platform, home.endpoint, position)
    else:
        behaviour.world.update(behaviour.platform, home.endpoint, position, patch_of(behaviour, home, write, sent))
    return home, position


def _created(behaviour: Rest, match: Match, write: Write, sent: Mapping[str, Json]) -> tuple[Collection, int]:
    target = behaviour.platform.endpoint(write.target)
    home = behaviour.world.collection(behaviour.platform, target)
    parent = _parent(match, home, write, sent)
    record = behaviour.world.blank(behaviour.platform, target)
    record = merged(record, patch_of(behaviour, home, write, sent))
    return home, behaviour.world.create(behaviour.platform, target, record, parent)


def _parent(match: Match, home: Collection, write: Write, sent: Mapping[str, Json]) -> int | None:
    """The row that a new row stands under: named in the path, or in what was sent."""
    if home.parent is None:
        return None
    keys = [match.arguments.get(name) for name in match.endpoint.parents] + [dig(sent, write.under)]
    for key in keys:
        if key is None:
            continue
        found = home.parent.position(key)
        if found is None:
            raise Refusal(ErrorKind.NOT_FOUND, shape=match.endpoint.missing)
        return found
    return None


def patch_of(behaviour: Rest, home: Collection, write: Write, sent: Mapping[str, Json]) -> dict[str, Json]:
    """What a write changes in a record: what was sent, what is fixed, when it was."""
    patch: Json = {}
    for name, value in sent.items():
        path = write.renamed.get(name, f"{write.into}.{name}".lstrip("."))
        patch = bury(patch, path, value)
    for path, value in write.fixed.items():
        patch = bury(patch, path, value)
    for path in write.stamps:
        patch = bury(patch, path, stamped(_example(home.endpoint, path), behaviour.clock()))
    return dict(patch)


def stamped(example: Json, now: float) -> Json:
    """A time in the form that an example has: Unix seconds or milliseconds, or ISO 8601 with its own fraction and zone.

    `now` is in Unix seconds.
    """
    if isinstance(example, int | float) and not isinstance(example, bool):
        return round(now * 1000) if example > 100_000_000_000 else int(now)
    moment = datetime.fromtimestamp(now, UTC)
    if not isinstance(example, str) or "T" not in example:
        return moment.date().isoformat() if isinstance(example, str) and len(example) == 10 else _iso(moment, 3, "Z")
    tail = example[19:]
    digits = len(tail.partition(".")[2].rstrip("Z").partition("+")[0].partition("-")[0])
    zone = next((tail[place:] for place, letter in enumerate(tail) if letter in "Z+-"), "")
    return _iso(moment, digits, "Z" if zone == "Z" else zone.replace(zone[1:], "00:00" if ":" in zone else "0000", 1))


def _iso(moment: datetime, digits: int, zone: str) -> str:
    fraction = f".{moment.microsecond:06d}"[: digits + 1] if digits else ""
    return f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}{zone}"


def _example(endpoint: Endpoint, path: str) -> Json:
    return next((value for value in (dig(example, path) for example in endpoint.examples) if value is not None), None)


def _answered(behaviour: Rest, endpoint: Endpoint, home: Collection, position: int) -> Json:
    """The record as it is now, in the shape that the write answers."""
    record = behaviour.shown(endpoint, home, position)
    shape = endpoint.examples[0] if endpoint.examples else None
    if not isinstance(shape, Mapping) or not isinstance(record, Mapping):
        return record
    return {name: record[name] for name in record if name in shape}


def _echoed(behaviour: Rest, request: httpx.Request, match: Match) -> Answer:
    """A write that says nothing of what it does: a record like the example, with what was sent."""
    endpoint = match.endpoint
    home = behaviour.rows(request, match).source
    body = json_of(request)
    sent = dig(body, endpoint.records, body) if body is not None else form_of(request)
    record: Json = home.row(0) if home.count else {}
    if isinstance(sent, Mapping) and isinstance(record, Mapping):
        record = {**record, **{name: value for name, value in sent.items() if name in record or not record}}
    return behaviour.enveloped(endpoint, behaviour.record(endpoint, record, 0))
