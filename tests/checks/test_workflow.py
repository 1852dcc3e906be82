"""Workflows: each step works on what the one before it really gave, and a broken one names itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bi_contracts.checks.workflow import (
    Step,
    StepFailed,
    StepStatus,
    Trail,
    Undecided,
    Workflow,
    WorkflowBroken,
    WorkflowResult,
    run_workflow,
    some,
    workflow_holds,
)
from bi_contracts.errors import (
    ApiError,
    CassetteMiss,
    CassetteNotFound,
    ConfigurationError,
    CredentialsMissing,
    Unreachable,
)


def giving(value: object) -> Callable[[Any, Trail], Any]:
    """A step that gives a value, or raises it."""

    async def run(_previous: Any, _trail: Trail) -> Any:
        if isinstance(value, BaseException):
            raise value
        return value

    return run


def chain(*values: object) -> Workflow:
    """A workflow of steps a, b, c ... that give these values."""
    return Workflow("chain", [Step("abcdefgh"[place], giving(value)) for place, value in enumerate(values)])


def result(workflow: Workflow, context: object = None) -> WorkflowResult:
    """The result, by a clock that goes on a second at every look."""
    ticks = iter(range(1000))
    return asyncio.run(run_workflow(workflow, context, clock=lambda: float(next(ticks))))


def test_a_step_is_given_what_the_one_before_it_gave() -> None:
    """And can look back on all of them, and on what the workflow is run with."""

    async def double(previous: int, trail: Trail) -> int:
        return previous * 2 + trail["a"] + trail.context

    found = result(Workflow("sum", (Step("a", giving(3)), Step("b", double), Step("c", double))), 100)
    assert [step.output for step in found.steps] == [3, 109, 321]
    assert (found.passed, found.broken, found.skipped, found.not_run) == (True, None, "", ())
    found.check()


def test_every_step_has_its_time() -> None:
    """In seconds, and in milliseconds by name."""
    found = result(Workflow("timed", (Step("first step", giving(1)), Step("b", giving(2)))))
    assert ([step.elapsed for step in found.steps], found.elapsed) == ([1.0, 1.0], 2.0)
    assert found.figures == {"first_step_ms": 1000.0, "b_ms": 1000.0}


@given(st.integers(1, 8), st.data())
def test_a_broken_step_names_itself_and_no_later_one_is_run(length: int, data: st.DataObject) -> None:
    """Wherever it stands; the later ones are listed as not run."""
    broken = data.draw(st.integers(0, length - 1))
    values: list[object] = [place + 1 for place in range(length)]
    values[broken] = StepFailed("out of order")
    found = result(chain(*values))
    names = "abcdefgh"[:length]
    statuses = [StepStatus.PASSED] * broken + [StepStatus.FAILED] + [StepStatus.NOT_RUN] * (length - broken - 1)
    assert [step.status for step in found.steps] == statuses
    assert found.not_run == tuple(names[broken + 1 :])
    assert not found.passed
    with pytest.raises(WorkflowBroken, match=f"chain: step '{names[broken]}' broke: out of order") as caught:
        found.check()
    assert (caught.value.workflow, caught.value.step, caught.value.why) == ("chain", names[broken], "out of order")
    assert caught.value.not_run == found.not_run


@pytest.mark.parametrize("nothing", [None, [], {}, (), ""])
def test_a_step_that_gives_nothing_is_broken(nothing: object) -> None:
    """There is nothing for the next one to work on."""
    assert result(chain(1, nothing, 3)).broken is not None


@pytest.mark.parametrize("little", [0, False, 0.0, [None]])
def test_nought_is_something(little: object) -> None:
    """A number may be nought, and a list may hold little."""
    assert result(chain(little)).passed


def test_a_step_may_be_allowed_to_give_nothing() -> None:
    """Where an empty list is an answer."""
    assert result(Workflow("x", (Step("a", giving([]), may_be_empty=True), Step("b", giving(1))))).passed


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (Unreachable("gong/calls: no answer"), "gong/calls: no answer"),
        (ApiError("gong/calls: server error"), "gong/calls: server error"),
    ],
)
def test_whatever_a_step_raises_breaks_it(error: Exception, why: str) -> None:
    """Upstream down: in the words of who found it."""
    found = result(chain(1, error))
    assert (found.steps[1].status, found.steps[1].why) == (StepStatus.FAILED, why)


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (AssertionError("no"), "AssertionError: no"),
        (ValueError("first line\nsecond"), "ValueError: first line"),
        (KeyError("email"), "KeyError: 'email'"),
        (TypeError("'NoneType' is not iterable"), "TypeError: 'NoneType' is not iterable"),
        (ZeroDivisionError(), "ZeroDivisionError"),
        (SystemExit(3), "SystemExit: 3"),
    ],
)
def test_a_step_with_a_bug_is_told_with_its_message_and_line(error: BaseException, why: str) -> None:
    """Whoever wrote it finds the place; `sys.exit` in it ends the step, and not the run."""
    found = result(chain(1, error, 3))
    assert (found.steps[1].status, found.not_run) == (StepStatus.FAILED, ("c",))
    line = giving.__code__.co_firstlineno + 5
    assert found.steps[1].why == f"{why} (test_workflow.py:{line})"


def test_personal_data_in_the_message_of_a_bug_are_masked() -> None:
    """A key may be somebody's address."""
    assert "lovelace" not in result(chain(KeyError("ada.lovelace@acme-corp.com"))).steps[0].why


def test_a_bug_below_a_step_is_told_where_the_step_met_it() -> None:
    """The line is the user's own, not one of a library."""

    async def step(_previous: Any, _trail: Trail) -> Any:
        return httpx.URL("http://a:port")

    why = result(Workflow("x", [Step("a", step)])).steps[0].why
    assert f"(test_workflow.py:{step.__code__.co_firstlineno + 1})" in why


def test_a_step_that_never_returns_is_broken() -> None:
    """It is given so many seconds, and named; a timeout of its own making is told as that."""

    async def hangs(_previous: Any, _trail: Trail) -> Any:
        await asyncio.Event().wait()

    found = result(Workflow("x", [Step("a", hangs, timeout=0.01), Step("b", hangs)]))
    assert (found.broken is not None and str(found.broken)) == (
        "x: step 'a' broke: it did not end within 0.01 s; not run: b"
    )
    assert "TimeoutError: mine" in result(chain(TimeoutError("mine"))).steps[0].why


@pytest.mark.parametrize("timeout", [0, -1, "60", None])
def test_a_step_s_time_is_a_number_of_seconds(timeout: Any) -> None:
    """Otherwise it could never end in time."""
    with pytest.raises(ConfigurationError, match="number of seconds above 0"):
        Step("a", giving(1), timeout=timeout)


def test_a_step_that_is_a_plain_function_says_how_to_write_it() -> None:
    """It cannot be waited for."""
    found = result(Workflow("x", [Step("a", lambda _previous, _trail: [1])]))
    assert "async def" in found.steps[0].why


@pytest.mark.parametrize(
    "error",
    [
        CredentialsMissing("gong", ["GONG_ACCESS_KEY"]),
        CassetteNotFound("gong/calls: no recording"),
        CassetteMiss("gong/calls: no such read"),
        Undecided("no contact in what was read"),
    ],
)
def test_what_cannot_be_known_skips_the_workflow(error: Exception) -> None:
    """It has not passed, and nothing is broken."""
    found = result(chain(1, error, 3))
    assert (found.passed, found.broken, found.not_run) == (False, None, ("c",))
    assert found.skipped == f"step 'b': {error}"
    found.check()


def test_cancelling_a_workflow_is_no_broken_step() -> None:
    """It goes on up to whoever cancelled."""
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(run_workflow(chain(asyncio.CancelledError()), None))


def test_a_workflow_holds_or_raises() -> None:
    """The form for a user's own test suite."""
    assert asyncio.run(workflow_holds(chain(1, 2), None)).passed
    with pytest.raises(WorkflowBroken, match="not run: c"):
        asyncio.run(workflow_holds(chain(1, [], 3), None))


@pytest.mark.parametrize("steps", [(), (Step("a", giving(1)), Step("a", giving(2)))])
def test_a_workflow_needs_steps_with_names_of_their_own(steps: tuple[Step, ...]) -> None:
    """Otherwise a broken one could not name itself."""
    with pytest.raises(ConfigurationError, match="needs steps"):
        Workflow("x", steps)


def test_only_what_has_run_can_be_looked_back_on() -> None:
    """A misspelt name says which there are."""

    async def look(_previous: Any, trail: Trail) -> Any:
        return trail["crm"]

    found = result(Workflow("x", (Step("a", giving(1)), Step("b", look))))
    assert found.steps[1].why == "no step 'crm' has run before this one: a"


def test_some_rows_are_rows() -> None:
    """And none are a failure that says of what."""
    assert some([1], "contact") == [1]
    with pytest.raises(StepFailed, match="there is no contact"):
        some([], "contact")


def test_outputs_are_not_in_what_is_printed() -> None:
    """They may hold personal data."""
    assert "ada@example.com" not in repr(result(chain("ada@example.com")))
