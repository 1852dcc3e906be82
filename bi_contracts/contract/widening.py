"""Shapes made wider: what either of two allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce

from .shape import Field, Shape, ordered


def flat(shape: Shape) -> Shape:
    """The shape without variants: every field of any, required where it is in all."""
    if shape.union is None:
        return shape
    variants = [flat(variant) for variant in shape.union.variants.values()]
    names = sorted({name for variant in variants for name in variant.fields})
    fields = {name: _merged([variant.fields.get(name) for variant in variants]) for name in names}
    entries = [variant.entries for variant in (shape, *variants) if variant.entries is not None]
    return replace(shape, union=None, fields=fields, entries=reduce(widest, entries) if entries else None)


def _merged(fields: Sequence[Field | None]) -> Field:
    there = [found for found in fields if found is not None]
    return Field(reduce(widest, (found.shape for found in there)), all(found and found.required for found in fields))


def widest(one: Shape, other: Shape) -> Shape:
    """What either allows. Constants of both are a vocabulary; where only one has them there is none."""
    if not one.types or not other.types:
        return Shape()
    first, second = flat(one), flat(other)
    names = sorted({*first.fields, *second.fields})
    return Shape(
        types=_counted(first, second),
        seen=_sum(first.seen, second.seen),
        format=_format(first, second),
        values=tuple(dict.fromkeys((*first.values, *second.values))) if first.values and second.values else (),
        items=_either(first.items, second.items),
        fields={name: _merged([first.fields.get(name), second.fields.get(name)]) for name in names},
        entries=_either(first.entries, second.entries),
    )


def _either(one: Shape | None, other: Shape | None) -> Shape | None:
    return widest(one, other) if one is not None and other is not None else one or other


def _format(one: Shape, other: Shape) -> str:
    """The format of both; that of one where the other has no strings."""
    told = {shape.format for shape in (one, other) if "string" in shape.types}
    return told.pop() if len(told) == 1 else ""


def _counted(one: Shape, other: Shape) -> dict[str, int | None]:
    """The types of both with the number of times they were seen; an integer is a number where both are there."""
    counts = {kind: _sum(one.types.get(kind), other.types.get(kind)) for kind in {*one.types, *other.types}}
    if "number" in counts and "integer" in counts:
        counts["number"] = _sum(counts["number"], counts.pop("integer"))
    return {kind: counts[kind] for kind in ordered(counts)}


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None and other is None else (one or 0) + (other or 0)
