"""The sandbox's answers against the vendors' own descriptions of their APIs."""

from __future__ import annotations

import re
from collections.abc import Mapping
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


def broken(held: Contract, cassette: Path) -> set[str]:
    """What the answers in a cassette break, items of lists taken together."""
    found = load(cassette).interactions if cassette.is_file() else ()
    return {re.sub(r"/\d+", "/*", str(one)) for each in found for one in held.violations(each.response.envelope)}


@pytest.mark.parametrize("platform", PLATFORMS, ids=named)
def test_the_sandbox_keeps_the_vendors_description(platform: Platform, vendor_data: Path, imported: Path) -> None:
    """Each answer fits the vendor's own description, unless real answers differ likewise, or the evidence is listed."""
    folder = vendor_data / "specs" / platform.name
    known = DELIBERATE.get(platform.name, {})
    found: dict[str, list[str]] = {}
    met: set[str] = set()
    compared = 0
    for endpoint in platform.endpoints:
        held = description(folder, platform, endpoint) if endpoint.kind != "write" else None
        if held is None:
            continue
        compared += 1
        id = platform.id(endpoint)
        made = broken(held, reference("cassettes") / f"{id}.yaml") - broken(held, imported / f"{id}.yaml")
        reasons = {one: {pattern for pattern in known if re.search(pattern, f"{id} {one}")} for one in made}
        met |= set().union(*reasons.values())
        found |= {id: sorted(one for one in made if not reasons[one])} if not all(reasons.values()) else {}
    if not compared:
        pytest.skip(f"no description of an endpoint declared for {platform.name}")
    assert found == {}
    assert met == set(known), "differences that are listed and no longer there"
