"""Where a response breaks its contract. Validated fast by jsonschema-rs, explained by jsonschema."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from ..errors import InvalidContract
from ..interaction import Envelope
from ..paths import Json
from .document import locate
from .headers import CONTENT_TYPE, media_type
from .responses import as_envelope


@dataclass(frozen=True, slots=True)
class Violation:
    """`path` is a JSON Pointer over the envelope, `keyword` the broken JSON Schema keyword.

    `message` tells shapes, never values: a response may hold personal data. `instance` is the value itself.
    """

    path: str
    keyword: str
    message: str
    instance: Json = None

    def __str__(self) -> str:
        return f"{self.path or '/'}: {self.message}"


class Validation:
    """A schema ready for use. Compiled at first need; a schema that cannot be compiled raises InvalidContract."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._schema = dict(schema)
        self._fast: Any = None
        self._slow: Any = None

    def check(self, where: str, text: str = "") -> None:
        """Raise InvalidContract, naming `where` and the position, unless the schema is a usable JSON Schema."""
        try:
            _ = self.fast
        except InvalidContract as error:
            raise InvalidContract(_schema_error(self._schema, where, text) or f"{where}: {error}") from None

    @property
    def fast(self) -> Any:
        """The jsonschema-rs validator. It never opens a connection."""
        if self._fast is None:
            import jsonschema_rs

            try:
                self._fast = jsonschema_rs.validator_for(
                    self._schema, retriever=_refuse, validate_formats=False, pattern_options=_patterns()
                )
            except (ValueError, jsonschema_rs.ReferencingError) as error:
                raise InvalidContract(f"not a usable JSON Schema: {_first_line(error)}") from None
        return self._fast

    @property
    def slow(self) -> Any:
        """The jsonschema validator that explains."""
        if self._slow is None:
            from jsonschema import validators
            from referencing import Registry

            extend: Any = validators.extend
            base = validators.validator_for(self._schema, default=validators.Draft202012Validator)
            cls = extend(base, {"pattern": _pattern, "oneOf": _one_of, "anyOf": _any_of})
            self._slow = cls(self._schema, registry=Registry())
        return self._slow

    def violations(self, response: Envelope) -> Iterator[Violation]:
        """The violations of one response, in order of their paths."""
        envelope = _normal(as_envelope(response))
        if self._is_valid(envelope):
            return
        found = {(one.path, one.keyword): one for one in self._explained(envelope)}
        for violation in sorted(found.values(), key=lambda one: (one.path, one.keyword)):
            explained = violation.keyword == "oneOf" and (violation.path, "type") in found
            if not explained and (envelope["headers"] or not violation.path.startswith("/headers")):
                yield violation

    def _explained(self, envelope: Mapping[str, Any]) -> list[Violation]:
        try:
            return [_violation(error) for error in self.slow.iter_errors(envelope)]
        except RecursionError:
            return [Violation("", "$ref", "breaks the contract, which refers to itself too deeply to say where")]

    def _is_valid(self, envelope: Mapping[str, Any]) -> bool:
        try:
            return bool(self.fast.is_valid(envelope))
        except (ValueError, RecursionError):  # NaN, or nested deeper than the fast path goes
            return False


def _normal(response: Envelope) -> dict[str, Any]:
    headers = dict(response["headers"])
    if CONTENT_TYPE in headers:
        headers[CONTENT_TYPE] = media_type(headers[CONTENT_TYPE])
    return {"status": response["status"], "headers": headers, "body": response["body"]}


def _violation(error: Any) -> Violation:
    path = _pointer(error.absolute_path)
    if error.validator == "required":
        missing = [key for key in error.validator_value if key not in error.instance]
        name = next((key for key in missing if error.message.startswith(repr(key))), missing[0] if missing else "")
        return Violation(f"{path}/{_escape(name)}", "required", "required, but missing", None)
    return Violation(path, error.validator, _message(error), error.instance)


def _message(error: Any) -> str:
    wanted, got = error.validator_value, kind_of(error.instance)
    if error.validator == "type":
        return f"expected {wanted if isinstance(wanted, str) else ' or '.join(wanted)}, got {got}"
    if error.validator in ("enum", "const"):
        known = wanted if error.validator == "enum" else [wanted]
        return f"expected {' or '.join(map(str, known))}, got another {got}"
    if error.validator in ("oneOf", "anyOf"):
        return (
            f"{got} that fits {'several' if error.message == 'several fit' else 'none'} of the {len(wanted)} variants"
        )
    if error.validator == "pattern":
        return f"{got} that does not match {wanted}"
    return f"{got} that breaks `{error.validator}`"


def kind_of(value: Json) -> str:
    """The JSON type of a value, in words."""
    names = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", type(None): "null"}
    return names.get(type(value), "object")


def _one_of(validator: Any, branches: list[Any], instance: Json, _schema: Any) -> Iterator[Any]:
    from jsonschema.exceptions import ValidationError

    fitting = sum(validator.evolve(schema=branch).is_valid(instance) for branch in branches)
    if fitting > 1:
        yield ValidationError("several fit", validator="oneOf", validator_value=branches, instance=instance)
    elif not fitting:
        yield from _best_branch(validator, branches, instance)


def _any_of(validator: Any, branches: list[Any], instance: Json, _schema: Any) -> Iterator[Any]:
    if not any(validator.evolve(schema=branch).is_valid(instance) for branch in branches):
        yield from _best_branch(validator, branches, instance)


def _best_branch(validator: Any, branches: list[Any], instance: Json) -> Iterator[Any]:
    """Errors of the one variant that was meant, rather than of all of them."""
    from jsonschema.exceptions import ValidationError

    meant = _meant(branches, instance)
    if len(meant) == 1:
        yield from validator.descend(instance, branches[meant[0]], schema_path=meant[0])
    elif found := _unknown_variant(branches, instance):
        key, known = found
        yield ValidationError("unknown", validator="enum", validator_value=known, instance=instance[key], path=[key])
    else:
        yield ValidationError("none fits", validator="oneOf", validator_value=branches, instance=instance)


def _meant(branches: list[Any], instance: Json) -> list[int]:
    """The branches of the right type whose constants all agree with the instance."""
    agreeing = [number for number, one in enumerate(branches) if isinstance(one, Mapping) and _agrees(one, instance)]
    told = [number for number in agreeing if _tells_outcome(branches[number], instance)]
    return told if len(agreeing) > 1 and told else agreeing


def _tells_outcome(branch: Mapping[str, Any], instance: Json) -> bool:
    """The GraphQL variant, with or without `errors`, that this body is of."""
    failed = isinstance(instance, Mapping) and "errors" in instance
    return branch.get("not") == {"required": ["errors"]} if not failed else "errors" in branch.get("required", ())


def _agrees(branch: Mapping[str, Any], instance: Json) -> bool:
    named = branch.get("type", [])
    types = [named] if isinstance(named, str) else named
    if types and kind_of(instance) not in types and not (kind_of(instance) == "integer" and "number" in types):
        return False
    return not isinstance(instance, Mapping) or all(
        key not in instance or instance[key] == const for key, const in _constants(branch).items()
    )


def _constants(branch: Mapping[str, Any]) -> dict[str, Json]:
    properties = branch.get("properties")
    if not isinstance(properties, Mapping):
        return {}
    return {key: value["const"] for key, value in properties.items() if isinstance(value, Mapping) and "const" in value}


def _unknown_variant(branches: list[Any], instance: Json) -> tuple[str, list[Json]] | None:
    """The discriminator whose value no branch has, and the values they have."""
    if not isinstance(instance, Mapping):
        return None
    constants = [_constants(branch) for branch in branches if isinstance(branch, Mapping) and "properties" in branch]
    for key in constants[0] if constants else ():
        known = [found[key] for found in constants if key in found]
        if key in instance and len(known) == len(constants) and instance[key] not in known:
            return key, known
    return None


def _pattern(_validator: Any, pattern: str, instance: Json, _schema: Any) -> Iterator[Any]:
    """`pattern` by an engine that takes linear time: a contract may come from anywhere."""
    from jsonschema.exceptions import ValidationError

    if isinstance(instance, str) and not _matches(pattern, instance):
        yield ValidationError("does not match", validator="pattern", validator_value=pattern, instance=instance)


def _matches(pattern: str, text: str) -> bool:
    import jsonschema_rs

    return bool(jsonschema_rs.validator_for({"pattern": pattern}, pattern_options=_patterns()).is_valid(text))


def _patterns() -> Any:
    import jsonschema_rs

    return jsonschema_rs.FancyRegexOptions(backtrack_limit=100_000)


def _refuse(uri: str) -> NoReturn:
    raise ValueError(f"remote references are not followed: {uri}")


def _schema_error(schema: Mapping[str, Any], where: str, text: str) -> str:
    """Where a schema breaks its own meta-schema, or `""`. `text` is the document, to name line and column."""
    from jsonschema.exceptions import best_match
    from jsonschema.validators import Draft202012Validator, validator_for

    named = isinstance(schema.get("$schema"), str)
    cls = validator_for(schema, default=Draft202012Validator) if named else Draft202012Validator
    error: Any = best_match(cls(cls.META_SCHEMA).iter_errors(schema))
    if error is None:
        return ""
    line = ":".join(map(str, locate(text, error.absolute_path))) if text else ""
    place = f"{where}:{line}" if line else where
    return f"{place}: at {_pointer(error.absolute_path) or '/'}: not a JSON Schema ({_first_line(error.message)})"


def _first_line(error: object) -> str:
    return str(error).strip().split("\n", 1)[0][:300]


def _pointer(path: Iterable[str | int]) -> str:
    return "".join(f"/{_escape(str(step))}" for step in path)


def _escape(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")
