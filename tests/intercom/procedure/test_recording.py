"""Recordings of the procedure: kept on the way to somebody else, laid out stage by stage."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from bi_contracts.cassette.store import Cassette, Provenance, load, save
from bi_contracts.errors import CassetteError, CassetteNotFound
from bi_contracts.interaction import Source
from bi_contracts.intercom.procedure import recording
from bi_contracts.intercom.procedure.line import (
    CONNECTION,
    DATABASE,
    ENVIRONMENT,
    PERFORMANCE,
    SERVER,
    SYNC,
    Line,
    Mark,
)
from bi_contracts.intercom.procedure.quick import Quick
from bi_contracts.intercom.procedure.settings import Settings
from bi_contracts.intercom.procedure.testbed import opened
from bi_contracts.intercom.procedure.tree import UNICODE
from bi_contracts.redact import DEFAULT
from bi_contracts.registry import platform
from bi_contracts.sandbox import Sandbox
from bi_contracts.sandbox.asgi import application
from bi_contracts.serving import running
from bi_contracts.workspace import Workspace, reference


def test_live_traffic_is_kept_on_its_way_and_without_the_token(tmp_path: Path) -> None:
    """Processes ask this machine, which asks on; what is written is as if they had asked Intercom."""
    intercom = platform("intercom", Workspace(tmp_path))
    sandbox = Sandbox([intercom], rows=3)
    token = sandbox.credentials("intercom")
    with running(application(sandbox)) as url:
        space = Workspace(tmp_path, environ={"INTERCOM_BASE_URL": f"{url}/intercom", **token})
        file = tmp_path / "kept.yml"
        with opened(Settings(tmp_path / "work", mode="live", record=file), space) as testbed:
            assert testbed.proxy is not None
            assert testbed.base == "https://api.intercom.io"

            async def ask() -> None:
                async with testbed.upstream("server").async_client(testbed.platform) as client:
                    await client.identity()

            asyncio.run(ask())
            assert testbed.record(file, Source.SANDBOX) == 1
    (kept,) = load(file).interactions
    assert (kept.request.url, kept.endpoint, kept.source) == (
        "https://api.intercom.io/me",
        "intercom/procedure/server",
        Source.SANDBOX,
    )
    assert next(iter(token.values())) not in file.read_text()
    assert recording.made(file).version == intercom.version


def test_nobody_behind_it_is_told_as_such(tmp_path: Path) -> None:
    """A proxy without anybody to pass on to answers 502 by itself."""
    space = Workspace(tmp_path, environ={"INTERCOM_BASE_URL": "http://127.0.0.1:1", "INTERCOM_ACCESS_TOKEN": "x" * 30})
    with opened(Settings(tmp_path / "work", mode="live", record=tmp_path / "x.yml"), space) as testbed:
        assert testbed.proxy is not None
        answer = httpx.post(f"{testbed.proxy.url}/contacts/search?x=1", json={"a": 1}, trust_env=False)
    assert answer.status_code == 502
    assert answer.json()["errors"][0]["code"] == "no_answer"


def test_the_packaged_recording_is_of_a_sandbox_and_says_so() -> None:
    """Small, labelled, and no recording of an endpoint by its name."""
    path = reference("cassettes") / recording.FILE
    made = recording.made(path)
    assert made.source == "sandbox"
    assert made.max_conversations == 30
    assert load(path).provenance.source is Source.SANDBOX


def test_the_workspaces_own_recording_comes_first(tmp_path: Path) -> None:
    """And is no endpoint's."""
    space = Workspace(tmp_path)
    assert recording.found(space) == reference("cassettes") / recording.FILE
    recording.write(recording.own_file(space), (), recording.Made(1, 2), DEFAULT)
    assert recording.found(space) == recording.own_file(space)
    assert space.recorded_ids() == ()


def test_other_recordings_are_refused(tmp_path: Path) -> None:
    """One that does not say what it was made with cannot be repeated."""
    file = tmp_path / "x.yml"
    save(file, Cassette(Provenance(note="by hand")))
    with pytest.raises(CassetteError, match="no recording of the procedure"):
        recording.made(file)


def test_no_recording_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what makes one."""
    monkeypatch.setattr(recording, "reference", lambda _: tmp_path / "none")
    with pytest.raises(CassetteNotFound, match="--record makes one"):
        recording.found(Workspace(tmp_path))


def test_the_quick_form_is_the_documents() -> None:
    """One line for each thing that works; whatever does not is said at once."""
    quick = Quick(UNICODE)
    lines = [
        Line(ENVIRONMENT, "API Workspace", "'Your Workspace'", Mark.PLAIN),
        Line(CONNECTION, "Status", "Connected"),
        Line(DATABASE, DATABASE, "Initialized successfully"),
        Line(SYNC, "Date Range", "7 days", Mark.PLAIN),
        Line(SYNC, "Conversations", "1,247 synced successfully"),
        Line(SYNC, "Sync Speed", "23.4 conv/sec"),
        Line(SYNC, "Duration", "53.2 seconds"),
        *(
            Line(SERVER, name, "good")
            for name in ("search_conversations", "get_conversation", "get_server_status", "sync_conversations")
        ),
        Line(PERFORMANCE, "Query Response", "47ms average"),
        Line(PERFORMANCE, "Memory Usage", "73MB peak"),
        Line(PERFORMANCE, "Disk I/O", "slow", Mark.WARNING),
    ]
    assert [told for line in lines if (told := quick.told(line))] == [
        "✅ API Connection: Connected to 'Your Workspace'",
        "✅ Database: Initialized successfully",
        "✅ Sync: 1,247 synced successfully, 7 days",
        "✅ Queries: All MCP tools working correctly",
        "✅ Performance: 23.4 conv/sec, 47ms average",
        "✅ Memory: 73MB peak",
        "⚠️ Performance, Disk I/O: slow",
    ]


def test_the_quick_form_says_nothing_of_queries_that_failed() -> None:
    """And nothing of lines that it does not know."""
    quick = Quick(UNICODE)
    quick.told(Line(SERVER, "search_conversations", "wrong", Mark.BAD))
    assert quick.told(Line(SERVER, "sync_conversations", "good")) == ""
    assert quick.told(Line("Cleanup", "Memory", "released")) == ""
