"""Values of fields that customers define: of any type, as vendors document, so a new type is news and no break."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from ..contract.maps import SCALAR_MAPS
from ..contract.shape import ENTRY, unescape
from .finding import Finding
from .severity import Severity

_LOOSER: Final = ("-list-of-types-widened", "-became-nullable", "-type-generalized")


def without_custom(finding: Finding) -> Finding:
    """A finding about such a value, judged anew. A type that is gone altogether stays what it is."""
    if not finding.rule.endswith(_LOOSER) or not is_custom(finding.pointer):
        return finding
    return replace(finding, severity=Severity.INFO, evidence={**finding.evidence, "custom": True})


def is_custom(pointer: str) -> bool:
    """Whether an evidence pointer names the entries of a map such as `custom_attributes`."""
    steps = pointer.rsplit("/", 2)
    return steps[-1] == ENTRY and unescape(steps[-2]) in SCALAR_MAPS
