"""How often is tried again, and how long is waited before."""

from __future__ import annotations

import logging
import math
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
import stamina
from hypothesis import given
from hypothesis import strategies as st

from bi_contracts.errors import (
    ApiError,
    CredentialsMissing,
    DeclarationError,
    Failure,
    NotFound,
    RateLimited,
    TimedOut,
    Unauthorized,
    Unreachable,
)
from bi_contracts.resilience import Policy, RetryConfig

from .virtual import now, run

DOWN = ApiError("down", status=503)


class Script:
    """Ends every attempt as it is told, and writes down when it was asked."""

    def __init__(self, *ends: Exception | str, takes: float = 0.0) -> None:
        self.ends, self.takes, self.asked = list(ends), takes, list[float]()

    async def __call__(self) -> str:
        import asyncio

        self.asked.append(now())
        if self.takes:
            await asyncio.sleep(self.takes)
        end = self.ends[0] if len(self.ends) == 1 else self.ends.pop(0)
        if isinstance(end, Exception):
            raise end
        return end

    @property
    def waits(self) -> list[float]:
        return [later - sooner for sooner, later in zip(self.asked, self.asked[1:], strict=False)]


def calling(script: Script, retry: RetryConfig, **settings: Any) -> tuple[Any, float]:
    """What a call came to, and how long it took."""

    async def call() -> tuple[Any, float]:
        policy = Policy("gong", retry=retry, clock=now, **{"total_timeout": None, **settings})
        try:
            return await policy.call(script), now()
        except Exception as error:
            return error, now()

    return run(call())


def steady(**settings: Any) -> RetryConfig:
    return RetryConfig(jitter=False, **settings)


def test_the_names_of_the_seed_are_its_defaults() -> None:
    """The seed's `RetryConfig` is the default one."""
    seed = RetryConfig(max_attempts=3, base_delay=1.0, max_delay=60.0, exponential_backoff=True, jitter=True)
    assert seed == RetryConfig()


def test_a_passing_trouble_is_tried_again() -> None:
    """The answer of the third attempt is the answer."""
    assert calling(Script(DOWN, TimeoutError(), "rows"), steady())[0] == "rows"


def test_waits_double_up_to_the_longest() -> None:
    """Exponential backoff, cut at `max_delay`."""
    script = Script(DOWN)
    calling(script, steady(max_attempts=6, max_delay=5.0))
    assert script.waits == pytest.approx([1.0, 2.0, 4.0, 5.0, 5.0])


def test_waits_are_all_the_same_without_exponential_backoff() -> None:
    """`exponential_backoff=False` waits `base_delay` every time."""
    script = Script(DOWN)
    calling(script, steady(max_attempts=4, exponential_backoff=False, base_delay=3.0))
    assert script.waits == pytest.approx([3.0, 3.0, 3.0])


def test_nobody_sleeps_after_the_last_attempt() -> None:
    """Regression: retry does not sleep after the last attempt."""
    script = Script(DOWN)
    error, took = calling(script, steady())
    assert error is DOWN
    assert (len(script.asked), took) == (3, pytest.approx(script.asked[-1]))


def test_one_attempt_never_sleeps() -> None:
    """`max_attempts=1` is no retry at all."""
    assert calling(Script(DOWN), steady(max_attempts=1)) == (DOWN, 0.0)


def test_the_error_is_the_last_ones() -> None:
    """What the last attempt raised is raised, not what the first did."""
    last = Unreachable("refused", reason="refused")
    assert calling(Script(DOWN, DOWN, last), steady())[0] is last


@pytest.mark.parametrize(
    "final",
    [
        Unauthorized("no", status=401),
        CredentialsMissing("gong", ["GONG_ACCESS_KEY"]),
        DeclarationError("no such argument"),
        Failure("a finding"),
        NotFound("gone", status=404),
        ApiError("wrong", status=400),
        TypeError("a mistake"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_stays_as_it_is_is_not_tried_again(final: Exception) -> None:
    """Auth, configuration and validation errors end a call at once."""
    script = Script(final, "never")
    assert calling(script, steady()) == (final, 0.0)
    assert len(script.asked) == 1


def test_retry_after_wins_over_the_computed_wait() -> None:
    """Whether it is shorter or longer, and beyond `max_delay` too."""
    script = Script(RateLimited("", retry_after=0.25), RateLimited("", retry_after=90.0), "rows")
    calling(script, steady(max_delay=5.0))
    assert script.waits == pytest.approx([0.25, 90.0])


def test_a_503_may_say_when_to_come_back() -> None:
    """`Retry-After` of a 503 counts as much as that of a 429."""
    request = httpx.Request("GET", "https://api.example.com/")
    answer = httpx.Response(503, headers={"retry-after": "7"}, request=request)
    script = Script(
        httpx.HTTPStatusError("", request=request, response=answer), ApiError("", status=503, retry_after=9.0), "rows"
    )
    calling(script, steady())
    assert script.waits == pytest.approx([7.0, 9.0])


def test_a_wait_that_does_not_fit_in_the_budget_is_not_begun() -> None:
    """Asked to wait an hour with a minute left, the call ends at once with the platform's own error."""
    asked = RateLimited("slow down", retry_after=3600.0)
    assert calling(Script(asked), steady(budget=60.0)) == (asked, 0.0)


def test_a_wait_that_leaves_no_time_for_an_attempt_is_not_begun() -> None:
    """Asked to wait for all that is left, the call ends at once: there would be nothing to wait for."""
    asked = RateLimited("slow down", retry_after=10.0)
    assert calling(Script(asked), steady(budget=10.0)) == (asked, 0.0)


def test_a_wait_without_end_is_not_begun() -> None:
    """A header may say any number; nobody waits for ever, budget or not."""
    asked = RateLimited("slow down", retry_after=math.inf)
    assert calling(Script(asked), steady()) == (asked, 0.0)


def test_the_total_timeout_is_a_budget_too() -> None:
    """A wait that would be cut by the policy's timeout is not begun either."""
    assert calling(Script(DOWN), steady(base_delay=9.0), total_timeout=5.0) == (DOWN, 0.0)


def test_the_budget_ends_an_attempt() -> None:
    """A budget is for everything, so what hangs is cut when it is spent."""
    error, took = calling(Script("late", takes=100.0), steady(budget=7.0), attempt_timeout=None)
    assert isinstance(error, TimedOut)
    assert took == pytest.approx(7.0)


@given(
    attempts=st.integers(1, 6),
    base=st.floats(0, 30),
    longest=st.floats(0, 60),
    budget=st.floats(0.001, 100),
    takes=st.floats(0, 20),
    told=st.one_of(st.none(), st.floats(0, 50)),
    chance=st.floats(0, 1, exclude_max=True),
)
def test_the_budget_is_never_exceeded(
    attempts: int, base: float, longest: float, budget: float, takes: float, told: float | None, chance: float
) -> None:
    """Whatever attempts take and platforms ask for, the whole call ends within its budget."""
    retry = RetryConfig(max_attempts=attempts, base_delay=base, max_delay=longest, budget=budget)
    script = Script(RateLimited("", retry_after=told), takes=takes)
    error, took = calling(script, retry, random=lambda: chance)
    assert isinstance(error, (RateLimited, TimedOut))
    assert took <= budget + 1e-6
    assert 1 <= len(script.asked) <= attempts


@given(
    attempts=st.integers(2, 12),
    base=st.floats(0, 10),
    longest=st.floats(0, 1000),
    exponential=st.booleans(),
)
def test_waits_never_get_shorter_without_jitter(attempts: int, base: float, longest: float, exponential: bool) -> None:
    """Without chance each wait is at least as long as the one before, and none longer than the longest."""
    script = Script(DOWN)
    calling(
        script,
        steady(max_attempts=attempts, base_delay=base, max_delay=longest, exponential_backoff=exponential),
    )
    slack = 1e-6
    assert all(later >= sooner - slack for sooner, later in zip(script.waits, script.waits[1:], strict=False))
    assert max(script.waits) <= longest + slack


@given(chance=st.floats(0, 1, exclude_max=True), base=st.floats(0, 10), attempts=st.integers(2, 5))
def test_jitter_adds_up_to_one_base_delay(chance: float, base: float, attempts: int) -> None:
    """With chance a wait is never shorter than without, and longer by less than `base_delay`."""
    script = Script(DOWN)
    calling(script, RetryConfig(max_attempts=attempts, base_delay=base, max_delay=1e6), random=lambda: chance)
    for number, wait in enumerate(script.waits):
        assert base * 2**number - 1e-6 <= wait <= base * (2**number + 1) + 1e-6


@pytest.mark.parametrize(
    "wrong",
    [{"max_attempts": 0}, {"base_delay": -1.0}, {"base_delay": math.inf}, {"max_delay": math.nan}, {"budget": 0.0}],
    ids=str,
)
def test_figures_that_cannot_be_meant_are_refused(wrong: dict[str, Any]) -> None:
    """A schedule that cannot be kept is not made."""
    with pytest.raises(Exception, match="retry:"):
        RetryConfig(**wrong)


# What stamina is told


def hooked(fn: Callable[[], Awaitable[str]], retry: RetryConfig) -> list[stamina.instrumentation.RetryDetails]:
    heard: list[stamina.instrumentation.RetryDetails] = []
    stamina.instrumentation.set_on_retry_hooks([heard.append])
    try:
        run(Policy("gong", retry=retry, clock=lambda: 0.0).call(fn))
    finally:
        stamina.instrumentation.set_on_retry_hooks(None)
    return heard


def test_hooks_of_stamina_hear_of_every_wait() -> None:
    """stamina's instrumentation works as its users know it: number, wait and cause."""
    (heard,) = hooked(Script(DOWN, "rows"), steady())
    assert (heard.retry_num, heard.wait_for, heard.caused_by) == (1, 1.0, DOWN)


def test_no_hook_or_log_sees_the_text_of_a_strangers_error() -> None:
    """An error of httpx names the URL, and the URL may hold a key: what is logged is its type and kind."""
    request = httpx.Request("GET", "https://api.example.com/?api_key=s3cret")
    error = httpx.HTTPStatusError(f"503 for {request.url}", request=request, response=httpx.Response(503))
    (heard,) = hooked(Script(error, "rows"), steady())
    assert repr(heard.caused_by) == "Masked('HTTPStatusError (service)')"
    assert "s3cret" not in repr(heard)


def test_the_callers_error_is_the_strangers_own() -> None:
    """Only what is logged is masked; who called gets the very error, and its cause."""
    cause, error = OSError("socket"), httpx.ConnectError("refused")
    error.__cause__ = cause
    raised, _ = calling(Script(error), steady())
    assert raised is error
    assert raised.__cause__ is cause


def test_a_program_without_logging_gets_no_bare_lines(capfd: pytest.CaptureFixture[str]) -> None:
    """Python prints warnings that nobody handles on stderr; stamina's are left to programs that want them."""
    logger, root = logging.getLogger("stamina"), logging.getLogger()
    handlers, root.handlers = root.handlers, []
    try:
        logger.warning("stamina.retry_scheduled")
    finally:
        root.handlers = handlers
    assert capfd.readouterr().err == ""


def test_stamina_can_be_switched_off() -> None:
    """Whoever switches retries off in stamina, as tests do, has them off here."""
    stamina.set_active(False)
    try:
        script = Script(DOWN)
        assert calling(script, steady())[0] is DOWN
    finally:
        stamina.set_active(True)
    assert len(script.asked) == 1
