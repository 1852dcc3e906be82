"""What a comparison found, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..paths import Json
from .severity import Severity


@dataclass(frozen=True, slots=True)
class Change:
    """One change. `path` is a JSON Pointer over the envelope, `*` for list indexes and map keys.

    `before` and `after` are shapes (types, vocabularies, statuses), never a record's values.
    `evidence` counts: `seen`/`of` among the fresh samples, `baseline_seen`/`baseline_of` in the contract,
    and a `sentence` for people.
    """

    rule: str
    severity: Severity
    path: str
    before: Json
    after: Json
    evidence: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Change:
        """The mirror of `as_dict`. Raises KeyError or ValueError for anything else."""
        severity = Severity(plain["severity"])
        return cls(plain["rule"], severity, plain["path"], plain["before"], plain["after"], plain["evidence"])

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "rule": self.rule,
            "severity": self.severity.value,
            "path": self.path,
            "before": self.before,
            "after": self.after,
            "evidence": dict(self.evidence),
        }


@dataclass(frozen=True, slots=True)
class DriftReport:
    """The changes of one endpoint, worst first. `samples` counts fresh responses; none means that nothing ran."""

    id: str
    changes: tuple[Change, ...]
    samples: int
    source: str = "unknown"
    baseline_samples: int | None = None
    accepted: tuple[Change, ...] = ()

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> DriftReport:
        """The mirror of `as_dict`. Raises KeyError or ValueError for anything else."""
        changes, accepted = (tuple(map(Change.from_dict, plain[key])) for key in ("changes", "accepted"))
        return cls(plain["id"], changes, plain["samples"], plain["source"], plain["baseline_samples"], accepted)

    @property
    def ran(self) -> bool:
        """Whether there was anything to judge. A report that did not run must never pass for a good one."""
        return self.samples > 0

    @property
    def worst(self) -> Severity | None:
        """The worst severity, None where nothing changed."""
        return max((change.severity for change in self.changes), default=None)

    @property
    def breaking(self) -> tuple[Change, ...]:
        """The changes that can break a reader."""
        return self.of(Severity.BREAKING)

    @property
    def warnings(self) -> tuple[Change, ...]:
        """The changes that may break a reader."""
        return self.of(Severity.WARNING)

    @property
    def infos(self) -> tuple[Change, ...]:
        """The changes that are good to know."""
        return self.of(Severity.INFO)

    def of(self, severity: Severity) -> tuple[Change, ...]:
        """The changes of one severity."""
        return tuple(change for change in self.changes if change.severity == severity)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "id": self.id,
            "ran": self.ran,
            "samples": self.samples,
            "baseline_samples": self.baseline_samples,
            "source": self.source,
            "worst": self.worst.value if self.worst else None,
            "changes": [change.as_dict() for change in self.changes],
            "accepted": [change.as_dict() for change in self.accepted],
        }
