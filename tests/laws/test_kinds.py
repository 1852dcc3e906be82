"""One law for each kind of endpoint, over all endpoints of all platforms: the client reads what the world holds."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bi_contracts.client import Client
from bi_contracts.errors import UpstreamError
from bi_contracts.paths import Json, bury, dig
from bi_contracts.platform import Endpoint, Platform
from bi_contracts.sandbox import Sandbox

from ..platforms.declared import ENDPOINTS, PLATFORMS, largest

EXAMPLES = 200
ROWS = 7
law = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def of_kind(kind: str) -> list[tuple[Platform, Endpoint]]:
    return [(platform, endpoint) for platform, endpoint in ENDPOINTS if endpoint.kind == kind]


def one_of(kind: str) -> st.SearchStrategy[tuple[Platform, Endpoint]]:
    return st.sampled_from(of_kind(kind))


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    """For reading; nothing is written to it."""
    return Sandbox(PLATFORMS, rows=ROWS, enforce_limits=False)


def client(sandbox: Sandbox, platform: Platform) -> Client:
    return Client(platform, sandbox.credentials(platform.name), transport=sandbox.transport())


def parents(data: st.DataObject, sandbox: Sandbox, platform: Platform, endpoint: Endpoint) -> dict[str, Json]:
    """The keys of rows that stand under one another, for every parent argument."""
    found: dict[str, Json] = {}
    places: dict[str, int] = {}
    for name, parent in reversed(endpoint.parents.items()):
        home = sandbox.world.collection(platform, platform.endpoint(parent))
        if home.endpoint.name not in places:
            places[home.endpoint.name] = data.draw(st.integers(0, max(0, min(home.count, ROWS) - 1)), label=name)
        place = places[home.endpoint.name]
        places |= home.lineage(place)
        found[name] = home.key(place)
    return dict(reversed(found.items()))


@law
@given(data=st.data())
def test_lists(sandbox: Sandbox, data: st.DataObject) -> None:
    """Any list, under any parent, in pages of any size: the same keys in the same order, each once."""
    platform, endpoint = data.draw(one_of("list"), label="endpoint")
    asked = parents(data, sandbox, platform, endpoint)
    most = largest(endpoint)
    with client(sandbox, platform) as reader:
        whole = list(reader.records(endpoint.name, **asked))
        size = data.draw(st.integers(1, min(most, ROWS + 2)) if most else st.just(0), label="size")
        paged = list(reader.records(endpoint.name, page_size=size, **asked))
    keys = [json.dumps(dig(row, endpoint.key)) for row in whole]
    assert len(keys) == len(set(keys)) > 0
    assert [json.dumps(dig(row, endpoint.key)) for row in paged] == keys


@law
@given(data=st.data())
def test_items(sandbox: Sandbox, data: st.DataObject) -> None:
    """Any row of any list that has an item endpoint is read by its key; a key that nobody has is not found."""
    platform, endpoint = data.draw(one_of("item"), label="endpoint")
    asked = parents(data, sandbox, platform, endpoint)
    with client(sandbox, platform) as reader:
        record = reader.record(endpoint.name, **asked)
        assert not asked or str(dig(record, endpoint.key)) in {str(value) for value in asked.values()}
        if asked:
            last = list(endpoint.parents)[-1]
            with pytest.raises(UpstreamError):
                reader.record(endpoint.name, **{**asked, last: f"{asked[last]}0"})


@law
@given(data=st.data(), seed=st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=8))
def test_identities(data: st.DataObject, seed: str) -> None:
    """In a world of any seed the credential of that seed names the same one every time, and no other seed's does."""
    platform, endpoint = data.draw(one_of("identity"), label="endpoint")
    sandbox = Sandbox([platform], seed=seed, rows=ROWS, enforce_limits=False)
    asked = parents(data, sandbox, platform, endpoint)
    with client(sandbox, platform) as reader:
        once, again = (dig(reader.record(endpoint.name, **asked), endpoint.key) for _ in range(2))
        assert once is not None
        assert list(once) == list(again) if isinstance(once, dict) else once == again
    with (
        Client(platform, platform.auth.example(f"not {seed}"), transport=sandbox.transport()) as reader,
        pytest.raises(UpstreamError),
    ):
        reader.record(endpoint.name, **asked)


words = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=12)
values = st.none() | st.booleans() | st.integers(-3, 10**6) | words | st.lists(words, max_size=2)


@law
@given(data=st.data())
def test_writes(data: st.DataObject) -> None:
    """Any write with any values is done, or refused in the platform's own way; what was refused changed nothing."""
    platform, endpoint = data.draw(one_of("write"), label="endpoint")
    sandbox = Sandbox([platform], rows=ROWS, enforce_limits=False)
    request = written(data, sandbox, platform, endpoint)
    before = sandbox.world.version
    with httpx.Client(
        transport=sandbox.transport(), auth=platform.auth.sign(sandbox.credentials(platform.name))
    ) as http:
        response = http.send(request)
    problem = platform.errors.recognise(response)
    assert response.status_code < 500
    assert problem is None or sandbox.world.version == before


def written(data: st.DataObject, sandbox: Sandbox, platform: Platform, endpoint: Endpoint) -> httpx.Request:
    """A request to a write endpoint: what it needs, some of it missing at times, and something else beside."""
    write = endpoint.write
    names = [*(write.required if write else ()), *(write.renamed if write else ()), "name", "text", "unheard_of"]
    sent: dict[str, Any] = {
        name: data.draw(values, label=name)
        for name in dict.fromkeys(names)
        if data.draw(st.booleans(), label=f"+{name}")
    }
    asked = parents(data, sandbox, platform, endpoint)
    if endpoint.arguments in ("query", "form"):
        return platform.request(endpoint, {**asked, **sent})
    below = write.sent if write else ""
    body = bury({}, below, sent) if below else sent
    return platform.request(endpoint, {**body, **asked})
