"""A damage together with what mends it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ..values import Damage


class Remedy(StrEnum):
    """What `--repair` does about a damage."""

    NOTHING = "nothing"
    """It is not the store's: Intercom sent it so."""
    SALVAGE = "salvage"
    """What can be read of the file is brought into a new one."""
    LOG = "log"
    """What is whole of the write-ahead log is brought into the file, and the log emptied."""
    REINDEX = "reindex"
    SEARCH = "search"
    """The full-text index is built anew."""
    TAGS = "tags"
    """The tags that searches read are told again by their conversations."""
    REFETCH = "refetch"
    """The conversation is asked for again."""
    REWRITE = "rewrite"
    """Its columns are read again from what Intercom sent, which is whole."""
    PART = "part"
    """A message of no conversation is removed."""
    ERASE = "erase"
    """What a tombstone still holds is removed."""
    KNOW = "know"
    """Contacts are told again by the conversations that name them."""
    CONTACTS = "contacts"
    """The contact is removed, and the next sync of contacts reads all of them."""
    TICKETS = "tickets"
    """The ticket is removed, and the next sync of tickets reads all of them."""
    COUNT = "count"
    """Counters are counted again."""
    COVER = "cover"
    """Coverage is given up: the next sync reads the heads again."""
    BOOKS = "books"
    """A row of bookkeeping is removed: the next sync writes it again."""


@dataclass(frozen=True, slots=True)
class Found:
    """One damage, its remedy, and which row it is about.

    Attributes:
        damage: As it is told.
        remedy: What mends it.
        n: Number of the conversation, 0 where it is about none.
        part: Number of the message, 0 where it is about none or all of them.
        key: Of a row of another table: its primary key.
    """

    damage: Damage
    remedy: Remedy
    n: int = 0
    part: int = 0
    key: tuple[str | int, ...] = ()
