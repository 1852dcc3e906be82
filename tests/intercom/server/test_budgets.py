"""Answers keep their budget, and what does not fit is told on the next page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bi_contracts.intercom.records import Author
from bi_contracts.intercom.server.budgets import LEAST_BYTES, Budget, clipped, cost, some, written
from bi_contracts.intercom.server.conversation import CUT, begin, conversation
from bi_contracts.intercom.server.cursors import BadCursor, Place, cursor_of, place_of
from bi_contracts.intercom.server.refusals import Refused
from bi_contracts.intercom.server.search import cut
from bi_contracts.intercom.store.values import Found, HeldConversation, HeldPart, Status

from .worlds import LONG, NOW, T0, answer, asked, told, walked

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=400)


def size(result: Any) -> int:
    """Bytes of content as they travel."""
    sent = result.model_dump(mode="json", by_alias=True, include={"content", "structured_content"})
    return len(written(sent["structuredContent"]).encode()) + len(written(sent["content"][0]["text"]).encode())


@given(TEXT, TEXT)
def test_the_cost_is_what_travels(name: str, text: str) -> None:
    """Structured once, and once more within a text."""
    value = {name: [text, 1, None, {"a": text}]}
    assert cost(value) == len(written(value).encode()) + len(written(written(value)).encode()) - 2


@given(TEXT, st.integers(20, 300))
def test_a_clipped_text_keeps_its_bytes_and_its_start(text: str, most: int) -> None:
    """It says that it was cut."""
    kept = clipped(text, most)
    assert len(written(kept).encode()) <= most
    assert kept == text or (kept.endswith("… [cut]") and text.startswith(kept.removesuffix("… [cut]")))


@given(st.lists(TEXT, max_size=20), st.integers(0, 500))
def test_some_texts_are_the_first_that_fit(texts: list[str], most: int) -> None:
    """In their order, none left out before the last."""
    kept = some(texts, most)
    assert list(kept) == texts[: len(kept)]
    assert len(written(kept).encode()) <= max(most + 2, 2)


def test_a_call_may_ask_for_less_never_for_more() -> None:
    """The server's budget is the most."""
    budget = Budget(40_000, 5_000)
    assert budget.room == 20_000
    assert budget.within(15_000, None).room == 15_000
    assert budget.within(10**6, 10**6).room == 20_000
    assert budget.within(None, 3_000).room == 12_000


@given(st.text(min_size=1, max_size=50), st.integers(0, 2**31 - 1), st.integers(0, 2**31 - 1))
def test_a_cursor_leads_back_to_its_place(id: str, position: int, offset: int) -> None:
    """Letters, digits, - and _ only."""
    place = Place(id, position, offset)
    assert place_of(cursor_of(place)) == place


@given(st.text(max_size=60))
def test_what_is_no_cursor_is_called_so(text: str) -> None:
    """Whatever it is."""
    try:
        place_of(text)
    except BadCursor:
        return
    assert cursor_of(place_of(text)).rstrip("=") == text.rstrip("=")


def pages(served: Path, id: str) -> list[dict[str, Any]]:
    return [page.structured_content for page in walked(served, "get_conversation", {"id": id})]


def test_a_long_conversation_comes_whole_page_by_page(served: Path) -> None:
    """Each part once, in its order."""
    found = pages(served, "502")
    positions = [one["position"] for page in found for one in page["messages"]]
    assert len(found) > 3
    assert positions == [0, *range(121, 621)]


def test_a_long_message_is_cut_with_a_mark_and_gone_on_with(served: Path) -> None:
    """Its pieces put together are the message."""
    pieces, texts = [], {}
    for page in pages(served, "501"):
        for one in page["messages"]:
            if one["position"] == 2:
                pieces.append(one)
            else:
                texts[one["position"]] = one["text"]
    assert texts == {0: "first message of 501", 1: "before", 3: "after"}
    assert len(pieces) > 5
    assert all(one["text"].endswith(CUT) for one in pieces[:-1])
    whole = "".join(one["text"].removesuffix(CUT) for one in pieces)
    assert whole == LONG.strip()
    assert {one["text_of"] for one in pieces} == {len(whole)}


def test_every_tool_keeps_the_smallest_budget(served: Path) -> None:
    """Whatever is held: quotes, emoji, 150,000 characters, 500 parts."""
    least = {"max_bytes": LEAST_BYTES}
    calls: list[tuple[str, dict[str, Any]]] = [
        *(("get_conversation", {"id": id, **least}) for id in ("500", "501", "502", "600")),
        ("search_conversations", {"limit": 100, **least}),
        ("search_conversations", {"query": "refund", "limit": 100, **least}),
        ("list_tickets", {"limit": 100, **least}),
        ("check_coverage", {**least}),
    ]

    async def ask(client: Any) -> list[Any]:
        return [await client.call_tool(name, arguments) for name, arguments in calls]

    for (name, arguments), result in zip(calls, asked(served, ask), strict=True):
        assert not result.is_error, (name, result.content[0].text)
        assert size(result) <= LEAST_BYTES, (name, arguments)
    small = Budget(LEAST_BYTES, 10**6, 60)
    documents = [("search", {"query": "refund limit:100"}), ("fetch", {"id": "501"}), ("fetch", {"id": "502"})]
    for name, arguments in documents:
        result = told(served, name, arguments, budget=small)
        assert size(result) <= LEAST_BYTES
        assert result.structured_content["truncated"]["is"] is True


def test_a_page_that_is_cut_for_its_size_skips_nothing(served: Path) -> None:
    """The cursor stands behind the last row that is told."""
    found = walked(served, "search_conversations", {"limit": 40, "max_tokens": 3000})
    ids = [one["id"] for page in found for one in page.structured_content["conversations"]]
    assert ids == ["600", "502", "501", "500", *(str(number) for number in reversed(range(50)))]
    assert found[0].structured_content["truncated"]["why"] == "size"


def test_a_fetched_document_leads_to_the_rest(served: Path) -> None:
    """Its cursor is one of get_conversation's."""
    document = answer(served, "fetch", {"id": "conversation_501"}, budget=Budget(LEAST_BYTES, seconds=60))
    further = {"id": "501", "cursor": document["metadata"]["next_cursor"]}
    assert answer(served, "get_conversation", further)["messages"]


class Shelf:
    """A store of one conversation, which any text may stand in."""

    def __init__(self, held: HeldConversation) -> None:
        self._held = held

    def status(self) -> Status:
        return Status("live", "", "", "", "", {}, {}, {}, None, None, 0, 0)

    def conversation(self, _id: str, *, parts_from: int, parts_limit: int) -> HeldConversation:
        following = [one for one in self._held.parts if one.position >= parts_from]
        more = following[parts_limit].position if len(following) > parts_limit else None
        return replace(self._held, parts=tuple(following[:parts_limit]), more=more)


@st.composite
def held(draw: st.DrawFn) -> HeldConversation:
    long = st.one_of(TEXT, TEXT.map(lambda text: text * 300))
    author = Author("user", "u", draw(long), draw(TEXT))
    texts = draw(st.lists(long, min_size=1, max_size=5))
    parts = [HeldPart(f"p{n}", "comment", T0, T0, n, author, text, False) for n, text in enumerate(texts)]
    tags, ids = draw(st.lists(long, max_size=30)), draw(st.lists(TEXT, max_size=30))
    words = {name: draw(TEXT) for name in ("state", "channel", "admin_id", "team_id", "priority")}
    return replace(
        of(tuple(parts)), **words, fetched_at=None, subject=draw(long), tags=tuple(tags), contact_ids=tuple(ids)
    )


@settings(max_examples=60, deadline=None)
@given(held())
def test_any_conversation_fits_and_comes_whole(one: HeldConversation) -> None:
    """Names, subjects, tags and messages of any text and length: page after page, no letter lost."""
    place, told_of = Place("1"), dict.fromkeys(range(len(one.parts)), "")
    for _ in range(500):
        page = conversation(place, LEAST_BYTES, NOW, Shelf(one))  # type: ignore[arg-type]
        assert cost(page.plain()) <= LEAST_BYTES
        for part in page.messages:
            told_of[part.position] += part.text.removesuffix(CUT)
        if page.next_cursor is None:
            break
        place = place_of(page.next_cursor)
    assert list(told_of.values()) == [part.text for part in one.parts]


def test_many_short_messages_fill_one_page() -> None:
    """Read in several goes, told in one."""
    author = Author("user", "u", "Ann", "")
    parts = tuple(HeldPart(f"p{n}", "comment", T0, T0 + n % 2, n * 3, author, f"{n}", False) for n in range(350))
    page = conversation(Place("1"), 10**6, NOW, Shelf(of(parts)))  # type: ignore[arg-type]
    assert [one.text for one in page.messages] == [part.text for part in parts]
    assert page.next_cursor is None


def test_a_cursor_of_another_conversation_is_refused() -> None:
    """And so is a page without room for anything."""
    with pytest.raises(BadCursor):
        begin("2", cursor_of(Place("1", 5)))
    part = HeldPart("p", "comment", T0, T0, 0, Author(), LONG, False)
    with pytest.raises(Refused, match="max_tokens"):
        conversation(Place("1"), 2500, NOW, Shelf(of((part,))))  # type: ignore[arg-type]


def of(parts: tuple[HeldPart, ...]) -> HeldConversation:
    return HeldConversation(
        id="1", created_at=T0, updated_at=T0, fetched_at=T0, state="open", open=True, read=True, subject="",
        channel="", admin_id="", team_id="", priority="", tags=(), contact_ids=(), parts=parts, parts_total=5,
        parts_held=5, truncated=False, whole=True, pending=False, digest="", deleted_at=None, deleted_by="",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("found", "why", "way"),
    [
        (Found((), "c", "time"), "time", "next_cursor"),
        (Found((), "", "time"), "time", "window"),
        (Found((), "c", "candidates"), "candidates", "since and until"),
        (Found((), "c"), "limit", "next_cursor"),
        (Found(()), "", ""),
    ],
)
def test_a_cut_says_why_and_how_to_go_on(found: Found, why: str, way: str) -> None:
    """Whatever ended the search."""
    told_of = cut(found)
    assert (told_of.cut, told_of.why) == (bool(why), why)
    assert way in told_of.how_to_go_on
