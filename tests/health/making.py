"""Evidence, platforms that say what they are told to say, and channels that take or refuse."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bi_contracts.health import Evidence, Limits, Look, Monitor, Reason, Settings, State
from bi_contracts.health.alerts import Message
from bi_contracts.health.channels import Undelivered
from bi_contracts.health.memory import Memory
from bi_contracts.health.wiring import Wiring

START = 1_770_000_000.0
UP, DEGRADED, DOWN, UNKNOWN = State.UP, State.DEGRADED, State.DOWN, State.UNKNOWN
_REASONS = {
    UP: (Reason.NONE, ""),
    DEGRADED: (Reason.SLOW, "6.0 s, and 5 s are allowed"),
    DOWN: (Reason.SERVER_ERROR, "HTTP 503"),
    UNKNOWN: (Reason.NOT_SET, "GONG_ACCESS_KEY is not set"),
}


def evidence(state: State, at: float = START, platform: str = "gong", source: str = "live") -> Evidence:
    """What a probe finds at a platform in that state."""
    reason, detail = _REASONS[state]
    if state is UNKNOWN:
        return Evidence(platform, at, state, reason, detail)
    return Evidence(platform, at, state, reason, detail, 0.125, 503 if state is DOWN else 200, 42, source)


@dataclass
class Taking:
    """A channel that takes messages, or refuses as long as it is told to."""

    taken: list[Message] = field(default_factory=list)
    refuse: bool = False
    wait: float | None = None
    error: Exception | None = None
    tried: int = 0

    async def send(self, message: Message) -> None:
        self.tried += 1
        await asyncio.sleep(0)
        if self.error is not None:
            raise self.error
        if self.refuse:
            raise Undelivered("channel chat: HTTP 500", retry_after=self.wait)
        self.taken.append(message)

    async def aclose(self) -> None:
        """Nothing is open."""

    @property
    def kinds(self) -> list[str]:
        return [one.kind for one in self.taken]


@dataclass
class World:
    """Platforms whose state is told, a clock that is moved, and the monitor that watches them."""

    names: Sequence[str] = ("gong",)
    settings: Settings = field(default_factory=lambda: Settings(objective=0, channels=(Wiring("chat", "slack"),)))
    channels: Mapping[str, Taking] = field(default_factory=lambda: {"chat": Taking()})
    now: float = START
    states: dict[str, State] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    kept: list[Memory] = field(default_factory=list)
    memory: Memory = field(default_factory=Memory)
    options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.monitor = self.started(self.memory)

    @property
    def chat(self) -> Taking:
        return self.channels["chat"]

    def started(self, memory: Memory) -> Monitor:
        """A monitor with that memory: another process."""
        self.monitor = Monitor(
            list(self.names),
            self.probe,
            self.settings,
            memory=memory,
            keep=self.kept.append,
            channels=self.channels,
            clock=lambda: self.now,
            report=self.said.append,
            **self.options,
        )
        return self.monitor

    async def probe(self) -> Sequence[Evidence]:
        return [evidence(self.states[name], self.now, name) for name in self.names if name in self.states]

    def look(self, *states: State, after: float = 60.0) -> Look:
        """The look after so many seconds, with all platforms in that state, or each in its own."""
        for name, state in zip(self.names, states * len(self.names) if len(states) == 1 else states, strict=True):
            self.states[name] = state
        self.now += after
        return asyncio.run(self.monitor.tick())

    def looks(self, states: Iterable[State], after: float = 60.0) -> list[Look]:
        """A look after another."""
        return [self.look(state, after=after) for state in states]


def settings(**changes: Any) -> Settings:
    """Settings with one channel that hears everything, no budget, and these changes."""
    limits = {name: changes.pop(name) for name in ("failures", "successes") if name in changes}
    usual = Settings(objective=0, channels=(Wiring("chat", "slack"),), usual=Limits(**limits))
    return replace(usual, **changes)


Sleep = Callable[[float], Awaitable[object]]
