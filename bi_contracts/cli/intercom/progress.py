"""Progress bars on stderr: one for each phase, with what is told beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .. import options

Tell = Callable[[str, int, int | None, str], None]
"""Is given a phase, what is done of it, its total (None where that is not known) and words."""


@contextmanager
def bars() -> Iterator[Tell | None]:
    """Shows what is told while the block lasts; None where nobody looks."""
    if options.quiet():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description:<13}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[told]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        tasks: dict[str, TaskID] = {}

        def tell(phase: str, done: int, total: int | None, words: str) -> None:
            if phase not in tasks:
                tasks[phase] = shown.add_task(phase, told="")
            shown.update(tasks[phase], completed=done, total=total, told=words)

        yield tell


def left(seconds: float) -> str:
    """`1:05 left`."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d} left"
