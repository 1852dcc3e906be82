"""What is wrong with recordings: credentials, personal data, unknown origin, age, damage."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from ..errors import CassetteError
from ..interaction import Interaction, Request, Response, Source
from ..paths import Json
from ..redact import SECRETS_ONLY, Policy, find_secrets, redact_interaction
from .guard import parts_of
from .store import Cassette, load

Kind = Literal["secret", "personal data", "no provenance", "old", "unreadable"]

_PERSONAL = Policy(personal=True, text=False)
_MOST_PLACES = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with a cassette. `interaction` counts from 1; 0 means the file as a whole."""

    path: str
    kind: Kind
    message: str
    interaction: int = 0

    def __str__(self) -> str:
        where = f"{self.path}: interaction {self.interaction}" if self.interaction else self.path
        return f"{where}: {self.kind}: {self.message}"


def audit(path: str | Path, *, now: datetime | None = None, max_age: timedelta = timedelta(days=180)) -> list[Finding]:
    """Everything wrong with the cassette in a file; an unreadable file is a finding, not an error."""
    try:
        cassette = load(path)
    except CassetteError as error:
        return [Finding(str(path), "unreadable", str(error).replace(str(path), "", 1).lstrip(": "))]
    return list(_findings(str(path), cassette, now or datetime.now(UTC), max_age))


def _findings(path: str, cassette: Cassette, now: datetime, max_age: timedelta) -> Iterator[Finding]:
    origin = cassette.provenance
    if origin.source is Source.UNKNOWN or origin.recorded_at is None:
        yield Finding(path, "no provenance", "says not who answered, or not when; record it again.")
    elif now - origin.recorded_at > max_age:
        yield Finding(path, "old", f"recorded {(now - origin.recorded_at).days} days ago; record it again.")
    for number, interaction in enumerate(cassette.interactions, start=1):
        yield from _in_interaction(path, number, interaction)


def _in_interaction(path: str, number: int, interaction: Interaction) -> Iterator[Finding]:
    clean = redact_interaction(interaction, SECRETS_ONLY)
    shapes = {where: found[0] for where, text in parts_of(interaction) if (found := find_secrets(text))}
    for where in differences(interaction, clean):
        kind = next((f" ({found.kind} {found.masked})" for part, found in shapes.items() if where.startswith(part)), "")
        yield Finding(path, "secret", f"a credential in the {where}{kind}; revoke it, then record again.", number)
    for where in differences(clean, redact_interaction(clean, _PERSONAL)):
        yield Finding(path, "personal data", f"in the {where}; record again or import with redaction.", number)


def differences(before: Interaction, after: Interaction) -> list[str]:
    """The places at which two interactions differ: `request header cookie`, `response body /user/email`."""
    places = [
        *(["request URL"] if before.request.url != after.request.url else []),
        *_headers("request", before.request, after.request),
        *_body("request", before.request.body, after.request.body),
        *_headers("response", before.response, after.response),
        *_body("response", before.response.body, after.response.body),
    ]
    return list(dict.fromkeys(places))


def _headers(side: str, before: Request | Response, after: Request | Response) -> Iterator[str]:
    for (name, value), (_, other) in zip(before.headers, after.headers, strict=True):
        if value != other and name.lower() != "content-length":
            yield f"{side} header {name.lower()}"


def _body(side: str, before: bytes, after: bytes) -> list[str]:
    if before == after:
        return []
    ours, theirs = Response(200, (), before).envelope["body"], Response(200, (), after).envelope["body"]
    pointers = list(dict.fromkeys(_pointers("", ours, theirs)))
    more = [f"{side} body at {len(pointers) - _MOST_PLACES} more places"] if len(pointers) > _MOST_PLACES else []
    return [f"{side} body {pointer}".rstrip() for pointer in pointers[:_MOST_PLACES]] + more


def _pointers(pointer: str, before: Json, after: Json) -> Iterator[str]:
    """Where two values differ; list positions are `*`, so that a hundred records give one place."""
    if isinstance(before, dict) and isinstance(after, dict) and before.keys() == after.keys():
        for name, value in before.items():
            yield from _pointers(f"{pointer}/{name}", value, after[name])
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for ours, theirs in zip(before, after, strict=True):
            yield from _pointers(f"{pointer}/*", ours, theirs)
    elif before != after:
        yield pointer
