"""slack_sdk lists, pages, gets and fails as its documentation says."""

from __future__ import annotations

import asyncio
import json
import os
import urllib.request

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

pytestmark = pytest.mark.bi_cassette("cassettes")

SANDBOX = os.environ["SANDBOX_URL"]
BASE = f"{SANDBOX}/slack/api/"
TOKEN = os.environ["SLACK_BOT_TOKEN"]
ROWS = int(os.environ["SANDBOX_ROWS"])


@pytest.fixture
def client():
    return WebClient(token=TOKEN, base_url=BASE)


def test_authenticates(client):
    """`auth.test` says who the token is."""
    answer = client.auth_test()
    assert answer["ok"] is True
    assert answer["user_id"].startswith("U")


def test_lists_to_the_end(client):
    """Iterating over a response follows `next_cursor`; the last page has an empty one."""
    pages = [page.data for page in client.users_list(limit=3)]
    assert [len(page["members"]) for page in pages] == [3, 3, ROWS - 6]
    assert len({member["id"] for page in pages for member in page["members"]}) == ROWS
    assert pages[-1]["response_metadata"]["next_cursor"] == ""


def test_lists_messages_of_a_channel(client):
    """`conversations.history` pages within one channel."""
    channel = client.conversations_list(limit=1)["channels"][0]["id"]
    pages = [page.data for page in client.conversations_history(channel=channel, limit=4)]
    assert sum(len(page["messages"]) for page in pages) == ROWS
    assert len(pages) == 2


def test_gets_by_id(client):
    """A user of the list can be asked for alone."""
    listed = client.users_list(limit=1)["members"][0]
    assert client.users_info(user=listed["id"])["user"]["id"] == listed["id"]


def test_meets_a_refused_token():
    """A wrong token is HTTP 200 with `ok: false`, raised as SlackApiError."""
    with pytest.raises(SlackApiError) as raised:
        WebClient(token="xoxb-wrong", base_url=BASE).auth_test()
    assert raised.value.response.status_code == 200
    assert raised.value.response["error"] == "invalid_auth"


def test_meets_what_is_not_there(client):
    """An unknown user is an error of its own, HTTP 200."""
    with pytest.raises(SlackApiError) as raised:
        client.users_info(user="U0NOBODY00")
    assert raised.value.response["error"].endswith("_not_found")


def test_meets_a_rate_limit():
    """A rate limit is HTTP 429 with Retry-After."""
    refused = WebClient(token=TOKEN, base_url=BASE, headers={"x-bi-fault": "rate-limit; retry-after=3"})
    with pytest.raises(SlackApiError) as raised:
        refused.users_list()
    assert raised.value.response.status_code == 429
    assert raised.value.response["error"] == "ratelimited"
    assert raised.value.response.headers["retry-after"] == "3"


def test_comes_back_after_a_rate_limit(client):
    """The SDK's own handler waits as long as it was told to, and succeeds."""
    fault = {"fault": "rate-limit; retry-after=1", "platform": "slack", "times": 1}
    json_body = {"Content-Type": "application/json"}
    admin = urllib.request.Request(f"{SANDBOX}/_sandbox/faults", json.dumps(fault).encode(), json_body)
    with urllib.request.urlopen(admin, timeout=5) as answer:
        assert answer.status == 200
    client.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=1))
    assert client.auth_test()["ok"] is True


def test_reads_asynchronously():
    """The asynchronous client (aiohttp) pages as well."""

    async def members():
        client = AsyncWebClient(token=TOKEN, base_url=BASE)
        return [member["id"] async for page in await client.users_list(limit=3) for member in page["members"]]

    assert len(set(asyncio.run(members()))) == ROWS
