"""Judging JSON types and string formats."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from ..contract.shape import ordered
from ..paths import Json
from .facts import Fact, Kind
from .finding import Finding, is_doubtful, made, total
from .odds import DOUBT, by_order, is_gone

TEMPORAL: Final = frozenset({"date-time", "date"})
FEW: Final = 3
"""Fewer cases than this do not show that something is never null or never a fraction, or always has one format."""
_MET_LATE: Final = frozenset({"null", "number"})


def judge_types(pointer: str, before: Fact, after: Fact) -> Iterator[Finding]:
    """What it means that a place holds other JSON types than before."""
    known, seen = set(before.types), set(after.types)
    subject = "response-body" if before.kind is Kind.BODY else "response-property"
    was, now = ordered(known), ordered(seen)
    if known == {"null"}:
        yield made(f"{subject}-type-compatible", pointer, before, after, was, now)
        return
    if "null" in seen - known:
        yield _contrary(f"{subject}-became-nullable", pointer, before, after, was, now, {"null"})
    if "null" in known - seen and _lost(before, after, "null"):
        yield made(f"{subject}-became-not-nullable", pointer, before, after, was, now)
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
        yield made(f"{subject}-list-of-types-narrowed", pointer, before, after, was, now)


def _lost(before: Fact, after: Fact, kind: str) -> bool:
    had, of = before.types.get(kind), total(before.types)
    return had is not None and of is not None and is_gone(had, of, total(after.types) or 0)


def _contrary(name: str, pointer: str, before: Fact, after: Fact, was: Json, now: Json, kinds: set[str]) -> Finding:
    known, fresh = total(before.types), total(after.types) or 0
    odd = sum(after.types[kind] or 0 for kind in kinds)
    few = bool(kinds <= _MET_LATE) and known is not None and known < FEW
    doubtful = is_doubtful(known, fresh, odd, None if few else before.samples)
    before, after = replace(before, seen=0, of=known), replace(after, seen=odd, of=fresh)
    return made(name, pointer, before, after, was, now, doubtful)


def judge_formats(pointer: str, before: Fact, after: Fact) -> Iterator[Finding]:
    """What it means that texts no longer have the format they had, such as dates; unless so few could be chance."""
    (known, of), fresh = next(iter(before.formats.items())), total(after.formats) or 0
    odd = fresh - (after.formats.get(known) or 0)
    if of is not None and (of < FEW or by_order(of, fresh, odd) > DOUBT):
        return
    name = "response-property-format-generalized" if known in after.formats else "response-property-format-changed"
    now = sorted(kind or "text" for kind in after.formats)
    before, after = replace(before, seen=0, of=of), replace(after, seen=odd, of=fresh)
    yield made(name, pointer, before, after, [known], now, doubtful=known not in TEMPORAL)
