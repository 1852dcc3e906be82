"""`bi-contracts gateway`: what several platforms know, behind one API on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from ..errors import ConfigurationError
from . import options

if TYPE_CHECKING:
    from ..gateway import Gateway
    from ..session import Upstream
    from ..workspace import Workspace

PORT = 3333


@click.command("gateway")
@click.option(
    "--mode", type=click.Choice(["sandbox", "replay", "live"]), default="sandbox", show_default=True,
    help="Who answers: made-up platforms in process, recordings, or the platforms themselves.",
)  # fmt: skip
@click.option("--from", "origin", metavar="URL", help="A sandbox that is served at a URL answers.")
@click.option("--host", default="127.0.0.1", show_default=True, help="An address of this machine: 127.0.0.1 or ::1.")
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, help="0 takes a free one.")
@click.option("--platform", "platforms", multiple=True, metavar="P", help="Ask only this platform. Repeatable.")
@click.option("--allow-writes", is_flag=True, help="Let workflows write where they are told `dry_run: false`.")
@click.option(
    "--fallback", "fallbacks", multiple=True, type=click.Choice(["recording", "mock"]),
    help="What to tell, marked as such, where a platform fails and there is no last good answer. Repeatable.",
)  # fmt: skip
@click.option("--max-age", type=click.FloatRange(0), default=5.0, show_default=True, help="Seconds rows are kept for.")
@click.option("--max-pages", type=click.IntRange(1), default=3, show_default=True, help="Pages of a list.")
@click.option("--mcp", type=click.Choice(["stdio", "http"]), help="Offer MCP tools: on stdin and stdout, or at /mcp.")
@click.option("--print-openapi", is_flag=True, help="Print the description of the API (OpenAPI) and end.")
def command(
    mode: str,
    origin: str | None,
    host: str,
    port: int,
    platforms: Sequence[str],
    allow_writes: bool,
    fallbacks: Sequence[str],
    max_age: float,
    max_pages: int,
    mcp: str | None,
    print_openapi: bool,
) -> None:
    """Serve contacts, pipeline, calls, projects, signals, leads and workflows at http://127.0.0.1:3333/api/business.

    Every answer says of each section who answered and how old that is: what is stale, mock or unavailable is never
    told as if it were fresh. Without --allow-writes nothing is written anywhere.

    \b
    bi-contracts gateway                          on the sandbox
    bi-contracts gateway --mode live --platform hubspot --platform gong
    bi-contracts gateway --mcp stdio              as tools for a model
    """
    space = options.workspace()
    app = _gateway(
        _upstream(space, mode, origin),
        platforms=_known(space, platforms),
        allow_writes=allow_writes,
        fallbacks=fallbacks,
        max_age=max_age,
        max_pages=max_pages,
    )
    if print_openapi:
        return options.print_json(app.openapi())
    if mcp == "stdio":
        return _over_stdio(app)
    if mcp == "http":
        _mcp().attach(app)
    from ..serving import serve

    return serve(app, host, port, started=lambda url: _banner(app, url, mcp=mcp == "http"))


def _upstream(space: Workspace, mode: str, origin: str | None) -> Upstream:
    """Who answers. Raises `click.UsageError` for a URL beside a mode that needs none."""
    from ..session import Upstream

    if origin is not None and mode != "sandbox":
        raise click.UsageError(f"--from names a sandbox, and --mode is {mode}: leave one of them out")
    try:
        # How long a rate limit is waited for is the policy's to say, not the client's.
        return Upstream(space, origin or mode, patience=0.0)
    except ConfigurationError as error:
        raise click.BadParameter(str(error), param_hint="--from") from None


def _gateway(upstream: Upstream, *, fallbacks: Sequence[str], **settings: Any) -> Gateway:
    """The application. Raises `ConfigurationError` where the extra is not installed."""
    from ..gateway import create_app
    from ..gateway.fallbacks import FALLBACKS
    from ..reading import Reader

    made = [FALLBACKS[name] for name in dict.fromkeys(fallbacks)]
    return create_app(Reader(upstream), fallbacks=made, closing=True, **settings)


def _known(space: Workspace, names: Sequence[str]) -> tuple[str, ...]:
    """The platforms asked for. Raises `UnknownEndpoint` with the nearest names."""
    from ..registry import platform

    return tuple(platform(name, space).name for name in names)


def _over_stdio(app: Gateway) -> None:
    """Speaks MCP on stdin and stdout until stdin ends."""
    import asyncio

    server = _mcp().mcp_server(app.sources, allow_writes=app.allow_writes)

    async def run() -> None:
        try:
            await server.run_stdio_async()
        finally:
            await app.sources.aclose()
            await app.sources.reader.aclose()

    click.echo("MCP on stdin and stdout; end: Ctrl-D", err=True)
    asyncio.run(run())


def _mcp() -> Any:
    try:
        from ..gateway import mcp
    except ImportError as error:
        raise ConfigurationError(
            f"MCP tools need {error.name}, which is not installed: pip install 'bi-contracts[gateway]'"
        ) from None
    return mcp


def _banner(app: Gateway, url: str, *, mcp: bool) -> None:
    """Where what is served, on stderr."""
    upstream = app.sources.reader.upstream
    click.echo(f"the gateway ({upstream.origin}), serving at {url}/api/business", err=True)
    click.echo(f"  description {url}/openapi.json, ready? {url}/readyz, figures {url}/metrics; end: Ctrl-C", err=True)
    if mcp:
        click.echo(f"  MCP tools   {url}/mcp", err=True)
    if app.allow_writes:
        click.echo("  workflows may write", err=True)
