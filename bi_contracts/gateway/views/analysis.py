"""A call looked at by fixed rules: who spoke, about what, what was asked, what is to follow. No model is asked.

Each figure is taken from what the platform measured where it did, from the transcript otherwise, and `methods` says
which. Questions are sentences that end in a question mark; next steps are sentences with one of `PHRASES`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ...paths import Json, dig
from ..models import CallAnalysis, Said, Speaker, Topic, told
from ..section import Sections, rows
from . import calls
from .values import first_text, items, number, positive, share, text

TRANSCRIPTS = "gong/transcripts"
SHOWN = 50
PHRASES = (
    *("next step", "follow up", "follow-up", "action item", "i will", "i'll", "we will", "we'll", "let's schedule"),
    *("send you", "get back to", "by monday", "by tuesday", "by wednesday", "by thursday", "by friday", "next week"),
    *("needs a second look", "has no owner", "should wait", "moved to next week"),
)
_NEXT = re.compile("|".join(rf"\b{re.escape(phrase)}\b" for phrase in PHRASES), re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Sentence:
    speaker: str | None
    start: float
    end: float
    text: str


def analysis(sections: Sections, id: str) -> CallAnalysis | None:
    """The analysis of one call; None where no call that was read has this id."""
    row = next((one for one in rows(sections, calls.CALLS) if first_text(one, "metaData.id") == id), None)
    if row is None:
        return None
    transcript = next((one for one in rows(sections, TRANSCRIPTS) if first_text(one, "callId") == id), None)
    said = list(_sentences(transcript))
    speakers, heard = _speakers(row, said)
    ratio, judged = _ratio(row, speakers, heard)
    questions, asked, counted = _questions(row, said, known=transcript is not None)
    topics, named = _topics(row, transcript)
    degraded, at, states = told(sections)
    return CallAnalysis(
        degraded=degraded,
        at=at,
        sections=states,
        call=calls.call(row),
        talk_ratio=ratio,
        speakers=speakers,
        topics=topics,
        questions=questions[:SHOWN],
        questions_asked=asked,
        next_steps=[_said(one) for one in said if _NEXT.search(one.text)][:SHOWN],
        methods={
            "speakers": heard,
            "talk_ratio": judged,
            "topics": named,
            "questions_asked": counted,
            "next_steps": "sentences of the transcript with one of a fixed list of phrases" if said else NOTHING,
        },
    )


def nothing(sections: Sections) -> CallAnalysis:
    """The answer where the call could not be read."""
    degraded, at, states = told(sections)
    return CallAnalysis(
        degraded=degraded,
        at=at,
        sections=states,
        call=None,
        talk_ratio=None,
        speakers=[],
        topics=[],
        questions=[],
        questions_asked=None,
        next_steps=[],
        methods={},
    )


NOTHING = "nothing: there is no transcript"
PLATFORM = "what the platform measured"
SENTENCES = "length of the sentences of the transcript"


def _sentences(transcript: Json) -> Iterator[_Sentence]:
    """The sentences of a transcript in order, times in seconds."""
    for part in items(dig(transcript, "transcript")):
        speaker = text(dig(part, "speakerId"))
        for one in items(dig(part, "sentences")):
            start, end = number(dig(one, "start")) or 0.0, number(dig(one, "end")) or 0.0
            words = text(dig(one, "text")) or ""
            yield _Sentence(speaker, max(0.0, start / 1000), max(0.0, end / 1000), words)


def _speakers(row: Json, said: list[_Sentence]) -> tuple[list[Speaker], str]:
    measured = {
        id: seconds
        for one in items(dig(row, "interaction.speakers"))
        if (id := text(dig(one, "id"))) and (seconds := positive(dig(one, "talkTime"))) is not None
    }
    if measured:
        return _shares(measured, _affiliations(row, "id")), PLATFORM
    heard: dict[str, float] = {}
    for one in said:
        if one.speaker is not None:
            heard[one.speaker] = heard.get(one.speaker, 0.0) + max(0.0, one.end - one.start)
    return _shares(heard, _affiliations(row, "speakerId")), SENTENCES if heard else NOTHING


def _shares(seconds: Mapping[str, float], sides: Mapping[str, str]) -> list[Speaker]:
    whole = sum(seconds.values())
    found = [
        Speaker(id=id, affiliation=sides.get(id), seconds=round(one, 2), share=round(one / whole, 4) if whole else 0.0)
        for id, one in seconds.items()
    ]
    return sorted(found, key=lambda one: (-one.seconds, one.id or ""))


def _affiliations(row: Json, key: str) -> dict[str, str]:
    found = ((text(dig(one, key)), text(dig(one, "affiliation"))) for one in items(dig(row, "parties")))
    return {id: side for id, side in found if id and side}


def _ratio(row: Json, speakers: list[Speaker], heard: str) -> tuple[float | None, str]:
    """Our own side's share: from the speakers where it is known whose side they are on, else as the platform says."""
    whole = sum(one.seconds for one in speakers if one.affiliation in ("Internal", "External"))
    if whole:
        ours = sum(one.seconds for one in speakers if one.affiliation == "Internal")
        return round(ours / whole, 4), heard
    stats = items(dig(row, "interaction.interactionStats"))
    stated = next((share(dig(one, "value")) for one in stats if dig(one, "name") == "Talk Ratio"), None)
    return (None, NOTHING) if stated is None else (stated, PLATFORM)


def _questions(row: Json, said: list[_Sentence], *, known: bool) -> tuple[list[Said], int | None, str]:
    asked = [_said(one) for one in said if one.text.rstrip().endswith("?")]
    counts = [positive(dig(row, f"interaction.questions.{side}")) for side in ("companyCount", "nonCompanyCount")]
    stated = [int(count) for count in counts if count is not None]
    if stated:
        return asked, sum(stated), PLATFORM
    return (
        (asked, len(asked), "sentences of the transcript that end in a question mark") if known else ([], None, NOTHING)
    )


def _topics(row: Json, transcript: Json) -> tuple[list[Topic], str]:
    found: dict[str, float | None] = {}
    for one in items(dig(row, "content.topics")):
        if name := text(dig(one, "name")):
            found[name] = (found.get(name) or 0.0) + (positive(dig(one, "duration")) or 0.0)
    if found:
        return [Topic(name=name, seconds=seconds) for name, seconds in found.items()], PLATFORM
    named = dict.fromkeys(
        name for part in items(dig(transcript, "transcript")) if (name := text(dig(part, "topic"))) is not None
    )
    return [Topic(name=name, seconds=None) for name in named], "topics named in the transcript" if named else NOTHING


def _said(one: _Sentence) -> Said:
    return Said(speaker_id=one.speaker, second=round(one.start, 2), text=one.text)
