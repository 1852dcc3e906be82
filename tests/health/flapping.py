"""Platforms that flap at random, watched by a monitor; and a recount of what had to be told, by other means.

The recount keeps every answer and looks back over all of them each time. It shares no code with the monitor.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from bi_contracts.health import Evidence, Limits, Monitor, Reason, Settings, State
from bi_contracts.health.alerts import Message
from bi_contracts.health.channels import Undelivered
from bi_contracts.health.codec import decoded, encoded
from bi_contracts.health.maintenance import Window
from bi_contracts.health.memory import Memory
from bi_contracts.health.wiring import Wiring

START = 1_770_000_000.0
UP, DEGRADED, DOWN, UNKNOWN = State.UP, State.DEGRADED, State.DOWN, State.UNKNOWN


@dataclass(frozen=True)
class Plan:
    """One run: what each platform says at each look, and how it is watched."""

    seed: int
    moments: tuple[float, ...]
    answers: dict[str, tuple[State, ...]]
    settings: Settings
    broken: tuple[bool, ...]
    restarts: frozenset[int]


@dataclass
class Told:
    """What a run came to, and what it had to come to."""

    messages: int = 0
    delivered: int = 0
    changes: int = 0
    reminders: int = 0
    expected_changes: int = 0
    expected_reminders: int = 0
    probes: int = 0
    flips: int = 0
    order: list[str] = field(default_factory=list)

    @property
    def exact(self) -> bool:
        return (
            self.messages == self.delivered == self.expected_changes + self.expected_reminders
            and self.changes == self.expected_changes
            and self.reminders == self.expected_reminders
        )


def plan(seed: int, looks: int = 120, platforms: int = 2) -> Plan:
    """A run that is drawn by lot: quiet and flapping times, gaps, outages, maintenance, a channel that fails."""
    lot = random.Random(seed)
    interval = lot.choice([30.0, 60.0, 120.0])
    now, moments = START, []
    for _ in range(looks):
        now += interval * lot.choice([1, 1, 1, 1, 1, 1, 1, 1, 1, lot.choice([1, 2, 40])])
        moments.append(now)
    names = [f"platform{number}" for number in range(platforms)]
    window = Window(names[0], moments[looks // 3], moments[looks // 3] + lot.uniform(1, 20) * interval)
    settings = Settings(
        interval=interval,
        max_age=lot.choice([5, 20]) * interval,
        remind=lot.choice([0, 5, 15, 30]) * interval,
        usual=Limits(failures=lot.randint(1, 4), successes=lot.randint(1, 4)),
        objective=lot.choice([0.0, 0.99]),
        minimum=10,
        minimum_bad=2,
        maintenance=(window,) if lot.random() < 0.5 else (),
        channels=(Wiring("chat", "slack"),),
    )
    failing = lot.choice([0.0, 0.0, 0.3])
    return Plan(
        seed,
        tuple(moments),
        {name: tuple(_answers(lot, looks)) for name in names},
        settings,
        tuple(lot.random() < failing for _ in moments),
        frozenset(lot.sample(range(looks), 3)),
    )


def _answers(lot: random.Random, looks: int) -> list[State]:
    """Times in which a platform is well, out, or flaps, one after another."""
    found: list[State] = []
    while len(found) < looks:
        weights = lot.choice([(20, 1, 1, 0), (1, 1, 8, 0), (3, 1, 3, 0), (1, 6, 1, 0), (1, 1, 1, 1), (0, 0, 0, 1)])
        found += lot.choices([UP, DEGRADED, DOWN, UNKNOWN], weights, k=lot.randint(1, 25))
    return found[:looks]


@dataclass
class _Chat:
    """A channel that refuses while it is broken."""

    broken: bool = False
    taken: list[Message] = field(default_factory=list)

    async def send(self, message: Message) -> None:
        if self.broken:
            raise Undelivered("channel chat: HTTP 500")
        self.taken.append(message)

    async def aclose(self) -> None:
        """Nothing is open."""


async def watched(drawn: Plan) -> tuple[list[Message], list[Message], list[list[Message]]]:
    """The messages that a monitor made, those that arrived, and those that arrived at each look."""
    chat, at = _Chat(), 0

    async def probe() -> Sequence[Evidence]:
        return [
            Evidence(name, drawn.moments[at], answers[at], Reason.NONE, "", 0.1, 200, None, "live")
            for name, answers in drawn.answers.items()
        ]

    monitor = Monitor(
        list(drawn.answers), probe, drawn.settings,
        channels={"chat": chat}, clock=lambda: drawn.moments[at], report=lambda _: None,
    )  # fmt: skip
    made: list[Message] = []
    arrived: list[list[Message]] = []
    for at in range(len(drawn.moments)):
        if at in drawn.restarts:
            monitor = replace(monitor, memory=decoded(Memory, encoded(monitor.memory)))
        chat.broken = drawn.broken[at]
        before = len(chat.taken)
        made += (await monitor.tick()).messages
        arrived.append(chat.taken[before:])
    return made, chat.taken, arrived


def recounted(drawn: Plan, arrived: Sequence[Sequence[Message]]) -> tuple[int, int]:
    """Confirmed changes that people had to be told of, and reminders that were due."""
    changes = reminders = 0
    for name, answers in drawn.answers.items():
        states = _confirmed(drawn, answers)
        quiet = [
            any(one.start <= now < one.end and one.platform == name for one in drawn.settings.maintenance)
            for now in drawn.moments
        ]
        known = [any(state is not UNKNOWN for state in states[: at + 1]) for at in range(len(states))]
        labels = [state.value if state is not UP and known[at] else "" for at, state in enumerate(states)]
        first = _told(drawn, labels, quiet, arrived, f"{name}/state")
        burning = _burning(drawn, answers, states, quiet) if drawn.settings.objective else [""] * len(answers)
        out = [
            quiet[at] or answers[at] is DOWN or bool(first[2][at] and states[at] is not UP)
            for at in range(len(answers))
        ]
        second = _told(drawn, burning, out, arrived, f"{name}/burn")
        changes += first[0] + second[0]
        reminders += first[1] + second[1]
    return changes, reminders


def _told(
    drawn: Plan, labels: Sequence[str], quiet: Sequence[bool], arrived: Sequence[Sequence[Message]], key: str
) -> tuple[int, int, list[str]]:
    """Changes and reminders of one thing, and what people know of it after each look; "" is that all is well.

    Nobody is reminded of what they have not heard: `arrived` says what was heard by when.
    """
    changes = reminders = unheard = 0
    told, last, known = "", 0.0, []
    for at, now in enumerate(drawn.moments):
        if not quiet[at] and labels[at] != told:
            changes, told, last, unheard = changes + 1, labels[at], now, unheard + 1
        elif not quiet[at] and told and drawn.settings.remind and now - last >= drawn.settings.remind and not unheard:
            reminders, last, unheard = reminders + 1, now, unheard + 1
        unheard -= sum(one.key == key for one in arrived[at])
        known.append(told)
    return changes, reminders, known


_PAIRS = ((14.4, 3600, 300, 60, 60), (6, 21_600, 1800, 60, 60), (1, 259_200, 21_600, 1800, 60))
"""Rate, both windows, and the widths of the slices that they are counted in."""


def _burning(drawn: Plan, answers: Sequence[State], states: Sequence[State], quiet: Sequence[bool]) -> list[str]:
    """How fast the budget burns at each look, counted anew from all answers."""
    found = []
    for at, now in enumerate(drawn.moments):
        past = [
            (drawn.moments[step], answers[step] is DOWN)
            for step in range(at + 1)
            if answers[step] is not UNKNOWN and not quiet[step]
        ]
        calm = _calm_since(drawn, answers, states, at)
        rates = [
            rate
            for rate, long, short, *widths in _PAIRS
            if all(
                _rate(past, now, span, width, drawn) > rate for span, width in zip((long, short), widths, strict=True)
            )
            and _enough(past, now, long, widths[0], drawn)
            and (calm is None or now - calm >= short)
        ]
        found.append("" if not rates else "fast" if max(rates) > 1 else "slow")
    return found


def _within(past: Sequence[tuple[float, bool]], now: float, span: float, width: float) -> list[bool]:
    return [bad for moment, bad in past if now // width - span // width < moment // width <= now // width]


def _rate(past: Sequence[tuple[float, bool]], now: float, span: float, width: float, drawn: Plan) -> float:
    seen = _within(past, now, span, width)
    return sum(seen) / len(seen) / (1.0 - drawn.settings.objective) if seen else 0.0


def _enough(past: Sequence[tuple[float, bool]], now: float, span: float, width: float, drawn: Plan) -> bool:
    seen = _within(past, now, span, width)
    return len(seen) >= drawn.settings.minimum and sum(seen) >= drawn.settings.minimum_bad


def _calm_since(drawn: Plan, answers: Sequence[State], states: Sequence[State], at: int) -> float | None:
    """When the state that holds was confirmed, where the one before it was an outage; None where it was none."""
    step = at
    while step and states[step - 1] is states[at] and not _gap(drawn, answers, step):
        step -= 1
    return drawn.moments[step] if step and states[step - 1] in (DOWN, DEGRADED) else None


def _gap(drawn: Plan, answers: Sequence[State], at: int) -> bool:
    """Whether what was known before a look was too old by then."""
    last = next((step for step in range(at - 1, -1, -1) if answers[step] is not UNKNOWN), None)
    old = last is not None and drawn.moments[at] - drawn.moments[last] > drawn.settings.max_age
    return answers[at] is not UNKNOWN and old


def _confirmed(drawn: Plan, answers: Sequence[State]) -> list[State]:
    """The confirmed state at each look, by looking back at the last answers."""
    limits, found, state, begin = drawn.settings.usual, [], UNKNOWN, 0
    for at in range(len(answers)):
        if _gap(drawn, answers, at):
            state, begin = UNKNOWN, at
        seen = answers[begin : at + 1]
        good, bad = seen[-limits.successes :], seen[-limits.failures :]
        if answers[at] is UNKNOWN:
            state, begin = UNKNOWN, at + 1
        elif state is UNKNOWN:
            state = answers[at]
        elif state is not UP and len(good) == limits.successes and set(good) == {UP}:
            state = UP
        elif state is DOWN:
            state = DEGRADED if len(good) == limits.successes and DOWN not in good else DOWN
        elif len(bad) == limits.failures and set(bad) == {DOWN}:
            state = DOWN
        elif len(bad) == limits.failures and UP not in bad:
            state = DEGRADED
        found.append(state)
    return found


def simulate(seed: int, looks: int = 120, platforms: int = 2) -> Told:
    """One run, counted both ways. At the end the channel works, so that what waits arrives."""
    drawn = plan(seed, looks, platforms)
    drawn = replace(drawn, broken=(*drawn.broken[:-1], False))
    made, taken, arrived = asyncio.run(watched(drawn))
    changes, reminders = recounted(drawn, arrived)
    kinds = [one.kind for one in made]
    return Told(
        messages=len(made),
        delivered=len(taken),
        changes=len(made) - kinds.count("reminder"),
        reminders=kinds.count("reminder"),
        expected_changes=changes,
        expected_reminders=reminders,
        probes=looks * platforms,
        flips=sum(one is not other for each in drawn.answers.values() for one, other in pairwise(each)),
        order=[one.id for one in taken],
    )
