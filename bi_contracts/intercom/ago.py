"""How long ago, as people type it: `24h`, `7d`, `4w`."""

from __future__ import annotations

import re

_AGO = re.compile(r"(\d{1,6}) ?([hdw])")
_SECONDS = {"h": 3600, "d": 86_400, "w": 604_800}


def ago(text: str) -> int | None:
    """In seconds; None for what says something else."""
    found = _AGO.fullmatch(text.strip())
    return int(found[1]) * _SECONDS[found[2]] if found else None
