"""The syntax tree of a SOQL statement: frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Field:
    """A field by its steps: `Account.Owner.Name`. `at` is where it stands in the text."""

    steps: tuple[str, ...]
    at: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return ".".join(self.steps)


@dataclass(frozen=True, slots=True)
class Function:
    """`COUNT()`, `SUM(Amount)`, `CALENDAR_YEAR(CloseDate)`; `COUNT()` has no argument, `FIELDS(ALL)` a word."""

    name: str
    argument: Field | None
    at: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return f"{self.name}({self.argument or ''})"


@dataclass(frozen=True, slots=True)
class Column:
    """One thing that is selected."""

    value: Field | Function | Select
    alias: str = ""


@dataclass(frozen=True, slots=True)
class Period:
    """A date literal: `TODAY`, `LAST_N_DAYS:30`."""

    name: str
    count: int = 0


@dataclass(frozen=True, slots=True)
class Moment:
    """A date or a date-time, as it was written."""

    text: str

    @property
    def dated(self) -> bool:
        """True for a date without a time."""
        return "T" not in self.text.upper()


Value = str | int | float | bool | Period | Moment | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """`operand operator value`; the value is a tuple for lists, a `Select` for a semi-join."""

    operand: Field | Function
    operator: str
    value: Value | tuple[Value, ...] | Select
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class And:
    """All parts hold."""

    parts: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Some part holds."""

    parts: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """The part does not hold."""

    part: Test


Test = Comparison | And | Or | Negation


@dataclass(frozen=True, slots=True)
class By:
    """One field to sort by. Rows without it come first unless `nulls_last`."""

    operand: Field | Function
    descending: bool = False
    nulls_last: bool = False


@dataclass(frozen=True, slots=True)
class Select:
    """A whole statement, or one in parentheses."""

    columns: tuple[Column, ...]
    sobject: str
    alias: str = ""
    where: Test | None = None
    group: tuple[Field | Function, ...] = ()
    having: Test | None = None
    order: tuple[By, ...] = ()
    limit: int | None = None
    offset: int = 0
    all_rows: bool = False
    at: int = field(default=0, compare=False)


def names(select: Select) -> tuple[str, ...]:
    """What its columns are called, sub-queries aside."""
    return tuple(str(column.value) for column in select.columns if not isinstance(column.value, Select))
