"""Judging values that make a shape: statuses, media types, vocabularies, variants, outcomes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from ..paths import Json
from .facts import Fact, Kind, is_success
from .finding import Finding, is_doubtful, made, total
from .odds import LUCK, by_luck, is_gone
from .severity import Severity


def judge_values(pointer: str, before: Fact, after: Fact) -> Iterator[Finding]:
    """What it means that other values stand at a place: statuses, media types, variants, words of a vocabulary."""
    judges: dict[Kind, Callable[[str, Fact, Fact], Iterable[Finding]]] = {
        Kind.STATUS: _statuses,
        Kind.HEADER: _media_types,
        Kind.UNION: _variants,
        Kind.OUTCOME: _outcomes,
    }
    yield from judges.get(before.kind, _vocabulary)(pointer, before, after)


def _new(before: Fact, after: Fact) -> list[Json]:
    return sorted((value for value in after.values if value not in before.values), key=str)


def _missing(before: Fact, after: Fact) -> list[Json]:
    """Values of the baseline that are gone, beyond chance."""
    of, fresh = total(before.values), total(after.values) or 0
    absent = {value: had for value, had in before.values.items() if value not in after.values and had is not None}
    return [value for value, had in absent.items() if of is not None and is_gone(had, of, fresh)]


def _is_replaced(before: Fact, after: Fact) -> bool:
    """Whether a known value went as new ones came: luck alone is asked, since these are no baseline samples."""
    of, fresh = total(before.values), total(after.values) or 0
    absent = [had for value, had in before.values.items() if value not in after.values and had is not None]
    return any(of is not None and by_luck(had / of, fresh) < LUCK for had in absent)


def _counted(before: Fact, after: Fact, values: Iterable[Json]) -> tuple[Fact, Fact]:
    """Both facts with the counts of these values."""
    chosen = list(values)
    seen = sum(after.values.get(value) or 0 for value in chosen)
    had = [before.values[value] for value in chosen if value in before.values]
    known = sum(count for count in had if count is not None) if None not in had else None
    of = total(before.values)
    of = before.types.get("string") if of is None else of
    return replace(before, seen=known, of=of), replace(after, seen=seen, of=total(after.values))


def _statuses(pointer: str, before: Fact, after: Fact) -> Iterator[Finding]:
    was, now = sorted(before.values), sorted(after.values)
    new, gone = _new(before, after), _missing(before, after)
    promised = [status for status in was if is_success(status)]
    replaced = bool(new) and not set(promised) & set(now) and _is_telling(before, after, promised)
    lost = [status for status in promised if status in gone or (replaced and status not in now)]
    if lost:
        yield made("response-success-status-removed", pointer, *_counted(before, after, lost), was, now)
    for status in new:
        action = "success" if is_success(status) else "non-success"
        yield made(f"response-{action}-status-added", pointer, *_counted(before, after, [status]), was, now)
    if errors := [status for status in gone if not is_success(status)]:
        yield made("response-non-success-status-removed", pointer, *_counted(before, after, errors), was, now)


def _is_telling(before: Fact, after: Fact, promised: list[int]) -> bool:
    """Whether no success at all says something: not where the baseline mostly failed as well."""
    of, had = total(before.values), sum(before.values[status] or 0 for status in promised)
    return of is None or had * 2 >= of or by_luck(had / of, after.of or 0) < LUCK


def _media_types(pointer: str, before: Fact, after: Fact) -> Iterator[Finding]:
    was, now, new = sorted(before.values), sorted(after.values), _new(before, after)
    if new:
        kept = any(value in before.values for value in now)
        name = "response-media-type-added" if kept else "response-media-type-removed"
        yield made(name, pointer, *_counted(before, after, new), was, now)


def _vocabulary(pointer: str, before: Fact, after: Fact) -> Iterator[Finding]:
    was, now, new = sorted(before.values, key=str), sorted(after.values, key=str), _new(before, after)
    if not new:
        return
    changed = len(was) == 1 and was[0] not in after.values
    name = "response-property-const-changed" if changed else "response-property-enum-value-added"
    before, after = _counted(before, after, new)
    yield made(
        name, pointer, before, after, was, now, doubtful=not changed and len(was) == 1 and _is_rare(before, after)
    )


def _is_rare(before: Fact, after: Fact) -> bool:
    return is_doubtful(before.of, after.of, after.seen or 0)


def _is_thin(before: Fact) -> bool:
    """Too few baseline cases, or some of them seen only once: more variants were to be expected."""
    counts = [count for count in before.values.values() if count is not None]
    return len(counts) == len(before.values) and (min(counts) < 2 or sum(counts) < 8)


def _variants(pointer: str, before: Fact, after: Fact) -> Iterator[Finding]:
    was, now = sorted(before.values, key=str), sorted(after.values, key=str)
    new, gone = _new(before, after), _missing(before, after)
    if new:
        replaced = _is_replaced(before, after) or not any(value in before.values for value in now)
        counted = _counted(before, after, new)
        doubtful = not replaced and _is_thin(before) and _is_rare(*counted)
        finding = made("response-property-one-of-added", pointer, *counted, was, now, doubtful)
        yield replace(finding, severity=Severity.BREAKING) if replaced else finding
    elif gone:
        yield made("response-property-one-of-removed", pointer, *_counted(before, after, gone), was, now)


def _outcomes(pointer: str, before: Fact, after: Fact) -> Iterator[Finding]:
    good = pointer.endswith("/ok")
    was, now = [_outcome(value, good) for value in before.values], [_outcome(value, good) for value in after.values]
    was, now = sorted(was), sorted(now)
    gone = _missing(before, after)
    if good in gone or (good in before.values and good not in after.values and (not good) not in before.values):
        yield made("response-success-body-removed", pointer, *_counted(before, after, [good]), was, now)
    elif good in after.values and good not in before.values:
        yield made("response-success-body-added", pointer, *_counted(before, after, [good]), was, now)
    elif (not good) in after.values and (not good) not in before.values:
        yield made("response-error-body-added", pointer, *_counted(before, after, [not good]), was, now)
    elif (not good) in gone:
        yield made("response-error-body-removed", pointer, *_counted(before, after, [not good]), was, now)


def _outcome(value: Json, good: bool) -> str:
    return "success" if value is good else "error"
