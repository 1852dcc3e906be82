"""What a query of Looker answers: the deals of the world, with the fields, filters and sorts that were asked for."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from ....paths import Json, dig
from ....queries import All, Any, Condition, Not, Order, Predicate, matches
from ....queries.predicate import sorted_rows
from ...entities import Entities

Row = dict[str, Json]

FIRST = 1001
"""The number of the first deal."""

USUAL_LIMIT = 500
"""Rows where a query sets no limit; -1 asks for all."""

MOST_DEALS = 20_000
"""Deals that a query looks at, however many rows the world has."""

_OF_DEAL = ("name", "stage", "amount", "probability", "close_date")
_OF_COMPANY = ("name", "industry", "country", "city", "employees", "revenue")
NUMBERS = ("deal_no", "deals.id")
DIMENSIONS = (*NUMBERS, *(f"deals.{name}" for name in _OF_DEAL), *(f"companies.{name}" for name in _OF_COMPANY))
MEASURES: Mapping[str, Callable[[Sequence[float]], float]] = {
    "deals.count": len,
    "deals.total_amount": sum,
    "deals.average_amount": lambda amounts: sum(amounts) / len(amounts),
}
_FIGURES = {*NUMBERS, *MEASURES, "deals.amount", "deals.probability", "companies.employees", "companies.revenue"}


class CannotRun(Exception):
    """A query that cannot be run: the field that is wrong, and what is wrong with it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


@dataclass(frozen=True, slots=True)
class Question:
    """A query as it is run.

    Attributes:
        fields: Columns, in order.
        where: Which deals.
        order: In what order.
        limit: How many rows, None for all.
    """

    fields: tuple[str, ...]
    where: Predicate
    order: tuple[Order, ...]
    limit: int | None


def question(query: Mapping[str, Json], limit: str | None = None) -> Question:
    """A query, understood. Raises `CannotRun`."""
    fields = _texts(query, "fields")
    if not fields:
        raise CannotRun("fields", "at least one field is wanted")
    unknown = [name for name in fields if name not in DIMENSIONS and name not in MEASURES]
    if unknown:
        raise CannotRun("fields", f"unknown field {unknown[0]}")
    filters = query.get("filters") or {}
    if not isinstance(filters, Mapping):
        raise CannotRun("filters", "an object of field and expression is wanted")
    where = All(tuple(_filter(str(name), value) for name, value in filters.items()))
    order = tuple(_order(text) for text in _texts(query, "sorts"))
    return Question(tuple(fields), where, order, _limit(limit if limit is not None else query.get("limit")))


def _texts(query: Mapping[str, Json], name: str) -> list[str]:
    found = query.get(name) or []
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise CannotRun(name, "a list of texts is wanted")
    return found


def _limit(value: Json) -> int | None:
    if value in (None, ""):
        return USUAL_LIMIT
    try:
        limit = int(str(value))
    except ValueError:
        raise CannotRun("limit", "a whole number is wanted") from None
    if limit < -1:
        raise CannotRun("limit", "-1, or 0 and more, is wanted")
    return None if limit == -1 else min(limit, MOST_DEALS)


def _order(text: str) -> Order:
    name, *rest = text.split() or [""]
    if name not in DIMENSIONS and name not in MEASURES:
        raise CannotRun("sorts", f"unknown field {name}")
    return Order(name, bool(rest) and rest[0].lower() == "desc")


def _filter(name: str, expression: Json) -> Predicate:
    if name not in DIMENSIONS:
        raise CannotRun("filters", f"unknown field {name}")
    if not isinstance(expression, str):
        raise CannotRun("filters", f"{name}: an expression is wanted, as text")
    parts = [part.strip() for part in expression.split(",") if part.strip()]
    wanted = [_part(name, part) for part in parts if not part.startswith("-")]
    unwanted = [Not(_part(name, part[1:])) for part in parts if part.startswith("-")]
    return All((*((Any(tuple(wanted)),) if wanted else ()), *unwanted))


_COMPARED = ((">=", "ge"), ("<=", "le"), ("<>", "ne"), ("!=", "ne"), (">", "gt"), ("<", "lt"), ("=", "eq"))


def _part(name: str, text: str) -> Predicate:
    """One alternative of a filter expression: a comparison, a pattern with `%`, NULL, or that very value."""
    for sign, operator in _COMPARED:
        if name in _FIGURES and text.startswith(sign):
            return Condition(name, operator, text[len(sign) :].strip())
    if text.upper() in ("NULL", "EMPTY"):
        return Condition(name, "empty", True)
    if "%" in text:
        ends = text.startswith("%"), text.endswith("%")
        operator = {(True, True): "contains", (True, False): "ends", (False, True): "starts"}.get(ends, "contains")
        return Condition(name, operator, text.strip("%"))
    return Condition(name, "eq", text)


def rows(made: Callable[[int], Row], count: int, asked: Question) -> list[Row]:
    """The rows that a query answers, of so many deals; `made` gives the one of an index."""
    places, order = _natural(range(min(count, MOST_DEALS)), asked.order)
    found = (row for row in map(made, places) if matches(asked.where, row))
    shown = _grouped(found, asked) if any(name in MEASURES for name in asked.fields) else found
    if order:
        kept = list(shown)
        shown = (kept[place] for place in sorted_rows(enumerate(map(_flat, kept)), order))
    return [{name: row.get(name) for name in asked.fields} for row in islice(shown, asked.limit)]


def _natural(places: range, order: tuple[Order, ...]) -> tuple[Sequence[int], tuple[Order, ...]]:
    """Deals are numbered in their own order: nothing need be held to sort them by their number."""
    if order and order[0].path in NUMBERS:
        return places[::-1] if order[0].descending else places, ()
    return places, tuple(Order(one.path.replace(".", "\0"), one.descending) for one in order)


def _flat(row: Row) -> Row:
    """The row with names that are no paths."""
    return {name.replace(".", "\0"): value for name, value in row.items()}


def deal(entities: Entities, index: int) -> Row:
    """A deal with every dimension."""
    found: Row = dict.fromkeys(NUMBERS, FIRST + index)
    found |= {f"deals.{name}": entities.attribute("deal", index, name) for name in _OF_DEAL}
    return found | {f"companies.{name}": entities.attribute("deal", index, f"company.{name}") for name in _OF_COMPANY}


def _grouped(found: Iterable[Row], asked: Question) -> Iterable[Row]:
    """One row for each combination of the dimensions that were asked for, with its measures."""
    groups: dict[tuple[Json, ...], list[float]] = {}
    dimensions = [name for name in asked.fields if name not in MEASURES]
    for row in found:
        groups.setdefault(tuple(row[name] for name in dimensions), []).append(float(row["deals.amount"]))
    for key, amounts in groups.items():
        known = dict(zip(dimensions, key, strict=True))
        yield {name: known[name] if name in known else MEASURES[name](amounts) for name in asked.fields}


def label(field: str) -> str:
    """The heading of a column: `deals.close_date` is `Deals Close Date`."""
    return "Deal no." if field == "deal_no" else field.replace(".", " ").replace("_", " ").title()


def as_csv(fields: Sequence[str], found: Sequence[Row], delimiter: str = ",") -> str:
    """Headings and rows, lines ended by a line feed."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerow([label(field) for field in fields])
    writer.writerows([[row[field] for field in fields] for row in found])
    return out.getvalue()


def as_markdown(fields: Sequence[str], found: Sequence[Row]) -> str:
    """The rows as a table in Markdown (`md`)."""
    lines = [
        [label(field) for field in fields],
        ["---"] * len(fields),
        *([str(row[f]) for f in fields] for row in found),
    ]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def as_sql(asked: Question, view: str) -> str:
    """The statement that Looker says it sent to the database (`sql`)."""
    columns = ",\n    ".join(f'{field} AS "{field}"' for field in asked.fields)
    limit = "" if asked.limit is None else f"\nLIMIT {asked.limit}"
    return f"SELECT\n    {columns}\nFROM {view}{limit}\n"


def as_detail(asked: Question, query: Mapping[str, Json], found: Sequence[Row], task: str, ran_at: str) -> Row:
    """The rows with what Looker tells about them (`json_detail`)."""
    described = [
        {
            "name": name,
            "label": label(name),
            "type": "number" if name in _FIGURES else "string",
            "measure": name in MEASURES,
        }
        for name in asked.fields
    ]
    return {
        "from_cache": False,
        "id": task,
        "expired": False,
        "ran_at": ran_at,
        "runtime": "0.042",
        "sql": as_sql(asked, str(dig(query, "view"))),
        "fields": {
            "measures": [one for one in described if one["measure"]],
            "dimensions": [one for one in described if not one["measure"]],
            "table_calculations": [],
            "pivots": [],
        },
        "fill_fields": [],
        "has_totals": False,
        "has_row_totals": False,
        "applied_filters": {},
        "applied_filter_expression": None,
        "number_format": "1,234.56",
        "timezone": "UTC",
        "data": [{name: {"value": value} for name, value in row.items()} for row in found],
        "has_subtotals": False,
    }
