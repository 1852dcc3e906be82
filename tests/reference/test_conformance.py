"""The sandbox's answers against the vendors' descriptions as other people's code reads them.

openapi-core reads OpenAPI 3, jsonschema the schemas of OpenAPI 2, and graphql-core GraphQL; our own reading of
descriptions has no part in it. What may differ is what `contracts/corrections.toml` and the real recordings say.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from bi_contracts.cassette.store import load
from bi_contracts.contract import Violation
from bi_contracts.interaction import Interaction, header
from bi_contracts.platform import Platform
from bi_contracts.workspace import reference

from ..platforms.declared import READS
from .corrections import explaining

DESCRIBED = {
    "asana": "*.yaml",
    "gong": "2024-12-02-*.json",
    "hubspot": "*.json",
    "intercom": "2.11.yaml",
    "looker": "2025-01-13-*.json",
    "notion": "2025-12-24-*.json",
}
READ_OTHERWISE = {
    "asana/task /body/data/parent: type": "`nullable` in a part of an allOf, taken for that part alone",
    "intercom/conversations /body/conversations/*/ai_agent: type": "`nullable` beside a reference, passed over",
    "intercom/conversations /body/conversations/*/sla_applied: type": "the same",
    "looker/explore /body/fields/*/*/fill_style: enum": "`nullable` beside an enum, taken for the type alone",
    "looker/explore /body/fields/*/*/map_layer/format: enum": "the same",
    "looker/explore /body/fields/*/*/user_attribute_filter_types: enum": "an enum beside a list, taken for the list",
}
"""Pattern of `id path: keyword` -> what openapi-core reads otherwise than the vendor meant it."""
NEWER = {"attachments"}
"""Linear's queries for what the schema at hand, of April 2025, does not have yet."""


def exchanges(file: Path) -> list[Interaction]:
    return [each for each in load(file).interactions if not each.request.is_login] if file.is_file() else []


@dataclass(frozen=True)
class Error:
    """What an answer breaks: where, the keyword, and the value there."""

    path: str
    keyword: str
    instance: Any

    def named(self, id: str) -> str:
        return f"{id} {re.sub(r'/[0-9]+(?=/|$)', '/*', self.path)}: {self.keyword}"


def errors_of(found: Any) -> Iterator[Error]:
    """The errors of jsonschema's own kind as plain values. A required property that is missing stands for itself."""
    path = "/".join(["/body", *map(str, found.absolute_path)])
    missing = re.match(r"'(.+)' is a required property", found.message) if found.validator == "required" else None
    yield Error(f"{path}/{missing[1]}" if missing else path, found.validator, None if missing else found.instance)


def unexplained(id: str, errors: Iterable[Any], otherwise: Mapping[str, str], met: set[str]) -> Iterator[Error]:
    """What nothing explains. Of alternatives it is enough that one has no other errors."""
    for found in errors:
        branches: dict[Any, list[Any]] = {}
        for inner in found.context or ():
            branches.setdefault(inner.schema_path[0], []).append(inner)
        if any(not list(unexplained(id, inner, otherwise, met)) for inner in branches.values()):
            continue
        for error in errors_of(found):
            fits = {pattern for pattern in otherwise if re.fullmatch(_expression(pattern), error.named(id))}
            met |= fits
            if not fits and not explaining(id, Violation(error.path, error.keyword, "", error.instance)):
                yield error


def _expression(pattern: str) -> str:
    return "[^/]*".join(map(re.escape, pattern.split("*")))


def document(path: Path) -> dict[str, Any]:
    """A description as data. What it says in no OpenAPI's words, or by a reference to nothing, is left out."""
    import yaml

    text = path.read_text(encoding="utf-8")
    found = json.loads(text) if path.suffix == ".json" else yaml.load(text, Loader=yaml.CSafeLoader)
    found = json.loads(json.dumps(found, default=str))  # statuses as text, not numbers
    return mended(found, found)  # type: ignore[no-any-return]


def mended(value: Any, root: Any) -> Any:
    """Looker describes values of type `any`; Intercom refers to a schema that it has not."""
    if isinstance(value, list):
        return [mended(each, root) for each in value]
    if not isinstance(value, dict) or "$ref" in value:
        return {} if isinstance(value, dict) and not leads(str(value["$ref"]), root) else value
    return {key: mended(each, root) for key, each in value.items() if (key, each) != ("type", "any")}


def leads(ref: str, root: Any) -> bool:
    for step in ref.removeprefix("#/").split("/"):
        root = root.get(step) if isinstance(root, dict) else None
    return root is not None


@cache
def readers(platform: str, base_url: str, folder: Path) -> list[Any]:
    """A validator of responses for each of a vendor's descriptions, at the place where the platform stands."""
    from openapi_core import Config, OpenAPI

    place = urlsplit(base_url)
    servers = [{"url": base_url.rstrip("/")}, {"url": f"{place.scheme}://{place.netloc}"}]
    found = [document(path) for path in sorted(folder.glob(DESCRIBED[platform]))]
    return [
        OpenAPI.from_dict({**each, "servers": servers}, config=Config(spec_validator_cls=None)).response_validator
        for each in found
    ]


def openapi_errors(readers: Iterable[Any], exchange: Interaction) -> list[Any] | None:
    """The errors in the body after the first description that knows the operation; None where none does."""
    from openapi_core.templating.paths.exceptions import PathError
    from openapi_core.testing import MockRequest, MockResponse

    asked, answered = urlsplit(exchange.request.url), exchange.response
    kind = header(answered.headers, "content-type", "application/json").split(";")[0]  # some were recorded without
    request = MockRequest(f"{asked.scheme}://{asked.netloc}", exchange.request.method.lower(), asked.path)
    response = MockResponse(answered.body, status_code=answered.status, content_type=kind)
    for reader in readers:
        found = list(reader.iter_errors(request, response))
        if not any(isinstance(each, PathError) for each in found):
            return [
                error for each in found for error in getattr(each.__cause__, "schema_errors", None) or [other(each)]
            ]
    return None


def other(found: Exception) -> Any:
    """What is wrong with an answer whose body was not looked at: its status, or its media type."""
    from jsonschema import ValidationError

    return ValidationError(str(found), validator=type(found.__cause__ or found).__name__)


@dataclass
class Comparison:
    """A platform's answers, from the sandbox and real, after somebody else's reading of its description."""

    platform: Platform
    errors: Callable[[str, Interaction], list[Any] | None]
    otherwise: Mapping[str, str]
    answers: int = 0
    met: set[str] = field(default_factory=set)

    def unexplained(self, imported: Path) -> set[str]:
        """What the sandbox's answers break and the real ones do not, and no correction explains."""
        found: set[str] = set()
        for endpoint in (endpoint for platform, endpoint in READS if platform.name == self.platform.name):
            id = self.platform.id(endpoint)
            real = self._broken(id, imported / f"{id}.yaml")
            found |= self._broken(id, reference("cassettes") / f"{id}.yaml") - real
        return found

    def _broken(self, id: str, file: Path) -> set[str]:
        broken: set[str] = set()
        for exchange in exchanges(file):
            found = self.errors(id, exchange)
            self.answers += found is not None
            broken |= {each.named(id) for each in unexplained(id, found or (), self.otherwise, self.met)}
        return broken


@pytest.mark.parametrize("name", DESCRIBED)
def test_openapi_core_finds_what_we_find(name: str, vendor_data: Path, imported: Path) -> None:
    """Each answer of a described endpoint fits the description as openapi-core reads it."""
    pytest.importorskip("openapi_core", reason="openapi-core is not installed; tox -e conformance has it")
    platform = next(platform for platform, _ in READS if platform.name == name)
    known = readers(name, platform.base_url, vendor_data / "specs" / name)
    otherwise = {pattern: why for pattern, why in READ_OTHERWISE.items() if pattern.startswith(f"{name}/")}
    comparison = Comparison(platform, lambda _id, exchange: openapi_errors(known, exchange), otherwise)
    assert comparison.unexplained(imported) == set()
    assert comparison.answers >= 15
    assert comparison.met == set(otherwise), "listed, and read otherwise no longer"


def test_slack_after_its_own_schemas(vendor_data: Path, imported: Path) -> None:
    """Slack's description is OpenAPI 2: its schemas are JSON Schema draft 4, which jsonschema reads."""
    from jsonschema import Draft4Validator

    platform = next(platform for platform, _ in READS if platform.name == "slack")
    described = document(vendor_data / "specs" / "slack" / "slack_web_openapi_v2.json")

    def errors(_id: str, exchange: Interaction) -> list[Any] | None:
        path = exchange.request.path.removeprefix("/api")
        responses = next(iter(described["paths"].get(path, {"": {}}).values())).get("responses", {})
        body = json.loads(exchange.response.body)
        found = responses.get("200" if body.get("ok") else "default")
        if found is None:
            return None
        return list(Draft4Validator({**found["schema"], "definitions": described["definitions"]}).iter_errors(body))

    comparison = Comparison(platform, errors, {})
    assert comparison.unexplained(imported) == set()
    assert comparison.answers >= 15


def test_linear_after_graphql_core(vendor_data: Path) -> None:
    """graphql-core completes each answer after the vendor's schema: no null too many, no value of another type."""
    from graphql import build_schema, execute, parse, validate

    platform = next(platform for platform, _ in READS if platform.name == "linear")
    text = max((vendor_data / "specs" / "linear").glob("*.graphql")).read_text(encoding="utf-8")
    schema = build_schema(text, assume_valid=True)
    newer: set[str] = set()
    answers = 0
    for endpoint in (endpoint for owner, endpoint in READS if owner is platform):
        for exchange in exchanges(reference("cassettes") / f"{platform.id(endpoint)}.yaml"):
            asked, answered = json.loads(exchange.request.body), json.loads(exchange.response.body)
            query = parse(asked["query"])
            if validate(schema, query):
                newer.add(endpoint.name)
                continue
            done = execute(
                schema,
                query,
                root_value=answered["data"],
                variable_values=asked.get("variables"),
                field_resolver=lambda source, info, **_: source.get(info.path.key),
                type_resolver=lambda value, *_: value.get("__typename"),
            )
            assert done.errors is None, endpoint.name
            assert done.data == answered["data"]
            answers += 1
    assert newer == NEWER
    assert answers >= 15
