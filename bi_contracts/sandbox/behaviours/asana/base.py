"""What every answer of Asana goes through: ids, compact records, offsets that expire, sections of tasks.

Source: Asana's OpenAPI description, developers.asana.com/docs (pagination, errors), recorded answers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from ....paths import Json, dig
from ....platform import Endpoint, Platform
from ....queries import Condition, Query
from ...answer import Answer
from ...collection import Collection
from ...recipes import makers_for
from ...refusal import Refusal
from ...rest import Rest
from ...routing import Match
from ...rows import Rows
from ...world import World
from ...writing import stamped
from .events import Events
from .values import bad, is_gid, unknown

COMPACT = "name,resource_type"
"""The fields of a record in a list, where the request names none."""

COMPACTS: Mapping[str, str] = {
    "tasks": "name,resource_type,resource_subtype",
    "subtasks": "name,resource_type,resource_subtype",
    "search_tasks": "name,resource_type,resource_subtype",
    "attachments": "name,resource_type,resource_subtype",
    "stories": "created_at,created_by,resource_subtype,resource_type,text,type",
    "status_updates": "resource_subtype,resource_type,title",
    "goals": "name,owner,resource_type",
    "custom_fields": "enabled,enum_options,name,precision,resource_subtype,resource_type,type",
}

EXPIRY = 86_400.0
"""Seconds for which an offset is good."""

BUSY = 4
"""Sections of a project that hold tasks."""

TASKS = {"tasks", "task", "search_tasks", "create_task", "update_task"}
"""Endpoints that answer tasks of projects."""

_OFFSET = re.compile(rb'"offset":"([^"]+)"')


class Base(Rest):
    """Answers as Asana, but for what its own endpoints have."""

    def __init__(self, platform: Platform, world: World) -> None:
        super().__init__(platform, world)
        self.issued: dict[str, float] = {}
        self.events = Events()
        self.more = {name: _beyond(platform, name) for name in ("tasks", "subtasks", "projects", "teams")}

    # What every request goes through

    def answer(self, request: httpx.Request, match: Match) -> Answer:
        for name, value in match.arguments.items():
            value = str(value)
            if not is_gid(value) and not (name == "user_gid" and (value == "me" or "@" in value)):
                raise bad(f"{name.removesuffix('_gid')}: not an id: {value[:40]}")
        return super().answer(request, match)

    def found(self, match: Match) -> tuple[Collection, int]:
        """As usual; a subtask is a task too."""
        arguments = match.arguments
        if not is_gid(arguments.get("user_gid", "1")):
            match = Match(match.endpoint, {**arguments, "user_gid": self._user(arguments["user_gid"])["gid"]})
        try:
            return super().found(match)
        except Refusal as refusal:
            position = self.collection("subtasks").position(arguments.get("task_gid", ""))
            if position is None:
                raise Refusal(refusal.kind, self._missing(match)) from None
            return self.collection("subtasks"), position

    def _missing(self, match: Match) -> str:
        name, value = list(match.arguments.items())[-1]
        return f"{name.removesuffix('_gid')}: Unknown object: {value}"

    def rows(self, request: httpx.Request, match: Match) -> Rows:
        try:
            return super().rows(request, match)
        except Refusal as refusal:
            raise Refusal(refusal.kind, refusal.message or self._missing(match)) from None

    def paged(self, request: httpx.Request, endpoint: Endpoint, rows: Sequence[Json], fields: str = "") -> Answer:
        token = request.url.params.get("offset")
        if token and self.clock() > self.issued.get(token, self.clock()) + EXPIRY:
            raise bad("offset: the token has expired")
        answer = super().paged(request, endpoint, rows, fields or COMPACTS.get(endpoint.name, COMPACT))
        given = _OFFSET.search(answer.body, max(0, len(answer.body) - 4_000))
        if given is not None:
            if len(self.issued) >= 10_000:
                self.issued.clear()
            self.issued[given[1].decode()] = self.clock()
        return answer

    def record(self, endpoint: Endpoint, row: Json, position: int) -> Json:
        if isinstance(row, Mapping):
            row = self._widened(endpoint, row, position)
            row = self._coherent(endpoint, row, position)
        return super().record(endpoint, self._placed(row, position) if endpoint.name in TASKS else row, position)

    def _widened(self, endpoint: Endpoint, row: Mapping[str, Json], position: int) -> Mapping[str, Json]:
        """The row with the fields that only the item endpoint's examples have, for requests that name them."""
        name = "tasks" if endpoint.name in TASKS else endpoint.name
        if name not in self.more:
            return row
        home = self.collection(name)
        item = self.platform.endpoint(_item(name))
        if position < 0 or home.exact is not None or position >= home.count:
            more = self.more[name]
        else:
            kept = f"{name} as {item.name}"
            makers = self.extras.get(kept) or self.extras.setdefault(kept, makers_for(home, item))
            more = makers[position % len(makers)](home.scope(position))
        return {**more, **row}

    def _coherent(self, endpoint: Endpoint, row: Mapping[str, Json], position: int) -> Mapping[str, Json]:
        """A row with what follows from its other fields and from the rows that it names."""
        found = dict(row)
        if "due_date" in row and "due_on" in row:
            found["due_date"] = row["due_on"]
        if endpoint.name in {*TASKS, "subtasks", "attachments"}:
            found |= self._related_tasks(endpoint, row, position)
        made_up = position >= 0 and self.collection("stories").exact is None
        if made_up and row.get("resource_type") == "story" and row.get("type") == "system":
            found["text"] = f"{dig(row, 'created_by.name') or 'Somebody'} changed the due date"
        return found

    def _related_tasks(self, endpoint: Endpoint, row: Mapping[str, Json], position: int) -> dict[str, Json]:
        """How many subtasks a task has, and what kind of task stands above it."""
        tasks, subtasks = self.collection("tasks"), self.collection("subtasks")
        if tasks.exact is not None or subtasks.exact is not None:
            return {}
        found: dict[str, Json] = {}
        if "num_subtasks" in row and endpoint.name in TASKS:
            found["num_subtasks"] = len(subtasks.under(position))
        above = tasks.position(dig(row, "parent.gid"))
        if above is not None:
            said = frozenset({"name", "resource_subtype"})
            row_above = tasks.row(above) if tasks.touched(above) else tasks.members(above, said)
            found["parent"] = {**row["parent"], **{name: row_above[name] for name in said if name in row["parent"]}}
        return found

    def _placed(self, row: Json, position: int) -> Json:
        """A task in a section of its own project, unless somebody put it elsewhere."""
        home, size = self.collection("tasks"), self.world.size
        known = row.get("memberships") if isinstance(row, Mapping) else None
        if not known or position < 0 or home.exact is not None:
            return row
        if any("memberships" in patch for _, patch in home.patches.get(position, ())):
            return row
        place = position // size * size + position % size % min(BUSY, size)
        section = self._brief("section", self.collection("sections").row(place))
        return {**row, "memberships": [{**known[0], "section": section}, *known[1:]]}

    # Rows, and how others name them

    def _position(self, name: str, word: str, gid: Json) -> int:
        """Where the row with this gid stands. Raises `Refusal`."""
        if not is_gid(gid):
            raise bad(f"{word}: not an id: {str(gid)[:40]}")
        found = self.collection(name).position(gid)
        if found is None:
            raise unknown(word, gid)
        return found

    def _known(self, name: str, gid: Json) -> dict[str, Any]:
        """The row with this gid. Raises `Refusal`."""
        word = name.removesuffix("s")
        if gid in (None, ""):
            raise bad(f"{word}: Missing input")
        return dict(self.collection(name).row(self._position(name, word, gid)))

    def _above(self, name: str, gid: Json) -> int:
        """Where the workspace of a row stands. Raises `Refusal`."""
        position = self._position(name, name.removesuffix("s"), gid)
        return self.collection(name).lineage(position).get("workspaces", 0)

    def _user(self, who: Json) -> dict[str, Any]:
        """The user with this gid, `me`, or the one with this address. Raises `Refusal`."""
        if who == "me":
            return self._me()
        if isinstance(who, str) and "@" in who:
            users = self.collection("users").under(0)
            rows = self.narrowed(users, Query(Condition("email", "eq", who)))
            if not len(rows):
                raise unknown("user", who)
            return dict(rows[0])
        return self._known("users", who)

    def _me(self) -> dict[str, Any]:
        return dict(self.collection("me").row(0))

    def _brief(self, kind: str, row: Mapping[str, Json]) -> dict[str, Json]:
        """A record as others name it."""
        brief = {"gid": row["gid"], "name": row.get("name"), "resource_type": kind}
        return {**brief, "resource_subtype": row.get("resource_subtype")} if kind == "task" else brief

    def _now(self) -> str:
        return str(stamped("2026-01-01T00:00:00.000Z", self.clock()))

    def _happened(self, action: str, task: Mapping[str, Json], **more: Json) -> None:
        """Notes what was done, for those who follow the task or its projects."""
        about = {"gid": task["gid"], "resource_type": "task", "resource_subtype": task.get("resource_subtype")}
        scopes = [task["gid"], *(project["gid"] for project in task.get("projects") or ())]
        record = {
            "user": self._brief("user", self._me()),
            "created_at": self._now(),
            "type": "task",
            "action": action,
            "resource": {**about, "name": task.get("name")},
            "parent": None,
            **more,
        }
        self.events.add(scopes, record)


def _beyond(platform: Platform, name: str) -> dict[str, Json]:
    """The fields that only the item endpoint's examples have, for rows that somebody wrote; all lists are empty."""
    item, known = platform.endpoint(_item(name)).examples[0], platform.endpoint(name).examples[0]
    more = {field: value for field, value in item.items() if field not in known}
    return {field: [] if isinstance(value, list) else value for field, value in more.items()}


def _item(name: str) -> str:
    """The endpoint that gives one of a list."""
    return "task" if name == "subtasks" else name.removesuffix("s")
