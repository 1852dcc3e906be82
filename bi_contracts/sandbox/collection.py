"""Every row of one endpoint: made when it is read, changed by what was written since."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..paths import Json, dig
from ..platform import Endpoint, Platform
from .compiler import Maker, Reference, Scope
from .keys import KeyForm, key_form, mix, salt
from .merging import composed, merged
from .recipes import makers_for, of_people, references
from .relations import example_keys, owner, related
from .rows import FOREVER, Positions, Rows

if TYPE_CHECKING:
    from .world import World


PATCHES = 8
"""Changes of one row that are told apart by their times; older ones become one."""


@dataclass(frozen=True, slots=True)
class Created:
    """A row that somebody created: in which list, under which parent row, when (Unix seconds)."""

    home: Collection
    record: Json
    parent: int | None
    at: float


class Collection:
    """Every row of one endpoint: `size` under each row of the parent's collection.

    Rows have positions; those of rows that somebody created are negative, and unique in the world.
    """

    shows_others = False

    def __init__(self, world: World, platform: Platform, endpoint: Endpoint) -> None:
        self.world = world
        self.platform = platform
        self.endpoint = endpoint
        self.exact: Sequence[Json] | None = None
        self._index: dict[Json, int] = {}
        self._added: dict[Json, int] = {}
        self.patches: dict[int, list[tuple[float, Json]]] = {}
        self.gone: dict[int, float] = {}
        self._makers: tuple[Maker, ...] | None = None
        self._partial: dict[frozenset[str], tuple[Maker, ...]] = {}
        self._related: tuple[Collection, ...] | None = None
        self.finish: Callable[[Json, int], Json] | None = None
        home = owner(platform, endpoint)
        self.parent = None if home is None else world.collection(platform, home)
        self.seed = salt(world.seed, platform.name, endpoint.name)
        self.depth: int = 1 if self.parent is None else self.parent.depth + 1
        self.size = 1 if endpoint.kind in ("identity", "write") else world.size
        self.form: KeyForm = key_form(self._key_example(), self.seed, max(1, world.size) ** self.depth)

    def __len__(self) -> int:
        return self.count

    @property
    def count(self) -> int:
        """How many rows there are; may be more than `len` can say."""
        if self.exact is not None:
            return len(self.exact)
        return self.size * (1 if self.parent is None else self.parent.count)

    def under(self, position: int, until: float = FOREVER) -> Rows:
        """The rows of one parent row, as they were at that time."""
        if self.exact is not None:
            return self.rows_at(range(len(self.exact)), position, until)
        start = 0 if position < 0 else position * self.size
        return self.rows_at(range(start, start if position < 0 else start + self.size), position, until)

    def everything(self, until: float = FOREVER) -> Rows:
        """The rows under all parents."""
        return self.rows_at(range(self.count), None, until)

    def rows_at(self, base: range, parent: int | None, until: float) -> Rows:
        """Rows that were there from the beginning, those aside that are gone by then, and those created by then."""
        more = self.added(parent, until)
        gone = self.missing_at(until)
        if not more and not gone:
            return Rows(self, base, until)
        return Rows(self, Positions(base, gone, more), until)

    def added(self, parent: int | None, until: float) -> list[int]:
        """Positions of the rows that were created under a parent (None: under any) by then, and not deleted since."""
        if not self._added:
            return []
        made = [(position, self.world.created[position]) for position in self._added.values()]
        mine = [(position, new) for position, new in made if parent is None or new.parent == parent]
        return [place for place, new in mine if new.at <= until and not self._gone_by(place, until)]

    def _gone_by(self, position: int, until: float) -> bool:
        return position in self.gone and self.gone[position] <= until

    def missing_at(self, until: float) -> list[int]:
        """Positions of the rows that are gone by then."""
        return [position for position in self.gone if position >= 0 and self._gone_by(position, until)]

    def put(self, rows: Sequence[Json]) -> None:
        """Puts exact rows in the place of the made-up ones."""
        self.exact = tuple(rows)
        self._index = {}
        self._related = None
        for position, row in enumerate(self.exact):
            key = dig(row, self.endpoint.key)
            self._index.setdefault(key if isinstance(key, str) else str(key), position)

    def row(self, position: int, until: float = FOREVER) -> Json:
        """The row, as it was at that time."""
        home, place = self.home(position)
        row = home.untouched(place)
        return home.patched(place, row, until) if place in home.patches else row

    def untouched(self, position: int) -> Json:
        """A row that stands here, before anybody changed it."""
        if position < 0:
            return self.world.created[position].record
        if self.exact is not None:
            return self.exact[position]
        return self._finished(self.makers, position)

    def _finished(self, makers: Sequence[Maker], position: int) -> Json:
        """A row that is made, and what a platform's behaviour (`finish`) has to add to it."""
        scope = self.scope(position)
        row = makers[position % len(makers)](scope)
        return row if self.finish is None else self.finish(row, scope.number)

    def members(self, position: int, names: frozenset[str]) -> Json:
        """At least those members of a row that nobody wrote, for whoever has no use for the rest."""
        if self.shows_others or self.exact is not None or not 0 <= position < self.count:
            return self.row(position)
        makers = self._partial.get(names)
        if makers is None:
            makers = self._partial[names] = makers_for(self, self.endpoint, names)
        return self._finished(makers, position)

    def patched(self, position: int, row: Json, until: float = FOREVER) -> Json:
        """The row with what was changed in it by then."""
        for at, patch in self.patches.get(position, ()):
            if at <= until:
                row = merged(row, patch)
        return row

    def touched(self, position: int) -> bool:
        """Whether anybody wrote this row."""
        if position < 0:
            return True
        home, place = self.home(position)
        return place in home.patches

    # What is written

    def blank(self, number: int) -> dict[str, Json]:
        """A new row with a key of its own: the `number`-th that is created."""
        index = self.size * 2 + number if self.parent is None else self.count + number
        scope = Scope(index % max(1, self.size), self.number(index), self.form.write(index), {}, self.kind, index)
        made = self.makers[0](scope)
        return dict(made) if isinstance(made, Mapping) else {}

    def add(self, position: int, record: Json) -> None:
        """Takes up a row that was created."""
        key = dig(record, self.endpoint.key)
        self._added[key if isinstance(key, str) else str(key)] = position

    def change(self, position: int, patch: Json, at: float) -> None:
        """Changes members of a row."""
        home, place = self.home(position)
        kept = home.patches.setdefault(place, [])
        kept.append((at, patch))
        if len(kept) > PATCHES:
            both = composed(kept[0][1], kept[1][1])
            kept[:2] = [(kept[0][0], both)] if both is not None else kept[:2]

    def remove(self, position: int, at: float) -> None:
        """Takes a row away."""
        home, place = self.home(position)
        home.gone[place] = at

    def home(self, position: int) -> tuple[Collection, int]:
        """The list, and the position there, in which a row really stands."""
        if position < 0:
            return self.world.created[position].home, position
        if self.exact is None and position >= self.count and self.related:
            return self._elsewhere(position)
        return self, position

    @property
    def kind(self) -> str:
        """What the rows are."""
        return self.endpoint.entity

    def key(self, position: int) -> Json:
        """The key of the row at a position."""
        if position < 0:
            return dig(self.world.created[position].record, self.endpoint.key)
        if self.exact is not None:
            return dig(self.exact[position], self.endpoint.key)
        return self.form.write(position)

    @property
    def related(self) -> tuple[Collection, ...]:
        """Other lists that hold rows of this kind under some parent; found here too, after this list's own."""
        if self._related is None:
            found = related(self.platform, self.endpoint) if self.exact is None else ()
            self._related = tuple(self.world.collection(self.platform, endpoint) for endpoint in found)
        return self._related

    @property
    def extent(self) -> int:
        """How many rows can be found by key: this list's own and those of related lists."""
        own = self.count if self.parent is None or self.exact is not None else self.size * self.parent.extent
        return own + sum(home.count for home in self.related)

    def _elsewhere(self, position: int) -> tuple[Collection, int]:
        """The related list, and the position there, of a position beyond this list's own."""
        position -= self.count
        for home in self.related:
            if position < home.count:
                return home, position
            position -= home.count
        raise IndexError(position)

    def position(self, key: Json) -> int | None:
        """Where the row with this key stands; keys come from URLs, so `7` is found as `"7"` too."""
        found = self._standing(key)
        if found is None:
            return None
        home, place = self.home(found)
        return None if place in home.gone else found

    def _standing(self, key: Json) -> int | None:
        """Where the row with this key stands, or stood."""
        name = key if isinstance(key, str) else str(key)
        if name in self._added:
            return self._added[name]
        if self.exact is not None:
            return self._index.get(name)
        found = self._index_of(key)
        bound = self.count if self.parent is None else self.size * self.parent.extent
        return found if 0 <= found < bound else self._related_position(key)

    def _index_of(self, key: Json) -> int:
        found = self.form.index(key)
        if (
            found < 0
            and isinstance(key, str)
            and key.isdecimal()
            and len(key) < 40
            and isinstance(self.form.write(0), int)
        ):
            found = self.form.index(int(key))
        if found < 0 and isinstance(key, str) and len(key) == 32:
            found = self.form.index(f"{key[:8]}-{key[8:12]}-{key[12:16]}-{key[16:20]}-{key[20:]}")
        return found

    def _related_position(self, key: Json) -> int | None:
        offset = self.count
        for home in self.related:
            found = home.position(key)
            if found is not None and found < 0:
                return found
            if found is not None and found < home.count and home.example_key(found) in example_keys(self.endpoint):
                return offset + found
            offset += home.count
        return None

    def example_key(self, position: int) -> Json:
        """The key of the example that a row is made after."""
        examples = self.endpoint.examples
        return dig(examples[position % len(examples)], self.endpoint.key) if examples else None

    def number(self, position: int) -> int:
        """The 64 bits that belong to the row."""
        return self.world.entities.number(self.kind, position) if self.kind else mix(position, self.seed)

    def scope(self, position: int) -> Scope:
        """What the makers are told of the row at a position."""
        if self.endpoint.kind == "identity":
            return self._self(position)
        if position < 0:
            index = -position
            return Scope(index, self.number(position), self.key(position), self.lineage(position), self.kind, index)
        if position >= self.count and self.related:
            home, place = self._elsewhere(position)
            return home.scope(place)
        index = position % self.size if self.size else position
        return Scope(index, self.number(position), self.key(position), self.lineage(position), self.kind, position)

    def _self(self, position: int) -> Scope:
        """Who one is: the row of the list that the example's key refers to, else what the example says."""
        key = self._key_example()
        known = references(self.world, self.platform)
        reference = known.get(key) if isinstance(key, str | int) else None
        return reference.lookup(reference.example) if reference else Scope(0, self.number(position), key, {}, self.kind)

    def lineage(self, position: int) -> dict[str, int]:
        """The rows that a row stands under: endpoint -> position."""
        found: dict[str, int] = {}
        home = self
        while position < 0:
            new = self.world.created[position]
            if new.parent is None or new.home.parent is None:
                return found
            home, position = new.home.parent, new.parent
            found[home.endpoint.name] = position
        while home.parent is not None and home.exact is None and home.size:
            position //= home.size
            home = home.parent
            found[home.endpoint.name] = position
        return found

    def reference(self, example: int) -> Reference:
        """What other lists need to refer to rows made after one of the examples."""
        return Reference(
            endpoint=self.endpoint.name,
            example=example,
            variants=len(self.endpoint.examples),
            total=max(1, self.count),
            people=of_people(self.endpoint),
            lookup=self.referred,
            kind=self.kind,
            entities=self.world.entities,
        )

    def referred(self, position: int) -> Scope:
        """The scope of a row that others refer to; where the list holds fewer rows, what it would have been."""
        if self.exact is not None and position >= len(self.exact):
            return Scope(position, self.number(position), self.form.write(position), {}, self.kind, position)
        return self.scope(position)

    @property
    def makers(self) -> tuple[Maker, ...]:
        """The compiled examples, each of which makes every n-th row."""
        if self._makers is None:
            self._makers = makers_for(self, self.endpoint)
        return self._makers

    def _key_example(self) -> Json:
        for example in self.endpoint.examples:
            found = dig(example, self.endpoint.key) if isinstance(example, Mapping) else example
            if found is not None:
                return found
        return "1000000000000001"
