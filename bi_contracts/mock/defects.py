"""Named defects: each makes exactly one thing wrong with a record, and says where."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TypeVar

from ..paths import Json, dig
from ..sandbox.collection import Collection
from ..sandbox.compiler.fields import EMAIL
from ..sandbox.keys import mix, salt
from ..sandbox.recipes import references
from .records import Declared, Records
from .texts import ID, WHEN

DAY = 86_400

STALE = 730
"""Days before the present after which a time is stale."""

DEEP = 4
"""Levels of a record in which defects are looked for."""

_GONE = object()
Path = tuple[str | int, ...]
Leaf = tuple[Path, Json]
Change = tuple[Path, Json]
T = TypeVar("T")

_TIME = re.compile(r"\d{4}-\d\d-\d\d([T ].*)?")
_UNIX = re.compile(r"\d{10}(\.\d+)?")
_FRESH = re.compile(r"updat|modif|edit|last|chang", re.IGNORECASE)
_SECONDS = (1_200_000_000, 2_200_000_000)
_OTHERS: tuple[Json, ...] = ("none", 4711, ["none"], {"none": "none"}, True, 47.11, None)


@dataclass(frozen=True)
class Spoiler:
    """Makes things wrong with the records of one endpoint.

    Attributes:
        records: The records as they should be.
        present: The Unix time that is "now" for them.
        partners: Positions of records whose keys others may take.
    """

    records: Records
    present: float
    partners: Sequence[int]

    @cached_property
    def key(self) -> Path:
        """Where the key of a record stands."""
        return tuple(self.records.key.split(".")) if self.records.key else ()

    @cached_property
    def links(self) -> Sequence[tuple[Path, Collection]]:
        """Where a record refers to rows of which lists."""
        return links(self.records) if isinstance(self.records, Declared) else ()

    def change(self, kind: str, index: int, record: Json, bits: int, beside: Sequence[Path] = ()) -> Change | None:
        """What to put where, so that a record has that defect; None where it cannot have it.

        `beside` are places that are spoilt already.
        """
        make: Callable[[int, Json, int], Iterator[Change]] = getattr(self, kind.replace("-", "_"))
        for path, value in make(index, record, bits):
            if not any(path[: len(one)] == one or one[: len(path)] == path for one in beside):
                return path, value
        return None

    def missing_field(self, index: int, record: Json, bits: int) -> Iterator[Change]:
        """A required member is not there: the contract is broken by it."""
        for path, _ in _shuffled(_members(record), bits):
            if self._free(index, path) and not self.records.keeps(changed(record, path, _GONE)):
                yield path, _GONE

    def wrong_type(self, index: int, record: Json, bits: int) -> Iterator[Change]:
        """A member is of a type that the contract does not allow there."""
        for path, value in _shuffled(_members(record), bits):
            for other in (one for one in _OTHERS if type(one) is not type(value)):
                if self._free(index, path) and not self.records.keeps(changed(record, path, other)):
                    yield path, other
                    break

    def duplicate_id(self, index: int, record: Json, bits: int) -> Iterator[Change]:
        """The key of another record."""
        if not self.key or not self.partners or index in self.partners:
            return
        theirs = dig(self.records.record(self.partners[bits % len(self.partners)]), self.records.key)
        mine = dig(record, self.records.key)
        if isinstance(mine, str | int) and theirs is not None and theirs != mine:
            yield self.key, theirs

    def dangling_reference(self, _: int, record: Json, bits: int) -> Iterator[Change]:
        """A reference to something that no list holds."""
        for path, home in _shuffled(self.links, bits):
            found = value_at(record, path)
            if isinstance(found, str | int) and home.position(found) is not None:
                yield from self._nowhere(path, found, home, record, bits)

    def stale_timestamp(self, _: int, record: Json, bits: int) -> Iterator[Change]:
        """A time more than two years before the present."""
        then = int(self.present) - (STALE + 30 + bits % 300) * DAY
        times = [one for one in _shuffled(_leaves(record), bits) if one[0] and not self._holds_key(one[0])]
        for path, value in sorted(times, key=lambda one: not _FRESH.search(str(one[0][-1]))):
            stale = _earlier(value, str(path[-1]), then, self.present)
            if stale is not None:
                yield path, stale

    def malformed_email(self, _: int, record: Json, bits: int) -> Iterator[Change]:
        """An address that no mail would reach."""
        for path, value in _shuffled(_leaves(record), bits):
            address = path and isinstance(value, str) and EMAIL.fullmatch(value) and not ID.search(str(path[-1]))
            if address and not self._holds_key(path):
                name, domain = value.split("@", 1)
                forms = (f"{name}.{domain}", f"{name}@@{domain}", f"{name}@", f"{name} at {domain}", f"@{domain}")
                yield path, forms[bits % len(forms)]

    def _nowhere(self, path: Path, value: Json, home: Collection, record: Json, bits: int) -> Iterator[Change]:
        for attempt in range(8):
            key = home.form.write(max(1, home.world.size) + 1 + mix(bits, attempt) % 100_000)
            other = int(key) if isinstance(value, int) and str(key).isdecimal() else key
            kept = self.records.keeps(changed(record, path, other))
            if type(other) is type(value) and other != value and home.position(other) is None and kept:
                yield path, other
                return

    def _free(self, index: int, path: Path) -> bool:
        """Whether a place may be spoilt: the key of a record that lends it to others must stay."""
        return index not in self.partners or not self._holds_key(path)

    def _holds_key(self, path: Path) -> bool:
        return bool(self.key) and path == self.key[: len(path)]


def changed(record: Json, path: Path, value: Json) -> Json:
    """A copy of the record with another value at a path, or without the member that stood there."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(record, list):
        assert isinstance(step, int)
        return [*record[:step], changed(record[step], rest, value), *record[step + 1 :]]
    if not rest and value is _GONE:
        return {name: member for name, member in record.items() if name != step}
    return {**record, step: changed(record.get(step), rest, value)}


def value_at(record: Json, path: Path) -> Json:
    """What stands at a path; None where nothing does."""
    for step in path:
        if isinstance(record, Mapping):
            record = record.get(str(step))
        elif isinstance(record, list) and isinstance(step, int) and step < len(record):
            record = record[step]
        else:
            return None
    return record


def pointer(path: Path) -> str:
    """The path as a JSON Pointer."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path)


def links(records: Declared) -> list[tuple[Path, Collection]]:
    """Where a record refers to rows of which lists, read from the example that it is made after."""
    known = references(records.home.world, records.platform)
    examples = {**dict(enumerate(records.endpoint.examples)), **dict(enumerate(records.home.endpoint.examples))}
    found: dict[Path, Collection] = {}
    for example in examples.values():
        own = dig(example, records.key)
        for path, value in _leaves(example):
            name = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
            if isinstance(name, str) and name in known and value != own:
                target = records.platform.endpoint(known[name].endpoint)
                found[path] = records.home.world.collection(records.platform, target)
    return list(found.items())


def _members(value: Json, path: Path = ()) -> Iterator[Leaf]:
    """Every member of every object, those of the record itself first."""
    if isinstance(value, Mapping):
        yield from (((*path, name), member) for name, member in value.items())
        if len(path) < DEEP:
            for name, member in value.items():
                yield from _members(member, (*path, name))
    elif isinstance(value, list) and value and len(path) < DEEP:
        yield from _members(value[0], (*path, 0))


def _leaves(value: Json, path: Path = ()) -> Iterator[Leaf]:
    """Every value that is neither object nor list."""
    if isinstance(value, Mapping):
        for name, member in value.items():
            yield from _leaves(member, (*path, name))
    elif isinstance(value, list | tuple):
        for place, item in enumerate(value):
            yield from _leaves(item, (*path, place))
    else:
        yield path, value


def _shuffled(found: Iterable[tuple[Path, T]], bits: int) -> list[tuple[Path, T]]:
    return sorted(found, key=lambda one: (len(one[0]), mix(bits, salt(*one[0]))))


def _earlier(value: Json, name: str, then: int, present: float) -> Json:
    """The time `then` as the value is written; None where it is no time, or old enough already."""
    if isinstance(value, str) and _TIME.fullmatch(value):
        date = datetime.fromtimestamp(then, UTC).date().isoformat()
        return date + value[10:] if date < value[:10] else None
    if isinstance(value, str) and _UNIX.fullmatch(value) and WHEN.search(name):
        return f"{then}{value[10:]}" if _SECONDS[0] <= int(value[:10]) <= present else None
    if isinstance(value, int) and not isinstance(value, bool):
        if _SECONDS[0] <= value < _SECONDS[1]:
            return then
        if _SECONDS[0] * 1000 <= value < _SECONDS[1] * 1000:
            return then * 1000 + value % 1000
    return None
