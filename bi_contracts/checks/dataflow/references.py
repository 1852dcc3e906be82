"""References: what one list says about another's rows must be there, in the same platform or in another one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from ...errors import ConfigurationError
from ...paths import Json
from ...platform import Endpoint, Platform
from ...report.events import Finding, Severity
from . import stated
from .found import counted, finding
from .moments import Role, role_of
from .table import EMPTY, Table, joined

Tables = Mapping[str, Table]
"""Endpoint id -> its rows."""


@dataclass(frozen=True, slots=True)
class Reference:
    """What stands at `source` must stand at one of the `targets`.

    A place is an endpoint's id and a dotted path in its rows, `*` for every item of a list:
    `gong/calls_extensive:parties.*.userId`. Raises `ConfigurationError` for a place that is none, for no target, and
    for a share outside of 0..1.

    Attributes:
        source: Where the reference stands.
        targets: Where what is referred to stands; any of them will do.
        where: Member of the object that the reference stands in -> the value it must have, or one of several: an
            author of type `admin` is looked for among the admins.
        share: The least share of the references that must be kept.
        ignore: Values that stand for nothing or for everybody.
        folded: True where case does not tell two values apart, as in e-mail addresses.
        severity: Of the finding.
        name: How reports call it; "" is made from source and targets.
        why: In one sentence.
    """

    source: str
    targets: tuple[str, ...]
    where: Mapping[str, Json] = field(default_factory=dict)
    share: float = 1.0
    ignore: tuple[Json, ...] = ()
    folded: bool = False
    severity: Severity = "breaking"
    name: str = ""
    why: str = ""

    def __post_init__(self) -> None:
        who = f"Reference {self.source}"
        stated.place(who, self.source)
        stated.texts(who, "targets", self.targets)
        if not self.targets:
            raise ConfigurationError(f"{who}: name at least one target")
        for place in self.targets:
            stated.place(who, place, "each of targets")
        stated.mapping(who, "where", self.where)
        stated.number(who, "share", self.share, most=1.0)
        if isinstance(self.ignore, (str, bytes, Mapping)) or not isinstance(self.ignore, Sequence):
            stated.refuse(who, "ignore", "a list of values", self.ignore)
        object.__setattr__(self, "targets", tuple(self.targets))
        object.__setattr__(self, "ignore", tuple(self.ignore))
        stated.flag(who, "folded", self.folded)
        stated.severity(who, "severity", self.severity)
        stated.text(who, "name", self.name)
        stated.text(who, "why", self.why)

    @property
    def ids(self) -> tuple[str, ...]:
        """The endpoints it takes to judge it, the source's first."""
        return tuple(dict.fromkeys(_place(place)[0] for place in (self.source, *self.targets)))

    @property
    def across(self) -> bool:
        """Whether it leads from one platform to another."""
        return len({id.partition("/")[0] for id in self.ids}) > 1

    @property
    def title(self) -> str:
        """What reports call it."""
        return self.name or f"{self.source} -> {' | '.join(self.targets)}"


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of one reference.

    `of` is how many references stood there, `kept` how many led somewhere. `unknown` says why nothing can be said,
    "" where something can.
    """

    reference: Reference
    of: int = 0
    kept: int = 0
    findings: tuple[Finding, ...] = ()
    unknown: str = ""


def judge(
    reference: Reference,
    tables: Tables,
    complete: Iterable[str],
    *,
    key: str = "",
    apart: Mapping[str, str] | None = None,
) -> Judged:
    """Whether the references of one list lead somewhere.

    `complete` are the ids of the lists that were read to their end: what is missing in another one may stand further
    on, so nothing is said about it. `key` is the source rows' own, for the evidence. `apart` are lists of another
    place or time than the source, with the reason: what is missing there says nothing either.
    """
    source, path = _place(reference.source)
    ids = list(dict.fromkeys(_place(place)[0] for place in reference.targets))
    reasons = apart or {}
    if source not in tables:
        return Judged(reference, unknown=f"{source} was not read, so nobody knows what it refers to")
    if not any(id in tables for id in ids):
        unread = f"{' and '.join(ids)} {'was' if len(ids) == 1 else 'were'} not read, so where {source} leads is open"
        return Judged(reference, unknown=next((reasons[id] for id in ids if id in reasons), unread))
    given = list(_given(reference, tables[source], path))
    if not given:
        return Judged(reference, unknown="no row refers to anything")
    known = _known(reference, tables)
    dangling = [number for number, value in given if value not in known]
    partial = sorted((set(ids) - set(complete)) | (set(ids) & set(reasons)))
    if dangling and partial and 1 - len(dangling) / len(given) < reference.share:
        why = reasons.get(partial[0]) or _open(partial[0], tables)
        return Judged(reference, len(given), len(given) - len(dangling), unknown=why)
    findings = _dangling(reference, tables[source], path, dangling, len(given), key)
    return Judged(reference, len(given), len(given) - len(dangling), findings)


def _open(id: str, tables: Tables) -> str:
    if id not in tables:
        return f"{id} was not read, so what is missing elsewhere may stand there"
    return f"{id} was not read to its end, so what is missing may stand further on"


def _dangling(
    reference: Reference, table: Table, path: str, dangling: Sequence[int], of: int, key: str
) -> tuple[Finding, ...]:
    share = 1 - len(dangling) / of
    if share >= reference.share:
        return ()
    targets = " or ".join(reference.targets)
    wanted = f"; at least {reference.share:.0%} must" if reference.share < 1 else ""
    return (
        finding(
            "reference-dangling",
            reference.severity,
            path,
            f"{counted(len(dangling), of, 'reference')} to {targets} lead nowhere{wanted}",
            table=table,
            rows=dangling,
            of=len(table),
            key=key,
            references=of,
            dangling=len(dangling),
            targets=list(reference.targets),
            explanation=reference.why or "What is referred to must be there, or a join loses the row.",
        ),
    )


def _given(reference: Reference, table: Table, path: str) -> Iterator[tuple[int, Json]]:
    for number, value in _values(reference, table, path):
        if value not in EMPTY and value not in reference.ignore and not isinstance(value, (dict, list)):
            yield number, _plain(value, reference.folded)


def _values(reference: Reference, table: Table, path: str) -> Iterator[tuple[int, Json]]:
    if not reference.where:
        yield from table.column(path)
        return
    parent, name = table.place(path)
    for number, one in table.objects.get(parent, ()):
        if all(one.get(other) in _several(wanted) for other, wanted in reference.where.items()):
            yield number, one.get(name)


def _several(wanted: Json) -> Sequence[Json]:
    return wanted if isinstance(wanted, (list, tuple)) else (wanted,)


def _known(reference: Reference, tables: Tables) -> set[Json]:
    places = [_place(target) for target in reference.targets]
    return {
        _plain(value, reference.folded)
        for id, path in places
        if id in tables
        for _, value in tables[id].column(path)
        if value is not None and not isinstance(value, (dict, list))
    }


def _plain(value: Json, folded: bool) -> Json:
    """Ids are compared as text: some platforms write a number here and its digits there."""
    text = str(value)
    return text.casefold() if folded else text


def _place(place: str) -> tuple[str, str]:
    id, _, path = place.partition(":")
    return id, path


NOBODY: Final = (0, "0", -1, "-1")
"""Keys that platforms write where nobody or nothing is meant."""

_WORD: Final = 6
"""Shorter examples of keys are words or numbers that stand for other things as well."""


def derived(platform: Platform, severity: Severity = "warning") -> tuple[Reference, ...]:
    """The references inside a platform that its examples show: where the key of a list's example row stands elsewhere.

    A key that several lists have (one shows the other's rows) may be found in any of them.
    """
    homes = _homes(platform)
    found: dict[str, set[str]] = {}
    for endpoint in platform.endpoints:
        if endpoint.kind != "list":
            continue
        for path, value in _leaves(endpoint.examples):
            targets = homes.get(value, set()) if path != endpoint.key else set()
            if targets:
                found.setdefault(f"{platform.id(endpoint)}:{path}", set()).update(targets)
    return tuple(
        Reference(source, tuple(sorted(targets)), ignore=NOBODY, severity=severity)
        for source, targets in sorted(found.items())
    )


def _homes(platform: Platform) -> dict[Json, set[str]]:
    """Key of an example -> the lists that have it: those under a parent only where no list without one does."""
    homes: dict[Json, set[str]] = {}
    for nested in (False, True):
        known = set(homes)
        for endpoint in platform.endpoints:
            if endpoint.kind != "list" or bool(endpoint.parents) is not nested:
                continue
            for key in _keys(endpoint):
                if key not in known:
                    homes.setdefault(key, set()).add(f"{platform.id(endpoint)}:{endpoint.key}")
    return homes


def _keys(endpoint: Endpoint) -> Iterator[str]:
    """The examples' keys that stand for one thing only: a word does not, and neither does a time (Slack's `ts`)."""
    if role_of(endpoint.key) is not Role.NONE:
        return
    for _, value in Table(endpoint.examples).column(endpoint.key):
        if isinstance(value, str) and len(value) >= _WORD and not value.isalpha():
            yield value


def _leaves(rows: Sequence[Json], path: str = "") -> Iterator[tuple[str, Json]]:
    for row in rows:
        yield from _leaf(row, path)


def _leaf(value: Json, path: str) -> Iterator[tuple[str, Json]]:
    if isinstance(value, Mapping):
        for name, member in value.items():
            yield from _leaf(member, joined(path, name))
    elif isinstance(value, (list, tuple)):
        yield from _leaves(value, joined(path, "*"))
    elif isinstance(value, str):
        yield path, value
