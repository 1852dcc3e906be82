"""What a contract rests on: how many samples, whose, when, and how often each path was seen.

The table alone is enough to write the inferred schema again. That is how a hand edit is told from inference:
it is what stands in the schema but does not follow from the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..interaction import Source
from ..paths import Json
from .shape import ENTRY, ITEM, Field, Shape, Union, unescape, walk


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a contract rests on.

    Attributes:
        samples: Responses that were read.
        source: Whose they were.
        recorded_at: When, as ISO 8601, "" where that is not known.
        api_version: The version of the API, "" where that is not known.
        counts: Pointer -> `{"seen": 12, "of": 20, "types": {"string": 12}}`.
        described_by: The vendor's description that the contract was imported from, "" where there is none.
        corrected_by: What was written into it by hand and why, or where that is told; "" where nothing was.
    """

    samples: int = 0
    source: str = Source.UNKNOWN.value
    recorded_at: str = ""
    api_version: str = ""
    counts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    described_by: str = ""
    corrected_by: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The `x-evidence` block without its counts first, the counts last."""
        about = {"samples": self.samples, "source": self.source}
        optional = {
            "recorded_at": self.recorded_at,
            "api_version": self.api_version,
            "described_by": self.described_by,
            "corrected_by": self.corrected_by,
        }
        named = {key: value for key, value in optional.items() if value}
        return about | named | {"counts": {pointer: dict(entry) for pointer, entry in self.counts.items()}}


def tabulate(shape: Shape) -> dict[str, dict[str, Any]]:
    """The evidence table of an inferred shape, sorted by pointer."""
    return dict(sorted((pointer, _entry(found, of)) for pointer, found, of in walk(shape)))


def _entry(shape: Shape, of: int | None) -> dict[str, Any]:
    entry: dict[str, Any] = {"seen": shape.seen or 0}
    if of is not None:
        entry["of"] = of
    entry["types"] = dict(shape.types)
    if shape.format:
        entry["format"] = shape.format
    if shape.values:
        entry["values"] = list(shape.values)
    return entry


def rebuild(counts: Mapping[str, Mapping[str, Any]]) -> Shape:
    """The inferred shape that `tabulate` was given."""
    root = _Branch()
    for pointer, entry in counts.items():
        branch = root
        for step in _steps(pointer):
            branch = branch.children.setdefault(step, _Branch())
        branch.entry = entry
    return _shape(root)


@dataclass(slots=True)
class _Branch:
    entry: Mapping[str, Any] = field(default_factory=dict)
    children: dict[tuple[str, ...], _Branch] = field(default_factory=dict)


def _steps(pointer: str) -> list[tuple[str, ...]]:
    """`/results/*<type=page>` -> property `results`, item, variant `type=page`."""
    steps: list[tuple[str, ...]] = []
    for number, part in enumerate(pointer.split("/")):
        name, *selectors = part.split("<")
        if number:
            steps.append((name,) if name in (ITEM, ENTRY) else ("", unescape(name)))
        for chosen in selectors:
            key, _, value = chosen.removesuffix(">").partition("=")
            steps.append(("<", unescape(key), unescape(value)))
    return steps


def _shape(branch: _Branch) -> Shape:
    entry, children = branch.entry, branch.children
    of = _types(entry).get("object")
    items, entries = children.get((ITEM,)), children.get((ENTRY,))
    return Shape(
        types=_types(entry),
        seen=entry.get("seen"),
        format=str(entry.get("format", "")),
        values=tuple(entry.get("values", ())),
        items=_shape(items) if items else None,
        fields={step[1]: _field(child, of) for step, child in sorted(children.items()) if step[0] == ""},
        entries=_shape(entries) if entries else None,
        union=_union(children),
    )


def _field(branch: _Branch, of: Json) -> Field:
    return Field(_shape(branch), required=branch.entry.get("seen") == of)


def _union(children: Mapping[tuple[str, ...], _Branch]) -> Union | None:
    chosen = {step: child for step, child in sorted(children.items()) if step[0] == "<"}
    if not chosen:
        return None
    key = next(iter(chosen))[1]
    return Union(key, {_value(key, step[2]): _shape(child) for step, child in chosen.items()})


def _value(key: str, text: str) -> Json:
    if key == "status" and text.isdigit():
        return int(text)
    return text == "true" if key in ("ok", "errors") and text in ("true", "false") else text


def _types(entry: Mapping[str, Any]) -> dict[str, int | None]:
    types = entry.get("types")
    return dict(types) if isinstance(types, Mapping) else {}
