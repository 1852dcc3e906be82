"""Contracts from OpenAPI 2 and 3 descriptions: the facts about one operation's responses, without the prose."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, unquote

from ..errors import InvalidContract
from ..interaction import Source
from ..paths import Json
from .contract import Contract
from .evidence import Evidence
from .schema import DIALECT
from .tokens import FORMATS

_TYPES: Final = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})
_NESTED: Final = ("allOf", "anyOf", "oneOf")
_PARAMETER: Final = re.compile(r"\{[^}]*\}")


def from_openapi(document: Mapping[str, Any], method: str, path: str, *, id: str = "") -> Contract:
    """The contract of one operation. `path` may be the template or a real path such as `/v1/users/7`.

    Raises InvalidContract when the document is no OpenAPI description or has no such operation or response.
    """
    if not isinstance(document, Mapping) or not isinstance(document.get("paths"), Mapping):
        raise InvalidContract("not an OpenAPI description: it has no `paths`.")
    name = id or f"{method.upper()} {path}"
    convert = _Conversion(document)
    envelopes = [convert.envelope(status, found) for status, found in _responses(document, method, path)]
    if not envelopes:
        raise InvalidContract(f"{name}: the description tells no response with a status.")
    head: dict[str, Any] = {"$schema": DIALECT, "$id": quote(name, safe="/-._~"), "title": name}
    schema: dict[str, Any] = head | (envelopes[0] if len(envelopes) == 1 else {"type": "object", "oneOf": envelopes})
    if convert.definitions:
        schema["$defs"] = dict(sorted(convert.definitions.items()))
    version = str(_mapping(document.get("info")).get("version", ""))
    language = f"OpenAPI {document.get('openapi') or document.get('swagger') or ''}".strip()
    described = f"{language}, version {version}" if version else language
    evidence = Evidence(source=Source.IMPORTED.value, api_version=version, described_by=described)
    contract = Contract(name, schema, evidence)
    contract.validation.check(name)
    return contract


def _responses(document: Mapping[str, Any], method: str, path: str) -> Iterator[tuple[int, Json]]:
    """The responses with a status of the operation; `default` stands for 200 where there is no other."""
    operation = _mapping(_operation(document["paths"], path).get(method.lower()))
    if not operation:
        raise InvalidContract(f"the description has no operation {method.upper()} {path}.")
    responses = {str(status): found for status, found in _mapping(operation.get("responses")).items()}
    named = {int(status): found for status, found in responses.items() if status.isdigit()}
    if not named and (other := responses.get("2XX", responses.get("default"))) is not None:
        named = {200: other}
    yield from sorted(named.items())


def _operation(paths: Mapping[str, Any], path: str) -> Mapping[str, Any]:
    """The path item for a template, whatever its parameters are called, or for a real path."""
    wanted = _PARAMETER.sub("{}", path)
    for template, item in paths.items():
        if _PARAMETER.sub("{}", template) == wanted:
            return _mapping(item)
    for template, item in paths.items():
        pattern = "[^/]+".join(map(re.escape, _PARAMETER.split(template)))
        if re.fullmatch(f"(/[^/]+)*?{pattern}", path):
            return _mapping(item)
    return {}


@dataclass
class _Conversion:
    """Schemas of one document as JSON Schema; what they refer to is gathered in `definitions`."""

    document: Mapping[str, Any]
    definitions: dict[str, Any] = field(default_factory=dict)

    def envelope(self, status: int, response: Json) -> dict[str, Any]:
        """The schema of whole responses with one status."""
        found = _mapping(self._followed(response))
        media, schema = _content(found)
        body: dict[str, Any] = self.schema(schema) if schema is not None else {}
        properties: dict[str, Any] = {"status": {"type": "integer", "const": status}, "body": body}
        if media:
            pattern = f"^({re.escape(media)})( *;|$)"
            properties["headers"] = {
                "type": "object",
                "properties": {"content-type": {"type": "string", "pattern": pattern}},
            }
        return {"type": "object", "properties": properties, "required": ["status"]}

    def schema(self, source: Json) -> dict[str, Any]:
        """One schema, its facts only."""
        if not isinstance(source, Mapping):
            return {}
        if isinstance(source.get("$ref"), str):
            return _nullable(self._reference(source["$ref"]), source)
        return _nullable(self._plain(source), source)

    def _plain(self, source: Mapping[str, Any]) -> dict[str, Any]:
        schema: dict[str, Any] = {}
        if types := _types(source):
            schema["type"] = types[0] if len(types) == 1 else types
        if source.get("format") in FORMATS and "string" in types:
            schema["format"] = source["format"]
        values = _values(source)
        if values and types != ["array"]:
            schema["enum"] = values
        if "const" in source:
            schema["const"] = source["const"]
        schema |= self._members(source) | self._combined(source)
        if isinstance(source.get("items"), Mapping):
            schema["items"] = self.schema(source["items"])
            if values and types == ["array"]:
                schema["items"] |= {"enum": values}
        return schema

    def _members(self, source: Mapping[str, Any]) -> dict[str, Any]:
        members: dict[str, Any] = {}
        properties = {
            key: value
            for key, value in _mapping(source.get("properties")).items()
            if not _mapping(value).get("writeOnly")
        }
        if properties:
            members["properties"] = {key: self.schema(value) for key, value in sorted(properties.items())}
        required = source.get("required")
        names = sorted({key for key in required if key in properties}) if isinstance(required, list) else []
        if names:
            members["required"] = names
        if isinstance(source.get("additionalProperties"), Mapping):
            members["additionalProperties"] = self.schema(source["additionalProperties"])
        return members

    def _combined(self, source: Mapping[str, Any]) -> dict[str, Any]:
        """`oneOf` becomes `anyOf`: descriptions seldom mean that exactly one may fit."""
        names = {"oneOf": "anyOf", "anyOf": "anyOf", "allOf": "allOf"}
        return {
            names[key]: [self.schema(part) for part in source[key]]
            for key in _NESTED
            if isinstance(source.get(key), list) and source[key]
        }

    def _reference(self, ref: str) -> dict[str, Any]:
        name = unquote(ref.rsplit("/", 1)[-1]).replace("~1", "/").replace("~0", "~")
        key = re.sub(r"[^A-Za-z0-9_.-]", "_", name)
        if key not in self.definitions:
            self.definitions[key] = {}
            self.definitions[key] = self.schema(self._followed({"$ref": ref}))
        return {"$ref": f"#/$defs/{key}"}

    def _followed(self, value: Json) -> Json:
        """What a local reference leads to; anything else as it is. Remote and circular references lead nowhere."""
        seen: set[str] = set()
        while isinstance(value, Mapping) and isinstance(ref := value.get("$ref"), str):
            if ref in seen or not ref.startswith("#/"):
                return {}
            seen.add(ref)
            value = self.document
            for step in ref[2:].split("/"):
                value = _mapping(value).get(unquote(step).replace("~1", "/").replace("~0", "~"))
        return value


def _content(response: Mapping[str, Any]) -> tuple[str, Json]:
    """Media type and schema of a response's body; OpenAPI 2 has the schema beside, without a media type."""
    if "schema" in response:
        return "", response["schema"]
    content = _mapping(response.get("content"))
    for media, found in sorted(content.items(), key=lambda item: "json" not in item[0]):
        kind = media.split(";", 1)[0].strip().lower()
        return ("" if "*" in kind else kind), _mapping(found).get("schema")
    return "", None


def _values(source: Mapping[str, Any]) -> list[Json]:
    """The values of an enumeration. Beside a list they are meant for its items: no list is one of them."""
    values = source.get("enum")
    return list(dict.fromkeys(map(_hashable, values))) if isinstance(values, list) else []


def _types(source: Mapping[str, Any]) -> list[str]:
    named = source.get("type")
    names = named if isinstance(named, list) else [named]
    known = [name for name in names if isinstance(name, str) and name in _TYPES]
    return known or (["object"] if isinstance(source.get("properties"), Mapping) else [])


def _nullable(schema: dict[str, Any], source: Mapping[str, Any]) -> dict[str, Any]:
    """OpenAPI 3.0's `nullable` and the `x-nullable` of OpenAPI 2 as a type.

    In one part of an `allOf` it is meant for the whole: the other parts, mostly references, cannot say it.
    """
    parts = source.get("allOf")
    if not any(_is_nullable(said) for said in (source, *(parts if isinstance(parts, list) else ()))):
        return schema
    if "type" not in schema:
        return {"anyOf": [schema, {"type": "null"}]} if schema else {}
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    widened = schema | {"type": [*types, "null"] if "null" not in types else types}
    if "enum" in schema and None not in schema["enum"]:
        widened["enum"] = [*schema["enum"], None]
    return widened


def _is_nullable(source: Json) -> bool:
    return isinstance(source, Mapping) and True in (source.get("nullable"), source.get("x-nullable"))


def _hashable(value: Json) -> Json:
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)


def _mapping(value: Json) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
