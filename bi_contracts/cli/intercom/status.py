"""`bi-contracts intercom status`: what a store holds, from whom, and how fresh it is."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from .. import options as common
from . import options, provenance

if TYPE_CHECKING:
    from ...intercom.store.values import Run, Status

_COUNTS = (
    ("conversations", "conversation", "heads", "of them {:,} with their first message only"),
    ("parts", "part", "truncated", "older ones are missing in {:,}: Intercom does not send them"),
    ("contacts", "contact", "", ""),
    ("tickets", "ticket", "", ""),
)
_REMARKS = (
    ("pending", "conversation", "still to fetch: bi-contracts intercom sync"),
    ("deleted", "conversation", "deleted in Intercom: the text is erased here"),
    ("dead_letters", "record", "that could not be read, kept as sent"),
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
            common.print_json({"store": held.address, **provenance.provenance(status, held.now()), **as_json(status)})
            return
        provenance.line("store", f"{held.address}, {status.bytes / 1e6:,.1f} MB")
        provenance.tell(status, held.now())
        _show(status)


def as_json(status: Status) -> dict[str, Any]:
    """What is held, as JSON values."""
    return {
        "region": status.region or None,
        "intercom_version": status.version or None,
        "bytes": status.bytes,
        "counters": dict(status.counters),
        "cursors": {name: provenance.iso(one.value) for name, one in status.cursors.items()},
        "streams": {
            stream: [{"above": provenance.iso(one.lo), "up_to": provenance.iso(one.hi)} for one in ranges]
            for stream, ranges in status.coverage.items()
        },
        "drift": status.drift,
        "last_good": _run(status.last),
        "latest": _run(status.latest),
    }


def _run(run: Run | None) -> dict[str, Any] | None:
    if run is None:
        return None
    ended = None if run.ended_at is None else provenance.iso(run.ended_at)
    return asdict(run) | {"started_at": provenance.iso(run.started_at), "ended_at": ended}


def _show(status: Status) -> None:
    counters = status.counters
    for name, noun, beside, said in _COUNTS:
        more = f", {said.format(counters[beside])}" if beside and counters.get(beside) else ""
        provenance.line("", f"{provenance.counted(counters.get(name, 0), noun)}{more}")
    for name, noun, said in _REMARKS:
        if counters.get(name):
            provenance.line("", f"{provenance.counted(counters[name], noun)} {said}")
    if status.drift:
        provenance.line("drift", f"{common.counted(status.drift, 'change')} of the API's shape since the first sync")
    if status.latest is not None:
        provenance.line("latest", _told(status.latest))


def _told(run: Run) -> str:
    """`incremental sync: done in 1.2 s, 3 calls, 0 refused`; of one that runs, only since when is known."""
    if run.outcome == "running":
        return f"{run.kind} sync: running since {provenance.iso(run.started_at)}"
    rate = f", {provenance.counted(run.calls, 'call')}, {run.refused} refused" if run.calls else ""
    return f"{run.kind} sync: {run.outcome} in {run.milliseconds / 1000:,.1f} s{rate}"
