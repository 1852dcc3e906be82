"""What Intercom sends becomes values, whatever it is; or says why it cannot."""

from __future__ import annotations

import json
import string
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bi_contracts.intercom.raw import canonical, digest_of, packed, unpacked
from bi_contracts.intercom.records import (
    SOURCE,
    Undecodable,
    contact_of,
    contacts_in,
    content_digest,
    conversation_head,
    ticket_of,
    whole_conversation,
)
from bi_contracts.intercom.text import text_of
from bi_contracts.registry import platform

INTERCOM = platform("intercom")
WHOLE = INTERCOM.endpoint("conversation").examples
HEADS = INTERCOM.endpoint("conversations_search").examples

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
)


def bent(known: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A good record with some members that are something else."""
    return st.dictionaries(st.sampled_from(sorted(known)), anything, max_size=4).map(lambda other: {**known, **other})


def tried(read: Callable[[Any], Any], value: Any) -> Any:
    """What was read, or why it was not."""
    try:
        return read(value)
    except ValueError as error:
        return error


@given(anything | bent(WHOLE[0]))
def test_a_conversation_is_read_or_says_why_not(value: Any) -> None:
    """No JSON crashes the reading; what is read has text for an id, whole seconds and storable text."""
    for read in (whole_conversation, conversation_head):
        found = tried(read, value)
        if isinstance(found, Undecodable):
            assert found.reason
            continue
        assert isinstance(found.id, str)
        assert found.id
        assert found.created_at >= 0
        for text in (found.id, found.subject, found.state, *(part.text for part in found.parts)):
            assert "\0" not in text
            text.encode()


@given(anything | bent(INTERCOM.endpoint("contact").examples[0]))
def test_a_contact_is_read_or_says_why_not(value: Any) -> None:
    """No JSON crashes the reading of a contact."""
    found = tried(contact_of, value)
    assert found.reason if isinstance(found, Undecodable) else found.id


@given(anything | bent(INTERCOM.endpoint("ticket").examples[0]))
def test_a_ticket_is_read_or_says_why_not(value: Any) -> None:
    """No JSON crashes the reading of a ticket."""
    found = tried(ticket_of, value)
    assert found.reason if isinstance(found, Undecodable) else found.id


@given(anything)
def test_what_was_sent_can_be_read_back(value: Any) -> None:
    """Packing loses nothing, and equal values have equal digests however their members are ordered."""
    assert unpacked(packed(canonical(value))) == json.loads(json.dumps(value))
    if isinstance(value, dict):
        assert canonical(dict(reversed(value.items()))) == canonical(value)


@given(st.binary(min_size=1, max_size=60))
def test_damage_is_no_crash(held: bytes) -> None:
    """Bytes that are not what was packed are refused as a ValueError, or happen to be JSON."""
    found = tried(unpacked, held)
    assert str(found) if isinstance(found, Exception) else json.dumps(found)


def test_a_head_and_a_body_have_one_head_digest() -> None:
    """What a search row says and what a GET says beside its parts are the same content."""
    for head, whole in zip(HEADS, WHOLE, strict=True):
        assert conversation_head(head).head_digest == whole_conversation(whole).head_digest


def test_the_first_message_is_a_part() -> None:
    """A source stands at place 0, with its author and without HTML; a conversation without one has none."""
    first = conversation_head(HEADS[0]).parts[0]
    assert (first.id, first.kind, first.position) == (SOURCE, SOURCE, 0)
    assert first.text == "Which figures does the weekly report hold?"
    assert conversation_head(HEADS[2]).parts == ()


def test_the_positions_of_parts_count_those_that_were_not_sent() -> None:
    """Of 700 parts the newest 500 are sent, and stand at their places among all."""
    part = WHOLE[0]["conversation_parts"]["conversation_parts"][0]
    sent = [{**part, "id": str(number)} for number in range(201, 701)]
    held = {"type": "conversation_part.list", "conversation_parts": sent, "total_count": 700}
    found = whole_conversation({**WHOLE[0], "conversation_parts": held})
    assert found.truncated
    assert [one.position for one in found.parts[1:]] == list(range(201, 701))


def test_a_part_that_cannot_be_read_costs_no_other() -> None:
    """The good parts are there, the bad one is told, and nothing counts as truncated for its sake."""
    good, bad = WHOLE[0]["conversation_parts"]["conversation_parts"][0], {"type": "conversation_part", "id": None}
    held = {"type": "conversation_part.list", "conversation_parts": [good, bad], "total_count": 2}
    found = whole_conversation({**WHOLE[0], "conversation_parts": held})
    assert [one.id for one in found.parts] == [SOURCE, good["id"]]
    assert [one.raw for one in found.undecodable] == [bad]
    assert not found.truncated


def test_no_part_is_taken_for_the_first_message() -> None:
    """Whatever it calls itself: there is one first message, and it is kept under a name of its own."""
    good = WHOLE[0]["conversation_parts"]["conversation_parts"][0]
    sent = [good | {"id": SOURCE}, good | {"part_type": SOURCE}]
    held = {"type": "conversation_part.list", "conversation_parts": sent, "total_count": 2}
    found = whole_conversation({**WHOLE[0], "conversation_parts": held})
    assert [(one.id, one.kind) for one in found.parts] == [(SOURCE, SOURCE), (good["id"], "part")]
    assert [one.id for one in found.undecodable] == [SOURCE]


def test_a_body_without_a_list_of_parts_is_no_body() -> None:
    """A search row in the place of a body must not look like a conversation without parts."""
    with pytest.raises(Undecodable, match="no list of parts"):
        whole_conversation(HEADS[0])


@pytest.mark.parametrize("member", ["body", "author", "redacted", "something new"])
def test_the_digest_tells_every_change(member: str) -> None:
    """Whatever changes in a part changes the part's digest and the conversation's."""
    parts = WHOLE[0]["conversation_parts"]["conversation_parts"]
    other = [{**parts[0], member: "changed"}, *parts[1:]]
    changed = {**WHOLE[0], "conversation_parts": {**WHOLE[0]["conversation_parts"], "conversation_parts": other}}
    before, after = whole_conversation(WHOLE[0]), whole_conversation(changed)
    assert before.digest != after.digest
    assert before.head_digest == after.head_digest
    assert before.parts[1].digest != after.parts[1].digest


@given(st.dictionaries(st.text(string.digits, min_size=1), st.text("abcdef0123456789", min_size=4), max_size=5))
def test_the_digest_of_a_conversation_needs_no_order(parts: dict[str, str]) -> None:
    """It is the same in whatever order the parts are told."""
    assert content_digest("head", parts) == content_digest("head", dict(reversed(parts.items())))
    assert content_digest("head", parts) != content_digest("other", parts)


def test_numbers_for_ids_become_text() -> None:
    """An id that was sent as a number is the same id."""
    assert conversation_head({**HEADS[0], "id": 215000000000001}).id == HEADS[0]["id"]


def test_contacts_are_known_in_brief() -> None:
    """A conversation tells the ids of its contacts, and the name and address of one who wrote."""
    found = {one.id: one for one in contacts_in(whole_conversation(WHOLE[0]))}
    author = WHOLE[0]["source"]["author"]
    assert found[author["id"]].email == author["email"]
    assert found[author["id"]].brief
    assert found[author["id"]].external_id


def test_the_state_of_a_ticket_is_read_under_every_version() -> None:
    """Up to 2.11 a state is a word, from 2.12 on an object with a category."""
    ticket = INTERCOM.endpoint("ticket").examples[0]
    old, new = ticket_of({**ticket, "ticket_state": "resolved"}), ticket_of(
        {**ticket, "ticket_state": {"type": "ticket_state", "category": "resolved"}}
    )  # fmt: skip
    assert old.state == new.state == "resolved"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<p>One</p><p>Two &amp; three</p>", "One\nTwo & three"),
        ("a<br/>b<BR>c", "a\nb\nc"),
        ("<style>p { color: red }</style><p>seen</p><!-- not -->", "seen"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("  spaced \t out  \n\n\n line ", "spaced out\nline"),
        ("&lt;b&gt;", "<b>"),
        (None, ""),
        (7, ""),
    ],
)
def test_html_is_read_as_a_person_reads_it(body: object, text: str) -> None:
    """Blocks are lines, entities characters, what is not shown is not there."""
    assert text_of(body) == text


@pytest.mark.parametrize("word", ["<a", "<script>", "<!--", "<style", "<br", "</p", "&", "\n ", "<script></style>"])
def test_what_is_no_html_takes_no_longer(word: str) -> None:
    """Whoever writes to a workspace must not be able to keep a sync busy: in step with length, not with its square."""
    assert isinstance(text_of(word * 100_000), str)


@given(st.text())
def test_text_can_be_stored(body: str) -> None:
    """Whatever the body, its text has no NUL, no half of a character, and no blank lines."""
    found = text_of(body)
    found.encode()
    assert "\0" not in found
    assert "\n\n" not in found


@given(st.binary(max_size=40))
def test_digests_are_of_one_size(text: bytes) -> None:
    """32 hexadecimal digits."""
    assert len(digest_of(text)) == 32
    int(digest_of(text), 16)
