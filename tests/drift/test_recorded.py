"""Drift between real recordings of an API, years apart."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from bi_contracts.contract import Contract
from bi_contracts.drift import compare
from bi_contracts.interaction import Envelope

Groups = dict[str, list[Envelope]]


def recorded(folder: Path, source: str) -> Groups:
    """The responses of one source by method and templated path."""
    yaml = pytest.importorskip("yaml")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    groups: Groups = defaultdict(list)
    documents: dict[str, Any] = {}
    for line in (folder / "recorded" / "INDEX.jsonl").read_text().splitlines():
        row = json.loads(line)
        if (row["platform"], row["source"]) == ("notion", source):
            name = row["file"]
            if name not in documents:
                documents[name] = yaml.load((folder / "recorded" / name).read_text(), loader)
            response = documents[name]["interactions"][row["i"]]["response"]
            groups[f"{row['method']} {row['template']}"].append(envelope(response))
    return groups


def envelope(response: Any) -> Envelope:
    """A vcrpy response, in its present form or in the older one of httpx."""
    body = response["content"] if "content" in response else response["body"]["string"]
    status = response["status_code"] if "content" in response else response["status"]["code"]
    headers = {name.lower(): ", ".join(values) for name, values in response["headers"].items()}
    try:
        return {"status": status, "headers": headers, "body": json.loads(body) if body else None}
    except ValueError:
        return {"status": status, "headers": headers, "body": str(body)}


@pytest.fixture(scope="module")
def notion(vendor_data: Path) -> tuple[Groups, Groups]:
    """Notion in 2023 and in 2026."""
    return recorded(vendor_data, "notion-sdk-py-history/2023-12-25"), recorded(vendor_data, "notion-sdk-py")


def told(notion: tuple[Groups, Groups], endpoint: str) -> set[tuple[str, str]]:
    """Severity and path of what changed at one endpoint."""
    old, new = notion
    report = compare(Contract.infer(endpoint, old[endpoint]), new[endpoint])
    return {(change.severity.value, change.path) for change in report.changes}


def test_search_found_pages_or_databases_and_now_data_sources(notion: tuple[Groups, Groups]) -> None:
    """`page_or_database` became `page_or_data_source`, as the value and as the key."""
    assert told(notion, "POST /v1/search") == {
        ("breaking", "/body/page_or_database"),
        ("breaking", "/body/type"),
        ("info", "/body/page_or_data_source"),
        ("info", "/body/results/*/in_trash"),
        ("info", "/body/results/*/is_archived"),
        ("info", "/body/results/*/is_locked"),
    }


def test_databases_lost_their_properties_to_data_sources(notion: tuple[Groups, Groups]) -> None:
    """`properties` is gone and `data_sources` is new."""
    assert told(notion, "GET /v1/databases/{id}") == {
        ("breaking", "/body/properties"),
        ("breaking", "/body/created_by"),
        ("breaking", "/body/last_edited_by"),
        ("info", "/body/data_sources"),
        ("info", "/body/in_trash"),
        ("info", "/body/is_locked"),
    }


def test_no_property_that_somebody_named_is_ever_told(notion: tuple[Groups, Groups]) -> None:
    """Below `properties` paths go through `*`, at every endpoint."""
    old, new = notion
    paths = {path for endpoint in old if endpoint in new for _, path in told(notion, endpoint)}
    assert [path for path in paths if "/properties/" in path and "/properties/*" not in path] == []
    assert "/body/results/*/in_trash" in paths


@pytest.mark.parametrize("year", [0, 1], ids=["2023", "2026"])
def test_a_recording_does_not_drift_from_itself(notion: tuple[Groups, Groups], year: int) -> None:
    """Nor does any half of it, and all of it keeps its contract."""
    for endpoint, samples in notion[year].items():
        contract = Contract.infer(endpoint, samples)
        assert compare(contract, samples).changes == ()
        assert compare(contract, samples[::2]).changes == ()
        assert [violation for sample in samples for violation in contract.violations(sample)] == []


@pytest.mark.parametrize("year", [0, 1], ids=["2023", "2026"])
def test_one_half_of_a_recording_does_not_break_the_other(notion: tuple[Groups, Groups], year: int) -> None:
    """Held out responses of the same time are no breaking change."""
    for endpoint, samples in notion[year].items():
        if len(samples) > 7:
            assert compare(Contract.infer(endpoint, samples[::2]), samples[1::2]).breaking == ()
