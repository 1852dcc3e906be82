"""A long run: phases, figures, charts and recommendations in every format."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings

from bi_contracts.report import (
    FORMATS,
    Chart,
    Event,
    Finished,
    Outcome,
    Recommendation,
    Report,
    Series,
    Started,
    Status,
    Timed,
    Verdict,
    render,
    summary,
)
from bi_contracts.report.page.filters import Filter
from bi_contracts.report.page.measures import MOST_DRAWN

from .long_run import PHASES, PLATFORMS, long_run, wide_run
from .streams import AT, HOSTILE, Page, finding, outcome, run, streams

EVENTS = long_run()


def html(*events: Event) -> Page:
    return Page(render(events or EVENTS, "html"))


def rows(page: Page, kind: str) -> int:
    return sum(kind in (tag.get("class") or "").split() for _, tag in page.tags)


def test_the_summary_counts_by_phase() -> None:
    """Phases stand in the order in which they ran, with the counts of their outcomes."""
    got = summary(EVENTS).phases
    assert tuple(got) == PHASES
    assert (got["connection"].passed, got["connection"].failed, got["connection"].errors) == (37, 2, 1)
    assert [tally.verdict for tally in got.values()][3:] == [Verdict.PASSED, Verdict.FAILED, Verdict.NOTHING_RAN]


@settings(max_examples=30, deadline=None)
@given(streams)
def test_phases_count_every_outcome_that_has_one(events: list[Event]) -> None:
    """The phases' outcomes are those of the run that have a phase; a phase has passed only if something ran in it."""
    report = Report.of(events)
    tallies = report.summary.phases
    assert sum(tally.outcomes for tally in tallies.values()) == sum(bool(row.phase) for row in report.outcomes)
    for tally in tallies.values():
        passing = tally.verdict in (Verdict.PASSED, Verdict.WARNINGS)
        assert not passing or (tally.passed == tally.ran > 0)
        assert tally.ran or tally.verdict in (Verdict.NOTHING_RAN, Verdict.FAILED)


def test_a_phase_in_which_nothing_ran_has_not_passed() -> None:
    """Skipped checks alone, or none at all, are "nothing ran" in every format."""
    events = [*run(outcome(phase="connection"), outcome(Status.SKIPPED, phase="load"))[:-1], Timed("health", 1.0, 0.5)]
    events.append(Finished(2.0))
    assert [tally.verdict for tally in summary(events).phases.values()].count(Verdict.NOTHING_RAN) == 2
    for name in ("text", "markdown", "html", "junit", "json"):
        assert render(events, name).count("nothing ran") >= 2, name


@pytest.mark.parametrize("name", ["text", "markdown", "html", "sarif"])
def test_phases_in_which_nothing_ran_are_told_before_any_number(name: str) -> None:
    """A pass with an empty phase has a sentence about it; a run that is empty altogether has the other one."""
    rows = (outcome(phase="load"), outcome(Status.SKIPPED, phase="health"), outcome(Status.SKIPPED, phase="workflow"))
    assert "Nothing ran in health, workflow." in render(run(*rows), name)
    assert "Nothing ran in " not in render(run(*rows[1:]), name)


def test_phases_are_placed_in_time() -> None:
    """Measured times are taken; without them the checks' own times are laid end to end and the page says so."""
    spans = Report.of(EVENTS).spans
    assert spans["data flow"].start == pytest.approx(1.35)
    assert spans["data flow"].measured
    guessed = [event for event in EVENTS if not isinstance(event, Timed)]
    first, second = list(Report.of(guessed).spans.values())[:2]
    assert (first.start, second.start, second.measured) == (0.0, first.elapsed, False)
    assert "was not recorded" in render(guessed, "html")
    assert "was not recorded" not in render(EVENTS, "html")


def test_times_that_are_none_do_no_harm() -> None:
    """Negative, endless and missing times are nothing."""
    events: list[Event] = [Timed("a", -1.0, float("inf")), Timed("b", float("nan"), 1.0), Finished(float("nan"))]
    assert [(span.start, span.elapsed) for span in Report.of(events).spans.values()] == [(0.0, 0.0), (0.0, 1.0)]


def test_json_has_phases_figures_and_charts() -> None:
    """What was added is there under names of its own, and the schema is the one that was."""
    got = json.loads(render(EVENTS, "json"))
    assert (got["schema"], got["revision"]) == ("bi-contracts/report/1", 1)
    assert list(got["phases"]) == list(PHASES)
    assert got["phases"]["health"]["verdict"] == "nothing ran"
    assert got["phases"]["load"]["elapsed"] == 4.8
    assert [one["severity"] for one in got["recommendations"]] == ["breaking", "info"]
    load = next(row for row in got["outcomes"] if row["phase"] == "load")
    assert load["figures"]["requests"] == 100
    assert load["charts"][0]["kind"] == "histogram"
    assert set(load["charts"][0]) == {"kind", "title", "x", "y", "series", "marks", "edge"}


def test_junit_has_a_suite_for_each_phase() -> None:
    """Figures are properties of the suite, where readers look for them."""
    root = ET.fromstring(render(EVENTS, "junit"))
    assert [suite.get("name") for suite in root] == list(PHASES)
    load = root.find("testsuite[@name='load']")
    assert load is not None
    properties = {each.get("name"): each.get("value") for each in load.iter("property")}
    assert properties["gateway/health_check_baseline load requests"] == "100"
    assert root.findtext("testsuite[@name='health']/system-out") == "nothing ran"


def test_junit_keeps_what_has_no_phase() -> None:
    """Beside the phases there is a suite for each platform of the rest."""
    root = ET.fromstring(render(run(outcome(phase="load"), outcome(subject="slack/x"), outcome()), "junit"))
    assert [suite.get("name") for suite in root] == ["load", "asana", "slack"]


def test_markdown_has_phases_figures_and_advice() -> None:
    """Three tables more, the figures with a histogram in blocks."""
    text = render(EVENTS, "markdown")
    assert "| health | ⏭️ nothing ran | 0 | 0 | 0 | 9 | 300 ms |" in text
    assert "| resilience | ✅ passed | 9 | 0 | 0 | 0 | 1.4 s |" in text
    assert re.search(
        r"\| `gateway/health_check_baseline` \| load \| passed \| requests 100, .*p95 6.46 ms.* \| [▁-█\s]+ \|", text
    )
    assert "Connection reliability issues detected for Linear integration" in text


def test_text_shows_phases_and_figures_in_80_columns() -> None:
    """A line a phase, findings below their phase, figures in words, and what was skipped for one reason in one line."""
    lines = render(EVENTS, "text", width=80).split("\n")
    assert max(map(len, lines)) <= 80
    assert "health           0       0       0        9  300 ms  nothing ran" in lines
    order = [line.strip("─ ") for line in lines if line.startswith("──")]
    assert order == ["connection", "data flow", "workflow", "load", "what to do"]
    assert any("p50 2.79 ms" in line for line in lines)
    assert sum(line.startswith("skipped: ") for line in lines) == 2
    assert any("linear/timeout timeout: failed, refused" in line for line in lines)


def test_figures_are_broken_between_and_never_within() -> None:
    """No figure is torn from its name by the end of a line."""
    figures = {f"a_long_name_{number}_ms": float(number) for number in range(12)}
    text = render(run(outcome(figures=figures)), "text", width=60)
    assert all(f"a long name {number} {number} ms" in text for number in range(12))


def test_checks_that_measured_the_same_stand_together() -> None:
    """Nine breakers with the same figures are told once; in a long run, not at all where they are well."""
    rows = [event for event in EVENTS if isinstance(event, Outcome) and event.phase == "resilience"]
    text = render([replace(row, phase="") for row in rows], "text", width=400)
    assert text.count("admitted 5, of 100, call 1.4 µs") == 1
    assert "asana/breaker, gong/breaker" in text
    assert "admitted 5" not in render(EVENTS, "text", width=400)
    assert "admitted 5" in render([replace(row, status=Status.FAILED) for row in rows], "text")


def test_the_page_groups_by_phase() -> None:
    """An overview with a row for each phase, and each phase's checks in a part of their own, to which it links."""
    page = html()
    assert [tag.get("id") for name, tag in page.tags if name == "details" and tag.get("id")] == [
        f"phase_{number}" for number in range(1, 7)
    ]
    assert {"#phase_1", "#phase_6"} <= {tag.get("href") for _, tag in page.tags}
    assert {"phases", "matrix", "spreads"} <= {tag.get("class") for name, tag in page.tags if name == "table"}
    assert page.all_text.count("nothing ran") == 1


def test_outcomes_without_a_phase_have_a_group_too() -> None:
    """Nothing is left out of the list of checks for want of a phase."""
    page = html(*run(outcome(phase="load"), outcome(subject="slack/x")))
    assert "no phase" in page.all_text
    assert [tag["id"] for name, tag in page.tags if name == "input"] == [
        "pick_platform_1", "pick_platform_2", "pick_phase_1", "pick_phase_2",
    ]  # fmt: skip


def test_a_run_without_phases_has_none() -> None:
    """What a short run prints has nothing of all this."""
    page = html(*run(outcome(), outcome(subject="slack/x")))
    assert not {"phases", "matrix"} & {tag.get("class") for _, tag in page.tags}
    assert "phase" not in render(run(outcome()), "text")


def test_charts_are_pictures_with_a_name() -> None:
    """Two for each benchmark, each labelled; every other SVG stands beside its numbers and is hidden."""
    page = html()
    svgs = [tag for name, tag in page.tags if name == "svg" and tag.get("viewbox") is None]
    pictures = [tag for tag in svgs if tag.get("role") == "img"]
    assert len(pictures) == 18
    ids = {tag["id"] for _, tag in page.tags if "id" in tag}
    assert all(set((tag["aria-labelledby"] or "").split()) <= ids for tag in pictures)
    assert all(tag.get("aria-hidden") == "true" for tag in svgs if tag not in pictures)


def test_links_of_a_long_run_lead_somewhere() -> None:
    """Ids are unique, every link and every label has its target."""
    for events in (EVENTS, wide_run(200)):
        tags = [tag for _, tag in html(*events).tags]
        ids = [tag["id"] for tag in tags if "id" in tag]
        assert len(ids) == len(set(ids))
        assert {str(tag["href"]).removeprefix("#") for tag in tags if "href" in tag} <= set(ids)


def test_no_subject_can_take_an_id_of_ours() -> None:
    """What an endpoint is called cannot make a link lead elsewhere."""
    names = ("phase", "measured", "pick platform", "show breaking", "phase_1", "measured_1/title")
    rows = [replace(outcome(Status.FAILED, finding(), subject=name, phase="load"), check="") for name in names]
    chart = next(event for event in EVENTS if isinstance(event, Outcome) and event.charts)
    ids = [
        tag["id"] for _, tag in html(*run(*rows, chart, outcome(Status.FAILED, finding("warning")))).tags if "id" in tag
    ]
    assert len(ids) == len(set(ids))


def test_a_group_without_what_is_ticked_is_hidden() -> None:
    """A phase's heading does not stand alone: the group knows whose checks it has."""
    events = run(outcome(phase="load"), outcome(subject="slack/x", phase="load"), outcome(phase="health"))
    groups = [tag["class"] for name, tag in html(*events).tags if name == "details"]
    assert groups == [
        "group several with-platform-1 with-platform-2 with-phase-1",
        "group several with-platform-1 with-phase-2",
    ]
    assert "main:has(.pick-platform :checked) .several:not(main:has(#pick_platform_1:checked)" in filter_rules(
        render(events, "html")
    )


def test_recommendations_stand_with_their_evidence() -> None:
    """Each with its severity; much evidence is folded away."""
    many = Recommendation("Do something", tuple(f"gong/{number} check: failed" for number in range(9)))
    page = html(*run(outcome())[:-1], many, Finished(1.0))
    text = "".join(page.all_text)
    assert "Do something" in text
    assert "gong/8 check: failed" in text
    folded = [tag for name, tag in page.tags if name == "details"]
    assert [tag.get("open") for tag in folded] == [None]


def filter_rules(text: str) -> str:
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert style is not None
    return style[1][style[1].index("main:has(#show-breaking") :]


@pytest.mark.parametrize("name", [*HOSTILE, "x{}*{display:none}", '"]:has(*)', "\\", "a b c"])
def test_names_of_platforms_never_reach_the_style_sheet(name: str) -> None:
    """Platforms and phases come from users' files: the rules are the same whatever they are called."""

    def rules(word: str) -> str:
        first = outcome(Status.FAILED, finding(), subject=f"{word.replace('/', '')}/x", phase=word)
        return filter_rules(render(run(first, outcome(subject="other/x", phase="other")), "html"))

    assert rules(name) == rules("zebra") == rules("another name")


def test_platforms_from_toml_can_be_filtered() -> None:
    """Thirty platforms, with names as TOML allows them, have a box and a rule each."""
    names = tomllib.loads("\n".join(f'"plat.form {number} <&>" = 1' for number in range(30)))
    events = run(*[outcome(subject=f"{name}/x") for name in names])
    page, rules = html(*events), filter_rules(render(events, "html"))
    boxes = [str(tag["id"]) for name, tag in page.tags if name == "input"]
    assert boxes == [f"pick_platform_{number}" for number in range(1, 31)]
    for box in boxes:
        number = box.rpartition("_")[2]
        assert f"main:has(.pick-platform :checked):has(#{box}:not(:checked)) .of-platform-{number} {{" in rules
        assert rows(page, f"of-platform-{number}") >= 1


def test_a_check_knows_what_it_is_hidden_by() -> None:
    """Its platform, its phase, and the severities that it found, which go when all of them are left out."""
    found = outcome(Status.FAILED, finding("warning"), finding(), phase="load")
    shown = Filter(Report.of(run(found, outcome(subject="slack/x", phase="health"))))
    assert shown.classes(found) == "of-platform-1 of-phase-1 has-breaking-warning"
    hides = "main:has(#show-breaking:not(:checked)):has(#show-warning:not(:checked)) .found .has-breaking-warning {"
    assert hides in shown.style()
    assert Filter(Report.of(run(outcome()))).style().count("of-platform") == 0


def test_what_is_above_the_filter_is_not_hidden_by_it() -> None:
    """The boxes do not move away under the pointer."""
    before = render(EVENTS, "html").partition('class="filters"')[0].partition("<body>")[2]
    assert not re.search(r'class="[^"]*\b(of-platform|of-phase|has|sev)-', before)


def test_a_thousand_outcomes_make_a_page_of_bounded_size() -> None:
    """30 platforms, figures everywhere: less than 1.2 kB an outcome."""
    text = render(wide_run(1000), "html")
    assert len(text) < 1_200_000
    assert rows(Page(text), "pairs") == 1000


def test_charts_of_many_outcomes_are_bounded_and_the_rest_is_told() -> None:
    """So many are drawn; of the others there are the figures, and a sentence."""
    load = next(event for event in EVENTS if isinstance(event, Outcome) and event.charts)
    page = html(Started("t", "run", AT), *[load] * (MOST_DRAWN + 5), Finished(1.0))
    assert rows(page, "card") == MOST_DRAWN
    assert any("charts of 5 more checks are not drawn" in text for text in page.all_text)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_tells_a_long_run(name: str) -> None:
    """All nine platforms and the one breach are in all of them."""
    text = render(EVENTS, name)
    assert all(platform in text for platform in PLATFORMS)
    assert "sla-breached" in text


def test_the_style_is_still_the_one_with_the_hash() -> None:
    """The generated rules are in the hashed sheet, and nothing else is allowed."""
    from base64 import b64encode
    from hashlib import sha256

    text = render(EVENTS, "html")
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert style is not None
    digest = b64encode(sha256(style[1].encode()).digest()).decode()
    assert f"style-src &#x27;sha256-{digest}&#x27;;" in text
    assert "://" not in text
    assert not re.search(r"<(script|link|img|iframe)\b| style=| on\w+=", text)


def test_much_evidence_is_cut_in_text() -> None:
    """A terminal shows three lines of it and how many there are; the other formats have all."""
    many = Recommendation("Do something", tuple(f"gong/{number} check: failed" for number in range(9)))
    events: list[Event] = [*run(outcome())[:-1], many, Finished(1.0)]
    assert "    and 6 more\n" in render(events, "text")
    assert "gong/8 check" not in render(events, "text")
    assert "gong/8 check" in render(events, "markdown")


def test_checks_skipped_for_one_reason_are_one_line() -> None:
    """The reason is told once, with all that it kept from running."""
    skipped = [
        outcome(Status.SKIPPED, subject=f"{name}/me", source="", samples=0, note="no key", phase="connection")
        for name in ("gong", "slack")
    ]
    asked = outcome(Status.SKIPPED, subject="asana/me", source="sandbox", note="", phase="connection")
    lines = render([*skipped, *[replace(row, check="network") for row in skipped], asked], "text").split("\n")
    assert "skipped: gong/me, slack/me (drift, network): no key" in lines
    assert "skipped: asana/me (drift) · sandbox (not evidence about the live API)" in lines


def test_charts_without_bounds_make_a_page_with_bounds() -> None:
    """Hundreds of benchmarks with two thousand points each are a page that a browser opens."""
    points = tuple((float(at), float(at % 97)) for at in range(2_000))
    drawn = (
        Chart("histogram", "h", "x in ms", "requests", (Series("s", points),)),
        Chart("timeline", "t", "seconds", "ms", (Series("s", points),)),
    )
    rows = [outcome(subject=f"gateway/b{number}", phase="load", charts=drawn) for number in range(300)]
    assert len(render(run(*rows), "html")) < 2_000_000


def test_every_kind_of_pick_hides_what_it_empties() -> None:
    """A rule for platforms and one for phases, each naming all of them."""
    rules = filter_rules(render(EVENTS, "html"))
    for kind, count in (("platform", 10), ("phase", 6)):
        (rule,) = re.findall(rf"main:has\(\.pick-{kind} :checked\) \.several:not\((.*)\) \{{", rules)
        assert rule.count(f".with-{kind}-") == count
