"""The same views as tools of the Model Context Protocol, asked by the protocol's own client."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

pytest.importorskip("mcp", reason="the extra gateway is not installed")

from mcp import Client, StdioServerParameters, stdio_client

from bi_contracts.gateway import create_app
from bi_contracts.gateway.mcp import attach, mcp_server
from bi_contracts.gateway.sources import Sources
from bi_contracts.reading import Reader
from bi_contracts.sandbox import Sandbox
from bi_contracts.serving import running

from .worlds import ONCE, sandbox, upstream

CALLS: dict[str, dict[str, Any]] = {
    "crm_contacts": {"limit": 2, "platform": "hubspot"},
    "crm_pipeline": {},
    "calls_recent": {"days": 30},
    "gong_recent": {},
    "projects_overview": {},
    "dashboard": {},
    "looker_looks": {},
    "looker_dashboards": {},
    "looker_run": {},
    "signals": {},
    "leads": {"min_score": 10},
    "analytics": {},
    "message_preview": {"template": "Hello {a}", "data": {"a": 1}},
    "workflow_trigger": {"workflow": "lead-qualification"},
    "platform_identity": {"platform": "notion"},
    "platform_rows": {"platform": "slack", "endpoint": "users"},
    "ready": {},
}


def told(question: Callable[[Client], Awaitable[Any]], world: Sandbox | None = None, **options: Any) -> Any:
    """What a client in this process is told."""

    async def ask() -> Any:
        async with Reader(upstream(world or sandbox())) as reader:
            sources = Sources(reader, retry=ONCE)
            try:
                async with Client(mcp_server(sources, **options)) as client:
                    return await question(client)
            finally:
                await sources.aclose()

    return asyncio.run(ask())


def test_every_view_is_a_tool_that_answers_its_model() -> None:
    """Structured, as its route answers; the client holds it against the tool's own description."""

    async def ask(client: Client) -> dict[str, Any]:
        return {name: await client.call_tool(name, arguments) for name, arguments in CALLS.items()}

    answers = told(ask)
    assert not any(answer.is_error for answer in answers.values())
    assert answers["crm_contacts"].structured_content["contacts"][0]["platform"] == "hubspot"
    assert answers["message_preview"].structured_content["text"] == "Hello 1"
    assert all(answer.structured_content for answer in answers.values())


def test_a_call_and_a_project_are_looked_at_by_their_ids() -> None:
    """The ids are those that the other tools tell."""

    async def ask(client: Client) -> tuple[Any, Any]:
        calls = (await client.call_tool("gong_recent", {"days": 30})).structured_content
        projects = (await client.call_tool("projects_overview", {})).structured_content
        return (
            await client.call_tool("call_analyze", {"id": calls["calls"][0]["id"]}),
            await client.call_tool("project_optimize", {"id": projects["projects"][0]["id"]}),
        )

    call, project = told(ask)
    assert call.structured_content["methods"]
    assert project.structured_content["project"]


@pytest.mark.parametrize("writes", [True, False])
def test_tools_say_whether_they_only_read(writes: bool) -> None:
    """All of them do, but the workflows of a gateway that may write."""

    async def ask(client: Client) -> list[Any]:
        return list((await client.list_tools()).tools)

    tools = told(ask, allow_writes=writes)
    assert {one.name for one in tools} == {*CALLS, "call_analyze", "project_optimize"}
    assert {one.name for one in tools if not one.annotations.read_only_hint} == (
        {"workflow_trigger"} if writes else set()
    )
    assert all(one.description and one.output_schema for one in tools)


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("call_analyze", {"id": "1"}, "there is no call"),
        ("platform_rows", {"platform": "nobody", "endpoint": "things"}, "no list"),
        ("workflow_trigger", {"workflow": "call-analysis", "dry_run": False}, "--allow-writes"),
    ],
)
def test_what_is_not_there_or_not_allowed_is_an_error(name: str, arguments: dict[str, Any], words: str) -> None:
    """With the words that the route would say."""
    answer = told(lambda client: client.call_tool(name, arguments))
    assert answer.is_error
    assert words in answer.content[0].text


def test_where_nothing_is_known_the_result_is_an_error_that_says_what_is_missing() -> None:
    """Regression row: upstream down is never success, here as over HTTP."""
    world = sandbox(rows=3)
    world.fault("status=503", times=None)
    answer = told(lambda client: client.call_tool("crm_pipeline", {}), world)
    assert answer.is_error
    assert {one["source"] for one in answer.structured_content["sections"]} == {"unavailable"}


def test_over_stdio_as_a_program_starts_it() -> None:
    """The command speaks the protocol on stdout, and nothing else."""
    start, words = "from bi_contracts.cli import main; main()", ["gateway", "--mcp", "stdio", "--platform", "gong"]
    server = StdioServerParameters(command=sys.executable, args=["-c", start, *words])

    async def ask() -> Any:
        async with Client(stdio_client(server)) as client:
            return await client.call_tool("gong_recent", {"days": 30, "limit": 1})

    answer = asyncio.run(ask())
    assert answer.structured_content["sections"][0]["source"] == "sandbox"


def test_over_http_beside_the_routes() -> None:
    """One server, both ways."""
    app = create_app(Reader(upstream(sandbox(rows=5))), closing=True)
    attach(app)

    async def ask(url: str) -> Any:
        async with Client(f"{url}/mcp") as client:
            return await client.call_tool("ready", {})

    with running(app) as url:
        assert asyncio.run(ask(url)).structured_content["ready"]
