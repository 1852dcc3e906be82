"""Linear's own ways: keys of teams in the identifiers of issues, searches, mutations, and how it refuses."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from ...paths import Json
from ...platform import Endpoint
from ..collection import Collection
from ..graphql import Graph
from ..graphql.problems import ARGUMENT, INPUT, Invalid

if TYPE_CHECKING:
    from ..graphql.nodes import Node, Page
    from ..graphql.run import Run
    from ..graphql.schemas import Field

NAMES_KEPT = 20_000
FIRST_KEY = 3048
"""The key of the first team, `ENG`, as a number; the second one is `ENH`."""

ISSUES = "https://linear.app/example-works/issue"
"""Below it, every issue has its page."""

STATES: Mapping[Json, str] = {
    "backlog": "Backlog",
    "unstarted": "Todo",
    "started": "In Progress",
    "completed": "Signed off",
    "canceled": "Canceled",
    "triage": "Triage",
}
"""What the states of a workflow are called, by their type."""

PRIORITIES = ("No priority", "Urgent", "High", "Medium", "Low")


class Desk(Graph):
    """Answers as Linear."""

    most = 10_000
    aliases: ClassVar[Mapping[str, str]] = {"IssueSearchResult": "Issue", "ProjectSearchResult": "Project"}
    relations: ClassVar[Mapping[str, str]] = {
        "Comment.children": "parent",
        "Cycle.uncompletedIssuesUponClose": "",
        "Issue.children": "parent",
        "Issue.formerAttachments": "originalIssue",
        "Issue.subscribers": "",
        "IssueLabel.children": "parent",
        "Organization.labels": "*",
        "Organization.teams": "*",
        "Organization.users": "*",
        "Team.members": "*",
        "User.assignedIssues": "assignee",
        "User.createdIssues": "creator",
        "User.delegatedIssues": "delegate",
        "User.teams": "*",
    }

    follows: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "branchName": ("identifier", "number", "team", "title"),
        "issue": ("id",),
        "identifier": ("number", "team"),
        "isMe": ("id",),
        "name": ("type",),
        "slugId": ("id",),
        "url": ("displayName", "id", "identifier", "issue", "name", "number", "team", "title"),
    }

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.names: dict[str, str] = {}
        self._me: str | None = None

    def request_id(self, found: str) -> str:
        """The number of a request at the edge, and the place where it came in."""
        return f"{found.replace('-', '')[:16]}-ARN"

    def forget(self) -> None:
        super().forget()
        self.names.clear()
        self._me = None

    # Rows

    @property
    def me(self) -> str:
        """The identifier of whom the credential belongs to."""
        if self._me is None:
            viewer = self.collection("viewer")
            self._me = str(viewer.key(0) if viewer.exact is not None else viewer.scope(0).key)
        return self._me

    def record(self, endpoint: Endpoint, row: Json, position: int) -> Json:
        home = self.world.collection(self.platform, endpoint)
        return super().record(endpoint, self._own(home, dict(row), position), position)

    def _own(self, home: Collection, row: dict[str, Json], position: int) -> dict[str, Json]:
        """A row, or some members of it, as Linear would have it: what depends on other rows is in keeping with them."""
        if home.exact is not None and position >= 0:
            return row
        match home.endpoint.name:
            case "organization":
                row["name"] = home.endpoint.examples[0]["name"]
                row["userCount"] = len(self.collection("users").everything())
                row["createdIssueCount"] = len(self.collection("issues").everything())
            case "teams":
                row.pop("issueCount", None)
                if "key" in row and position >= 0:
                    row["key"] = self.team_key(position)
            case "users" | "viewer":
                if "isMe" in row:
                    row["isMe"] = row["id"] == self.me
                if "url" in row:
                    row["url"] = f"{row['url'].rpartition('/')[0]}/{slug(row['displayName'])}"
            case "issues":
                self._identified(row)
            case "comments":
                self._commented(row)
            case "attachments" if "issue" in row:
                row["issue"] = self._issue(row["issue"])
            case "workflow_states" if "name" in row:
                row["name"] = STATES.get(row["type"], row["name"])
            case "projects" | "initiatives":
                if "url" in row:
                    row["url"] = f"{row['url'].rpartition('/')[0]}/{slug(row['name'])}-{row['id'][-12:]}"
                if "teams" in row:
                    row["teams"] = {"nodes": [self._team(team) for team in row["teams"]["nodes"]]}
        if "slugId" in row:
            row["slugId"] = row["id"][-12:]
        if isinstance(row.get("team"), Mapping):
            row["team"] = self._team(row["team"])
        return row

    def _identified(self, row: dict[str, Json]) -> None:
        """Gives an issue its identifier, and addresses in which that and its title stand."""
        if "identifier" in row:
            row["identifier"] = f"{self._team(row['team'])['key']}-{row['number']}"
        if "url" in row:
            row["url"] = f"{ISSUES}/{row['identifier']}/{slug(row['title'])}"
        if "branchName" in row:
            who = row["branchName"].rpartition("/")[0]
            row["branchName"] = f"{who}/{row['identifier'].lower()}-{slug(row['title'])}".lstrip("/")
        if isinstance(row.get("parent"), Mapping):
            row["parent"] = self._issue(row["parent"])
        if isinstance(row.get("state"), Mapping):
            row["state"] = {**row["state"], "name": STATES.get(row["state"].get("type"), row["state"].get("name"))}

    def _commented(self, row: dict[str, Json]) -> None:
        """Gives a comment its issue, and an address on the page of that."""
        issue = row.get("issue")
        if "url" in row and isinstance(issue, Mapping):
            page = self._known(f"{issue['id']}#", self._page_of, row["url"].partition("#")[0])
            row["url"] = f"{page}#comment-{row['id'][:8]}"
        if "issue" in row:
            row["issue"] = self._issue(issue)

    def _page_of(self, name: str) -> str | None:
        """The address of an issue; the name is its key and `#`."""
        home = self.collection("issues")
        position = home.position(name[:-1])
        return None if position is None else str(self.values(home, position).get("url"))

    def _team(self, team: Mapping[str, Json]) -> dict[str, Json]:
        """A team in brief, with its key."""
        return {**team, "key": self._known(team["id"], self._key_of, team["key"])} if "key" in team else dict(team)

    def _issue(self, issue: Json) -> Json:
        """An issue in brief, with its identifier."""
        if not isinstance(issue, Mapping) or "identifier" not in issue:
            return issue
        return {**issue, "identifier": self._known(issue["id"], self._identifier_of, issue["identifier"])}

    def _known(self, key: str, find: Callable[[str], str | None], usual: str) -> str:
        """A name that was looked up; few things are referred to by many."""
        found = self.names.get(key)
        if found is None:
            if len(self.names) >= NAMES_KEPT:
                self.names.clear()
            found = self.names[key] = find(key) or usual
        return found

    def _key_of(self, team: str) -> str | None:
        position = self.collection("teams").position(team)
        return None if position is None or position < 0 else self.team_key(position)

    def _identifier_of(self, issue: str) -> str | None:
        home = self.collection("issues")
        position = home.position(issue)
        if position is None or position < 0 or home.exact is not None:
            return None
        row = home.row(position)
        return f"{self._team(row['team'])['key']}-{row['number']}"

    def team_key(self, position: int) -> str:
        """The key of a team: `ENG`, `ENH`, ..."""
        teams = self.collection("teams")
        if teams.exact is not None:
            return str(teams.row(position)["key"])
        return written_key(position)

    def named(self, run: Run, type_: str, home: Collection, key: Json) -> int | None:
        """`ENG-12` for an issue, `ENG` for a team, `me` for a user."""
        name = str(key)
        match type_:
            case "Issue" | "IssueSearchResult":
                return self._numbered(run, home, name)
            case "User" if name == "me":
                return home.position(self.me)
            case "Team" if _KEY.fullmatch(name):
                places = [read_key(name)] if home.exact is None else list(home.everything().positions)
                places = [place for place in places if 0 <= place < home.count]
                return next((place for place in places if self.team_key(place) == name), None)
        return None

    def _numbered(self, run: Run, home: Collection, name: str) -> int | None:
        found = _IDENTIFIER.fullmatch(name)
        if found is None:
            return None
        number = int(found[2])
        places = [number - 1] if home.exact is None and 0 < number <= home.count else list(range(len(home.exact or ())))
        places += [place for place in home.added(None, float("inf")) if place < 0]
        for place in places:
            node = run.node("Issue", home, place)
            if str(node.values.get("identifier")).lower() == name.lower() and place not in home.gone:
                return place
        return None

    # Fields of the root

    def query_rateLimitStatus(self, run: Run, field: Field, _: Mapping[str, Json]) -> Node:  # noqa: N802
        """The budgets as they are granted."""
        run.fleeting = True
        now = self.clock()
        budgets = [("apiRequests", self.platform.limits.limit, self.platform.limits.window)]
        budgets += [("apiComplexity", quota.limit, quota.window) for quota in self.platform.limits.quotas]
        limits = [
            {
                "type": kind,
                "requestedAmount": 1,
                "allowedAmount": limit,
                "period": round(window * 1000),
                "remainingAmount": limit - 1,
                "reset": round((now + window) * 1000),
            }
            for kind, limit, window in budgets
        ]
        return run.plain(field.type, {"identifier": self.me, "kind": "apiKey", "limits": limits})

    def query_searchIssues(self, run: Run, field: Field, arguments: Mapping[str, Json]) -> Page:  # noqa: N802
        """Issues in whose title or description the term stands."""
        return self._searched(run, field, arguments, arguments["term"])

    def query_issueSearch(self, run: Run, field: Field, arguments: Mapping[str, Json]) -> Page:  # noqa: N802
        """As `searchIssues`, before it had that name."""
        return self._searched(run, field, arguments, arguments.get("query") or "")

    def query_searchProjects(self, run: Run, field: Field, arguments: Mapping[str, Json]) -> Page:  # noqa: N802
        """Projects in whose name or description the term stands."""
        return self._searched(run, field, arguments, arguments["term"])

    def query_attachmentsForURL(self, run: Run, field: Field, arguments: Mapping[str, Json]) -> Page:  # noqa: N802
        """Attachments that lead to an address."""
        return self._narrowed(run, field, arguments, {"url": {"eq": arguments["url"]}})

    def query_attachmentIssue(self, run: Run, _: Field, arguments: Mapping[str, Json]) -> Node:  # noqa: N802
        """The issue that something is attached to."""
        home, position = run.located("Attachment", arguments["id"])
        return run.embedded("Issue", run.node("Attachment", home, position).values["issue"])

    def query_issueVcsBranchSearch(  # noqa: N802
        self, run: Run, field: Field, arguments: Mapping[str, Json]
    ) -> Node | None:
        """The issue whose identifier stands in the name of a branch."""
        home = self.collection("issues")
        for found in _IN_BRANCH.findall(arguments["branchName"]):
            position = self._numbered(run, home, found.upper())
            if position is not None:
                return run.node(field.type, home, position)
        return None

    def query_issuePriorityValues(self, run: Run, field: Field, _: Mapping[str, Json]) -> list[Node]:  # noqa: N802
        """What the numbers of priorities are called."""
        return [run.plain(field.type, {"priority": at, "label": label}) for at, label in enumerate(PRIORITIES)]

    def _searched(self, run: Run, field: Field, arguments: Mapping[str, Json], term: str) -> Page:
        return self._narrowed(run, field, arguments, {"searchableContent": {"containsIgnoreCase": term}})

    def _narrowed(self, run: Run, field: Field, arguments: Mapping[str, Json], also: Mapping[str, Json]) -> Page:
        filters = [also, arguments.get("filter") or {}]
        endpoint = run.tables.endpoint(field.node)
        wider = replace(field, arguments=field.arguments | {"filter"})
        page: Page = run.listed(wider, endpoint, {**arguments, "filter": {"and": filters}})
        return page

    def filtered(self, run: Run, node: Node, name: str) -> Any:
        match name:
            case "searchableContent":
                parts = (run.read(node, part) for part in ("title", "name", "description", "identifier"))
                return " ".join(str(part) for part in parts if part)
            case "workflowState":
                return run.read(node, "state")
            case "milestone":
                return run.read(node, "projectMilestone")
        return False if name.startswith("has") else None

    def computed(self, run: Run, node: Node, field: Field) -> Json:
        if node.type == "Team" and field.name == "issueCount":
            until = self.world.horizon(self.platform)
            return len(run.tables.rows(self.collection("issues"), "team", str(run.key(node)), until))
        if node.type == "Cycle" and field.name in ("isActive", "isFuture", "isPast"):
            run.fleeting = True
            now = stamp(self.clock())
            starts, ends = run.full(node).get("startsAt", ""), run.full(node).get("endsAt", "")
            return {"isActive": starts <= now < ends, "isFuture": now < starts, "isPast": ends <= now}[field.name]
        return None

    # Mutations

    def mutation(self, run: Run, field: Field, arguments: Mapping[str, Json]) -> Node:
        from ..graphql.writing import of_type, payload, written

        special = getattr(self, f"mutate_{field.name}", None)
        type_, verb = of_type(run, field)
        if special is not None:
            type_, node = special(run, arguments)
        elif type_:
            node = written(run, type_, verb, arguments)
        else:
            node = None
        return payload(run, field, type_, node, arguments)

    def completed(self, run: Run, type_: str, record: dict[str, Json]) -> dict[str, Json]:
        """A new record with what Linear fills in."""
        match type_:
            case "Issue":
                return self._new_issue(record)
            case "Comment":
                issue = record.get("issue") or {}
                whole = run.full(run.embedded("Issue", issue))
                return {**record, "user": self._viewer(), "url": f"{whole.get('url')}#comment-{record['id'][:8]}"}
            case "Attachment" | "Initiative":
                return {**record, "creator": self._viewer()}
        return record

    def _viewer(self) -> dict[str, Json]:
        users = self.collection("users")
        position = users.position(self.me)
        row = users.row(position) if position is not None else {}
        return {name: row.get(name) for name in ("id", "name", "email")}

    def _new_issue(self, record: dict[str, Json]) -> dict[str, Json]:
        home = self.collection("issues")
        number = home.count + len([place for place in self.world.created if self.world.created[place].home is home]) + 1
        team = record["team"]
        identifier = f"{team['key']}-{number}"
        return {
            **record,
            "number": number,
            "identifier": identifier,
            "url": f"{ISSUES}/{identifier}/{slug(record['title'])}",
            "branchName": f"{identifier.lower()}-{slug(record['title'])}",
            "creator": self._viewer(),
            **self._ranked(record.get("priority") if record.get("priority") in range(5) else 0),
            "labelIds": [label["id"] for label in record["labels"]["nodes"]],
        }

    def _ranked(self, priority: Json) -> dict[str, Json]:
        return {"priority": priority, "priorityLabel": PRIORITIES[priority]}

    def mutate_issueUpdate(self, run: Run, arguments: Mapping[str, Json]) -> tuple[str, Node]:  # noqa: N802
        """Changes an issue; labels may be added and taken away one by one."""
        from ..graphql.writing import patch_of, updated

        home, position = run.located("Issue", arguments["id"])
        given = self._with_labels(run.node("Issue", home, position), arguments["input"])
        patch = patch_of(run, "Issue", "Update", arguments, given)
        if patch.get("priority") in range(5):
            patch |= self._ranked(patch["priority"])
        return "Issue", updated(run, "Issue", home, position, patch)

    def _with_labels(self, node: Node, given: Mapping[str, Json]) -> Mapping[str, Json]:
        added, removed = given.get("addedLabelIds") or [], given.get("removedLabelIds") or []
        if not added and not removed:
            return given
        known = [key for key in node.values.get("labelIds", []) if key not in removed]
        return {**given, "labelIds": list(dict.fromkeys([*known, *added]))}

    def mutate_issueAddLabel(self, run: Run, arguments: Mapping[str, Json]) -> tuple[str, Node]:  # noqa: N802
        """Gives an issue a label."""
        input_ = {"addedLabelIds": [arguments["labelId"]]}
        return self.mutate_issueUpdate(run, {"id": arguments["id"], "input": input_})

    def mutate_issueRemoveLabel(self, run: Run, arguments: Mapping[str, Json]) -> tuple[str, Node]:  # noqa: N802
        """Takes a label from an issue."""
        input_ = {"removedLabelIds": [arguments["labelId"]]}
        return self.mutate_issueUpdate(run, {"id": arguments["id"], "input": input_})

    def mutate_issueDelete(self, run: Run, arguments: Mapping[str, Json]) -> tuple[str, Node]:  # noqa: N802
        """Puts an issue into the trash, where it is archived."""
        from ..graphql.writing import patch_of, updated

        home, position = run.located("Issue", arguments["id"])
        return "Issue", updated(run, "Issue", home, position, patch_of(run, "Issue", "Archive", {"trash": True}, {}))

    def mutate_commentResolve(self, run: Run, arguments: Mapping[str, Json]) -> tuple[str, Node]:  # noqa: N802
        """Says that a comment is dealt with."""
        return self._resolved(run, arguments, stamp(self.clock()))

    def mutate_commentUnresolve(self, run: Run, arguments: Mapping[str, Json]) -> tuple[str, Node]:  # noqa: N802
        """Says that a comment is not dealt with."""
        return self._resolved(run, arguments, None)

    def _resolved(self, run: Run, arguments: Mapping[str, Json], at: str | None) -> tuple[str, Node]:
        from ..graphql.writing import updated

        home, position = run.located("Comment", arguments["id"])
        return "Comment", updated(run, "Comment", home, position, {"resolvedAt": at})

    # How it refuses

    def explained(self, entry: Mapping[str, Json], problem: Invalid) -> Json:
        extensions = dict(entry["extensions"])
        if problem.code in (INPUT, ARGUMENT):
            extensions["type"] = "invalid input"
        if problem.code == ARGUMENT and not problem.said:
            problem.said = str(entry["message"])
        if problem.code == ARGUMENT:
            entry = {**entry, "message": "Argument Validation Error"}
        if problem.said:
            extensions["userPresentableMessage"] = problem.said
        return {**entry, "extensions": extensions}


def written_key(position: int) -> str:
    """The key of the team at a position: three letters, more when they are used up."""
    number, width = position + FIRST_KEY, 3
    while number >= 26**width:
        number -= 26**width
        width += 1
    return "".join(chr(ord("A") + number // 26**place % 26) for place in range(width - 1, -1, -1))


def read_key(key: str) -> int:
    """The position of the team with a key; out of range where no team can have it."""
    number = 0
    for letter in key:
        number = number * 26 + ord(letter) - ord("A")
    return number + sum(26**width for width in range(3, len(key))) - FIRST_KEY if len(key) >= 3 else -1


def slug(title: Json) -> str:
    """A title as it stands in an address."""
    return re.sub(r"[^a-z0-9]+", "-", str(title).lower()).strip("-")


def stamp(now: float) -> str:
    """A time as Linear writes it. `now` is in Unix seconds."""
    from ..writing import stamped

    return str(stamped("2026-01-01T00:00:00.000Z", now))


_KEY = re.compile(r"[A-Z]{1,7}")
_IDENTIFIER = re.compile(r"([A-Za-z]{1,7})-(\d{1,9})")
_IN_BRANCH = re.compile(r"(?<![A-Za-z])[A-Za-z]{1,7}-\d{1,9}")
