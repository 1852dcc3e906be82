"""Everything at a glance, and in aggregates."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ..models import Analytics, Dashboard, ProjectTotals, told
from ..section import Sections, any_usable
from . import calls, conversations, deals, looker, people, signals, work

DASHBOARD = tuple(
    dict.fromkeys(
        (
            *people.CONTACTS,
            *deals.DEALS,
            calls.CALLS,
            *work.PROJECTS,
            conversations.CONVERSATIONS,
            looker.LOOKS,
            looker.DASHBOARDS,
        )
    )
)
ANALYTICS = tuple(id for id in DASHBOARD if id not in (looker.LOOKS, looker.DASHBOARDS))
DEALS = (deals.HUBSPOT, deals.SALESFORCE)
SHOWN = 10

Part = TypeVar("Part")


def dashboard(sections: Sections, *, days: int = 7) -> Dashboard:
    """Figures of every subject, and the signals that matter most."""
    degraded, at, states = told(sections)
    found = signals.all_signals(sections)
    in_time = calls.since(calls.all_calls(sections), sections, days)
    return Dashboard(
        degraded=degraded,
        at=at,
        sections=states,
        contacts=_known(sections, people.CONTACTS, lambda: people.contact_totals(sections)),
        pipeline=_known(sections, DEALS, lambda: deals.totals(deals.all_deals(sections))),
        calls=_known(sections, (calls.CALLS,), lambda: calls.call_totals(in_time, days)),
        projects=_known(sections, work.PROJECTS, lambda: _projects(sections)),
        conversations=_known(
            sections, (conversations.CONVERSATIONS,), lambda: conversations.conversation_totals(sections)
        ),
        looker=_known(sections, (looker.LOOKS, looker.DASHBOARDS), lambda: looker.looker_totals(sections)),
        signals=found[:SHOWN],
        signals_total=len(found),
    )


def analytics(sections: Sections, *, days: int = 30) -> Analytics:
    """Aggregates over what was read; calls are those of the last days."""
    degraded, at, states = told(sections)
    in_time = calls.since(calls.all_calls(sections), sections, days)
    found = deals.all_deals(sections)
    projects = _known(sections, work.PROJECTS, lambda: _projects(sections))
    return Analytics(
        degraded=degraded,
        at=at,
        sections=states,
        days=days,
        contacts=_known(sections, people.CONTACTS, lambda: people.contact_totals(sections)),
        pipeline=_known(sections, DEALS, lambda: deals.totals(found)),
        average_deal=_known(sections, DEALS, lambda: deals.averages(found)),
        calls=_known(sections, (calls.CALLS,), lambda: calls.call_totals(in_time, days)),
        calls_by_day=calls.by_day(in_time),
        projects=projects,
        completion_rate=None if projects is None else work.completion(projects),
        conversations=_known(
            sections, (conversations.CONVERSATIONS,), lambda: conversations.conversation_totals(sections)
        ),
    )


def _projects(sections: Sections) -> list[ProjectTotals]:
    return work.totals(work.all_projects(sections), work.all_tasks(sections), sections)


def _known(sections: Sections, ids: tuple[str, ...], part: Callable[[], Part]) -> Part | None:
    """A part, None where nothing is known of any of its sections."""
    return part() if any_usable(sections, *ids) else None
