"""The org's records: rows of the declared lists, whole, joined to what they refer to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from ....paths import Json
from ....platform import Platform
from ...collection import Collection
from ...keys import mix, salesforce_id, salt
from ...rows import Positions, Rows
from ...selecting import KEPT
from ...world import World
from .schema import Sobject, children, sobjects

Whole = Callable[[Sobject, int], Mapping[str, Json]]
"""A record, by its position in its list."""

Brief = Callable[[Sobject, int, frozenset[str] | None], Mapping[str, Json]]
"""The same with the fields that are named, None for all that its list shows."""

FIELD_HASH = salt("salesforce", "profile")


class Org:
    """All objects and their records.

    Args:
        platform: Whose lists hold the records.
        world: Where the lists are.
        brief: Makes a record with the fields that its list shows.
        whole: Makes it with all fields.
    """

    def __init__(self, platform: Platform, world: World, brief: Brief, whole: Whole) -> None:
        self.platform = platform
        self.world = world
        self.brief = brief
        self.whole = whole
        self.known = sobjects(platform)
        self.prefixes = {one.prefix: one for one in self.known.values()}
        self._under: dict[tuple[str, str], Mapping[Json, Sequence[int]]] = {}
        self._columns: dict[tuple[str, str], dict[int, Json]] = {}
        self._version = world.version

    def forget(self) -> None:
        """Lets go of what was read from rows."""
        self._under.clear()
        self._columns.clear()

    def find(self, name: str) -> Sobject | None:
        """The object of that name, letter case aside; None where there is none."""
        return self.known.get(name.lower())

    def children(self, parent: str) -> dict[str, tuple[str, str]]:
        return children(self.known, parent)

    def home(self, sobject: Sobject) -> Collection:
        """The list that an object's records stand in."""
        return self.world.collection(self.platform, sobject.list)

    def rows(self, sobject: Sobject, *, deleted: bool = False) -> Rows:
        """An object's records as lists and queries see them now, with those that were deleted where they are wanted."""
        home = self.home(sobject)
        found = home.everything(self.world.horizon(self.platform))
        if not deleted or not home.gone:
            return found
        return Rows(home, Positions(range(0), (), [*found.positions, *sorted(home.gone)]), found.until)

    def position(self, sobject: Sobject, key: Json) -> int | None:
        """Where the record with an id stands; 15 characters of it are enough."""
        return self.home(sobject).position(full_id(key))

    def record(self, sobject: Sobject, position: int, names: frozenset[str] | None = None) -> Record:
        """A record; where the names of fields are given, no more of it is made than they need."""
        return Record(self, sobject, position, names)

    def kept(self, record: Record, name: str, make: Callable[[], Json]) -> Json:
        """What is read from a record under a name, made once as long as nobody writes the record."""
        home, position = self.home(record.sobject), record.position
        if home.exact is not None or home.count > KEPT or home.touched(position):
            return make()
        column = self._columns.setdefault((record.sobject.name, name), {})
        if position not in column:
            column[position] = make()
        return column[position]

    def referred(self, objects: Sequence[str], key: Json, names: frozenset[str] | None = None) -> Record | None:
        """The record of one of the objects that has an id; `names` as for `record`."""
        for name in objects:
            sobject = self.find(name)
            found = self.position(sobject, key) if sobject is not None and key else None
            if sobject is not None and found is not None:
                return Record(self, sobject, found, names)
        return None

    def under(self, child: Sobject, field: str) -> Mapping[Json, Sequence[int]]:
        """Parent's id -> positions of the records that refer to it. Kept until something is written."""
        if self._version != self.world.version or self.world.horizon(self.platform) != float("inf"):
            self._under.clear()
            self._version = self.world.version
        name = (child.name, field)
        if name not in self._under:
            found: dict[Json, list[int]] = {}
            for position in self.rows(child).positions:
                found.setdefault(self.record(child, position, frozenset({field}))[field], []).append(position)
            self._under[name] = found
        return self._under[name]


class Record(Mapping[str, Json]):
    """A record whose relationships lead on: `record["Account"]["Name"]`.

    With the names of fields it is there to be looked at, by a condition or an order: no more of it is made than is
    read, and what was read once is kept.
    """

    __slots__ = ("__dict__", "names", "org", "position", "sobject")

    def __init__(self, org: Org, sobject: Sobject, position: int, names: frozenset[str] | None = None) -> None:
        self.org = org
        self.sobject = sobject
        self.position = position
        self.names = names

    @cached_property
    def brief(self) -> Mapping[str, Json]:
        return self.org.brief(self.sobject, self.position, self.names)

    @cached_property
    def row(self) -> Mapping[str, Json]:
        return self.org.whole(self.sobject, self.position)

    def field(self, name: str) -> Json:
        """A field of the record's own; the whole record is made only where the list does not show the field."""
        if self.names is not None:
            return self.org.kept(self, name, lambda: self._made(name, self.names or frozenset()))
        return self.brief[name] if name in self.brief else self.row[name]

    def _made(self, name: str, names: frozenset[str]) -> Json:
        """A field that is looked at, with no more of the record than it needs."""
        if name in names:
            found = self.brief
        else:
            found = self.org.brief(self.sobject, self.position, needed(self.sobject, (name,)))
        return found[name] if name in found else self.row.get(name)

    @cached_property
    def deleted(self) -> bool:
        """True where the record is in the recycle bin."""
        home = self.org.home(self.sobject)
        if not home.gone:
            return False
        return self.position in home.gone

    def __getitem__(self, name: str) -> Json:
        if name == "IsDeleted" and self.deleted:
            return True
        if name in self.sobject.parents:
            return self.parent(name)
        if name == "Type" and name not in self.sobject.fields:
            return self.sobject.name
        return self.field(name)

    def parent(self, name: str) -> Json:
        """What a relationship leads to: another record, what the row itself shows of one, or nothing."""
        field, leads_to = self.sobject.parents[name]
        looked_at = self.names is not None
        found = self.org.referred(leads_to, self.field(field), frozenset() if looked_at else None)
        if found is not None:
            return found
        return self.field(name) if looked_at else self.brief.get(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self.row)

    def __len__(self) -> int:
        return len(self.row)


def full_id(key: Json) -> Json:
    """An id with all its 18 characters; anything else as it is."""
    short = isinstance(key, str) and len(key) == 15 and key.isascii() and key.isalnum()
    return salesforce_id(key) if short else key


# What follows from other fields: a world in which the won deals are closed


def needed(sobject: Sobject, names: Iterable[str]) -> frozenset[str]:
    """The fields that must be made so that those named are right: what they are worked out from, what they lead to."""
    found = set()
    for name in names:
        found |= {name, *_FOLLOWS.get(name, ())}
        if name in sobject.parents:
            found.add(sobject.parents[name][0])
    return frozenset(found)


_STAGE = ("StageName", "Amount", "Probability", "CloseDate", "Status")
_FOLLOWS = {
    "Name": ("FirstName", "LastName"),
    "IsHighPriority": ("Priority",),
    **dict.fromkeys(("IsClosed", "IsWon", "Probability", "ExpectedRevenue"), _STAGE),
    **dict.fromkeys(("FiscalYear", "FiscalQuarter", "Fiscal"), _STAGE),
}


def derived(sobject: Sobject, row: Mapping[str, Json]) -> dict[str, Json]:
    """The fields that the platform works out by itself, of those that the row has."""
    found: dict[str, Json] = {}
    match sobject.name:
        case "Opportunity":
            found = _of_stage(row)
        case "Contact" | "Lead" | "User" if "LastName" in row:
            found = {"Name": " ".join(filter(None, (row.get("FirstName"), row.get("LastName"))))}
        case "Case":
            found = {"IsClosed": row.get("Status") == "Closed"}
        case "Task":
            found = {"IsClosed": row.get("Status") == "Completed", "IsHighPriority": row.get("Priority") == "High"}
    return {name: value for name, value in found.items() if name in row}


def _of_stage(row: Mapping[str, Json]) -> dict[str, Json]:
    stage = row.get("StageName")
    closed, won = str(stage).startswith("Closed"), stage == "Closed Won"
    found: dict[str, Json] = {"IsClosed": closed, "IsWon": won}
    if closed:
        found["Probability"] = 100.0 if won else 0.0
    chance = found.get("Probability", row.get("Probability"))
    if row.get("Amount") is not None and chance is not None:
        found["ExpectedRevenue"] = round(row["Amount"] * chance / 100, 2)
    day = row.get("CloseDate")
    if isinstance(day, str) and day[:4].isdecimal() and day[5:7].isdecimal():
        year, quarter = int(day[:4]), (int(day[5:7]) + 2) // 3
        found |= {"FiscalYear": year, "FiscalQuarter": quarter, "Fiscal": f"{year} {quarter}"}
    return found


def made(org: Org, sobject: Sobject, row: Mapping[str, Json], position: int) -> dict[str, Json]:
    """What a made-up row needs so that it fits the rest of the org."""
    home = org.home(sobject)
    found = _filled(org, sobject, row, position)
    for field, name in _RELATED.get(sobject.name, ()):
        other = org.known[name.lower()]
        if field in row and (row[field] is not None or sobject.name == "Contact"):
            place = org.world.entities.related(sobject.list.entity, position, other.list.entity)
            there = org.home(other)
            found[field] = there.key(place % max(1, there.count))
    found |= {name: False for name in _NEVER if name in row}
    if sobject.name == "Case" and "CaseNumber" in row:
        found["CaseNumber"] = f"{1001 + position:08d}"
    if sobject.name == "User" and "ProfileId" in row:
        found |= _profile(home, row, position)
    return found


def _filled(org: Org, sobject: Sobject, row: Mapping[str, Json], position: int) -> dict[str, Json]:
    """What is known of the thing and left out by the example that the row is made after: filled in most rows."""
    found: dict[str, Json] = {}
    for field, attribute in sobject.list.attributes.items():
        if field in row and row[field] is None and (field in _KNOWN or mix(position, salt(field)) >> 16 & 3):
            kind = next(type(one[field]) for one in sobject.list.examples if one[field] is not None)
            found[field] = kind(org.world.entities.attribute(sobject.list.entity, position, attribute))
    return found


_KNOWN = ("FirstName", "Email")
"""What every made-up person has."""

_NEVER = ("IsDeleted", "IsConverted", "IsArchived", "IsEmailBounced", "IsRecurrence", "IsReminderSet")
"""What no made-up record is."""

_RELATED = {
    "Contact": (("AccountId", "Account"),),
    "Opportunity": (("AccountId", "Account"), ("ContactId", "Contact")),
    "Case": (("AccountId", "Account"), ("ContactId", "Contact")),
    "Task": (("AccountId", "Account"), ("WhatId", "Account"), ("WhoId", "Contact")),
}


def _profile(home: Collection, row: Mapping[str, Json], position: int) -> dict[str, Json]:
    """One of few profiles: the first example's is that of administrators."""
    shown = home.endpoint.examples[mix(position, FIELD_HASH) % 4 and 1]
    found: dict[str, Json] = {"ProfileId": shown["ProfileId"]}
    if row.get("Profile") is not None:
        admin = home.endpoint.examples[0]["Profile"]
        url = admin["attributes"]["url"].rpartition("/")[0]
        name = admin["Name"] if shown["Profile"] is not None else "Standard User"
        found["Profile"] = {
            "attributes": {"type": "Profile", "url": f"{url}/{shown['ProfileId']}"},
            "Name": name,
        }
    return found
