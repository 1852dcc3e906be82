"""The workflows, step by step. Every step works on what the step before it gave, or raises `Broken`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ..paths import Json, dig
from ..report.values import counted
from .business import Business, NotThere
from .models import Lead, PlannedWrite, Step, WorkflowParameters
from .section import Section, Sections, all_read, any_usable
from .views import analysis, calls, leads, message, optimisation, people, work

DUE = timedelta(days=1)


class Broken(Exception):
    """A step could not be done; the message says why."""


@dataclass(slots=True)
class Run:
    """A workflow while it runs."""

    business: Business
    parameters: WorkflowParameters
    sections: dict[str, Section] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    plan: list[PlannedWrite] = field(default_factory=list)
    leads: list[Lead] = field(default_factory=list)
    doubts: set[str] = field(default_factory=set)
    """What was not fresh and whole when it was read: the plan may rest on it."""
    chosen: bool = False
    """Whether the caller named the project: then what else was read has no part in what follows."""

    @property
    def now(self) -> datetime:
        return work.clock(self.sections)

    def needs(self, sections: Sections, *ids: str) -> None:
        """Keeps what was read. Raises `Broken` where none of the sections that are needed is usable."""
        self.sections |= sections
        self.doubts |= {id for id, one in sections.items() if one.source != "bypassed" and not one.whole}
        if not any_usable(sections, *ids):
            reasons = (f"{id}: {sections[id].error or sections[id].source}" for id in ids if id in sections)
            raise Broken("; ".join(reasons))

    def done(self, name: str, summary: str, evidence: list[str]) -> None:
        self.steps.append(Step(name=name, status="done", summary=summary, evidence=evidence))

    def write(self, id: str, arguments: dict[str, Json], reason: str, evidence: list[str]) -> None:
        """Plans a write; one without a place to go is incomplete and is never performed."""
        lacking = id == "slack/post_message" and not arguments.get("channel")
        self.plan.append(
            PlannedWrite(
                id=id,
                platform=id.partition("/")[0],
                arguments=arguments,
                reason=reason,
                evidence=evidence,
                status="incomplete" if lacking else "planned",
                error="name a channel: parameters.channel" if lacking else None,
            )
        )

    def say(self, template: str, data: dict[str, Json], evidence: list[str]) -> None:
        """Plans a Slack message."""
        shown = message.preview(template, data)
        arguments: dict[str, Json] = {"channel": self.parameters.channel, "text": shown.text}
        self.write("slack/post_message", arguments, "tell the team", evidence)

    def remind(self, subject: str, body: str, evidence: list[str]) -> None:
        """Plans a task in HubSpot."""
        due = (self.now + DUE).strftime("%Y-%m-%dT%H:%M:%SZ")
        values = {
            "hs_timestamp": due,
            "hs_task_subject": subject,
            "hs_task_body": body,
            "hs_task_status": "NOT_STARTED",
        }
        self.write("hubspot/create_task", {"properties": values}, "somebody should take it up", evidence)


async def _read_crm(run: Run) -> None:
    found = await run.business.read(people.HUBSPOT, leads.SALESFORCE)
    run.needs(found, people.HUBSPOT, leads.SALESFORCE)
    known = run.leads = leads.all_leads(run.sections)
    run.done("crm", counted(len(known), "lead"), [id for one in known[: run.parameters.limit] for id in one.evidence])


async def _match_calls(run: Run) -> None:
    run.needs(await run.business.read(calls.CALLS), calls.CALLS)
    wanted = {one.email.casefold() for one in run.leads if one.email}
    met = [
        one
        for one in calls.all_calls(run.sections)
        if any(party.email and party.email.casefold() in wanted for party in one.parties)
    ]
    run.done(
        "calls",
        f"{counted(len(met), 'call')} with a lead",
        [calls.evidence(one) for one in met[: run.parameters.limit]],
    )


async def _score(run: Run) -> None:
    run.leads = leads.all_leads(run.sections)
    good = _qualified(run)
    run.done(
        "score",
        f"{counted(len(good), 'lead')} with {run.parameters.min_score} points or more",
        [one.id for one in good],
    )


async def _plan_leads(run: Run) -> None:
    good = _qualified(run)
    for one in good:
        why = "; ".join(f"{reason.reason} (+{reason.points})" for reason in one.reasons)
        run.remind(f"Qualify {one.name or one.id}: {one.score} points", why, one.evidence)
    if good:
        listed = "\n".join(f"• {one.name or one.id}, {one.score} points" for one in good)
        run.say(
            "*{count} to qualify*\n{list}",
            {"count": counted(len(good), "lead"), "list": listed},
            [one.id for one in good],
        )
    run.done("plan", counted(len(run.plan), "write"), [])


def _qualified(run: Run) -> list[Lead]:
    return [one for one in run.leads if one.score >= run.parameters.min_score][: run.parameters.limit]


async def _choose_project(run: Run) -> None:
    found = await run.business.read(*work.PROJECTS)
    run.needs(found, work.ASANA, work.LINEAR)
    projects, wanted = work.all_projects(found), run.parameters.project_id
    if wanted is not None and all(one.id != wanted for one in projects):
        if all_read({id: found[id] for id in (work.ASANA, work.LINEAR)}):
            raise NotThere(f"there is no project {wanted!r}")
        raise Broken("the project is not among those that could be read")
    busiest = max(projects, key=lambda one: (one.work.overdue, one.work.open) if one.work else (-1, 0), default=None)
    chosen = wanted or (busiest.id if busiest else None)
    if chosen is None:
        raise Broken("there is no project")
    run.chosen = wanted is not None
    run.parameters = run.parameters.model_copy(update={"project_id": chosen})
    run.done(
        "projects",
        counted(len(projects), "project"),
        [f"{one.platform}/projects/{chosen}" for one in projects if one.id == chosen],
    )


async def _read_tasks(run: Run) -> None:
    found = await run.business.project_sections(run.parameters.project_id or "")
    if run.chosen:
        run.sections, run.doubts = {}, set()
    run.needs(found, work.TASKS, work.ISSUES)
    tasks = [task for task in work.all_tasks(found) if run.parameters.project_id in task.projects]
    run.done("tasks", counted(len(tasks), "task"), [task.evidence for task in tasks[:10]])


async def _analyse_project(run: Run) -> None:
    found = optimisation.optimisation(run.sections, run.parameters.project_id or "")
    if found is None:
        raise Broken("the project is gone")
    evidence = [id for one in found.suggestions[: run.parameters.limit] for id in one.evidence[:10]]
    run.done("analysis", counted(len(found.suggestions), "suggestion"), evidence)


async def _plan_project(run: Run) -> None:
    found = optimisation.optimisation(run.sections, run.parameters.project_id or "")
    project, suggestions = (found.project, found.suggestions) if found else (None, [])
    if project is not None and suggestions:
        for one in suggestions[: run.parameters.limit]:
            if project.platform == "asana":
                values = {
                    "name": f"{one.message}: {one.action}",
                    "notes": "\n".join(one.evidence),
                    "projects": [project.id],
                }
                run.write("asana/create_task", {"data": values}, one.message, one.evidence)
        listed = "\n".join(f"• {one.message}. {one.action}" for one in suggestions)
        run.say("*{name}*\n{list}", {"name": project.name, "list": listed}, suggestions[0].evidence)
    run.done("plan", counted(len(run.plan), "write"), [])


async def _choose_call(run: Run) -> None:
    wanted = run.parameters.call_id
    found = await run.business.read(calls.CALLS)
    run.needs(found, calls.CALLS)
    if wanted is None:
        outside = (one.id for one in calls.since(calls.all_calls(found), found, 30) if calls.external(one))
        wanted = next(outside, None)
    if wanted is None:
        raise Broken("there is no call with a customer in the last 30 days")
    run.parameters = run.parameters.model_copy(update={"call_id": wanted})
    run.done("call", "1 call", [f"gong/calls/{wanted}"])


async def _read_transcript(run: Run) -> None:
    id = run.parameters.call_id or ""
    found = await run.business.call_sections(id)
    run.needs(found, calls.CALLS)
    run.needs(found, analysis.TRANSCRIPTS)
    spoken = [row for row in found[analysis.TRANSCRIPTS].rows if dig(row, "callId") == id]
    run.done("transcript", counted(len(spoken), "transcript"), [f"{analysis.TRANSCRIPTS}/{id}"] if spoken else [])


async def _analyse_call(run: Run) -> None:
    found = analysis.analysis(run.sections, run.parameters.call_id or "")
    if found is None and run.sections[calls.CALLS].fresh:
        raise NotThere(f"there is no call {run.parameters.call_id!r}")
    if found is None:
        raise Broken("the call is not among those that could be read")
    figures = {"topic": len(found.topics), "question": found.questions_asked or 0, "next step": len(found.next_steps)}
    run.done(
        "analysis",
        ", ".join(counted(number, noun) for noun, number in figures.items()),
        [f"gong/calls/{run.parameters.call_id}"],
    )


async def _plan_call(run: Run) -> None:
    found = analysis.analysis(run.sections, run.parameters.call_id or "")
    if found is not None and found.call is not None:
        call, where = found.call, [calls.evidence(found.call)]
        steps = "\n".join(f"• {one.text}" for one in found.next_steps[: run.parameters.limit])
        run.remind(f"Follow up: {call.title or call.id}", steps or "No next step was agreed in the call.", where)
        data = {"title": call.title or call.id, "topics": ", ".join(one.name for one in found.topics), "steps": steps}
        run.say("*Call: {title}*\nTopics: {topics}\n{steps}", data, where)
    run.done("plan", counted(len(run.plan), "write"), [])


Doing = Callable[[Run], Awaitable[None]]

WORKFLOWS: dict[str, tuple[tuple[str, Doing], ...]] = {
    "lead-qualification": (("crm", _read_crm), ("calls", _match_calls), ("score", _score), ("plan", _plan_leads)),
    "project-optimisation": (
        ("projects", _choose_project),
        ("tasks", _read_tasks),
        ("analysis", _analyse_project),
        ("plan", _plan_project),
    ),
    "call-analysis": (
        ("call", _choose_call),
        ("transcript", _read_transcript),
        ("analysis", _analyse_call),
        ("plan", _plan_call),
    ),
}
"""Name -> its steps, in order."""
