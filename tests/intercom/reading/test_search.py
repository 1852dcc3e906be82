"""What a search finds is what looking at everything finds, in its order, page by page, on each kind of database."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bi_contracts.intercom.store.reading import candidates, walking, within
from bi_contracts.intercom.store.store import Store
from bi_contracts.intercom.store.values import Query

from ..made import ANN
from . import corpus
from .corpus import PEOPLE, T0, TAGS, ids, pages, reference

same_store = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

words = st.sampled_from([*corpus.WORDS, "REFUND", "refu", "nobody", "日本", "e mail", "naive", "???", "🤖"])
asked = st.one_of(
    st.just(""),
    st.lists(words, max_size=3).map(" ".join),
    st.lists(words, min_size=1, max_size=3).map(lambda some: f'"{" ".join(some)}"'),
    st.tuples(words, words, words).map(lambda some: f'{some[0]} "{some[1]} {some[2]}'),
)
moments = st.none() | st.integers(T0 - 10, T0 + 20_000)
queries = st.builds(
    Query,
    text=asked,
    since=moments,
    until=moments,
    state=st.sampled_from(["", "", "open", "closed", "gone"]),
    contact=st.sampled_from(["", "", "", *(one["id"] for one in PEOPLE), "nobody", PEOPLE[0]["email"].lower()]),
    admin=st.sampled_from(["", "", "991"]),
    team=st.sampled_from(["", "", "7"]),
    tag=st.sampled_from(["", "", *TAGS, "none"]),
    limit=st.sampled_from([1, 2, 7, 50]),
)


@same_store
@given(query=queries)
def test_pages_put_together_are_what_looking_at_everything_finds(filled: Store, query: Query) -> None:
    """No conversation is missing, none is there twice, the newest is first."""
    assert ids(pages(filled, query)) == reference(filled, query)


def by_the_filter(patch: pytest.MonkeyPatch, cost: float) -> None:
    """Has searches go by the filter in a store that is too small for it, in small steps."""
    for name, value in {"_FEW": 1, "_TRIED": 0, "_PASS": 0}.items():
        patch.setattr(candidates, name, value)
    for name, value in {"_CHUNK": 1, "_LARGEST": 4, "_READ": 3, "_SINGLE": 2, "_COST": cost}.items():
        patch.setattr(within, name, value)


@pytest.mark.parametrize("cost", [0, 1e-5, 1e9])
@settings(same_store, max_examples=10)
@given(query=queries.filter(lambda query: any((query.state, query.contact, query.admin, query.team, query.tag))))
def test_going_by_the_filter_finds_the_same(filled: Store, query: Query, cost: float) -> None:
    """Whichever way is taken, and however its blocks fall."""
    with pytest.MonkeyPatch.context() as patch:
        by_the_filter(patch, cost)
        assert ids(pages(filled, query)) == reference(filled, query)


@settings(same_store, max_examples=12)
@given(query=queries)
def test_ranked_pages_have_the_same_conversations(filled: Store, query: Query) -> None:
    """Ranking changes the order, and nothing else."""
    found = ids(pages(filled, replace(query, ranked=True)))
    assert sorted(found) == sorted(reference(filled, query))


@pytest.mark.parametrize("filtered", [False, True])
@settings(same_store, max_examples=10)
@given(query=queries)
def test_without_time_each_page_gets_somewhere_and_all_of_them_get_everything(
    in_a_file: Store, query: Query, filtered: bool
) -> None:
    """A spent budget cuts pages; their cursors go on until everything was found."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(walking, "_WINDOWS", 4)
        if filtered:
            by_the_filter(patch, 1e-5)
        found = pages(in_a_file, query, budget=0.0)
    assert ids(found) == reference(in_a_file, query)
    assert all(page.cut == "time" for page in found if page.cursor and len(page.hits) < query.limit)


@pytest.mark.parametrize(
    "query", [Query("the a", limit=2), Query("the", ranked=True, limit=3), Query(limit=3)], ids=str
)
def test_without_time_everything_is_found_in_each_kind_of_store(
    filled: Store, monkeypatch: pytest.MonkeyPatch, query: Query
) -> None:
    """Statements that were ended, or not begun, leave the rest to the next page."""
    monkeypatch.setattr(walking, "_WINDOWS", 4)
    assert sorted(ids(pages(filled, query, budget=0.0))) == sorted(reference(filled, query))


@settings(same_store, max_examples=60)
@given(text=st.text() | st.text("\"'*():^-+{}~\\\0 ORANDNEAR\ud800refund", max_size=40), ranked=st.booleans())
def test_no_text_is_taken_for_syntax(filled: Store, text: str, ranked: bool) -> None:
    """Whatever is searched for, it is answered."""
    found = filled.search(Query(text, ranked=ranked, limit=3), 5.0)
    assert len(found.hits) <= 3


@pytest.mark.parametrize("text", ["?!", "🤖", "\0", '""', "--", "*"])
def test_a_search_without_a_word_finds_nothing(filled: Store, text: str) -> None:
    """It asks for something that no message can have; that is not the same as asking for nothing."""
    assert filled.search(Query(text)).hits == () or not text.replace("\0", " ").strip()


def test_whatever_is_no_letter_and_no_digit_stands_between_words(store: Store) -> None:
    """Typographic signs and emoji too, in a message as in a search, on each kind of database."""
    signs = ("’", "“", "…", "—", " – ", "🤖", "👍🏽", "🥹", "•", "→", "€", "₿", "⏸", "、", "！", "\u200b", "_")
    for number, sign in enumerate(signs):
        corpus.add(store, str(number), T0 + number, f"left{number}{sign}right{number}{sign}CAFÉ")
    for number, sign in enumerate(signs):
        left, right = f"left{number}", f"right{number}"
        for typed in (left, f"{right} cafe", f"{left}{sign}{right}", f'"{left} {right} café"', f"{sign}{right}{sign}"):
            assert ids([store.search(Query(typed))]) == [str(number)], (sign, typed)
        for typed in (f'"{right} {left}"', f"{left}{right}"):
            assert not store.search(Query(typed)).hits, (sign, typed)


def test_many_words_are_found_where_all_of_them_stand(sqlite_store: Store) -> None:
    """In whatever order they are typed and tried, and whatever the words are, `q` among them."""
    some = ("q", "b", "c", "d")
    said = [" ".join(word for at, word in enumerate(some) if which >> at & 1) or "none" for which in range(16)]
    for number, text in enumerate(said):
        corpus.add(sqlite_store, str(number), T0 + number, text)
    for many in range(2, 5):
        for typed in permutations(some, many):
            found = {said[int(id)] for id in ids([sqlite_store.search(Query(" ".join(typed)))])}
            assert found == {text for text in said if set(typed) <= set(text.split())}


def test_a_very_long_search_is_answered(filled: Store) -> None:
    """Its beginning counts."""
    assert filled.search(Query("refund " * 100_000)).hits == filled.search(Query("refund")).hits


def test_a_hit_says_which_message_matched(store: Store) -> None:
    """It is the newest one with the words, not the newest one."""
    rows = [corpus.part("p1", T0 + 5, "a refund, please"), corpus.part("p2", T0 + 9, "thank you")]
    with store.batch() as batch:
        one = corpus.body("1", T0 + 9, rows, created_at=T0, text="my refund", title="Money")
        batch.bodies([(corpus.whole_conversation(one), T0 + 99)])
    (hit,) = store.search(Query("refund")).hits
    assert (hit.id, hit.subject, hit.matched_at, hit.matched_by.name) == ("1", "Money", T0 + 5, "Bob")
    assert (hit.snippet, hit.parts, hit.whole, hit.contact_ids) == ("a refund, please", 2, True, (ANN["id"],))


def test_without_words_a_hit_shows_the_first_message(store: Store) -> None:
    """Nothing matched, so that the conversation is told by how it began."""
    corpus.add(store, "1", T0, "how it began")
    (hit,) = store.search(Query()).hits
    assert (hit.snippet, hit.matched_at, hit.score) == ("how it began", T0, None)


def test_a_conversation_without_any_message_is_listed(store: Store) -> None:
    """Some have no first message."""
    corpus.add(store, "1", T0, "", source=None)
    assert [hit.snippet for hit in store.search(Query()).hits] == [""]


def test_a_head_is_found_by_its_first_message(store: Store) -> None:
    """It is searchable before its body is fetched, and says that it is no more than a head."""
    corpus.add_head(store, "1", T0, "about a refund")
    (hit,) = store.search(Query("refund")).hits
    assert (hit.id, hit.whole) == ("1", False)


def test_what_is_deleted_is_not_found(store: Store) -> None:
    """Neither by a word, nor among everything, nor by its tag."""
    tags = {"tags": {"tags": [{"name": "vip"}]}}
    corpus.add(store, "1", T0, "refund", **tags)
    with store.batch() as batch:
        batch.deleted(["1"], T0 + 100, "deleted")
    for query in (Query("refund"), Query(), Query(tag="vip"), Query("refund", ranked=True)):
        assert store.search(query).hits == ()


def test_tags_are_followed_when_they_change(store: Store) -> None:
    """A conversation is found by the tags that it has now, wherever its updates put it."""
    corpus.add(store, "1", T0, "refund", tags={"tags": [{"name": "old"}, {"name": "kept"}]})
    corpus.add(store, "1", T0 + 5, "refund", tags={"tags": [{"name": "kept"}, {"name": "new"}]})
    found = {tag: len(store.search(Query(tag=tag)).hits) for tag in ("old", "kept", "new")}
    assert found == {"old": 0, "kept": 1, "new": 1}


def test_what_is_written_between_two_pages_moves_nothing(store: Store) -> None:
    """A new message of a conversation further down does not hide it: the pages show what was there at first."""
    for number in range(6):
        corpus.add(store, str(number), T0 + number, "refund")
    first = store.search(Query("refund", limit=3))
    corpus.add(store, "9", T0 + 99, "refund")
    with store.batch() as batch:
        more = corpus.body("0", T0 + 50, [corpus.part("p", T0 + 50, "refund")], created_at=T0, text="refund")
        batch.bodies([(corpus.whole_conversation(more), T0 + 60)])
    second = store.search(Query("refund", limit=3, cursor=first.cursor))
    assert ids([first, second]) == ["5", "4", "3", "2", "1", "0"]


def test_a_page_is_no_larger_than_is_sane(filled: Store) -> None:
    """No number of conversations is too small or too large to ask for."""
    assert len(filled.search(Query(limit=0)).hits) == 1
    assert len(filled.search(Query(limit=10**9)).hits) == len(reference(filled, Query()))


def test_far_down_a_filter_is_not_begun_at_its_top(in_a_file: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where many conversations stand above the cursor, the words lead on."""
    by_the_filter(monkeypatch, 1e-5)
    monkeypatch.setattr(candidates, "_NEWER", 1)
    query = Query("the", state="open", limit=2)
    assert ids(pages(in_a_file, query)) == reference(in_a_file, query)
