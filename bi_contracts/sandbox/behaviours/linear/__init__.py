"""Linear's own ways: searches, mutations, and how it refuses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from ....paths import Json
from ...graphql.problems import ARGUMENT, INPUT, Invalid
from .names import slug, stamp
from .rows import ISSUES, Named

if TYPE_CHECKING:
    from ...graphql.nodes import Node, Page
    from ...graphql.run import Run
    from ...graphql.schemas import Field

PRIORITIES = ("No priority", "Urgent", "High", "Medium", "Low")
_IN_BRANCH = re.compile(r"(?<![A-Za-z])[A-Za-z]{1,7}-\d{1,9}")


class Behaviour(Named):
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
        from ...graphql.writing import of_type, payload, written

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
        from ...graphql.writing import patch_of, updated

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
        from ...graphql.writing import patch_of, updated

        home, position = run.located("Issue", arguments["id"])
        return "Issue", updated(run, "Issue", home, position, patch_of(run, "Issue", "Archive", {"trash": True}, {}))

    def mutate_commentResolve(self, run: Run, arguments: Mapping[str, Json]) -> tuple[str, Node]:  # noqa: N802
        """Says that a comment is dealt with."""
        return self._resolved(run, arguments, stamp(self.clock()))

    def mutate_commentUnresolve(self, run: Run, arguments: Mapping[str, Json]) -> tuple[str, Node]:  # noqa: N802
        """Says that a comment is not dealt with."""
        return self._resolved(run, arguments, None)

    def _resolved(self, run: Run, arguments: Mapping[str, Json], at: str | None) -> tuple[str, Node]:
        from ...graphql.writing import updated

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
