"""The rules that ship: each holds wherever it is asked, and none is vacuous."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from bi_contracts.checks.rulebook import RULEBOOK
from bi_contracts.checks.rules import BusinessRule, evaluate
from bi_contracts.platform import Endpoint
from bi_contracts.reading import Reader, Reading
from bi_contracts.registry import platforms, select
from bi_contracts.sandbox import Sandbox
from bi_contracts.session import Upstream
from bi_contracts.workspace import Workspace

Row = Any
Readings = dict[str, Reading]


def concerned(id: str, endpoint: Endpoint) -> bool:
    """Whether any rule is about it."""
    return endpoint.kind != "write" and any(rule.concerns(id) for rule in RULEBOOK)


async def read(origin: str) -> Readings:
    """Every endpoint that a rule is about, whole."""
    workspace = Workspace.discover()
    small = Sandbox(platforms(workspace), rows=24, enforce_limits=False)
    small.clock.set(small.world.present)
    async with Reader(Upstream(workspace, origin, small)) as reader:
        wanted = [one.id for one in select(["*"], workspace) if concerned(one.id, one.endpoint)]
        return {id: await reader.read(id, max_pages=None) for id in wanted}


@pytest.fixture(scope="module")
def recorded() -> Readings:
    """What the reference recordings hold."""
    return asyncio.run(read("replay"))


@pytest.fixture(scope="module")
def sandbox() -> Readings:
    """What a sandbox answers."""
    return asyncio.run(read("sandbox"))


def broken(readings: Readings) -> list[tuple[str, str]]:
    """Every endpoint and rule that is broken, or without a value, somewhere."""
    return [
        (id, verdict.rule.id)
        for id, one in readings.items()
        for verdict in evaluate([rule for rule in RULEBOOK if rule.concerns(id)], one.records, one.at)
        if verdict.broken or verdict.unknown
    ]


def test_every_rule_holds_on_the_reference_recordings(recorded: Readings) -> None:
    """And has a value on every row."""
    assert broken(recorded) == []


def test_every_rule_holds_on_the_sandbox(sandbox: Readings) -> None:
    """And has a value on every row."""
    assert broken(sandbox) == []


def test_every_rule_is_about_declared_endpoints(recorded: Readings) -> None:
    """Each of its patterns fits at least one that was recorded with rows."""
    for rule in RULEBOOK:
        for pattern in rule.endpoint.split():
            alone = BusinessRule(rule.id, pattern, rule.expression)
            assert any(alone.concerns(id) and one.records for id, one in recorded.items()), (rule.id, pattern)


def test_every_rule_is_explained_and_called_after_its_platform() -> None:
    """No two have the same id; nine platforms have some."""
    assert len({rule.id for rule in RULEBOOK}) == len(RULEBOOK)
    assert len({rule.id.partition("-")[0] for rule in RULEBOOK}) == 9
    assert all(rule.id.partition("-")[0] == rule.endpoint.partition("/")[0] for rule in RULEBOOK)
    assert all(rule.explanation.endswith(".") for rule in RULEBOOK)


def sets(**values: Any) -> Callable[[Row], None]:
    """Puts values into the row."""
    return lambda row: row.update(values)


def properties(**values: Any) -> Callable[[Row], None]:
    """Puts values into HubSpot's `properties`."""
    return lambda row: row["properties"].update(values)


MUTATIONS: dict[str, Callable[[Row], Any]] = {
    "gong-call-has-length": sets(duration=0),
    "gong-call-has-host": sets(primaryUserId=""),
    "gong-external-call-has-outsider": sets(parties=[]),
    "gong-talk-time-within-call": lambda row: row["interaction"]["speakers"][0].update(talkTime=99_999.0),
    "gong-talk-ratio-is-a-share": sets(personInteractionStats=[{"name": "Talk Ratio", "value": 42}]),
    "gong-score-within-scale": lambda row: row["answers"][0].update(score=6),
    "gong-review-after-call": sets(reviewTime="2020-01-01T00:00:00Z"),
    "gong-activity-not-negative": lambda row: row["userAggregateActivityStats"].update(callsAsHost=-1),
    "hubspot-amount-not-negative": properties(amount="-1"),
    "hubspot-probability-is-a-share": properties(hs_deal_stage_probability="40"),
    "hubspot-won-deal-is-closed": properties(hs_is_closed_won="true", hs_is_closed="false"),
    "hubspot-won-deal-is-certain": properties(hs_is_closed_won="true", hs_deal_stage_probability="0.9"),
    "hubspot-contact-email-is-one": properties(email="nobody at home"),
    "hubspot-contact-can-be-reached": properties(email=None, phone=""),
    "hubspot-domain-is-no-url": properties(domain="https://works.example/"),
    "hubspot-employees-not-negative": properties(numberofemployees="-5"),
    "salesforce-amount-not-negative": sets(Amount=-0.01),
    "salesforce-probability-is-a-percentage": sets(Probability=100.5),
    "salesforce-won-is-closed": sets(IsWon=True, IsClosed=False),
    "salesforce-won-is-certain": sets(IsWon=True, Probability=20.0),
    "salesforce-closed-case-has-date": sets(IsClosed=True, ClosedDate=None),
    "salesforce-completed-task-is-closed": sets(Status="Completed", IsClosed=False),
    "salesforce-lead-email-is-one": sets(Email="nobody"),
    "asana-completed-has-date": sets(completed=True, completed_at=None),
    "asana-task-not-its-own-parent": lambda row: row.update(parent={"gid": row["gid"]}),
    "asana-subtasks-counted": sets(num_subtasks=-1),
    "linear-completed-issue-has-date": lambda row: row.update(completedAt=None, state={"type": "completed"}),
    "linear-issue-ends-once": sets(completedAt="2026-01-05T08:00:00Z", canceledAt="2026-01-05T08:00:00Z"),
    "linear-priority-is-known": sets(priority=5),
    "linear-identifier-has-number": sets(number=99_999),
    "linear-progress-is-a-share": sets(progress=44),
    "slack-replies-by-somebody": sets(reply_count=1, reply_users_count=2),
    "slack-reactions-counted": sets(reactions=[{"name": "+1", "count": 1, "users": ["U1", "U2"]}]),
    "slack-user-email-is-one": lambda row: row["profile"].update(email="nobody"),
    "slack-members-counted": sets(num_members=-1),
    "slack-file-has-size": sets(size=0),
    "notion-parent-is-there": lambda row: row.update(parent={"type": "page_id"}),
    "notion-trash-agrees": lambda row: row.update(archived=not row["in_trash"]),
    "notion-user-is-what-it-says": lambda row: row.pop(row["type"]),
    "intercom-contact-email-is-one": sets(email="nobody"),
    "intercom-closed-is-not-open": sets(open=True, state="closed"),
    "intercom-snoozed-says-until-when": sets(state="snoozed", snoozed_until=None),
    "intercom-rating-within-scale": sets(conversation_rating={"rating": 6}),
    "intercom-spend-not-negative": sets(monthly_spend=-1),
    "looker-plan-sends-something": sets(look_id=None, dashboard_id=None, lookml_dashboard_id=None, query_id=None),
    "looker-plan-runs-forward": sets(last_run_at="2026-01-05T08:00:00Z", next_run_at="2026-01-04T08:00:00Z"),
    "looker-user-email-is-one": sets(email="nobody"),
}
"""Rule -> what breaks it, and nothing but it."""


@pytest.mark.parametrize("rule", RULEBOOK, ids=lambda rule: rule.id)
def test_every_rule_is_broken_by_a_row_that_breaks_it(rule: BusinessRule, recorded: Readings) -> None:
    """A recorded row, changed: exactly that one is told, at every endpoint that the rule is about."""
    for id, one in recorded.items():
        if not rule.concerns(id):
            continue
        rows = deepcopy(list(one.records))
        at = next((number for number, row in enumerate(rows) if _fits(rule, row)), None)
        assert at is not None, id
        MUTATIONS[rule.id](rows[at])
        (verdict,) = evaluate([rule], rows, one.at)
        assert (verdict.broken, verdict.unknown) == ((at,), ()), id


def _fits(rule: BusinessRule, row: Row) -> bool:
    """Whether the row has what the mutation changes."""
    changed = deepcopy(row)
    try:
        MUTATIONS[rule.id](changed)
    except (KeyError, IndexError, TypeError):
        return False
    return True
