"""How bad a change is for somebody who reads the response."""

from __future__ import annotations

from enum import StrEnum


class Severity(StrEnum):
    """Ordered: `Severity.BREAKING > Severity.WARNING > Severity.INFO`."""

    INFO = "info"
    WARNING = "warning"
    BREAKING = "breaking"

    @property
    def rank(self) -> int:
        """0 for info, 2 for breaking."""
        return tuple(Severity).index(self)

    def __lt__(self, other: str) -> bool:
        return self.rank < Severity(other).rank

    def __le__(self, other: str) -> bool:
        return self.rank <= Severity(other).rank

    def __gt__(self, other: str) -> bool:
        return self.rank > Severity(other).rank

    def __ge__(self, other: str) -> bool:
        return self.rank >= Severity(other).rank
