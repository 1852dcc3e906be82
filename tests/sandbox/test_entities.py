"""One world behind all platforms: the same thing is the same everywhere."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bi_contracts.errors import DeclarationError
from bi_contracts.platform import Endpoint
from bi_contracts.sandbox.entities import ATTRIBUTES, Entities
from bi_contracts.sandbox.world import World

from .crm import CRM, DESK

KINDS = sorted(kind for kind in ATTRIBUTES if kind)
sizes = st.integers(1, 10**6)


def rows(world: World, name: str) -> list[dict[str, object]]:
    platform = CRM if any(endpoint.name == name for endpoint in CRM.endpoints) else DESK
    return list(world.rows(platform, platform.endpoint(name)))


@pytest.mark.parametrize("size", [1, 3, 12, 13, 40, 200])
def test_a_person_has_one_address_on_every_platform(size: int) -> None:
    """Contact n here and user n there have one e-mail address, whatever the number of rows."""
    world = World("bi", size)
    here = [row["properties"]["mail"] for row in rows(world, "contacts")]  # type: ignore[index]
    assert here == [row["email"] for row in rows(world, "users")]


def test_addresses_are_unique() -> None:
    """No two of ten thousand people have the same address, and no two companies the same name."""
    world = Entities("bi", 10_000)
    for kind, attribute in (("person", "email"), ("company", "name"), ("company", "domain")):
        assert len({world.attribute(kind, index, attribute) for index in range(10_000)}) == 10_000


def test_what_belongs_together_is_found_together() -> None:
    """A deal's contact works at the deal's company, and the company's name is the contact's company."""
    world = World("bi", 50)
    contacts = {row["id"]: row for row in rows(world, "contacts")}
    companies = {row["id"]: row for row in rows(world, "companies")}
    owners = {row["id"] for row in rows(world, "owners")}
    for deal in rows(world, "deals"):
        contact = contacts[deal["contact_id"]]
        assert contact["company_id"] == deal["company_id"]
        assert contact["properties"]["company"] == companies[deal["company_id"]]["name"]  # type: ignore[index]
        assert deal["owner_id"] in owners


def test_an_attribute_has_the_type_of_its_example() -> None:
    """One amount is a text where the example is one, and a number where it is a number."""
    for deal in rows(World("bi", 9), "deals"):
        assert isinstance(deal["amount"], str)
        assert isinstance(deal["value"], int)
        assert float(deal["amount"]) == deal["value"]


def test_a_message_names_a_customer() -> None:
    """Texts speak of people and companies of the world."""
    world = World("bi", 40)
    names = [world.entities.attribute("company", index, "name") for index in range(40)]
    assert all(any(name in str(row["text"]) for name in names) for row in rows(world, "messages"))


@given(size=sizes, kind=st.sampled_from(KINDS), other=st.sampled_from(KINDS), index=st.integers(0, 10**9))
def test_whatever_a_thing_has_to_do_with_is_there(size: int, kind: str, other: str, index: int) -> None:
    """Every relation leads to a thing that exists, the same one every time."""
    found = Entities("bi", size).related(kind, index, other)
    assert kind == other or 0 <= found < size
    assert found == Entities("bi", size).related(kind, index, other)


@settings(deadline=None)
@given(size=sizes, index=st.integers(0, 10**6), data=st.data())
def test_every_attribute_can_be_told(size: int, index: int, data: st.DataObject) -> None:
    """Of every thing of every kind, each attribute is a text or a figure, and never empty."""
    kind = data.draw(st.sampled_from(KINDS))
    for name in ATTRIBUTES[kind]:
        found = Entities("bi", size).attribute(kind, index, name)
        assert isinstance(found, str | int)
        assert found != ""


def test_an_unknown_attribute_is_an_error_of_the_declaration() -> None:
    """A misspelt attribute is refused with those that there are."""
    with pytest.raises(DeclarationError, match="a person has no 'shoe_size'; known are first_name"):
        Entities("bi", 3).attribute("person", 0, "shoe_size")
    bad = Endpoint("people", "/people", examples=({"id": "1", "n": "x"},), entity="person", attributes={"n": "nick"})
    with pytest.raises(DeclarationError, match="nick"):
        list(World("bi", 2).rows(CRM, bad))


def test_a_large_world_costs_no_memory() -> None:
    """The last of a million related rows is made without the others."""
    world = World("bi", 10**6)
    tracemalloc.start()
    try:
        deal = world.rows(CRM, CRM.endpoint("deals"))[999_999]
        contact = world.rows(CRM, CRM.endpoint("contacts")).find(deal["contact_id"])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert contact["company_id"] == deal["company_id"]
    assert peak < 2_000_000


def test_a_city_lies_in_its_country() -> None:
    """City and country of a thing belong together, and a city is in one country only."""
    world = Entities("bi", 500)
    for kind in ("person", "colleague", "company"):
        places = {tuple(world.attribute(kind, index, name) for name in ("city", "country")) for index in range(500)}
        assert len({city for city, _ in places}) == len(places) > 10


def test_somebody_inside_a_row_of_people_is_somebody_else() -> None:
    """An object with an identifier of its own, inside a person, has another name than the person."""
    boss = {"id": "65a1b2c3d4e5f60718293a02", "name": "Kim Roe", "email": "kim@shop.test"}
    staff = Endpoint("staff", "/staff", examples=({"id": "7", "email": "a@b.test", "boss": boss},), entity="person")
    for row in World("bi", 30).rows(CRM, staff):
        assert row["boss"]["email"] != row["email"]
