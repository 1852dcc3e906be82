"""What the terminal says after a run about its recordings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path

from ..interaction import Source
from .usage import Replayed, Usage

_MOST = 5


def problems(usage: Usage, max_age_days: int, now: datetime) -> list[str]:
    """What `--bi-strict` fails a run for, one line each: misses, unused interactions, stale recordings."""
    return [
        *_first(_misses(usage), "missing"),
        *_first(_unused(usage), "unused"),
        *_first(_stale(usage, max_age_days, now), "stale"),
    ]


def lines(usage: Usage, max_age_days: int, now: datetime, owns: Callable[[Path], bool] = lambda _: True) -> list[str]:
    """The whole summary, most telling first. `owns` tells the workspace's recordings from the package's."""
    return [
        *_replayed(usage),
        *_borrowed(usage, owns),
        *_written(usage),
        *_sandboxed(usage),
        *_first(_blocked(usage), "refused"),
        *problems(usage, max_age_days, now),
    ]


def _first(found: Iterable[str], what: str) -> list[str]:
    """The first of many lines, and how many more there are."""
    every = list(found)
    return every if len(every) <= _MOST else [*every[:_MOST], f"{what}: {len(every) - _MOST} more"]


def _replayed(usage: Usage) -> Iterator[str]:
    if usage.replayed:
        yield f"{_count(usage.plays, 'interaction')} replayed from {_count(len(usage.replayed), 'recording')}"


def _borrowed(usage: Usage, owns: Callable[[Path], bool]) -> Iterator[str]:
    names = sorted(seen.name for path, seen in usage.replayed.items() if not owns(Path(path)))
    if names:
        yield f"not recorded here, so replayed from the package's own recordings: {_named(names)}"


def _written(usage: Usage) -> Iterator[str]:
    for path, (count, source) in sorted(usage.written.items()):
        yield f"recorded {path}: {_count(count, 'interaction')}, source {source}"
    for test in usage.dropped:
        yield f"not recorded: {test} did not pass"


def _sandboxed(usage: Usage) -> Iterator[str]:
    names = sorted(seen.name for seen in usage.replayed.values() if str(Source.SANDBOX) in seen.sources)
    if names:
        yield f"recorded from the sandbox, so no evidence of the live API: {_named(names)}"


def _named(names: list[str]) -> str:
    more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
    return f"{', '.join(names[:_MOST])}{more}"


def _blocked(usage: Usage) -> Iterator[str]:
    for test, target in dict.fromkeys(usage.blocked):
        yield f"connection refused: {test}: {target}"


def _misses(usage: Usage) -> Iterator[str]:
    for test, message in dict.fromkeys(usage.misses):
        yield f"missing: {test}\n  {message.splitlines()[0]}"


def _unused(usage: Usage) -> Iterator[str]:
    for seen in sorted(usage.replayed.values(), key=_by_name):
        unused = seen.unused
        if unused:
            shown = "".join(f"\n  {request}" for request in unused[:_MOST])
            more = f"\n  and {len(unused) - _MOST} more" if len(unused) > _MOST else ""
            yield f"unused: {len(unused)} of {_count(len(seen.requests), 'interaction')} in {seen.name}{shown}{more}"


def _stale(usage: Usage, max_age_days: int, now: datetime) -> Iterator[str]:
    for seen in sorted(usage.replayed.values(), key=_by_name):
        if seen.age(now) > max_age_days:
            age = f"{seen.age(now)} days ago (limit {max_age_days})"
            yield f"stale: {seen.name} was recorded {age}; record it again"


def _by_name(seen: Replayed) -> str:
    return seen.name


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
