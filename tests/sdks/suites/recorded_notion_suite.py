"""Notion's answers as others recorded them, through notion-client: each test makes the recorded call again."""

from __future__ import annotations

import asyncio
import json
import os
import re
from functools import partial
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from notion_client import AsyncClient, Client
from notion_client.errors import HTTPResponseError
from notion_client.helpers import collect_paginated_api

from bi_contracts.cassette.importers import HEAD, load_importers
from bi_contracts.interaction import header

RECORDED, IMPORTED = Path(os.environ["RECORDED"], "notion"), Path(os.environ["IMPORTED"], "notion")
FORMATS = load_importers()

METHODS = [
    ("GET", "users", lambda client, _, sent: client.users.list(**sent)),
    ("GET", "users/me", lambda client, _, __: client.users.me()),
    ("GET", "users/(?!me$)([^/]+)", lambda client, ids, _: client.users.retrieve(*ids)),
    ("POST", "search", lambda client, _, sent: client.search(**sent)),
    ("GET", "pages/([^/]+)", lambda client, ids, sent: client.pages.retrieve(*ids, **sent)),
    ("GET", "pages/([^/]+)/properties/([^/]+)", lambda client, ids, _: client.pages.properties.retrieve(*ids)),
    ("POST", "pages", lambda client, _, sent: client.pages.create(**sent)),
    ("GET", "blocks/([^/]+)", lambda client, ids, _: client.blocks.retrieve(*ids)),
    ("GET", "blocks/([^/]+)/children", lambda client, ids, sent: client.blocks.children.list(*ids, **sent)),
    ("PATCH", "blocks/([^/]+)/children", lambda client, ids, sent: client.blocks.children.append(*ids, **sent)),
    ("DELETE", "blocks/([^/]+)", lambda client, ids, _: client.blocks.delete(*ids)),
    ("GET", "databases/([^/]+)", lambda client, ids, _: client.databases.retrieve(*ids)),
    ("GET", "data_sources/([^/]+)", lambda client, ids, _: client.data_sources.retrieve(*ids)),
    ("POST", "data_sources/([^/]+)/query", lambda client, ids, sent: client.data_sources.query(*ids, **sent)),
    ("GET", "comments", lambda client, _, sent: client.comments.list(**sent)),
    ("POST", "comments", lambda client, _, sent: client.comments.create(**sent)),
]


def sources():
    for source in sorted(path for path in RECORDED.rglob("*") if path.is_file()):
        name = source.relative_to(RECORDED)
        cassette = (IMPORTED / name).with_suffix(".yaml")
        if cassette.is_file():
            yield pytest.param(source, marks=pytest.mark.bi_cassette(str(cassette)), id=str(name))


def calls(source):
    """The recorded calls as they were made, before anything was redacted.

    Without uploads of files, which are no JSON, and calls to another host (one test of the SDK asked a mock).
    """
    with source.open("rb") as stream:
        recorded = FORMATS.of(stream.read(HEAD), source).read(source)
    found = [one for one in recorded if is_json(one) and urlsplit(one.request.url).netloc in ("api.notion.com", "")]
    return found or pytest.skip("uploads of files, or another host")


def is_json(call):
    return "multipart" not in header(call.request.headers, "content-type")


def sent_of(call):
    query = dict(parse_qsl(urlsplit(call.request.url).query, keep_blank_values=True))
    return query, json.loads(call.request.body) if call.request.body.strip() else None


def path_of(call):
    return urlsplit(call.request.url).path.removeprefix("/").removeprefix("v1/")


def same(answer, call):
    """Whether the SDK got what was recorded, personal data aside."""
    recorded = json.loads(call.response.body)
    return answer.keys() == recorded.keys() and all(
        answer[name] == recorded[name] for name in ("object", "id", "has_more", "type") if name in recorded
    )


def outcome(ask, call):
    """The status of an error; for a success whether it is the recorded one."""
    try:
        return same(ask(), call)
    except HTTPResponseError as error:
        return error.status


def recorded(call):
    """What `outcome` has to be."""
    return call.response.status if call.response.status >= 400 else True


@pytest.mark.parametrize("source", list(sources()))
def test_every_recorded_call_is_answered(source):
    """By the SDK's `request`, one after the other, successes and errors alike."""
    with Client(auth="any", retry=False) as client:
        for call in calls(source):
            query, body = sent_of(call)
            made = partial(client.request, path_of(call), call.request.method, query=query, body=body)
            assert outcome(made, call) == recorded(call)


def method_of(call):
    """The SDK's method for a call, None where it has none of its own."""
    query, body = sent_of(call)
    if call.request.method == "POST" and body is None:
        return None  # the SDK always sends an object
    for verb, pattern, method in METHODS:
        found = re.fullmatch(pattern, path_of(call))
        if found and verb == call.request.method:
            return lambda client: method(client, found.groups(), {**query, **(body or {})})
    return None


@pytest.mark.parametrize("source", list(sources()))
def test_the_sdks_own_methods_are_answered(source):
    """By the SDK's method for the endpoint: `client.users.list()`, `client.pages.retrieve(id)`."""
    made = [(call, method_of(call)) for call in calls(source)]
    if not any(method for _, method in made):
        pytest.skip("no endpoint with a method of its own")
    with Client(auth="any", retry=False) as client:
        for call, method in made:
            if method:
                assert outcome(partial(method, client), call) == recorded(call)


@pytest.mark.parametrize("source", [one for one in sources() if "test_collect_paginated_api" in one.id])
def test_pages_are_collected_to_the_end(source):
    """As the SDK's own test did when it was recorded: the helper collects all of a paginated endpoint."""
    first = next(call for call in calls(source) if path_of(call).endswith("search") or "children" in path_of(call))
    found = json.loads(first.response.body)["results"]
    query, body = sent_of(first)
    with Client(auth="any") as client:
        if path_of(first) == "search":
            collected = collect_paginated_api(client.search, **(body or {}))
        else:
            block = path_of(first).split("/")[1]
            collected = collect_paginated_api(client.blocks.children.list, block_id=block, **query)
    assert [one["id"] for one in collected][: len(found)] == [one["id"] for one in found]


@pytest.mark.parametrize("source", [one for one in sources() if "test_async_collect_paginated_api" in one.id])
def test_the_asynchronous_client_is_answered(source):
    """By `AsyncClient.request`, one call after the other."""

    async def ask():
        async with AsyncClient(auth="any", retry=False) as client:
            return [await client.request(path_of(call), call.request.method, *sent_of(call)) for call in calls(source)]

    assert all(map(same, asyncio.run(ask()), calls(source)))
