"""Messages that have words, by each database's own full-text search; told by their numbers, which grow with time."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, any_, bindparam, func, literal, select, text
from sqlalchemy.dialects.postgresql import ARRAY, BIGINT, TEXT

from ..schema import parts
from .words import Words, without_marks

_MATCHES = {
    "sqlite": text(
        "SELECT rowid FROM messages_fts WHERE messages_fts MATCH :words AND rowid >= :lo AND rowid < :hi"
        " ORDER BY rowid DESC LIMIT :most"
    ),
    "postgresql": text(
        "SELECT n FROM parts WHERE words @@ to_tsquery('simple', :words) AND n >= :lo AND n < :hi"
        " ORDER BY n DESC LIMIT :most"
    ),
}
_AMONG = {
    "sqlite": text(
        "SELECT rowid FROM messages_fts WHERE messages_fts MATCH :words"
        " AND rowid IN (SELECT value FROM json_each(:numbers))"
    ),
    "postgresql": text(
        "SELECT n FROM parts WHERE words @@ to_tsquery('simple', :words) AND n = ANY(:numbers)"
    ).bindparams(bindparam("numbers", type_=ARRAY(BIGINT))),
}
_FROM = text(
    "SELECT rowid FROM messages_fts WHERE messages_fts MATCH :words AND rowid >= :lo AND rowid < :hi"
    " ORDER BY rowid LIMIT :most"
)
_NEAR = 12
"""Messages that are looked for one by one in less time than those around them are read."""

_READ = 1_000
"""Messages with the words that are read for them."""


def matches(connection: Connection, words: Words, lo: int, hi: int, most: int) -> list[int]:
    """Messages that have the words, numbered from `lo` and below `hi`; the newest of them, newest first."""
    asked = {"words": expression(connection, words), "lo": lo, "hi": hi, "most": most}
    return list(connection.execute(_MATCHES[connection.dialect.name], asked).scalars())


def among(connection: Connection, words: Words, numbers: Sequence[int]) -> set[int]:
    """Those of the messages that have the words."""
    if not numbers:
        return set()
    listed = json.dumps(numbers) if connection.dialect.name == "sqlite" else list(numbers)
    asked = {"words": expression(connection, words), "numbers": listed}
    return set(connection.execute(_AMONG[connection.dialect.name], asked).scalars())


def among_near(connection: Connection, words: Words, numbers: Sequence[int]) -> set[int]:
    """The same for messages of which most are near each other in time: whatever has the words there is read."""
    if connection.dialect.name != "sqlite" or len(numbers) < _NEAR:
        return among(connection, words, numbers)
    ordered = sorted(numbers)
    hi = ordered[len(ordered) * 9 // 10] + 1
    asked = {"words": expression(connection, words), "lo": ordered[0], "hi": hi, "most": _READ}
    found = set(connection.execute(_FROM, asked).scalars())
    read = hi if len(found) < _READ else max(found) + 1
    return {number for number in ordered if number in found} | among(
        connection, words, [number for number in ordered if number >= read]
    )


def messages_of(connection: Connection, conversations: Collection[int], lo: int, hi: int) -> list[tuple[int, int]]:
    """(message, conversation) of conversations, numbered from `lo` and below `hi`."""
    number = parts.c.n + 0  # so that an index of the conversations is used, not of the numbers
    asked = select(parts.c.n, parts.c.conversation).where(
        one_of(connection, parts.c.conversation, sorted(conversations)), number >= lo, number < hi
    )
    return [(number, conversation) for number, conversation in connection.execute(asked)]


def expression(connection: Connection, words: Words) -> str:
    """The words in the database's language: every phrase quoted, all of them wanted.

    A phrase has letters and digits only, so that nothing in it could end the quotes.
    """
    if connection.dialect.name == "sqlite":
        return " ".join(f'"{phrase.text}"' for phrase in words.phrases)
    # Without diacritics, as they are indexed; case is left to the database, which folded it by its own locale.
    return " & ".join(f"'{without_marks(phrase.text)}'" for phrase in words.phrases)


def one_of(connection: Connection, column: ColumnElement[Any], values: Sequence[Any]) -> ColumnElement[bool]:
    """Whether a column has one of many values, which are one parameter: the statement stays the same for any number."""
    if connection.dialect.name == "sqlite":
        return column.in_(select(func.json_each(json.dumps(values)).table_valued("value").c.value))
    return column == any_(literal(list(values), ARRAY(BIGINT if isinstance(column.type, Integer) else TEXT)))
