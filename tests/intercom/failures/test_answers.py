"""Answers that are none: broken off, refused, empty, or of another shape. What is held in the end is the same."""

from __future__ import annotations

import re

import httpx
import pytest

from bi_contracts.errors import Unauthorized, UpstreamError
from bi_contracts.intercom.store import open_store
from bi_contracts.intercom.sync import SyncSettings
from bi_contracts.platforms.intercom import WHOLE_CONVERSATIONS
from bi_contracts.sandbox.evolution import Change, Evolution

from .workspace import Json, Workspace

PASSING = (
    "reset",
    "timeout",
    "truncate",
    "malformed",
    "html; status=502",
    "html",
    "empty",
    "server-error",
    "status=503; retry-after=7",
    "status=504",
    "content-type=text/plain; empty",
)
"""Faults that pass when the call is made again."""


def equal(workspace: Workspace) -> bool:
    return workspace.ours() == workspace.theirs()


@pytest.mark.parametrize("fault", PASSING)
def test_what_fails_now_and_then_is_asked_for_again(workspace: Workspace, fault: str) -> None:
    """Every fourth answer or so is none, whatever kind of none: one sync holds everything, and says how often."""
    workspace.sandbox.rule(f"intercom/*: {fault}; share=0.25")
    done = workspace.sync()
    assert equal(workspace)
    assert (done.run.outcome, done.run.refused) == ("done", 0)
    assert 0 < done.run.retried == len(workspace.asked) - 15


@pytest.mark.parametrize("fault", ["status=503", "reset", "empty"])
@pytest.mark.parametrize("endpoint", ["conversations_search", "conversation"])
def test_a_burst_is_waited_out(workspace: Workspace, fault: str, endpoint: str) -> None:
    """Three failures one after the other, wherever they fall."""
    workspace.sandbox.rule(f"intercom/{endpoint}: {fault} x3")
    assert workspace.sync().run.outcome == "done"
    assert equal(workspace)


@pytest.mark.parametrize("fault", ["status=500", "timeout", "empty"])
def test_what_fails_for_good_ends_with_words(workspace: Workspace, fault: str) -> None:
    """A server that never answers ends the sync as failed; the next one goes on where it stopped."""
    workspace.sync()
    for id in workspace.ids()[:12]:
        workspace.reply(id)
    workspace.seconds += 60
    workspace.sandbox.rule(f"intercom/conversation: {fault}")
    with pytest.raises(UpstreamError):
        workspace.sync(SyncSettings(version="2.16", concurrency=1))
    workspace.sandbox.faults.clear()
    with open_store(workspace.path) as store:
        run = store.runs(1)[0]
    assert run.outcome in ("failed", "partial")
    assert run.error
    assert workspace.sync().run.outcome == "done"
    assert equal(workspace)


@pytest.mark.parametrize(
    "fault", ["storm=40", "rate-limit; reset=none x8", "rate-limit; reset=past x8", "rate-limit; reset=absurd x8"]
)
def test_a_storm_of_refusals_is_waited_out(workspace: Workspace, fault: str) -> None:
    """Whatever a 429 says of when to come back, or does not: the sync ends whole, in minutes and without a flood."""
    workspace.sandbox.rule(f"intercom/*: {fault}")
    done = workspace.sync()
    assert equal(workspace)
    assert done.run.outcome == "done"
    refusals = int(re.findall(r"\d+", fault)[-1])
    assert (done.run.refused, done.run.retried) == (refusals, 0)
    assert len(workspace.asked) == 15 + refusals
    assert workspace.seconds < 600


def test_refusals_now_and_then_are_waited_out(workspace: Workspace) -> None:
    """Nonsense and none in turn, of every second call."""
    workspace.sandbox.rule("intercom/*: rate-limit; reset=absurd; share=0.3")
    workspace.sandbox.rule("intercom/*: rate-limit; reset=none; share=0.3")
    assert workspace.sync().run.outcome == "done"
    assert equal(workspace)


@pytest.mark.parametrize("after", [0, 1, 2, 8, 14])
def test_a_token_can_end_in_the_middle(workspace: Workspace, after: int) -> None:
    """401 ends the sync at once and is not tried again; with a good token it goes on, and nothing is deleted."""

    def revoke(_: httpx.Request) -> None:
        if len(workspace.asked) > after:
            workspace.sandbox.rule("intercom/*: unauthorized x1")

    workspace.before = revoke
    with pytest.raises(Unauthorized):
        workspace.sync()
    assert len(workspace.asked) <= after + workspace.settings.concurrency
    workspace.before = lambda _: None
    workspace.sandbox.faults.clear()
    assert workspace.sync().deleted == 0
    assert equal(workspace)


def test_an_api_that_changes_in_the_middle_loses_nothing(workspace: Workspace) -> None:
    """Members that appear, go or change their type are kept as they were sent, and told as drift."""

    def change(_: httpx.Request) -> None:
        if len(workspace.asked) == 8:
            workspace.sandbox.evolve(
                Evolution(
                    (
                        Change("intercom/conversation*", "add", "sentiment", "good"),
                        Change("intercom/conversation", "remove", "priority"),
                        Change("intercom/conversation", "retype", "read", "string"),
                    )
                )
            )

    workspace.before = change
    done = workspace.sync()
    assert (done.run.outcome, done.dead) == ("done", ())
    told = {note.path for note in done.drift}
    assert {"/body/priority", "/body/read"} <= told
    for id in workspace.ids():
        workspace.reply(id)
    workspace.settled()
    assert equal(workspace)
    with open_store(workspace.path) as store:
        assert told <= {note.path for note in store.drift_notes(100)}


def long(count: int) -> Json:
    row: Json = WHOLE_CONVERSATIONS[0]
    part = row["conversation_parts"]["conversation_parts"][0]
    first = row["created_at"]
    said = [{**part, "id": str(number), "created_at": first + number} for number in range(1, count + 1)]
    return {
        **row,
        "conversation_parts": {**row["conversation_parts"], "conversation_parts": said, "total_count": count},
    }


def test_parts_that_are_not_sent_any_more_stay(workspace: Workspace) -> None:
    """A conversation that outgrows 500 parts keeps those that were held before, and says what it lacks."""
    workspace.sandbox.put("intercom/conversations", [long(498)])
    assert workspace.sync().truncated == 0
    (id,) = workspace.ids()
    for number in range(6):
        workspace.reply(id, f"More {number}")
    workspace.settled()
    with open_store(workspace.path) as store:
        held = store.conversation(id)
    assert held is not None
    assert len([part for part in held.parts if part.kind != "source"]) == 504
    assert "More 5" in held.parts[-1].text


def test_a_conversation_that_was_always_too_long_says_so(workspace: Workspace) -> None:
    """The newest 500 parts are held, and that there are more is told."""
    workspace.sandbox.put("intercom/conversations", [long(777)])
    done = workspace.sync()
    assert (done.truncated, done.run.outcome) == (1, "done")
    with open_store(workspace.path) as store:
        status = store.status()
        held = store.conversation(workspace.ids()[0])
    assert held is not None
    assert (status.counters["truncated"], len([one for one in held.parts if one.kind != "source"])) == (1, 500)
    assert held.parts[-1].id == "777"
