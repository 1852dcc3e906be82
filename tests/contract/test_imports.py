"""Contracts from OpenAPI and GraphQL descriptions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bi_contracts.contract import Contract
from bi_contracts.contract.graphql import from_graphql
from bi_contracts.contract.openapi import from_openapi
from bi_contracts.drift import compare
from bi_contracts.errors import InvalidContract

from .test_inference import ok

THREE: dict[str, Any] = {
    "openapi": "3.0.0",
    "info": {"version": "1.2"},
    "paths": {
        "/users/{id}": {
            "get": {
                "description": "prose",
                "responses": {
                    "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/User"}}}},
                    "404": {"$ref": "#/components/responses/Missing"},
                    "default": {"description": "else"},
                },
            }
        },
        "/files": {"get": {"responses": {"default": {"content": {"*/*": {"schema": {"type": "string"}}}}}}},
        "/empty": {"get": {"responses": {"default": {}}}, "put": {"responses": {}}},
    },
    "components": {
        "responses": {"Missing": {"content": {"text/plain": {}, "application/problem+json; charset=utf-8": {}}}},
        "schemas": {
            "User": {
                "type": "object",
                "description": "prose",
                "required": ["id", "secret", "ghost"],
                "properties": {
                    "id": {"type": "string", "format": "uuid", "example": "x", "maxLength": 5},
                    "secret": {"type": "string", "writeOnly": True},
                    "role": {"type": "string", "enum": ["a", "b"], "nullable": True},
                    "boss": {"$ref": "#/components/schemas/User", "nullable": True},
                    "kind": {"oneOf": [{"type": "integer"}, {"type": "string"}]},
                    "tags": {"type": "array", "items": {"type": "string"}},
                    "extra": {"type": "object", "additionalProperties": {"type": "number"}},
                    "base": {"allOf": [{"properties": {"x": {"const": 1}}}], "nullable": True},
                    "odd": {"type": "file", "required": True, "nullable": True},
                    "loop": {"$ref": "#/components/schemas/Loop"},
                    "remote": {"$ref": "https://example.com/x"},
                },
            },
            "Loop": {"$ref": "#/components/schemas/Loop"},
        },
    },
}


def test_an_operation_becomes_a_contract() -> None:
    """Types, presence, vocabularies and references; no prose, no examples, no bounds."""
    contract = from_openapi(THREE, "get", "/users/{user_id}", id="x/user")
    text = contract.to_json()
    assert not {"description", "example", "maxLength", "secret", "ghost"} & set(text.replace('"', " ").split())
    user = contract.schema["$defs"]["User"]
    assert user["required"] == ["id"]
    assert user["properties"]["role"] == {"type": ["string", "null"], "enum": ["a", "b", None]}
    assert user["properties"]["boss"] == {"anyOf": [{"$ref": "#/$defs/User"}, {"type": "null"}]}
    assert (contract.id, contract.evidence.source, contract.evidence.api_version) == ("x/user", "imported", "1.2")
    assert Contract.from_json(text) == contract


def test_an_imported_contract_validates_and_drifts() -> None:
    """It is used like any other."""
    contract = from_openapi(THREE, "GET", "/v2/users/7")
    assert list(contract.violations(ok({"id": "1", "boss": {"id": "2", "boss": None}, "base": None}))) == []
    assert [one.path for one in contract.violations(ok({"id": "1", "boss": {"id": 2}}))] == ["/body/boss/id"]
    changes = compare(contract, [ok({"id": 5, "role": "c"})]).changes
    assert [(one.severity.value, one.path) for one in changes] == [("breaking", "/body/id"), ("warning", "/body/role")]


def test_each_status_is_a_variant() -> None:
    """Shared responses are resolved, JSON is preferred among media types."""
    found = from_openapi(THREE, "get", "/users/{id}").schema["oneOf"]
    assert [branch["properties"]["status"]["const"] for branch in found] == [200, 404]
    headers = found[1]["properties"]["headers"]["properties"]
    assert headers["content-type"]["pattern"].startswith("^(application/problem")


def test_default_stands_for_success_where_it_is_alone() -> None:
    """Some descriptions name no status; any media type makes no claim."""
    schema = from_openapi(THREE, "get", "/files").schema
    assert schema["properties"]["status"]["const"] == 200
    assert "headers" not in schema["properties"]
    assert from_openapi(THREE, "get", "/empty").schema["properties"]["body"] == {}


def test_openapi_2_has_its_schema_beside() -> None:
    """Swagger 2: `schema`, `x-nullable`, `definitions`."""
    document = {
        "swagger": "2.0",
        "paths": {"/a": {"get": {"responses": {200: {"schema": {"$ref": "#/definitions/A B"}}}}}},
        "definitions": {"A B": {"type": "object", "properties": {"x": {"type": "integer", "x-nullable": True}}}},
    }
    contract = from_openapi(document, "get", "/a")
    assert contract.schema["$defs"]["A_B"]["properties"]["x"] == {"type": ["integer", "null"]}
    assert contract.id == "GET /a"


KINDS: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"version": "1"},
    "components": {"schemas": {"Owner": {"type": "object", "properties": {"id": {"type": "string"}}}}},
    "paths": {
        "/a": {
            "get": {
                "responses": {
                    "200": {
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "properties": {
                                        "kinds": {"type": "array", "items": {"type": "string"}, "enum": ["a", "b"]},
                                        "owner": {
                                            "allOf": [
                                                {"$ref": "#/components/schemas/Owner"},
                                                {"type": "object", "nullable": True},
                                            ]
                                        },
                                    },
                                }
                            }
                        }
                    }
                }
            }
        }
    },
}


@pytest.mark.parametrize(
    ("body", "fits"),
    [
        ({"kinds": ["a", "b", "a"]}, True),
        ({"kinds": ["c"]}, False),
        ({"owner": None}, True),
        ({"owner": {"id": "1"}}, True),
        ({"owner": {"id": 1}}, False),
    ],
)
def test_what_vendors_write_is_read_as_they_mean_it(body: Any, fits: bool) -> None:
    """An enumeration beside a list is of its items; `nullable` in one part of an allOf is of the whole."""
    assert (not list(from_openapi(KINDS, "GET", "/a").violations(ok(body)))) is fits


@pytest.mark.parametrize(
    ("document", "method", "told"),
    [
        ([], "get", "no `paths`"),
        ({"openapi": "3"}, "get", "no `paths`"),
        ({"paths": {}}, "get", "no operation GET /empty"),
        (THREE, "delete", "no operation DELETE /empty"),
        (THREE, "put", "no response with a status"),
    ],
)
def test_what_cannot_be_imported_is_told(document: Any, method: str, told: str) -> None:
    """No document, no operation, no response."""
    with pytest.raises(InvalidContract, match=told):
        from_openapi(document, method, "/empty")


SDL = """
scalar DateTime
scalar JSON
enum Role { ADMIN GUEST }
interface Named { name: String! }
type User implements Named { id: ID! name: String! role: Role at: DateTime! extra: JSON friends: [User!]! }
type Bot implements Named { name: String! owner: User }
type Query { me: User! named: [Named]! any: Named }
"""


def data_of(query: str) -> Any:
    """The schema of `data` for a query."""
    return from_graphql(SDL, query, id="x").schema["properties"]["body"]["properties"]["data"]


def test_a_query_becomes_a_contract() -> None:
    """Aliases, fragments, lists, enums, nullability."""
    me = data_of(
        "query Q { me { id who: name role at extra ...F friends { id } } } fragment F on User { friends { name } }"
    )
    found = me["properties"]["me"]
    assert found["required"] == ["at", "extra", "friends", "id", "role", "who"]
    assert found["properties"]["role"] == {"type": ["string", "null"], "enum": ["ADMIN", "GUEST", None]}
    assert found["properties"]["at"] == {"type": "string", "format": "date-time"}
    assert found["properties"]["extra"] == {}
    assert found["properties"]["friends"]["items"]["required"] == ["id", "name"]
    assert from_graphql(SDL, "query Q { me { id } }").id == "Q"
    assert from_graphql(SDL, "{ me { id } }").id == "query"


def test_fields_under_a_condition_are_optional() -> None:
    """Type conditions and directives make a field uncertain."""
    fragments = "... on Bot { owner { id } } ... { name } ... on Named { n: name }"
    query = f"query Q($x: Boolean!) {{ named {{ __typename name {fragments} }}"
    found = data_of(query + " me @include(if: $x) { id } any { name } }")
    items = found["properties"]["named"]["items"]
    assert items["type"] == ["object", "null"]
    assert items["required"] == ["__typename", "n", "name"]
    assert "owner" in items["properties"]
    assert found["required"] == ["any", "named"]


def test_the_same_object_selected_twice_adds_up() -> None:
    """Two selections of one field are one object."""
    me = data_of("{ me { id } me { name } }")["properties"]["me"]
    assert me["required"] == ["id", "name"]


@pytest.mark.parametrize(
    ("sdl", "query", "told"),
    [
        (SDL, "{ me {", "line 1, column 7"),
        (SDL, "{ nobody }", "nobody.*line 1"),
        ("type X {", "{ a }", "line 1"),
        (SDL, "mutation { a }", "x: "),
        (SDL, "fragment F on User { id }", "x: "),
        ("type A { x: Missing }", "{ a }", "x: "),
    ],
)
def test_what_does_not_fit_the_schema_is_told(sdl: str, query: str, told: str) -> None:
    """With line and column where the library knows them."""
    with pytest.raises(InvalidContract, match=told):
        from_graphql(sdl, query, id="x")


@pytest.mark.parametrize(
    ("file", "method", "path"),
    [
        ("looker/2025-01-13-56502e55.json", "get", "/users/{user_id}"),
        ("slack/slack_web_openapi_v2.json", "get", "/users.list"),
        ("notion/2025-12-24-433f0d3-notion-openapi.json", "get", "/v1/users/{user_id}"),
    ],
)
def test_real_descriptions_are_imported(vendor_data: Path, file: str, method: str, path: str) -> None:
    """Vendors' own descriptions give contracts that compile and can be read back."""
    spec = vendor_data / "specs" / file
    if not spec.exists():
        pytest.skip(f"no {file} among the specs")
    contract = from_openapi(json.loads(spec.read_text()), method, path)
    assert contract.shape.types
    assert Contract.from_json(contract.to_json()) == contract


def test_a_real_graphql_schema_is_imported(vendor_data: Path) -> None:
    """Linear's published schema, with a page of issues."""
    specs = sorted((vendor_data / "specs" / "linear").glob("*.graphql"))
    if not specs:
        pytest.skip("no Linear schema among the specs")
    query = "{ issues { nodes { id title dueDate } pageInfo { hasNextPage endCursor } } }"
    issues = from_graphql(specs[-1].read_text(), query).schema["properties"]["body"]["properties"]["data"]
    assert issues["properties"]["issues"]["required"] == ["nodes", "pageInfo"]
