"""The text in a message's HTML, as a person reads it and as it is searched."""

from __future__ import annotations

import re
from html import unescape

_HIDDEN = re.compile(r"<(script|style)\b[^>]*>.*?</\1\s*>|<!--.*?-->", re.DOTALL | re.IGNORECASE)
_BREAKS = re.compile(r"<(?:br|/p|/div|/li|/tr|/h[1-6]|/blockquote)\b[^>]*>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^>]*>")
_SPACES = re.compile(r"[^\S\n]+")
_LINES = re.compile(r" *\n[ \n]*")


def text_of(body: object) -> str:
    """The text of a body of HTML, one line a block; "" where there is none."""
    if not isinstance(body, str) or not body:
        return ""
    if "<" in body:
        body = _TAG.sub("", _BREAKS.sub("\n", _HIDDEN.sub("", body)))
    if "&" in body:
        body = unescape(body)
    # PostgreSQL stores no NUL, and no encoding half of a surrogate pair.
    body = body.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    return _LINES.sub("\n", _SPACES.sub(" ", body)).strip()
