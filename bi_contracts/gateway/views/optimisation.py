"""What would help a project, by fixed rules over its tasks. Each suggestion names the rows it was derived from.

* `overdue`: open tasks whose due date is over.
* `unassigned`: open tasks that nobody has.
* `overloaded`: somebody with at least 5 open tasks and more than twice the median.
* `no-due-date`: open tasks without a due date.
* `stale`: open tasks that nobody has changed for 14 days.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from statistics import median

from ...report.values import counted
from ..models import Optimisation, Project, Suggestion, told
from ..models.projects import Severity
from ..section import Sections
from . import work
from .work import Task

STALE = timedelta(days=14)
LEAST = 5
METHODS = {
    "overdue": "due date before now, not completed",
    "unassigned": "no assignee, not completed",
    "overloaded": f"at least {LEAST} open tasks and more than twice the median of the project's assignees",
    "no-due-date": "no due date, not completed",
    "stale": f"not changed for {STALE.days} days, not completed",
}


def optimisation(sections: Sections, id: str) -> Optimisation | None:
    """Suggestions for one project; None where no project that was read has this id."""
    project = next((one for one in work.all_projects(sections) if one.id == id), None)
    if project is None:
        return None
    degraded, at, states = told(sections)
    return Optimisation(
        degraded=degraded,
        at=at,
        sections=states,
        project=project,
        suggestions=list(suggestions(sections, project)),
        methods=METHODS,
    )


def nothing(sections: Sections) -> Optimisation:
    """The answer where the project could not be read."""
    degraded, at, states = told(sections)
    return Optimisation(degraded=degraded, at=at, sections=states, project=None, suggestions=[], methods=METHODS)


def suggestions(sections: Sections, project: Project) -> Iterator[Suggestion]:
    """What the rules say of a project, most urgent first."""
    now = work.clock(sections)
    tasks = [task for task in work.all_tasks(sections) if project.id in task.projects]
    ongoing = [task for task in tasks if not task.done]
    late = [task for task in ongoing if task.overdue(now)]
    yield from _told("overdue", "critical", late, "overdue", "Agree new dates, or close what is done.")
    free = [task for task in ongoing if task.assignee_id is None]
    yield from _told("unassigned", "warning", free, "without an assignee", "Give each to somebody.")
    yield from _overloaded(ongoing)
    quiet = [task for task in ongoing if _stale(task, now)]
    yield from _told("stale", "warning", quiet, f"unchanged for {STALE.days} days", "Ask whether they still matter.")
    undated = [task for task in ongoing if task.late_from is None]
    yield from _told("no-due-date", "info", undated, "without a due date", "Plan them, or move them to the backlog.")


def _told(rule: str, severity: Severity, tasks: Sequence[Task], what: str, action: str) -> Iterator[Suggestion]:
    if tasks:
        where = [task.evidence for task in tasks]
        yield Suggestion(
            rule=rule,
            severity=severity,
            message=f"{counted(len(tasks), 'open task')} {what}",
            action=action,
            evidence=where,
        )


def _overloaded(ongoing: Sequence[Task]) -> Iterator[Suggestion]:
    by_person: dict[str, list[Task]] = {}
    for task in ongoing:
        if task.assignee_id is not None:
            by_person.setdefault(task.assignee_id, []).append(task)
    usual = median(len(tasks) for tasks in by_person.values()) if by_person else 0
    for id, tasks in by_person.items():
        if len(tasks) >= LEAST and len(tasks) > 2 * usual:
            yield Suggestion(
                rule="overloaded",
                severity="warning",
                message=f"assignee {id} has {len(tasks)} open tasks, the median is {usual:g}",
                action="Move some to others.",
                evidence=[task.evidence for task in tasks],
            )


def _stale(task: Task, now: datetime) -> bool:
    return task.updated_at is not None and now - task.updated_at >= STALE
