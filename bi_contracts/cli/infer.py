"""`bi-contracts infer`: contracts from what was seen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import CassetteNotFound, ExitCode
from . import options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..contract import Contract
    from ..interaction import Envelope


@click.command("infer")
@options.globs
@click.option("--from", "responses", type=click.Path(path_type=Path), help="A JSONL file, one response a line.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="With --from: the contract file.")
@click.option("--id", "id", default=None, help="With --from: the contract's id; the output's name by default.")
@click.option("--accept", is_flag=True, help="Write what is proposed for a contract that exists.")
def command(globs: tuple[str, ...], responses: Path | None, output: Path | None, id: str | None, accept: bool) -> None:
    """Infer contracts from cassettes, or from a file of responses.

    A contract that exists is never overwritten: what would change is shown as a diff, edits made by hand are kept,
    and --accept writes. A contract made by `contract import` is tightened: what its recordings always show is
    required from then on, and what they contradict is widened. A response is
    {"status": 200, "headers": {...}, "body": ...}.

    \b
    bi-contracts infer 'asana/*'
    bi-contracts infer --from responses.jsonl -o contract.json
    """
    if responses is not None:
        if output is None or globs:
            raise click.UsageError("--from takes -o FILE and no GLOB")
        _from_file(responses, id or _stem(output), output, accept)
        return
    if output is not None or id is not None:
        raise click.UsageError("-o and --id go with --from")
    _from_cassettes(globs, accept)


def _from_file(responses: Path, id: str, output: Path, accept: bool) -> None:
    from itertools import chain

    from ..contract import Contract, read_responses

    samples = read_responses(responses)
    first = next(samples, None)
    if first is None:
        click.echo(f"{responses}: no responses, so nothing was inferred", err=True)
        click.get_current_context().exit(int(ExitCode.NOTHING_RAN))
    proposed(Contract.infer(id, chain([first], samples)), output, accept)


def _from_cassettes(globs: tuple[str, ...], accept: bool) -> None:
    from ..session import Session, envelopes
    from ..suite import infer

    space = options.workspace()
    session = Session(space)
    inferred = 0
    for id in options.recorded_ids(space, globs):
        try:
            contract = infer(session, id)
        except CassetteNotFound as error:
            click.echo(str(error), err=True)
            continue
        inferred += 1
        proposed(contract, space.contract(id), accept, envelopes(session.recorded(id)))
    if not inferred:
        click.get_current_context().exit(int(ExitCode.NOTHING_RAN))


def proposed(inferred: Contract, path: Path, accept: bool, responses: Sequence[Envelope] = ()) -> None:
    """Writes a contract that is new; shows what would change in one that exists, and writes that when accepted."""
    from ..contract import Contract, propose

    if not path.is_file():
        inferred.save(path)
        click.echo(f"{inferred.id}: written to {path} ({options.counted(inferred.evidence.samples, 'sample')})")
        return
    current = Contract.load(path)
    proposal = propose(current, inferred, responses)
    if accept and proposal.contract != current:
        proposal.contract.save(path)
        click.echo(f"{inferred.id}: {path} updated{'' if proposal.changed else ', its evidence only'}")
    elif not proposal.changed:
        click.echo(f"{inferred.id}: {path} says so already")
    else:
        click.echo(proposal.diff)
        click.echo(f"{inferred.id}: proposed, not written; --accept writes it", err=True)


def _stem(path: Path) -> str:
    return path.name.removesuffix(".json").removesuffix(".schema")
