"""`bi-contracts record`: read endpoints once, keep the traffic."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..errors import BiContractsError
from . import options

if TYPE_CHECKING:
    from ..registry import Target
    from ..session import Recording, Session
    from ..workspace import Workspace


@click.command("record")
@click.argument("globs", nargs=-1, required=True, metavar="GLOB...")
@options.origin
@options.max_pages
@click.option("--page-size", type=click.IntRange(1), default=None, help="Rows a page; as declared by default.")
@click.option("--dry-run", is_flag=True, help="Say what would be asked, and ask nothing.")
@options.plain_format
def command(
    globs: tuple[str, ...], origin: str | None, max_pages: int, page_size: int | None, dry_run: bool, format: str
) -> None:
    """Read the endpoints that GLOB selects and write one cassette each.

    Credentials and personal data are redacted before anything reaches the disk. A cassette is written whole or
    not at all; an endpoint that fails is reported, and the others are recorded all the same. Writes are never sent
    unless named in full.

    \b
    bi-contracts record 'asana/*'
    bi-contracts record notion/search --from sandbox
    """
    from ..session import Mode, Session

    space = options.workspace()
    chosen = options.targets(space, globs)
    session = Session(space, Mode.RECORD, options.upstream(space, origin))
    if dry_run:
        rows = [
            {"id": one.id, "method": one.endpoint.method, "url": _address(session, one) + one.endpoint.path}
            for one in chosen
        ]
        options.show(rows, ("id", "method", "url"), format)
        return
    recordings: list[Recording] = []
    failed: dict[str, BiContractsError] = {}
    with options.progress(len(chosen), "recording") as done:
        for one in chosen:
            try:
                recordings.append(session.record(one.platform, one.endpoint, max_pages=max_pages, page_size=page_size))
            except BiContractsError as error:
                failed.setdefault(str(error), error)
            done(one.id)
    if recordings or format == "json":
        _show(space, recordings, format)
    for words in failed:
        click.echo(f"bi-contracts: {words}", err=True)
    click.get_current_context().exit(max((int(each.exit_code) for each in failed.values()), default=0))


def _address(session: Session, one: Target) -> str:
    """Where an endpoint would be asked; the variable's name where a customer's own address is not set."""
    from ..accounts import address_variable
    from ..session import address_missing

    if session.fresh.origin == "live" and address_missing(one.platform, session.workspace):
        return f"${address_variable(one.platform)}"
    return session.fresh.base_url(one.platform)


def _show(space: Workspace, recordings: list[Recording], format: str) -> None:
    options.show(
        [
            {
                "id": one.id,
                "pages": one.pages,
                "records": one.records,
                "source": str(one.source),
                "cassette": str(one.path.relative_to(space.root)),
            }
            for one in recordings
        ],
        ("id", "pages", "records", "source", "cassette"),
        format,
    )
