"""A Slack message from a template and data. Nothing here sends anything.

`{deal.name}` is looked up in the data by its dotted path: no expression, no attribute, no format is evaluated. Values
are escaped as Slack asks (`&`, `<`, `>`), so that data can mention nobody and link nowhere. `{{` and `}}` are braces.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from ...paths import Json, dig
from ..models import Preview
from .values import writable

LONGEST = 40_000
"""Characters that Slack takes in a message's text; longer ones it cuts."""
BLOCK = 3000
"""Characters that Slack takes in the text of one section block."""
BLOCKS = 50
_NAME = re.compile(r"\{\{|\}\}|\{([A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*)\}")
_NOTHING = object()


def preview(template: str, data: Mapping[str, Json], channel: str | None = None) -> Preview:
    """How the message would look; names without data stay as they are written, and are listed."""
    missing: dict[str, None] = {}

    def filled(found: re.Match[str]) -> str:
        name = found[1]
        if name is None:
            return found[0][0]
        value = dig(data, name, _NOTHING)
        if value is _NOTHING:
            missing[name] = None
            return found[0]
        return escaped(_written(value))

    text = _NAME.sub(filled, template)
    whole = len(text)
    text = text[:LONGEST]
    blocks: list[dict[str, Json]] = [
        {"type": "section", "text": {"type": "mrkdwn", "text": text[start : start + BLOCK]}}
        for start in range(0, min(len(text), BLOCK * BLOCKS), BLOCK)
    ]
    return Preview(
        channel=channel,
        text=text,
        blocks=blocks,
        length=len(text),
        missing=list(missing),
        warnings=_warnings(whole, missing),
    )


def escaped(value: str) -> str:
    """Text as Slack wants it in mrkdwn."""
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _written(value: Json) -> str:
    if isinstance(value, str):
        return writable(value)
    return "" if value is None else writable(json.dumps(value, ensure_ascii=False))


def _warnings(whole: int, missing: Mapping[str, None]) -> list[str]:
    found = [f"no data for {{{name}}}" for name in missing]
    if whole > LONGEST:
        found.append(f"cut from {whole} characters to the {LONGEST} that Slack takes")
    return found
