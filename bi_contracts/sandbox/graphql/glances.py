"""Rows that a filter or an order looks at: no more is made of them than is looked at, and that is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from ...paths import Json
from ..collection import Collection
from ..rows import FOREVER
from ..selecting import KEPT
from .nodes import ABSENT

if TYPE_CHECKING:
    from .graph import Graph

_UNSEEN: Final[Any] = object()


class Glance(Mapping[str, Json]):
    """A row that nobody wrote, member by member."""

    def __init__(self, behaviour: Graph, home: Collection, position: int) -> None:
        self.behaviour = behaviour
        self.home = home
        self.position = position

    def get(self, name: str, default: Any = None) -> Any:
        column = self.behaviour.glances.setdefault((self.home.endpoint.name, name), {})
        value = column.get(self.position, _UNSEEN)
        if value is _UNSEEN:
            value = column[self.position] = self.behaviour.glanced(self.home, self.position, name)
        return default if value is ABSENT else value

    @cached_property
    def _whole(self) -> Mapping[str, Json]:
        return self.behaviour.values(self.home, self.position)

    def __getitem__(self, name: str) -> Json:
        found = self.get(name, ABSENT)
        if found is ABSENT:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._whole)

    def __len__(self) -> int:
        return len(self._whole)


def looked_at(behaviour: Graph, home: Collection, position: int, until: float = FOREVER) -> Mapping[str, Json]:
    """A row for whoever looks at every row of a list."""
    if home.exact is not None or home.count > KEPT or home.touched(position):
        return behaviour.values(home, position, until)
    return Glance(behaviour, home, position)
