"""`bi-contracts doctor`: what is set, missing and stale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..errors import BiContractsError, ExitCode
from . import options

if TYPE_CHECKING:
    from ..registry import Target
    from ..workspace import Workspace


@click.command("doctor")
@options.globs
@options.plain_format
def command(globs: tuple[str, ...], format: str) -> None:
    """Look the workspace over: credentials, recordings and their age, contracts, what cannot be read.

    Ends with 1 where something needs doing; each line says what to type.
    """
    space = options.workspace()
    chosen = options.targets(space, globs)
    rows = [{"what": "workspace", "state": "good", "say": str(space.root)}]
    rows += _credentials(space, chosen)
    rows += [row for one in chosen for row in _endpoint(space, one)]
    options.show(rows, ("what", "state", "say"), format)
    if any(row["state"] == "bad" for row in rows):
        click.get_current_context().exit(int(ExitCode.FINDINGS))


def _credentials(space: Workspace, chosen: tuple[Target, ...]) -> list[dict[str, Any]]:
    """Unset credentials and addresses are worth saying, and nothing to fail for: replay needs none."""
    from ..auth import read_credentials
    from ..session import address_missing

    rows = []
    for platform in {one.platform.name: one.platform for one in chosen}.values():
        missing = address_missing(platform, space)
        if missing:
            rows.append({"what": platform.name, "state": "unset", "say": missing})
        try:
            read_credentials(platform.auth, platform.name, platform.environment(space.environ))
        except BiContractsError as error:
            rows.append({"what": platform.name, "state": "unset", "say": str(error)})
        else:
            rows.append({"what": platform.name, "state": "good", "say": " ".join(platform.auth.variables) + " set"})
    return rows


def _endpoint(space: Workspace, one: Target) -> list[dict[str, Any]]:
    from .platforms import row

    if one.endpoint.kind == "write":
        return []
    try:
        known = row(space, one)
        contract = space.find_contract(one.id)
        if contract is not None:
            from ..contract import Contract

            Contract.load(contract)
    except BiContractsError as error:
        return [{"what": one.id, "state": "bad", "say": str(error)}]
    found = [
        (known["cassette"] == "-", "missing", f"no recording: bi-contracts record {one.id}"),
        (known["contract"] == "-", "missing", f"no contract: bi-contracts infer {one.id}"),
        (known["source"] == "sandbox", "sandbox", "recorded from the sandbox: no evidence about the live API"),
        (
            (known["age"] or 0) > space.settings.max_age_days,
            "stale",
            f"recorded {known['age']} days ago: bi-contracts record {one.id}",
        ),
    ]
    rows = [{"what": one.id, "state": state, "say": say} for holds, state, say in found if holds]
    return rows or [{"what": one.id, "state": "good", "say": f"{known['cassette']} recording, {known['age']} days old"}]
