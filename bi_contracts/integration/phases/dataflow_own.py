"""The user's own part of the data-flow phase: their tests, and rules beside those that ship."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import httpx

from ...checks.connection import not_good, not_recorded
from ...checks.dataflow import DataFlowTest
from ...checks.rulebook import RULEBOOK
from ...checks.rules import BusinessRule, rules_from
from ...errors import BiContractsError, CassetteNotFound, ConfigurationError, ExitCode, UpstreamError
from ...paths import Json, decode_body
from ...redact import redact_text
from ...report.events import Finding, Outcome, Status
from ..context import Context
from .dataflow_common import PHASE, failed, pages, status, unusable


async def own(context: Context, test: DataFlowTest) -> Outcome:
    """One data-flow test. Nothing is raised: what goes wrong is in the outcome."""
    started = time.perf_counter()
    subject = f"gateway{test.source_endpoint}" if test.of_gateway else test.source_endpoint
    base = Outcome(subject, test.name, Status.PASSED, phase=PHASE)
    try:
        found = await (_asked(context, test) if test.of_gateway else _own_rows(context, test))
        base = replace(base, **found)
    except httpx.HTTPError as error:
        base = replace(base, status=Status.ERROR, note=f"{type(error).__name__}", exit_code=ExitCode.UPSTREAM)
    except BiContractsError as error:
        base = replace(failed(base, error), subject=subject)
    return replace(base, elapsed=time.perf_counter() - started)


async def _own_rows(context: Context, test: DataFlowTest) -> dict[str, Any]:
    try:
        reading = await context.reader.read(test.source_endpoint, max_pages=pages(context), **test.arguments)
    except UpstreamError as error:
        if context.mode != "replay":
            raise
        path = context.upstream.workspace.find_cassette(test.source_endpoint)
        raise unusable(test.source_endpoint, path, error) from None
    elapsed, sizes = [page.elapsed for page in reading.pages], [page.size for page in reading.pages]
    found = test.findings(reading.records, elapsed=elapsed, sizes=sizes)
    return _told(found, source=str(reading.source), samples=len(reading.records))


async def _asked(context: Context, test: DataFlowTest) -> dict[str, Any]:
    """The gateway's answer. Rows that are stale or made up are no evidence of data that flow."""
    started = time.perf_counter()
    answer = await context.gateway.get(test.source_endpoint, params=dict(test.arguments))
    took = time.perf_counter() - started
    body = decode_body(answer.content)
    unknown = (not_recorded(body) if context.mode == "replay" else "") or _not_chosen(answer, body)
    if unknown:
        raise CassetteNotFound(unknown)
    if not answer.is_success:
        said = f"the gateway answers HTTP {answer.status_code}"
        return _told([Finding("status", "breaking", "/status", message=said)], source=context.mode, samples=1)
    rows = test.rows_in(body)
    found = test.findings(rows, elapsed=[took], sizes=[len(answer.content)])
    found += [
        Finding("source-not-fresh", "breaking", path, message=f"not fresh data: {redact_text(said)}")
        for path, said in not_good(body)
    ]
    return _told(found, source=context.mode, samples=len(rows))


def _not_chosen(answer: httpx.Response, body: Json) -> str:
    """Which platforms the gateway was not to ask, where it has no answer without them; "" where it has one."""
    sections = body.get("sections") if isinstance(body, Mapping) else None
    if answer.is_success or not isinstance(sections, list):
        return ""
    found = [one for one in sections if isinstance(one, Mapping) and one.get("source") == "bypassed"]
    names = sorted({str(one.get("id")).partition("/")[0] for one in found})
    return f"needs platforms that were not chosen: {', '.join(names)}" if names else ""


def _told(found: Sequence[Finding], **more: Any) -> dict[str, Any]:
    return {"status": status(found), "findings": tuple(found), **more}


def declared_rules(context: Context) -> tuple[list[BusinessRule], list[Outcome]]:
    """The rules that ship, those of the workspace's tables and of its files: one of the same id stands in for another.

    What cannot be used is told as outcomes, and does not keep the others from being asked.
    """
    workspace = context.upstream.workspace
    known = {rule.id: rule for rule in RULEBOOK}
    broken: list[Outcome] = []
    listed: tuple[BusinessRule, ...] = ()
    try:
        listed = rules_from(workspace.tables.get("rules", []), workspace.where)
    except ConfigurationError as error:
        broken.append(_unusable("rules/tables", error))
    for rule in (*listed, *context.of(BusinessRule)):
        known[rule.id] = rule
    usable = []
    for rule in known.values():
        try:
            rule.program  # noqa: B018  (compiling it is the check)
            usable.append(rule)
        except ConfigurationError as error:
            broken.append(_unusable(f"rules/{rule.id}", error))
    return usable, broken[:1] if not usable else broken


def _unusable(subject: str, error: ConfigurationError) -> Outcome:
    code = ExitCode(error.exit_code)
    note = str(error).replace(f"rule {subject.removeprefix('rules/')}: ", "", 1)
    check = "rules" if subject == "rules/tables" else "expression"
    return Outcome(subject, check, Status.ERROR, note=note, elapsed=0.0, exit_code=code, phase=PHASE)
