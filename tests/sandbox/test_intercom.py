"""Intercom as the sandbox plays it: three ways to page, search, versions, what is written, what is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bi_contracts.platform import Platform
from bi_contracts.platforms.intercom import PLATFORM
from bi_contracts.sandbox.evolution import Change, Evolution

from .api import Api
from .fuzzing import json_values

NOW = 1_767_700_000.0
ROWS = 9
SCOPES: tuple[Literal["record", "envelope"], ...] = ("record", "envelope")


class Intercom(Api):
    """Asked by method, path, body and version."""

    def __init__(self, rows: int = ROWS, platform: Platform = PLATFORM) -> None:
        super().__init__(platform, rows, NOW)

    def __call__(self, method: str, path: str, body: Any = None, version: str = "2.11") -> httpx.Response:
        headers = {"intercom-version": version} if version else {}
        answer = self.http.request(method, path, headers=headers, json=body)
        assert self.sandbox.failures == 0
        return answer


@pytest.fixture
def ask() -> Intercom:
    return Intercom()


def refused(answer: httpx.Response, status: int, code: str) -> str:
    """The words of a refusal, which repeats the request's id in body and header."""
    body = answer.json()
    assert (answer.status_code, body["type"], body["errors"][0]["code"]) == (status, "error.list", code)
    assert body["request_id"] == answer.headers["x-request-id"]
    return str(body["errors"][0]["message"])


def where(field: str, operator: str, value: Any) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}


def search(ask: Intercom, kind: str, query: Any, **more: Any) -> list[Any]:
    answer = ask("POST", f"/{kind}/search", {"query": query, **more})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    found: list[Any] = body["data" if kind == "contacts" else kind]
    assert body["total_count"] >= len(found)
    return found


def test_a_cursor_leads_to_the_end(ask: Intercom) -> None:
    """`pages.next` holds the number and the cursor of the next page, and is not there on the last."""
    found: list[str] = []
    path = "/conversations?per_page=4"
    numbers = []
    while path:
        body = ask("GET", path).json()
        found += [one["id"] for one in body["conversations"]]
        numbers.append(body["pages"]["page"])
        following = body["pages"].get("next")
        path = f"/conversations?per_page=4&starting_after={following['starting_after']}" if following else ""
    assert numbers == [1, 2, 3]
    assert len(set(found)) == len(found) == ROWS


def test_companies_name_the_url_of_the_next_page(ask: Intercom) -> None:
    """`pages.next` is a whole URL, null on the last page."""
    first = ask("GET", "/companies?per_page=8").json()
    assert first["pages"]["next"] == f"{PLATFORM.base_url}/companies?per_page=8&page=2"
    assert ask("GET", "/companies?per_page=8&page=2").json()["pages"]["next"] is None


@pytest.mark.parametrize(("method", "path"), [("GET", "/companies"), ("POST", "/companies/list")])
def test_companies_are_listed_up_to_a_limit(method: str, path: str) -> None:
    """Ten thousand by page number; beyond that there is the scroll."""
    ask = Intercom(rows=10_100)
    assert len(ask(method, f"{path}?per_page=50&page=200").json()["data"]) == 50
    assert "scroll" in refused(ask(method, f"{path}?per_page=50&page=201"), 400, "bad_request")


def test_a_company_is_found_by_name_and_by_its_own_id(ask: Intercom) -> None:
    """The company itself comes, not a list."""
    company = ask("GET", "/companies").json()["data"][3]
    assert ask("GET", f"/companies?name={company['name']}").json()["id"] == company["id"]
    assert ask("GET", f"/companies?company_id={company['company_id']}").json()["id"] == company["id"]
    refused(ask("GET", "/companies?name=Nobody"), 404, "company_not_found")


def test_a_scroll_ends_with_an_empty_page(ask: Intercom) -> None:
    """One token for the whole read; after the empty page it is gone."""
    first = ask("GET", "/companies/scroll").json()
    assert len(first["data"]) == ROWS
    last = ask("GET", f"/companies/scroll?scroll_param={first['scroll_param']}").json()
    assert last == {**last, "data": [], "scroll_param": first["scroll_param"]}
    refused(ask("GET", f"/companies/scroll?scroll_param={first['scroll_param']}"), 404, "not_found")


def test_there_is_one_scroll_at_a_time(ask: Intercom) -> None:
    """A second one is refused until the first has ended, or was not used for a minute."""
    token = ask("GET", "/companies/scroll").json()["scroll_param"]
    words = refused(ask("GET", "/companies/scroll"), 400, "scroll_exists")
    assert words == "scroll already exists for this workspace"
    ask.now += 61
    refused(ask("GET", f"/companies/scroll?scroll_param={token}"), 404, "not_found")
    assert ask("GET", "/companies/scroll").status_code == 200


def test_what_was_updated_since_is_found_in_order(ask: Intercom) -> None:
    """`updated_at > x`, the oldest first: reading on from the last time misses nothing and repeats nothing."""
    sort = {"field": "updated_at", "order": "ascending"}
    everything = search(ask, "conversations", where("updated_at", ">", 0), sort=sort)
    times = [one["updated_at"] for one in everything]
    assert times == sorted(times)
    assert len({one["id"] for one in everything}) == ROWS
    for since in times:
        found = search(ask, "conversations", where("updated_at", ">", since), sort=sort)
        assert [one["id"] for one in found] == [one["id"] for one in everything if one["updated_at"] > since]


def test_a_search_goes_on_from_its_cursor(ask: Intercom) -> None:
    """Pages of a sorted search follow on."""
    body: dict[str, Any] = {
        "query": where("updated_at", ">", 0),
        "sort": {"field": "updated_at", "order": "descending"},
    }
    found: list[int] = []
    cursor = None
    while not found or cursor:
        body["pagination"] = {"per_page": 4, **({"starting_after": cursor} if cursor else {})}
        answer = ask("POST", "/conversations/search", body).json()
        found += [one["updated_at"] for one in answer["conversations"]]
        cursor = (answer["pages"].get("next") or {}).get("starting_after")
    assert found == sorted(found, reverse=True)
    assert len(found) == ROWS


def test_contacts_are_searched_by_day(ask: Intercom) -> None:
    """`=` is the whole day of a contact's time, `>` begins with the next."""
    contact = ask("GET", "/contacts?per_page=1").json()["data"][0]
    moment = contact["created_at"]
    found = [
        {one["id"] for one in search(ask, "contacts", where("created_at", operator, moment))} for operator in "=<>"
    ]
    assert contact["id"] in found[0]
    assert len(found[0] | found[1] | found[2]) == ROWS
    refused(ask("POST", "/contacts/search", {"query": where("created_at", "!=", moment)}), 400, "parameter_invalid")


def test_the_same_person_is_meant(ask: Intercom) -> None:
    """A conversation's author is a contact with that name and address, unless nobody knows it, and is found by it."""
    written = [one for one in ask("GET", "/conversations").json()["conversations"] if one["source"]]
    known = {contact["id"]: contact for contact in ask("GET", "/contacts").json()["data"] if contact["owner_id"]}
    conversation = next(one for one in written if one["source"]["author"]["id"] in known)
    author = conversation["source"]["author"]
    contact = known[author["id"]]
    assert (contact["name"], contact["email"]) == (author["name"], author["email"])
    found = search(ask, "conversations", where("contact_ids", "=", author["id"]))
    assert conversation["id"] in {one["id"] for one in found}
    admins = {admin["id"] for admin in ask("GET", "/admins").json()["admins"]}
    assert str(contact["owner_id"]) in admins
    company = contact["companies"]["data"][0]["id"]
    assert contact["id"] in {one["id"] for one in ask("GET", f"/companies/{company}/contacts").json()["data"]}


def test_lists_inside_a_contact_have_its_address(ask: Intercom) -> None:
    """Tags, notes and companies are said to be at the contact's own URL."""
    for contact in ask("GET", "/contacts").json()["data"]:
        for name in ("tags", "notes", "companies"):
            assert contact[name]["url"] == f"/contacts/{contact['id']}/{name}"


def test_tickets_are_searched(ask: Intercom) -> None:
    """By category, by state and by what their type asks for."""
    found = search(ask, "tickets", where("category", "=", "Customer"))
    assert found
    assert {ticket["category"] for ticket in found} == {"Customer"}
    titled = where("title", "=", found[0]["ticket_attributes"]["_default_title_"])
    assert [ticket["id"] for ticket in search(ask, "tickets", titled)] == [found[0]["id"]]
    assert search(ask, "tickets", where("ticket_attribute.Severity", "=", 2))
    assert search(ask, "tickets", where("created_at", ">=", found[0]["created_at"]))


def test_plain_text_can_be_asked_for(ask: Intercom) -> None:
    """`display_as=plaintext` takes the tags out of every body."""
    key = ask("GET", "/conversations").json()["conversations"][0]["id"]
    assert "<p>" in ask("GET", f"/conversations/{key}").text
    plain = ask("GET", f"/conversations/{key}?display_as=plaintext")
    assert "<p>" not in plain.text
    assert plain.json()["conversation_parts"]["conversation_parts"][0]["body"]
    refused(ask("GET", f"/conversations/{key}?display_as=html"), 400, "parameter_invalid")


def test_versions_are_known_and_echoed(ask: Intercom) -> None:
    """Without a version the app's own holds; one that never was is refused."""
    assert ask("GET", "/me", version="").headers["intercom-version"] == "2.11"
    assert ask("GET", "/me", version="2.14").headers["intercom-version"] == "2.14"
    assert ask("GET", "/me", version="Preview").status_code == 200
    refused(ask("GET", "/me", version="2.99"), 400, "intercom_version_invalid")


@pytest.mark.parametrize(
    ("path", "before", "since"),
    [("/contacts", "1.4", "2.0"), ("/ticket_types", "2.8", "2.9"), ("/conversations/deleted", "2.15", "2.16")],
)
def test_a_version_has_what_it_had(ask: Intercom, path: str, before: str, since: str) -> None:
    """What came later is not there before."""
    words = refused(ask("GET", path, version=before), 400, "intercom_version_invalid")
    assert words == "Requested resource is not available in current API version"
    assert ask("GET", path, version=since).status_code == 200


def test_the_state_of_a_ticket_became_an_object(ask: Intercom) -> None:
    """Text up to 2.11, an object from 2.12 on."""
    ticket = search(ask, "tickets", where("open", "=", True))[0]
    assert ticket["ticket_state"] == "submitted"
    later = ask("GET", f"/tickets/{ticket['id']}", version="2.14").json()
    assert later["ticket_state"]["category"] == "submitted"
    assert "ticket_state_internal_label" not in later
    assert later["ticket_type"]["ticket_states"]["data"]


def test_a_contact_is_created_found_changed_and_deleted(ask: Intercom) -> None:
    """What is not known of it is null; its address is its own."""
    made = ask("POST", "/contacts", {"email": "zed@example.com", "custom_attributes": {"plan": "team"}}).json()
    assert (made["role"], made["name"], made["created_at"], made["updated_at"]) == ("user", None, int(NOW), int(NOW))
    assert made["tags"]["url"] == f"/contacts/{made['id']}/tags"
    assert [one["id"] for one in search(ask, "contacts", where("email", "=", "zed@example.com"))] == [made["id"]]
    assert made["id"] in refused(ask("POST", "/contacts", {"email": "zed@example.com"}), 409, "conflict")
    ask.now += 60
    changed = ask("PUT", f"/contacts/{made['id']}", {"email": "zed@example.com", "name": "Zed"}).json()
    assert (changed["name"], changed["updated_at"] - changed["created_at"]) == ("Zed", 60)
    assert ask("DELETE", f"/contacts/{made['id']}").json()["deleted"] is True
    refused(ask("GET", f"/contacts/{made['id']}"), 404, "not_found")
    assert search(ask, "contacts", where("email", "=", "zed@example.com")) == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "parameter_not_found"),
        ({"name": "Zed"}, "parameter_not_found"),
        ({"email": 3}, "parameter_invalid"),
        ({"role": "boss"}, "parameter_invalid"),
        ({"role": "lead", "signed_up_at": "today"}, "parameter_invalid"),
        ({"role": "lead", "custom_attributes": []}, "parameter_invalid"),
        ([], "bad_request"),
    ],
)
def test_a_contact_that_makes_no_sense_is_refused(ask: Intercom, body: Any, code: str) -> None:
    """Nothing that tells who it is, values of another type, no object."""
    refused(ask("POST", "/contacts", body), 400, code)


def test_a_conversation_is_tagged(ask: Intercom) -> None:
    """The tag says when and by whom; a search finds the conversation, which was updated."""
    conversation = ask("GET", "/conversations").json()["conversations"][1]
    admin = ask("GET", "/admins").json()["admins"][0]["id"]
    tag = ask("POST", "/tags", {"name": "vip"}).json()
    assert ask("POST", "/tags", {"name": "vip"}).json()["id"] == tag["id"]
    where_to = f"/conversations/{conversation['id']}/tags"
    applied = ask("POST", where_to, {"id": tag["id"], "admin_id": admin}).json()
    assert (applied["applied_at"], applied["applied_by"]) == (int(NOW), {"type": "admin", "id": admin})
    found = search(ask, "conversations", where("tag_ids", "=", tag["id"]))
    assert [(one["id"], one["updated_at"]) for one in found] == [(conversation["id"], int(NOW))]
    refused(ask("POST", where_to, {"id": "nobody", "admin_id": admin}), 404, "tag_not_found")
    refused(ask("POST", where_to, {"id": tag["id"], "admin_id": "nobody"}), 404, "admin_not_found")
    refused(ask("POST", where_to, {"id": tag["id"]}), 400, "parameter_not_found")
    refused(ask("POST", "/conversations/1/tags", {"id": tag["id"], "admin_id": admin}), 404, "not_found")
    ask("DELETE", f"{where_to}/{tag['id']}")
    assert search(ask, "conversations", where("tag_ids", "=", tag["id"])) == []


def test_a_contact_is_tagged(ask: Intercom) -> None:
    """Its tags can be read with their names, and taken off again."""
    contact = ask("GET", "/contacts").json()["data"][1]["id"]
    tag = ask("POST", "/tags", {"name": "vip"}).json()
    assert ask("POST", f"/contacts/{contact}/tags", {"id": tag["id"]}).json() == tag
    assert ask("GET", f"/contacts/{contact}/tags").json()["data"][-1] == tag
    assert [one["id"] for one in search(ask, "contacts", where("tag_id", "=", tag["id"]))] == [contact]
    ask("DELETE", f"/contacts/{contact}/tags/{tag['id']}")
    assert tag not in ask("GET", f"/contacts/{contact}/tags").json()["data"]


def test_a_reply_stands_at_the_end(ask: Intercom) -> None:
    """An admin's comment and note, a contact's comment that opens the conversation again; lists show no parts."""
    conversation = ask("GET", "/conversations").json()["conversations"][0]
    admin = ask("GET", "/admins").json()["admins"][0]
    contact = conversation["contacts"]["contacts"][0]["id"]
    where_to = f"/conversations/{conversation['id']}/reply"
    before = ask("GET", f"/conversations/{conversation['id']}").json()
    comment = {"message_type": "comment", "type": "admin", "admin_id": admin["id"], "body": "Looking."}
    after = ask("POST", where_to, comment).json()
    part = after["conversation_parts"]["conversation_parts"][-1]
    assert (part["part_type"], part["body"], part["author"]["email"]) == ("comment", "<p>Looking.</p>", admin["email"])
    assert after["conversation_parts"]["total_count"] == before["conversation_parts"]["total_count"] + 1
    assert after["statistics"]["count_conversation_parts"] == before["statistics"]["count_conversation_parts"] + 1
    note = ask("POST", where_to, {**comment, "message_type": "note"}).json()
    assert note["conversation_parts"]["conversation_parts"][-1]["part_type"] == "note"
    reply = {"message_type": "comment", "type": "user", "intercom_user_id": contact, "body": "<p>Thanks</p>"}
    opened = ask("POST", where_to, reply).json()
    assert (opened["state"], opened["open"], opened["waiting_since"]) == ("open", True, int(NOW))
    assert ask("GET", f"/conversations/{conversation['id']}").json() == opened
    listed = ask("GET", "/conversations").json()["conversations"][0]
    assert listed["updated_at"] == int(NOW)
    assert "conversation_parts" not in listed


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"message_type": "comment", "type": "bot", "body": "x"}, 400, "parameter_invalid"),
        ({"message_type": "comment", "type": "admin", "admin_id": "nobody", "body": "x"}, 404, "admin_not_found"),
        ({"message_type": "comment", "type": "user", "intercom_user_id": "nobody", "body": "x"}, 404, "not_found"),
        ({"message_type": "shout", "type": "admin", "admin_id": "{admin}", "body": "x"}, 400, "parameter_invalid"),
        ({"message_type": "comment", "type": "admin", "admin_id": "{admin}"}, 400, "parameter_not_found"),
    ],
)
def test_a_reply_that_makes_no_sense_is_refused(ask: Intercom, body: Any, status: int, code: str) -> None:
    """Nobody who replies, nothing that is said, no such kind of message."""
    admin = ask("GET", "/admins").json()["admins"][0]["id"]
    key = ask("GET", "/conversations").json()["conversations"][0]["id"]
    sent = {name: admin if value == "{admin}" else value for name, value in body.items()}
    refused(ask("POST", f"/conversations/{key}/reply", sent), status, code)


def test_a_conversation_is_closed_snoozed_opened_and_assigned(ask: Intercom) -> None:
    """Each is a part of its own, and changes what searches find."""
    key = ask("GET", "/conversations").json()["conversations"][1]["id"]
    first, second = (admin["id"] for admin in ask("GET", "/admins").json()["admins"][:2])

    def managed(**sent: Any) -> Any:
        answer = ask("POST", f"/conversations/{key}/parts", {"type": "admin", "admin_id": first, **sent})
        assert answer.status_code == 200, answer.text
        body = answer.json()
        part = body["conversation_parts"]["conversation_parts"][-1]
        assert (part["part_type"], part["body"], part["author"]["id"]) == (sent["message_type"], None, first)
        return body

    assert (managed(message_type="close")["state"], search(ask, "conversations", where("id", "=", key))[0]["open"]) == (
        "closed",
        False,
    )
    assert managed(message_type="snoozed", snoozed_until=int(NOW) + 60)["snoozed_until"] == int(NOW) + 60
    assert managed(message_type="open")["state"] == "open"
    assert managed(message_type="assignment", assignee_id=second)["admin_assignee_id"] == int(second)
    assert key in {one["id"] for one in search(ask, "conversations", where("admin_assignee_id", "=", second))}
    assert managed(message_type="assignment", assignee_id="0")["admin_assignee_id"] is None
    where_to = f"/conversations/{key}/parts"
    refused(ask("POST", where_to, {"message_type": "close", "admin_id": "nobody"}), 404, "admin_not_found")
    refused(ask("POST", where_to, {"message_type": "shout", "admin_id": first}), 400, "parameter_invalid")
    late = {"message_type": "snoozed", "admin_id": first, "snoozed_until": 1}
    refused(ask("POST", where_to, late), 400, "parameter_invalid")
    nobody = {"message_type": "assignment", "admin_id": first, "assignee_id": "nobody"}
    refused(ask("POST", where_to, nobody), 404, "assignee_not_found")


def test_a_deleted_conversation_is_listed_as_deleted(ask: Intercom) -> None:
    """It is nowhere else any more."""
    first, second = ask("GET", "/conversations?per_page=2").json()["conversations"]
    for conversation in (first, second):
        ask("DELETE", f"/conversations/{conversation['id']}")
        ask.now += 1
    body = ask("GET", "/conversations/deleted?per_page=1", version="2.16").json()
    assert [one["id"] for one in body["conversations"]] == [second["id"]]
    assert body["total_count"] == body["pages"]["total_pages"] == 2
    body = ask("GET", "/conversations/deleted?order=asc", version="2.16").json()
    assert [one["deleted_at"] for one in body["conversations"]] == [int(NOW), int(NOW) + 1]
    refused(ask("GET", "/conversations/deleted?order=up", version="2.16"), 400, "parameter_invalid")
    refused(ask("GET", f"/conversations/{first['id']}"), 404, "not_found")
    assert len(search(ask, "conversations", where("updated_at", ">", 0))) == ROWS - 2


def test_who_is_nobody_hears_nothing_of_limits(ask: Intercom) -> None:
    """The headers are there for whoever is known, and not on a 401."""
    known = ask("GET", "/me").headers
    assert (known["x-ratelimit-limit"], int(known["x-ratelimit-reset"]) - NOW) == ("167", 10)
    with httpx.Client(transport=ask.sandbox.transport()) as client:
        answer = client.get(f"{PLATFORM.base_url}/me", headers={"authorization": "Bearer nobody"})
    refused(answer, 401, "unauthorized")
    assert not [name for name in answer.headers if name.startswith("x-ratelimit")]


def test_ten_seconds_of_requests_are_counted() -> None:
    """The 168th request of a window is one too many; the next window is a new one."""
    ask = Intercom(rows=1)
    ask.sandbox.limits.enforced = True
    for _ in range(167):
        assert ask("GET", "/me").status_code == 200
    answer = ask("GET", "/me")
    assert refused(answer, 429, "rate_limit_exceeded") == "Exceeded rate limit of 167 in 10_seconds"
    assert (answer.headers["x-ratelimit-remaining"], "retry-after" in answer.headers) == ("0", False)
    ask.now += 10
    assert ask("GET", "/me").status_code == 200


@pytest.mark.parametrize(
    ("host", "region"), [("api.intercom.io", "US"), ("api.eu.intercom.io", "EU"), ("api.au.intercom.io", "AU")]
)
def test_an_account_is_in_a_region(host: str, region: str) -> None:
    """The workspace says the region of the address it is asked at."""
    platform = replace(PLATFORM, base_url=f"https://{host}")
    assert Intercom(rows=1, platform=platform)("GET", "/me").json()["app"]["region"] == region


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/nothing", None, 404, "not_found"),
        ("GET", "/contacts/nobody", None, 404, "not_found"),
        ("GET", "/admins/nobody", None, 404, "admin_not_found"),
        ("GET", "/teams/nobody", None, 404, "team_not_found"),
        ("GET", "/tickets/nobody", None, 404, "ticket_not_found"),
        ("GET", "/companies/nobody/contacts", None, 404, "company_not_found"),
        ("GET", "/contacts?per_page=151", None, 400, "parameter_invalid"),
        ("GET", "/contacts?starting_after=nobody", None, 400, "parameter_invalid"),
        ("GET", "/companies?per_page=61", None, 400, "parameter_invalid"),
        ("GET", "/companies?page=many", None, 400, "parameter_invalid"),
        ("POST", "/contacts/search", {}, 400, "parameter_not_found"),
        ("POST", "/contacts/search", {"query": where("nobody", "=", 1)}, 400, "parameter_invalid"),
        (
            "POST",
            "/contacts/search",
            {"query": where("id", "=", "1"), "pagination": {"per_page": 0}},
            400,
            "parameter_invalid",
        ),
        ("POST", "/tags", {}, 400, "parameter_invalid"),
        ("POST", "/tags", {"id": "nobody", "name": "x"}, 404, "not_found"),
    ],
)
def test_what_makes_no_sense_has_a_code(
    ask: Intercom, method: str, path: str, body: Any, status: int, code: str
) -> None:
    """Each refusal is an `error.list` with Intercom's own code."""
    assert refused(ask(method, path, body), status, code)


@pytest.mark.parametrize(
    "path",
    ["id", "type", "source", "state", "statistics", "tags", "conversation_parts", "data", "pages", "scroll_param"],
)
def test_an_api_that_lost_a_field_still_answers(ask: Intercom, path: str) -> None:
    """Whatever a staged change takes away, nothing fails, under no version."""
    keys = {
        name: ask.key(name) for name in ("conversations", "contacts", "companies", "tickets_search", "admins", "tags")
    }
    admin = {"admin_id": keys["admins"]}
    ask.sandbox.evolve(Evolution(tuple(Change("intercom/*", "remove", path, scope=scope) for scope in SCOPES)))
    asked: list[tuple[str, str, Any]] = [
        ("GET", f"/conversations/{keys['conversations']}?display_as=plaintext", None),
        ("POST", f"/conversations/{keys['conversations']}/tags", {"id": keys["tags"], **admin}),
        ("POST", f"/conversations/{keys['conversations']}/parts", {"message_type": "close", **admin}),
        (
            "POST",
            f"/conversations/{keys['conversations']}/reply",
            {"message_type": "comment", "type": "admin", "body": "x", **admin},
        ),
        ("POST", "/conversations/search", {"query": where("id", "=", "1")}),
        (
            "POST",
            "/conversations/redact",
            {"type": "source", "conversation_id": keys["conversations"], "source_id": "1"},
        ),
        ("POST", "/contacts/merge", {"from": ask.key("contacts", 1), "into": keys["contacts"]}),
        ("GET", f"/contacts/{keys['contacts']}/tags", None),
        ("GET", f"/companies/{keys['companies']}/contacts", None),
        ("GET", "/companies/scroll", None),
        ("GET", f"/tickets/{keys['tickets_search']}", None),
        ("POST", "/contacts", {"email": "zed@example.com"}),
        ("POST", "/tags", {"name": "vip"}),
        ("GET", "/me", None),
    ]
    for version in ("2.11", "2.14"):
        for method, path_, body in asked:
            assert ask(method, path_, body, version).status_code in (200, 400, 404, 409)


JSON = json_values(
    ["query", "field", "operator", "value", "sort", "order", "pagination", "per_page", "email", "id", "name", "type"],
    ["AND", "OR", "=", ">", "IN", "updated_at", "id", "admin", "comment"],
)


@given(
    body=JSON,
    at=st.sampled_from(
        [
            ("POST", "/contacts/search"),
            ("POST", "/conversations/search"),
            ("POST", "/tickets/search"),
            ("POST", "/companies/list"),
            ("POST", "/contacts"),
            ("PUT", "/contacts/{contacts}"),
            ("POST", "/tags"),
            ("POST", "/contacts/{contacts}/tags"),
            ("POST", "/conversations/{conversations}/tags"),
            ("POST", "/conversations/{conversations}/reply"),
            ("POST", "/conversations/{conversations}/parts"),
            ("POST", "/conversations/redact"),
            ("POST", "/contacts/merge"),
        ]
    ),
    version=st.sampled_from(["", "1.2", "2.11", "2.16"]),
)
@settings(max_examples=150, deadline=None)
def test_no_body_makes_it_fail(body: Any, at: tuple[str, str], version: str) -> None:
    """Whatever JSON is sent, the answer is a success or a 4xx in an `error.list`."""
    ask = Intercom(rows=2)
    path = at[1]
    for name in ("contacts", "conversations"):
        path = path.replace(f"{{{name}}}", ask.key(name))
    answer = ask(at[0], path, body, version)
    assert answer.status_code < 500
    assert answer.status_code == 200 or answer.json()["type"] == "error.list"
