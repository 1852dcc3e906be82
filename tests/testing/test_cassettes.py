"""`bi_cassette` records and replays any client's traffic."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bi_contracts.cassette.store import load
from bi_contracts.interaction import Source
from bi_contracts.registry import platforms
from bi_contracts.sandbox import Sandbox
from bi_contracts.testing.opening import Wanted

from .suites import Suite

pytest_plugins = ["pytester"]

URLLIB = """
    import json
    import urllib.request

    import pytest

    def users(limit):
        address = "{url}/notion/v1/users?page_size=" + str(limit)
        headers = {{"Authorization": "Bearer {token}", "Notion-Version": "2025-09-03"}}
        request = urllib.request.Request(address, headers=headers)
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.load(answer)["results"]

    {marker}
    def test_users():
        assert len(users(3)) == 3
"""


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[str, str]]:
    """The URL of a served sandbox, and its Notion token."""
    pytest.importorskip("uvicorn", reason="serving the sandbox needs uvicorn")
    from bi_contracts.sandbox.server import running

    sandbox = Sandbox(platforms(), rows=5)
    with running(sandbox) as url:
        yield url, next(iter(sandbox.credentials("notion").values()))


def written(suite: Suite, served: tuple[str, str], marker: str) -> Suite:
    suite.write(URLLIB.format(url=served[0], token=served[1], marker=marker))
    return suite


def test_any_clients_traffic_is_recorded_and_replayed(suite: Suite, served: tuple[str, str]) -> None:
    """urllib against a served sandbox; then the same from the file, network closed."""
    written(suite, served, '@pytest.mark.bi_cassette("users.yaml")')
    suite.run("--bi-mode", "record").assert_outcomes(passed=1)
    cassette = load(suite.path / "users.yaml")
    assert [one.source for one in cassette.interactions] == [Source.SANDBOX]
    assert served[1] not in (suite.path / "users.yaml").read_text()
    suite.run("--bi-strict").assert_outcomes(passed=1)


def test_without_a_recording_the_network_stays_closed(suite: Suite, served: tuple[str, str]) -> None:
    """Replay needs the file even where the server would answer."""
    written(suite, served, '@pytest.mark.bi_cassette("users.yaml")')
    suite.run().assert_outcomes(errors=1)


@pytest.mark.parametrize("mode", ["live", "sandbox"])
def test_nothing_is_intercepted_in_other_modes(suite: Suite, served: tuple[str, str], mode: str) -> None:
    """In the modes live and sandbox the request goes out, recording or not."""
    written(suite, served, '@pytest.mark.bi_cassette("users.yaml")')
    suite.run("--bi-mode", mode).assert_outcomes(passed=1)
    assert not (suite.path / "users.yaml").exists()


def test_a_folder_gets_a_file_a_test(suite: Suite, served: tuple[str, str]) -> None:
    """Recording into a folder names the file after the test; replay reads the whole folder."""
    written(suite, served, '@pytest.mark.bi_cassette("recorded")')
    suite.run("--bi-mode", "record").assert_outcomes(passed=1)
    assert [path.name for path in (suite.path / "recorded").iterdir()] == ["test_it.test_users.yaml"]
    suite.run("--bi-strict").assert_outcomes(passed=1)


def test_the_file_may_lie_in_the_workspace(suite: Suite, served: tuple[str, str]) -> None:
    """A path that is not in the test's folder is looked for below the workspace, in both modes."""
    folder = suite.pytester.mkdir("deeper")
    written(suite, served, '@pytest.mark.bi_cassette("users.yaml")')
    (suite.path / "test_it.py").rename(folder / "test_it.py")
    suite.run("--bi-mode", "record").assert_outcomes(passed=1)
    (folder / "users.yaml").rename(suite.path / "users.yaml")
    suite.run("--bi-strict").assert_outcomes(passed=1)
    suite.run("--bi-mode", "record").assert_outcomes(passed=1)
    assert not (folder / "users.yaml").exists()


def test_several_files_are_one_recording(suite: Suite, served: tuple[str, str]) -> None:
    """A test may be answered from more than one file."""
    suite.record("slack/auth")
    written(suite, served, '@pytest.mark.bi_cassette("users.yaml", "cassettes/slack")')
    suite.run("--bi-mode", "record").assert_outcomes(passed=1)
    suite.run().assert_outcomes(passed=1)


def test_what_runs_on_this_machine_is_never_the_vendor(suite: Suite) -> None:
    """A local server that is no sandbox leaves a recording of unknown source."""
    suite.write("""
        import http.server
        import threading
        import urllib.request

        import pytest

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"here")

            def log_message(self, *words):
                pass

        @pytest.mark.bi_cassette("local.yaml")
        def test_local():
            with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
                threading.Thread(target=server.handle_request, daemon=True).start()
                with urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/", timeout=5) as answer:
                    assert answer.read() == b"here"
    """)
    suite.run("--bi-mode", "record").assert_outcomes(passed=1)
    assert load(suite.path / "local.yaml").provenance.source is Source.UNKNOWN


def test_the_open_recording_can_be_looked_at(suite: Suite, served: tuple[str, str]) -> None:
    """The fixture `bi_cassette` is the player, None in a test without a marker."""
    written(suite, served, '@pytest.mark.bi_cassette("users.yaml")')
    suite.run("--bi-mode", "record").assert_outcomes(passed=1)
    text = (suite.path / "test_it.py").read_text()
    (suite.path / "test_it.py").write_text(
        text.replace("test_users():", "test_users(bi_cassette):")
        + "\n    assert len(bi_cassette.played) == 1\n\ndef test_none(bi_cassette):\n    assert bi_cassette is None\n"
    )
    suite.run().assert_outcomes(passed=2)


def test_every_test_has_a_file_name_of_its_own() -> None:
    """Readable, safe on any file system, and short; long ones are told apart by a digest."""
    tests = ["a/t.py::test[x/y]", f"t.py::t[{'a' * 300}]", f"t.py::t[{'a' * 301}]"]
    names = [Wanted(test, Path()).file_name for test in tests]
    assert names[0] == "t.test-x-y.yaml"
    assert len(set(names)) == 3
    assert max(map(len, names)) < 140


def test_a_tests_own_file_goes_before_its_neighbours(suite: Suite) -> None:
    """In one folder two tests ask the same and were answered differently: each gets its own answer back."""
    suite.write("""
        import httpx
        import pytest

        @pytest.mark.bi_cassette("recorded")
        @pytest.mark.parametrize("answer", ["one", "a/b", "three" * 60])
        def test_answer(answer):
            say = httpx.MockTransport(lambda request: httpx.Response(200, text=answer))
            with httpx.Client(transport=say) as client:
                assert client.get("https://api.example.com/").text == answer
    """)
    suite.run("--bi-mode", "record").assert_outcomes(passed=3)
    assert len(list((suite.path / "recorded").iterdir())) == 3
    suite.run("--bi-strict").assert_outcomes(passed=3)
