"""The sandbox as HubSpot: what no declaration can say."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from bi_contracts.platforms.hubspot import PLATFORM
from bi_contracts.sandbox.behaviours.hubspot import tokens, writes
from bi_contracts.sandbox.evolution import Evolution

from .api import Api

NOW = 1_772_442_000.0


class HubSpot(Api):
    """Plain requests to the sandbox."""

    def __init__(self, rows: int = 12, **settings: Any) -> None:
        super().__init__(PLATFORM, rows, NOW, **settings)

    def __call__(self, method: str, path: str, json: Any = None, **more: Any) -> Any:
        self.response = self.http.request(method, path, json=json, **more)
        self.status = self.response.status_code
        is_json = "json" in self.response.headers.get("content-type", "")
        return self.response.json() if self.response.content and is_json else None

    def first(self, kind: str) -> Any:
        return self("GET", f"/crm/v3/objects/{kind}?limit=1")["results"][0]

    def search(self, kind: str = "contacts", **body: Any) -> Any:
        return self("POST", f"/crm/v3/objects/{kind}/search", body)


@pytest.fixture
def api() -> HubSpot:
    return HubSpot()


# Which properties come


def test_the_usual_properties_come_when_none_is_asked_for(api: HubSpot) -> None:
    """A contact shows six properties, a company five, whatever else it has."""
    usual = {"createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"}
    assert set(api.first("contacts")["properties"]) == usual
    assert set(api.first("companies")["properties"]) == {
        "createdate",
        "domain",
        "hs_lastmodifieddate",
        "hs_object_id",
        "name",
    }


@pytest.mark.parametrize("query", ["properties=phone,jobtitle,nothing", "properties=phone&properties=jobtitle"])
def test_properties_are_chosen(api: HubSpot, query: str) -> None:
    """Names come with commas or again and again; unknown ones are passed over, ids and times always come."""
    found = api("GET", f"/crm/v3/objects/contacts?limit=3&{query}")["results"]
    always = {"createdate", "hs_object_id", "lastmodifieddate"}
    assert all(set(row["properties"]) == {"phone", "jobtitle"} | always for row in found)
    assert all(list(row["properties"]) == sorted(row["properties"]) for row in found)


def test_history_is_shown_where_it_is_asked_for(api: HubSpot) -> None:
    """Each value comes with its time, and pages are smaller then."""
    path = "/crm/v3/objects/contacts?propertiesWithHistory=email,phone"
    rows = api("GET", path)["results"]
    assert all(row["propertiesWithHistory"]["email"][0]["value"] == row["properties"]["email"] for row in rows)
    assert {len(row["propertiesWithHistory"]["phone"]) for row in rows} == {0, 1}
    api("GET", f"{path}&limit=51")
    assert api.status == 400


def test_ten_objects_come_when_no_limit_is_sent(api: HubSpot) -> None:
    """Lists and searches alike."""
    assert len(api("GET", "/crm/v3/objects/contacts")["results"]) == 10
    assert len(api.search()["results"]) == 10


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=ten", "after=elsewhere", "limit=-1"])
def test_a_page_out_of_range_is_refused(api: HubSpot, query: str) -> None:
    """HTTP 400, in HubSpot's own body."""
    body = api("GET", f"/crm/v3/objects/contacts?{query}")
    assert (api.status, body["status"], body["category"]) == (400, "error", "VALIDATION_ERROR")
    assert body["correlationId"] == api.response.headers["x-hubspot-correlation-id"]


# One world


def test_a_contact_is_of_its_company(api: HubSpot) -> None:
    """The company that a contact names is the one it is associated with, and the one its mail comes from."""
    path = "/crm/v3/objects/contacts?properties=associatedcompanyid,company,email&associations=companies&limit=12"
    for contact in api("GET", path)["results"]:
        named = contact["properties"]["associatedcompanyid"]
        assert [each["id"] for each in contact["associations"]["companies"]["results"]] == [named]
        company = api("GET", f"/crm/v3/objects/companies/{named}")["properties"]
        assert company["name"] == contact["properties"]["company"]
        assert contact["properties"]["email"].endswith(f"@{company['domain']}")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("deals", "contacts"),
        ("deals", "companies"),
        ("contacts", "companies"),
        ("tickets", "contacts"),
        ("tickets", "companies"),
        ("tasks", "contacts"),
        ("tasks", "companies"),
        ("notes", "contacts"),
        ("notes", "companies"),
        ("notes", "deals"),
    ],
)
def test_associations_hold_in_both_directions(api: HubSpot, one: str, other: str) -> None:
    """What a deal has to do with has to do with the deal, in version 3 and in version 4."""
    pairs = linked(api, one, other)
    assert pairs
    assert pairs == {(left, right) for right, left in linked(api, other, one)}
    key = next(iter(pairs))[0]
    found = api("GET", f"/crm/v4/objects/{one}/{key}/associations/{other}?limit=500")["results"]
    assert {str(each["toObjectId"]) for each in found} == {right for left, right in pairs if left == key}


def linked(api: HubSpot, one: str, other: str) -> set[tuple[str, str]]:
    rows = api("GET", f"/crm/v3/objects/{one}?limit=100&associations={other}")["results"]
    found = ((row["id"], row.get("associations", {}).get(other, {"results": []})["results"]) for row in rows)
    return {(key, each["id"]) for key, others in found for each in others}


def test_the_contacts_of_a_deal_are_those_of_its_company(api: HubSpot) -> None:
    """The declared list of associations gives the same contacts, page by page."""
    deal = api("GET", "/crm/v3/objects/deals?limit=1&associations=contacts,companies")["results"][0]
    ids = [each["id"] for each in deal["associations"]["contacts"]["results"]]
    path = f"/crm/v4/objects/deals/{deal['id']}/associations/contacts"
    pages, after = [], ""
    while not pages or after:
        page = api("GET", f"{path}?limit=3{after}")
        pages.append([str(each["toObjectId"]) for each in page["results"]])
        after = f"&after={page['paging']['next']['after']}" if "paging" in page else ""
    assert [key for page in pages for key in page] == ids
    assert len(pages) == 2
    api("GET", "/crm/v4/objects/deals/1/associations/contacts")
    assert api.status == 404


def test_exact_associations_of_a_deal(api: HubSpot) -> None:
    """Rows that were put into the list of associations are what every deal has."""
    rows = [{"toObjectId": 7, "associationTypes": []}]
    api.sandbox.put("hubspot/deal_contacts", rows)
    assert api("GET", f"/crm/v4/objects/deals/{api.first('deals')['id']}/associations/contacts")["results"] == rows


def test_an_owner_is_a_user(api: HubSpot) -> None:
    """The id of the user in an owner is the id of that user, by which the owner is found as well."""
    owner = api("GET", "/crm/v3/owners?limit=1")["results"][0]
    user = api("GET", "/settings/v3/users?limit=1")["results"][0]
    assert (str(owner["userId"]), owner["email"]) == (user["id"], user["email"])
    assert api("GET", f"/crm/v3/owners/{user['id']}?idProperty=userId") == owner
    assert api("GET", f"/crm/v3/owners/{owner['id']}") == owner
    assert api("GET", f"/crm/v3/owners?email={owner['email']}")["results"] == [owner]
    assert api("GET", "/crm/v3/owners?archived=true")["results"] == []
    api("GET", "/crm/v3/owners/1?idProperty=userId")
    assert api.status == 404


# Paths


@pytest.mark.parametrize(
    "path",
    [
        "/crm/v3/objects/0-1",
        "/crm/v3/objects/contact",
        "/crm/v3/objects/contacts/",
        "/crm/objects/2026-03/contacts",
        "/crm/objects/2025-09/0-1",
    ],
)
def test_every_path_of_a_type_gives_the_same(api: HubSpot, path: str) -> None:
    """Names in the singular, ids of types and dated versions lead to the same objects, and count as one endpoint."""
    assert api("GET", path)["results"] == api("GET", "/crm/v3/objects/contacts")["results"]
    key = api.first("contacts")["id"]
    assert api("GET", f"{path.rstrip('/')}/{key}")["id"] == key
    assert set(api.sandbox.requests) == {"hubspot/contacts", "hubspot/contact"}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/crm/v3/objects/planets"),
        ("GET", "/crm/v3/objects/planets/1"),
        ("POST", "/crm/v3/objects/planets/search"),
        ("GET", "/crm/objects/2026-03/planets"),
        ("GET", "/crm/v3/properties/planets"),
        ("GET", "/crm/v3/pipelines/planets"),
        ("GET", "/crm/v4/objects/planets/1/associations/contacts"),
    ],
)
def test_an_unknown_type_is_a_bad_request(api: HubSpot, method: str, path: str) -> None:
    """HTTP 400, not 404: the type is a part of the question."""
    body = api(method, path, {} if method == "POST" else None)
    assert (api.status, body["category"]) == (400, "VALIDATION_ERROR")
    assert "planets" in body["message"]


def test_what_is_not_there_is_told_in_three_ways(api: HubSpot) -> None:
    """An object with a category, a path without one, a page of the web site in HTML."""
    body = api("GET", "/crm/v3/objects/contacts/1")
    assert (api.status, body["category"]) == (404, "OBJECT_NOT_FOUND")
    body = api("GET", "/crm/v3/nothing/at/all")
    assert (api.status, body["message"], "category" in body) == (404, "resource not found", False)
    for path in ("/", "/pricing", "/products/crm"):
        assert api("GET", path) is None
        assert (api.status, api.response.headers["content-type"]) == (404, "text/html; charset=utf-8")


def test_a_wrong_method_is_refused(api: HubSpot) -> None:
    """HTTP 405, with the methods that the path takes."""
    body = api("PUT", "/crm/v3/objects/contacts")
    assert (api.status, body["status"]) == (405, "error")
    assert "POST" in api.response.headers["allow"]


@pytest.mark.parametrize("kind", ["contacts", "companies", "deals", "tickets", "tasks", "notes"])
def test_properties_of_every_type_are_described(api: HubSpot, kind: str) -> None:
    """A list for each type, and each definition by its name."""
    found = HubSpot(30)("GET", f"/crm/v3/properties/{kind}")["results"]
    names = {each["name"] for each in found}
    assert set(api.first(kind)["properties"]) <= names
    one = found[0]["name"]
    assert HubSpot(30)("GET", f"/crm/properties/2026-03/{kind}/{one}") == found[0]
    api("GET", f"/crm/v3/properties/{kind}/nothing")
    assert api.status == 404


def test_pipelines_are_found_by_id(api: HubSpot) -> None:
    """The deals' own first, and others with stages of their own."""
    found = api("GET", "/crm/v3/pipelines/deals")["results"]
    assert found[0]["id"] == api.first("deals")["properties"]["pipeline"] == "default"
    assert len({stage["id"] for each in found for stage in each["stages"]}) == sum(len(p["stages"]) for p in found)
    assert api("GET", f"/crm/v3/pipelines/deals/{found[1]['id']}") == found[1]
    assert api("GET", "/crm/v3/pipelines/notes")["results"] == []


# Search and batches


def test_a_search_reads_no_further_than_ten_thousand(api: HubSpot) -> None:
    """The cursor is a number of results; what is beyond the ten-thousandth is refused."""
    assert api.search(limit=5, after="10")["total"] == 12
    api.search(limit=200, after="9800")
    assert api.status == 200
    api.search(limit=200, after="9801")
    assert api.status == 400


@pytest.mark.parametrize("body", [{"limit": 201}, {"after": "x"}, {"after": -1}, {"limit": "many"}, {"sorts": 3}])
def test_a_wrong_search_is_refused(api: HubSpot, body: Any) -> None:
    """HTTP 400 for what is out of range or of another shape."""
    api.search(**body)
    assert api.status == 400


def test_any_type_is_searched(api: HubSpot) -> None:
    """Tasks and notes have no declared search and are searched the same way."""
    subject = api("GET", "/crm/v3/objects/tasks?limit=1&properties=hs_task_subject")["results"][0]
    word = subject["properties"]["hs_task_subject"]
    found = api.search("tasks", query=word, properties=["hs_task_subject"])
    assert subject["id"] in {row["id"] for row in found["results"]}


def test_a_batch_names_what_is_not_there(api: HubSpot) -> None:
    """HTTP 200 where all are there, 207 where some are not; an id that is asked for twice comes once."""
    rows = api("GET", "/crm/v3/objects/companies?limit=2")["results"]
    path = "/crm/v3/objects/companies/batch/read"
    inputs = [{"id": row["id"]} for row in rows]
    body = api("POST", path, {"inputs": inputs * 2, "properties": ["name"]})
    assert (api.status, body["status"], [row["id"] for row in body["results"]]) == (
        200,
        "COMPLETE",
        [row["id"] for row in rows],
    )
    body = api("POST", path, {"inputs": [*inputs, {"id": "1"}, {"id": "2"}]})
    assert (api.status, len(body["results"]), body["numErrors"]) == (207, 2, 1)
    assert body["errors"][0]["context"] == {"ids": ["1", "2"]}
    email = api.first("contacts")["properties"]["email"]
    by = {"idProperty": "email", "inputs": [{"id": email}]}
    assert api("POST", "/crm/v3/objects/contacts/batch/read", by)["results"][0]["properties"]["email"] == email


def test_an_unknown_property_tells_nothing_apart(api: HubSpot) -> None:
    """`idProperty` must be a property of the type."""
    api("GET", "/crm/v3/objects/contacts/x?idProperty=planet")
    assert api.status == 400
    api("GET", "/crm/v3/objects/contacts/x?idProperty=email")
    assert api.status == 404


@pytest.mark.parametrize("inputs", [None, [], "x", [1], [{"id": "1"}] * 101])
def test_a_wrong_batch_is_refused(api: HubSpot, inputs: Any) -> None:
    """One to a hundred objects."""
    api("POST", "/crm/v3/objects/contacts/batch/read", {"inputs": inputs})
    assert api.status == 400


def test_batches_write(api: HubSpot) -> None:
    """Many are created, changed and archived at once."""
    place = "/crm/v3/objects/companies/batch"
    made = api("POST", f"{place}/create", {"inputs": [{"properties": {"name": name}} for name in ("A", "B")]})
    assert (api.status, [row["properties"]["name"] for row in made["results"]]) == (201, ["A", "B"])
    ids = [row["id"] for row in made["results"]]
    changes = [{"id": key, "properties": {"city": "Lund"}} for key in (*ids, "1")]
    changed = api("POST", f"{place}/update", {"inputs": changes})
    assert (api.status, [row["properties"]["city"] for row in changed["results"]]) == (207, ["Lund", "Lund"])
    api("POST", f"{place}/archive", {"inputs": [{"id": key} for key in ids]})
    assert api.status == 204
    body = api("POST", f"{place}/read", {"inputs": [{"id": key} for key in ids]})
    assert (body["results"], body["errors"][0]["context"]["ids"]) == ([], ids)
    api("POST", f"{place}/create", {"inputs": [{"properties": {"name": "C"}}, {"properties": {"planet": "Mars"}}]})
    assert (api.status, len(api("GET", "/crm/v3/objects/companies?limit=100")["results"])) == (400, 12)


# Writes


def test_a_contact_lives_and_is_archived(api: HubSpot) -> None:
    """Created, found by every way, changed, archived: then gone, and listed among the archived."""
    values = {"email": "lea.fontaine@quarry.example", "firstname": "Lea"}
    made = api("POST", "/crm/v3/objects/contacts", {"properties": values})
    key, place = made["id"], f"/crm/v3/objects/contacts/{made['id']}"
    assert (api.status, made["properties"]["hs_object_id"], made["archived"]) == (201, key, False)
    assert made["createdAt"] == made["properties"]["createdate"] == "2026-03-02T09:00:00.000Z"
    api.now += 60
    changed = api("PATCH", place, {"properties": {"lastname": "Fontaine", "phone": 5550100}})
    assert (changed["properties"]["phone"], changed["updatedAt"]) == ("5550100", "2026-03-02T09:01:00.000Z")
    by_mail = api("GET", f"/crm/v3/objects/contacts/{values['email']}?idProperty=email")
    assert by_mail["properties"]["lastname"] == "Fontaine"
    listed = api("GET", "/crm/v3/objects/contacts?limit=100")["results"]
    assert [row["id"] for row in listed if row["id"] == key] == [key]
    assert len(listed) == 13
    filters = [{"propertyName": "email", "operator": "EQ", "value": values["email"]}]
    assert [row["id"] for row in api.search(filterGroups=[{"filters": filters}])["results"]] == [key]
    assert api("DELETE", place) is None
    assert (api.status, api("GET", place)["category"]) == (204, "OBJECT_NOT_FOUND")
    archived = api("GET", "/crm/v3/objects/contacts?archived=true")["results"]
    assert [(row["id"], row["archived"], row["archivedAt"]) for row in archived] == [
        (key, True, "2026-03-02T09:01:00.000Z")
    ]
    assert api("GET", f"{place}?archived=true")["id"] == key
    api("GET", "/crm/v3/objects/contacts/1?archived=true")
    assert api.status == 404
    api("DELETE", place)
    assert api.status == 204


def test_no_two_contacts_have_the_same_address(api: HubSpot) -> None:
    """HTTP 409 names the contact that has it; a contact may keep its own."""
    known = api.first("contacts")
    email = known["properties"]["email"]
    body = api("POST", "/crm/v3/objects/contacts", {"properties": {"email": email}})
    assert (api.status, body["category"]) == (409, "CONFLICT")
    assert known["id"] in body["message"]
    api("PATCH", f"/crm/v3/objects/contacts/{known['id']}", {"properties": {"email": email}})
    assert api.status == 200


def test_in_a_large_world_only_written_contacts_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """A million made-up contacts are not looked through for one address; those that were written are."""
    monkeypatch.setattr(writes, "LOOKED_THROUGH", 5)
    api = HubSpot()
    values = {"properties": {"email": "paul@quarry.example"}}
    statuses = []
    for body in (values, values, {"properties": {"email": api.first("contacts")["properties"]["email"]}}):
        api("POST", "/crm/v3/objects/contacts", body)
        statuses.append(api.status)
    assert statuses == [201, 409, 201]


@pytest.mark.parametrize(
    ("kind", "name", "value", "code"),
    [
        ("contacts", "email", "nobody", "INVALID_EMAIL"),
        ("contacts", "planet", "Mars", "PROPERTY_DOESNT_EXIST"),
        ("contacts", "createdate", "2026-01-01", "READ_ONLY_VALUE"),
        ("contacts", "lifecyclestage", "asleep", "INVALID_OPTION"),
        ("contacts", "phone", ["+1"], "INVALID_JSON"),
        ("companies", "annualrevenue", "much", "INVALID_LONG"),
        ("deals", "closedate", "soon", "INVALID_DATE"),
        ("deals", "closedate", "9" * 30, "INVALID_DATE"),
        ("tickets", "subject", "no stage", "REQUIRED_FIELD"),
        ("notes", "hs_note_body", "no time", "REQUIRED_FIELD"),
    ],
)
def test_a_wrong_value_is_named(api: HubSpot, kind: str, name: str, value: Any, code: str) -> None:
    """HTTP 400 says which property is wrong and how, as a list and once more inside the message."""
    body = api("POST", f"/crm/v3/objects/{kind}", {"properties": {name: value}})
    assert (api.status, body["category"], body["errors"][0]["code"]) == (400, "VALIDATION_ERROR", code)
    assert f'"error": "{code}"' in body["message"]


@pytest.mark.parametrize("body", [[], {}, {"properties": []}, {"properties": None}, "x"])
def test_a_body_of_another_shape_is_refused(api: HubSpot, body: Any) -> None:
    """An object with an object of properties is wanted, when creating and when changing."""
    api("POST", "/crm/v3/objects/contacts", body)
    assert api.status == 400
    api("PATCH", f"/crm/v3/objects/contacts/{api.first('contacts')['id']}", body)
    assert api.status == 400


def test_a_value_is_cleared(api: HubSpot) -> None:
    """Nothing, or null, takes a value away: the property is an empty text then."""
    place = f"/crm/v3/objects/contacts/{api.first('contacts')['id']}"
    changed = api("PATCH", place, {"properties": {"jobtitle": None, "phone": ""}})["properties"]
    assert (changed["jobtitle"], changed["phone"]) == ("", "")
    api("PATCH", "/crm/v3/objects/contacts/1", {"properties": {}})
    assert api.status == 404


def test_a_deal_closes_with_its_stage(api: HubSpot) -> None:
    """Whether a deal is won follows from the stage it is moved to."""
    values = {"dealname": "Trial", "dealstage": "qualifiedtobuy", "closedate": "1790000000000"}
    deal = api("POST", "/crm/v3/objects/deals", {"properties": values})
    assert (deal["properties"]["hs_is_closed"], deal["properties"]["pipeline"]) == ("false", "default")
    place = f"/crm/v3/objects/deals/{deal['id']}"
    won = api("PATCH", place, {"properties": {"dealstage": "closedwon"}})["properties"]
    assert (won["hs_is_closed"], won["hs_is_closed_won"]) == ("true", "true")
    lost = api("PATCH", place, {"properties": {"dealstage": "closedlost"}})["properties"]
    assert (lost["hs_is_closed"], lost["hs_is_closed_won"]) == ("true", "false")


def test_a_note_is_about_somebody(api: HubSpot) -> None:
    """A new note is associated as it says, which the contact shows at once; archived, it is so no more."""
    contact = api.first("contacts")["id"]
    api("GET", "/crm/v3/objects/contacts?limit=100&associations=notes")
    to = {"to": {"id": contact}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 202}]}
    values = {"hs_timestamp": "2026-03-02T09:00:00Z", "hs_note_body": "Met."}
    note = api("POST", "/crm/v3/objects/notes", {"properties": values, "associations": [to]})
    assert (note["id"], contact) in linked(api, "notes", "contacts")
    assert (contact, note["id"]) in linked(api, "contacts", "notes")
    api("DELETE", f"/crm/v3/objects/notes/{note['id']}")
    assert (contact, note["id"]) not in linked(api, "contacts", "notes")


@pytest.mark.parametrize(
    "associations",
    [
        True,
        [3],
        [{"to": {"id": "1"}, "types": [{"associationTypeId": 202}]}],
        [{"to": {}, "types": [{"associationTypeId": []}]}],
    ],
)
def test_a_wrong_association_is_refused(api: HubSpot, associations: Any) -> None:
    """An unknown object or kind of association, or no association at all: nothing is created."""
    values = {"hs_timestamp": "2026-03-02T09:00:00Z"}
    api("POST", "/crm/v3/objects/notes", {"properties": values, "associations": associations})
    assert api.status == 400
    assert len(api("GET", "/crm/v3/objects/notes?limit=100")["results"]) == 12


def test_objects_are_associated_afterwards(api: HubSpot) -> None:
    """Version 4 associates two objects, and reads what many have to do with."""
    company = api("POST", "/crm/v3/objects/companies", {"properties": {"name": "Quarry"}})["id"]
    contact = api("POST", "/crm/v3/objects/contacts", {"properties": {"email": "ida@quarry.example"}})["id"]
    body = api("PUT", f"/crm/v4/objects/contact/{contact}/associations/default/company/{company}")
    assert [each["associationSpec"]["associationTypeId"] for each in body["results"]] == [279, 280]
    asked = {"inputs": [{"id": company}, {"id": "1"}]}
    found = api("POST", "/crm/v4/associations/companies/contacts/batch/read", asked)["results"]
    assert [(each["from"]["id"], [str(to["toObjectId"]) for to in each["to"]]) for each in found] == [
        (company, [contact])
    ]
    api("PUT", f"/crm/v4/objects/contact/{contact}/associations/default/company/1")
    assert api.status == 404
    api("POST", "/crm/v4/associations/companies/contacts/batch/read", {"inputs": 3})
    assert api.status == 400


# Tokens and limits


def test_a_token_expires(api: HubSpot) -> None:
    """A token that was handed out is good for half an hour, and its details count down."""
    fields = {"grant_type": "refresh_token", "client_id": "a", "client_secret": "b", "refresh_token": "c"}
    issued = api("POST", "/oauth/v1/token", data=fields)
    headers = {"authorization": f"Bearer {issued['access_token']}"}
    bare = httpx.Client(transport=api.sandbox.transport(), base_url=PLATFORM.base_url, headers=headers)
    assert bare.get("/crm/v3/owners").status_code == 200
    api.now += 1000
    details = bare.get(f"/oauth/v1/access-tokens/{issued['access_token']}").json()
    assert (details["expires_in"], details["hub_id"]) == (800, api("GET", "/account-info/v3/details")["portalId"])
    api.now += 1000
    refused = bare.get("/crm/v3/owners")
    assert (refused.status_code, refused.json()["category"]) == (401, "EXPIRED_AUTHENTICATION")
    assert bare.get(f"/oauth/v1/access-tokens/{issued['access_token']}").status_code == 404


def test_only_so_many_tokens_are_remembered(api: HubSpot, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sandbox that runs for long does not fill up: the oldest tokens are forgotten."""
    monkeypatch.setattr(tokens, "KEPT", 1)
    fields = {"grant_type": "authorization_code", "client_id": "a", "client_secret": "b", "code": "c"}
    issued = [api("POST", "/oauth/v1/token", data=fields)["access_token"] for _ in range(2)]
    found = [api("GET", f"/oauth/v1/access-tokens/{token}") for token in issued]
    assert [("hub_id" in body, body.get("status")) for body in found] == [(False, "NOT_FOUND"), (True, None)]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"grant_type": "password", "client_id": "a", "client_secret": "b"},
        {"grant_type": "refresh_token", "client_id": "a", "client_secret": "b"},
        {"grant_type": "authorization_code", "client_id": "a", "client_secret": "b"},
    ],
)
def test_no_token_for_half_a_request(api: HubSpot, fields: dict[str, str]) -> None:
    """Every field of the grant is needed."""
    api("POST", "/oauth/v1/token", data=fields)
    assert api.status == 400


def test_a_foreign_token_is_refused(api: HubSpot) -> None:
    """HTTP 401 with a category, for a wrong token and for none."""
    for headers in ({"authorization": "Bearer pat-na1-other"}, {"authorization": ""}):
        response = httpx.Client(transport=api.sandbox.transport()).get(
            f"{PLATFORM.base_url}/crm/v3/owners", headers=headers
        )
        body = response.json()
        assert (response.status_code, body["category"]) == (401, "INVALID_AUTHENTICATION")


def test_every_answer_states_the_limits() -> None:
    """The window's and the day's, and what is left of them; a search has a limit of its own beside."""
    api = HubSpot(enforce_limits=True)
    api("GET", "/crm/v3/owners")
    headers = api.response.headers
    assert (headers["x-hubspot-ratelimit-max"], headers["x-hubspot-ratelimit-remaining"]) == ("100", "99")
    assert headers["x-hubspot-ratelimit-interval-milliseconds"] == "10000"
    assert headers["x-hubspot-ratelimit-daily-remaining"] == "249999"
    assert (headers["x-hubspot-ratelimit-secondly"], headers["x-hubspot-ratelimit-secondly-remaining"]) == ("10", "9")
    for _ in range(5):
        assert api.search(limit=1)["total"] == 12
    body = api.search(limit=1)
    assert (api.status, body["errorType"], body["policyName"]) == (429, "RATE_LIMIT", "SECONDLY")
    api.now += 1
    assert api.search(limit=1)["total"] == 12


def test_the_day_runs_out() -> None:
    """The refusal names the policy that is spent."""
    api = HubSpot(enforce_limits=True)
    api.sandbox.limit("hubspot", 1, 86_400.0, "daily")
    api("GET", "/crm/v3/owners")
    assert api("GET", "/crm/v3/owners")["policyName"] == "DAILY"
    assert api.status == 429
    assert "retry-after" not in api.response.headers


def test_usage_tells_the_limit_of_the_day(api: HubSpot) -> None:
    """The account's own report of its use knows the limit that the headers state."""
    usage = api("GET", "/account-info/v3/api-usage/daily/private-apps")["results"]
    assert [each["usageLimit"] for each in usage] == [250_000]


# Exact rows, and other APIs


def test_the_api_changes_where_it_is_told_to(api: HubSpot) -> None:
    """A property goes, is renamed or is added in the endpoints that are named, whatever properties are asked for."""
    changes = [
        {"endpoint": "hubspot/contacts", "change": "remove", "path": "properties.phone"},
        {"endpoint": "hubspot/contact", "change": "rename", "path": "properties.jobtitle", "to": "job_title"},
        {"endpoint": "hubspot/contacts_batch", "change": "remove", "path": "url"},
        {"endpoint": "hubspot/contacts_batch", "change": "remove", "path": "status", "scope": "envelope"},
    ]
    key = api.first("contacts")["id"]
    api.sandbox.evolve(Evolution.parse({"change": changes}))
    asked = "properties=phone,jobtitle"
    listed = api("GET", f"/crm/v3/objects/contacts?limit=1&{asked}")["results"][0]["properties"]
    assert ("phone" in listed, "jobtitle" in listed) == (False, True)
    single = api("GET", f"/crm/v3/objects/contacts/{key}?{asked}")["properties"]
    assert ("phone" in single, "jobtitle" in single, "job_title" in single) == (True, False, True)
    batch = api("POST", "/crm/v3/objects/contacts/batch/read", {"inputs": [{"id": key}]})
    assert ("url" in batch["results"][0], "status" in batch) == (False, False)


def test_exact_rows_stand_as_they_were_put(api: HubSpot) -> None:
    """Put in place of the made-up ones, rows come with the associations they bring, where these are asked for."""
    deal = {**PLATFORM.endpoint("deals").examples[0], "id": "77"}
    api.sandbox.put("hubspot/deals", [deal])
    rows = api("GET", "/crm/v3/objects/deals?associations=companies")["results"]
    assert [(row["id"], list(row["associations"])) for row in rows] == [("77", ["companies"])]
    assert "associations" not in api("GET", "/crm/v3/objects/deals")["results"][0]
    definition = {"name": "colour", "label": "Colour"}
    api.sandbox.put("hubspot/deal_properties", [definition])
    assert api("GET", "/crm/v3/properties/deals")["results"] == [definition]
