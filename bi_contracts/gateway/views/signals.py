"""What somebody should look at, derived from rows by fixed rules. Each signal names the rows it was derived from.

* `deal-stalled`: an open deal that nobody has changed for `stalled_days`.
* `deal-overdue`: an open deal whose closing date is over.
* `task-overdue`: an open task or issue whose due date is over.
* `call-without-follow-up`: a call with somebody from outside that ended more than a day ago, after which there was no
  later call with any of them, and none of their contacts in the CRM was changed.
* `conversation-unanswered`: an open conversation whose customer has waited for more than four hours.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from ..models import Call, Contact, Signal, Signals, told
from ..models.insights import SignalKind
from ..models.projects import Severity
from ..section import Sections, any_usable
from . import calls, conversations, deals, people, work
from .values import end_of

SIGNALS = (
    deals.HUBSPOT,
    deals.PIPELINES,
    deals.SALESFORCE,
    work.TASKS,
    work.ISSUES,
    calls.CALLS,
    people.HUBSPOT,
    conversations.CONVERSATIONS,
)
FOLLOW_UP = timedelta(days=1)
FOLLOW_UP_WINDOW = timedelta(days=30)
PATIENCE = timedelta(hours=4)
RANKS: tuple[Severity, ...] = ("critical", "warning", "info")


def signals(sections: Sections, *, limit: int = 100, kind: SignalKind | None = None, stalled_days: int = 14) -> Signals:
    """Signals, worst first, then oldest first."""
    found = [one for one in all_signals(sections, stalled_days) if kind in (None, one.kind)]
    degraded, at, states = told(sections)
    return Signals(
        degraded=degraded,
        at=at,
        sections=states,
        total=len(found),
        by_kind=dict(Counter(one.kind for one in found)),
        signals=found[:limit],
    )


def all_signals(sections: Sections, stalled_days: int = 14) -> list[Signal]:
    """Every signal. Where nobody answered there is no now, and nothing to say."""
    now = work.clock(sections)
    if now == work.EARLIEST:
        return []
    found = [
        *_deals(sections, now, timedelta(days=stalled_days)),
        *_tasks(sections, now),
        *_calls(sections, now),
        *_conversations(sections, now),
    ]
    return sorted(found, key=lambda one: (RANKS.index(one.severity), one.since, one.id))


def _deals(sections: Sections, now: datetime, patience: timedelta) -> Iterator[Signal]:
    for deal in deals.all_deals(sections):
        if deal.closed:
            continue
        where, name = deals.evidence(deal), deal.name or deal.id
        if deal.close_date is not None and end_of(deal.close_date) < now:
            reason = f"was to close on {deal.close_date.isoformat()} and is still open"
            yield _signal("deal-overdue", "critical", name, reason, end_of(deal.close_date), now, [where])
        if deal.updated_at is not None and now - deal.updated_at >= patience:
            reason = f"nobody has changed it for {(now - deal.updated_at).days} days"
            yield _signal("deal-stalled", "warning", name, reason, deal.updated_at, now, [where])


def _tasks(sections: Sections, now: datetime) -> Iterator[Signal]:
    for task in work.all_tasks(sections):
        late = task.late_from
        if late is None or not task.overdue(now):
            continue
        severity: Severity = "warning" if now - late > timedelta(days=7) else "info"
        reason = f"was due on {late.date().isoformat()}{'' if task.assignee_id else ' and nobody has it'}"
        yield _signal("task-overdue", severity, task.name or task.id, reason, late, now, [task.evidence])


def _calls(sections: Sections, now: datetime) -> Iterator[Signal]:
    """Without the CRM nobody can say that there was no follow-up."""
    if not any_usable(sections, people.HUBSPOT):
        return
    found = calls.all_calls(sections)
    known = people.by_email(people.all_contacts(sections))
    last = {mail: call.started for call in reversed(found) for mail in _outsiders(call)}
    for call in found:
        ended = _ended(call)
        if ended is None or not calls.external(call) or not FOLLOW_UP < now - ended < FOLLOW_UP_WINDOW:
            continue
        mails = _outsiders(call)
        again = any((moment := last.get(mail)) is not None and moment > ended for mail in mails)
        contacts = [contact for mail in mails for contact in known.get(mail, ())]
        if not again and not _touched(contacts, ended):
            where = [calls.evidence(call), *sorted(people.evidence(one) for one in contacts)]
            reason = f"no later call, and no change in the CRM, since it ended on {ended.date().isoformat()}"
            yield _signal("call-without-follow-up", "warning", call.title or call.id, reason, ended, now, where)


def _conversations(sections: Sections, now: datetime) -> Iterator[Signal]:
    for one in conversations.all_conversations(sections):
        since = one.waiting_since
        snoozed = one.snoozed_until is not None and one.snoozed_until > now
        if not one.waiting or since is None or snoozed or now - since < PATIENCE:
            continue
        severity: Severity = "critical" if one.priority or now - since > timedelta(days=1) else "warning"
        reason = f"the customer has waited since {since.isoformat(timespec='minutes')}"
        yield _signal(
            "conversation-unanswered", severity, one.title or one.id, reason, since, now, [conversations.evidence(one)]
        )


def _signal(
    kind: SignalKind, severity: Severity, title: str, reason: str, since: datetime, now: datetime, where: list[str]
) -> Signal:
    return Signal(
        id=f"{kind}:{where[0]}",
        kind=kind,
        severity=severity,
        title=title,
        reason=reason,
        since=since,
        hours=round(max(0.0, (now - since).total_seconds() / 3600), 1),
        evidence=where,
    )


def _ended(call: Call) -> datetime | None:
    return None if call.started is None else call.started + timedelta(seconds=call.duration or 0.0)


def _outsiders(call: Call) -> frozenset[str]:
    """The e-mail addresses of those from outside."""
    return frozenset(
        party.email.casefold() for party in call.parties if party.email and party.affiliation == "External"
    )


def _touched(contacts: Sequence[Contact], since: datetime) -> bool:
    return any(one.updated_at is not None and one.updated_at > since for one in contacts)
