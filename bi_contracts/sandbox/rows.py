"""Part of a list, lazy: positions that are counted and never held, rows that are made when they are read."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, overload

from ..paths import Json

if TYPE_CHECKING:
    from .collection import Collection

FOREVER = float("inf")


class Positions(Sequence[int]):
    """A range without some of its members and with some others after it."""

    __slots__ = ("base", "gaps", "gone", "kept", "more")

    def __init__(self, base: range, gone: Sequence[int], more: Sequence[int]) -> None:
        self.base = base
        self.more = more
        self.gone = frozenset(gone)
        places = sorted(base.index(position) for position in gone if position in base)
        self.gaps = [place - number for number, place in enumerate(places)]
        self.kept = len(base) - len(places)

    def __len__(self) -> int:
        return self.kept + len(self.more)

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[int]: ...
    def __getitem__(self, index: int | slice) -> int | Sequence[int]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        place = range(len(self))[index]
        if place >= self.kept:
            return self.more[place - self.kept]
        return self.base[place + bisect_right(self.gaps, place)]

    def __repr__(self) -> str:
        return f"Positions({self.base!r}, {sorted(self.gone)}, {list(self.more)})"

    def __contains__(self, position: object) -> bool:
        return position in self.more or (position in self.base and position not in self.gone)


class Rows(Sequence[Json]):
    """Rows of a collection. Reading an item makes it; a slice is again lazy.

    Attributes:
        source: The collection they stand in.
        positions: Where they stand in it.
        until: What was written later, in Unix seconds, is not to be seen.
    """

    __slots__ = ("positions", "source", "until")

    def __init__(self, source: Collection, positions: Sequence[int], until: float = FOREVER) -> None:
        self.source = source
        self.positions = positions
        self.until = until

    def __len__(self) -> int:
        return len(self.positions)

    @overload
    def __getitem__(self, index: int) -> Json: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Json]: ...
    def __getitem__(self, index: int | slice) -> Json:
        if isinstance(index, slice):
            part = Rows(self.source, self.positions[index], self.until)
            return part if index.step in (None, 1) else list(part)
        return self.source.row(self.positions[index], self.until)

    def __iter__(self) -> Iterator[Json]:
        return (self.source.row(position, self.until) for position in self.positions)

    def backwards(self) -> Rows:
        """The rows in the opposite order."""
        return Rows(self.source, self.positions[::-1], self.until)

    def position(self, key: Json) -> int | None:
        """Where the row with this key stands, None where it is not among these rows."""
        found = self.source.position(key)
        return found if found is not None and found in self.positions else None

    def find(self, key: Json) -> Json:
        """The row with this key, else None. Takes the same time however many rows there are."""
        found = self.position(key)
        return None if found is None else self.source.row(found, self.until)
