"""The data-flow phase over recordings and platforms in which something is missing, broken or empty."""

from __future__ import annotations

import asyncio
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from bi_contracts.cassette.store import load, save
from bi_contracts.checks.dataflow import DataFlowTest, Declared
from bi_contracts.checks.rules import BusinessRule
from bi_contracts.errors import ConfigurationError, ExitCode, Unreachable
from bi_contracts.integration.phases.dataflow_common import AT_ONCE
from bi_contracts.integration.phases.dataflow_own import own
from bi_contracts.integration.phases.dataflow_references import across, inside
from bi_contracts.interaction import Source
from bi_contracts.reading import Reader, Reading
from bi_contracts.registry import select
from bi_contracts.report.events import Outcome, Status
from bi_contracts.sandbox import Sandbox
from bi_contracts.session import Session, Upstream
from bi_contracts.suite import infer
from bi_contracts.workspace import Workspace, reference

from .test_dataflow_phase import CALLS, NOW, answering, by_check, got, nobody, phase, with_context

CONTACTS = "hubspot/contacts"
DAY = 86_400.0


@pytest.fixture
def mine(tmp_path: Path) -> Workspace:
    """A workspace with a recording of HubSpot's contacts of its own, and a contract that was inferred from it."""
    workspace = Workspace(tmp_path)
    path = workspace.cassette(CONTACTS)
    path.parent.mkdir(parents=True)
    shutil.copy(reference("cassettes") / f"{CONTACTS}.yaml", path)
    infer(Session(workspace), CONTACTS).save(workspace.contract(CONTACTS))
    return workspace


def emptied(workspace: Workspace) -> None:
    """The recording answers with an empty list."""
    path = workspace.cassette(CONTACTS)
    kept = load(path)
    first = kept.interactions[0]
    nothing = replace(first.response, body=json.dumps({"results": []}).encode())
    save(path, replace(kept, interactions=(replace(first, response=nothing),)))


def only(found: list[Outcome], check: str, subject: str) -> Outcome:
    """One outcome."""
    return by_check(found, check)[subject]


# Nothing to look at


def test_a_recording_of_nothing_has_not_passed(mine: Workspace) -> None:
    """Where the contract's evidence has rows, an empty list is a finding, and breaking in the workspace's own data."""
    emptied(mine)
    data = only(phase(Upstream(mine, "replay"), CONTACTS), "data", CONTACTS)
    assert "no rows to look at" in data.note
    assert (data.verdict, data.samples) == (Status.FAILED, 0)
    assert [one.severity for one in data.findings if one.rule == "list-emptied"] == ["breaking"]


def test_an_empty_sandbox_passes_no_check_of_rows(tmp_path: Path) -> None:
    """Each list is skipped, and says that the reference recording had rows."""
    workspace = Workspace(tmp_path)
    sandbox = Sandbox([one.platform for one in select(["gong/calls"], workspace)], rows=0)
    found = phase(Upstream(workspace, "sandbox", sandbox), "gong/calls", "gong/users")
    for id in ("gong/calls", "gong/users"):
        data = only(found, "data", id)
        assert (data.verdict, data.samples) == (Status.SKIPPED, 0)
        assert [(one.rule, one.severity) for one in data.findings] == [("list-emptied", "warning")]
    assert Status.PASSED not in {outcome.verdict for outcome in found}


# Broken recordings


@pytest.mark.parametrize(
    ("content", "said"), [(b"a: [", "no valid YAML"), (b"", "the file is empty"), (None, "no usable answer")]
)
def test_a_broken_recording_costs_one_endpoint(mine: Workspace, content: bytes | None, said: str) -> None:
    """It names the file, and is no fault of a platform that nobody asked; all others are looked at."""
    path = mine.cassette(CONTACTS)
    path.write_bytes(path.read_bytes()[:20_000] if content is None else content)
    found = phase(Upstream(mine, "replay"), "hubspot/*")
    data = by_check(found, "data")
    broken = data.pop(CONTACTS)
    assert (broken.verdict, broken.exit_code) == (Status.ERROR, ExitCode.CONFIGURATION)
    assert str(path) in broken.note
    assert said in broken.note
    assert len(data) > 20
    assert {outcome.verdict for outcome in data.values()} == {Status.PASSED}


def test_a_broken_recording_alone_says_so(mine: Workspace) -> None:
    """No transport can be made of it, and the reason stays."""
    mine.cassette(CONTACTS).write_text("a: [")
    upstream = Upstream(mine, "replay")
    (target,) = select([CONTACTS], mine)
    alone = replace(target.platform, endpoints=(target.endpoint,), identity="contacts")
    with pytest.raises(Exception, match="no valid YAML"):
        upstream.transport(alone)


def test_a_platform_that_cannot_be_asked_is_one_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its address is not known: said once, and no endpoint passes."""

    def nowhere(*_: object) -> None:
        raise ConfigurationError("SALESFORCE_BASE_URL is not set")

    monkeypatch.setattr(Reader, "client", nowhere)
    found = phase(Upstream(Workspace.discover(), "live"), "gong/calls", "gong/users")
    assert [(one.subject, one.verdict, one.exit_code) for one in found if one.check == "data"] == [
        ("gong/data", Status.ERROR, ExitCode.CONFIGURATION)
    ]


# References between recordings


def test_own_recordings_are_not_joined_with_reference_data(mine: Workspace) -> None:
    """Their rows have nothing to do with one another: not dangling, and not kept either."""
    save(mine.cassette(CONTACTS), load(reference("cassettes") / "hubspot" / "contacts.yaml"))
    found = phase(Upstream(mine, "replay"), "hubspot/*", "salesforce/*")
    inner = only(found, "references", "hubspot/references")
    assert not [one for one in inner.findings if one.rule == "reference-dangling"]
    assert inner.figures["reference_fields_not_judged"] > 0
    assert "your own recording, the other reference data" in inner.note
    leading = only(found, "references across platforms", "salesforce/salesforce-contacts-in-hubspot")
    assert leading.verdict is Status.SKIPPED
    assert "not of one account" in leading.note


def test_answers_of_two_sources_are_not_joined() -> None:
    """A sandbox's users are not those of a live account."""
    calls, users = got("gong/calls", CALLS), got("gong/users", [{"id": "user-9"}])
    assert users.reading is not None
    live = replace(users, reading=replace(users.reading, source=Source.LIVE))
    outcome = inside(calls.target.platform, Declared.of(), [calls, live])
    assert (outcome.verdict, outcome.findings) == (Status.SKIPPED, ())


@pytest.mark.parametrize(("later", "verdict"), [(0.5 * DAY, Status.FAILED), (2 * DAY, Status.SKIPPED)])
def test_recordings_more_than_a_day_apart_accuse_nobody(later: float, verdict: Status) -> None:
    """Who is missing may have come or gone between the two; a reference that is kept is kept."""
    calls, users = got("gong/calls", CALLS), got("gong/users", [{"id": "user-1"}])
    assert calls.reading is not None
    assert users.reading is not None
    told = replace(users.reading, recorded_at=NOW + later)
    calls = replace(calls, reading=replace(calls.reading, recorded_at=NOW))
    assert inside(calls.target.platform, Declared.of(), [calls, replace(users, reading=told)]).verdict is verdict
    kept = replace(users, reading=replace(told, records=({"id": "user-1"}, {"id": "user-2"})))
    assert inside(calls.target.platform, Declared.of(), [calls, kept]).verdict is Status.PASSED


def test_no_references_at_all_is_said() -> None:
    """A platform whose examples refer to nothing."""
    bare = [replace(one, examples=()) for one in got("gong/calls", CALLS).target.platform.endpoints]
    platform = replace(got("gong/calls", CALLS).target.platform, name="new-platform", endpoints=tuple(bare))
    outcome = inside(platform, Declared.of(), [])
    assert (outcome.verdict, outcome.note) == (Status.SKIPPED, "no references are known")


def test_what_was_not_read_is_said_in_a_sentence() -> None:
    """Of a single reference without counting to one."""
    (one,) = [one for one in Declared.of().references if one.name == "gong-parties-in-hubspot"]
    note = across(one, {}).note
    assert note == "gong/calls_extensive was not read, so nobody knows what it refers to"


# The gateway, in a replay


@pytest.mark.parametrize("source", ["unavailable", "stale"])
def test_what_was_not_recorded_is_no_failure_of_the_gateway(source: str, tmp_path: Path) -> None:
    """A test of its path is skipped with what is missing."""
    test = DataFlowTest("mine", "/api/business/crm/contacts", ["email"])

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(503, json={"sections": [{"id": CONTACTS, "source": source, "error": "no recording"}]})

    async def work(context: Any) -> Outcome:
        return await own(context, test)

    for origin, verdict in (("replay", Status.SKIPPED), ("sandbox", Status.FAILED)):
        outcome = asyncio.run(with_context(Upstream(Workspace(tmp_path), origin), ["gong/*"], work, (), answer))
        assert outcome.verdict is verdict
        assert outcome.note == ("" if origin == "sandbox" else f"cannot be known from recordings: none of {CONTACTS}")


def test_platforms_that_were_not_chosen_are_no_failure_of_the_gateway(tmp_path: Path) -> None:
    """A test that needs them is skipped with their names; an answer that does without them is looked at."""
    test = DataFlowTest("mine", "/api/business/crm/contacts", ["email"])
    sections: Any = [{"id": "asana/projects", "source": "bypassed"}, {"id": "linear/projects", "source": "bypassed"}]

    async def work(context: Any) -> Outcome:
        return await own(context, test)

    for code, verdict in ((503, Status.SKIPPED), (200, Status.PASSED)):
        gateway = answering(code, sections=sections, contacts=[{"email": "a@b.example"}])
        outcome = asyncio.run(with_context(Upstream(Workspace(tmp_path), "sandbox"), ["gong/*"], work, (), gateway))
        assert outcome.verdict is verdict
        assert outcome.note == ("needs platforms that were not chosen: asana, linear" if code == 503 else "")


def test_a_test_of_a_broken_recording_names_the_file(mine: Workspace) -> None:
    """It is a file to mend; where a platform was asked, it is the platform that failed."""
    path = mine.cassette(CONTACTS)
    path.write_bytes(path.read_bytes()[:20_000])
    test = DataFlowTest("mine", CONTACTS, ["id"])

    async def work(context: Any) -> Outcome:
        return await own(context, test)

    outcome = asyncio.run(with_context(Upstream(mine, "replay"), [CONTACTS], work, (), nobody))
    assert (outcome.verdict, outcome.exit_code) == (Status.ERROR, ExitCode.CONFIGURATION)
    assert str(path) in outcome.note
    sandbox = Sandbox([one.platform for one in select([CONTACTS], mine)], rows=5)
    sandbox.fault("status=503", platform="hubspot", times=None)
    down = Upstream(mine, "sandbox", sandbox, patience=0.0)
    outcome = asyncio.run(with_context(down, [CONTACTS], work, (), nobody))
    assert (outcome.verdict, outcome.exit_code) == (Status.ERROR, ExitCode.UPSTREAM)


# Platforms that hang


def test_a_few_endpoints_of_a_platform_are_asked_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that one which hangs does not hang once for each of them; every one that was not answered is an error."""
    now, most = 0, 0

    async def hangs(_reader: Reader, id: str, **_: object) -> Reading:
        nonlocal now, most
        now += 1
        most = max(most, now)
        for _turn in range(5):
            await asyncio.sleep(0)
        now -= 1
        raise Unreachable(f"{id}: no answer", reason="timeout")

    monkeypatch.setattr(Reader, "read", hangs)
    found = by_check(phase(Upstream(Workspace.discover(), "sandbox"), "gong/*"), "data")
    assert most == AT_ONCE
    assert len(found) > 10
    assert {(one.verdict, one.exit_code) for one in found.values()} == {(Status.ERROR, ExitCode.UPSTREAM)}


# Rules that cannot be used


def test_a_rule_that_cannot_be_read_is_named_once(tmp_path: Path) -> None:
    """Its id is the subject; the note is what is wrong."""
    found = phase(Upstream(Workspace(tmp_path), "replay"), "gong/calls", own=[BusinessRule("r1", "gong/calls", "row.")])
    (broken,) = [one for one in found if one.subject == "rules/r1"]
    assert (broken.check, broken.verdict) == ("expression", Status.ERROR)
    assert broken.note.startswith("cannot be read at line 1")


def test_an_age_is_never_negative(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of rows that lie ahead of the clock that answered, no age is told."""
    real = Reader.read

    async def before(self: Reader, id: str, **arguments: Any) -> Reading:
        return replace(await real(self, id, **arguments), at=0.0)

    monkeypatch.setattr(Reader, "read", before)
    data = only(phase(Upstream(Workspace.discover(), "replay"), "gong/calls"), "data", "gong/calls")
    assert "newest_age_days" not in data.figures
    assert "time-in-future" in {finding.rule for finding in data.findings}
