"""A state file that somebody, or a bad disk, has written in: it is refused or it does no harm."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bi_contracts.errors import ConfigurationError
from bi_contracts.health import Settings
from bi_contracts.health.memory import LARGEST, load, save
from bi_contracts.health.metrics import exposition
from bi_contracts.health.page import render
from bi_contracts.health.wiring import Wiring

from .making import DOWN, START, UP, World, settings

JUNK: tuple[Any, ...] = (
    *(None, True, 0, -1, 10**400, 10**16, 1e14, -1e14, 3.5, "", "x", "\ud800", [], {}, [[]]),
    *("maintenance", "up", "unknown", "down", "critical", "live"),
)


@cache
def written() -> str:
    """A memory with something of everything in it."""
    world = World(settings=settings())
    world.chat.refuse = True
    world.looks([UP, UP, DOWN, DOWN, DOWN, DOWN, UP, UP, DOWN, DOWN, DOWN])
    from bi_contracts.health.codec import encoded

    return json.dumps({"version": 1, "memory": encoded(world.monitor.memory)})


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something stands; of a long list the first two."""
    yield path
    if isinstance(value, dict):
        for name in value:
            yield from places(value[name], (*path, name))
    elif isinstance(value, list):
        for at in range(min(2, len(value))):
            yield from places(value[at], (*path, at))


def changed(path: tuple[Any, ...], junk: Any) -> str:
    """The file with something else at one place."""
    document = json.loads(written())
    inner = document
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = junk
    return json.dumps(document)


def test_whatever_stands_at_one_place_is_refused_or_does_no_harm(tmp_path: Path) -> None:
    """Every place of the file, with every kind of nonsense: the watch goes on, and so do page, metrics and JSON."""
    path = tmp_path / "health.json"
    taken = 0
    found = [one for one in places(json.loads(written())) if len(one) > 1]
    for number, (place, junk) in enumerate((place, junk) for place in found for junk in JUNK):
        path.write_text(changed(place, junk))
        try:
            memory = load(path)
        except ConfigurationError:
            continue
        taken += 1
        if taken % 10:
            continue  # each of them would take seconds
        world = World(settings=Settings(objective=0.99, channels=(Wiring("chat", "slack"),)), memory=memory)
        world.monitor.keep = lambda memory: save(memory, path)
        world.now = START + 660
        look = world.look((UP, DOWN)[number % 2])
        assert render(look)
        assert exposition(look)
        assert json.dumps(look.as_dict()).encode()
    assert taken


@pytest.mark.parametrize(
    ("place", "junk"),
    [
        (("standings", "gong", "since"), 1e14),
        (("incidents", 0, "began"), -1e14),
        (("standings", "gong", "state"), "maintenance"),
        (("standings", "gong", "detail"), "\ud800"),
        (("configuration", "quality"), ["\ud800"]),
        (("counts", 0, "sent"), 10**400),
        (("budgets", "gong", "days", "buckets", 0), [1, 1, 0, -1, 0]),
    ],
)
def test_what_could_not_be_shown_or_written_again_is_refused(tmp_path: Path, place: tuple[Any, ...], junk: Any) -> None:
    """Times that no calendar has, halves of characters, states that nothing is ever in, less than no probes."""
    path = tmp_path / "health.json"
    path.write_text(changed(("memory", *place), junk))
    with pytest.raises(ConfigurationError, match="damaged"):
        load(path)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    """Sparse, so that it takes no room."""
    path = tmp_path / "health.json"
    path.touch()
    os.truncate(path, LARGEST + 1)
    with pytest.raises(ConfigurationError, match="damaged"):
        load(path)
