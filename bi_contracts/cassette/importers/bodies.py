"""Bodies: from what recordings hold (text, base64, compressed bytes, JSON values) to plain bytes."""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Callable
from typing import Any

from ...errors import CassetteError
from ...interaction import Headers, header
from ...paths import Json, decode_body
from ..encoding import decoded as decoded_body
from .base import Unusable
from .values import Broken

MAX_BODY = 128 * 1024 * 1024
"""The largest body after decompression, in bytes."""


def as_bytes(value: Any, encoding: str = "utf-8") -> bytes:
    """Text or bytes as bytes; nothing as nothing."""
    match value:
        case None:
            return b""
        case str():
            return value.encode(encoding)
        case bytes():
            return value
        case bool():
            return json.dumps(value).encode()
        case int():
            return str(value).encode()
        case Broken():
            raise Unusable(value.reason)
    raise Unusable("the body is a structure, not text: a template that its own tool fills in")


def from_base64(value: Any) -> bytes:
    """Decoded base64; line breaks are allowed."""
    try:
        return base64.b64decode("".join(str(value).split()), validate=True)
    except (binascii.Error, ValueError):
        raise Unusable("the body says it is base64 and is not") from None


def encode_body(value: Json) -> bytes:
    """Bytes that `decode_body` reads back as `value`."""
    if value is None:
        return b""
    if isinstance(value, str) and decode_body(value.encode("utf-8", "replace")) == value:
        return value.encode("utf-8")
    return dump_json(value)


def dump_json(value: Json) -> bytes:
    """Compact JSON in UTF-8; lone surrogates stay escaped."""
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        return text.encode("utf-8")
    except UnicodeError:
        return json.dumps(value, separators=(",", ":"), allow_nan=False).encode("ascii")
    except (ValueError, RecursionError):
        raise Unusable("the body holds a value that JSON cannot carry") from None


def plain(headers: Headers, body: bytes) -> tuple[Headers, bytes]:
    """The body without its content coding (RFC 9110 section 8.4), and headers that fit it.

    Many tools keep the header and store the body decoded: then only the header goes.
    """
    codings = [name.strip().lower() for name in header(headers, "content-encoding").split(",")]
    decoded = body
    for coding in reversed(codings):
        if coding in _DECODERS and decoded:
            decoded = _DECODERS[coding](decoded)
        elif coding and decoded and not _is_text(decoded):
            decoded = _other_coding(coding, decoded)
    return _fit(headers, decoded), decoded


def _fit(headers: Headers, body: bytes) -> Headers:
    """Without the codings that are undone, as recordings of our own are kept; the length that the body now has."""
    kept = [(name, value) for name, value in headers if name.lower() not in ("content-encoding", "transfer-encoding")]
    if not body:
        return tuple(kept)
    return tuple((name, str(len(body)) if name.lower() == "content-length" else value) for name, value in kept)


def _other_coding(coding: str, body: bytes) -> bytes:
    try:
        return decoded_body((("content-encoding", coding),), body)[1]
    except CassetteError as error:
        raise Unusable(str(error)) from None


def _is_text(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _gunzip(body: bytes) -> bytes:
    if not body.startswith(b"\x1f\x8b"):
        return body
    whole = b""
    while body:
        part, body = _inflate(body, 31)
        whole += part
        if len(whole) > MAX_BODY:
            raise Unusable(f"the body is larger than {MAX_BODY >> 20} MiB when decompressed")
        if not body.startswith(b"\x1f\x8b"):
            break
    return whole


def _deflate(body: bytes) -> bytes:
    """zlib format as the RFC says, raw deflate as some servers do, or text that is decoded already."""
    if _is_text(body):
        return body
    for window in (15, -15):
        try:
            return _inflate(body, window)[0]
        except Unusable:
            continue
    raise Unusable("the body says it is deflated and is not")


def _inflate(body: bytes, window: int) -> tuple[bytes, bytes]:
    machine = zlib.decompressobj(window)
    try:
        whole = machine.decompress(body, MAX_BODY)
    except zlib.error:
        raise Unusable("the compressed body is damaged") from None
    if machine.unconsumed_tail:
        raise Unusable(f"the body is larger than {MAX_BODY >> 20} MiB when decompressed")
    if not machine.eof:
        raise Unusable("the compressed body is cut off")
    return whole, machine.unused_data


_DECODERS: dict[str, Callable[[bytes], bytes]] = {"gzip": _gunzip, "x-gzip": _gunzip, "deflate": _deflate}
