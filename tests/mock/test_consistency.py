"""What is made with one seed and one number of records belongs together."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import cache

import pytest

from bi_contracts import mock
from bi_contracts.mock.defects import links, value_at
from bi_contracts.mock.generation import _tables
from bi_contracts.mock.records import Declared
from bi_contracts.paths import Json, dig

from .cases import READ, contract, declared, made, undeclared

NOBODY = ("", "0", "-1")
"""What platforms write where they refer to nobody."""


@cache
def keys(id: str, n: int) -> frozenset[str]:
    """The keys of a list's records."""
    return frozenset(str(dig(record, declared(id).endpoint.key)) for record in made(id, n).records)


@pytest.mark.parametrize("n", [1, 2, 12])
def test_references_hold_within_the_set(n: int) -> None:
    """Whatever a record of any platform refers to is a record of the list that it refers to."""
    followed = 0
    for id in READ:
        known = declared(id)
        home = Declared(known.platform, known.endpoint, contract(id), _tables("tests", n))
        for path, target in links(home):
            there = keys(known.platform.id(target.endpoint), n)
            for record in made(id, n).records:
                found = value_at(record, path)
                if found is not None and str(found) not in NOBODY:
                    assert str(found) in there, (id, path)
                    followed += 1
    assert followed > 200


def test_a_person_is_the_same_on_every_platform() -> None:
    """Contact 7 of HubSpot is contact 7 of Salesforce."""
    hubspot = [record["properties"]["email"] for record in made("hubspot/contacts", 60).records]
    salesforce = [record["Email"] for record in made("salesforce/contacts", 60).records]
    assert len(set(hubspot)) == 60
    assert [one for one in salesforce if one] == [a for a, b in zip(hubspot, salesforce, strict=True) if b]
    assert sum(map(bool, salesforce)) > 30


def test_a_gong_party_is_a_contact_of_the_crm() -> None:
    """Addresses that are not colleagues' are those of HubSpot's contacts."""
    contacts = {record["properties"]["email"] for record in made("hubspot/contacts", 60).records}
    parties = {
        party["emailAddress"]
        for call in made("gong/calls_extensive", 60).records
        for party in call["parties"]
        if party.get("affiliation") == "External" and party.get("emailAddress")
    }
    assert parties
    assert parties <= contacts


def test_a_contract_without_a_declaration_shows_the_same_people() -> None:
    """A person of a home-made endpoint is the contact of the CRM at the same place."""
    person = {"properties": {"email": {"type": "string"}}, "required": ["email"], "type": "object"}
    mine = [record["email"] for record in undeclared(person, 20, id="acme/customers").records]
    assert mine == [record["properties"]["email"] for record in made("hubspot/contacts", 20).records]


def test_one_seed_is_one_set_of_records() -> None:
    """Regression: generators are seedable."""
    assert made("asana/tasks", 9, 7).records == made("asana/tasks", 9, "7").records
    assert made("asana/tasks", 9, 7).records != made("asana/tasks", 9, 8).records


def test_nothing_has_happened_after_the_present() -> None:
    """Times of making lie before the time that a mock calls now, the last of them days before."""
    found = made("gong/calls", 200)
    times = [datetime.fromisoformat(record["started"]).timestamp() for record in found.records]
    assert max(times) < found.at < max(times) + 30 * 86_400


def test_a_platform_that_is_declared_anew_is_taken_up_anew() -> None:
    """Two declarations of one name in one process do not show each other's records."""
    known = declared("slack/usergroups")
    examples: tuple[dict[str, Json], ...] = ({"id": "S0614TZR7", "flavour": "vanilla"},)
    endpoint = replace(known.endpoint, examples=examples)
    other = replace(
        known.platform,
        endpoints=tuple(endpoint if one.name == endpoint.name else one for one in known.platform.endpoints),
    )
    before = mock.records(known.platform, known.endpoint, None, 3, "anew")
    after = mock.records(other, endpoint, None, 3, "anew")
    assert "flavour" not in before.records[0]
    assert after.records[0]["flavour"] == "vanilla"


def test_accounts_have_people_of_their_own() -> None:
    """`hubspot@eu` is another account: its contacts are others, and its platform's own are not changed."""
    known = declared("hubspot/contacts")
    other = replace(known.platform, name="hubspot@eu")
    found = mock.records(other, known.endpoint, contract("hubspot/contacts"), 5, "tests")
    assert found.id == "hubspot@eu/contacts"
    assert found.records != made("hubspot/contacts", 5).records
