"""The MCP server, started as a desktop program starts it, and the tools that it says it has."""

from __future__ import annotations

from ..asking import serving
from ..bench import Bench, python
from ..conclusion import bad
from ..context import Context, Seen
from ..line import SERVER, Line
from ..tree import number
from ..usage import children, usage

WANTED = ("search_conversations", "get_conversation", "get_server_status", "sync_conversations")


async def run(context: Context) -> None:
    """Starts it. Raises `Broken`."""
    bench = context.bench
    if bench.proxy is not None:
        bench.proxy.stage = "server"
    context.before = frozenset(children())
    command = list(context.settings.server) or own(bench)
    folder = None if context.settings.server else bench.roots.get("server")
    server, ended = await context.stack.enter_async_context(serving(command, bench.folder, environ(bench), cwd=folder))
    context.server, context.ended = server, ended
    if (used := usage(server.pid)) is not None:
        context.measured.server.append(Seen(0, used))
    named = f": {server.name}" if context.settings.server and server.name else ""
    seconds = server.started_in
    context.say(Line(SERVER, "Startup", f"Started in {seconds:.1f} seconds{named}", figures={"startup_s": seconds}))
    context.say(_tools(context))


def own(bench: Bench) -> list[str]:
    """The command of our own server over the run's database."""
    start = "from bi_contracts.cli import main; main()"
    answering = {"replay": ["--mode", "replay"], "live": ["--mode", "live"]}.get(bench.origin, ["--from", bench.origin])
    return [*python("-c", start), "intercom", "serve", "--store", str(bench.store), *answering]


def environ(bench: Bench) -> dict[str, str]:
    """What another server needs to find who answers, under the names that servers use for it."""
    if bench.mode == "live" or bench.roots:
        return dict(bench.environ)
    return {**bench.environ, "INTERCOM_BASE_URL": bench.upstream("server").base_url(bench.platform)}


def _tools(context: Context) -> Line:
    assert context.server is not None
    tools = context.server.tools
    missing = [name for name in WANTED if name not in tools]
    figures = {"tools": float(len(tools))}
    if missing:
        text = f"{len(tools)} tools registered; missing: {', '.join(missing)}"
        return bad(SERVER, "Tool Registration", text, "tools", figures=figures)
    more = "" if len(tools) == len(WANTED) else f", the {len(WANTED)} wanted ones among them"
    said = len(context.server.outputs)
    return Line(
        SERVER,
        "Tool Registration",
        f"{number(len(tools))} tools registered{more}; {said} state the form of their answers",
        figures=figures,
        samples=len(tools),
    )
