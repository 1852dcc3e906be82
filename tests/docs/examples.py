"""Fenced examples in Markdown: found, run, and compared with what the page shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FENCE = re.compile(r"^```(\w*)(?: title=(\S+))?[^\n]*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
VARYING = (
    (re.compile(r"\d+(\.\d+)? (ms|s)\b"), "0 s"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\+00:00|Z)?"), "TIME"),
    (re.compile(r"[ \t]+"), " "),
)
"""What differs from run to run: durations, moments, and the padding around them."""


@dataclass(frozen=True)
class Example:
    """One fenced block: its language, its file name where it has one, its text, and the line it starts on."""

    page: Path
    line: int
    language: str
    title: str
    text: str

    def commands(self) -> Iterator[tuple[str, str]]:
        """The `$ ` lines of a console block, each with the output that the page shows below it."""
        for part in re.split(r"^\$ ", self.text, flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition("\n")
            while command.endswith("\\"):
                following, _, shown = shown.partition("\n")
                command = f"{command[:-1]} {following.strip()}"
            yield command, shown


def examples(page: Path) -> list[Example]:
    """Every fenced block of a page, in order."""
    text = page.read_text(encoding="utf-8")
    return [
        Example(page, text[: found.start()].count("\n") + 1, found[1], found[2] or "", found[3])
        for found in FENCE.finditer(text)
    ]


def agrees(shown: str, printed: str) -> bool:
    """Whether the page shows what was printed; a line `...` stands for any lines."""
    wanted = [re.escape(_steady(line)) for line in shown.strip().splitlines()]
    pattern = "\n".join(".*" if line == re.escape("...") else line for line in wanted)
    return re.fullmatch(pattern, "\n".join(map(_steady, printed.strip().splitlines())), re.DOTALL) is not None


def _steady(line: str) -> str:
    for pattern, word in VARYING:
        line = pattern.sub(word, line)
    return line.strip()
