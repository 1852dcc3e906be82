"""`bi-contracts cassette`: show, import, export, audit and prune recordings."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import ExitCode
from . import options

if TYPE_CHECKING:
    from ..cassette.importers.run import ImportReport


@click.group("cassette")
def command() -> None:
    """Work with recordings."""


@command.command("show")
@options.globs
@options.plain_format
def show(globs: tuple[str, ...], format: str) -> None:
    """List the interactions in the recordings of the endpoints that GLOB selects."""
    from ..cassette.store import load

    space = options.workspace()
    rows = []
    for id in options.recorded_ids(space, globs):
        path = space.find_cassette(id)
        for number, each in enumerate(load(path).interactions if path else (), 1):
            rows.append(
                {
                    "id": id,
                    "number": number,
                    "method": each.request.method,
                    "url": each.request.url,
                    "status": each.response.status,
                    "bytes": len(each.response.body),
                    "source": str(each.source),
                }
            )
    options.show(rows, ("id", "number", "method", "status", "bytes", "source", "url"), format)
    if not rows:
        click.get_current_context().exit(int(ExitCode.NOTHING_RAN))


@command.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH...")
@click.option("-o", "--output", type=click.Path(path_type=Path, file_okay=False), default=None, help="Where they go.")
@click.option("--platform", default="", help="The platform of recordings that name no host.")
@click.option(
    "--by", type=click.Choice(["endpoint", "source"]), default="endpoint", show_default=True, help="A cassette each."
)
@options.plain_format
def import_(paths: tuple[Path, ...], output: Path | None, platform: str, by: str, format: str) -> None:
    """Import recordings that others made: vcrpy, Ruby VCR, HAR, Nango, JSONL of responses.

    Each file and each interaction is imported, or listed with the reason why not. Ends with 1 where a recording
    could not be imported in full, with 5 where nothing was.
    """
    from ..cassette.importers.declared import Declared
    from ..cassette.importers.run import import_paths
    from ..registry import platforms
    from ..session import policy

    space = options.workspace()
    target = output or space.root / space.settings.cassettes
    with options.progress(0, "importing") as done:
        report = import_paths(
            paths,
            target,
            names=Declared(platforms(space)).names(platform),
            layout="source" if by == "source" else "endpoint",
            policy=policy(space),
            on_progress=lambda name, at, total: done(f"{at} of {total}: {name}"),
        )
    if format == "json":
        options.print_json(_plain(report))
    else:
        _tell(report)
    if not report.imported:
        click.get_current_context().exit(int(ExitCode.NOTHING_RAN))
    click.get_current_context().exit(int(ExitCode.FINDINGS if report.refused or report.broken else ExitCode.GOOD))


def _tell(report: ImportReport) -> None:
    for path in report.cassettes:
        click.echo(f"written   {path}")
    for one in report.refused:
        click.echo(f"refused   {one}")
    for one in report.foreign:
        click.echo(f"left out  {one}")
    for words in report.broken:
        click.echo(f"broken    {words}")
    recordings = sum(bool(file.format) for file in report.files)
    click.echo(
        f"{report.imported} interactions of {recordings} recordings imported into {len(report.cassettes)} cassettes, "
        f"{len(report.refused)} refused, {len(report.foreign)} other files left out"
    )


def _plain(report: ImportReport) -> dict[str, object]:
    return {
        "imported": report.imported,
        "cassettes": [str(path) for path in report.cassettes],
        "files": [{"file": each.file, "format": each.format, "imported": each.imported} for each in report.files],
        "refused": [str(each) for each in report.refused],
        "left_out": [str(each) for each in report.foreign],
        "broken": list(report.broken),
    }


@command.command("export")
@options.globs
@click.option("--as", "kind", type=click.Choice(["jsonl", "har"]), default="jsonl", show_default=True)
def export(globs: tuple[str, ...], kind: str) -> None:
    """Print recordings as JSONL of responses (what `infer --from` reads) or as HAR."""
    from ..cassette.export import to_har, to_jsonl
    from ..cassette.store import load

    space = options.workspace()
    cassettes = [load(path) for id in options.recorded_ids(space, globs) if (path := space.find_cassette(id))]
    if kind == "har":
        options.print_json(to_har(cassettes))
    else:
        for line in to_jsonl(cassettes):
            click.echo(line)
    if not cassettes:
        click.get_current_context().exit(int(ExitCode.NOTHING_RAN))


@command.command("audit")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@click.option("--max-age-days", type=click.IntRange(1), default=None, help="What is called old; from the settings.")
@options.plain_format
def audit(paths: tuple[Path, ...], max_age_days: int | None, format: str) -> None:
    """Look for credentials, personal data, unknown origin, age and damage. All cassettes where no PATH is given.

    Ends with 1 where something was found, and never shows what it found.
    """
    from ..cassette.audit import audit as look

    space = options.workspace()
    own = space.root / space.settings.cassettes
    files = _files(paths or ((own,) if own.is_dir() else ()))
    age = timedelta(days=max_age_days or space.settings.max_age_days)
    found = [each for path in files for each in look(path, max_age=age)]
    if format == "json":
        options.print_json([asdict(each) for each in found])
    else:
        for each in found:
            click.echo(str(each))
        click.echo(
            f"{options.counted(len(files), 'cassette')} looked at, {options.counted(len(found), 'finding')}", err=True
        )
    if not files:
        click.get_current_context().exit(int(ExitCode.NOTHING_RAN))
    click.get_current_context().exit(int(ExitCode.FINDINGS if found else ExitCode.GOOD))


@command.command("prune")
@options.globs
@click.option("--dry-run", is_flag=True, help="Say what would go, and change nothing.")
def prune(globs: tuple[str, ...], dry_run: bool) -> None:
    """Keep only the latest answer to each request in the workspace's own cassettes."""
    from ..cassette.prune import prune as pruned
    from ..cassette.store import load, save

    space = options.workspace()
    seen = 0
    for id in options.recorded_ids(space, globs):
        path = space.cassette(id)
        if not path.is_file():
            continue
        seen += 1
        result = pruned(load(path, largest=sys.maxsize))
        if result.dropped and not dry_run:
            save(path, result.cassette)
        verb = "would go" if dry_run else "gone"
        click.echo(f"{id}: {len(result.dropped)} interactions {verb}")
    if not seen:
        click.get_current_context().exit(int(ExitCode.NOTHING_RAN))


def _files(paths: tuple[Path, ...]) -> list[Path]:
    return [
        file
        for path in paths
        for file in (sorted([*path.rglob("*.yaml"), *path.rglob("*.yml")]) if path.is_dir() else [path])
    ]
