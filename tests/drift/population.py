"""Random APIs for laws: a random description of a response, and random responses that follow it."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from bi_contracts.interaction import Envelope

_WORDS = (
    "address amount balance budget colour comment count created currency deadline detail due first flag "
    "height iban index inner length limit margin member note number offset owner parent period price "
    "quota rank rate region score serial size stock subject sum tax team total unit updated usage volume "
    "weight width "
)
KEYS = tuple(_WORDS.split())


@dataclass(frozen=True)
class Leaf:
    """A scalar of one type."""

    kind: str


@dataclass(frozen=True)
class Many:
    """An array."""

    item: Any


@dataclass(frozen=True)
class Member:
    """A property: how often it is there, how often it is null."""

    value: Any
    presence: float = 1.0
    nulls: float = 0.0


@dataclass(frozen=True)
class Record:
    """An object with fixed keys."""

    members: dict[str, Member]


LEAVES = ("integer", "number", "string", "boolean", "date-time", "uuid")


def leaves() -> st.SearchStrategy[Leaf]:
    """Any scalar."""
    return st.sampled_from(LEAVES).map(Leaf)


def records(values: st.SearchStrategy[Any], sometimes: bool, smallest: int = 2) -> st.SearchStrategy[Record]:
    """Objects over these values; `sometimes` lets members be optional or nullable."""
    share = st.sampled_from((1.0, 1.0, 1.0, 0.8, 0.5)) if sometimes else st.just(1.0)
    nulls = st.sampled_from((0.0, 0.0, 0.0, 0.3)) if sometimes else st.just(0.0)
    member = st.builds(Member, values, share, nulls)
    return st.dictionaries(st.sampled_from(KEYS), member, min_size=smallest, max_size=6).map(Record)


def apis(sometimes: bool = True) -> st.SearchStrategy[Record]:
    """Bodies: nested records, arrays and scalars."""
    values = st.recursive(leaves(), lambda inner: st.one_of(inner.map(Many), records(inner, sometimes)), max_leaves=6)
    return records(values, sometimes)


def value_of(node: Any, rng: random.Random, fewest: int = 0) -> Any:
    """A random value; arrays have at least `fewest` items."""
    if isinstance(node, Leaf):
        return _scalar(node.kind, rng)
    if isinstance(node, Many):
        return [value_of(node.item, rng, fewest) for _ in range(rng.randint(fewest, 3))]
    return {
        key: None if rng.random() < member.nulls else value_of(member.value, rng, fewest)
        for key, member in node.members.items()
        if rng.random() < member.presence
    }


def _scalar(kind: str, rng: random.Random) -> Any:
    makers = {
        "integer": lambda: rng.randint(-9, 10**6),
        "number": lambda: rng.randint(0, 10**6) + 0.25,
        "boolean": lambda: rng.random() < 0.5,
        "string": lambda: f"text {rng.randint(0, 10**6)}",
        "date-time": lambda: f"2024-0{rng.randint(1, 9)}-1{rng.randint(0, 9)}T10:00:{rng.randint(10, 59)}Z",
        "uuid": lambda: str(uuid.UUID(int=rng.getrandbits(128))),
    }
    return makers[kind]()


def responses(node: Any, seed: int, count: int, fewest: int = 0) -> list[Envelope]:
    """So many responses of one API."""
    rng = random.Random(seed)
    headers = {"content-type": "application/json; charset=utf-8", "date": "now", "x-request-id": "1"}
    return [
        {"status": 200, "headers": dict(headers, date=str(number)), "body": value_of(node, rng, fewest)}
        for number in range(count)
    ]


def pointers(node: Any, pointer: str = "/body") -> list[tuple[str, Any, str]]:
    """Every property: the path of the object that holds it, the object, the key."""
    if isinstance(node, Many):
        return pointers(node.item, f"{pointer}/*")
    if not isinstance(node, Record):
        return []
    below = [found for key, member in node.members.items() for found in pointers(member.value, f"{pointer}/{key}")]
    return [(pointer, node, key) for key in node.members] + below


def visit(value: Any, steps: list[str], change: Any) -> None:
    """Call `change` on every object that a path such as `["body", "*", "x"]` leads to."""
    if not steps:
        if isinstance(value, dict):
            change(value)
    elif steps[0] == "*":
        for item in value or ():
            visit(item, steps[1:], change)
    elif isinstance(value, dict) and steps[0] in value:
        visit(value[steps[0]], steps[1:], change)


def random_api(rng: random.Random, depth: int = 3) -> Record:
    """A random API with optional and nullable members, for laws about rates."""
    members = {
        key: Member(_random_value(rng, depth), rng.choice((1.0, 1.0, 1.0, 0.9, 0.7, 0.4)), rng.choice((0.0, 0.0, 0.2)))
        for key in rng.sample(KEYS, rng.randint(3, 7))
    }
    return Record(members)


def _random_value(rng: random.Random, depth: int) -> Any:
    chance = rng.random()
    if depth and chance < 0.15:
        return random_api(rng, depth - 1)
    if depth and chance < 0.3:
        return Many(_random_value(rng, depth - 1))
    return Leaf(rng.choice(LEAVES))
