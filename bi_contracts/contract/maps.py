"""Maps told from records.

A record's keys were chosen by the API's author and are the contract; a map's keys are data: Notion's
`properties`, Looker's `can`, anything keyed by an id or by a name that somebody typed.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from .observation import Members, Node
from .tokens import is_pascal, looks_like_data

SCALAR_MAPS: Final = frozenset(
    {"custom_attributes", "customAttributes", "custom_fields", "customFields", "custom_properties", "customProperties"}
)
"""Objects that vendors document as keyed by the customer's own names, with values of any type."""
NAMED_MAPS: Final = frozenset({"can", "properties"})
"""Objects whose entries share one shape and whose keys are the customer's, where the entries agree."""


def is_map(members: Members, name: str, pascal: bool) -> bool:
    """Whether the keys are data. `pascal`: this API writes its own keys like `CreatedDate`."""
    if members.rest is not None:
        return True
    keys, nodes = list(members.nodes), list(members.nodes.values())
    if not keys:
        return False
    typed = sum(map(looks_like_data, keys)) * 2 >= len(keys)
    kind = common_kind(nodes)
    if name in SCALAR_MAPS or (typed and len(keys) > 1):
        return True
    if not kind or not agree(nodes, kind):
        return False
    foreign = not pascal and sum(map(is_pascal, keys)) * 2 >= len(keys) and kind in ("object", "array")
    return typed or foreign or _named(name, kind) or _varies(members)


def common_kind(nodes: Collection[Node]) -> str:
    """The one type, null aside, that all these values have; `""` when they differ or are all null."""
    kinds = {kind for node in nodes for kind in node.types if kind != "null"}
    if kinds == {"integer", "number"}:
        return "number"
    return kinds.pop() if len(kinds) == 1 else ""


def agree(nodes: Collection[Node], kind: str) -> bool:
    """Whether values of one type also share a shape: objects by half of their keys, arrays by their items."""
    if kind == "object":
        keys = [_steady_keys(node) for node in nodes if "object" in node.types]
        shared = frozenset.intersection(*keys)
        return bool(shared) and len(shared) * len(keys) * 2 >= sum(map(len, keys))
    if kind == "array":
        items = [node.items for node in nodes if node.items is not None]
        return len({_kinds(item) for item in items}) <= 1
    return True


def _named(name: str, kind: str) -> bool:
    return name in NAMED_MAPS and kind == ("boolean" if name == "can" else "object")


def _varies(members: Members) -> bool:
    """New keys keep coming: half of many keys were seen once, and none is always there."""
    seen = [node.count for node in members.nodes.values()]
    once = sum(count == 1 for count in seen)
    return members.count >= 4 and len(seen) >= 6 and max(seen) < members.count and once * 2 >= len(seen)


def _steady_keys(node: Node) -> frozenset[str]:
    members = node.objects()
    return frozenset(key for key, value in members.nodes.items() if value.count == members.count)


def _kinds(node: Node) -> frozenset[str]:
    return frozenset(node.types) - {"null"}
