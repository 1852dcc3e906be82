"""Asana's ways: tasks by what they belong to, lists under several paths, searches, events.

Source: Asana's OpenAPI description, developers.asana.com/docs (events, search), recorded answers.
"""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import httpx

from ....dialects import ErrorKind
from ....paths import Json, dig
from ....platform import Endpoint
from ....queries import All, Arguments, Condition, Order, Predicate, Query, Where
from ....queries import Any as Some
from ...answer import Answer, json_answer
from ...collection import Collection
from ...fieldsets import wanted
from ...refusal import Refusal
from ...routing import Match
from ...rows import Positions, Rows
from .base import BUSY, COMPACT, COMPACTS
from .batch import Batch
from .values import bad, is_gid, unknown

LOOKED_AT = 2_000
"""Tasks of a workspace that are looked at for those of a tag, of an assignee or of a search; all that were written."""

SEARCH = Arguments(
    {
        "query.completed": Where("completed", "eq", "flag"),
        "query.assignee.any": Where("assignee.gid", "in", "list"),
        "query.projects.any": Where("projects.gid", "in", "list"),
        "query.tags.any": Where("tags.gid", "in", "list"),
        "query.resource_subtype": Where("resource_subtype"),
        "query.due_on": Where("due_on"),
        "query.due_on.before": Where("due_on", "lt", "time"),
        "query.due_on.after": Where("due_on", "gt", "time"),
        "query.created_at.before": Where("created_at", "lt", "time"),
        "query.created_at.after": Where("created_at", "gt", "time"),
        "query.modified_at.before": Where("modified_at", "lt", "time"),
        "query.modified_at.after": Where("modified_at", "gt", "time"),
    }
)
SORTED = {
    "due_date": "due_on",
    "created_at": "created_at",
    "completed_at": "completed_at",
    "modified_at": "modified_at",
}
TYPES = {
    "custom_field": "custom_fields",
    "goal": "goals",
    "portfolio": "portfolios",
    "project": "projects",
    "tag": "tags",
    "task": "tasks",
    "team": "teams",
    "user": "users",
}


def _list(name: str, path: str, parent: str, argument: str) -> Endpoint:
    return Endpoint(name, path, records="data", key="gid", fields="query.opt_fields", parents={argument: parent})


def _action(name: str, path: str, parent: str, argument: str, method: str = "POST") -> Endpoint:
    return Endpoint(
        name, path, method=method, kind="write", arguments="body", key="gid", records="data", parents={argument: parent}
    )


class Behaviour(Batch):
    """Answers as Asana."""

    extra: ClassVar[tuple[Endpoint, ...]] = (
        _list("workspace_projects", "/workspaces/{workspace_gid}/projects", "workspaces", "workspace_gid"),
        _list("workspace_users", "/workspaces/{workspace_gid}/users", "workspaces", "workspace_gid"),
        _list("workspace_tags", "/workspaces/{workspace_gid}/tags", "workspaces", "workspace_gid"),
        _list("search_tasks", "/workspaces/{workspace_gid}/tasks/search", "workspaces", "workspace_gid"),
        _list("typeahead", "/workspaces/{workspace_gid}/typeahead", "workspaces", "workspace_gid"),
        _list("team_projects", "/teams/{team_gid}/projects", "teams", "team_gid"),
        _list("team_users", "/teams/{team_gid}/users", "teams", "team_gid"),
        _list("project_tasks", "/projects/{project_gid}/tasks", "projects", "project_gid"),
        _list("section_tasks", "/sections/{section_gid}/tasks", "sections", "section_gid"),
        _list("tag_tasks", "/tags/{tag_gid}/tasks", "tags", "tag_gid"),
        _list("task_tags", "/tasks/{task_gid}/tags", "tasks", "task_gid"),
        _list("task_projects", "/tasks/{task_gid}/projects", "tasks", "task_gid"),
        _list("task_counts", "/projects/{project_gid}/task_counts", "projects", "project_gid"),
        Endpoint("events", "/events", records="data", key="gid"),
        Endpoint("batch", "/batch", method="POST", kind="write", arguments="body", records="data", key="gid"),
        _action("create_subtask", "/tasks/{task_gid}/subtasks", "tasks", "task_gid"),
        _action("remove_tag", "/tasks/{task_gid}/removeTag", "tasks", "task_gid"),
        _action("remove_project", "/tasks/{task_gid}/removeProject", "tasks", "task_gid"),
        _action("delete_story", "/stories/{story_gid}", "stories", "story_gid", "DELETE"),
    )

    # Lists under another name

    def _as(self, request: httpx.Request, name: str, **arguments: Json) -> Answer:
        return self.usual(request, Match(self.platform.endpoint(name), arguments))

    def answer_workspace_projects(self, request: httpx.Request, match: Match) -> Answer:
        return self._as(request, "projects", workspace=match.arguments["workspace_gid"])

    def answer_workspace_users(self, request: httpx.Request, match: Match) -> Answer:
        return self._as(request, "users", workspace=match.arguments["workspace_gid"])

    def answer_workspace_tags(self, request: httpx.Request, match: Match) -> Answer:
        return self._as(request, "tags", workspace=match.arguments["workspace_gid"])

    def answer_project_tasks(self, request: httpx.Request, match: Match) -> Answer:
        rows = self._in_project(match.arguments["project_gid"])
        return self._listed(request, self.platform.endpoint("tasks"), rows)

    def answer_team_projects(self, request: httpx.Request, match: Match) -> Answer:
        team = match.arguments["team_gid"]
        return self._projects(request, self._above("teams", team), team)

    def answer_projects(self, request: httpx.Request, match: Match) -> Answer:
        team = request.url.params.get("team")
        if match.arguments.get("workspace") or not team:
            return self.usual(request, match)
        return self._projects(request, self._above("teams", team), team)

    def _projects(self, request: httpx.Request, workspace: int, team: str) -> Answer:
        endpoint = self.platform.endpoint("projects")
        rows = self.collection("projects").under(workspace, self.world.horizon(self.platform))
        rows = self.narrowed(rows, Query(Condition("team.gid", "eq", team)))
        return self._listed(request, endpoint, rows)

    def answer_team_users(self, request: httpx.Request, match: Match) -> Answer:
        workspace = self._above("teams", match.arguments["team_gid"])
        start = (self.collection("teams").position(match.arguments["team_gid"]) or 0) % max(1, self.world.size)
        users = self.collection("users").under(workspace)
        some = sorted({users.positions[(start + 12 * step) % len(users)] for step in range(min(5, len(users)))})
        return self._listed(request, self.platform.endpoint("users"), Rows(users.source, some))

    def answer_task_tags(self, request: httpx.Request, match: Match) -> Answer:
        return self._of_task(request, match, "tags")

    def answer_task_projects(self, request: httpx.Request, match: Match) -> Answer:
        return self._of_task(request, match, "projects")

    def _of_task(self, request: httpx.Request, match: Match, name: str) -> Answer:
        home, position = self.found(match)
        known = (self.collection(name).position(item["gid"]) for item in home.row(position).get(name) or ())
        rows = Rows(self.collection(name), [place for place in known if place is not None])
        return self._listed(request, self.platform.endpoint(name), rows)

    def _listed(self, request: httpx.Request, endpoint: Endpoint, rows: Rows) -> Answer:
        """A page of the rows that the endpoint's own arguments want."""
        query = endpoint.query.read(request) if endpoint.query is not None else Query()
        rows = rows if query.plain else self.narrowed(rows, query)
        return self.paged(request, endpoint, rows, wanted(request, endpoint))

    # Tasks by what they belong to

    def answer_tasks(self, request: httpx.Request, match: Match) -> Answer:
        asked = request.url.params
        given = [name for name in ("project", "section", "tag", "assignee") if asked.get(name)]
        if len(given) != 1 or (given == ["assignee"]) != ("workspace" in asked):
            raise bad("say exactly one of project, tag, section, or assignee with workspace")
        match given[0]:
            case "project":
                return self._listed(request, match.endpoint, self._in_project(asked["project"]))
            case "section":
                return self._listed(request, match.endpoint, self._in_section(asked["section"]))
            case "tag":
                return self._listed(request, match.endpoint, self._with_tag(asked["tag"]))
        return self._listed(request, match.endpoint, self._assigned(asked["workspace"], asked["assignee"]))

    def answer_section_tasks(self, request: httpx.Request, match: Match) -> Answer:
        rows = self._in_section(match.arguments["section_gid"])
        return self._listed(request, self.platform.endpoint("tasks"), rows)

    def answer_tag_tasks(self, request: httpx.Request, match: Match) -> Answer:
        return self._listed(request, self.platform.endpoint("tasks"), self._with_tag(match.arguments["tag_gid"]))

    def _in_project(self, gid: str) -> Rows:
        """The tasks that were made up for a project, but for those that left it, and those that came to it."""
        tasks, until = self.collection("tasks"), self.world.horizon(self.platform)
        place = self._position("projects", "project", gid)
        written = [*tasks.patches, *tasks.added(None, until)]
        if not written or place < 0 or tasks.exact is not None or self.collection("projects").exact is not None:
            return tasks.under(place, until)
        base = range(place * self.world.size, (place + 1) * self.world.size)
        gone = tasks.missing_at(until)
        here = [at for at in written if at not in gone and _is_in(tasks.row(at, until), "projects", gid)]
        left = [at for at in tasks.patches if at in base and at not in here]
        return Rows(tasks, Positions(base, [*gone, *left], [at for at in here if at not in base]), until)

    def _in_section(self, gid: str) -> Rows:
        sections, tasks, size = self.collection("sections"), self.collection("tasks"), self.world.size
        place, until = self._position("sections", "section", gid), self.world.horizon(self.platform)
        if tasks.exact is not None or sections.exact is not None or place < 0:
            return self.narrowed(tasks.everything(until), Query(Condition("memberships.section.gid", "eq", gid)))
        project, number = divmod(place, size)
        busy = min(BUSY, size)
        base = range(project * size + number, (project + 1) * size, busy) if number < busy else range(0)
        gone = set(tasks.missing_at(until))
        kept = [at for at in base if at not in gone and at not in tasks.patches]
        changed = [at for at in (*tasks.patches, *tasks.added(None, until)) if at not in gone]
        kept += [at for at in changed if gid in self._sections(tasks, at)]
        return Rows(tasks, sorted(kept, key=lambda at: (at < 0, abs(at))), until)

    def _sections(self, tasks: Collection, position: int) -> list[Json]:
        memberships = self._placed(tasks.row(position), position).get("memberships") or ()
        return [dig(one, "section.gid") for one in memberships]

    def _with_tag(self, gid: str) -> Rows:
        workspace = self._above("tags", gid)
        return self.narrowed(self._of_workspace(workspace), Query(Condition("tags.gid", "eq", gid)))

    def _assigned(self, workspace: str, assignee: str) -> Rows:
        place = self._position("workspaces", "workspace", workspace)
        user = self._user(assignee)["gid"]
        return self.narrowed(self._of_workspace(place), Query(Condition("assignee.gid", "eq", user)))

    def _of_workspace(self, place: int) -> Rows:
        """The first tasks of a workspace, and all that were written."""
        tasks, until = self.collection("tasks"), self.world.horizon(self.platform)
        if tasks.exact is not None:
            return tasks.everything(until)
        each = self.world.size**2
        base = range(place * each, place * each + min(each, LOOKED_AT))
        whole = range(place * each, (place + 1) * each)
        gid = self.collection("workspaces").key(place)
        new = [at for at in tasks.added(None, until) if dig(tasks.row(at), "workspace.gid") == gid]
        gone = tasks.missing_at(until)
        changed = [at for at in tasks.patches if at in whole and at not in base and at not in gone]
        return Rows(tasks, Positions(base, gone, [*changed, *new]), until)

    def answer_task_counts(self, request: httpx.Request, match: Match) -> Answer:
        rows = self._in_project(match.arguments["project_gid"])
        done, first = Condition("completed", "eq", True), Condition("resource_subtype", "eq", "milestone")
        counts = {
            "num_tasks": len(rows),
            "num_completed_tasks": len(self.narrowed(rows, Query(done))),
            "num_milestones": len(self.narrowed(rows, Query(first))),
            "num_completed_milestones": len(self.narrowed(rows, Query(All((done, first))))),
        }
        for of in ("tasks", "milestones"):
            counts[f"num_incomplete_{of}"] = counts[f"num_{of}"] - counts[f"num_completed_{of}"]
        asked = wanted(request, match.endpoint).split(",")
        return json_answer(200, {"data": {name: count for name, count in counts.items() if name in asked}})

    # Searches

    def answer_search_tasks(self, request: httpx.Request, match: Match) -> Answer:
        asked = request.url.params
        where: list[Predicate] = [SEARCH.read(request).where]
        if text := asked.get("text"):
            where.append(Some((Condition("name", "contains", text), Condition("notes", "contains", text))))
        field = SORTED.get(asked.get("sort_by", "modified_at"))
        if field is None:
            raise bad(f"sort_by: one of {', '.join(SORTED)}")
        place = self._position("workspaces", "workspace", match.arguments["workspace_gid"])
        if not self.collection("workspaces").row(place).get("is_organization"):
            usual = self.platform.errors.shapes[ErrorKind.BAD_REQUEST]
            raise Refusal(ErrorKind.BAD_REQUEST, shape=replace(usual, status=402, message="Payment Required"))
        order = (Order(field, asked.get("sort_ascending") != "true"),)
        rows = self.narrowed(self._of_workspace(place), Query(All(tuple(where)), order))
        return self.paged(
            request, match.endpoint, rows[: _count(asked.get("limit"), "limit", 100)], wanted(request, match.endpoint)
        )

    def answer_typeahead(self, request: httpx.Request, match: Match) -> Answer:
        asked = request.url.params
        name = TYPES.get(asked.get("resource_type", asked.get("type", "")))
        if name is None:
            raise bad(f"resource_type: one of {', '.join(TYPES)}")
        place = self._position("workspaces", "workspace", match.arguments["workspace_gid"])
        found = self._of_workspace(place) if name == "tasks" else self.collection(name).under(place)
        rows = self.narrowed(found, Query(Condition("name", "contains", asked.get("query", ""))))
        endpoint, most = self.platform.endpoint(name), _count(asked.get("count"), "count", 20)
        fields = wanted(request, endpoint) or COMPACTS.get(name, COMPACT)
        shown = [self.shown(endpoint, rows.source, position, fields) for position in rows.positions[:most]]
        return json_answer(200, {"data": shown})

    # Events

    def answer_events(self, request: httpx.Request, match: Match) -> Answer:  # noqa: ARG002
        resource, sync = request.url.params.get("resource", ""), request.url.params.get("sync", "")
        if not resource:
            raise bad("resource: Missing input")
        if not is_gid(resource):
            raise bad(f"resource: not an id: {resource[:40]}")
        if (
            self.collection("projects").position(resource) is None
            and self.collection("tasks").position(resource) is None
        ):
            raise unknown("resource", resource)
        return self.events.answer(resource, sync, self.platform.errors.shapes[ErrorKind.BAD_REQUEST])


def _is_in(row: Json, name: str, gid: str) -> bool:
    return any(one["gid"] == gid for one in row.get(name) or ())


def _count(value: str | None, name: str, usual: int) -> int:
    if value is None:
        return usual
    if not value.isdecimal() or not 1 <= int(value) <= 100:
        raise bad(f"{name}: from 1 to 100")
    return int(value)
