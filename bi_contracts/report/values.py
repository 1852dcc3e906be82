"""Values and strings made safe to show: nothing that a terminal, an XML parser or a reader's eye could trip over."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any

from .events import NOT_LIVE, Finding, Outcome
from .stream import Report, Tally

DEEPEST = 40
"""Levels of nesting that are still shown."""

ABSENT = "—"

_BASELINE = "baseline_"
_WORD = re.compile(r"[\w./-]+")
_BREAK = re.compile(r"\r\n|\r|\n")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_CONTROL = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # C0, DEL, C1: terminal escapes, forbidden in XML
    "\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\u061c"  # invisible characters and changes of direction
    "\ud800-\udfff\ufffe\uffff]"  # no Unicode text
)


def plain(value: Any, depth: int = 0) -> Any:
    """The value as JSON can carry it: text without lone surrogates, no NaN, text for what has no JSON form."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return _SURROGATE.sub(_escape, value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Enum):
        return plain(value.value, depth)
    if depth >= DEEPEST:
        return "…"
    if isinstance(value, Mapping):
        return {plain(str(key)): plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item, depth + 1) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((plain(item, depth + 1) for item in value), key=_compact)
    return plain(str(value))


def clean(text: str, *, lines: bool = False) -> str:
    r"""The text on one line, with what cannot be seen spelt out (`\x1b`). With `lines`, line breaks stay."""
    if lines:
        return "\n".join(clean(line) for line in _BREAK.split(text))
    return _CONTROL.sub(_escape, text)


def shown(value: Any, limit: int = 160) -> str:
    """A before or after value in one line of at most `limit` characters; a dash for nothing."""
    if value is None:
        return ABSENT
    text = clean(value if isinstance(value, str) else _listed(value) or _compact(plain(value)))
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def share(finding: Finding, prefix: str = "") -> tuple[int, int] | None:
    """`seen` and `of` where the evidence has them as sane numbers."""
    seen, of = finding.evidence.get(f"{prefix}seen"), finding.evidence.get(f"{prefix}of")
    if type(seen) is int and type(of) is int and 0 <= seen <= of and of > 0:
        return seen, of
    return None


def shares(finding: Finding) -> list[tuple[str, int, int]]:
    """What was seen how often: before (in the baseline), then now (in the fresh samples)."""
    before, now = share(finding, _BASELINE), share(finding)
    return [(label, *counts) for label, counts in (("before", before), ("now", now)) if counts]


def told(finding: Finding) -> str:
    """The message, or else the sentence that the evidence has."""
    return finding.message or str(finding.evidence.get("sentence") or "")


def other_evidence(finding: Finding, limit: int = 160) -> str:
    """What the evidence holds beside the shares and what the sentence says; None is left out."""
    sentence = finding.evidence.get("sentence")
    known = {"sentence", "likely_renamed_to"} if sentence and told(finding) == sentence else set()
    for prefix in ("", _BASELINE):
        known |= {f"{prefix}seen", f"{prefix}of"} if share(finding, prefix) else set()
    rest = [(key, item) for key, item in finding.evidence.items() if key not in known and item is not None]
    return ", ".join(f"{clean(str(key)).replace('_', ' ')}: {shown(_rounded(item), limit)}" for key, item in rest)


def _rounded(value: Any) -> Any:
    """A number with as many digits as tell a reader something."""
    return float(f"{value:.6g}") if type(value) is float else value


def evidence_text(finding: Finding) -> str:
    """`before 38 of 38, now 0 of 40`, then whatever else the evidence holds."""
    parts = [f"{label} {seen} of {of}" for label, seen, of in shares(finding)]
    return ", ".join(filter(None, (*parts, other_evidence(finding))))


def seconds(elapsed: float | None) -> str:
    """Seconds with three decimals; zero where they are not known."""
    return f"{elapsed if elapsed is not None and math.isfinite(elapsed) else 0:.3f}"


def duration(seconds: float | None) -> str:
    """`350 ms`, `1.2 s`, `2 min 5 s`; empty where it is not known."""
    if seconds is None or not math.isfinite(seconds):
        return ""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{int(seconds // 60)} min {int(seconds % 60)} s"


def counted(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun: `1 page`, `3 pages`."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def findings_text(tally: Tally) -> str:
    """`2 breaking, 1 warning, 3 info`; `no findings` where there are none."""
    named = ((tally.breaking, "breaking"), (tally.warning, "warning"), (tally.info, "info"))
    parts = [counted(number, word, "warnings" if word == "warning" else word) for number, word in named if number]
    return ", ".join(parts) or "no findings"


def outcomes_text(tally: Tally) -> str:
    """`7 checks: 4 passed, 2 failed, 1 skipped`."""
    named = (
        (tally.passed, "passed"),
        (tally.failed, "failed"),
        (tally.errors, "error" if tally.errors == 1 else "errors"),
        (tally.skipped, "skipped"),
    )
    parts = ", ".join(f"{number} {word}" for number, word in named if number)
    return f"{counted(tally.outcomes, 'check')}{': ' if parts else ''}{parts}"


def source_text(source: str) -> str:
    """Who answered, and what that is worth."""
    return "live" if source == "live" else f"{clean(source)} ({NOT_LIVE})"


def outcome_facts(outcome: Outcome) -> str:
    """`20 samples, 1.2 s, sandbox (not evidence about the live API)`."""
    samples = counted(outcome.samples, "sample") if outcome.samples else ""
    source = source_text(outcome.provenance) if outcome.answered else ""
    return ", ".join(filter(None, (samples, duration(outcome.elapsed), source)))


def warnings_of(report: Report) -> list[str]:
    """What a reader must know before any number, one sentence each; empty when all is in order."""
    found = []
    if report.interrupted:
        found.append("The run did not finish: what is missing here was not checked.")
    if not report.ran:
        reason = "every check was skipped" if report.outcomes else "there was nothing to check"
        found.append(f"Nothing ran: {reason}. This is not a pass.")
    sources = [source for source in report.summary.sources if source != "live"]
    if sources:
        found.append(f"Answers from {', '.join(map(clean, sources))}: {NOT_LIVE}.")
    empty = [clean(name) for name, counts in report.summary.phases.items() if not counts.ran]
    if empty and report.ran:
        found.append(f"Nothing ran in {', '.join(empty)}.")
    return found


def moment(at: datetime) -> str:
    """ISO 8601 to the second, with the offset where it is known."""
    return at.isoformat(timespec="seconds")


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(", ", ": "))


def _listed(value: Any) -> str:
    """Type names and enum values without brackets and quotes, as long as that can be read in one way only."""
    simple = isinstance(value, list | tuple) and all(isinstance(item, str) and _WORD.fullmatch(item) for item in value)
    return ", ".join(value) if simple else ""


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    named = {9: r"\t", 10: r"\n", 13: r"\r"}
    return named.get(code) or (f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}")
