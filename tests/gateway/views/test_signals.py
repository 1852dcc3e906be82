"""Each rule of the signals, by rows made for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bi_contracts.gateway.models import Signal
from bi_contracts.gateway.section import Section
from bi_contracts.gateway.views import calls, conversations, deals, people, signals, work

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


def ago(**how_long: float) -> str:
    return (NOW - timedelta(**how_long)).isoformat()


def found(id: str, *rows: Any, beside: dict[str, tuple[Any, ...]] | None = None) -> list[Signal]:
    """The signals of some rows."""
    given = {id: rows, **(beside or {})}
    sections = {name: Section(name, "live", tuple(each), at=NOW.timestamp()) for name, each in given.items()}
    return signals.all_signals(sections)


def deal(**properties: Any) -> dict[str, Any]:
    return {"id": "1", "updatedAt": ago(days=1), "properties": {"dealname": "A", **properties}}


def test_an_open_deal_that_nobody_changed_is_stalled() -> None:
    """From fourteen days on, and not a day before."""
    quiet, busy = ({**deal(), "id": str(days), "updatedAt": ago(days=days)} for days in (14, 13.9))
    (one,) = found(deals.HUBSPOT, quiet, busy)
    assert (one.kind, one.evidence, one.hours) == ("deal-stalled", ["hubspot/deals/14"], 336.0)


def test_an_open_deal_whose_closing_date_is_over_is_overdue() -> None:
    """On the day itself it is not."""
    assert [one.kind for one in found(deals.HUBSPOT, deal(closedate="2026-03-09T00:00:00Z"))] == ["deal-overdue"]
    assert found(deals.HUBSPOT, deal(closedate="2026-03-10T00:00:00Z")) == []


def test_a_closed_deal_gives_no_signal() -> None:
    """Whether it was won or lost."""
    lost = {"Id": "9", "IsClosed": True, "CloseDate": "2026-01-01", "LastModifiedDate": ago(days=90)}
    assert found(deals.SALESFORCE, lost) == []


@pytest.mark.parametrize(("due", "severity"), [("2026-03-01", "warning"), ("2026-03-09", "info")])
def test_an_open_task_whose_day_is_over_is_overdue(due: str, severity: str) -> None:
    """For more than a week it is a warning; that nobody has it is told."""
    (one,) = found(work.TASKS, {"gid": "7", "name": "T", "due_on": due, "assignee": None})
    assert (one.severity, one.evidence) == (severity, ["asana/tasks/7"])
    assert one.reason.endswith("nobody has it")


def test_a_task_with_an_hour_is_late_from_then_on() -> None:
    """Not only when its day is over."""
    late, soon = ({"gid": str(n), "due_on": "2026-03-10", "due_at": ago(hours=n)} for n in (1, -1))
    assert [one.evidence for one in found(work.TASKS, late, soon)] == [["asana/tasks/1"]]


@pytest.mark.parametrize(
    "done", [{"completedAt": ago(days=1)}, {"canceledAt": ago(days=1)}, {"state": {"type": "completed"}}]
)
def test_an_issue_that_ended_is_not_overdue(done: dict[str, Any]) -> None:
    """In whichever way."""
    issue = {"id": "i", "title": "I", "dueDate": "2026-03-01"}
    assert len(found(work.ISSUES, issue)) == 1
    assert found(work.ISSUES, {**issue, **done}) == []


def call(id: str, mail: str = "eve@customer.example", side: str = "External", **when: float) -> dict[str, Any]:
    return {
        "metaData": {"id": id, "title": id, "started": ago(**when), "duration": 60},
        "parties": [{"emailAddress": mail, "affiliation": side}],
    }


def contact(changed: str, mail: str = "Eve@customer.example") -> dict[str, Any]:
    return {"id": "5", "updatedAt": changed, "properties": {"email": mail}}


def without_follow_up(*rows: Any, contacts: tuple[Any, ...] = ()) -> list[list[str]]:
    return [one.evidence for one in found(calls.CALLS, *rows, beside={people.HUBSPOT: contacts})]


def test_a_call_after_which_nothing_happened_lacks_a_follow_up() -> None:
    """No later call with any of them, and no change of their contact."""
    assert without_follow_up(call("a", days=2)) == [["gong/calls/a"]]
    assert without_follow_up(call("a", days=2), contacts=(contact(ago(days=3)),)) == [
        ["gong/calls/a", "hubspot/contacts/5"]
    ]


def test_a_later_call_or_a_change_in_the_crm_is_a_follow_up() -> None:
    """Addresses are the same whatever their case."""
    assert without_follow_up(call("a", days=3), call("b", mail="EVE@customer.example", hours=5)) == []
    assert without_follow_up(call("a", days=2), contacts=(contact(ago(days=1)),)) == []


@pytest.mark.parametrize("one", [call("a", hours=20), call("a", days=40), call("a", side="Internal", days=2)])
def test_calls_of_today_of_long_ago_and_among_ourselves_need_none(one: dict[str, Any]) -> None:
    """Nobody is asked to follow up within a day, or after a month."""
    assert without_follow_up(one) == []


def test_without_the_crm_nobody_says_that_there_was_no_follow_up() -> None:
    """What is not known is not told."""
    assert found(calls.CALLS, call("a", days=2)) == []


def conversation(**fields: Any) -> dict[str, Any]:
    since = (NOW - timedelta(hours=6)).timestamp()
    return {"id": "c", "title": "C", "open": True, "waiting_since": since, "priority": "not_priority", **fields}


@pytest.mark.parametrize(
    ("fields", "severity"),
    [
        ({}, "warning"),
        ({"priority": "priority"}, "critical"),
        ({"waiting_since": (NOW - timedelta(days=2)).timestamp()}, "critical"),
    ],
)
def test_a_customer_who_waits_is_told_of(fields: dict[str, Any], severity: str) -> None:
    """From four hours on; with priority, or after a day, it is critical."""
    (one,) = found(conversations.CONVERSATIONS, conversation(**fields))
    assert (one.kind, one.severity, one.evidence) == ("conversation-unanswered", severity, ["intercom/conversations/c"])


@pytest.mark.parametrize(
    "fields",
    [
        {"open": False},
        {"waiting_since": None},
        {"waiting_since": (NOW - timedelta(hours=3)).timestamp()},
        {"snoozed_until": (NOW + timedelta(hours=1)).timestamp()},
    ],
)
def test_nobody_waits_in_a_conversation_that_is_closed_answered_new_or_snoozed(fields: dict[str, Any]) -> None:
    """These give no signal."""
    assert found(conversations.CONVERSATIONS, conversation(**fields)) == []


def test_the_worst_comes_first_and_then_the_oldest() -> None:
    """So that a short list holds what matters."""
    late = [{"gid": str(n), "due_on": f"2026-03-0{n}"} for n in (2, 1, 9)]
    told = found(work.TASKS, *late, beside={conversations.CONVERSATIONS: (conversation(priority="priority"),)})
    assert [one.evidence[0].rpartition("/")[2] for one in told] == ["c", "1", "2", "9"]
