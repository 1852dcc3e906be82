"""What no declaration can say: one module a platform, found by the platform's name, each with a `Behaviour`.

A platform without a module here, a third party's among them, is answered from its declaration alone.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from ...platform import Platform
from ..graphql import Graph
from ..rest import Rest
from ..world import World


def behaviour(platform: Platform, world: World) -> Rest:
    """Who answers for a platform. An account (`hubspot@eu`) behaves as its platform does, in a world of its own."""
    world = world.of(platform)
    world.platforms[platform.name.partition("@")[0]] = platform
    name = f"{__name__}.{platform.name.partition('@')[0]}"
    if name.rpartition(".")[2].isidentifier() and find_spec(name) is not None:
        made: Rest = import_module(name).Behaviour(platform, world)
        return made
    return Graph(platform, world) if platform.protocol == "graphql" else Rest(platform, world)
