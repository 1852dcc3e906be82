"""`bi-contracts replay`: the suite offline, or the cassettes as a server."""

from __future__ import annotations

from pathlib import Path

import click

from . import options


@click.command("replay")
@options.globs
@click.option("--serve", "port", type=click.IntRange(0, 65535), default=None, metavar="PORT", help="Serve instead.")
@options.report_options
def command(globs: tuple[str, ...], port: int | None, format: str, output: Path | None) -> None:
    """Read every recorded endpoint again through the client, with sockets blocked, and check what comes.

    With --serve the cassettes answer over HTTP on this machine, for programs in any language: the path starts with
    the platform (http://127.0.0.1:PORT/asana/api/1.0/tasks), or the Host header names the vendor's host.

    \b
    bi-contracts replay
    bi-contracts replay 'slack/*' --serve 8080
    """
    if port is not None:
        _serve(globs, port)
        return
    from .. import suite

    steps = [suite.replay, suite.check]
    options.run_suite("The suite, offline", "replay", steps, globs, format, output)


def _serve(globs: tuple[str, ...], port: int) -> None:
    from ..cassette.server import ReplayServer
    from ..cassette.store import load
    from ..errors import CassetteNotFound
    from ..serving import serve

    space = options.workspace()
    paths = [path for id in options.recorded_ids(space, globs) if (path := space.find_cassette(id))]
    if not paths:
        raise CassetteNotFound("no recording to serve; `bi-contracts record` makes some")
    server = ReplayServer(each for path in paths for each in load(path).interactions)
    serve(server, port=port, started=lambda url: click.echo(f"{len(paths)} cassettes, serving at {url}", err=True))
