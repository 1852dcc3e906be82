"""The verdict: every difference judged by the rules, and what belongs together put together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from ..contract.shape import ENTRY, ITEM, unescape
from .facts import Fact, Facts
from .finding import Finding
from .kinds import judge_formats, judge_types
from .paging import without_position
from .presence import judge_presence
from .report import Change
from .rules import rule
from .values import judge_values

_JUDGES: Final[dict[str, Callable[[str, Fact, Fact], Iterator[Finding]]]] = {
    "presence": judge_presence,
    "types": judge_types,
    "formats": judge_formats,
    "values": judge_values,
}


def judge(facts: Facts) -> tuple[Change, ...]:
    """The changes, worst first, each path and rule once."""
    found = (
        without_position(finding, public_path(pointer))
        for pointer, aspect in facts.differences()
        for finding in _JUDGES[aspect](pointer, facts.before[pointer], facts.after[pointer])
    )
    findings = [finding for finding in found if finding is not None]
    return tuple(sorted(_put_together(_with_renames(findings, facts)), key=_order))


def public_path(pointer: str) -> str:
    """An evidence pointer as a JSON Pointer over the envelope, `*` for list indexes and map keys."""
    steps = [part.split("<")[0] for part in pointer.split("/")[1:]]
    return "".join("/*" if step in (ITEM, ENTRY) else "/" + _pointed(unescape(step)) for step in steps)


def _pointed(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _order(change: Change) -> tuple[int, str, str]:
    return -change.severity.rank, change.path, change.rule


def _with_renames(findings: list[Finding], facts: Facts) -> Iterator[Finding]:
    """A property gone and another of the same shape new beside it: likely a rename, still two changes."""
    added: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.rule == "response-required-property-added":
            added.setdefault(finding.pointer.rsplit("/", 1)[0], []).append(finding)
    for finding in findings:
        parent = finding.pointer.rsplit("/", 1)[0]
        alike = facts.before[finding.pointer].likeness
        if finding.rule == "response-required-property-removed" and alike:
            names = [
                unescape(other.pointer.rsplit("/", 1)[1])
                for other in added.get(parent, ())
                if facts.after[other.pointer].likeness == alike
            ]
            if names:
                finding = replace(finding, evidence={**finding.evidence, "likely_renamed_to": names})
        yield finding


def _put_together(findings: Iterable[Finding]) -> Iterator[Change]:
    """One change for each path and kind of change: variants of a union add up, the worst rule wins."""
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((public_path(finding.pointer), _family(finding.rule)), []).append(finding)
    for (path, _), group in groups.items():
        worst = max(group, key=lambda one: (one.severity.rank, one.rule))
        yield _change(path, [one for one in group if one.rule == worst.rule], worst)


def _family(name: str) -> str:
    return name if "status" in name else rule(name).kind


def _change(path: str, group: list[Finding], worst: Finding) -> Change:
    evidence = dict(worst.evidence)
    for key in ("seen", "of", "baseline_seen", "baseline_of"):
        counts = [one.evidence[key] for one in group]
        evidence[key] = None if None in counts else sum(counts)
    variants = sorted({variant for one in group if (variant := _variant_of(one.pointer))})
    if variants:
        evidence["variants"] = variants
    evidence["sentence"] = _sentence(worst, evidence)
    return Change(worst.rule, worst.severity, path, worst.before, worst.after, evidence)


def _variant_of(pointer: str) -> str:
    """The innermost variant a path runs through, such as `object=page`; statuses are not told."""
    chosen = [part.rstrip(">") for step in pointer.split("/") for part in step.split("<")[1:]]
    kept = [part for part in chosen if not part.startswith("status=")]
    return unescape(kept[-1]) if kept else ""


def _sentence(finding: Finding, evidence: Mapping[str, Any]) -> str:
    of, known = evidence["of"], evidence["baseline_of"]
    fresh = f"in {evidence['seen']} of {of} fresh" if of is not None else "in the fresh samples"
    base = f"in {evidence['baseline_seen']} of {known} baseline" if known is not None else "as the contract says"
    lowered = finding.severity < rule(finding.rule).severity
    renamed = evidence.get("likely_renamed_to")
    parts = [f"{fresh}, {base}"]
    if renamed:
        parts.append(f"likely renamed to {' or '.join(renamed)}")
    if evidence.get("position"):
        parts.append("the place in the list decides it")
    elif lowered:
        parts.append("too few samples to be sure")
    return "; ".join(parts)
