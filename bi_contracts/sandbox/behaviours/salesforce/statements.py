"""What a bound statement selects."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from ....paths import Json
from ....queries import Predicate, matches
from ....queries.operators import comparable
from ....queries.predicate import holds
from ....queries.soql import Select, predicate
from ....queries.soql.tree import By, Column, Comparison, Field, Function
from ...rows import Rows
from .binding import compared
from .records import Org, Record, full_id, needed
from .schema import Sobject

Row = Mapping[str, Json]
VERSION = re.compile(r"/v[0-9.]+/")


class Reader:
    """Reads statements from the org at one moment.

    Args:
        org: What is read.
        now: Unix seconds.
        version: The version of the API, for the addresses in records.
        deleted: Whether deleted records are read too.
    """

    def __init__(self, org: Org, now: float, version: str, *, deleted: bool = False) -> None:
        self.org = org
        self.now = now
        self.version = version
        self.deleted = deleted

    def selected(self, sobject: Sobject, select: Select) -> Rows:
        """The records that a statement wants, in order."""
        rows = self.org.rows(sobject, deleted=self.deleted or select.all_rows)
        if select.where is None and not select.order:
            return Rows(rows.source, rows.positions[select.offset : _stop(select)], rows.until)
        wanted = self.predicate(select)
        sorts = [str(by.operand) for by in select.order]
        names = needed(sobject, _first_steps([*map(str, compared(select.where)), *sorts]))
        positions: list[int] = []
        keys: list[Row] = []
        for position in self.candidates(sobject, select, rows):
            row = Dated(self.org.record(sobject, position, names))
            if wanted is None or holds(wanted, row.at):
                positions.append(position)
                if sorts:
                    keys.append({name: row[name] for name in sorts})
        if sorts:
            positions = [positions[place] for place in ordered(keys, select.order)]
        return Rows(rows.source, positions[select.offset : _stop(select)], rows.until)

    def candidates(self, sobject: Sobject, select: Select, rows: Rows) -> Iterable[int]:
        """The positions to look at: one where an id is asked for, else all."""
        test = select.where
        named = test if isinstance(test, Comparison) and test.operator == "=" else None
        if self.deleted or named is None or str(named.operand) != "Id" or not isinstance(named.value, str):
            return rows.positions
        found = self.org.position(sobject, named.value)
        return [found] if found is not None and found in rows.positions else []

    def predicate(self, select: Select) -> Predicate | None:
        return None if select.where is None else predicate(select.where, self.now, self.inner)

    def inner(self, select: Select) -> Sequence[Json]:
        """The values that a semi-join selects."""
        sobject = self.org.known[select.sobject.lower()]
        field = str(select.columns[0].value)
        names = needed(sobject, _first_steps([field]))
        places = self.selected(sobject, select).positions
        found = (Dated(self.org.record(sobject, place, names))[field] for place in places)
        return [value for value in dict.fromkeys(found) if value is not None]

    # Rows as they are answered

    def shown(self, sobject: Sobject, select: Select) -> Callable[[int], dict[str, Json]]:
        """Makes the record at a position as a statement shows it."""
        columns = select.columns

        def make(position: int) -> dict[str, Json]:
            record = self.org.record(sobject, position)
            found: dict[str, Json] = {"attributes": self.attributes(record)}
            for column in columns:
                if isinstance(column.value, Select):
                    found[column.value.sobject] = self.nested(record, column.value)
                elif isinstance(column.value, Field):
                    self.place(found, record, column.value.steps)
            return found

        return make

    def attributes(self, record: Record) -> dict[str, Json]:
        own: Mapping[str, Json] = record.brief["attributes"]
        return {**own, "url": VERSION.sub(f"/v{self.version}/", own["url"], count=1)}

    def place(self, found: dict[str, Json], record: Json, steps: Sequence[str]) -> None:
        """Writes one field into what is answered, in an object of its own for every relationship."""
        name, rest = steps[0], steps[1:]
        if not rest:
            found[name] = record.get(name)
            return
        other = record.get(name)
        if other is None:
            found[name] = None
            return
        inside = found.get(name)
        if inside is None:
            made = self.attributes(other) if isinstance(other, Record) else other.get("attributes")
            inside = found[name] = {"attributes": made}
        self.place(inside, other, rest)

    def nested(self, record: Record, select: Select) -> Json:
        """A record's children as a page of their own, null where there are none."""
        child_name, field = self.org.children(record.sobject.name)[select.sobject.lower()]
        child = self.org.known[child_name.lower()]
        positions = list(self.org.under(child, field).get(record["Id"], ()))
        wanted = self.predicate(select)
        names = needed(child, _first_steps([*map(str, compared(select.where))]))
        rows = [Dated(self.org.record(child, place, names)) for place in positions]
        kept = [place for place, row in enumerate(rows) if wanted is None or holds(wanted, row.at)]
        if select.order:
            order = ordered([rows[place] for place in kept], select.order)
            kept = [kept[place] for place in order]
        make = self.shown(child, select)
        found = [make(positions[place]) for place in kept[select.offset : _stop(select)]]
        return {"totalSize": len(found), "done": True, "records": found} if found else None

    # Rows that are counted and summed

    def aggregates(self, sobject: Sobject, select: Select) -> list[Json]:
        """One row for each group."""
        plain = Select(select.columns, select.sobject, where=select.where, all_rows=select.all_rows)
        groups: dict[tuple[Json, ...], list[Dated]] = {} if select.group else {(): []}
        operands = _operands(select)
        read = [*map(str, select.group), *(str(each.argument) for each in operands if each.argument is not None)]
        names = needed(sobject, _first_steps(read))
        for position in self.selected(sobject, plain).positions:
            row = Dated(self.org.record(sobject, position, names))
            groups.setdefault(tuple(row[str(each)] for each in select.group), []).append(row)
        found = [_figures(select, operands, key, rows) for key, rows in groups.items()]
        if select.having is not None:
            wanted = predicate(select.having, self.now)
            found = [row for row in found if matches(wanted, row)]
        aliases = {column.alias.lower(): str(column.value) for column in select.columns if column.alias}
        by = tuple(_unaliased(each, aliases) for each in select.order)
        found = [found[place] for place in ordered(found, by)]
        return [_answered(select, row) for row in found[select.offset : _stop(select)]]


class Dated(Mapping[str, Json]):
    """A record in which functions of dates and whole paths can be read: `CALENDAR_YEAR(CloseDate)`, `Account.Name`."""

    __slots__ = ("record",)

    def __init__(self, record: Record) -> None:
        self.record = record

    def __getitem__(self, name: str) -> Json:
        if name.endswith(")"):
            function, _, argument = name[:-1].partition("(")
            return _date_part(function, self[argument])
        value: Json = self.record
        for step in name.split("."):
            value = value.get(step) if isinstance(value, Mapping) else None
        return full_id(value) if name.endswith("Id") else value

    def at(self, path: str) -> Sequence[Json]:
        """What stands at a path, for a predicate."""
        return (self[path],)

    def __iter__(self) -> Iterator[str]:
        return iter(self.record)

    def __len__(self) -> int:
        return len(self.record)


def _date_part(function: str, value: Json) -> Json:
    if not isinstance(value, str):
        return None
    when = datetime.fromisoformat(value)
    parts: Mapping[str, Json] = {
        "CALENDAR_YEAR": when.year,
        "CALENDAR_QUARTER": (when.month + 2) // 3,
        "CALENDAR_MONTH": when.month,
        "DAY_IN_MONTH": when.day,
        "DAY_ONLY": when.date().isoformat(),
    }
    return parts[function]


def _first_steps(paths: Iterable[str]) -> set[str]:
    """The own fields and relationships that paths begin with, functions aside."""
    return {path.partition("(")[2].rstrip(")").partition(".")[0] or path.partition(".")[0] for path in paths}


def ordered(rows: Sequence[Row], order: Sequence[By]) -> list[int]:
    """The places of rows, sorted. Stable. Rows without a value come first, unless it is said that they come last."""
    found = list(range(len(rows)))
    for by in reversed(order):
        name = str(by.operand)
        present = [place for place in found if rows[place][name] is not None]
        absent = [place for place in found if rows[place][name] is None]
        present.sort(key=lambda place, name=name: _rank(rows[place][name]), reverse=by.descending)  # type: ignore[misc]
        found = present + absent if by.nulls_last else absent + present
    return found


def _rank(value: Json) -> tuple[int, float, str]:
    plain = comparable(value)
    return (1, 0.0, plain) if isinstance(plain, str) else (0, plain, "")


def _stop(select: Select) -> int | None:
    return None if select.limit is None else select.offset + select.limit


def _operands(select: Select) -> list[Function]:
    """Every aggregate that a statement needs."""
    found: dict[str, Function] = {}
    named = [column.value for column in select.columns] + [by.operand for by in select.order]
    for value in (*named, *compared(select.having)):
        if isinstance(value, Function) and str(value) not in map(str, select.group):
            found[str(value)] = value
    return list(found.values())


def _figures(select: Select, operands: Sequence[Function], key: Sequence[Json], rows: Sequence[Row]) -> dict[str, Json]:
    found = {str(each): value for each, value in zip(select.group, key, strict=True)}
    return found | {str(function): _figure(function, rows) for function in operands}


def _figure(function: Function, rows: Sequence[Row]) -> Json:
    if function.argument is None:
        return len(rows)
    values = [value for value in (row[str(function.argument)] for row in rows) if value is not None]
    match function.name:
        case "COUNT":
            return len(values)
        case "COUNT_DISTINCT":
            return len({comparable(value) for value in values})
        case "MIN" | "MAX" if values:
            return (min if function.name == "MIN" else max)(values, key=_rank)
    numbers = [value for value in values if isinstance(value, int | float)]
    if not numbers:
        return None
    return sum(numbers) if function.name == "SUM" else sum(numbers) / len(numbers)


def _unaliased(by: By, aliases: Mapping[str, str]) -> By:
    name = aliases.get(str(by.operand).lower())
    return by if name is None else By(Field((name,)), by.descending, by.nulls_last)


def _answered(select: Select, row: Row) -> dict[str, Json]:
    found: dict[str, Json] = {"attributes": {"type": "AggregateResult"}}
    number = 0
    for column in select.columns:
        name = column.alias or _called(column)
        if not name:
            name, number = f"expr{number}", number + 1
        found[name] = row[str(column.value)]
    return found


def _called(column: Column) -> str:
    return column.value.steps[-1] if isinstance(column.value, Field) else ""
