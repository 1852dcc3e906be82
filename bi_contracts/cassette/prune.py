"""Cassettes made smaller: without what no test asks for, without earlier answers to the same request."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ..interaction import Interaction
from ..redact import DEFAULT, Policy, redact_request
from .keys import RequestKey, key_of
from .store import Cassette

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Pruned:
    """The smaller cassette and what was taken out of it."""

    cassette: Cassette
    dropped: tuple[Interaction, ...]


def prune(
    cassette: Cassette,
    *,
    used: Collection[Interaction] | None = None,
    duplicates: bool = True,
    policy: Policy = DEFAULT,
) -> Pruned:
    """Keeps the interactions in `used` (all, if None), and with `duplicates` only the latest answer to each request.

    A polling client, which gets another answer to the same request each time, needs `duplicates=False`.
    """
    kept = [item for item in cassette.interactions if used is None or item in used]
    latest = _latest(kept, policy) if duplicates else kept
    chosen = {id(item) for item in latest}
    dropped = tuple(item for item in cassette.interactions if id(item) not in chosen)
    return Pruned(replace(cassette, interactions=tuple(latest)), dropped)


def _latest(interactions: list[Interaction], policy: Policy) -> list[Interaction]:
    """The latest answer to each request, at the place of its first one."""
    latest: dict[RequestKey, Interaction] = {}
    for item in interactions:
        key = key_of(redact_request(item.request, policy))
        other = latest.get(key)
        if other is None or (item.recorded_at or _NEVER) >= (other.recorded_at or _NEVER):
            latest[key] = item
    return list(latest.values())
