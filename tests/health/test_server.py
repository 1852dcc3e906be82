"""The watch over HTTP."""

from __future__ import annotations

import httpx
import pytest

from bi_contracts.health.server import Board
from bi_contracts.serving import running

from .making import DOWN, START, UP, World


@pytest.fixture
def world() -> World:
    return World()


def test_a_served_watch_shows_its_latest_look(world: World) -> None:
    """Page, JSON and metrics over a socket, each with its media type, none to be kept by a cache."""
    board = Board(lambda: world.now)
    with running(board) as url, httpx.Client(base_url=url, trust_env=False) as client:
        assert client.get("/status").status_code == 503
        board.hang(world.look(UP))
        page, plain, metrics = (client.get(path) for path in ("/status", "/status.json", "/metrics"))
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert "All platforms are up" in page.text
        assert plain.json()["overall_status"] == "healthy"
        assert metrics.headers["content-type"].startswith("text/plain; version=0.0.4")
        assert "probe_success" in metrics.text
        assert client.get("/").text == page.text
        assert page.headers["cache-control"] == "no-store"
        head = client.head("/status")
        assert (head.status_code, head.content) == (200, b"")
        world.look(DOWN)
        assert client.get("/nothing").status_code == 404
        assert client.post("/status").status_code == 405


def test_the_watch_is_well_as_long_as_it_looks(world: World) -> None:
    """/healthz says whether the watch goes on, whatever the platforms do; late is 503."""
    board = Board(lambda: world.now)
    assert board.answer("GET", "/healthz")[0] == 503
    board.hang(world.look(DOWN))
    assert board.answer("GET", "/healthz")[0] == 200
    world.now += 3 * world.settings.interval + 30
    assert board.answer("GET", "/healthz")[0] == 200
    world.now += 1
    status, _, text = board.answer("GET", "/healthz")
    assert (status, '"late"' in text) == (503, True)


def test_what_is_served_grows_old(world: World) -> None:
    """A watch that hangs does not go on saying that all is well."""
    board = Board(lambda: world.now)
    board.hang(world.look(UP))
    world.now = START + 10_000
    assert '"overall_status": "unknown"' in board.answer("GET", "/status.json")[2]
