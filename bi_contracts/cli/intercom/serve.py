"""`bi-contracts intercom serve`: the store as tools of the Model Context Protocol."""

from __future__ import annotations

import gc
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .. import options
from . import options as shared

if TYPE_CHECKING:
    from ...workspace import Workspace

PORT = 3000
TEST_LOG = "logs/fast-intercom-mcp.log"
TEST_LEVEL = "FASTINTERCOM_TEST_LOG_LEVEL"
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


@click.command("serve")
@shared.store_option
@shared.mode_option("live")
@click.option("--http", is_flag=True, help="Serve at http://HOST:PORT/mcp, not on stdin and stdout.")
@click.option("--host", default="127.0.0.1", show_default=True, help="With --http: the address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, help="With --http; 0 takes a free one."
)
@click.option(
    "--allow-host", "allowed", multiple=True, metavar="NAME",
    help="With --http: a name others use for this machine. Needs BI_CONTRACTS_INTERCOM_KEY. Repeatable.",
)  # fmt: skip
@click.option("--no-sync", is_flag=True, help="Serve what is held; never ask Intercom.")
@click.option("--region", type=click.Choice(["us", "eu", "au"]), help="Where the workspace is hosted, for syncs.")
@click.option(
    "--max-bytes", type=click.IntRange(12_000, 1_000_000), default=40_000, show_default=True, help="An answer."
)
@click.option("--max-tokens", type=click.IntRange(3_000, 250_000), default=10_000, show_default=True, help="An answer.")
@click.option("--max-seconds", type=click.FloatRange(0.01, 60), default=0.2, show_default=True, help="Of a search.")
@click.option("--test-mode", is_flag=True, help="The store below FASTINTERCOM_TEST_WORKSPACE, and a log file there.")
@click.option("-v", "--verbose", is_flag=True, help="A line for every call on stderr: its name, time, size, outcome.")
def command(
    store: str | None,
    mode: str,
    origin: str | None,
    http: bool,
    host: str,
    port: int,
    allowed: tuple[str, ...],
    no_sync: bool,
    region: str | None,
    max_bytes: int,
    max_tokens: int,
    max_seconds: float,
    test_mode: bool,
    verbose: bool,
) -> None:
    """Serve the store to MCP clients: search, conversations, contacts, tickets, coverage, syncs.

    On stdin and stdout, as desktop clients start it, or over HTTP on this machine. What is served was written by
    customers: others may ask only with --allow-host and the key in BI_CONTRACTS_INTERCOM_KEY.

    \b
    bi-contracts intercom serve                   for a client that starts it
    bi-contracts intercom serve --http            at http://127.0.0.1:3000/mcp
    bi-contracts intercom serve --mode sandbox    its syncs ask made-up data
    """
    if not http and (allowed or host != "127.0.0.1"):
        raise click.UsageError("--host and --allow-host go with --http")
    _check(mode, origin)
    wire = None if http else _wire()
    space = options.workspace()
    place = _store(space, store, test_mode)
    _logs(verbose, shared.test_workspace() / TEST_LOG if test_mode else None)
    _serve(
        wire,
        {
            "address": place,
            "root": str(space.root),
            "origin": origin or mode,
            "why_not": "it was started with --no-sync." if no_sync else _why_not(space, origin or mode),
            "settings": {"region": region} if region else {},
        },
        (max_bytes, max_tokens, max_seconds),
        (host, port, _access(host, allowed) if http else None),
    )


def _check(mode: str, origin: str | None) -> None:
    """Raises `click.UsageError` for what is no URL of a sandbox. Whoever syncs looks closer."""
    if origin is None:
        return
    if mode == "replay":
        raise click.UsageError("--from names a sandbox, and --mode is replay: leave one of them out")
    if not origin.startswith(("http://", "https://")):
        raise click.BadParameter(f"{origin!r} is no URL", param_hint="--from")


def _wire() -> Any:
    """Takes stdin and stdout before anything else can print. Raises `ConfigurationError` where they are closed."""
    from ...errors import ConfigurationError
    from ...intercom.server.wire import Wire

    try:
        return Wire.taken()
    except OSError:
        raise ConfigurationError("stdin or stdout is closed: an MCP client starts this server, or add --http") from None


def _store(space: Workspace, store: str | None, test_mode: bool) -> str:
    if test_mode and not store:
        return str(shared.test_workspace() / shared.TEST_STORE)
    return shared.address(space, store)


def _logs(verbose: bool, file: Path | None) -> None:
    from ...errors import ConfigurationError
    from ...intercom.server.logs import configure

    level = (os.environ.get(TEST_LEVEL) if file else os.environ.get("LOG_LEVEL")) or ("INFO" if verbose else "WARNING")
    if level.upper() not in LEVELS:
        raise ConfigurationError(f"{level!r} is no level of logs; choose one of {', '.join(LEVELS)}")
    configure("INFO" if verbose and level.upper() == "WARNING" else level.upper(), file)


def _why_not(space: Workspace, origin: str) -> str:
    from ...intercom.server.orders import cannot_sync

    return cannot_sync(origin, space.environ)


def _access(host: str, allowed: tuple[str, ...]) -> Any:
    from ...intercom.server.access import Access

    return Access.granted(host, allowed, os.environ)


def _serve(wire: Any, made: dict[str, Any], limits: tuple[int, int, float], place: tuple[str, int, Any]) -> None:
    """Imports what serving takes, and serves. Raises `ConfigurationError` where the extra is not installed."""
    from ...errors import ConfigurationError

    gc.disable()  # nothing of an import is garbage, and looking for some takes as long as importing
    try:
        from ...intercom.server.lean import lean

        lean()
        from ...intercom.server.budgets import Budget
        from ...intercom.server.wiring import tools_of

        if wire is None:
            from ...intercom.server.http import serve_http
        else:
            from ...intercom.server.stdio import serve_stdio
    except ImportError as error:
        raise ConfigurationError(
            f"the MCP server needs {error.name}, which is not installed: pip install 'bi-contracts[intercom]'"
        ) from None
    finally:
        gc.freeze()
        gc.enable()
    with tools_of(budget=Budget(*limits), **made) as tools:
        if wire is not None:
            click.echo(f"MCP on stdin and stdout; the store is {shared.shown(made['address'])}; end: Ctrl-D", err=True)
            return serve_stdio(tools, wire)
        host, port, access = place
        signal.signal(signal.SIGTERM, lambda *_: None)  # uvicorn ends on it, and raises it again afterwards
        return serve_http(tools, access, host, port, lambda url: _banner(url, made["address"]))


def _banner(url: str, address: str) -> None:
    click.echo(
        f"MCP tools at {url}/mcp; the store is {shared.shown(address)}; ready? {url}/healthz; end: Ctrl-C", err=True
    )
