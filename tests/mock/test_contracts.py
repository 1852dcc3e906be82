"""What is made of a contract keeps it."""

from __future__ import annotations

from datetime import datetime

import pytest

from bi_contracts import mock
from bi_contracts.errors import ConfigurationError
from bi_contracts.paths import dig

from .cases import LISTS, READ, contract, declared, made


@pytest.mark.parametrize("id", READ)
def test_every_answer_keeps_the_contract_of_its_endpoint(id: str) -> None:
    """Of all packaged contracts, at quality 1.0."""
    found = made(id, 12)
    assert found.records
    assert found.envelopes
    assert [str(one) for answer in found.envelopes for one in contract(id).violations(answer)] == []


@pytest.mark.parametrize("id", READ)
def test_a_contract_alone_is_enough(id: str) -> None:
    """Where nobody declares the endpoint, answers are made of what the contract says and nothing else."""
    found = mock.records(None, None, contract(id), 6, "tests")
    assert len(found.records) == 6
    assert [str(one) for answer in found.envelopes for one in contract(id).violations(answer)] == []


@pytest.mark.parametrize("id", ["gong/calls", "hubspot/contacts", "asana/tasks", "slack/history", "notion/search"])
def test_a_declaration_alone_is_enough(id: str) -> None:
    """An endpoint without a contract has the records of the world."""
    known = declared(id)
    found = mock.records(known.platform, known.endpoint, None, 5, "tests")
    assert len(found.records) == 5
    assert len(found.envelopes) == 1


@pytest.mark.parametrize("id", LISTS)
def test_ids_are_unique(id: str) -> None:
    """Regression: ids unique. Also where there are more records than the sandbox has rows."""
    keys = [dig(record, declared(id).endpoint.key) for record in made(id, 150).records]
    assert len(keys) == 150
    assert None not in keys
    assert len(set(map(str, keys))) == 150


def test_ids_stay_unique_far_beyond_the_world_s_usual_size() -> None:
    """5,000 records where the sandbox has 120."""
    assert len({record["id"] for record in made("gong/calls", 5000).records}) == 5000


@pytest.mark.parametrize("id", ["salesforce/cases", "salesforce/case"])
def test_numbers_by_which_a_platform_counts_its_records_are_unique(id: str) -> None:
    """As those of its sandbox: from the first one on."""
    numbers = [record["CaseNumber"] for record in made(id, 40).records]
    assert numbers[:3] == ["00001001", "00001002", "00001003"]
    assert len({*numbers}) == 40


@pytest.mark.parametrize("id", [id for id in LISTS if declared(id).endpoint.newest_first])
def test_the_newest_comes_first_where_the_platform_answers_so(id: str) -> None:
    """Page by page too."""
    records = made(id, 12).records
    made_at = [float(one["ts"]) if "ts" in one else moment(one["createdAt"]) for one in records]
    assert made_at == sorted(made_at, reverse=True)
    assert len({*made_at}) == 12


def moment(text: str) -> float:
    """Unix seconds."""
    return datetime.fromisoformat(text).timestamp()


@pytest.mark.parametrize("scenario", mock.SCENARIOS)
@pytest.mark.parametrize("id", ["asana/me", "slack/auth", "gong/calls", "hubspot/contact"])
def test_every_scenario_of_nothing_has_an_answer_or_none(id: str, scenario: str) -> None:
    """An identity of nobody is nobody's answer, and no traceback."""
    found = made(id, 0, scenario=scenario)
    assert found.records == ()
    assert found.answer is None or found.answer["headers"][mock.MOCK_HEADER]


@pytest.mark.parametrize("seed", ["", "\u00fc\U0001f600", "x" * 5000, 0, -1, 10**40])
def test_any_seed_will_do(seed: str | int) -> None:
    """The same is the same, as a number or as text."""
    assert made("gong/calls", 2, seed).records == made("gong/calls", 2, str(seed)).records


def test_a_seed_of_bytes_that_are_no_text_is_refused() -> None:
    """As a shell may hand them over."""
    with pytest.raises(ConfigurationError, match="UTF-8"):
        made("gong/calls", 2, "\udcff")


def test_a_stream_gives_the_same_records() -> None:
    """One by one, whether they are declared or not."""
    known = declared("gong/calls")
    assert (
        tuple(mock.stream(known.platform, known.endpoint, contract("gong/calls"), 5, "tests"))
        == made("gong/calls", 5).records
    )
    alone = mock.records(None, None, contract("gong/calls"), 5, "tests")
    assert tuple(mock.stream(None, None, contract("gong/calls"), 5, "tests")) == alone.records
    with pytest.raises(ConfigurationError, match="between 0 and"):
        next(mock.stream(known.platform, known.endpoint, None, -1))


@pytest.mark.parametrize("id", READ)
def test_no_records_can_be_asked_for(id: str) -> None:
    """Regression: generators accept 0."""
    found = made(id, 0)
    assert found.records == ()
    assert found.defects == ()
    assert found.envelopes or declared(id).endpoint.kind == "identity"


def test_mock_results_are_marked() -> None:
    """Regression: mock results are marked: as a value, as data, and in every response."""
    found = made("gong/calls", 3)
    assert found.source == "mock"
    assert found.as_dict()["source"] == "mock"
    assert all(mock.MOCK_HEADER in answer["headers"] for answer in found.envelopes)


def test_the_source_of_a_mock_cannot_be_said_otherwise() -> None:
    """Nobody can call it live."""
    with pytest.raises(TypeError):
        mock.Mock("gong/calls", (), "s", 0.0, source="live")  # type: ignore[call-arg]


def test_an_identity_has_one_record() -> None:
    """Nobody is two people."""
    assert len(made("slack/auth", 7).records) == 1


def test_a_list_comes_in_its_platform_s_pages() -> None:
    """250 contacts come in three pages of at most 100, each but the last with a token."""
    pages = [answer["body"] for answer in made("hubspot/contacts", 250).envelopes]
    assert [len(page["results"]) for page in pages] == [100, 100, 50]
    assert ["paging" in page for page in pages] == [True, True, False]


def test_one_answer_holds_all_records() -> None:
    """However long the platform's pages are."""
    answer = made("hubspot/contacts", 250).answer
    assert answer is not None
    assert len(answer["body"]["results"]) == 250


def test_single_things_have_an_answer_each() -> None:
    """An item's records are so many answers, and there is no one answer for them."""
    found = made("hubspot/contact", 3)
    assert len(found.envelopes) == 3
    assert found.answer is None
