"""The sandbox's answers against the vendors' own descriptions of their APIs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from bi_contracts.cassette.store import load
from bi_contracts.client import Client
from bi_contracts.contract import Contract, Violation, propose
from bi_contracts.contract.description import described
from bi_contracts.errors import InvalidContract
from bi_contracts.interaction import Envelope
from bi_contracts.paths import dig
from bi_contracts.platform import Endpoint, Platform
from bi_contracts.registry import target
from bi_contracts.sandbox import Sandbox
from bi_contracts.session import envelopes
from bi_contracts.workspace import reference

from ..platforms.declared import PLATFORMS, named
from .corrections import Row, explaining, table

Differences = Callable[[str], tuple[dict[str, set[str]], set[str]]]


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


def answers(cassette: Path) -> list[Envelope]:
    return envelopes(load(cassette).interactions) if cassette.is_file() else []


def broken(held: Contract, responses: list[Envelope]) -> dict[str, Violation]:
    """What answers break, items of lists taken together."""
    found = (one for response in responses for one in held.violations(response))
    return {re.sub(r"/\d+(?=[/:])", "/*", str(one)): one for one in found}


def held(platform: Platform, endpoint: Endpoint, folder: Path, seen: list[Envelope]) -> Iterator[Contract]:
    """What answers are held to, uncorrected: the description; the same, tightened; or what was seen alone."""
    vendors = description(folder, platform, endpoint)
    if vendors is not None:
        yield vendors
    if seen and platform.protocol == "rest":
        inferred = Contract.infer(platform.id(endpoint), seen, source="imported")
        yield propose(vendors, inferred, seen).contract if vendors is not None else inferred


@pytest.fixture(scope="module")
def differences(vendor_data: Path, imported: Path) -> Differences:
    """What a platform's answers break without an explanation, by id; and which patterns explain what they break."""

    @cache
    def differ(name: str) -> tuple[dict[str, set[str]], set[str]]:
        platform = next(one for one in PLATFORMS if one.name == name)
        unexplained: dict[str, set[str]] = {}
        used: set[str] = set()
        for endpoint in platform.endpoints:
            id = platform.id(endpoint)
            seen = answers(imported / f"{id}.yaml")
            made = answers(reference("cassettes") / f"{id}.yaml")
            for contract in held(platform, endpoint, vendor_data / "specs" / platform.name, seen):
                likewise = broken(contract, seen)
                for words, violation in broken(contract, made).items():
                    reasons = explaining(id, violation)
                    used |= reasons
                    if words not in likewise and not reasons:
                        unexplained.setdefault(id, set()).add(words)
        return unexplained, used

    return differ


@pytest.mark.parametrize("platform", PLATFORMS, ids=named)
def test_the_sandbox_keeps_the_vendors_description(platform: Platform, differences: Differences) -> None:
    """Each answer fits the vendor's own description, unless real answers differ likewise, or the evidence is listed."""
    unexplained, _ = differences(platform.name)
    assert unexplained == {}


def test_every_correction_is_needed(differences: Differences) -> None:
    """A correction, or a pattern in it, that no answer needs any more is taken out of the table."""
    used = set().union(*(differences(platform.name)[1] for platform in PLATFORMS))
    of_vendors = [row for row in table() if not of_sandbox(row)]
    assert [pattern for row in of_vendors for pattern in row.patterns if pattern not in used] == []


def test_every_correction_of_what_a_sandbox_showed_is_needed() -> None:
    """One that is never empty shows no null: an empty one has it at every place that the row names."""
    for row in filter(of_sandbox, table()):
        for id in row.said["endpoints"]:
            one = target(id)
            empty = Sandbox([one.platform], rows=0)
            with Client(one.platform, empty.credentials(one.platform.name), transport=empty.transport()) as client:
                (answer,) = client.responses(one.endpoint.name)
            for place in row.said["at"]:
                assert dig({"body": answer.json()}, place.strip("/").replace("/", "."), "absent") is None


def of_sandbox(row: Row) -> bool:
    """Whether a correction is of contracts that no vendor has described."""
    known = (reference("contracts") / f"{id}.schema.json" for id in row.said["endpoints"] if "*" not in id)
    return any(path.is_file() and Contract.load(path).evidence.source == "sandbox" for path in known)


def test_every_correction_has_its_evidence() -> None:
    """Each says what it changes, in one way, and how that is known."""
    for row in table():
        assert len(row.said.keys() & {"types", "values", "optional"}) == 1
        assert len(row.said["evidence"]) > 20
        assert row.said.keys() <= {"endpoints", "at", "types", "values", "optional", "evidence"}
