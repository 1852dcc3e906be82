"""`bi-contracts intercom report`: what the syncs and checks of the last days came to."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .. import options as common
from . import options

if TYPE_CHECKING:
    from ...intercom.procedure.summary import Past
    from ...intercom.store.store import Store
    from ...workspace import Workspace

MONTH = 30


@click.command("report")
@click.option("--days", type=click.IntRange(1, 3650), default=MONTH, show_default=True, help="How far to look back.")
@click.option("--last-30-days", "month", is_flag=True, help="The same as --days 30.")
@options.store_option
@common.report_options
def command(days: int, month: bool, store: str | None, format: str, output: Path | None) -> None:
    """Syncs, calls, refusals, speed, drift and weekly checks, from what the store and the workspace kept.

    \b
    bi-contracts intercom report --last-30-days --format html --output integration.html
    """
    from ...intercom.procedure.summary import events

    space = common.workspace()
    with options.held(store) as there:
        past = _past(space, there, MONTH if month else days)
    common.emit(events(past), format, output, space.settings.fail_on)


def _past(space: Workspace, store: Store, days: int) -> Past:
    """What is known of these days. Sandboxes and recordings live at a time of their own: that of the last sync."""
    from ...intercom.procedure import history
    from ...intercom.procedure.summary import DAY, MANY, Past

    held = store.status()
    now = time.time()
    theirs = now if held.source == "live" or held.latest is None else float(held.latest.started_at)
    since = theirs - days * DAY
    runs = tuple(reversed(store.runs(MANY, since=int(since))))
    drift = tuple(note for note in store.drift_notes(MANY) if note.first_at >= since)
    checks = tuple(one for one in history.read(history.place(space), now - days * DAY) if one.command == "weekly")
    return Past(days, since, runs, held, drift, checks)
