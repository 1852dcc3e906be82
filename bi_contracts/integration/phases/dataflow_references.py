"""The references part of the data-flow phase: inside each platform, and from one to another."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from ...checks.dataflow import Declared, Judged, Reference, derived, judge
from ...platform import Platform
from ...report.events import Outcome, Status
from ..workflows import common
from .dataflow_common import PHASE, Got, status


def inside(platform: Platform, declared: Declared, got: Sequence[Got]) -> Outcome:
    """Every reference inside a platform in one outcome."""
    started = time.perf_counter()
    wanted = [_renamed(one, platform.name) for one in declared.references if not one.across]
    wanted = [one for one in wanted if one.ids[0].partition("/")[0] == platform.name]
    told = {one.source for one in wanted}
    wanted += [one for one in derived(platform) if one.source not in told]
    judged = _judged(wanted, {one.target.id: one for one in got})
    base = _connected(f"{platform.name}/references", judged, got)
    return replace(base, elapsed=time.perf_counter() - started)


def across(reference: Reference, everything: Mapping[str, Got]) -> Outcome:
    """One reference from a platform to others."""
    started = time.perf_counter()
    judged = _judged([reference], everything)
    got = [everything[id] for id in reference.ids if id in everything]
    name = reference.name or reference.source.partition(":")[0].rpartition("/")[2]
    base = _connected(f"{reference.ids[0].partition('/')[0]}/{name}", judged, got)
    return replace(base, check="references across platforms", elapsed=time.perf_counter() - started)


def _judged(references: Iterable[Reference], got: Mapping[str, Got]) -> list[Judged]:
    read = {id: one for id, one in got.items() if one.reading is not None}
    return [_one(reference, read) for reference in references]


def _one(reference: Reference, read: Mapping[str, Got]) -> Judged:
    """One reference among lists of one place and time: where they differ, what leads nowhere says nothing."""
    source = read.get(reference.ids[0])
    others = {id: read[id] for id in reference.ids if id in read}
    strange = {id: why.format(reference.ids[0], id) for id, one in others.items() if (why := _strange(source, one))}
    apart = {id: _APART.format(reference.ids[0], id) for id, one in others.items() if not _together(source, one)}
    tables = {id: one.table for id, one in others.items() if id not in strange}
    # A list under a parent was read for one parent: what is not there may stand under another.
    complete = [
        id for id, one in others.items() if one.reading and one.reading.complete and not one.target.endpoint.parents
    ]
    key = source.target.endpoint.key if source is not None else ""
    return judge(reference, tables, complete, key=key, apart=apart | strange)


_STRANGE: Final = "{} and {} are not of one account ("
_APART: Final = "{} and {} were recorded more than a day apart, so what is missing may have come or gone"
_DAY: Final = 86_400.0


def _strange(one: Got | None, other: Got) -> str:
    """Why two lists are not of one place, "" where they are: one is reference data, or somebody else answered."""
    if one is None or one.reading is None or other.reading is None:
        return ""
    if one.own != other.own:
        return f"{_STRANGE}one is your own recording, the other reference data), so where the one leads is open"
    if one.reading.source != other.reading.source and one.reading.records and other.reading.records:
        told = f"{one.reading.source} and {other.reading.source} answered"
        return f"{_STRANGE}{told}), so where the one leads is open"
    return ""


def _together(one: Got | None, other: Got) -> bool:
    """Whether two lists were recorded at about the same time, or both were asked just now."""
    if one is None or one.reading is None or other.reading is None:
        return True
    first, second = one.reading.recorded_at, other.reading.recorded_at
    return first is None or second is None or abs(first - second) <= _DAY


def _connected(subject: str, judged: Sequence[Judged], got: Sequence[Got]) -> Outcome:
    known = [one for one in judged if not one.unknown]
    found = tuple(finding for one in known for finding in one.findings)
    sources = {str(one.reading.source) for one in got if one.reading is not None}
    return Outcome(
        subject,
        "references",
        status(found) if known else Status.SKIPPED,
        found,
        source=common(sources) if sources else "",
        samples=sum(one.of for one in known),
        note=_note(judged),
        phase=PHASE,
        figures={
            "references": sum(one.of for one in known),
            "references_kept": sum(one.kept for one in known),
            "reference_fields": len(judged),
            "reference_fields_not_judged": len(judged) - len(known),
        },
    )


def _note(judged: Sequence[Judged]) -> str:
    if not judged:
        return "no references are known"
    reasons = [one.unknown for one in judged if one.unknown]
    if not reasons:
        return ""
    return reasons[0] if len(judged) == 1 else f"{len(reasons)} of {len(judged)} fields not judged: {reasons[0]}"


def _renamed(reference: Reference, platform: str) -> Reference:
    """The reference as it is in an account: `hubspot@eu/deals` for `hubspot/deals`."""
    shared, _, label = platform.partition("@")
    if not label:
        return reference

    def named(place: str) -> str:
        return f"{platform}/{place.partition('/')[2]}" if place.partition("/")[0] == shared else place

    return replace(reference, source=named(reference.source), targets=tuple(map(named, reference.targets)))
