"""Rows of a small CRM in which nothing is wrong, and ways to spoil them."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from bi_contracts.contract import Contract
from bi_contracts.interaction import Envelope, Source
from bi_contracts.platform import Endpoint, Platform

NOW = 1_768_125_600.0
DAY = 86_400.0

Row = dict[str, Any]
Rows = list[Row]

CONTACTS = Endpoint("contacts", "/contacts", records="items")


def iso(at: float) -> str:
    """A moment as most platforms write it."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def row(number: int, made: float = 5 * DAY, changed: float = 4 * DAY) -> Row:
    """One contact; the moments are ages in seconds."""
    return {
        "id": f"contact-{number}",
        "email": f"person.{number}@works.example",
        "createdAt": iso(NOW - made),
        "updatedAt": iso(NOW - changed),
        "owner": {"id": f"owner-{number % 3}"},
        "amount": 100 + number,
        "tags": [{"id": f"tag-{number % 2}", "appliedAt": iso(NOW - changed)}],
    }


def owners() -> Rows:
    """Those whom contacts refer to."""
    return [{"id": f"owner-{number}"} for number in range(3)]


@st.composite
def clean(draw: st.DrawFn, least: int = 1, most: int = 30) -> Rows:
    """Rows in which nothing is wrong."""
    ages = st.floats(2 * DAY, 25 * DAY)
    pairs = draw(st.lists(st.tuples(ages, ages), min_size=least, max_size=most))
    return [row(number, max(pair), min(pair)) for number, pair in enumerate(pairs)]


def answer(rows: Rows) -> Envelope:
    """Rows in the envelope that they come in."""
    return {"status": 200, "headers": {"content-type": "application/json"}, "body": {"items": rows}}


def contract() -> Contract:
    """What clean rows promise."""
    return Contract.infer("acme/contacts", [answer([row(number) for number in range(40)])], source=Source.SANDBOX)


def spoiled(rows: Rows, at: int, change: Callable[[Row], Any]) -> Rows:
    """A copy with one row changed."""
    copy = deepcopy(rows)
    change(copy[at])
    return copy


def platform(*endpoints: Endpoint) -> Platform:
    """A platform with these endpoints, the rest of it borrowed."""
    from dataclasses import replace

    from bi_contracts.registry import find
    from bi_contracts.workspace import Workspace

    found = find("gong/calls", Workspace.discover())
    assert found is not None
    return replace(found.platform, name="acme", endpoints=endpoints, identity=endpoints[0].name)
