"""Known credential values, found in every form they may take in a message."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from functools import lru_cache
from urllib.parse import quote, quote_plus

from .policy import REDACTED

_SHORTEST = 6
_SHORTEST_CORE = 8
_BASE64_RUN = re.compile(r"[A-Za-z0-9+/_-]*={0,2}")


def mask_literals(text: str, literals: tuple[str, ...]) -> str:
    """Text with every known value replaced by the placeholder; a base64 run that holds one is replaced whole."""
    for form in plain_forms(literals):
        if form in text:
            text = text.replace(form, REDACTED)
    for core in base64_cores(literals):
        if core in text:
            text = _mask_runs(text, core)
    return text


@lru_cache(maxsize=32)
def plain_forms(literals: tuple[str, ...]) -> tuple[str, ...]:
    """The values as they are, URL-encoded and JSON-escaped; longest first, so that no rest stays behind."""
    forms = {form for literal in literals if _is_usable(literal) for form in _forms(literal)}
    return tuple(sorted(forms, key=lambda form: (-len(form), form)))


def _is_usable(literal: str) -> bool:
    return len(literal) >= _SHORTEST and literal not in REDACTED and not literal.isspace()


def _forms(literal: str) -> tuple[str, ...]:
    escaped = json.dumps(literal)[1:-1]
    raw = json.dumps(literal, ensure_ascii=False)[1:-1]
    return literal, quote(literal), quote(literal, safe=""), quote_plus(literal), escaped, raw


@lru_cache(maxsize=32)
def base64_cores(literals: tuple[str, ...]) -> tuple[str, ...]:
    """What base64 makes of the values at each of the three alignments, without the characters the neighbours decide."""
    cores = {core for literal in literals if _is_usable(literal) for core in _cores(literal.encode())}
    return tuple(sorted(cores, key=lambda core: (-len(core), core)))


def _cores(raw: bytes) -> set[str]:
    cores = set()
    for pad, start in enumerate((0, 2, 3)):
        core = b64encode(b"\0" * pad + raw).decode()[start : (pad + len(raw)) * 8 // 6]
        cores |= {core, core.translate({43: "-", 47: "_"})}
    return {core for core in cores if len(core) >= _SHORTEST_CORE}


def _mask_runs(text: str, core: str) -> str:
    parts, at = [], 0
    while (found := text.find(core, at)) >= 0:
        head = _start_of_run(text, at, found)
        run = _BASE64_RUN.match(text, found)
        end = run.end() if run else found + len(core)
        parts += [text[at:head], REDACTED]
        at = end
    return "".join([*parts, text[at:]])


def _start_of_run(text: str, lowest: int, at: int) -> int:
    while at > lowest and (text[at - 1].isascii() and (text[at - 1].isalnum() or text[at - 1] in "+/_-")):
        at -= 1
    return at
