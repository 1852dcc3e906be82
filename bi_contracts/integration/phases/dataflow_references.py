"""The references part of the data-flow phase: inside each platform, and from one to another."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ...checks.dataflow import Declared, Judged, Reference, derived, judge
from ...interaction import Source
from ...platform import Platform
from ...report.events import Outcome, Status
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
    tables = {id: one.table for id, one in got.items() if one.reading is not None}
    # A list under a parent was read for one parent: what is not there may stand under another.
    complete = {
        id for id, one in got.items() if one.reading and one.reading.complete and not one.target.endpoint.parents
    }
    keys = {id: one.target.endpoint.key for id, one in got.items()}
    return [judge(one, tables, complete, key=keys.get(one.ids[0], "")) for one in references]


def _connected(subject: str, judged: Sequence[Judged], got: Sequence[Got]) -> Outcome:
    known = [one for one in judged if not one.unknown]
    found = tuple(finding for one in known for finding in one.findings)
    sources = {str(one.reading.source) for one in got if one.reading is not None}
    unknown = [one for one in judged if one.unknown]
    note = f"{len(unknown)} of {len(judged)} cannot be told: {unknown[0].unknown}" if unknown else ""
    return Outcome(
        subject,
        "references",
        status(found) if known else Status.SKIPPED,
        found,
        source=_common(sources),
        samples=sum(one.of for one in known),
        note=note,
        phase=PHASE,
        figures={
            "references": sum(one.of for one in known),
            "references_kept": sum(one.kept for one in known),
            "kinds": len(judged),
            "kinds_unknown": len(unknown),
        },
    )


def _common(sources: set[str]) -> str:
    """Who answered; unknown where several did, nobody where nothing was read."""
    if not sources:
        return ""
    return sources.pop() if len(sources) == 1 else str(Source.UNKNOWN)


def _renamed(reference: Reference, platform: str) -> Reference:
    """The reference as it is in an account: `hubspot@eu/deals` for `hubspot/deals`."""
    shared, _, label = platform.partition("@")
    if not label:
        return reference

    def named(place: str) -> str:
        return f"{platform}/{place.partition('/')[2]}" if place.partition("/")[0] == shared else place

    return replace(reference, source=named(reference.source), targets=tuple(map(named, reference.targets)))
