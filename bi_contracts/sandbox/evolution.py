"""A written list of API changes, applied to what the sandbox answers, so that drift can be staged.

Entries happen in the order of the file:

    [[change]]
    endpoint = "asana/tasks"      # an id, or a glob: "asana/*"
    change = "remove"             # remove rename retype nullify add enum wrap status header
    path = "assignee.email"       # dotted, inside a record; `*` stands for every item of a list or map
    to = ...                      # the new name, type, value, status or header value
    share = 1.0                   # of the rows that show it
    scope = "record"              # or "envelope": the path starts at the whole answer
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

from ..errors import ConfigurationError
from ..paths import Json
from .keys import mix, salt

DEMO = Path(__file__).parent / "evolutions" / "demo.toml"
"""Changes over the built-in platforms that the demo stages."""

Kind = Literal["remove", "rename", "retype", "nullify", "add", "enum", "wrap", "status", "header"]
KINDS: tuple[Kind, ...] = ("remove", "rename", "retype", "nullify", "add", "enum", "wrap", "status", "header")
TYPES = ("string", "integer", "number", "boolean", "object", "array")


@dataclass(frozen=True, slots=True)
class Change:
    """One change of an API.

    Attributes:
        endpoint: Id or glob of the endpoints it concerns.
        change: What happens.
        path: Dotted path of the field; the header's name for `header`.
        to: The new name (`rename`, `wrap`), type (`retype`), value (`add`, `enum`, `header`) or status.
        share: Share of the rows that show the change, the same rows every time.
        scope: Whether `path` starts at each record or at the whole answer.
    """

    endpoint: str
    change: Kind
    path: str = ""
    to: Json = None
    share: float = 1.0
    scope: Literal["record", "envelope"] = "record"

    @property
    def of_value(self) -> bool:
        """True where a value in the body changes, False for `status` and `header`."""
        return self.change not in ("status", "header")

    def concerns(self, endpoint: str) -> bool:
        """Whether an endpoint, named `asana/tasks`, is changed."""
        return fnmatchcase(endpoint, self.endpoint)

    def shows(self, position: int) -> bool:
        """Whether the row at this position shows the change."""
        return self.share >= 1 or mix(position, salt(self.endpoint, self.change, self.path)) < self.share * 2**64

    def apply(self, value: Json) -> Json:
        """The value after the change; the one that came in stays as it was."""
        operation = _OPERATIONS[self.change]
        return _at(value, self.path.split("."), lambda parent, step: operation(parent, step, self.to))


@dataclass(frozen=True, slots=True)
class Evolution:
    """Changes in the order in which they happen."""

    changes: tuple[Change, ...] = ()
    _by_endpoint: dict[str, tuple[Change, ...]] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def read(cls, path: str | Path) -> Evolution:
        """The changes in a TOML or JSON file. Raises `ConfigurationError` naming file and entry."""
        path = Path(path)
        try:
            text = path.read_text(encoding="utf-8")
            data = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
        except (OSError, ValueError) as problem:
            raise ConfigurationError(f"{path}: no evolution can be read from it: {problem}") from None
        return cls.parse(data, str(path))

    @classmethod
    def parse(cls, data: Json, source: str = "evolution") -> Evolution:
        """The changes in plain data: a list of entries, or an object whose `change` is that list."""
        entries = data.get("change", data.get("changes")) if isinstance(data, Mapping) else data
        if not isinstance(entries, list):
            raise ConfigurationError(f"{source}: a list of [[change]] entries is wanted")
        return cls(tuple(_change(entry, f"{source}, change {number}") for number, entry in enumerate(entries, 1)))

    def __add__(self, other: Evolution) -> Evolution:
        return Evolution(self.changes + other.changes)

    def of(self, endpoint: str) -> tuple[Change, ...]:
        """The changes that concern an endpoint."""
        found = self._by_endpoint.get(endpoint)
        if found is None:
            found = tuple(change for change in self.changes if change.concerns(endpoint))
            self._by_endpoint[endpoint] = found
        return found

    def reshapes(self, endpoint: str) -> bool:
        """True where something beside the records changes in the body."""
        return any(change.scope == "envelope" and change.of_value for change in self.of(endpoint))

    def record(self, endpoint: str, record: Json, position: int) -> Json:
        """A record after the changes."""
        for change in self.of(endpoint):
            if change.of_value and change.scope == "record" and change.shows(position):
                record = change.apply(record)
        return record

    def envelope(self, endpoint: str, body: Json) -> Json:
        """A whole answer after the changes that concern it."""
        for change in self.of(endpoint):
            if change.of_value and change.scope == "envelope":
                body = change.apply(body)
        return body

    def headers(self, endpoint: str) -> list[tuple[str, str | None]]:
        """Headers that are set, or with None taken away."""
        found = [change for change in self.of(endpoint) if change.change == "header"]
        return [(change.path, None if change.to is None else str(change.to)) for change in found]

    def status(self, endpoint: str) -> int | None:
        """The status that every answer has now, None for the usual one."""
        found = [int(change.to) for change in self.of(endpoint) if change.change == "status"]
        return found[-1] if found else None


def _change(entry: Json, where: str) -> Change:
    if not isinstance(entry, Mapping):
        raise ConfigurationError(f"{where}: an object is wanted, not {type(entry).__name__}")
    known = [item.name for item in fields(Change)]
    unknown = sorted(set(entry) - set(known))
    if unknown:
        raise ConfigurationError(f"{where}: {', '.join(unknown)} is not known; known are {', '.join(known)}")
    for name in ("endpoint", "change"):
        if not isinstance(entry.get(name), str) or not entry[name]:
            raise ConfigurationError(f"{where}: {name} must be given as text")
    change = Change(**entry)
    problem = _problem(change)
    if problem:
        raise ConfigurationError(f"{where}: {problem}")
    return change


def _problem(change: Change) -> str:
    """What is wrong with a change, "" where nothing is."""
    if change.change not in KINDS:
        return f"change must be one of {', '.join(KINDS)}, not {change.change!r}"
    if change.scope not in ("record", "envelope"):
        return f"scope must be record or envelope, not {change.scope!r}"
    if isinstance(change.share, bool) or not isinstance(change.share, int | float) or not 0 < change.share <= 1:
        return f"share must be above 0 and at most 1, not {change.share!r}"
    if change.change != "status" and not (isinstance(change.path, str) and change.path):
        return "path must be given as text"
    if not _is_plain(change.to):
        return f"to must be plain JSON, not {change.to!r}; put it into quotes"
    return _target_problem(change)


def _is_plain(value: Json) -> bool:
    """Whether JSON can say it: a date of TOML and an infinite number cannot be said."""
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return False
    return True


def _target_problem(change: Change) -> str:
    match change.change, change.to:
        case "status", int() as status if not isinstance(status, bool) and 200 <= status <= 599:
            return ""
        case "status", _:
            return f"to must be a status from 200 to 599, not {change.to!r}"
        case "retype", _ if change.to not in TYPES:
            return f"to must be one of {', '.join(TYPES)}, not {change.to!r}"
        case "rename" | "wrap", _ if not isinstance(change.to, str) or not change.to or "." in change.to:
            return f"to must be a field name, not {change.to!r}"
    return ""


_Parent = Json
"""A dict or a list; a step is a key of the one or an index of the other."""
_Operation = Callable[[_Parent, str | int, Json], None]


def _at(value: Json, path: Sequence[str], operation: Callable[[_Parent, str | int], None]) -> Json:
    """A copy of `value` in which the operation was done at every place that `path` names."""
    if not isinstance(value, Mapping | list):
        return value
    copy: Json = dict(value) if isinstance(value, Mapping) else list(value)
    for step in _steps(copy, path[0]):
        if len(path) == 1:
            operation(copy, step)
        elif not isinstance(copy, dict) or step in copy:
            copy[step] = _at(copy[step], path[1:], operation)
    return copy


def _steps(value: _Parent, step: str) -> Iterable[str | int]:
    if isinstance(value, Mapping):
        return list(value) if step == "*" else [step]
    if step == "*":
        return range(len(value) - 1, -1, -1)
    return [int(step)] if step.isdecimal() and int(step) < len(value) else []


def _there(parent: _Parent, step: str | int) -> bool:
    return isinstance(parent, list) or step in parent


def _remove(parent: _Parent, step: str | int, _to: Json) -> None:
    if _there(parent, step):
        del parent[step]


def _rename(parent: _Parent, step: str | int, to: Json) -> None:
    if isinstance(parent, dict) and step in parent:
        members = [(to if name == step else name, value) for name, value in parent.items()]
        parent.clear()
        parent.update(members)


def _set(parent: _Parent, step: str | int, to: Json) -> None:
    parent[step] = to


def _replaced(make: Callable[[Json, Json], Json]) -> _Operation:
    def operation(parent: _Parent, step: str | int, to: Json) -> None:
        if _there(parent, step):
            parent[step] = make(parent[step], to)

    return operation


def retyped(value: Json, kind: str) -> Json:
    """The value as another JSON type; None stays None."""
    if value is None:
        return None
    match kind:
        case "string":
            return value if isinstance(value, str) else json.dumps(value)
        case "integer":
            return int(_figure(value))
        case "number":
            return _figure(value) + 0.5
        case "boolean":
            return bool(value)
        case "object":
            return {"value": value}
    return [value]


def _figure(value: Json) -> float:
    """A number for any value: its own where it has one."""
    try:
        return int(value)
    except (TypeError, ValueError):
        return salt(json.dumps(value, sort_keys=True)) % 1_000_000


_OPERATIONS: dict[str, _Operation] = {
    "remove": _remove,
    "rename": _rename,
    "retype": _replaced(retyped),
    "nullify": _replaced(lambda _value, _to: None),
    "enum": _replaced(lambda value, to: value if value is None else to),
    "wrap": _replaced(lambda value, to: {to: value}),
    "add": _set,
}
