"""sync_conversations: begins a sync or joins one, waits a while, and says in figures what it came to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..store.values import Run
from .arguments import SyncConversations, seconds_of
from .budgets import clipped
from .facts import figures
from .orders import Order
from .refusals import Refused
from .syncing import Job, Syncing, Tell

SHOWN = 10
"""Warnings that are told."""


class Trigger:
    """Syncs on behalf of a model.

    `order` makes an order of settings. `why_not` says why this server cannot sync, "" where it can.
    """

    def __init__(self, syncing: Syncing, order: Callable[[dict[str, Any]], Order], why_not: str = "") -> None:
        self.syncing = syncing
        self._order, self._why_not = order, why_not

    async def sync(self, asked: SyncConversations, tell: Tell, now: float) -> dict[str, Any]:
        """What `Synced` says beside freshness and coverage. Raises `Refused`."""
        if self._why_not:
            raise Refused(f"This server cannot sync: {self._why_not} It serves what is held all the same.")
        if asked.days is not None and asked.since is not None:
            raise Refused("Invalid arguments. Give days or since, not both.")
        job, joined = self.syncing.begin(self._order(settings(asked, now)))
        await self.syncing.wait(job, asked.wait_seconds, tell)
        if job.failed is not None:
            raise Refused(failed(job.failed))
        return told(job, joined)


def settings(asked: SyncConversations, now: float) -> dict[str, Any]:
    """The arguments of `SyncSettings` that were given."""
    since = None if asked.since is None else seconds_of(asked.since, now)
    wanted = {"days": asked.days, "since": since, "max_conversations": asked.max_conversations, "full": asked.full}
    return {name: value for name, value in wanted.items() if value}


def told(job: Job, joined: bool) -> dict[str, Any]:
    """What is known of a job that runs or ended well."""
    done = job.done
    if done is None:
        way = "The sync goes on. get_sync_status says how far it is; call sync_conversations again to wait for its end."
        unknown = dict.fromkeys(("found", "written", "unchanged", "deleted", "sync"))
        return {
            **unknown,
            "state": "running",
            "joined": joined,
            "progress": job.progress,
            "warnings": (),
            "how_to_go_on": way,
        }
    written, pending = done.get("written", {}), int(done.get("pending") or 0)
    return {
        "state": "done",
        "joined": joined,
        "progress": None,
        "found": int(done.get("heads", 0)),
        "written": int(written.get("new", 0)) + int(written.get("updated", 0)),
        "unchanged": int(written.get("unchanged", 0)),
        "deleted": int(done.get("deleted", 0)),
        "sync": figures(Run(**done["run"])),
        "warnings": tuple(clipped(str(one), 400) for one in done.get("warnings", [])[:SHOWN]),
        "how_to_go_on": f"{pending} conversations wait for their messages: sync again." if pending else "",
    }


def failed(why: dict[str, Any]) -> str:
    """What to tell of a sync that ended badly."""
    message = clipped(str(why.get("message", "")), 800)
    match why.get("kind"):
        case "StoreBusy":
            who = clipped(str(why.get("holder") or "somebody else"), 200)
            left = float(why.get("expires_in") or 0.0)
            return (
                f"Somebody else syncs this store: {who}, whose lease runs {left:.0f} s yet unless it is renewed."
                " What is held can be read meanwhile; get_sync_status says when it ended."
            )
        case "CredentialsMissing":
            return f"This server cannot sync: {message}"
        case "Cancelled":
            return "The sync was stopped. What it wrote is held; sync_conversations goes on from there."
        case _:
            return f"The sync failed: {message}. What was held before is held still; get_sync_status says more."
