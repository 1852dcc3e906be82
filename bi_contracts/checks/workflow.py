"""Business processes as steps, each of which works on what the one before it really gave.

async def contacts(_previous, trail):
    return (await trail.context.read("hubspot/contacts")).records

async def calls(contacts, trail): ...

result = await run_workflow(Workflow("lead qualification", (Step("crm", contacts), Step("calls", calls))), reader)
result.check()                       # raises WorkflowBroken, which names workflow and step
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from inspect import isawaitable
from pathlib import Path
from traceback import extract_tb
from typing import Any

from ..errors import BiContractsError, CassetteMiss, CassetteNotFound, ConfigurationError, CredentialsMissing, Failure
from ..redact import redact_text


class WorkflowBroken(Failure):
    """A step did not do its part. `workflow` and `step` name it, `why` says what was wrong, `not_run` what it cost."""

    rule = "workflow-broken"

    def __init__(self, workflow: str, step: str, why: str, not_run: Sequence[str] = ()) -> None:
        rest = f"; not run: {', '.join(not_run)}" if not_run else ""
        super().__init__(f"{workflow}: step {step!r} broke: {why}{rest}")
        self.workflow = workflow
        self.step = step
        self.why = why
        self.not_run = tuple(not_run)


class StepFailed(Failure):
    """What a step looked at is not good enough to go on with."""


class Undecided(Exception):
    """A step cannot tell, and nobody is to blame: what it needs was not recorded, or is not switched on."""


class StepStatus(StrEnum):
    """How one step ended."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    NOT_RUN = "not run"


@dataclass(frozen=True, slots=True)
class Trail:
    """What a step can look back on.

    Attributes:
        context: What the workflow is run with: a reader, a client of the gateway.
        outputs: Name of an earlier step -> what it gave.
    """

    context: Any
    outputs: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, step: str) -> Any:
        """What an earlier step gave. Raises `ConfigurationError` where no such step has run."""
        if step not in self.outputs:
            ran = ", ".join(self.outputs) or "none"
            raise ConfigurationError(f"no step {step!r} has run before this one: {ran}")
        return self.outputs[step]


Run = Callable[[Any, Trail], Awaitable[Any]]
"""`async def step(previous, trail)`: gives its own output. The first step's `previous` is None."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    Attributes:
        name: What it is called when it breaks.
        run: `async def run(previous, trail)`; whatever it raises breaks the workflow here.
        may_be_empty: False where giving None, or nothing in a list or mapping, breaks the workflow, too.
        timeout: Seconds within which it must end, or be broken. One that never awaits cannot be interrupted.
    """

    name: str
    run: Run
    may_be_empty: bool = False
    timeout: float = 60.0

    def __post_init__(self) -> None:
        """Raises `ConfigurationError` for a timeout that is no number of seconds."""
        if not isinstance(self.timeout, int | float) or not self.timeout > 0:
            raise ConfigurationError(f"step {self.name!r}: timeout is to be a number of seconds above 0")


@dataclass(frozen=True, slots=True)
class Workflow:
    """A business process.

    Attributes:
        name: What it is called in reports.
        steps: In order.
        platforms: The platforms that its steps ask; where one takes no part in a run, the workflow is skipped.
        gateway: True where its steps ask the gateway (an `httpx.AsyncClient`) and not the platforms (a `Reader`).
    """

    name: str
    steps: Sequence[Step]
    platforms: Sequence[str] = ()
    gateway: bool = False

    def __post_init__(self) -> None:
        """Raises `ConfigurationError` for a workflow without steps, and for two steps of one name."""
        object.__setattr__(self, "steps", tuple(self.steps))
        object.__setattr__(self, "platforms", tuple(self.platforms))
        names = [step.name for step in self.steps]
        if not names or len(set(names)) < len(names):
            raise ConfigurationError(f"workflow {self.name!r} needs steps, each with a name of its own")


@dataclass(frozen=True, slots=True)
class StepResult:
    """How a step went. `elapsed` is in seconds, None where it did not run; the output may hold personal data."""

    name: str
    status: StepStatus
    elapsed: float | None = None
    why: str = ""
    output: Any = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class WorkflowResult:
    """How a workflow went: every step of it, run or not."""

    workflow: str
    steps: tuple[StepResult, ...]

    @property
    def passed(self) -> bool:
        """Whether every step ran and did its part."""
        return all(step.status is StepStatus.PASSED for step in self.steps)

    @property
    def broken(self) -> WorkflowBroken | None:
        """The finding, None where no step broke."""
        for step in self.steps:
            if step.status is StepStatus.FAILED:
                return WorkflowBroken(self.workflow, step.name, step.why, self.not_run)
        return None

    @property
    def skipped(self) -> str:
        """Why it could not be decided, "" where it was."""
        found = (f"step {step.name!r}: {step.why}" for step in self.steps if step.status is StepStatus.SKIPPED)
        return next(found, "")

    @property
    def not_run(self) -> tuple[str, ...]:
        """The steps that nobody came to."""
        return tuple(step.name for step in self.steps if step.status is StepStatus.NOT_RUN)

    @property
    def elapsed(self) -> float:
        """Seconds of all steps that ran."""
        return sum(step.elapsed or 0.0 for step in self.steps)

    @property
    def figures(self) -> dict[str, float]:
        """Milliseconds by step, of those that ran."""
        ran = ((step.name, step.elapsed) for step in self.steps)
        return {f"{name.replace(' ', '_')}_ms": round(took * 1000, 3) for name, took in ran if took is not None}

    def check(self) -> None:
        """Raises `WorkflowBroken` where a step broke."""
        if self.broken is not None:
            raise self.broken


async def run_workflow(
    workflow: Workflow, context: Any, *, clock: Callable[[], float] = time.perf_counter
) -> WorkflowResult:
    """Runs the steps in order until one breaks. Nothing is raised: `WorkflowResult.check` does that.

    A step breaks by whatever it raises, and by giving nothing. Unset credentials, what was not recorded, and
    `Undecided` skip the workflow instead: nothing is known then.
    """
    outputs: dict[str, Any] = {}
    results: list[StepResult] = []
    previous: Any = None
    for step in workflow.steps:
        started = clock()
        status, why = StepStatus.PASSED, ""
        try:
            previous = await _output(step, previous, Trail(context, dict(outputs)))
            if not step.may_be_empty and _nothing(previous):
                status, why = StepStatus.FAILED, "it gave nothing"
        except (Undecided, CredentialsMissing, CassetteNotFound, CassetteMiss) as error:
            status, why = StepStatus.SKIPPED, str(error)
        except (Failure, BiContractsError) as error:
            status, why = StepStatus.FAILED, str(error)
        except (Exception, SystemExit) as error:  # a step is a user's code: whatever it raises is what broke
            status, why = StepStatus.FAILED, _said(error, step)
        results.append(StepResult(step.name, status, clock() - started, why, previous))
        if status is not StepStatus.PASSED:
            break
        outputs[step.name] = previous
    results += [StepResult(step.name, StepStatus.NOT_RUN) for step in workflow.steps[len(results) :]]
    return WorkflowResult(workflow.name, tuple(results))


async def workflow_holds(workflow: Workflow, context: Any) -> WorkflowResult:
    """Runs a workflow. Raises `WorkflowBroken` where a step broke."""
    result = await run_workflow(workflow, context)
    result.check()
    return result


def some(rows: Sequence[Any], what: str) -> Sequence[Any]:
    """The rows, where there are any. Raises `StepFailed` saying what there is none of."""
    if not rows:
        raise StepFailed(f"there is no {what}")
    return rows


def _nothing(output: Any) -> bool:
    return output is None or (hasattr(output, "__len__") and len(output) == 0)


async def _output(step: Step, previous: Any, trail: Trail) -> Any:
    """What a step gives. Raises `StepFailed` where it does not end in time, and whatever it raises itself."""
    running = step.run(previous, trail)
    if not isawaitable(running):
        raise StepFailed("it must be written as `async def`, and is a plain function")
    limit = asyncio.timeout(step.timeout)
    try:
        async with limit:
            return await running
    except TimeoutError:
        if limit.expired():
            raise StepFailed(f"it did not end within {step.timeout:g} s") from None
        raise


def _said(error: BaseException, step: Step) -> str:
    """A stranger's error in brief: its kind, its first line with personal data masked, and where it was raised."""
    said = redact_text(str(error).partition("\n")[0])[:200]
    frames = extract_tb(error.__traceback__)
    file = getattr(getattr(step.run, "__code__", None), "co_filename", "")
    own = [one for one in frames if one.filename == file] or frames
    place = f" ({Path(own[-1].filename).name}:{own[-1].lineno})"
    return f"{type(error).__name__}{f': {said}' if said else ''}{place}"
