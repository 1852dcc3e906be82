"""A data-flow test as a person writes one: which fields an endpoint answers with, and what must be true of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Final

from ...errors import ConfigurationError, Failure
from ...paths import Json, dig
from ...report.events import Finding, Severity
from . import stated
from .found import counted, finding
from .limits import Limits, exceeded
from .table import EMPTY, Table

KEYWORDS: Final = (
    *("type", "enum", "const", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    *("minLength", "maxLength", "pattern", "format", "minItems", "maxItems", "uniqueItems", "contains", "items"),
    *("prefixItems", "properties", "required", "additionalProperties", "minProperties", "maxProperties"),
    *("anyOf", "oneOf", "allOf", "not"),
)
SHORT: Final = {"min": "minimum", "max": "maximum"}
"""Shorter names of keywords; `required: True` is understood as well."""


class DataFlowBroken(Failure):
    """What an endpoint answered is not what a data-flow test expects."""


@dataclass(frozen=True)
class DataFlowTest:
    """What one endpoint must answer.

    Raises `ConfigurationError` for a rule that is no JSON Schema, naming test, field and keyword, for any other value
    that cannot be, and for a test that says nothing.

    Attributes:
        name: `hubspot_contact_structure`; findings and reports carry it.
        source_endpoint: A path of the gateway (`/api/business/crm/contacts`) or the id of an endpoint
            (`hubspot/contacts`).
        expected_fields: Dotted paths that every row must have; null is a value.
        data_validation_rules: Dotted path -> JSON Schema keywords for what stands there: `{"type": "string"}`.
            `min` and `max` are `minimum` and `maximum`; `required: True` makes it an expected field.
        required: Dotted paths that must hold something in every row.
        records: Dotted path of the rows in the answer; "" finds them: a list is the rows, an object that has one of
            the fields is the row, else they stand in its first list of objects that have one.
        min_rows: The least number of rows.
        max_response_ms: The longest an answer may take, in milliseconds.
        max_payload_bytes: The largest an answer may be.
        arguments: Sent with the request.
        severity: Of the findings.
    """

    name: str
    source_endpoint: str
    expected_fields: Sequence[str] = ()
    data_validation_rules: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    required: Sequence[str] = ()
    records: str = ""
    min_rows: int = 1
    max_response_ms: float | None = None
    max_payload_bytes: int | None = None
    arguments: Mapping[str, Json] = field(default_factory=dict)
    severity: Severity = "breaking"

    def __post_init__(self) -> None:
        _stated(self)
        for path, rule in self.data_validation_rules.items():
            _validator(self.name, path, rule)
        if not (self._says_something() or self.max_response_ms is not None or self.max_payload_bytes is not None):
            raise ConfigurationError(
                f"{self.name}: says nothing: give expected_fields, required, data_validation_rules, min_rows above 1,"
                " max_response_ms or max_payload_bytes"
            )

    def _says_something(self) -> bool:
        """Whether it says anything of rows."""
        return bool(self.expected_fields or self.required or any(self.data_validation_rules.values())) or (
            self.min_rows > 1
        )

    @property
    def of_gateway(self) -> bool:
        """Whether it asks the gateway."""
        return self.source_endpoint.startswith("/")

    @property
    def limits(self) -> Limits:
        """How large and slow its answer may be."""
        seconds = None if self.max_response_ms is None else self.max_response_ms / 1000
        return Limits("*", self.max_payload_bytes, seconds, self.severity)

    def rows_in(self, body: Json) -> list[Json]:
        """The rows of an answer's body."""
        if self.records:
            found = dig(body, self.records)
            return list(found) if isinstance(found, list) else [] if found is None else [found]
        if isinstance(body, list):
            return list(body)
        if not isinstance(body, Mapping):
            return []
        wanted = [*self.expected_fields, *self.data_validation_rules, *self.required]
        if _has_any(body, wanted):
            return [body]
        lists = [one for one in _lists(body) if all(isinstance(item, Mapping) for item in one)]
        fitting = [one for one in lists if any(_has_any(item, wanted) for item in one)]
        return list((fitting or lists)[0]) if fitting or len(lists) == 1 else [body]

    def findings(
        self, rows: Iterable[Json], *, elapsed: Iterable[float | None] = (), sizes: Sequence[int] = ()
    ) -> list[Finding]:
        """Everything in which rows differ from what is expected. `elapsed` is in seconds, an answer each."""
        table = Table(tuple(rows))
        found = exceeded(sizes, elapsed, self.limits)
        if len(table) < self.min_rows:
            said = f"{len(table)} rows, and at least {self.min_rows} are expected"
            return [*found, finding("rows-missing", self.severity, "", said)]
        for path in _expected(self):
            found += self._absent(table, path)
        for path in self.required:
            empty = [number for number, row in enumerate(table.rows) if dig(row, path) in EMPTY]
            found += self._told("field-empty", path, "must hold something", empty, table)
        for path, rule in self.data_validation_rules.items():
            found += self._invalid(table, path, rule)
        return found

    def check(self, body: Json, *, elapsed: float | None = None, size: int | None = None) -> None:
        """Raises `DataFlowBroken` where an answer's body is not what is expected."""
        sizes = [] if size is None else [size]
        found = self.findings(self.rows_in(body), elapsed=[elapsed], sizes=sizes)
        if found:
            lines = "\n".join(f"  {one.path}: {one.message}" for one in found)
            raise DataFlowBroken(f"{self.name}: {self.source_endpoint} does not answer what is expected\n{lines}")

    def _absent(self, table: Table, path: str) -> list[Finding]:
        absent = [number for number, row in enumerate(table.rows) if dig(row, path, _MISSING) is _MISSING]
        return self._told("field-missing", path, "is expected", absent, table)

    def _invalid(self, table: Table, path: str, rule: Mapping[str, Any]) -> list[Finding]:
        validator = _validator(self.name, path, rule)
        broken: dict[str, list[int]] = {}
        values = [dig(row, path, _MISSING) for row in table.rows]
        if values and rule and path not in _expected(self) and all(value is _MISSING for value in values):
            return self._told("rule-without-value", path, "has a rule, and stands nowhere", range(len(values)), table)
        for number, value in enumerate(values):
            if value is not _MISSING and not validator.is_valid(value):
                for error in validator.iter_errors(value):
                    broken.setdefault(_keyword(error), []).append(number)
        return [
            one
            for keyword, numbers in broken.items()
            for one in self._told("field-invalid", path, f"breaks `{keyword}`", numbers, table)
        ]

    def _told(self, rule: str, path: str, said: str, numbers: Sequence[int], table: Table) -> list[Finding]:
        if not numbers:
            return []
        message = f"{said}; not so in {counted(len(set(numbers)), len(table))}"
        return [finding(rule, self.severity, path, message, table=table, rows=numbers, of=len(table), test=self.name)]


_MISSING: Final = object()


def _stated(test: DataFlowTest) -> None:
    """Raises `ConfigurationError` for the first value that is not what it must be."""
    stated.text("DataFlowTest", "name", test.name, empty=False)
    stated.text(test.name, "source_endpoint", test.source_endpoint, empty=False)
    if "/" not in test.source_endpoint:
        raise ConfigurationError(
            f"{test.name}: source_endpoint is a gateway path or an endpoint's id, not {test.source_endpoint!r}"
        )
    for name in ("expected_fields", "required"):
        if isinstance(getattr(test, name), str):
            raise ConfigurationError(f"{test.name}: {name} is a list of fields, not one text")
        stated.texts(test.name, name, getattr(test, name))
    stated.mapping(test.name, "data_validation_rules", test.data_validation_rules)
    stated.text(test.name, "records", test.records)
    stated.number(test.name, "min_rows", test.min_rows, whole=True)
    stated.number(test.name, "max_response_ms", test.max_response_ms, none=True)
    stated.number(test.name, "max_payload_bytes", test.max_payload_bytes, whole=True, none=True)
    stated.mapping(test.name, "arguments", test.arguments)
    stated.severity(test.name, "severity", test.severity)


def _has_any(row: Json, paths: Iterable[str]) -> bool:
    return any(dig(row, path, _MISSING) is not _MISSING for path in paths)


def _lists(body: Mapping[str, Json]) -> Iterator[list[Json]]:
    """The lists with something in them, the outermost first."""
    members = list(body.values())
    yield from (one for one in members if isinstance(one, list) and one)
    for one in members:
        if isinstance(one, Mapping):
            yield from _lists(one)


def _expected(test: DataFlowTest) -> list[str]:
    ruled = [path for path, rule in test.data_validation_rules.items() if rule.get("required") is True]
    return list(dict.fromkeys([*test.expected_fields, *test.required, *ruled]))


def _validator(name: str, path: str, rule: Any) -> Any:
    """The compiled keywords. Raises `ConfigurationError`."""
    import jsonschema_rs

    if not isinstance(rule, Mapping):
        raise ConfigurationError(f'{name}: {path}: a rule is keywords of JSON Schema: {{"type": "string"}}')
    schema = {SHORT.get(str(word), str(word)): value for word, value in rule.items() if not _is_flag(word, value)}
    for word in schema:
        if word not in KEYWORDS:
            near = get_close_matches(word, [*KEYWORDS, *SHORT], n=1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(KEYWORDS)}"
            raise ConfigurationError(f"{name}: {path}: unknown keyword {word!r}: {hint}")
    try:
        options = jsonschema_rs.RegexOptions()
        return jsonschema_rs.Draft202012Validator(schema, validate_formats=True, pattern_options=options)
    except ValueError as error:
        said = str(error).strip().partition("\n")[0][:200]
        raise ConfigurationError(f"{name}: {path}: not a JSON Schema ({said})") from None


def _is_flag(word: str, value: Any) -> bool:
    return word == "required" and isinstance(value, bool)


def _keyword(error: Any) -> str:
    words = [step for step in error.schema_path if isinstance(step, str)]
    return words[-1] if words else "schema"
