"""HTML elements as text that knows whether it is markup: whatever is not, gets escaped."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from html import escape

from .values import clean

_VOID = frozenset({"br", "input", "meta"})


class Html(str):
    """Markup that is already escaped."""

    __slots__ = ()


def el(name: str, /, *children: str, **attributes: str | None) -> Html:
    """An element. Children that are no `Html` are escaped; an attribute that is None is left out.

    In attribute names `_` stands for `-`, and a `_` at the end is dropped: `class_`, `aria_label`.
    """
    pairs = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(clean(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID:
        return Html(f"<{name}{pairs}>")
    return Html(f"<{name}{pairs}>{join(*children)}</{name}>")


def join(*children: str) -> Html:
    """Pieces in a row: text is escaped, markup is taken as it is."""
    return Html("".join(child if isinstance(child, Html) else escape(clean(child)) for child in children))


def lines(text: str) -> Html:
    """Text whose line breaks are shown."""
    return Html("<br>".join(join(line) for line in clean(text, lines=True).split("\n")))


def prose(text: str) -> Html:
    """Text with line breaks, and with `names` in backticks set as code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return lines(text)
    return join(*(el("code", part) if index % 2 else lines(part) for index, part in enumerate(parts)))


def breakable(name: str) -> Html:
    """A name that may be broken after its slashes and underscores."""
    return Html(re.sub(r"([/_])", r"\1<wbr>", escape(clean(name))))


def pointer(path: str) -> Html:
    """A JSON pointer that may be broken before a slash, and nowhere else unless it must."""
    shown = escape(clean(path) or "the whole answer").replace("/", "<wbr>/")
    return el("code", Html(shown), class_="path")


def document(title: str, style: str, body: Html) -> str:
    """A whole page that loads nothing and runs nothing: its policy allows the one style sheet inside, by hash."""
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=policy),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("meta", name="referrer", content="no-referrer"),
        el("title", title),
        el("style", Html(style)),
    )
    return f"<!DOCTYPE html>\n{el('html', head, body, lang='en')}\n"
