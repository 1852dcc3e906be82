"""What the documentation tells to put into a desktop client's configuration, started as such a client starts it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

from mcp import Client, StdioServerParameters, stdio_client

from .worlds import fill

PAGE = Path(os.environ.get("BI_CONTRACTS_ROOT", Path(__file__).parents[3])) / "docs" / "intercom-mcp.md"
BIN = Path(sys.executable).parent


def line() -> dict[str, Any]:
    """The server's entry as it stands in the page."""
    found = re.search(
        r"^```json title=mcp.json\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    assert found is not None
    entry: dict[str, Any] = json.loads(found[1])["mcpServers"]["intercom"]
    return entry


def test_the_line_in_the_page_works_as_a_client_starts_it(tmp_path: Path) -> None:
    """In another folder, with an environment of home, path and what the line sets; the store lies where it says."""
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    home.mkdir()
    elsewhere.mkdir()
    fill(home / "intercom.db")
    entry = line()
    assert entry["command"] == "bi-contracts"
    # The client's own environment, as a desktop has it: the shell's is not there.
    desktop = {"HOME": str(home), "PATH": f"{BIN}{os.pathsep}{os.defpath}"}
    server = StdioServerParameters(
        command=entry["command"], args=entry["args"], env={**desktop, **entry["env"]}, cwd=elsewhere
    )

    async def ask() -> Any:
        with (tmp_path / "log").open("w") as log:
            async with Client(stdio_client(server, errlog=log)) as client:
                listed = [tool.name for tool in (await client.list_tools()).tools]
                found = await client.call_tool("get_contact", {"id": "c1"})
                read = await client.call_tool("get_conversation", {"id": "49"})
                status = await client.call_tool("get_server_status", {})
                return listed, found, read, status

    listed, found, read, status = asyncio.run(ask())
    assert {"search_conversations", "get_conversation", "get_server_status", "sync_conversations"} <= set(listed)
    assert found.structured_content["contact"]["name"] == "Name of c1"
    assert len(read.structured_content["messages"]) == 4
    assert status.structured_content["can_sync"] is True
    assert status.structured_content["store"]["address"] == str(home / "intercom.db")
    assert list(elsewhere.iterdir()) == []
