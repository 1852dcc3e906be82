"""An MCP server of the four tools in a few lines and without a library: it starts at once, and has nothing to tell.

`get_server_status` says that it runs; whatever else is asked for is refused.
"""

from __future__ import annotations

import json
import sys
from typing import Any

TOOLS = {
    "search_conversations": "Conversations with all the words",
    "get_conversation": "A conversation in words",
    "get_server_status": "How much there is",
    "sync_conversations": "Pretends to",
}


def answer(method: str, params: dict[str, Any]) -> dict[str, Any] | None:
    """The result; None for what it does not know."""
    match method:
        case "initialize":
            about = {"name": "plain", "version": "1"}
            return {"protocolVersion": params["protocolVersion"], "capabilities": {"tools": {}}, "serverInfo": about}
        case "tools/list":
            tools = [
                {"name": name, "description": said, "inputSchema": {"type": "object"}} for name, said in TOOLS.items()
            ]
            return {"tools": tools}
        case "tools/call":
            good = params["name"] == "get_server_status"
            return {"content": [{"type": "text", "text": "running" if good else "nothing here"}], "isError": not good}
    return None


for line in sys.stdin:
    asked = json.loads(line)
    if "id" in asked:
        result = answer(asked["method"], asked.get("params") or {})
        told = {"error": {"code": -32601, "message": "no such method"}} if result is None else {"result": result}
        print(json.dumps({"jsonrpc": "2.0", "id": asked["id"], **told}), flush=True)
