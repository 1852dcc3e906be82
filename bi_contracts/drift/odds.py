"""How likely it is that samples alone explain what is seen."""

from __future__ import annotations

from math import comb
from typing import Final

LUCK: Final = 0.01
"""Below this chance, something that never shows up is taken to be gone."""
NEVER: Final = 1e-9
"""Below this chance, a property is gone even where the baseline had more misses in all: no page of similar records
looks like that."""
DOUBT: Final = 0.1
"""Above this chance, a contradiction may be a rare case that the baseline had merely not met."""


def by_luck(frequency: float, draws: int) -> float:
    """The chance that something of this frequency is missed in so many draws."""
    return (1.0 - frequency) ** draws


def is_gone(seen: int, of: int, draws: int) -> bool:
    """Whether something seen `seen` times of `of` and not once in `draws` is gone.

    It takes more misses than the baseline itself had: no selection of the baseline's own samples can look like a loss.
    """
    return of > 0 and draws > of - seen and by_luck(seen / of, draws) < LUCK


def by_order(before: int, after: int, odd: int) -> float:
    """The chance that all `odd` cases among `before + after` fall into the later ones (Fisher's exact test)."""
    return comb(after, odd) / comb(before + after, odd)
