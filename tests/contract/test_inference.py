"""What is inferred from responses."""

from __future__ import annotations

from typing import Any

import pytest

from bi_contracts.contract import Contract
from bi_contracts.contract.evidence import rebuild
from bi_contracts.contract.observation import MEMBERS, VALUES, VARIANTS
from bi_contracts.errors import ConfigurationError, InvalidContract
from bi_contracts.interaction import Envelope


def ok(body: Any, status: int = 200, **headers: str) -> Envelope:
    """A response."""
    return {"status": status, "headers": headers, "body": body}


def body_of(*bodies: Any) -> Any:
    """The schema of the bodies of successful responses."""
    return Contract.infer("x/y", [ok(body) for body in bodies]).schema["properties"]["body"]


def field(*values: Any, key: str = "field") -> Any:
    """The schema of one property that had these values."""
    return body_of(*({key: value} for value in values))["properties"][key]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([True], {"type": "boolean"}),
        ([1, 2], {"type": "integer"}),
        ([1, 2.5], {"type": ["integer", "number"]}),
        ([2.0], {"type": "number"}),
        (["x y", None], {"type": ["string", "null"]}),
        (["x y", 1], {"type": ["integer", "string"]}),
        ([None], {}),
        ([[]], {"type": "array"}),
        ([[1], []], {"type": "array", "items": {"type": "integer"}}),
        ([{}], {"type": "object"}),
    ],
    ids=str,
)
def test_types(values: list[Any], expected: Any) -> None:
    """Types as seen, null last; null alone and empty arrays leave the rest open."""
    assert field(*values) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-01-31", "date"),
        ("2024-01-31T10:00:00Z", "date-time"),
        ("2024-01-31T10:00:00.123+02:00", "date-time"),
        ("2024-01-31T10:00:00+0200", None),
        ("2024-13-31", None),
        ("6f1c1a52-6a0b-4f3d-9a6c-0a1b2c3d4e5f", "uuid"),
        ("6f1c1a52-6a0b-4f3d-9a6c-0a1b2c3d4e5z", None),
        ("a@b.io", "email"),
        ("someone@example.com", "email"),
        ("someone at example.com", None),
        ("https://example.com/x?y=1", "uri"),
        ("not://a uri", None),
        ("", None),
    ],
)
def test_formats(text: str, expected: str | None) -> None:
    """RFC 3339 times, UUIDs, addresses; anything near is text."""
    assert field(text, text).get("format") == expected


def test_one_stray_value_denies_a_format() -> None:
    """A format holds for all samples or not at all."""
    assert field("2024-01-31", "2024-01-30", "soon") == {"type": "string"}


def test_required_is_seen_in_every_instance() -> None:
    """A key absent once is optional."""
    assert body_of({"a": 1, "b": 2}, {"a": 1})["required"] == ["a"]


def test_a_closed_vocabulary_is_an_enumeration() -> None:
    """Few words, many repeats, in a place that is named like a category."""
    assert field(*["open", "closed"] * 6, key="status") == {"type": "string", "enum": ["closed", "open"]}
    assert field(*["open", "closed", None] * 6, key="status")["enum"] == ["closed", "open", None]
    assert field(*["on_hold", "done"] * 15)["enum"] == ["done", "on_hold"]
    assert field(*["inProgress", "done"] * 6, key="status")["enum"] == ["done", "inProgress"]


@pytest.mark.parametrize(
    ("key", "values"),
    [
        ("status", ["open", "closed"]),
        ("status", ["open"] * 20 + ["odd"]),
        ("name", ["anna", "bert"] * 30),
        ("user_id", ["alpha", "beta"] * 30),
        ("country", ["france", "spain"] * 30),
        ("field", ["on_hold", "done"] * 5),
        ("field", ["12", "13"] * 30),
        ("field", [1, 2] * 30),
        ("field", ["Jane Doe", "Bo Li"] * 30),
        ("status", [f"word_{chr(97 + number)}" for number in range(VALUES + 1)] * 9),
    ],
    ids=lambda value: str(value)[:20],
)
def test_weak_evidence_is_no_enumeration(key: str, values: list[Any]) -> None:
    """Too few, too many, names, ids, numbers: all stay open."""
    assert not {"enum", "const"} & set(field(*values, key=key))


def test_a_structural_key_is_a_constant() -> None:
    """`object` always names what it is in; `type` deep down needs repetition."""
    assert field("list", key="object") == {"type": "string", "const": "list"}
    assert body_of({"rows": [{"type": "row"}]})["properties"]["rows"]["items"]["properties"]["type"] == {
        "type": "string"
    }


def test_statuses_are_not_mixed() -> None:
    """What a 404 says is no part of what a 200 says."""
    schema = Contract.infer("x", [ok({"a": 1}), ok({"error": "e"}, 404)]).schema
    found = {branch["properties"]["status"]["const"]: branch["properties"]["body"] for branch in schema["oneOf"]}
    assert {status: list(body["properties"]) for status, body in found.items()} == {200: ["a"], 404: ["error"]}


def test_headers_of_the_api_are_kept_and_those_of_transport_are_not() -> None:
    """Media type without parameters, rate limits, links; no dates, no ids."""
    response = ok({}, **{"Content-Type": "application/json; charset=utf-8", "Date": "x", "X-RateLimit-Limit": "9"})
    headers = Contract.infer("x", [response]).schema["properties"]["headers"]
    assert headers["required"] == ["content-type", "x-ratelimit-limit"]
    assert headers["properties"]["content-type"] == {"type": "string", "pattern": "^(application/json)( *;|$)"}


def test_a_body_may_be_anything() -> None:
    """Text, nothing, arrays and scalars are bodies too."""
    assert body_of("<html>") == {"type": "string"}
    assert body_of(None) == {}
    assert body_of([{"a": 1}])["items"]["required"] == ["a"]


def prop(kind: str) -> dict[str, Any]:
    """A value keyed by its kind, as Notion's are."""
    return {"id": "x", "type": kind, kind: {"a": 1}}


MAPS = {
    "human names": {"properties": {"Name": prop("title"), "Due date": prop("date")}},
    "capitals": {"cells": {"Owner": [1], "Stage": [2]}},
    "ids": {"fields": {"Xf06054BBB": {"value": "x"}, "Xf0112ZZZZ": {"value": "y"}}},
    "uuids": {"values": {"6f1c1a52-6a0b-4f3d-9a6c-0a1b2c3d4e5f": 1, "7f1c1a52-6a0b-4f3d-9a6c-0a1b2c3d4e5f": "x"}},
    "permissions": {"can": {"show": True, "update": False}},
    "customer's own": {"custom_attributes": {"plan": "pro", "seats": 3}},
    "digits": {"by_id": {"12345": {"n": 1}}},
}


@pytest.mark.parametrize("name", MAPS)
def test_keys_that_are_data_make_a_map(name: str) -> None:
    """Objects keyed by names, ids or customers are maps."""
    schema = body_of(MAPS[name] | {"id": 1, "total": 2})
    ((key, _),) = MAPS[name].items()
    found = schema["properties"][key]
    assert "additionalProperties" in found
    assert "properties" not in found


RECORDS = {
    "annotations": {"annotations": {"bold": True, "italic": False, "code": True}},
    "one type": {"limits": {"minimum": 1, "maximum": 2}},
    "users": {"by": {"created_by": {"id": 1, "object": "user"}, "edited_by": {"id": 2, "object": "user"}}},
    "hubspot": {"properties": {"email": "a b", "createdate": "c d"}},
    "pascal": {"records": [{"Id": "a b", "Name": "c d", "Owner": {"Id": "x", "Name": "y"}}]},
    "numbered": {"address": {"line1": "a", "line2": "b"}},
}


@pytest.mark.parametrize("name", RECORDS)
def test_stable_keys_make_a_record(name: str) -> None:
    """Values of one type are no reason to call a record a map."""
    schema = body_of(RECORDS[name], RECORDS[name])
    ((key, _),) = RECORDS[name].items()
    found = schema["properties"][key]
    found = found.get("items", found)
    assert "additionalProperties" not in found
    assert found["properties"]


def test_keys_that_keep_coming_make_a_map() -> None:
    """New keys in every sample, one shape of values: the keys are data."""
    found = field(*({f"team{chr(97 + number)}": {"n": number}} for number in range(8)))
    assert found["additionalProperties"]["required"] == ["n"]


def test_too_many_keys_make_a_map() -> None:
    """Memory is bounded: an object with thousands of keys is folded into one entry."""
    wide = {f"key_{'abcdefghij'[number % 10]}{number}": number for number in range(MEMBERS + 2)}
    half = {key: value for key, value in wide.items() if value % 2}
    for order in ([wide, half], [half, wide]):
        assert field(*order) == {"type": "object", "additionalProperties": {"type": "integer"}}


def variants(schema: Any, key: str) -> set[Any]:
    """The values that tell a union's variants apart."""
    return {branch["properties"][key]["const"] for branch in schema["oneOf"] if "properties" in branch}


def test_a_union_named_by_its_discriminator() -> None:
    """Notion's way: `type: x` comes with a key `x`."""
    found = field([prop("title"), prop("date")])["items"]
    assert variants(found, "type") == {"title", "date"}
    assert all(len(branch["required"]) == 3 for branch in found["oneOf"])


def test_a_union_by_disjoint_keys() -> None:
    """Pages and databases in one list."""
    page, base = {"object": "page", "a": 1, "b": 2}, {"object": "database", "c": 1, "d": 2}
    assert variants(field([page, base])["items"], "object") == {"page", "database"}


def test_a_union_by_the_type_of_a_value() -> None:
    """The discriminator may decide a type rather than a presence."""
    rows = [{"type": "count", "value": 1}, {"type": "words", "value": "x y"}] * 9
    assert variants(field(rows)["items"], "type") == {"count", "words"}


def test_a_union_that_may_be_null() -> None:
    """Null and other types stand beside the variants."""
    found = field(prop("title"), prop("date"), None)
    assert found["oneOf"][-1] == {"type": "null"}


@pytest.mark.parametrize(
    "rows",
    [
        [{"type": "bug", "a": 1}, {"type": "task", "a": 1}] * 9,
        [{"type": "bug", "a": 1}, {"type": "bug"}, {"type": "task", "a": 1}, {"type": "task"}] * 5,
        [{"type": "bug", "a": 1}, {"type": "task"}],
        [{"type": f"t{chr(97 + number % 26)}_{chr(97 + number // 26)}", "a": 1} for number in range(VARIANTS + 9)],
        [{"type": "bug", "n": 1}, {"type": "task", "n": 1.5}] * 9,
    ],
    ids=["same keys", "independent", "too few", "too many", "numbers"],
)
def test_a_type_that_decides_nothing_is_no_discriminator(rows: Any) -> None:
    """Without evidence that the value decides the shape, objects are one kind."""
    assert "oneOf" not in field(rows)["items"]


def test_slack_tells_success_in_the_body() -> None:
    """`ok` discriminates; a body that never failed promises true."""
    both = body_of({"ok": True, "team": "T"}, {"ok": False, "error": "e"})
    assert variants(both, "ok") == {True, False}
    assert body_of({"ok": True, "team": "T"})["properties"]["ok"] == {"type": "boolean", "const": True}


def test_graphql_tells_errors_in_the_body() -> None:
    """A response with errors and one without are variants."""
    found = body_of({"data": {"a": 1}}, {"errors": [{"message": "x"}], "data": None})
    assert found["oneOf"][0]["not"] == {"required": ["errors"]}
    assert "errors" in found["oneOf"][1]["required"]


def test_evidence_counts_presence_within_parents() -> None:
    """Seen so often, of so many, with which types; per variant, per pointer."""
    contract = Contract.infer("x", [ok({"rows": [{"a": 1}, {"a": None}, {}]})], source="live", recorded_at="2024-01-01")
    assert contract.evidence.counts["/body/rows/*/a"] == {"seen": 2, "of": 3, "types": {"integer": 1, "null": 1}}
    assert (contract.evidence.samples, contract.evidence.source) == (1, "live")


def test_responses_may_be_a_stream() -> None:
    """An iterator is read once."""
    assert Contract.infer("x", iter([ok({"a": 1})] * 3)).evidence.samples == 3


def test_nothing_gives_no_contract() -> None:
    """A contract that rests on nothing would pass everything."""
    with pytest.raises(InvalidContract, match="no responses"):
        Contract.infer("x", [])


@pytest.mark.parametrize(
    ("responses", "told"),
    [
        ({"status": 200}, "wrap it in a list"),
        ([5], "response 1: expected an object"),
        ([ok({}), {"status": "200"}], "response 2: `status`"),
        ([{"body": 1}], "got nothing"),
        ([{"status": 99}], "got 99"),
        ([{"status": True}], "status"),
        ([{"status": 200, "headers": []}], "`headers` must be an object"),
    ],
    ids=str,
)
def test_malformed_responses_are_named(responses: Any, told: str) -> None:
    """The message says which response and what is wrong with it."""
    with pytest.raises(ConfigurationError, match=told):
        Contract.infer("x", responses)


def test_repeated_headers_are_joined() -> None:
    """Lists and names that differ in case are one header."""
    response: Any = {"status": 200, "headers": {"Link": ["a", "b"], "LINK": "c"}, "body": None}
    counts = Contract.infer("x", [response]).evidence.counts
    assert counts["/headers/link"]["seen"] == 1


def test_deep_nesting_is_counted_but_not_opened() -> None:
    """A thousand levels are no reason to fail."""
    deep: Any = 1
    for _ in range(400):
        deep = [{"a": deep}]
    assert len(Contract.infer("x", [ok(deep)]).to_json()) < 200_000


def nested() -> Contract:
    """Blocks beside pages, and blocks of several types: one union within another."""
    blocks = [{"object": "block", "has_children": True, "archived": 1} | prop(kind) for kind in ("title", "date")]
    page = {"object": "page", "url": "x y", "cover": 1, "icon": 2}
    return Contract.infer("x", [ok({"rows": [*blocks, page]}), ok({"errors": [*blocks, page], "data": None})] * 3)


def test_unions_may_nest() -> None:
    """The outer discriminator stands beside the inner union."""
    rows = field([{"object": "page", "a": 1, "b": 1}, *({"object": "block", "c": 1} | prop(k) for k in ("t", "u"))])[
        "items"
    ]
    assert variants(rows, "object") == {"block", "page"}
    assert variants(rows["oneOf"][0], "type") == {"t", "u"}


def test_nested_unions_are_read_as_they_were_written() -> None:
    """Reading the schema gives the shape that the evidence gives, and samples keep it."""
    contract = nested()
    assert contract.shape == rebuild(contract.evidence.counts)
    row = {"object": "block", "has_children": True, "archived": 1} | prop("title")
    found = [one.path for one in contract.violations(ok({"rows": [row | {"title": 5}, row | {"type": "new"}]}))]
    assert found == ["/body/rows/0/title", "/body/rows/1/type"]


def test_an_outcome_is_pinned_within_other_unions() -> None:
    """A body that is a union by type still promises `ok`."""
    bodies = [{"ok": True} | prop(kind) for kind in ("title", "date")]
    assert all(branch["properties"]["ok"] == {"type": "boolean", "const": True} for branch in body_of(*bodies)["oneOf"])


def test_derived_types_are_json_too() -> None:
    """Subclasses of JSON types are what they derive from; anything else is named."""

    class Text(str):
        __slots__ = ()

    assert field(Text("x y")) == {"type": "string"}
    assert field((1, 2)) == {"type": "array", "items": {"type": "integer"}}
    with pytest.raises(ConfigurationError, match="a set"):
        field({1, 2})


def test_an_object_with_keys_that_are_no_strings_is_named() -> None:
    """YAML and Python allow such keys, JSON does not: an error of ours, no traceback."""
    with pytest.raises(ConfigurationError, match="key is a int"):
        Contract.infer("x/y", [{"status": 200, "headers": {}, "body": {1: "a", 2: "b"}}])
