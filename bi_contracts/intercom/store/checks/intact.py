"""Whether what Intercom sent is still what it was when it was written."""

from __future__ import annotations

import zlib

from ....paths import Json
from ...raw import digest_of, unpacked


def read_back(held: bytes) -> tuple[Json, str]:
    """The value and its digest; None and "" where it cannot be read."""
    try:
        text = zlib.decompress(held) if held[:1] == b"\x78" else held
        return unpacked(text), digest_of(text)
    except (ValueError, zlib.error):
        return None, ""


def intact(held: bytes, digest: str) -> bool:
    """Whether it is what it was, by its digest."""
    return read_back(held)[1] == digest != ""
