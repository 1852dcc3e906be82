"""Every record held against its contract, cheaply: what was met before costs a look, the rules judge what is new.

The rules are those of `drift`; they are loaded, and a record is compared whole, only where a path has something that
its contract does not know: a member, a type, or a member that is missing. What customers name themselves is no drift;
nor is what only another version of the API writes otherwise: that is told, and breaks nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import BiContractsError
from ...paths import Json
from ..store.values import DriftNote

if TYPE_CHECKING:
    from ...contract import Contract
    from ...contract.shape import Shape
    from ...workspace import Workspace

WHERE = {
    "conversation": "",
    "conversations_search": "conversations",
    "contacts_search": "data",
    "tickets_search": "tickets",
}
"""Endpoint -> where a record stands in its answer's body, "" for the body itself."""

JUDGED = 200
"""Records that are compared whole in one sync: beyond that, whatever else changed is told by the drift verb."""

TYPES: dict[type, str] = {
    dict: "object", list: "array", str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"
}  # fmt: skip


@dataclass(slots=True)
class Known:
    """What a contract knows of one path, or what was met there since."""

    types: set[type] = field(default_factory=set)
    members: dict[str, Known] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    items: Known | None = None
    entries: Known | None = None
    free: bool = True


class Drifts:
    """What a sync met that the contracts do not know.

    Attributes:
        met: Each change once.
        versions: Other versions of the API than the one that is spoken, of which the contracts are that were departed
            from. Where one is, nobody knows what changed and what the version alone writes otherwise.
    """

    def __init__(self, workspace: Workspace, version: str) -> None:
        self._workspace, self._version = workspace, version
        self.versions: set[str] = set()
        self._known: dict[str, tuple[Known, Contract] | None] = {}
        self._seen: dict[tuple[str, str], int] = {}
        self._notes: dict[tuple[str, str, str], DriftNote] = {}
        self._fresh: dict[tuple[str, str, str], int] = {}
        self._compared = 0

    @property
    def met(self) -> tuple[DriftNote, ...]:
        return tuple(self._notes.values())

    def look(self, endpoint: str, record: Json) -> None:
        """Holds one record against its contract."""
        if endpoint not in self._known:
            self._known[endpoint] = self._loaded(endpoint)
        found = self._known[endpoint]
        if found is None:
            return
        odd: list[str] = []
        _walk(record, found[0], "", odd)
        if odd:
            self._odd(endpoint, record, odd, found[1])

    def unwritten(self, at: int) -> list[DriftNote]:
        """Notes that were not written yet, each with how often it was met since."""

        return [
            replace(self._notes[key], first_at=at, last_at=at, seen=count)
            for key, count in self._fresh.items()
            if count
        ]

    def wrote(self) -> None:
        """They were written."""
        self._fresh.clear()

    def _odd(self, endpoint: str, record: Json, odd: list[str], contract: Contract) -> None:
        new = [path for path in odd if (endpoint, path) not in self._seen]
        for path in odd:
            self._seen[endpoint, path] = self._seen.get((endpoint, path), 0) + 1
        if new and self._compared < JUDGED:
            self._compared += 1
            for note in judged(endpoint, record, set(odd), contract, self._version):
                if contract.evidence.api_version not in ("", self._version):
                    self.versions.add(contract.evidence.api_version)
                self._notes.setdefault((endpoint, note.rule, note.path), note)
        paths = set(map(shown, odd))
        for key, note in self._notes.items():
            if key[0] == endpoint and _plain(note.path, endpoint) in paths:
                self._fresh[key] = self._fresh.get(key, 0) + 1

    def _loaded(self, endpoint: str) -> tuple[Known, Contract] | None:
        path = self._workspace.find_contract(f"intercom/{endpoint}")
        if path is None:
            return None
        try:
            found = path.stat()
        except OSError:
            return None
        return _read(endpoint, path, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=8)
def _read(endpoint: str, path: Path, *_version: int) -> tuple[Known, Contract] | None:
    """A contract's file, as it is walked: read once by whoever syncs again and again."""
    from ...contract import Contract

    try:
        contract = Contract.load(path, compiled=False)
        shape = body_of(contract.shape)
    except BiContractsError:
        return None
    where = WHERE[endpoint]
    if shape is not None and where:
        member = shape.fields.get(where)
        shape = member.shape.items if member is not None else None
    return (known_of(shape), contract) if shape is not None else None


def body_of(shape: Shape) -> Shape | None:
    """What a contract says of a success's body."""
    if shape.union is not None and shape.union.key == "status":
        found = next((one for status, one in shape.union.variants.items() if str(status).startswith("2")), None)
        return body_of(found) if found is not None else None
    member = shape.fields.get("body")
    return member.shape if member is not None else None


def known_of(shape: Shape) -> Known:
    """A shape as it is walked: variants of a union taken together."""
    from ...contract.maps import SCALAR_MAPS

    shapes = [shape, *(shape.union.variants.values() if shape.union is not None else ())]
    by_name = {name: kind for kind, name in TYPES.items()}
    found = Known(free=not any(one.types for one in shapes))
    for one in shapes:
        found.types |= {by_name[name] for name in one.types if name in by_name}
        if one.items is not None:
            found.items = _merged(found.items, known_of(one.items))
        if one.entries is not None:
            found.entries = _merged(found.entries, known_of(one.entries))
        for name, member in one.fields.items():
            below = (
                _map_of(member.shape) if name in SCALAR_MAPS or name == "ticket_attributes" else known_of(member.shape)
            )
            found.members[name] = _merged(found.members.get(name), below)
    if float in found.types:
        found.types.add(int)
    objects = [one for one in shapes if one.fields]
    needed = [frozenset(name for name, member in one.fields.items() if member.required) for one in objects]
    always = needed[0] if len(objects) == len(shapes) or len(needed) == 1 else frozenset[str]()
    if shape.union is not None:
        variants = [frozenset(n for n, m in one.fields.items() if m.required) for one in shape.union.variants.values()]
        always = frozenset.intersection(*variants) if variants else always
    found.required = always
    return found


def _map_of(shape: Shape) -> Known:
    """A map that customers fill: whether it is one is all that its contract says of it."""
    return replace(known_of(shape), members={}, required=frozenset(), entries=Known())


def _merged(one: Known | None, other: Known) -> Known:
    if one is None:
        return other
    one.types |= other.types
    one.free = one.free or other.free
    one.required &= other.required
    for name, member in other.members.items():
        one.members[name] = _merged(one.members.get(name), member)
    one.items = _merged(one.items, other.items) if other.items is not None else one.items
    one.entries = _merged(one.entries, other.entries) if other.entries is not None else one.entries
    return one


def _walk(value: Json, known: Known, path: str, odd: list[str]) -> None:
    if known.free:
        return
    kind = type(value)
    if kind not in known.types:
        odd.append(path)
    elif kind is dict:
        members = known.members
        for name, member in value.items():
            below = members.get(name)
            if below is not None:
                if type(member) not in _SIMPLE or type(member) not in below.types:
                    _walk(member, below, f"{path}/{name}", odd)
            elif known.entries is not None:
                _walk(member, known.entries, f"{path}/*", odd)
            else:
                odd.append(f"{path}/{_escaped(name)}")
        if not known.required <= value.keys():
            odd += [f"{path}/{_escaped(name)}" for name in known.required if name not in value]
    elif kind is list and known.items is not None:
        for item in value:
            _walk(item, known.items, f"{path}/*", odd)


_SIMPLE = frozenset({str, int, float, bool, type(None)})


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def judged(endpoint: str, record: Json, odd: set[str], contract: Contract, version: str = "") -> list[DriftNote]:
    """What the house's rules say of a record, at the paths that are odd. `version`: the one that is spoken.

    A contract that rests on a description alone says nothing of members that it does not name: no answer was seen
    without them.
    """
    from ...drift import Severity, compare_at

    where, before = WHERE[endpoint], _prefix(endpoint)
    body: Json = {where: [record]} if where else record
    changes = compare_at(contract, [{"status": 200, "headers": {}, "body": body}], {before + path for path in odd})
    of = contract.evidence.api_version
    other = bool(version and of and version != of)
    said = f"; the contract is of version {of}, and {version} is spoken" if other else ""
    return [
        DriftNote(
            endpoint,
            change.rule,
            path,
            Severity.INFO.value if other else change.severity.value,
            f"{change.evidence.get('sentence', '') if path == change.path else _UNNAMED}{said}",
        )
        for change in changes
        for path in [shown(change.path)]
        if contract.evidence.samples or not change.rule.endswith("-property-added")
    ]


def shown(path: str) -> str:
    """A path as it is kept and told: a name that does not look like one may be what somebody wrote."""
    return "/".join(step if not step or _NAME.fullmatch(step) else "*" for step in path.split("/"))


_NAME = re.compile(r"[A-Za-z0-9_ .-]{1,60}")
_UNNAMED = "a member whose name is not shown: it may be what somebody wrote"


@cache
def _prefix(endpoint: str) -> str:
    where = WHERE[endpoint]
    return f"/body/{where}/*" if where else "/body"


def _plain(path: str, endpoint: str) -> str:
    return path.removeprefix(_prefix(endpoint)) if path.startswith(_prefix(endpoint)) else "?"
