"""What holds for every declared endpoint."""

from __future__ import annotations

import json
from collections import Counter

import httpx
import pytest

from bi_contracts.paths import dig
from bi_contracts.platform import Endpoint, Platform
from bi_contracts.slots import read_slot

from .declared import ENDPOINTS, PLATFORMS, arguments, named

every_endpoint = pytest.mark.parametrize(("platform", "endpoint"), ENDPOINTS, ids=named)
every_platform = pytest.mark.parametrize("platform", PLATFORMS, ids=named)


def test_ids_are_unique() -> None:
    """One key names one endpoint everywhere."""
    ids = Counter(platform.id(endpoint) for platform, endpoint in ENDPOINTS)
    assert [id for id, times in ids.items() if times > 1] == []


@every_endpoint
def test_the_first_request_can_be_built(platform: Platform, endpoint: Endpoint) -> None:
    """With its parents' keys as arguments an endpoint has a request, at the platform's origin, with its version."""
    request = platform.request(endpoint, arguments(platform, endpoint))
    base = httpx.URL(platform.base_url)
    assert (request.url.scheme, request.url.host) == ("https", base.host)
    assert request.url.path.startswith(base.path.rstrip("/") + "/")
    assert "{" not in request.url.path
    assert not platform.version_header or request.headers[platform.version_header] == platform.version


@every_endpoint
def test_arguments_arrive_where_they_are_read(platform: Platform, endpoint: Endpoint) -> None:
    """What a request was built with can be read from it again."""
    given = arguments(platform, endpoint)
    request = platform.request(endpoint, given)
    place = "param" if endpoint.arguments in ("query", "form") else endpoint.arguments
    outside = [name for name in given if name not in endpoint.placeholders]
    assert [read_slot(request, f"{place}.{name}") for name in outside] == [given[name] for name in outside]
    assert all(str(given[name]) in request.url.path for name in endpoint.placeholders)


@every_endpoint
def test_examples_have_distinct_keys(platform: Platform, endpoint: Endpoint) -> None:  # noqa: ARG001
    """Each example is a record of its own, and JSON."""
    keys = [dig(example, endpoint.key) for example in endpoint.examples]
    if endpoint.kind == "write" and (endpoint.write is None or not keys):
        return  # its answer is no record of its own: nothing, or only that it went well
    assert keys
    assert None not in keys
    assert len(set(map(str, keys))) == len(keys)
    assert json.loads(json.dumps(endpoint.examples, allow_nan=False)) == list(endpoint.examples)


@every_endpoint
def test_the_default_page_is_allowed(platform: Platform, endpoint: Endpoint) -> None:  # noqa: ARG001
    """Nobody asks for a page larger than the platform grants."""
    assert 0 <= endpoint.paginator.page <= getattr(endpoint.paginator, "most", endpoint.paginator.page)


@every_platform
def test_the_identity_needs_no_argument(platform: Platform) -> None:
    """The health probe can be sent without knowing anything."""
    identity = platform.endpoint(platform.identity)
    assert identity.kind == "identity"
    assert platform.request(identity, {}).url.path


@every_platform
def test_lists_and_items_are_declared(platform: Platform) -> None:
    """Every platform can be listed, paged and read by id."""
    kinds = Counter(endpoint.kind for endpoint in platform.endpoints)
    assert kinds["list"] >= 3
    assert kinds["item"] >= 1


@every_platform
def test_minted_credentials_sign_and_are_read_back(platform: Platform) -> None:
    """A credential minted for the sandbox is one that the platform's scheme presents; the same seed mints the same."""
    minted = platform.auth.example("seed")
    assert minted == platform.auth.example("seed") != platform.auth.example("other")
    request = next(platform.auth.sign(minted).auth_flow(httpx.Request("GET", platform.base_url)))
    assert platform.auth.presented(request) in minted.values()
    assert platform.auth.where
