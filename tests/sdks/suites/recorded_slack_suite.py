"""Slack's answers as others recorded them, through slack_sdk: each test makes the recorded calls again."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bi_contracts.cassette.importers import HEAD, load_importers

RECORDED, IMPORTED = Path(os.environ["RECORDED"], "slack"), Path(os.environ["IMPORTED"], "slack")
FORMATS = load_importers()


def sources(*names):
    for source in sorted(path for path in RECORDED.rglob("*") if path.is_file()):
        name = source.relative_to(RECORDED)
        cassette = (IMPORTED / name).with_suffix(".yaml")
        if cassette.is_file() and (not names or source.stem in names):
            yield pytest.param(source, marks=pytest.mark.bi_cassette(str(cassette)), id=str(name))


def calls(source):
    """The recorded calls as they were made, before anything was redacted; the upload of bytes is no method."""
    with source.open("rb") as stream:
        recorded = FORMATS.of(stream.read(HEAD), source).read(source)
    return [one for one in recorded if "/upload/" not in one.request.url]


def method_of(call):
    return urlsplit(call.request.url).path.rpartition("/")[2]


def arguments_of(call):
    text = call.request.body.decode()
    if text.lstrip().startswith("{"):
        return json.loads(text)
    sent = [*parse_qsl(urlsplit(call.request.url).query), *parse_qsl(text)]
    return {name: value for name, value in sent if name != "token"}


async def asked_by_get(method, arguments):
    return await AsyncWebClient(token="any").api_call(method, http_verb="GET", params=arguments)


def ask(call):
    """As the SDK does: GET by its asynchronous client, forms and JSON by the other."""
    method, arguments = method_of(call), arguments_of(call)
    if call.request.method == "GET":
        return asyncio.run(asked_by_get(method, arguments))
    if call.request.body.lstrip().startswith(b"{"):
        return WebClient(token="any").api_call(method, json=arguments)
    if urlsplit(call.request.url).query:
        return asyncio.run(AsyncWebClient(token="any").api_call(method, params=arguments))
    return WebClient(token="any").api_call(method, data=arguments)


def outcome(call):
    """Slack's own error, or the members of the answer."""
    try:
        return ask(call).data.keys()
    except SlackApiError as error:
        return error.response["error"]


@pytest.mark.parametrize("source", list(sources()))
def test_every_recorded_call_is_answered(source):
    """One after the other; `ok: false` is raised with Slack's own error."""
    for call in calls(source):
        recorded = json.loads(call.response.body)
        assert outcome(call) == (recorded.keys() if recorded["ok"] else recorded["error"])


@pytest.mark.parametrize("source", list(sources("paginated_users_list")))
def test_pages_are_followed_to_the_end(source):
    """Iterating over `users_list` reads every recorded page, each user once."""
    recorded = [member["id"] for call in calls(source) for member in json.loads(call.response.body)["members"]]
    pages = [page.data for page in WebClient(token="any").users_list(limit=5, presence="true")]
    assert len(pages) == len(calls(source)) > 5
    assert [member["id"] for page in pages for member in page["members"]] == recorded


@pytest.mark.parametrize("source", list(sources("users_list", "users_info", "conversations_info", "auth_test_success")))
def test_the_sdks_own_methods_are_answered(source):
    """`client.users_list()`, `client.users_info(user=...)`: named after Slack's methods."""
    client = WebClient(token="any")
    for call in calls(source):
        answer = getattr(client, method_of(call).replace(".", "_"))(**arguments_of(call))
        assert answer.data.keys() == json.loads(call.response.body).keys()


@pytest.mark.parametrize("source", list(sources("auth_test_error")))
def test_a_recorded_refusal_is_raised(source):
    """The recorded `not_authed` is a SlackApiError, HTTP 200."""
    with pytest.raises(SlackApiError) as raised:
        WebClient(token="any").auth_test()
    assert raised.value.response["error"] == json.loads(calls(source)[0].response.body)["error"] == "not_authed"
