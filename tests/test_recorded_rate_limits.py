"""A rate limit in a recording, of another recorder or of a test, is met again in replay and not waited for."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from bi_contracts.cassette.store import load, save
from bi_contracts.errors import RateLimited
from bi_contracts.interaction import Response
from bi_contracts.platforms.gong import PLATFORM
from bi_contracts.sandbox import Sandbox
from bi_contracts.session import Mode, Session, Upstream
from bi_contracts.suite import replay
from bi_contracts.workspace import Workspace

USERS = PLATFORM.endpoint("users")
REFUSAL = b'{"requestId":"1","errors":["Too many requests"]}'


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """A recording of three pages whose first request was refused for an hour."""
    space = Workspace(tmp_path)
    sandbox = Sandbox([PLATFORM], rows=230, enforce_limits=False)
    session = Session(space, Mode.RECORD, Upstream(space, "sandbox", sandbox))
    path = session.record(PLATFORM, USERS).path
    kept = load(path)
    headers = (("content-type", "application/json"), ("retry-after", "3600"))
    refused = replace(kept.interactions[0], response=Response(429, headers, REFUSAL))
    save(path, replace(kept, interactions=(refused, *kept.interactions)))
    return session


def test_a_refusal_in_a_recording_costs_no_time(session: Session) -> None:
    """Everything that was recorded is asked for, the refusal among it, and an hour's wait takes no second."""
    started = time.perf_counter()
    with session.replaying(PLATFORM, USERS) as (client, player):
        assert len(list(client.records("users"))) == 230
    assert time.perf_counter() - started < 10
    assert [one.response.status for one in player.played] == [429, 200, 200, 200]


def test_the_suite_passes_over_a_refusal(session: Session) -> None:
    """Replay finds nothing missing and nothing left over."""
    outcome = replay(session, "gong/users")
    assert (outcome.status, outcome.findings) == ("passed", ())


def test_nothing_but_a_refusal_is_told_and_ends(session: Session) -> None:
    """A recording that holds no answer but a refusal is read to its end: the refusal, raised as it was answered."""
    path = session.cassette("gong/users")
    kept = load(path)
    save(path, replace(kept, interactions=kept.interactions[:1]))
    with session.replaying(PLATFORM, USERS) as (client, player):
        with pytest.raises(RateLimited):
            list(client.records("users"))
        assert [one.response.status for one in player.played] == [429]
    assert replay(session, "gong/users").samples == 1
