"""In replay mode tests are answered from recordings and reach nothing else."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bi_contracts.cassette.store import load, save

from .suites import Suite

pytest_plugins = ["pytester"]


@pytest.mark.parametrize("id", ["asana/tasks", "intercom/companies", "linear/issues", "notion/search", "slack/users"])
def test_recorded_rows_come_back(suite: Suite, id: str) -> None:
    """Without arguments a test reads what was recorded, whatever the API's way of paging."""
    suite.record(id, rows=130)
    suite.write(f"""
        import pytest

        @pytest.mark.bi_contract("{id}")
        def test_rows(bi):
            rows = bi.records()
            assert len(rows) == 130
            assert len({{row[bi.endpoint.key] for row in rows}}) == 130
    """)
    suite.run().assert_outcomes(passed=1)


def test_one_page_of_many_can_be_asked_for(suite: Suite) -> None:
    """`max_pages` ends a read early."""
    suite.record("slack/users", rows=450)
    suite.write("""
        import pytest

        @pytest.mark.bi_contract("slack/users")
        def test_rows(bi):
            assert 0 < len(bi.records(max_pages=1)) < len(bi.records())
    """)
    suite.run().assert_outcomes(passed=1)


def test_a_recording_that_was_cut_short_ends_where_it_was_cut(suite: Suite) -> None:
    """A recording of the first pages is read to its own end, not missed beyond it."""
    suite.record("asana/tasks", rows=250, max_pages=2)
    suite.write("""
        import pytest

        @pytest.mark.bi_contract("asana/tasks")
        def test_rows(bi):
            assert len(bi.responses()) == 2
    """)
    suite.run().assert_outcomes(passed=1)


def test_an_item_is_one_record(suite: Suite) -> None:
    """`bi.record()` is the object itself."""
    suite.record("asana/task")
    suite.write("""
        import pytest

        @pytest.mark.bi_contract("asana/task")
        def test_item(bi):
            assert bi.record()["gid"] and bi.record() == bi.records()[0]
    """)
    suite.run().assert_outcomes(passed=1)


def test_an_unrecorded_request_names_the_closest(suite: Suite) -> None:
    """A miss is a failure that says what was asked, what was recorded, and where they differ."""
    suite.record("asana/tasks")
    suite.write("""
        import pytest

        @pytest.mark.bi_contract("asana/tasks", project="404")
        def test_rows(bi):
            bi.records()
    """)
    result = suite.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "E*CassetteMiss*no recording of GET https://app.asana.com/api/1.0/tasks?*project=404*",
            "E*Closest of 1 recorded: GET https://app.asana.com/api/1.0/tasks?*",
            'E*query project: asked "404", recorded*',
            "*missing: test_it.py::test_rows*",
        ]
    )
    result.stdout.no_fnmatch_line("*client.py*")


def test_arguments_of_the_call_go_before_those_of_the_marker(suite: Suite) -> None:
    """The marker's arguments are defaults."""
    suite.record("asana/tasks")
    suite.write("""
        import pytest

        @pytest.mark.bi_contract("asana/tasks", project="404")
        def test_rows(bi):
            project = bi.endpoint.read(asked(bi), bi.platform.base_url)["project"]
            assert len(bi.records(project=project)) == 3

        def asked(bi):
            import httpx
            from bi_contracts.cassette.store import load

            request = load("cassettes/asana/tasks.yaml").interactions[0].request
            return httpx.Request(request.method, request.url)
    """)
    suite.run().assert_outcomes(passed=1)


SOCKET = """
    import socket
    import pytest

    {marker}
    def test_socket({fixture}):
        socket.create_connection(("127.0.0.1", {port}), timeout=5).close()
"""


def test_a_replaying_test_opens_no_socket(suite: Suite) -> None:
    """A connection fails with `SocketBlocked`, even to this machine."""
    suite.record("slack/users")
    suite.write(SOCKET.format(marker='@pytest.mark.bi_contract("slack/users")', fixture="bi", port=9))
    result = suite.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*SocketBlocked*127.0.0.1:9*", "*connection refused*test_socket*127.0.0.1:9*"])


def test_the_marker_alone_closes_the_network(suite: Suite) -> None:
    """A test that uses another client than `bi` is guarded as well."""
    suite.record("slack/users")
    suite.write(SOCKET.format(marker='@pytest.mark.bi_contract("slack/users")', fixture="", port=9))
    suite.run().assert_outcomes(failed=1)


def test_a_raw_urllib_call_is_refused(suite: Suite) -> None:
    """What the standard library asks for is answered from the recording or refused like anything else."""
    suite.record("slack/users")
    suite.write("""
        import urllib.request
        import pytest

        @pytest.mark.bi_contract("slack/users")
        def test_call():
            urllib.request.urlopen("http://127.0.0.1:9/elsewhere", timeout=5)
    """)
    result = suite.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*CassetteMiss*no recording of GET http://127.0.0.1:9/elsewhere*"])


@pytest.fixture
def port() -> Iterator[int]:
    """A port of this machine that accepts connections."""
    listener = socket.create_server(("127.0.0.1", 0))
    yield listener.getsockname()[1]
    listener.close()


def test_unmarked_tests_keep_their_network(suite: Suite, port: int) -> None:
    """Tests without the marker and the fixture are left alone, also beside those with it."""
    suite.record("slack/users")
    suite.write(
        SOCKET.format(marker="", fixture="", port=port)
        + """
    @pytest.mark.bi_contract("slack/users")
    def test_before(bi):
        assert bi.records()

    def test_after():
        test_socket()
    """
    )
    suite.run().assert_outcomes(passed=3)


def test_an_allowed_host_can_be_reached(suite: Suite, port: int) -> None:
    """`--bi-allow-host` opens one host, for sockets and for HTTP clients."""
    suite.record("slack/users")
    suite.write(SOCKET.format(marker='@pytest.mark.bi_contract("slack/users")', fixture="bi", port=port))
    suite.run("--bi-allow-host", "localhost").assert_outcomes(passed=1)
    suite.run("--bi-allow-host", f"127.0.0.1:{port}").assert_outcomes(passed=1)
    suite.run("--bi-allow-host", "example.com").assert_outcomes(failed=1)


def test_asynchronous_tests_are_replayed(suite: Suite) -> None:
    """`bi.async_client` reads the same recording."""
    suite.record("linear/issues", rows=60)
    suite.write("""
        import asyncio
        import pytest

        async def read(client):
            async with client:
                return [row async for row in client.records("issues")]

        @pytest.mark.bi_contract("linear/issues")
        def test_rows(bi):
            assert asyncio.run(read(bi.async_client)) == bi.records()
    """)
    suite.run().assert_outcomes(passed=1)


def test_every_test_starts_at_the_beginning(suite: Suite) -> None:
    """What one test was answered does not change what the next one is: they pass in any order."""
    suite.record("slack/users", "notion/users", rows=130)
    body = """
        import pytest

        @pytest.mark.bi_contract("slack/users")
        def test_a(bi):
            assert len(bi.records()) == len(bi.records()) == 130

        @pytest.mark.bi_contract("notion/users")
        def test_b(bi):
            assert len(bi.records()) == 130

        @pytest.mark.bi_contract("slack/users")
        def test_c(bi):
            assert len(bi.records()) == 130
    """
    suite.write(body)
    orders = [("a", "b", "c"), ("c", "b", "a"), ("b", "c", "a")]
    for order in orders:
        suite.run(*(f"test_it.py::test_{name}" for name in order)).assert_outcomes(passed=3)


def test_one_recording_is_read_once(suite: Suite) -> None:
    """A cassette is parsed once for all tests of a run."""
    suite.record("slack/users")
    suite.write("""
        import pytest
        from bi_contracts.cassette import shelf

        @pytest.mark.bi_contract("slack/users")
        @pytest.mark.parametrize("number", range(5))
        def test_rows(bi, number):
            before = shelf._cassette.cache_info().misses
            assert bi.records()
            assert shelf._cassette.cache_info().misses == before
    """)
    suite.run().assert_outcomes(passed=5)


def test_several_endpoints_can_be_read_in_one_test(suite: Suite) -> None:
    """The marker takes more ids; `bi` is the first, `bi.client` reads them all."""
    suite.record("asana/projects", "asana/tasks")
    suite.write("""
        import pytest

        @pytest.mark.bi_contract("asana/tasks", "asana/projects")
        def test_rows(bi):
            workspace = next(iter(bi.client.records("projects", workspace=place())))["workspace"]["gid"]
            assert bi.records() and workspace

        def place():
            from urllib.parse import parse_qs, urlsplit
            from bi_contracts.cassette.store import load

            url = load("cassettes/asana/projects.yaml").interactions[0].request.url
            return parse_qs(urlsplit(url).query)["workspace"][0]
    """)
    suite.run().assert_outcomes(passed=1)


def test_imported_recordings_of_other_clients_are_read_as_they_are(suite: Suite) -> None:
    """A recording made with other arguments than our client's is followed from its own first request."""
    suite.record("slack/users")
    path = suite.path / "cassettes" / "slack" / "users.yaml"
    path.write_text(path.read_text().replace("limit=", "include_locale=true&limit="))
    suite.write("""
        import pytest

        @pytest.mark.bi_contract("slack/users")
        def test_rows(bi):
            assert len(bi.records()) == 3
    """)
    suite.run().assert_outcomes(passed=1)


def test_a_recording_without_a_read_is_no_pass(suite: Suite) -> None:
    """A recording of something else than the endpoint's reads fails the test."""
    suite.record("slack/auth")
    (suite.path / "cassettes" / "slack" / "auth.yaml").rename(suite.path / "cassettes" / "slack" / "users.yaml")
    suite.write("""
        import pytest

        @pytest.mark.bi_contract("slack/users")
        def test_rows(bi):
            bi.records()
    """)
    result = suite.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*CassetteMiss: slack/users: the recording holds no read of this endpoint*"])


def test_an_answer_without_records_has_no_first_one(suite: Suite) -> None:
    """`bi.record()` of an empty list says so, and `bi` says what it is."""
    suite.record("slack/usergroups")
    path = suite.path / "cassettes" / "slack" / "usergroups.yaml"
    cassette = load(path)
    empty = tuple(
        replace(one, response=replace(one.response, body=b'{"ok": true, "usergroups": []}'))
        for one in cassette.interactions
    )
    save(path, replace(cassette, interactions=empty))
    suite.write("""
        import pytest

        @pytest.mark.bi_contract("slack/usergroups")
        def test_rows(bi):
            assert bi.records() == []
            assert repr(bi) == "<bi slack/usergroups, replay>"
            with pytest.raises(LookupError, match="slack/usergroups: the answer has no records"):
                bi.record()
    """)
    suite.run().assert_outcomes(passed=1)


def test_a_path_that_nobody_can_fill_is_read_as_recorded(suite: Suite) -> None:
    """An item recorded without its parent in sight is followed from its own request."""
    suite.record("asana/task", "asana/tasks")
    suite.write("""
        import pytest

        @pytest.mark.bi_contract("asana/task")
        def test_item(bi):
            assert len(bi.reads()) == 1
    """)
    suite.run().assert_outcomes(passed=1)
