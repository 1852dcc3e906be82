"""Inline SVG bars in tables. Each stands beside its numbers, so assistive technology may pass it by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .axes import Axis, short
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


def status_bar(tally: Tally) -> Html:
    """How the checks of a phase ended, as shares of the whole width."""
    counts = (("failed", tally.failed), ("error", tally.errors), ("skipped", tally.skipped), ("passed", tally.passed))
    pieces, start = [], 0.0
    for kind, count in counts:
        width = 100 * count / max(1, tally.outcomes)
        if count:
            pieces.append(el("rect", x=f"{start:.2f}%", width=f"{width:.2f}%", height="14", class_=f"was-{kind}"))
        start += width
    return el("svg", *pieces, class_="bar", width="100%", height="14", aria_hidden="true")


def span_bar(start: float, elapsed: float, axis: Axis, kind: str) -> Html:
    """When something took place, on an axis that many rows share."""
    begin, end = 100 * axis.at(start), 100 * axis.at(start + elapsed)
    width = max(0.6, end - begin)
    bar = el("rect", x=f"{min(begin, 99.4):.2f}%", width=f"{width:.2f}%", height="14", rx="3", class_=f"was-{kind}")
    return el("svg", *_gridlines(axis), bar, class_="bar", width="100%", height="14", aria_hidden="true")


def range_bar(spread: Sequence[float], axis: Axis, kind: str) -> Html:
    """From the first value to the second as a bar, to the third as a line that ends in a dot."""
    first, second, third = (100 * axis.at(value) for value in spread)
    tail = el("line", x1=f"{second:.2f}%", x2=f"{third:.2f}%", y1="7", y2="7", class_=f"tail-{kind}")
    dot = el("circle", cx=f"{min(99.0, third):.2f}%", cy="7", r="3.5", class_=f"was-{kind}")
    width = max(0.6, second - first)
    bar = el("rect", x=f"{first:.2f}%", width=f"{width:.2f}%", y="1", height="12", rx="3", class_=f"was-{kind}")
    return el("svg", *_gridlines(axis), tail, bar, dot, class_="bar", width="100%", height="14", aria_hidden="true")


def span_ticks(axis: Axis, unit: str = " s") -> Html:
    """The numbers of that axis."""
    texts = [
        el("text", f"{short(tick)}{unit}", x=f"{100 * at:.2f}%", y="12", text_anchor=_anchor(at), class_="tick")
        for tick in axis.ticks(5)
        for at in (axis.at(tick),)
    ]
    return el("svg", *texts, class_="bar", width="100%", height="16", aria_hidden="true")


def _anchor(at: float) -> str:
    return "start" if at < 0.06 else "end" if at > 0.94 else "middle"


def _gridlines(axis: Axis) -> Iterator[Html]:
    for tick in axis.ticks(5):
        x = f"{100 * axis.at(tick):.2f}%"
        yield el("line", x1=x, x2=x, y1="0", y2="14", class_="grid-line")
