"""The declaration: requests it builds, requests it reads, mistakes it refuses."""

from __future__ import annotations

import json

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bi_contracts.auth import Token
from bi_contracts.dialects import ErrorDialect, RateDialect
from bi_contracts.errors import DeclarationError, UnknownEndpoint
from bi_contracts.platform import Endpoint, Platform

QUERY = Endpoint("tasks", "/projects/{project}/tasks", params={"opt": ["a", "b"]})
FORM = Endpoint("users", "/users.list", method="POST", arguments="form", other_methods=("GET",))
BODY = Endpoint("search", "/search", method="POST", arguments="body", body={"filter": {}})
GRAPHQL = Endpoint(
    "issues",
    "/graphql",
    method="POST",
    arguments="body.variables",
    body={"query": "query($first: Int) { issues(first: $first) { nodes { id } } }"},
)
BASE = "https://api.example/v1"
WORDS = st.text("abc xyz/%?&=é", min_size=1)


def platform(*endpoints: Endpoint, identity: str = "tasks") -> Platform:
    return Platform(
        "example", "Example", BASE, Token("T"), endpoints, ErrorDialect({}), RateDialect(1, 1), identity,
        headers={"x-kept": "1"}, version="2", version_header="Api-Version",
    )  # fmt: skip


@pytest.mark.parametrize("endpoint", [QUERY, FORM, BODY, GRAPHQL], ids=lambda each: each.name)
@given(project=WORDS, limit=WORDS)
def test_a_request_is_read_back_to_its_arguments(endpoint: Endpoint, project: str, limit: str) -> None:
    """What was recorded can be asked for again."""
    sent = {"project": project, "limit": limit}
    arguments = {name: value for name, value in sent.items() if name == "limit" or name in endpoint.placeholders}
    request = endpoint.request(BASE, {}, arguments)
    read = endpoint.read(request, BASE)
    assert read is not None
    assert {name: read[name] for name in arguments} == arguments


@pytest.mark.parametrize(
    "request_",
    [
        httpx.Request("GET", f"{BASE}/other"),
        httpx.Request("DELETE", f"{BASE}/projects/1/tasks"),
        httpx.Request("GET", "https://api.example/projects/1/tasks"),
    ],
)
def test_another_request_is_not_read(request_: httpx.Request) -> None:
    """Path, method and root must be this endpoint's."""
    assert QUERY.read(request_, BASE) is None


def test_a_graphql_request_is_told_by_its_query() -> None:
    """White space does not matter, another query does."""
    spaced = {"query": GRAPHQL.body["query"].replace(" ", "\n  "), "variables": {"first": 2}}
    assert GRAPHQL.read(httpx.Request("POST", f"{BASE}/graphql", json=spaced), BASE) == {"first": 2}
    assert GRAPHQL.read(httpx.Request("POST", f"{BASE}/graphql", json={"query": "{ viewer { id } }"}), BASE) is None


def test_a_form_endpoint_is_also_read_by_get() -> None:
    """Where the platform takes both methods, arguments are read from the query too."""
    assert FORM.read(httpx.Request("GET", f"{BASE}/users.list?limit=3"), BASE) == {"limit": "3"}


def test_declared_parameters_are_sent_unless_others_are_given() -> None:
    """A caller's argument wins over the declared one."""
    assert QUERY.request(BASE, {}, {"project": 1}).url.params["opt"] == "a,b"
    assert QUERY.request(BASE, {}, {"project": 1, "opt": "c"}).url.params["opt"] == "c"


def test_arguments_are_written_into_the_declared_body() -> None:
    """The declared body stays around them."""
    assert json.loads(BODY.request(BASE, {}, {"limit": 3}).content) == {"filter": {}, "limit": 3}
    assert json.loads(GRAPHQL.request(BASE, {}, {"first": 3}).content)["variables"] == {"first": 3}


def test_a_query_endpoint_may_have_a_body() -> None:
    """A fixed JSON body travels beside the query."""
    endpoint = Endpoint("run", "/run", method="POST", body={"a": 1})
    request = endpoint.request(BASE, {}, {"limit": 3})
    assert (json.loads(request.content), request.url.params["limit"]) == ({"a": 1}, "3")


def test_an_argument_that_the_path_needs_is_named() -> None:
    """The message holds the path and the argument."""
    with pytest.raises(DeclarationError, match=r"project=\.\.\."):
        QUERY.request(BASE, {}, {})


def test_every_request_carries_the_declared_headers() -> None:
    """The platform's own, and its version."""
    request = platform(QUERY).request(QUERY, {"project": 1}, "https://elsewhere.example")
    assert (request.headers["x-kept"], request.headers["api-version"], request.url.host) == (
        "1",
        "2",
        "elsewhere.example",
    )


def test_an_endpoint_is_found_by_name() -> None:
    """An unknown one is answered with the nearest."""
    assert platform(QUERY).endpoint("tasks") is QUERY
    with pytest.raises(UnknownEndpoint, match="did you mean example/tasks"):
        platform(QUERY).endpoint("task")


def test_a_name_is_declared_once() -> None:
    """Two endpoints of one name could not be told apart."""
    with pytest.raises(DeclarationError, match="declared twice: tasks"):
        platform(QUERY, QUERY)


def test_parents_and_identity_are_declared_too() -> None:
    """A reference to nothing is refused when the platform is made."""
    with pytest.raises(DeclarationError, match="not declared: me, projects"):
        platform(Endpoint("tasks", "/tasks", parents={"project": "projects"}), identity="me")
