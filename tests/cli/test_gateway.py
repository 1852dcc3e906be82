"""`bi-contracts gateway`: what it serves, what it says, and what it refuses."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from bi_contracts.gateway import Gateway

from .conftest import Run
from .processes import start


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Gateway]:
    """The gateways that would be served, in place of serving them."""
    found: list[Gateway] = []

    def serve(app: Gateway, host: str, port: int, *, started: Callable[[str], None]) -> None:
        found.append(app)
        started(f"http://{host}:{port}")

    monkeypatch.setattr("bi_contracts.serving.serve", serve)
    return found


def test_it_serves_the_sandbox_and_says_where(run: Run, served: list[Gateway]) -> None:
    """At the seed's address; the banner is on stderr, and nothing may be written."""
    ended = run("gateway")
    assert (ended.exit_code, ended.stdout) == (0, "")
    assert "the gateway (sandbox), serving at http://127.0.0.1:3333/api/business" in ended.stderr
    assert "http://127.0.0.1:3333/openapi.json" in ended.stderr
    assert not served[0].allow_writes
    assert served[0].sources.reader.upstream.origin == "sandbox"


def test_settings_reach_the_gateway(run: Run, served: list[Gateway]) -> None:
    """Mode, platforms, writing, fallbacks, ages, pages, and the tools beside the routes."""
    ended = run(
        *("gateway", "--mode", "replay", "--platform", "gong", "--platform", "hubspot", "--allow-writes"),
        *("--fallback", "recording", "--fallback", "mock", "--max-age", "0", "--max-pages", "7"),
        *("--mcp", "http", "--port", "4444"),
    )
    assert ended.exit_code == 0
    sources = served[0].sources
    assert (sources.names, sources.max_age, sources.max_pages) == (("gong", "hubspot"), 0.0, 7)
    assert sources.reader.upstream.origin == "replay"
    assert served[0].allow_writes
    assert "http://127.0.0.1:4444/mcp" in ended.stderr
    assert "workflows may write" in ended.stderr


def test_a_served_sandbox_may_answer(run: Run, served: list[Gateway]) -> None:
    """`--from URL`; the words that `--mode` knows are understood, too."""
    assert run("gateway", "--from", "http://127.0.0.1:8770").exit_code == 0
    assert run("gateway", "--from", "replay").exit_code == 0
    assert [one.sources.reader.upstream.origin for one in served] == ["http://127.0.0.1:8770", "replay"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--from", "ftp://x"], 2, "neither live, sandbox nor a URL"),
        (["--mode", "live", "--from", "http://127.0.0.1:1"], 2, "leave one of them out"),
        (["--platform", "hubsport"], 2, "did you mean hubspot?"),
        (["--mode", "record"], 2, "--mode"),
    ],
)
def test_what_cannot_be_meant_is_told(run: Run, words: list[str], code: int, said: str) -> None:
    """In one line, without a traceback."""
    ended = run("gateway", *words)
    assert ended.exit_code == code
    assert said in ended.stderr


def test_a_port_that_is_taken_is_told(run: Run) -> None:
    """With what to do about it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = run("gateway", "--port", str(port))
    assert ended.exit_code == 3
    assert f"cannot listen on 127.0.0.1:{port}" in ended.stderr
    assert "try another --port" in ended.stderr


def test_it_listens_on_this_machine_only(run: Run) -> None:
    """Whatever the person asks for."""
    ended = run("gateway", "--host", "0.0.0.0")
    assert ended.exit_code == 3
    assert "this machine only" in ended.stderr


def test_the_description_is_printed(run: Run) -> None:
    """As data on stdout; it names every route of the seed."""
    document = json.loads(run("gateway", "--print-openapi").stdout)
    paths = {path.removeprefix("/api/business") for path in document["paths"]}
    assert paths >= {
        *("/crm/contacts", "/crm/pipeline", "/calls/recent", "/gong/recent", "/projects/overview", "/dashboard"),
        *("/looker/looks", "/looker/dashboards", "/looker/run", "/signals", "/leads", "/analytics"),
        *("/message/preview", "/calls/{id}/analyze", "/projects/{id}/optimize", "/workflows/trigger"),
    }


@pytest.mark.parametrize(("name", "words"), [("fastapi", ["gateway"]), ("mcp", ["gateway", "--mcp", "http"])])
def test_without_the_extra_it_says_what_to_install(
    run: Run, served: list[Gateway], monkeypatch: pytest.MonkeyPatch, name: str, words: list[str]
) -> None:
    """One line with the command to type."""
    for loaded in [
        one for one in sys.modules if one.partition(".")[0] == name or one.startswith(f"bi_contracts.gateway.{name}")
    ]:
        monkeypatch.delitem(sys.modules, loaded)
    for loaded in ("app", "answers", "mcp", "routes", "routes.business", "routes.parameters", "routes.actions"):
        monkeypatch.delitem(sys.modules, f"bi_contracts.gateway.{loaded}", raising=False)
    for loaded in ("app", "mcp"):
        monkeypatch.delattr(f"bi_contracts.gateway.{loaded}", raising=False)
    monkeypatch.setitem(sys.modules, name, None)
    ended = run(*words)
    assert ended.exit_code == 3
    assert "pip install 'bi-contracts[gateway]'" in ended.stderr
    assert served == []


def test_over_stdio_the_data_is_the_protocol(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is said to a person goes to stderr, and everything is closed at the end."""
    from mcp.server import MCPServer

    async def ended(_: Any) -> None:
        return None

    monkeypatch.setattr(MCPServer, "run_stdio_async", ended)
    told = run("gateway", "--mcp", "stdio")
    assert (told.exit_code, told.stdout) == (0, "")
    assert "MCP on stdin and stdout" in told.stderr


def test_it_answers_over_http_until_it_is_ended(tmp_path: Path) -> None:
    """As a process of its own, on a free port."""
    with start(tmp_path, "gateway", "--port", "0", "--platform", "gong") as process:
        try:
            assert process.stderr is not None
            line = next(line for line in process.stderr if "serving at" in line)
            answer: Any = httpx.get(f"{line.split()[-1]}/gong/recent?days=30&limit=1", trust_env=False)
        finally:
            process.terminate()
            process.communicate(timeout=20)
    assert answer.json()["sections"][0]["source"] == "sandbox"
