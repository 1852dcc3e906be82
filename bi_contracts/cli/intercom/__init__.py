"""`bi-contracts intercom`: conversations in a store of one's own, and what it takes to trust it."""

from __future__ import annotations

import click

from ..verbs import Verbs

VERBS = {
    "init": "Make an empty store.",
    "sync": "Bring the store up to date; go on where the last sync stopped.",
    "status": "Say what is held, from whom, how fresh, and what is missing.",
    "search": "Find conversations in the store.",
    "show": "Print a conversation of the store.",
    "verify": "Recompute and check everything that is held; --repair heals it.",
    "backup": "Copy the store while it is in use.",
    "serve": "Serve the store as MCP tools, on stdin and stdout or over HTTP.",
    "test": "The integration procedure: eight steps, one report.",
    "tool": "Call one MCP tool and check its answer.",
    "performance": "Measure sync, writes, queries and memory beside their targets.",
    "diagnose": "Say where the time of a sync goes.",
    "latency": "Measure how fast the API answers.",
    "database": "Measure how fast the store writes and answers.",
    "memory": "Watch memory, look for leaks, read what was watched.",
    "network": "Watch requests, bytes and the rate budget during a sync.",
    "clients": "Several MCP clients at once, each answered rightly.",
    "interruption": "A sync whose connection is cut, against one that is not.",
    "recovery": "Damage a copy of the store, repair it, compare.",
    "install": "Install from nothing, in a container or a fresh environment.",
    "cross-platform": "The tests on every interpreter there is.",
    "weekly": "One verdict on store, sync and drift, kept from week to week.",
    "report": "What the syncs and checks of the last days came to.",
    "data": "Make conversations for tests.",
    "baseline": "Keep figures, and compare new ones with them.",
}


@click.group("intercom", cls=Verbs, table=VERBS, package=__name__)
def command() -> None:
    """Sync Intercom conversations into a store of your own, search and serve it, and test all of that.

    The store holds what customers wrote, in clear. Without an account: add --mode sandbox.

    \b
    bi-contracts intercom sync --days 30
    bi-contracts intercom search refund
    bi-contracts intercom serve
    bi-contracts intercom test
    """
