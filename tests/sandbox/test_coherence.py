"""What several endpoints of one platform say about the same thing agrees, and can be asked for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import httpx
import pytest

from bi_contracts.client import Client
from bi_contracts.pagination import Cursor
from bi_contracts.platform import Platform
from bi_contracts.platforms import asana, hubspot, intercom, notion, salesforce, slack
from bi_contracts.queries.predicate import holds
from bi_contracts.sandbox import selecting, words
from bi_contracts.sandbox.behaviours.intercom.coherence import COUNTRIES
from bi_contracts.sandbox.words import COUNTRIES as KNOWN_COUNTRIES
from bi_contracts.sandbox.world import World
from bi_contracts.slots import read_slot, write_slot

from .api import Api

NOW = 1_790_000_000.0
PLATFORMS = tuple(module.PLATFORM for module in (asana, hubspot, intercom, notion, slack))


class Asked(Api):
    """Asked by method and path, and in the declared version; gives the body."""

    def __init__(self, platform: Platform, rows: int = 40) -> None:
        super().__init__(platform, rows, NOW)
        if platform.version_header:
            self.http.headers[platform.version_header] = platform.version

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        self.answer: httpx.Response = self.http.request(method, path, json=body)
        assert self.sandbox.failures == 0
        return self.answer.json() if self.answer.content else None


# Intercom


@pytest.fixture
def ask() -> Asked:
    return Asked(intercom.PLATFORM)


def test_a_contact_is_in_one_place(ask: Asked) -> None:
    """Code and continent are those of the country."""
    places = [one["location"] for one in ask("GET", "/contacts?per_page=150")["data"]]
    known = [place for place in places if place["country"] is not None]
    assert known
    assert all((place["country_code"], place["continent_code"]) == COUNTRIES[place["country"]] for place in known)
    assert all(place["region"] == place["city"] for place in known)
    assert set(KNOWN_COUNTRIES) == set(COUNTRIES)


def test_teams_and_admins_name_each_other(ask: Asked) -> None:
    """An admin is in the team that has the admin."""
    admins = ask("GET", "/admins")["admins"]
    teams = {int(one["id"]): one["admin_ids"] for one in ask("GET", "/teams")["teams"]}
    pairs = {(team, int(one["id"])) for one in admins for team in one["team_ids"]}
    assert pairs
    assert pairs == {(team, admin) for team, ids in teams.items() for admin in ids}
    assert ask("GET", "/me")["team_ids"] == admins[0]["team_ids"]


def test_a_conversation_names_those_who_are_there(ask: Asked) -> None:
    """Its contact with the contact's own external id, its tags by an admin, not before it began."""
    for said in ask("GET", "/conversations?per_page=150")["conversations"]:
        for one in said["contacts"]["contacts"]:
            assert ask("GET", f"/contacts/{one['id']}")["external_id"] == one["external_id"]
        for tag in said["tags"]["tags"]:
            assert ask("GET", f"/admins/{tag['applied_by']['id']}")["type"] == "admin"
            assert said["created_at"] <= tag["applied_at"] <= said["updated_at"]
        if said["source"] and said["source"]["body"]:
            assert said["source"]["body"].startswith("<p>")


def test_a_conversation_follows_its_contact(ask: Asked) -> None:
    """When a contact gets another external id, conversations that were read before say so."""
    before = ask("GET", "/conversations")["conversations"][0]["contacts"]["contacts"][0]
    ask("PUT", f"/contacts/{before['id']}", {"external_id": "customer-7"})
    assert ask("GET", "/conversations")["conversations"][0]["contacts"]["contacts"][0]["external_id"] == "customer-7"


def test_a_ticket_has_a_type_as_it_is_listed(ask: Asked) -> None:
    """With the same attributes, by the same ids."""
    types = {one["id"]: one for one in ask("GET", "/ticket_types")["data"]}
    query = {"query": {"field": "created_at", "operator": ">", "value": 0}, "pagination": {"per_page": 150}}
    tickets = ask("POST", "/tickets/search", query)["tickets"]
    assert tickets
    for ticket in tickets:
        kind = types[ticket["ticket_type"]["id"]]
        assert ticket["ticket_type"] == {name: kind[name] for name in ticket["ticket_type"]}


def test_what_stands_below_a_contact_can_be_read(ask: Asked) -> None:
    """Notes one by one, companies, segments and subscriptions."""
    for contact in ask("GET", "/contacts?per_page=12")["data"]:
        key = contact["id"]
        assert [one["id"] for one in ask("GET", contact["notes"]["url"])["data"]] == [
            one["id"] for one in contact["notes"]["data"]
        ]
        for note in contact["notes"]["data"]:
            whole = ask("GET", note["url"])
            assert (whole["id"], whole["contact"]["id"]) == (note["id"], key)
            assert ask("GET", f"/admins/{whole['author']['id']}")["name"] == whole["author"]["name"]
        companies = ask("GET", f"/contacts/{key}/companies")["data"]
        assert [one["id"] for one in companies] == [one["id"] for one in contact["companies"]["data"]]
        assert ask("GET", f"/contacts/{key}/segments")["data"] == ask("GET", f"/contacts/{key}/subscriptions")["data"]


@pytest.mark.parametrize("key", ["1", "9000005", "99999999", "x", "-1", "9" * 30])
def test_there_are_no_other_notes(ask: Asked, key: str) -> None:
    """A note that no contact has is not found."""
    assert ask("GET", f"/notes/{key}")["errors"][0]["code"] == "not_found"


def test_a_company_counts_its_contacts(ask: Asked) -> None:
    """As many as are listed below it."""
    for company in ask("GET", "/companies?per_page=20")["data"]:
        assert company["user_count"] == ask("GET", f"/companies/{company['id']}/contacts")["total_count"]


def test_segments_are_counted_where_that_is_asked_for(ask: Asked) -> None:
    """Every company that is in one counts."""
    assert all("count" not in one for one in ask("GET", "/segments")["segments"])
    counts = {one["id"]: one["count"] for one in ask("GET", "/segments?include_count=true")["segments"]}
    companies = ask("GET", "/companies?per_page=60")["data"]
    assert sum(counts.values()) == sum(len(one["segments"]["segments"]) for one in companies) > 0


# HubSpot


@pytest.fixture
def crm() -> Asked:
    return Asked(hubspot.PLATFORM)


def test_an_owner_is_a_user_in_the_same_team(crm: Asked) -> None:
    """And the team, which can be listed, has the user."""
    users = {one["id"]: one for one in crm("GET", "/settings/v3/users?limit=100")["results"]}
    teams = {one["id"]: one for one in crm("GET", "/settings/v3/users/teams")["results"]}
    roles = {one["id"] for one in crm("GET", "/settings/v3/users/roles")["results"]}
    for owner in crm("GET", "/crm/v3/owners?limit=100")["results"]:
        user = users[str(owner["userId"])]
        assert user["email"] == owner["email"]
        assert [one["id"] for one in owner.get("teams", [])] == list(filter(None, [user.get("primaryTeamId")]))
        for team in owner.get("teams", []):
            assert team["name"] == teams[team["id"]]["name"]
            assert user["id"] in teams[team["id"]]["userIds"]
        assert set(user["roleIds"]) <= roles


def test_a_user_is_found_by_id_and_address(crm: Asked) -> None:
    """One who is not there is not."""
    user = crm("GET", "/settings/v3/users?limit=1")["results"][0]
    assert crm("GET", f"/settings/v3/users/{user['id']}") == user
    assert crm("GET", f"/settings/v3/users/{user['email']}?idProperty=EMAIL") == user
    for path in ("1", "nobody@example.com?idProperty=EMAIL"):
        assert crm("GET", f"/settings/v3/users/{path}")["category"] == "OBJECT_NOT_FOUND"


def test_a_schema_is_found_by_every_name(crm: Asked) -> None:
    """Its id, the id of its type and its full name."""
    schema = crm("GET", "/crm/v3/schemas")["results"][0]
    for name in ("id", "objectTypeId", "fullyQualifiedName"):
        assert crm("GET", f"/crm/v3/schemas/{schema[name]}")["fullyQualifiedName"] == schema["fullyQualifiedName"]
    assert crm("GET", "/crm/v3/schemas/nothing")["category"] == "OBJECT_NOT_FOUND"


def test_associations_agree_in_both_versions(crm: Asked) -> None:
    """Version 3 names the objects that version 4 numbers, and every one of them is there."""
    deal = crm("GET", "/crm/v3/objects/deals?limit=1")["results"][0]["id"]
    old = crm("GET", f"/crm/v3/objects/deals/{deal}/associations/contacts")["results"]
    new = crm("GET", f"/crm/v4/objects/deals/{deal}/associations/contacts")["results"]
    assert old == [{"id": str(one["toObjectId"]), "type": "deal_to_contact"} for one in new]
    assert old
    for one in old:
        assert crm("GET", f"/crm/v3/objects/contacts/{one['id']}")["id"] == one["id"]


def test_a_deal_is_where_its_stage_says(crm: Asked) -> None:
    """Closed, won and likely as the pipeline has it, and found by its stage."""
    stages = {one["id"]: one["metadata"] for one in crm("GET", "/crm/v3/pipelines/deals")["results"][0]["stages"]}
    names = "dealstage,hs_is_closed,hs_is_closed_won,hs_deal_stage_probability,closedate"
    deals = [one["properties"] for one in crm("GET", f"/crm/v3/objects/deals?limit=100&properties={names}")["results"]]
    assert len({deal["dealstage"] for deal in deals}) > 3
    for deal in deals:
        stage = stages[deal["dealstage"]]
        assert deal["hs_is_closed"] == stage["isClosed"]
        assert deal["hs_deal_stage_probability"] == stage["probability"]
        assert deal["hs_is_closed_won"] == str(deal["dealstage"] == "closedwon").lower()
        assert deal["closedate"]
    filters = [{"propertyName": "dealstage", "operator": "EQ", "value": "closedwon"}]
    found = crm("POST", "/crm/v3/objects/deals/search", {"filters": filters})
    assert found["total"] == sum(deal["dealstage"] == "closedwon" for deal in deals)


def test_one_deal_has_one_state_on_two_platforms() -> None:
    """What the one world says of a deal is said in both vendors' words."""
    entities = Asked(hubspot.PLATFORM).sandbox.world.entities
    for index in range(40):
        stage, code = (entities.attribute("deal", index, name) for name in ("stage", "stage_code"))
        assert words.STAGES.index(stage) == words.STAGE_CODES.index(code)
        assert entities.attribute("deal", index, "is_closed") == stage.startswith("Closed")
        assert entities.attribute("deal", index, "is_won") == (stage == "Closed Won")
        assert entities.attribute("deal", index, "probability") == words.STAGE_PERCENTS[words.STAGES.index(stage)]
    opportunities = World("bi", 40).rows(salesforce.PLATFORM, salesforce.PLATFORM.endpoint("opportunities"))
    assert all(row["IsClosed"] == row["StageName"].startswith("Closed") for row in opportunities)
    assert all(row["IsWon"] == (row["Probability"] == 100) for row in opportunities)


def test_filters_need_no_group(crm: Asked) -> None:
    """`filters` beside the groups is a group; it is never passed over."""
    email = crm("GET", "/crm/v3/objects/contacts?limit=1")["results"][0]["properties"]["email"]
    filters = [{"propertyName": "email", "operator": "EQ", "value": email}]
    assert crm("POST", "/crm/v3/objects/contacts/search", {"filters": filters})["total"] == 1
    assert crm("POST", "/crm/v3/objects/contacts/search", {"filters": "email"})["status"] == "error"


def test_a_batch_by_address_takes_no_longer_than_one_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred addresses are looked for together, in any case of letters."""
    crm = Asked(hubspot.PLATFORM, rows=5000)
    found = crm("GET", "/crm/v3/objects/contacts?limit=100")["results"]
    body: dict[str, Any] = {"idProperty": "email", "inputs": [{"id": one["properties"]["email"]} for one in found]}
    crm("POST", "/crm/v3/objects/contacts/batch/read", {"idProperty": "email", "inputs": [{"id": "x@example.com"}]})
    looks: list[None] = []
    monkeypatch.setattr(selecting, "holds", lambda *asked: looks.append(None) or holds(*asked))
    many = crm("POST", "/crm/v3/objects/contacts/batch/read", body)["results"]
    assert 0 < len(looks) <= 5000
    assert [one["id"] for one in many] == [one["id"] for one in found]
    missing = {"idProperty": "email", "inputs": [{"id": "nobody@example.com"}, {"id": body["inputs"][0]["id"]}]}
    assert crm("POST", "/crm/v3/objects/contacts/batch/read", missing)["numErrors"] == 1
    assert crm.answer.status_code == 207


# Notion


@pytest.fixture
def wiki() -> Asked:
    return Asked(notion.PLATFORM)


def test_every_database_can_be_read(wiki: Asked) -> None:
    """That of a data source, of a row and of a relation."""
    wanted = {"filter": {"property": "object", "value": "data_source"}, "page_size": 5}
    for source in wiki("POST", "/search", wanted)["results"]:
        relation = source["properties"]["Follow-up"]["relation"]
        for key in (source["parent"]["database_id"], relation["database_id"]):
            assert wiki("GET", f"/databases/{key}")["object"] == "database"
        named = wiki("GET", f"/databases/{relation['database_id']}")["data_sources"]
        assert [one["id"] for one in named] == [relation["data_source_id"]]


def test_the_address_of_a_page_has_its_title(wiki: Asked) -> None:
    """And its id; another title makes another address."""
    wanted = {"filter": {"property": "object", "value": "data_source"}, "page_size": 1}
    source = wiki("POST", "/search", wanted)["results"][0]["id"]
    rows = wiki("POST", f"/data_sources/{source}/query", {"page_size": 5})["results"]
    assert len({row["url"].rpartition("-")[0] for row in rows}) > 1
    for row in rows:
        words = row["properties"]["Name"]["title"][0]["plain_text"].split()
        assert row["url"].removeprefix("https://www.notion.so/").split("-")[: len(words) - 1] == words[:-1]
        assert row["url"].endswith(row["id"].replace("-", ""))
    title = {"properties": {"Name": {"title": [{"text": {"content": "Close: the books"}}]}}}
    assert "/Close-the-books-" in wiki("PATCH", f"/pages/{rows[0]['id']}", title)["url"]


def test_a_row_has_an_address_that_somebody_has(wiki: Asked) -> None:
    """The contact of the company that the row is about."""
    entities = wiki.sandbox.world.entities
    people = {entities.attribute("person", number, "email") for number in range(40)}
    wanted = {"filter": {"property": "object", "value": "data_source"}, "page_size": 1}
    source = wiki("POST", "/search", wanted)["results"][0]["id"]
    rows = wiki("POST", f"/data_sources/{source}/query", {})["results"]
    found = {row["properties"]["Contact"]["email"] for row in rows} - {None}
    assert found
    assert found <= people


# All of them


def seconds(asked: Asked) -> Iterator[tuple[str, httpx.Request]]:
    """The request for the second page of every list whose tokens are opaque, and the slot of the token."""
    client = Client(asked.platform, asked.credentials, transport=asked.sandbox.transport())
    for endpoint in asked.platform.endpoints:
        flow = endpoint.paginator
        if endpoint.kind != "list" or not isinstance(flow, Cursor) or flow.tokens == "number":
            continue
        said = {name: asked.key(parent) for name, parent in endpoint.parents.items()}
        pages = list(client.responses(endpoint.name, page_size=3, max_pages=2, **said))
        if len(pages) == 2:
            yield flow.slot, pages[1].request


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda one: str(one.name))
def test_a_token_is_good_for_its_own_list(platform: Platform) -> None:
    """The token of one list is refused by a list at another path, in the platform's own way."""
    asked = Asked(platform, rows=12)
    pairs = [
        (write_slot(other, slot, read_slot(request, wanted)), other)
        for (wanted, request), (slot, other) in pairwise(seconds(asked))
        if request.url.path.split("/")[-2:] != other.url.path.split("/")[-2:]
    ]
    assert len(pairs) > 1
    for foreign, own in pairs:
        assert platform.errors.recognise(asked.http.send(own)) is None
        assert platform.errors.recognise(asked.http.send(foreign)) is not None, foreign.url


def test_the_token_of_one_search_is_no_token_of_another(ask: Asked) -> None:
    """Though both paths end in the same word."""
    query = {"field": "created_at", "operator": ">", "value": 0}
    found = ask("POST", "/contacts/search", {"query": query, "pagination": {"per_page": 2}})
    pagination = {"per_page": 2, "starting_after": found["pages"]["next"]["starting_after"]}
    assert ask("POST", "/contacts/search", {"query": query, "pagination": pagination})["pages"]["page"] == 2
    refused = ask("POST", "/conversations/search", {"query": query, "pagination": pagination})
    assert refused["errors"][0]["code"] == "parameter_invalid"
