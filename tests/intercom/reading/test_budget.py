"""How long a question may take: statements are ended, what they had not found is told."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bi_contracts.intercom.store.reading.budget import Budget, OutOfTime
from bi_contracts.intercom.store.reading.walking import Down
from bi_contracts.intercom.store.reading.words import words_of
from bi_contracts.intercom.store.store import Store

from . import corpus
from .corpus import T0

ENDLESS = "WITH RECURSIVE t(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM t) SELECT max(x) FROM t"


def ticking(seconds: float) -> Callable[[], float]:
    """A clock on which every look takes so long."""
    now = 0.0

    def look() -> float:
        nonlocal now
        now += seconds
        return now

    return look


def read_all(down: Down) -> None:
    while down.block(5):
        pass


def test_an_endless_statement_is_ended(store: Store) -> None:
    """On each kind of database, and the connection is as good as before."""
    with store.reading() as connection:
        with pytest.raises(OutOfTime), Budget(0.05).over(connection):
            connection.execute(text(ENDLESS))
        assert connection.execute(text("SELECT 7")).scalar_one() == 7


def test_a_spent_budget_begins_nothing(store: Store) -> None:
    """There is no time for it."""
    with store.reading() as connection, pytest.raises(OutOfTime), Budget(0.0).over(connection):
        raise AssertionError("it was begun")


def test_other_errors_stay_what_they_are(store: Store) -> None:
    """A mistake is none of time."""
    with store.reading() as connection, pytest.raises(DBAPIError), Budget(9.0).over(connection):
        connection.execute(text("SELECT nothing FROM nowhere"))


def test_the_first_window_is_finished_however_long_it_takes(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A search that is cut has looked at something all the same, and tells how far."""
    monkeypatch.setattr(import_module(Budget.__module__), "_STEPS", 1)
    for number in range(40):
        corpus.add(sqlite_store, str(number), T0 + number * 1000, "left right")
    with sqlite_store.reading() as connection:
        # The budget is there when the first window begins, and spent in the midst of it.
        down = Down(connection, words_of("left right"), 0, 2**62, Budget(0.0045, ticking(0.001)))
        before = down.position
        with pytest.raises(OutOfTime):
            read_all(down)
        assert down.lo < down.position < before
