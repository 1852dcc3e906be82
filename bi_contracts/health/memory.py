"""What a watch remembers from one look to the next, and from one process to the next."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..errors import ConfigurationError
from ..files import write_text
from ..workspace import Workspace
from .alerts import Open
from .burn import Budget, Ring
from .codec import Unreadable, decoded, encoded
from .delivery import Pending
from .evidence import State
from .incidents import Incident
from .state import Standing

VERSION = 1
LARGEST = 64 * 1024 * 1024
"""Bytes. A watch of a hundred platforms remembers about one megabyte."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many messages a channel accepted and refused, by level."""

    channel: str
    level: str
    sent: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Memory:
    """All that is remembered.

    Attributes:
        at: When of the last look, as Unix seconds; None before the first.
        standings: Platform -> what is known of it.
        budgets: Platform -> what was seen of it.
        ledger: Key -> what people were told and is not over.
        outbox: What could not be delivered yet.
        incidents: What was wrong, the oldest first.
        counts: How many messages were sent.
        configuration: The settings that were in force.
    """

    at: float | None = None
    standings: Mapping[str, Standing] = field(default_factory=dict)
    budgets: Mapping[str, Budget] = field(default_factory=dict)
    ledger: Mapping[str, Open] = field(default_factory=dict)
    outbox: tuple[Pending, ...] = ()
    incidents: tuple[Incident, ...] = ()
    counts: tuple[Count, ...] = ()
    configuration: Mapping[str, Any] = field(default_factory=dict)

    def counted(self, accepted: tuple[Pending, ...], refused: tuple[Pending, ...]) -> Memory:
        """With what was accepted and refused in a round added up."""
        found = {(one.channel, one.level): one for one in self.counts}
        for one in accepted:
            place = (one.channel, one.message.level)
            known = found.get(place, Count(*place))
            found[place] = replace(known, sent=known.sent + 1)
        for one in refused:
            place = (one.channel, one.message.level)
            known = found.get(place, Count(*place))
            found[place] = replace(known, refused=known.refused + 1)
        return replace(self, counts=tuple(found[place] for place in sorted(found)))


def place(workspace: Workspace, mode: str) -> Path:
    """The file: `.bi-contracts/health.json`, and one of its own for what a sandbox said."""
    name = "health.json" if mode == "live" else f"health.{mode}.json"
    return workspace.root / workspace.settings.state / name


def load(path: Path) -> Memory:
    """What a file remembers; nothing where there is none. Raises `ConfigurationError` for one that is damaged."""
    try:
        if path.stat().st_size > LARGEST:
            raise ConfigurationError(f"{path}: damaged (it is too large)")
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Memory()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: cannot be read ({type(error).__name__})") from None
    try:
        document = json.loads(text)
        if not isinstance(document, dict) or document.get("version") != VERSION:
            raise Unreadable(f"it is not of version {VERSION}")
        memory = _sound(decoded(Memory, document.get("memory")))
        _text(memory).encode()  # half a surrogate pair can be read and not be written
        return memory
    except (ValueError, RecursionError) as error:
        said = str(error) if isinstance(error, Unreadable) else "it is no JSON"
        raise ConfigurationError(f"{path}: damaged ({said})") from None


def save(memory: Memory, path: Path) -> None:
    """Writes the file whole or not at all. Raises `ConfigurationError` where it cannot be written."""
    write_text(path, _text(memory))


def _text(memory: Memory) -> str:
    document = {"version": VERSION, "memory": encoded(memory)}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n"


def set_aside(path: Path) -> Path:
    """Moves a damaged file out of the way, where somebody can look at it. Raises `ConfigurationError`."""
    kept = path.with_name(f"{path.name}.damaged")
    try:
        path.replace(kept)
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be moved away ({type(error).__name__}); remove it") from None
    return kept


def _sound(memory: Memory) -> Memory:
    """The memory with rings of our own widths: a file must not decide how much is kept. Raises `Unreadable`."""
    if any(one.state is State.MAINTENANCE for one in memory.standings.values()):
        raise Unreadable("nothing is ever confirmed to be in maintenance")
    usual = Budget()
    budgets = {
        name: Budget(_ring(usual.minutes, one.minutes), _ring(usual.halves, one.halves), _ring(usual.days, one.days))
        for name, one in memory.budgets.items()
    }
    return replace(memory, budgets=budgets)


def _ring(usual: Ring, read: Ring) -> Ring:
    return replace(usual, buckets=tuple(sorted(read.buckets))) if usual.width == read.width else usual
