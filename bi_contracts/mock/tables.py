"""The sandbox's world as a set of tables: every list holds n rows, and its references stay within them."""

from __future__ import annotations

from ..paths import Json
from ..platform import Endpoint, Platform
from ..sandbox.collection import Collection
from ..sandbox.entities import Entities
from ..sandbox.relations import owner, shown
from ..sandbox.view import View
from ..sandbox.world import World

CHILDREN = 3
"""Rows that stand under one parent row."""

KEPT = 200_000
"""Attributes and relations that are remembered before all are forgotten."""


class Tables(World):
    """A world in which every list has `rows` rows in all, where the sandbox's has them under each parent."""

    def __init__(self, seed: str = "bi", rows: int = 10, account: str = "") -> None:
        super().__init__(seed, rows, account)
        self.entities = Remembered(self.entities.seed, rows)
        self._declared: dict[str, Platform] = {}

    def collection(self, platform: Platform, endpoint: Endpoint) -> Collection:
        """As a world's; a platform that is declared anew is taken up anew."""
        if self._declared.setdefault(platform.name, platform) is not platform:
            self._declared[platform.name] = platform
            for name in [name for name in self._collections if name[0] == platform.name]:
                del self._collections[name]
        return super().collection(platform, endpoint)

    def of(self, platform: Platform) -> World:
        label = platform.name.partition("@")[2]
        if label != self.account and label not in self._accounts:
            self._accounts[label] = Tables(self.seed, self.size, label)
        return super().of(platform)

    def _made(self, platform: Platform, endpoint: Endpoint) -> Collection:
        home = owner(platform, endpoint)
        if endpoint.kind == "item" and home is not None:
            return self.collection(platform, home)
        sources = shown(platform, endpoint)
        if len(sources) == 1 and sources[0].examples == endpoint.examples:
            return self.collection(platform, sources[0])
        return Shown(self, platform, endpoint, sources) if sources else Table(self, platform, endpoint)


class Table(Collection):
    """A list with `size` rows in all: the first `CHILDREN` stand under the parent's first row, and so on."""

    @property
    def count(self) -> int:
        return self.size

    @property
    def extent(self) -> int:
        return self.size

    def lineage(self, position: int) -> dict[str, int]:
        found: dict[str, int] = {}
        home: Collection = self
        while home.parent is not None:
            position = min(position // CHILDREN, max(0, home.parent.count - 1))
            home = home.parent
            found[home.endpoint.name] = position
        return found

    def _standing(self, key: Json) -> int | None:
        found = self._index_of(key)
        return found if 0 <= found < self.size else None


class Shown(View):
    """A list that shows rows of other lists, and only such as those lists have."""

    def there(self, position: int) -> tuple[Collection, int]:
        turns = self._order()
        return turns[position] if position < len(turns) else super().there(position)

    def turn(self, position: int) -> int:
        """Which of this list's examples the row at a position is made after."""
        self._order()
        return self._examples[position] if position < len(self._examples) else position % len(self.turns)

    def _order(self) -> list[tuple[Collection, int]]:
        if not hasattr(self, "_places"):
            wanted = range(self.size * max(len(home.endpoint.examples) for home, _ in self.turns) * len(self.turns))
            drawn = ((number % len(self.turns), View.there(self, number)) for number in wanted)
            held = [(turn, place) for turn, place in drawn if place[1] < place[0].count][: self.size]
            self._examples = [turn for turn, _ in held]
            self._places = [place for _, place in held]
        return self._places


class Remembered(Entities):
    """The same people and things, who remember what was asked about them: mock data asks for thousands at a time."""

    def __init__(self, seed: str, size: int) -> None:
        super().__init__(seed, size)
        self._related: dict[tuple[str, int, str], int] = {}
        self._attributes: dict[tuple[str, int, str], Json] = {}

    def related(self, kind: str, index: int, other: str) -> int:
        asked = (kind, index, other)
        found = self._related.get(asked)
        if found is None:
            if len(self._related) > KEPT:
                self._related.clear()
            found = self._related[asked] = super().related(kind, index, other)
        return found

    def attribute(self, kind: str, index: int, path: str) -> Json:
        asked = (kind, index, path)
        found = self._attributes.get(asked)
        if found is None:
            if len(self._attributes) > KEPT:
                self._attributes.clear()
            found = self._attributes[asked] = super().attribute(kind, index, path)
        return found
