"""Workflows: what is read, what would be written, and the writing itself where it is permitted.

A step whose sources cannot be used fails the workflow and is named. Nothing is written without `dry_run: false`, a
gateway that was started with `--allow-writes`, and fresh sections: what is stale or made up is good for looking at and
not for acting upon.
"""

from __future__ import annotations

from dataclasses import replace

from ..errors import BiContractsError, UpstreamError
from ..paths import Json, dig
from ..resilience import RetryConfig, retryable
from .business import Business, NotAllowed
from .models import PlannedWrite, Step, WorkflowRequest, WorkflowRun, told
from .sources import Ask, Sources, said
from .workflows import WORKFLOWS, Broken, Run

ONCE = RetryConfig(max_attempts=1)
"""A write that failed may have been done: it is never tried again."""


async def trigger(business: Business, request: WorkflowRequest, *, writes: bool = False) -> WorkflowRun:
    """Runs a workflow. Raises `NotAllowed` where it is to write and may not, `NotThere` for a thing that is not."""
    upstream = business.ask.sources.reader.upstream
    if not request.dry_run and not writes:
        raise NotAllowed("this gateway only reads: start it with --allow-writes, or leave dry_run true")
    if not request.dry_run and upstream.recorded:
        raise NotAllowed("recordings take no writes: use the mode sandbox or live, or leave dry_run true")
    steps = WORKFLOWS[request.workflow]
    if not request.dry_run:  # what was kept for a while is good for looking at
        business = Business(Ask(business.ask.sources, fresh=True))
    run = Run(business, request.parameters)
    broken: str | None = None
    for name, step in steps:
        if broken is not None:
            run.steps.append(Step(name=name, status="skipped", summary=f"{broken} failed", evidence=[]))
            continue
        try:
            await step(run)
        except Broken as problem:
            broken = name
            run.steps.append(Step(name=name, status="failed", summary=str(problem), evidence=[]))
    if not request.dry_run:
        broken = await _written(run, broken)
    return _answer(request, run, broken)


def _answer(request: WorkflowRequest, run: Run, broken: str | None) -> WorkflowRun:
    degraded, at, states = told(run.sections)
    return WorkflowRun(
        degraded=degraded,
        at=at,
        sections=states,
        workflow=request.workflow,
        dry_run=request.dry_run,
        status="failed" if broken else "planned" if request.dry_run else "completed",
        failed_step=broken,
        steps=run.steps,
        plan=run.plan,
    )


async def _written(run: Run, broken: str | None) -> str | None:
    """Performs the plan in order; ends at the first write that fails. Gives the name of the step that failed."""
    if broken is not None:
        run.plan = [_not_done(one) for one in run.plan]
        run.steps.append(Step(name="write", status="skipped", summary=f"{broken} failed", evidence=[]))
        return broken
    if run.doubts:
        run.plan = [_not_done(one) for one in run.plan]
        summary = f"not fresh, so nothing is written: {', '.join(sorted(run.doubts))}"
        run.steps.append(Step(name="write", status="failed", summary=summary, evidence=[]))
        return "write"
    failed = False
    done: list[PlannedWrite] = []
    for one in run.plan:
        done.append(_not_done(one) if failed else await perform(run.business.ask.sources, one))
        failed = failed or done[-1].status in ("failed", "refused")
    run.plan = done
    performed = [f"{one.id}/{one.result_id}" for one in done if one.status == "performed"]
    summary = f"{len(performed)} of {len(done)} writes performed"
    run.steps.append(Step(name="write", status="failed" if failed else "done", summary=summary, evidence=performed))
    return "write" if failed else None


def _refused(error: BiContractsError) -> bool:
    """Whether it is certain that nothing was written; after an answer that cannot be read, it is not."""
    if isinstance(error, UpstreamError) and error.status is None:
        return False
    return not retryable(error)


def _not_done(one: PlannedWrite) -> PlannedWrite:
    return one.model_copy(update={"status": "skipped"}) if one.status == "planned" else one


async def perform(sources: Sources, planned: PlannedWrite) -> PlannedWrite:
    """One write, once; what came of it stands in what is returned. An incomplete one is left as it is."""
    if planned.status != "planned":
        return planned
    one = sources.reader.target(planned.id)
    policy = replace(sources.policy(one.platform), retry=ONCE)

    async def write() -> Json:
        return await sources.reader.client(one.platform).record(one.endpoint.name, **planned.arguments)

    try:
        row = await policy.call(write, endpoint=one.endpoint.name)
    except BiContractsError as error:
        status = "refused" if _refused(error) else "failed"
        return planned.model_copy(update={"status": status, "error": said(error)})
    sources.forget(one.platform.name)
    return planned.model_copy(update={"status": "performed", "result_id": str(dig(row, one.endpoint.key, ""))})
