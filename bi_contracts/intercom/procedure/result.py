"""What a command of the procedure found out: rows below headings, what to do next, and how that ends the process."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...errors import ExitCode
from ...report.figures import plain_number
from ...report.values import clean
from .line import Mark
from .targets import Target
from .tree import UNICODE, WIDTH, Style


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that was found.

    Attributes:
        name: What it is.
        value: A number, or words.
        unit: Of the number, as it is printed behind it.
        mark: How it came out; plain where there is nothing to judge, skipped where it was not looked at.
        target: What it should be, in words.
        note: What more there is to say.
        key: Its name in JSON and in baselines; "" for what is no figure.
    """

    name: str
    value: float | str
    unit: str = ""
    mark: Mark = Mark.PLAIN
    target: str = ""
    note: str = ""
    key: str = ""

    @classmethod
    def held(cls, target: Target, name: str, value: float, unit: str, *, note: str = "", key: str = "") -> Row:
        """A figure that is held against a target; skipped where nothing was measured."""
        if not math.isfinite(value):
            return cls(name, "not measured", mark=Mark.SKIPPED, target=target.stated or target.said, note=note)
        stated = target.stated or target.said.partition(": ")[2]
        return cls(name, value, unit, target.judge(value), stated, note, key or target.key)

    @property
    def said(self) -> str:
        """The value with its unit, what was wanted, and the note."""
        known = self.value if isinstance(self.value, str) else _number(self.value)
        unit = f"{'' if self.unit in ('%', '') or self.unit.startswith('/') else ' '}{self.unit}"
        wanted = f" (target: {self.target})" if self.target else ""
        return f"{known}{unit}{wanted}{f'; {self.note}' if self.note else ''}"

    def as_dict(self) -> dict[str, Any]:
        """As plain data; what is empty is left out."""
        known = {"name": self.name, "value": _plain(self.value), "mark": self.mark.value}
        more = {"unit": self.unit, "target": self.target, "note": self.note, "key": self.key}
        return known | {name: value for name, value in more.items() if value}


@dataclass(frozen=True, slots=True)
class Section:
    """Rows below a heading."""

    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """What a command found out.

    Attributes:
        command: Its name, `performance`.
        title: For people.
        source: Who answered: `live`, `sandbox`, `replay`, `mock`; "" where nobody was asked.
        sections: What was found.
        advice: What to do next, the most useful thing first.
        data: More for JSON.
        missed: What a failure ends the process with: 6 where it is a target that was missed.
    """

    command: str
    title: str
    source: str
    sections: tuple[Section, ...]
    advice: tuple[str, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    missed: ExitCode = ExitCode.FINDINGS

    @property
    def rows(self) -> Iterator[Row]:
        """All rows."""
        return (row for section in self.sections for row in section.rows)

    @property
    def mark(self) -> Mark:
        """The worst of the rows; skipped where nothing of it ran."""
        found = {row.mark for row in self.rows}
        for mark in (Mark.BAD, Mark.WARNING, Mark.GOOD):
            if mark in found:
                return mark
        return Mark.SKIPPED if Mark.SKIPPED in found else Mark.GOOD

    @property
    def exit_code(self) -> ExitCode:
        """0 also with warnings: those are for people to judge."""
        return {Mark.BAD: self.missed, Mark.SKIPPED: ExitCode.NOTHING_RAN}.get(self.mark, ExitCode.GOOD)

    @property
    def figures(self) -> dict[str, float]:
        """The figures that have a key."""
        known = ((row.key, row.value) for row in self.rows if row.key)
        return {key: float(value) for key, value in known if not isinstance(value, str) and math.isfinite(value)}

    def text(self, style: Style = UNICODE) -> str:
        """For people, as a tree."""
        source = f" (source: {self.source})" if self.source else ""
        parts = [f"{style.title}{self.title}{source}", "=" * WIDTH]
        for section in self.sections:
            parts += ["", f"{section.title}:", *_tree(section.rows, style)]
        if self.advice:
            parts += ["", "Next:", *(f"{number}. {each}" for number, each in enumerate(self.advice, 1))]
        lines = [*parts, "", "=" * WIDTH, f"Result: {style.mark(self.mark)}{_WORDS[self.mark]}"]
        return "".join(f"{clean(line, lines=True).rstrip()}\n" for line in lines)

    def as_dict(self) -> dict[str, Any]:
        """For programs."""
        sections = [{"title": one.title, "rows": [row.as_dict() for row in one.rows]} for one in self.sections]
        known = {"command": self.command, "source": self.source, "outcome": _OUTCOMES[self.mark], "sections": sections}
        return known | {"figures": self.figures, "advice": list(self.advice), **self.data}

    def json(self) -> str:
        """As JSON text. Numbers that are none are null."""
        return json.dumps(self.as_dict(), indent=2, ensure_ascii=False, default=str) + "\n"


_WORDS = {
    Mark.BAD: "FAILED",
    Mark.WARNING: "PASSED, with warnings",
    Mark.GOOD: "PASSED",
    Mark.SKIPPED: "NOTHING RAN",
}
_OUTCOMES = {Mark.BAD: "failed", Mark.WARNING: "warnings", Mark.GOOD: "passed", Mark.SKIPPED: "nothing ran"}


def _tree(rows: tuple[Row, ...], style: Style) -> Iterator[str]:
    for number, row in enumerate(rows, 1):
        branch = style.last if number == len(rows) else style.branch
        mark = "skipped: " if row.mark is Mark.SKIPPED else style.mark(row.mark)
        yield f"{branch}{row.name}: {mark}{row.said}"


def _number(value: float) -> str:
    return plain_number(value) if math.isfinite(value) else "not measured"


def _plain(value: float | str) -> float | str | None:
    return value if isinstance(value, str) or math.isfinite(value) else None
