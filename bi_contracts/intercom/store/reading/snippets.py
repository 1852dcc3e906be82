"""A little of a message, around the words that were found in it."""

from __future__ import annotations

from .words import Words, places

LENGTH = 200
"""Characters."""

READ = 20_000
"""Characters of a message that are looked through."""

_BEFORE = 60
"""Characters before the first word that was found."""


def snippet(text: str, words: Words) -> str:
    """The text around the first of the words, in one line; its beginning where none of them is seen."""
    wanted = frozenset(words.all)
    at = next((begin for begin, _, word in places(text[:READ]) if word in wanted), 0) if wanted else 0
    begin = _begin(text, at)
    piece = text[begin : begin + LENGTH]
    cut = begin + LENGTH < len(text)
    if cut and " " in piece[LENGTH // 2 :]:
        piece = piece.rsplit(" ", 1)[0]
    return f"{'…' if begin else ''}{' '.join(piece.split())}{'…' if cut else ''}"


def _begin(text: str, at: int) -> int:
    """Where a snippet begins: after a space before the word, so that words stay whole."""
    if at <= _BEFORE:
        return 0
    space = text.find(" ", at - _BEFORE, at)
    return space + 1 if space >= 0 else at - _BEFORE // 2
