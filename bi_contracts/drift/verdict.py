"""The verdict: every difference judged by the rules, and what belongs together put together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from ..contract.shape import ENTRY, ITEM, unescape
from .custom import without_custom
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

_SAME: Final = {"structure": "values"}
"""A discriminator in one variant may be a mere vocabulary in another: a new value is one change all the same."""


def judge(facts: Facts) -> tuple[Change, ...]:
    """The changes, worst first, each path and rule once."""
    found = (
        without_position(without_custom(finding), public_path(pointer))
        for pointer, aspect in facts.differences()
        for finding in _JUDGES[aspect](pointer, facts.before[pointer], facts.after[pointer])
    )
    findings = [finding for finding in found if finding is not None]
    return tuple(sorted(_put_together(_with_renames(findings, facts)), key=_order))


def judge_at(facts: Facts, paths: Collection[str]) -> tuple[Change, ...]:
    """The changes of presence and types at these paths alone."""
    found = (
        without_position(without_custom(finding), public_path(pointer))
        for pointer, before in facts.before.items()
        if public_path(pointer) in paths
        for aspect in ("presence", "types")
        if before.view()[aspect] != facts.after[pointer].view()[aspect]
        for finding in _JUDGES[aspect](pointer, before, facts.after[pointer])
    )
    return tuple(sorted(_put_together(finding for finding in found if finding is not None), key=_order))


def public_path(pointer: str) -> str:
    """An evidence pointer as a JSON Pointer over the envelope, `*` for list indexes and map keys."""
    steps = [part.split("<")[0] for part in pointer.split("/")[1:]]
    return "".join("/*" if step in (ITEM, ENTRY) else "/" + _pointed(unescape(step)) for step in steps)


def _pointed(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _order(change: Change) -> tuple[int, str, str]:
    return -change.severity.rank, change.path, change.rule


def _with_renames(findings: list[Finding], facts: Facts) -> Iterator[Finding]:
    """What a lost property likely became: another of its shape beside it, or a member of a new object there.

    They stay two changes; the loss only says where to look.
    """
    added: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.rule == "response-required-property-added":
            added.setdefault(_split(finding.pointer)[0], []).append(finding)
    for finding in findings:
        beside = added.get(_split(finding.pointer)[0], ())
        if finding.rule == "response-required-property-removed" and beside:
            finding = replace(finding, evidence={**finding.evidence, **_became(finding, beside, facts)})
        yield finding


def _became(finding: Finding, beside: Iterable[Finding], facts: Facts) -> dict[str, Any]:
    alike, key = facts.before[finding.pointer].likeness, _split(finding.pointer)[1]
    shapes = {_split(other.pointer)[1]: facts.after[other.pointer].likeness for other in beside}
    renamed = [name for name, shape in shapes.items() if alike and shape == alike]
    moved = [name for name, shape in shapes.items() if shape and key in shape[2]]
    found = {"likely_renamed_to": renamed, "likely_moved_into": [] if renamed else moved}
    return {what: names for what, names in found.items() if names}


def _split(pointer: str) -> tuple[str, str]:
    """The pointer of the parent, and the last key."""
    parent, key = pointer.rsplit("/", 1)
    return parent, unescape(key)


def _put_together(findings: Iterable[Finding]) -> Iterator[Change]:
    """One change for each path and kind of change: variants of a union add up, the worst rule wins."""
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((public_path(finding.pointer), _family(finding.rule)), []).append(finding)
    for (path, _), group in groups.items():
        worst = max(group, key=lambda one: (one.severity.rank, one.rule))
        yield _change(path, [one for one in group if one.rule == worst.rule], worst)


def _family(name: str) -> str:
    if "status" in name:
        return name
    if name.endswith(("-became-optional", "-became-required")):
        return "existence"
    return _SAME.get(rule(name).kind, rule(name).kind)


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
    parts = [f"{fresh}, {base}"]
    became = ("likely_renamed_to", "likely_moved_into")
    parts += [f"{what.replace('_', ' ')} {' or '.join(evidence[what])}" for what in became if what in evidence]
    if evidence.get("position"):
        parts.append("the place in the list decides it")
    elif evidence.get("custom"):
        parts.append("customers' own fields may hold anything")
    elif lowered:
        parts.append("too few samples to be sure")
    return "; ".join(parts)
