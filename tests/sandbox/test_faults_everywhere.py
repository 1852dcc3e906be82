"""Lists that lie, on every declared platform: a client notices a loop, and nothing breaks when rows move."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from bi_contracts.client import Client
from bi_contracts.errors import PaginationLoop
from bi_contracts.paths import dig
from bi_contracts.platform import Endpoint, Platform
from bi_contracts.sandbox import Sandbox

from ..platforms.declared import PAGED, PLATFORMS, named

pytestmark = pytest.mark.law

ROWS, SIZE = 250, 60
MOST = 40
"""Pages that are read of a list that might not end."""


@pytest.fixture(scope="module", params=PLATFORMS, ids=named)
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    return Sandbox([request.param], rows=ROWS, enforce_limits=False)


def pages(sandbox: Sandbox, platform: Platform, endpoint: Endpoint) -> Iterator[bytes]:
    """The bodies of the pages of a list, under the first row of each parent; what was read before has expired."""
    sandbox.clock.advance(120)
    arguments: dict[str, Any] = {
        name: sandbox.world.collection(platform, platform.endpoint(parent)).key(0)
        for name, parent in endpoint.parents.items()
    }
    client = Client(platform, sandbox.credentials(platform.name), transport=sandbox.transport())
    for answer in client.responses(endpoint.name, page_size=SIZE, max_pages=MOST, **arguments):
        yield answer.content


def paged(sandbox: Sandbox) -> list[tuple[Platform, Endpoint, int]]:
    """The lists that come in three pages or more, and in how many."""
    found = [(platform, endpoint) for platform, endpoint in PAGED if platform.name in sandbox.platforms]
    counted = [(platform, endpoint, len(list(pages(sandbox, platform, endpoint)))) for platform, endpoint in found]
    return [one for one in counted if one[2] >= 3]


@pytest.mark.parametrize("fault", ["loop", "duplicate"])
def test_a_page_that_comes_again_is_noticed(sandbox: Sandbox, fault: str) -> None:
    """Whatever the way to page, reading ends with an error that says so."""
    found = paged(sandbox)
    sandbox.fault(fault, times=None)
    unnoticed = []
    for platform, endpoint, _ in found:
        try:
            unnoticed.append((platform.id(endpoint), len(list(pages(sandbox, platform, endpoint)))))
        except PaginationLoop:
            continue
    sandbox.faults.clear()
    assert found
    assert not unnoticed
    assert not sandbox.failures


@pytest.mark.parametrize("by", [7, -7])
def test_rows_that_move_between_pages_break_nothing(sandbox: Sandbox, by: int) -> None:
    """Every list is read to an end; on each platform some list shows that its rows have moved."""
    found = paged(sandbox)
    usual = {endpoint.name: list(pages(sandbox, platform, endpoint)) for platform, endpoint, _ in found}
    sandbox.fault(f"page-drift={by}; index-lag=5", times=None)
    moved = {endpoint.name: list(pages(sandbox, platform, endpoint)) for platform, endpoint, _ in found}
    sandbox.faults.clear()
    assert all(len(read) < MOST for read in moved.values())
    assert any(moved[name][1:] != usual[name][1:] for name in usual)
    assert not sandbox.failures


def test_a_shuffled_page_holds_the_same_rows(sandbox: Sandbox) -> None:
    """On every list that answers rows: the page is another text of the same length, and the usual one sorted."""
    found = paged(sandbox)
    usual = {endpoint.name: next(pages(sandbox, platform, endpoint)) for platform, endpoint, _ in found}
    sandbox.fault("shuffle", times=None)
    mixed = {endpoint.name: next(pages(sandbox, platform, endpoint)) for platform, endpoint, _ in found}
    sandbox.faults.clear()
    for platform, endpoint, _ in found:
        before, after = (dig(json.loads(read[endpoint.name]), endpoint.records) for read in (usual, mixed))
        assert before != after, platform.id(endpoint)
        assert sorted(map(json.dumps, before)) == sorted(map(json.dumps, after))
    assert not sandbox.failures
