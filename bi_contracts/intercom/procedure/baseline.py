"""Figures of a machine, kept; and whether new ones are worse than those, beyond what is noise."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, Literal

from ... import __version__
from ...errors import ConfigurationError, ExitCode
from ...files import write_text
from ...workspace import Workspace
from .line import Mark
from .result import Result, Row, Section

FILE = "intercom-baseline.json"

Better = Literal["more", "less"]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of figure: which way is better, how much of a change is always noise, whether the machine matters."""

    better: Better
    noise: float
    machine: bool = True


SPEED, TIME = Kind("more", 0.25), Kind("less", 0.5)
KINDS: Mapping[str, Kind] = {
    "sync_speed": SPEED,
    "message_speed": SPEED,
    "write_speed": SPEED,
    "write_messages": SPEED,
    "memory_peak_mb": Kind("less", 0.15),
    "calls": Kind("less", 0.02, machine=False),
    "refused": Kind("less", 0.0, machine=False),
    "database_mb": Kind("less", 0.1, machine=False),
}
"""Figure -> its kind. `query_..._ms` are times; figures that are not here are not judged."""

SPREADS = 4.0
"""So many median deviations of repeated measurements are still noise."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """Figures that were measured, each as often as it was repeated.

    Attributes:
        figures: Name -> values.
        source: Who answered.
        machine: What they were measured on.
        settings: What was measured.
        at: When, ISO 8601.
    """

    figures: Mapping[str, tuple[float, ...]]
    source: str
    machine: Mapping[str, str]
    settings: Mapping[str, Any] = field(default_factory=dict)
    at: str = ""

    @classmethod
    def of(cls, runs: Sequence[Result], settings: Mapping[str, Any]) -> Baseline:
        """From repeated runs; figures that one of them lacks are left out."""
        found = [run.figures for run in runs]
        names = [name for name in found[0] if all(name in one for one in found)] if found else []
        figures = {name: tuple(one[name] for one in found) for name in names if kind_of(name) is not None}
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return cls(figures, runs[0].source if runs else "", machine(), dict(settings), now)

    def save(self, path: Path) -> None:
        """Writes it. Raises `ConfigurationError`."""
        write_text(path, json.dumps(asdict(self), indent=2) + "\n")

    @classmethod
    def load(cls, path: Path) -> Baseline:
        """Reads it. Raises `ConfigurationError` with what to type next."""
        try:
            known = json.loads(path.read_text(encoding="utf-8"))
            figures = {str(name): tuple(map(float, values)) for name, values in known["figures"].items()}
            return cls(figures, known["source"], known["machine"], known["settings"], known["at"])
        except FileNotFoundError:
            raise ConfigurationError(
                f"{path}: there is no baseline; `bi-contracts intercom baseline record` makes one"
            ) from None
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ConfigurationError(f"{path}: no baseline ({error}); record another") from None


def place(space: Workspace) -> Path:
    """Where a workspace's baseline is kept."""
    return space.root / space.settings.state / FILE


def machine() -> dict[str, str]:
    """What figures depend on."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processors": str(os.cpu_count() or 0),
        "python": f"{platform.python_implementation()} {sys.version_info[0]}.{sys.version_info[1]}",
        "sqlite": sqlite3.sqlite_version,
        "package": __version__,
    }


def kind_of(name: str) -> Kind | None:
    """The kind of a figure, None for one that is not judged."""
    return TIME if name.startswith("query_") and name.endswith("_ms") else KINDS.get(name)


def compare(old: Baseline, new: Baseline) -> Result:
    """What got worse beyond noise (6), what is not there any more (1). Other machines' times are not judged."""
    changed = [name for name in ("system", "processors", "python", "sqlite") if _differs(old, new, name)]
    if old.source != new.source or old.settings != new.settings:
        raise ConfigurationError(
            f"the baseline is of {_what(old)}, this is of {_what(new)}: record one for it, with a --file of its own"
        )
    rows = tuple(_row(name, values, new.figures.get(name), bool(changed)) for name, values in old.figures.items())
    facts = [Row(name, new.machine.get(name, ""), note=_was(old, new, name)) for name in new.machine]
    missing = any(row.value == "not measured any more" for row in rows)
    worse = any(row.mark is Mark.BAD and row.value != "not measured any more" for row in rows)
    missed = ExitCode.SLA_BREACHED if worse or not missing else ExitCode.FINDINGS
    advice = []
    if worse:
        advice.append(
            "Repeat it while nothing else runs here; then look at it: bi-contracts intercom performance --profile"
        )
    if changed:
        advice.append("Another machine: times are not compared; record a baseline on this one")
    sections = (Section("Figures", rows), Section("Machine", tuple(facts)))
    return Result("baseline", f"Against the baseline of {old.at}", new.source, sections, tuple(advice), missed=missed)


def noise(kind: Kind, *measured: Sequence[float]) -> float:
    """By how much repeated measurements may be worse by themselves, as a share."""
    return max(kind.noise, *(SPREADS * _deviation(values) for values in measured))


def _row(name: str, old: Sequence[float], new: Sequence[float] | None, elsewhere: bool) -> Row:
    kind = kind_of(name)
    if kind is None or new is None:
        return Row(name, "not measured any more", mark=Mark.BAD if kind else Mark.PLAIN)
    before, after = median(old), median(new)
    note = f"was {before:.4g}"
    if kind.machine and elsewhere:
        return Row(name, after, mark=Mark.SKIPPED, note=f"{note}, elsewhere: not judged", key=name)
    worse, better = (before, after) if kind.better == "more" else (after, before)
    factor = 1 + noise(kind, old, new)
    mark = Mark.BAD if worse > better * factor else Mark.GOOD
    share = f", {100 * (after - before) / before:+.0f}%" if before else ""
    return Row(name, after, mark=mark, target=f"at most {factor:.2f} times worse", note=f"{note}{share}", key=name)


def _deviation(values: Sequence[float]) -> float:
    """The median absolute deviation, as a share of the median."""
    middle = median(values)
    return median(abs(value - middle) for value in values) / abs(middle) if middle else 0.0


def _differs(old: Baseline, new: Baseline, name: str) -> bool:
    return old.machine.get(name) != new.machine.get(name)


def _was(old: Baseline, new: Baseline, name: str) -> str:
    return f"was {old.machine.get(name, 'not told')}" if _differs(old, new, name) else ""


def _what(one: Baseline) -> str:
    told = ", ".join(f"{name} {value}" for name, value in one.settings.items())
    return f"{one.source} ({told})" if told else one.source
