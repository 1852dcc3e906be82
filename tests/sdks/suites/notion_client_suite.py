"""notion-client lists, pages, gets and fails as its documentation says."""

from __future__ import annotations

import asyncio
import json
import os
import urllib.request

import pytest
from notion_client import APIErrorCode, APIResponseError, AsyncClient, Client
from notion_client.errors import UnknownHTTPResponseError
from notion_client.helpers import async_collect_paginated_api, collect_paginated_api

pytestmark = pytest.mark.bi_cassette("cassettes")

SANDBOX = os.environ["SANDBOX_URL"]
BASE = f"{SANDBOX}/notion"
TOKEN = os.environ["NOTION_TOKEN"]
ROWS = int(os.environ["SANDBOX_ROWS"])


@pytest.fixture
def client():
    with Client(auth=TOKEN, base_url=BASE, retry=False) as client:
        yield client


def test_authenticates(client):
    """`users.me` is the bot of the token."""
    assert client.users.me()["type"] == "bot"


def test_lists_to_the_end(client):
    """The SDK's helper follows `next_cursor` until `has_more` is false."""
    users = collect_paginated_api(client.users.list, page_size=3)
    assert len({user["id"] for user in users}) == ROWS


def test_searches_by_post(client):
    """Search is a POST whose cursor travels in the body."""
    found = collect_paginated_api(client.search, page_size=2, filter={"property": "object", "value": "page"})
    assert len({page["id"] for page in found}) >= ROWS
    assert {page["object"] for page in found} == {"page"}


def test_queries_a_data_source(client):
    """The rows of a data source are pages with properties that users named."""
    wanted = {"property": "object", "value": "data_source"}
    source = client.search(filter=wanted, page_size=1)["results"][0]
    rows = collect_paginated_api(client.data_sources.query, data_source_id=source["id"], page_size=3)
    assert len(rows) >= ROWS
    assert all(row["properties"] for row in rows)


def test_filters_and_sorts(client):
    """Conditions on properties and timestamps, in groups; the order is the one that was asked for."""
    source = client.search(filter={"property": "object", "value": "data_source"}, page_size=1)["results"][0]
    done = {"property": "Stage", "status": {"equals": "Done"}}
    recent = {"timestamp": "created_time", "created_time": {"after": "2020-01-01"}}
    asked = {"filter": {"and": [done, recent]}, "sorts": [{"property": "Due", "direction": "descending"}]}
    rows = collect_paginated_api(client.data_sources.query, data_source_id=source["id"], page_size=1, **asked)
    assert 0 < len(rows) < ROWS
    assert {row["properties"]["Stage"]["status"]["name"] for row in rows} == {"Done"}
    dues = [row["properties"]["Due"]["date"]["start"] for row in rows]
    assert dues == sorted(dues, reverse=True)


def test_keeps_to_the_properties_that_were_chosen(client):
    """`filter_properties` names properties by their id."""
    source = client.search(filter={"property": "object", "value": "data_source"}, page_size=1)["results"][0]
    row = client.data_sources.query(source["id"], page_size=1, filter_properties=["title"])["results"][0]
    assert list(row["properties"]) == ["Name"]


def test_gets_a_database(client):
    """A database names its data sources."""
    source = client.search(filter={"property": "object", "value": "data_source"}, page_size=1)["results"][0]
    database = client.databases.retrieve(source["parent"]["database_id"])
    assert [one["id"] for one in database["data_sources"]] == [source["id"]]


def test_speaks_the_version_of_databases():
    """Before 2025-09-03 a database holds the properties, and is queried itself."""
    with Client(auth=TOKEN, base_url=BASE, notion_version="2022-06-28", retry=False) as client:
        found = client.search(filter={"property": "object", "value": "database"}, page_size=1)["results"][0]
        assert found["object"] == "database"
        assert "Name" in client.databases.retrieve(found["id"])["properties"]
        answer = client.request(f"databases/{found['id']}/query", "POST", body={"page_size": 1})
        assert answer["type"] == "page_or_database"
        assert answer["results"][0]["parent"] == {"type": "database_id", "database_id": found["id"]}
        with pytest.raises(APIResponseError) as raised:
            client.data_sources.retrieve(found["id"])
        assert raised.value.code == APIErrorCode.InvalidRequestURL


def test_writes_a_page_and_finds_it(client):
    """A page that was created is in the query and in the search, until it is put into the trash."""
    source = client.search(filter={"property": "object", "value": "data_source"}, page_size=1)["results"][0]
    values = {
        "Name": {"title": [{"text": {"content": "Zebra crossing"}}]},
        "Stage": {"status": {"name": "Doing"}},
        "Estimate": {"number": 1234.5},
    }
    text = [{"text": {"content": "First."}}]
    page = client.pages.create(
        parent={"data_source_id": source["id"]}, properties=values, children=[{"paragraph": {"rich_text": text}}]
    )
    wanted = {"property": "Estimate", "number": {"equals": 1234.5}}
    assert [row["id"] for row in client.data_sources.query(source["id"], filter=wanted)["results"]] == [page["id"]]
    assert [row["id"] for row in client.search(query="zebra")["results"]] == [page["id"]]
    client.blocks.children.append(page["id"], children=[{"to_do": {"rich_text": text, "checked": True}}])
    assert [block["type"] for block in client.blocks.children.list(page["id"])["results"]] == ["paragraph", "to_do"]
    comment = client.comments.create(parent={"page_id": page["id"]}, rich_text=text)
    assert [one["id"] for one in client.comments.list(block_id=page["id"])["results"]] == [comment["id"]]
    assert (
        client.pages.update(page["id"], properties={"Estimate": {"number": 5}})["properties"]["Estimate"]["number"] == 5
    )
    assert client.pages.update(page["id"], in_trash=True)["in_trash"] is True
    assert client.search(query="zebra")["results"] == []


def test_gets_by_id(client):
    """A user, a page and its blocks can be asked for by id."""
    user = client.users.list(page_size=1)["results"][0]
    assert client.users.retrieve(user["id"])["id"] == user["id"]
    page = client.search(filter={"property": "object", "value": "page"}, page_size=1)["results"][0]
    assert client.pages.retrieve(page["id"])["id"] == page["id"]
    blocks = collect_paginated_api(client.blocks.children.list, block_id=page["id"], page_size=4)
    assert len(blocks) == ROWS
    above = next(block for block in blocks if block["has_children"])
    below = client.blocks.children.list(above["id"])["results"]
    assert client.blocks.retrieve(below[0]["id"])["parent"]["block_id"] == above["id"]


def test_meets_a_refused_token():
    """A wrong token is HTTP 401, `unauthorized`."""
    with Client(auth="ntn_wrong", base_url=BASE) as client, pytest.raises(APIResponseError) as raised:
        client.users.me()
    assert raised.value.code == APIErrorCode.Unauthorized
    assert raised.value.status == 401


def test_meets_what_is_not_there(client):
    """An unknown page is HTTP 404, `object_not_found`."""
    with pytest.raises(APIResponseError) as raised:
        client.pages.retrieve("00000000-0000-4000-8000-000000000000")
    assert raised.value.code == APIErrorCode.ObjectNotFound
    assert raised.value.status == 404


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("pages/nobody", None, APIErrorCode.ValidationError),
        ("users?start_cursor=00000000-0000-4000-8000-000000000000", None, APIErrorCode.ValidationError),
        ("search", {"filter": {"property": "object", "value": "database"}}, APIErrorCode.ValidationError),
        ("search", {"nonsense": 1}, APIErrorCode.ValidationError),
        ("invalid", None, APIErrorCode.InvalidRequestURL),
    ],
)
def test_meets_what_is_invalid(client, path, body, code):
    """Ids, cursors, bodies and paths that make no sense are HTTP 400 with a code."""
    with pytest.raises(APIResponseError) as raised:
        client.request(path, "POST" if body else "GET", body=body)
    assert raised.value.code == code
    assert raised.value.status == 400


def test_meets_a_rate_limit(client):
    """A rate limit is HTTP 429, `rate_limited`, with Retry-After."""
    client.client.headers["x-bi-fault"] = "rate-limit; retry-after=3"
    with pytest.raises(APIResponseError) as raised:
        client.users.list()
    assert raised.value.code == APIErrorCode.RateLimited
    assert raised.value.status == 429
    assert raised.value.headers["retry-after"] == "3"


def test_comes_back_after_a_rate_limit():
    """The SDK's own retry waits as long as it was told to, and succeeds."""
    fault = {"fault": "rate-limit; retry-after=1", "platform": "notion", "times": 1}
    json_body = {"Content-Type": "application/json"}
    admin = urllib.request.Request(f"{SANDBOX}/_sandbox/faults", json.dumps(fault).encode(), json_body)
    with urllib.request.urlopen(admin, timeout=5) as answer:
        assert answer.status == 200
    with Client(auth=TOKEN, base_url=BASE) as client:
        assert client.users.me()["object"] == "user"


def test_meets_a_missing_version():
    """Without the version header nothing is answered but 400."""
    with Client(auth=TOKEN, base_url=BASE) as client:
        del client.client.headers["Notion-Version"]
        with pytest.raises(UnknownHTTPResponseError) as raised:
            client.users.me()
    assert raised.value.status == 400
    assert json.loads(raised.value.body)["code"] == "missing_version"


def test_reads_asynchronously():
    """The asynchronous client pages as well."""

    async def users():
        async with AsyncClient(auth=TOKEN, base_url=BASE) as client:
            return await async_collect_paginated_api(client.users.list, page_size=3)

    assert len(asyncio.run(users())) == ROWS
