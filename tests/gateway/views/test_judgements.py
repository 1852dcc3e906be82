"""Scores, analyses and suggestions, by rows made for their rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bi_contracts.gateway.models import Lead
from bi_contracts.gateway.section import Section
from bi_contracts.gateway.views import analysis, calls, leads, message, optimisation, people, work

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


def sections(**given: Any) -> dict[str, Section]:
    """Rows by `platform__endpoint`."""
    return {
        (id := name.replace("__", "/", 1)): Section(id, "live", tuple(rows), at=NOW.timestamp(), complete=True)
        for name, rows in given.items()
    }


def ago(**how_long: float) -> str:
    return (NOW - timedelta(**how_long)).isoformat()


def hubspot(id: str, **properties: Any) -> dict[str, Any]:
    return {"id": id, "updatedAt": ago(days=90), "properties": {"lifecyclestage": "lead", **properties}}


def scored(**given: Any) -> list[Lead]:
    return leads.all_leads(sections(**given))


def test_a_score_is_the_sum_of_its_reasons_and_at_most_100() -> None:
    """The last reason gives what is left."""
    mail = "eve@customer.example"
    best = hubspot(
        "1",
        email=mail,
        phone="1",
        company="C",
        jobtitle="Head of Sales",
        lifecyclestage="opportunity",
        hs_lead_status="OPEN",
    )
    best["updatedAt"] = ago(days=1)
    spoken = [
        {
            "metaData": {"id": str(n), "started": ago(days=n)},
            "parties": [{"emailAddress": mail, "affiliation": "External"}],
        }
        for n in (1, 2)
    ]
    rated = {"Id": "9", "Email": mail.upper(), "Rating": "Hot"}
    (one,) = scored(hubspot__contacts=[best], gong__calls_extensive=spoken, salesforce__leads=[rated])
    assert (one.score, one.grade) == (100, "A")
    assert sum(reason.points for reason in one.reasons) == 100
    assert one.evidence == ["hubspot/contacts/1", "salesforce/leads/9", "gong/calls/1", "gong/calls/2"]


def test_who_bought_is_no_lead() -> None:
    """In HubSpot or, by the e-mail address, in Salesforce; nor is a lead that was converted."""
    customer = hubspot("1", email="a@b.example", lifecyclestage="customer")
    same = {"Id": "2", "Email": "A@B.example"}
    converted = {"Id": "3", "Email": "c@d.example", "IsConverted": True}
    assert scored(hubspot__contacts=[customer], salesforce__leads=[same, converted]) == []


def test_who_has_no_address_is_a_lead_of_their_own() -> None:
    """Nobody is put together with somebody else for want of an address."""
    assert [one.id for one in scored(hubspot__contacts=[hubspot("1"), hubspot("2")])] == [
        "hubspot/contacts/1",
        "hubspot/contacts/2",
    ]


@pytest.mark.parametrize(("score", "grade"), [(75, "A"), (74, "B"), (50, "B"), (49, "C"), (25, "C"), (24, "D")])
def test_grades_begin_where_they_say(score: int, grade: str) -> None:
    """A from 75, B from 50, C from 25."""
    assert leads.grade(score) == grade


@pytest.mark.parametrize(("title", "points"), [("Overhead crane operator", 0), ("VP, Sales", 15), ("Head of IT", 15)])
def test_a_senior_title_is_a_word_and_not_a_part_of_one(title: str, points: int) -> None:
    """`overhead` is no head."""
    (one,) = scored(hubspot__contacts=[hubspot("1", jobtitle=title)])
    assert one.score == points


def transcript(*sentences: tuple[str, str, float]) -> dict[str, Any]:
    """Sentences as (speaker, words, seconds), one after the other."""
    parts, at = [], 0.0
    for speaker, words, seconds in sentences:
        start, at = at, at + seconds * 1000
        parts.append(
            {"speakerId": speaker, "topic": "Price", "sentences": [{"start": start, "end": at, "text": words}]}
        )
    return {"callId": "1", "transcript": parts}


def call(**more: Any) -> dict[str, Any]:
    parties = [
        {"id": "p1", "speakerId": "s1", "affiliation": "Internal"},
        {"id": "p2", "speakerId": "s2", "affiliation": "External"},
    ]
    return {"metaData": {"id": "1", "started": ago(days=1), "duration": 60}, "parties": parties, **more}


def analysed(row: dict[str, Any], *transcripts: dict[str, Any]) -> Any:
    found = sections(gong__calls_extensive=[row], gong__transcripts=transcripts)
    return analysis.analysis(found, "1")


SAID = transcript(("s1", "I will send you the figures.", 3), ("s2", "What does it cost?", 1))


def test_what_the_platform_measured_goes_before_the_transcript() -> None:
    """And the method says so."""
    speakers = [{"id": "p1", "talkTime": 20}, {"id": "p2", "talkTime": 60}]
    questions = {"companyCount": 4, "nonCompanyCount": 3}
    row = call(
        interaction={"speakers": speakers, "questions": questions},
        content={"topics": [{"name": "Terms", "duration": 5}, {"name": "Terms", "duration": 6}]},
    )
    told = analysed(row, SAID)
    assert (told.talk_ratio, told.questions_asked) == (0.25, 7)
    assert [(one.name, one.seconds) for one in told.topics] == [("Terms", 11.0)]
    assert {told.methods[name] for name in ("speakers", "talk_ratio", "topics", "questions_asked")} == {
        analysis.PLATFORM
    }


def test_without_measures_the_transcript_tells() -> None:
    """Lengths of sentences, question marks, phrases."""
    told = analysed(call(), SAID)
    assert (told.talk_ratio, told.questions_asked) == (0.75, 1)
    assert [one.text for one in told.questions] == ["What does it cost?"]
    assert [(one.text, one.speaker_id) for one in told.next_steps] == [("I will send you the figures.", "s1")]
    assert [(one.name, one.seconds) for one in told.topics] == [("Price", None)]
    assert told.methods["talk_ratio"] == analysis.SENTENCES


def test_without_a_transcript_nothing_is_made_up() -> None:
    """What is not known is null, and the method is `nothing`."""
    told = analysed(call())
    assert (told.talk_ratio, told.questions_asked, told.speakers, told.topics) == (None, None, [], [])
    assert set(told.methods.values()) == {analysis.NOTHING}


def test_a_ratio_that_the_platform_states_is_taken_where_sides_are_not_known() -> None:
    """Whose side a speaker is on decides otherwise."""
    row = call(parties=[], interaction={"interactionStats": [{"name": "Talk Ratio", "value": 0.4}]})
    assert analysed(row, SAID).talk_ratio == 0.4


def test_a_speaker_without_a_name_is_nobodys_share() -> None:
    """Sentences without a speaker count for none."""
    nameless = {"callId": "1", "transcript": [{"sentences": [{"start": 0, "end": 1000, "text": "Hm."}]}]}
    assert analysed(call(), nameless).speakers == []


def test_speakers_who_said_nothing_have_no_share() -> None:
    """Nothing is divided by nothing."""
    told = analysed(call(interaction={"speakers": [{"id": "p1", "talkTime": 0}]}))
    assert (told.speakers[0].share, told.talk_ratio) == (0.0, None)


def task(id: str, **fields: Any) -> dict[str, Any]:
    usual = {"due_on": "2026-04-01", "assignee": {"gid": "a"}, "modified_at": ago(days=1)}
    return {"gid": id, "name": id, "projects": [{"gid": "p"}], **usual, **fields}


def suggested(*tasks: dict[str, Any]) -> dict[str, Any]:
    """Rule -> its suggestion."""
    found = sections(asana__projects=[{"gid": "p", "name": "P"}], asana__tasks=tasks)
    told = optimisation.optimisation(found, "p")
    assert told is not None
    return {one.rule: one for one in told.suggestions}


@pytest.mark.parametrize(
    ("rule", "fields"),
    [
        ("overdue", {"due_on": "2026-03-01"}),
        ("unassigned", {"assignee": None}),
        ("no-due-date", {"due_on": None}),
        ("stale", {"modified_at": ago(days=14)}),
    ],
)
def test_each_rule_names_the_tasks_that_it_was_derived_from(rule: str, fields: dict[str, Any]) -> None:
    """Only open ones: what is done needs nothing."""
    told = suggested(task("1"), task("2", **fields), task("3", completed=True, **fields))
    assert set(told) == {rule}
    assert told[rule].evidence == ["asana/tasks/2"]


def test_who_has_more_than_twice_the_median_is_overloaded() -> None:
    """From five open tasks on."""
    others = [task(name, assignee={"gid": name}) for name in "bc"]
    assert "overloaded" not in suggested(*others, *(task(str(n)) for n in range(4)))
    told = suggested(*others, *(task(str(n)) for n in range(5)))
    assert (told["overloaded"].message, len(told["overloaded"].evidence)) == (
        "assignee a has 5 open tasks, the median is 1",
        5,
    )


def test_a_project_where_all_is_well_needs_nothing() -> None:
    """And one without tasks neither."""
    assert suggested(task("1")) == {}
    assert suggested() == {}


def test_a_project_that_is_late_says_so() -> None:
    """Its own due date counts, whatever its tasks."""
    rows = [{"gid": "1", "due_on": "2026-03-01"}, {"gid": "2", "due_on": "2026-03-01", "completed": True}]
    late, done = work.all_projects(sections(asana__projects=rows))
    assert (late.overdue, done.overdue, late.work) == (True, False, None)


def test_calls_of_the_future_are_not_recent() -> None:
    """A call that was scheduled has not been held."""
    found = sections(gong__calls_extensive=[call(), {"metaData": {"id": "2", "started": ago(days=-1)}}])
    assert [one.id for one in calls.recent(found).calls] == ["1"]


def test_people_without_an_address_count_each() -> None:
    """Two who have none are two."""
    found = sections(hubspot__contacts=[hubspot("1"), hubspot("2"), hubspot("3", email="a@b.example")])
    assert people.contacts(found).people == 3


@pytest.mark.parametrize(
    ("template", "data", "text", "missing"),
    [
        ("{a} {b.c}", {"a": 1, "b": {"c": [True, None]}}, "1 [true, null]", []),
        ("{a}", {"a": "<!channel> & co"}, "&lt;!channel&gt; &amp; co", []),
        ("{a} {a} {b}", {}, "{a} {a} {b}", ["a", "b"]),
        ("{{a}} {}", {"a": 1}, "{a} {}", []),
        ("{a.__class__} {0}", {"a": "x"}, "{a.__class__} {0}", ["a.__class__"]),
        ("{a}", {"a": None}, "", []),
        ("{a}", {"a": "{b}", "b": "no"}, "{b}", []),
    ],
)
def test_a_template_is_filled_and_nothing_is_evaluated(
    template: str, data: dict[str, Any], text: str, missing: list[str]
) -> None:
    """Names are looked up, values are escaped, and what is filled in is not looked at again."""
    told = message.preview(template, data)
    assert (told.text, told.missing) == (text, missing)
    assert len(told.warnings) == len(missing)


def test_a_message_is_no_longer_than_slack_takes() -> None:
    """Cut, with a warning; in blocks that Slack takes."""
    told = message.preview("{a}", {"a": "x" * 50_000})
    assert (told.length, len(told.blocks)) == (message.LONGEST, 14)
    assert "cut from 50000 characters" in told.warnings[0]
