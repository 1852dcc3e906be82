"""What is remembered: written whole, read with care."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bi_contracts.errors import ConfigurationError
from bi_contracts.health import State
from bi_contracts.health.codec import Unreadable, decoded, encoded
from bi_contracts.health.memory import Memory, load, place, save, set_aside
from bi_contracts.workspace import Workspace

from .making import DOWN, UP, World, settings


def lived() -> Memory:
    """A memory with something of everything in it."""
    world = World(names=("gong", "slack"), settings=settings(failures=1, successes=1))
    world.looks([UP, DOWN, UP])
    world.chat.refuse = True
    world.look(DOWN, UP)
    return world.monitor.memory


def test_what_is_saved_is_what_is_loaded(tmp_path: Path) -> None:
    """Standings, budgets, alerts, messages that wait, incidents, counts: all of it."""
    memory = lived()
    assert memory.outbox
    assert memory.incidents
    assert memory.ledger
    assert memory.counts
    save(memory, tmp_path / "health.json")
    assert load(tmp_path / "health.json") == memory


def test_nothing_is_remembered_where_there_is_no_file(tmp_path: Path) -> None:
    """The first run begins with nothing."""
    assert load(tmp_path / "health.json") == Memory()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"version": 2, "memory": {}}',
        '{"version": 1}',
        '{"version": 1, "memory": {"standings": {"gong": {}}}}',
        '{"version": 1, "memory": {"standings": {"gong": {"platform": 7}}}}',
        '{"version": 1, "memory": {"standings": {"gong": {"platform": "gong", "state": "well"}}}}',
        '{"version": 1, "memory": {"standings": {"gong": {"platform": "gong", "since": true}}}}',
        '{"version": 1, "memory": {"standings": []}}',
        '{"version": 1, "memory": {"surprise": 1}}',
        '{"version": 1, "memory": {"at": "yesterday"}}',
        '{"version": 1, "memory": {"at": 1e300}}',
        '{"version": 1, "memory": {"budgets": {"gong": {"minutes": {"width": 60, "kept": 1, "buckets": [[1, 2]]}}}}}',
        '{"version": 1, "memory": {"outbox": [{"channel": "chat"}]}}',
        "[" * 100_000,
    ],
)
def test_a_damaged_file_is_told_of_with_its_name(tmp_path: Path, text: str) -> None:
    """Whatever it holds: one sentence for people, and never a value out of it."""
    path = tmp_path / "health.json"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=r"health\.json: damaged \("):
        load(path)


def test_a_file_that_is_no_text_is_told_of(tmp_path: Path) -> None:
    """Bytes that are no UTF-8, or a folder in its place."""
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "folder").mkdir()
    for name in ("bytes", "folder"):
        with pytest.raises(ConfigurationError, match=f"{name}: cannot be read"):
            load(tmp_path / name)


def test_a_damaged_file_is_kept_aside(tmp_path: Path) -> None:
    """Somebody may want to look at it."""
    path = tmp_path / "health.json"
    path.write_text("{")
    kept = set_aside(path)
    assert (kept.name, kept.read_text(), path.exists()) == ("health.json.damaged", "{", False)
    with pytest.raises(ConfigurationError, match="remove it"):
        set_aside(path)


def test_a_file_does_not_decide_how_much_is_kept(tmp_path: Path) -> None:
    """Rings have our widths, whatever a file says."""
    memory = lived()
    document = encoded(memory)
    document["budgets"]["gong"]["minutes"]["kept"] = 1e11
    document["budgets"]["gong"]["halves"]["width"] = 1
    path = tmp_path / "health.json"
    path.write_text(json.dumps({"version": 1, "memory": document}))
    found = load(path).budgets["gong"]
    assert found.minutes == memory.budgets["gong"].minutes
    assert found.halves.buckets == ()


def test_live_and_sandbox_have_memories_of_their_own(tmp_path: Path) -> None:
    """What a sandbox said never passes for what the platforms said."""
    space = Workspace(tmp_path)
    assert place(space, "live") == tmp_path / ".bi-contracts" / "health.json"
    assert place(space, "sandbox") == tmp_path / ".bi-contracts" / "health.sandbox.json"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5) | st.just("gong"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["standings", "platform", "state", "at", "gong", "ledger", "x"]), inner, max_size=3
        )
    ),
    max_leaves=12,
)


@given(JSON)
def test_whatever_is_read_is_a_memory_or_unreadable(value: object) -> None:
    """No file can make the reader fail in another way."""
    try:
        found = decoded(Memory, value)
    except Unreadable:
        return
    assert decoded(Memory, encoded(found)) == found


def test_an_enum_is_written_as_its_value() -> None:
    """JSON has no state of its own."""
    assert encoded({"state": State.UP, "rows": (1, 2)}) == {"state": "up", "rows": [1, 2]}
