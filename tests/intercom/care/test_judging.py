"""One conversation as it is stored, judged by itself."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from bi_contracts.intercom.raw import canonical, digest_of, packed
from bi_contracts.intercom.records import content_digest
from bi_contracts.intercom.store import open_store
from bi_contracts.intercom.store.checks.conversations import FORGOTTEN, Judge, Stored
from bi_contracts.intercom.store.verifying import stored_after

from .conftest import Original
from .filling import END

Change = Callable[[dict[str, Any], list[dict[str, Any]]], None]


@pytest.fixture(scope="module")
def sound(original: Original) -> Stored:
    """A whole conversation of several messages."""
    with open_store(original.path, read_only=True) as store, store.reading() as connection:
        return max(stored_after(connection, 0, 20, 20), key=lambda one: len(one.parts))


def sealed(row: dict[str, Any], parts: list[dict[str, Any]]) -> None:
    """Hashes of what is there now: as if it had been written so."""
    for part in parts:
        part["digest"] = digest_of(canonical_of(part["raw"]))
    row["digest"] = content_digest(digest_of(canonical_of(row["raw"])), {part["id"]: part["digest"] for part in parts})


def canonical_of(raw: bytes) -> bytes:
    import zlib

    return zlib.decompress(raw) if raw[:1] == b"\x78" else raw


def no_message(row: dict[str, Any], parts: list[dict[str, Any]]) -> None:
    parts[1]["raw"] = packed(canonical({"id": "x"}))
    sealed(row, parts)


def no_conversation(row: dict[str, Any], parts: list[dict[str, Any]]) -> None:
    row["raw"] = packed(canonical([1, 2]))
    sealed(row, parts)


def another_message(row: dict[str, Any], parts: list[dict[str, Any]]) -> None:
    parts[1]["id"] = "else\n"
    sealed(row, parts)


CASES: dict[str, tuple[Change, str]] = {
    "raw": (lambda row, _: row.update(raw=b"\x78\x01broken"), "what Intercom sent of it is damaged"),
    "no conversation": (no_conversation, "what Intercom sent of it cannot be read (TypeError)"),
    "no message": (no_message, "a message cannot be read"),
    "another message": (another_message, "message (its id is damaged) is none of it"),
    "number": (lambda _, parts: parts[1].update(n=5), ": n: not what Intercom sent"),
    "tags": (lambda row, _: row.update(tags='{"a": 1}'), "tags: not what Intercom sent"),
    "no list of tags": (lambda row, _: row.update(tags="["), "tags: not what Intercom sent"),
    "places": (lambda _, parts: parts[2].update(position=parts[1]["position"]), "two messages have one place"),
    "first": (lambda _, parts: parts[0].update(position=-1), "the first message is not first"),
    "beyond": (lambda _, parts: parts[-1].update(position=99), "a message has a place beyond the end"),
    "future": (lambda row, _: row.update(updated_at=END * 2), "it was updated in the future"),
    "forgotten": (lambda row, _: row.update(digest="", pending=True), FORGOTTEN),
    "id": (lambda row, _: row.update(id="1\x00"), "id: not what Intercom sent"),
}


@pytest.mark.parametrize("case", CASES)
def test_each_damage_is_told_in_its_words(sound: Stored, case: str) -> None:
    """And in no words of anybody else."""
    change, said = CASES[case]
    row, parts = dict(sound.row), [dict(part) for part in deepcopy(list(sound.parts))]
    change(row, parts)
    told = [found.damage.message for found in Judge(END).damages(Stored(row, parts, sound.links))]
    assert any(message.endswith(said) for message in told), told


def test_what_is_sound_is_told_nothing_of(sound: Stored) -> None:
    """And its body is shown to the contract."""
    shown: list[Any] = []
    assert list(Judge(END, look=shown.append).damages(sound)) == []
    assert shown[0]["id"] == sound.row["id"]


def test_links_to_a_contact_that_became_another_are_right(sound: Stored) -> None:
    """Followed to the last, and no further where they go round."""
    (named,) = sound.links
    moved = Stored(sound.row, sound.parts, frozenset({"new"}))
    judge = Judge(END, merged={named: "between", "between": "new"})
    assert list(judge.damages(moved)) == []
    assert list(Judge(END, merged={named: "a", "a": named}).damages(moved))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"subject": "x"}, "words of it are still held"),
        ({"deleted_at": END * 2}, "in the future"),
        ({"deleted_by": "nobody"}, "how its deletion is known"),
    ],
)
def test_a_tombstone_holds_no_words(original: Original, change: dict[str, Any], said: str) -> None:
    """And says when and how it is known."""
    with open_store(original.path, read_only=True) as store, store.reading() as connection:
        gone = next(one for one in stored_after(connection, 0, 99, 99) if one.row["deleted_at"] is not None)
    assert list(Judge(END + 9).damages(gone)) == []
    told = [
        found.damage.message for found in Judge(END + 9).damages(Stored({**gone.row, **change}, gone.parts, gone.links))
    ]
    assert any(said in message for message in told)
