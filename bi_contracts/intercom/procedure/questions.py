"""Questions whose right answers are known, drawn from the data themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice, pairwise, zip_longest
from random import Random
from typing import Any

from .truth import Known, Message, Truth

LIMIT = 50
"""Conversations that are asked for; words that more have are not asked after."""

ABSENT = "qxzvwkjq"
"""A word that nobody writes."""

NAMES: Mapping[str, tuple[str, ...]] = {
    "text": ("query", "q", "text", "search", "search_query", "keywords"),
    "contact": ("contact", "customer_email", "email", "contact_email", "customer"),
    "since": ("since", "start_date", "from", "updated_after", "created_after", "after"),
    "until": ("until", "end_date", "to", "updated_before", "created_before", "before"),
    "state": ("state", "status"),
    "limit": ("limit", "max_results", "per_page", "page_size", "count"),
    "id": ("id", "conversation_id", "conversationId"),
}
"""What is asked for -> how servers call the argument, ours first."""


@dataclass(frozen=True)
class Question:
    """A search whose right answer is known.

    Attributes:
        kind: What it is an example of.
        asked: What is asked for, by our names: text, contact, since, until, state, limit.
        expected: Ids that must be found.
        words: Words that one message of each found conversation must have.
    """

    kind: str
    asked: Mapping[str, Any] = field(repr=False)
    expected: frozenset[str] = field(repr=False)
    words: tuple[str, ...] = field(default=(), repr=False)

    def arguments(self, schema: Mapping[str, Any]) -> dict[str, Any] | None:
        """The arguments as a tool calls them; None where it cannot be asked this."""
        return renamed(self.asked, schema)

    def fits(self, one: Known) -> bool:
        """Whether a conversation may be among what is found. Longer words are allowed: servers may find beginnings."""
        asked = self.asked
        if "contact" in asked and asked["contact"].casefold() not in one.people:
            return False
        if "state" in asked and one.state != asked["state"]:
            return False
        if self.words:
            return any(all(_in(word, message) for word in self.words) for message in one.messages)
        return bool(asked.get("since", 0) <= one.updated_at < asked.get("until", float("inf")))


def _in(words: str, message: Message) -> bool:
    """Whether a word is in a message, or a phrase: whatever stands between its words but letters and digits."""
    return words in (message.spaced if " " in words else message.folded)


def renamed(asked: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any] | None:
    """Arguments by the names that a tool's schema has; None where one is missing that is not merely a limit."""
    known = schema.get("properties", {})
    found: dict[str, Any] = {}
    for name, value in asked.items():
        theirs = next((each for each in NAMES[name] if each in known), None)
        if theirs is not None:
            found[theirs] = value
        elif name != "limit":
            return None
    required = [name for name in schema.get("required", ()) if name not in found]
    return None if required else found


def drawn(truth: Truth, chance: Random, schema: Mapping[str, Any], wanted: int) -> list[Question]:
    """At least so many questions that a tool can be asked, of every kind in turn; fewer only where data are few."""
    kinds = [
        _words(truth, chance),
        _contacts(truth, chance),
        _pairs(truth, chance),
        _windows(truth),
        _states(truth),
        iter([_newest(truth)]),
        iter([Question("absent", {"text": ABSENT, "limit": LIMIT}, frozenset(), (ABSENT,))]),
    ]
    # Words never end: where a tool takes none, there are no more rounds than one that does would need.
    turns = chain.from_iterable(islice(zip_longest(*kinds), wanted))
    askable = (one for one in turns if one is not None and one.arguments(schema) is not None)
    return list(islice(askable, wanted))


def _words(truth: Truth, chance: Random) -> Iterator[Question]:
    """Words that few conversations have, and words that many have, in turn; again from the start at the end."""
    known = sorted((count, word) for word, count in truth.frequency.items() if count <= LIMIT)
    if not known:
        return
    while True:
        for words in (known[: len(known) // 2 + 1], known[len(known) // 2 :]):
            word = chance.choice(words)[1]
            yield _text("word", truth, (word,), word)


def _pairs(truth: Truth, chance: Random) -> Iterator[Question]:
    """Two words of one message, and two that follow each other as a phrase."""
    for number, message in enumerate(_messages(truth, chance)):
        known = [word for word in message.words if word in truth.frequency]
        if len(set(known)) < 2:
            continue
        if number % 3 or not (phrase := _phrase(message)):
            first, second = chance.sample(sorted(set(known)), 2)
            yield _text("two words", truth, (first, second), f"{first} {second}")
        else:
            yield _text("phrase", truth, (phrase,), f'"{phrase}"')


def _messages(truth: Truth, chance: Random) -> Iterator[Message]:
    found = [message for one in truth.known.values() for message in one.messages]
    chance.shuffle(found)
    return iter(found[:12])


def _phrase(message: Message) -> str:
    """Two words that stand in the text as they are, one space between them."""
    pairs = (f"{first} {second}" for first, second in pairwise(message.words) if min(len(first), len(second)) > 2)
    return next((pair for pair in pairs if pair.isascii()), "")


def _text(kind: str, truth: Truth, words: tuple[str, ...], text: str) -> Question:
    parts = tuple(word for phrase in words for word in phrase.split())
    found = (
        one.id
        for one in truth.known.values()
        if any(set(parts) <= set(message.words) and all(_whole(w, message) for w in words) for message in one.messages)
    )
    return Question(kind, {"text": text, "limit": LIMIT}, frozenset(found), words)


def _whole(words: str, message: Message) -> bool:
    return " " not in words or f" {words} " in f" {message.spaced} "


def _contacts(truth: Truth, chance: Random) -> Iterator[Question]:
    """Addresses first: every server knows them."""
    people = sorted({person for one in truth.known.values() for person in one.people if "@" in person})
    for person in chance.sample(people, min(3, len(people))):
        found = frozenset(one.id for one in truth.known.values() if person in one.people)
        yield Question("contact", {"contact": person, "limit": LIMIT}, found)


def _windows(truth: Truth) -> Iterator[Question]:
    """The newer half, the older half, and what lies between two conversations."""
    times = sorted({one.updated_at for one in truth.known.values()})
    if len(times) < 4:
        return
    middle, quarter = times[len(times) // 2], times[len(times) // 4]
    for asked in ({"since": middle}, {"since": quarter, "until": middle}):
        yield _filtered("window", truth, asked)


def _states(truth: Truth) -> Iterator[Question]:
    for state in sorted({one.state for one in truth.known.values()} & {"open", "closed", "snoozed"}):
        yield _filtered("state", truth, {"state": state})


def several(truth: Truth, schema: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of a search with as many filters at once as a tool knows; {} without data."""
    one = next((each for each in truth.known.values() if each.people and each.messages), None)
    if one is None:
        return {}
    words = [word for word in max(one.messages, key=lambda message: len(message.words)).words if len(word) > 2]
    person = next((each for each in sorted(one.people) if "@" in each), min(one.people))
    asked = {
        "text": " ".join(words[:3]),
        "contact": person,
        "state": one.state,
        "since": one.messages[0].at - 86_400,
        "until": one.updated_at + 86_400,
        "limit": LIMIT,
    }
    known = schema.get("properties", {})
    return {theirs: asked[name] for name in asked for theirs in NAMES[name][:6] if theirs in known}


def _newest(truth: Truth) -> Question:
    return Question("newest", {"limit": 10}, frozenset(list(truth.known)[:10]))


def _filtered(kind: str, truth: Truth, asked: Mapping[str, Any]) -> Question:
    question = Question(kind, {**asked, "limit": LIMIT}, frozenset())
    fitting: Iterable[Known] = (one for one in truth.known.values() if question.fits(one))
    return Question(kind, question.asked, frozenset(one.id for one in islice(fitting, LIMIT)))
