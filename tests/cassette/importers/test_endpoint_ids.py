"""Ids from method and path: stable, readable, safe as file names, distinct."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bi_contracts.cassette.importers.endpoint_ids import (
    endpoint_name,
    file_safe,
    host_of,
    is_id,
    platform_of_host,
    root_name,
    template,
)
from bi_contracts.interaction import Interaction, Request, Response


def asked(method: str, url: str, body: object = None, answer: object = None) -> Interaction:
    """An interaction with JSON bodies."""
    sent = json.dumps(body).encode() if body is not None else b""
    return Interaction("", Request(method, url, body=sent), Response(200, body=json.dumps(answer).encode()))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/v1/databases/897e5a76-ae52-4b48-9fdf-e71f5945d1af/query", "/v1/databases/{id}/query"),
        ("/v1/databases/897E5A76-AE52-4B48-9FDF-E71F5945D1AF", "/v1/databases/{id}"),
        ("/v1/blocks/897e5a76ae524b489fdfe71f5945d1af", "/v1/blocks/{id}"),
        ("/contacts/671683207d3fbeb337586673", "/contacts/{id}"),
        ("/api/1.0/tasks/1208921934691498", "/api/1.0/tasks/{id}"),
        ("/rest/api/3/issue/ENG-42", "/rest/api/3/issue/{id}"),
        ("/lists/-1", "/lists/{id}"),
        ("/users/ada@example.com", "/users/{id}"),
        ("/users/ada%40example.com/mail", "/users/{id}/mail"),
        ("/teams/T024BE7LD/users/U023BECGF", "/teams/{id}/users/{id}"),
        ("/sobjects/Account/001dM00003kS5tZQAS", "/sobjects/Account/{id}"),
        ("/async_tasks/task_7e869d57816e45acb1b9a499", "/async_tasks/{id}"),
        ("/report/2024-02-29", "/report/{id}"),
        ("/hooks/REDACTED-0123456789ab", "/hooks/{id}"),
        ("/properties/%5BIFC", "/properties/{id}"),
        ("/v2/data-privacy/erase-data-for-email-address", "/v2/data-privacy/erase-data-for-email-address"),
        ("/sobjects/OpportunityContactRole/describe", "/sobjects/OpportunityContactRole/describe"),
        ("/crm/v3/objects/contacts", "/crm/v3/objects/contacts"),
        ("/users/me", "/users/me"),
        ("/", "/"),
    ],
)
def test_ids_in_paths_are_told_from_names(path: str, expected: str) -> None:
    """Segments that name one thing among many become `{id}`; API versions and kinds of things stay."""
    assert template(path) == expected


@pytest.mark.parametrize(
    ("interaction", "expected"),
    [
        (asked("POST", "https://a.example/v1/databases/42/query"), "post.v1.databases.{id}.query"),
        (asked("GET", "https://a.example/"), "get"),
        (asked("POST", "https://slack.example/api/conversations.list"), "conversations.list"),
        (asked("GET", "/users.profile.get"), "users.profile.get"),
        (asked("PUT", "/readme.md"), "put.readme.md"),
        (asked("POST", "https://a.example/graphql", {"query": "{ issues { id } }"}), "issues"),
        (asked("POST", "https://a.example/graphql", {"query": "query Q { a: issues { id } b: teams { id } }"}), "Q"),
        (asked("POST", "https://a.example/graphql", {"query": "{ b: teams { id } a: issues { id } }"}), "issues-teams"),
        (
            asked("POST", "/graphql", {"query": "query A { x } query B { y }", "operationName": "B"}),
            "y",
        ),
        (asked("POST", "https://a.example/graphql", {"query": "{ broken "}), "post.graphql"),
        (asked("POST", "https://a.example/graphql", {"query": "fragment F on T { id }"}), "post.graphql"),
        (asked("POST", "https://a.example/graphql", "sha1:0123", {"data": {"issues": []}}), "issues"),
        (asked("POST", "https://a.example/graphql", "sha1:0123", {"data": None}), "post.graphql"),
        (asked("POST", "https://a.example/search", {"query": "plain words"}), "post.search"),
    ],
)
def test_names(interaction: Interaction, expected: str) -> None:
    """REST is named by method and path, RPC by its method, GraphQL by its field or operation."""
    assert endpoint_name(interaction) == expected


@settings(max_examples=100)
@given(first=st.text(max_size=300), second=st.text(max_size=300))
def test_file_names_are_safe_and_distinct(first: str, second: str) -> None:
    """Any name becomes a file name of plain characters; different names become different file names."""
    for name in (first, second):
        assert re.fullmatch(r"[\w.{}~@-]{1,150}", file_safe(name), re.ASCII)
        assert file_safe(name).strip(".")
        assert file_safe(file_safe(name)) == file_safe(name)
    assert (file_safe(first) == file_safe(second)) == (first == second) or file_safe(first) in (first, second)


@pytest.mark.parametrize("name", ["con", "NUL", "aux.txt", "com1"])
def test_reserved_names(name: str) -> None:
    """Names that Windows keeps for devices get a suffix."""
    assert file_safe(name).startswith(f"{name}~")


@pytest.mark.parametrize(
    ("host", "platform"),
    [
        ("shop.example", "shop"),
        ("files.shop.example", "shop"),
        ("files.shop.example:8443", "shop"),
        ("other.example:8443", "other.example-8443"),
        ("..", "_~5ec1f7e7"),
        ("myshop.example", "myshop.example"),
    ],
)
def test_platform_of_host(host: str, platform: str) -> None:
    """A host belongs to the platform it or a parent domain is mapped to; else it is its own platform."""
    found = platform_of_host(host, {"shop.example": "shop"})
    assert found == platform or (host == ".." and found.strip("."))


def test_host_of() -> None:
    """A URL has a host, and a port where it names one; a path has none."""
    assert [host_of(url) for url in ("https://A.example/x", "http://a.example:81", "/x")] == [
        "a.example",
        "a.example:81",
        "",
    ]


def test_graphql_names_need_a_document() -> None:
    """What is no GraphQL document has no name."""
    assert (root_name("nothing"), root_name("{ ...F }")) == ("", "")
    assert is_id("42")
