"""The process that syncs: what it is told, what it tells, how it ends."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from bi_contracts.errors import ConfigurationError, StoreBusy
from bi_contracts.intercom.server import worker
from bi_contracts.intercom.server.orders import Order, heard, order_of
from bi_contracts.intercom.store import open_store


def obeyed(line: bytes, *, ended: bool = False) -> tuple[int, list[dict[str, Any]]]:
    """How a sync ended, and what it told; `ended` says that the server is gone already."""
    told: list[dict[str, Any]] = []
    reads, writes = os.pipe()
    if ended:
        os.close(writes)
    try:
        return worker.obey(line, told.append, reads), told
    finally:
        if not ended:
            os.close(writes)


def order(path: Path, **settings: Any) -> bytes:
    return Order(str(path), str(path.parent), "sandbox", settings).line()


def test_a_sync_tells_its_steps_and_its_figures(tmp_path: Path) -> None:
    """As lines of JSON that the server reads again."""
    code, told = obeyed(order(tmp_path / "store.db", max_conversations=5))
    assert code == 0
    assert told[0]["step"]["phase"] == "heads"
    done = json.loads(json.dumps(told[-1]))["done"]
    assert done["run"]["outcome"] == "done"
    assert done["run"]["conversations"] == 5
    with open_store(tmp_path / "store.db") as store:
        assert store.status().counters["conversations"] == 5


def test_a_server_that_is_gone_ends_the_sync(tmp_path: Path) -> None:
    """However it ended: its end of the pipe is closed."""
    code, told = obeyed(order(tmp_path / "store.db"), ended=True)
    assert code == 1
    assert told[-1]["failed"]["kind"] == "Cancelled"
    with open_store(tmp_path / "store.db") as store, store.lease():
        pass


def test_a_lease_that_is_held_is_told_with_its_holder(tmp_path: Path) -> None:
    """So that the model can say who it is."""
    path = tmp_path / "store.db"
    with open_store(path) as store, store.lease(who="the desk"):
        code, told = obeyed(order(path))
    assert code == 1
    assert told[-1]["failed"]["kind"] == "StoreBusy"
    assert told[-1]["failed"]["holder"] == "the desk"
    assert told[-1]["failed"]["expires_in"] > 0


def test_settings_that_contradict_each_other_are_told(tmp_path: Path) -> None:
    """In the words of whoever refuses them."""
    code, told = obeyed(order(tmp_path / "store.db", days=1, since=5))
    assert (code, told[-1]["failed"]["kind"]) == (1, "ConfigurationError")
    assert "not both" in told[-1]["failed"]["message"]


def test_an_error_of_ours_is_told_by_kind_and_place_only() -> None:
    """Its message may hold what was being read."""
    try:
        raise KeyError("ann@customers.example")
    except KeyError as error:
        told = worker.failure(error)
    assert told["kind"] == "KeyError"
    assert "ann" not in told["message"]
    assert "test_worker.py" in told["message"]
    assert worker.failure(StoreBusy("x", holder="h", expires_in=2.0))["holder"] == "h"


@pytest.mark.parametrize("line", [b"", b"[]", b"{", b'{"store": 1}', b'{"store":"a","root":"b","origin":"c"}'])
def test_what_is_no_order_is_refused(line: bytes) -> None:
    """Nobody else starts this process."""
    with pytest.raises(ConfigurationError):
        order_of(line)
    assert obeyed(line)[0] == 1


def test_an_order_survives_its_line_and_is_not_shown(tmp_path: Path) -> None:
    """The store's address may hold a password."""
    one = Order("postgresql+psycopg://u:secret@h/d", str(tmp_path), "live", {"days": 2})
    assert order_of(one.line()) == one
    assert "secret" not in repr(one)
    assert heard(b"5") == {}
