"""`bi-contracts sandbox`: the platforms on this machine, over HTTP."""

from __future__ import annotations

import shlex

import click

from . import options


@click.command("sandbox")
@click.option("--port", type=click.IntRange(0, 65535), default=8770, show_default=True, help="0 takes a free one.")
@click.option("--seed", default="bi", show_default=True, help="The same seed gives the same data and credentials.")
@click.option("--rows", type=click.IntRange(0), default=120, show_default=True, help="Rows an endpoint.")
@click.option("--credentials", is_flag=True, help="Print the credentials it accepts and end.")
@options.plain_format
def command(port: int, seed: str, rows: int, credentials: bool, format: str) -> None:
    """Serve every declared platform at http://127.0.0.1:PORT/<platform>/..., or by the Host header.

    The credentials it accepts are printed as export lines (or JSON). A fault is asked for with the request header
    x-bi-fault, or at the admin endpoint /_sandbox/faults.

    \b
    eval "$(bi-contracts sandbox --credentials)"
    bi-contracts sandbox --port 8770
    """
    from ..registry import platforms
    from ..sandbox import Sandbox

    sandbox = Sandbox(platforms(), seed=seed, rows=rows)
    accepted = {name: value for one in platforms() for name, value in sandbox.credentials(one.name).items()}
    if format == "json":
        options.print_json(accepted)
    else:
        for name, value in accepted.items():
            click.echo(f"export {name}={shlex.quote(value)}")
    if credentials:
        return
    from ..sandbox.server import serve

    serve(sandbox, port=port, started=lambda url: click.echo(f"the sandbox, serving at {url}", err=True))
