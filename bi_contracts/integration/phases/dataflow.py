"""The data-flow phase: every endpoint's rows looked at, the references between them, and the business rules."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace

from ...cassette.shelf import cassette_at
from ...checks.dataflow import (
    DataFlowTest,
    Declared,
    Sample,
    Table,
    examine,
    keys,
    observed,
)
from ...checks.rules import BusinessRule, Verdict, evaluate, findings
from ...contract import Contract
from ...errors import (
    BiContractsError,
    CassetteError,
    ContractNotFound,
    CredentialsMissing,
    UpstreamError,
)
from ...interaction import Source, common_source
from ...platform import Platform
from ...reading import Reader, Reading
from ...registry import Target
from ...report.events import Outcome, Status
from ...session import Upstream, heads
from ...suite import yardstick
from ...workspace import shared_id
from ..context import Context
from .dataflow_common import AT_ONCE, PHASE, Got, failed, pages, status, unusable
from .dataflow_own import declared_rules, own
from .dataflow_references import across, inside


async def run(context: Context) -> AsyncIterator[Outcome]:
    """Platform by platform, all of them read at once; then what leads across platforms, and the user's own tests."""
    rules, broken = declared_rules(context)
    for outcome in broken:
        yield outcome
    declared = Declared.of(context.own)
    examiner = _Examiner(context, declared, rules)
    tasks = [asyncio.create_task(_read(context, platform)) for platform in context.platforms]
    everything: dict[str, Got] = {}
    try:
        for platform, task in zip(context.platforms, tasks, strict=True):
            got = await task
            everything |= {one.target.id: one for one in got}
            for one in got:
                for outcome in await examiner.outcomes(one):
                    yield outcome
                await asyncio.sleep(0)  # others read on meanwhile
            if any(one.reading for one in got):
                yield inside(platform, declared, got)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await examiner.aclose()
    taking_part = {one.name for one in context.platforms}
    for reference in declared.references:
        source, *others = (id.partition("/")[0] for id in reference.ids)
        if reference.across and source in taking_part and taking_part.intersection(others):
            yield across(reference, everything)
    for test in context.of(DataFlowTest):
        yield await own(context, test)


async def _read(context: Context, platform: Platform) -> list[Got]:
    """Every endpoint of a platform that takes part, a few at a time; a recording is played in order."""
    targets = [one for one in context.targets if one.platform.name == platform.name and one.endpoint.kind != "write"]
    try:
        context.reader.client(platform)
    except CredentialsMissing as error:
        outcome = Outcome(f"{platform.name}/data", "data", Status.SKIPPED, note=str(error), elapsed=0.0, phase=PHASE)
        return [Got(targets[0], instead=outcome)] if targets else []
    except CassetteError:
        pass  # each endpoint says so for itself
    except BiContractsError as error:
        base = Outcome(f"{platform.name}/data", "data", Status.ERROR, elapsed=0.0, phase=PHASE)
        return [Got(targets[0], instead=failed(base, error))] if targets else []
    free = asyncio.Semaphore(1 if context.mode == "replay" else AT_ONCE)

    async def one(target: Target) -> Got:
        async with free:
            return await _got(context, target)

    return list(await asyncio.gather(*map(one, targets)))


async def _got(context: Context, target: Target) -> Got:
    started = time.perf_counter()
    workspace = context.upstream.workspace
    own = context.mode != "replay" or workspace.knows(target.id)
    try:
        try:
            return Got(target, await context.reader.read(target.id, max_pages=pages(context)), own=own)
        except UpstreamError as error:
            if context.mode != "replay":
                raise
            raise unusable(target.id, workspace.find_cassette(target.id), error) from None
    except BiContractsError as error:
        base = Outcome(target.id, "data", Status.SKIPPED, elapsed=time.perf_counter() - started, phase=PHASE)
        return Got(target, instead=failed(base, error), own=own)


class _Examiner:
    """Looks at what endpoints hold, beside what was recorded of them."""

    def __init__(self, context: Context, declared: Declared, rules: Sequence[BusinessRule]) -> None:
        self.context = context
        self.declared = declared
        self.rules = rules
        self.workspace = context.upstream.workspace
        self.recordings = Reader(Upstream(self.workspace, "replay"))

    async def aclose(self) -> None:
        """Closes what recordings were read with."""
        await self.recordings.aclose()

    async def outcomes(self, got: Got) -> list[Outcome]:
        """`data`, and `rules` where there are any for it."""
        if got.reading is None:
            return [got.instead] if got.instead is not None else []
        started = time.perf_counter()
        try:
            sample = await self._sample(got, got.reading)
        except BiContractsError as error:  # a contract or a recording that cannot be used
            return [failed(Outcome(got.target.id, "data", Status.ERROR, elapsed=0.0, phase=PHASE), error)]
        data = self._data(sample, got.reading)
        return [replace(data, elapsed=time.perf_counter() - started), *self._rules(sample, got.reading)]

    async def _sample(self, got: Got, reading: Reading) -> Sample:
        target = got.target
        source = self._answering(reading)
        baseline, before = await self._baseline(target, source)
        return Sample(
            shared_id(target.id),
            target.endpoint,
            got.table,
            reading.at,
            reading.envelopes,
            [page.size for page in reading.pages],
            [page.elapsed for page in reading.pages],
            reading.complete,
            not keys(got.table, target.endpoint.key) or self._once(target),
            self._contract(target.id, source),
            baseline,
            source,
            before,
            self.workspace.knows(target.id) or self.workspace.knows(shared_id(target.id)),
        )

    def _data(self, sample: Sample, reading: Reading) -> Outcome:
        found = examine(sample, self.declared)
        figures: dict[str, float] = {"rows": len(sample.rows), "answers": len(reading.pages)}
        figures["largest_bytes"] = max(sample.sizes, default=0)
        timed = [one for one in sample.elapsed if one is not None]
        if timed:
            figures["slowest_ms"] = round(max(timed) * 1000, 3)
        if found.newest is not None:
            figures["newest_age_days"] = round(max(0.0, sample.now - found.newest) / 86_400, 3)
        verdict = status(found.findings)
        if verdict is Status.PASSED and not len(sample.rows):
            verdict = Status.SKIPPED  # a check of nothing
        return Outcome(
            reading.id,
            "data",
            verdict,
            found.findings,
            source=str(reading.source),
            samples=len(sample.rows),
            note="; ".join(found.skipped),
            phase=PHASE,
            figures=figures,
        )

    def _rules(self, sample: Sample, reading: Reading) -> list[Outcome]:
        wanted = [rule for rule in self.rules if rule.concerns(sample.id) or rule.concerns(reading.id)]
        if not wanted:
            return []
        started = time.perf_counter()
        verdicts = evaluate(wanted, sample.rows, sample.now)
        base = Outcome(reading.id, "rules", Status.PASSED, source=str(reading.source), phase=PHASE)
        lots = [one for one in verdicts if not one.blank], [one for one in verdicts if one.blank]
        told = [_evaluated(base, lot, sample) for lot in lots if lot]
        took = (time.perf_counter() - started) / len(told)
        return [replace(one, elapsed=took) for one in told]

    def _answering(self, reading: Reading) -> Source:
        """Who answers; a list that says with an error that it is empty (Gong's calls) was asked of the same."""
        if reading.pages or self.context.mode == "replay":
            return reading.source
        return Source.LIVE if self.context.mode == "live" else Source.SANDBOX

    def _contract(self, id: str, source: Source) -> Contract | None:
        try:
            return yardstick(self.workspace, id, source)
        except ContractNotFound:
            return None

    def _once(self, target: Target) -> bool:
        """Whether the rows come from one read: a recording may hold several of the same list."""
        path = self.workspace.find_cassette(target.id) if self.context.mode == "replay" else None
        if path is None:
            return True
        return len(heads(target.endpoint, target.platform.base_url, cassette_at(path).interactions)) <= 1

    async def _baseline(self, target: Target, source: Source) -> tuple[Mapping[str, tuple[int, int]], int]:
        """How often each field held something when it was recorded, and how many rows there were.

        From the same source: other data say nothing.
        """
        path = None if self.context.mode == "replay" else self.workspace.find_cassette(target.id)
        try:
            if path is None or common_source(cassette_at(path).interactions) != source:
                return {}, 0
            kept = await self.recordings.read(target.id, max_pages=None)
        except BiContractsError:
            return {}, 0  # a recording that cannot be read, or of nothing but errors, tells of no field
        return observed(Table(kept.records)), len(kept.records)


def _evaluated(base: Outcome, verdicts: Sequence[Verdict], sample: Sample) -> Outcome:
    """What came of rules that had a value somewhere, or of those that had one nowhere: these have not passed."""
    rows = len(sample.rows)
    found = tuple(findings(verdicts, sample.rows, key=sample.endpoint.key))
    blank = [one.rule.id for one in verdicts if one.blank]
    verdict = Status.SKIPPED if blank or not rows else Status.PASSED
    note = f"without a value on any row: {', '.join(blank)}" if blank else "" if rows else "no rows to ask the rules of"
    return replace(
        base,
        check="rules without a value" if blank else "rules",
        status=Status.FAILED if status(found) is Status.FAILED else verdict,
        findings=found,
        samples=rows,
        note=note,
        figures={"rules": len(verdicts)},
    )
