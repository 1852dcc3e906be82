"""Mock data for tests: of the packaged contracts, and of small contracts written down here."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

from bi_contracts import mock
from bi_contracts.contract import Contract
from bi_contracts.paths import Json
from bi_contracts.registry import Target, target, targets
from bi_contracts.workspace import reference

READ = [one.id for one in targets() if one.endpoint.kind != "write"]
LISTS = [one.id for one in targets() if one.endpoint.kind == "list"]


@cache
def contract(id: str) -> Contract:
    """The packaged contract of an endpoint."""
    return Contract.load(reference("contracts") / f"{id}.schema.json")


@cache
def declared(id: str) -> Target:
    """The declared endpoint of that id."""
    return target(id)


@lru_cache(maxsize=4096)
def made(id: str, n: int = 10, seed: str | int = "tests", **asked: Any) -> mock.Mock:
    """Mock data of a declared endpoint, held to its packaged contract; made once and never changed."""
    known = declared(id)
    return mock.records(known.platform, known.endpoint, contract(id), n, seed, **asked)


def undeclared(record: Json, n: int = 10, seed: str = "tests", id: str = "acme/things", **asked: Any) -> mock.Mock:
    """Mock data of an endpoint that nobody declares, whose records have that schema."""
    return mock.records(None, None, listed(record, id), n, seed, **asked)


def listed(record: Json, id: str = "acme/things", **beside: Json) -> Contract:
    """A contract of a list of such records: `{"things": [...]}`."""
    body = {"type": "object", "properties": {"things": {"type": "array", "items": record}}, "required": ["things"]}
    return of_body(body, id, **beside)


def of_body(body: Json, id: str = "acme/things", **beside: Json) -> Contract:
    """A contract of a response with that body."""
    properties = {"status": {"const": 200}, "headers": {"type": "object"}, "body": body}
    return Contract(id, {"type": "object", "properties": properties, "required": ["status", "body"], **beside})
