"""The traffic of a sync: requests, bytes, retries, refusals, and the rate budget over time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ...report.figures import size
from .line import Mark
from .memory import sparkline
from .result import Result, Row, Section
from .traffic import Call, Traffic
from .workload import Measured


def result(found: Measured) -> Result:
    """What went over the wire."""
    traffic = found.traffic
    sections = [
        Section("Requests", _requests(found)),
        Section("By endpoint", tuple(Row(what, count) for what, count in traffic.by_endpoint.items())),
        Section("Rate budget", _budget(traffic)),
    ]
    advice = []
    if traffic.refused:
        advice.append("Find out who else uses this token: a sync alone is never refused")
    if traffic.failed:
        advice.append("See whether Intercom is in order: https://www.intercomstatus.com")
    data = {"timeline": timeline(traffic)}
    return Result("network", "Network during a sync", found.source, tuple(sections), tuple(advice), data)


def _requests(found: Measured) -> tuple[Row, ...]:
    traffic, run = found.traffic, found.synced.run
    statuses = Counter(call.status for call in traffic.calls)
    told = ", ".join(f"{count} x {status or 'no answer'}" for status, count in sorted(statuses.items()))
    return (
        Row("Requests", len(traffic.calls), note=told, key="requests"),
        Row("Sent", size(traffic.sent), note=BODIES),
        Row("Received", size(traffic.received), note=_each(traffic.received, run.conversations)),
        Row("In flight, at most", traffic.most, key="in_flight_most"),
        Row("429 answers", traffic.refused, mark=Mark.WARNING if traffic.refused else Mark.GOOD, key="refused"),
        Row("Retries", run.retried, mark=Mark.WARNING if run.retried else Mark.GOOD, key="retried"),
        Row("Requests over time", sparkline([one["requests"] for one in timeline(traffic)])),
    )


def _budget(traffic: Traffic) -> tuple[Row, ...]:
    known = [call.remaining for call in traffic.calls if call.remaining is not None]
    if not known:
        return (Row("Remaining", "not stated", note="no answer said what is left of the rate limit"),)
    return (
        Row("Remaining, least and last", f"{min(known)}, {known[-1]}", mark=Mark.GOOD if min(known) else Mark.WARNING),
        Row("Over time", sparkline(known)),
    )


def timeline(traffic: Traffic, most: int = 600) -> list[dict[str, float]]:
    """The traffic in slots of a tenth of a second, longer ones where it is long: requests, bytes, what was left."""
    length = max((call.start + call.elapsed for call in traffic.calls), default=0.0)
    step = max(0.1, length / most)
    slots: dict[int, list[Call]] = {}
    for call in traffic.calls:
        slots.setdefault(int((call.start + call.elapsed) / step), []).append(call)
    return [_slot(number * step, slots.get(number, ())) for number in range(max(slots, default=-1) + 1)]


def _slot(at: float, calls: Sequence[Call]) -> dict[str, float]:
    known = [call.remaining for call in calls if call.remaining is not None]
    found = {"at": round(at, 3), "requests": len(calls), "received": sum(call.received for call in calls)}
    found["refused"] = sum(call.status == 429 for call in calls)
    return found | ({"remaining": min(known)} if known else {})


BODIES = "bodies only, without headers"


def _each(received: int, conversations: int) -> str:
    return f"{BODIES}; {size(received / conversations)} a conversation" if conversations else BODIES
