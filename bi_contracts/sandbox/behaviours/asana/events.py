"""Asana's events: what was written since a sync token was given.

Source: developers.asana.com/docs/events, Asana's OpenAPI description (getEvents).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ....dialects import ErrorShape
from ....paths import Json
from ...answer import Answer, json_answer

MOST = 100
"""Events in one answer."""

KEPT = 10_000
"""Events after which the oldest are forgotten."""


@dataclass(slots=True)
class Events:
    """What happened, in order, and to whom it matters."""

    kept: list[tuple[frozenset[str], Mapping[str, Json]]] = field(default_factory=list)
    forgotten: int = 0

    def add(self, scopes: Iterable[str], record: Mapping[str, Json]) -> None:
        """Something was done that can be seen from these resources."""
        self.kept.append((frozenset(scopes), record))
        if len(self.kept) > KEPT:
            self.forgotten += len(self.kept) - KEPT
            del self.kept[:-KEPT]

    def answer(self, resource: str, sync: str, shape: ErrorShape) -> Answer:
        """The events of a resource since a token; 412 with a new token where there is none or it is too old."""
        now = self.forgotten + len(self.kept)
        since = self._read(resource, sync)
        if since is None or not self.forgotten <= since <= now:
            _, body = shape.render("sync: no token, or one that is too old; read everything and go on from this one")
            return json_answer(412, {**body, "sync": _token(resource, now)})
        new = [
            (number, record)
            for number, (scopes, record) in enumerate(self.kept, start=self.forgotten)
            if number >= since and resource in scopes
        ]
        more = len(new) > MOST
        reached = new[MOST - 1][0] + 1 if more else now
        told = [record for _, record in new[:MOST]]
        return json_answer(200, {"data": told, "sync": _token(resource, reached), "has_more": more})

    def _read(self, resource: str, sync: str) -> int | None:
        try:
            number = int(sync[16:], 16)
        except ValueError:
            return None
        return number if sync == _token(resource, number) else None


def _token(resource: str, number: int) -> str:
    """32 hexadecimal digits: whose token it is, and how many events came before."""
    return f"{hashlib.blake2b(resource.encode(), digest_size=8).hexdigest()}{number:016x}"
