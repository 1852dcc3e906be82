"""Another MCP server with the same tools, by other names and in plain words; it errs where it is told to.

`python other_server.py STORE_PARENT [FAULT...]`: its data are the newest store below a folder.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import Any

from mcp.server import MCPServer

from bi_contracts.intercom.procedure.truth import Truth, truth_of
from bi_contracts.intercom.store import open_store

FAULTS = frozenset(sys.argv[2:])
server: MCPServer[Any] = MCPServer("other-intercom", log_level="ERROR")


@cache
def data() -> Truth:
    """What is held."""
    newest = max(Path(sys.argv[1]).glob("run-*/data.db"), key=lambda path: path.stat().st_mtime)
    with open_store(newest, read_only=True) as store:
        return truth_of(store)


def search_conversations(query: str = "", customer_email: str = "", limit: int = 20) -> str:
    """Conversations with all the words."""
    phrase, words = query.startswith('"'), query.strip('"').casefold().split()
    found = [
        one.id
        for one in data().known.values()
        if (not customer_email or customer_email.casefold() in one.people)
        and (
            not words
            or any(
                " ".join(words) in message.spaced if phrase else set(words) <= set(message.words)
                for message in one.messages
            )
        )
    ]
    shown = found[1:] if "forgets" in FAULTS and query else found
    return "Found:\n" + "\n".join(f"- conversation {id}" for id in shown[:limit])


def get_conversation(conversation_id: str) -> str:
    """A conversation in words."""
    one = data().known.get(conversation_id)
    if one is None:
        return "not found"
    return f"Conversation {one.id}\n" + "\n".join(message.text for message in one.messages)


def get_server_status() -> str:
    """How much there is."""
    return f"running, {len(data().known):,} conversations"


def sync_conversations() -> str:
    """Pretends to."""
    return "started"


for tool in (search_conversations, get_conversation, get_server_status, sync_conversations):
    if f"no-{tool.__name__}" not in FAULTS:
        server.add_tool(tool)
if __name__ == "__main__":
    server.run("stdio")
