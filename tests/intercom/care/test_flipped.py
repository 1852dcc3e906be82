"""Flipped bits: each is found, or changes nothing that anybody reads."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from bi_contracts.errors import StoreError
from bi_contracts.intercom.store import open_store
from bi_contracts.intercom.store.examining import examine, expected
from bi_contracts.intercom.store.repairing import repair
from bi_contracts.intercom.store.verifying import verify

from .conftest import Original
from .damage import PAGE, flip, owners
from .filling import answers, content


def notices(path: Path) -> bool:
    """Whether a verification finds anything."""
    if list(examine(path, expected())):
        return True
    try:
        with open_store(path, create=False) as store:
            return verify(store).damaged != 0
    except StoreError:
        return True


def unseen(path: Path, original: Original) -> bool:
    """Whether readers get what they got before."""
    with open_store(path, create=False) as store:
        return content(store) == original.content


@pytest.mark.parametrize("seed", range(3))
def test_a_flipped_bit_anywhere_is_found_or_changes_nothing(original: Original, tmp_path: Path, seed: int) -> None:
    """Bits of bytes that are not zero, drawn from all over the file."""
    chance, whole = random.Random(seed), original.path.read_bytes()
    used = [at for at, byte in enumerate(whole) if byte]
    for _ in range(8):
        path = original.copied(tmp_path / "store.db")
        at, bit = chance.choice(used), chance.randrange(8)
        flip(path, at, bit)
        assert notices(path) or unseen(path, original), f"byte {at}, bit {bit}"


def test_a_flipped_byte_in_what_intercom_sent_is_found_in_every_table(original: Original, tmp_path: Path) -> None:
    """In the middle of the last cell of a page, where the rows themselves stand."""
    pages = owners(original.path)
    for name in ("conversations", "parts", "contacts", "tickets", "messages_fts_data"):
        path = original.copied(tmp_path / "store.db")
        flip(path, pages[name][-1] * PAGE - 40, 2)
        assert notices(path), name


@pytest.mark.parametrize("at", [0, 16, 18, 21, 24, 28, 44, 56, 72, 100, 105], ids=str)
def test_a_damaged_header_is_healed(damaged: Path, original: Original, at: int) -> None:
    """Bytes of the first page that SQLite goes by."""
    flip(damaged, at, 0)
    found = list(examine(damaged, expected()))
    done = repair(damaged, answers(original.bodies))
    assert done.after.sound
    assert unseen(damaged, original)
    assert found or at == 24  # a counter of changes, which may have any value


def test_flipped_content_is_fetched_again_and_nothing_else_is(damaged: Path, original: Original) -> None:
    """One message is damaged: one conversation is asked for, and the file stays where it is."""
    whole = damaged.read_bytes()
    at = whole.index(b"newer 4")
    flip(damaged, at, 1)
    fetch = answers(original.bodies)
    done = repair(damaged, fetch)
    assert done.before.damaged
    assert done.after.sound
    assert done.kept is None
    assert len(fetch.asked) <= 1
    assert unseen(damaged, original)
