"""Which list of a platform holds what: read from the declaration alone."""

from __future__ import annotations

from ..paths import Json, dig
from ..platform import Endpoint, Platform


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
