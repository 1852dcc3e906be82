"""The data behind the sandbox: as many rows as asked for, made when they are read and never kept.

A row is a pure function of seed, endpoint and position, so a million rows cost no memory and two worlds of
one seed hold the same bytes. Lists nest: every parent row has `rows` rows of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import overload

from ..errors import ConfigurationError
from ..paths import Json, bury, dig
from ..platform import Endpoint, Platform
from .keys import TS, KeyForm, key_form, mix, salt
from .vary import Maker, Recipe, Reference, Scope, compiled

YEAR = 31_000_000


class Rows(Sequence[Json]):
    """Part of a list. Reading an item makes it; a slice is again lazy."""

    __slots__ = ("length", "source", "start")

    def __init__(self, source: Collection, start: int, length: int) -> None:
        self.source = source
        self.start = start
        self.length = length

    def __len__(self) -> int:
        return self.length

    @overload
    def __getitem__(self, index: int) -> Json: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Json]: ...
    def __getitem__(self, index: int | slice) -> Json:
        if isinstance(index, slice):
            start, stop, step = index.indices(self.length)
            if step != 1:
                return [self[position] for position in range(start, stop, step)]
            return Rows(self.source, self.start + start, max(0, stop - start))
        if not -self.length <= index < self.length:
            raise IndexError(index)
        return self.source.row(self.start + index % self.length)

    def __iter__(self) -> Iterator[Json]:
        return map(self.source.row, self.positions)

    @property
    def positions(self) -> range:
        """Where the rows stand in the whole collection."""
        return range(self.start, self.start + self.length)

    def position(self, key: Json) -> int | None:
        """Where the row with this key stands, None where it is not among these rows."""
        found = self.source.position(key)
        return found if found is not None and found in self.positions else None

    def find(self, key: Json) -> Json:
        """The row with this key, else None. Takes the same time however many rows there are."""
        found = self.position(key)
        return None if found is None else self.source.row(found)


class World:
    """Made-up rows for every endpoint of every platform.

    Args:
        seed: The same seed gives the same rows, byte for byte, on every machine.
        rows: Rows in every list; a list that stands under a parent has as many for each parent.
    """

    def __init__(self, seed: str = "bi", rows: int = 120) -> None:
        if rows < 0:
            raise ConfigurationError(f"rows must be 0 or more, not {rows}")
        self.seed = seed
        self.size = rows
        self._collections: dict[tuple[str, str], Collection] = {}

    def collection(self, platform: Platform, endpoint: Endpoint) -> Collection:
        """All rows of an endpoint, under whichever parent; of an item, the list it stands in."""
        name = (platform.name, endpoint.name)
        found = self._collections.get(name)
        if found is None:
            found = self._collections[name] = self._made(platform, endpoint)
        return found

    def _made(self, platform: Platform, endpoint: Endpoint) -> Collection:
        home = owner(platform, endpoint)
        if endpoint.kind == "item" and home is not None:
            return self.collection(platform, home)
        sources = shown(platform, endpoint)
        if len(sources) == 1 and sources[0].examples == endpoint.examples:
            return self.collection(platform, sources[0])
        return View(self, platform, endpoint, sources) if sources else Collection(self, platform, endpoint)

    def rows(self, platform: Platform, endpoint: Endpoint, parent: Json = None) -> Rows:
        """The rows under the parent with this key; all of them where no parent is named.

        Raises LookupError where no row has that key.
        """
        found = self.collection(platform, endpoint)
        if parent is None or found.parent is None:
            return Rows(found, 0, found.count)
        position = found.parent.position(parent)
        if position is None:
            raise LookupError(parent)
        return found.under(position)

    def put(self, platform: Platform, endpoint: Endpoint, rows: Sequence[Json]) -> None:
        """Puts exact rows in the place of the made-up ones, under every parent."""
        self.collection(platform, endpoint).put(rows)


class Collection:
    """Every row of one endpoint: `size` under each row of the parent's collection."""

    def __init__(self, world: World, platform: Platform, endpoint: Endpoint) -> None:
        self.world = world
        self.platform = platform
        self.endpoint = endpoint
        self.exact: Sequence[Json] | None = None
        self._index: dict[Json, int] = {}
        self._makers: tuple[Maker, ...] | None = None
        self._related: tuple[Collection, ...] | None = None
        home = owner(platform, endpoint)
        self.parent = None if home is None else world.collection(platform, home)
        self.seed = salt(world.seed, platform.name, endpoint.name)
        self.depth: int = 1 if self.parent is None else self.parent.depth + 1
        self.key_path = tuple(endpoint.key.split("."))
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

    def under(self, position: int) -> Rows:
        """The rows of one parent row."""
        if self.exact is not None:
            return Rows(self, 0, len(self.exact))
        return Rows(self, position * self.size, self.size)

    def put(self, rows: Sequence[Json]) -> None:
        self.exact = tuple(rows)
        self._index = {}
        self._related = None
        for position, row in enumerate(self.exact):
            key = dig(row, self.endpoint.key)
            self._index.setdefault(key if isinstance(key, str) else str(key), position)

    def row(self, position: int) -> Json:
        if self.exact is not None:
            return self.exact[position]
        if position >= self.count and self.related:
            home, place = self._elsewhere(position)
            return home.row(place)
        makers = self.makers
        return makers[position % len(makers)](self.scope(position))

    def key(self, position: int) -> Json:
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
        if self.exact is not None:
            return self._index.get(key if isinstance(key, str) else str(key))
        found = self._index_of(key)
        bound = self.count if self.parent is None else self.size * self.parent.extent
        return found if 0 <= found < bound else self._related_position(key)

    def _index_of(self, key: Json) -> int:
        found = self.form.index(key)
        if found < 0 and isinstance(key, str) and key.isdecimal() and isinstance(self.form.write(0), int):
            found = self.form.index(int(key))
        if found < 0 and isinstance(key, str) and len(key) == 32:
            found = self.form.index(f"{key[:8]}-{key[8:12]}-{key[12:16]}-{key[16:20]}-{key[20:]}")
        return found

    def _related_position(self, key: Json) -> int | None:
        offset = self.count
        for home in self.related:
            found = home.position(key)
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
        return mix(position, self.seed)

    def scope(self, position: int) -> Scope:
        if self.endpoint.kind == "identity":
            return self._self(position)
        if position >= self.count and self.related:
            home, place = self._elsewhere(position)
            return home.scope(place)
        index = position % self.size if self.size else position
        return Scope(index, self.number(position), self.key(position), self.lineage(position))

    def _self(self, position: int) -> Scope:
        """Who one is: the row of the list that the example's key refers to, else what the example says."""
        key = self._key_example()
        reference = _references(self.world, self.platform).get(key)
        return reference.lookup(reference.example) if reference else Scope(0, self.number(position), key)

    def lineage(self, position: int) -> dict[str, int]:
        """The rows that a row stands under: endpoint -> position."""
        found: dict[str, int] = {}
        home = self
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
        )

    def referred(self, position: int) -> Scope:
        """The scope of a row that others refer to; where the list holds fewer rows, what it would have been."""
        if self.exact is not None and position >= len(self.exact):
            return Scope(position, self.number(position), self.form.write(position))
        return self.scope(position)

    @property
    def makers(self) -> tuple[Maker, ...]:
        if self._makers is None:
            self._makers = makers_for(self, self.endpoint)
        return self._makers

    def _key_example(self) -> Json:
        for example in self.endpoint.examples:
            found = dig(example, self.endpoint.key) if isinstance(example, Mapping) else example
            if found is not None:
                return found
        return "1000000000000001"


class View(Collection):
    """A list that shows rows of other lists, such as the answer of a search: their rows in turn."""

    def __init__(self, world: World, platform: Platform, endpoint: Endpoint, sources: Sequence[Endpoint]) -> None:
        super().__init__(world, platform, endpoint)
        homes = {source.name: world.collection(platform, source) for source in sources}
        self.turns = [_turn(homes, dig(example, endpoint.key)) for example in endpoint.examples]

    @property
    def own(self) -> bool:
        """True where exact rows stand here or in a list that is shown: nothing is shown in turn then."""
        return self.exact is not None or any(home.exact is not None for home, _ in self.turns)

    def there(self, position: int) -> tuple[Collection, int]:
        """The list, and the position there, of a row that is shown."""
        home, example = self.turns[position % len(self.turns)]
        variants = len(home.endpoint.examples)
        return home, position // len(self.turns) * variants + example

    @property
    def makers(self) -> tuple[Maker, ...]:
        """This list's own examples, each made after the row that it shows."""
        if self._makers is None:
            homes = [home for home, _ in self.turns]
            examples = zip(homes, self.endpoint.examples, strict=True)
            self._makers = tuple(compiled(example, recipe(home, self.endpoint)) for home, example in examples)
        return self._makers

    def key(self, position: int) -> Json:
        if self.own:
            return super().key(position)
        home, place = self.there(position)
        return home.key(place)

    def scope(self, position: int) -> Scope:
        if self.own:
            return super().scope(position)
        home, place = self.there(position)
        return home.scope(place)

    def position(self, key: Json) -> int | None:
        if self.own:
            return super().position(key)
        for turn, (home, example) in enumerate(self.turns):
            place = home.position(key)
            variants = len(home.endpoint.examples)
            if place is not None and place % variants == example:
                found = place // variants * len(self.turns) + turn
                return found if found < self.count else None
        return None


def _turn(homes: Mapping[str, Collection], key: Json) -> tuple[Collection, int]:
    return next((home, keys.index(key)) for home in homes.values() if key in (keys := example_keys(home.endpoint)))


def example_keys(endpoint: Endpoint) -> list[Json]:
    """The keys of the examples: what tells that two lists hold the same things."""
    return [dig(example, endpoint.key) for example in endpoint.examples]


def shown(platform: Platform, endpoint: Endpoint) -> list[Endpoint]:
    """The lists whose rows a list without parents only shows; none where it has rows of its own.

    A thing belongs to the list that an `item` endpoint names as its parent, else to the list declared first.
    """
    if endpoint.kind != "list" or endpoint.parents:
        return []
    free = [item for item in ranked(platform) if not item.parents]
    found = {}
    for key in example_keys(endpoint):
        home = next((item for item in free if key is not None and key in example_keys(item)), endpoint)
        found[home.name] = home
    return [] if endpoint.name in found else list(found.values())


def ranked(platform: Platform) -> list[Endpoint]:
    """The lists of a platform, those first that an `item` endpoint names as its parent."""
    at_home = {name for item in platform.endpoints if item.kind == "item" for name in item.parents.values()}
    lists = [item for item in platform.endpoints if item.kind == "list"]
    return sorted(lists, key=lambda item: item.name not in at_home)


def related(platform: Platform, endpoint: Endpoint) -> list[Endpoint]:
    """Lists under a parent that hold things which an `item` endpoint looks for in this list."""
    looked_for = any(item.kind == "item" and endpoint.name in item.parents.values() for item in platform.endpoints)
    if not looked_for or endpoint.parents:
        return []
    keys = [key for key in example_keys(endpoint) if key is not None]
    nested = [item for item in platform.endpoints if item.kind == "list" and item.parents]
    return [item for item in nested if any(key in example_keys(item) for key in keys)]


def makers_for(home: Collection, endpoint: Endpoint) -> tuple[Maker, ...]:
    """The compiled examples of an endpoint whose rows stand in `home`."""
    if not endpoint.examples:
        name = endpoint.key
        return (lambda scope: {**bury({}, name, scope.key), "name": f"{endpoint.name} {scope.index + 1}"},)
    made = recipe(home, endpoint)
    return tuple(compiled(example, made) for example in endpoint.examples)


def recipe(home: Collection, endpoint: Endpoint) -> Recipe:
    """What the compiler must know about a list."""
    references = _references(home.world, home.platform)
    parents = {}
    for argument, name in home.endpoint.parents.items():
        found = next((item for item in references.values() if item.endpoint == name), None)
        if found is not None:
            parents[re.sub(r"_?(gid|id|uuid)$", "", argument, flags=re.IGNORECASE)] = found
    return Recipe(
        seed=salt(home.world.seed, home.platform.name),
        key=tuple(endpoint.key.split(".")),
        step=max(1, min(2221, YEAR // max(1, home.world.size))),
        people=of_people(home.endpoint),
        references=references,
        parents=parents,
    )


def of_people(endpoint: Endpoint) -> bool:
    """Whether the rows of an endpoint are people, judged by its name."""
    return endpoint.name.rpartition("_")[2].rstrip("s") in _PEOPLE


_PEOPLE = {"user", "admin", "contact", "member", "lead", "me", "viewer"}


def _references(world: World, platform: Platform) -> dict[Json, Reference]:
    """Every key of an example of a list, with the row that it stands for."""
    found: dict[Json, Reference] = {}
    for endpoint in ranked(platform):
        home = world.collection(platform, endpoint)
        if home.endpoint is not endpoint or isinstance(home, View):
            continue
        for number, example in enumerate(endpoint.examples):
            key = dig(example, endpoint.key)
            if isinstance(key, str) and len(key) > 5 and not TS.fullmatch(key):
                found.setdefault(key, home.reference(number))
    return found


def owner(platform: Platform, endpoint: Endpoint) -> Endpoint | None:
    """The endpoint whose rows an endpoint's rows stand under: its last parent, unless that leads in a circle."""
    if not endpoint.parents:
        return None
    home = platform.endpoint(list(endpoint.parents.values())[-1])
    seen, step = {endpoint.name}, home
    while True:
        if step.name in seen:
            return None
        seen.add(step.name)
        if not step.parents:
            return home
        step = platform.endpoint(list(step.parents.values())[-1])
