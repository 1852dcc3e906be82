"""Notion as the sandbox plays it: versions, ids, queries, blocks, what is written, what is refused."""

from __future__ import annotations

from typing import Any, Literal

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bi_contracts.platforms.notion import PLATFORM, SCHEMA
from bi_contracts.sandbox import Sandbox
from bi_contracts.sandbox.behaviours.notion.versions import database_of
from bi_contracts.sandbox.evolution import Change, Evolution

from .api import Api
from .fuzzing import json_values

NOW = 1_767_700_000.0
ROWS = 9
OLD, NEW = "2022-06-28", "2026-03-11"
SCOPES: tuple[Literal["record", "envelope"], ...] = ("record", "envelope")
NOBODY = "00000000-0000-4000-8000-000000000000"
TEXT = [{"text": {"content": "Zebra crossing"}}]


class Notion(Api):
    """Asked by method, path, body and version."""

    def __init__(self, rows: int = ROWS) -> None:
        super().__init__(PLATFORM, rows, NOW)

    def __call__(
        self, method: str, path: str, body: Any = None, version: str = PLATFORM.version, **more: Any
    ) -> httpx.Response:
        headers = {"notion-version": version} if version else {}
        answer = self.http.request(method, path, json=body, headers={**headers, **more.pop("headers", {})}, **more)
        assert self.sandbox.failures == 0
        return answer


@pytest.fixture
def ask() -> Notion:
    return Notion()


def results(answer: httpx.Response) -> list[Any]:
    assert answer.status_code == 200, answer.text
    found: list[Any] = answer.json()["results"]
    return found


def source(ask: Notion) -> Any:
    return results(ask("POST", "/search", {"filter": {"property": "object", "value": "data_source"}}))[0]


def refused(answer: httpx.Response, status: int, code: str) -> str:
    """The words of a refusal, which repeats the request's id in body and header."""
    body = answer.json()
    assert (answer.status_code, body["code"], body["object"], body["status"]) == (status, code, "error", status)
    assert body["request_id"] == answer.headers["x-notion-request-id"]
    return str(body["message"])


def test_the_declared_version_has_data_sources(ask: Notion) -> None:
    """A database names its data sources, a page both of its parents, and a list its kind."""
    found = source(ask)
    database = ask("GET", f"/databases/{found['parent']['database_id']}").json()
    assert database["object"] == "database"
    assert [one["id"] for one in database["data_sources"]] == [found["id"]]
    assert "properties" not in database
    answer = ask("POST", f"/data_sources/{found['id']}/query", {})
    assert answer.json()["type"] == "page_or_data_source"
    assert {row["parent"]["database_id"] for row in results(answer)} == {database["id"]}


def test_the_version_before_has_databases(ask: Notion) -> None:
    """A database holds the properties and is queried itself; there is no data source anywhere."""
    found = results(ask("POST", "/search", {"filter": {"property": "object", "value": "database"}}, OLD))[0]
    database = ask("GET", f"/databases/{found['id']}", version=OLD).json()
    assert set(database["properties"]) == set(SCHEMA)
    answer = ask("POST", f"/databases/{found['id']}/query", {"page_size": 2}, OLD)
    assert answer.json()["type"] == "page_or_database"
    assert results(answer)[0]["parent"] == {"type": "database_id", "database_id": found["id"]}
    assert "data_source" not in answer.text


def test_the_version_after_has_no_archived(ask: Notion) -> None:
    """`in_trash` alone says what is in the trash."""
    rows = results(ask("POST", "/search", {}, NEW))
    assert all("archived" not in row and row["in_trash"] is False for row in rows)


@pytest.mark.parametrize(
    ("method", "path", "version"),
    [
        ("POST", "/databases/{database}/query", PLATFORM.version),
        ("GET", "/data_sources/{source}", OLD),
        ("POST", "/data_sources/{source}/query", OLD),
        ("GET", "/invalid", PLATFORM.version),
    ],
)
def test_a_path_of_another_version_is_no_path(ask: Notion, method: str, path: str, version: str) -> None:
    """HTTP 400, `invalid_request_url`."""
    found = source(ask)
    there = path.format(source=found["id"], database=found["parent"]["database_id"])
    refused(ask(method, there, {} if method == "POST" else None, version), 400, "invalid_request_url")


def test_versions_are_known(ask: Notion) -> None:
    """A version that never was is `validation_error`, none at all is `missing_version`."""
    assert "2020-01-01" in refused(ask("GET", "/users/me", version="2020-01-01"), 400, "validation_error")
    refused(ask("GET", "/users/me", version=""), 400, "missing_version")


def test_ids_are_taken_with_and_without_dashes(ask: Notion) -> None:
    """A page is the same page either way; what is no UUID is not looked for."""
    page = results(ask("POST", "/search", {"filter": {"property": "object", "value": "page"}}))[0]
    assert ask("GET", f"/pages/{page['id'].replace('-', '')}").json()["id"] == page["id"]
    assert "path.page_id" in refused(ask("GET", "/pages/nobody"), 400, "validation_error")
    assert NOBODY in refused(ask("GET", f"/pages/{NOBODY.replace('-', '')}"), 404, "object_not_found")
    assert "block" in refused(ask("GET", f"/blocks/{NOBODY}/children"), 404, "object_not_found")
    assert "query.block_id" in refused(ask("GET", "/comments?block_id=7"), 400, "validation_error")


def test_every_row_has_the_properties_of_its_data_source(ask: Notion) -> None:
    """Names, ids and types agree, whether a value is set or not."""
    found = source(ask)
    columns = {(name, column["id"], column["type"]) for name, column in found["properties"].items()}
    for row in results(ask("POST", f"/data_sources/{found['id']}/query", {})):
        assert {(name, value["id"], value["type"]) for name, value in row["properties"].items()} == columns


@pytest.mark.parametrize("stage", ["Doing", "Done"])
def test_a_filter_and_its_opposite_share_out_the_rows(ask: Notion, stage: str) -> None:
    """`equals` and `does_not_equal` have every row between them, and none twice."""
    where = f"/data_sources/{source(ask)['id']}/query"
    found = [
        {row["id"] for row in results(ask("POST", where, {"filter": {"property": "Stage", "status": {test: stage}}}))}
        for test in ("equals", "does_not_equal")
    ]
    assert len(found[0] | found[1]) == ROWS
    assert found[0]
    assert not found[0] & found[1]


@pytest.mark.parametrize("direction", ["ascending", "descending"])
def test_sorted_pages_follow_on(ask: Notion, direction: str) -> None:
    """A sort holds across pages, rows without a value come last."""
    where, sort = f"/data_sources/{source(ask)['id']}/query", [{"property": "Estimate", "direction": direction}]
    found: list[Any] = []
    cursor = None
    while not found or cursor:
        body = {"sorts": sort, "page_size": 2, **({"start_cursor": cursor} if cursor else {})}
        answer = ask("POST", where, body)
        found += [row["properties"]["Estimate"]["number"] for row in results(answer)]
        cursor = answer.json()["next_cursor"]
    there = [number for number in found if number is not None]
    assert there == sorted(there, reverse=direction == "descending")
    assert found == there + [None] * (ROWS - len(there))


def test_words_for_spans_follow_the_clock(ask: Notion) -> None:
    """`past_week` is the seven days before the sandbox's own now."""
    where = f"/data_sources/{source(ask)['id']}/query"
    wanted = {"timestamp": "created_time", "created_time": {"past_week": {}}}
    assert len(results(ask("POST", where, {"filter": wanted}))) == ROWS
    wanted = {"timestamp": "created_time", "created_time": {"next_week": {}}}
    assert len(results(ask("POST", where, {"filter": {"or": [wanted]}}))) < ROWS


def test_only_the_properties_that_were_chosen_come(ask: Notion) -> None:
    """`filter_properties` names properties by id, on queries and on pages."""
    where = f"/data_sources/{source(ask)['id']}/query"
    row = results(ask("POST", f"{where}?filter_properties=title&filter_properties=cD_x", {}))[0]
    assert set(row["properties"]) == {"Name", "Estimate"}
    assert set(ask("GET", f"/pages/{row['id']}?filter_properties=title").json()["properties"]) == {"Name"}
    refused(ask("POST", f"{where}?filter_properties=nobody", {}), 400, "validation_error")


def test_properties_can_be_asked_for_alone(ask: Notion) -> None:
    """Values of one item, and lists of items."""
    row = results(ask("POST", f"/data_sources/{source(ask)['id']}/query", {}))[0]
    number = ask("GET", f"/pages/{row['id']}/properties/cD_x").json()
    assert (number["object"], number["number"]) == ("property_item", row["properties"]["Estimate"]["number"])
    title = results(ask("GET", f"/pages/{row['id']}/properties/title"))
    assert title[0]["title"] == row["properties"]["Name"]["title"][0]
    refused(ask("GET", f"/pages/{row['id']}/properties/nobody"), 400, "validation_error")
    refused(ask("GET", f"/pages/{NOBODY}/properties/title"), 404, "object_not_found")


def test_blocks_lie_below_blocks(ask: Notion) -> None:
    """What has children has children, each of which is found by its id and has none."""
    page = results(ask("POST", "/search", {"filter": {"property": "object", "value": "page"}}))[0]
    blocks = results(ask("GET", f"/blocks/{page['id']}/children"))
    above = next(block for block in blocks if block["has_children"])
    below = results(ask("GET", f"/blocks/{above['id']}/children"))
    assert {block["parent"]["block_id"] for block in below} == {above["id"]}
    assert [ask("GET", f"/blocks/{block['id']}").json()["id"] for block in below] == [block["id"] for block in below]
    assert results(ask("GET", f"/blocks/{below[0]['id']}/children")) == []
    assert ask("GET", f"/blocks/{page['id']}").json()["type"] == "child_page"


def test_a_page_that_was_created_is_found_everywhere(ask: Notion) -> None:
    """By id, in the query of its data source, in searches, and no more in lists once it is in the trash."""
    found = source(ask)
    sent = {"Name": {"title": TEXT}, "Stage": {"status": {"name": "Done"}}, "Topics": [{"name": "new"}]}
    body = {"parent": {"database_id": found["parent"]["database_id"]}, "properties": sent}
    page = ask("POST", "/pages", {**body, "children": [{"paragraph": {"rich_text": TEXT}}]}).json()
    assert set(page["properties"]) == set(SCHEMA)
    assert page["properties"]["Topics"]["multi_select"][0]["name"] == "new"
    assert page["created_time"] == "2026-01-06T11:46:00.000Z"
    where = f"/data_sources/{found['id']}/query"
    wanted = {"property": "Name", "title": {"contains": "zebra"}}
    assert [row["id"] for row in results(ask("POST", where, {"filter": wanted}))] == [page["id"]]
    assert [row["id"] for row in results(ask("POST", "/search", {"query": "zebra"}))] == [page["id"]]
    assert [block["type"] for block in results(ask("GET", f"/blocks/{page['id']}/children"))] == ["paragraph"]
    assert ask("PATCH", f"/pages/{page['id']}", {"archived": True}).json()["in_trash"] is True
    assert results(ask("POST", "/search", {"query": "zebra"})) == results(ask("POST", where, {"filter": wanted})) == []
    assert ask("GET", f"/pages/{page['id']}").json()["in_trash"] is True
    refused(ask("PATCH", f"/pages/{page['id']}", {"icon": None}), 400, "validation_error")
    assert ask("PATCH", f"/pages/{page['id']}", {"in_trash": False}).json()["in_trash"] is False
    assert len(results(ask("POST", where, {"filter": wanted}))) == 1


def test_an_update_changes_what_was_sent_alone(ask: Notion) -> None:
    """Other properties stay, and the page says when and by whom it was edited."""
    row = results(ask("POST", f"/data_sources/{source(ask)['id']}/query", {}))[0]
    values = {"Estimate": {"number": 77}, "Due": {"date": {"start": "2026-07-01"}}, "Region": {"select": None}}
    after = ask("PATCH", f"/pages/{row['id']}", {"properties": values}).json()
    changed = {name for name in SCHEMA if after["properties"][name] != row["properties"][name]}
    assert changed == {"Estimate", "Due", "Region"}
    assert after["last_edited_time"] == "2026-01-06T11:46:00.000Z"
    assert after["last_edited_by"]["id"] == ask("GET", "/users/me").json()["id"]


def test_pages_stand_below_pages(ask: Notion) -> None:
    """A page below a page has a title and no other property."""
    page = results(ask("POST", "/search", {"filter": {"property": "object", "value": "page"}}))[0]
    made = ask("POST", "/pages", {"parent": {"page_id": page["id"]}, "properties": {"title": TEXT}}).json()
    assert made["parent"] == {"type": "page_id", "page_id": page["id"]}
    assert made["properties"]["title"]["title"][0]["plain_text"] == "Zebra crossing"
    assert (
        ask("PATCH", f"/pages/{made['id']}", {"properties": {"title": []}}).json()["properties"]["title"]["title"] == []
    )


def test_blocks_are_appended_changed_and_deleted(ask: Notion) -> None:
    """Below pages and below blocks; what was deleted is in no list."""
    page = results(ask("POST", "/search", {"filter": {"property": "object", "value": "page"}}))[0]
    children = [{"type": "to_do", "to_do": {"rich_text": TEXT, "checked": True}}, {"divider": {}}]
    made = results(ask("PATCH", f"/blocks/{page['id']}/children", {"children": children}))
    assert results(ask("GET", f"/blocks/{page['id']}/children"))[-2:] == made
    above = made[0]["id"]
    inner = results(ask("PATCH", f"/blocks/{above}/children", {"children": [{"quote": {"rich_text": TEXT}}]}))
    assert results(ask("GET", f"/blocks/{above}/children")) == inner
    assert ask("GET", f"/blocks/{above}").json()["has_children"] is True
    changed = ask("PATCH", f"/blocks/{above}", {"to_do": {"rich_text": [], "checked": False}}).json()
    assert changed["to_do"]["checked"] is False
    refused(ask("PATCH", f"/blocks/{above}", {"quote": {"rich_text": []}}), 400, "validation_error")
    assert ask("DELETE", f"/blocks/{above}").json()["in_trash"] is True
    assert results(ask("GET", f"/blocks/{page['id']}/children"))[-1]["type"] == "divider"
    assert ask("DELETE", f"/blocks/{page['id']}").json()["type"] == "child_page"


def test_comments_stand_on_pages_and_on_blocks(ask: Notion) -> None:
    """A comment starts a discussion, which others join."""
    page = results(ask("POST", "/search", {"filter": {"property": "object", "value": "page"}}))[0]
    block = results(ask("GET", f"/blocks/{page['id']}/children"))[0]
    first = ask("POST", "/comments", {"parent": {"page_id": page["id"]}, "rich_text": TEXT}).json()
    second = ask("POST", "/comments", {"discussion_id": first["discussion_id"], "rich_text": TEXT}).json()
    assert second["discussion_id"] == first["discussion_id"]
    assert [one["id"] for one in results(ask("GET", f"/comments?block_id={page['id']}"))[-2:]] == [
        first["id"],
        second["id"],
    ]
    on_block = ask("POST", "/comments", {"parent": {"block_id": block["id"]}, "rich_text": TEXT}).json()
    assert [one["id"] for one in results(ask("GET", f"/comments?block_id={block['id']}"))] == [on_block["id"]]
    refused(ask("POST", "/comments", {"discussion_id": NOBODY, "rich_text": TEXT}), 404, "object_not_found")


@pytest.mark.parametrize(
    ("method", "path", "body", "says"),
    [
        ("POST", "/search", {"nonsense": 1}, "body.nonsense should be not present"),
        ("POST", "/search", [1], "body should be an object"),
        ("POST", "/search", {"page_size": 101}, "page size"),
        ("POST", "/search", {"start_cursor": NOBODY}, "page token"),
        ("POST", "/search", {"filter": {"property": "object", "value": "database"}}, "body.filter.value"),
        ("GET", "/users?page_size=0", None, "page size"),
        ("GET", "/users?page_size=many", None, "whole number"),
        ("POST", "/pages", {}, "body.parent should be defined"),
        ("POST", "/pages", {"parent": {}, "properties": {}}, "body.parent.page_id"),
        (
            "POST",
            "/pages",
            {"parent": {"page_id": "7"}, "properties": {}},
            "body.parent.page_id should be a valid uuid",
        ),
        ("POST", "/pages", {"parent": {"data_source_id": "{source}"}, "properties": []}, "body.properties"),
        ("POST", "/pages", {"parent": {"data_source_id": "{source}"}, "properties": {"Nobody": {}}}, "Nobody"),
        ("POST", "/pages", {"parent": {"data_source_id": "{source}"}, "properties": {"Name": {"number": 1}}}, "title"),
        (
            "POST",
            "/pages",
            {"parent": {"data_source_id": "{source}"}, "properties": {"Estimate": {"number": "1"}}},
            "type",
        ),
        (
            "POST",
            "/pages",
            {"parent": {"data_source_id": "{source}"}, "properties": {"Share": {"formula": {}}}},
            "Share",
        ),
        ("POST", "/pages", {"parent": {"data_source_id": "{source}"}, "properties": {"Due": {"date": {}}}}, "ISO 8601"),
        (
            "POST",
            "/pages",
            {"parent": {"data_source_id": "{source}"}, "properties": {"Stage": {"status": {"name": "Never"}}}},
            "does not exist",
        ),
        (
            "POST",
            "/pages",
            {"parent": {"data_source_id": "{source}"}, "properties": {"Owner": {"people": [{"id": "Ava"}]}}},
            "valid uuid",
        ),
        (
            "POST",
            "/pages",
            {"parent": {"workspace": True}, "properties": {"title": [{"text": {"content": "x" * 2001}}]}},
            "2000",
        ),
        (
            "POST",
            "/pages",
            {"parent": {"workspace": True}, "properties": {}, "children": [{"nonsense": {}}]},
            "children[0]",
        ),
        ("PATCH", "/blocks/{page}/children", {"children": {}}, "body.children should be an array"),
        ("PATCH", "/blocks/{page}/children", {"children": [{"divider": {}}] * 101}, "100"),
        ("PATCH", "/pages/{page}", {"in_trash": "yes"}, "boolean"),
        ("POST", "/comments", {"rich_text": TEXT}, "body.parent.page_id"),
        ("POST", "/comments", {"parent": {"page_id": "{page}"}, "rich_text": "hello"}, "body.rich_text"),
    ],
)
def test_what_makes_no_sense_is_a_validation_error(ask: Notion, method: str, path: str, body: Any, says: str) -> None:
    """HTTP 400, and where in the body the mistake is; nothing is written."""
    page = results(ask("POST", "/search", {"filter": {"property": "object", "value": "page"}}))[0]["id"]
    names = {"{source}": source(ask)["id"], "{page}": page}

    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: filled(item) for key, item in value.items()}
        return names.get(value, value) if isinstance(value, str) else value

    before = ask("POST", "/search", {"page_size": 100}).json()["results"]
    words = refused(ask(method, path.replace("{page}", page), filled(body)), 400, "validation_error")
    assert says in words
    assert ask("POST", "/search", {"page_size": 100}).json()["results"] == before


@pytest.mark.parametrize(
    ("method", "path", "body", "kind"),
    [
        ("GET", f"/users/{NOBODY}", None, "user"),
        ("GET", f"/blocks/{NOBODY}", None, "block"),
        ("DELETE", f"/blocks/{NOBODY}", None, "block"),
        ("PATCH", f"/blocks/{NOBODY}", {"divider": {}}, "block"),
        ("PATCH", f"/blocks/{NOBODY}/children", {"children": []}, "block"),
        ("PATCH", f"/pages/{NOBODY}", {}, "page"),
        ("GET", f"/comments?block_id={NOBODY}", None, "block"),
        ("GET", f"/databases/{NOBODY}", None, "database"),
        ("GET", f"/data_sources/{NOBODY}", None, "data_source"),
        ("POST", f"/data_sources/{NOBODY}/query", {}, "data_source"),
        ("POST", "/pages", {"parent": {"page_id": NOBODY}, "properties": {}}, "page"),
        ("POST", "/pages", {"parent": {"data_source_id": NOBODY}, "properties": {}}, "data_source"),
        ("POST", "/comments", {"parent": {"page_id": NOBODY}, "rich_text": TEXT}, "page"),
        ("POST", "/comments", {"parent": {"block_id": NOBODY}, "rich_text": TEXT}, "block"),
    ],
)
def test_what_is_not_there_is_named(ask: Notion, method: str, path: str, body: Any, kind: str) -> None:
    """HTTP 404, `object_not_found`, with the kind of thing and its id."""
    assert f"Could not find {kind} with ID: {NOBODY}" in refused(ask(method, path, body), 404, "object_not_found")


def test_rich_text_keeps_mentions_equations_and_links(ask: Notion) -> None:
    """Each piece has its own type, its annotations and its words."""
    sent = [
        {"text": {"content": "see", "link": {"url": "https://example.com"}}, "annotations": {"bold": True}},
        {"mention": {"user": {"id": NOBODY}}},
        {"equation": {"expression": "a+b"}},
    ]
    page = results(ask("POST", "/search", {"filter": {"property": "object", "value": "page"}}))[0]
    made = ask("POST", "/comments", {"parent": {"page_id": page["id"]}, "rich_text": sent}).json()["rich_text"]
    assert [piece["type"] for piece in made] == ["text", "mention", "equation"]
    assert (made[0]["href"], made[0]["annotations"]["bold"], made[2]["plain_text"]) == (
        "https://example.com",
        True,
        "a+b",
    )


def test_every_kind_of_property_can_be_written(ask: Notion) -> None:
    """What was sent is what is answered, options and people filled in."""
    found = source(ask)
    person = results(ask("GET", "/users"))[0]["id"]
    sent = {
        "Summary": {"rich_text": TEXT},
        "Stage": {"status": None},
        "Region": {"select": {"id": "d9e1"}},
        "Topics": {"multi_select": [{"name": "board"}]},
        "Due": {"date": None},
        "Owner": {"people": [{"id": person}]},
        "Follow-up": {"relation": [{"id": found["id"]}]},
        "Files": {"files": []},
        "Source": {"url": "https://example.com"},
        "Signed off": {"checkbox": True},
        "5b6c": [],
    }
    made = ask("POST", "/pages", {"parent": {"data_source_id": found["id"]}, "properties": sent}).json()["properties"]
    assert made["Region"]["select"] == {"id": "d9e1", "name": "South", "color": "orange"}
    assert made["Topics"]["multi_select"][0]["id"] == "f1a2"
    assert made["Owner"]["people"] == [{"object": "user", "id": person}]
    assert (made["Stage"]["status"], made["Due"]["date"], made["Signed off"]["checkbox"]) == (None, None, True)
    assert made["Follow-up"]["relation"] == []


@pytest.mark.parametrize(
    "values",
    [
        {"Name": {}},
        {"Name": {"title": [{"nonsense": {}}]}},
        {"Name": {"title": [{"text": {"content": 3}}]}},
        {"Name": {"title": [{"text": {"content": "x"}}] * 101}},
        {"Topics": {"multi_select": "board"}},
        {"Topics": {"multi_select": [{}]}},
        {"Region": {"select": {"id": "nobody"}}},
        {"Due": {"date": {"start": "2026-01-01", "end": "soon"}}},
        {"Follow-up": {"relation": [{"id": "7"}]}},
    ],
)
def test_a_value_that_makes_no_sense_is_refused(ask: Notion, values: Any) -> None:
    """A validation error, on creation and on update."""
    found = source(ask)
    row = results(ask("POST", f"/data_sources/{found['id']}/query", {}))[0]["id"]
    body = {"parent": {"data_source_id": found["id"]}, "properties": values}
    refused(ask("POST", "/pages", body), 400, "validation_error")
    refused(ask("PATCH", f"/pages/{row}", {"properties": values}), 400, "validation_error")


@pytest.mark.parametrize(
    ("status", "code"),
    [(409, "conflict_error"), (503, "service_unavailable"), (504, "gateway_timeout"), (529, "service_overload")],
)
def test_failures_have_codes_of_their_own(status: int, code: str) -> None:
    """Each status that clients retry is written as Notion writes it."""
    shape = PLATFORM.errors.statuses[status]
    assert (shape.status, shape.code, shape.body["status"]) == (status, code, status)
    sandbox = Sandbox([PLATFORM], rows=1)
    sandbox.fault(f"status={status}", platform="notion")
    with httpx.Client(transport=sandbox.transport()) as client:
        refused(client.get(f"{PLATFORM.base_url}/users/me"), status, code)


@pytest.mark.parametrize(
    "path", ["archived", "id", "parent", "title", "database_parent", "properties", "in_trash", "results", "object"]
)
def test_an_api_that_lost_a_field_still_answers(path: str) -> None:
    """Whatever a staged change takes away, nothing fails, under no version."""
    ask = Notion(rows=3)
    keys = {name: ask.key(name) for name in ("pages", "data_sources")}
    ask.sandbox.evolve(Evolution(tuple(Change("notion/*", "remove", path, scope=scope) for scope in SCOPES)))
    asked = [
        ("GET", f"/databases/{database_of(keys['data_sources'])}"),
        ("POST", f"/data_sources/{keys['data_sources']}/query?filter_properties=title"),
        ("GET", f"/pages/{keys['pages']}?filter_properties=title"),
        ("GET", f"/blocks/{keys['pages']}"),
        ("GET", f"/blocks/{keys['pages']}/children"),
        ("PATCH", f"/pages/{keys['pages']}"),
        ("POST", "/search"),
    ]
    for version in (OLD, PLATFORM.version, NEW):
        for method, where in asked:
            assert ask(method, where, None if method == "GET" else {}, version).status_code in (200, 400)


def test_what_cannot_be_written_again_is_refused() -> None:
    """`1e999` is JSON and no number that an answer could repeat."""
    headers = {"content-type": "application/json"}
    body = b'{"parent": {"workspace": true}, "properties": {}, "icon": 1e999}'
    refused(Notion(rows=1)("POST", "/pages", version=OLD, content=body, headers=headers), 400, "validation_error")


JSON = json_values(
    ["parent", "properties", "page_id", "children", "filter", "and", "property", "title", "Name", "sorts", "type"]
)


@given(
    body=JSON,
    at=st.sampled_from(
        [
            ("POST", "/search"),
            ("POST", "/pages"),
            ("POST", "/comments"),
            ("PATCH", f"/pages/{NOBODY}"),
            ("PATCH", "/pages/{page}"),
            ("PATCH", "/blocks/{page}/children"),
            ("POST", "/data_sources/{source}/query"),
        ]
    ),
    version=st.sampled_from([OLD, PLATFORM.version, NEW]),
)
@settings(max_examples=150, deadline=None)
def test_no_body_makes_it_fail(body: Any, at: tuple[str, str], version: str) -> None:
    """Whatever JSON is sent, the answer is a success or a 4xx with a code."""
    ask = Notion(rows=2)
    answer = ask(
        at[0], at[1].replace("{page}", ask.key("pages")).replace("{source}", ask.key("data_sources")), body, version
    )
    assert answer.status_code < 500
    assert answer.json()["object"] == "error" or answer.status_code == 200
