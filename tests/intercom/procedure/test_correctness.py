"""Right answers pass, and each way of being wrong is found."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from bi_contracts.intercom.procedure.correctness import ids_of, wrong_conversation, wrong_search, wrong_status
from bi_contracts.intercom.procedure.mcp_client import Answer
from bi_contracts.intercom.procedure.questions import Question, drawn, renamed
from bi_contracts.intercom.procedure.truth import Known, Message, Truth

WORDS = ("refund order broken parcel invoice late letter office window summer", "the quick brown foxes jump over dogs")
OURS = {
    "properties": {name: {} for name in ("query", "since", "until", "state", "contact", "limit")},
}
THEIRS = {"properties": {"query": {}, "customer_email": {}, "limit": {}}}


def truth(count: int = 12) -> Truth:
    """So many conversations, the newest first."""
    known = {}
    for at in range(count):
        words = WORDS[at % 2].split()
        text = " ".join(words[at % 3 :])
        known[str(at)] = Known(
            str(at),
            1_000_000 - at * 100,
            ("open", "closed")[at % 2],
            frozenset({f"c{at}", f"person{at % 4}@example.com"}),
            (Message(999_000 - at * 100, f"Hello {text}."), Message(999_001 - at * 100, f"Answer {at}.")),
        )
    return Truth(known, True)


def answered(ids: list[str], **more: Any) -> Answer:
    """An answer of a server with fields."""
    known = truth()
    rows = [{"id": id, "updated_at": known.known[id].updated_at if id in known.known else 5} for id in ids]
    return Answer("search_conversations", {}, {"conversations": rows, **more})


def word(text: str = "refund") -> Question:
    """A question after one word."""
    return next(one for one in (Question("word", {"text": text, "limit": 50}, frozenset(), (text,)),) if one)


def asked(text: str = "refund") -> Question:
    """The same with the right answer."""
    plain, known = word(text), truth()
    ids = frozenset(one.id for one in known.known.values() if text in one.words)
    return Question("word", plain.asked, ids, plain.words)


def test_the_right_answer_passes() -> None:
    """In its order, with everything that fits."""
    question = asked()
    right = [id for id in truth().known if id in question.expected]
    assert right
    assert wrong_search(question, answered(right), truth()) == ""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda right: right[1:], "1 conversation missing"),
        (lambda right: right[:0], "conversations missing"),
        (lambda right: [*right, "1"], "1 conversation that does not fit"),
        (lambda right: [*right, "777"], "1 conversation that nobody has"),
        (lambda right: [*right, right[0]], "more than once"),
        (lambda right: right[::-1], "not the newest first"),
    ],
)
def test_each_wrong_answer_is_found(change: Any, said: str) -> None:
    """Missing, strange, unfitting, repeated and disordered conversations."""
    question = asked()
    right = [id for id in truth().known if id in question.expected]
    assert said in wrong_search(question, answered(change(right)), truth())


def test_an_error_is_no_answer() -> None:
    """It is told as it was said."""
    assert wrong_search(asked(), Answer("x", {}, error="boom"), truth()) == "an error: boom"


def test_an_answer_that_says_it_was_cut_may_lack_some() -> None:
    """But not where only the limit cut it and there was room."""
    question = asked()
    right = [id for id in truth().known if id in question.expected][1:]
    assert wrong_search(question, answered(right, truncated={"is": True, "why": "size"}), truth()) == ""
    assert wrong_search(question, answered(right, truncated={"is": True, "why": "limit"}), truth()) != ""


def test_plain_text_is_read_for_ids() -> None:
    """Other servers answer in words."""
    held = Truth({"215000000000001": next(iter(truth().known.values()))}, True)
    assert ids_of("Found conversation 215000000000001 (open), 3 messages", held) == ["215000000000001"]
    assert ids_of([{"conversation_id": "conversation_5"}], held) == ["5"]
    assert ids_of({"results": []}, held) == []


def test_questions_are_of_every_kind_and_askable() -> None:
    """At least fifteen for our server; another one is asked what it can be asked, and as often."""
    ours = drawn(truth(), Random(1), OURS, 20)
    assert len(ours) == 20
    assert {"word", "two words", "contact", "window", "state", "newest", "absent"} <= {one.kind for one in ours}
    theirs = drawn(truth(), Random(1), THEIRS, 20)
    assert len(theirs) == 20
    assert {one.kind for one in theirs} == {"word", "two words", "phrase", "contact", "newest", "absent"}
    assert all(set(one.arguments(THEIRS) or ()) <= {"query", "customer_email", "limit"} for one in theirs)


def test_a_tool_that_takes_no_words_is_asked_what_it_can_be_asked() -> None:
    """However many words there are to ask for: drawing questions ends."""
    assert [one.kind for one in drawn(truth(), Random(1), {"type": "object"}, 20)] == ["newest"]


def test_every_question_is_answered_rightly_by_the_data_themselves() -> None:
    """Whatever is expected fits, and nothing else does that has the words whole."""
    known = truth()
    for question in drawn(known, Random(3), OURS, 20):
        assert all(question.fits(known.known[id]) for id in question.expected), question


def test_without_data_there_is_little_to_ask() -> None:
    """Nothing is made up."""
    assert {one.kind for one in drawn(Truth({}, True), Random(1), OURS, 20)} == {"newest", "absent"}


def test_arguments_are_renamed_or_not_asked() -> None:
    """A required argument that we have no value for makes a tool unaskable; a limit may be missing."""
    assert renamed({"id": "5"}, {"properties": {"conversation_id": {}}}) == {"conversation_id": "5"}
    assert renamed({"id": "5", "limit": 3}, {"properties": {"id": {}}}) == {"id": "5"}
    assert renamed({"text": "x"}, {"properties": {"id": {}}}) is None
    assert renamed({"text": "x"}, {"properties": {"q": {}, "team": {}}, "required": ["q", "team"]}) is None


def whole(one: Known) -> dict[str, Any]:
    """A conversation as our server answers it."""
    return {"conversation": {"id": one.id}, "messages": [{"text": message.text} for message in one.messages]}


def test_a_whole_conversation_passes_and_others_do_not() -> None:
    """Every message, in order, of this conversation."""
    one = truth().known["3"]
    assert wrong_conversation(one, whole(one)) == ""
    assert wrong_conversation(one, {**whole(one), "messages": whole(one)["messages"][:1]}) == (
        "other messages than those that are held"
    )
    assert wrong_conversation(one, {**whole(one), "messages": whole(one)["messages"][::-1]}) != ""
    assert wrong_conversation(one, whole(truth().known["4"])) == "another conversation"


def test_a_conversation_in_plain_text() -> None:
    """Its messages are looked for, markup and white space aside."""
    one = truth().known["3"]
    said = f"Conversation 3\n<p>{one.messages[0].text}</p>\n\n  {one.messages[1].text}"
    assert wrong_conversation(one, said) == ""
    assert wrong_conversation(one, f"Conversation 3\n{one.messages[1].text}") == "1 message missing"


def test_a_status_tells_how_many() -> None:
    """In the field that we have for it, or anywhere in words."""
    assert wrong_status(1247, {"held": {"conversations": 1247}}) == ""
    assert wrong_status(1247, {"held": {"conversations": 3}}) == "3 conversations, and 1247 are held"
    assert wrong_status(1247, "1,247 conversations, 4 MB") == ""
    assert wrong_status(1247, {"status": "ok", "n": 5}) == "it does not tell that 1247 conversations are held"
