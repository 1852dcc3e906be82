"""Checks as outcomes: what passes, what fails, what is skipped and why."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bi_contracts import suite
from bi_contracts.cassette.store import Cassette, load, save
from bi_contracts.errors import ExitCode
from bi_contracts.interaction import Interaction, Request, Response, Source, common_source
from bi_contracts.registry import platforms, target
from bi_contracts.report.events import Status
from bi_contracts.sandbox import Sandbox
from bi_contracts.session import Mode, Session, Upstream
from bi_contracts.workspace import Workspace

ID = "asana/tasks"


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """A workspace with a recording and a contract of Asana's tasks, three pages long."""
    space = Workspace(tmp_path)
    recorder = Session(space, Mode.RECORD, Upstream(space, "sandbox", Sandbox(platforms(), rows=7)))
    one = target(ID)
    recorder.record(one.platform, one.endpoint, page_size=3)
    replaying = Session(space)
    suite.infer(replaying, ID).save(space.contract(ID))
    return replaying


def change(session: Session, path: str, cassette: Cassette) -> None:
    save(session.workspace.cassette(path), cassette)


def test_an_unchanged_recording_passes_everything(session: Session) -> None:
    """Replay and contract, with source, samples and the contract's place."""
    replayed, checked = suite.run([suite.replay, suite.check], session, [ID])
    assert (replayed.status, checked.status) == (Status.PASSED, Status.PASSED)
    assert (replayed.samples, checked.samples) == (3, 3)
    assert {replayed.source, checked.source} == {Source.SANDBOX}
    assert checked.artifact == "contracts/asana/tasks.schema.json"


def test_a_recording_that_was_cut_off_replays_to_its_end(session: Session) -> None:
    """`--max-pages` leaves a next page that was never asked for; that is no failure."""
    kept = load(session.cassette(ID))
    change(session, ID, replace(kept, interactions=kept.interactions[:2]))
    assert suite.replay(session, ID).status is Status.PASSED


def test_a_scroll_that_was_cut_off_replays_to_its_end(session: Session) -> None:
    """Every page of a scroll is asked for in the same way, so the last one would come again and again."""
    one = target("intercom/companies_scroll")
    upstream = Upstream(session.workspace, "sandbox", Sandbox(platforms(), rows=320))
    Session(session.workspace, Mode.RECORD, upstream).record(one.platform, one.endpoint, max_pages=3)
    outcome = suite.replay(session, one.id)
    assert (outcome.status, outcome.samples) == (Status.PASSED, 3)


def test_a_recording_with_a_hole_fails(session: Session) -> None:
    """A page that nothing leads to is never asked for, and that is said with the miss."""
    kept = load(session.cassette(ID))
    change(session, ID, replace(kept, interactions=(kept.interactions[0], kept.interactions[2])))
    outcome = suite.replay(session, ID)
    assert outcome.status is Status.FAILED
    assert outcome.findings[0].rule == "pages-missing"
    assert "1 recorded answers were never asked for" in outcome.findings[0].message


def test_rows_with_one_key_fail(session: Session) -> None:
    """Two rows that cannot be told apart are found on replay."""
    kept = load(session.cassette(ID))
    (first, *rest) = kept.interactions
    doubled = replace(first, response=replace(first.response, body=b'{"data": [{"gid": "1"}, {"gid": "1"}]}'))
    change(session, ID, replace(kept, interactions=(doubled, *rest[:0])))
    assert suite.replay(session, ID).findings[0].rule == "keys-not-unique"
    none = replace(first, response=replace(first.response, body=b'{"data": [{"name": "x"}]}'))
    change(session, ID, replace(kept, interactions=(none,)))
    assert "1 of 1 rows have no gid" in suite.replay(session, ID).findings[0].message


def test_a_recorded_refusal_replays_as_one(session: Session) -> None:
    """An error that was recorded is an answer like any other."""
    kept = load(session.cassette(ID))
    refused = replace(kept.interactions[0], response=Response(404, (), b'{"errors": [{"message": "no"}]}'))
    change(session, ID, replace(kept, interactions=(refused,)))
    assert suite.replay(session, ID).status is Status.PASSED


def test_what_no_platform_declares_is_checked_and_not_replayed(session: Session) -> None:
    """An imported recording has a contract all the same."""
    asked = Interaction("notion/odd", Request("GET", "https://api.notion.com/v1/odd"), Response(200, (), b'{"a": 1}'))
    change(session, "notion/odd", Cassette(interactions=(asked,)))
    suite.infer(session, "notion/odd").save(session.workspace.contract("notion/odd"))
    replayed, checked = suite.run([suite.replay, suite.check], session, ["notion/odd"])
    assert (replayed.status, checked.status) == (Status.SKIPPED, Status.PASSED)


def test_a_recording_of_something_else_is_skipped(session: Session) -> None:
    """Nothing in it is a read of the endpoint."""
    kept = load(session.cassette(ID))
    foreign = replace(kept.interactions[0], request=Request("GET", "https://app.asana.com/api/1.0/other"))
    change(session, ID, replace(kept, interactions=(foreign,)))
    assert suite.replay(session, ID).status is Status.SKIPPED


def test_what_is_missing_is_skipped_with_the_way_to_get_it(session: Session) -> None:
    """No recording, no contract: said, and never passed."""
    session.workspace.contract(ID).unlink()
    space = replace(session.workspace, settings=replace(session.workspace.settings, contracts="none"))
    outcome = suite.check(Session(space), "asana/nothing")
    assert outcome.status is Status.SKIPPED
    assert "bi-contracts record asana/nothing" in outcome.note


def test_a_broken_file_is_an_error_with_its_exit_code(session: Session) -> None:
    """Neither passed nor failed."""
    session.workspace.contract(ID).write_text("{")
    outcome = suite.check(session, ID)
    assert (outcome.status, outcome.exit_code) == (Status.ERROR, ExitCode.CONFIGURATION)


def test_a_sandbox_contract_is_no_yardstick_for_the_live_api(session: Session) -> None:
    """Live answers are not compared with what was made up."""
    live = [replace(each, source=Source.LIVE) for each in session.recorded(ID)]
    outcome, report = suite.drift(session, ID, lambda _: live)
    assert (outcome.status, report) == (Status.SKIPPED, None)
    assert "inferred from the sandbox" in outcome.note


def test_no_fresh_answers_are_no_verdict(session: Session) -> None:
    """Skipped, with a report that did not run."""
    outcome, report = suite.drift(session, ID, lambda _: [])
    assert outcome.status is Status.SKIPPED
    assert report is not None
    assert not report.ran


def test_mixed_recordings_are_of_unknown_source(session: Session) -> None:
    """Live only where all of it is."""
    first, *rest = session.recorded(ID)
    assert common_source([replace(first, source=Source.LIVE), *rest]) is Source.UNKNOWN
    assert common_source([]) is Source.UNKNOWN


def test_the_same_violation_in_many_rows_is_one_finding(session: Session) -> None:
    """The first place stands for all, with how many there are."""
    kept = load(session.cassette(ID))
    broken = tuple(
        replace(each, response=replace(each.response, body=each.response.body.replace(b'"name"', b'"title"')))
        for each in kept.interactions
    )
    change(session, ID, replace(kept, interactions=broken))
    outcome = suite.check(session, ID)
    found = [finding for finding in outcome.findings if finding.path == "/body/data/0/name"]
    assert [finding.message for finding in found] == ["required, but missing (7 times at /body/data/*/name)"]


def test_own_files_and_reference_data_do_not_mix(session: Session) -> None:
    """A recording of one's own is never held to the packaged contract."""
    session.workspace.contract(ID).unlink()
    assert suite.check(session, ID).status is Status.SKIPPED
    assert suite.check(session, "asana/users").status is Status.PASSED
