"""`bi-contracts sandbox`: the platforms on this machine, over HTTP; and what can be told to one that runs."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import options

if TYPE_CHECKING:
    from ..platform import Platform
    from ..sandbox import Evolution, Sandbox

PORT = 8770


class SandboxGroup(click.Group):
    """`sandbox` serves; `sandbox fault`, `sandbox clock` and `sandbox status` talk to one that is served."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or args[0] not in {*self.commands, "-h", "--help"}:
            args = ["serve", *args]
        return super().parse_args(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options of `serve`, which is what `sandbox` itself does, and then the other verbs."""
        click.Command.format_options(self.commands["serve"], ctx, formatter)
        self.format_commands(ctx, formatter)


@click.group("sandbox", cls=SandboxGroup)
def command() -> None:
    """Serve every declared platform at http://127.0.0.1:PORT/<platform>/..., or by the Host header.

    The credentials it accepts are printed as export lines (or JSON). Faults, the clock and rate limits can be set
    here, while it runs (`sandbox fault`, `sandbox clock`, or the address /_sandbox), and faults by the request header
    x-bi-fault.

    \b
    eval "$(bi-contracts sandbox --credentials)"
    bi-contracts sandbox --port 8770 --rows 1000 --evolve changes.toml
    bi-contracts sandbox --fault 'slack/*: rate-limit; retry-after=1 x3' --fault 'latency=lognormal:0.1,0.5'
    bi-contracts sandbox fault 'hubspot/contacts: html; status=502 x1'
    bi-contracts sandbox clock --advance 3600
    """


@command.command("serve")
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, help="0 takes a free one.")
@click.option("--host", default="127.0.0.1", show_default=True, help="An address of this machine: 127.0.0.1 or ::1.")
@click.option("--seed", default="bi", show_default=True, help="The same seed gives the same data and credentials.")
@click.option("--rows", type=click.IntRange(0), default=120, show_default=True, help="Rows an endpoint.")
@click.option(
    "--now", metavar="TIME",
    help="What time it is when it starts: 2026-03-01T09:00:00Z, Unix seconds, or `now`. Else that of its rows, which"
    " are fresh then.",
)  # fmt: skip
@click.option(
    "--evolve", "evolutions", multiple=True, type=click.Path(path_type=Path), metavar="FILE",
    help="Apply a list of API changes, in TOML or JSON. Repeatable.",
)  # fmt: skip
@click.option(
    "--fault", "faults", multiple=True, metavar="[GLOB: ]FAULT[ xN]",
    help="Let requests fail; without xN all of them. Repeatable.",
)  # fmt: skip
@click.option("--platform", "globs", multiple=True, metavar="GLOB", help="Serve only these platforms. Repeatable.")
@click.option("--limits/--no-limits", default=True, show_default=True, help="Refuse what is over a rate limit.")
@click.option("--credentials", is_flag=True, help="Print the credentials it accepts and end.")
@options.plain_format
@click.pass_context
def serve(
    ctx: click.Context,
    port: int,
    host: str,
    seed: str,
    rows: int,
    now: str | None,
    evolutions: Sequence[Path],
    faults: Sequence[str],
    globs: Sequence[str],
    limits: bool,
    credentials: bool,
    format: str,
) -> None:
    """Serve the platforms until interrupted."""
    from ..sandbox import Sandbox
    from ..sandbox.clock import moment_of

    sandbox = Sandbox(_platforms(globs), seed=seed, rows=rows, enforce_limits=limits)
    if now != "now":
        sandbox.clock.set(sandbox.world.present if now is None else moment_of(now))
    for path in evolutions:
        sandbox.evolve(_evolution(path))
    for fault in faults:
        sandbox.rule(fault)
    _print_credentials(sandbox, format)
    if credentials:
        return
    from ..sandbox.server import serve

    quiet = bool(ctx.find_root().obj and ctx.find_root().obj["quiet"])
    serve(sandbox, host, port, started=lambda url: _banner(sandbox, url, quiet=quiet))


@command.command("fault")
@click.argument("rules", nargs=-1, metavar="[[GLOB: ]FAULT[ xN]]...")
@click.option("--clear", is_flag=True, help="Forget the faults that are set, before setting others.")
@click.option("--at", default=f"http://127.0.0.1:{PORT}", show_default=True, metavar="URL", help="Where it is served.")
@options.plain_format
def fault(rules: Sequence[str], clear: bool, at: str, format: str) -> None:
    """Set faults in a sandbox that is served, and list those that are set.

    \b
    bi-contracts sandbox fault 'slack/*: rate-limit; retry-after=1 x3'
    bi-contracts sandbox fault 'latency=0.05..0.4'
    bi-contracts sandbox fault --clear
    """
    if clear:
        _told(at, "DELETE", "faults")
    for rule in rules:
        _told(at, "POST", "faults", {"rule": rule})
    found = _told(at, "GET", "")["faults"]
    if format == "json":
        return options.print_json(found)
    for one in found:
        times = "" if one["times"] is None else f" x{one['times']}"
        click.echo(f"{one['platform']}/{one['endpoint']}: {one['fault']}{times}")
    return None if found else click.echo("no fault is set", err=True)


@command.command("clock")
@click.option("--now", metavar="TIME", help="The time it is to be: 2026-03-01T09:00:00Z, or Unix seconds.")
@click.option("--advance", type=float, metavar="SECONDS", help="Go on by so much; back where it is negative.")
@click.option("--freeze/--run", default=None, help="Stand still, or go on.")
@click.option("--at", default=f"http://127.0.0.1:{PORT}", show_default=True, metavar="URL", help="Where it is served.")
@options.plain_format
def clock(now: str | None, advance: float | None, freeze: bool | None, at: str, format: str) -> None:
    """Say what time it is in a sandbox that is served, or move it."""
    given = {"now": now, "advance": advance, "frozen": freeze}
    orders = {name: value for name, value in given.items() if value is not None}
    found = _told(at, "POST" if orders else "GET", "clock", orders or None)
    if format == "json":
        return options.print_json(found)
    return click.echo(f"{found['now']}{' (stands still)' if found['frozen'] else ''}")


@command.command("status")
@click.option("--at", default=f"http://127.0.0.1:{PORT}", show_default=True, metavar="URL", help="Where it is served.")
def status(at: str) -> None:
    """Print what a sandbox that is served says about itself, as JSON."""
    options.print_json(_told(at, "GET", ""))


def _platforms(globs: Sequence[str]) -> list[Platform]:
    """The declared platforms that some glob names; all where none is given. Raises `ConfigurationError`."""
    from ..errors import ConfigurationError
    from ..registry import platforms

    known = platforms(options.workspace())
    for glob in globs:
        if not any(fnmatchcase(one.name, glob) for one in known):
            names = ", ".join(one.name for one in known)
            raise ConfigurationError(f"--platform {glob}: no platform has this name; there are {names}")
    return [one for one in known if not globs or any(fnmatchcase(one.name, glob) for glob in globs)]


def _evolution(path: Path) -> Evolution:
    """The changes in a file. Raises `ConfigurationError`, for a change that concerns no endpoint too."""
    from ..errors import ConfigurationError
    from ..registry import targets
    from ..sandbox import Evolution

    found = Evolution.read(path)
    known = [one.id for one in targets(options.workspace())]
    for number, change in enumerate(found.changes, 1):
        if not any(change.concerns(id) for id in known):
            raise ConfigurationError(
                f"{path}, change {number}: no endpoint is called {change.endpoint!r}{_near(change.endpoint, known)}"
            )
    return found


def _near(wanted: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(wanted, list(known), n=1)
    return f"; did you mean {near[0]}?" if near else "; `bi-contracts platforms` lists them"


def _print_credentials(sandbox: Sandbox, format: str) -> None:
    accepted = {name: value for one in sandbox.platforms for name, value in sandbox.credentials(one).items()}
    if format == "json":
        return options.print_json(accepted)
    for name, value in accepted.items():
        click.echo(f"export {name}={shlex.quote(value)}")
    return None


def _banner(sandbox: Sandbox, url: str, *, quiet: bool) -> None:
    """Where what is served, on stderr."""
    click.echo(f"the sandbox, serving at {url}", err=True)
    if quiet:
        return
    width = max((len(name) for name in sandbox.platforms), default=0)
    for name, platform in sandbox.platforms.items():
        click.echo(f"  {name:<{width}}  {url}/{name}{_path(platform)}", err=True)
    for line in _state(sandbox):
        click.echo(f"  {line}", err=True)
    click.echo(f"  look and change: {url}/_sandbox; end: Ctrl-C", err=True)


def _path(platform: Platform) -> str:
    from httpx import URL

    return URL(platform.base_url).path.rstrip("/")


def _state(sandbox: Sandbox) -> list[str]:
    """What is not as usual, a line each."""
    from ..sandbox.clock import iso

    lines = [f"{sandbox.world.size} rows an endpoint, seed {sandbox.seed}"]
    if sandbox.clock.offset:
        lines.append(f"the time is {iso(sandbox.now())}")
    if sandbox.evolution.changes:
        lines.append(f"{len(sandbox.evolution.changes)} changes to the APIs")
    lines += [f"fault: {rule.platform}/{rule.endpoint}: {rule.text}" for rule in sandbox.faults.rules]
    return lines if sandbox.limits.enforced else [*lines, "rate limits are stated and not enforced"]


def _told(at: str, method: str, path: str, body: Any = None) -> Any:
    """What a served sandbox answers to an order. Raises `Unreachable` and `ConfigurationError` with its words."""
    import httpx

    from ..errors import ConfigurationError, Unreachable

    url = f"{at.rstrip('/')}/_sandbox/{path}".rstrip("/")
    try:
        answer = httpx.request(method, url, json=body, timeout=10, trust_env=False)
        told = answer.json()
    except (httpx.HTTPError, httpx.InvalidURL) as problem:
        hint = "start one with `bi-contracts sandbox`, or name it with --at URL"
        raise Unreachable(f"no sandbox at {at} ({type(problem).__name__}): {hint}") from None
    except ValueError:
        raise ConfigurationError(f"what is served at {at} is no sandbox") from None
    if not answer.is_success:
        raise ConfigurationError(str(told.get("error", told)) if isinstance(told, dict) else str(told))
    return told
