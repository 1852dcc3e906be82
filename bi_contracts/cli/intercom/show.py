"""`bi-contracts intercom show`: one conversation of the store."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from ...errors import ExitCode
from .. import options as common
from . import options, provenance

if TYPE_CHECKING:
    from ...intercom.store.values import HeldConversation, HeldPart


@click.command("show")
@click.argument("id")
@options.store_option
@click.option("--parts-from", type=click.IntRange(0), default=0, help="Begin with the part at this position.")
@click.option("--parts-limit", type=click.IntRange(1), default=None, help="Parts at most. Default: all of them.")
@common.plain_format
def command(id: str, store: str | None, parts_from: int, parts_limit: int | None, format: str) -> None:
    """Print the conversation ID with its messages, as the store holds it.

    Exit code 1: the store does not hold it.

    \b
    bi-contracts intercom show 123456789
    bi-contracts intercom show 123456789 --parts-from 500 --parts-limit 100 --format json
    """
    with options.held(store) as held:
        found, status = held.conversation(id, parts_from=parts_from, parts_limit=parts_limit), held.status()
        where = {"store": held.address, **provenance.provenance(status, held.now())}
        if format == "json":
            common.print_json({**where, "conversation": None if found is None else as_json(found)})
        else:
            if found is None:
                click.echo(provenance.plain(f"no conversation {id!r} is held; what is, stands beneath"))
            else:
                _show(found)
            provenance.tell(status, held.now())
    click.get_current_context().exit(int(ExitCode.FINDINGS if found is None else ExitCode.GOOD))


def as_json(found: HeldConversation) -> dict[str, Any]:
    """The conversation as JSON values."""
    times = ("created_at", "updated_at", "fetched_at", "deleted_at")
    return (
        asdict(found)
        | {name: _iso(getattr(found, name)) for name in times}
        | {
            "parts": [
                asdict(part) | {name: provenance.iso(getattr(part, name)) for name in ("created_at", "updated_at")}
                for part in found.parts
            ]
        }
    )


def _iso(moment: int | None) -> str | None:
    return None if moment is None else provenance.iso(moment)


def _show(found: HeldConversation) -> None:
    click.echo(provenance.plain(f"{found.id}  {found.state}  {found.subject}".rstrip()))
    if found.deleted_at is not None:
        provenance.line("deleted", f"{provenance.iso(found.deleted_at)}, known by: {found.deleted_by}; nothing is kept")
    provenance.line("updated", provenance.iso(found.updated_at))
    for name, value in (
        ("contacts", ", ".join(found.contact_ids)),
        ("assigned", " ".join(filter(None, (found.admin_id, found.team_id and f"team {found.team_id}")))),
        ("tags", ", ".join(found.tags)),
    ):
        if value:
            provenance.line(name, provenance.plain(value))
    click.echo()
    for part in found.parts:
        _show_part(part)
    provenance.line("parts", _said(found))


def _show_part(part: HeldPart) -> None:
    by = part.author.name or part.author.email or part.author.type or "somebody"
    redacted = ", redacted" if part.redacted else ""
    click.echo(provenance.plain(f"[{part.position}] {provenance.iso(part.created_at)}  {by}  ({part.kind}{redacted})"))
    for row in provenance.plain(part.text, lines=True).splitlines():
        click.echo(f"    {row}")
    click.echo()


def _said(found: HeldConversation) -> str:
    """How many parts are held, and whether there is more."""
    if found.deleted_at is not None:
        return "none: it was deleted"
    said = f"{found.parts_held} held of {found.parts_total}"
    if not found.whole:
        said = f"the first message only; {found.parts_total} more wait to be fetched"
    elif found.pending:
        said += "; newer ones wait to be fetched"
    if found.truncated:
        said += "; older ones are not sent by Intercom"
    if found.more is not None:
        said += f"; go on with --parts-from {found.more}"
    return said
