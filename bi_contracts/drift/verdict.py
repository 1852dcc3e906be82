"""Judging differences: which rule applies, how bad it is here, and on what evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from ..contract.headers import LIFECYCLE, is_promised
from ..contract.shape import ENTRY, ITEM, ordered, unescape
from ..paths import Json
from .facts import Fact, Facts, Kind, Presence, is_success
from .odds import DOUBT, by_luck, by_order, is_gone
from .report import Change
from .rules import rule
from .severity import Severity

TEMPORAL: Final = frozenset({"date-time", "date"})


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that applies at a path, before findings of several variants are put together."""

    rule: str
    severity: Severity
    pointer: str
    before: Json
    after: Json
    evidence: Mapping[str, Any]


def judge(facts: Facts) -> tuple[Change, ...]:
    """The changes, worst first, each path and rule once."""
    findings = [
        finding
        for pointer, aspect in facts.differences()
        for finding in _JUDGES[aspect](pointer, facts.before[pointer], facts.after[pointer])
    ]
    return tuple(sorted(_put_together(_with_renames(findings, facts)), key=_order))


def public_path(pointer: str) -> str:
    """An evidence pointer as a JSON Pointer over the envelope, `*` for list indexes and map keys."""
    steps = [part.split("<")[0] for part in pointer.split("/")[1:]]
    return "".join("/*" if step in (ITEM, ENTRY) else "/" + _pointed(unescape(step)) for step in steps)


def _pointed(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _order(change: Change) -> tuple[int, str, str]:
    return -change.severity.rank, change.path, change.rule


# presence


def _presence(pointer: str, before: Fact, after: Fact) -> Iterator[Finding]:
    known, seen = before.presence, after.presence
    if known is Presence.ABSENT:
        yield _made(_added(pointer, before, after), pointer, before, after, "absent", str(seen))
    elif seen is Presence.ABSENT and known is Presence.REQUIRED:
        yield _required_removed(pointer, before, after)
    elif seen is Presence.ABSENT and _gone(before, after):
        removed = (
            "optional-response-header-removed" if before.kind is Kind.HEADER else "response-optional-property-removed"
        )
        yield _made(_lifecycle(pointer, "removed") or removed, pointer, before, after, "optional", "absent")
    elif known is Presence.REQUIRED and seen is Presence.OPTIONAL:
        odd = (after.of or 0) - (after.seen or 0)
        doubtful = _is_minor(pointer, before) or _is_doubtful(before.of, after.of, odd, before.samples, whole=False)
        yield _made(
            f"response-{_noun(before)}-became-optional", pointer, before, after, "required", "optional", doubtful
        )
    elif known is Presence.OPTIONAL and seen is Presence.REQUIRED and _settled(before, after):
        yield _made(f"response-{_noun(before)}-became-required", pointer, before, after, "optional", "required")


def _is_minor(pointer: str, fact: Fact) -> bool:
    """A header that no client is known to read."""
    return fact.kind is Kind.HEADER and not is_promised(pointer.rsplit("/", 1)[1])


def _noun(fact: Fact) -> str:
    return "header" if fact.kind is Kind.HEADER else "property"


def _added(pointer: str, before: Fact, after: Fact) -> str:
    if before.kind is Kind.HEADER:
        return _lifecycle(pointer, "added") or "response-header-added"
    return f"response-{after.presence}-property-added"


def _lifecycle(pointer: str, action: str) -> str:
    is_header = "/headers/" in pointer and pointer.rsplit("/", 1)[1] in LIFECYCLE
    return f"response-deprecation-header-{action}" if is_header else ""


def _required_removed(pointer: str, before: Fact, after: Fact) -> Finding:
    name = "response-required-property-removed"
    if before.kind is Kind.HEADER:
        importance = "optional" if _is_minor(pointer, before) else "required"
        name = _lifecycle(pointer, "removed") or f"{importance}-response-header-removed"
    doubtful = _is_doubtful(before.of, after.of, after.of or 0, before.samples, whole=True)
    return _made(name, pointer, before, after, "required", "absent", doubtful)


def _gone(before: Fact, after: Fact) -> bool:
    return before.seen is not None and before.of is not None and is_gone(before.seen, before.of, after.of or 0)


def _settled(before: Fact, after: Fact) -> bool:
    """Optional before and always there now, more often than luck and than the baseline itself had it."""
    return (
        before.seen is not None and before.of is not None and is_gone(before.of - before.seen, before.of, after.of or 0)
    )


def _is_doubtful(before: int | None, after: int | None, odd: int, samples: int | None, *, whole: bool) -> bool:
    """Whether the contradiction may be a rare case that the baseline had not met.

    A contract written by hand is not in doubt. Nor is a path that stood in every baseline response, however few
    they were, when every fresh one contradicts it.
    """
    if before is None or not after or not odd:
        return False
    if whole and samples is not None and before >= samples:
        return False
    return before < 2 or by_order(before, after, odd) > DOUBT


# types


def _types(pointer: str, before: Fact, after: Fact) -> Iterator[Finding]:
    known, seen = set(before.types), set(after.types)
    subject = "response-body" if before.kind is Kind.BODY else "response-property"
    was, now = ordered(known), ordered(seen)
    if known == {"null"}:
        yield _made(f"{subject}-type-compatible", pointer, before, after, was, now)
        return
    if "null" in seen - known:
        yield _contrary(f"{subject}-became-nullable", pointer, before, after, was, now, {"null"})
    if "null" in known - seen and _lost(before, after, "null"):
        yield _made(f"{subject}-became-not-nullable", pointer, before, after, was, now)
    yield from _other_types(subject, pointer, before, after)


def _other_types(subject: str, pointer: str, before: Fact, after: Fact) -> Iterator[Finding]:
    known, seen = set(before.types) - {"null"}, set(after.types) - {"null"}
    was, now = ordered(before.types), ordered(after.types)
    new = seen - known
    if new == {"number"} and "integer" in known:
        yield _contrary(f"{subject}-type-generalized", pointer, before, after, was, now, new)
    elif new and seen & known:
        yield _contrary(f"{subject}-list-of-types-widened", pointer, before, after, was, now, new)
    elif new:
        yield _contrary(f"{subject}-type-changed", pointer, before, after, was, now, new)
    elif seen and any(_lost(before, after, kind) for kind in known - seen):
        yield _made(f"{subject}-list-of-types-narrowed", pointer, before, after, was, now)


def _lost(before: Fact, after: Fact, kind: str) -> bool:
    had, total = before.types.get(kind), _sum(before.types)
    return had is not None and total is not None and is_gone(had, total, _sum(after.types) or 0)


def _contrary(name: str, pointer: str, before: Fact, after: Fact, was: Json, now: Json, kinds: set[str]) -> Finding:
    total, fresh = _sum(before.types), _sum(after.types) or 0
    odd = sum(after.types[kind] or 0 for kind in kinds)
    doubtful = _is_doubtful(total, fresh, odd, before.samples, whole=odd == fresh)
    before, after = replace(before, seen=0, of=total), replace(after, seen=odd, of=fresh)
    return _made(name, pointer, before, after, was, now, doubtful)


def _sum(counts: Mapping[Any, int | None]) -> int | None:
    known = [count for count in counts.values() if count is not None]
    return sum(known) if known else None


# formats


def _formats(pointer: str, before: Fact, after: Fact) -> Iterator[Finding]:
    (known, total), fresh = next(iter(before.formats.items())), _sum(after.formats) or 0
    odd = fresh - (after.formats.get(known) or 0)
    if total is not None and (total < 3 or by_order(total, fresh, odd) > DOUBT):
        return
    name = "response-property-format-generalized" if known in after.formats else "response-property-format-changed"
    now = sorted(kind or "text" for kind in after.formats)
    before, after = replace(before, seen=0, of=total), replace(after, seen=odd, of=fresh)
    yield _made(name, pointer, before, after, [known], now, doubtful=known not in TEMPORAL)


# values: statuses, media types, vocabularies, variants, outcomes


def _values(pointer: str, before: Fact, after: Fact) -> Iterator[Finding]:
    judge_values: dict[Kind, Callable[[str, Fact, Fact], Iterable[Finding]]] = {
        Kind.STATUS: _statuses,
        Kind.HEADER: _media_types,
        Kind.UNION: _variants,
        Kind.OUTCOME: _outcomes,
    }
    yield from judge_values.get(before.kind, _vocabulary)(pointer, before, after)


def _new(before: Fact, after: Fact) -> list[Json]:
    return sorted((value for value in after.values if value not in before.values), key=str)


def _missing(before: Fact, after: Fact) -> list[Json]:
    """Values of the baseline that are gone, beyond chance."""
    total = _sum(before.values)
    return [
        value
        for value, had in before.values.items()
        if value not in after.values
        and had is not None
        and total is not None
        and is_gone(had, total, _sum(after.values) or 0)
    ]


def _counted(before: Fact, after: Fact, values: Iterable[Json]) -> tuple[Fact, Fact]:
    """Both facts with the counts of these values."""
    chosen = list(values)
    seen = sum(after.values.get(value) or 0 for value in chosen)
    had = [before.values[value] for value in chosen if value in before.values]
    known = sum(count for count in had if count is not None) if None not in had else None
    total = _sum(before.values)
    total = before.types.get("string") if total is None else total
    return replace(before, seen=known, of=total), replace(after, seen=seen, of=_sum(after.values))


def _statuses(pointer: str, before: Fact, after: Fact) -> Iterator[Finding]:
    was, now = sorted(before.values), sorted(after.values)
    new, gone = _new(before, after), _missing(before, after)
    promised = [status for status in was if is_success(status)]
    replaced = bool(new) and not set(promised) & set(now) and _is_telling(before, after, promised)
    lost = [status for status in promised if status in gone or (replaced and status not in now)]
    if lost:
        yield _made("response-success-status-removed", pointer, *_counted(before, after, lost), was, now)
    for status in new:
        action = "success" if is_success(status) else "non-success"
        yield _made(f"response-{action}-status-added", pointer, *_counted(before, after, [status]), was, now)
    if errors := [status for status in gone if not is_success(status)]:
        yield _made("response-non-success-status-removed", pointer, *_counted(before, after, errors), was, now)


def _is_telling(before: Fact, after: Fact, promised: list[int]) -> bool:
    """Whether no success at all says something: not where the baseline mostly failed as well."""
    total, had = _sum(before.values), sum(before.values[status] or 0 for status in promised)
    return total is None or had * 2 >= total or by_luck(had / total, after.of or 0) < LIMIT


LIMIT: Final = 0.05


def _media_types(pointer: str, before: Fact, after: Fact) -> Iterator[Finding]:
    was, now, new = sorted(before.values), sorted(after.values), _new(before, after)
    if new:
        kept = any(value in before.values for value in now)
        name = "response-media-type-added" if kept else "response-media-type-removed"
        yield _made(name, pointer, *_counted(before, after, new), was, now)


def _vocabulary(pointer: str, before: Fact, after: Fact) -> Iterator[Finding]:
    was, now, new = sorted(before.values, key=str), sorted(after.values, key=str), _new(before, after)
    if not new:
        return
    changed = len(was) == 1 and was[0] not in after.values
    name = "response-property-const-changed" if changed else "response-property-enum-value-added"
    before, after = _counted(before, after, new)
    yield _made(
        name, pointer, before, after, was, now, doubtful=not changed and len(was) == 1 and _is_rare(before, after)
    )


def _is_rare(before: Fact, after: Fact) -> bool:
    return _is_doubtful(before.of, after.of, after.seen or 0, before.samples, whole=False)


def _is_thin(before: Fact) -> bool:
    """Too few baseline cases, or some of them seen only once: more variants were to be expected."""
    counts = [count for count in before.values.values() if count is not None]
    return len(counts) == len(before.values) and (min(counts) < 2 or sum(counts) < 8)


def _variants(pointer: str, before: Fact, after: Fact) -> Iterator[Finding]:
    was, now = sorted(before.values, key=str), sorted(after.values, key=str)
    new, gone = _new(before, after), _missing(before, after)
    if new:
        replaced = bool(gone) or not any(value in before.values for value in now)
        counted = _counted(before, after, new)
        doubtful = not replaced and _is_thin(before) and _is_rare(*counted)
        finding = _made("response-property-one-of-added", pointer, *counted, was, now, doubtful)
        yield replace(finding, severity=Severity.BREAKING) if replaced else finding
    elif gone:
        yield _made("response-property-one-of-removed", pointer, *_counted(before, after, gone), was, now)


def _outcomes(pointer: str, before: Fact, after: Fact) -> Iterator[Finding]:
    good = pointer.endswith("/ok")
    was, now = [_outcome(value, good) for value in before.values], [_outcome(value, good) for value in after.values]
    was, now = sorted(was), sorted(now)
    gone = _missing(before, after)
    if good in gone or (good in before.values and good not in after.values and (not good) not in before.values):
        yield _made("response-success-body-removed", pointer, *_counted(before, after, [good]), was, now)
    elif good in after.values and good not in before.values:
        yield _made("response-success-body-added", pointer, *_counted(before, after, [good]), was, now)
    elif (not good) in after.values and (not good) not in before.values:
        yield _made("response-error-body-added", pointer, *_counted(before, after, [not good]), was, now)
    elif (not good) in gone:
        yield _made("response-error-body-removed", pointer, *_counted(before, after, [not good]), was, now)


def _outcome(value: Json, good: bool) -> str:
    return "success" if value is good else "error"


_JUDGES: Final[dict[str, Callable[[str, Fact, Fact], Iterator[Finding]]]] = {
    "presence": _presence,
    "types": _types,
    "formats": _formats,
    "values": _values,
}


# evidence


def _made(name: str, pointer: str, before: Fact, after: Fact, was: Json, now: Json, doubtful: bool = False) -> Finding:
    severity = rule(name).severity
    if doubtful:
        severity = Severity.WARNING if severity is Severity.BREAKING else Severity.INFO
    evidence = {"seen": after.seen, "of": after.of, "baseline_seen": before.seen, "baseline_of": before.of}
    return Finding(name, severity, pointer, was, now, evidence)


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
    if lowered:
        parts.append("too few samples to be sure")
    return "; ".join(parts)
