"""SOQL: text -> tokens -> syntax tree.

Source: developer.salesforce.com, SOQL and SOSL Reference ("SOQL SELECT Syntax", "Reserved Characters",
"fieldExpression Syntax"). Whatever the text, nothing but `BadQuery` is raised, with the platform's code and its way
to say where.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple, TypeVar

from ..predicate import BadQuery
from .tree import And, By, Column, Comparison, Field, Function, Moment, Negation, Or, Period, Select, Test, Value

LONGEST = 100_000
"""Characters in a statement."""

DEEPEST = 24
"""Parentheses within parentheses that are followed."""

T = TypeVar("T")


@lru_cache(maxsize=512)
def parse(text: str) -> Select:
    """The syntax tree of a statement. Raises `BadQuery` with MALFORMED_QUERY."""
    if len(text) > LONGEST:
        raise BadQuery("SOQL statement is too long", "QUERY_TOO_COMPLICATED")
    parser = _Parser(text, tokens(text))
    found = parser.select()
    if parser.token.kind != "end":
        raise parser.unexpected()
    return found


def located(text: str, at: int, problem: str, code: str = "MALFORMED_QUERY") -> BadQuery:
    """The error as the platform writes it: the line, a caret below the place, row and column, and what is wrong."""
    start = text.rfind("\n", 0, at) + 1
    line = text[start:].partition("\n")[0]
    row, column = text.count("\n", 0, at) + 1, at - start + 1
    return BadQuery(f"\n{line}\n{' ' * (column - 1)}^\nERROR at Row:{row}:Column:{column}\n{problem}", code)


class Token(NamedTuple):
    """A piece of text: `kind` is name, text, number, moment, sign or end."""

    kind: str
    text: str
    at: int


_TOKENS = re.compile(
    r"""
      (?P<space>\s+)
    | (?P<text>'(?:[^'\\]|\\.)*')
    | (?P<moment>\d{4}-\d\d-\d\d(?:[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:?\d\d))?(?![\w.:-]))
    | (?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?(?![\w.]))
    | (?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)
    | (?P<sign><=|>=|!=|<>|[=<>(),:])
    """,
    re.VERBOSE | re.ASCII | re.DOTALL,
)


def tokens(text: str) -> tuple[Token, ...]:
    """The pieces of a statement, an `end` after them."""
    found, at = [], 0
    while at < len(text):
        piece = _TOKENS.match(text, at)
        if piece is None:
            raise located(text, at, f"line 1:{at} no viable alternative at character '{text[at]}'")
        kind = piece.lastgroup or ""
        if kind != "space":
            found.append(Token(kind, piece[0], at))
        at = piece.end()
    return (*found, Token("end", "<EOF>", len(text)))


AGGREGATES = ("COUNT", "COUNT_DISTINCT", "SUM", "AVG", "MIN", "MAX")
DATES = ("CALENDAR_YEAR", "CALENDAR_QUARTER", "CALENDAR_MONTH", "DAY_IN_MONTH", "DAY_ONLY")
PERIOD = re.compile(
    r"YESTERDAY|TODAY|TOMORROW|(?:LAST|THIS|NEXT)_(?:WEEK|MONTH|QUARTER|YEAR|FISCAL_QUARTER|FISCAL_YEAR)"
    r"|(?:LAST|NEXT)_90_DAYS"
)
COUNTED = re.compile(
    r"(?:LAST|NEXT)_N_(?:DAYS|WEEKS|MONTHS|QUARTERS|YEARS|FISCAL_QUARTERS|FISCAL_YEARS)"
    r"|N_(?:DAYS|WEEKS|MONTHS|QUARTERS|YEARS|FISCAL_QUARTERS|FISCAL_YEARS)_AGO"
)
_CLAUSES = {"USING", "WHERE", "WITH", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "FOR", "ALL"}
_SIGNS = {"=": "=", "!=": "!=", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


class _Parser:
    """Recursive descent, one token ahead."""

    def __init__(self, text: str, found: tuple[Token, ...]) -> None:
        self.text = text
        self.tokens = found
        self.place = 0
        self.depth = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.place]

    def is_word(self, *words: str) -> bool:
        return self.token.kind == "name" and self.token.text.upper() in words

    def take(self) -> Token:
        found = self.token
        self.place += found.kind != "end"
        return found

    def took(self, *words: str) -> bool:
        """Whether the next token is one of the words or signs; if so it is passed."""
        found = self.is_word(*words) or (self.token.kind == "sign" and self.token.text in words)
        self.place += found
        return found

    def expect(self, word: str) -> Token:
        before = self.token
        if not self.took(word):
            raise self.unexpected(f"expecting '{word}', found '{before.text}'")
        return before

    def unexpected(self, problem: str = "") -> BadQuery:
        return located(self.text, self.token.at, problem or f"unexpected token: '{self.token.text}'")

    def inside(self) -> None:
        """One parenthesis deeper."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise located(self.text, self.token.at, "the query is too deeply nested", "QUERY_TOO_COMPLICATED")

    def name(self) -> Token:
        if self.token.kind != "name":
            raise self.unexpected()
        return self.take()

    # Statements

    def select(self) -> Select:
        at = self.expect("SELECT").at
        columns = self.listed(self.column)
        self.expect("FROM")
        sobject = self.name()
        if "." in sobject.text:
            raise located(self.text, sobject.at, f"unexpected token: '{sobject.text}'")
        alias = self.alias()
        if self.took("USING"):
            self.expect("SCOPE")
            self.name()
        where = self.test() if self.took("WHERE") else None
        self.security()
        group, having = self.grouping()
        order = self.ordering()
        limit = self.count("LIMIT")
        offset = self.count("OFFSET")
        all_rows = self.locking()
        return Select(
            columns, sobject.text, alias, where, group, having, order, limit, offset or 0, all_rows, sobject.at or at
        )

    def listed(self, one: Callable[[], T]) -> tuple[T, ...]:
        found = [one()]
        while self.took(","):
            found.append(one())
        return tuple(found)

    def alias(self) -> str:
        if self.took("AS"):
            return self.name().text
        return self.take().text if self.token.kind == "name" and not self.is_word(*_CLAUSES, "FROM") else ""

    def security(self) -> None:
        """`WITH SECURITY_ENFORCED` and its like: whoever asks the sandbox may see everything."""
        if self.took("WITH") and not self.took("SECURITY_ENFORCED", "USER_MODE", "SYSTEM_MODE"):
            raise self.unexpected()

    def grouping(self) -> tuple[tuple[Field | Function, ...], Test | None]:
        group: tuple[Field | Function, ...] = ()
        if self.took("GROUP"):
            self.expect("BY")
            if self.is_word("ROLLUP", "CUBE"):
                raise self.unexpected(f"{self.token.text} is not offered by the sandbox")
            group = self.listed(self.operand)
        return group, self.test() if self.took("HAVING") else None

    def ordering(self) -> tuple[By, ...]:
        if not self.took("ORDER"):
            return ()
        self.expect("BY")
        return self.listed(self.by)

    def by(self) -> By:
        operand = self.operand()
        descending = self.took("DESC")
        if not descending:
            self.took("ASC")
        last = False
        if self.took("NULLS"):
            last = self.took("LAST")
            if not last:
                self.expect("FIRST")
        return By(operand, descending, last)

    def count(self, word: str) -> int | None:
        if not self.took(word):
            return None
        if not self.token.text.isdecimal() or len(self.token.text) > 9:
            raise self.unexpected()
        return int(self.take().text)

    def locking(self) -> bool:
        """`FOR VIEW` and its like change nothing in the sandbox. True for `ALL ROWS`."""
        while self.took("FOR"):
            if not self.took("VIEW", "REFERENCE", "UPDATE"):
                raise self.unexpected()
        if self.took("ALL"):
            self.expect("ROWS")
            return True
        return False

    # What is selected

    def column(self) -> Column:
        if self.took("("):
            self.inside()
            inner = self.select()
            self.expect(")")
            self.depth -= 1
            return Column(inner)
        if self.is_word("TYPEOF"):
            raise self.unexpected("TYPEOF is not offered by the sandbox")
        value = self.operand()
        return Column(value, self.alias() if not self.is_word("FROM") else "")

    def operand(self) -> Field | Function:
        token = self.name()
        if self.token.text != "(" or self.token.kind != "sign":
            return Field(tuple(token.text.split(".")), token.at)
        self.take()
        return self.function(token)

    def function(self, token: Token) -> Function:
        name = token.text.upper()
        if name == "FIELDS" and self.is_word("ALL", "STANDARD", "CUSTOM"):
            argument: Field | None = Field((self.take().text.upper(),), token.at)
        elif name == "COUNT" and self.token.text == ")":
            argument = None
        elif name in AGGREGATES or name in DATES:
            inner = self.name()
            argument = Field(tuple(inner.text.split(".")), inner.at)
        else:
            raise located(self.text, token.at, f"unexpected token: '{token.text}'")
        self.expect(")")
        return Function(name, argument, token.at)

    # Conditions

    def test(self) -> Test:
        """One test, or several joined by the same word: the platform wants parentheses where AND and OR meet."""
        first = self.negated()
        for word, kind in (("AND", And), ("OR", Or)):
            if self.is_word(word):
                parts = [first]
                while self.took(word):
                    parts.append(self.negated())
                if self.is_word("AND", "OR"):
                    raise self.unexpected()
                return kind(tuple(parts))
        return first

    def negated(self) -> Test:
        self.inside()
        found: Test = Negation(self.negated()) if self.took("NOT") else self.single()
        self.depth -= 1
        return found

    def single(self) -> Test:
        if not self.took("("):
            return self.comparison()
        found = self.test()
        self.expect(")")
        return found

    def comparison(self) -> Comparison:
        operand = self.operand()
        at = self.token.at
        operator = self.operator()
        if operator in ("in", "not in", "includes", "excludes"):
            return Comparison(operand, operator, self.choices(operator), at)
        if operator == "like":
            return Comparison(operand, operator, self.pattern(), at)
        return Comparison(operand, operator, self.value(), at)

    def operator(self) -> str:
        token = self.token
        if token.kind == "sign" and token.text in _SIGNS:
            return _SIGNS[self.take().text]
        for word in ("LIKE", "IN", "INCLUDES", "EXCLUDES"):
            if self.took(word):
                return word.lower()
        if self.took("NOT"):
            self.expect("IN")
            return "not in"
        raise self.unexpected()

    def choices(self, operator: str) -> tuple[Value, ...] | Select:
        self.expect("(")
        self.inside()
        found = self.select() if self.is_word("SELECT") and "in" in operator.split() else self.listed(self.value)
        self.expect(")")
        self.depth -= 1
        return found

    def pattern(self) -> str:
        if self.token.kind != "text":
            raise self.unexpected()
        token = self.take()
        return self.unescaped(token, {"\\": "\\\\", "%": "\\%", "_": "\\_"})

    def value(self) -> Value:
        token = self.take()
        match token.kind:
            case "text":
                return self.unescaped(token, {"\\": "\\", "%": "%", "_": "_"})
            case "number":
                return float(token.text) if re.search(r"[.eE]", token.text) else int(token.text[:400])
            case "moment":
                return Moment(token.text)
            case "name":
                return self.word(token)
        raise located(self.text, token.at, f"unexpected token: '{token.text}'")

    def word(self, token: Token) -> Value:
        name = token.text.upper()
        if name in ("TRUE", "FALSE", "NULL"):
            return {"TRUE": True, "FALSE": False, "NULL": None}[name]
        if PERIOD.fullmatch(name):
            return Period(name)
        if COUNTED.fullmatch(name):
            self.expect(":")
            return Period(name, self.number())
        raise located(self.text, token.at, f"unexpected token: '{token.text}'")

    def number(self) -> int:
        if not self.token.text.isdecimal() or len(self.token.text) > 9:
            raise self.unexpected()
        return int(self.take().text)

    def unescaped(self, token: Token, also: dict[str, str]) -> str:
        known = {**_ESCAPES, **also}

        def written(found: re.Match[str]) -> str:
            if found[1].lower() not in known:
                raise located(
                    self.text, token.at + 1 + found.start(), f"illegal character sequence '{found[0]}' in string"
                )
            return known[found[1].lower()]

        return re.sub(r"\\(.)", written, token.text[1:-1], flags=re.DOTALL)


_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'"}
