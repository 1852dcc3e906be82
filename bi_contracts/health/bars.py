"""The past as bars: a day in half hours, and 90 days."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from ..report.markup import Html, el
from .burn import Bucket, Budget, Ring

HALVES, DAYS = 48, 90
_HEIGHT, _PITCH, _WIDTH = 28, 10, 7
_LEAST = 5
"""What failed is drawn at least so high, however little of its slice it was."""
_KINDS = ("down", "degraded", "maintenance", "up")


def history(budget: Budget, now: float) -> Iterator[Html]:
    """The last 24 hours and, once there is more than that, the last 90 days."""
    yield _figure("last 24 hours", budget.halves, HALVES, now)
    if len(budget.days.buckets) > 1:
        yield _figure("last 90 days", budget.days, DAYS, now)


def legend() -> Html:
    """A key to the bars."""
    kinds = ("up", "degraded", "down", "maintenance", "none")
    items = (el("li", _swatch(kind), "unknown" if kind == "none" else kind) for kind in kinds)
    return el("ul", *items, class_="legend")


def heights(bucket: Bucket) -> list[tuple[str, int]]:
    """How high each kind of a slice is drawn, from the bottom up: by its share, and never too low to be seen."""
    counts = {kind: getattr(bucket, kind) for kind in _KINDS if getattr(bucket, kind)}
    spare = _HEIGHT - _LEAST * len(counts)
    found = [(kind, _LEAST + spare * count // sum(counts.values())) for kind, count in counts.items()]
    missing = _HEIGHT - sum(high for _, high in found)
    return [*found[:-1], *((kind, high + missing) for kind, high in found[-1:])]


def _swatch(kind: str) -> Html:
    low = kind == "none"
    box = _box(0, 9 if low else 0, 12, 3 if low else 12, kind)
    return el("svg", box, width="12", height="12", aria_hidden="true")


def _figure(title: str, ring: Ring, many: int, now: float) -> Html:
    slots = ring.slots(now, many)
    good, bad = sum(one.good for one in slots), sum(one.bad for one in slots)
    share = "unknown" if not good + bad else f"{_floor(good, good + bad)} answered"
    bars = [_bar(place * _PITCH, one, ring.width) for place, one in enumerate(slots)]
    drawing = el(
        "svg", *bars,
        viewBox=f"0 0 {many * _PITCH - _PITCH + _WIDTH} {_HEIGHT}", width="100%", height=str(_HEIGHT),
        preserveAspectRatio="none", class_="bars", role="img", aria_label=f"{title}: {share}, {_told(slots)}",
    )  # fmt: skip
    return el("figure", el("figcaption", el("span", title), el("span", share)), drawing, class_="history")


def _bar(x: int, one: Bucket, width: float) -> Html:
    """One slice: stacked, what failed at the bottom; a thin line where nobody looked."""
    drawn, floor = [], _HEIGHT
    for kind, high in heights(one):
        floor -= high
        drawn.append(_box(x, floor, _WIDTH, high, kind))
    if not drawn:
        return _box(x, _HEIGHT - 3, _WIDTH, 3, "none")
    return el("g", el("title", _words(one, width)), *drawn)


def _box(x: int, y: int, width: int, height: int, kind: str) -> Html:
    return el("rect", x=str(x), y=str(y), width=str(width), height=str(height), class_=f"b-{kind}")


def _words(one: Bucket, width: float) -> str:
    """When it was and what was seen: shown where somebody points at the bar."""
    moment = datetime.fromtimestamp(one.number * width, UTC)
    when = moment.strftime("%Y-%m-%d" if width >= 86_400 else "%Y-%m-%d %H:%M UTC")
    seen = ", ".join(f"{getattr(one, kind)} {kind}" for kind in _KINDS if getattr(one, kind))
    return f"{when}: {seen}"


def _told(slots: Sequence[Bucket]) -> str:
    failed, seen = sum(bool(one.down) for one in slots), sum(bool(heights(one)) for one in slots)
    return f"failures in {failed} of {seen} slices"


def _floor(part: int, whole: int) -> str:
    """A percentage that is 100 only where nothing failed."""
    tenths = part * 1000 // whole
    return f"{tenths // 10}.{tenths % 10} %" if tenths % 10 else f"{tenths // 10} %"
