"""The same law through everything: rows put into the sandbox are the rows that the client reads."""

from __future__ import annotations

from collections.abc import Mapping

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bi_contracts.client import Client
from bi_contracts.dialects import ErrorKind
from bi_contracts.errors import ApiError, NotFound, RateLimited, Unauthorized, UpstreamError
from bi_contracts.paths import Json, bury, dig
from bi_contracts.platform import Endpoint, Platform
from bi_contracts.sandbox import Sandbox

from ..platforms.declared import ENDPOINTS, LISTS, PLATFORMS, READS, largest, named

RAISED: Mapping[ErrorKind, type[UpstreamError]] = {
    ErrorKind.UNAUTHORIZED: Unauthorized,
    ErrorKind.FORBIDDEN: Unauthorized,
    ErrorKind.NOT_FOUND: NotFound,
    ErrorKind.BAD_REQUEST: ApiError,
    ErrorKind.RATE_LIMITED: RateLimited,
    ErrorKind.SERVER_ERROR: ApiError,
}
SILENT = {"salesforce"}
"""Platforms that say that a limit is used up, and not when there is more."""

SEARCHES = {"salesforce/search"}
"""Lists that hold the rows with a word in them, and so not every row that is put there."""


def named_in(one: tuple[Platform, Endpoint]) -> str:
    platform, endpoint = one
    return platform.id(endpoint)


every_endpoint = pytest.mark.parametrize(("platform", "endpoint"), ENDPOINTS, ids=named)
every_read = pytest.mark.parametrize(("platform", "endpoint"), READS, ids=named)
every_platform = pytest.mark.parametrize("platform", PLATFORMS, ids=named)


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    return Sandbox(PLATFORMS, rows=3, enforce_limits=False)


def client(sandbox: Sandbox, platform: Platform) -> Client:
    return Client(platform, sandbox.credentials(platform.name), transport=sandbox.transport())


def arguments(sandbox: Sandbox, platform: Platform, endpoint: Endpoint) -> dict[str, Json]:
    """The key of a row that is there, for every parent."""
    return {
        name: sandbox.world.collection(platform, platform.endpoint(parent)).key(0)
        for name, parent in endpoint.parents.items()
    }


@pytest.mark.parametrize(("platform", "endpoint"), [one for one in LISTS if named_in(one) not in SEARCHES], ids=named)
@given(data=st.data())
@settings(max_examples=5, deadline=None)
def test_rows_put_in_are_rows_read_out(platform: Platform, endpoint: Endpoint, data: st.DataObject) -> None:
    """Any number of rows, any page size: every row comes out once, in order, or newest first."""
    sandbox = Sandbox([platform], rows=1, enforce_limits=False)
    count = data.draw(st.integers(0, 9) | st.integers(0, 230), label="rows")
    most = largest(endpoint)
    if platform.protocol == "graphql":
        most = min(most, 100)  # a larger page of nested rows costs more points than a query may
    size = data.draw(st.integers(1, min(most, 7)) | st.integers(1, most) if most else st.just(0), label="size")
    rows = [
        bury(endpoint.examples[number % len(endpoint.examples)], endpoint.key, f"{number:06}")
        for number in range(count)
    ]
    asked = arguments(sandbox, platform, endpoint)
    sandbox.put(platform.id(endpoint), rows)
    with client(sandbox, platform) as reader:
        found = list(reader.records(endpoint.name, page_size=size, **asked))
    assert found in (rows, rows[::-1])


@every_read
def test_the_default_read_works(sandbox: Sandbox, platform: Platform, endpoint: Endpoint) -> None:
    """Without saying anything about pages, every endpoint can be read, and its keys differ."""
    with client(sandbox, platform) as reader:
        rows = list(reader.records(endpoint.name, **arguments(sandbox, platform, endpoint)))
    keys = [dig(row, endpoint.key) for row in rows]
    assert len(keys) == (3 if endpoint.kind == "list" else 1)
    assert None not in keys
    assert len(set(map(str, keys))) == len(keys)


@every_endpoint
def test_an_item_is_the_row_that_was_listed(sandbox: Sandbox, platform: Platform, endpoint: Endpoint) -> None:
    """What is read by id has the id that was asked for."""
    if endpoint.kind != "item":
        assert endpoint.kind in ("list", "identity", "write")
        return
    with client(sandbox, platform) as reader:
        asked = arguments(sandbox, platform, endpoint)
        assert dig(reader.record(endpoint.name, **asked), endpoint.key) in asked.values()


@every_platform
@pytest.mark.parametrize("kind", ErrorKind)
def test_an_error_of_the_sandbox_is_an_error_of_the_client(platform: Platform, kind: ErrorKind) -> None:
    """Every kind of error, answered as the platform does, is raised as the class that stands for it."""
    status, body = platform.errors.render(kind)
    sandbox = Sandbox([platform], rows=1)
    path = platform.request(platform.endpoint(platform.identity), {}).url.path

    def answered(request: httpx.Request) -> httpx.Response:
        """The error; a login that comes first is answered as usual."""
        asked = request.url.path == path
        return httpx.Response(status, json=body) if asked else sandbox.handle(request)

    with (
        Client(platform, sandbox.credentials(platform.name), transport=httpx.MockTransport(answered)) as reader,
        pytest.raises(RAISED[kind]) as caught,
    ):
        reader.identity()
    assert type(caught.value) is RAISED[kind]
    assert caught.value.status == status


@every_platform
def test_the_rate_limit_is_met_and_understood(platform: Platform) -> None:
    """One request more than the platform grants raises `RateLimited` with the seconds to wait."""
    sandbox = Sandbox([platform], rows=1)
    with client(sandbox, platform) as reader:
        reader.identity()
        sandbox.limit(platform.name, 2, 30.0)
        reader.identity()
        reader.identity()
        with pytest.raises(RateLimited) as caught:
            reader.identity()
    if platform.name in SILENT:
        assert caught.value.retry_after is None
    else:
        assert caught.value.retry_after is not None
        assert 0 < caught.value.retry_after <= 31


@every_platform
def test_a_foreign_credential_is_refused(sandbox: Sandbox, platform: Platform) -> None:
    """A credential that the sandbox did not mint is answered as the platform answers it, and never quoted."""
    foreign = platform.auth.example("somebody else")
    with (
        Client(platform, foreign, transport=sandbox.transport()) as reader,
        pytest.raises(Unauthorized) as caught,
    ):
        reader.identity()
    assert not any(value in str(caught.value) for value in foreign.values())
