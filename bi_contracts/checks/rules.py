"""Business rules: what must be true of every row, said in CEL and declared as data.

The Common Expression Language (cel.dev) cannot loop for ever, reach a file or call into Python, so a rule may come
from a file that nobody read; Kubernetes validates its objects with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from ..errors import ConfigurationError
from ..paths import Json
from ..report.events import SEVERITIES, Finding, Severity
from .dataflow import stated
from .dataflow.formats import is_mail
from .dataflow.found import counted, finding
from .dataflow.moments import moment_of
from .dataflow.table import Table, table

if TYPE_CHECKING:
    import cel

LONGEST: Final = 2_000
"""Characters of an expression: nobody can review a longer one, and the parser's stack holds this much."""

VARIABLES: Final = {
    "row": "one row, as the platform answers it",
    "rows": "all rows that were read, for rules about the whole",
    "now": "when the rows were read, as a timestamp",
}
"""What an expression may name."""

FUNCTIONS: Final = {
    "time": "a timestamp from any form that platforms write: ISO 8601, a date, Unix seconds or milliseconds",
    "isEmail": "whether a text is an e-mail address",
}
"""What an expression may call beside what CEL has."""


@dataclass(frozen=True)
class BusinessRule:
    """One rule.

    Raises `ConfigurationError`, naming `where`, the rule and the position, for an expression that does not parse or
    names what is not there, and for a severity that is none.

    Attributes:
        id: `deal-amount-not-negative`; findings carry it.
        endpoint: The endpoints whose rows it is about, with wildcards, several apart by spaces: `hubspot/deals*`.
        expression: CEL, true for a row that is as it should be. A rule that names `rows` and not `row` is asked once.
        severity: Of its findings.
        explanation: In one sentence.
        unknown: Severity of a row on which the expression has no value, such as one without the field.
        where: File and position, for messages.
    """

    id: str
    endpoint: str
    expression: str
    severity: Severity = "breaking"
    explanation: str = ""
    unknown: Severity = "warning"
    where: str = ""

    def __post_init__(self) -> None:
        for name in ("id", "endpoint"):
            stated.text(self.place, name, getattr(self, name), empty=False)
        for name in ("expression", "explanation", "where"):
            stated.text(self.place, name, getattr(self, name))
        for value in (self.severity, self.unknown):
            if value not in SEVERITIES:
                raise ConfigurationError(f"{self.place}: severity is one of {', '.join(SEVERITIES)}, not {value!r}")
        if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", self.id):
            raise ConfigurationError(f"{self.place}: an id is small letters, digits and hyphens: amount-not-negative")
        for one in self.endpoint.split():
            if "/" not in one and one != "*":
                raise ConfigurationError(f"{self.place}: endpoint is an id such as hubspot/deals, not {one!r}")

    @property
    def place(self) -> str:
        """Where it stands and what it is called."""
        return f"{self.where}: rule {self.id}" if self.where else f"rule {self.id}"

    def concerns(self, id: str) -> bool:
        """Whether it is about the rows of an endpoint."""
        return any(fnmatchcase(id, pattern) for pattern in self.endpoint.split())

    @cached_property
    def program(self) -> cel.Program:
        """The compiled expression. Raises `ConfigurationError`."""
        return _compiled(self)

    @cached_property
    def of_rows(self) -> bool:
        """Whether it is asked once for all rows."""
        return set(self.program.variables()) & {"row", "rows"} == {"rows"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one rule: of `of` rows, which broke it, and on which it had no value (with the reason)."""

    rule: BusinessRule
    of: int
    broken: tuple[int, ...] = ()
    unknown: tuple[int, ...] = ()
    reason: str = ""

    @property
    def blank(self) -> bool:
        """Whether there were rows, and it had a value on none of them."""
        return bool(self.of) and len(self.unknown) == (1 if self.rule.of_rows else self.of)


def rules_from(listed: Any, where: str = "bi-contracts.toml") -> tuple[BusinessRule, ...]:
    """The rules of a configuration file: `[[tool.bi_contracts.rules]]` in pyproject, `[[rules]]` in bi-contracts.toml.

    Raises `ConfigurationError`, naming file, rule and what is wrong; each expression is compiled, so that a mistake
    shows before anything is read.
    """
    if not isinstance(listed, Sequence) or isinstance(listed, (str, bytes)):
        raise ConfigurationError(f"{where}: rules must be tables, one a rule: [[rules]]")
    rules = tuple(_from_table(one, f"{where}: rules[{number}]", where) for number, one in enumerate(listed, start=1))
    doubled = sorted({one.id for one in rules if sum(other.id == one.id for other in rules) > 1})
    if doubled:
        raise ConfigurationError(f"{where}: several rules are called {doubled[0]!r}")
    return rules


_KEYS: Final = ("id", "endpoint", "expression", "severity", "explanation", "unknown")


def _from_table(one: Any, place: str, where: str) -> BusinessRule:
    if not isinstance(one, Mapping):
        raise ConfigurationError(f"{place}: must be a table with id, endpoint and expression")
    for name, value in one.items():
        if name not in _KEYS:
            raise ConfigurationError(f"{place}: unknown setting {name!r}: known are {', '.join(_KEYS)}")
        if not isinstance(value, str):
            raise ConfigurationError(f"{place}: {name} must be text, not {value!r}")
    for name in _KEYS[:3]:
        if not one.get(name):
            raise ConfigurationError(f"{place}: {name} is missing")
    rule = BusinessRule(**one, where=where)
    rule.program  # noqa: B018  (compiling it is the check)
    return rule


def evaluate(rules: Iterable[BusinessRule], rows: Table | Sequence[Json], now: float) -> list[Verdict]:
    """Each rule on each row. `now` is in Unix seconds. Raises `ConfigurationError` for a rule that does not compile.

    A row is handed over once for all rules, and no more of it than they name. What a rule has no value for is told
    apart from what breaks it.
    """
    wanted = list(rules)
    whole = table(rows)
    if not wanted:
        return []
    context = _context(now)
    each = [rule for rule in wanted if not rule.of_rows]
    broken: dict[str, list[int]] = {rule.id: [] for rule in wanted}
    unknown: dict[str, list[tuple[int, str]]] = {rule.id: [] for rule in wanted}
    if any("rows" in rule.program.variables() for rule in wanted):
        _give(context, "rows", list(whole.rows))
    parts = _parts(each)
    for number, row in enumerate(whole.rows if each else ()):
        reason = _give(context, "row", _narrowed(row, parts))
        for rule in each:
            _note(number, reason or _ask(rule, context), broken[rule.id], unknown[rule.id])
    for rule in wanted:
        if rule.of_rows and len(whole):
            _note(0, _ask(rule, context), broken[rule.id], unknown[rule.id])
    return [_verdict(rule, len(whole), broken[rule.id], unknown[rule.id]) for rule in wanted]


def findings(verdicts: Iterable[Verdict], rows: Table | Sequence[Json], *, key: str = "") -> list[Finding]:
    """Rules that rows break, and rules that have no value on some rows: neither has passed."""
    whole = table(rows)
    return [one for verdict in verdicts for one in _told(verdict, whole, key)]


def _told(verdict: Verdict, rows: Table, key: str) -> Iterator[Finding]:
    rule = verdict.rule
    of = 1 if rule.of_rows else verdict.of
    if verdict.broken:
        where = "does not hold for the rows" if rule.of_rows else f"is broken in {counted(len(verdict.broken), of)}"
        yield finding(
            rule.id,
            rule.severity,
            "",
            f"{where}: {rule.expression}",
            table=rows,
            rows=verdict.broken,
            of=of,
            key=key,
            explanation=rule.explanation,
        )
    if verdict.blank:
        yield finding(
            "rule-without-value",
            rule.severity,
            "",
            f"{rule.id} has a value on {counted(0, of)} ({verdict.reason}): {rule.expression}",
            table=rows,
            rows=verdict.unknown,
            of=of,
            key=key,
            rule_id=rule.id,
            explanation="A rule that can be asked of no row has not passed; correct it, or guard it with has().",
        )
    elif verdict.unknown:
        said = f"cannot be evaluated on {counted(len(verdict.unknown), of)} ({verdict.reason}): {rule.expression}"
        yield finding(
            rule.id,
            rule.unknown,
            "",
            said,
            table=rows,
            rows=verdict.unknown,
            of=of,
            key=key,
            unknown=True,
            explanation="A rule without a value has not passed; guard a field that may be missing with has().",
        )


_Answer = bool | str
"""Whether a rule holds, or why it has no value."""


def _note(number: int, answer: _Answer, broken: list[int], unknown: list[tuple[int, str]]) -> None:
    if answer is False:
        broken.append(number)
    elif answer is not True:
        unknown.append((number, str(answer)))


def _verdict(rule: BusinessRule, of: int, broken: list[int], unknown: list[tuple[int, str]]) -> Verdict:
    reason = unknown[0][1] if unknown else ""
    return Verdict(rule, of, tuple(broken), tuple(number for number, _ in unknown), reason)


def _ask(rule: BusinessRule, context: cel.Context) -> _Answer:
    """The rule's value. The reason for having none never holds a value of the row."""
    try:
        answer = rule.program.execute(context)
    except KeyError as error:
        return f"no field {str(error.args[0])[:60]!r}" if error.args else "no such field"
    except TypeError:
        return "null, or a value of another type than the rule expects"
    except (ValueError, ArithmeticError, RuntimeError, IndexError):
        return "a value that cannot be converted or compared"
    return answer if isinstance(answer, bool) else f"its value is of type {type(answer).__name__}, not true or false"


_Parts = dict[str, "_Parts"]
"""Member -> which of its members are named; none is all of it."""


def _parts(rules: Iterable[BusinessRule]) -> _Parts:
    """What rules name of a row: handing it over takes longer than asking. Nothing is all of it."""
    parts: _Parts = {}
    for rule in rules:
        if _WHOLE.search(rule.expression):
            return {}
        for found in _NAMED.finditer(rule.expression):
            steps = [step.strip() for step in found[1].split(".")[1:]]
            _add(parts, steps[:-1] if found[2] else steps)
    return parts


_WHOLE: Final = re.compile(r"\brow\b(?!\s*\.\s*[A-Za-z_])")
_NAMED: Final = re.compile(r"\brow((?:\s*\.\s*[A-Za-z_]\w*)+)\s*(\()?")


def _add(parts: _Parts, steps: Sequence[str]) -> None:
    """One more path. A member of which all is needed stays whole: it is marked by the member ""."""
    if not steps:
        parts[""] = {}
        return
    below = parts.setdefault(steps[0], {})
    _add(below, steps[1:])


def _narrowed(value: Json, parts: _Parts) -> Json:
    if not parts or "" in parts or not isinstance(value, dict):
        return value
    return {name: _narrowed(value[name], below) for name, below in parts.items() if name in value}


def _give(context: cel.Context, name: str, value: Json) -> str:
    """Hands a value over; "" or why that was not possible."""
    try:
        context.add_variable(name, value)
    except (ValueError, TypeError, OverflowError):
        context.add_variable(name, None)
        return "a value that CEL cannot hold"
    return ""


def _context(now: float) -> cel.Context:
    functions: dict[str, Callable[..., Any]] = {"time": _time, "isEmail": is_mail}
    made: cel.Context = _cel().Context({"now": datetime.fromtimestamp(now, UTC)}, functions)
    return made


def _time(value: Json) -> datetime | None:
    """As `time(...)` in expressions; null for what is no moment, so that comparing with it has no value."""
    found = value if isinstance(value, datetime) else moment_of(value)
    try:
        return found if isinstance(found, datetime) or found is None else datetime.fromtimestamp(found.at, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _compiled(rule: BusinessRule) -> cel.Program:
    if len(rule.expression) > LONGEST:
        raise ConfigurationError(
            f"{rule.place}: {len(rule.expression)} characters; an expression has at most {LONGEST}"
        )
    try:
        program: cel.Program = _cel().compile(rule.expression)
    except ValueError as error:
        raise ConfigurationError(f"{rule.place}: {_position(str(error), rule.expression)}") from None
    for kind, used, known in (
        ("variable", program.variables(), {*VARIABLES, *_BOUND.findall(rule.expression)}),
        ("function", program.functions(), _KNOWN | set(FUNCTIONS)),
    ):
        strange = sorted(name for name in set(used) - known if name.isidentifier() and not name.startswith("_"))
        if strange:
            near = ", ".join(VARIABLES if kind == "variable" else FUNCTIONS)
            raise ConfigurationError(
                f"{rule.place}: no {kind} is called {strange[0]!r};"
                f" {kind}s beside CEL's own are {near}: {rule.expression}"
            )
    return program


_KNOWN: Final = frozenset(
    (
        *("size", "has", "contains", "startsWith", "endsWith", "matches", "string", "int", "uint", "double", "bool"),
        *("bytes", "type", "dyn", "duration", "timestamp", "getFullYear", "getMonth", "getDate", "getDayOfMonth"),
        *("getDayOfWeek", "getDayOfYear", "getHours", "getMinutes", "getSeconds", "getMilliseconds"),
        *("all", "exists", "exists_one", "map", "filter"),
    )
)
"""The functions that CEL itself has, as far as a row needs them."""
_BOUND: Final = re.compile(r"\.\s*(?:all|exists|exists_one|map|filter)\s*\(\s*([A-Za-z_]\w*)\s*,")
"""Names that a macro binds: `p` in `row.parties.all(p, ...)`."""


def _position(message: str, expression: str) -> str:
    """A parser's message in a person's words: line, column, and the place marked."""
    found = re.search(r"<input>:(\d+):(\d+): (?:Syntax error: )?([^\n]{1,120})", message)
    if not found:
        return f"cannot be read: {expression}"
    line, column, said = int(found[1]), int(found[2]), found[3].partition(" expecting ")[0]
    shown = (expression.splitlines() or [""])[line - 1 : line]
    mark = f"\n  {shown[0]}\n  {' ' * (column - 1)}^" if shown else ""
    return f"cannot be read at line {line}, column {column}: {said}{mark}"


def _cel() -> Any:
    try:
        import cel
    except ImportError:
        raise ConfigurationError(
            "business rules need CEL, which is not installed: pip install 'bi-contracts[rules]'"
        ) from None
    return cel
