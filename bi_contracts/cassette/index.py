"""Finding the recorded answer to a request by a dictionary look-up: the cost does not grow with the recording."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from threading import Lock

from ..interaction import Interaction, Request
from ..redact import DEFAULT, Policy, redact_request
from .keys import RequestKey, key_of
from .nearest import Nearest, nearest


class Index:
    """Recorded interactions by the key of their redacted request. Never changes, so tests may share one."""

    def __init__(self, interactions: Iterable[Interaction], policy: Policy = DEFAULT) -> None:
        self.interactions = tuple(interactions)
        self.policy = policy
        self._places: dict[RequestKey, list[int]] = {}
        for place, interaction in enumerate(self.interactions):
            key = key_of(redact_request(interaction.request, policy))
            self._places.setdefault(key, []).append(place)

    @classmethod
    def merged(cls, parts: Iterable[Index], policy: Policy = DEFAULT) -> Index:
        """One index over several, in their order, without reading the requests again."""
        merged = cls((), policy)
        interactions: list[Interaction] = []
        for part in parts:
            for key, places in part._places.items():
                merged._places.setdefault(key, []).extend(place + len(interactions) for place in places)
            interactions += part.interactions
        merged.interactions = tuple(interactions)
        return merged

    def __len__(self) -> int:
        return len(self.interactions)

    def __iter__(self) -> Iterator[Interaction]:
        return iter(self.interactions)

    def places(self, key: RequestKey) -> list[int]:
        """Where the answers to a request stand, in recorded order."""
        return self._places.get(key, [])

    def nearest(self, redacted: Request) -> Nearest | None:
        """The recorded request closest to a redacted one, and how they differ; None for an empty index."""
        firsts = (self.interactions[places[0]].request for places in self._places.values())
        return nearest(redacted, firsts, self.policy)


class Playback:
    """One run through an index: the same request recorded several times is answered in recorded order.

    The last answer repeats. Safe to use from several threads.
    """

    def __init__(self, index: Index) -> None:
        self.index = index
        self._turns: Counter[RequestKey] = Counter()
        self._plays: Counter[int] = Counter()
        self._lock = Lock()

    def has(self, redacted: Request) -> bool:
        """Whether a redacted request has an answer."""
        return bool(self.index.places(key_of(redacted)))

    def play(self, redacted: Request) -> Interaction | None:
        """The next answer to a redacted request, marked as played; None where there is none."""
        key = key_of(redacted)
        places = self.index.places(key)
        if not places:
            return None
        with self._lock:
            place = places[min(self._turns[key], len(places) - 1)]
            self._turns[key] += 1
            self._plays[place] += 1
        return self.index.interactions[place]

    def rewind(self) -> None:
        """Forgets what was played."""
        with self._lock:
            self._turns.clear()
            self._plays.clear()

    @property
    def played(self) -> tuple[Interaction, ...]:
        """The interactions that were played at least once, in recorded order."""
        return tuple(self.index.interactions[place] for place in sorted(self._plays))

    @property
    def unused(self) -> tuple[Interaction, ...]:
        """The interactions nobody asked for, in recorded order."""
        return tuple(item for place, item in enumerate(self.index) if place not in self._plays)
