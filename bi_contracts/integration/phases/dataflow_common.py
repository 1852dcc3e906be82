"""What the parts of the data-flow phase share: what an endpoint gave, and how an outcome is made of what was found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from ...checks.dataflow import Table
from ...errors import BiContractsError, CassetteMiss, CassetteNotFound, CredentialsMissing, ExitCode, NotFound
from ...reading import Reading
from ...redact import redact_text
from ...registry import Target
from ...report.events import Finding, Outcome, Status
from ..context import Context

PHASE = "data flow"
PAGES = {"quick": 1, "full": 20, "sandbox": 50}
"""How many pages of a list are read: live, live in full, and of a sandbox in process, which costs nobody anything."""


@dataclass(frozen=True)
class Got:
    """One endpoint: what it was found to hold, or the outcome that says why that is not known."""

    target: Target
    reading: Reading | None = None
    instead: Outcome | None = None

    @cached_property
    def table(self) -> Table:
        """Its rows; none where nothing is known."""
        return Table(self.reading.records if self.reading is not None else ())


def status(found: Iterable[Finding]) -> Status:
    """Only what is breaking fails a check."""
    return Status.FAILED if any(one.severity == "breaking" for one in found) else Status.PASSED


def failed(base: Outcome, error: BiContractsError) -> Outcome:
    """What was not recorded, and what has no rows, says nothing; the rest is an error."""
    if isinstance(error, (CassetteNotFound, CassetteMiss, NotFound, CredentialsMissing)):
        return replace(base, status=Status.SKIPPED, note=redact_text(str(error)))
    note = redact_text(str(error))
    return replace(base, status=Status.ERROR, note=note, exit_code=ExitCode(error.exit_code))


def pages(context: Context) -> int | None:
    """How many pages of a list are read, None for all."""
    if context.mode == "replay":
        return None
    return PAGES["sandbox" if context.upstream.in_process else "quick" if context.quick else "full"]
