"""Who has to be told what: one message for a confirmed change, reminders while it lasts, and one when it is over.

Pure: a ledger of what people were told goes in with the conditions as they are, and comes out with the messages due.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Literal

from .lasting import lasting
from .wiring import LEVELS, Wiring

Level = Literal["critical", "warning", "info"]
Kind = Literal["opened", "changed", "reminder", "resolved", "notice"]


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that can be wrong with one platform, as it is now.

    Attributes:
        platform: Whose it is.
        name: `state` or `burn`.
        level: How bad it is, None where all is well.
        label: What it is in a word (`down`): a new message is due when it changes.
        since: When it became so, as Unix seconds.
        text: The same for people.
        muted: True where nobody is to be told now.
        source: Who answered.
        mode: Who is watched: a drill in the sandbox is another thing than the same trouble live.
    """

    platform: str
    name: str
    level: Level | None
    label: str
    since: float
    text: str = ""
    muted: bool = False
    source: str = "unknown"
    mode: str = "live"

    @property
    def key(self) -> str:
        """What tells it from all others: `gong/state`, `sandbox/gong/state`."""
        return "/".join(([] if self.mode == "live" else [self.mode]) + [self.platform, self.name])

    @property
    def answered(self) -> str:
        """Who answered; where that is not known, who is watched."""
        return self.mode if self.source == "unknown" else self.source


@dataclass(frozen=True, slots=True)
class Open:
    """What people were told and not yet told to be over.

    Attributes:
        condition: As it was told last.
        began: When it began, as Unix seconds.
        told: When a message was last due.
        channels: Who was told.
        reminders: How many reminders there were.
    """

    condition: Condition
    began: float
    told: float
    channels: tuple[str, ...] = ()
    reminders: int = 0


@dataclass(frozen=True, slots=True)
class Message:
    """What is to be sent. It holds no secret and nothing that a platform wrote.

    Attributes:
        id: The same for the same message, whoever makes it: a receiver can tell a second delivery.
        kind: `opened`, `changed`, `reminder`, `resolved`, or `notice` for what is no alarm.
        key: What it is about: the same from `opened` to `resolved`.
        level: `critical`, `warning` or `info`.
        platform: Whose it is, "" where it is about the watch itself.
        label: The state in a word.
        title: One line.
        text: More of it.
        at: When it became due, as Unix seconds.
        began: When what it is about began.
        source: Who answered: `live` or `sandbox`.
        channels: Whom it is for.
    """

    id: str
    kind: Kind
    key: str
    level: Level
    platform: str
    label: str
    title: str
    text: str
    at: float
    began: float
    source: str
    channels: tuple[str, ...] = ()

    @property
    def duration(self) -> float:
        """Seconds from the beginning until the message."""
        return max(0.0, self.at - self.began)


Ledger = Mapping[str, Open]


def due(
    ledger: Ledger,
    conditions: Sequence[Condition],
    now: float,
    *,
    remind: float,
    channels: Sequence[Wiring],
    waiting: Iterable[tuple[str, str]] = (),
) -> tuple[dict[str, Open], list[Message]]:
    """The ledger as it becomes, and the messages that are due, in the order of the conditions.

    `waiting` are channel and key of what could not be delivered yet: nobody is reminded of what they have not heard.
    """
    found, messages = dict(ledger), []
    undelivered = frozenset(waiting)
    for one in conditions:
        entry, message = _step(found.pop(one.key, None), one, now, remind, channels, undelivered)
        if entry is not None:
            found[one.key] = entry
        if message is not None:
            messages.append(message)
    return found, messages


def notice(title: str, text: str, now: float, source: str, channels: Sequence[Wiring]) -> Message:
    """A message about the watch itself: its configuration changed."""
    names = tuple(one.name for one in channels if one.least == "info")
    key = "watch/configuration"
    return Message(_id(key, "notice", now), "notice", key, "info", "", "changed", title, text, now, now, source, names)


def _step(
    entry: Open | None,
    one: Condition,
    now: float,
    remind: float,
    channels: Sequence[Wiring],
    undelivered: frozenset[tuple[str, str]],
) -> tuple[Open | None, Message | None]:
    if one.muted or (entry is None and one.level is None):
        return entry, None
    if entry is None:
        told = _hearing(one, channels)
        return Open(one, one.since, now, told), _message("opened", one, one.since, now, told)
    if one.level is None:
        return None, _message("resolved", one, entry.began, now, _present(entry.channels, channels))
    if one.label != entry.condition.label:
        told = _present((*entry.channels, *_hearing(one, channels)), channels)
        return replace(entry, condition=one, told=now, channels=told), _message("changed", one, entry.began, now, told)
    hearing = [name for name in _hearing(one, channels) if (name, one.key) not in undelivered]
    # Told in the future is told by a clock that was wrong.
    if not remind or 0 <= now - entry.told < remind or (channels and not hearing):
        return replace(entry, condition=one), None
    told = _present((*entry.channels, *hearing), channels)
    message = _message("reminder", one, entry.began, now, tuple(hearing), entry.reminders + 1)
    return replace(entry, condition=one, told=now, channels=told, reminders=entry.reminders + 1), message


def _hearing(one: Condition, channels: Sequence[Wiring]) -> tuple[str, ...]:
    """The channels that want to hear of it."""
    assert one.level is not None
    rank = LEVELS.index(one.level)
    return tuple(
        each.name
        for each in channels
        if rank <= LEVELS.index(each.least) and any(fnmatchcase(one.platform, glob) for glob in each.platforms)
    )


def _present(names: Iterable[str], channels: Sequence[Wiring]) -> tuple[str, ...]:
    """Those of the channels that there still are, each once, in the order of the configuration."""
    wanted = set(names)
    return tuple(each.name for each in channels if each.name in wanted)


def _message(
    kind: Kind, one: Condition, began: float, now: float, channels: tuple[str, ...], number: int = 0
) -> Message:
    level: Level = one.level or "info"
    title = _TITLES[kind].format(platform=one.platform, label=one.label, duration=lasting(now - began), number=number)
    if one.answered != "live":
        title = f"[{one.answered}] {title}"
    id = _id(one.key, kind, now)
    return Message(
        id, kind, one.key, level, one.platform, one.label, title, one.text, now, began, one.answered, channels
    )


_TITLES: Mapping[Kind, str] = {
    "opened": "{platform} is {label}",
    "changed": "{platform} is now {label}",
    "reminder": "{platform} is still {label} after {duration} (reminder {number})",
    "resolved": "{platform} is {label} again after {duration}",
}


def _id(key: str, kind: Kind, now: float) -> str:
    return f"{key}/{kind}/{now:.3f}"
