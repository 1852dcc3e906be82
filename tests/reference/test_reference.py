"""The reference contracts and cassettes: complete, honest about where they come from, and true of real traffic."""

from __future__ import annotations

from collections import defaultdict
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import httpx
import pytest

from bi_contracts.cassette.store import load
from bi_contracts.contract import Contract
from bi_contracts.contract.graphql import from_graphql
from bi_contracts.errors import InvalidContract
from bi_contracts.interaction import Interaction, Source
from bi_contracts.platform import Endpoint, Platform
from bi_contracts.session import envelopes
from bi_contracts.slots import json_of
from bi_contracts.workspace import reference

from ..platforms.declared import PLATFORMS, READS, named
from .corrections import table

every_read = pytest.mark.parametrize(("platform", "endpoint"), READS, ids=named)


@cache
def contract(id: str) -> Contract:
    return Contract.load(reference("contracts") / f"{id}.schema.json")


@every_read
def test_every_endpoint_that_can_be_read_has_both(platform: Platform, endpoint: Endpoint) -> None:
    """A contract and a cassette stand in the reference for each read endpoint, and the cassette keeps the contract."""
    id = platform.id(endpoint)
    kept = load(reference("cassettes") / f"{id}.yaml")
    answers = envelopes(kept.interactions)
    assert answers
    broken = [str(one) for answer in answers for one in contract(id).violations(answer)]
    assert broken == []


@every_read
def test_nothing_from_the_sandbox_passes_for_the_vendors(platform: Platform, endpoint: Endpoint) -> None:
    """A cassette says that the sandbox answered; a contract says so, or which description or recordings it has."""
    id = platform.id(endpoint)
    kept = load(reference("cassettes") / f"{id}.yaml")
    assert kept.provenance.source is Source.SANDBOX
    assert {each.source for each in kept.interactions} == {Source.SANDBOX}
    evidence = contract(id).evidence
    assert evidence.source in ("sandbox", "imported")
    assert (evidence.source == "imported") or not evidence.described_by
    assert evidence.described_by or evidence.samples
    assert bool(evidence.corrected_by) <= any(
        fnmatchcase(id, each) for row in table() for each in row.said["endpoints"]
    )


def test_most_contracts_rest_on_the_vendors_word() -> None:
    """At least nine in ten read endpoints have a contract from a description or from real recordings."""
    found = [contract(platform.id(endpoint)).evidence.source for platform, endpoint in READS]
    assert found.count("imported") >= 0.9 * len(found)


def test_no_file_is_of_an_endpoint_that_nobody_declares() -> None:
    """The reference holds what is declared, and nothing else."""
    ids = {platform.id(endpoint) for platform, endpoint in READS}
    for kind, suffix in (("contracts", ".schema.json"), ("cassettes", ".yaml")):
        root = reference(kind)
        assert {path.relative_to(root).as_posix().removesuffix(suffix) for path in root.rglob(f"*{suffix}")} == ids


def held_to(platform: Platform, endpoint: Endpoint, interaction: Interaction, vendor_data: Path) -> Contract | None:
    """The contract that an answer must keep: the reference, or for another GraphQL query the schema's own."""
    if platform.protocol == "rest":
        return contract(platform.id(endpoint))
    asked = interaction.request
    sent = json_of(httpx.Request(asked.method, asked.url, headers=list(asked.headers), content=asked.body))
    sdl = max((vendor_data / "specs" / platform.name).glob("*.graphql")).read_text(encoding="utf-8")
    try:
        return from_graphql(sdl, sent["query"], id=platform.id(endpoint)) if isinstance(sent, dict) else None
    except InvalidContract:
        return None  # a query of an older or a newer schema than the one at hand


@pytest.mark.parametrize("platform", PLATFORMS, ids=named)
def test_real_recordings_keep_the_reference(platform: Platform, imported: Path, vendor_data: Path) -> None:
    """Each real answer of a declared endpoint keeps its reference contract, without exception."""
    broken: dict[str, set[str]] = defaultdict(set)
    compared = 0
    for endpoint in platform.endpoints:
        file = imported / f"{platform.id(endpoint)}.yaml"
        if endpoint.kind == "write" or not file.is_file():
            continue
        for interaction in load(file).interactions:
            held = held_to(platform, endpoint, interaction, vendor_data)
            for answer in envelopes([interaction]) if held is not None else ():
                compared += 1
                broken[platform.id(endpoint)] |= {str(one) for one in held.violations(answer)}
    if not compared:
        pytest.skip(f"no real recording of an endpoint declared for {platform.name}")
    assert {id: sorted(found)[:5] for id, found in broken.items() if found} == {}
