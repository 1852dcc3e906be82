"""`bi-contracts platforms`: what is declared, and what is known of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import options

if TYPE_CHECKING:
    from ..registry import Target
    from ..workspace import Workspace

COLUMNS = ("id", "kind", "credentials", "cassette", "source", "age", "contract")


@click.command("platforms")
@options.globs
@options.plain_format
def command(globs: tuple[str, ...], format: str) -> None:
    """List the declared endpoints: credentials set?, cassette, its source and age, contract."""
    space = options.workspace()
    options.show([row(space, one) for one in options.targets(space, globs)], COLUMNS, format)


def row(space: Workspace, one: Target) -> dict[str, Any]:
    """One endpoint and what the workspace has of it. Age is in days."""
    cassette, contract = space.find_cassette(one.id), space.find_contract(one.id)
    source, age = _provenance(cassette) if cassette else ("", None)
    return {
        "id": one.id,
        "kind": one.endpoint.kind,
        "credentials": _credentials(space, one),
        "cassette": _whose(space, cassette, one.id),
        "source": source,
        "age": age,
        "contract": _whose(space, contract, one.id),
    }


def _credentials(space: Workspace, one: Target) -> str:
    """Whether the platform could be asked: `set`, `missing`, or `no address` where only that is missing."""
    from ..session import address_missing

    environ = one.platform.environment(space.environ)
    if not all(environ.get(name) for name in one.platform.auth.variables):
        return "missing"
    return "no address" if address_missing(one.platform, space) else "set"


def _provenance(path: Path) -> tuple[str, int | None]:
    from ..cassette.store import load

    provenance = load(path).provenance
    moment = provenance.recorded_at
    return str(provenance.source), (datetime.now(UTC) - moment).days if moment else None


def _whose(space: Workspace, path: Path | None, id: str) -> str:
    """`own`, `reference`, or `platform's` for an account that is held to what its platform has."""
    if path is None:
        return "-"
    if not space.owns(path):
        return "reference"
    return "own" if path in (space.cassette(id), space.contract(id)) else "platform's"
