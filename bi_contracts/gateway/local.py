"""The gateway without a socket: for the runner, for workflows, for load tests and for tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx

from ..reading import Reader
from ..session import Upstream

BASE_URL = "http://gateway"


def impatient(upstream: Upstream) -> Upstream:
    """The same upstream, whose clients leave it to the gateway's policy how long a rate limit is waited for.

    A client that waits by itself, as for a budget that is stated and not enforced, would look like a platform that
    does not answer.
    """
    return replace(upstream, given=upstream.sandbox if upstream.in_process else upstream.given, patience=0.0)


@asynccontextmanager
async def in_process(upstream: Upstream | Reader, **options: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a gateway in this process; `options` are those of `create_app`.

    A reader that is given stays open; for an upstream one is made, and closed at the end. Raises `ConfigurationError`
    where the gateway's libraries are not installed.
    """
    from . import create_app  # says what to install where something is missing

    reader = upstream if isinstance(upstream, Reader) else Reader(impatient(upstream))
    app = create_app(reader, **options)
    transport = httpx.ASGITransport(app=app)
    try:
        async with httpx.AsyncClient(base_url=BASE_URL, transport=transport, timeout=60.0) as client:
            yield client
    finally:
        await app.sources.aclose()
        if reader is not upstream:
            await reader.aclose()
