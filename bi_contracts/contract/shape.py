"""A shape: what a contract says about one path, with the counts it rests on.

Three things are read into shapes and written from them: what was observed, a JSON Schema, and the evidence
table of a contract file. `None` for a count means that a person wrote it, not that nothing was seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ..paths import Json

ITEM: Final = "*"
ENTRY: Final = "{*}"
ORDER: Final = ("boolean", "integer", "number", "string", "array", "object", "null")


@dataclass(frozen=True, slots=True)
class Field:
    """A property of a record."""

    shape: Shape
    required: bool


@dataclass(frozen=True, slots=True)
class Union:
    """Objects told apart by the value of `key`; for the key `errors` with booleans, by its presence."""

    key: str
    variants: Mapping[Json, Shape]


@dataclass(frozen=True, slots=True)
class Shape:
    """What may stand at one path. No types at all: anything."""

    types: Mapping[str, int | None] = field(default_factory=dict)
    seen: int | None = None
    format: str = ""
    values: tuple[Json, ...] = ()
    items: Shape | None = None
    fields: Mapping[str, Field] = field(default_factory=dict)
    entries: Shape | None = None
    union: Union | None = None

    @property
    def objects(self) -> int | None:
        """How many objects stood here."""
        return self.types.get("object")


def ordered(types: Mapping[str, Any] | set[str] | frozenset[str]) -> list[str]:
    """Type names in the one order contracts are written in, null last."""
    return [name for name in ORDER if name in types]


def escape(key: str) -> str:
    """A property name as one step of an evidence pointer."""
    if key in (ITEM, ENTRY):
        return "~2" + key[:-1]
    return key.replace("~", "~0").replace("/", "~1").replace("<", "~3")


def unescape(step: str) -> str:
    """The inverse of `escape`."""
    if step.startswith("~2"):
        return ENTRY if step.startswith("~2{") else ITEM
    return step.replace("~3", "<").replace("~1", "/").replace("~0", "~")


def selector(key: str, value: Json) -> str:
    """The pointer suffix that picks one variant of a union: `<type=page>`."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"<{escape(key)}={escape(text)}>"


def walk(shape: Shape, pointer: str = "", of: int | None = None) -> Iterator[tuple[str, Shape, int | None]]:
    """Every shape with its evidence pointer and the number of parents it could have stood in."""
    yield pointer, shape, of
    if shape.items is not None:
        yield from walk(shape.items, f"{pointer}/{ITEM}", shape.types.get("array"))
    if shape.entries is not None:
        yield from walk(shape.entries, f"{pointer}/{ENTRY}", shape.objects)
    for key, member in sorted(shape.fields.items()):
        yield from walk(member.shape, f"{pointer}/{escape(key)}", shape.objects)
    if shape.union is not None:
        for value, variant in sorted(shape.union.variants.items(), key=lambda item: str(item[0])):
            yield from walk(variant, pointer + selector(shape.union.key, value), shape.objects)
