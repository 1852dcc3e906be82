"""Discriminated unions: whether the value of one key decides which other keys an object has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import comb, log2

from ..paths import Json
from .observation import Members, Node

SURPRISE = 5.0
"""Bits: how unlikely a clean split must be, had the key nothing to do with it."""
EXCLUSIVE = 3
"""So many keys that only ever stand in some variants convince even in few samples."""


@dataclass(frozen=True, slots=True)
class Split:
    """Objects grouped by the value of one key: how many of each, and which keys they had."""

    key: str
    sizes: dict[Json, int]
    present: dict[str, dict[Json, int]]
    kinds: dict[str, dict[Json, frozenset[str]]]


def discriminator(node: Node) -> str:
    """The key that tells the variants apart best, or `""` where the objects are one kind."""
    scored = [(score, split.key) for split in _splits(node) if (score := _score(split)) > 0]
    return min((-score, key) for score, key in scored)[1] if scored else ""


def _splits(node: Node) -> Iterator[Split]:
    keys = set.intersection(*({key for key, _ in signature} for signature in node.parts)) if node.parts else set()
    for key in sorted(keys):
        split = Split(key, {}, {}, {})
        for signature, members in node.parts.items():
            _count(split, dict(signature)[key], members)
        if len(split.sizes) > 1:
            yield split


def _count(split: Split, value: Json, members: Members) -> None:
    split.sizes[value] = split.sizes.get(value, 0) + members.count
    for name, node in members.nodes.items():
        present = split.present.setdefault(name, {})
        present[value] = present.get(value, 0) + node.count
        kinds = split.kinds.setdefault(name, {})
        kinds[value] = kinds.get(value, frozenset()) | (frozenset(node.types) - {"null"})


def _score(split: Split) -> float:
    """Bits of surprise, 0 when nothing speaks for a union."""
    if split.key in ("ok", "errors"):
        return float("inf")
    named = sum(1 for value in split.sizes if _is_named(split, value))
    if named * 2 >= len(split.sizes):
        return 1000.0 + named
    clean = [name for name in split.present if _is_clean(split, name)]
    if len(clean) >= EXCLUSIVE and _sides(split, clean) > 1:
        return 100.0 + len(clean)
    best = max((_surprise(split, split.present[name]) for name in clean), default=0.0)
    best = max(best, max((_kind_surprise(split, name) for name in split.kinds), default=0.0))
    return best if best >= SURPRISE else 0.0


def _is_named(split: Split, value: Json) -> bool:
    """The variant `page` has a key `page` that no other variant has."""
    present = split.present.get(str(value), {})
    return set(present) == {value} and present[value] == split.sizes[value]


def _is_clean(split: Split, name: str) -> bool:
    """Always there in some variants and never in the others."""
    present = split.present[name]
    return len(present) < len(split.sizes) and all(split.sizes[value] == count for value, count in present.items())


def _sides(split: Split, clean: list[str]) -> int:
    return len({value for name in clean for value in split.present[name]})


def _surprise(split: Split, present: dict[Json, int]) -> float:
    total, chosen = sum(split.sizes.values()), sum(present.values())
    return log2(comb(total, chosen)) - (len(split.sizes) - 1)


def _kind_surprise(split: Split, name: str) -> float:
    """The same for a key that every variant has, with a type of its own in some."""
    kinds = {value: kind for value, kind in split.kinds[name].items() if kind}
    if len(set(kinds.values())) < 2 or any(len(kind) > 1 for kind in kinds.values()):
        return 0.0
    if {"integer", "number"} >= {kind for group in kinds.values() for kind in group}:
        return 0.0
    first = min(kinds.values(), key=sorted)
    return _surprise(split, {value: split.sizes[value] for value, kind in kinds.items() if kind == first})
