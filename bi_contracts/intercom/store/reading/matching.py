"""Messages that have words, by each database's own full-text search; told by their numbers, which grow with time."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, any_, bindparam, func, literal, select, text
from sqlalchemy.dialects.postgresql import ARRAY, BIGINT, TEXT

from ..schema import parts
from ..sqlite import TOKENIZER
from .words import Phrase, Words, without_marks

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
_AMONG = text("SELECT n FROM parts WHERE words @@ to_tsquery('simple', :words) AND n = ANY(:numbers)").bindparams(
    bindparam("numbers", type_=ARRAY(BIGINT))
)
_TEXTS = text("SELECT n, text FROM parts WHERE n IN (SELECT value FROM json_each(:numbers)) AND text <> ''")
_NEWEST = 32
"""Messages with a word that tell how frequent it is."""

_NESTED = '((%s) NOT ("q" NOT "q"))'
"""What is within, which FTS5 then finds by itself: of words beside each other it tries all at every message.

Nothing is taken away: `q NOT q` is nothing.
"""


def matches(connection: Connection, words: Words, lo: int, hi: int, most: int) -> list[int]:
    """Messages that have the words, numbered from `lo` and below `hi`; the newest of them, newest first."""
    asked = {"words": expression(connection, words), "lo": lo, "hi": hi, "most": most}
    return list(connection.execute(_MATCHES[connection.dialect.name], asked).scalars())


def among(connection: Connection, words: Words, numbers: Sequence[int]) -> set[int]:
    """Those of the messages that have the words."""
    if not numbers:
        return set()
    if connection.dialect.name == "sqlite":
        # FTS5 takes up to a millisecond to say of one message whether it has the words: the texts are read sooner.
        rows = connection.execute(_TEXTS, {"numbers": json.dumps(numbers)}).all()
        return having(expression(connection, words), [(number, said) for number, said in rows])
    asked = {"words": expression(connection, words), "numbers": list(numbers)}
    return set(connection.execute(_AMONG, asked).scalars())


def having(asked: str, texts: Sequence[tuple[int, str]]) -> set[int]:
    """Those of the texts that have the words, found as SQLite's index finds them: in one that is made of these only."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as memory:
        memory.execute(
            f"CREATE VIRTUAL TABLE texts USING fts5(text, content='', columnsize=0, tokenize=\"{TOKENIZER}\")"
        )
        memory.execute("BEGIN")
        memory.executemany("INSERT INTO texts (rowid, text) VALUES (?, ?)", texts)
        return {number for (number,) in memory.execute("SELECT rowid FROM texts WHERE texts MATCH ?", (asked,))}


def rarest_first(connection: Connection, words: Words) -> Words:
    """The words in the order in which SQLite finds them soonest."""
    if connection.dialect.name != "sqlite" or len(words.phrases) < 2:
        return words
    newest = {word: _newest(connection, word) for word in words.all}
    ordered = sorted(words.phrases, key=lambda phrase: min(newest[word] for word in phrase.words))
    return replace(words, phrases=tuple(ordered))


def _newest(connection: Connection, word: str) -> tuple[int, int]:
    """How many messages have a word, up to some; and of these the newest ones' first: the older, the rarer."""
    found = matches(connection, Words((Phrase(word, (word,)),), blank=False), 0, 1 << 62, _NEWEST)
    return len(found), found[-1] if found else 0


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
        found, *others = (f'"{phrase.text}"' for phrase in words.phrases)
        for at, other in enumerate(others):
            found = f"{_NESTED % found if at else found} AND {other}"
        return found
    # Without diacritics, as they are indexed; case is left to the database, which folded it by its own locale.
    return " & ".join(f"'{without_marks(phrase.text)}'" for phrase in words.phrases)


def one_of(connection: Connection, column: ColumnElement[Any], values: Sequence[Any]) -> ColumnElement[bool]:
    """Whether a column has one of many values, which are one parameter: the statement stays the same for any number."""
    if connection.dialect.name == "sqlite":
        return column.in_(select(func.json_each(json.dumps(values)).table_valued("value").c.value))
    return column == any_(literal(list(values), ARRAY(BIGINT if isinstance(column.type, Integer) else TEXT)))
