"""`bi-contracts intercom search`: conversations of the store, by words and by what they are."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from ...intercom.ago import ago
from .. import options as common
from . import options, provenance

if TYPE_CHECKING:
    from ...intercom.store.values import Found, Hit, Query, Status

STATES = click.Choice(["", "open", "closed", "snoozed"])
BUDGET = 2.0
"""Seconds: somebody waits."""


@click.command("search")
@click.argument("words", nargs=-1)
@options.store_option
@click.option("--state", metavar="STATE", type=STATES, default="", help="open, closed or snoozed.")
@click.option("--contact", metavar="ID|EMAIL", default="", help="Whose conversations.")
@click.option("--admin", metavar="ID", default="", help="Assigned to this admin.")
@click.option("--team", metavar="ID", default="", help="Assigned to this team.")
@click.option("--tag", metavar="NAME", default="", help="With this tag.")
@click.option("--since", metavar="TIME", help="Written (without words: updated) then or later: 2026-03-01, 7d.")
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
    options.moment(since, "--since", time.time()), options.moment(until, "--until", time.time())
    with options.held(store) as held:
        from ...intercom.store.reading import CursorRefused
        from ...intercom.store.values import Query

        status = held.status()
        start, end = _window(since, until, status)
        query = Query(" ".join(words), since=start, until=end, **asked)
        try:
            found = held.search(query, BUDGET)
        except CursorRefused as error:
            raise click.BadParameter(str(error), param_hint="--cursor") from None
        if format == "json":
            common.print_json({"store": held.address, **provenance.provenance(status, held.now()), **as_json(found)})
            return
        for hit in found.hits:
            _show(hit)
        provenance.line("found", f"{_said(found, query)}{_further(found, query, (since, until))}")
        provenance.tell(status, held.now())


def _window(since: str | None, until: str | None, status: Status) -> tuple[int | None, int | None]:
    """The two moments; `7d` counts from now, and where the data have a time of their own, from their last sync.

    Raises `click.UsageError` where nothing can lie between them.
    """
    synced = status.last.ended_at if status.last is not None else None
    now = float(synced) if synced is not None and status.source != "live" else time.time()
    start, end = options.moment(since, "--since", now), options.moment(until, "--until", now)
    if start is not None and end is not None and start >= end:
        raise click.UsageError(f"--since {since} is not before --until {until}: nothing lies between them")
    return start, end


def as_json(found: Found) -> dict[str, Any]:
    """The answer as JSON values."""
    return {
        "cut": found.cut or None,
        "cursor": found.cursor or None,
        "hits": [
            asdict(hit)
            | {name: provenance.iso(getattr(hit, name)) for name in ("created_at", "updated_at", "matched_at")}
            for hit in found.hits
        ],
    }


def _show(hit: Hit) -> None:
    by = hit.matched_by.name or hit.matched_by.type or "somebody"
    score = "" if hit.score is None else f"  score {hit.score:.2f}"
    subject = f"  {hit.subject}" if hit.subject else ""
    click.echo(provenance.plain(f"{hit.id}  {hit.state}{score}{subject}"))
    parts = common.counted(hit.parts, "part") if hit.whole else "first message only"
    click.echo(provenance.plain(f"    {provenance.iso(hit.matched_at)}  {by}  ({parts})"))
    if hit.snippet:
        click.echo(provenance.plain(f"    {hit.snippet}"))
    click.echo()


def _said(found: Found, query: Query) -> str:
    """How many, and whether there is more."""
    said = common.counted(len(found.hits), "conversation")
    if query.ranked and query.text and found.hits:
        said += ", the best first"
    if found.cut == "time":
        said += ", as far as the time went: there may be more"
    elif found.cut == "candidates":
        said += "; only the newest matches were ranked, there are more"
    elif found.cursor:
        said += "; there are more"
    elif not query.cursor:
        said += ", all there are" if found.hits else ""
    return said


def _further(found: Found, query: Query, typed: tuple[str | None, str | None]) -> str:
    """What to type for the next page. What is a while ago is another moment by then, and a cursor keeps to its own."""
    if not found.cursor:
        return ""
    both = zip(("since", "until"), typed, (query.since, query.until), strict=True)
    fixed = [
        f"--{name} {provenance.iso(at)}" for name, said, at in both if said and at is not None and ago(said) is not None
    ]
    return f": {'with' if fixed else 'add'} {' '.join([*fixed, f'--cursor {found.cursor}'])}"
