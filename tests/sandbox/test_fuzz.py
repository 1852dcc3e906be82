"""Whatever is sent to a declared endpoint, the answer is the platform's own: data or its error, never a failure."""

from __future__ import annotations

import contextlib
import json
import re
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable

from bi_contracts.dialects import ErrorKind
from bi_contracts.paths import Json, bury
from bi_contracts.platform import Endpoint, Platform
from bi_contracts.sandbox import Sandbox
from bi_contracts.slots import FORM, text

from ..platforms.declared import PLATFORMS
from .fuzzing import DEPTH, signed
from .openapi_of import base_path, known_names, openapi

TEXTS = (
    *(
        "",
        " ",
        "0",
        "-1",
        "1e9",
        "NaN",
        "null",
        "true",
        "[]",
        "{",
        '{"a":1}',
        "\x00",
        "\U0001f600",
        "a\r\nb: c",
        "%",
        "..",
    ),
    *(
        "../../etc/passwd",
        "' OR 1=1 --",
        "\\",
        "*",
        "a" * 3000,
        "9" * 30,
        "9" * 4400,
        "2026-13-45",
        "2026-02-30T25:00:00Z",
    ),
    *("cG9zaXRpb246LTU=", "cG9zaXRpb246OTk5OTk5OTk5OTk5", "cG9zaXRpb246eA==", "00000000-0000-0000-0000-000000000000"),
    *("b1c047ac-7500-4000-8000-ffffffffffff", "SELECT", "SELECT Id FROM Nothing", "SELECT Id, FROM Account WHERE"),
    *(
        "SELECT Id FROM Account WHERE Id IN (",
        "SELECT Id FROM Account LIMIT -1",
        "SELECT COUNT() FROM Account",
        "(" * 500,
    ),
    *("{ viewer", "{ nothing }", "query { viewer { id { id } } }", "{ viewer { ...F } } fragment F on Query { ...F }"),
    *("mutation { x }", "query($a: [Int!]!) { viewer { id } }", "{" * 400, "{ issues(first: -1) { nodes { id } } }"),
    *("{ issues(first: 99999999999999999999) { nodes { id } } }", "{ issue(id: {}) { id } }", "subscription { a }"),
)
"""Text that has broken servers before."""

NAMES = ("id", "filter", "value", "field", "operator", "and", "or", "property", "timestamp", "query", "sort")
texts = st.sampled_from(TEXTS) | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
numbers = st.sampled_from((0, -1, 1, 2**31, 2**63, -(2**70), 10**40, 0.5, 1e300, -0.0, True, False, None))
values: st.SearchStrategy[Json] = st.recursive(
    texts | numbers,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts | st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=8,
)
OPERATORS = (
    "EQ",
    "=",
    "!=",
    "IN",
    "NOT_IN",
    "BETWEEN",
    "HAS_PROPERTY",
    "~",
    "CONTAINS_TOKEN",
    ">",
    "^",
    "AND",
    "OR",
    "x",
)
operators = st.sampled_from(OPERATORS) | values
fields_ = st.sampled_from(("email", "id", "name", "created_at", "hs_object_id", "amount", "tag_ids", "Name")) | texts
triple = st.fixed_dictionaries({"field": fields_, "operator": operators, "value": values})
group = st.fixed_dictionaries(
    {"propertyName": fields_, "operator": operators},
    optional={"value": values, "values": values, "highValue": values},
)
condition = st.dictionaries(
    st.sampled_from(("contains", "equals", "is_empty", "on_or_after", "past_week")), values, max_size=2
)
property_ = st.dictionaries(
    st.sampled_from(("title", "rich_text", "number", "checkbox", "date", "status", "relation", "formula", "timestamp")),
    condition | values, max_size=2,
)  # fmt: skip
searches: st.SearchStrategy[dict[str, Json]] = st.one_of(
    st.fixed_dictionaries(
        {"query": triple | st.fixed_dictionaries({"operator": operators, "value": st.lists(triple | values)})}
    ),
    st.fixed_dictionaries(
        {
            "filterGroups": st.lists(st.fixed_dictionaries({"filters": st.lists(group, max_size=3)}), max_size=3)
            | values
        },
        optional={"sorts": st.lists(values, max_size=2), "properties": values, "query": values, "after": values},
    ),
    st.fixed_dictionaries(
        {
            "filter": property_
            | st.dictionaries(st.sampled_from(("and", "or")), st.lists(property_, max_size=3))
            | values
        },
        optional={"sorts": values, "sort": values},
    ),
    st.fixed_dictionaries({"inputs": values, "data": values, "input": values}),
)
"""What filters and batches look like on several platforms, with nonsense in them."""

methods = st.sampled_from(("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "PROPFIND"))
media = st.sampled_from(("application/json", FORM, "text/plain", "application/json; charset=utf-16", "", "a/b;c"))
PLATFORM = {platform.name: platform for platform in PLATFORMS}
every_platform = pytest.mark.parametrize("name", PLATFORM)
"""By name: a failure shows its arguments, and a declaration is long."""


@pytest.fixture(scope="module")
def sandboxes() -> dict[str, Sandbox]:
    return {}


def segment(value: str) -> str:
    """A value as one segment of a path, which `.` and `..` cannot be."""
    return quote(value, safe="") if value.strip(".") else "%2E" + "%2E" * (len(value) - 1)


class Hostile:
    """Draws one request to an endpoint that is wrong in some ways and right in all others."""

    def __init__(self, sandbox: Sandbox, platform: Platform, data: st.DataObject) -> None:
        self.sandbox = sandbox
        self.platform = platform
        self.data = data

    def draw(self, strategy: st.SearchStrategy[Any], label: str) -> Any:
        return self.data.draw(strategy, label=label)

    def argument(self, endpoint: Endpoint, name: str) -> str:
        """A key that is there, or nonsense."""
        parent = endpoint.parents.get(name)
        if parent is None or self.draw(st.booleans(), f"nonsense for {name}"):
            return str(self.draw(texts, name))
        home = self.sandbox.world.collection(self.platform, self.platform.endpoint(parent))
        return str(home.key(self.draw(st.integers(0, 6), name)))

    def names(self, known: set[str], label: str) -> list[str]:
        drawn: list[str] = self.draw(
            st.lists(st.sampled_from(sorted(known) or ["x"]) | texts, max_size=4, unique=True), label
        )
        return drawn

    def worn(self, words: str, label: str) -> str:
        """A text of some language as it is, or with words missing, doubled or replaced."""
        tokens = re.findall(r"\w+|\s+|.", words)
        for place in self.draw(st.lists(st.integers(0, max(0, len(tokens) - 1)), max_size=3), f"worn {label}"):
            other = self.draw(texts | st.sampled_from(["", *tokens[:40]]), f"word of {label}")
            tokens[place : place + 1] = [other] if tokens else []
        return "".join(tokens)

    def request(self, endpoint: Endpoint) -> httpx.Request:
        known = known_names(endpoint)
        arguments = {name: self.argument(endpoint, name) for name in (*endpoint.placeholders, *endpoint.parents)}
        path = endpoint.path
        for name in endpoint.placeholders:
            path = path.replace(f"{{{name}}}", segment(arguments[name]) or "x")
        query = [(name, self.draw(texts, name)) for name in self.names(known["query"], "query")]
        if endpoint.arguments == "query":
            query += [(name, self.worn(text(value), name)) for name, value in endpoint.params.items()]
        if endpoint.arguments == "query":
            query += [(name, value) for name, value in arguments.items() if name not in endpoint.placeholders]
        tail = f"?{urlencode(query)}" if query else ""
        usual = endpoint.method if self.draw(st.integers(0, 9), "usual method") else None
        method = usual or self.draw(methods, "method")
        headers = {**self.platform.all_headers}
        content = b""
        if method not in ("GET", "HEAD"):
            headers["content-type"], content = self.body(endpoint, known, arguments)
        if self.draw(st.integers(0, 9), "usual headers") == 0:
            headers |= {name: "\u00e9" if name != "content-type" else "/" for name in headers}
        address = self.platform.base_url.rstrip("/") + path + tail
        pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
        request = httpx.Request(method, address, headers=pairs, content=content)
        return signed(self.sandbox, self.platform, request)

    def body(self, endpoint: Endpoint, known: dict[str, set[str]], arguments: dict[str, str]) -> tuple[str, bytes]:
        kind = self.draw(st.sampled_from(("usual", "usual", "usual", "json", "bytes")), "body")
        if kind == "bytes":
            return self.draw(media, "type"), self.draw(st.binary(max_size=40) | texts.map(str.encode), "bytes")
        if kind == "json":
            return "application/json", json.dumps(self.draw(values, "json")).encode()
        if endpoint.arguments == "form":
            sent = {**endpoint.params, **arguments} | {
                name: self.draw(texts, name) for name in self.names(known["form"], "form")
            }
            return FORM, urlencode(sent).encode()
        sent = dict(endpoint.body or {})
        inside = endpoint.arguments.partition(".")[2] if endpoint.arguments != "query" else ""
        for name, value in ({**endpoint.params, **arguments} if endpoint.arguments != "query" else {}).items():
            sent = bury(sent, f"{inside}.{name}".lstrip("."), value)
        for name in self.names(known["body"] | set(sent), "body"):
            sent = sent | {name: self.draw(values, name)}
        if self.draw(st.integers(0, 2), "a search") == 0:
            sent |= self.draw(searches, "search")
        if isinstance(sent.get("query"), str):
            sent["query"] = self.worn(sent["query"], "query")
        if isinstance(sent.get("variables"), dict):
            sent["variables"] = sent["variables"] | self.draw(st.dictionaries(texts, values, max_size=2), "variables")
        return "application/json", json.dumps(sent).encode()


def judged(sandbox: Sandbox, platform: Platform, answer: httpx.Response) -> None:
    """The laws that every answer keeps."""
    assert not sandbox.failures
    assert answer.status_code < 500
    assert answer.headers["date"]
    assert answer.headers[platform.request_id]
    if answer.status_code < 400 or answer.request.method == "HEAD" or answer.status_code == 204:
        return
    problem = platform.errors.recognise(answer)
    assert problem is not None
    assert problem.kind is not ErrorKind.SERVER_ERROR
    assert problem.message or answer.headers["content-type"].startswith("text/html")
    assert b"{request_id}" not in answer.content


@every_platform
@given(data=st.data())
@settings(max_examples=250 * DEPTH, deadline=None, suppress_health_check=list(HealthCheck))
def test_nothing_that_is_sent_breaks_a_platform(sandboxes: dict[str, Sandbox], name: str, data: st.DataObject) -> None:
    """Hostile paths, queries, bodies, methods and headers meet data or the platform's own refusal."""
    platform = PLATFORM[name]
    if name not in sandboxes:
        sandboxes[name] = Sandbox([platform], rows=7, enforce_limits=False)
    sandbox = sandboxes[name]
    sandbox.failures = 0
    asked = data.draw(st.sampled_from([endpoint.name for endpoint in platform.endpoints]), label="endpoint")
    answer = sandbox.handle(Hostile(sandbox, platform, data).request(platform.endpoint(asked)))
    event(f"status {answer.status_code}")
    judged(sandbox, platform, answer)


@every_platform
def test_schemathesis_finds_no_server_error(name: str) -> None:
    """The declared endpoints as OpenAPI, fuzzed over HTTP with valid and with invalid data."""
    schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")
    pytest.importorskip("uvicorn", reason="the extra sandbox-http is not installed")
    from bi_contracts.sandbox.server import running

    platform = PLATFORM[name]
    sandbox = Sandbox([platform], rows=7, enforce_limits=False)
    schema = schemathesis.openapi.from_dict(openapi(platform))
    usual = signed(sandbox, platform, httpx.Request("GET", platform.base_url, headers=platform.all_headers))
    headers = {key: value for key, value in usual.headers.items() if key not in ("host", "content-length")}
    with running(sandbox) as url:
        for found in schema.get_all_operations():
            operation = found.ok()
            valid, invalid = (operation.as_strategy(generation_mode=mode) for mode in schemathesis.GenerationMode)
            fuzzed(sandbox, valid, url + base_path(platform), headers)
            with contextlib.suppress(Unsatisfiable):  # where anything is valid
                fuzzed(sandbox, invalid, url + base_path(platform), headers)


def fuzzed(sandbox: Sandbox, cases: st.SearchStrategy[Any], url: str, headers: dict[str, str]) -> None:
    """Sends what a strategy draws."""

    @given(case=cases)
    @settings(max_examples=6 * DEPTH, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    def send(case: Any) -> None:
        answer = case.call(base_url=url, headers=headers)
        failures, sandbox.failures = sandbox.failures, 0
        assert (answer.status_code, failures) < (500, 1)

    send()
