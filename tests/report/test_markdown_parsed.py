"""The Markdown as a CommonMark parser with tables reads it."""

from __future__ import annotations

import re

from hypothesis import given, settings
from markdown_it import MarkdownIt
from markdown_it.token import Token

from bi_contracts.report import Event, Report, Status, render

from .streams import streams

ALLOWED = re.compile(r"</?(details( open)?|summary|b|code|br)>|<br>|[^<]+")


def parse(text: str) -> list[Token]:
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)


@settings(max_examples=60, deadline=None)
@given(streams)
def test_the_structure_does_not_depend_on_the_strings(events: list[Event]) -> None:
    """One heading, one row for each thing that is told (a finding, a phase, a platform, ...), and only our own tags."""
    report = Report.of(events)
    tokens = parse(render(events, "markdown"))
    kinds = [token.type for token in tokens]
    plain = [row for row in report.outcomes if not row.findings and row.verdict in (Status.PASSED, Status.SKIPPED)]
    sections = [row for row in report.outcomes if row.findings]
    figured = [row for row in report.outcomes if row.figures]
    tables = len(sections) + bool(plain) + bool(report.summary.platforms)
    tables += bool(figured) + bool(report.phases) + bool(report.recommendations)
    rows = len(plain) + len(report.summary.platforms) + len(figured) + len(report.phases) + len(report.recommendations)
    findings = sum(len(row.findings) for row in sections)
    assert kinds.count("heading_open") == 1
    assert kinds.count("table_open") == tables
    assert kinds.count("tr_open") == tables + findings + rows
    assert not {"fence", "code_block", "bullet_list_open", "ordered_list_open", "hr"} & set(kinds)
    inline = [child for token in tokens for child in token.children or ()]
    assert not {"link_open", "image", "em_open", "s_open"} & {child.type for child in inline}
    markup = [token.content for token in [*tokens, *inline] if token.type in ("html_block", "html_inline")]
    assert [text for text in markup if ALLOWED.sub("", text)] == []
