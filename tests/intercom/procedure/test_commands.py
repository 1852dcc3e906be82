"""`intercom test` and `intercom tool` on the command line."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bi_contracts.cli import cli
from bi_contracts.errors import ConfigurationError, CredentialsMissing, StoreMissing
from bi_contracts.intercom.procedure import settings
from bi_contracts.intercom.procedure.actions import Broken
from bi_contracts.registry import platform
from bi_contracts.sandbox import Sandbox
from bi_contracts.sandbox.asgi import application
from bi_contracts.serving import running
from bi_contracts.workspace import Workspace

from .test_tree import REFUSED

PLAIN = [sys.executable, "-I", "-S", str(Path(__file__).parents[1] / "plain_server.py")]
"""A server that starts at once: what is looked at here does not depend on whose it is."""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with nothing set."""
    monkeypatch.chdir(tmp_path)
    for name in ("INTERCOM_ACCESS_TOKEN", "INTERCOM_BASE_URL", "FASTINTERCOM_TEST_TIMEOUT", "LOG_LEVEL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("FASTINTERCOM_TEST_WORKSPACE", str(tmp_path / "work"))
    return tmp_path


def asked(*words: str) -> Result:
    """What a command comes to."""
    return CliRunner().invoke(cli, ["intercom", *words])


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Result]]:
    """A whole run on the packaged recording, in an empty folder: its folder, and what it printed."""
    with pytest.MonkeyPatch.context() as patch:
        root = tmp_path_factory.mktemp("kept")
        patch.chdir(root)
        patch.setenv("FASTINTERCOM_TEST_WORKSPACE", str(root / "work"))
        patch.delenv("INTERCOM_ACCESS_TOKEN", raising=False)
        patch.setattr(settings, "Settings", partial(settings.Settings, rounds=1))
        yield root, asked("test", "--mode", "replay", "--output", "reports", "--performance-report", "--keep")


def test_the_packaged_recording_is_repeated_in_an_empty_folder(kept: tuple[Path, Result]) -> None:
    """A fresh checkout, no account, no network: everything but speed is as it was, and it says whose data these are."""
    found = kept[1]
    assert found.exit_code in (0, 6), found.output
    assert found.stdout.startswith("🔍 Intercom MCP Integration Test Report (replay of a sandbox recording")
    assert "Conversations: ✅ 30 synced successfully" in found.stdout
    assert "sync_conversations: ✅ Manual sync triggers working" in found.stdout
    assert "Performance Metrics:" in found.stdout
    assert "✅ Queries: All MCP tools working correctly" in found.stderr


def test_every_report_is_written_beside_what_is_printed(kept: tuple[Path, Result]) -> None:
    """JSON, Markdown, HTML, JUnit, and the tree."""
    folder, found = kept
    written = {path.suffix: path for path in (folder / "reports").iterdir()}
    assert set(written) == {".json", ".md", ".html", ".xml", ".txt"}
    told = json.loads(written[".json"].read_text())
    assert told["facts"]["source"] == "replay of a sandbox recording (not evidence about the live API)"
    assert not told["live"]
    assert written[".txt"].read_text() == found.stdout


def test_what_is_kept_can_be_asked_tool_by_tool(kept: tuple[Path, Result]) -> None:
    """`--keep` leaves the store, and says where."""
    folder, found = kept
    (store,) = (folder / "work").glob("run-*/data.db")
    assert f"Kept, as asked for: {store.parent}" in found.stdout
    good = asked("tool", "--tool", "get_conversation", "--store", str(store))
    assert good.exit_code == 0, good.output
    assert good.stdout.startswith("✅ get_conversation: the answer has the form that the tool states")


@pytest.mark.usefixtures("place")
def test_a_tool_that_refuses_is_a_finding() -> None:
    """It ends with 1, and says why."""
    wanted = ("--tool", "get_conversation", "--arguments", '{"id": "5"}', "--format", "json")
    refused = asked("tool", *wanted, "--server", shlex.join(PLAIN))
    assert refused.exit_code == 1
    assert "nothing here" in json.loads(refused.stdout)["problem"]


def test_a_refused_token_reads_as_in_the_document_and_ends_with_three(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the command line, against an API that refuses it."""
    sandbox = Sandbox([platform("intercom", Workspace(place))], rows=1)
    with running(application(sandbox)) as url:
        monkeypatch.setenv("INTERCOM_BASE_URL", f"{url}/intercom")
        monkeypatch.setenv("INTERCOM_ACCESS_TOKEN", "wrong-token-for-this-test")
        found = asked("test", "--mode", "live")
    assert found.stdout == REFUSED.replace("https://api.intercom.io", f"{url}/intercom")
    assert found.exit_code == 3
    assert "❌ API Connection, Status: 401 Unauthorized" in found.stderr


def test_without_a_token_it_says_what_to_export(place: Path) -> None:
    """And ends with 3, as everything does that lacks credentials."""
    found = asked("test", "--mode", "live")
    assert found.exit_code == 3
    assert "1. Export INTERCOM_ACCESS_TOKEN, or put it in .env" in found.stdout
    assert not (place / "work").exists()


def test_the_time_for_everything_is_the_environments(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On expiry a clean failure."""
    monkeypatch.setenv("FASTINTERCOM_TEST_TIMEOUT", "0.01")
    found = asked("test", "--mode", "replay", "--format", "json")
    assert found.exit_code == 1
    (bad,) = (one for one in json.loads(found.stdout)["outcomes"] if one["status"] == "failed")
    assert "the 0.01 seconds for the whole procedure are used up" in bad["note"]
    assert not (place / "work").exists()


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("value", ["soon", "-1", "0", "inf", "nan"])
def test_a_time_that_is_none(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """It is named."""
    monkeypatch.setenv("FASTINTERCOM_TEST_TIMEOUT", value)
    found = asked("test", "--mode", "replay")
    assert isinstance(found.exception, ConfigurationError)
    assert "FASTINTERCOM_TEST_TIMEOUT" in str(found.exception)


@pytest.mark.usefixtures("place")
def test_a_log_level_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """The seed's variable is named, not the one that it stands for."""
    monkeypatch.setenv("FASTINTERCOM_TEST_LOG_LEVEL", "LOUD")
    found = asked("test", "--mode", "replay")
    assert isinstance(found.exception, ConfigurationError)
    assert str(found.exception).startswith("FASTINTERCOM_TEST_LOG_LEVEL: 'LOUD' is no level")


@pytest.mark.parametrize(
    "words",
    [
        ("--mode", "replay", "--days", "3"),
        ("--mode", "replay", "--max-conversations", "3"),
        ("--mode", "replay", "--record"),
        ("--server", "'"),
        ("--server", ""),
        ("--days", "0"),
        ("--from", "nowhere"),
        ("--mode", "replay", "--from", "http://127.0.0.1:1"),
    ],
)
def test_what_cannot_be_asked_is_refused(place: Path, words: tuple[str, ...]) -> None:
    """As a matter of usage: with 2, before anything is made."""
    found = asked("test", *words)
    assert found.exit_code == 2, found.output
    assert not (place / "work").exists()


@pytest.mark.usefixtures("place")
def test_a_file_of_targets_that_is_not_there() -> None:
    """It is named."""
    found = asked("test", "--config", "none.json")
    assert isinstance(found.exception, ConfigurationError)
    assert "none.json" in str(found.exception)


@pytest.mark.usefixtures("place")
def test_tools_of_another_server_are_listed() -> None:
    """In its own words; a tool that it lacks is said to be lacking."""
    command = shlex.join(PLAIN)
    listed = asked("tool", "--list", "--server", command, "--format", "json")
    assert {row["tool"]: row["description"] for row in json.loads(listed.stdout)}["search_conversations"] == (
        "Conversations with all the words"
    )
    missing = asked("tool", "--tool", "fly", "--server", command)
    assert isinstance(missing.exception, Broken)
    assert "it has search_conversations" in str(missing.exception)


@pytest.mark.usefixtures("place")
def test_a_server_that_refuses_everything_fails_and_is_not_called_fast() -> None:
    """How quickly it refuses is no response time."""
    found = asked("test", "--max-conversations", "5", "--server", shlex.join(PLAIN))
    assert found.exit_code == 1
    assert "search_conversations: ❌ 1 of 1 answers are wrong" in found.stdout
    assert "Query Response: ❌ not measured: no query was answered" in found.stdout


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize(
    "words", [(), ("--tool", "x", "--arguments", "{"), ("--tool", "x", "--arguments", "[]"), ("--list", "--server", "")]
)
def test_a_tool_that_cannot_be_asked(words: tuple[str, ...]) -> None:
    """As a matter of usage, or of a store that is missing."""
    found = asked("tool", *words, *(() if "--server" in words or not words else ("--server", "true")))
    assert found.exit_code == 2, found.output


@pytest.mark.usefixtures("place")
def test_a_tool_needs_a_store() -> None:
    """It says how one is made."""
    assert isinstance(asked("tool", "--tool", "get_server_status").exception, StoreMissing)


def test_credentials_are_asked_for_by_name() -> None:
    """The error that everything else rests on."""
    assert CredentialsMissing("intercom", ["INTERCOM_ACCESS_TOKEN"]).exit_code == 3
