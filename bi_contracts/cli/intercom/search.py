"""`bi-contracts intercom search`: conversations of the store, by words and by what they are."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from .. import options as common
from . import options, standing

if TYPE_CHECKING:
    from ...intercom.store.values import Found, Hit, Query

BUDGET = 2.0
"""Seconds: somebody waits."""


@click.command("search")
@click.argument("words", nargs=-1)
@options.store_option
@click.option("--state", metavar="STATE", default="", help="open, closed or snoozed.")
@click.option("--contact", metavar="ID|EMAIL", default="", help="Whose conversations.")
@click.option("--admin", metavar="ID", default="", help="Assigned to this admin.")
@click.option("--team", metavar="ID", default="", help="Assigned to this team.")
@click.option("--tag", metavar="NAME", default="", help="With this tag.")
@click.option("--since", metavar="TIME", help="Written (without words: updated) then or later, as 2026-03-01.")
@click.option("--until", metavar="TIME", help="And before then.")
@click.option("--ranked", is_flag=True, help="The best first among the newest that match, not the newest.")
@click.option("--limit", type=click.IntRange(1, 200), default=20, show_default=True, help="Conversations of a page.")
@click.option("--cursor", default="", help="Go on from there, as the page before said.")
@common.plain_format
def command(
    words: tuple[str, ...], store: str | None, since: str | None, until: str | None, format: str, **asked: Any
) -> None:
    """Find conversations: those with a message that has all WORDS, the newest first; all of them without WORDS.

    Case and accents do not matter. Words between double quotes follow each other. Only the store is searched, so that
    it is quick; what stands beneath says how fresh it is.

    \b
    bi-contracts intercom search refund
    bi-contracts intercom search '"wrong invoice"' --state open --since 2026-03-01
    bi-contracts intercom search --contact ann@example.com --limit 5
    """
    with options.held(store) as held:
        from ...intercom.store.values import Query

        query = Query(" ".join(words), since=_moment(since), until=_moment(until), **asked)
        found, status = held.search(query, BUDGET), held.status()
        if format == "json":
            common.print_json({"store": held.address, **standing.standing(status, held.now()), **as_json(found)})
            return
        for hit in found.hits:
            _show(hit)
        standing.line("found", _said(found, query))
        standing.tell(status, held.now())


def as_json(found: Found) -> dict[str, Any]:
    """The answer as JSON values."""
    return {
        "cut": found.cut or None,
        "cursor": found.cursor or None,
        "hits": [
            asdict(hit)
            | {name: standing.iso(getattr(hit, name)) for name in ("created_at", "updated_at", "matched_at")}
            for hit in found.hits
        ],
    }


def _moment(given: str | None) -> int | None:
    if given is None:
        return None
    from ...sandbox.clock import moment_of

    return int(moment_of(given))


def _show(hit: Hit) -> None:
    by = hit.matched_by.name or hit.matched_by.type or "somebody"
    score = "" if hit.score is None else f"  score {hit.score:.2f}"
    subject = f"  {hit.subject}" if hit.subject else ""
    click.echo(standing.plain(f"{hit.id}  {hit.state}{score}{subject}"))
    parts = common.counted(hit.parts, "part") if hit.whole else "first message only"
    click.echo(standing.plain(f"    {standing.iso(hit.matched_at)}  {by}  ({parts})"))
    if hit.snippet:
        click.echo(standing.plain(f"    {hit.snippet}"))
    click.echo()


def _said(found: Found, query: Query) -> str:
    """How many, and whether there is more."""
    said = common.counted(len(found.hits), "conversation")
    if query.ranked and found.hits:
        said += ", the best first"
    if found.cut == "time":
        said += ", as far as the time went: there may be more"
    elif found.cut == "candidates":
        said += "; only the newest matches were ranked, there are more"
    elif found.cursor:
        said += "; there are more"
    elif not query.cursor:
        said += ", all there are" if found.hits else ""
    return f"{said}{f': add --cursor {found.cursor}' if found.cursor else ''}"
