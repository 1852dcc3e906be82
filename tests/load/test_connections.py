"""Connections of a run, over loopback."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest

from bi_contracts.load import BenchmarkConfig, client_for, run
from bi_contracts.load.network import ARRIVED, Backend

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Server:
    """Counts connections; what it says on each is up to the test."""

    def __init__(self, talk: Talk) -> None:
        self.connections = 0
        self._talk = talk

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            await self._talk(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    @asynccontextmanager
    async def listening(self, scheme: str = "http") -> AsyncIterator[str]:
        server = await asyncio.start_server(self, "127.0.0.1", 0)
        async with server:
            yield f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def always(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers for as long as it is asked."""
    while True:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK)


async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers once and goes, without having said so."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(OK)


async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Breaks off in the middle of the body."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(OK[:-1])


async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    """Never answers."""
    await reader.read()


async def last(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers once and says that it goes."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(OK.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n"))


def test_a_connection_is_used_again() -> None:
    """One for requests that follow each other, one each for those at once."""

    async def main() -> tuple[int, int]:
        server = Server(always)
        async with server.listening() as url, client_for(url) as client:
            for _ in range(5):
                assert (await client.get("/")).content == b"{}"
            first = server.connections
            await asyncio.gather(*(client.get("/") for _ in range(10)))
            return first, server.connections

    assert asyncio.run(main()) == (1, 10)


@pytest.mark.parametrize("talk", [once, last])
def test_a_connection_that_the_server_closed_is_not_used_again(talk: Talk) -> None:
    """Whether it said so or not: a server that tidies up has not failed."""

    async def main() -> int:
        server = Server(talk)
        async with server.listening() as url, client_for(url) as client:
            for _ in range(3):
                assert (await client.get("/")).status_code == 200
                await asyncio.sleep(0.05)
            return server.connections

    assert asyncio.run(main()) == 3


@pytest.mark.parametrize(("talk", "kind"), [(half, "connection broken"), (silent, "timeout")])
def test_what_breaks_is_a_failure_of_its_kind(talk: Talk, kind: str) -> None:
    """And leaves no connection open."""

    async def main() -> dict[str, int]:
        async with Server(talk).listening() as url, client_for(url) as client:
            result = await run(BenchmarkConfig("b", "/", 2, 4, timeout_seconds=0.2), client)
            assert not result.in_process
            return dict(result.errors)

    assert asyncio.run(main()) == {kind: 4}


def test_a_handshake_that_takes_too_long_is_a_timeout() -> None:
    """And leaves no connection open."""

    async def main() -> dict[str, int]:
        async with Server(silent).listening("https") as url, client_for(url) as client:
            return dict((await run(BenchmarkConfig("b", "/", 1, 2, timeout_seconds=0.2), client)).errors)

    assert asyncio.run(main()) == {"timeout": 2}


def test_nobody_there_is_no_connection() -> None:
    """By the name that httpx has for it."""

    async def main() -> None:
        async with client_for("http://127.0.0.1:9") as client:
            await client.get("/")

    with pytest.raises(httpx.ConnectError):
        asyncio.run(main())


async def plain(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Speaks first, and no TLS."""
    writer.write(OK)


def test_a_server_without_tls_is_no_connection() -> None:
    """https where http is spoken."""

    async def main() -> None:
        async with Server(plain).listening("https") as url, client_for(url) as client:
            await client.get("/")

    with pytest.raises(httpx.ConnectError):
        asyncio.run(main())


def test_an_answer_ends_when_its_last_bytes_come() -> None:
    """Not when somebody has the time to read them: fifty milliseconds of work in between are not the target's."""

    async def main() -> float:
        async with Server(always).listening() as url, client_for(url) as client:
            response = await client.get("/")
            arrived = response.extensions["network_stream"].get_extra_info(ARRIVED)
            await asyncio.sleep(0.05)
            return asyncio.get_running_loop().time() - float(arrived)

    assert asyncio.run(main()) >= 0.05


def test_an_answer_that_nobody_reads_closes_its_connection() -> None:
    """What is left of it must not be taken for the next answer."""

    async def main() -> int:
        server = Server(always)
        async with server.listening() as url, client_for(url) as client:
            async with client.stream("GET", "/"):
                pass
            await client.get("/")
            return server.connections

    assert asyncio.run(main()) == 2


def test_other_information_is_asyncios() -> None:
    """Under httpcore's names."""

    async def main() -> tuple[object, object]:
        async with Server(always).listening() as url, client_for(url) as client:
            stream = (await client.get("/")).extensions["network_stream"]
            return stream.get_extra_info("server_addr")[0], stream.get_extra_info("ssl_object")

    assert asyncio.run(main()) == ("127.0.0.1", None)
    asyncio.run(Backend().sleep(0))
