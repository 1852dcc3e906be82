"""Success, nothing, half an answer, and no."""

from __future__ import annotations

import httpx
import pytest

from bi_contracts import mock
from bi_contracts.dialects import ErrorKind
from bi_contracts.errors import ConfigurationError, ContractNotFound
from bi_contracts.paths import dig
from bi_contracts.registry import platforms

from .cases import LISTS, READ, contract, declared, made, of_body, undeclared

KINDS = ("unauthorized", "forbidden", "not-found", "bad-request", "rate-limited", "server-error")


@pytest.mark.parametrize("id", LISTS)
def test_an_empty_list_is_answered_as_the_platform_does(id: str) -> None:
    """With an empty page, or with its own way to say that there is nothing."""
    found = made(id, 10, scenario="empty")
    (answer,) = found.envelopes
    assert found.records == ()
    if answer["status"] == 200:
        assert dig(answer["body"], declared(id).endpoint.records) == []
    else:
        assert declared(id).endpoint.empty is not None


def test_gong_says_that_there_are_no_calls_with_404() -> None:
    """In its own words, which our client understands as an empty list."""
    known = declared("gong/calls")
    answer = made("gong/calls", 10, scenario="empty").envelopes[0]
    problem = known.platform.errors.recognise(httpx.Response(answer["status"], json=answer["body"]))
    assert answer["status"] == 404
    assert problem is not None
    assert known.endpoint.says_empty(problem)


def test_a_single_thing_that_is_not_there_is_not_found() -> None:
    """An item has no empty answer but the platform's refusal."""
    assert made("hubspot/contact", 3, scenario="empty").envelopes[0]["status"] == 404


def test_an_account_without_data_still_knows_who_it_is() -> None:
    """An identity is answered in the empty scenario too."""
    assert len(made("hubspot/account", 3, scenario="empty").records) == 1


@pytest.mark.parametrize("id", READ)
def test_half_an_answer_keeps_the_contract(id: str) -> None:
    """Half of the records, without some of what they may do without."""
    found, whole = made(id, 12, scenario="partial"), made(id, 12)
    assert len(found.records) == -(-len(whole.records) // 2)
    assert [str(one) for answer in found.envelopes for one in contract(id).violations(answer)] == []


def test_half_an_answer_says_that_there_is_more() -> None:
    """Its last page has a token that leads to a page which never comes."""
    (page,) = made("gong/calls", 10, scenario="partial").envelopes
    assert len(page["body"]["calls"]) == 5
    assert page["body"]["records"]["cursor"]
    assert page["body"]["records"]["totalRecords"] == 10
    pages = [answer["body"] for answer in made("hubspot/contacts", 500, scenario="partial").envelopes]
    assert [len(body["results"]) for body in pages] == [100, 100, 50]
    assert "paging" in pages[-1]


def test_half_an_answer_lacks_optional_fields_and_keeps_keys() -> None:
    """Fewer members than the whole, the key always among them."""
    whole, half = made("gong/calls", 20).records, made("gong/calls", 20, scenario="partial").records
    assert all(a["id"] == b["id"] for a, b in zip(whole, half, strict=False))
    assert sum(map(len, half)) < sum(map(len, whole[:10])) * 0.8


@pytest.mark.parametrize("platform", [one.name for one in platforms()])
@pytest.mark.parametrize("kind", KINDS)
def test_an_error_is_the_platform_s_own(platform: str, kind: str) -> None:
    """What the declaration's dialect recognises as that kind."""
    known = next(declared(id) for id in LISTS if id.startswith(f"{platform}/"))
    found = made(known.id, 5, scenario="error", error=kind)
    (answer,) = found.envelopes
    response = httpx.Response(
        answer["status"], json=answer["body"], request=httpx.Request("GET", known.platform.base_url)
    )
    problem = known.platform.errors.recognise(response)
    assert found.records == ()
    assert problem is not None
    assert problem.kind == ErrorKind(kind.replace("-", "_"))
    assert "{request_id}" not in str(answer["body"])


def test_a_refusal_for_the_rate_says_when_to_come_back() -> None:
    """In the header that the platform has for it."""
    (answer,) = made("hubspot/contacts", 5, scenario="error", error="rate-limited").envelopes
    assert answer["headers"][mock.MOCK_HEADER] == "1"
    assert answer["status"] == 429


def test_the_error_is_drawn_from_the_seed_where_none_is_named() -> None:
    """The same one for the same seed, several among many seeds."""
    seen = {made("gong/calls", 1, seed, scenario="error").envelopes[0]["status"] for seed in range(20)}
    assert len(seen) > 2


def test_an_error_that_a_platform_has_not_is_refused() -> None:
    """It is said which it has."""
    from dataclasses import replace

    known = declared("slack/usergroups")
    shapes = {ErrorKind.UNAUTHORIZED: known.platform.errors.shapes[ErrorKind.UNAUTHORIZED]}
    platform = replace(known.platform, errors=replace(known.platform.errors, shapes=shapes))
    found = mock.records(platform, known.endpoint, None, 1, "few", scenario="error", error="forbidden")
    with pytest.raises(ConfigurationError, match="slack has no error 'forbidden'; it has unauthorized"):
        _ = found.envelopes


def test_what_nobody_declares_errs_as_its_contract_says() -> None:
    """An error variant of the contract is made; without one there is none to make."""
    gong = mock.records(None, None, contract("gong/calls"), 3, "tests", scenario="error", error="rate-limited")
    (answer,) = gong.envelopes
    assert answer["status"] == 429
    assert [*contract("gong/calls").violations(answer)] == []
    with pytest.raises(ConfigurationError, match="describes no answer of that kind"):
        _ = undeclared({"type": "object"}, 3, scenario="error").envelopes


def test_what_nobody_declares_may_be_empty() -> None:
    """An empty list; of a single thing, what its contract says about one that is not there."""
    assert undeclared({"type": "object"}, 3, scenario="empty").envelopes[0]["body"] == {"things": []}
    single = {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}
    with pytest.raises(ConfigurationError, match="describes no answer"):
        _ = mock.records(None, None, of_body(single), 3, "tests", scenario="empty").envelopes


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"n": -1}, "n must be between 0 and"),
        ({"quality": 1.5}, "quality must be between 0 and 1"),
        ({"quality": -0.1}, "quality must be between 0 and 1"),
        ({"scenario": "chaos"}, "no scenario 'chaos'; known are success, empty, partial, error"),
        ({"each": 0}, "1 defect or more"),
        ({"error": "forbidden"}, "named with the scenario error"),
        ({"scenario": "error", "error": "boredom"}, "no error 'boredom'; known are unauthorized"),
    ],
)
def test_what_makes_no_sense_is_refused(asked: dict[str, object], said: str) -> None:
    """With a word about what would."""
    with pytest.raises(ConfigurationError, match=said):
        made("gong/calls", **asked)


def test_writes_have_no_mock_data() -> None:
    """What a write answers is described by no contract here."""
    known = declared("asana/create_task")
    with pytest.raises(ContractNotFound, match="asana/create_task is a write"):
        mock.records(known.platform, known.endpoint, None)
    with pytest.raises(ContractNotFound, match="neither a declaration nor a contract"):
        mock.records(None, None, None)
