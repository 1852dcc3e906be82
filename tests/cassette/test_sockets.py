"""No connection while sockets are blocked, whoever tries."""

from __future__ import annotations

import asyncio
import socket
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from bi_contracts.cassette.sockets import Block, block_sockets
from bi_contracts.errors import SocketBlocked


class _Hello(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Silence."""


@pytest.fixture
def port() -> Iterator[int]:
    """A server on loopback."""
    with HTTPServer(("127.0.0.1", 0), _Hello) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def connect(port: int) -> None:
    with closing(socket.socket()) as client:
        client.connect(("127.0.0.1", port))


def test_a_raw_socket_is_blocked(port: int) -> None:
    """connect and connect_ex are refused, with host, port and a next step."""
    with block_sockets() as block:
        with pytest.raises(SocketBlocked, match=f"127.0.0.1:{port}.*allow"):
            connect(port)
        with closing(socket.socket()) as client, pytest.raises(SocketBlocked):
            client.connect_ex(("127.0.0.1", port))
    assert block.attempts == [f"127.0.0.1:{port}"] * 2
    connect(port)


def test_datagrams_are_blocked() -> None:
    """sendto and sendmsg are refused."""
    with block_sockets(), closing(socket.socket(type=socket.SOCK_DGRAM)) as client:
        with pytest.raises(SocketBlocked, match=r"192\.0\.2\.1:9"):
            client.sendto(b"x", ("192.0.2.1", 9))
        with pytest.raises(SocketBlocked):
            client.sendmsg([b"x"], [], 0, ("192.0.2.1", 9))


def test_look_ups_are_blocked() -> None:
    """Names are not resolved, in any way of asking."""
    with block_sockets():
        with pytest.raises(SocketBlocked, match=r"api\.example\.com:443"):
            socket.getaddrinfo("api.example.com", 443)
        with pytest.raises(SocketBlocked, match=r"api\.example\.com:443"):
            socket.getaddrinfo(b"api.example.com", 443)
        with pytest.raises(SocketBlocked):
            socket.gethostbyname("api.example.com")
        with pytest.raises(SocketBlocked):
            socket.gethostbyaddr("192.0.2.1")
        assert socket.getaddrinfo(None, 80)


def test_urllib_is_blocked(port: int) -> None:
    """A client of the standard library says why it failed."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with block_sockets(), pytest.raises(SocketBlocked):
        opener.open(f"http://127.0.0.1:{port}/")


def test_asyncio_is_blocked(port: int) -> None:
    """An event loop runs, its connections are refused."""

    async def use() -> None:
        await asyncio.sleep(0)
        with pytest.raises(SocketBlocked):
            await asyncio.open_connection("127.0.0.1", port)
        with pytest.raises(SocketBlocked):
            await asyncio.open_connection("api.example.com", 443)

    with block_sockets():
        asyncio.run(use())


def test_other_threads_are_blocked(port: int) -> None:
    """A block holds for threads that were running before it."""
    caught: list[BaseException] = []
    blocked = threading.Event()

    def run() -> None:
        blocked.wait()
        try:
            connect(port)
        except SocketBlocked as error:
            caught.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    with block_sockets():
        blocked.set()
        thread.join()
    assert len(caught) == 1


@pytest.mark.parametrize("allow", [["localhost"], ["127.0.0.1"], ["::1"]])
def test_allowed_hosts_are_reached(allow: list[str], port: int) -> None:
    """The names of loopback cover each other."""
    with block_sockets(allow):
        connect(port)
        socket.getaddrinfo("localhost", port)
        with pytest.raises(SocketBlocked):
            socket.getaddrinfo("api.example.com", 443)


def test_one_port_may_be_allowed(port: int) -> None:
    """`host:port` lets that port through only."""
    with block_sockets([f"127.0.0.1:{port}"]):
        connect(port)
        with pytest.raises(SocketBlocked):
            connect(port + 1 if port < 65535 else port - 1)


def test_blocks_nest(port: int) -> None:
    """An inner block that allows does not open an outer one; leaving the inner leaves the outer in place."""
    with block_sockets() as outer:
        with block_sockets(["localhost"]), pytest.raises(SocketBlocked):
            connect(port)
        with pytest.raises(SocketBlocked):
            connect(port)
    assert len(outer.attempts) == 2


def test_local_pipes_stay_open() -> None:
    """Socket pairs and unix sockets go nowhere."""
    with block_sockets():
        first, second = socket.socketpair()
        with closing(first), closing(second):
            first.send(b"x")
            assert second.recv(1) == b"x"
        with closing(socket.socket(socket.AF_UNIX)) as client, pytest.raises(OSError, match="No such file"):
            client.connect("/nowhere/at.all")


def test_targets_are_written_as_addresses() -> None:
    """An IPv6 target is bracketed."""
    block = Block([])
    assert block.stops("2001:db8::1", 443)
    assert block.attempts == ["[2001:db8::1]:443"]
