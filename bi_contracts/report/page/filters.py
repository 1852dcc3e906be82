"""The filter: check boxes, and the rules that hide what they leave out. Names never get into the style sheet.

Only what stands below the boxes is hidden, or these would move away under the pointer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from ..events import SEVERITIES, Outcome
from ..markup import Html, el
from ..stream import Report

_ACROSS = "across platforms"


@dataclass(frozen=True)
class Filter:
    """What a page can be narrowed to. Platforms and phases are known by number: their names are anybody's text."""

    report: Report

    @cached_property
    def severities(self) -> tuple[str, ...]:
        """The severities that were found, worst first."""
        total = self.report.summary.total
        return tuple(severity for severity in SEVERITIES if getattr(total, severity))

    @cached_property
    def platforms(self) -> dict[str, int]:
        """Platform -> number; what is about no single one is `across platforms`."""
        names = [*self.report.summary.platforms]
        beside = [_ACROSS] if any(outcome.across for outcome in self.report.outcomes) else []
        return {name: number for number, name in enumerate([*names, *beside], 1)}

    def _platform(self, outcome: Outcome) -> int:
        return self.platforms[_ACROSS if outcome.across else outcome.platform]

    @cached_property
    def phases(self) -> dict[str, int]:
        """Phase -> number; none where no outcome belongs to any."""
        named = self.report.phases
        bare = [""] if named and any(not outcome.phase for outcome in self.report.outcomes) else []
        return {name: number for number, name in enumerate([*named, *bare], 1)}

    def classes(self, outcome: Outcome) -> str:
        """The classes by which something that tells of an outcome is hidden."""
        phase = self.phases.get(outcome.phase)
        found = [severity for severity in SEVERITIES if any(row.severity == severity for row in outcome.findings)]
        parts = [f"of-platform-{self._platform(outcome)}", f"of-phase-{phase}" if phase else ""]
        return " ".join(filter(None, [*parts, f"has-{'-'.join(found)}" if found else ""]))

    def within(self, outcomes: Iterable[Outcome]) -> str:
        """The classes by which something that tells of several outcomes is hidden when none of them is shown."""
        rows = tuple(outcomes)
        platforms = sorted({self._platform(outcome) for outcome in rows})
        phases = sorted({self.phases[outcome.phase] for outcome in rows if outcome.phase in self.phases})
        numbered = [
            *(f"with-platform-{number}" for number in platforms),
            *(f"with-phase-{number}" for number in phases),
        ]
        return " ".join(["several", *numbered])

    def controls(self) -> Html:
        """The boxes; none for what there is only one of."""
        groups = [
            _group("Severity", "show", [_box(f"show-{name}", name, checked="") for name in self.severities]),
            _group("Only platform", "pick-platform", _picks("platform", self.platforms)),
            _group("Only phase", "pick-phase", _picks("phase", self.phases)),
        ]
        shown = [group for group in groups if group]
        return el("div", *shown, class_="filters", role="group", aria_label="Filter") if shown else Html("")

    def style(self) -> str:
        """The rules for these boxes. Nothing is hidden on paper."""
        counts = {"platform": len(self.platforms), "phase": len(self.phases)}
        rules = [*_severities()]
        for kind, count in counts.items():
            rules += [*_only(kind, count), *_emptied(kind, count)]
        return "\n".join(["@media screen {", *[f"  {rule} {{ display: none; }}" for rule in rules], "}", ""])


def _group(legend: str, kind: str, boxes: Sequence[Html]) -> Html:
    """Severities are all ticked at first and can be left out; of platforms and phases those ticked are shown."""
    if len(boxes) < 2:
        return Html("")
    return el("fieldset", el("legend", legend), el("div", *boxes, class_="boxes"), class_=f"filter {kind}")


def _picks(kind: str, names: dict[str, int]) -> list[Html]:
    return [_box(f"pick_{kind}_{number}", name or "no phase") for name, number in names.items()]


def _box(id: str, name: str, checked: str | None = None) -> Html:
    return el("label", el("input", type="checkbox", checked=checked, id=id), name)


def _severities() -> Iterator[str]:
    """A finding goes with its severity, an outcome when all of its findings have gone."""
    for severity in SEVERITIES:
        yield f"main{_off(severity)} .sev-{severity}"
    for size in range(1, len(SEVERITIES) + 1):
        for some in combinations(SEVERITIES, size):
            yield f"main{''.join(map(_off, some))} .found .has-{'-'.join(some)}"


def _off(severity: str) -> str:
    return f":has(#show-{severity}:not(:checked))"


def _only(kind: str, count: int) -> Iterator[str]:
    """As soon as one is ticked, those that are not are hidden."""
    for number in _numbers(count):
        yield f"main:has(.pick-{kind} :checked):has(#pick_{kind}_{number}:not(:checked)) .of-{kind}-{number}"


def _emptied(kind: str, count: int) -> Iterator[str]:
    """A part of the page is hidden where it has nothing of what is ticked."""
    kept = [f"main:has(#pick_{kind}_{number}:checked) .with-{kind}-{number}" for number in _numbers(count)]
    if kept:
        yield f"main:has(.pick-{kind} :checked) .several:not({', '.join(kept)})"


def _numbers(count: int) -> range:
    return range(1, count + 1 if count > 1 else 1)
