"""`bi-contracts intercom status`: what a store holds, from whom, and how fresh it is."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from .. import options as common
from . import options, standing

if TYPE_CHECKING:
    from ...intercom.store.values import Run, Status

_COUNTS = (
    ("conversations", "heads", "of them {:,} with their first message only"),
    ("parts", "truncated", "{:,} conversations lack older ones, which Intercom does not send"),
    ("contacts", "", ""),
    ("tickets", "", ""),
)
_REMARKS = (
    ("pending", "{:,} conversations wait for their latest messages: bi-contracts intercom sync"),
    ("deleted", "{:,} conversations were deleted in Intercom: their text is erased here"),
    ("dead_letters", "{:,} records could not be read: they are kept as they were sent"),
)


@click.command("status")
@options.store_option
@common.plain_format
def command(store: str | None, format: str) -> None:
    """Say what the store holds, from whom, how fresh it is, and what is missing. Nothing is counted for it.

    \b
    bi-contracts intercom status
    bi-contracts intercom status --store ./customer.db --format json
    """
    with options.held(store) as held:
        status = held.status()
        if format == "json":
            common.print_json({"store": held.address, **standing.standing(status, held.now()), **as_json(status)})
            return
        standing.line("store", f"{held.address}, {status.bytes / 1e6:,.1f} MB")
        standing.tell(status, held.now())
        _show(status)


def as_json(status: Status) -> dict[str, Any]:
    """What is held, as JSON values."""
    return {
        "region": status.region or None,
        "intercom_version": status.version or None,
        "bytes": status.bytes,
        "counters": dict(status.counters),
        "cursors": {name: standing.iso(one.value) for name, one in status.cursors.items()},
        "streams": {
            stream: [{"above": standing.iso(one.lo), "up_to": standing.iso(one.hi)} for one in ranges]
            for stream, ranges in status.coverage.items()
        },
        "drift": status.drift,
        "last_good": _run(status.last),
        "latest": _run(status.latest),
    }


def _run(run: Run | None) -> dict[str, Any] | None:
    if run is None:
        return None
    ended = None if run.ended_at is None else standing.iso(run.ended_at)
    return asdict(run) | {"started_at": standing.iso(run.started_at), "ended_at": ended}


def _show(status: Status) -> None:
    counters = status.counters
    for name, beside, said in _COUNTS:
        more = f", {said.format(counters[beside])}" if beside and counters.get(beside) else ""
        standing.line("", f"{counters.get(name, 0):,} {name}{more}")
    for name, said in _REMARKS:
        if counters.get(name):
            standing.line("", said.format(counters[name]))
    if status.drift:
        standing.line("drift", f"{common.counted(status.drift, 'change')} of the API's shape since the first sync")
    if status.latest is not None:
        run = status.latest
        rate = f", {run.calls:,} calls, {run.refused} refused" if run.calls else ""
        standing.line("latest", f"{run.kind} sync: {run.outcome} in {run.milliseconds / 1000:,.1f} s{rate}")
