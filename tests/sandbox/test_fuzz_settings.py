"""What a person may set in a sandbox, however odd, breaks no answer: changes of the APIs, faults, orders over HTTP."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bi_contracts.errors import ConfigurationError
from bi_contracts.paths import Json
from bi_contracts.platform import Endpoint, Platform
from bi_contracts.sandbox import Evolution, Sandbox
from bi_contracts.sandbox.evolution import KINDS, TYPES
from bi_contracts.sandbox.faults import KNOWN, Fault, Rule

from ..platforms.declared import PLATFORMS
from .fuzzing import DEPTH, signed
from .made_up import GRAPH, SHOP, Shop

values = st.sampled_from((None, True, 0, -1.5, "", "x", [], {}, [1], {"a": None}, "2026-01-01", 10**30))
PLATFORM = {platform.name: platform for platform in PLATFORMS}


def inside(value: Json, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Every path in a value."""
    if path:
        yield ".".join(path)
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in pairs:
        yield from inside(item, (*path, str(name)))


def change(draw: Any, platform: Platform) -> dict[str, Json]:
    endpoint: Endpoint = draw(st.sampled_from([one for one in platform.endpoints if one.examples]))
    scope = draw(st.sampled_from(("record", "record", "envelope")))
    whole = {**endpoint.envelope, endpoint.records.partition(".")[0] or "x": [dict(endpoint.examples[0])]}
    known = sorted(set(inside(dict(endpoint.examples[0]) if scope == "record" else whole)))
    kind = draw(st.sampled_from(KINDS))
    to: Json = draw(values)
    match kind:
        case "retype":
            to = draw(st.sampled_from(TYPES))
        case "rename" | "wrap":
            to = draw(st.sampled_from(("other", "id", "a b", "\u00e9", "__typename", "0")))
        case "status":
            to = draw(st.sampled_from((200, 201, 204, 304, 400, 418, 503)))
        case "header":
            to = draw(st.sampled_from((None, "x", "soon")))
    path = draw(st.sampled_from(known) | st.sampled_from(("*", "a.*.b", "0", ".", "..", "x-header", "content-type")))
    named_ = draw(st.sampled_from((platform.id(endpoint), f"{platform.name}/*")))
    share = draw(st.sampled_from((1.0, 0.5)))
    return {"endpoint": named_, "change": kind, "path": path, "to": to, "scope": scope, "share": share}


def reads(sandbox: Sandbox, platform: Platform) -> Iterator[httpx.Request]:
    """The first request to every endpoint that only reads."""
    for endpoint in platform.endpoints:
        if endpoint.kind == "write":
            continue
        keys = {
            name: sandbox.world.collection(platform, platform.endpoint(parent)).key(0)
            for name, parent in endpoint.parents.items()
        }
        request = platform.request(endpoint, dict.fromkeys(endpoint.placeholders, "x") | keys)
        yield signed(sandbox, platform, request)


@st.composite
def changed(draw: Any, platform: Platform) -> list[dict[str, Json]]:
    return [change(draw, platform) for _ in range(draw(st.integers(1, 4)))]


@pytest.mark.parametrize("name", PLATFORM)
@given(data=st.data())
@settings(max_examples=12 * DEPTH, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_change_of_an_api_breaks_the_sandbox(name: str, data: st.DataObject) -> None:
    """Any change at any path, several at once: every endpoint still answers."""
    sandbox = Sandbox([PLATFORM[name]], rows=4, enforce_limits=False)
    requests = list(reads(sandbox, PLATFORM[name]))
    sandbox.evolve(Evolution.parse(data.draw(changed(PLATFORM[name]), label="changes")))
    answers = [sandbox.handle(request) for request in requests]
    assert {answer.status_code for answer in answers if answer.status_code >= 500} <= {503}
    assert not sandbox.failures


words = st.sampled_from(
    [*KNOWN, "=", ";", ":", "x3", " ", "..", ",", "-", "1", "1e9", "\u0661", "slack/*:", "*", "\x00"]
)


@given(st.lists(words, max_size=8).map("".join) | st.text(max_size=30))
def test_every_text_is_a_fault_or_an_error_that_quotes(text: str) -> None:
    """Nothing else comes out of reading one."""
    for read in (Fault.parse, Rule.parse):
        with contextlib.suppress(ConfigurationError):
            assert read(text)
            continue
        with pytest.raises(ConfigurationError, match=r"^fault "):
            read(text)


@given(
    fault=st.lists(
        st.sampled_from(
            [
                "status=503",
                "not-found",
                "storm=2",
                "share=0.5",
                "retry-after=1",
                "retry-after-date=3",
                "latency=0",
                "truncate",
                "empty",
                "shuffle",
                "reset=past",
                "malformed",
                "html",
                "content-type=text/plain",
                "gzip",
                "chunked=3",
                "loop",
                "duplicate",
                "page-drift=3",
                "page-drift=-3",
                "index-lag=9",
                "clock-skew=-90000",
                "rate-limit",
                "missing-scope",
                "status=204",
            ]
        ),
        min_size=1,
        max_size=5,
    ).map("; ".join),
    path=st.sampled_from(["/users?page=2", "/shelves?page=2", "/nowhere", "/me"]),
)
@settings(deadline=None)
def test_faults_can_all_be_composed(fault: str, path: str) -> None:
    """Any of them together give an answer that HTTP can carry."""
    shop = Shop(enforce_limits=False)
    answer = shop.get(path, headers={"x-bi-fault": "; ".join([fault, "clock-skew=1"])})
    assert answer.headers["date"]
    assert not shop.sandbox.failures


orders = st.recursive(
    values, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(("fault", "platform", "endpoint", "times", "rule", "limit", "window", "quota", "now", "advance",
                         "frozen", "change", "path", "to", "share", "scope", "x")), inner | values, max_size=5),
    max_leaves=10,
)  # fmt: skip


@given(
    path=st.sampled_from(("faults", "limits", "clock", "evolve", "", "x")),
    method=st.sampled_from(("POST", "POST", "DELETE", "GET", "PUT")),
    body=orders.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=20) | st.just(b"[" * 99_999),
)
@settings(deadline=None, max_examples=300)
def test_orders_are_obeyed_or_answered_with_words(path: str, method: str, body: bytes) -> None:
    """Whatever is sent to the sandbox's own address: 200, 400 or 404, and the platforms go on answering."""
    sandbox = Sandbox([SHOP, GRAPH], rows=2)
    answer = sandbox.handle(httpx.Request(method, f"http://127.0.0.1/_sandbox/{path}", content=body))
    assert answer.status_code in (200, 400, 404)
    assert answer.status_code == 200 or answer.json()["error"]
    assert sandbox.handle(httpx.Request("GET", "https://api.shop.test/v2/users/me")).headers["date"]
    assert not sandbox.failures
