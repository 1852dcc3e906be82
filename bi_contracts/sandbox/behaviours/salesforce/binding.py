"""A statement, bound to the org: names as they are spelled, refused where the org has no such thing."""

from __future__ import annotations

import re
from dataclasses import replace

from ....queries import BadQuery
from ....queries.soql import Select, located
from ....queries.soql.parser import AGGREGATES, DATES
from ....queries.soql.tree import (
    And,
    By,
    Column,
    Comparison,
    Field,
    Function,
    Moment,
    Negation,
    Or,
    Period,
    Test,
    Value,
)
from .fields import LONG, NUMBERS, TEXTS
from .records import Org, full_id
from .schema import Sobject

MOST_FIELDS = 200
"""Rows that a statement with FIELDS(ALL) may want (SOQL Reference, "FIELDS()")."""

MOST_OFFSET = 2000
DEEPEST = 5
"""Relationships that one field may go through."""


def bound(org: Org, select: Select, text: str) -> tuple[Sobject, Select]:
    """The object that is asked for, and the statement with names as they are spelled. Raises `BadQuery`."""
    sobject = org.find(select.sobject)
    if sobject is None:
        raise located(text, select.at, f"sObject type '{select.sobject}' is not supported.", "INVALID_TYPE")
    if select.offset > MOST_OFFSET:
        raise BadQuery(f"Maximum SOQL offset allowed is {MOST_OFFSET}", "NUMBER_OUTSIDE_VALID_RANGE")
    found = _Binder(org, sobject, select, text).select()
    _check_grouping(found, text)
    return sobject, found


class _Binder:
    def __init__(self, org: Org, sobject: Sobject, select: Select, text: str) -> None:
        self.org = org
        self.sobject = sobject
        self.given = select
        self.text = text

    def select(self) -> Select:
        given = self.given
        aliases = {column.alias.lower() for column in given.columns if column.alias}
        return replace(
            given,
            sobject=self.sobject.name,
            columns=tuple(column for each in given.columns for column in self.column(each)),
            where=self.test(given.where, "WHERE") if given.where is not None else None,
            group=tuple(self.operand(each, "GROUP BY") for each in given.group),
            having=self.test(given.having, "HAVING") if given.having is not None else None,
            order=tuple(self.by(each, aliases) for each in given.order),
        )

    def by(self, by: By, aliases: set[str]) -> By:
        if isinstance(by.operand, Field) and str(by.operand).lower() in aliases:
            return by
        return replace(by, operand=self.operand(by.operand, "ORDER BY"))

    def column(self, column: Column) -> tuple[Column, ...]:
        value = column.value
        if isinstance(value, Select):
            return (Column(self.inner(value)),)
        if isinstance(value, Function) and value.name == "FIELDS":
            return self.all_fields(value)
        return (Column(self.operand(value, "SELECT"), column.alias),)

    def all_fields(self, function: Function) -> tuple[Column, ...]:
        kind = str(function.argument)
        if kind != "STANDARD" and (self.given.limit is None or self.given.limit > MOST_FIELDS):
            problem = f"The SOQL FIELDS function must have a LIMIT of at most {MOST_FIELDS}"
            raise located(self.text, function.at, problem)
        names = ["Id"] if kind == "CUSTOM" else list(self.sobject.fields)
        return tuple(Column(Field((name,), function.at)) for name in names)

    def inner(self, select: Select) -> Select:
        """A sub-query: its object is the relationship to the children."""
        related = self.org.children(self.sobject.name).get(select.sobject.lower())
        if related is None:
            problem = f"Didn't understand relationship '{select.sobject}' in FROM part of query call."
            raise located(self.text, select.at, problem, "INVALID_TYPE")
        child = self.org.known[related[0].lower()]
        if any(isinstance(column.value, Select) for column in select.columns):
            raise located(self.text, select.at, "a sub-query within a sub-query is not offered by the sandbox")
        return replace(_Binder(self.org, child, select, self.text).select(), sobject=child.plural)

    def operand(self, operand: Field | Function, clause: str) -> Field | Function:
        """A field or function as it is spelled, where it may stand. Raises `BadQuery`."""
        if isinstance(operand, Field):
            found, kind = self._resolved(operand)
            if clause != "SELECT" and (kind == "address" or found.steps[-1] in LONG):
                problem = f"field '{found}' can not be used in {clause}"
                raise located(self.text, operand.at, problem, "INVALID_FIELD")
            return found
        if operand.name == "FIELDS" or (operand.name in AGGREGATES and clause in ("WHERE", "GROUP BY")):
            raise located(self.text, operand.at, f"unexpected token: '{operand.name}'")
        if operand.argument is None:
            return operand
        found, kind = self._resolved(operand.argument)
        if not _applies(operand.name, kind):
            problem = f"field {found} does not support {operand.name}"
            raise located(self.text, operand.at, problem, "MALFORMED_QUERY")
        return replace(operand, argument=found)

    def kind(self, operand: Field | Function) -> str:
        """The type of what is compared."""
        if isinstance(operand, Function):
            if operand.name == "DAY_ONLY":
                return "date"
            if operand.name in ("MIN", "MAX") and operand.argument is not None:
                return self._resolved(operand.argument)[1]
            return "double"
        return self._resolved(operand)[1]

    def _resolved(self, field: Field) -> tuple[Field, str]:
        steps = list(field.steps)
        own = {self.given.alias.lower(), self.sobject.name.lower()} - {""}
        if len(steps) > 1 and steps[0].lower() in own and steps[0].lower() not in self.sobject.spelled:
            steps = steps[1:]
        found: list[str] = []
        objects = [self.sobject]
        if len(steps) > DEEPEST + 1:
            raise located(self.text, field.at, "too many relationships in one field")
        for step in steps[:-1]:
            objects, spelled = self._followed(objects, step, field)
            found.append(spelled)
        spelled, kind = self._last(objects, steps[-1], field)
        return Field((*found, spelled), field.at), kind

    def _followed(self, objects: list[Sobject], step: str, field: Field) -> tuple[list[Sobject], str]:
        for one in objects:
            spelled = one.spelled.get(step.lower(), "")
            if spelled in one.parents:
                names = one.parents[spelled][1]
                return [self.org.known[name.lower()] for name in names if name.lower() in self.org.known], spelled
        problem = f"Didn't understand relationship '{step}' in field path."
        raise located(self.text, field.at, problem, "INVALID_FIELD")

    def _last(self, objects: list[Sobject], step: str, field: Field) -> tuple[str, str]:
        for one in objects:
            spelled = one.spelled.get(step.lower(), "")
            if spelled in one.fields:
                return spelled, one.fields[spelled]
        plain = step.lower()
        if not objects and plain in ("id", "name"):
            return plain.title(), "string"
        if len(objects) > 1 and plain in ("type", "name"):
            return plain.title(), "string"
        entity = objects[0].name if objects else field.steps[-2]
        raise located(self.text, field.at, f"No such column '{step}' on entity '{entity}'.", "INVALID_FIELD")

    # Conditions

    def test(self, test: Test, clause: str) -> Test:
        match test:
            case And(parts):
                return And(tuple(self.test(part, clause) for part in parts))
            case Or(parts):
                return Or(tuple(self.test(part, clause) for part in parts))
            case Negation(part):
                return Negation(self.test(part, clause))
            case Comparison():
                return self.comparison(test, clause)

    def comparison(self, test: Comparison, clause: str) -> Comparison:
        operand, kind = self.operand(test.operand, clause), self.kind(test.operand)
        value = test.value
        if isinstance(value, Select):
            return replace(test, operand=operand, value=self.semi_join(value))
        values = value if isinstance(value, tuple) else (value,)
        if test.operator == "like" and kind not in TEXTS:
            raise located(self.text, test.at, f"invalid operator on {kind} field", "INVALID_QUERY_FILTER_OPERATOR")
        for each in values:
            self.check(operand, kind, each, test.at)
        if kind in ("id", "reference"):
            value = tuple(full_id(each) for each in value) if isinstance(value, tuple) else full_id(value)
        return replace(test, operand=operand, value=value)

    def semi_join(self, select: Select) -> Select:
        _, found = bound(self.org, select, self.text)
        plain = len(found.columns) == 1 and isinstance(found.columns[0].value, Field)
        if not plain or found.group or found.limit is not None or found.order:
            raise located(self.text, select.at, "a semi-join selects one field, without ORDER BY and LIMIT")
        return found

    def check(self, operand: Field | Function, kind: str, value: Value, at: int) -> None:
        """Raises `BadQuery` where a value is not of the field's type."""
        if value is None:
            return
        problem = _mistyped(str(operand), kind, value)
        if problem:
            raise located(self.text, at, problem, "INVALID_FIELD")
        if kind in ("id", "reference") and isinstance(value, str) and value and not _ID.fullmatch(value):
            raise located(self.text, at, f"invalid ID field: {value}", "INVALID_QUERY_FILTER_OPERATOR")


_ID = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?", re.ASCII)


def _applies(function: str, kind: str) -> bool:
    """Whether a function takes a field of a type."""
    if function in DATES:
        return kind in ("date", "datetime")
    if function in ("SUM", "AVG"):
        return kind in NUMBERS
    return kind not in ("address", "boolean") if function in ("MIN", "MAX") else kind != "address"


def _mistyped(name: str, kind: str, value: Value) -> str:
    quoted = isinstance(value, str)
    wanted = f"value of filter criterion for field '{name}' must be of type {_NAMES.get(kind, kind)}"
    if kind in TEXTS:
        return "" if quoted else f"{wanted} and should be enclosed in quotes"
    fits = {
        "boolean": isinstance(value, bool),
        "date": isinstance(value, Period) or (isinstance(value, Moment) and value.dated),
        "datetime": isinstance(value, Period) or (isinstance(value, Moment) and not value.dated),
    }.get(kind, isinstance(value, int | float) and not isinstance(value, bool) if kind in NUMBERS else True)
    return "" if fits else f"{wanted} and should not be enclosed in quotes"


_NAMES = {"datetime": "dateTime", "reference": "ID", "id": "ID"}


def relative(test: Test | None) -> bool:
    """Whether a condition depends on what time it is."""
    match test:
        case None:
            return False
        case And(parts) | Or(parts):
            return any(relative(part) for part in parts)
        case Negation(part):
            return relative(part)
        case Comparison(value=Select(where=where)):
            return relative(where)
        case Comparison(value=value):
            return any(isinstance(one, Period) for one in (value if isinstance(value, tuple) else (value,)))


def aggregated(select: Select) -> bool:
    """Whether rows are counted and summed instead of given."""
    functions = [column.value for column in select.columns if isinstance(column.value, Function)]
    return bool(select.group) or any(function.name in AGGREGATES for function in functions)


def _check_grouping(select: Select, text: str) -> None:
    """Raises `BadQuery` where single rows and groups are mixed."""
    if select.having is not None and not select.group:
        raise located(text, select.at, "HAVING needs GROUP BY")
    if not aggregated(select):
        for value in (*(column.value for column in select.columns), *(by.operand for by in select.order)):
            if isinstance(value, Function):
                raise located(text, value.at, f"unexpected token: '{value.name}'")
        return
    if any(_counts_all(column.value) for column in select.columns) and (len(select.columns) > 1 or select.group):
        raise located(text, select.at, "COUNT() stands alone")
    aliases = {column.alias.lower() for column in select.columns if column.alias}
    sorts = [by.operand for by in select.order if str(by.operand).lower() not in aliases]
    for value in (*(column.value for column in select.columns), *sorts, *compared(select.having)):
        if isinstance(value, Select):
            raise located(text, value.at, "a sub-query cannot be grouped")
        if value not in select.group and not (isinstance(value, Function) and value.name in AGGREGATES):
            raise located(text, value.at, f"Field must be grouped or aggregated: {value}")


def _counts_all(value: Field | Function | Select) -> bool:
    return isinstance(value, Function) and value.argument is None


def compared(test: Test | None) -> list[Field | Function]:
    """Everything that a condition compares."""
    match test:
        case None:
            return []
        case Comparison(operand):
            return [operand]
        case Negation(part):
            return compared(part)
        case And(parts) | Or(parts):
            return [operand for part in parts for operand in compared(part)]
