"""A verification as the events of a report."""

from __future__ import annotations

from ...errors import ExitCode
from ...report.events import Finding, Outcome, Status
from .values import Damage
from .verifying import CHECKS, Verified, by_check

MOST_TOLD = 20
"""Findings of one check that a report shows."""


def outcomes(verified: Verified, source: str) -> list[Outcome]:
    """One outcome a check. One that was not made is skipped, and a sample says that it is one."""
    found = by_check(verified.damages)
    return [_outcome(check, found[check], verified, source) for check in CHECKS]


def _outcome(check: str, damages: list[Damage], verified: Verified, source: str) -> Outcome:
    counts = verified.counts.get(check, {})
    broken, skipped = counts.get("breaking", 0), verified.skipped.get(check, "")
    status = Status.FAILED if broken else Status.SKIPPED if skipped else Status.PASSED
    told = tuple(_finding(check, damage) for damage in damages[:MOST_TOLD])
    notes = [skipped, _sampled(verified), _more(sum(counts.values()), len(told))]
    return Outcome(
        f"intercom/{check}",
        "verify",
        status,
        told,
        source=source,
        samples=_looked_at(check, verified),
        note="; ".join(filter(None, notes)),
        exit_code=ExitCode.FINDINGS if broken else None,
        figures={f"damages_{severity}": float(count) for severity, count in counts.items()},
    )


def _finding(check: str, damage: Damage) -> Finding:
    path = f"/conversations/{damage.conversation}" if damage.conversation else ""
    return Finding(f"store-{check}", damage.severity, path, message=damage.message)


def _sampled(verified: Verified) -> str:
    if not verified.sampled:
        return ""
    return f"a sample: {verified.conversations} of {verified.of} conversations, nothing is said of the rest"


def _more(found: int, told: int) -> str:
    return f"{found - told} more like these" if found > told else ""


def _looked_at(check: str, verified: Verified) -> int:
    if check in ("threading", "chronology"):
        return verified.parts
    if check == "contacts":
        return verified.contacts
    return verified.conversations
