"""Whether an answer is right: held against what is known, field by field where the server's answers have fields."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from ..text import text_of
from .mcp_client import Answer
from .questions import Question
from .truth import Known, Truth

_LISTS = ("conversations", "results", "data", "items")
_IDS = ("id", "conversation_id", "conversationId")
_SPACE = re.compile(r"\s+")


def wrong_search(question: Question, answer: Answer, truth: Truth) -> str:
    """What is wrong with the answer to a search, "" where nothing is."""
    if answer.error:
        return f"an error: {answer.error}"
    found = ids_of(answer.value, truth)
    strangers = [id for id in found if id not in truth.known]
    if strangers and truth.complete:
        return f"{_counted(len(strangers), 'conversation')} that nobody has"
    known = [truth.known[id] for id in found if id in truth.known]
    if misfits := [one for one in known if not question.fits(one)]:
        return f"{_counted(len(misfits), 'conversation')} that {_do(len(misfits))} not fit"
    if len(set(found)) != len(found):
        return "a conversation more than once"
    limit = question.asked["limit"]
    if truth.complete and not _cut(answer.value):
        missing = question.expected - set(found)
        if missing and len(found) < limit:
            return f"{_counted(len(missing), 'conversation')} missing"
    return "" if _newest_first(known, question, answer.value) else "not the newest first"


def wrong_conversation(one: Known, value: Any) -> str:
    """What is wrong with a conversation as it was answered, "" where nothing is."""
    texts = [_flat(text) for text in strings(value)]
    if not any(one.id == id or one.id in id.split("_") for id in texts) and one.id not in " ".join(texts):
        return "another conversation"
    if isinstance(value, Mapping) and isinstance(value.get("messages"), list):
        told = [_flat(str(each.get("text", ""))) for each in value["messages"] if isinstance(each, Mapping)]
        wanted = [_flat(message.text) for message in one.messages]
        return "" if [text for text in told if text] == wanted else "other messages than those that are held"
    whole = "\n".join(texts)
    # Line by line: others tell a subject and a body apart.
    missing = sum(any(_flat(line) not in whole for line in message.text.splitlines()) for message in one.messages)
    return f"{_counted(missing, 'message')} missing" if missing else ""


def wrong_status(conversations: int, value: Any) -> str:
    """What is wrong with a status: it must tell how many conversations there are."""
    if isinstance(value, Mapping) and isinstance(value.get("held"), Mapping):
        told = value["held"].get("conversations")
        return "" if told == conversations else f"{told} conversations, and {conversations} are held"
    told_all = {number.replace(",", "") for text in strings(value) for number in re.findall(r"\d[\d,]*", text)}
    return "" if str(conversations) in told_all else f"it does not tell that {conversations} conversations are held"


def strings(value: Any) -> Iterator[str]:
    """Every text and number in a value, as text."""
    if isinstance(value, Mapping):
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from strings(item)
    elif value is not None and not isinstance(value, bool):
        yield str(value)


def ids_of(value: Any, truth: Truth) -> list[str]:
    """The conversations in an answer, in its order; in plain text, those whose ids it names."""
    rows = _rows(value)
    if rows is not None:
        ids = (next((row[name] for name in _IDS if name in row), "") for row in rows)
        return [str(id).removeprefix("conversation_") for id in ids if id != ""]
    named = re.findall(r"[0-9A-Za-z-]+", "\n".join(strings(value)))
    return [id for id in dict.fromkeys(named) if id in truth.known]


def _rows(value: Any) -> list[Mapping[str, Any]] | None:
    if isinstance(value, Mapping):
        for name in _LISTS:
            if isinstance(value.get(name), list):
                return _rows(value[name])
        return next((rows for item in value.values() if (rows := _rows(item)) is not None), None)
    if isinstance(value, list) and all(isinstance(row, Mapping) for row in value):
        return value
    return None


def _cut(value: Any) -> bool:
    """Whether an answer says that it was cut for another reason than the limit."""
    told = value.get("truncated") if isinstance(value, Mapping) else None
    return isinstance(told, Mapping) and told.get("is") is True and told.get("why") not in ("limit", "")


def _newest_first(known: list[Known], question: Question, value: Any) -> bool:
    """By any of the times that an order may go by: of the update, or of the newest message that matches."""
    rows = _rows(value) or []
    names = ("matched_at", "updated_at", "created_at")
    told = [[row[name] for row in rows] for name in names if _comparable([row.get(name) for row in rows])]
    orders: list[list[Any]] = [[one.updated_at for one in known], [_matched(one, question) for one in known], *told]
    return any(all(later <= earlier for earlier, later in pairwise(order)) for order in orders)


def _comparable(moments: list[Any]) -> bool:
    """Whether these are moments, all written in one way."""
    kinds = {type(each) for each in moments}
    return len(kinds) == 1 and kinds <= {int, float, str} and all(moments)


def _matched(one: Known, question: Question) -> int:
    times = (each.at for each in one.messages if all(word in each.spaced for word in question.words))
    return max(times, default=one.updated_at)


def _flat(text: str) -> str:
    """Text as it is read: no markup, one space between words."""
    return _SPACE.sub(" ", text_of(text)).strip()


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _do(number: int) -> str:
    return "does" if number == 1 else "do"
