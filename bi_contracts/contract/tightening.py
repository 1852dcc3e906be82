"""A vendor's description tightened by what was really answered.

A description says what may come, and often leaves out what always does; recordings say what did come. Where they
disagree the recordings are right about what they show, and the description about what they do not.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from typing import Final

from ..interaction import Envelope
from ..paths import Json
from .observation import DISCRIMINATORS
from .schema import to_schema
from .shape import Field, Shape, Union, ordered
from .violation import Validation, Violation
from .widening import flat

ENOUGH: Final = 5
"""Objects that must have been seen before a property that all of them had is called required."""

RESPONSES: Final = 2
"""Responses that they must have come in: one alone shows what one query asked for, of one account's rows."""

ROUNDS: Final = 12
"""Times that a shape is relaxed; each round mends at least one place."""


def tightened(described: Shape, observed: Shape, responses: Sequence[Envelope]) -> Shape:
    """The shape of whole responses that says what the description says and what the responses show.

    Every one of the responses keeps it.
    """
    shape = _statuses(by_status(described), by_status(observed))
    for _ in range(ROUNDS):
        found = list(_violations(shape, responses))
        if not found:
            return shape
        shape = reduce(relaxed, found, shape)
    return by_status(observed)


def _statuses(described: Shape, observed: Shape) -> Shape:
    """Both, status by status; how many responses had a status decides what they can prove of it."""
    if described.union is None or observed.union is None or observed.union.key != "status":
        return combined(described, observed)
    known, seen = described.union.variants, observed.union.variants
    variants = dict(known)
    for status, shape in seen.items():
        enough = ENOUGH if (shape.seen or 0) >= RESPONSES else math.inf
        alone = Shape({"object": None}, fields={"status": shape.fields["status"]})
        variants[status] = combined(known.get(status, alone), shape, enough)
    return replace(observed, union=Union("status", variants))


def combined(described: Shape, observed: Shape, enough: float = ENOUGH) -> Shape:
    """What may stand at a path, after both."""
    if not observed.seen:
        return described
    if not described.types or _says_nothing(described):
        return opened(observed, enough)
    if observed.union is not None or described.union is not None:
        return _unions(described, observed, enough)
    types = _types(described, observed)
    strings = observed.types.get("string", 0)
    return Shape(
        types=types,
        seen=observed.seen,
        format=described.format if not strings or described.format == observed.format else "",
        values=_values(described, observed) if strings else described.values,
        items=_either(described.items, observed.items, enough),
        fields=_fields(described, observed, enough) if observed.objects else described.fields,
        entries=_either(described.entries, observed.entries, enough),
    )


def _says_nothing(described: Shape) -> bool:
    """Whether all that is described is that an object stands there."""
    members = described.fields or described.entries or described.union
    return set(described.types) <= {"object", "null"} and not members


def opened(observed: Shape, enough: float) -> Shape:
    """What was seen where nothing is described: variants and constants that were never seen may come."""
    shape = flat(observed)
    known = shape.objects or 0
    tags = {value for name, field in shape.fields.items() if name in DISCRIMINATORS for value in field.shape.values}
    return replace(
        shape,
        format=shape.format if (shape.types.get("string") or 0) >= enough else "",
        values=shape.values if "/" in str(shape.values[:1]) else (),
        items=opened(shape.items, enough) if shape.items else None,
        fields={
            name: _unknown(field, known, math.inf if name in tags else enough) for name, field in shape.fields.items()
        },
        entries=opened(shape.entries, enough) if shape.entries else None,
    )


def _unknown(field: Field, objects: int, enough: float) -> Field:
    """A property that nothing describes. The member `text` of objects of type `text` is the business of that type."""
    return Field(opened(field.shape, enough), field.required and objects >= enough)


def _types(described: Shape, observed: Shape) -> dict[str, int | None]:
    counts = {**described.types, **observed.types}
    if "number" in counts and "integer" in counts:
        counts["number"] = (counts["number"] or 0) + (counts.pop("integer") or 0)
    return {kind: counts[kind] for kind in ordered(counts)}


def _values(described: Shape, observed: Shape) -> tuple[Json, ...]:
    """A vocabulary holds what is described and what was seen; a constant that was only seen so far is none."""
    if not described.values:
        return ()
    return tuple(dict.fromkeys((*described.values, *observed.values)))


def _either(described: Shape | None, observed: Shape | None, enough: float) -> Shape | None:
    if observed is None:
        return described
    return opened(observed, enough) if described is None else combined(described, observed, enough)


def _fields(described: Shape, observed: Shape, enough: float) -> dict[str, Field]:
    if observed.entries is not None and described.entries is None:
        return {name: replace(known, required=False) for name, known in described.fields.items()}
    names = sorted({*described.fields, *observed.fields})
    objects = observed.objects or 0
    return {name: _field(described.fields.get(name), observed.fields.get(name), objects, enough) for name in names}


def _field(described: Field | None, observed: Field | None, objects: int, enough: float) -> Field:
    if observed is None:
        assert described is not None
        return replace(described, required=False)
    if described is None:
        return _unknown(observed, objects, enough)
    shape = combined(described.shape, observed.shape, enough)
    return Field(shape, observed.required and (objects >= enough or described.required))


def _unions(described: Shape, observed: Shape, enough: float) -> Shape:
    """Variants that both tell apart by the same key are combined each; else what was seen is laid over all."""
    if described.union is not None and observed.union is not None and described.union.key == observed.union.key:
        known, seen = described.union.variants, observed.union.variants
        both = {value: _either(known.get(value), seen.get(value), enough) for value in {**known, **seen}}
        variants = {value: shape for value, shape in both.items() if shape is not None}
        return replace(observed, types=_types(described, observed), union=Union(observed.union.key, variants))
    return combined(flat(described), flat(observed), enough)


def by_status(shape: Shape) -> Shape:
    """A shape of envelopes, its statuses as variants even where there is one."""
    if shape.union is not None and shape.union.key == "status":
        return shape
    status = shape.fields["status"].shape.values if "status" in shape.fields else ()
    return replace(shape, fields={}, union=Union("status", {status[0]: shape})) if len(status) == 1 else shape


def _violations(shape: Shape, responses: Iterable[Envelope]) -> Iterable[Violation]:
    validation = Validation(to_schema(shape))
    for response in responses:
        for violation in validation.violations(response):
            yield replace(violation, instance=(response["status"], violation.instance))


def relaxed(shape: Shape, violation: Violation) -> Shape:
    """The shape without what a response broke. The violation's instance is the response's status and the value."""
    status, value = violation.instance
    steps = [step.replace("~1", "/").replace("~0", "~") for step in violation.path.split("/")[1:]]
    variants = shape.union.variants if shape.union is not None else {}
    if status not in variants:
        return shape
    changed = {**variants, status: _eased(variants[status], steps, violation.keyword, value)}
    return replace(shape, union=Union("status", changed))


def _eased(shape: Shape, steps: Sequence[str], keyword: str, value: Json) -> Shape:
    if shape.union is not None and (steps or keyword != "type"):
        return _eased(flat(shape), steps, keyword, value)
    if not steps:
        return _open(shape, keyword, value)
    step, rest = steps[0], steps[1:]
    if step in shape.fields:
        known = shape.fields[step]
        if not rest and keyword == "required":
            return replace(shape, fields={**shape.fields, step: replace(known, required=False)})
        return replace(
            shape, fields={**shape.fields, step: replace(known, shape=_eased(known.shape, rest, keyword, value))}
        )
    if shape.items is not None and step.isdigit():
        return replace(shape, items=_eased(shape.items, rest, keyword, value))
    if shape.entries is not None:
        return replace(shape, entries=_eased(shape.entries, rest, keyword, value))
    return replace(shape, fields={name: replace(known, required=False) for name, known in shape.fields.items()})


def _open(shape: Shape, keyword: str, value: Json) -> Shape:
    if keyword == "type":
        return replace(shape, types=_types(shape, Shape({_kind(value): None})), values=())
    return replace(shape, values=(), format="")


def _kind(value: Json) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case Mapping():
            return "object"
    return "array"
