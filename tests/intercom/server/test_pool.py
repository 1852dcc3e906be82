"""Questions to the store, in threads of their own."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from bi_contracts.errors import StoreBusy, StoreDamaged, StoreFull, StoreMissing
from bi_contracts.intercom.server import wiring
from bi_contracts.intercom.server.coverage import covered
from bi_contracts.intercom.server.pool import Pool
from bi_contracts.intercom.server.refusals import Refused, words
from bi_contracts.intercom.store import open_store
from bi_contracts.intercom.store.store import Store

from .worlds import NOW, T0


def test_the_loop_stays_free_while_the_store_is_asked(served: Path) -> None:
    """More questions than threads wait for each other, and one that is given up holds nobody."""
    pool = Pool(wiring.opener(str(served)))

    def slow(_store: Store) -> int:
        time.sleep(0.05)
        return 1

    async def ask() -> tuple[int, list[int]]:
        ticks = 0
        asked = asyncio.gather(*(pool.ask(slow) for _ in range(6)))
        given_up = asyncio.ensure_future(pool.ask(slow))
        await asyncio.sleep(0.01)
        given_up.cancel()
        while not asked.done():
            await asyncio.sleep(0.002)
            ticks += 1
        return ticks, await asked

    try:
        ticks, answers = asyncio.run(ask())
    finally:
        pool.close()
    assert answers == [1] * 6
    assert ticks > 3


def test_a_question_that_takes_too_long_is_ended(served: Path) -> None:
    """Whatever it is; the next one is answered."""
    pool = Pool(wiring.opener(str(served)), 1, patience=0.05)
    endless = text("WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n")

    def ask_much(store: Store) -> object:
        with store.reading() as connection:
            return connection.execute(endless).all()

    async def ask() -> object:
        with pytest.raises(Refused, match="too long"):
            await pool.ask(ask_much)
        return await pool.ask(lambda store: store.kind)

    try:
        assert asyncio.run(ask()) == "sqlite"
    finally:
        pool.close()


def test_a_window_of_too_many_is_not_counted(served: Path) -> None:
    """It is told without a number."""
    with open_store(served) as store:
        assert covered("conversations", 0, T0 * 2, 60, NOW, store).conversations == 54
        assert covered("conversations", 0, T0 * 2, -1, NOW, store).conversations is None


def test_a_store_that_is_made_anew_is_opened_anew(tmp_path: Path) -> None:
    """A backup put back, or a store made after it was removed, is what is served."""
    path = tmp_path / "store.db"
    pool = Pool(wiring.opener(str(path)), 1)

    def name(store: Store) -> str | None:
        return store.meta("workspace_name")

    async def ask() -> list[str | None]:
        told = []
        for number in range(2):
            path.unlink(missing_ok=True)
            with open_store(path) as store, store.batch() as batch:
                batch.meta("workspace_name", f"name {number}")
            told.append(await pool.ask(name))
        path.unlink()
        with pytest.raises(StoreMissing):
            await pool.ask(name)
        return told

    try:
        assert asyncio.run(ask()) == ["name 0", "name 1"]
    finally:
        pool.close()


def test_a_disk_that_must_not_be_written_to_is_read(monkeypatch: pytest.MonkeyPatch, served: Path) -> None:
    """Read only, where opening it otherwise is refused."""
    modes: list[bool] = []

    def opened(address: str, *, create: bool, read_only: bool = False) -> Store:
        modes.append(read_only)
        if not read_only:
            raise StoreFull("read-only disk")
        return open_store(address, create=create, read_only=True)

    monkeypatch.setattr(wiring, "open_store", opened)
    with wiring.opener(str(served))() as store:
        assert store.status().source == "live"
    assert modes == [False, True]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (StoreMissing("none at x"), "sync_conversations"),
        (StoreDamaged("x is damaged"), "--repair"),
        (StoreBusy("x is in use"), "Try again"),
        (StoreFull("x is full"), "x is full"),
        (KeyError("ann@customers.example"), "KeyError"),
    ],
)
def test_errors_are_told_in_words(error: Exception, said: str) -> None:
    """Our own mistakes by their kind only."""
    assert said in words(error)
    assert "ann@" not in words(error)
