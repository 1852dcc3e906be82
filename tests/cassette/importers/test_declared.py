"""Declared platforms give recorded traffic its declared names."""

from __future__ import annotations

import json

import pytest

from bi_contracts.auth import Token
from bi_contracts.cassette.importers.declared import Declared
from bi_contracts.dialects import ErrorDialect, ErrorKind, ErrorShape, RateDialect
from bi_contracts.interaction import Interaction, Request, Response
from bi_contracts.platform import Endpoint, Platform

SHAPES = {kind: ErrorShape(400, {}) for kind in ErrorKind}


def declare(name: str, base_url: str, *endpoints: Endpoint, graphql: bool = False) -> Platform:
    """A platform with the endpoints."""
    return Platform(
        name=name,
        title=name.title(),
        base_url=base_url,
        auth=Token("SHOP_TOKEN"),
        endpoints=endpoints,
        errors=ErrorDialect(SHAPES),
        limits=RateDialect(10, 1.0),
        identity=endpoints[0].name,
        protocol="graphql" if graphql else "rest",
    )


DECLARED = Declared(
    (
        declare(
            "shop",
            "https://api.shop.example/v1",
            Endpoint("me", "/users/me"),
            Endpoint("user", "/users/{user_id}"),
            Endpoint("users", "/users", other_methods=("POST",)),
            Endpoint("by_page", "/users/{page}/{row}"),
            Endpoint("last", "/users/{page}/42"),
        ),
        declare(
            "track",
            "https://api.track.example",
            Endpoint("issues", "/graphql", "POST", body={"query": "query { issues { nodes { id } } }"}),
            Endpoint("mine", "/graphql", "POST", body={"query": "query { issues(mine: true) { nodes { id } } }"}),
            Endpoint("broken", "/graphql", "POST", body={"query": "{"}),
            Endpoint("none", "/graphql", "POST"),
            graphql=True,
        ),
    )
)


def asked(method: str, url: str, body: object = None) -> Interaction:
    """An interaction with a JSON body."""
    return Interaction("", Request(method, url, body=json.dumps(body).encode()), Response(200))


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("GET", "/v1/users", "users"),
        ("POST", "/v1/users/", "users"),
        ("DELETE", "/v1/users", None),
        ("GET", "/v1/users/me", "me"),
        ("GET", "/v1/users/42", "user"),
        ("GET", "/v1/users/ada", None),
        ("GET", "/v1/users/41/42", "last"),
        ("GET", "/v1/users/41/43", "by_page"),
        ("GET", "/users", None),
        ("GET", "/v1", None),
    ],
)
def test_rest(method: str, path: str, name: str | None) -> None:
    """A request has the name of the endpoint with its method and path; words before placeholders, ids only in them."""
    assert DECLARED.known("shop", asked(method, f"https://api.shop.example{path}?page=2")) == name


def test_graphql() -> None:
    """A GraphQL request has the name of the first endpoint that asks for the same root field."""
    url = "https://api.track.example/graphql"
    assert DECLARED.known("track", asked("POST", url, {"query": "query Q { issues { nodes { title } } }"})) == "issues"
    assert DECLARED.known("track", asked("POST", url, {"query": "{ teams { id } }"})) is None


def test_unknown_platforms_have_no_names() -> None:
    """A platform that is not declared has no declared endpoints."""
    assert DECLARED.known("other", asked("GET", "https://other.example/v1/users")) is None


def test_names_carry_everything() -> None:
    """The value for `import_paths` holds hosts, origins, the name lookup and the caller's platform."""
    names = DECLARED.names("shop")
    assert names.hosts == {"api.shop.example": "shop", "api.track.example": "track"}
    assert names.origins["shop"] == "https://api.shop.example/v1"
    assert names.known("shop", asked("GET", "https://api.shop.example/v1/users")) == "users"
    assert names.platform == "shop"
