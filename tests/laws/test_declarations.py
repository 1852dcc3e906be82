"""The law of declarations: rows put in are the rows read out, in order, once each, for any page size."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bi_contracts.errors import PaginationLoop
from bi_contracts.pagination import BadPage, Memory, Page
from bi_contracts.paths import Json, bury, dig
from bi_contracts.platform import Endpoint, Platform

from ..platforms.declared import LISTS, PAGED, arguments, largest, named

every_list = pytest.mark.parametrize(("platform", "endpoint"), LISTS, ids=named)
every_paged = pytest.mark.parametrize(("platform", "endpoint"), PAGED, ids=named)
counts = st.integers(0, 12) | st.integers(0, 250)


def sizes(endpoint: Endpoint) -> st.SearchStrategy[int]:
    """Page sizes that the platform takes; 0 asks for none."""
    most = largest(endpoint)
    return st.integers(0, min(most, 7)) | st.integers(0, most)


def rows_of(endpoint: Endpoint, count: int) -> list[Json]:
    return [bury({"name": f"row {number}"}, endpoint.key, str(number)) for number in range(count)]


def answer(request: httpx.Request, endpoint: Endpoint, page: Page) -> httpx.Response:
    """The page in its envelope, as a platform sends it."""
    body = bury(dict(endpoint.envelope), endpoint.records, list(page.rows))
    for path, value in page.fields.items():
        body = bury(body, path, value)
    return httpx.Response(200, json=body, request=request)


def first(platform: Platform, endpoint: Endpoint, size: int) -> httpx.Request:
    request = platform.request(endpoint, arguments(platform, endpoint))
    return endpoint.paginator.sized(request, size) if size else request


def read(platform: Platform, endpoint: Endpoint, rows: list[Json], size: int) -> list[list[Json]]:
    """The pages that the client's side reads from the sandbox's side."""
    memory: Memory = {}
    flow = endpoint.paginator.page_flow(first(platform, endpoint, size))
    pages, request = [], next(flow)
    while True:
        response = answer(request, endpoint, endpoint.paginator.serve(request, rows, memory))
        pages.append(dig(response.json(), endpoint.records))
        try:
            request = flow.send(response)
        except StopIteration:
            return pages


@every_list
@given(data=st.data())
@settings(max_examples=20, deadline=None)
def test_rows_put_in_are_rows_read_out(platform: Platform, endpoint: Endpoint, data: st.DataObject) -> None:
    """Client and sandbox, reading one paginator, agree on every row for any number of rows and any page size."""
    rows = rows_of(endpoint, data.draw(counts, label="rows"))
    size = data.draw(sizes(endpoint), label="size")
    pages = read(platform, endpoint, rows, size)
    assert [row for page in pages for row in page] == rows
    assert all(len(page) <= size for page in pages) or not size


@every_paged
@given(size=st.integers(1, 5))
@settings(max_examples=5, deadline=None)
def test_a_page_that_comes_again_is_a_loop(platform: Platform, endpoint: Endpoint, size: int) -> None:
    """A platform that answers every request with the same first page is found out."""
    request = first(platform, endpoint, size)
    page = endpoint.paginator.serve(request, rows_of(endpoint, 200), {})
    flow = endpoint.paginator.page_flow(request)
    following = flow.send(answer(next(flow), endpoint, page))
    with pytest.raises(PaginationLoop):
        flow.send(answer(following, endpoint, page))


@every_paged
def test_a_page_too_large_is_refused(platform: Platform, endpoint: Endpoint) -> None:
    """Beyond the largest size the sandbox refuses, as the platform does; a fixed size cannot be asked for."""
    most = largest(endpoint)
    if not most:
        request = platform.request(endpoint, arguments(platform, endpoint))
        sized = endpoint.paginator.sized(request, 7)
        assert (sized.url, sized.content) == (request.url, request.content)
        return
    for size in (-1, most + 1):
        request = first(platform, endpoint, size)
        with pytest.raises(BadPage):
            endpoint.paginator.serve(request, rows_of(endpoint, 3), {})
