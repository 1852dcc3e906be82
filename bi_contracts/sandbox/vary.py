"""Examples compiled once into closures; each call makes one more record of the same shape.

What a value becomes depends on the name of its field and on its form: identifiers stay identifiers of that
form, times stay times, names stay names. Tokens such as `type`, `state` and `status` never change, and None
stays None.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from ..paths import Json, bury, dig
from . import words
from .entities import ATTRIBUTES, BASE, PEOPLE, Entities
from .keys import identifier_form, mix, salt

POOL = 97
"""How many different things a field may refer to, so that references repeat as they do in real data."""


@dataclass(slots=True)
class Scope:
    """The row, or the object inside a row, that is being made.

    Attributes:
        index: Position in its list.
        number: 64 bits that belong to the thing itself: the same thing gets the same name everywhere.
        key: Its identifier, None where it has none.
        lineage: Endpoint -> position of the row of that endpoint that this row stands under.
        kind: What kind of thing it is, "" where that is nobody's business.
        thing: Which one of its kind.
        own: False inside an object that is another thing than the row.
    """

    index: int
    number: int
    key: Json = None
    lineage: Mapping[str, int] = field(default_factory=dict)
    kind: str = ""
    thing: int = 0
    own: bool = True


Maker = Callable[[Scope], Json]


@dataclass(frozen=True, slots=True)
class Reference:
    """Another row that an example refers to.

    Attributes:
        endpoint: The list it stands in.
        example: Which example of that list is meant; rows made after the same example stand in for it.
        variants: How many examples the list has.
        total: How many rows the list has.
        people: True where its rows are people.
        lookup: Position -> the scope of the row.
        kind: What its rows are.
        entities: The world that they are part of.
    """

    endpoint: str
    example: int
    variants: int
    total: int
    people: bool
    lookup: Callable[[int], Scope]
    kind: str = ""
    entities: Entities | None = None

    def target(self, scope: Scope, mark: int) -> Scope:
        """The row that stands in for the example: the one this row stands under or has to do with, or one of many."""
        position = scope.lineage.get(self.endpoint)
        if position is None:
            position = self._related(scope)
        if position is None:
            position = mix(scope.number, mark) % min(self.total, POOL)
            position = min(position - position % self.variants + self.example, self.total - 1)
        return self.lookup(position)

    def _related(self, scope: Scope) -> int | None:
        """The row that the row's entity has to do with; of a colleague, the one like the example that is nearest."""
        if self.entities is None or not (self.kind and scope.kind) or self.kind == scope.kind:
            return None
        position = self.entities.related(scope.kind, scope.thing, self.kind) % self.total
        if self.kind != "colleague":
            return position
        return min(position - position % self.variants + self.example, self.total - 1)


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a compiler must know about the list it compiles for.

    Attributes:
        seed: Salt of the list.
        key: Path of the field that tells rows apart.
        step: Seconds between two rows.
        entities: The world that the rows are part of.
        kind: What the rows are.
        people: True where the rows are people.
        references: Example identifier -> the row it stands for.
        parents: Field name -> the row a field of that name stands for.
    """

    seed: int
    key: tuple[str, ...]
    step: int
    entities: Entities
    kind: str = ""
    people: bool = False
    references: Mapping[Json, Reference] = field(default_factory=dict)
    parents: Mapping[str, Reference] = field(default_factory=dict)


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


_NOTHING: Mapping[str, Json] = {}


class _Compiler:
    def __init__(self, recipe: Recipe, example: Json) -> None:
        self.recipe = recipe
        self.own = _own_key(example, recipe.key)
        self.anchor = _anchor(example)
        self.ticket = _ticket(example)

    def value(self, value: Json, path: tuple[str, ...], beside: Mapping[str, Json] = _NOTHING) -> Maker:
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
            case str() | int() | float():
                return self.scalar(value, path)
        return lambda _: value

    def attribute(self, name: str, example: Json) -> Maker:
        """What the entity says, as the type that the example has."""
        world, kind = self.recipe.entities, self.recipe.kind
        world.attribute(kind, 0, name)
        cast: Callable[[Json], Json] = type(example) if isinstance(example, str | int | float) else str
        return lambda scope: cast(world.attribute(scope.kind, scope.thing, name))

    def object(self, value: Mapping[str, Json], path: tuple[str, ...]) -> Maker:
        if path and (reference := self.reference(value, path[-1])):
            return self.known(value, *reference)
        if path and path[-1] in _FIXED:
            return lambda _: value
        makers = [(name, self.value(member, (*path, name), value)) for name, member in value.items()]
        make: Maker = lambda scope: {name: maker(scope) for name, maker in makers}  # noqa: E731
        identifier = _identifier_of(value) if path and not _chosen(path) else None
        return make if identifier is None else _anonymous(make, salt("entity", identifier))

    def some(self, value: Mapping[str, Json], members: frozenset[str]) -> Maker:
        """Some members of a record, as they are in the whole of it."""
        wanted = [(name, member) for name, member in value.items() if name.partition(".")[0] in members]
        makers = [(name, self.value(member, (name,), value)) for name, member in wanted]
        return lambda scope: {name: maker(scope) for name, maker in makers}

    def reference(self, value: Mapping[str, Json], name: str) -> tuple[str, Reference] | None:
        """The identifying field of a nested object, and the row it stands for, where that is known."""
        for field_ in _IDS:
            identifier = value.get(field_)
            if isinstance(identifier, str) and identifier != self.own and identifier in self.recipe.references:
                return field_, self.recipe.references[identifier]
        found = self.recipe.parents.get(name)
        identifier = next((field_ for field_ in _IDS if field_ in value), None)
        return (identifier, found) if identifier and found else None

    def known(self, value: Mapping[str, Json], name: str, reference: Reference) -> Maker:
        """A nested object that is another row, shown in brief."""
        recipe = replace(
            self.recipe, key=(name,), people=reference.people, kind=reference.kind, references={}, parents={}
        )
        make = _Compiler(recipe, value).value(value, ())
        mark = salt("entity", value[name])
        return lambda scope: make(reference.target(scope, mark))

    def list(self, value: Sequence[Json], path: tuple[str, ...]) -> Maker:
        makers = [self.value(item, (*path[:-1], path[-1] if path else "")) for item in value]
        if len(makers) < 2 or not all(isinstance(item, str) for item in value):
            return lambda scope: [maker(scope) for maker in makers]
        return lambda scope: list(dict.fromkeys(maker(scope) for maker in makers))

    def flag(self, value: bool, name: str, beside: Mapping[str, Json]) -> Maker:
        if name in _FIXED_FLAGS or any(f"{name}{tail}" in beside for tail in ("_at", "_on", "At", "On")):
            return lambda _: value
        mark = salt("flag", name)
        return lambda scope: value if mix(scope.number, mark) % 5 else not value

    def scalar(self, value: str | float, path: tuple[str, ...]) -> Maker:
        name = path[-1] if path else ""
        if value != self.own and value in self.recipe.references:
            return self.link(self.recipe.references[value], salt("entity", value))
        if isinstance(value, str):
            return self.text(value, name, path)
        if isinstance(value, int) and (found := self.recipe.references.get(str(value))):
            return self.numeric(self.link(found, salt("entity", str(value))))
        return self.number(value, name)

    def numeric(self, link: Maker) -> Maker:
        """A key that its own list writes as text and others refer to as a number (Intercom's `owner_id`)."""
        return lambda scope: int(link(scope))

    def link(self, reference: Reference, mark: int) -> Maker:
        return lambda scope: reference.target(scope, mark).key

    def number(self, value: float, name: str) -> Maker:
        if isinstance(value, int) and 1_200_000_000 <= value < 2_200_000_000:
            return self.clock(value, 1)
        if isinstance(value, int) and 1_200_000_000_000 <= value < 2_200_000_000_000:
            return self.clock(value / 1000, 1000)
        mark = salt("number", name)
        if value == self.ticket[1]:
            return lambda scope: scope.index + 1
        if isinstance(value, int):
            if value <= 10 or _MEASURES.search(name):
                return lambda _: value
            return lambda scope: value // 2 + mix(scope.number, mark) % value
        return lambda scope: round(value * (0.5 + mix(scope.number, mark) % 1000 / 1000), 2) + 0.0

    def clock(self, value: float, unit: int) -> Maker:
        start, step = self.start(value), self.recipe.step
        if unit == 1:
            return lambda scope: start + scope.index * step
        return lambda scope: (start + scope.index * step) * 1000 + scope.number % 1000

    def start(self, seconds: float) -> int:
        """When the field of the first row lies: as far from the row's making as in the example."""
        apart = max(-400 * 86_400, min(60 * 86_400, seconds - self.anchor))
        return int(BASE.timestamp() + apart)

    def text(self, value: str, name: str, path: tuple[str, ...]) -> Maker:
        if not value:
            return lambda _: value
        if _DATE.fullmatch(value):
            return self.date(value)
        if found := _TIME.fullmatch(value):
            return self.time(value, found)
        if maker := self.around(value):
            return maker
        return self.identifier(value, name, path) or self.words(value, name, path)

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
            found += [(key, self.link(item, salt("entity", key))) for key, item in known]
        parts = [(old, new) for old, new in dict(found).items() if old in value]
        return _replacing(value, parts) if parts else None

    def identifier(self, value: str, name: str, path: tuple[str, ...]) -> Maker | None:
        form = identifier_form(value, mix(self.recipe.seed, salt(name)))
        if form is None or name in _SHARED or _chosen(path):
            return None
        if value.isdecimal() and (len(value) < 6 or not _NAMES_ID.search(name)):
            return None
        mark = salt("entity", value)
        if parent := self.recipe.parents.get(_stem(name)):
            return self.link(parent, mark)
        return lambda scope: form.write(mix(scope.number, mark) % (POOL * POOL))

    def date(self, value: str) -> Maker:
        seconds = datetime.fromisoformat(value).replace(tzinfo=UTC).timestamp()
        if seconds < _OLDEST:
            return lambda _: value
        start, step = self.start(seconds), self.recipe.step
        return lambda scope: _moment(start + scope.index * step)[:10]

    def time(self, value: str, found: re.Match[str]) -> Maker:
        seconds = _seconds(value)
        if seconds < _OLDEST:
            return lambda _: value
        start, step, fraction, zone = self.start(seconds), self.recipe.step, found[2] or "", found[3] or ""
        if found[1] == "00" and not fraction.strip(".0"):
            return lambda scope: f"{_moment(start + scope.index * step)[:17]}00{fraction}{zone}"
        digits = len(fraction) - 1
        if digits < 1 or not fraction.strip(".0"):
            return lambda scope: f"{_moment(start + scope.index * step)}{fraction}{zone}"
        wide = 10**digits
        return lambda scope: f"{_moment(start + scope.index * step)}.{scope.number % wide:0{digits}d}{zone}"

    def words(self, value: str, name: str, path: tuple[str, ...]) -> Maker:
        plain = name.lower()
        if _EMAIL.fullmatch(value):
            return self.human("email")
        if "://" in value or _MARKUP.search(value) or plain.endswith(("timezone", "tz_label")):
            return self.markup(value) if value.startswith("<") and value.endswith(">") else lambda _: value
        if attribute := _NAMED.get(plain.replace("_", "")):
            return self.human(attribute)
        if plain == "companyname":
            return lambda scope: words.company(scope.number)
        if plain in _TITLES:
            return self.title(value, path)
        if plain in _PROSE or value.count(" ") > 2:
            return self.prose(path)
        return lambda _: value

    def human(self, attribute: str) -> Maker:
        """A name or an address: the person's own where the row is one, else somebody's."""
        world = self.recipe.entities

        def make(scope: Scope) -> Json:
            if scope.own and scope.kind and scope.kind in PEOPLE:
                return world.attribute(scope.kind, scope.thing, attribute)
            return world.attribute("", scope.number, attribute)

        return make

    def prose(self, path: tuple[str, ...]) -> Maker:
        """A sentence about what the row is about."""
        world, kind = self.recipe.entities, self.recipe.kind
        if "text" not in ATTRIBUTES.get(kind, {}):
            return lambda scope: words.sentence(mix(scope.number, _PROSE_SALT))
        if len(path) < 2:
            return lambda scope: world.attribute(kind, scope.thing, "text")
        mark = salt("prose", *path)
        return lambda scope: world.attribute(kind, mix(scope.number, mark) % world.size, "text")

    def title(self, value: str, path: tuple[str, ...]) -> Maker:
        holder = path[-2] if len(path) > 1 else ""
        if _chosen(path[:-1]) or (path[-1] == "title" and (holder in _PEOPLE or self.recipe.people)):
            return lambda _: value
        if holder in _PEOPLE or (self.recipe.people and not holder):
            return self.human("username" if value.islower() else "name")
        if len(path) == 1 and (attribute := self.own_name(path[0])):
            return attribute
        if _SLUG.fullmatch(value):
            return lambda scope: words.slug(scope.number)
        return lambda scope: words.title(scope.number)

    def own_name(self, name: str) -> Maker | None:
        """What the thing is called, where its kind has a name of its own."""
        world, kind = self.recipe.entities, self.recipe.kind
        known = {} if kind in PEOPLE else ATTRIBUTES.get(kind, {})
        found = name if name in known else next((one for one in ("name", "title") if one in known), None)
        if found is None:
            return None
        return lambda scope: world.attribute(kind, scope.thing, found)

    def markup(self, value: str) -> Maker:
        opening, closing = value[: value.index(">") + 1], value[value.rindex("<") :]
        return lambda scope: f"{opening}{words.sentence(mix(scope.number, _PROSE_SALT))}{closing}"


def _own_key(example: Json, key: Sequence[str]) -> Json:
    for step in key:
        example = example.get(step) if isinstance(example, Mapping) else None
    return example


def _anchor(example: Json) -> float:
    """When the example was made: its creation time, else the earliest of its times."""
    found = sorted(_times(example, ""))
    return found[0][1] if found else BASE.timestamp()


def _times(value: Json, name: str) -> list[tuple[bool, float]]:
    """The times of a record with False before those that say when it was made."""
    made = not name.lower().startswith(("creat", "date_create", "ts"))
    match value:
        case Mapping():
            return [(made or bool(name), when) for key, item in value.items() for made, when in _times(item, key)]
        case int() if not isinstance(value, bool) and 1_200_000_000 <= value < 2_200_000_000:
            return [(made, float(value))]
        case str() if _TIME.fullmatch(value):
            seconds = _seconds(value)
            return [(made, seconds)] if seconds >= _OLDEST else []
    return []


def _seconds(value: str) -> float:
    moment = datetime.fromisoformat(value)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _moment(seconds: int) -> str:
    return (_EPOCH + timedelta(seconds=seconds)).isoformat()


def _ticket(example: Json) -> tuple[str, int]:
    """The `("NUM", 18)` of a record that names itself `NUM-18`; otherwise a pair that nothing equals."""
    values = example.values() if isinstance(example, Mapping) else ()
    found = next(filter(None, (_TICKET.fullmatch(value) for value in values if isinstance(value, str))), None)
    return (found[1], int(found[2])) if found else ("", -1)


def _replacing(value: str, parts: Sequence[tuple[str, Maker]]) -> Maker:
    pieces = re.split(f"({'|'.join(re.escape(old) for old, _ in parts)})", value)
    makers = dict(parts)
    made = [makers.get(piece, piece) for piece in pieces]
    return lambda scope: "".join(piece if isinstance(piece, str) else piece(scope) for piece in made)


def _anonymous(make: Maker, mark: int) -> Maker:
    """An object with an identifier that stands in no list: one of many, the same one everywhere in the row."""

    def maker(scope: Scope) -> Json:
        number = mix(mix(scope.number, mark) % POOL, mark)
        return make(Scope(scope.index, number, scope.key, scope.lineage, scope.kind, scope.thing, own=False))

    return maker


def _identifier_of(value: Mapping[str, Json]) -> Json:
    return next((value[name] for name in _IDS if identifier_form(value.get(name), 0) and len(value[name]) > 5), None)


def _chosen(path: Sequence[str]) -> bool:
    """True inside things that are picked from a list rather than written: their names and ids never change."""
    return any(step in _CHOICES for step in path)


def _stem(name: str) -> str:
    return re.sub(r"_?(gid|id|uuid)$", "", name, flags=re.IGNORECASE)


_EPOCH = datetime(1970, 1, 1)
_OLDEST = datetime(2012, 1, 1, tzinfo=UTC).timestamp()
_PROSE_SALT = salt("prose")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:(\d\d)(\.\d+)?(Z|[+-]\d\d:?\d\d)?")
_TICKET = re.compile(r"([A-Z]{2,8})-(\d{1,6})")
_EMAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[a-z]{2,}")
_SLUG = re.compile(r"[a-z0-9]+([-_][a-z0-9]+)*")
_MARKUP = re.compile(r"[<>{}]|^:.*:$|^#|\.\w{2,4}$")
_MEASURES = re.compile(r"offset|width|height|_[wh]$|version|precision|priority|workspace|region", re.IGNORECASE)
_NAMES_ID = re.compile(r"id$|^ids$", re.IGNORECASE)
_IDS = ("id", "gid", "uuid")
_SHARED = {"team", "team_id", "user_team", "enterprise_id", "context_team_id", "app_id", "api_app_id", "workspace_id"}
_SHARED |= {"shared_team_ids", "id_code", "organization_id", "color", "avatar_hash", "block_id", "sync", "hash"}
_FIXED = {"state", "status", "workspace", "organization", "app", "select", "custom_status", "workflow_state", "icon"}
_FIXED_FLAGS = {"ok", "has_more", "hasnextpage", "object", "enabled", "is_channel", "is_group", "is_im", "is_mpim"}
_FIXED_FLAGS |= {"is_private", "is_bot", "is_usergroup", "is_subteam", "is_organization"}
_FIXED_FLAGS |= {"archived", "is_archived", "in_trash", "redacted", "open"}
_CHOICES = _FIXED | {"multi_select", "options", "enum_options", "enum_value", "priority", "labels", "custom_fields"}
_CHOICES |= {"reactions", "properties", "schema", "social_profiles", "plan"}
_PEOPLE = {"user", "users", "assignee", "creator", "author", "owner", "admin", "created_by", "createdBy", "followers"}
_PEOPLE |= {"completed_by", "contact", "contacts", "lead", "profile", "person", "members", "updated_by", "teammates"}
_TITLES = {"name", "title", "subject", "label", "name_normalized", "handle"}
_PROSE = {"text", "body", "description", "notes", "content", "plain_text", "summary", "message", "value_text"}
_NAMED = {
    "firstname": "first_name",
    "lastname": "last_name",
    "realname": "name",
    "realnamenormalized": "name",
    "fullname": "name",
    "displayname": "name",
    "displaynamenormalized": "name",
}
"""Field name without underscores -> attribute of a person."""
