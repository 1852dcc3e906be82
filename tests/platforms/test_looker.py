"""Looker's declaration against answers that others recorded, and what its dialect understands."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import yaml

from bi_contracts.dialects import ErrorKind
from bi_contracts.paths import Json
from bi_contracts.platforms.looker import PLATFORM

from .recorded import Shape, declared_shape, shape

RECORDED_AS = "/api/3.1"
KNOWN_GAPS: dict[str, Shape] = {
    # Recorded under API 3.1: since 4.0 identifiers are texts, and a query no longer tells its runtime.
    "folders": {(f"/*/{name}", "number") for name in ("id", "parent_id", "creator_id", "content_metadata_id")},
    "create_query": {("/id", "number"), ("/runtime", "number"), ("/runtime", "null")},
    "create_query_task": {
        ("/query_id", "number"),
        ("/query/id", "number"),
        ("/query/runtime", "number"),
        ("/query/runtime", "null"),
    },
}


def exchanges(folder: Path) -> Iterator[httpx.Response]:
    """Every recorded answer of a Looker server, with its request."""
    for path in sorted((folder / "recorded" / "looker").rglob("*.yaml")):
        for one in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["interactions"]:
            if RECORDED_AS in one["request"]["uri"]:
                yield _response(one)


def _response(one: Json) -> httpx.Response:
    asked = httpx.Request(one["request"]["method"], one["request"]["uri"])
    answer = one["response"]
    body = answer["content"] if "content" in answer else answer["body"].get("string", "")
    status = answer["status_code"] if "status_code" in answer else answer["status"]["code"]
    return httpx.Response(status, content=body or "", request=asked)


def endpoint_of(request: httpx.Request) -> str:
    """The declared endpoint that was asked, under the version that was recorded; "" for none."""
    url = str(request.url).replace(RECORDED_AS, "/api/4.0")
    asked = httpx.Request(request.method, url)
    base = url.partition("/api/4.0")[0] + "/api/4.0"
    reads = [one for one in PLATFORM.endpoints if one.read(asked, base) is not None]
    return reads[0].name if reads else ""


def test_every_recorded_value_has_an_example(vendor_data: Path) -> None:
    """Each path and type in a real answer stands in the examples, or is a difference between 3.1 and 4.0."""
    gaps: dict[str, Shape] = defaultdict(set)
    for response in exchanges(vendor_data):
        name = endpoint_of(response.request)
        if name and response.is_success:
            found = shape(json.loads(response.content)) - declared_shape(PLATFORM, PLATFORM.endpoint(name))
            gaps[name] |= found - KNOWN_GAPS.get(name, set())
    assert len(gaps) >= 6
    assert {name: sorted(found) for name, found in gaps.items() if found} == {}


def test_the_recorded_failures_are_understood(vendor_data: Path) -> None:
    """A login that failed is a wrong key, whatever its status; anything else that is 404 is not there."""
    kinds = defaultdict(set)
    for response in exchanges(vendor_data):
        problem = PLATFORM.errors.recognise(response)
        if problem is not None:
            kinds[response.request.url.path.rpartition("/")[2]].add((problem.status, problem.kind))
    assert kinds == {"login": {(404, ErrorKind.UNAUTHORIZED)}, "manifest": {(404, ErrorKind.NOT_FOUND)}}


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, ErrorKind.UNAUTHORIZED), (429, ErrorKind.RATE_LIMITED), (503, ErrorKind.SERVER_ERROR)],
)
def test_a_login_that_must_wait_is_no_wrong_key(status: int, kind: ErrorKind) -> None:
    """Rate limits and broken servers stay what they are, at the login too."""
    asked = httpx.Request("POST", f"{PLATFORM.base_url}/login")
    problem = PLATFORM.errors.recognise(httpx.Response(status, json={"message": "x"}, request=asked))
    assert problem is not None
    assert problem.kind is kind


def test_an_error_page_is_understood() -> None:
    """HTML under 404 is not there, and the words say that it was no JSON."""
    asked = httpx.Request("GET", "https://looker.example.com/browse")
    problem = PLATFORM.errors.recognise(httpx.Response(404, html="<h1>404</h1>", request=asked))
    assert problem is not None
    assert problem.kind is ErrorKind.NOT_FOUND
    assert "no JSON" in problem.message


def test_a_validation_error_is_a_bad_request() -> None:
    """422 with its list of fields."""
    body = {"message": "Validation Failed", "errors": [{"field": "model", "code": "missing_field"}]}
    problem = PLATFORM.errors.recognise(httpx.Response(422, json=body))
    assert problem is not None
    assert (problem.kind, problem.message) == (ErrorKind.BAD_REQUEST, "Validation Failed")


def test_every_paged_list_reads_everything_at_once_when_asked_to() -> None:
    """Without a limit nothing is cut, and the client asks once."""
    endpoint = PLATFORM.endpoint("users")
    asked = PLATFORM.request(endpoint, {})
    page = endpoint.paginator.serve(asked, list(range(20_000)), {})
    assert len(page.rows) == 20_000
    flow = endpoint.paginator.page_flow(asked)
    next(flow)
    with pytest.raises(StopIteration):
        flow.send(httpx.Response(200, json=list(page.rows), request=asked))
