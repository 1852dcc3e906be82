"""The text in a message's HTML, as a person reads it and as it is searched."""

from __future__ import annotations

import re
from html import unescape

_HIDING = re.compile(r"<(?:(script|style)\b[^>]*>|!--)", re.IGNORECASE)
_SHOWING = {
    "script": re.compile(r"</script\s*>", re.IGNORECASE),
    "style": re.compile(r"</style\s*>", re.IGNORECASE),
    "": re.compile(r"-->"),
}
_BREAKS = re.compile(r"<(?:br|/p|/div|/li|/tr|/h[1-6]|/blockquote)\b[^>]*>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^>]*>")
_SPACES = re.compile(r"[^\S\n]+")
_LINES = re.compile(r" *\n[ \n]*")


def text_of(body: object) -> str:
    """The text of a body of HTML, one line a block; "" where there is none."""
    if not isinstance(body, str) or not body:
        return ""
    if "<" in body:
        body = _bare(_shown(body))
    if "&" in body:
        body = unescape(body)
    # PostgreSQL stores no NUL, and no encoding half of a surrogate pair.
    body = body.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    return _LINES.sub("\n", _SPACES.sub(" ", body)).strip()


# Anybody may write to a workspace, and write what is no HTML: nothing below looks twice for what it did not find once.


def _shown(body: str) -> str:
    """Without scripts, styles and comments."""
    kept, at, never, end = [], 0, set[str](), body.rfind(">") + 1
    for opening in _HIDING.finditer(body, 0, end):
        kind = (opening[1] or "").lower()
        if opening.start() < at or kind in never:
            continue
        closing = _SHOWING[kind].search(body, opening.end())
        if closing is None:
            never.add(kind)
            continue
        kept.append(body[at : opening.start()])
        at = closing.end()
    return "".join((*kept, body[at:])) if kept else body


def _bare(body: str) -> str:
    """Without tags. Behind the last `>` there are none."""
    end = body.rfind(">") + 1
    return _TAG.sub("", _BREAKS.sub("\n", body[:end])) + body[end:]
