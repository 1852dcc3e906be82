"""What a person types into a search, as words and phrases: never as the syntax of a database."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST = 1_000
"""Characters of a search that are read."""

MOST = 32
"""Words of a search that are looked for."""

_QUOTED = re.compile(r'"([^"]*)"?|([^\s"]+)')
_WORD = re.compile(r"[^\W_]+")
_WORD_AND_MARKS = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f])*")
_MARKS = re.compile(r"[\u0300-\u036f]+")


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that must follow each other; mostly it is one. `text` is how they were typed, without quotes."""

    text: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """Phrases that must all stand in a message.

    `blank` tells a search for everything from one that asks for no word at all, such as `???`: that finds nothing.
    """

    phrases: tuple[Phrase, ...]
    blank: bool

    @property
    def all(self) -> tuple[str, ...]:
        """Every word, once."""
        return tuple(dict.fromkeys(word for phrase in self.phrases for word in phrase.words))


def words_of(text: str) -> Words:
    """The words of a search. Between double quotes, and inside `e-mail` or `don't`, they must follow each other."""
    text = text.replace("\0", " ").encode("utf-8", "replace").decode()[:LONGEST]
    phrases: dict[tuple[str, ...], Phrase] = {}
    left = MOST
    for quoted, single in _QUOTED.findall(text):
        phrase = _phrase(quoted or single, left)
        if phrase.words and phrase.words not in phrases:
            phrases[phrase.words] = phrase
            left -= len(phrase.words)
    return Words(tuple(phrases.values()), blank=not text.strip())


def _phrase(typed: str, most: int) -> Phrase:
    found = _WORD_AND_MARKS.findall(typed)[:most]
    return Phrase(" ".join(found), tuple(map(folded, found)))


def folded(text: str) -> str:
    """Without case and accents, so that `CAFÉ` is `cafe`."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", without_marks(text.lower()))


def without_marks(text: str) -> str:
    """Letters without what is above and below them, decomposed."""
    return _MARKS.sub("", unicodedata.normalize("NFD", text))


def tokens(text: str) -> list[str]:
    """The words of a message, folded."""
    return _WORD.findall(folded(text))


def places(text: str) -> Iterator[tuple[int, int, str]]:
    """Where each word of a message begins and ends, and the word folded."""
    return ((found.start(), found.end(), folded(found[0])) for found in _WORD_AND_MARKS.finditer(text))
