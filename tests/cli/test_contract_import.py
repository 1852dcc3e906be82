"""`contract import`: a vendor's description in, a contract out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bi_contracts.contract import Contract

from .conftest import Run

OPENAPI = {
    "openapi": "3.0.0",
    "info": {"title": "Shop", "version": "7"},
    "paths": {
        "/api/orders/{order_id}": {
            "get": {
                "description": "prose that must not be copied",
                "responses": {
                    "200": {
                        "description": "more prose",
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "required": ["id"],
                                    "properties": {"id": {"type": "integer", "description": "prose"}},
                                }
                            }
                        },
                    }
                },
            }
        }
    },
}
ANSWER = {"status": 200, "headers": {"content-type": "application/json"}, "body": {"id": 1}}


@pytest.mark.parametrize("path", ["/orders/{id}", "/api/orders/{order_id}"])
def test_an_operation_becomes_a_contract(run: Run, path: str) -> None:
    """Found with or without the API's root, whatever its parameters are called; without the prose."""
    Path("api.json").write_text(json.dumps(OPENAPI))
    result = run("contract", "import", "api.json", "shop/order", "--operation", f"GET {path}")
    assert result.exit_code == 0, result.output
    text = Path("contracts/shop/order.schema.json").read_text()
    assert "prose" not in text
    contract = Contract.load("contracts/shop/order.schema.json")
    assert not list(contract.violations(ANSWER))
    assert list(contract.violations({**ANSWER, "body": {"id": "1"}}))
    assert (contract.evidence.source, contract.evidence.samples) == ("imported", 0)


def test_a_declared_endpoint_names_its_own_operation(run: Run) -> None:
    """Method, path and query text are in the declaration; YAML is read too."""
    Path("asana.yaml").write_text(
        "openapi: 3.0.0\npaths:\n  /users/{gid}:\n    get:\n      responses:\n        '200':\n"
        "          content: {application/json: {schema: {type: object}}}\n"
    )
    assert run("contract", "import", "asana.yaml", "asana/user").exit_code == 0
    assert Path("contracts/asana/user.schema.json").is_file()


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("api.json", "{", "api.json: not JSON"),
        ("api.yaml", "a: [", "api.yaml:2:1: not YAML"),
        ("api.yaml", "just text", "no `paths`"),
        ("api.json", json.dumps(OPENAPI), "no operation GET /nothing"),
        ("api.graphql", "type {", "api.graphql"),
    ],
)
def test_a_description_that_cannot_be_used_is_named(run: Run, name: str, text: str, says: str) -> None:
    """File and reason, exit code 3, nothing written."""
    Path(name).write_text(text)
    result = run("contract", "import", name, "shop/nothing", "--operation", "GET /nothing")
    assert result.exit_code == 3, result.output
    assert says in result.stderr
    assert not Path("contracts").exists()


def test_a_missing_file_and_a_bad_operation_are_said(run: Run) -> None:
    """3 for what is not there, 2 for what was typed wrong."""
    assert run("contract", "import", "none.json", "shop/x", "--operation", "GET /x").exit_code == 3
    assert run("contract", "import", "none.json", "shop/x", "--operation", "orders").exit_code == 2
    assert run("contract", "import", "none.json", "asana/nothing").exit_code == 2
