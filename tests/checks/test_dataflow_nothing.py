"""Answers of nothing, answers that are not what they say, and histories that were brought along."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bi_contracts.checks.dataflow import (
    NO_ROWS,
    Sample,
    Table,
    examine,
    judge,
    list_emptied,
    newest,
    not_json,
    out_of_order,
    promised_rows,
)
from bi_contracts.checks.dataflow.references import Reference
from bi_contracts.interaction import Source

from .rows import CONTACTS, DAY, NOW, answer, contract, iso, row

CONTRACT = contract()


def empty(**more: Any) -> Sample:
    """A list without rows."""
    return Sample("acme/contacts", CONTACTS, Table([]), NOW, [answer([])], **more)


@pytest.mark.parametrize(
    ("more", "severity"),
    [
        ({}, None),
        ({"before": 120}, "warning"),
        ({"before": 120, "own": True}, "breaking"),
        ({"before": 4, "own": True}, "warning"),
        ({"contract": CONTRACT, "source": Source.SANDBOX, "own": True}, "breaking"),
        ({"contract": CONTRACT, "source": Source.LIVE, "own": True}, None),
        ({"contract": CONTRACT, "source": Source.LIVE, "own": True, "before": 5}, "breaking"),
    ],
)
def test_a_list_that_had_rows_and_has_none_is_a_finding(more: dict[str, Any], severity: str | None) -> None:
    """Breaking by the workspace's own evidence of five rows and more, a warning by other; of the same source only."""
    found = examine(empty(**more))
    assert [one.severity for one in found.findings if one.rule == "list-emptied"] == ([severity] if severity else [])
    assert NO_ROWS in found.skipped


def test_a_list_under_one_parent_may_be_empty() -> None:
    """Another parent had the rows: a warning at most. What is no list says nothing."""
    child = replace(CONTACTS, path="/companies/{company}/contacts", parents={"company": "companies"})
    (found,) = examine(replace(empty(before=50, own=True), endpoint=child)).findings
    assert (found.rule, found.severity) == ("list-emptied", "warning")
    item = replace(CONTACTS, kind="item")
    assert examine(replace(empty(before=50), endpoint=item)).findings == ()
    assert promised_rows(CONTRACT, item) == 0
    assert promised_rows(CONTRACT, CONTACTS) == 40
    assert list_emptied(0) == []


@pytest.mark.parametrize(
    ("kind", "bad"),
    [
        ("application/json; charset=utf-8", False),
        ("application/vnd.api+json", False),
        ("APPLICATION/JSON", False),
        ("text/plain", True),
        ("text/html; charset=utf-8", True),
        ("application/jsonlines", True),
        (None, False),
    ],
)
def test_another_content_type_than_jsons_is_a_warning(kind: str | None, bad: bool) -> None:
    """Of every platform alike, contract or not; what was not recorded says nothing."""
    given = answer([row(0)]) | {"headers": {} if kind is None else {"content-type": kind}}
    found = not_json([given])
    assert [(one.rule, one.severity) for one in found] == ([("content-type", "warning")] if bad else [])


def test_a_content_type_is_told_once() -> None:
    """Where the contract says it already, that is enough."""
    wrong: Any = answer([row(0)]) | {"headers": {"content-type": "text/plain"}}
    bare = Sample("acme/contacts", CONTACTS, Table([row(0)]), NOW, [wrong])
    for sample in (bare, replace(bare, contract=CONTRACT)):
        found = [one for one in examine(sample).findings if one.path == "/headers/content-type"]
        assert len(found) == 1


def test_what_was_done_in_another_system_before_it_was_made_here_is_a_warning() -> None:
    """Imported histories: a live account may hold them. Changed before it was made is breaking all the same."""
    rows = Table([{"id": "1", "createdAt": iso(NOW - DAY), "closedAt": iso(NOW - 9 * DAY)}])
    assert [one.severity for one in out_of_order(rows)] == ["breaking"]
    assert [one.severity for one in out_of_order(rows, moved_in=True)] == ["warning"]
    live = Sample("acme/contacts", CONTACTS, rows, NOW, source=Source.LIVE)
    assert [one.severity for one in examine(live).findings] == ["warning"]
    changed = Table([{"id": "1", "createdAt": iso(NOW - DAY), "updatedAt": iso(NOW - 9 * DAY)}])
    assert [one.severity for one in out_of_order(changed, moved_in=True)] == ["breaking"]


def test_the_newest_moment_has_happened() -> None:
    """What lies ahead makes no row newer, so that no age is negative."""
    rows = Table([{"createdAt": iso(NOW - DAY)}, {"createdAt": iso(NOW + 900 * DAY)}])
    assert newest(rows, until=NOW) == NOW - DAY
    assert examine(Sample("acme/contacts", CONTACTS, rows, NOW)).newest == NOW - DAY
    assert examine(Sample("acme/contacts", CONTACTS, Table([rows.rows[1]]), NOW)).newest is None


def test_what_is_apart_says_its_reason() -> None:
    """Nothing is dangling where the target is of another place or time; what is kept is kept."""
    owner = Reference("acme/contacts:owner.id", ("acme/owners:id",))
    contacts, owners = Table([row(0)]), Table([{"id": "owner-9"}])
    apart = {"acme/owners": "recorded elsewhere"}
    read = {"acme/contacts": contacts, "acme/owners": owners}
    assert judge(owner, read, read, apart=apart).unknown == "recorded elsewhere"
    assert judge(owner, {"acme/contacts": contacts}, [], apart=apart).unknown == "recorded elsewhere"
    kept = judge(owner, read | {"acme/owners": Table([{"id": "owner-0"}])}, read, apart=apart)
    assert (kept.unknown, kept.kept) == ("", 1)
