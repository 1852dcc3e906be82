"""A breaker beside a naive model of it that keeps everything it has ever seen."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bi_contracts.errors import BreakerOpen
from bi_contracts.resilience import Breaker, CircuitBreakerConfig, State


class BreakerMachine(RuleBasedStateMachine):
    """The model: a list of outcomes, looked through from the beginning at every step."""

    @initialize(
        kind=st.sampled_from(["count", "time"]),
        size=st.integers(1, 12),
        minimum=st.integers(1, 6),
        threshold=st.integers(0, 4),
        rate=st.sampled_from([0.1, 0.34, 0.5, 1.0]),
        slow_rate=st.sampled_from([0.2, 0.5, 1.0]),
        permits=st.integers(1, 4),
    )
    def begin(
        self, kind: Any, size: int, minimum: int, threshold: int, rate: float, slow_rate: float, permits: int
    ) -> None:
        self.config = CircuitBreakerConfig(
            failure_threshold=threshold,
            recovery_timeout=20.0,
            window=kind,
            size=size,
            minimum_calls=minimum,
            failure_rate=rate,
            slow_call_rate=slow_rate,
            slow_call_seconds=1.0,
            half_open_permits=permits,
        )
        self.now = 0.0
        self.breaker = Breaker("model", self.config, clock=lambda: self.now)
        self.state, self.round, self.opened_at = State.CLOSED, 0, 0.0
        self.outcomes: list[tuple[float, bool, bool]] = []
        self.trials: list[tuple[bool, bool]] = []
        self.permits = permits
        self.held: list[tuple[int, int]] = []

    def enter(self, state: State) -> None:
        self.state, self.round = state, self.round + 1
        self.outcomes, self.trials, self.permits = [], [], self.config.half_open_permits
        self.opened_at = self.now

    @rule(seconds=st.sampled_from([0.3, 1.0, 2.5, 7.0, 25.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def somebody_calls(self) -> None:
        if self.state is State.OPEN and self.now - self.opened_at >= 20.0:
            self.enter(State.HALF_OPEN)
        free = self.state is State.CLOSED or (self.state is State.HALF_OPEN and self.permits > 0)
        try:
            token = self.breaker.acquire()
        except BreakerOpen:
            assert not free
            return
        assert free
        self.permits -= self.state is State.HALF_OPEN
        self.held.append((self.round, token))

    @precondition(lambda self: self.held)
    @rule(data=st.data(), failed=st.booleans(), seconds=st.sampled_from([0.0, 0.99, 1.0, 9.0]))
    def a_call_ends(self, data: st.DataObject, failed: bool, seconds: float) -> None:
        made, token = self.held.pop(data.draw(st.integers(0, len(self.held) - 1)))
        (self.breaker.fail if failed else self.breaker.succeed)(token, seconds)
        if made == self.round:
            self.judge(failed, seconds >= 1.0)

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def a_call_is_cancelled(self, data: st.DataObject) -> None:
        made, token = self.held.pop(data.draw(st.integers(0, len(self.held) - 1)))
        self.breaker.release(token)
        self.permits += made == self.round and self.state is State.HALF_OPEN

    @rule(switch=st.sampled_from([State.FORCED_OPEN, State.CLOSED]))
    def somebody_switches(self, switch: State) -> None:
        (self.breaker.reset if switch is State.CLOSED else self.breaker.force_open)()
        self.enter(switch)

    def judge(self, failed: bool, slow: bool) -> None:
        config = self.config
        if self.state is State.CLOSED:
            self.outcomes.append((self.now, failed, slow))
            row = 0
            for _, bad, _ in reversed(self.outcomes):
                if not bad:
                    break
                row += 1
            seen = self.window(self.now)
            bad, late = sum(each[1] for each in seen), sum(each[2] for each in seen)
            rates = bad / len(seen) >= config.failure_rate or late / len(seen) >= config.slow_call_rate
            if 0 < config.failure_threshold <= row or (len(seen) >= config.minimum_calls and rates):
                self.enter(State.OPEN)
        elif self.state is State.HALF_OPEN:
            self.trials.append((failed, slow))
            tries = config.half_open_permits
            bad, late = sum(each[0] for each in self.trials), sum(each[1] for each in self.trials)
            if bad / tries >= config.failure_rate or late / tries >= config.slow_call_rate:
                self.enter(State.OPEN)
            elif len(self.trials) == tries:
                self.enter(State.CLOSED)

    def window(self, now: float) -> list[tuple[float, bool, bool]]:
        size = self.config.size
        if self.config.window == "count":
            return self.outcomes[-size:]
        return [each for each in self.outcomes if int(each[0]) > int(now) - size]

    @invariant()
    def they_agree(self) -> None:
        if hasattr(self, "state"):
            assert self.breaker.state is self.state
            if self.state is State.CLOSED and self.outcomes:
                seen = self.window(self.outcomes[-1][0])
                figures = self.breaker.figures
                assert (figures.calls, figures.failed, figures.slow) == (
                    len(seen),
                    sum(each[1] for each in seen),
                    sum(each[2] for each in seen),
                )


BreakerMachine.TestCase.settings = settings(max_examples=150, stateful_step_count=60, deadline=None)
TestBreakerMachine = BreakerMachine.TestCase
