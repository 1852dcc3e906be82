"""What the compiler of records must know about a list, read from the declaration and the other lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..paths import Json, bury, dig
from ..platform import Endpoint, Platform
from .compiler import Maker, Recipe, Reference, compiled
from .compiler.fields import stem
from .entities import PEOPLE, step
from .keys import TS, salt
from .relations import ranked

if TYPE_CHECKING:
    from .collection import Collection
    from .world import World


def makers_for(home: Collection, endpoint: Endpoint, members: frozenset[str] | None = None) -> tuple[Maker, ...]:
    """The compiled examples of an endpoint whose rows stand in `home`: whole, or some of their members."""
    if not endpoint.examples:
        name = endpoint.key
        return (lambda scope: {**bury({}, name, scope.key), "name": f"{endpoint.name} {scope.index + 1}"},)
    made = recipe(home, endpoint)
    attributes = {**home.endpoint.attributes, **endpoint.attributes}
    return tuple(compiled(example, made, attributes, members) for example in endpoint.examples)


def recipe(home: Collection, endpoint: Endpoint) -> Recipe:
    """What the compiler must know about a list."""
    known = references(home.world, home.platform)
    kind = home.endpoint.entity or endpoint.entity
    parents = {}
    for argument, name in home.endpoint.parents.items():
        found = next((item for item in known.values() if item.endpoint == name), None)
        if found is not None:
            parents[stem(argument)] = found
    return Recipe(
        seed=salt(home.world.seed, home.platform.name),
        key=tuple(endpoint.key.split(".")),
        step=step(home.world.size),
        entities=home.world.entities,
        kind=kind,
        people=of_people(home.endpoint),
        references=known,
        parents=parents,
    )


def of_people(endpoint: Endpoint) -> bool:
    """Whether the rows of an endpoint are people: as declared, or judged by its name."""
    if endpoint.entity:
        return endpoint.entity in PEOPLE
    return endpoint.name.rpartition("_")[2].rstrip("s") in _PEOPLE


_PEOPLE = {"user", "admin", "contact", "member", "lead", "me", "viewer"}


def references(world: World, platform: Platform) -> dict[Json, Reference]:
    """Every key of an example of a list, with the row that it stands for. A word, such as `Account`, is no key."""
    found: dict[Json, Reference] = {}
    for endpoint in ranked(platform):
        home = world.collection(platform, endpoint)
        if home.endpoint is not endpoint or home.shows_others:
            continue
        for number, example in enumerate(endpoint.examples):
            key = dig(example, endpoint.key)
            if isinstance(key, str) and len(key) > 5 and not key.isalpha() and not TS.fullmatch(key):
                found.setdefault(key, home.reference(number))
    return found
