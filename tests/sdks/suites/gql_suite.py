"""gql reads Linear's GraphQL: lists, pages, gets and fails as its documentation says."""

from __future__ import annotations

import json
import os
import urllib.request

import pytest
from gql import Client, gql
from gql.transport.exceptions import TransportQueryError, TransportServerError
from gql.transport.httpx import HTTPXTransport
from gql.transport.requests import RequestsHTTPTransport

pytestmark = pytest.mark.bi_cassette("cassettes")

SANDBOX = os.environ["SANDBOX_URL"]
ENDPOINT = f"{SANDBOX}/linear/graphql"
TOKEN = os.environ["LINEAR_API_KEY"]
ROWS = int(os.environ["SANDBOX_ROWS"])

ISSUES = gql("""
    query Issues($first: Int!, $after: String) {
      issues(first: $first, after: $after) {
        nodes { id identifier title state { name } assignee { name } }
        pageInfo { hasNextPage endCursor }
      }
    }
""")
ISSUE = gql("query Issue($id: String!) { issue(id: $id) { id title } }")
VIEWER = gql("{ viewer { id name email } }")


def client(transport=RequestsHTTPTransport, token=TOKEN, **settings):
    headers = {"Authorization": token, **settings.pop("headers", {})}
    return Client(transport=transport(url=ENDPOINT, headers=headers, **settings))


def run(document, variables=None, **settings):
    document = gql(document) if isinstance(document, str) else document
    document.variable_values = variables or {}
    return client(**settings).execute(document)


def test_authenticates():
    """`viewer` is the owner of the key."""
    assert run(VIEWER)["viewer"]["email"]


@pytest.mark.parametrize("transport", [RequestsHTTPTransport, HTTPXTransport])
def test_lists_to_the_end(transport):
    """Relay pages by `endCursor` until `hasNextPage` is false, with requests and with httpx."""
    found, after, sizes = [], None, []
    while True:
        page = run(ISSUES, {"first": 3, "after": after}, transport=transport)["issues"]
        found += page["nodes"]
        sizes.append(len(page["nodes"]))
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert sizes == [3, 3, ROWS - 6]
    assert len({issue["id"] for issue in found}) == ROWS
    assert set(found[0]) == {"id", "identifier", "title", "state", "assignee"}


def test_gets_by_id():
    """An issue of the list can be asked for alone."""
    listed = run(ISSUES, {"first": 1})["issues"]["nodes"][0]
    assert run(ISSUE, {"id": listed["id"]})["issue"] == {"id": listed["id"], "title": listed["title"]}


def test_gets_by_identifier():
    """An issue is found by what people call it, too."""
    listed = run("{ issues(first: 1) { nodes { id identifier } } }")["issues"]["nodes"][0]
    found = run("query Named($id: String!) { issue(id: $id) { id } }", {"id": listed["identifier"]})
    assert found["issue"]["id"] == listed["id"]


def test_filters_and_sorts():
    """Comparators, on the issue and on what it belongs to."""
    text = """
        query Late($filter: IssueFilter) {
          issues(filter: $filter, orderBy: updatedAt) { nodes { updatedAt number team { key } assignee { email } } }
        }
    """
    key = run("{ issues(first: 1) { nodes { team { key } } } }")["issues"]["nodes"][0]["team"]["key"]
    found = run(text, {"filter": {"team": {"key": {"eq": key}}, "number": {"lte": ROWS}}})["issues"]["nodes"]
    assert {issue["team"]["key"] for issue in found} == {key}
    times = [issue["updatedAt"] for issue in run(text, {"filter": {"assignee": {"null": False}}})["issues"]["nodes"]]
    assert times == sorted(times, reverse=True)


def test_reads_connections_inside_connections():
    """The issues of a team are those whose team it is."""
    text = "{ teams { nodes { id issues(first: 50) { nodes { team { id } } pageInfo { hasNextPage } } } } }"
    teams = run(text)["teams"]["nodes"]
    assert sum(len(team["issues"]["nodes"]) for team in teams) == ROWS
    assert all(issue["team"]["id"] == team["id"] for team in teams for issue in team["issues"]["nodes"])


def test_writes_what_later_reads_show():
    """An issue that was created can be read, with the comment that was made on it, until it is deleted."""
    team = run("{ teams(first: 1) { nodes { id key } } }")["teams"]["nodes"][0]
    created = run(
        "mutation New($input: IssueCreateInput!)"
        " { issueCreate(input: $input) { success issue { id identifier title } } }",
        {"input": {"teamId": team["id"], "title": "Ask for the sheet"}},
    )["issueCreate"]
    assert created["success"]
    assert created["issue"]["identifier"].startswith(team["key"] + "-")
    said = run(
        "mutation Say($input: CommentCreateInput!) { commentCreate(input: $input) { comment { body issue { id } } } }",
        {"input": {"issueId": created["issue"]["id"], "body": "On its way."}},
    )["commentCreate"]["comment"]
    assert said["issue"]["id"] == created["issue"]["id"]
    text = "query Back($id: String!) { issue(id: $id) { title archivedAt comments { nodes { body } } } }"
    read = run(text, {"id": created["issue"]["id"]})["issue"]
    assert (read["title"], read["archivedAt"]) == (created["issue"]["title"], None)
    assert read["comments"]["nodes"] == [{"body": said["body"]}]
    text = "mutation Gone($id: String!) { issueDelete(id: $id) { success entity { archivedAt } } }"
    assert run(text, {"id": created["issue"]["id"]})["issueDelete"]["entity"]["archivedAt"]


def test_asks_for_the_schema():
    """Introspection tells what an issue has."""
    fields = run('{ __type(name: "Issue") { kind fields { name type { name kind } } } }')["__type"]["fields"]
    assert {"id", "identifier", "title", "team", "assignee", "labels"} <= {field["name"] for field in fields}


def code_of(error):
    return error.errors[0]["extensions"]["code"]


def test_meets_a_refused_key():
    """A wrong key is an error whose code says so."""
    with pytest.raises(TransportQueryError) as raised:
        run(VIEWER, token="lin_api_wrong")
    assert code_of(raised.value) == "AUTHENTICATION_ERROR"


def test_meets_what_is_not_there():
    """An unknown issue is an error beside empty data."""
    with pytest.raises(TransportQueryError) as raised:
        run(ISSUE, {"id": "00000000-0000-4000-8000-000000000000"})
    assert "not found" in str(raised.value).lower()


def test_meets_a_field_that_is_not_there():
    """A query that does not fit the schema is refused as a whole."""
    with pytest.raises(TransportQueryError) as raised:
        run("{ viewer { nosuch } }")
    assert code_of(raised.value) == "GRAPHQL_VALIDATION_FAILED"
    assert 'Cannot query field "nosuch" on type "User"' in str(raised.value)


def test_meets_a_query_that_costs_too_much():
    """More than 10,000 points are refused."""
    with pytest.raises(TransportQueryError) as raised:
        run("{ issues(first: 250) { nodes { comments(first: 250) { nodes { body } } } } }")
    assert code_of(raised.value) == "INPUT_ERROR"


def test_meets_a_rate_limit():
    """A rate limit of Linear is HTTP 400 with the code RATELIMITED."""
    with pytest.raises(TransportQueryError) as raised:
        run(VIEWER, headers={"x-bi-fault": "rate-limit"})
    assert code_of(raised.value) == "RATELIMITED"


def test_meets_a_gateway_that_refuses():
    """HTTP 429 from what stands before Linear, without a GraphQL body, is a server error with that code."""
    with pytest.raises(TransportServerError) as raised:
        run(VIEWER, headers={"x-bi-fault": "html; status=429"})
    assert raised.value.code == 429


def test_comes_back_after_a_refusal():
    """The transport's own retries outlast one refusal."""
    fault = {"fault": "html; status=503", "platform": "linear", "times": 1}
    json_body = {"Content-Type": "application/json"}
    admin = urllib.request.Request(f"{SANDBOX}/_sandbox/faults", json.dumps(fault).encode(), json_body)
    with urllib.request.urlopen(admin, timeout=5) as answer:
        assert answer.status == 200
    assert run(VIEWER, retries=2, retry_backoff_factor=0)["viewer"]["id"]
