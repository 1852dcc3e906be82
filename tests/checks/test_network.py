"""Why there was no answer: with real servers on this machine, each of which fails in one way."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import httpx
import pytest

from bi_contracts.auth import Token
from bi_contracts.checks.network import (
    CertificateExpiring,
    NetworkFailed,
    Reach,
    certificate_lasts,
    network_failed,
    proxied,
    reach,
)
from bi_contracts.client import AsyncClient, Client
from bi_contracts.dialects import ErrorDialect, RateDialect
from bi_contracts.dialects.unreachable import HINTS, hint_of, reason_of
from bi_contracts.errors import Unreachable
from bi_contracts.platform import Endpoint, Platform

from .sockets import Authority, answering, closed, cut, hanging_up, no_http, saying_nothing, serving, silent

PLATFORM = Platform(
    name="example",
    title="Example",
    base_url="https://api.example",
    auth=Token("TOKEN"),
    endpoints=(Endpoint("me", "/me", kind="identity", records="data"),),
    errors=ErrorDialect({}),
    limits=RateDialect(10, 60),
    identity="me",
)
Server = Callable[[], AbstractContextManager[int]]
SERVERS: dict[str, tuple[Server, str]] = {
    "a server that never answers": (silent, "timeout"),
    "a closed port": (closed, "refused"),
    "a connection that is reset in the body": (lambda: serving(cut), "reset"),
    "a connection that is closed in the body": (lambda: serving(hanging_up), "reset"),
    "a connection that is closed before an answer": (lambda: serving(saying_nothing), "reset"),
}


def patience(server: Server) -> float:
    """Seconds to wait: little for a server that never answers, plenty for all others, however busy the machine is."""
    return 0.2 if server is silent else 20.0


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """No name resolves, and nobody is asked for one."""

    def unknown(*_: object, **__: object) -> list[object]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)


def failures(url: str, verify: ssl.SSLContext | bool = True, timeout: float = 20.0) -> Iterator[Unreachable]:
    """What the sync client raises, and the async one."""
    with (
        Client(
            PLATFORM,
            {"TOKEN": "t"},
            transport=httpx.HTTPTransport(verify=verify),
            base_url=url,
            timeout=timeout,
        ) as client,
        pytest.raises(Unreachable) as caught,
    ):
        client.identity()
    yield caught.value
    yield asyncio.run(_async_failure(url, verify, timeout))


async def _async_failure(url: str, verify: ssl.SSLContext | bool, timeout: float) -> Unreachable:
    transport = httpx.AsyncHTTPTransport(verify=verify)
    async with AsyncClient(PLATFORM, {"TOKEN": "t"}, transport=transport, base_url=url, timeout=timeout) as client:
        with pytest.raises(Unreachable) as caught:
            await client.identity()
    return caught.value


@pytest.mark.parametrize("which", SERVERS)
def test_why_a_server_gave_no_answer_is_told_by_both_clients(which: str) -> None:
    """`Unreachable.reason` names what happened, and the message what to do."""
    server, reason = SERVERS[which]
    with server() as port:
        for error in failures(f"http://127.0.0.1:{port}", timeout=patience(server)):
            assert (error.reason, str(error).endswith(HINTS[reason])) == (reason, True)  # type: ignore[index]


@pytest.mark.usefixtures("no_name")
def test_a_name_that_does_not_resolve_is_told_as_that() -> None:
    """RFC 6761: `.invalid` never resolves; here nobody is even asked."""
    for error in failures("http://nonexistent.invalid"):
        assert (error.reason, "does not resolve" in str(error)) == ("dns", True)


@pytest.mark.parametrize(
    ("names", "days", "self_signed", "said"),
    [
        (("127.0.0.1",), 365, True, "self-signed"),
        (("127.0.0.1",), -1, False, "has expired"),
        (("other.example", "10.0.0.1"), 365, False, "for another"),
    ],
)
def test_what_is_wrong_with_a_certificate_is_told(
    authority: Authority, names: tuple[str, ...], days: float, self_signed: bool, said: str
) -> None:
    """Self-signed, expired, of another host: each is a failure of TLS, in its own words."""
    with serving(answering, authority.server(*names, days=days, self_signed=self_signed)) as port:
        for error in failures(f"https://127.0.0.1:{port}", authority.trusted()):
            assert (error.reason, said in str(error)) == ("tls", True), str(error)


def test_an_authority_that_nobody_knows_is_told(authority: Authority) -> None:
    """A certificate of a company's own authority: the message names SSL_CERT_FILE."""
    with serving(answering, authority.server("127.0.0.1")) as port:
        for error in failures(f"https://127.0.0.1:{port}", ssl.create_default_context()):
            assert (error.reason, "SSL_CERT_FILE" in str(error)) == ("tls", True), str(error)


def test_a_server_without_encryption_is_told(authority: Authority) -> None:
    """Plain HTTP where https was asked for: no certificate is to blame."""
    with serving(no_http) as port:
        for error in failures(f"https://127.0.0.1:{port}", authority.trusted()):
            assert (error.reason, "no encrypted connection" in str(error)) == ("tls", True), str(error)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (httpx.ConnectTimeout("slow"), "timeout"),
        (httpx.PoolTimeout("slow"), "timeout"),
        (httpx.ProxyError("407"), "proxy"),
        (httpx.ReadError("gone"), "reset"),
        (httpx.RemoteProtocolError("peer closed"), "reset"),
        (httpx.ConnectError("?"), "other"),
        (ssl.SSLEOFError("gone"), "reset"),
        (httpx.DecodingError("bad gzip"), "other"),
        (ExceptionGroup("all attempts", [OSError("unreachable"), ConnectionRefusedError()]), "refused"),
        (ValueError("no"), "other"),
    ],
)
def test_what_httpx_says_by_itself_is_enough_where_nothing_lies_behind(error: Exception, reason: str) -> None:
    """The reason comes from the error's own kind, and there are words for it."""
    assert (reason_of(error), hint_of(error)) == (reason, HINTS[reason])  # type: ignore[index]


def test_an_older_error_that_was_being_handled_is_not_the_cause() -> None:
    """`raise ... from None` cuts off what came before."""
    with pytest.raises(httpx.ConnectError) as caught:  # noqa: PT012
        try:
            raise TimeoutError
        except TimeoutError:
            raise httpx.ConnectError("fresh") from None
    assert reason_of(caught.value) == "other"


def test_a_body_that_cannot_be_decompressed_is_an_error_for_people() -> None:
    """`content-encoding: gzip` over plain bytes ends in `Unreachable`, with the host in its message."""

    def broken(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(b"no gzip"))

    with (
        Client(PLATFORM, {"TOKEN": "t"}, transport=httpx.MockTransport(broken)) as client,
        pytest.raises(Unreachable, match=r"api\.example"),
    ):
        client.identity()


# Reaching a server, stage by stage


def ticking() -> Callable[[], float]:
    """A clock on which every look is one, two, three ... milliseconds after the one before."""
    steps = iter(range(1, 1000))
    now = 0.0

    def look() -> float:
        nonlocal now
        now += next(steps) / 1000
        return now

    return look


def test_every_stage_of_a_connection_has_its_time(authority: Authority) -> None:
    """Name, connection, encryption, first byte; with the certificate's end and the answer's status."""
    with serving(answering, authority.server("127.0.0.1", days=90)) as port:
        found = asyncio.run(reach(f"https://127.0.0.1:{port}/v1", context=authority.trusted(), clock=ticking()))
    stages = (found.dns_ms, found.tcp_ms, found.tls_ms, found.first_byte_ms)
    assert ([round(stage or 0) for stage in stages], found.status) == ([2, 3, 4, 5], 200)
    assert found.tls.startswith("TLSv1.")
    assert found.expires_at is not None
    now = found.expires_at - 20 * 86_400
    assert (found.days_left(now), found.figures(now)["certificate_days"]) == (20, 20)


def test_without_encryption_there_is_no_certificate_to_look_at() -> None:
    """Plain HTTP: no time for TLS, no end, no warning."""
    with serving(answering) as port:
        found = asyncio.run(reach(f"http://127.0.0.1:{port}", clock=ticking()))
    assert (found.tls_ms, found.tls, found.expires_at, found.days_left(0)) == (None, "", None, None)
    assert set(found.figures(0)) == {"dns_ms", "tcp_ms", "first_byte_ms"}
    certificate_lasts(found, 0)


@pytest.mark.parametrize(
    ("server", "stage", "reason"),
    [
        (closed, "connection", "refused"),
        (silent, "first byte", "timeout"),
        (lambda: serving(saying_nothing), "first byte", "reset"),
        (lambda: serving(no_http), "first byte", "other"),
        (lambda: serving(lambda c: c.sendall(c.recv(9999)[:1] * 100_000)), "first byte", "other"),
    ],
)
def test_the_stage_that_failed_is_named(server: Server, stage: str, reason: str) -> None:
    """The finding says how far it went, and why no further."""
    with server() as port, pytest.raises(NetworkFailed, match=f"failed at {stage}") as caught:
        asyncio.run(reach(f"http://127.0.0.1:{port}", timeout=patience(server)))
    assert (caught.value.stage, caught.value.reason) == (stage, reason)


@pytest.mark.usefixtures("no_name")
def test_a_name_that_does_not_resolve_fails_at_the_name() -> None:
    """Nobody is connected to."""
    with pytest.raises(NetworkFailed) as caught:
        asyncio.run(reach("https://nonexistent.invalid"))
    assert (caught.value.stage, caught.value.reason) == ("name", "dns")


def test_a_bad_certificate_fails_at_the_encryption(authority: Authority) -> None:
    """An unknown authority stops the handshake; without a context the usual one is used."""
    with serving(answering, authority.server("127.0.0.1")) as port, pytest.raises(NetworkFailed) as caught:
        asyncio.run(reach(f"https://127.0.0.1:{port}"))
    assert (caught.value.stage, caught.value.reason) == ("encryption", "tls")


def test_the_next_address_is_tried_where_one_takes_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name with two addresses, of which the first refuses: the second one answers."""
    with serving(answering) as port:
        both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port)) for host in ("127.0.0.2", "127.0.0.1")]
        usual = socket.getaddrinfo

        def two(host: str, *rest: object, **more: object) -> object:
            return both if host == "two.example" else usual(host, *rest, **more)  # type: ignore[arg-type]

        monkeypatch.setattr(socket, "getaddrinfo", two)
        assert asyncio.run(reach(f"http://two.example:{port}")).status == 200


@pytest.mark.parametrize(("days", "good"), [(365.0, True), (14.0, True), (13.9, False), (-2.0, False)])
def test_a_certificate_that_ends_within_a_fortnight_is_a_finding(days: float, good: bool) -> None:
    """Fewer than 14 days, or none at all."""
    found = Reach("api.example", 443, 1, 1, 1, 1, 200, "TLSv1.3", expires_at=days * 86_400)
    if good:
        certificate_lasts(found, 0)
    else:
        with pytest.raises(CertificateExpiring, match=r"api\.example ends in"):
            certificate_lasts(found, 0)


def test_a_proxy_of_the_environment_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then a direct connection says nothing; NO_PROXY takes hosts out."""
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", "api.example")
    assert proxied("https://slack.com/api") == "http://proxy.example:3128"
    assert proxied("https://api.example/v1") == ""


@pytest.mark.parametrize(("reason", "stage"), [("dns", "name"), ("refused", "connection")])
def test_the_client_s_error_becomes_a_finding(reason: str, stage: str) -> None:
    """Same words, same reason."""
    found = network_failed(Unreachable("example/me: no answer", reason=reason))
    assert (str(found), found.reason, found.stage) == ("example/me: no answer", reason, stage)
