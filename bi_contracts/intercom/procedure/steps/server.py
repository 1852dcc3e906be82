"""The MCP server, started as a desktop program starts it, and the tools that it says it has."""

from __future__ import annotations

from ..conclusion import bad
from ..context import Context, Seen
from ..line import SERVER, TOOLS, Line
from ..mcp_client import serving
from ..running import ours
from ..testbed import Testbed
from ..tree import number
from ..usage import children, usage


async def run(context: Context) -> None:
    """Starts it. Raises `Broken`."""
    testbed = context.testbed
    if testbed.proxy is not None:
        testbed.proxy.stage = "server"
    context.before = frozenset(children())
    command = list(context.settings.server) or own(testbed)
    folder = None if context.settings.server else testbed.roots.get("server")
    server, ended = await context.stack.enter_async_context(
        serving(command, testbed.folder, environ(testbed), cwd=folder)
    )
    context.server, context.ended = server, ended
    if (used := usage(server.pid)) is not None:
        context.measured.server.append(Seen(0, used))
    named = f": {server.name}" if context.settings.server and server.name else ""
    seconds = server.started_in
    context.say(Line(SERVER, "Startup", f"Started in {seconds:.1f} seconds{named}", figures={"startup_s": seconds}))
    context.say(_tools(context))


def own(testbed: Testbed) -> list[str]:
    """The command of our own server over the run's database."""
    answering = "--mode" if testbed.origin in ("replay", "live") else "--from"
    return ours("serve", "--store", str(testbed.store), answering, testbed.origin)


def environ(testbed: Testbed) -> dict[str, str]:
    """What another server needs to find who answers, under the names that servers use for it."""
    if testbed.mode == "live" or testbed.roots:
        return dict(testbed.environ)
    return {**testbed.environ, "INTERCOM_BASE_URL": testbed.upstream("server").base_url(testbed.platform)}


def _tools(context: Context) -> Line:
    assert context.server is not None
    tools = context.server.tools
    missing = [name for name in TOOLS if name not in tools]
    figures = {"tools": float(len(tools))}
    if missing:
        text = f"{len(tools)} tools registered; missing: {', '.join(missing)}"
        return bad(SERVER, "Tool Registration", text, "tools", figures=figures)
    more = "" if len(tools) == len(TOOLS) else f", the {len(TOOLS)} wanted ones among them"
    said = len(context.server.outputs)
    return Line(
        SERVER,
        "Tool Registration",
        f"{number(len(tools))} tools registered{more}; {said} state the form of their answers",
        figures=figures,
        samples=len(tools),
    )
