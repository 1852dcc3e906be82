"""What a report for a terminal says of measurements: benchmarks that passed in a line each, of others all figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from .events import Outcome, Status
from .figures import amount, named
from .values import clean

if TYPE_CHECKING:
    from rich.console import Console

ROOMY = 80
"""From this width on, there is room for tables of many columns."""


def lines(console: Console, *texts: str, style: str = "") -> None:
    """Prints lines as they are."""
    from rich.text import Text

    for line in texts:
        console.print(Text(line, style=style))


_LOAD = {
    "requests": "requests",
    "p50 ms": "median_ms",
    "p95 ms": "p95_ms",
    "p99 ms": "p99_ms",
    "max ms": "max_ms",
    "per s": "requests_per_second",
    "success": "success_rate",
}
"""What is told of a benchmark that passed: the head of a column, and the figure in it."""


def load_passed(outcome: Outcome) -> bool:
    """Whether it is a benchmark of which one line says enough."""
    return outcome.phase == "load" and outcome.verdict == Status.PASSED and set(_LOAD.values()) <= set(outcome.figures)


def loads(console: Console, outcomes: Iterable[Outcome]) -> None:
    """A line for each benchmark that passed; all of its figures are in the other reports."""
    from rich.table import Table
    from rich.text import Text

    rows = [(clean(row.subject), [_amount(name, row.figures[name]) for name in _LOAD.values()]) for row in outcomes]
    if console.width < ROOMY:
        for subject, amounts in rows:
            lines(console, f"{subject}: {', '.join(f'{head} {one}' for head, one in zip(_LOAD, amounts, strict=True))}")
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("benchmark", overflow="fold")
    for head in _LOAD:
        table.add_column(head, justify="right", overflow="fold", no_wrap=True)
    for subject, amounts in rows:
        table.add_row(Text(subject), *map(Text, amounts))
    console.print(table)


def _amount(name: str, value: float) -> str:
    """A figure without its unit, which stands at the head."""
    return amount(name, value).removesuffix(" ms").removesuffix(" /s")


def worth_telling(outcome: Outcome) -> bool:
    """Figures that charts go with are what a check was made for; of the others a long run has hundreds."""
    return bool(outcome.charts) or not outcome.phase or outcome.verdict in (Status.FAILED, Status.ERROR)


def figures(console: Console, outcomes: Iterable[Outcome]) -> None:
    """`gateway/dashboard  load`, then what was measured; checks that measured the same stand together."""
    groups: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for outcome in outcomes:
        measured = tuple(named(_once(outcome.figures)))
        groups.setdefault((clean(outcome.check), measured), []).append(clean(outcome.subject))
    for (check, figures), subjects in groups.items():
        lines(console, f"{', '.join(subjects)}  {check}")
        lines(console, *(f"  {line}" for line in _joined(figures, console.width - 3)), style="dim")


def _once(figures: Mapping[str, float]) -> dict[str, float]:
    """The figures without one that says what another says."""
    doubled = "throughput_rps" in figures and figures["throughput_rps"] == figures.get("requests_per_second")
    return {name: value for name, value in figures.items() if not (doubled and name == "requests_per_second")}


def _joined(figures: Iterable[str], width: int) -> Iterator[str]:
    """The figures in lines of at most `width`, none of them broken in two."""
    line = ""
    for figure in figures:
        if line and len(line) + 2 + len(figure) > width:
            yield f"{line},"
            line = ""
        line = f"{line}, {figure}" if line else figure
    yield line
