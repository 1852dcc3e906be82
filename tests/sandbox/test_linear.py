"""Linear's GraphQL: its schema, its relations, filters, mutations, costs and refusals."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from graphql import (
    GraphQLSchema,
    TypeInfo,
    TypeInfoVisitor,
    build_schema,
    get_introspection_query,
    parse,
    print_ast,
    validate,
    visit,
)
from graphql.language import REMOVE, FieldNode, OperationDefinitionNode, Visitor

from bi_contracts.contract.graphql import from_graphql
from bi_contracts.platforms.linear import INITIATIVES, ISSUES, PLATFORM
from bi_contracts.sandbox.behaviours.linear.names import read_key, written_key
from bi_contracts.sandbox.evolution import Evolution
from bi_contracts.sandbox.graphql.schemas import sdl

from .api import Api

URL = "https://api.linear.app/graphql"
NOBODY = "00000000-0000-4000-8000-000000000000"
NEWER = {"Attachment.bodyData", "Attachment.originalIssue"}
"""Fields that the vendor's schema of April 2025 lacks: they stand in answers recorded in April 2026."""


class Linear(Api):
    """Asked in GraphQL."""

    def __init__(self, rows: int = 30, **settings: Any) -> None:
        super().__init__(PLATFORM, rows, 1_770_000_000.0, **settings)

    def post(self, text: str, **variables: Any) -> httpx.Response:
        return self.http.post(URL, content=json.dumps({"query": text, "variables": variables}))

    def ask(self, text: str, **variables: Any) -> Any:
        answer = self.post(text, **variables)
        assert answer.status_code == 200, answer.text
        assert "errors" not in answer.json(), answer.text
        return answer.json()["data"]

    def error(self, text: str, **variables: Any) -> tuple[int, Mapping[str, Any]]:
        """The status and the first error."""
        answer = self.post(text, **variables)
        return answer.status_code, answer.json()["errors"][0]


@pytest.fixture(scope="module")
def linear() -> Linear:
    return Linear()


@pytest.fixture
def fresh() -> Linear:
    return Linear(enforce_limits=True)


@cache
def schema() -> GraphQLSchema:
    return build_schema(sdl(PLATFORM.schema))


# The schema


@pytest.mark.parametrize("endpoint", PLATFORM.endpoints, ids=lambda endpoint: endpoint.name)
def test_declared_queries_fit_the_schema(endpoint: Any) -> None:
    """What the client asks for is there, under the types it says."""
    assert validate(schema(), parse(endpoint.body["query"])) == []


def test_the_schema_says_nothing_but_names_and_types() -> None:
    """No descriptions, no comments, no reasons."""
    text = sdl(PLATFORM.schema)
    assert not re.search(r'"|#|@deprecated', text)
    assert len(text) < 150_000


def test_the_schema_can_be_asked_for(linear: Linear) -> None:
    """Introspection, as every tool sends it."""
    types = {type_["name"]: type_ for type_ in linear.ask(get_introspection_query())["__schema"]["types"]}
    assert {"Issue", "IssueFilter", "IssueCreateInput", "DateTime"} <= set(types)
    number = next(field for field in types["Issue"]["fields"] if field["name"] == "number")
    assert number["type"]["ofType"]["name"] == "Float"


def everything(linear: Linear) -> str:
    """One query that asks for what every declared read asks for."""
    fields = []
    for endpoint in PLATFORM.endpoints:
        if endpoint.kind != "write":
            operation = parse(endpoint.body["query"]).definitions[0]
            assert isinstance(operation, OperationDefinitionNode)
            text = print_ast(operation.selection_set.selections[0])
            for argument, parent in endpoint.parents.items():
                home = linear.sandbox.world.collection(PLATFORM, PLATFORM.endpoint(parent))
                text = text.replace(f"${argument}", json.dumps(home.key(1)))
            fields.append(f"{endpoint.name}: " + text.replace("$first", "4").replace("$after", "null"))
    return "query Everything { " + " ".join(fields) + " }"


class Known(Visitor):
    """Takes the fields away that are newer than the vendor's schema at hand."""

    def __init__(self, types: TypeInfo) -> None:
        super().__init__()
        self.types = types

    def enter_field(self, node: FieldNode, *_: Any) -> Any:
        if self.types.get_field_def() is not None:
            return None
        assert f"{self.types.get_parent_type()}.{node.name.value}" in NEWER
        return REMOVE


def test_answers_are_what_the_vendors_schema_promises(linear: Linear, vendor_data: Path) -> None:
    """Every declared read, against the contract that Linear's own published schema makes of its query."""
    text = (vendor_data / "specs" / "linear" / "2025-04-10-b544d470-schema.graphql").read_text(encoding="utf-8")
    types = TypeInfo(build_schema(text, assume_valid=True))
    query = print_ast(visit(parse(everything(linear)), TypeInfoVisitor(types, Known(types))))
    contract = from_graphql(text, query, id="linear/everything")
    answer = linear.post(query)
    assert answer.status_code == 200, answer.text
    envelope = {"status": 200, "headers": {}, "body": answer.json()}
    assert [str(one) for one in contract.violations(envelope)] == []


# Relations


def test_rows_of_a_relation_refer_back(linear: Linear) -> None:
    """The issues of a team, a project and a person are those that say so."""
    teams = linear.ask("{ teams { nodes { id key issues { nodes { identifier team { id } } } } } }")["teams"]["nodes"]
    found = [issue for team in teams for issue in team["issues"]["nodes"]]
    assert len(found) == 30
    assert all(issue["team"]["id"] == team["id"] for team in teams for issue in team["issues"]["nodes"])
    assert all(issue["identifier"].startswith(team["key"] + "-") for team in teams for issue in team["issues"]["nodes"])
    text = """{ users { nodes { id assignedIssues { nodes { assignee { id } } }
        createdIssues { nodes { creator { id } } } } } }"""
    users = linear.ask(text)["users"]["nodes"]
    assert sum(len(user["assignedIssues"]["nodes"]) for user in users) == 15
    assert all(issue["assignee"]["id"] == user["id"] for user in users for issue in user["assignedIssues"]["nodes"])
    assert all(issue["creator"]["id"] == user["id"] for user in users for issue in user["createdIssues"]["nodes"])


def test_children_and_comments_of_issues(linear: Linear) -> None:
    """An issue is the parent of its children, and comments stand under what they are about."""
    text = """{ issues { nodes { id identifier children { nodes { parent { id identifier } } }
        comments { nodes { issue { id } } } } } }"""
    issues = linear.ask(text)["issues"]["nodes"]
    children = [(issue, child["parent"]) for issue in issues for child in issue["children"]["nodes"]]
    assert len(children) == 15
    assert all((issue["id"], issue["identifier"]) == tuple(parent.values()) for issue, parent in children)
    comments = [(issue, comment["issue"]) for issue in issues for comment in issue["comments"]["nodes"]]
    assert len(comments) == 15
    assert all(issue["id"] == about["id"] for issue, about in comments)


def test_the_same_thing_is_the_same_everywhere(linear: Linear) -> None:
    """What an issue shows of its team and its project in brief stands in their own rows."""
    text = "{ issues { nodes { team { id key name } project { id name } labels { nodes { id name } } labelIds } } }"
    issues = linear.ask(text)["issues"]["nodes"]
    teams = linear.ask("{ teams { nodes { id key name } } }")["teams"]["nodes"]
    projects = linear.ask("{ projects { nodes { id name } } }")["projects"]["nodes"]
    assert all(issue["team"] in teams for issue in issues)
    assert all(issue["project"] in [None, *projects] for issue in issues)
    assert all([label["id"] for label in issue["labels"]["nodes"]] == issue["labelIds"] for issue in issues)


def test_an_issue_has_three_names(linear: Linear) -> None:
    """UUID, identifier, and identifier in small letters; nothing else."""
    listed = linear.ask("{ issues(first: 1) { nodes { id identifier } } }")["issues"]["nodes"][0]
    for name in (listed["id"], listed["identifier"], listed["identifier"].lower()):
        assert linear.ask("query($id: String!) { issue(id: $id) { id identifier } }", id=name)["issue"] == listed
    for name in (NOBODY, "XYZ-1", listed["identifier"] + "000", "nonsense", "-1", "ENG-0"):
        assert linear.error("query($id: String!) { issue(id: $id) { id } }", id=name)[1]["message"].startswith("Entity")


def test_teams_and_oneself_have_names(linear: Linear) -> None:
    """A team by its key, oneself as `me`."""
    team = linear.ask("{ teams(first: 1) { nodes { id key } } }")["teams"]["nodes"][0]
    assert linear.ask("query($id: String!) { team(id: $id) { id } }", id=team["key"])["team"]["id"] == team["id"]
    assert linear.error('{ team(id: "QQQ") { id } }')[0] == 200
    mine = linear.ask('{ user(id: "me") { id isMe } viewer { id isMe } users { nodes { isMe } } }')
    assert mine["user"] == mine["viewer"] == {**mine["viewer"], "isMe": True}
    assert sum(user["isMe"] for user in mine["users"]["nodes"]) == 1


@pytest.mark.parametrize("position", [0, 1, 25, 700, 14527, 14528, 500_000])
def test_keys_of_teams_lead_back(position: int) -> None:
    """Every team has a key of its own, and the key says which team it is."""
    key = written_key(position)
    assert re.fullmatch("[A-Z]{3,}", key)
    assert read_key(key) == position
    assert written_key(position + 1) != key
    assert read_key("AB") < 0


def test_fields_without_data_have_values_of_their_types(linear: Linear) -> None:
    """What the schema promises is never null."""
    text = """{ issues(first: 1) { nodes { reactionData boardOrder trashed sharedAccess { isShared }
        subscribers { nodes { id } } relations { nodes { id } pageInfo { hasNextPage } } history { edges { cursor } }
        reactions { id } botActor { id } } }
        organization { releaseChannel allowedAuthServices teams(first: 1) { nodes { id } } } documents { nodes { id } }
        cycles(first: 1) { nodes { isActive isPast isFuture team { organization { name } } } } }"""
    found = linear.ask(text)
    issue = found["issues"]["nodes"][0]
    assert (issue["reactionData"], issue["boardOrder"], issue["trashed"], issue["botActor"]) == ({}, 0, None, None)
    assert (issue["subscribers"], issue["relations"]["nodes"], issue["reactions"]) == ({"nodes": []}, [], [])
    assert found["documents"] == {"nodes": []}
    cycle = found["cycles"]["nodes"][0]
    assert [cycle["isActive"], cycle["isPast"], cycle["isFuture"]].count(True) == 1
    assert cycle["team"]["organization"]["name"] == linear.ask("{ organization { name } }")["organization"]["name"]


def test_what_else_the_root_has(linear: Linear) -> None:
    """Searches, names of priorities, an issue by its branch, attachments by their address, the issue of one."""
    issue = linear.ask("{ issues(first: 1) { nodes { id title branchName } } }")["issues"]["nodes"][0]
    found = linear.ask(
        "query($t: String!) { searchIssues(term: $t) { totalCount nodes { id } } }", t=issue["title"].upper()
    )
    assert issue["id"] in [one["id"] for one in found["searchIssues"]["nodes"]]
    assert linear.ask('{ searchIssues(term: "qqqqq") { totalCount } }')["searchIssues"]["totalCount"] == 0
    assert linear.ask('{ issueSearch(query: "qqqqq") { nodes { id } } }')["issueSearch"]["nodes"] == []
    project = linear.ask("{ projects(first: 1) { nodes { id name } } }")["projects"]["nodes"][0]
    found = linear.ask("query($t: String!) { searchProjects(term: $t) { nodes { id } } }", t=project["name"])
    assert {"id": project["id"]} in found["searchProjects"]["nodes"]
    text = "query($b: String!) { issueVcsBranchSearch(branchName: $b) { id } }"
    assert linear.ask(text, b=f"fix/{issue['branchName']}")["issueVcsBranchSearch"]["id"] == issue["id"]
    assert linear.ask(text, b="main")["issueVcsBranchSearch"] is None
    assert linear.ask("{ issuePriorityValues { priority label } }")["issuePriorityValues"][1]["label"] == "Urgent"
    attachment = linear.ask("{ attachments(first: 1) { nodes { id url issue { id } } } }")["attachments"]["nodes"][0]
    found = linear.ask(
        "query($i: String!, $u: String!)"
        " { attachmentIssue(id: $i) { id } attachmentsForURL(url: $u) { nodes { id } } }",
        i=attachment["id"], u=attachment["url"],
    )  # fmt: skip
    assert found["attachmentIssue"] == attachment["issue"]
    assert {"id": attachment["id"]} in found["attachmentsForURL"]["nodes"]


# Lists


def test_the_newest_comes_first(linear: Linear) -> None:
    """By the time of making unless `orderBy` says `updatedAt`."""
    text = "query($by: PaginationOrderBy) { issues(orderBy: $by, first: 250) { nodes { createdAt updatedAt } } }"
    made = [issue["createdAt"] for issue in linear.ask(text)["issues"]["nodes"]]
    assert made == sorted(made, reverse=True)
    assert linear.ask(text, by="createdAt") == linear.ask(text)
    changed = [issue["updatedAt"] for issue in linear.ask(text, by="updatedAt")["issues"]["nodes"]]
    assert changed == sorted(changed, reverse=True)


def test_sorting_by_fields(linear: Linear) -> None:
    """`sort` takes fields in order, each up or down."""
    text = "query($s: [IssueSortInput!]) { issues(sort: $s) { nodes { priority title assignee { name } } } }"
    sort = [{"priority": {"order": "Descending"}}, {"title": {"order": "Ascending"}}]
    found = [(-issue["priority"], issue["title"]) for issue in linear.ask(text, s=sort)["issues"]["nodes"]]
    assert found == sorted(found)
    by_name = linear.ask(text, s=[{"assignee": {"order": "Ascending"}}])["issues"]["nodes"]
    names = [issue["assignee"]["name"] if issue["assignee"] else "" for issue in by_name]
    assert names == sorted(names)


def test_filters_narrow_lists(linear: Linear) -> None:
    """Comparators, relations, lists of relations, and connections inside objects."""
    text = "query($f: IssueFilter) { issues(filter: $f, first: 250) { nodes { id number team { key } } } }"
    everything = linear.ask(text)["issues"]["nodes"]
    key = everything[0]["team"]["key"]
    assert linear.ask(text, f={"team": {"key": {"eq": key}}})["issues"]["nodes"] == [
        issue for issue in everything if issue["team"]["key"] == key
    ]
    assert {issue["number"] for issue in linear.ask(text, f={"number": {"lte": 3}})["issues"]["nodes"]} == {1, 2, 3}
    mine = linear.ask(text, f={"assignee": {"isMe": {"eq": True}}})["issues"]["nodes"]
    assert (
        mine
        == linear.ask("{ viewer { assignedIssues { nodes { id number team { key } } } } }")["viewer"]["assignedIssues"][
            "nodes"
        ]
    )
    assert len(linear.ask(text, f={"labels": {"length": {"gt": 0}}})["issues"]["nodes"]) == 15
    assert len(linear.ask(text, f={"children": {"some": {"number": {"gt": 0}}}})["issues"]["nodes"]) > 0
    assert linear.ask(text, f={"hasBlockedByRelations": {"eq": True}})["issues"]["nodes"] == []
    assert linear.ask(text, f={"createdAt": {"gt": "-P1D"}})["issues"]["nodes"] == []
    nested = linear.ask("{ teams { nodes { issues(filter: { number: { eq: 1 } }) { nodes { number } } } } }")
    assert [issue for team in nested["teams"]["nodes"] for issue in team["issues"]["nodes"]] == [{"number": 1}]


def test_nested_lists_in_the_row_take_arguments(linear: Linear) -> None:
    """Labels stand in the issue's own row, and are filtered, sorted and paged all the same."""
    text = """{ issues { nodes { labelIds
        labels(first: 1, filter: { name: { eq: "x" } }, orderBy: updatedAt) { nodes { id } } } } }"""
    assert all(issue["labels"]["nodes"] == [] for issue in linear.ask(text)["issues"]["nodes"])


def test_rows_that_were_put_are_as_they_were_put() -> None:
    """Exact rows keep their keys and identifiers."""
    linear = Linear(enforce_limits=True)
    linear.sandbox.put("linear/issues", [{**ISSUES[0], "identifier": "OWN-3", "title": "Mine"}])
    assert linear.ask('{ issue(id: "OWN-3") { title team { key } } issues { nodes { identifier } } }') == {
        "issue": {"title": "Mine", "team": {"key": "NUM"}},
        "issues": {"nodes": [{"identifier": "OWN-3"}]},
    }
    linear.sandbox.put("linear/teams", [{"id": "t1", "key": "OWN", "name": "Own"}])
    assert linear.ask('{ team(id: "OWN") { id name } }')["team"] == {"id": "t1", "name": "Own"}


# Mutations


CREATE = "mutation($i: IssueCreateInput!) { issueCreate(input: $i) { success lastSyncId issue { id } } }"


def created(linear: Linear, **more: Any) -> str:
    team = linear.ask("{ teams(first: 1) { nodes { id } } }")["teams"]["nodes"][0]["id"]
    return str(linear.ask(CREATE, i={"teamId": team, "title": "Ask for it", **more})["issueCreate"]["issue"]["id"])


def test_a_created_issue_is_there(fresh: Linear) -> None:
    """By id, by identifier, first in the list, under its team, and with what Linear fills in."""
    user = fresh.ask("{ users(first: 1) { nodes { id name } } }")["users"]["nodes"][0]
    key = created(fresh, priority=1, assigneeId=user["id"], description="Now")
    text = """query($id: String!) { issue(id: $id) { identifier number title description priorityLabel
        assignee { id name } creator { isMe } state { type } url branchName createdAt labels { nodes { id } }
        parent { id } team { key
        issues(first: 1) { nodes { id } } } } }"""
    issue = fresh.ask(text, id=key)["issue"]
    assert (issue["number"], issue["priorityLabel"], issue["description"]) == (31, "Urgent", "Now")
    assert (issue["assignee"], issue["creator"]["isMe"], issue["parent"]) == (user, True, None)
    assert issue["identifier"] == f"{issue['team']['key']}-31"
    assert issue["url"].endswith(f"/{issue['identifier']}/ask-for-it")
    assert issue["createdAt"] == "2026-02-02T02:40:00.000Z"
    assert issue["team"]["issues"]["nodes"] == [{"id": key}]
    assert fresh.ask(text, id=issue["identifier"])["issue"] == issue
    assert fresh.ask("{ issues(first: 1) { nodes { id } } }")["issues"]["nodes"] == [{"id": key}]


def test_a_changed_issue_is_changed_everywhere(fresh: Linear) -> None:
    """In the list, under its parent, and where other rows show it in brief."""
    listed = fresh.ask("{ comments { nodes { id issue { id } } } }")["comments"]["nodes"]
    key = next(comment["issue"]["id"] for comment in listed if comment["issue"])
    text = """mutation($id: String!, $i: IssueUpdateInput!) { issueUpdate(id: $id, input: $i)
        { success issue { title priorityLabel updatedAt } } }"""
    changed = fresh.ask(text, id=key, i={"title": "Other", "priority": 4, "dueDate": "2026-09-01"})["issueUpdate"]
    assert changed == {"success": True, "issue": {**changed["issue"], "title": "Other", "priorityLabel": "Low"}}
    assert changed["issue"]["updatedAt"] == "2026-02-02T02:40:00.000Z"
    shown = fresh.ask("{ comments { nodes { issue { id title } } } }")["comments"]["nodes"]
    assert {"issue": {"id": key, "title": "Other"}} in shown
    found = fresh.ask('{ issues(filter: { title: { eq: "Other" } }) { nodes { id dueDate } } }')["issues"]["nodes"]
    assert found == [{"id": key, "dueDate": "2026-09-01"}]


def test_labels_come_and_go(fresh: Linear) -> None:
    """One by one, by the mutation of their own, or all at once."""
    one, two = (
        label["id"] for label in fresh.ask("{ issueLabels(first: 2) { nodes { id } } }")["issueLabels"]["nodes"]
    )
    key = created(fresh, labelIds=[one])
    add = "mutation($id: String!, $l: String!) { issueAddLabel(id: $id, labelId: $l) { issue { labelIds } } }"
    assert fresh.ask(add, id=key, l=two)["issueAddLabel"]["issue"]["labelIds"] == [one, two]
    remove = """mutation($id: String!, $l: String!) { issueRemoveLabel(id: $id, labelId: $l)
        { issue { labels { nodes { id } } } } }"""
    assert fresh.ask(remove, id=key, l=one)["issueRemoveLabel"]["issue"]["labels"]["nodes"] == [{"id": two}]
    text = "query($l: ID!) { issues(filter: { labels: { id: { eq: $l } } }) { nodes { id } } }"
    assert {"id": key} in fresh.ask(text, l=two)["issues"]["nodes"]


def test_archived_issues_are_hidden(fresh: Linear) -> None:
    """From lists, not from reads by id, until they are brought back; deleting puts into the trash."""
    key = created(fresh)
    text = "query($all: Boolean) { issues(first: 1, includeArchived: $all) { nodes { id } } }"
    for verb in ("issueArchive", "issueDelete"):
        done = fresh.ask(f"mutation($id: String!) {{ {verb}(id: $id) {{ success entity {{ archivedAt }} }} }}", id=key)
        assert done[verb]["entity"]["archivedAt"]
        assert fresh.ask(text)["issues"]["nodes"] != [{"id": key}]
        assert fresh.ask(text, all=True)["issues"]["nodes"] == [{"id": key}]
        back = fresh.ask("mutation($id: String!) { issueUnarchive(id: $id) { entity { archivedAt trashed } } }", id=key)
        assert back["issueUnarchive"]["entity"] == {"archivedAt": None, "trashed": None}
        assert fresh.ask(text)["issues"]["nodes"] == [{"id": key}]


def test_comments_live(fresh: Linear) -> None:
    """Made, changed, resolved, opened again, deleted."""
    issue = created(fresh)
    make = "mutation($i: CommentCreateInput!) { commentCreate(input: $i) { comment { id body url user { isMe } } } }"
    comment = fresh.ask(make, i={"issueId": issue, "body": "Yes"})["commentCreate"]["comment"]
    assert (comment["body"], comment["user"]) == ("Yes", {"isMe": True})
    assert comment["url"].startswith("https://linear.app/example-works/issue/")
    change = 'mutation($id: String!) { commentUpdate(id: $id, input: { body: "No" }) { comment { body } } }'
    assert fresh.ask(change, id=comment["id"])["commentUpdate"]["comment"]["body"] == "No"
    for verb, resolved in (("commentResolve", True), ("commentUnresolve", False)):
        text = f"mutation($id: String!) {{ {verb}(id: $id) {{ comment {{ resolvedAt }} }} }}"
        assert (fresh.ask(text, id=comment["id"])[verb]["comment"]["resolvedAt"] is not None) is resolved
    gone = fresh.ask("mutation($id: String!) { commentDelete(id: $id) { success entityId } }", id=comment["id"])
    assert gone["commentDelete"] == {"success": True, "entityId": comment["id"]}
    assert fresh.ask("query($id: String!) { issue(id: $id) { comments { nodes { id } } } }", id=issue)["issue"] == {
        "comments": {"nodes": []}
    }
    assert fresh.error("query($id: String!) { comment(id: $id) { id } }", id=comment["id"])[1]["path"] == ["comment"]


def test_other_things_can_be_written(fresh: Linear) -> None:
    """Projects, labels, cycles, attachments; a relation is answered though no list holds it."""
    team = fresh.ask("{ teams(first: 1) { nodes { id key name } } }")["teams"]["nodes"][0]
    issue = created(fresh)
    project = fresh.ask(
        'mutation($t: [String!]!) { projectCreate(input: { name: "New", teamIds: $t })'
        " { project { id name teams { nodes { id key } } } } }",
        t=[team["id"]],
    )["projectCreate"]["project"]
    assert project["teams"]["nodes"] == [{"id": team["id"], "key": team["key"]}]
    assert fresh.ask("query($id: String!) { project(id: $id) { name } }", id=project["id"])["project"]["name"] == "New"
    for text in (
        'mutation { issueLabelCreate(input: { name: "Fresh" }) { issueLabel { id } } }',
        'mutation($i: String!) { attachmentCreate(input: { issueId: $i, title: "T", url: "https://e.example" })'
        " { attachment { id } } }",
        "mutation($i: String!) { issueRelationCreate(input: { issueId: $i, relatedIssueId: $i, type: related })"
        " { issueRelation { type issue { id } } } }",
    ):
        fresh.ask(text, i=issue)
    assert {"name": "Fresh"} in fresh.ask("{ issueLabels(first: 2) { nodes { name } } }")["issueLabels"]["nodes"]
    attached = fresh.ask(
        "query($i: String!) { issue(id: $i) { attachments { nodes { title creator { isMe } } } } }", i=issue
    )
    assert attached["issue"]["attachments"]["nodes"] == [{"title": "T", "creator": {"isMe": True}}]


@pytest.mark.parametrize(
    ("input_", "code", "said"),
    [
        ({"teamId": NOBODY, "title": "x"}, "INPUT_ERROR", "Entity not found: Team"),
        ({"teamId": "no", "title": "x"}, "INPUT_ERROR", "Entity not found: Team"),
        ({"teamId": "ENG", "title": "x", "assigneeId": NOBODY}, "INPUT_ERROR", "Entity not found: User"),
        ({"teamId": "ENG", "title": "x", "id": "mine"}, "INVALID_INPUT", "Argument Validation Error"),
        ({"teamId": "ENG", "title": "x", "delegateId": 7}, "BAD_USER_INPUT", "delegateId"),
        ({"title": "x"}, "BAD_USER_INPUT", "teamId"),
        ({"teamId": "ENG", "nosuch": 1}, "BAD_USER_INPUT", "nosuch"),
    ],
)
def test_a_write_that_does_not_fit_changes_nothing(fresh: Linear, input_: Any, code: str, said: str) -> None:
    """The reason, in Linear's codes; the list stays as it was."""
    before = fresh.ask("{ issues(first: 250) { nodes { id } } }")
    _, error = fresh.error(CREATE, i=input_)
    assert error["extensions"]["code"] == code
    assert said in error["message"]
    assert fresh.ask("{ issues(first: 250) { nodes { id } } }") == before


# How it refuses


def test_partial_data_comes_with_errors() -> None:
    """A field that may be null is null, with an error that says where; the rest is answered."""
    linear = Linear(enforce_limits=True)
    linear.sandbox.put("linear/initiatives", [{**INITIATIVES[0], "health": "unheardOf"}])
    answer = linear.post("{ initiatives { nodes { name health } } viewer { isMe } }")
    assert answer.status_code == 200
    found = answer.json()
    assert found["data"] == {
        "initiatives": {"nodes": [{"name": INITIATIVES[0]["name"], "health": None}]},
        "viewer": {"isMe": True},
    }
    assert [error["path"] for error in found["errors"]] == [["initiatives", "nodes", 0, "health"]]
    assert found["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"


def test_what_must_not_be_null_takes_everything_with_it(linear: Linear) -> None:
    """An issue that is not there leaves no data at all: `Query.issue` is never null."""
    answer = linear.post('{ issue(id: "x") { id } viewer { id } }')
    assert (answer.status_code, answer.json()["data"]) == (200, None)
    error = answer.json()["errors"][0]
    assert (error["path"], error["locations"]) == (["issue"], [{"line": 1, "column": 3}])
    assert (error["extensions"]["type"], error["extensions"]["code"]) == ("invalid input", "INPUT_ERROR")


@pytest.mark.parametrize(
    ("text", "code", "type_", "said"),
    [
        ("{ viewer { nosuch } }", "GRAPHQL_VALIDATION_FAILED", "graphql error", 'field "nosuch" on type "User"'),
        ("{ issues(nosuch: 1) { nodes { id } } }", "GRAPHQL_VALIDATION_FAILED", "graphql error", '"nosuch"'),
        ("{ issues(first: \"x\") { nodes { id } } }", "GRAPHQL_VALIDATION_FAILED", "graphql error", "Int"),
        ("{ issues(filter: { nosuch: 1 }) { nodes { id } } }", "GRAPHQL_VALIDATION_FAILED", "graphql error", "nosuch"),
        ("{ issue { id } }", "GRAPHQL_VALIDATION_FAILED", "graphql error", 'Field "issue" argument "id"'),
        ("{ viewer {", "GRAPHQL_PARSE_FAILED", "graphql error", "Syntax Error"),
        ("query($id: String!) { issue(id: $id) { id } }", "BAD_USER_INPUT", "graphql error", 'Variable "$id"'),
        ("{ issues(first: 251) { nodes { id } } }", "INVALID_INPUT", "invalid input", "Argument Validation Error"),
        ("{ issues(first: 0) { nodes { id } } }", "INVALID_INPUT", "invalid input", "Argument Validation Error"),
        ('{ issues(after: "x") { nodes { id } } }', "INVALID_INPUT", "invalid input", "Argument Validation Error"),
        ('{ issues(filter: { createdAt: { gt: "P999Y" } }) { nodes { id } } }', "INVALID_INPUT", "invalid input", ""),
        ("{ issues(first: 250) { nodes { comments { nodes { body } } } } }", "INPUT_ERROR", "invalid input", "complex"),
        ("{ a: __schema { types { name } } b: __schema { types { name } } c: __schema { types { name } }"
         " d: __schema { types { name } } e: __schema { types { name } } }", "INPUT_ERROR", "invalid input", "complex"),
    ],
)  # fmt: skip
def test_bad_requests_are_refused_in_linears_words(linear: Linear, text: str, code: str, type_: str, said: str) -> None:
    """HTTP 400 with code and type, whatever is wrong with the query."""
    status, error = linear.error(text)
    assert status == 400
    assert (error["extensions"]["code"], error["extensions"]["type"]) == (code, type_)
    assert said in error["message"]


BOMBS = {
    "depth": '{ issue(id: "a") {' + "parent {" * 90 + "id" + "}" * 90 + "} }",
    "parser": '{ issue(id: "a") {' + "parent {" * 3000 + "id" + "}" * 3000 + "} }",
    "tokens": "{" + "a " * 20_000 + "}",
    "twins": "{ viewer {" + "id " * 5000 + "} }",
    "aliases": "{" + " ".join(f"a{n}: issues(first: 250) {{ nodes {{ id }} }}" for n in range(300)) + "}",
    "circle": '{ issue(id: "a") { ...A } } fragment A on Issue { parent { ...A } }',
    "doubling": '{ issue(id: "a") { ...F0 } } '
    + " ".join(
        f"fragment F{n} on Issue {{ a: parent {{ ...F{n + 1} }} b: parent {{ ...F{n + 1} }} }}" for n in range(40)
    )
    + " fragment F40 on Issue { id }",
    "wide doubling": '{ issue(id: "a") { ...F0 } } '
    + " ".join(
        f"fragment F{n} on Issue {{ a: parent {{ ...F{n + 1} }} b: parent {{ ...F{n + 1} }} }}" for n in range(20)
    )
    + " fragment F20 on Issue { id }",
    "introspection": "{ __schema {" + "types { fields { type {" * 4 + "name" + "} } }" * 4 + "} }",
}


@pytest.mark.parametrize("name", BOMBS)
def test_what_is_too_much_is_refused(linear: Linear, name: str) -> None:
    """Deep, wide, long, circular or doubling: a 400, at once."""
    status, error = linear.error(BOMBS[name])
    assert status == 400
    assert error["extensions"]["userError"]


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"query":1}', b'{"query":"{viewer{id}}","variables":[]}', b"[" * 9000]
)
def test_a_body_that_is_no_request_is_refused(linear: Linear, content: bytes) -> None:
    """A 400 in the shape of Linear's errors."""
    answer = linear.http.post(URL, content=content)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["userError"]


def test_a_foreign_key_is_refused(linear: Linear) -> None:
    """401 with AUTHENTICATION_ERROR; the key may come with `Bearer` too."""
    stranger = httpx.Client(transport=linear.sandbox.transport())
    for headers in ({}, {"authorization": "lin_api_wrong"}):
        answer = stranger.post(URL, json={"query": "{ viewer { id } }"}, headers=headers)
        assert answer.status_code == 401
        assert answer.json()["errors"][0]["extensions"]["code"] == "AUTHENTICATION_ERROR"
    bearer = {"authorization": f"Bearer {linear.token}"}
    assert linear.http.post(URL, json={"query": "{ viewer { id } }"}, headers=bearer).status_code == 200


# Costs


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ('{ user(id: "me") { name } }', 2),
        ('{ user(id: "me") { createdIssues { nodes { id title createdAt } } } }', 66),
        ('{ user(id: "me") { createdIssues(first: 10) { nodes { id title createdAt } } } }', 14),
        ("{ users { nodes { id name email active admin createdAt updatedAt lastSeen }"
         " pageInfo { hasNextPage endCursor } } }", 150),
        ("query($n: Int = 100) { cycles(first: $n) { nodes { id name number startsAt endsAt team { id } createdAt"
         " updatedAt completedAt archivedAt } pageInfo { hasNextPage endCursor } } }", 330),
        ("query($n: Int = 50) { cycles(first: $n) { nodes { id name number startsAt endsAt completedAt createdAt"
         " updatedAt team { id name } } pageInfo { hasNextPage endCursor } } }", 210),
        ("{ team(id: \"ENG\") { id name key description states { nodes { id name color type } } } }", 72),
        ("{ comments(last: 1) { nodes { ... on Comment { id body } } } }", 2),
        ("{ issues(first: 2) { edges { cursor node { id identifier title updatedAt labelIds } } } }", 7),
        ("{ __typename }", 0),
    ],
)  # fmt: skip
def test_costs_are_those_of_the_vendor(linear: Linear, text: str, points: int) -> None:
    """The examples of Linear's documentation, and what `x-complexity` of recorded answers says."""
    answer = linear.post(text)
    assert answer.headers["x-complexity"] == str(points)


def test_budgets_are_stated_and_kept(fresh: Linear) -> None:
    """Requests and points, with the time in milliseconds at which they are granted anew."""
    fresh.post("{ viewer { name } }")
    headers = fresh.post('{ user(id: "me") { createdIssues { nodes { id title createdAt } } } }').headers
    figures = {name: int(value) for name, value in headers.items() if name.startswith("x-ratelimit-")}
    reset = round((fresh.now + 3600) * 1000)
    assert figures == {
        "x-ratelimit-requests-limit": 5000,
        "x-ratelimit-requests-remaining": 4998,
        "x-ratelimit-requests-reset": reset,
        "x-ratelimit-complexity-limit": 2_000_000,
        "x-ratelimit-complexity-remaining": 2_000_000 - 68,
        "x-ratelimit-complexity-reset": reset,
    }
    fresh.sandbox.limit("linear", 2, 3600)
    answers = [fresh.post("{ viewer { id } }") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 400]
    assert answers[2].json()["errors"][0]["extensions"]["code"] == "RATELIMITED"
    assert answers[2].headers["x-ratelimit-requests-remaining"] == "0"
    fresh.now += 3601
    assert fresh.ask("{ rateLimitStatus { limits { type reset } } }")["rateLimitStatus"]["limits"][0]["reset"] > reset


# Evolution


def evolved(**change: Any) -> Linear:
    linear = Linear(enforce_limits=True)
    linear.sandbox.evolve(Evolution.parse([change]))
    return linear


def test_a_field_that_goes_can_no_longer_be_asked_for() -> None:
    """Nor can it be seen in the schema; the one that takes its place can."""
    linear = evolved(endpoint="linear/issue*", change="rename", path="estimate", to="points")
    assert linear.error("{ issues { nodes { estimate } } }")[0] == 400
    assert linear.ask("{ issues(first: 2) { nodes { points } } }")["issues"]["nodes"][1]["points"] == 3
    names = [field["name"] for field in linear.ask('{ __type(name: "Issue") { fields { name } } }')["__type"]["fields"]]
    assert ("points" in names, "estimate" in names) == (True, False)


def test_what_changes_in_part_of_the_rows_changes_there() -> None:
    """Nothing where a value was promised, a figure with a fraction, an unheard-of choice, another type."""
    linear = evolved(endpoint="linear/users", change="nullify", path="email", share=0.5)
    emails = [user["email"] for user in linear.ask("{ users { nodes { email } } }")["users"]["nodes"]]
    assert 0 < emails.count(None) < 30
    linear = evolved(endpoint="linear/issues", change="retype", path="priority", to="object")
    assert "value" in linear.ask("{ issues(first: 1) { nodes { priority } } }")["issues"]["nodes"][0]["priority"]
    linear = evolved(endpoint="linear/initiatives", change="enum", path="status", to="Paused")
    assert linear.ask("{ initiatives(first: 1) { nodes { status } } }")["initiatives"]["nodes"] == [
        {"status": "Paused"}
    ]
    linear = evolved(endpoint="linear/issues", change="nullify", path="team.name")
    assert linear.ask("{ issues(first: 1) { nodes { team { name } } } }")["issues"]["nodes"][0]["team"] == {
        "name": None
    }
    linear = evolved(endpoint="linear/issues", change="add", path="mood", to={"a": 1})
    assert linear.ask("{ issues(first: 1) { nodes { mood } } }")["issues"]["nodes"] == [{"mood": {"a": 1}}]


def test_index_lag_holds_writes_back(fresh: Linear) -> None:
    """Lists show what was written only after a while; a read by id shows it at once."""
    fresh.sandbox.world.lag["linear"] = 60.0
    key = created(fresh)
    text = "{ issues(first: 1, filter: { number: { gt: 30 } }, orderBy: updatedAt) { nodes { id } } }"
    assert fresh.ask("query($id: String!) { issue(id: $id) { id } }", id=key)["issue"]["id"] == key
    assert fresh.ask(text)["issues"]["nodes"] == []
    under = "query($id: String!) { issue(id: $id) { team { issues(first: 1) { nodes { id } } } } }"
    assert fresh.ask(under, id=key)["issue"]["team"]["issues"]["nodes"] != [{"id": key}]
    fresh.now += 61
    assert fresh.ask(text)["issues"]["nodes"] == [{"id": key}]
