"""Something new in the sandbox, so that a sync has something to find."""

from __future__ import annotations

import json
from dataclasses import dataclass

import httpx

from .context import Context

WORD = "quillfeather"
"""Stands in the reply; nobody else writes it."""


@dataclass(frozen=True, slots=True)
class Change:
    """A reply: in which conversation, and a word of it."""

    id: str
    word: str


def changed(context: Context) -> Change | None:
    """Replies to the newest conversation; None where it is no sandbox of this run that answers."""
    sandbox, truth = context.testbed.sandbox, context.truth
    if sandbox is None or truth is None or not truth.known:
        return None
    id = next(iter(truth.known))
    token = next(iter(sandbox.credentials(context.testbed.platform.name).values()))
    headers = {"Authorization": f"Bearer {token}"}
    admins = sandbox.handle(httpx.Request("GET", "https://api.intercom.io/admins", headers=headers)).json()["admins"]
    reply = {"message_type": "comment", "type": "admin", "admin_id": admins[0]["id"], "body": f"A {WORD} for you."}
    asked = httpx.Request(
        "POST",
        f"https://api.intercom.io/conversations/{id}/reply",
        headers={**headers, "Content-Type": "application/json"},
        content=json.dumps(reply),
    )
    answered = sandbox.handle(asked)
    return Change(id, WORD) if answered.status_code == httpx.codes.OK else None
