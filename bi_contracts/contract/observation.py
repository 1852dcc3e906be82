"""What was seen: responses folded into counts, one at a time.

Folding is a commutative monoid: the order of the samples, and how they are split, cannot matter. Memory
grows with the shape of the responses, not with their number. Objects are kept apart by the values of their
possible discriminators, so that whether they form a union can be decided at the end, by counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..errors import ConfigurationError
from ..interaction import Envelope
from ..paths import Json
from .headers import contract_headers
from .tokens import format_of, is_token

DISCRIMINATORS: Final = frozenset(
    {"__typename", "type", "object", "kind", "event", "subtype", "resource_type", "resource_subtype", "record_type"}
    | {"event_type", "eventType", "objectType", "resourceType", "recordType", "@type", "_type"}
)
VARIANTS: Final = 64
"""A discriminator with more values than this is data."""
VALUES: Final = 24
"""A string with more values than this is no enumeration."""
MEMBERS: Final = 2000
"""An object with more distinct keys than this is a map."""
DEPTH: Final = 60
"""Deeper values are counted, not opened."""

Signature = tuple[tuple[str, Json], ...]


@dataclass(frozen=True, slots=True)
class Folding:
    """How to fold: which keys may discriminate, and how many values each may have."""

    keys: frozenset[str] = DISCRIMINATORS
    variants: int = VARIANTS


class Members:
    """Objects of one signature: how many, and what each key held."""

    __slots__ = ("count", "nodes", "rest")

    def __init__(self) -> None:
        self.count = 0
        self.nodes: dict[str, Node] = {}
        self.rest: Node | None = None
        """All keys together, once there are too many of them."""

    def node(self, key: str) -> Node:
        """The node of a member, made where it is new."""
        if self.rest is not None:
            return self.rest
        found = self.nodes.get(key)
        if found is None:
            found = self.nodes[key] = Node()
            if len(self.nodes) > MEMBERS:
                return self._collapse()
        return found

    def together(self) -> Node:
        """All values as one node, whatever their key."""
        merged = Node()
        for node in self.nodes.values():
            merged.merge(node)
        if self.rest is not None:
            merged.merge(self.rest)
        return merged

    def merge(self, other: Members) -> None:
        """Takes in what another observation counted."""
        self.count += other.count
        for key, node in other.nodes.items():
            self.node(key).merge(node)
        if other.rest is not None:
            rest = self.rest if self.rest is not None else self._collapse()
            rest.merge(other.rest)

    def _collapse(self) -> Node:
        self.rest, self.nodes = self.together(), {}
        return self.rest


class Node:
    """What was seen at one path."""

    __slots__ = ("count", "dropped", "formats", "items", "parts", "types", "values")

    def __init__(self) -> None:
        self.count = 0
        self.types: dict[str, int] = {}
        self.formats: dict[str, int] = {}
        self.values: dict[str, int] | None = {}
        self.items: Node | None = None
        self.parts: dict[Signature, Members] = {}
        self.dropped: frozenset[str] = frozenset()

    def add(self, value: Json, how: Folding, depth: int = 0, level: str = "") -> None:
        """Count one value. `level` is `envelope` or `body` at the top, where other keys discriminate."""
        self.count += 1
        kind = _KINDS.get(type(value)) or _kind_of(value)
        self.types[kind] = self.types.get(kind, 0) + 1
        if kind == "string":
            self._add_string(value)
        elif depth < DEPTH and kind == "array":
            self._add_items(value, how, depth)
        elif depth < DEPTH and kind == "object":
            self._add_members(value, how, depth, level)

    def _add_string(self, text: str) -> None:
        kind = format_of(text)
        self.formats[kind] = self.formats.get(kind, 0) + 1
        if self.values is None:
            return
        if kind or not is_token(text):
            self.values = None
        else:
            self.values[text] = self.values.get(text, 0) + 1
            if len(self.values) > VALUES:
                self.values = None

    def _add_items(self, values: list[Json], how: Folding, depth: int) -> None:
        if not values:
            return
        if self.items is None:
            self.items = Node()
        for value in values:
            self.items.add(value, how, depth + 1)

    def _add_members(self, value: Mapping[str, Json], how: Folding, depth: int, level: str) -> None:
        members = self._part(_signature(value, how, level, self.dropped), how.variants)
        members.count += 1
        for key, item in value.items():
            if type(key) is not str and not isinstance(key, str):
                raise ConfigurationError(f"a response holds an object whose key is a {type(key).__name__}: not JSON.")
            below = "body" if level == "envelope" and key == "body" else ""
            members.node(key).add(item, how, depth + 1, below)

    def _part(self, signature: Signature, variants: int) -> Members:
        found = self.parts.get(signature)
        if found is None:
            found = self.parts[signature] = Members()
            if len(self.parts) > variants:
                self._drop(self._crowded(variants))
                found = self.parts[_without(signature, self.dropped)]
        return found

    def _crowded(self, variants: int) -> frozenset[str]:
        distinct: dict[str, set[Json]] = {}
        for signature in self.parts:
            for key, value in signature:
                distinct.setdefault(key, set()).add(value)
        return frozenset(key for key, seen in distinct.items() if len(seen) > variants)

    def _drop(self, keys: frozenset[str]) -> None:
        if keys <= self.dropped:
            return
        self.dropped |= keys
        parts, self.parts = self.parts, {}
        for signature, members in parts.items():
            self._into(_without(signature, self.dropped), members)

    def _into(self, signature: Signature, members: Members) -> None:
        if signature in self.parts:
            self.parts[signature].merge(members)
        else:
            self.parts[signature] = members

    def merge(self, other: Node, variants: int = VARIANTS) -> None:
        """Add everything `other` saw. `other` must not be used afterwards unless both are only read."""
        self.count += other.count
        _add_counts(self.types, other.types)
        _add_counts(self.formats, other.formats)
        self.values = _union_values(self.values, other.values)
        if other.items is not None:
            self.items = self.items if self.items is not None else Node()
            self.items.merge(other.items, variants)
        self._merge_parts(other, variants)

    def _merge_parts(self, other: Node, variants: int) -> None:
        self._drop(other.dropped)
        for signature, members in other.parts.items():
            mine = self.parts.setdefault(_without(signature, self.dropped), Members())
            mine.merge(members)
        if len(self.parts) > variants:
            self._drop(self._crowded(variants))

    def objects(self) -> Members:
        """All objects seen here as one population."""
        if len(self.parts) == 1:
            return next(iter(self.parts.values()))
        merged = Members()
        for members in self.parts.values():
            merged.merge(members)
        return merged

    def grouped(self, key: str) -> dict[Json, Node]:
        """The objects by the value of `key`, each group as a node of its own; None where it has no such value."""
        groups: dict[Json, Node] = {}
        for signature, members in self.parts.items():
            value = dict(signature).get(key)
            group = groups.setdefault(value, Node())
            group.count += members.count
            group.types["object"] = group.count
            group.dropped = self.dropped | {key}
            copy = Members()
            copy.merge(members)
            group._into(_without(signature, group.dropped), copy)
        return groups


def observe(responses: Iterable[Envelope], how: Folding | None = None) -> Node:
    """Fold responses into one node whose objects are envelopes."""
    node, how = Node(), how or Folding()
    for response in responses:
        node.add(_comparable(response), how, level="envelope")
    return node


def _comparable(response: Envelope) -> dict[str, Any]:
    """The envelope with contract-worthy headers. No headers at all means: nothing is known about them."""
    envelope: dict[str, Any] = {"status": response["status"], "body": response["body"]}
    if response["headers"]:
        envelope["headers"] = contract_headers(response["headers"])
    return envelope


def _signature(value: Mapping[str, Json], how: Folding, level: str, dropped: frozenset[str]) -> Signature:
    if level == "envelope":
        return (("status", value["status"]),)
    pairs = [
        (key, value[key])
        for key in how.keys & value.keys() - dropped
        if isinstance(value[key], str) and is_token(value[key])
    ]
    if level == "body":
        pairs += _outcome(value)
    return tuple(sorted(pairs)) if len(pairs) > 1 else tuple(pairs)


def _outcome(body: Mapping[str, Json]) -> list[tuple[str, Json]]:
    """Success or failure told in the body: Slack's `ok`, GraphQL's `errors`."""
    if isinstance(body.get("ok"), bool):
        return [("ok", body["ok"])]
    if "errors" in body and not body["errors"]:
        return []  # some servers send an empty list of errors with a success
    if body.keys() <= {"data", "errors", "extensions"} and body.keys() & {"data", "errors"}:
        return [("errors", "errors" in body)]
    return []


def _without(signature: Signature, dropped: frozenset[str]) -> Signature:
    return tuple(pair for pair in signature if pair[0] not in dropped) if dropped else signature


def _add_counts(into: dict[str, int], counts: dict[str, int]) -> None:
    for key, count in counts.items():
        into[key] = into.get(key, 0) + count


def _union_values(one: dict[str, int] | None, two: dict[str, int] | None) -> dict[str, int] | None:
    if one is None or two is None:
        return None
    merged = dict(one)
    _add_counts(merged, two)
    return merged if len(merged) <= VALUES else None


def _kind_of(value: Json) -> str:
    """The JSON type of a value of a derived class. Raises ConfigurationError for what is no JSON."""
    for kind, name in _KINDS.items():
        if isinstance(value, kind):
            return name
    raise ConfigurationError(f"a response holds a {type(value).__name__}, which is no JSON value.")


_KINDS: Final[dict[type, str]] = {
    type(None): "null",
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    tuple: "array",
    dict: "object",
}
