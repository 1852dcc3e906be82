"""Inline SVG bars. Each stands beside the numbers it draws, so assistive technology may pass it by."""

from __future__ import annotations

from collections.abc import Iterator

from .events import SEVERITIES
from .markup import Html, el, join
from .stream import Tally


def patterns() -> Html:
    """Fills that differ without colour too: breaking is solid, warning hatched, info dotted."""
    hatch = el(
        "pattern",
        el("rect", width="6", height="6", class_="ground-warning"),
        el("path", d="M0 0V6", class_="line-warning"),
        id="fill-warning",
        width="6",
        height="6",
        patternUnits="userSpaceOnUse",
        patternTransform="rotate(45)",
    )
    dots = el(
        "pattern",
        el("rect", width="5", height="5", class_="ground-info"),
        el("circle", cx="2.5", cy="2.5", r="1", class_="dot-info"),
        id="fill-info",
        width="5",
        height="5",
        patternUnits="userSpaceOnUse",
    )
    return el("svg", el("defs", hatch, dots), class_="defs", width="0", height="0", aria_hidden="true")


def severity_bar(tally: Tally, longest: int) -> Html:
    """Findings by severity, stacked; `longest` is the number that fills the whole width."""
    return el("svg", *_stack(tally, longest), class_="bar", width="100%", height="14", aria_hidden="true")


def _stack(tally: Tally, longest: int) -> Iterator[Html]:
    start = 0.0
    for severity in SEVERITIES:
        width = 100 * getattr(tally, severity) / max(longest, 1)
        if width:
            yield el("rect", x=f"{start:.2f}%", width=f"{width:.2f}%", height="14", class_=f"fill-{severity}")
        start += width


def share_bar(seen: int, of: int, severity: str) -> Html:
    """How many of the samples show it."""
    track = el("rect", width="100%", height="8", rx="4", class_="track")
    fill = el("rect", width=f"{100 * seen / of:.2f}%", height="8", rx="4", class_=f"solid-{severity}")
    return el("svg", join(track, fill), class_="share", width="100%", height="8", aria_hidden="true")


def swatch(severity: str) -> Html:
    """A key to the fills."""
    fill = el("rect", width="28", height="14", class_=f"fill-{severity}")
    return el("svg", fill, class_="swatch", width="28", height="14", aria_hidden="true")
