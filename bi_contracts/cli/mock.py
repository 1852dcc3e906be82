"""`bi-contracts mock`: records that nobody answered, made from the contracts."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..contract import Contract
    from ..mock import Mock
    from ..platform import Endpoint, Platform
    from ..workspace import Workspace

    Wanted = tuple[Platform | None, Endpoint | None, Contract | None]

KINDS = (
    "missing-field",
    "wrong-type",
    "duplicate-id",
    "dangling-reference",
    "stale-timestamp",
    "malformed-email",
)
MANY = 1000
"""Records from which on lines are printed as they are made."""

ERRORS = ("unauthorized", "forbidden", "not-found", "bad-request", "rate-limited", "server-error")


@click.command("mock")
@click.argument("endpoints", nargs=-1, metavar="[ENDPOINT]...")
@click.option("-n", "--records", "n", type=click.IntRange(0), default=10, show_default=True, help="How many records.")
@click.option("--seed", default="bi", show_default=True, help="The same seed gives the same bytes.")
@click.option(
    "--quality", type=click.FloatRange(0, 1), default=1.0, show_default=True, help="Share of records without a defect."
)
@click.option("--defect", "defects", multiple=True, type=click.Choice(KINDS), help="Only this kind; may be repeated.")
@click.option("--each", type=click.IntRange(1), default=1, show_default=True, help="Defects of a defective record.")
@click.option(
    "--scenario",
    type=click.Choice(["success", "empty", "partial", "error"]),
    default="success",
    show_default=True,
    help="What the platform answers; an error is one of its own.",
)
@click.option("--error", type=click.Choice(ERRORS), default=None, help="Which error; drawn from the seed by default.")
@click.option("--envelope", is_flag=True, help="Whole responses, page by page: status, headers and body.")
@click.option("--contract", "file", type=click.Path(path_type=Path, dir_okay=False), help="A contract file to keep.")
@click.option("--format", "format", type=click.Choice(["json", "jsonl"]), default="json", show_default=True)
@click.option("--output", type=click.Path(path_type=Path), help="A file; for several endpoints a folder.")
def command(
    endpoints: tuple[str, ...], file: Path | None, format: str, output: Path | None, envelope: bool, **asked: Any
) -> None:
    """Make mock data from contracts.

    One endpoint goes to stdout, or to the file that --output names. A glob stands for a set of endpoints whose
    records belong together, and is written below the folder --output. Mock data say that they are: "source": "mock" in
    JSON, the header x-bi-contracts-mock in every response, and a line on stderr. `infer` and `drift` refuse them.

    \b
    bi-contracts mock gong/calls -n 100 --seed 7
    bi-contracts mock hubspot/contacts --quality 0.7 --defect malformed-email
    bi-contracts mock gong/calls --scenario empty --envelope
    bi-contracts mock 'hubspot/*' 'salesforce/*' -n 50 --output mocks
    bi-contracts mock acme/things --contract things.schema.json --format jsonl
    """
    if not endpoints and file is None:
        raise click.UsageError("name an endpoint or a glob: bi-contracts mock gong/calls")
    if asked["error"] and asked["scenario"] != "error":
        raise click.UsageError("--error goes with --scenario error")
    found = _wanted(options.workspace(), endpoints, file)
    if len(found) > 1 and output is None:
        raise click.UsageError(f"{len(found)} endpoints: name a folder for them with --output")
    _make(found, output, asked | {"error": asked["error"] or ""}, format, envelope)


def _make(found: Sequence[Wanted], output: Path | None, asked: dict[str, Any], format: str, envelope: bool) -> None:
    from ..errors import ConfigurationError
    from ..files import write_text
    from ..mock import records

    skipped = 0
    for platform, endpoint, contract in found:
        if output is None and format == "jsonl" and not envelope and asked["n"] >= MANY and _plain(asked):
            _stream(platform, endpoint, contract, asked["n"], asked["seed"])
            continue
        try:
            mock = records(platform, endpoint, contract, **asked)
        except ConfigurationError as error:
            if len(found) == 1 or not asked["defects"]:
                raise
            click.echo(f"{error} (skipped)", err=True)
            skipped += 1
            continue
        text = _written(mock, format, envelope)
        if output is None:
            click.echo(text, nl=False)
        else:
            write_text(output / f"{mock.id}.mock.{format}" if len(found) > 1 else output, text)
        click.echo(_summary(mock), err=True)
    if skipped == len(found):
        raise ConfigurationError("none of the endpoints can have a defect of that kind")


def _plain(asked: dict[str, Any]) -> bool:
    """Whether the records are as they should be: then each can be printed as soon as it is made."""
    return bool(asked["scenario"] == "success" and asked["quality"] == 1)


def _stream(platform: Platform | None, endpoint: Endpoint | None, contract: Contract | None, n: int, seed: str) -> None:
    """Records line by line: so many need not all be kept."""
    import json
    from itertools import islice

    from ..mock import stream

    made = stream(platform, endpoint, contract, n, seed)
    number = 0
    while rows := list(islice(made, MANY)):
        click.echo("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows), nl=False)
        number += len(rows)
    id = platform.id(endpoint) if platform and endpoint else contract.id if contract else ""
    click.echo(f"# mock {id}: {options.counted(number, 'record')}, seed {seed}, success", err=True)


def _wanted(space: Workspace, globs: Sequence[str], file: Path | None) -> list[Wanted]:
    """The endpoints that are meant, each with the contract that it is held to."""
    from ..contract import Contract
    from ..registry import find

    if file is not None:
        contract = Contract.load(file)
        if len(globs) > 1:
            raise click.UsageError("--contract is of one endpoint")
        known = find(globs[0] if globs else contract.id, space)
        if known is None:
            return [(None, None, _renamed(contract, globs))]
        return [(known.platform, known.endpoint, contract)]
    return [_known(space, id) for id in options.recorded_ids(space, [_one(space, glob) for glob in globs])]


def _one(space: Workspace, glob: str) -> str:
    """The glob; a write is told to be one, for which there is nothing to make."""
    from ..errors import ContractNotFound
    from ..registry import find

    known = find(glob, space)
    if known is not None and known.endpoint.kind == "write":
        raise ContractNotFound(f"{glob} is a write: mock data are of what is read; give its answer's --contract FILE")
    return glob


def _known(space: Workspace, id: str) -> Wanted:
    from ..contract import Contract
    from ..errors import ContractNotFound
    from ..registry import find

    known, path = find(id, space), space.find_contract(id)
    contract = None if path is None else Contract.load(path)
    if known is not None:
        return known.platform, known.endpoint, contract
    if contract is None:
        raise ContractNotFound(f"{id}: no contract; `bi-contracts infer {id}` makes one of its recording.")
    return None, None, contract


def _renamed(contract: Contract, globs: Sequence[str]) -> Contract:
    from dataclasses import replace

    return replace(contract, id=globs[0]) if globs else contract


def _written(mock: Mock, format: str, envelope: bool) -> str:
    import json

    if format == "jsonl":
        rows = mock.envelopes if envelope else mock.records
        return "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)
    found = mock.as_dict()
    if envelope or mock.scenario in ("empty", "error"):
        found["envelopes"] = list(mock.envelopes)
    if envelope:
        del found["records"]
    return f"{json.dumps(found, ensure_ascii=False, indent=2)}\n"


def _summary(mock: Mock) -> str:
    """One line for a person: what was made, and what is wrong with it."""
    said = f"# mock {mock.id}: {options.counted(len(mock.records), 'record')}, seed {mock.seed}, {mock.scenario}"
    kinds = Counter(one.kind for one in mock.defects)
    wrong = len({one.record for one in mock.defects})
    if kinds:
        said += f"; {wrong} with a defect: {', '.join(f'{count} {kind}' for kind, count in sorted(kinds.items()))}"
    wanted = int((1 - mock.quality) * len(mock.records) + 0.5)
    if wrong < wanted:
        said += f"; {wanted} were asked for, more cannot have one"
    return said
