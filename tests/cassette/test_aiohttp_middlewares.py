"""aiohttp's middlewares work under a recording, and under a replay, as they do without."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import pytest

from bi_contracts.cassette.player import use_cassette
from bi_contracts.cassette.sockets import block_sockets

aiohttp = pytest.importorskip("aiohttp")
if not hasattr(aiohttp, "ClientRequest") or not hasattr(aiohttp, "client_middlewares"):
    pytest.skip("this aiohttp has no middlewares", allow_module_level=True)

Handler = Callable[[Any], Awaitable[Any]]


class Api(BaseHTTPRequestHandler):
    """503 to every first of two requests, and a note of each `X-Mark`."""

    marks: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.marks.append(self.headers.get("X-Mark", ""))
        self.send_response(503 if len(self.marks) % 2 else 200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    Api.marks.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/things"
    server.shutdown()
    server.server_close()
    thread.join()


class Refused(Exception):
    """What a middleware makes of an error status."""


async def marking(request: Any, handler: Handler) -> Any:
    request.headers["X-Mark"] = "marked"
    return await handler(request)


async def raising(request: Any, handler: Handler) -> Any:
    answer = await handler(request)
    if answer.status >= 400:
        raise Refused(answer.status)
    return answer


async def retrying(request: Any, handler: Handler) -> Any:
    answer = await handler(request)
    return answer if answer.status < 400 else await handler(request)


def get(url: str, *middlewares: Any, **given: Any) -> int:
    """The status that a client with these middlewares sees."""

    async def asked() -> int:
        async with aiohttp.ClientSession(middlewares=middlewares) as session, session.get(url, **given) as answer:
            return int(answer.status)

    return asyncio.run(asked())


def test_an_error_that_a_middleware_raises_is_recorded_and_raised_again(url: str, tmp_path: Path) -> None:
    """The exchange took place: it is kept, and in replay the middleware judges it as before."""
    path = tmp_path / "a.yaml"
    with use_cassette(path, mode="record") as player, pytest.raises(Refused):
        get(url, raising)
    assert [one.response.status for one in player.recorded] == [503]
    with block_sockets(), use_cassette(path), pytest.raises(Refused):
        get(url, raising)


def test_each_try_of_a_retry_is_an_exchange(url: str, tmp_path: Path) -> None:
    """Both answers are recorded in order, and both are played."""
    path = tmp_path / "a.yaml"
    with use_cassette(path, mode="record") as player:
        assert get(url, retrying) == 200
    assert [one.response.status for one in player.recorded] == [503, 200]
    with block_sockets(), use_cassette(path) as replay:
        assert get(url, retrying) == 200
    assert len(replay.played) == 2


def test_what_a_middleware_writes_into_the_headers_is_sent_once(url: str, tmp_path: Path) -> None:
    """Each middleware runs once around a request, the session's as well as the request's own."""
    with use_cassette(tmp_path / "a.yaml", mode="record") as player:
        get(url, marking, retrying)
        get(url, raising, middlewares=(marking, retrying))
        get(url, params={"a": "1"})
    assert Api.marks == ["marked", "marked", "marked", "marked", ""]
    assert player.recorded[-1].request.query == [("a", "1")]


def test_the_patch_is_taken_back(url: str, tmp_path: Path) -> None:
    """After the block a session is as it was, after an error too."""
    before = aiohttp.ClientSession._request
    with pytest.raises(Refused), use_cassette(tmp_path / "a.yaml", mode="record"):
        get(url, raising)
    assert aiohttp.ClientSession._request is before
