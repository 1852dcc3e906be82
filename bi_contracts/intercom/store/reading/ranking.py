"""Best first, by BM25 over a bounded number of messages.

Source: Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond (2009), section 3; weights of
terms as Robertson and Spärck Jones give them where nothing is known of relevance, kept above 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from ..schema import counters, parts
from .candidates import Candidate
from .matching import matches, one_of
from .walking import ends
from .words import Phrase, Words, tokens

MOST = 500
"""Messages that are ranked together: the newest that are left."""

_K1, _B = 1.2, 0.75
_READ = 2_000
"""Characters of a message that count."""

_COUNTED = 500
"""Messages with a word that are counted one by one; more of them are estimated."""


def ranked(connection: Connection, words: Words, found: Sequence[Candidate]) -> list[tuple[float, int]]:
    """(score, message), the best first: one message a conversation. Among equals the newest is first."""
    conversation_of = dict(found)
    scored = _scored(connection, words, [number for number, _ in found])
    best: dict[int, tuple[float, int]] = {}
    for score, number in scored:
        conversation = conversation_of[number]
        best[conversation] = max(best.get(conversation, (-1.0, 0)), (score, number))
    return sorted(best.values(), reverse=True)


def _scored(connection: Connection, words: Words, numbers: Sequence[int]) -> list[tuple[float, int]]:
    asked = select(parts.c.n, func.substr(parts.c.text, 1, _READ)).where(one_of(connection, parts.c.n, numbers))
    counted = [(number, *_counted(words, tokens(text))) for number, text in connection.execute(asked)]
    usual = sum(length for _, length, _ in counted) / max(1, len(counted))
    weights = _weights(connection, words)
    return [
        (sum(weight * _saturated(often, length, usual) for weight, often in zip(weights, each, strict=True)), number)
        for number, length, each in counted
    ]


def _counted(words: Words, message: Sequence[str]) -> tuple[int, tuple[int, ...]]:
    """How long a message is, and how often it has each phrase."""
    return len(message), tuple(times(phrase, message) for phrase in words.phrases)


def _saturated(often: int, length: int, usual: float) -> float:
    """More of a word counts less each time, and less in a long message."""
    return often * (_K1 + 1) / (often + _K1 * (1 - _B + _B * length / max(usual, 1.0)))


def times(phrase: Phrase, message: Sequence[str]) -> int:
    """How often a message has a phrase: at least once, since the database found it there."""
    first, *others = phrase.words
    if not others:
        return max(1, message.count(first))
    length = len(phrase.words)
    wanted = list(phrase.words)
    return max(1, sum(message[at : at + length] == wanted for at in range(len(message) - length + 1)))


def _weights(connection: Connection, words: Words) -> list[float]:
    """What each phrase tells: ln(1 + (N - n + 0.5) / (n + 0.5)) for n of N messages that have it."""
    of_all = select(func.sum(counters.c.value)).where(counters.c.name.in_(("conversations", "parts")))
    many = int(connection.execute(of_all).scalar() or 0)
    first, last = ends(connection)
    weights = []
    for phrase in words.phrases:
        with_it = min(_with(connection, phrase, word, first, last) for word in range(len(phrase.words)))
        with_it = min(with_it, many)
        weights.append(math.log(1 + (many - with_it + 0.5) / (with_it + 0.5)))
    return weights


def _with(connection: Connection, phrase: Phrase, word: int, first: int, last: int) -> float:
    """How many messages have a word: counted while they are few, else as if it was as frequent as it is lately."""
    one = Phrase(phrase.text.split(" ")[word], (phrase.words[word],))
    found = matches(connection, Words((one,), blank=False), first, last + 1, _COUNTED)
    if len(found) < _COUNTED:
        return len(found)
    return _COUNTED * (last - first + 1) / (last - found[-1] + 1)
