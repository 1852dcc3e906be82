"""A watch: probes become states, states become messages, and all of it is remembered."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field, replace

from ..errors import ConfigurationError
from . import alerts, conditions, incidents
from .alerts import Message
from .burn import Budget
from .channels.protocol import Channel
from .delivery import deliver, posted, waiting_for
from .evidence import Evidence, State
from .look import Look
from .memory import Memory
from .settings import Settings
from .state import Change, Standing, advance

Probe = Callable[[], Awaitable[Sequence[Evidence]]]
"""Asks all platforms of a watch."""


def _to_stderr(line: str) -> None:
    print(f"bi-contracts: {line}", file=sys.stderr, flush=True)


@dataclass
class Monitor:
    """Watches platforms, look by look.

    Attributes:
        names: The platforms.
        probe: Asks them.
        settings: How they are watched.
        mode: `live` or `sandbox`, as it stands on all that is shown.
        memory: What is remembered up to now.
        keep: What is done with the memory after each look and each delivery: a file is written.
        channels: Where messages go, by the names that the settings have for them.
        silent: True where nobody is to be told: what people were told stays as it is.
        clock: What time it is, as Unix seconds.
        report: What is done with a line about something that went wrong; it goes to stderr.
        alone: Keeps other processes out of the memory for a look, and gives what they have made of it before.
    """

    names: Sequence[str]
    probe: Probe
    settings: Settings = field(default_factory=Settings)
    mode: str = "live"
    memory: Memory = field(default_factory=Memory)
    keep: Callable[[Memory], None] = lambda _: None
    channels: Mapping[str, Channel] = field(default_factory=dict)
    silent: bool = False
    clock: Callable[[], float] = time.time
    report: Callable[[str], None] = _to_stderr
    alone: Callable[[Memory], AbstractAsyncContextManager[Memory]] = nullcontext

    async def tick(self) -> Look:
        """One look: everybody is asked, what that confirms is told, and all is remembered before it is sent.

        Raises nothing of a platform's, a channel's or a disk's making: what goes wrong is reported.
        """
        found = {one.platform: one for one in await self.probe()}
        async with self.alone(self.memory) as self.memory:
            return await self._looked(found)

    async def _looked(self, found: Mapping[str, Evidence]) -> Look:
        """What has been seen is understood, remembered and told."""
        now = self.clock()
        changes = [change for name in self.names if (change := self._seen(name, found.get(name), now)) is not None]
        messages = [] if self.silent else self._due(now)
        self.memory = replace(self.memory, at=now, outbox=(*self.memory.outbox, *posted(messages)))
        self._remember()
        if not self.silent:
            await self._deliver(now)
        return Look(now, self.mode, tuple(self.names), self.settings, self.memory, tuple(changes), tuple(messages))

    async def watch(
        self,
        told: Callable[[Look], None] = lambda _: None,
        *,
        rounds: int | None = None,
        stop: asyncio.Event | None = None,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        """Looks every `interval` seconds, from one beginning to the next: for ever, so many times, or until `stop`."""
        stop, done = stop or asyncio.Event(), 0
        while not stop.is_set():
            started = self.clock()
            told(await self.tick())
            done += 1
            if done == rounds:
                return
            # A clock that was set back must not make the pause longer.
            taken = max(0.0, self.clock() - started)
            await _until(stop, sleep(max(0.0, self.settings.interval - taken)))

    def _seen(self, name: str, evidence: Evidence | None, now: float) -> Change | None:
        memory, settings = self.memory, self.settings
        standing = memory.standings.get(name) or Standing(name, since=now)
        standing, change = advance(standing, evidence, now, settings.limits(name), settings.max_age)
        budget = (memory.budgets.get(name) or Budget()).until(now)
        quiet = settings.in_maintenance(name, now) is not None
        if evidence is not None and evidence.asked:
            budget = budget.add(evidence.at, State.MAINTENANCE if quiet else evidence.state)
        past = memory.incidents
        # What begins in maintenance was announced; what began before it may still end in it.
        if change is not None and (not quiet or change.after is State.UP):
            past = incidents.after(past, change, conditions.source_of(standing))
        self.memory = replace(
            memory,
            standings={**memory.standings, name: standing},
            budgets={**memory.budgets, name: budget},
            incidents=past,
        )
        return change

    def _due(self, now: float) -> list[Message]:
        memory, settings = self.memory, self.settings
        wrong = [
            one
            for name in self.names
            for one in conditions.conditions(memory.standings[name], memory.budgets[name], now, settings, self.mode)
        ]
        ledger, messages = alerts.due(
            memory.ledger,
            wrong,
            now,
            remind=settings.remind,
            channels=settings.channels,
            waiting=waiting_for(memory.outbox),
        )
        told = settings.told()
        changed = sorted(key for key, value in told.items() if memory.configuration.get(key) != value)
        if memory.configuration and changed:
            words = f"changed: {', '.join(changed)}"
            messages.append(alerts.notice("health is watched otherwise", words, now, self.mode, settings.channels))
        self.memory = replace(memory, ledger=ledger, configuration=told)
        return messages

    async def _deliver(self, now: float) -> None:
        if not self.memory.outbox:
            return
        done = await deliver(self.memory.outbox, self.channels, now)
        for problem in done.problems:
            self.report(problem)
        refused = tuple(one for one in done.waiting if one.attempts and one not in self.memory.outbox)
        self.memory = replace(self.memory, outbox=done.waiting).counted(done.accepted, refused)
        self._remember()

    def _remember(self) -> None:
        try:
            self.keep(self.memory)
        except ConfigurationError as error:  # a full disk must not keep anybody from being told
            self.report(str(error))


async def _until(stop: asyncio.Event, pause: Awaitable[object]) -> None:
    """Waits for the first of the two."""
    waits = [asyncio.ensure_future(stop.wait()), asyncio.ensure_future(pause)]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in waits:
            one.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
