"""What drift tells, and what it keeps silent about."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bi_contracts.contract import Contract
from bi_contracts.drift import compare
from bi_contracts.errors import ConfigurationError, InvalidContract
from bi_contracts.interaction import Envelope

from .test_rules import Told, drift, ok, told

PAGE = {"object": "page", "id": "p", "archived": False, "cover": None, "url": "https://a.io/1"}
BASE = {"object": "database", "id": "d", "archived": False, "title": [], "is_inline": True}


def listed(*items: Any, **more: Any) -> Envelope:
    """A list response."""
    return ok({"object": "list", "results": list(items), **more})


def by_hand(body: Any, **more: Any) -> Contract:
    """A contract without evidence."""
    return Contract.from_json(json.dumps({"$id": "x/y", "properties": {"body": body, **more}}))


def test_no_samples_is_no_good_report() -> None:
    """A comparison with nothing says that it did not run."""
    report = compare(Contract.infer("x/y", [ok({"a": 1})]), [])
    assert (report.ran, report.samples, report.worst, report.changes) == (False, 0, None, ())
    assert report.as_dict()["ran"] is False


def test_a_report_is_plain_json() -> None:
    """Every report can be written as JSON."""
    report = compare(Contract.infer("x/y", [ok({"a": 1})] * 3), [ok({"b": 1}, 201), ok({"a": None})], source="live")
    written = json.loads(json.dumps(report.as_dict()))
    assert (written["id"], written["samples"], written["worst"], written["source"]) == ("x/y", 2, "breaking", "live")
    assert len(written["changes"]) == len(report.breaking) + len(report.warnings) + len(report.infos)


def test_the_worst_comes_first() -> None:
    """Changes are ordered by severity, then path."""
    found = drift([ok({"a": 1, "b": 1})] * 5, [ok({"a": 1.5, "new": 1}, sunset="x")] * 5)
    assert [severity for severity, _, _ in found] == ["breaking", "breaking", "warning", "info"]


def test_a_property_lost_by_every_variant_is_told_once() -> None:
    """What goes from all variants of a union is one change, with counts of both and their names."""
    lost = [{key: value for key, value in item.items() if key != "archived"} for item in (PAGE, BASE)]
    report = compare(Contract.infer("x/y", [listed(PAGE, BASE)] * 4), [listed(*lost)] * 3)
    assert told(report.changes) == [("breaking", "response-required-property-removed", "/body/results/*/archived")]
    evidence = report.changes[0].evidence
    assert (evidence["of"], evidence["baseline_of"]) == (6, 8)
    assert evidence["variants"] == ["object=database", "object=page"]


def test_a_property_lost_by_one_variant_is_found() -> None:
    """Presence is counted within a variant: the others cannot hide a loss."""
    lost = {key: value for key, value in BASE.items() if key != "title"}
    found = drift([listed(PAGE, PAGE, PAGE, BASE)] * 4, [listed(PAGE, PAGE, PAGE, lost)] * 4)
    assert found == [("breaking", "response-required-property-removed", "/body/results/*/title")]


def test_a_variant_that_replaces_another_is_breaking() -> None:
    """A union member that takes another's place is told once, at the discriminator."""
    new = {"object": "data_source", "id": "d", "fields": {}, "parent": {}, "schema": []}
    found = drift([listed(PAGE, BASE)] * 9, [listed(PAGE, new)] * 9)
    assert found == [("breaking", "response-property-one-of-added", "/body/results/*/object")]


def test_losing_the_discriminator_is_told_at_its_path() -> None:
    """Objects without their discriminator are one breaking change."""
    bare = [{key: value for key, value in item.items() if key != "object"} for item in (PAGE, BASE)]
    found = drift([listed(PAGE, BASE)] * 5, [listed(*bare)] * 5)
    assert found == [("breaking", "response-required-property-removed", "/body/results/*/object")]


def test_a_free_text_in_place_of_a_discriminator_is_not_shown() -> None:
    """Values that may be personal never reach a report."""
    odd = PAGE | {"object": "Jane Doe, 1 Main St"}
    report = compare(Contract.infer("x/y", [listed(PAGE, BASE)] * 5), [listed(odd, BASE)] * 5)
    assert told(report.changes) == [("breaking", "response-property-one-of-added", "/body/results/*/object")]
    assert "Jane" not in json.dumps(report.as_dict())


def users(*keys: str) -> Envelope:
    """A page whose properties are keyed by names that somebody typed."""
    return ok({"properties": {key: {"id": "a", "type": "title", "title": [{"text": "x"}]} for key in keys}})


def test_the_keys_of_a_map_are_data() -> None:
    """Other customers have other property names."""
    assert drift([users("Name", "Due date")] * 4, [users("Owner", "Ziel 2")] * 4) == []


def test_a_change_inside_a_map_is_told_once() -> None:
    """What changes in the values of a map is told at `*`."""
    fresh = ok({"properties": {"Owner": {"id": 5, "type": "title", "title": [{"text": "x"}]}}})
    found = drift([users("Name", "Due date")] * 4, [fresh] * 4)
    assert found == [("breaking", "response-property-type-changed", "/body/properties/*/id")]


def test_an_empty_object_may_turn_out_to_be_a_map() -> None:
    """User-keyed members of an object that was always empty are no news."""
    assert drift([ok({"custom": {}})] * 4, [ok({"custom": {"Due date": 1, "Owner 2": 2}})] * 4) == []


@pytest.mark.parametrize("fresh", [[], None, [None]], ids=["empty array", "null", "null item"])
def test_silence_says_nothing_about_children(fresh: Any) -> None:
    """Where a parent is empty, its children are neither gone nor changed."""
    baseline = [ok({"rows": [{"a": 1}]}), ok({"rows": None}), ok({"rows": [None]}), ok({"rows": []})] * 3
    assert drift(baseline, [ok({"rows": fresh})] * 3) == []


def test_items_of_an_array_that_was_always_empty_are_no_drift() -> None:
    """The baseline knew nothing about the items."""
    assert drift([ok({"rows": []})] * 5, [ok({"rows": [{"a": 1}]})] * 5) == []


def test_an_optional_property_missing_from_a_few_samples_is_silent() -> None:
    """Seen 12 of 20 times, absent from 5: luck explains it."""
    baseline = [ok({"a": 1, "b": 2})] * 12 + [ok({"a": 1})] * 8
    assert drift(baseline, [ok({"a": 1})] * 5) == []


def test_mere_values_are_silent() -> None:
    """Other ids, dates, magnitudes, lengths and free words are no drift."""
    before = {"id": "a1", "city": "berlin", "count": 1, "at": "2024-01-01T00:00:00Z", "rows": [1], "mail": "a@b.io"}
    after = {
        "id": "b2",
        "city": "paris",
        "count": 10**12,
        "at": "2026-09-09T09:09:09Z",
        "rows": [1] * 9,
        "mail": "z@y.x",
    }
    assert drift([ok(before)] * 30, [ok(after)] * 30) == []


def test_headers_of_transport_are_silent() -> None:
    """Dates, proxies, caches and request ids are not the API's business."""
    before = ok({}, date="a", server="s", cf_ray="1", x_request_id="1", etag="e", set_cookie="c", x_runtime="1")
    after = ok({}, via="v", age="1", content_length="7", strict_transport_security="s", x_amz_cf_id="i", vary="a")
    assert drift([before] * 5, [after] * 5) == []


def test_parameters_of_the_media_type_are_silent() -> None:
    """charset comes and goes, in any case."""
    assert drift([ok({})] * 5, [ok({}, content_type="Application/JSON; charset=UTF-8")] * 5) == []


def test_responses_without_headers_say_nothing_about_headers() -> None:
    """Some recordings keep no headers at all."""
    assert drift([ok({}, link="x")] * 5, [{"status": 200, "headers": {}, "body": {}}] * 5) == []
    assert drift([{"status": 200, "headers": {}, "body": {}}] * 5, [ok({}, link="x")] * 5) == []


def test_an_error_page_is_not_held_against_the_success_body() -> None:
    """Bodies are compared status by status."""
    found = drift([ok({"a": 1})] * 5, [ok({"a": 1})] * 9 + [ok("<html>", 502, content_type="text/html")])
    assert found == [("info", "response-non-success-status-added", "/status")]


def test_failure_everywhere_is_breaking() -> None:
    """When every response is an unknown error, the success status is gone."""
    found = drift([ok({"a": 1})] * 5, [ok({"error": "x"}, 401)] * 5)
    assert found[0] == ("breaking", "response-success-status-removed", "/status")


def test_known_errors_alone_are_no_drift() -> None:
    """A few samples that are all of a known error status prove nothing."""
    assert drift([ok({"a": 1}), ok({"e": 1}, 404)] * 5, [ok({"e": 1}, 404)] * 2) == []


def test_graphql_errors_are_an_outcome() -> None:
    """A GraphQL error body is told at /body/errors, not as a change of the data."""
    good, bad = ok({"data": {"a": 1}}), ok({"errors": [{"message": "x"}], "data": None})
    assert drift([good] * 5, [good] * 5 + [bad]) == [("info", "response-error-body-added", "/body/errors")]
    assert drift([good] * 5, [bad] * 5) == [("breaking", "response-success-body-removed", "/body/errors")]
    assert drift([good, bad] * 5, [good] * 5 + [bad]) == []


def test_a_change_besides_graphql_errors_is_found() -> None:
    """Successful bodies are still compared when some have failed."""
    bad = ok({"errors": [{"message": "x"}]})
    found = drift([ok({"data": {"a": 1}})] * 5 + [bad] * 2, [ok({"data": {"a": "now text"}})] * 5 + [bad])
    assert found == [("breaking", "response-property-type-changed", "/body/data/a")]


def test_a_body_that_no_longer_tells_its_outcome_is_compared_with_success() -> None:
    """Losing Slack's `ok`, or GraphQL's envelope, hides nothing else."""
    slack = [ok({"ok": True, "user": "u x"}), ok({"ok": False, "error": "e"})] * 5
    assert drift(slack, [ok({"user": 5})] * 5) == [
        ("breaking", "response-required-property-removed", "/body/ok"),
        ("breaking", "response-property-type-changed", "/body/user"),
    ]
    graphql = [ok({"data": {"a": 1}}), ok({"errors": [{"message": "x"}]})] * 5
    assert ("breaking", "response-required-property-removed", "/body/data") in drift(
        graphql, [ok({"message": "x"})] * 5
    )


def test_a_number_that_is_only_integers_is_silent() -> None:
    """Samples may happen to be whole."""
    assert drift([ok({"a": 1.5}), ok({"a": 2})] * 5, [ok({"a": 3})] * 9) == []


def test_pointers_are_escaped() -> None:
    """RFC 6901: `~` and `/` in keys."""
    before, after = ({"id": 1, "total": 2, "a/b": {"id": 1, "name": "x y", "m~n": value}} for value in (1, "x y"))
    found = drift([ok(before)] * 5, [ok(after)] * 5)
    assert found == [("breaking", "response-property-type-changed", "/body/a~1b/m~0n")]


def test_few_samples_lower_the_severity() -> None:
    """One null where the baseline had met two cases may just be a rare case."""
    baseline = [ok({"owner": {"mail": "a b"}})] * 2 + [ok({})] * 20
    fresh = [ok({"owner": {"mail": None}}), ok({"owner": {"mail": "a b"}})] + [ok({})] * 20
    report = compare(Contract.infer("x/y", baseline), fresh)
    assert told(report.changes) == [("warning", "response-property-became-nullable", "/body/owner/mail")]
    assert "too few samples" in report.changes[0].evidence["sentence"]


def test_a_contract_by_hand_is_not_in_doubt() -> None:
    """A person's word needs no counts."""
    contract = by_hand({"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}, "b": {}}})
    report = compare(contract, [ok({"a": None}), *[ok({"a": 1})] * 40])
    assert told(report.changes) == [("breaking", "response-property-became-nullable", "/body/a")]
    assert report.changes[0].evidence["baseline_of"] is None


def test_a_contract_by_hand_says_only_what_it_says() -> None:
    """Unconstrained parts, statuses and headers of a hand-written contract are no claims."""
    contract = by_hand({"type": "object", "properties": {"a": {"type": "string"}}})
    assert told(compare(contract, [ok({"a": "x"}, link="1"), ok({}, 404)]).changes) == []
    assert told(compare(contract, [ok({}, 404)]).changes)[0][:2] == ("breaking", "response-success-status-removed")


@pytest.mark.parametrize(
    "body",
    [
        {"$ref": "#/$defs/node"},
        {"allOf": [{"$ref": "#/$defs/node"}, {"properties": {"extra": {"type": "string"}}}]},
        {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]},
    ],
    ids=["ref", "allOf", "anyOf"],
)
def test_references_and_combinations_are_read(body: Any) -> None:
    """Recursive references, allOf and a nullable anyOf are understood."""
    node = {
        "type": "object",
        "required": ["name"],
        "properties": {"name": {"type": "string"}, "next": {"$ref": "#/$defs/node"}},
    }
    contract = Contract.from_json(json.dumps({"$defs": {"node": node}, "properties": {"body": body}}))
    assert told(compare(contract, [ok({"name": "a b"})]).changes) == []
    assert told(compare(contract, [ok({"name": 1})]).changes) == [
        ("breaking", "response-property-type-changed", "/body/name")
    ]


def test_a_union_by_hand_may_use_any_discriminator() -> None:
    """`shape` is not among the usual names, and need not be."""
    contract = by_hand(
        {
            "oneOf": [
                {
                    "properties": {"shape": {"const": "disc"}, "radius": {"type": "number"}},
                    "required": ["shape", "radius"],
                },
                {"properties": {"shape": {"const": "box"}, "side": {"type": "number"}}, "required": ["shape", "side"]},
            ]
        }
    )
    assert told(compare(contract, [ok({"shape": "disc", "radius": 1}), ok({"shape": "box", "side": 2})]).changes) == []
    assert told(compare(contract, [ok({"shape": "disc"})]).changes) == [
        ("breaking", "response-required-property-removed", "/body/radius")
    ]
    assert told(compare(contract, [ok({"shape": "cone"})]).changes)[0][2] == "/body/shape"


def test_an_edited_contract_wins_over_its_evidence() -> None:
    """A relaxed `required` is respected though the counts say always."""
    document = json.loads(Contract.infer("x/y", [ok({"a": 1, "b": 2})] * 5).to_json())
    document["properties"]["body"]["required"] = ["a"]
    contract = Contract.from_json(json.dumps(document))
    assert told(compare(contract, [ok({"a": 1}), ok({"a": 1, "b": 2})]).changes) == []


def test_a_malformed_response_is_named() -> None:
    """The error says which response, and what a response is."""
    with pytest.raises(ConfigurationError, match="response 2: `status`"):
        compare(Contract.infer("x/y", [ok({})]), [ok({}), {"status": "200"}])  # type: ignore[typeddict-item]


def test_a_contract_that_is_no_schema_is_refused() -> None:
    """A broken schema is an error, not a report without changes."""
    with pytest.raises(InvalidContract, match="x/y"):
        compare(Contract("x/y", {"type": "nonsense"}), [ok({})])


EXPECTED: Told = [
    ("breaking", "response-required-property-removed", "/body/results"),
    ("info", "response-required-property-added", "/body/items"),
]


def test_a_renamed_envelope_is_told_at_the_envelope() -> None:
    """`results` becoming `items` is two changes, whatever the records hold."""
    after = {"object": "list", "items": [PAGE, BASE]}
    assert drift([listed(PAGE, BASE)] * 5, [ok(after)] * 5) == EXPECTED


PAGED = [ok({"items": [1], "next_cursor": "abc", "pages": {"next": {"page": 2}}})] * 6


def test_the_last_page_is_no_drift() -> None:
    """A cursor that is null on the last page was only not met before."""
    last = ok({"items": [1], "next_cursor": None, "pages": {"next": None}})
    report = compare(Contract.infer("x/y", PAGED), [*PAGED, last])
    assert {(change.severity.value, change.path) for change in report.changes} == {
        ("info", "/body/next_cursor"),
        ("info", "/body/pages/next"),
    }
    assert "place in the list" in report.changes[0].evidence["sentence"]


def test_a_longer_list_is_no_drift() -> None:
    """A cursor that was null on the only page says nothing new when it has a value."""
    assert drift([ok({"items": [], "next_cursor": None})] * 5, [ok({"items": [], "next_cursor": "a"})]) == []


def test_a_cursor_that_is_gone_is_breaking() -> None:
    """Without its key a client cannot page."""
    found = drift(PAGED, [ok({"items": [1], "pages": {"next": {"page": 2}}})] * 5)
    assert found == [("breaking", "response-required-property-removed", "/body/next_cursor")]


def test_a_cursor_that_is_always_null_is_suspicious() -> None:
    """Every one of several pages the last: perhaps, perhaps not."""
    fresh = [ok({"items": [1], "next_cursor": None, "pages": {"next": {"page": 2}}})] * 5
    assert drift(PAGED, fresh) == [("warning", "response-property-became-nullable", "/body/next_cursor")]


@pytest.mark.parametrize(("known", "severity"), [(1, "warning"), (2, "warning"), (3, "breaking")])
def test_one_null_against_few_samples(known: int, severity: str) -> None:
    """A single object that has null where another had a value is only breaking when several had."""
    assert drift([ok({"a": 1})] * known, [ok({"a": None})])[0][0] == severity


def test_one_object_that_lost_a_key_is_breaking() -> None:
    """Keys seldom come and go: even one sample against one says so."""
    assert drift([ok({"a": 1, "b": 2})], [ok({"b": 2})])[0][:2] == ("breaking", "response-required-property-removed")


def test_a_body_that_was_wrapped_says_where_its_members_went() -> None:
    """Every member is gone from the top, and stands in the new wrapper."""
    report = compare(
        Contract.infer("x/y", [listed(PAGE)] * 5), [ok({"data": {"object": "list", "results": [PAGE]}})] * 5
    )
    assert {change.path for change in report.breaking} == {"/body/object", "/body/results"}
    assert all(change.evidence["likely_moved_into"] == ["data"] for change in report.breaking)
    assert "likely moved into data" in report.breaking[0].evidence["sentence"]


def test_an_optional_discriminator_with_one_value_is_a_field_like_any_other() -> None:
    """Slack's messages: some have the subtype, and the others are not forgotten for it."""

    def history(count: int) -> list[dict[str, object]]:
        joined = {"type": "message", "subtype": "channel_join", "inviter": "U1", "ts": "1"}
        plain = {"type": "message", "team": "T1", "ts": "2"}
        rows = [joined if number % 3 == 0 else plain for number in range(count)]
        return [{"status": 200, "headers": {}, "body": {"ok": True, "messages": rows}}]

    contract = Contract.infer("slack/history", history(30))
    assert not compare(contract, history(120)).changes


def failed(message: Any) -> Envelope:
    """What GraphQL answers when it fails."""
    return ok({"data": None, "errors": [{"message": message}]})


def test_what_graphql_errors_look_like_is_compared() -> None:
    """A client that reads error messages breaks when they change their type."""
    good = ok({"data": {"a": 1}})
    found = drift([good, failed("x y")] * 5, [good, failed({"text": "x y"})] * 5)
    assert found == [("breaking", "response-property-type-changed", "/body/errors/*/message")]


def test_a_new_variant_is_told_once_though_it_is_a_mere_vocabulary_elsewhere() -> None:
    """A database has one type of property, a page several: a new type in both is one change."""
    kinds = [{"type": "title", "title": "x"}, {"type": "number", "number": 1}]
    new = [{"type": "formula", "formula": "x"}]
    before = listed(PAGE | {"cells": kinds}, BASE | {"cells": kinds[:1]})
    fresh = listed(PAGE | {"cells": kinds + new}, BASE | {"cells": kinds[:1] + new})
    found = drift([before] * 10, [fresh] * 10)
    assert [path for _, _, path in found] == ["/body/results/*/cells/*/type"]


def test_a_property_lost_by_one_variant_and_loosened_by_another_is_told_once() -> None:
    """The loss is the worse of the two, and tells both."""
    lost = {key: value for key, value in BASE.items() if key != "archived"}
    loose = {key: value for key, value in PAGE.items() if key != "archived"}
    found = drift([listed(PAGE, BASE)] * 9, [listed(PAGE, lost), listed(loose, lost)] * 5)
    assert found == [("breaking", "response-required-property-removed", "/body/results/*/archived")]


@pytest.mark.parametrize(("pages", "severity"), [(1, "warning"), (6, "breaking")])
def test_a_last_page_may_leave_its_cursor_out(pages: int, severity: str) -> None:
    """HubSpot's and Salesforce's last page has no such key: one page without it proves nothing."""
    last = ok({"items": [1], "pages": {"next": {"page": 2}}})
    assert drift(PAGED, [last] * pages) == [(severity, "response-required-property-removed", "/body/next_cursor")]


@pytest.mark.parametrize(("known", "severity"), [(1, "warning"), (2, "warning"), (3, "breaking")])
def test_one_fraction_against_few_samples(known: int, severity: str) -> None:
    """A single fraction where few whole numbers were seen may be chance: prices are often whole."""
    assert drift([ok({"price": 1})] * known, [ok({"price": 1.5})]) == [
        (severity, "response-property-type-generalized", "/body/price")
    ]


def custom(value: Any) -> Envelope:
    """A contact with one of the customer's own fields."""
    return ok({"id": "c", "custom_attributes": {"plan": "x y", "seats": value}})


@pytest.mark.parametrize("value", [True, None, [1]], ids=str)
def test_fields_of_another_customer_may_hold_other_types(value: Any) -> None:
    """Intercom's custom attributes are of any type: a new one is news, no break."""
    report = compare(Contract.infer("x/y", [custom("x y")] * 9), [custom(value)] * 9)
    assert [(change.severity.value, change.path) for change in report.changes] == [
        ("info", "/body/custom_attributes/*")
    ]
    assert "customers" in report.changes[0].evidence["sentence"]


def test_custom_fields_that_all_change_their_type_are_breaking() -> None:
    """No customer's doing: every value of the map is now wrapped."""
    wrapped = ok({"id": "c", "custom_attributes": {"plan": {"value": 1}, "seats": {"value": 2}}})
    found = drift([custom("x y")] * 9, [wrapped] * 9)
    assert found == [("breaking", "response-property-type-changed", "/body/custom_attributes/*")]


def test_a_renamed_discriminator_is_told_with_its_new_name() -> None:
    """What no variant had is news, though objects without a discriminator belong to no variant."""
    named = [{"kind" if key == "object" else key: value for key, value in item.items()} for item in (PAGE, BASE)]
    assert drift([listed(PAGE, BASE)] * 5, [listed(*named)] * 5) == [
        ("breaking", "response-required-property-removed", "/body/results/*/object"),
        ("info", "response-required-property-added", "/body/results/*/kind"),
    ]


@pytest.mark.parametrize("none", [[], None], ids=["empty", "null"])
def test_no_errors_in_a_list_of_errors_are_a_success(none: Any) -> None:
    """Some GraphQL servers send `errors` with every answer."""
    good = ok({"data": {"a": 1}})
    always = ok({"data": {"a": 1}, "errors": none})
    assert drift([good] * 5, [always] * 5) == [("info", "response-required-property-added", "/body/errors")]
    assert drift([always] * 5, [always] * 5) == []


@pytest.mark.parametrize(("count", "told"), [(20, False), (40, True)])
def test_an_optional_property_may_be_gone_in_fewer_samples_than_lacked_it_before(count: int, told: bool) -> None:
    """Every second of a hundred had it: none of forty is no luck, a page of twenty may be."""
    baseline = [ok({"a": 1, "b": 2}), ok({"a": 1})] * 50
    expected = [("warning", "response-optional-property-removed", "/body/b")] if told else []
    assert drift(baseline, [ok({"a": 1})] * count) == expected
