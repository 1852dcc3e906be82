"""Events for the tests: fixed samples, hostile strings, strategies, and a reader for each format."""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree as ET

from hypothesis import strategies as st

from bi_contracts.errors import ExitCode
from bi_contracts.report import (
    SEVERITIES,
    Chart,
    Event,
    Finding,
    Finished,
    Outcome,
    Recommendation,
    Series,
    Started,
    Status,
    Timed,
)

AT = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
STARTED = Started("Nightly drift", "drift", AT, "1.2.3", {"mode": "live"})
FINISHED = Finished(12.5)

HOSTILE = (
    "<script>alert(1)</script>",
    "]]>",
    "<![CDATA[x",
    "a|b\\|c\\",
    "``tick` ```",
    "line\nbreak\r\n# head",
    "\x1b[31mred\x1b[0m\x07\x00",
    "\ud800 half \udfff",
    "\ufffe\uffff",
    "\u202egnp.exe",
    '" onmouseover="x',
    "</td></table>&amp;&#60;",
    "</style><style>*{display:none}",
    "@everyone #1 https://example.com",
    "[bold red]rich[/] :smile:",
    "/a~1b/m~0n/*/é漢字",
)


def finding(severity: str = "breaking", path: str = "/body/id", rule: str = "property-removed", **more: Any) -> Finding:
    return Finding(rule, severity, path, **more)  # type: ignore[arg-type]


def outcome(status: Status = Status.PASSED, *findings: Finding, subject: str = "asana/tasks", **more: Any) -> Outcome:
    return Outcome(subject, "drift", status, tuple(findings), **{"source": "live", "samples": 3, **more})


def run(*outcomes: Outcome) -> list[Event]:
    return [STARTED, *outcomes, FINISHED]


words = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=12))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=5,
)
findings = st.builds(
    Finding,
    rule=words,
    severity=st.sampled_from(SEVERITIES),
    path=words,
    before=values,
    after=values,
    message=words,
    evidence=st.dictionaries(words | st.sampled_from(["seen", "of"]), values | st.integers(0, 9), max_size=3),
    explanation=words,
)
points = st.lists(st.tuples(st.floats(), st.floats()), max_size=5).map(tuple)
charts = st.builds(
    Chart,
    kind=st.sampled_from(["histogram", "timeline"]),
    title=words,
    x=words,
    y=words,
    series=st.lists(st.builds(Series, words, points), max_size=2).map(tuple),
    marks=st.dictionaries(words, st.floats(), max_size=3),
    edge=st.none() | st.floats(),
)
outcomes = st.builds(
    Outcome,
    subject=st.one_of(words, st.sampled_from(["asana/tasks", "slack/users", "notion/search"])),
    check=st.one_of(words, st.just("drift")),
    status=st.sampled_from(Status),
    findings=st.lists(findings, max_size=3).map(tuple),
    source=st.sampled_from(["live", "sandbox", "imported", "unknown", ""]),
    samples=st.integers(0, 1000),
    elapsed=st.none() | st.floats(0, 5000),
    note=words,
    artifact=words,
    exit_code=st.none() | st.sampled_from(ExitCode),
    phase=st.just("") | st.sampled_from(["connection", "load", "health"]) | words,
    figures=st.dictionaries(words | st.sampled_from(["p50_ms", "p95_ms", "p99_ms"]), st.floats(), max_size=3),
    charts=st.lists(charts, max_size=1).map(tuple),
)
starts = st.builds(Started, words, words, st.just(AT), words, st.dictionaries(words, words, max_size=2))
timings = st.builds(Timed, words | st.just("load"), st.floats(), st.floats())
recommendations = st.builds(
    Recommendation, words, st.lists(words, min_size=1, max_size=2).map(tuple), st.sampled_from(SEVERITIES), words
)
streams = st.tuples(
    st.lists(starts, max_size=1),
    st.lists(outcomes, max_size=4),
    st.lists(timings | recommendations, max_size=2),
    st.sampled_from([[], [FINISHED], [Finished()]]),
).map(lambda parts: [*parts[0], *parts[1], *parts[2], *parts[3]])


def json_findings(text: str) -> Counter[tuple[str, str]]:
    rows = json.loads(text)["outcomes"]
    return Counter((found["rule"], found["path"]) for row in rows for found in row["findings"])


def sarif_findings(text: str) -> Counter[tuple[str, str]]:
    results = json.loads(text)["runs"][0]["results"]
    return Counter(
        (row["ruleId"], row["locations"][0]["logicalLocations"][0]["name"])
        for row in results
        if not row["ruleId"].endswith("-failed")
    )


def junit_lines(text: str) -> Counter[str]:
    """The header line of every finding."""
    pattern = re.compile(rf"(?:{'|'.join(SEVERITIES)}) .*")
    texts = [node.text or "" for node in ET.fromstring(text).iter() if node.tag in ("failure", "error", "system-out")]
    return Counter(line for block in texts for line in block.split("\n") if pattern.fullmatch(line))


class Page(HTMLParser):
    """The elements of a page, and the text of those with class `path` and `rule` inside findings."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {"path": [], "rule": []}
        self.all_text: list[str] = []
        self._into: list[str | None] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.tags.append((tag, attributes))
        if tag in ("meta", "br", "input", "wbr"):
            return
        kind = attributes.get("class") if attributes.get("class") in self.texts else None
        self._into.append(kind)
        self.open.append(tag)
        if kind:
            self.texts[kind].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        self._into.pop()

    def handle_data(self, data: str) -> None:
        self.all_text.append(data)
        if self._into and self._into[-1]:
            self.texts[str(self._into[-1])][-1] += data


def html_findings(text: str) -> Counter[tuple[str, str]]:
    page = Page(text)
    return Counter(zip(page.texts["rule"], page.texts["path"], strict=True))


def markdown_cells(line: str) -> list[str]:
    """The cells of a table row, split as GitHub does: at every pipe that no backslash stands before."""
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def decoded(cell: str) -> str:
    """The text of a code cell."""
    if cell.startswith("<code>"):
        return html.unescape(cell.removeprefix("<code>").removesuffix("</code>")).replace("\u200b", "")
    return cell.removeprefix("`").removesuffix("`")


FINDINGS_HEAD = "| severity | rule | path | before | after | evidence | message |"


def markdown_findings(text: str) -> Counter[tuple[str, str]]:
    """The rows of the tables of findings: those of other tables may begin with the same marks."""
    tables = (block.split("\n") for block in text.split("\n\n") if block.startswith(FINDINGS_HEAD))
    rows = [markdown_cells(line) for table in tables for line in table[2:] if line]
    assert all(len(row) == 7 for row in rows)
    return Counter((decoded(row[1]).strip(), decoded(row[2]).strip()) for row in rows)
