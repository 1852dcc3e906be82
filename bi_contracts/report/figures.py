"""Figures by name and unit, as people write them: `p95_ms` 12.34 is `p95 12.3 ms`."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from .events import Outcome
from .values import ABSENT, clean, duration

_UNITS = {
    "ms": "ms",
    "us": "µs",
    "ns": "ns",
    "s": "s",
    "seconds": "s",
    "minutes": "min",
    "hours": "h",
    "percent": "%",
    "pct": "%",
    "kb": "KB",
    "mb": "MB",
    "rps": "/s",
    "per_second": "/s",
    "per_s": "/s",
}
"""The end of a figure's name -> its unit."""

_SIZES = ("B", "KB", "MB", "GB", "TB")
_UNIT = re.compile(rf"^(.+)_({'|'.join(_UNITS)}|bytes)$")
_SHARE = re.compile(r"(^|_)(success|error|failure|failed|defect|hit|breach|dropped|skipped)_(rate|ratio|share)$")
_GREATEST = 1e15


def number(value: Any) -> float | int | None:
    """A figure as a JSON number; None for what is no finite number."""
    if isinstance(value, bool | int):
        return int(value)
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def drawn(value: Any) -> float | None:
    """A figure that can be drawn: finite, and kept to a size with which one can still reckon."""
    try:
        found = float(value)
    except OverflowError:
        return _GREATEST
    except (TypeError, ValueError):
        return None
    return max(-_GREATEST, min(_GREATEST, found)) if math.isfinite(found) else None


def figures_of(outcome: Outcome) -> dict[str, float | int | None]:
    """An outcome's figures as JSON numbers."""
    return {str(name): number(value) for name, value in outcome.figures.items()}


def label(name: str) -> str:
    """What a figure is called, without its unit: `p95_ms` is `p95`, `success_rate` stays `success rate`."""
    found = _UNIT.match(name)
    return clean(found[1] if found else name).replace("_", " ")


def amount(name: str, value: Any) -> str:
    """A figure's value with its unit: `12.3 ms`, `4.2 MB`, `98.5 %`; a dash for what is no finite number."""
    known = drawn(value)
    if known is None:
        return ABSENT
    if _SHARE.search(name) and 0 <= known <= 1:
        return f"{share(known)} %"
    found = _UNIT.match(name)
    if found is None:
        return plain_number(known)
    if found[2] == "bytes":
        return size(known)
    if _UNITS[found[2]] == "s" and known > 0:
        return f"{plain_number(known * 1000)} ms" if known < 1 else duration(known)
    return f"{plain_number(known)} {_UNITS[found[2]]}"


def share(value: float) -> str:
    """A share of 1 in percent; never rounded to 0 or 100 where it is neither."""
    text = f"{value * 100:.4g}"
    if text == "100" and value < 1:
        return "> 99.99"
    return "< 0.01" if 0 < value * 100 < 0.01 else text


def size(value: float) -> str:
    """A number of bytes in the unit that a person would use."""
    power = 0
    while abs(value) >= 1000 and power < len(_SIZES) - 1:
        value, power = value / 1000, power + 1
    return f"{plain_number(value)} {_SIZES[power]}"


def plain_number(value: float) -> str:
    """Three significant digits, whole numbers whole, thousands set apart."""
    if value == int(value) or abs(value) >= 1000:
        return f"{round(value):,}"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def figures_text(figures: Mapping[str, Any]) -> str:
    """`requests 20, p95 12.3 ms`."""
    return ", ".join(named(figures))


def named(figures: Mapping[str, Any]) -> Iterator[str]:
    """Each figure with its name."""
    return (f"{label(str(name))} {amount(str(name), value)}" for name, value in figures.items())
