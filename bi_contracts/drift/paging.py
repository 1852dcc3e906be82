"""Where in a list a response stands: members whose null or absence means "last page", not another contract."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from .finding import Finding, is_doubtful
from .severity import Severity

_CURSOR: Final = re.compile(
    r"next|prev|previous|paging|pagination|.*cursor"
    r"|(next|prev|previous)[_-]?(page|records?|link|token|url|uri|href|offset|params?).*",
    re.IGNORECASE,
)
_AT_TOP: Final = re.compile(r"after|before|scroll_param|response_metadata|page_token")
_POSITION: Final = ("became-nullable", "became-optional", "type-compatible")


def is_position(path: str) -> bool:
    """Whether a public path names a cursor or a link to another page."""
    key = path.rsplit("/", 1)[1]
    return _CURSOR.fullmatch(key) is not None or ("*" not in path and _AT_TOP.fullmatch(key) is not None)


def without_position(finding: Finding, path: str) -> Finding | None:
    """A finding about a cursor, judged anew: the last page has none, which the baseline may not have reached."""
    if not is_position(path):
        return finding
    if finding.rule == "response-required-property-removed":
        return _perhaps_last(finding)
    if not finding.rule.endswith(_POSITION):
        return finding
    if finding.rule.endswith("type-compatible"):
        return None
    always = finding.evidence["seen"] == finding.evidence["of"] and (finding.evidence["of"] or 0) > 1
    severity = min(finding.severity, Severity.WARNING if always else Severity.INFO)
    return replace(finding, severity=severity, evidence={**finding.evidence, "position": True})


def _perhaps_last(finding: Finding) -> Finding:
    """Vendors also leave the key out on the last page: a few pages without it may all have been the last."""
    of = finding.evidence["of"]
    if not is_doubtful(finding.evidence["baseline_of"], of, of or 0):
        return finding
    severity = min(finding.severity, Severity.WARNING)
    return replace(finding, severity=severity, evidence={**finding.evidence, "position": True})
