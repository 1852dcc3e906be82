"""Every check of every endpoint as outcomes: what the command line prints and the pytest plugin asserts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import wraps
from typing import TYPE_CHECKING

from . import __version__
from .checks.recorded import everything_asked, keys_unique, violations
from .contract import Contract
from .errors import (
    BiContractsError,
    CassetteMiss,
    CassetteNotFound,
    ContractNotFound,
    ExitCode,
    Failure,
    UpstreamError,
)
from .interaction import Interaction, Source, common_source
from .registry import find, target
from .report.events import SEVERITIES, Event, Finding, Finished, Outcome, Started, Status
from .session import Session, envelopes, heads
from .workspace import shared_id

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from .client import Client
    from .contract import Violation
    from .drift import Change, DriftReport
    from .paths import Json
    from .platform import Endpoint
    from .workspace import Workspace

Fresh = Callable[[str], Sequence[Interaction]]
"""Fresh interactions of an endpoint, by its id."""

Step = Callable[[Session, str], Outcome]
"""One check of one endpoint, by its id."""


def contract_of(workspace: Workspace, id: str) -> Contract:
    """The contract of an endpoint, in its name where it is that of the account's platform.

    Raises `ContractNotFound`, `InvalidContract`.
    """
    path = workspace.find_contract(id)
    if path is None:
        where = workspace.contract(id)
        raise ContractNotFound(f"{id}: no contract at {where}; `bi-contracts infer {id}` proposes one")
    contract = Contract.load(path)
    return replace(contract, id=id) if contract.id == shared_id(id) else contract


def yardstick(workspace: Workspace, id: str, source: Source) -> Contract:
    """The contract that answers of this source may be compared with.

    Raises `ContractNotFound` for live answers where the only contract was inferred from the sandbox.
    """
    contract = contract_of(workspace, id)
    if source is Source.LIVE and contract.evidence.source == Source.SANDBOX:
        raise ContractNotFound(
            f"{id}: its contract was inferred from the sandbox; `record {id}` and `infer {id}` from the live API first"
        )
    return contract


def infer(session: Session, id: str) -> Contract:
    """The contract that an endpoint's recording supports. Raises `CassetteNotFound`, `CassetteError`."""
    from .cassette.store import load

    kept = load(session.cassette(id))
    moments = [one.recorded_at for one in kept.interactions if one.recorded_at is not None]
    return Contract.infer(
        id,
        envelopes(kept.interactions),
        source=common_source(kept.interactions),
        recorded_at=max(moments).isoformat() if moments else "",
        api_version=kept.provenance.api_version,
    )


def _timed(check: str) -> Callable[[Step], Step]:
    """Turns what a step raises into an outcome, and times it. Nothing is swallowed: each has its words."""

    def decorate(step: Step) -> Step:
        @wraps(step)
        def run(session: Session, id: str) -> Outcome:
            started = time.perf_counter()
            try:
                outcome = step(session, id)
            except (CassetteNotFound, ContractNotFound) as error:
                outcome = Outcome(id, check, Status.SKIPPED, note=str(error))
            except (CassetteMiss, Failure) as error:
                finding = Finding(_rule(error), "breaking", "", message=str(error))
                outcome = Outcome(id, check, Status.FAILED, (finding,))
            except BiContractsError as error:
                outcome = Outcome(id, check, Status.ERROR, note=str(error), exit_code=ExitCode(error.exit_code))
            path = session.workspace.find_contract(id)
            known = str(path.relative_to(session.workspace.root)) if path and session.workspace.owns(path) else ""
            return replace(outcome, elapsed=time.perf_counter() - started, artifact=known)

        return run

    return decorate


@_timed("contract")
def check(session: Session, id: str) -> Outcome:
    """The recording of an endpoint against its contract."""
    recorded = session.recorded(id)
    contract, answers = contract_of(session.workspace, id), envelopes(recorded)
    found = violations(contract, answers)
    return Outcome(
        id,
        "contract",
        Status.FAILED if found else Status.PASSED,
        _violated(found),
        source=common_source(recorded),
        samples=len(answers),
    )


@_timed("replay")
def replay(session: Session, id: str) -> Outcome:
    """Every recorded read of an endpoint through the client, sockets blocked: all of it is asked for, no key twice."""
    recorded = session.recorded(id)
    found = find(id, session.workspace)
    if found is None:
        return Outcome(id, "replay", Status.SKIPPED, note="no platform declares this endpoint; `check` looks at it")
    first = heads(found.endpoint, found.platform.base_url, recorded)
    if not first:
        return Outcome(id, "replay", Status.SKIPPED, note="the recording holds no read of this endpoint")
    with session.replaying(found.platform, found.endpoint) as (client, player):
        for request in first:
            keys_unique(found.endpoint, _rows(client, found.endpoint, request, len(recorded)))
        everything_asked(id, len(player.unused), player.missed)
    return Outcome(id, "replay", Status.PASSED, source=common_source(recorded), samples=len(player.played))


def _rows(client: Client, endpoint: Endpoint, request: httpx.Request, most: int) -> list[Json]:
    """The rows of one recorded read, up to where the recording of it ends: in a last page, an error, or cut off.

    No read has more pages than there are recordings: a scroll that was cut off would ask for its last one again.
    """
    rows: list[Json] = []
    pages = 0
    try:
        for response in client.follow(endpoint.name, request, max_pages=most):
            pages += 1
            rows += client.rows(endpoint.name, response)
    except CassetteMiss:
        if not pages:
            raise
    except UpstreamError as error:
        if error.status is None:
            raise
    return rows


def drift(session: Session, id: str, fresh: Fresh, *, fail_on: str = "breaking") -> tuple[Outcome, DriftReport | None]:
    """Fresh answers against the contract, what was accepted left out; no report where nothing could be compared.

    `fresh` gives them: from the upstream (`asked`), or from recordings in another folder.
    """
    kept: list[DriftReport] = []

    @_timed("drift")
    def step(session: Session, id: str) -> Outcome:
        found = fresh(id)
        report = compared(session.workspace, id, found)
        kept.append(report)
        return drift_outcome(report, common_source(found), fail_on)

    outcome = step(session, id)
    return outcome, kept[0] if kept else None


def compared(workspace: Workspace, id: str, fresh: Sequence[Interaction]) -> DriftReport:
    """Fresh interactions against the contract, what was accepted set aside.

    Raises `ContractNotFound`, `InvalidContract`, `ConfigurationError` for a broken file of accepted changes.
    """
    from .drift import baseline, compare

    source = common_source(fresh)
    report = compare(yardstick(workspace, id, source), envelopes(fresh), source=source)
    return baseline.apply(report, baseline.read(workspace.baseline))


def drift_outcome(report: DriftReport, source: Source, fail_on: str = "breaking") -> Outcome:
    """A drift report as an outcome. No samples is no verdict."""
    findings = tuple(drifted(change) for change in report.changes)
    if not report.samples:
        return Outcome(
            report.id, "drift", Status.SKIPPED, findings, source=source, note="no fresh responses to compare"
        )
    status = Status.FAILED if any(fails(finding.severity, fail_on) for finding in findings) else Status.PASSED
    return Outcome(report.id, "drift", status, findings, source=source, samples=report.samples)


def fails(severity: str, fail_on: str) -> bool:
    """Whether a finding of this severity fails a run that is to fail on `fail_on`, or worse."""
    levels: tuple[str, ...] = SEVERITIES
    return levels.index(severity) <= levels.index(fail_on)


def run(steps: Sequence[Step], session: Session, ids: Iterable[str]) -> list[Outcome]:
    """Every step for every endpoint, in order."""
    return [step(session, id) for id in ids for step in steps]


def asked(session: Session, max_pages: int | None = None) -> Fresh:
    """Fresh answers from the session's upstream, by id."""

    def ask(id: str) -> Sequence[Interaction]:
        found = target(id, session.workspace)
        return session.observe(found.platform, found.endpoint, max_pages=max_pages)

    return ask


def kept_in(folder: Path) -> Fresh:
    """Fresh answers from recordings in a folder, by id. Raises `CassetteNotFound` where it has none."""
    from .cassette.store import load

    return lambda id: load(folder / f"{id}.yaml").interactions


def events(title: str, verb: str, outcomes: Sequence[Outcome], elapsed: float, **facts: str) -> list[Event]:
    """Outcomes as the stream that report writers read."""
    started = Started(title, verb, datetime.now(UTC), __version__, facts)
    return [started, *outcomes, Finished(elapsed)]


def drifted(change: Change) -> Finding:
    """A change as reports show it."""
    from .drift import rule

    plain = change.as_dict()
    return Finding(
        rule=plain["rule"],
        severity=plain["severity"],
        path=plain["path"],
        before=plain["before"],
        after=plain["after"],
        evidence=plain["evidence"],
        explanation=rule(change.rule).explanation,
    )


def _violated(violations: Iterable[Violation]) -> tuple[Finding, ...]:
    """One finding for the same violation in many rows, with how many there are; the first place stands for them."""
    places: dict[tuple[str, str, str], list[str]] = {}
    for each in violations:
        places.setdefault((each.keyword, _anywhere(each.path), each.message), []).append(each.path)
    return tuple(
        Finding(f"contract-{keyword}", "breaking", found[0], message=_counted(message, found, path))
        for (keyword, path, message), found in places.items()
    )


def _counted(message: str, found: Sequence[str], path: str) -> str:
    where = f" at {path}" if path != found[0] else ""
    return message if len(found) == 1 else f"{message} ({len(found)} times{where})"


def _anywhere(pointer: str) -> str:
    """The pointer with `*` for list indexes."""
    return "/".join("*" if step.isdigit() else step for step in pointer.split("/"))


def _rule(error: Exception) -> str:
    words = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in type(error).__name__)
    return words.lstrip("-")
