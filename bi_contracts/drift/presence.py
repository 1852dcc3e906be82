"""Judging presence: properties and headers that came, went, or became optional."""

from __future__ import annotations

from collections.abc import Iterator

from ..contract.headers import LIFECYCLE, is_promised
from .facts import Fact, Kind, Presence
from .finding import Finding, is_doubtful, made
from .odds import NEVER, by_luck, is_gone


def judge_presence(pointer: str, before: Fact, after: Fact) -> Iterator[Finding]:
    """What it means that a property came, went, or is there more or less often."""
    known, seen = before.presence, after.presence
    if known is Presence.ABSENT:
        yield made(_added(pointer, before, after), pointer, before, after, "absent", str(seen))
    elif seen is Presence.ABSENT and known is Presence.REQUIRED:
        yield _required_removed(pointer, before, after)
    elif seen is Presence.ABSENT and _gone(before, after):
        removed = (
            "optional-response-header-removed" if before.kind is Kind.HEADER else "response-optional-property-removed"
        )
        yield made(_lifecycle(pointer, "removed") or removed, pointer, before, after, "optional", "absent")
    elif known is Presence.REQUIRED and seen is Presence.OPTIONAL:
        odd = (after.of or 0) - (after.seen or 0)
        doubtful = _is_minor(pointer, before) or is_doubtful(before.of, after.of, odd)
        yield made(
            f"response-{_noun(before)}-became-optional", pointer, before, after, "required", "optional", doubtful
        )
    elif known is Presence.OPTIONAL and seen is Presence.REQUIRED and _settled(before, after):
        yield made(f"response-{_noun(before)}-became-required", pointer, before, after, "optional", "required")


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
    doubtful = is_doubtful(before.of, after.of, after.of or 0, before.samples)
    return made(name, pointer, before, after, "required", "absent", doubtful)


def _gone(before: Fact, after: Fact) -> bool:
    if not before.seen or not before.of:
        return False
    fresh = after.of or 0
    return is_gone(before.seen, before.of, fresh) or by_luck(before.seen / before.of, fresh) < NEVER


def _settled(before: Fact, after: Fact) -> bool:
    """Optional before and always there now, more often than luck and than the baseline itself had it."""
    return (
        before.seen is not None and before.of is not None and is_gone(before.of - before.seen, before.of, after.of or 0)
    )
