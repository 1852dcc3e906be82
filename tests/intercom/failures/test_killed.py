"""Syncs that are killed lose nothing, and leave nothing behind that a whole one would not."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bi_contracts.intercom.store import open_store
from bi_contracts.platforms.intercom import PLATFORM
from bi_contracts.sandbox import Sandbox
from bi_contracts.sandbox.answer import Answer
from bi_contracts.sandbox.exchange import Exchange
from bi_contracts.sandbox.server import running

from . import nursery
from .contents import contents

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has neither fork nor SIGKILL")

ROWS = 20
POINTS = 25


class Deadly(Sandbox):
    """Kills whoever asks for the n-th time, before the answer or after half of the work for it is done."""

    left = 0
    victim = 0

    def finish(self, request: httpx.Request, exchange: Exchange | None) -> Answer:
        self.left -= 1
        if not self.left:
            os.kill(self.victim, signal.SIGKILL)
        return super().finish(request, exchange)


class Nursery:
    """Children that sync into stores of one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sandbox = Deadly([PLATFORM], rows=ROWS)
        self.sandbox.clock.freeze(self.sandbox.world.present)
        self.sandbox.limit("intercom", nursery.MANY, 10)
        self.url = ""
        self._process = subprocess.Popen(
            [sys.executable, nursery.__file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def sync(self, store: Path | str, *, request: int = 0, **order: Any) -> int:
        """One child; gives how it ended. It dies at a request or a statement where that is said.

        The first is nobody's child, lives, and tells how many statements it needed.
        """
        streams = self._process.stdin, self._process.stdout
        assert streams[0] is not None
        assert streams[1] is not None
        token = self.sandbox.credentials("intercom")["INTERCOM_ACCESS_TOKEN"]
        told = {"folder": str(self.folder), "store": str(store), "url": self.url, "token": token, **order}
        self.sandbox.left = -1
        streams[0].write(json.dumps(told) + "\n")
        streams[0].flush()
        self.sandbox.victim = int(streams[1].readline())
        self.sandbox.left = request or -1
        return int(streams[1].readline())

    def end(self) -> None:
        self._process.communicate()


@pytest.fixture(scope="module")
def children(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nursery]:
    found = Nursery(tmp_path_factory.mktemp("children"))
    with running(found.sandbox) as found.url:
        yield found
        found.end()


@pytest.fixture(scope="module")
def whole(children: Nursery) -> tuple[dict[str, list[Any]], int, int]:
    """What a sync that nobody kills leaves, and in how many statements and requests."""
    statements = children.sync(children.folder / "whole.db")
    with open_store(children.folder / "whole.db") as store:
        found = contents(store)
    assert len(found["conversations"]) == ROWS
    return found, statements, children.sandbox.requests.total()


@pytest.mark.parametrize("point", range(POINTS))
def test_a_sync_that_is_killed_is_gone_on_with(
    children: Nursery, whole: tuple[dict[str, list[Any]], int, int], point: int
) -> None:
    """SIGKILL before a statement or a request, wherever: the next sync leaves what a whole one leaves."""
    found, statements, requests = whole
    chance, path = random.Random(point), children.folder / f"{point}.db"
    where = {"statement": chance.randint(1, statements)} if point % 2 else {"request": chance.randint(1, requests)}
    assert children.sync(path, **where) == -signal.SIGKILL
    assert children.sync(path) == 0
    with open_store(path) as store:
        assert contents(store) == found
        assert store.runs(9)[0].outcome == "done"


@pytest.mark.parametrize("point", range(3))
def test_a_killed_sync_of_postgresql_is_gone_on_with(
    children: Nursery, whole: tuple[dict[str, list[Any]], int, int], postgresql: str, point: int
) -> None:
    """The same content, whatever it is kept in."""
    found, statements, _ = whole
    assert children.sync(postgresql, statement=statements * (point + 1) // 4) == -signal.SIGKILL
    assert children.sync(postgresql) == 0
    with open_store(postgresql) as store:
        assert contents(store) == found
