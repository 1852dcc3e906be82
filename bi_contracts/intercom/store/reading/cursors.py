"""Where a page of an answer ended, as a token that only the same question takes."""

from __future__ import annotations

import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import astuple, replace
from hashlib import blake2b

from ....errors import StoreError
from ..values import Query

_VERSION = 1
_SEAL = 8  # bytes


class CursorRefused(StoreError, ValueError):
    """The cursor is none of ours, was changed, or belongs to another question."""


def sealed(question: str, numbers: Sequence[int], text: str = "") -> str:
    """A token of whole numbers (64 bits each) and a text that goes with a question. Letters, digits, `-` and `_`."""
    body = struct.pack(f">B{len(numbers)}q", _VERSION, *numbers) + text.encode()
    return urlsafe_b64encode(body + _seal(question, body)).rstrip(b"=").decode()


def opened(question: str, cursor: str, count: int) -> tuple[tuple[int, ...], str]:
    """The numbers and the text in a token. Raises `CursorRefused`."""
    try:
        held = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
    except ValueError:  # of the encoding, or of the characters
        held = b""
    body, seal, text = held[:-_SEAL], held[-_SEAL:], 1 + 8 * count
    # The seal tells a mistake from a cursor; it is no secret.
    if len(body) < text or body[0] != _VERSION or seal != _seal(question, body):
        raise CursorRefused(
            "this cursor does not go with this search: give the cursor exactly as it was answered, with the same "
            "words and filters, or leave it out to begin with the first page"
        )
    return struct.unpack_from(f">{count}q", body, 1), body[text:].decode()


def question_of(query: Query) -> str:
    """What a cursor is bound to: everything but the size of a page."""
    return repr(astuple(replace(query, cursor="", limit=0)))


def _seal(question: str, body: bytes) -> bytes:
    return blake2b(body, digest_size=_SEAL, key=blake2b(question.encode("utf-8", "replace")).digest()).digest()
