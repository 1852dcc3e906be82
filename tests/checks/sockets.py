"""Servers on this machine that misbehave in one way each, and certificates that are not good enough."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

ANSWER = b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 17\r\n\r\n{"data": {"id":1}}'[:-1]
Handle = Callable[[socket.socket], None]


@contextmanager
def serving(handle: Handle, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """Hands every connection to `handle` in a thread; gives the port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=_accept, args=(listener, handle, context), daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(5)


def _accept(listener: socket.socket, handle: Handle, context: ssl.SSLContext | None) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with suppress(OSError), connection:
            if context is None:
                handle(connection)
            else:
                with context.wrap_socket(connection, server_side=True) as secured:
                    handle(secured)


def answering(connection: socket.socket) -> None:
    """A good answer."""
    connection.recv(65_536)
    connection.sendall(ANSWER)


def cut(connection: socket.socket) -> None:
    """The connection is reset (RST) in the middle of the body."""
    connection.recv(65_536)
    connection.sendall(ANSWER[:-5])
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def hanging_up(connection: socket.socket) -> None:
    """The connection is closed in the middle of the body."""
    connection.recv(65_536)
    connection.sendall(ANSWER[:-5])


def saying_nothing(connection: socket.socket) -> None:
    """The connection is closed before an answer."""
    connection.recv(65_536)


def no_http(connection: socket.socket) -> None:
    """What is said is no HTTP."""
    connection.recv(65_536)
    connection.sendall(b"220 mail.example ESMTP\r\n")


@contextmanager
def silent() -> Iterator[int]:
    """Takes connections and never says anything."""
    over = Event()

    def wait(connection: socket.socket) -> None:
        connection.recv(65_536)
        over.wait(30)

    with serving(wait) as port:
        try:
            yield port
        finally:
            over.set()


@contextmanager
def closed() -> Iterator[int]:
    """A port that is held and that nobody listens at."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


class Authority:
    """Gives certificates for this machine, for others, and such that have expired."""

    def __init__(self, folder: Path) -> None:
        x509 = pytest.importorskip("cryptography.x509", reason="certificates are made with cryptography")
        from cryptography.hazmat.primitives.asymmetric import ec

        self.folder = folder
        self.x509 = x509
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Test Authority")])
        self.certificate = self._made(self.name, self.key, 3650.0, ())
        (folder / "authority.pem").write_bytes(self._pem(self.certificate))

    def trusted(self) -> ssl.SSLContext:
        """A client's context that trusts this authority and no other."""
        return ssl.create_default_context(cafile=str(self.folder / "authority.pem"))

    def server(self, *names: str, days: float = 365.0, self_signed: bool = False) -> ssl.SSLContext:
        """A server's context, with a certificate for these names that ends in so many days."""
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ec

        key = ec.generate_private_key(ec.SECP256R1())
        subject = self.x509.Name([self.x509.NameAttribute(self.x509.NameOID.COMMON_NAME, "server")])
        made = self._made(subject, key, days, names, self_signed=self_signed)
        plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        pem = key.private_bytes(serialization.Encoding.PEM, *plain) + self._pem(made)
        path = self.folder / f"{made.serial_number}.pem"
        path.write_bytes(pem)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _made(
        self, subject: object, key: Any, days: float, names: tuple[str, ...], *, self_signed: bool = False
    ) -> Any:
        from cryptography.hazmat.primitives import hashes

        x509, ends = self.x509, datetime.now(UTC) + timedelta(days=days)
        own = not names or self_signed
        signer: Any = key if own else self.key
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject if own else self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(ends - timedelta(days=4000))
            .not_valid_after(ends)
            .add_extension(x509.BasicConstraints(ca=not names, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key((key if own else self.key).public_key()),
                critical=False,
            )
        )
        if names:
            builder = builder.add_extension(
                x509.SubjectAlternativeName(list(map(self._general, names))), critical=False
            )
        else:
            usage = dict.fromkeys(("digital_signature", "key_cert_sign", "crl_sign"), True)
            others = ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
            never = dict.fromkeys((*others, "encipher_only", "decipher_only"), False)
            builder = builder.add_extension(x509.KeyUsage(**usage, **never), critical=True)
        return builder.sign(signer, hashes.SHA256())

    def _general(self, name: str) -> object:
        try:
            return self.x509.IPAddress(ipaddress.ip_address(name))
        except ValueError:
            return self.x509.DNSName(name)

    def _pem(self, certificate: Any) -> bytes:
        from cryptography.hazmat.primitives import serialization

        found: bytes = certificate.public_bytes(serialization.Encoding.PEM)
        return found
