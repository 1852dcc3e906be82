"""The data behind the sandbox: as many rows as asked for, made when they are read and never kept.

A row is a pure function of seed, endpoint and position, so a million rows cost no memory and two worlds of
one seed hold the same bytes. Lists nest: every parent row has `rows` rows of its own. What is written is kept
beside: rows that were created, changes to others, and which are gone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from ..auth import SANDBOX_SEED
from ..errors import ConfigurationError
from ..paths import Json, bury, dig
from ..platform import Endpoint, Platform
from .collection import Collection, Created
from .entities import Entities, present
from .relations import owner, shown
from .rows import FOREVER, Rows
from .view import View

__all__ = ["Collection", "Rows", "World"]


class World:
    """Made-up rows for every endpoint of every platform.

    Args:
        seed: The same seed gives the same rows, byte for byte, on every machine.
        rows: Rows in every list; a list that stands under a parent has as many for each parent.
        account: The label of the accounts that live in it: `eu` of `hubspot@eu` and `slack@eu`.

    Attributes:
        entities: Who and what there is, whichever platform lists it.
        clock: What time it is, as Unix seconds.
        lag: Platform -> seconds after which lists and searches show what was written.
        created: Position -> row that somebody created, of all lists.
        version: Changes with every write.
        platforms: The platforms that are served from it, by name without the account's label.
    """

    def __init__(self, seed: str = SANDBOX_SEED, rows: int = 120, account: str = "") -> None:
        if rows < 0:
            raise ConfigurationError(f"rows must be 0 or more, not {rows}")
        self.seed = seed
        self.size = rows
        self.account = account
        self.entities = Entities(f"{seed}@{account}" if account else seed, rows)
        self.clock: Callable[[], float] = time.time
        self.lag: dict[str, float] = {}
        self.created: dict[int, Created] = {}
        self.version = 0
        self.platforms: dict[str, Platform] = {}
        self._collections: dict[tuple[str, str], Collection] = {}
        self._accounts: dict[str, World] = {}

    @property
    def present(self) -> float:
        """The Unix time at which these rows are fresh: everything in them has happened, the last of it days ago."""
        return present(self.size)

    def of(self, platform: Platform) -> World:
        """The world that a platform lives in: accounts of one label share one, with people and things of its own."""
        label = platform.name.partition("@")[2]
        if label == self.account:
            return self
        found = self._accounts.get(label)
        if found is None:
            found = self._accounts[label] = World(self.seed, self.size, label)
            found.clock, found.lag = lambda: self.clock(), self.lag
        return found

    def collection(self, platform: Platform, endpoint: Endpoint) -> Collection:
        """All rows of an endpoint, under whichever parent; of an item, the list it stands in."""
        world = self.of(platform)
        if world is not self:
            return world.collection(platform, endpoint)
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
            return found.everything(self.horizon(platform))
        position = found.parent.position(parent)
        if position is None:
            raise LookupError(parent)
        return found.under(position, self.horizon(platform))

    def horizon(self, platform: Platform) -> float:
        """What was written after this time is not to be seen in lists yet."""
        lag = self.lag.get(platform.name, 0.0)
        return self.clock() - lag if lag else FOREVER

    def put(self, platform: Platform, endpoint: Endpoint, rows: Sequence[Json]) -> None:
        """Puts exact rows in the place of the made-up ones, under every parent."""
        self.version += 1
        self.collection(platform, endpoint).put(rows)

    # What is written

    def blank(self, platform: Platform, endpoint: Endpoint) -> dict[str, Any]:
        """A new record of a list, with a key of its own: what `create` takes."""
        return self.collection(platform, endpoint).blank(len(self.created))

    def create(self, platform: Platform, endpoint: Endpoint, record: Json, parent: int | None = None) -> int:
        """Adds a record to a list, under the parent row at that position. Returns the record's own position."""
        home = self.collection(platform, endpoint)
        if dig(record, home.endpoint.key) is None:
            record = bury(record, home.endpoint.key, dig(home.blank(len(self.created)), home.endpoint.key))
        position = -1 - len(self.created)
        self.created[position] = Created(home, record, parent, self.clock())
        home.add(position, record)
        self.version += 1
        return position

    def update(self, platform: Platform, endpoint: Endpoint, position: int, patch: Json) -> None:
        """Changes members of a record, however deep; a value `...` removes one."""
        self.collection(platform, endpoint).change(position, patch, self.clock())
        self.version += 1

    def delete(self, platform: Platform, endpoint: Endpoint, position: int) -> None:
        """Takes a record away."""
        self.collection(platform, endpoint).remove(position, self.clock())
        self.version += 1
