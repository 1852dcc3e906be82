"""Laws that every view keeps, whatever the rows hold."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bi_contracts.gateway import models
from bi_contracts.gateway.section import Section, Sections
from bi_contracts.gateway.views import (
    analysis,
    calls,
    conversations,
    deals,
    glance,
    leads,
    looker,
    optimisation,
    people,
    signals,
    work,
)
from bi_contracts.reading import Reader

from ..worlds import sandbox, upstream

IDS = (*glance.DASHBOARD, leads.SALESFORCE, analysis.TRANSCRIPTS, looker.RUN)
View = Callable[[Sections], models.Answer]
VIEWS: Mapping[str, View] = {
    "contacts": lambda found: people.contacts(found, q="a"),
    "pipeline": deals.pipeline,
    "recent": lambda found: calls.recent(found, days=365, known=people.by_email(people.all_contacts(found))),
    "overview": work.overview,
    "looks": looker.looks,
    "dashboards": looker.dashboards,
    "run": lambda found: looker.run({looker.RUN: found[looker.RUN]}, "1"),
    "signals": lambda found: signals.signals(found, stalled_days=1),
    "leads": leads.leads,
    "dashboard": glance.dashboard,
    "analytics": glance.analytics,
    "analysis": lambda found: analysis.analysis(found, _call(found)) or analysis.nothing(found),
    "optimisation": lambda found: optimisation.optimisation(found, _project(found)) or optimisation.nothing(found),
}
every_view = pytest.mark.parametrize("name", VIEWS)
junk = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats() | st.text(max_size=5)
    | st.sampled_from(["2026-13-45", "\ud800", "", "0001-01-01T00:00:00+10:00"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)  # fmt: skip


@cache
def good() -> dict[str, Section]:
    """Sections as the sandbox gives them."""

    async def ask() -> dict[str, Section]:
        async with Reader(upstream(sandbox(rows=6))) as reader:
            found = {id: await reader.read(id) for id in IDS}
        return {
            id: Section(id, "sandbox", one.records, str(one.source), one.at, 0.0, one.complete)
            for id, one in found.items()
        }

    return asyncio.run(ask())


def fresh(source: Any = "sandbox") -> dict[str, Section]:
    """The same sections, with nothing derived from them yet."""
    return {id: Section(id, source, one.rows, "sandbox", one.at, complete=True) for id, one in good().items()}


def spoilt(value: Any, data: st.DataObject) -> Any:
    """A JSON value with junk in some place of it."""
    if isinstance(value, dict) and value and data.draw(st.integers(0, 3), label="deeper"):
        name = data.draw(st.sampled_from(sorted(value)), label="name")
        return {**value, name: spoilt(value[name], data)}
    if isinstance(value, list) and value and data.draw(st.integers(0, 3), label="deeper"):
        return [spoilt(value[0], data), *value[1:]]
    return data.draw(junk, label="junk")


@every_view
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_no_row_breaks_a_view(name: str, data: st.DataObject) -> None:
    """Junk in any place of any row is not known, and everything else is told all the same."""
    found = fresh()
    for id in data.draw(st.lists(st.sampled_from(IDS), min_size=1, max_size=3, unique=True), label="ids"):
        rows = tuple(spoilt(row, data) for row in found[id].rows)
        found[id] = Section(id, "sandbox", rows, "sandbox", found[id].at, complete=True)
    answer = VIEWS[name](found)
    assert models.written(answer).encode()
    assert not answer.degraded


@every_view
def test_a_view_of_nothing_says_so(name: str) -> None:
    """Where nobody answered it is not usable, has no time, and counts nothing."""
    answer = VIEWS[name]({id: Section(id, "unavailable", error="down") for id in IDS})
    assert (answer.degraded, answer.at, models.status_of(answer)) == (True, None, 503)


@every_view
def test_a_view_of_mock_rows_is_no_success(name: str) -> None:
    """They are told, marked, and the answer is not good."""
    answer = VIEWS[name](fresh("mock"))
    assert (answer.degraded, models.status_of(answer)) == (True, 503)


@every_view
def test_a_view_of_stale_rows_is_usable_and_degraded(name: str) -> None:
    """200 by the documented rule."""
    answer = VIEWS[name](fresh("stale"))
    assert (answer.degraded, models.status_of(answer)) == (True, 200)


def test_every_conversation_is_counted_once() -> None:
    """Who waits is open."""
    totals = conversations.conversation_totals(good())
    assert totals.waiting <= totals.open <= totals.total == 6


def _call(found: Sections) -> str:
    return next((one.id for one in calls.all_calls(found)), "1")


def _project(found: Sections) -> str:
    return next((one.id for one in work.all_projects(found) if one.work), "1")
