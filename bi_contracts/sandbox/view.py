"""A list that shows rows of other lists, such as the answer of a search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..paths import Json, dig
from ..platform import Endpoint, Platform
from .collection import Collection
from .compiler import Maker, Scope, compiled
from .recipes import recipe
from .relations import example_keys
from .rows import FOREVER

if TYPE_CHECKING:
    from .world import World


class View(Collection):
    """A list that shows rows of other lists, such as the answer of a search: their rows in turn."""

    shows_others = True

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
            self._makers = tuple(
                compiled(example, recipe(home, self.endpoint), {**home.endpoint.attributes, **self.endpoint.attributes})
                for home, example in examples
            )
        return self._makers

    def home(self, position: int) -> tuple[Collection, int]:
        return super().home(position) if self.own or position < 0 else self.there(position)

    def row(self, position: int, until: float = FOREVER) -> Json:
        if self.own or position < 0:
            return super().row(position, until)
        home, place = self.there(position)
        row = self.makers[position % len(self.makers)](home.scope(place))
        if place not in home.patches:
            return row
        changed = home.patched(place, row, until)
        return {name: changed[name] for name in row if name in changed}

    def added(self, parent: int | None, until: float) -> list[int]:
        if self.own:
            return super().added(parent, until)
        homes = {id(home): home for home, _ in self.turns}
        return [*super().added(parent, until), *(new for home in homes.values() for new in home.added(None, until))]

    def missing_at(self, until: float) -> list[int]:
        if self.own:
            return super().missing_at(until)
        return [
            place // len(home.endpoint.examples) * len(self.turns) + turn
            for turn, (home, example) in enumerate(self.turns)
            for place in home.missing_at(until)
            if place % len(home.endpoint.examples) == example
        ]

    def key(self, position: int) -> Json:
        if self.own or position < 0:
            return super().key(position)
        home, place = self.there(position)
        return home.key(place)

    def scope(self, position: int) -> Scope:
        if self.own or position < 0:
            return super().scope(position)
        home, place = self.there(position)
        return home.scope(place)

    def position(self, key: Json) -> int | None:
        if self.own:
            return super().position(key)
        for turn, (home, example) in enumerate(self.turns):
            place = home.position(key)
            variants = len(home.endpoint.examples)
            if place is not None and place < 0:
                return place
            if place is not None and place % variants == example:
                found = place // variants * len(self.turns) + turn
                return found if found < self.count else None
        return None


def _turn(homes: Mapping[str, Collection], key: Json) -> tuple[Collection, int]:
    return next((home, keys.index(key)) for home in homes.values() if key in (keys := example_keys(home.endpoint)))
