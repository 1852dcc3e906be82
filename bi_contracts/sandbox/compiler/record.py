"""A record compiled member by member, references and identifiers included."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from ...paths import Json, bury, dig
from ..keys import TS, identifier_form, mix, salt
from . import fields
from .scope import POOL, Maker, Recipe, Reference, Scope
from .texts import Texts
from .times import Times, made_at

_NOTHING: Mapping[str, Json] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class _Attribute:
    """Stands in an example for what an entity's attribute fills."""

    name: str
    example: Json


def compiled(
    example: Json,
    recipe: Recipe,
    attributes: Mapping[str, str] = MappingProxyType({}),
    members: frozenset[str] | None = None,
) -> Maker:
    """A function that makes a record like `example`.

    `attributes` are dotted paths whose values come from the row's entity; those that the example has not are left out.
    `members`, where they are given, are the beginnings of the paths that are made; the rest of the record is left out.
    """
    marked = example
    for path, name in attributes.items():
        there = dig(example, path)
        if there is not None:
            marked = bury(marked, path, _Attribute(name, there))
    made = _Compiler(recipe, example)
    if members is None or not isinstance(marked, Mapping):
        return made.value(marked, ())
    return made.some(marked, members)


class _Compiler:
    """Makers for the members of one example."""

    def __init__(self, recipe: Recipe, example: Json) -> None:
        self.recipe = recipe
        self.own = _own_key(example, recipe.key)
        self.ticket = fields.ticket_of(example)
        self.times = Times(made_at(example), recipe.step)
        self.texts = Texts(recipe)

    def value(self, value: Json, path: tuple[str, ...], beside: Mapping[str, Json] = _NOTHING) -> Maker:
        """Anything; `beside` are the members that stand beside it in its object."""
        match value:
            case _Attribute(name, example):
                return self.attribute(name, example)
            case _ if path and path == self.recipe.key:
                return lambda scope: scope.key
            case Mapping():
                return self.object(value, path)
            case list() | tuple():
                return self.list(value, path)
            case bool():
                return self.flag(value, path[-1] if path else "", beside)
            case str():
                return self.scalar(value, path)
            case int() | float():
                return self.span(value, path, beside) or self.scalar(value, path)
        return lambda _: value

    def attribute(self, name: str, example: Json) -> Maker:
        """What the entity says, as the type that the example has. Raises `DeclarationError` for an unknown one."""
        world, kind = self.recipe.entities, self.recipe.kind
        world.attribute(kind, 0, name)
        cast: Callable[[Json], Json] = type(example) if isinstance(example, str | int | float) else str
        return lambda scope: cast(world.attribute(scope.kind, scope.thing, name))

    # Objects and lists

    def object(self, value: Mapping[str, Json], path: tuple[str, ...]) -> Maker:
        if path and (reference := self.reference(value, path[-1])):
            return self.known(value, *reference)
        if path and path[-1] in fields.FIXED:
            return lambda _: value
        makers = [(name, self.value(member, (*path, name), value)) for name, member in value.items()]
        make: Maker = lambda scope: {name: maker(scope) for name, maker in makers}  # noqa: E731
        identifier = fields.identifier_of(value) if path and not fields.chosen(path) else None
        return make if identifier is None else _anonymous(make, salt("entity", identifier))

    def some(self, value: Mapping[str, Json], members: frozenset[str]) -> Maker:
        """Some members of a record, as they are in the whole of it."""
        wanted = [(name, member) for name, member in value.items() if name.partition(".")[0] in members]
        makers = [(name, self.value(member, (name,), value)) for name, member in wanted]
        return lambda scope: {name: maker(scope) for name, maker in makers}

    def reference(self, value: Mapping[str, Json], name: str) -> tuple[str, Reference] | None:
        """The identifying field of a nested object, and the row it stands for, where that is known."""
        for field in fields.IDS:
            identifier = value.get(field)
            if isinstance(identifier, str) and identifier != self.own and identifier in self.recipe.references:
                return field, self.recipe.references[identifier]
        found = self.recipe.parents.get(name)
        identifier = next((field for field in fields.IDS if field in value), None)
        return (identifier, found) if identifier and found else None

    def known(self, value: Mapping[str, Json], name: str, reference: Reference) -> Maker:
        """A nested object that is another row, shown in brief."""
        recipe = replace(self.recipe, key=(name,), people=reference.people, kind=reference.kind, parents={})
        make = _Compiler(recipe, value).value(value, ())
        mark = salt("entity", value[name])
        return lambda scope: make(reference.target(scope, mark))

    def list(self, value: Sequence[Json], path: tuple[str, ...]) -> Maker:
        makers = [self.value(item, path or ("",)) for item in value]
        if len(makers) < 2 or not all(isinstance(item, str) for item in value):
            return lambda scope: [maker(scope) for maker in makers]
        return lambda scope: list(dict.fromkeys(maker(scope) for maker in makers))

    # Single values

    def flag(self, value: bool, name: str, beside: Mapping[str, Json]) -> Maker:
        """A boolean; one with a time beside it (`closed`, `closed_at`) says what the time says, and stays."""
        if name in fields.FIXED_FLAGS or any(f"{name}{tail}" in beside for tail in ("_at", "_on", "At", "On")):
            return lambda _: value
        mark = salt("flag", name)
        return lambda scope: value if mix(scope.number, mark) % 5 else not value

    def scalar(self, value: str | float, path: tuple[str, ...]) -> Maker:
        if value != self.own and value in self.recipe.references:
            return _link(self.recipe.references[value], salt("entity", value))
        if isinstance(value, str):
            return self.text(value, path)
        if isinstance(value, int) and (found := self.recipe.references.get(str(value))):
            return _numeric(_link(found, salt("entity", str(value))))
        return self.times.number(value) or self.number(value, path[-1] if path else "")

    def span(self, value: float, path: tuple[str, ...], beside: Mapping[str, Json]) -> Maker | None:
        """The end of a stretch whose start stands beside it: as far from it as in the example."""
        name = path[-1] if path else ""
        first = next((start for start in fields.starts(name) if start in beside), "")
        start = beside.get(first)
        if isinstance(start, bool) or not isinstance(start, int | float) or start > value:
            return None
        begin, length = self.value(start, (*path[:-1], first)), value - start
        return lambda scope: begin(scope) + length

    def number(self, value: float, name: str) -> Maker:
        mark = salt("number", name)
        if value == self.ticket[1]:
            return lambda scope: scope.index + 1
        if isinstance(value, int):
            if value <= 10 or fields.MEASURES.search(name):
                return lambda _: value
            return lambda scope: value // 2 + mix(scope.number, mark) % value
        return lambda scope: round(value * (0.5 + mix(scope.number, mark) % 1000 / 1000), 2) + 0.0

    def text(self, value: str, path: tuple[str, ...]) -> Maker:
        if not value:
            return lambda _: value
        return (
            self.times.text(value)
            or self.moment(value, path[-1] if path else "")
            or self.around(value)
            or self.identifier(value, path[-1] if path else "", path)
            or self.texts.maker(value, path)
        )

    def moment(self, value: str, name: str) -> Maker | None:
        """A time written as digits: Unix seconds under a name such as `created_at`, or as Slack writes them."""
        if TS.fullmatch(value) and value != self.own:
            if isinstance(self.own, str) and TS.fullmatch(self.own):
                apart = _micros(value) - _micros(self.own)
                return lambda scope: _ts(_micros(scope.key) + apart)
            return self.digits(value[:10], value[10:])
        if value.isdecimal() and len(value) == 10 and name.endswith(("_at", "At")):
            return self.digits(value, "")
        return None

    def digits(self, seconds: str, rest: str) -> Maker | None:
        """Unix seconds as text, and what stands behind them."""
        make = self.times.number(int(seconds))
        return None if make is None else lambda scope: f"{make(scope)}{rest}"

    def around(self, value: str) -> Maker | None:
        """A text that holds identifiers, such as a URL: each is replaced where it stands."""
        found: list[tuple[str, Maker]] = []
        if isinstance(self.own, str) and len(self.own) > 5:
            found.append((self.own, lambda scope: str(scope.key)))
            found.append((self.own.replace("-", ""), lambda scope: str(scope.key).replace("-", "")))
        if prefix := self.ticket[0]:
            written = f"{prefix}-{self.ticket[1]}"
            found.append((written, lambda scope: f"{prefix}-{scope.index + 1}"))
            found.append((written.lower(), lambda scope: f"{prefix}-{scope.index + 1}".lower()))
        if "/" in value or "<" in value:
            known = ((key, item) for key, item in self.recipe.references.items() if key != self.own and key in value)
            found += [(key, _link(item, salt("entity", key))) for key, item in known]
        parts = [(old, new) for old, new in dict(found).items() if old in value]
        return _replacing(value, parts) if parts else None

    def identifier(self, value: str, name: str, path: tuple[str, ...]) -> Maker | None:
        """An identifier that stands in no list of the platform; None where the text is none."""
        form = identifier_form(value, mix(self.recipe.seed, salt(name)))
        if form is None or name in fields.SHARED or fields.chosen(path):
            return None
        if value.isdecimal() and (len(value) < 6 or not fields.NAMES_ID.search(name)):
            return None
        mark = salt("entity", value)
        if parent := self.recipe.parents.get(fields.stem(name)):
            return _link(parent, mark)
        return lambda scope: form.write(mix(scope.number, mark) % (POOL * POOL))


def _link(reference: Reference, mark: int) -> Maker:
    """The key of another row."""
    return lambda scope: reference.target(scope, mark).key


def _numeric(link: Maker) -> Maker:
    """A key that its own list writes as text and others refer to as a number (Intercom's `owner_id`)."""
    return lambda scope: int(link(scope))


def _anonymous(make: Maker, mark: int) -> Maker:
    """An object with an identifier that stands in no list: one of many, the same one everywhere in the row."""

    def maker(scope: Scope) -> Json:
        number = mix(mix(scope.number, mark) % POOL, mark)
        return make(Scope(scope.index, number, scope.key, scope.lineage, scope.kind, scope.thing, own=False))

    return maker


def _replacing(value: str, parts: Sequence[tuple[str, Maker]]) -> Maker:
    pieces = re.split(f"({'|'.join(re.escape(old) for old, _ in parts)})", value)
    makers = dict(parts)
    made = [makers.get(piece, piece) for piece in pieces]
    return lambda scope: "".join(piece if isinstance(piece, str) else piece(scope) for piece in made)


def _micros(ts: Json) -> int:
    return int(str(ts).replace(".", ""))


def _ts(micros: int) -> str:
    return f"{micros // 1_000_000}.{micros % 1_000_000:06d}"


def _own_key(example: Json, key: Sequence[str]) -> Json:
    for step in key:
        example = example.get(step) if isinstance(example, Mapping) else None
    return example
