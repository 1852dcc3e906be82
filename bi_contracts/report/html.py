"""The report as one HTML file that loads nothing, runs no script, and reads well on screen, phone and paper."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files

from .charts import patterns
from .markup import Html, document, el, prose
from .page.checks import checks
from .page.filters import Filter
from .page.findings import findings
from .page.measures import measures
from .page.overview import platforms, recommendations, tiles
from .page.parts import VERDICTS, badge, section
from .page.phases import phases
from .stream import Report
from .values import clean, duration, findings_text, moment, outcomes_text, warnings_of


def render(report: Report) -> str:
    """A whole document. Its policy allows the one style sheet inside, by hash, and nothing else."""
    shown = Filter(report)
    style = files(__package__).joinpath("style.css").read_text(encoding="utf-8") + shown.style()
    body = el("body", patterns(), _header(report), el("main", *_main(report, shown)), _footer(report))
    return document(f"{report.title}: {report.summary.headline}", style, body)


def _header(report: Report) -> Html:
    summary = report.summary
    tone, mark, words = VERDICTS[summary.verdict]
    if summary.headline != summary.verdict:
        tone, words = "warn", summary.headline.capitalize().replace("api", "API")
    verdict = el("p", el("span", mark, class_="mark", aria_hidden="true"), el("strong", words), class_="verdict")
    numbers = f"{findings_text(summary.total)} · {outcomes_text(summary.total)}"
    return el(
        "header",
        el("div", el("h1", report.title), verdict, el("p", numbers, class_="numbers"), class_="wrap"),
        class_=f"top {tone}",
    )


def _main(report: Report, shown: Filter) -> Iterator[Html]:
    yield from (_banner(sentence, report) for sentence in warnings_of(report))
    yield _facts(report)
    yield tiles(report.summary.total)
    yield recommendations(report)
    yield phases(report, shown)
    if report.outcomes:
        yield platforms(report)
        yield shown.controls()
        yield findings(report, shown)
        yield measures(report, shown)
        yield checks(report, shown)
        yield _rules(report)


def _banner(sentence: str, report: Report) -> Html:
    grave = report.interrupted or not report.ran
    mark = el("span", "!", class_="mark", aria_hidden="true")
    role, tone = ("alert", "banner bad") if grave else ("note", "banner")
    return el("p", mark, el("span", sentence), role=role, class_=tone)


def _facts(report: Report) -> Html:
    rows = [el("div", el("dt", name), el("dd", value)) for name, value in _fact_rows(report) if value]
    sources = report.summary.sources.items()
    if sources:
        badges = [badge(name, f" × {number}") for name, number in sources]
        rows.append(el("div", el("dt", "answers from"), el("dd", *badges, class_="badges"), class_="whole"))
    return el("section", el("dl", *rows, class_="facts"), aria_label="About this run") if rows else Html("")


def _fact_rows(report: Report) -> Iterator[tuple[str, str]]:
    if report.started:
        yield "started", moment(report.started.at)
    yield "took", duration(report.finished.elapsed if report.finished else None)
    if report.started:
        yield "verb", report.started.verb
        yield "version", report.started.tool_version
        yield from report.started.facts.items()


def _rules(report: Report) -> Html:
    explained = {
        finding.rule: finding.explanation
        for outcome in report.outcomes
        for finding in outcome.findings
        if finding.explanation
    }
    if not explained:
        return Html("")
    rows = [el("div", el("dt", el("code", rule)), el("dd", prose(explained[rule]))) for rule in sorted(explained)]
    return section("Rules", el("dl", *rows, class_="rules"))


def _footer(report: Report) -> Html:
    version = f" {clean(report.started.tool_version)}" if report.started and report.started.tool_version else ""
    return el("footer", el("p", f"Written by bi-contracts{version}. This file loads nothing from elsewhere."))
