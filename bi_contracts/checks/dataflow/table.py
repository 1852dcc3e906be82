"""Rows as a table: every object in them by its path, so that each check looks at a whole column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ...paths import Json
from .moments import Moment, moment_of

Objects = list[tuple[int, Mapping[str, Json]]]
"""Objects at one path, each with the number of its row."""

EMPTY: tuple[Json, ...] = (None, "", [], {})
"""Values that say nothing."""
NULL: tuple[Json, ...] = (None,)
"""The only one of them that the evidence of a contract tells of."""


@dataclass(frozen=True)
class Table:
    """Rows, as they came.

    A path is dotted, `*` stands for every item of a list: `parties.*.emailAddress`.

    Attributes:
        rows: The rows.
    """

    rows: Sequence[Json]

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def objects(self) -> dict[str, Objects]:
        """Path -> the objects there. "" is the rows themselves."""
        found: dict[str, Objects] = {}
        for number, row in enumerate(self.rows):
            _collect(row, "", number, found)
        return found

    @cached_property
    def names(self) -> dict[str, dict[str, None]]:
        """Path of objects -> the names of their members, in the order in which they first come."""
        found: dict[str, dict[str, None]] = {}
        for path, objects in self.objects.items():
            names = found.setdefault(path, {})
            for _, one in objects:
                names.update(dict.fromkeys(one))
        return found

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The path of every member of every object."""
        return tuple(joined(path, name) for path, names in self.names.items() for name in names)

    def column(self, path: str) -> Iterator[tuple[int, Json]]:
        """The number of the row and the value, for every object that may have it; None where it does not."""
        parent, name = self.place(path)
        if name == "*":
            yield from self._items(parent)
        else:
            for number, one in self.objects.get(parent, ()):
                yield number, one.get(name)

    def moments(self, path: str) -> list[tuple[int, Moment]]:
        """The moments of a column, with the numbers of their rows; read once."""
        if path not in self._moments:
            found = ((number, moment_of(value)) for number, value in self.column(path))
            self._moments[path] = [(number, one) for number, one in found if one is not None]
        return self._moments[path]

    @cached_property
    def _moments(self) -> dict[str, list[tuple[int, Moment]]]:
        return {}

    def filled(self, path: str, empty: Sequence[Json] = EMPTY) -> tuple[int, int]:
        """How often something stands at a path, and how many objects may have it."""
        parent, name = self.place(path)
        objects = self.objects.get(parent, ())
        return sum(one.get(name) not in empty for _, one in objects), len(objects)

    def place(self, path: str) -> tuple[str, str]:
        """The path of the objects, and the name of their member. A name may have a dot in it: Looker's `deals.name`."""
        steps = path.split(".")
        for number in range(len(steps) - 1, -1, -1):
            parent, name = ".".join(steps[:number]), ".".join(steps[number:])
            if name in self.names.get(parent, ()):
                return parent, name
        return ".".join(steps[:-1]), steps[-1]

    def _items(self, path: str) -> Iterator[tuple[int, Json]]:
        for number, listed in self.column(path):
            if isinstance(listed, list):
                for item in listed:
                    yield number, item


def joined(path: str, name: str) -> str:
    """The path of a member of the object at a path."""
    return f"{path}.{name}" if path else name


def table(rows: Table | Iterable[Json]) -> Table:
    """Rows as a table; a table is one already."""
    return rows if isinstance(rows, Table) else Table(rows if isinstance(rows, Sequence) else tuple(rows))


def _collect(value: Json, path: str, number: int, found: dict[str, Objects]) -> None:
    if isinstance(value, dict):
        found.setdefault(path, []).append((number, value))
        for name, member in value.items():
            if isinstance(member, (dict, list)):
                _collect(member, joined(path, name), number, found)
    elif isinstance(value, list):
        inside = joined(path, "*")
        for item in value:
            if isinstance(item, (dict, list)):
                _collect(item, inside, number, found)
