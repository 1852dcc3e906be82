"""Bodies as they are stored, against the contract of a conversation."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from ....contract import Contract
from ....interaction import Envelope
from ....paths import Json
from ..values import Damage
from .found import Found, Remedy

EXPLAINED = 200
"""Bodies of which it is said where they break the contract: finding that out takes long."""

_PLACE = re.compile(r"/\d+(?=/|$)")


class Contracts:
    """Counts where bodies break a contract; keeps no value of them.

    Attributes:
        looked: Bodies that were held against it.
        broken: Bodies that break it.
    """

    def __init__(self, contract: Contract, version: str) -> None:
        self._contract = contract
        self._headers = {"content-type": "application/json", "intercom-version": version}
        self._fast = contract.validation.fast
        self._where: Counter[tuple[str, str]] = Counter()
        self.looked = self.broken = 0

    def look(self, body: Json) -> None:
        """Holds one body against it."""
        self.looked += 1
        envelope: Envelope = {"status": 200, "headers": self._headers, "body": body}
        if not self._keeps(envelope):
            self.broken += 1
            if self.broken <= EXPLAINED:
                places = {(_PLACE.sub("/*", one.path), one.message) for one in self._contract.violations(envelope)}
                self._where.update(places)

    def _keeps(self, envelope: Envelope) -> bool:
        try:
            return bool(self._fast.is_valid(envelope))
        except (ValueError, RecursionError):  # NaN, or nested deeper than the fast path goes
            return False

    def damages(self) -> Iterator[Found]:
        """One warning a place, the most frequent first. Drift of the API is no damage of the store."""
        looked = min(self.broken, EXPLAINED)
        of = f"{looked} of {self.broken} that break it" if self.broken > looked else f"{self.looked}"
        for (path, message), count in self._where.most_common():
            said = f"{path or '/'}: {message} (in {count} of {of})"
            yield Found(Damage("contract", said, repairable=False, severity="warning"), Remedy.NOTHING)
