"""What a run used of its recordings: replayed, missed, left unused, gone stale, written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from ..interaction import Source

if TYPE_CHECKING:
    from ..cassette.player import Player


@dataclass
class Replayed:
    """One cassette that was opened.

    Attributes:
        name: The endpoint's id, or the file.
        requests: What each interaction asked, `GET https://...`, in recorded order.
        played: The numbers of those that were played, from 0.
        sources: Who answered when it was recorded.
        recorded_at: The oldest moment of recording, ISO 8601; "" where none is known.
    """

    name: str
    requests: list[str]
    played: list[int] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    recorded_at: str = ""

    @property
    def unused(self) -> list[str]:
        return [request for number, request in enumerate(self.requests) if number not in set(self.played)]

    def age(self, now: datetime) -> int:
        """Whole days since the oldest interaction was recorded; 0 where nobody knows."""
        return (now - datetime.fromisoformat(self.recorded_at)).days if self.recorded_at else 0


@dataclass
class Usage:
    """By cassette file, across all tests. As plain data it travels between the processes of pytest-xdist.

    Attributes:
        replayed: The cassettes that were opened.
        plays: How many answers were given from recordings.
        misses: The test and the message of each request that was not recorded.
        blocked: The test and the target, `host:port`, of each connection that was refused.
        written: File -> how many interactions it has now, and their source.
        dropped: Tests whose traffic was not written, because they failed.
    """

    replayed: dict[str, Replayed] = field(default_factory=dict)
    plays: int = 0
    misses: list[tuple[str, str]] = field(default_factory=list)
    blocked: list[tuple[str, str]] = field(default_factory=list)
    written: dict[str, tuple[int, str]] = field(default_factory=dict)
    dropped: list[str] = field(default_factory=list)

    def note(self, test: str, paths: Sequence[Path], player: Player, attempts: Iterable[str]) -> None:
        """Adds what one test used."""
        from ..cassette.shelf import cassette_at

        played = {id(interaction) for interaction in player.played}
        self.plays += len(played)
        for path in paths:
            interactions = cassette_at(path).interactions
            seen = self.replayed.setdefault(str(path), _unplayed(path))
            numbers = {number for number, one in enumerate(interactions) if id(one) in played}
            seen.played = sorted({*seen.played, *numbers})
        self.misses += [(test, str(miss)) for miss in player.missed]
        self.blocked += [(test, target) for target in attempts]

    def as_dict(self) -> dict[str, Any]:
        """Plain data for `from_dict`."""
        return asdict(self)

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Self:
        pairs = {name: [tuple(pair) for pair in plain[name]] for name in ("misses", "blocked")}
        return cls(
            replayed={path: Replayed(**seen) for path, seen in plain["replayed"].items()},
            plays=plain["plays"],
            written={path: tuple(value) for path, value in plain["written"].items()},
            dropped=list(plain["dropped"]),
            **pairs,
        )

    def add(self, other: Usage) -> None:
        """Takes in what another process used."""
        for path, seen in other.replayed.items():
            mine = self.replayed.setdefault(path, seen)
            mine.played = sorted({*mine.played, *seen.played})
        self.plays += other.plays
        self.misses += other.misses
        self.blocked += other.blocked
        self.written |= other.written
        self.dropped += other.dropped

    def __bool__(self) -> bool:
        return bool(self.replayed or self.written or self.dropped or self.misses)


def _unplayed(path: Path) -> Replayed:
    from ..cassette.shelf import cassette_at

    cassette = cassette_at(path)
    moments = [one.recorded_at for one in cassette.interactions if one.recorded_at]
    return Replayed(
        name=_name(path, cassette.provenance.endpoint),
        requests=[f"{one.request.method} {one.request.url}" for one in cassette.interactions],
        sources=sorted({str(one.source) for one in cassette.interactions} or {str(Source.UNKNOWN)}),
        recorded_at=min(moments).isoformat() if moments else "",
    )


def _name(path: Path, endpoint: str) -> str:
    """The endpoint where the file is its recording, else the file."""
    return endpoint if endpoint and path.with_suffix("").as_posix().endswith(f"/{endpoint}") else str(path)
