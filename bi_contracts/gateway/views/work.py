"""Projects, tasks and issues of Asana and Linear."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from ...paths import Json, dig
from ..models import Project, Projects, ProjectTotals, Work, told
from ..section import Sections, as_of, derived
from .values import day, end_of, first_text, flag, items, moment, share, text

ASANA, TASKS = "asana/projects", "asana/tasks"
LINEAR, ISSUES = "linear/projects", "linear/issues"
PROJECTS = (ASANA, TASKS, LINEAR, ISSUES)
ENDED = frozenset({"completed", "canceled", "cancelled", "duplicate"})
EARLIEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Task:
    """A task of Asana or an issue of Linear. `evidence` is the id of its row."""

    platform: str
    id: str
    evidence: str
    name: str | None
    projects: tuple[str, ...]
    assignee: str | None
    assignee_id: str | None
    done: bool
    due: date | None
    due_at: datetime | None
    updated_at: datetime | None

    def overdue(self, now: datetime) -> bool:
        """Open, and its day (or its hour, where it has one) is over."""
        late = self.late_from
        return not self.done and late is not None and late < now

    @property
    def late_from(self) -> datetime | None:
        return self.due_at or (end_of(self.due) if self.due else None)


def overview(sections: Sections, *, limit: int = 100) -> Projects:
    """Projects with their work; open ones first, changed last first."""
    found = all_projects(sections)
    found.sort(key=lambda one: (not one.closed, one.updated_at or EARLIEST, one.platform, one.id), reverse=True)
    degraded, at, states = told(sections)
    return Projects(
        degraded=degraded,
        at=at,
        sections=states,
        total=len(found),
        totals=totals(found, all_tasks(sections), sections),
        projects=found[:limit],
    )


def all_projects(sections: Sections) -> list[Project]:
    """Every project, with its work where tasks of it were read."""
    now = clock(sections)
    grouped: dict[tuple[str, str], list[Task]] = {}
    for task in all_tasks(sections):
        for project in task.projects:
            grouped.setdefault((task.platform, project), []).append(task)
    asana = derived(sections, ASANA, "projects", lambda rows: tuple(_asana(row) for row in rows))
    linear = derived(sections, LINEAR, "projects", lambda rows: tuple(_linear(row) for row in rows))
    return [_today(one, grouped.get((one.platform, one.id)), now) for one in (*asana, *linear)]


def all_tasks(sections: Sections) -> list[Task]:
    """Every task and issue, each once."""
    tasks = derived(sections, TASKS, "tasks", lambda found: tuple(_task(row) for row in found))
    issues = derived(sections, ISSUES, "tasks", lambda found: tuple(_issue(row) for row in found))
    return list({task.evidence: task for task in (*tasks, *issues)}.values())


def totals(found: Sequence[Project], tasks: Sequence[Task], sections: Sections) -> list[ProjectTotals]:
    """Each platform's projects and the work that was read, in figures."""
    now = clock(sections)
    platforms = dict.fromkeys([*(one.platform for one in found), *(task.platform for task in tasks)])
    return [
        ProjectTotals(
            platform=platform,
            projects=sum(1 for one in found if one.platform == platform),
            open=sum(1 for one in found if one.platform == platform and not one.closed),
            overdue=sum(1 for one in found if one.platform == platform and one.overdue),
            work=work([task for task in tasks if task.platform == platform], now),
        )
        for platform in platforms
    ]


def work(tasks: Sequence[Task], now: datetime) -> Work:
    """Tasks counted."""
    ongoing = [task for task in tasks if not task.done]
    return Work(
        total=len(tasks),
        open=len(ongoing),
        done=len(tasks) - len(ongoing),
        overdue=sum(1 for task in ongoing if task.overdue(now)),
        unassigned=sum(1 for task in ongoing if task.assignee_id is None),
    )


def completion(found: Iterable[ProjectTotals]) -> dict[str, float]:
    """Platform -> share of its work that is done; without those that have no work."""
    return {one.platform: round(one.work.done / one.work.total, 4) for one in found if one.work.total}


def clock(sections: Sections) -> datetime:
    """What time it is where the answers come from."""
    now = as_of(sections)
    return EARLIEST if now is None else datetime.fromtimestamp(now, UTC)


def _late(closed: bool, due: date | None, now: datetime) -> bool:
    return not closed and due is not None and end_of(due) < now


def _today(one: Project, tasks: Sequence[Task] | None, now: datetime) -> Project:
    """A project with what depends on its tasks and on the time."""
    late = _late(one.closed, one.due, now)
    if tasks is None and not late:
        return one
    counted = None if tasks is None else work(tasks, now)
    done = round(counted.done / counted.total, 4) if counted and counted.total else None
    progress = done if one.progress is None else one.progress
    return one.model_copy(update={"overdue": late, "work": counted, "progress": progress})


def _asana(row: Json) -> Project:
    closed = flag(dig(row, "completed")) or flag(dig(row, "archived"))
    return Project(
        platform="asana",
        id=first_text(row, "gid") or "",
        name=first_text(row, "name"),
        state="completed" if flag(dig(row, "completed")) else "archived" if closed else "open",
        closed=closed,
        owner=first_text(row, "owner.name"),
        due=day(dig(row, "due_on")),
        overdue=False,
        progress=None,
        work=None,
        updated_at=moment(dig(row, "modified_at")),
        url=first_text(row, "permalink_url"),
    )


def _linear(row: Json) -> Project:
    kind = first_text(row, "status.type", "state")
    closed = kind in ENDED or dig(row, "archivedAt") is not None
    return Project(
        platform="linear",
        id=first_text(row, "id") or "",
        name=first_text(row, "name"),
        state=first_text(row, "status.name", "state"),
        closed=closed,
        owner=first_text(row, "lead.name"),
        due=day(dig(row, "targetDate")),
        overdue=False,
        progress=share(dig(row, "progress")),
        work=None,
        updated_at=moment(dig(row, "updatedAt")),
        url=first_text(row, "url"),
    )


def _task(row: Json) -> Task:
    id = first_text(row, "gid") or ""
    return Task(
        platform="asana",
        id=id,
        evidence=f"{TASKS}/{id}",
        name=first_text(row, "name"),
        projects=tuple(gid for one in items(dig(row, "projects")) if (gid := text(dig(one, "gid")))),
        assignee=first_text(row, "assignee.name"),
        assignee_id=first_text(row, "assignee.gid"),
        done=flag(dig(row, "completed")),
        due=day(dig(row, "due_on")),
        due_at=moment(dig(row, "due_at")),
        updated_at=moment(dig(row, "modified_at")),
    )


def _issue(row: Json) -> Task:
    id, project = first_text(row, "id") or "", first_text(row, "project.id")
    return Task(
        platform="linear",
        id=id,
        evidence=f"{ISSUES}/{id}",
        name=first_text(row, "title"),
        projects=(project,) if project else (),
        assignee=first_text(row, "assignee.name"),
        assignee_id=first_text(row, "assignee.id"),
        done=dig(row, "completedAt") is not None
        or dig(row, "canceledAt") is not None
        or first_text(row, "state.type") in ENDED,
        due=day(dig(row, "dueDate")),
        due_at=None,
        updated_at=moment(dig(row, "updatedAt")),
    )
