"""Contract and observation as two flat tables of facts, path by path. deepdiff states where they differ.

Nothing is judged here. A path enters the tables only where both sides know something: below an empty array, a
null or an absent parent the samples are silent, and so are the tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

from ..contract.decide import shape_of
from ..contract.headers import CONTENT_TYPE, LIFECYCLE
from ..contract.maps import is_map
from ..contract.observation import DISCRIMINATORS, Members, Node
from ..contract.shape import ENTRY, ITEM, Field, Shape, Union, escape, selector
from ..contract.tokens import looks_like_data
from ..paths import Json

OTHER: Final = "other text"
"""Stands for strings that are no tokens: they may be personal and are never shown."""


class Kind(StrEnum):
    """What a path is, which decides the rules that apply to it."""

    STATUS = "status"
    HEADER = "header"
    BODY = "body"
    PROPERTY = "property"
    ITEM = "item"
    UNION = "union"
    OUTCOME = "outcome"


class Presence(StrEnum):
    """Whether a member was always, sometimes or never there."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Fact:
    """What is known of one path on one side. A count of None was written by a person, not counted."""

    kind: Kind
    presence: Presence | None = None
    seen: int | None = None
    of: int | None = None
    types: Mapping[str, int | None] = field(default_factory=dict)
    formats: Mapping[str, int | None] = field(default_factory=dict)
    values: Mapping[Json, int | None] = field(default_factory=dict)
    likeness: tuple[Any, ...] = ()
    samples: int | None = None

    def view(self) -> dict[str, str]:
        """The shape alone, without counts: what deepdiff compares."""
        return {
            "presence": self.presence or "",
            "types": " ".join(sorted(self.types)),
            "formats": " ".join(sorted(self.formats)),
            "values": " ".join(sorted(map(repr, self.values))),
        }


@dataclass(frozen=True, slots=True)
class Facts:
    """Both tables, with the same paths (evidence pointers) in both."""

    before: Mapping[str, Fact]
    after: Mapping[str, Fact]

    def differences(self) -> Iterator[tuple[str, str]]:
        """The paths and aspects (`presence`, `types`, `formats`, `values`) that differ, in order."""
        from deepdiff import DeepDiff

        before = {pointer: fact.view() for pointer, fact in self.before.items()}
        after = {pointer: fact.view() for pointer, fact in self.after.items()}
        unlike = [pointer for pointer in before if before[pointer] != after[pointer]]
        tree = DeepDiff({key: before[key] for key in unlike}, {key: after[key] for key in unlike}, view="tree")
        found = {tuple(item.path(output_format="list")[:2]) for items in tree.values() for item in items}
        yield from sorted((str(pointer), str(aspect)) for pointer, aspect in found)


def flatten(shape: Shape, node: Node) -> Facts:
    """The facts of a contract's shape and of fresh envelopes, side by side."""
    walk = _Walk()
    walk.envelope(shape, node)
    return Facts(walk.before, walk.after)


class _Walk:
    def __init__(self) -> None:
        self.before: dict[str, Fact] = {}
        self.after: dict[str, Fact] = {}
        self.samples: int | None = None

    def put(self, pointer: str, before: Fact, after: Fact) -> None:
        self.before[pointer], self.after[pointer] = before, after

    def envelope(self, shape: Shape, node: Node) -> None:
        variants = _by_status(shape)
        groups = {status: group for status, group in node.grouped("status").items() if status is not None}
        if None not in variants or not any(map(is_success, groups)):
            known = {200 if status is None else status: variant.seen for status, variant in variants.items()}
            self.put(
                "/status",
                Fact(Kind.STATUS, values=known, of=shape.seen),
                Fact(Kind.STATUS, values={status: groups[status].count for status in groups}, of=node.count),
            )
        for status, group in groups.items():
            variant = variants.get(status) or (variants.get(None) if is_success(status) else None)
            if variant is not None:
                self.samples = variant.seen if is_success(status) else None
                self._parts(selector("status", status) if len(variants) > 1 else "", variant, group.objects())

    def _parts(self, pointer: str, shape: Shape, members: Members) -> None:
        headers, body = members.nodes.get("headers"), members.nodes["body"]
        if headers is not None:
            self._headers(f"{pointer}/headers", shape.fields.get("headers"), headers.objects())
        if "body" in shape.fields:
            self.value(f"{pointer}/body", shape.fields["body"].shape, body, Kind.BODY)

    def _headers(self, pointer: str, known: Field | None, seen: Members) -> None:
        fields = {name.lower(): member for name, member in (known.shape.fields if known else {}).items()}
        of = known.shape.objects if known else None
        for name in {**fields, **seen.nodes}:
            if name in fields or fields or name in LIFECYCLE:
                before, after = self._presence(Kind.HEADER, fields.get(name), seen.nodes.get(name), of, seen.count)
                if name == CONTENT_TYPE and name in fields and name in seen.nodes:
                    before, after = _with_values(before, after, fields[name].shape, seen.nodes[name])
                self.put(f"{pointer}/{escape(name)}", before, after)

    def _presence(
        self, kind: Kind, known: Field | None, seen: Node | None, of: int | None, fresh: int
    ) -> tuple[Fact, Fact]:
        presence = Presence.ABSENT if known is None else Presence.REQUIRED if known.required else Presence.OPTIONAL
        before = Fact(kind, presence, known.shape.seen if known else 0, of, samples=self.samples)
        count = seen.count if seen else 0
        after = Presence.REQUIRED if count == fresh else Presence.OPTIONAL if count else Presence.ABSENT
        return before, Fact(kind, after, count, fresh)

    def value(
        self, pointer: str, shape: Shape, node: Node, kind: Kind, presence: tuple[Fact, Fact] | None = None
    ) -> None:
        """One path where both sides stand, and everything below it."""
        outer = presence or (Fact(kind, samples=self.samples), Fact(kind))
        before, after = _with_types(*outer, shape, node)
        self.put(pointer, *_with_values(before, after, shape, node))
        if shape.items is not None and node.items is not None:
            self.value(f"{pointer}/{ITEM}", shape.items, node.items, Kind.ITEM)
        if node.parts and (shape.union or "object" in shape.types or shape.fields):
            self._objects(pointer, shape, node, frozenset(), kind)

    def _objects(self, pointer: str, shape: Shape, node: Node, skip: frozenset[str], kind: Kind) -> None:
        if shape.union is not None:
            self._union(pointer, shape.union, node, skip)
        elif pinned := _pinned(shape, skip):
            self._pinned(pointer, shape, pinned, node, skip)
        elif _is_graphql(shape, kind) and True in (groups := node.grouped("errors")):
            self._outcome(f"{pointer}/errors", {False: shape.objects}, groups)
            if rest := [group for value, group in groups.items() if value is not True]:
                self._record(pointer, shape, _together(rest).objects(), skip)
        else:
            self._record(pointer, shape, node.objects(), skip)

    def _outcome(self, pointer: str, known: Mapping[Json, int | None], groups: Mapping[Json, Node]) -> None:
        counts = {value: group.count for value, group in groups.items() if value is not None}
        before = Fact(Kind.OUTCOME, values=known, of=_total(known), samples=self.samples)
        self.put(pointer, before, Fact(Kind.OUTCOME, values=counts, of=_total(counts)))

    def _union(self, pointer: str, union: Union, node: Node, skip: frozenset[str]) -> None:
        groups = node.grouped(union.key)
        known = {value: variant.seen for value, variant in union.variants.items()}
        path = f"{pointer}/{escape(union.key)}"
        if union.key in ("ok", "errors"):
            self._outcome(path, known, groups)
        else:
            self._discriminator(path, union, known, node, groups)
            self._undiscriminated(pointer, union, _total(known), groups.get(None))
        told = skip if union.key == "errors" else skip | {union.key}
        for value, variant in union.variants.items():
            below = pointer + selector(union.key, value)
            if value in groups:
                self._objects(below, variant, groups[value], told, Kind.ITEM)
            elif None in groups and value is _SUCCESS.get(union.key):
                self._objects(below, variant, groups[None], skip, Kind.ITEM)

    def _discriminator(
        self, path: str, union: Union, known: dict[Json, int | None], node: Node, groups: Mapping[Json, Node]
    ) -> None:
        members = node.objects()
        seen = members.nodes.get(union.key)
        fields = [variant.fields.get(union.key) for variant in union.variants.values()]
        required = all(member is None or member.required for member in fields)
        total = _total(known)
        shape = Shape(types={"string": total}, seen=total)
        before, after = self._presence(Kind.UNION, Field(shape, required), seen, total, members.count)
        if seen is not None:
            before, after = _with_types(before, after, shape, seen)
            counts = {value: group.count for value, group in groups.items() if value is not None}
            strays = seen.types.get("string", 0) - sum(counts.values())
            values = counts | ({OTHER: strays} if strays > 0 else {})
            before, after = replace(before, values=known), replace(after, values=values)
        self.put(path, before, after)

    def _undiscriminated(self, pointer: str, union: Union, of: int | None, group: Node | None) -> None:
        """Objects without a discriminator belong to no variant: only what no variant knows can be told of them."""
        members = group.objects() if group is not None else Members()
        known = _keys(union)
        for key in members.nodes if known is not None else ():
            if key not in (known or ()):
                self._member(pointer, key, None, of, members)

    def _pinned(self, pointer: str, shape: Shape, key: str, node: Node, skip: frozenset[str]) -> None:
        """A record whose discriminator has one value: compare what has that value with it."""
        groups, value = node.grouped(key), shape.fields[key].shape.values[0]
        if key == "ok" and None not in groups:
            self._outcome(f"{pointer}/{key}", {value: shape.objects}, groups)
            if value in groups:
                self._record(pointer, shape, groups[value].objects(), skip | {key})
        elif value in groups and len(groups) > 1:
            self._member(pointer, key, shape.fields[key], shape.objects, node.objects())
            self._record(pointer, shape, groups[value].objects(), skip | {key})
        else:
            self._record(pointer, shape, node.objects(), skip)

    def _record(self, pointer: str, shape: Shape, members: Members, skip: frozenset[str]) -> None:
        if members.rest is not None and shape.entries is None:
            return
        for key, member in shape.fields.items():
            if key not in skip:
                self._member(pointer, key, member, shape.objects, members)
        extra = {key: node for key, node in members.nodes.items() if key not in shape.fields and key not in skip}
        if shape.entries is not None:
            self._entries(pointer, shape.entries, extra, members)
        elif not _is_user_keyed(extra, shape, members):
            for key in extra:
                self._member(pointer, key, None, shape.objects, members)

    def _entries(self, pointer: str, entries: Shape, extra: Mapping[str, Node], members: Members) -> None:
        merged = _together([*extra.values(), *([members.rest] if members.rest is not None else [])])
        if merged.count:
            self.value(f"{pointer}/{ENTRY}", entries, merged, Kind.ITEM)

    def _member(self, pointer: str, key: str, known: Field | None, of: int | None, members: Members) -> None:
        seen, path = members.nodes.get(key), f"{pointer}/{escape(key)}"
        facts = self._presence(Kind.PROPERTY, known, seen, of, members.count)
        if known is not None and seen is not None:
            self.value(path, known.shape, seen, Kind.PROPERTY, facts)
            return
        shape = known.shape if known is not None else shape_of(seen, key) if seen is not None else Shape()
        alike = _likeness(shape)
        self.put(path, replace(facts[0], likeness=alike), replace(facts[1], likeness=alike))


_SUCCESS: Final[Mapping[str, bool]] = {"ok": True, "errors": False}
"""The outcome that a body without the key is held against."""


def _keys(union: Union) -> frozenset[str] | None:
    """Every key that some variant has, None where a variant may have any."""
    keys = {union.key}
    for variant in union.variants.values():
        inner = _keys(variant.union) if variant.union is not None else frozenset(variant.fields)
        if not inner or variant.entries is not None:
            return None
        keys |= inner
    return frozenset(keys)


def _is_graphql(shape: Shape, kind: Kind) -> bool:
    """A body of GraphQL that the contract only knows as successful."""
    return kind is Kind.BODY and "data" in shape.fields and "errors" not in shape.fields


def _together(nodes: list[Node]) -> Node:
    merged = Node()
    for node in nodes:
        merged.merge(node)
    return merged


def is_success(status: Json) -> bool:
    """2xx and 3xx: what the endpoint is called for."""
    return isinstance(status, int) and 200 <= status < 400


def _by_status(shape: Shape) -> dict[int | None, Shape]:
    """The contract's envelopes by status; None where it does not name one."""
    if shape.union is not None and shape.union.key == "status":
        return dict(shape.union.variants)
    statuses = shape.fields["status"].shape.values if "status" in shape.fields else ()
    return dict.fromkeys(statuses, shape) if statuses else {None: shape}


def _pinned(shape: Shape, skip: frozenset[str]) -> str:
    """The discriminator that every object has with the same value; an optional one tells nothing about the rest."""
    for key, member in shape.fields.items():
        known = member.required and len(member.shape.values) == 1 and key not in skip
        if known and (key in DISCRIMINATORS or key == "ok"):
            return key
    return ""


def _with_types(before: Fact, after: Fact, shape: Shape, node: Node) -> tuple[Fact, Fact]:
    """Both facts with their types; an integer is a number where the contract says number."""
    if not shape.types:
        return before, after
    known, seen = dict(shape.types), dict(node.types)
    if "number" in known:
        known["number"] = _plus(known["number"], known.pop("integer", None))
        if "integer" in seen or "number" in seen:
            seen["number"] = seen.get("number", 0) + seen.pop("integer", 0)
    return (
        replace(before, types=known, seen=before.seen if before.presence else shape.seen),
        replace(after, types=seen, seen=after.seen if after.presence else node.count),
    )


def _with_values(before: Fact, after: Fact, shape: Shape, node: Node) -> tuple[Fact, Fact]:
    """Both facts with vocabulary and format, where the contract has them and fresh strings can be held against it."""
    strings = node.types.get("string", 0)
    if not strings:
        return before, after
    if shape.values and all(isinstance(value, str) for value in shape.values):
        seen = node.values if node.values is not None else {OTHER: strings}
        before, after = (
            replace(before, values=dict.fromkeys(shape.values)),
            replace(after, values=_covered(shape, seen)),
        )
    if shape.format:
        before = replace(before, formats={shape.format: shape.types.get("string")})
        after = replace(after, formats=dict(node.formats))
    return before, after


def _covered(shape: Shape, seen: Mapping[str, int]) -> dict[Json, int | None]:
    """The values seen; a known value that was not met is no fact, so it is taken as seen no times."""
    new = any(value not in shape.values for value in seen)
    return dict(seen) if new else dict.fromkeys(shape.values)


def _is_user_keyed(extra: Mapping[str, Node], shape: Shape, members: Members) -> bool:
    """Whether unknown keys are a customer's, so that naming them would be noise."""
    if not extra:
        return False
    if not shape.fields:
        return is_map(members, "", pascal=False)
    return len(extra) > 1 and all(map(looks_like_data, extra))


def _likeness(shape: Shape) -> tuple[Any, ...]:
    kinds = tuple(sorted(set(shape.types) - {"null"}))
    return (kinds, shape.format, tuple(sorted(shape.fields))) if kinds else ()


def _total(counts: Mapping[Json, int | None]) -> int | None:
    known = [count for count in counts.values() if count is not None]
    return sum(known) if known else None


def _plus(one: int | None, two: int | None) -> int | None:
    return one if two is None else two if one is None else one + two
