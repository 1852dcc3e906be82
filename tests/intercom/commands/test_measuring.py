"""A sync that is measured: speed, where its time goes, what went over the wire, how fast the API answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from bi_contracts.errors import ExitCode
from bi_contracts.intercom.procedure import diagnose, latency, network, performance
from bi_contracts.intercom.procedure.diagnose import Shares
from bi_contracts.intercom.procedure.line import Mark
from bi_contracts.intercom.procedure.traffic import Call, Steps, Traffic, Watching, watched
from bi_contracts.intercom.procedure.traffic import network as over_network
from bi_contracts.intercom.procedure.workload import Clocks, Measured, measured, sandboxed
from bi_contracts.intercom.store import open_store
from bi_contracts.intercom.sync import SyncSettings
from bi_contracts.sandbox.asgi import application
from bi_contracts.serving import running
from bi_contracts.session import Upstream
from bi_contracts.workspace import Workspace


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    """A sync of 8 conversations from a sandbox that is late and counts."""
    folder = tmp_path_factory.mktemp("measured")
    upstream = sandboxed(Workspace.discover(folder, environ={}), 8, limits=True, latency="0.002")
    with open_store(folder / "m.db") as store:
        return asyncio.run(measured(upstream, store, SyncSettings()))


def test_what_is_measured_is_what_the_sync_counted(found: Measured) -> None:
    """The transport saw every call that the sync made; time and memory are there; the source is the sandbox."""
    assert len(found.traffic.calls) == found.synced.run.calls >= 9
    assert found.traffic.by_endpoint["GET /conversations/{id}"] == 8
    assert found.traffic.received > 8 * 1000
    assert found.traffic.flying == 0 < found.traffic.most
    assert 0 < found.clocks.store < found.clocks.wall
    assert found.peak > 10_000_000
    assert found.source == "sandbox"


def test_the_shares_of_the_time_make_up_the_whole() -> None:
    """Whatever was measured, also where clocks disagree."""
    for clocks in (
        Clocks(10, 2, 1, 0.5, 4),
        Clocks(10, 12, 1, 0.5, 40),
        Clocks(1, 0.2, 3, 0.1, 0),
        Clocks(0, 0, 0, 0, 0),
    ):
        shares = Shares.of(clocks)
        total = shares.rate + shares.network + shares.store + shares.cpu
        assert total == pytest.approx(1)
        assert min(shares.rate, shares.network, shares.store, shares.cpu) >= 0


@pytest.mark.parametrize(
    ("clocks", "most"),
    [
        (Clocks(10, 1, 1, 0.5, 9), "rate"),
        (Clocks(10, 1, 1, 0.5, 0), "network"),
        (Clocks(10, 1, 8, 0.5, 0), "store"),
        (Clocks(10, 9, 1, 0.5, 9), "cpu"),
    ],
)
def test_the_diagnosis_names_what_took_the_time(found: Measured, clocks: Clocks, most: str) -> None:
    """And says what to do about exactly that."""
    told = diagnose.result(Measured(found.synced, found.traffic, clocks, source="live"))
    what, advice = diagnose.VERDICTS[most]
    assert what in told.text()
    assert told.advice == advice
    assert "conversations/s (167 calls" in told.text()


def test_the_ceiling_is_not_known_where_no_limit_is_stated(found: Measured) -> None:
    """It is never made up."""
    from dataclasses import replace

    silent = Measured(replace(found.synced, limit=0), found.traffic, found.clocks)
    assert "no limit was stated" in diagnose.result(silent).text()


def test_where_nobody_enforces_the_limit_nothing_limits(found: Measured) -> None:
    """Else a speed above the ceiling would be no sense."""
    free = Measured(found.synced, found.traffic, found.clocks, source="sandbox", limited=False)
    assert "Ceiling: none here: nobody enforces the limit" in diagnose.result(free).text()
    assert found.limited
    assert "nobody enforces" not in diagnose.result(found).text()


def test_the_network_of_a_sync_is_told(found: Measured) -> None:
    """Requests, bytes, budget over time; nothing is wrong with it."""
    told = network.result(found)
    assert told.mark is Mark.GOOD
    assert told.figures["requests"] == found.synced.run.calls
    assert "bodies only, without headers" in told.text()
    timeline = told.as_dict()["timeline"]
    assert sum(slot["requests"] for slot in timeline) == found.synced.run.calls
    assert any("remaining" in slot for slot in timeline)


def test_refusals_and_failures_are_warnings(found: Measured) -> None:
    """With what to do; without a stated budget that is said."""
    traffic = Traffic(calls=[Call("GET /me", 0, 0.1, 429, 0, 10), Call("GET /me", 0.2, 0.1, 0, 0, 0)])
    told = network.result(Measured(found.synced, traffic, found.clocks))
    assert told.mark is Mark.WARNING
    assert len(told.advice) == 2
    assert "no answer" in told.text()
    assert "not stated" in told.text()
    assert network.timeline(Traffic()) == []
    assert traffic.since(5.0) == 0


def test_a_profile_adds_the_layers(tmp_path: Path, space: Workspace) -> None:
    """Sync, writes and queries beside the targets; every layer of the time, built-in functions by their caller."""
    told = performance.run(
        space, sandboxed(space, 6), tmp_path, SyncSettings(), number=3, profile=True, written=6
    ).result()
    assert {
        "sync_speed",
        "message_speed",
        "write_speed",
        "query_search_p95_ms",
        "memory_peak_mb",
    } <= told.figures.keys()
    assert told.missed == ExitCode.SLA_BREACHED
    layers = told.as_dict()["layers"]
    assert {"store", "decode", "sandbox", "client"} <= layers.keys()
    assert "Time by layer" in told.text()


def test_a_missed_target_says_what_to_do(found: Measured) -> None:
    """And ends with 6."""
    from bi_contracts.intercom.procedure.result import Row, Section

    slow = Section("Sync", (Row("Sync speed", 1.0, mark=Mark.BAD),))
    told = performance.Performance(found, (slow,)).result()
    assert told.exit_code == ExitCode.SLA_BREACHED
    assert "diagnose" in told.advice[0]


def test_layers_are_known_by_file_and_by_name() -> None:
    """A path of Windows too; what belongs nowhere is left to its caller."""
    assert performance.layer_of("C:\\site-packages\\sqlalchemy\\engine.py") == "store"
    assert performance.layer_of("<method 'poll' of 'select.epoll' objects>") == "waiting"
    assert performance.layer_of("<built-in method builtins.len>") is None


def test_the_commands_measure_the_sandbox(run: Callable, tmp_path: Path) -> None:
    """Out of the box, as text and as JSON in a file; the source is always said."""
    few = ("--max-conversations", "6")
    assert "Limited by" in run("intercom", "diagnose", *few, "--latency", "0.001").stdout
    assert "(source: sandbox)" in run("intercom", "network", *few).stdout
    ended = run("intercom", "performance", *few, "--queries", "2", "--written", "5", "--output", "p.json")
    assert ended.exit_code in (0, ExitCode.SLA_BREACHED)
    assert json.loads((tmp_path / "p.json").read_text())["source"] == "sandbox"


def test_options_of_the_sandbox_go_with_no_other_upstream(run: Callable) -> None:
    """And a latency that is none is told; without a token live says which variable it wants."""
    words = ("intercom", "diagnose")
    assert run(*words, "--mode", "live", "--limits").exit_code == ExitCode.USAGE
    assert run(*words, "--latency", "soon").exit_code == ExitCode.USAGE
    ended = run(*words, "--mode", "live")
    assert ended.exit_code == ExitCode.CONFIGURATION
    assert "INTERCOM_ACCESS_TOKEN" in ended.stderr


def test_latency_is_told_by_endpoint(run: Callable) -> None:
    """In process there is nothing to connect to, and that is said."""
    told = run("intercom", "latency", "--calls", "2", "--format", "json")
    assert told.exit_code == 0
    figures = json.loads(told.stdout)["figures"]
    assert {"me_p50_ms", "conversations_search_p99_ms", "conversations_item_p95_ms"} <= figures.keys()
    assert "in this process" in told.stdout


def test_connecting_is_measured_where_there_is_a_network(space: Workspace) -> None:
    """Against a served sandbox: TCP connect and first byte; no TLS, for it is in the clear."""
    given = sandboxed(space, 3).sandbox
    with running(application(given)) as url:
        told = asyncio.run(latency.measure(Upstream(space, url, given), 2))
    assert told.source == "sandbox"
    assert told.figures["connect_p50_ms"] > 0
    assert "First byte" in told.text()
    assert "in the clear" in told.text()


def test_a_slow_endpoint_is_a_warning() -> None:
    """With where to look; an answer that is no success is counted."""
    calls = [Call("GET /me", 0, 0.9, 500, 0, 10, None, {"ttfb": 0.8, "tls": 0.2, "connect": 0.1})]
    told = latency.result(Traffic(calls=calls), [], "live")
    assert told.mark is Mark.WARNING
    assert told.advice
    assert "1 of them no success" in told.text()
    assert told.figures["tls_p50_ms"] == pytest.approx(200)


def test_a_deleted_conversation_is_an_answer_all_the_same(space: Workspace) -> None:
    """What is gone since it was listed is no reason to end; an empty workspace has no conversation to ask for."""
    upstream = sandboxed(space, 2)
    upstream.sandbox.fault("not-found", platform="intercom", endpoint="conversation", times=None)
    assert "GET /conversations/{id}" in asyncio.run(latency.measure(upstream, 1)).text()
    assert "GET /conversations/{id}" not in asyncio.run(latency.measure(sandboxed(space, 0), 1)).text()


def test_a_request_without_an_answer_is_noted() -> None:
    """The error goes on to whoever asked; in the books it has no status."""
    traffic = Traffic()

    def broken(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("broken", request=request)

    async def ask() -> None:
        async with httpx.AsyncClient(transport=Watching(httpx.MockTransport(broken), traffic)) as client:
            await client.get("https://api.intercom.io/contacts/5ba682d23d7cf92bef87bfd4")

    with pytest.raises(httpx.ReadError):
        asyncio.run(ask())
    assert [(call.what, call.status) for call in traffic.calls] == [("GET /contacts/{id}", 0)]
    assert traffic.failed == 1


def test_steps_of_a_request_are_read_as_httpcore_tells_them() -> None:
    """Connect, TLS, first byte; none of what was not told."""
    moments = iter((1.0, 1.5, 2.0, 2.25, 4.0))
    steps = Steps(lambda: next(moments))
    for event in (
        "connection.connect_tcp.started",
        "connection.connect_tcp.complete",
        "connection.start_tls.started",
        "connection.start_tls.complete",
        "http11.receive_response_headers.complete",
    ):
        asyncio.run(steps.note(event, {}))
    assert steps.seconds(0.5) == {"connect": 0.5, "tls": 0.25, "ttfb": 3.5}
    assert Steps(lambda: 0).seconds(0) == {}


def test_the_network_goes_through_the_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """As any other client's; a live upstream is watched through it."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    transport = over_network()
    assert "Proxy" in type(transport._pool).__name__
    asyncio.run(transport.aclose())
    assert isinstance(watched(Upstream(Workspace(Path()), "live")), Upstream)
