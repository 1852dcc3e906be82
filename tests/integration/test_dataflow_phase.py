"""The data-flow phase: what it says of recordings, of a sandbox, and of platforms that do not answer."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from bi_contracts.cassette.sockets import block_sockets
from bi_contracts.checks.dataflow import DataFlowTest, Declared, Filled, Reference
from bi_contracts.checks.rulebook import RULEBOOK
from bi_contracts.checks.rules import BusinessRule
from bi_contracts.errors import CassetteMiss, ContractNotFound, ExitCode, InvalidContract
from bi_contracts.integration.context import Context
from bi_contracts.integration.phases import dataflow
from bi_contracts.integration.phases.dataflow_common import Got
from bi_contracts.integration.phases.dataflow_own import own
from bi_contracts.integration.phases.dataflow_references import across, inside
from bi_contracts.interaction import Source
from bi_contracts.paths import Json
from bi_contracts.reading import Reader, Reading
from bi_contracts.registry import select
from bi_contracts.report.events import Outcome, Status
from bi_contracts.sandbox import Sandbox
from bi_contracts.sandbox.evolution import Evolution
from bi_contracts.session import Upstream
from bi_contracts.workspace import Workspace

Answer = Callable[[httpx.Request], httpx.Response]
NOW = 1_768_125_600.0


def nobody(request: httpx.Request) -> httpx.Response:
    """A gateway that nobody should ask."""
    raise AssertionError(request.url)


async def with_context(
    upstream: Upstream, globs: Sequence[str], work: Callable[[Context], Any], own: Sequence[Any], gateway: Answer
) -> Any:
    """What work gives, done with the context of a run."""
    client = httpx.AsyncClient(transport=httpx.MockTransport(gateway), base_url="http://gateway")
    async with Reader(upstream) as reader, client:
        targets = tuple(select(list(globs), upstream.workspace))
        return await work(Context(upstream, reader, targets, client, True, tuple(own)))


def phase(upstream: Upstream, *globs: str, own: Sequence[Any] = (), gateway: Answer = nobody) -> list[Outcome]:
    """Every outcome of the phase."""

    async def work(context: Context) -> list[Outcome]:
        return [outcome async for outcome in dataflow.run(context)]

    found: list[Outcome] = asyncio.run(with_context(upstream, globs or ["*"], work, own, gateway))
    return found


def one(test: DataFlowTest, gateway: Answer = nobody, origin: str = "replay") -> Outcome:
    """The outcome of one data-flow test."""

    async def work(context: Context) -> Outcome:
        return await own(context, test)

    found: Outcome = asyncio.run(with_context(upstream(origin), ["gong/*"], work, (), gateway))
    return found


def upstream(origin: str = "replay", **changes: Any) -> Upstream:
    """Who answers, in a workspace of this checkout."""
    return Upstream(replace(Workspace.discover(), **changes), origin)


def by_check(outcomes: Sequence[Outcome], check: str) -> dict[str, Outcome]:
    """Subject -> outcome of one check."""
    return {outcome.subject: outcome for outcome in outcomes if outcome.check == check}


@pytest.fixture(scope="module")
def replayed() -> list[Outcome]:
    """The phase over the reference recordings, with no socket to be had."""
    with block_sockets():
        return phase(upstream())


def test_the_reference_recordings_raise_no_false_alarm(replayed: list[Outcome]) -> None:
    """Every endpoint is looked at, everything that was looked at passes, and nothing is breaking."""
    readable = {target.id for target in select(["*"], Workspace.discover()) if target.endpoint.kind != "write"}
    assert set(by_check(replayed, "data")) == readable
    assert {outcome.verdict for outcome in replayed} == {Status.PASSED}
    assert not [finding for outcome in replayed for finding in outcome.findings if finding.severity == "breaking"]


def test_outcomes_say_what_they_rest_on(replayed: list[Outcome]) -> None:
    """Phase, source, samples, time taken, and figures."""
    assert {outcome.phase for outcome in replayed} == {"data flow"}
    assert {outcome.provenance for outcome in replayed} == {"sandbox"}
    assert all(outcome.elapsed is not None for outcome in replayed)
    calls = by_check(replayed, "data")["gong/calls"]
    assert calls.samples == calls.figures["rows"] > 0
    assert calls.figures["largest_bytes"] > 1000
    assert calls.figures["newest_age_days"] > 0
    assert by_check(replayed, "rules")["gong/calls"].figures == {"rules": 2}


def test_references_inside_and_across_platforms_are_judged(replayed: list[Outcome]) -> None:
    """One outcome a platform, and one for each reference that leads to another."""
    inside_each = by_check(replayed, "references")
    assert len(inside_each) == 9
    assert all(outcome.figures["references_kept"] > 50 for outcome in inside_each.values())
    leading = by_check(replayed, "references across platforms")
    parties = leading["gong/gong-parties-in-hubspot"]
    assert parties.figures["references"] == parties.figures["references_kept"] > 0


def test_reports_stay_readable(replayed: list[Outcome]) -> None:
    """At most two outcomes an endpoint."""
    per_endpoint = Counter(outcome.subject for outcome in replayed)
    assert max(per_endpoint.values()) <= 2


def test_only_the_platforms_asked_for_take_part() -> None:
    """Regression row: `--platform` filters."""
    found = phase(upstream(), "slack/*")
    assert {outcome.platform for outcome in found} == {"slack"}


def test_a_sandbox_passes() -> None:
    """Live rows of a sandbox are held to what was recorded of one."""
    found = phase(upstream("sandbox"), "gong/*")
    assert {outcome.verdict for outcome in found if outcome.check in ("data", "rules")} == {Status.PASSED}
    assert by_check(found, "references")["gong/references"].verdict is Status.PASSED
    assert "nothing tells" not in by_check(found, "data")["gong/calls"].note


def test_an_upstream_that_is_down_never_passes() -> None:
    """Regression row: an upstream that is down is never counted as passed."""
    workspace = Workspace.discover()
    sandbox = Sandbox([target.platform for target in select(["gong/calls"], workspace)], rows=5)
    sandbox.fault("status=503", platform="gong", times=None)
    down = Upstream(workspace, "sandbox", sandbox, patience=0.0)
    found = phase(down, "gong/calls", "gong/users")
    assert len(found) == 2
    assert {outcome.verdict for outcome in found} == {Status.ERROR}
    assert {outcome.exit_code for outcome in found} == {ExitCode.UPSTREAM}


def evolved(*changes: dict[str, str]) -> dict[str, Outcome]:
    """The `data` of HubSpot's contacts in a sandbox whose API has changed."""
    workspace = Workspace.discover()
    sandbox = Sandbox([target.platform for target in select(["hubspot/contacts"], workspace)], enforce_limits=False)
    sandbox.clock.set(sandbox.world.present)
    sandbox.evolve(Evolution.parse([{"endpoint": "hubspot/contacts", **change} for change in changes]))
    return by_check(phase(Upstream(workspace, "sandbox", sandbox), "hubspot/contacts"), "data")


def test_a_field_that_an_api_stops_filling_is_found() -> None:
    """Optional in the contract, so the contract is kept; what was recorded tells that it always was there."""
    (outcome,) = evolved({"change": "remove", "path": "properties.lastname"}).values()
    found = {finding.path: finding for finding in outcome.findings}
    assert outcome.verdict is Status.FAILED
    assert found["/0/properties/lastname"].rule == "field-emptied"
    assert set(found) == {"/0/properties/lastname"}


def test_unset_credentials_are_skipped_with_their_names() -> None:
    """One outcome a platform, and the variable's name in it."""
    found = phase(upstream("live", environ={}), "asana/*", "gong/*")
    assert {outcome.verdict for outcome in found if outcome.check == "data"} == {Status.SKIPPED}
    notes = {outcome.subject: outcome.note for outcome in found if outcome.check == "data"}
    assert set(notes) == {"asana/data", "gong/data"}
    assert "ASANA_ACCESS_TOKEN" in notes["asana/data"]
    assert not [outcome for outcome in found if outcome.verdict is Status.PASSED]


def test_what_was_not_recorded_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """With where a recording was looked for."""
    monkeypatch.setattr(Workspace, "find_cassette", lambda _self, _id: None)
    found = phase(upstream(), "gong/calls")
    assert {outcome.verdict for outcome in found} == {Status.SKIPPED}
    assert "no recording at" in found[0].note


def test_a_list_without_rows_has_nothing_to_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No check of nothing has passed, whether there is a contract or none."""
    workspace = Workspace(tmp_path)
    sandbox = Sandbox([target.platform for target in select(["gong/calls"], workspace)], rows=0)
    empty = Upstream(workspace, "sandbox", sandbox)
    found = phase(empty, "gong/calls")
    data, rules = by_check(found, "data")["gong/calls"], by_check(found, "rules")["gong/calls"]
    assert data.verdict is Status.SKIPPED
    assert data.note.endswith("no rows to look at")
    assert (rules.verdict, rules.note) == (Status.SKIPPED, "no rows to ask the rules of")

    def missing(*_: object) -> None:
        raise ContractNotFound("none")

    monkeypatch.setattr(dataflow, "yardstick", missing)
    assert by_check(phase(empty, "gong/calls"), "data")["gong/calls"].verdict is Status.SKIPPED


def test_a_contract_that_cannot_be_used_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of that endpoint alone."""

    def broken(_: Workspace, id: str, __: Source) -> None:
        raise (InvalidContract if id == "gong/calls" else ContractNotFound)(f"{id}: not a contract")

    monkeypatch.setattr(dataflow, "yardstick", broken)
    found = by_check(phase(upstream(), "gong/calls", "gong/users"), "data")
    assert found["gong/calls"].verdict is Status.ERROR
    assert found["gong/users"].verdict is Status.PASSED


def test_a_recording_of_nothing_but_errors_is_no_baseline(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows are looked at all the same, and what is not known is said."""

    async def gone(*_: object, **__: object) -> Reading:
        raise CassetteMiss("nothing but errors")

    real = Reader.read

    async def read(self: Reader, id: str, **arguments: Any) -> Reading:
        return await (gone() if self.upstream.recorded else real(self, id, **arguments))

    monkeypatch.setattr(Reader, "read", read)
    outcome = by_check(phase(upstream("sandbox"), "gong/workspaces"), "data")["gong/workspaces"]
    assert outcome.verdict is Status.PASSED
    assert "nothing tells how often" in outcome.note


def test_what_is_wrong_with_rules_is_told_and_the_others_are_asked() -> None:
    """Tables that are none, and an expression that names nothing: errors of configuration, each with its place."""
    listed = upstream(tables={"rules": [{"id": "x"}]}, where="bi-contracts.toml")
    own = [BusinessRule("mine", "gong/calls", "rwo.duration > 0")]
    found = phase(listed, "gong/calls", own=own)
    broken = {outcome.subject: outcome for outcome in found if outcome.verdict is Status.ERROR}
    assert set(broken) == {"rules/tables", "rules/mine"}
    assert broken["rules/tables"].note == "bi-contracts.toml: rules[1]: endpoint is missing"
    assert {outcome.exit_code for outcome in broken.values()} == {ExitCode.CONFIGURATION}
    assert by_check(found, "rules")["gong/calls"].verdict is Status.PASSED


def test_a_users_rules_are_asked_beside_those_that_ship() -> None:
    """From tables and from files; one of the same id stands in for what ships."""
    tables = {"rules": [{"id": "short", "endpoint": "gong/calls", "expression": "row.duration < 1"}]}
    own = [BusinessRule("gong-call-has-length", "gong/calls", "row.duration < 0", "info")]
    found = phase(upstream(tables=tables), "gong/calls", own=own)
    rules = by_check(found, "rules")["gong/calls"]
    assert rules.verdict is Status.FAILED
    assert {finding.rule: finding.severity for finding in rules.findings} == {
        "short": "breaking",
        "gong-call-has-length": "info",
    }


def test_a_rule_without_a_value_on_any_row_has_not_passed() -> None:
    """A breaking one fails, another is skipped, each with a finding of its own severity."""
    own = [
        BusinessRule("mine", "gong/workspaces", "row.nothing > 0", severity="warning"),
        BusinessRule("length", "gong/calls", "row.duration"),
        BusinessRule("title", "gong/calls", "row.title > 3", severity="info"),
        BusinessRule("there", "gong/calls", "has(row.id)"),
    ]
    found = phase(upstream(), "gong/workspaces", "gong/calls", own=own)
    blank = by_check(found, "rules without a value")
    assert blank["gong/workspaces"].verdict is Status.SKIPPED
    assert blank["gong/workspaces"].note == "without a value on any row: mine"
    assert [finding.severity for finding in blank["gong/workspaces"].findings] == ["warning"]
    assert blank["gong/calls"].verdict is Status.FAILED
    assert {finding.rule for finding in blank["gong/calls"].findings} == {"rule-without-value"}
    assert [finding.severity for finding in blank["gong/calls"].findings] == ["breaking", "info"]
    assert by_check(found, "rules")["gong/calls"].verdict is Status.PASSED


def test_without_cel_one_outcome_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the data are looked at all the same."""
    import sys

    for rule in RULEBOOK:
        rule.__dict__.pop("program", None)
    monkeypatch.setitem(sys.modules, "cel", None)
    found = phase(upstream(), "gong/calls")
    assert [outcome.verdict for outcome in found if outcome.check == "expression"] == [Status.ERROR]
    assert by_check(found, "data")["gong/calls"].verdict is Status.PASSED


def test_what_a_user_declares_is_asked() -> None:
    """A field that must hold something, and does not always."""
    found = phase(upstream(), "gong/calls", own=[Filled("gong/calls:purpose", 0.9)])
    (finding,) = by_check(found, "data")["gong/calls"].findings
    assert (finding.rule, finding.severity) == ("field-incomplete", "breaking")
    assert by_check(found, "data")["gong/calls"].verdict is Status.FAILED


@pytest.mark.parametrize(("reads", "verdict"), [(2, Status.PASSED), (1, Status.FAILED)])
def test_several_recorded_reads_of_a_list_are_no_duplicates(
    reads: int, verdict: Status, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of them may hold the same row; one read that holds a row twice is a finding."""
    real = Reader.read

    async def twice(self: Reader, id: str, **arguments: Any) -> Reading:
        found = await real(self, id, **arguments)
        return replace(found, records=found.records * 2, pages=found.pages * 2)

    monkeypatch.setattr(Reader, "read", twice)
    monkeypatch.setattr(dataflow, "heads", lambda *_: [None] * reads)
    data = by_check(phase(upstream(), "gong/calls"), "data")["gong/calls"]
    assert data.verdict is verdict
    assert ("key-not-unique" in {finding.rule for finding in data.findings}) is (reads == 1)


# References


def got(id: str, rows: Sequence[Json], complete: bool = True) -> Got:
    """An endpoint that was read."""
    (target,) = select([id], Workspace.discover())
    return Got(target, Reading(id, tuple(rows), (), Source.SANDBOX, NOW, complete=complete))


CALLS = [{"id": "call-1", "primaryUserId": "user-1"}, {"id": "call-2", "primaryUserId": "user-2"}]
PARTIES = [{"metaData": {"id": "1"}, "parties": [{"affiliation": "External", "emailAddress": "a@b.example"}]}]


def connected(*read: Got) -> Outcome:
    """The references inside Gong, of what was read."""
    return inside(read[0].target.platform, Declared.of(), read)


def test_a_reference_that_leads_nowhere_fails() -> None:
    """With how many, and whose."""
    outcome = connected(got("gong/calls", CALLS), got("gong/users", [{"id": "user-1"}]))
    assert outcome.verdict is Status.FAILED
    (finding,) = outcome.findings
    assert (finding.rule, finding.evidence["ids"]) == ("reference-dangling", ["call-2"])
    assert outcome.figures["references_kept"] == 1


def test_lists_that_were_not_read_to_the_end_leave_it_open() -> None:
    """Nothing failed, and nothing passed."""
    outcome = connected(got("gong/calls", CALLS), got("gong/users", [{"id": "user-1"}], complete=False))
    assert outcome.verdict is Status.SKIPPED
    assert "gong/users was not read to its end" in outcome.note


def test_a_list_under_a_parent_is_never_the_whole() -> None:
    """What is not there may stand under another parent."""
    tasks = [{"gid": "task-1", "assignee": {"gid": "user-9"}}]
    outcome = connected(got("asana/tasks", tasks), got("asana/users", [{"gid": "user-1"}]))
    assert outcome.findings == ()


def test_across_platforms_too_few_is_a_warning() -> None:
    """No address of a call's guests is a contact's."""
    (reference,) = [one for one in Declared.of().references if one.name == "gong-parties-in-hubspot"]
    read = {
        "gong/calls_extensive": got("gong/calls_extensive", PARTIES),
        "hubspot/contacts": got("hubspot/contacts", [{"id": "1", "properties": {"email": "x@y.example"}}]),
    }
    outcome = across(reference, read)
    assert (outcome.subject, outcome.verdict) == ("gong/gong-parties-in-hubspot", Status.PASSED)
    assert [finding.severity for finding in outcome.findings] == ["warning"]
    assert across(reference, {}).verdict is Status.SKIPPED
    assert across(replace(reference, name=""), read).subject == "gong/calls_extensive"


def test_an_account_has_the_references_of_its_platform() -> None:
    """`gong@eu/calls` refers to `gong@eu/users`, and to no other account's."""
    calls, users = got("gong/calls", CALLS), got("gong/users", [{"id": "user-1"}, {"id": "user-2"}])
    account = replace(calls.target.platform, name="gong@eu")
    renamed = [
        Got(replace(one.target, platform=account), replace(one.reading, id=id))
        for one, id in ((calls, "gong@eu/calls"), (users, "gong@eu/users"))
        if one.reading is not None
    ]
    outcome = inside(account, Declared.of(), renamed)
    assert outcome.figures["references_kept"] == 2
    assert outcome.subject == "gong@eu/references"
    own = Declared(references=(Reference("gong@eu/calls:primaryUserId", ("gong@eu/users:id",)),))
    assert inside(account, own, renamed).verdict is Status.PASSED


# Data-flow tests

CONTACTS = DataFlowTest("contacts", "/api/business/crm/contacts", ["email"], {"email": {"format": "email"}})


def answering(status: int = 200, **body: Json) -> Answer:
    """A gateway with one answer."""
    return lambda _request: httpx.Response(status, json=body)


def section(source: str) -> dict[str, Json]:
    """What the gateway says of one endpoint's part."""
    return {"id": "hubspot/contacts", "source": source, "records": 1}


def test_a_test_of_the_gateway_passes_on_fresh_data() -> None:
    """Its path is asked, with its arguments."""
    asked: list[httpx.URL] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        return httpx.Response(200, json={"sections": [section("sandbox")], "contacts": [{"email": "a@b.example"}]})

    outcome = one(replace(CONTACTS, arguments={"limit": 1}), answer)
    assert (outcome.subject, outcome.check, outcome.verdict) == (
        "gateway/api/business/crm/contacts",
        "contacts",
        Status.PASSED,
    )
    assert str(asked[0]) == "http://gateway/api/business/crm/contacts?limit=1"


@pytest.mark.parametrize("source", ["stale", "mock", "unavailable"])
def test_stale_and_made_up_rows_never_pass(source: str) -> None:
    """Regression row: mock and stale never count as success."""
    outcome = one(CONTACTS, answering(sections=[section(source)], contacts=[{"email": "a@b.example"}]), "sandbox")
    assert outcome.verdict is Status.FAILED
    assert "source-not-fresh" in {finding.rule for finding in outcome.findings}


def test_an_answer_that_is_an_error_fails() -> None:
    """Whatever its body looks like."""
    outcome = one(CONTACTS, answering(503, contacts=[{"email": "a@b.example"}]))
    assert outcome.verdict is Status.FAILED
    assert outcome.findings[0].message == "the gateway answers HTTP 503"


def test_rows_that_are_not_as_expected_fail() -> None:
    """A malformed address, found in the gateway's answer."""
    outcome = one(CONTACTS, answering(contacts=[{"email": "nobody"}]))
    assert [finding.rule for finding in outcome.findings] == ["field-invalid"]


def test_a_gateway_that_cannot_be_reached_is_an_error() -> None:
    """And ends with the exit code of an upstream that is down."""

    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    outcome = one(CONTACTS, refuse)
    assert (outcome.verdict, outcome.exit_code) == (Status.ERROR, ExitCode.UPSTREAM)


def test_a_test_of_an_endpoint_reads_it() -> None:
    """By its id; what was not recorded is skipped."""
    good = DataFlowTest("calls", "gong/calls", ["id"], {"duration": {"type": "integer", "min": 1}})
    assert one(good).verdict is Status.PASSED
    assert one(replace(good, expected_fields=["nothing"])).verdict is Status.FAILED
    assert one(replace(good, source_endpoint="gong/cals")).verdict is Status.ERROR
    skipped = one(replace(good, source_endpoint="gong/transcript", arguments={"filter.callIds.0": "no"}))
    assert skipped.verdict is Status.SKIPPED
    assert CassetteMiss.__name__ not in skipped.note


def test_a_workspaces_tests_are_run(tmp_path: Path) -> None:
    """After everything else, each an outcome of its own."""
    empty = Upstream(Workspace(tmp_path), "replay")
    found = phase(empty, "gong/workspaces", own=[CONTACTS], gateway=answering(contacts=[{"email": "a@b.example"}]))
    assert (found[-1].check, found[-1].verdict) == ("contacts", Status.PASSED)
