"""A run of the procedure: step by step, within its time, and always cleaned up after."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ...errors import BiContractsError, ConfigurationError, ExitCode, StoreError, UpstreamError
from ...interaction import Source
from ...report.events import Timed
from ...workspace import Workspace
from ..server.logs import place
from .actions import ADVICE, trouble
from .conclusion import API, Conclusion, bad
from .context import Context
from .line import CLEANUP, CONNECTION, DATABASE, ENVIRONMENT, Line, Mark
from .settings import Settings
from .steps import STEPS, Step
from .steps.connection import told_source
from .testbed import Testbed, opened, removed

AFTERWARDS = 30.0
"""Seconds for cleaning up, beyond the time for everything else."""

_log = logging.getLogger("bi_contracts.intercom.procedure")


@dataclass
class Run:
    """A run, and what it has found so far.

    Attributes:
        settings: What is asked for.
        space: The user's workspace.
        tell: Is given every line as it is found.
        step: Is given what is being done, and which share of it.
        started_at: When it began.
        elapsed: Seconds that it took.
        lines: All lines.
        timed: Each step's own time.
        source: Who answered.
        shown: Who answered, in words.
        recorded: Exchanges that were kept.
        unrecorded: Why nothing was kept that should have been, "" where it was.
        progress: Seconds since the sync began, conversations held by then.
    """

    settings: Settings
    space: Workspace
    tell: Callable[[Line], None] = lambda _: None
    step: Callable[[str, float], None] = lambda _what, _share: None
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    elapsed: float = 0.0
    lines: list[Line] = field(default_factory=list)
    timed: list[Timed] = field(default_factory=list)
    source: Source = Source.UNKNOWN
    shown: str = ""
    base: str = ""
    recorded: int = 0
    unrecorded: str = ""
    progress: list[tuple[float, float]] = field(default_factory=list)

    @property
    def conclusion(self) -> Conclusion:
        return Conclusion(tuple(self.lines), self.base or API, self.settings.server)

    async def run(self) -> None:
        """Runs every step. Raises `ConfigurationError` and `CassetteNotFound` where it cannot even be begun."""
        started = time.perf_counter()
        try:
            with opened(self.settings, self.space) as testbed:
                self.base = testbed.base
                context = Context(testbed, self.tell, self.step, self.lines)
                await self._steps(context, started)
                self.source = context.source
                self.shown = told_source(testbed.mode, context.source) if context.connected else testbed.mode
                self.progress = context.measured.progress
                self._record(testbed)
        finally:
            self.elapsed = time.perf_counter() - started

    async def _steps(self, context: Context, started: float) -> None:
        """Everything but the last step within the time that is given; the last one always."""
        *steps, last = STEPS
        at = [steps[0]]
        try:
            async with asyncio.timeout(self.settings.timeout):
                for at[0] in steps:
                    await self._step(context, at[0], started)
        except TimeoutError:
            words = f"not finished: the {self.settings.timeout:g} seconds for the whole procedure are used up"
            context.broken.add(at[0].section)
            context.say(bad(at[0].section, at[0].line, words, "timeout", exit_code=ExitCode.FINDINGS))
            self._skip(context, steps[steps.index(at[0]) + 1 :], "Skipped due to timeout")
        except BaseException:
            await self._cleaned(context, last, started)
            raise
        await self._cleaned(context, last, started)

    async def _cleaned(self, context: Context, last: Step, started: float) -> None:
        try:
            async with asyncio.timeout(AFTERWARDS):
                await self._step(context, last, started)
        except TimeoutError:
            context.say(bad(CLEANUP, "MCP Server", "did not end", "server stop"))
            removed(context.testbed)

    async def _step(self, context: Context, step: Step, started: float) -> None:
        if why := next((why for section, why in step.needs.items() if _failed(context, section)), ""):
            return self._skip(context, [step], why)
        begun, finished = time.perf_counter(), False
        try:
            await step.run(context)
            finished = True
        except BiContractsError as error:
            found = trouble(error)
            context.broken.add(step.section)
            context.say(
                bad(step.section, step.line, found.text, found.problem, exit_code=_code(error, found.exit_code))
            )
            finished = True
        except Exception as error:  # a mistake of ours, or a machine that fails: the report must not be lost for it
            context.broken.add(step.section)
            _log.debug("%s: %s at %s", step.name, type(error).__name__, place(error))
            words = f"{type(error).__name__} in the step {step.name}"
            context.say(Line(step.section, step.line, words, Mark.BAD, ADVICE["crash"].cause, "crash"))
            finished = True
        finally:
            now = time.perf_counter()
            self.timed.append(Timed(step.name, begun - started, now - begun, finished))
        return None

    def _skip(self, context: Context, steps: list[Step], why: str) -> None:
        for section in dict.fromkeys(step.section for step in steps):
            if not context.of(section):
                context.say(Line(section, section, why, Mark.SKIPPED))

    def _record(self, testbed: Testbed) -> None:
        """Only a run in which nothing failed is worth playing back, however slow it was."""
        path = self.settings.record
        if path is None or testbed.proxy is None:
            return
        if any(line.mark is Mark.BAD and line.exit_code is not ExitCode.SLA_BREACHED for line in self.lines):
            self.unrecorded = f"{path}: nothing was recorded, for the run failed"
            return
        self.recorded = testbed.record(path, self.source)


def _failed(context: Context, section: str) -> bool:
    """Whether later steps cannot build upon a section: it was not done, or what it looks at is not there.

    A sync that is too slow has failed, and its data are good all the same.
    """
    lines = context.of(section)
    if section in context.broken or any(line.mark is Mark.SKIPPED and line.name == section for line in lines):
        return True
    return section in (ENVIRONMENT, CONNECTION, DATABASE) and any(line.mark is Mark.BAD for line in lines)


def _code(error: BiContractsError, code: ExitCode) -> ExitCode:
    """Credentials and upstream keep their codes; whatever else failed is a finding of the procedure."""
    if isinstance(error, UpstreamError | ConfigurationError):
        return code
    return ExitCode.FINDINGS if isinstance(error, StoreError) else code
