"""The Intercom system: sync, store, MCP server, and the procedure that tests them."""

from __future__ import annotations
