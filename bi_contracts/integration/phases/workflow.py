"""The workflow phase: one outcome a business process, naming the step that broke."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

from ...checks.connection import finding_of
from ...checks.workflow import StepStatus, Workflow, WorkflowResult, run_workflow
from ...reading import Reader
from ...redact import redact_text
from ...registry import platforms
from ...report.events import Finding, Outcome, Status
from ...sandbox import Sandbox
from ...session import Upstream
from ..context import Context
from ..workflows import Gateway, Reads, standard, unset

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
        return _outcome(workflow, Status.SKIPPED, f"{' and '.join(absent)} {verb} no part in this run")
    without = _without(context)
    wanting = [name for name in workflow.platforms if name in without]
    if wanting:
        rest = f" Nor can {' and '.join(wanting[1:])} be asked." if wanting[1:] else ""
        return _outcome(workflow, Status.SKIPPED, without[wanting[0]] + rest)
    asked = Gateway(context.gateway, frozenset(without)) if workflow.gateway else Reads(context.reader)
    result = await run_workflow(workflow, asked)
    return told(workflow, result, asked.source if asked.sources else "")


def _without(context: Context) -> dict[str, str]:
    """The platforms that cannot be asked for want of a credential, with what is not set."""
    workspace = context.upstream.workspace
    found = {one.name: unset(context.upstream, one) for one in platforms(workspace)}
    return {name: why for name, why in found.items() if why}


def told(workflow: Workflow, result: WorkflowResult, source: str) -> Outcome:
    """The outcome of a workflow that was run."""
    if result.skipped:
        return replace(_outcome(workflow, Status.SKIPPED, result.skipped), elapsed=result.elapsed)
    findings: tuple[Finding, ...] = ()
    if result.broken is not None:
        broken = result.broken
        evidence = {"step": broken.step, "not_run": list(broken.not_run)}
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
