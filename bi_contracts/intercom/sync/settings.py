"""What a sync is asked to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ...errors import ConfigurationError

OVERLAP = 900
"""Seconds before the cursor that are read again: a search index lags, and what it shows late must not be lost."""

REGIONS = {"us": "https://api.intercom.io", "eu": "https://api.eu.intercom.io", "au": "https://api.au.intercom.io"}
"""Region -> where its API stands. Source: Intercom, regional hosting."""


def region_of(told: str | None) -> str:
    """A region as settings take it, from what Intercom said of itself (`EU`); "" for one that is not known."""
    known = (told or "").lower()
    return known if known in REGIONS else ""


Extra = Literal["contacts", "tickets"]


@dataclass(frozen=True, slots=True)
class SyncSettings:
    """What a sync is asked to do.

    Attributes:
        days: Conversations updated in the last so many days; None for the widest window that was ever asked for,
            everything at first.
        since: The same as Unix seconds, in place of `days`.
        full: Read every head again and compare every window, whatever is held; everything, without `days` and `since`.
        max_conversations: Only the newest so many conversations, 0 for no limit.
        overlap: Seconds before the cursor that are read again.
        with_: What is synced beside conversations.
        version: `Intercom-Version` to speak, "" for the declared one.
        region: us, eu or au; "" for the declared place.
        concurrency: Requests in flight.
        wait: Seconds to wait for another sync that holds the lease.
        reconcile: Look for deletions by comparing counts, whenever that was done last.
        believe_deletions: Delete here what is said not to exist, however much that is.
    """

    days: float | None = None
    since: int | None = None
    full: bool = False
    max_conversations: int = 0
    overlap: int = OVERLAP
    with_: tuple[Extra, ...] = ()
    version: str = ""
    region: str = ""
    concurrency: int = 40
    wait: float = 0.0
    reconcile: bool = False
    believe_deletions: bool = False

    def __post_init__(self) -> None:
        """Raises `ConfigurationError` for what contradicts itself."""
        if self.days is not None and self.since is not None:
            raise ConfigurationError("sync: give days or since, not both")
        if self.days is not None and not 0 < self.days <= 36_500:
            raise ConfigurationError(f"sync: {self.days:g} days: a number from 1 on is wanted")
        if self.max_conversations < 0 or self.overlap < 0 or self.concurrency < 1:
            raise ConfigurationError(
                "sync: max_conversations and overlap cannot be negative, concurrency is at least 1"
            )
        if self.region and self.region not in REGIONS:
            raise ConfigurationError(f"sync: {self.region!r} is no region; known are {', '.join(REGIONS)}")
