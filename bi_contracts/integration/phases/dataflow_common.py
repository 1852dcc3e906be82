"""What the parts of the data-flow phase share: what an endpoint gave, and how an outcome is made of what was found."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from ...checks.dataflow import Table
from ...errors import (
    BiContractsError,
    CassetteError,
    CassetteMiss,
    CassetteNotFound,
    CredentialsMissing,
    ExitCode,
    NotFound,
    UpstreamError,
)
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
    """One endpoint: what it was found to hold, or the outcome that says why that is not known.

    `own` is False where it was read from packaged reference data.
    """

    target: Target
    reading: Reading | None = None
    instead: Outcome | None = None
    own: bool = True

    @cached_property
    def table(self) -> Table:
        """Its rows; none where nothing is known."""
        return Table(self.reading.records if self.reading is not None else ())


def status(found: Iterable[Finding]) -> Status:
    """Only what is breaking fails a check."""
    return Status.FAILED if any(one.severity == "breaking" for one in found) else Status.PASSED


def unusable(id: str, path: Path | None, error: UpstreamError) -> CassetteError:
    """A recording that holds no good answer is a file to mend: nobody was asked, so nobody is down."""
    said = re.sub(rf"^(?:{re.escape(id)}|{re.escape(id.partition('/')[0])}): ", "", str(error))
    return CassetteError(
        f"{path or id}: no usable answer of {id} in it ({said.rstrip('.')}); restore the file from version control, or"
        f" record it again with `bi-contracts record {id}`"
    )


def failed(base: Outcome, error: BiContractsError) -> Outcome:
    """What was not recorded, and what has no rows, says nothing; the rest is an error."""
    if isinstance(error, (CassetteNotFound, CassetteMiss, NotFound, CredentialsMissing)):
        return replace(base, status=Status.SKIPPED, note=redact_text(str(error)))
    note = redact_text(str(error))
    return replace(base, status=Status.ERROR, note=note, exit_code=ExitCode(error.exit_code))


AT_ONCE = 4
"""How many endpoints of one platform are read at a time: its limits are the platform's."""


def pages(context: Context) -> int | None:
    """How many pages of a list are read, None for all."""
    if context.mode == "replay":
        return None
    return PAGES["sandbox" if context.upstream.in_process else "quick" if context.quick else "full"]
