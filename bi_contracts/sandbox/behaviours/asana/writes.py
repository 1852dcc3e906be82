"""Asana's writes: tasks, subtasks, comments, tags and projects of a task.

Source: Asana's OpenAPI description (createTask, updateTask, createStoryForTask, addTagForTask), recorded answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import httpx

from ....dialects import ErrorKind
from ....paths import Json, dig
from ...answer import Answer, json_answer
from ...fieldsets import wanted
from ...refusal import Refusal
from ...routing import Match
from ...writing import values
from .base import Base
from .values import bad, gids, plain


class Writes(Base):
    """Answers what is written."""

    def answer_create_task(self, request: httpx.Request, match: Match) -> Answer:
        sent = self._sent(request, match)
        parent = sent.get("parent")
        if parent is not None:
            return self._subtask(request, gids("parent", [parent])[0], sent)
        projects = [self._known("projects", gid) for gid in gids("projects", sent.get("projects") or [])]
        memberships = [self._membership(row) for row in projects]
        for one in _objects(sent, "memberships"):
            projects.append(self._known("projects", one.get("project")))
            section = self._known("sections", one["section"]) if one.get("section") else None
            memberships.append(self._membership(projects[-1], section))
        record = self._made(sent, self._workspace(sent, projects))
        record["projects"] = [self._brief("project", row) for row in projects]
        record["memberships"] = memberships
        place = self.collection("projects").position(projects[0]["gid"]) if projects else None
        return self._answered(request, "tasks", record, place)

    def answer_create_subtask(self, request: httpx.Request, match: Match) -> Answer:
        return self._subtask(request, match.arguments["task_gid"], self._sent(request, match))

    def _subtask(self, request: httpx.Request, parent: str, sent: Mapping[str, Json]) -> Answer:
        above = self._known("tasks", parent)
        record = self._made(sent, above["workspace"])
        record["parent"] = self._brief("task", above)
        return self._answered(request, "subtasks", record, self.collection("tasks").position(parent))

    def _answered(self, request: httpx.Request, name: str, record: dict[str, Json], parent: int | None) -> Answer:
        position = self.world.create(self.platform, self.platform.endpoint(name), record, parent)
        self._happened("added", record)
        self.rendered.clear()  # a task counts its subtasks
        fields = wanted(request, self.platform.endpoint("task"))
        shown = self.shown(self.platform.endpoint("task"), self.collection(name), position, fields)
        return self.enveloped(self.platform.endpoint("task"), shown, 201)

    def _made(self, sent: Mapping[str, Json], workspace: Mapping[str, Json]) -> dict[str, Json]:
        """A new task that stands nowhere yet."""
        endpoint, now = self.platform.endpoint("tasks"), self._now()
        gid = self.world.blank(self.platform, endpoint)["gid"]
        bare = {name: _emptied(value) for name, value in endpoint.examples[-1].items()}
        return {
            **bare,
            "gid": gid,
            "resource_type": "task",
            "resource_subtype": "default_task",
            "completed": False,
            "created_at": now,
            "modified_at": now,
            "followers": [self._brief("user", self._me())],
            "permalink_url": f"https://app.asana.com/1/{workspace['gid']}/task/{gid}",
            "workspace": self._brief("workspace", workspace),
            **self._patch(sent),
        }

    def answer_update_task(self, request: httpx.Request, match: Match) -> Answer:
        patch = self._patch(self._sent(request, match))
        home, position = self.found(match)
        self.world.update(self.platform, home.endpoint, position, {**patch, "modified_at": self._now()})
        self.rendered.clear()  # subtasks and attachments name it in brief
        for name in patch:
            self._happened("changed", home.row(position), change={"field": name, "action": "changed"})
        task = self.platform.endpoint("task")
        return self.enveloped(task, self.shown(task, home, position, wanted(request, task)))

    def answer_delete_task(self, request: httpx.Request, match: Match) -> Answer:  # noqa: ARG002
        home, position = self.found(match)
        self._happened("deleted", home.row(position))
        self.rendered.clear()
        self.world.delete(self.platform, home.endpoint, position)
        return json_answer(200, {"data": {}})

    def answer_delete_story(self, request: httpx.Request, match: Match) -> Answer:  # noqa: ARG002
        home, position = self.found(match)
        if home.row(position).get("type") != "comment":
            raise Refusal(ErrorKind.FORBIDDEN, "story: what the system wrote stays")
        self.world.delete(self.platform, home.endpoint, position)
        return json_answer(200, {"data": {}})

    def answer_comment(self, request: httpx.Request, match: Match) -> Answer:
        sent = self._sent(request, match)
        text, markup = sent.get("text"), sent.get("html_text")
        if not isinstance(text or markup, str):
            raise bad("text: Missing input")
        said = text if isinstance(text, str) else re.sub(r"<[^>]*>", "", str(markup))
        home, position = self.found(match)
        if home.endpoint.name != "tasks":
            raise bad("task: comments on subtasks are not kept here")
        stories = self.platform.endpoint("stories")
        record = {
            **self.world.blank(self.platform, stories),
            "created_at": self._now(),
            "created_by": self._brief("user", self._me()),
            "html_text": str(markup) if isinstance(markup, str) else f"<body>{said}</body>",
            "is_editable": True,
            "is_edited": False,
            "is_pinned": sent.get("is_pinned") is True,
            "resource_subtype": "comment_added",
            "text": said,
            "type": "comment",
        }
        place = self.world.create(self.platform, stories, record, position)
        task = home.row(position)
        self._happened("added", task, type="story", parent=self._brief("task", task), resource=self._told(record))
        story = self.platform.endpoint("story")
        return self.enveloped(story, self.shown(story, self.collection("stories"), place, wanted(request, story)), 201)

    def _told(self, story: Mapping[str, Json]) -> dict[str, Json]:
        return {"gid": story["gid"], "resource_type": "story", "resource_subtype": story["resource_subtype"]}

    def answer_add_tag(self, request: httpx.Request, match: Match) -> Answer:
        tag = self._known("tags", self._sent(request, match).get("tag"))
        return self._changed(match, "tags", lambda known: [*_without(known, tag["gid"]), self._brief("tag", tag)])

    def answer_remove_tag(self, request: httpx.Request, match: Match) -> Answer:
        gid = self._sent(request, match).get("tag")
        return self._changed(match, "tags", lambda known: _without(known, gid))

    def answer_add_project(self, request: httpx.Request, match: Match) -> Answer:
        sent = self._sent(request, match)
        project = self._known("projects", sent.get("project"))
        section = self._known("sections", sent["section"]) if sent.get("section") else None
        gid = project["gid"]
        more = self._membership(project, section)
        self._changed(match, "memberships", lambda known: [*_outside(known, gid), more])
        return self._changed(match, "projects", lambda known: [*_without(known, gid), self._brief("project", project)])

    def answer_remove_project(self, request: httpx.Request, match: Match) -> Answer:
        gid = self._known("projects", self._sent(request, match).get("project"))["gid"]
        self._changed(match, "memberships", lambda known: _outside(known, gid))
        return self._changed(match, "projects", lambda known: _without(known, gid))

    def _changed(self, match: Match, name: str, change: Callable[[list[Json]], list[Json]]) -> Answer:
        """Changes one of a task's lists."""
        home, position = self.found(match)
        row = self._placed(home.row(position), position) if home.endpoint.name == "tasks" else home.row(position)
        patch = {name: change(list(row.get(name) or ())), "modified_at": self._now()}
        self.world.update(self.platform, home.endpoint, position, patch)
        self._happened("changed", home.row(position), change={"field": name, "action": "changed"})
        return json_answer(200, {"data": {}})

    # What the writes need

    def _sent(self, request: httpx.Request, match: Match) -> dict[str, Json]:
        write = match.endpoint.write or self.platform.endpoint("update_task").write
        sent = values(request, write) if write is not None else {}
        if not sent:
            raise bad("data: Missing input")
        return sent

    def _patch(self, sent: Mapping[str, Json]) -> dict[str, Json]:
        """What was sent, as a task shows it."""
        patch = plain(sent)
        if "completed" in patch:
            patch["completed_at"] = self._now() if patch["completed"] else None
        if "assignee" in sent:
            who = sent["assignee"]
            patch["assignee"] = None if who is None else self._brief("user", self._user(who))
        if "followers" in sent:
            patch["followers"] = [self._brief("user", self._user(gid)) for gid in gids("followers", sent["followers"])]
        if "tags" in sent:
            patch["tags"] = [self._brief("tag", self._known("tags", gid)) for gid in gids("tags", sent["tags"])]
        return patch

    def _workspace(self, sent: Mapping[str, Json], projects: Sequence[Mapping[str, Json]]) -> Mapping[str, Json]:
        if sent.get("workspace"):
            return self._known("workspaces", sent["workspace"])
        if not projects:
            raise bad("workspace: say one of workspace, projects and parent")
        return dict(projects[0]["workspace"])

    def _membership(self, project: Mapping[str, Json], section: Mapping[str, Json] | None = None) -> dict[str, Json]:
        place = self.collection("projects").position(project["gid"])
        sections = self.collection("sections").under(place or 0)
        chosen = section or (sections[0] if len(sections) else None)
        brief = self._brief("section", chosen) if chosen is not None else None
        return {"project": self._brief("project", project), "section": brief}


def _emptied(value: Json) -> Json:
    match value:
        case bool():
            return False
        case str():
            return ""
        case list():
            return []
        case int() | float():
            return 0
    return None


def _objects(sent: Mapping[str, Json], name: str) -> list[Mapping[str, Json]]:
    found = sent.get(name) or []
    if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
        raise bad(f"{name}: a list of objects is wanted")
    return found


def _without(known: list[Json], gid: Json) -> list[Json]:
    return [one for one in known if one.get("gid") != gid]


def _outside(known: list[Json], gid: Json) -> list[Json]:
    return [one for one in known if dig(one, "project.gid") != gid]
