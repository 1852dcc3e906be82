"""Best first: BM25 over a bounded number of messages, and what is left of them told."""

from __future__ import annotations

import math
from importlib import import_module

import pytest

from bi_contracts.intercom.store.reading import ranking, search
from bi_contracts.intercom.store.reading.words import Phrase
from bi_contracts.intercom.store.store import Store
from bi_contracts.intercom.store.values import Query

from ..made import part
from . import corpus
from .corpus import T0, ids, pages


def test_scores_are_those_of_the_formula(sqlite_store: Store) -> None:
    """k1 = 1.2 and b = 0.75 (Robertson and Zaragoza 2009), the weight of a word from how many messages have it."""
    corpus.add(sqlite_store, "1", T0, "refund refund please")
    corpus.add(sqlite_store, "2", T0 + 1, "refund it to me now")
    corpus.add(sqlite_store, "3", T0 + 2, "hello")
    (first, second) = sqlite_store.search(Query("refund", ranked=True)).hits
    weight = math.log(1 + (3 - 2 + 0.5) / (2 + 0.5))
    often, length, usual = 2, 3, 4
    best = weight * often * 2.2 / (often + 1.2 * (0.25 + 0.75 * length / usual))
    assert (first.id, second.id) == ("1", "2")
    assert first.score == pytest.approx(best)


def test_a_rare_word_weighs_more_than_a_frequent_one(sqlite_store: Store) -> None:
    """What few messages have tells more of what is looked for."""
    for number in range(20):
        corpus.add(sqlite_store, f"f{number}", T0 + number, "order")
    corpus.add(sqlite_store, "1", T0 + 50, "order order order broken")
    corpus.add(sqlite_store, "2", T0 + 40, "order broken broken broken")
    assert ids([sqlite_store.search(Query("order broken", ranked=True))]) == ["2", "1"]


def test_among_equals_the_newest_is_first(sqlite_store: Store) -> None:
    """Recency breaks ties."""
    for number in (1, 3, 2):
        corpus.add(sqlite_store, str(number), T0 + number, "refund please")
    assert ids([sqlite_store.search(Query("refund", ranked=True))]) == ["3", "2", "1"]


def test_a_conversation_is_ranked_by_its_best_message(sqlite_store: Store) -> None:
    """And shows it."""
    said = [part("p1", T0 + 1, "refund refund"), part("p2", T0 + 2, "a refund of something else, long ago, I think")]
    with sqlite_store.batch() as batch:
        one = corpus.body("1", T0 + 2, said, created_at=T0, text="hello")
        batch.bodies([(corpus.whole_conversation(one), T0 + 99)])
    (hit,) = sqlite_store.search(Query("refund", ranked=True)).hits
    assert hit.snippet == "refund refund"


@pytest.mark.parametrize("limit", [2, 5, 40])
def test_batches_follow_each_other_without_gaps(filled: Store, monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    """Where more match than are ranked together, that is said, and the cursor leads to the next batch."""
    monkeypatch.setattr(import_module(search.__module__), "MOST", 7)
    query = Query("the", ranked=True, limit=limit)
    found = pages(filled, query)
    assert sorted(ids(found)) == sorted(corpus.reference(filled, query))
    assert [page.cut for page in found] == ["candidates"] * (len(found) - 1) + [""]


def test_a_frequent_word_is_estimated(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if it was as frequent as it is lately; a rare one is counted."""
    monkeypatch.setattr(ranking, "_COUNTED", 10)
    for number in range(40):
        corpus.add(sqlite_store, str(number), T0 + number, "often rarely" if number % 8 == 0 else "often")
    with sqlite_store.reading() as connection:
        first, last = ranking.ends(connection)
        often = ranking._with(connection, Phrase("often", ("often",)), 0, first, last)
        rarely = ranking._with(connection, Phrase("rarely", ("rarely",)), 0, first, last)
    assert rarely == 5
    assert often == pytest.approx(40, rel=0.2)


@pytest.mark.parametrize(
    ("phrase", "said", "often"),
    [("a", "a b a", 2), ("a b", "a b a b c", 2), ("a a", "a a a", 2), ("x", "a b", 1), ("b a", "a b", 1)],
)
def test_phrases_are_counted(phrase: str, said: str, often: int) -> None:
    """At least once: the database found them."""
    assert ranking.times(Phrase(phrase, tuple(phrase.split())), said.split()) == often
