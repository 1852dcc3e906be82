"""Messages that wait to be accepted. None is lost: what a channel does not take now is tried again at the next look."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from .alerts import Message
from .channels.protocol import Channel, Undelivered


@dataclass(frozen=True, slots=True)
class Pending:
    """A message that a channel has not accepted yet.

    Attributes:
        channel: The channel's name.
        message: What is to be sent.
        attempts: How often it was tried.
        not_before: When it may be tried again, as Unix seconds: the channel asked to wait.
        error: Why it was not accepted, in our own words.
    """

    channel: str
    message: Message
    attempts: int = 0
    not_before: float = 0.0
    error: str = ""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What came of one round.

    Attributes:
        waiting: What still waits, in order.
        accepted: What was accepted.
        problems: What went wrong, a sentence each.
    """

    waiting: tuple[Pending, ...]
    accepted: tuple[Pending, ...] = ()
    problems: tuple[str, ...] = ()


def posted(messages: Iterable[Message]) -> tuple[Pending, ...]:
    """Each message once for each of its channels."""
    return tuple(Pending(name, message) for message in messages for name in message.channels)


def waiting_for(outbox: Iterable[Pending]) -> set[tuple[str, str]]:
    """Channel and key of all that waits."""
    return {(one.channel, one.message.key) for one in outbox}


async def deliver(outbox: Sequence[Pending], channels: Mapping[str, Channel], now: float) -> Delivered:
    """One round: all channels at once, in each the messages in order.

    A message that is refused holds back the later ones about the same thing, so that they arrive in order, and no
    others. What is meant for a channel that is configured no more is given up, and said so.
    """
    names = list(dict.fromkeys(one.channel for one in outbox))
    known = [name for name in names if name in channels]
    rounds = await asyncio.gather(
        *(_round([one for one in outbox if one.channel == name], channels[name], now) for name in known)
    )
    gone = [one for one in outbox if one.channel not in channels]
    problems = [f"channel {one.channel} is configured no more; not sent: {one.message.title}" for one in gone]
    return Delivered(
        tuple(one for done in rounds for one in done.waiting),
        tuple(one for done in rounds for one in done.accepted),
        (*problems, *(said for done in rounds for said in done.problems)),
    )


async def _round(outbox: Sequence[Pending], channel: Channel, now: float) -> Delivered:
    waiting: list[Pending] = []
    accepted: list[Pending] = []
    problems: list[str] = []
    held: set[str] = set()
    # A clock that was set back must not make anybody wait for longer than a channel may.
    closed = any(now < one.not_before <= now + _LONGEST for one in outbox)
    for one in outbox:
        if closed or one.message.key in held:
            waiting.append(one)
            continue
        tried, closed = await _tried(one, channel, now)
        if tried is None:
            accepted.append(one)
            continue
        held.add(one.message.key)
        waiting.append(tried)
        problems.append(f"{tried.error}; not sent yet ({_times(tried.attempts)}): {one.message.title}")
    return Delivered(tuple(waiting), tuple(accepted), tuple(problems))


async def _tried(one: Pending, channel: Channel, now: float) -> tuple[Pending | None, bool]:
    """None where the message was accepted, else the message with one more attempt; and whether to try no other."""
    wait, closed = 0.0, False
    try:
        await channel.send(one.message)
    except Undelivered as error:
        words, wait = str(error), min(error.retry_after or 0.0, _LONGEST)
        # Where nobody answers, each further message would only wait in vain, and the watch with it.
        closed = bool(wait) or not error.answered
    except Exception as error:  # a channel may be anybody's code: it must not end the watch
        words = f"channel {one.channel}: {type(error).__name__}"
    else:
        return None, False
    return replace(one, attempts=one.attempts + 1, not_before=now + wait, error=words), closed


_LONGEST = 3600.0
"""Seconds beyond which no channel makes us wait."""


def _times(number: int) -> str:
    return "tried once" if number == 1 else f"tried {number} times"
