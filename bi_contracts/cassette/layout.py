"""JSON text laid out for people: only white space between tokens changes, so every token keeps its exact text.

Numbers beyond 2^53, `1.10`, repeated keys and `\\u00e9` come back as they were, which parsing and printing again
would not do.
"""

from __future__ import annotations

import json
import re

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
_DEEPEST = 200


def pretty(text: str) -> str:
    """The JSON object or array in `text` with one member a line; any other text as it is."""
    if text.lstrip(" \t\r\n")[:1] not in ("{", "["):
        return text
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return text
    return _laid_out(_TOKEN.findall(text)) or text


def _laid_out(tokens: list[str]) -> str | None:
    """The tokens of valid JSON, indented by two spaces; None where they are nested too deep to be readable."""
    out: list[str] = []
    depth = 0
    previous = ""
    for token in tokens:
        if token in ("}", "]"):
            depth -= 1
            if previous not in ("{", "["):
                out.append("\n" + "  " * depth)
        elif previous in ("{", "[", ","):
            out.append("\n" + "  " * depth)
        out.append(": " if token == ":" else token)
        if token in ("{", "["):
            depth += 1
            if depth > _DEEPEST:
                return None
        previous = token
    return "".join(out)
