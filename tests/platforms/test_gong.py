"""Gong's declaration against answers that others recorded, and how its pages end."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bi_contracts.dialects import ErrorKind
from bi_contracts.paths import Json
from bi_contracts.platforms.gong import PLATFORM


def fields(name: str, rows: int) -> dict[str, Json]:
    """What stands beside the first page of so many rows."""
    endpoint = PLATFORM.endpoint(name)
    return dict(endpoint.paginator.serve(PLATFORM.request(endpoint, {}), list(range(rows)), {}).fields)


def test_the_last_page_has_no_cursor() -> None:
    """Not null, not empty: nothing at all."""
    assert fields("users", 3) == {
        "records.totalRecords": 3,
        "records.currentPageSize": 3,
        "records.currentPageNumber": 0,
    }


@pytest.mark.parametrize("name", ["users", "calls_extensive"])
def test_a_cursor_looks_like_a_web_token(name: str) -> None:
    """Three parts with dots between them, as Gong's own: redaction takes it for a credential and keeps it apart."""
    found = fields(name, 101)
    assert found["records.cursor"].startswith("eyJ")
    assert found["records.cursor"].count(".") == 2


def failures(folder: Path) -> Iterator[tuple[str, httpx.Response]]:
    """Every recorded answer that is no success, with its path."""
    for path in sorted((folder / "recorded" / "gong").rglob("*.test.json")):
        for paths in json.loads(path.read_text(encoding="utf-8"))["api"].values():
            for where, answers in paths.items():
                for one in answers if isinstance(answers, list) else [answers]:
                    if one.get("status", 200) >= 400:
                        yield where, httpx.Response(one["status"], json=one["response"])


def test_the_recorded_failures_are_understood(vendor_data: Path) -> None:
    """401 is a missing scope wherever it was recorded; every error has words and an id."""
    kinds = Counter()
    for _, response in failures(vendor_data):
        problem = PLATFORM.errors.recognise(response)
        assert problem is not None
        assert problem.message == response.json()["errors"][0]
        kinds[problem.status, problem.kind] += 1
    assert kinds[401, ErrorKind.FORBIDDEN] >= 4
    assert kinds[401, ErrorKind.UNAUTHORIZED] == 0
    assert kinds[404, ErrorKind.NOT_FOUND] >= 3
    assert kinds[500, ErrorKind.SERVER_ERROR] == 1


def test_the_recorded_404_of_no_calls_is_an_empty_answer(vendor_data: Path) -> None:
    """The declared words are those that were recorded, so that a client takes them for an empty list."""
    [recorded] = [response for where, response in failures(vendor_data) if where.endswith("/calls/transcript")]
    problem = PLATFORM.errors.recognise(recorded)
    assert problem is not None
    for name in ("calls", "calls_extensive", "transcripts"):
        assert PLATFORM.endpoint(name).says_empty(problem)


@pytest.mark.parametrize(("kind", "status"), [(ErrorKind.UNAUTHORIZED, 401), (ErrorKind.FORBIDDEN, 401)])
def test_a_wrong_key_and_a_missing_scope_share_a_status(kind: ErrorKind, status: int) -> None:
    """Only the words tell them apart."""
    assert PLATFORM.errors.shapes[kind].status == status


def test_a_day_has_a_limit_of_its_own() -> None:
    """Three requests a second, and ten thousand a day."""
    assert [(quota.limit, quota.window) for quota in PLATFORM.limits.all_for("users")] == [(3, 1.0), (10_000, 86_400.0)]
