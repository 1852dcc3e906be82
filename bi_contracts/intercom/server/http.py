"""Serves over HTTP: the tools at /mcp (streamable HTTP), and /healthz for whoever watches."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import asynccontextmanager
from typing import Any

from mcp.server.transport_security import TransportSecuritySettings
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ... import __version__
from ...serving import Application, serve
from .access import HEALTH, Access, Guard
from .server import mcp_server
from .tools import Tools

PATH = "/mcp"


def application(tools: Tools, access: Access) -> Application:
    """The tools as an ASGI application."""
    server = mcp_server(tools)

    async def health(_request: Request) -> Response:
        said = {"status": "ok", "version": __version__, "calls": tools.service.calls, "errors": tools.service.errors}
        return Response(json.dumps(said), media_type="application/json")

    # Host and Origin are checked for every path, by the guard. Each request stands for itself: no session is kept,
    # so none has to be cleaned up, and a client may go on after the server was started anew.
    app = server.streamable_http_app(
        streamable_http_path=PATH,
        stateless_http=True,
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
        custom_starlette_routes=[Route(HEALTH, health, methods=["GET"])],
    )
    sessions = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(one: Any) -> Any:
        async with sessions(one) as state:
            try:
                yield state
            finally:
                await tools.syncing.aclose()

    app.router.lifespan_context = lifespan
    return Guard(app, access)


def serve_http(tools: Tools, access: Access, host: str, port: int, started: Callable[[str], None]) -> None:
    """Serves until a signal comes. A sync that runs is ended between two batches."""
    serve(application(tools, access), host, port, started=started, log_level="critical", anywhere=True)
