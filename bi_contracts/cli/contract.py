"""`bi-contracts contract`: show, compare and import contracts."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors import ExitCode
from . import options


@click.group("contract")
def command() -> None:
    """Work with contracts."""


@command.command("show")
@click.argument("id")
def show(id: str) -> None:
    """Print an endpoint's contract, as the file has it."""
    from ..registry import target
    from ..suite import contract_of

    space = options.workspace()
    click.echo(contract_of(space, target(id, space).id).to_json(), nl=False)


@command.command("diff")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
def diff(old: Path, new: Path) -> None:
    """Compare two contract files; ends with 1 where they differ."""
    from ..contract import Contract, diff_text

    text = diff_text(Contract.load(old), Contract.load(new))
    if text:
        click.echo(text, nl=not text.endswith("\n"))
        click.get_current_context().exit(int(ExitCode.FINDINGS))


@command.command("import")
@click.argument("description", type=click.Path(path_type=Path))
@click.argument("id")
@click.option("--operation", default=None, metavar="'METHOD PATH'", help="For an id that no platform declares.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), default=None, help="Another file.")
@click.option("--accept", is_flag=True, help="Write what is proposed for a contract that exists.")
def import_(description: Path, id: str, operation: str | None, output: Path | None, accept: bool) -> None:
    """Make the contract of endpoint ID from the vendor's DESCRIPTION: OpenAPI 2 or 3 (JSON, YAML), or GraphQL SDL.

    Only facts are taken, no prose. The contract has no evidence until it is tightened by recordings: run `infer`.

    \b
    bi-contracts contract import asana_oas.yaml asana/tasks
    bi-contracts contract import schema.graphql linear/issues
    bi-contracts contract import openapi.json shop/orders --operation 'GET /orders'
    """
    from ..contract.description import described
    from .infer import proposed

    target = output or options.workspace().contract(id)
    proposed(described(description, id, *_operation(id, operation)), target, accept)


def _operation(id: str, operation: str | None) -> tuple[tuple[str, ...], str, str]:
    """Methods, path below the API's root, and query text of an endpoint: as given, or as declared."""
    if operation is not None:
        method, _, path = operation.partition(" ")
        if not path.startswith("/"):
            raise click.BadParameter(f"{operation!r} is not METHOD /PATH", param_hint="--operation")
        return (method,), path, ""
    from ..registry import target

    endpoint = target(id, options.workspace()).endpoint
    query = endpoint.body.get("query", "") if isinstance(endpoint.body, dict) else ""
    return (endpoint.method, *endpoint.other_methods), endpoint.path, query
