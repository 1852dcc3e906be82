"""`bi-contracts intercom tool`: one MCP tool, asked once."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ...errors import ExitCode
from .. import options
from . import options as shared

if TYPE_CHECKING:
    from ...intercom.procedure.tool import Asked


@click.command("tool")
@shared.store_option
@click.option("--tool", "name", metavar="NAME", help="Which: search_conversations, get_conversation, ...")
@click.option("--arguments", metavar="JSON", help="What to ask it. Without: something that the tool itself can answer.")
@click.option("--list", "listing", is_flag=True, help="Only list the tools.")
@click.option("--server", metavar="COMMAND", help="Another MCP server, in place of ours over the store.")
@options.plain_format
def command(
    store: str | None, name: str | None, arguments: str | None, listing: bool, server: str | None, format: str
) -> None:
    """Start an MCP server, ask one tool, and check its answer against the form that the tool states.

    Without --arguments a search asks for the newest conversations, and a conversation is one that a search found.
    Ends with 0 where the answer is good, 1 where it is not.

    \b
    bi-contracts intercom tool --tool search_conversations
    bi-contracts intercom tool --tool get_conversation --arguments '{"id": "123"}'
    bi-contracts intercom tool --list --server 'npx my-intercom-mcp'
    """
    if not listing and name is None:
        raise click.UsageError("name a --tool, or --list them")
    from ...intercom.procedure.tool import asked, listed

    words, environ = _server(store, server)
    with tempfile.TemporaryDirectory(prefix="bi-contracts-") as folder:
        if listing:
            tools = asyncio.run(listed(words, Path(folder), environ))
            options.show([{"tool": tool, "description": said} for tool, said in tools], ["tool", "description"], format)
            return
        assert name is not None
        found = asyncio.run(asked(words, Path(folder), environ, name, _arguments(arguments)))
    _show(found, format)
    click.get_current_context().exit(int(ExitCode.FINDINGS if found.problem else ExitCode.GOOD))


def _server(store: str | None, server: str | None) -> tuple[list[str], Mapping[str, str]]:
    """The command line of the server. Ours never syncs by itself: asking a tool changes nothing but by that tool."""
    if server is not None:
        try:
            words = shlex.split(server)
        except ValueError as error:
            raise click.BadParameter(f"{server!r}: {error}", param_hint="--server") from None
        if not words:
            raise click.BadParameter("name the command that starts it", param_hint="--server")
        return words, {}
    shared.held(store).close()
    start = "from bi_contracts.cli import main; main()"
    address = shared.address(options.workspace(), store)
    path = str(Path(__file__).parents[3])
    known = os.pathsep.join(filter(None, (path, os.environ.get("PYTHONPATH", ""))))
    return [sys.executable, "-c", start, "intercom", "serve", "--store", address], {"PYTHONPATH": known}


def _arguments(text: str | None) -> dict[str, Any] | None:
    if text is None:
        return None
    try:
        known = json.loads(text)
    except ValueError as error:
        raise click.BadParameter(f"no JSON ({error})", param_hint="--arguments") from None
    if not isinstance(known, dict):
        raise click.BadParameter('an object is wanted: {"query": "refund"}', param_hint="--arguments")
    return known


def _show(found: Asked, format: str) -> None:
    if format == "json":
        options.print_json(found.as_dict())
        return
    from ...intercom.procedure.line import Mark
    from ...intercom.procedure.tree import style_for
    from ...report.values import clean

    style = style_for(getattr(sys.stdout, "encoding", None))
    mark = style.mark(Mark.BAD if found.problem else Mark.GOOD)
    click.echo(f"{mark}{found.tool}: {clean(found.problem or found.said)} ({found.seconds * 1000:.0f} ms)")
    click.echo(f"asked: {json.dumps(found.arguments, ensure_ascii=False)}")
    text = found.value if isinstance(found.value, str) else json.dumps(found.value, indent=2, ensure_ascii=False)
    click.echo(clean(text, lines=True))
