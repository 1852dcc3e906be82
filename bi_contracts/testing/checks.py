"""The checks of `conformance`, as functions of a run and an endpoint. They raise `Failure`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..checks.recorded import contract_holds, keys_unique
from ..errors import BreakingDrift
from ..registry import Target, target
from ..session import Mode, envelopes
from ..suite import compared, contract_of, fails
from .bound import Bound
from .opening import Wanted, opened

if TYPE_CHECKING:
    from ..drift import DriftReport
    from .run import Run


def read_holds(run: Run, id: str, max_pages: int | None = None) -> None:
    """Every read comes to its end, and its rows have unique keys. In record mode this makes the recording.

    Raises `CassetteNotFound` in replay, `CassetteMiss`, `UpstreamError`, `KeysNotUnique`.
    """
    one = target(id, run.workspace)
    if run.mode is Mode.RECORD:
        recorded(run, one, max_pages)
        return
    with opened(run, Wanted(id, Path(), (id,)), lambda: True) as player:
        bound = Bound(run, one, player, {}, checked=False)
        try:
            for pages in bound.reads(max_pages=max_pages):
                keys_unique(one.endpoint, [row for page in pages for row in bound.client.rows(one.endpoint.name, page)])
        finally:
            bound.close()


def contract_keeps(run: Run, id: str, max_pages: int | None = None) -> None:
    """The answers keep the contract: the recorded ones in replay and record mode, fresh ones otherwise.

    Raises `ContractNotFound`, `CassetteNotFound`, `ContractViolated`, `BreakingDrift`, `UpstreamError`.
    """
    one = target(id, run.workspace)
    if run.mode is Mode.RECORD:
        recorded(run, one, max_pages)
    if run.mode in (Mode.REPLAY, Mode.RECORD):
        contract_holds(contract_of(run.workspace, id), envelopes(run.session.recorded(id)))
        return
    no_drift(compared(run.workspace, id, run.observe(one, max_pages)), run.workspace.settings.fail_on)


def recorded(run: Run, one: Target, max_pages: int | None) -> None:
    """Makes the recording of an endpoint, once in a run."""
    path = run.workspace.cassette(one.id)
    if str(path) in run.usage.written:
        return
    recording = run.session.record(one.platform, one.endpoint, max_pages=max_pages)
    run.usage.written[str(path)] = (recording.pages, str(recording.source))


def no_drift(report: DriftReport, fail_on: str) -> None:
    """Raises `BreakingDrift` for changes as severe as `fail_on`, or more."""
    found = [change for change in report.changes if fails(change.severity, fail_on)]
    if found:
        shown = "\n".join(f"  {change.severity}: {change.rule} at {change.path}" for change in found[:10])
        more = f"\n  and {len(found) - 10} more" if len(found) > 10 else ""
        raise BreakingDrift(f"{report.id}: the API has changed\n{shown}{more}")
