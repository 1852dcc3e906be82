"""`bi-contracts intercom init`: an empty store."""

from __future__ import annotations

import click

from .. import options as common
from . import options


@click.command("init")
@options.store_option
@click.option(
    "--test-mode", is_flag=True, help=f"Below {options.TEST_WORKSPACE}, by default {options.USUAL_TEST_WORKSPACE}."
)
@common.plain_format
def command(store: str | None, test_mode: bool, format: str) -> None:
    """Make an empty store, and say what to type next. What is there stays as it is.

    \b
    bi-contracts intercom init
    bi-contracts intercom init --test-mode
    """
    if store is not None and test_mode and click.get_current_context().get_parameter_source("store") is _TYPED:
        raise click.UsageError("--test-mode says where the store is: leave --store out")
    space = common.workspace()
    target = str(options.test_workspace() / options.TEST_STORE) if test_mode else options.address(space, store)
    made = _make(target)
    shown = made["store"]
    named = "" if not test_mode and store is None else f" --store {shown}"
    follow = f"bi-contracts intercom sync{named}{' --mode sandbox' if test_mode else ' --days 30'}"
    if format == "json":
        common.print_json(made | {"next": follow})
        return
    click.echo(f"{shown}: {'an empty store, made' if made['made'] else 'is there, left alone'}")
    click.echo(f"next: {follow}")


_TYPED = click.core.ParameterSource.COMMANDLINE


def _make(target: str) -> dict[str, object]:
    from ...errors import StoreMissing

    open_store = options.opener()
    try:
        with open_store(target, create=False) as held:
            return {"store": held.address, "made": False}
    except StoreMissing:
        with open_store(target) as held:
            return {"store": held.address, "made": True}
