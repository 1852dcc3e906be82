"""Objects that a contract calls maps are maps in what was seen too.

A few objects with the same keys look like a record. Where a description says that the keys are data (a customer's
own property names), they stay out of the contract and of its evidence, whatever they look like.
"""

from __future__ import annotations

from dataclasses import replace
from functools import reduce

from .shape import Field, Shape, Union
from .widening import flat, widest


def keyed(seen: Shape, known: Shape) -> Shape:
    """What was seen, with the members of `known`'s maps as entries; named members that `known` has stay named."""
    if seen.union is not None and not _is_map(known):
        return replace(seen, union=_variants(seen.union, known))
    seen, known = flat(seen), flat(known)
    named = {name: field for name, field in seen.fields.items() if name in known.fields or not _is_map(known)}
    entries = [field.shape for name, field in seen.fields.items() if name not in named]
    if seen.entries is not None:
        entries.append(seen.entries)
    return replace(
        seen,
        items=_inside(seen.items, known.items),
        fields={name: _member(field, known.fields.get(name)) for name, field in named.items()},
        entries=_inside(reduce(widest, entries) if entries else None, known.entries),
    )


def _is_map(known: Shape) -> bool:
    return known.entries is not None and bool(known.entries.types)


def _inside(seen: Shape | None, known: Shape | None) -> Shape | None:
    return seen if seen is None or known is None else keyed(seen, known)


def _member(seen: Field, known: Field | None) -> Field:
    return seen if known is None else replace(seen, shape=keyed(seen.shape, known.shape))


def _variants(seen: Union, known: Shape) -> Union:
    """Each variant after the one that `known` has for it, else after all of them."""
    same = known.union.variants if known.union is not None and known.union.key == seen.key else {}
    return replace(
        seen,
        variants={value: keyed(shape, same.get(value, flat(known))) for value, shape in seen.variants.items()},
    )
