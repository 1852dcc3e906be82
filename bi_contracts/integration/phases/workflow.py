"""The workflow phase: one outcome a business process, naming the step that broke."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from ...checks.connection import finding_of
from ...checks.workflow import StepStatus, Workflow, WorkflowResult, run_workflow
from ...reading import Reader
from ...redact import redact_text
from ...registry import platforms
from ...report.events import Finding, Outcome, Status
from ...sandbox import Sandbox
from ...session import Upstream
from ..context import Context
from ..workflows import Gateway, Reads, standard, unset, unset_variables

PHASE = "workflow"


async def run(context: Context) -> AsyncIterator[Outcome]:
    """The three processes in both forms, those of the workspace, and in a sandbox what is written."""
    for workflow in (*standard(), *context.of(Workflow)):
        yield await outcome_of(workflow, context)
    if context.mode == "sandbox" and not context.quick:
        async for outcome in _written(context):
            yield outcome


async def outcome_of(workflow: Workflow, context: Context) -> Outcome:
    """One workflow, run and told. It is skipped where a platform that it needs takes no part, or cannot be asked."""
    taking_part = {platform.name for platform in context.platforms}
    absent = [name for name in workflow.platforms if name not in taking_part]
    if absent:
        verb = "takes" if len(absent) == 1 else "take"
        return _outcome(workflow, Status.SKIPPED, f"{_listed(absent)} {verb} no part in this run")
    without = _without(context)
    wanting = [without[name] for name in workflow.platforms if name in without]
    if wanting:
        return _outcome(workflow, Status.SKIPPED, _wanted(wanting))
    asked = Gateway(context.gateway, frozenset(without)) if workflow.gateway else Reads(context.reader)
    result = await run_workflow(workflow, asked)
    return told(workflow, result, asked.source if asked.sources else "")


def _without(context: Context) -> dict[str, Unset]:
    """The platforms that cannot be asked for want of a credential or an address, with what is not set."""
    workspace = context.upstream.workspace
    asked = ((one, unset(context.upstream, one)) for one in platforms(workspace))
    return {one.name: Unset(why, unset_variables(context.upstream, one)) for one, why in asked if why}


class Unset(NamedTuple):
    """Why a platform cannot be asked, and the variables that are not set."""

    why: str
    variables: tuple[str, ...]


def _wanted(wanting: Sequence[Unset]) -> str:
    """Of one platform what it says; of several, every variable that is not set."""
    if len(wanting) == 1:
        return wanting[0].why
    names = [name for one in wanting for name in one.variables]
    return f"{_listed(names)} are not set; export them or put them in .env. No account? Add `--from sandbox`."


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def told(workflow: Workflow, result: WorkflowResult, source: str) -> Outcome:
    """The outcome of a workflow that was run."""
    if result.skipped:
        return replace(_outcome(workflow, Status.SKIPPED, result.skipped), elapsed=result.elapsed)
    findings: tuple[Finding, ...] = ()
    if result.broken is not None:
        broken = result.broken
        evidence = {"step": broken.step} | ({"not_run": list(broken.not_run)} if broken.not_run else {})
        findings = (replace(finding_of(broken), evidence=evidence),)
    return replace(
        _outcome(workflow, Status.FAILED if findings else Status.PASSED),
        findings=findings,
        source=source,
        samples=sum(step.status is not StepStatus.NOT_RUN for step in result.steps),
        elapsed=result.elapsed,
        figures=result.figures,
    )


async def _written(context: Context) -> AsyncIterator[Outcome]:
    """What is written in a sandbox of its own shows in a later read; nobody else's rows change."""
    from ..workflows_platforms import WRITTEN

    taking_part = {platform.name for platform in context.platforms}
    wanted = [workflow for workflow in WRITTEN if taking_part.issuperset(workflow.platforms)]
    if not wanted:
        return
    names = {name for workflow in wanted for name in workflow.platforms}
    workspace = context.upstream.workspace
    own = Sandbox([one for one in platforms(workspace) if one.name in names], rows=10, enforce_limits=False)
    own.clock.set(own.world.present)
    async with Reader(Upstream(workspace, "sandbox", own)) as reader:
        for workflow in wanted:
            reads = Reads(reader)
            yield told(workflow, await run_workflow(workflow, reads), reads.source)


def _outcome(workflow: Workflow, status: Status, note: str = "") -> Outcome:
    subject = f"{'gateway' if workflow.gateway else 'platforms'}/{workflow.name}"
    return Outcome(subject, "workflow", status, note=redact_text(note), phase=PHASE, elapsed=0.0)
