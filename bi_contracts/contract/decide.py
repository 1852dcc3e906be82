"""From counts to a shape: which keys are required, which values are an enumeration, what is a map or a union."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from ..paths import Json
from .headers import CONTENT_TYPE
from .maps import is_map
from .observation import DISCRIMINATORS, Members, Node
from .shape import Field, Shape, Union, ordered
from .tokens import is_pascal, is_plain_token
from .unions import discriminator

STRUCTURAL: Final = frozenset({"object", "__typename", "@type"})
"""Keys whose single value is a constant of the API even when seen once."""
_CATEGORY = re.compile(
    r"(.*[_.-]?)?(type|kind|status|state|priority|severity|stage|phase|mode|visibility|role|level|direction|category"
    r"|scope|access|channel_type|event|object|result|outcome|method|action)",
    re.IGNORECASE,
)
_OPEN = re.compile(
    r".*(name|title|label|tag|slug|email|login|handle|owner|author|user|assignee|creator|city|country|region|locale"
    r"|lang|language|currency|timezone|time_zone|tz|domain|host|key|token|cursor|hash|color|colour|text|description"
    r"|comment|message|value|code|version|team|company|department|job|street|state_code)s?|.*(_id|Id|_by|By)|id|gid|ts",
    re.IGNORECASE,
)


def envelope_shape(node: Node) -> Shape:
    """The shape of whole envelopes. Statuses are variants: what a 404 says is never mixed with a 200."""
    groups = {status: group for status, group in node.grouped("status").items() if status is not None}
    variants = {status: _envelope(groups[status], status) for status in sorted(groups)}
    if len(variants) == 1:
        return next(iter(variants.values()))
    union = Union("status", variants) if variants else None
    return Shape(types={"object": node.count}, seen=node.count, union=union)


def _envelope(node: Node, status: Json) -> Shape:
    members = node.objects()
    parts = {
        "status": replace(_plain(members.nodes["status"], "status"), values=(status,)),
        "headers": _headers(members.nodes.get("headers")),
        "body": shape_of(members.nodes["body"], level="body"),
    }
    fields = {
        name: Field(shape, members.nodes[name].count == members.count)
        for name, shape in parts.items()
        if name in members.nodes
    }
    return Shape(types={"object": members.count}, seen=members.count, fields=fields)


def _headers(node: Node | None) -> Shape:
    if node is None:
        return Shape()
    members = node.objects()
    fields = {name: Field(_header(name, seen), seen.count == members.count) for name, seen in members.nodes.items()}
    return Shape(types=_types(node), seen=node.count, fields=fields)


def _header(name: str, node: Node) -> Shape:
    values = tuple(sorted(node.values or ())) if name == CONTENT_TYPE else ()
    return Shape(types=_types(node), seen=node.count, values=values)


def shape_of(node: Node, name: str = "", pascal: bool = False, level: str = "") -> Shape:
    """The shape at one path. `name` is the key it stands under, `level` is `body` at the top of a body."""
    shape = replace(_plain(node, name), values=_enumeration(node, name, level))
    if node.items is not None:
        shape = replace(shape, items=shape_of(node.items, pascal=pascal))
    return _with_members(shape, node, name, pascal, level) if node.parts else shape


def _plain(node: Node, name: str) -> Shape:
    agreed = next(iter(node.formats), "") if len(node.formats) == 1 else ""
    return Shape(types=_types(node), seen=node.count, format="" if name == "status" else agreed)


def _with_members(shape: Shape, node: Node, name: str, pascal: bool, level: str) -> Shape:
    members = node.objects()
    if is_map(members, name, pascal):
        return replace(shape, entries=shape_of(members.together(), pascal=pascal))
    key = discriminator(node)
    if not key:
        return _settled(replace(shape, fields=_fields(members, pascal, level)), node)
    variants = {value: _variant(group, key, value, name, pascal, level) for value, group in node.grouped(key).items()}
    return replace(shape, union=Union(key, variants))


def _variant(group: Node, key: str, value: Json, name: str, pascal: bool, level: str) -> Shape:
    shape = _with_members(Shape(types=_types(group), seen=group.count), group, name, pascal, level)
    return shape if key == "errors" else pinned(shape, key, value)


def _settled(shape: Shape, node: Node) -> Shape:
    """A body whose `ok` was never seen otherwise promises that value."""
    outcomes = {value for signature in node.parts for key, value in signature if key == "ok"}
    settled = len(outcomes) == 1 and shape.fields["ok"].required
    return pinned(shape, "ok", outcomes.pop()) if settled else shape


def pinned(shape: Shape, key: str, value: Json) -> Shape:
    """A variant whose discriminator can only have this value."""
    if shape.union is not None:
        inner = {name: pinned(variant, key, value) for name, variant in shape.union.variants.items()}
        return replace(shape, union=Union(shape.union.key, inner))
    if key not in shape.fields:
        return shape
    member = shape.fields[key]
    return replace(shape, fields={**shape.fields, key: replace(member, shape=replace(member.shape, values=(value,)))})


def _fields(members: Members, pascal: bool, level: str) -> dict[str, Field]:
    inside = pascal or any(map(is_pascal, members.nodes))
    below = "root" if level == "body" else ""
    return {
        key: Field(shape_of(node, key, inside, below), node.count == members.count)
        for key, node in members.nodes.items()
    }


def _types(node: Node) -> dict[str, int | None]:
    return {kind: node.types[kind] for kind in ordered(node.types)}


def _enumeration(node: Node, name: str, level: str) -> tuple[Json, ...]:
    """The values, when the counts leave no doubt that they are a closed vocabulary."""
    seen = node.values
    if not seen or not set(node.types) <= {"string", "null"}:
        return ()
    total, fewest = sum(seen.values()), min(seen.values())
    if name in DISCRIMINATORS and len(seen) == 1:
        return tuple(seen) if total >= 3 or level == "root" or name in STRUCTURAL else ()
    if len(seen) == 1 or fewest < 2 or not all(map(is_plain_token, seen)) or not _is_closed(name, len(seen), total):
        return ()
    return tuple(sorted(seen))


def _is_closed(name: str, distinct: int, total: int) -> bool:
    if _CATEGORY.fullmatch(name):
        return total >= 8 and total >= 3 * distinct
    return distinct <= 8 and total >= 20 and total >= 5 * distinct and not _OPEN.fullmatch(name)
