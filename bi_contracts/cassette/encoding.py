"""Content codings taken off a body (RFC 9110 section 8.4): what is compressed cannot be read, redacted or compared."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from importlib import import_module

from ..errors import CassetteError
from ..interaction import Headers, header

_DROPPED = ("content-encoding", "transfer-encoding")


def decoded(headers: Headers, body: bytes) -> tuple[Headers, bytes]:
    """Headers and body without content coding, Content-Length made right.

    A body that some client has decoded already stays as it is. Raises `CassetteError` for a coding that cannot be
    decoded here: such a body could not be redacted.
    """
    codings = [name.strip().lower() for name in header(headers, "content-encoding").split(",") if name.strip()]
    plain = body
    for coding in reversed(codings if body else []):
        plain = _decode(coding, plain)
    return tuple(_kept(headers, len(plain), plain is not body)), plain


def _kept(headers: Headers, length: int, changed: bool) -> list[tuple[str, str]]:
    return [
        (name, str(length) if changed and name.lower() == "content-length" else value)
        for name, value in headers
        if name.lower() not in _DROPPED
    ]


def _decode(coding: str, body: bytes) -> bytes:
    if coding == "identity":
        return body
    decode = _DECODERS.get(coding)
    if decode is None:
        raise CassetteError(f"a body is compressed with {coding!r}, which cannot be decoded or redacted; {_ADVICE}")
    try:
        return decode(body)
    except ImportError:
        raise CassetteError(f"decoding {coding!r} needs `pip install {_PACKAGES[coding]}`; {_ADVICE}") from None
    except Exception as error:
        if _is_text(body):  # decoded by the client, header left in place (aiohttp)
            return body
        raise CassetteError(f"a body says it is {coding!r} and is not ({type(error).__name__}); {_ADVICE}") from None


_ADVICE = "or have the client send `Accept-Encoding: gzip`."
_PACKAGES = {"br": "brotli", "zstd": "zstandard"}


def _is_text(body: bytes) -> bool:
    try:
        return body.decode().isprintable() or b"\x00" not in body
    except UnicodeDecodeError:
        return False


def _deflate(body: bytes) -> bytes:
    """zlib as RFC 9110 has it, or the raw stream some servers send."""
    try:
        return zlib.decompress(body)
    except zlib.error:
        return zlib.decompress(body, -zlib.MAX_WBITS)


def _brotli(body: bytes) -> bytes:
    try:
        module = import_module("brotli")
    except ImportError:
        module = import_module("brotlicffi")
    plain: bytes = module.decompress(body)
    return plain


def _zstd(body: bytes) -> bytes:
    plain: bytes = import_module("zstandard").ZstdDecompressor().decompressobj().decompress(body)
    return plain


_DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "x-gzip": gzip.decompress,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
