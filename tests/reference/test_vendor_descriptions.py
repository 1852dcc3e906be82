"""The sandbox's answers against the vendors' own descriptions of their APIs."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from bi_contracts.cassette.store import load
from bi_contracts.contract import Contract
from bi_contracts.contract.description import described
from bi_contracts.errors import InvalidContract
from bi_contracts.platform import Endpoint, Platform
from bi_contracts.workspace import reference

from ..platforms.declared import PLATFORMS, named

DELIBERATE: Mapping[str, Mapping[str, str]] = {}
"""Platform -> pattern of `id path: message` -> the evidence that the real API does as the sandbox does."""


def description(folder: Path, platform: Platform, endpoint: Endpoint) -> Contract | None:
    """The contract of an endpoint after the newest description of its version that knows it; None where none does."""
    query = endpoint.body.get("query", "") if isinstance(endpoint.body, dict) else ""
    for path in sorted(folder.glob("*.*"), reverse=True):
        if path.suffix in (".json", ".yaml", ".graphql") and (platform.name != "intercom" or path.stem == "2.11"):
            try:
                methods = (endpoint.method, *endpoint.other_methods)
                return described(path, platform.id(endpoint), methods, endpoint.path, query)
            except InvalidContract:
                continue
    return None


def differences(platform: Platform, folder: Path) -> Iterator[tuple[Endpoint, set[str]]]:
    """Each described endpoint with what its recorded sandbox answers break."""
    for endpoint in platform.endpoints:
        held = description(folder, platform, endpoint) if endpoint.kind != "write" else None
        if held is not None:
            kept = load(reference("cassettes") / f"{platform.id(endpoint)}.yaml").interactions
            yield (
                endpoint,
                {re.sub(r"/\d+", "/*", str(one)) for each in kept for one in held.violations(each.response.envelope)},
            )


@pytest.mark.parametrize("platform", PLATFORMS, ids=named)
def test_the_sandbox_keeps_the_vendors_description(platform: Platform, vendor_data: Path) -> None:
    """Each answer fits the vendor's own description, but for differences that are listed with their evidence."""
    folder = vendor_data / "specs" / platform.name
    known = DELIBERATE.get(platform.name, {})
    found: dict[str, set[str]] = defaultdict(set)
    met: set[str] = set()
    compared = 0
    for endpoint, broken in differences(platform, folder):
        compared += 1
        for one in broken:
            reasons = {pattern for pattern in known if re.search(pattern, f"{platform.id(endpoint)} {one}")}
            met |= reasons
            if not reasons:
                found[platform.id(endpoint)].add(one)
    if not compared:
        pytest.skip(f"no description of an endpoint declared for {platform.name}")
    assert {id: sorted(broken) for id, broken in found.items()} == {}
    assert met == set(known), "differences that are listed and no longer there"
