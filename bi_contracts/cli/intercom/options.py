"""Options that several verbs of `intercom` share: which store, who answers."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .. import options

if TYPE_CHECKING:
    from ...intercom.store.store import Store
    from ...session import Upstream
    from ...workspace import Workspace

Command = TypeVar("Command", bound=Callable[..., Any])

STORE = "BI_CONTRACTS_INTERCOM_STORE"
STORE_FILE = "intercom.db"
TEST_STORE = "data.db"
"""In the folder for tests, where the seed has it."""

TOKEN = "INTERCOM_ACCESS_TOKEN"
TEST_WORKSPACE = "FASTINTERCOM_TEST_WORKSPACE"
USUAL_TEST_WORKSPACE = "~/.fast-intercom-mcp-test"

store_option = click.option(
    "--store",
    "store",
    metavar="URL",
    envvar=STORE,
    show_envvar=True,
    help="A file, or postgresql+psycopg://USER@HOST/DATABASE. Default: intercom.db in the workspace's state folder.",
)


def mode_option(
    default: str | None = None,
    *,
    modes: Sequence[str] = ("sandbox", "replay", "live"),
    help: str = "Who answers: Intercom itself, the sandbox in process, or recordings.",
) -> Callable[[Command], Command]:
    """`--mode` and `--from`: who answers as Intercom."""

    def added(command: Command) -> Command:
        for option in (
            click.option("--from", "origin", metavar="URL", help="A sandbox that is served at a URL answers."),
            click.option(
                "--mode",
                type=click.Choice(modes),
                default=default,
                show_default=bool(default),
                help=help,
                callback=unused_token,
            ),
        ):
            command = option(command)
        return command

    return added


def unused_token(context: click.Context, parameter: click.Parameter, mode: str | None) -> str | None:
    """Says so where a token is exported and the sandbox answers only because nobody said who should."""
    from click.core import ParameterSource

    usual = context.get_parameter_source(parameter.name or "") is ParameterSource.DEFAULT
    if mode == "sandbox" and usual and not context.params.get("origin") and os.environ.get(TOKEN):
        click.echo(f"{TOKEN} is set and not used: add --mode live", err=True)
    return mode


def moment(given: str | None, option: str, now: float) -> int | None:
    """A time as it is typed, `7d` for a week before `now`, in Unix seconds. Raises `click.BadParameter`."""
    if given is None:
        return None
    from ...errors import ConfigurationError
    from ...intercom.ago import ago
    from ...sandbox.clock import moment_of

    seconds = ago(given)
    if seconds is not None:
        return max(0, int(now) - seconds)
    try:
        return int(moment_of(given))
    except ConfigurationError:
        raise click.BadParameter(
            f"{given!r} is no time; write 2026-03-01T09:00:00Z, 2026-03-01, Unix seconds, or 24h, 7d, 4w ago",
            param_hint=option,
        ) from None


def shown(address: str) -> str:
    """A store's address as it was typed, without its password."""
    scheme, separator, rest = address.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2].partition('?')[0]}" if separator else address


def address(space: Workspace, store: str | None) -> str:
    """Where the store is: as it was asked for, else in the workspace's state folder."""
    if store and store.startswith("~"):  # in a client's configuration no shell reads it
        return str(Path(store).expanduser())
    return store or str(space.root / space.settings.state / STORE_FILE)


def held(store: str | None) -> Store:
    """The store, to be read. Raises `StoreMissing` with what to type next."""
    from ...errors import StoreFull

    target, open_store = address(options.workspace(), store), opener()
    try:
        return open_store(target, create=False)
    except StoreFull:  # on a disk, or in a folder, that is read-only
        return open_store(target, create=False, read_only=True)


def opener() -> Callable[..., Store]:
    """`open_store`. Raises `ConfigurationError` where the extra is not installed."""
    from ...errors import ConfigurationError

    try:
        from ...intercom.store import open_store
    except ImportError as error:
        raise ConfigurationError(
            f"the store needs {error.name}, which is not installed: pip install 'bi-contracts[intercom]'"
        ) from None
    return open_store


def test_workspace() -> Path:
    """The seed's folder for tests: `FASTINTERCOM_TEST_WORKSPACE`, by default in the home folder."""
    return Path(os.environ.get(TEST_WORKSPACE) or USUAL_TEST_WORKSPACE).expanduser()


def upstream(space: Workspace, mode: str, origin: str | None) -> Upstream:
    """Who answers. Raises `click.UsageError` for a URL beside a mode that needs none."""
    from ...errors import ConfigurationError
    from ...session import Upstream

    if origin is not None and mode == "replay":
        raise click.UsageError("--from names a sandbox, and --mode is replay: leave one of them out")
    try:
        return Upstream(space, origin or mode)
    except ConfigurationError as error:
        raise click.BadParameter(str(error), param_hint="--from") from None
