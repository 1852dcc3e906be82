"""A histogram as one line of text."""

from __future__ import annotations

from .events import Chart, Outcome
from .figures import drawn

_BLOCKS = "▁▂▃▄▅▆▇█"
_WIDEST = 24


def spark(outcome: Outcome) -> str:
    """The outcome's first histogram in at most 24 blocks; empty where it has none. A space is a zero."""
    return next((_line(chart) for chart in outcome.charts if chart.kind == "histogram"), "")


def _line(chart: Chart) -> str:
    known = [drawn(y) or 0.0 for _, y in chart.series[0].points] if chart.series else []
    size = -(-len(known) // _WIDEST) or 1
    counts = [max(0.0, sum(known[start : start + size])) for start in range(0, len(known), size)]
    most = max(counts, default=0.0)
    return "".join(_block(count / most) for count in counts) if most > 0 else ""


def _block(share: float) -> str:
    return _BLOCKS[min(len(_BLOCKS) - 1, int(share * len(_BLOCKS)))] if share > 0 else "\u00a0"
