"""slack_sdk lists, pages, gets and fails as its documentation says."""

from __future__ import annotations

import asyncio
import json
import os
import urllib.request

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler, ServerErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

pytestmark = pytest.mark.bi_cassette("cassettes")

SANDBOX = os.environ["SANDBOX_URL"]
BASE = f"{SANDBOX}/slack/api/"
TOKEN = os.environ["SLACK_BOT_TOKEN"]
ROWS = int(os.environ["SANDBOX_ROWS"])


@pytest.fixture
def client():
    return WebClient(token=TOKEN, base_url=BASE)


@pytest.fixture
def channel(client):
    """The first channel: the app is a member of it, and it is not archived."""
    return client.conversations_list(limit=1)["channels"][0]["id"]


def refused(call, **arguments):
    """The error code that a call raises."""
    with pytest.raises(SlackApiError) as raised:
        call(**arguments)
    assert raised.value.response.status_code == 200
    assert raised.value.response["ok"] is False
    return raised.value.response["error"]


def fault(text, times=1):
    """Lets the next requests fail."""
    body = json.dumps({"fault": text, "platform": "slack", "times": times}).encode()
    asked = urllib.request.Request(f"{SANDBOX}/_sandbox/faults", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(asked, timeout=5) as answer:
        assert answer.status == 200


def test_authenticates(client):
    """`auth.test` says who the token is, and the headers what it may do."""
    answer = client.auth_test()
    assert answer["ok"] is True
    assert answer["user_id"].startswith("U")
    headers = {name.lower(): value for name, value in answer.headers.items()}
    assert "channels:history" in headers["x-oauth-scopes"]
    assert headers["x-slack-req-id"]


def test_lists_to_the_end(client):
    """Iterating over a response follows `next_cursor`; the last page has an empty one."""
    pages = [page.data for page in client.users_list(limit=5)]
    assert [len(page["members"]) for page in pages] == [5, ROWS - 5]
    assert len({member["id"] for page in pages for member in page["members"]}) == ROWS
    assert pages[-1]["response_metadata"]["next_cursor"] == ""


def test_lists_messages_of_a_channel(client, channel):
    """`conversations.history` pages within one channel, newest first."""
    pages = [page.data for page in client.conversations_history(channel=channel, limit=4)]
    times = [float(message["ts"]) for page in pages for message in page["messages"]]
    assert len(times) >= ROWS
    assert times == sorted(times, reverse=True)
    assert [page["has_more"] for page in pages] == [True] * (len(pages) - 1) + [False]


def test_lists_a_span_of_time(client, channel):
    """`oldest` and `latest` bound the messages, `inclusive` takes the bounds in."""
    times = [message["ts"] for message in client.conversations_history(channel=channel)["messages"]]
    span = {"channel": channel, "oldest": times[3], "latest": times[1]}
    inside = [message["ts"] for message in client.conversations_history(**span)["messages"]]
    whole = [message["ts"] for message in client.conversations_history(**span, inclusive=True)["messages"]]
    assert (inside, whole) == (times[2:3], times[1:4])


def test_reads_a_thread(client, channel):
    """A thread begins with its message and goes on with the replies to it, oldest first."""
    messages = client.conversations_history(channel=channel)["messages"]
    first = next(message for message in messages if message.get("reply_count") and not message.get("parent_user_id"))
    thread = client.conversations_replies(channel=channel, ts=first["ts"])["messages"]
    assert thread[0]["ts"] == first["ts"]
    assert len(thread) == first["reply_count"] + 1
    assert {reply["thread_ts"] for reply in thread} == {first["ts"]}
    assert thread[-1]["ts"] == first["latest_reply"]


def test_lists_members(client, channel):
    """The members of a channel are ids, in pages."""
    pages = [page.data["members"] for page in client.conversations_members(channel=channel, limit=2)]
    assert len({member for page in pages for member in page}) == sum(map(len, pages)) > 2


def test_lists_files_by_pages(client):
    """The older way to page: numbers, not cursors."""
    pages = [client.files_list(count=5, page=page) for page in (1, 2)]
    assert [len(page["files"]) for page in pages] == [5, ROWS - 5]
    assert pages[1]["paging"] == {"count": 5, "total": ROWS, "page": 2, "pages": 2}


def test_gets_by_id(client):
    """A user of the list can be asked for alone, by id and by address."""
    listed = client.users_list(limit=1)["members"][0]
    assert client.users_info(user=listed["id"])["user"]["id"] == listed["id"]
    assert client.users_lookupByEmail(email=listed["profile"]["email"])["user"]["id"] == listed["id"]


def test_writes_what_is_read_later(client, channel):
    """A message that was posted is the newest, until it is deleted; its thread, changes and reactions are seen."""
    posted = client.chat_postMessage(channel=channel, text="The figures are in.")
    here = {"channel": channel, "ts": posted["ts"]}
    assert client.conversations_history(channel=channel, limit=1)["messages"][0]["text"] == posted["message"]["text"]
    reply = client.chat_postMessage(channel=channel, thread_ts=posted["ts"], text="All of them?")
    assert [message["ts"] for message in client.conversations_replies(**here)["messages"]][1:] == [reply["ts"]]
    changed = client.chat_update(**here, text="The figures are nearly in.")
    assert changed["text"] != posted["message"]["text"]
    client.reactions_add(channel=channel, timestamp=posted["ts"], name="eyes")
    found = client.conversations_history(channel=channel, limit=1)["messages"][0]
    assert found["text"] == changed["text"]
    assert found["edited"]["user"] == found["user"]
    assert [reaction["name"] for reaction in found["reactions"]] == ["eyes"]
    assert refused(client.reactions_add, channel=channel, timestamp=posted["ts"], name="eyes") == "already_reacted"
    assert client.chat_delete(**here)["ok"] is True
    assert client.conversations_history(channel=channel, limit=1)["messages"][0]["ts"] != posted["ts"]
    assert refused(client.chat_delete, **here) == "message_not_found"


@pytest.mark.parametrize(("token", "code"), [("xoxb-wrong", "invalid_auth"), (None, "not_authed")])
def test_meets_a_refused_token(token, code):
    """A wrong token, or none, is HTTP 200 with `ok: false`, raised as SlackApiError."""
    assert refused(WebClient(token=token, base_url=BASE).auth_test) == code


@pytest.mark.parametrize(
    ("method", "arguments", "code"),
    [
        ("users_info", {"user": "U0NOBODY00"}, "user_not_found"),
        ("users_lookupByEmail", {"email": "nobody@example.com"}, "users_not_found"),
        ("conversations_info", {"channel": "C0NOWHERE0"}, "channel_not_found"),
        ("conversations_history", {"channel": "C0NOWHERE0"}, "channel_not_found"),
        ("files_info", {"file": "F0NOTHING0"}, "file_not_found"),
        ("chat_postMessage", {"channel": "C0NOWHERE0", "text": "Hello"}, "channel_not_found"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_meets_what_is_not_there(client, method, arguments, code):
    """Each method has a code of its own for what is not there, under HTTP 200."""
    assert refused(getattr(client, method), **arguments) == code


def test_meets_a_thread_that_is_not_there(client, channel):
    """A channel that is there, a message that is not."""
    assert refused(client.conversations_replies, channel=channel, ts="1111111111.000000") == "thread_not_found"


def test_meets_bad_pages(client, channel):
    """A size that is out of range and a cursor of another list are refused by name."""
    assert refused(client.conversations_history, channel=channel, limit=0) == "invalid_limit"
    assert refused(client.conversations_history, channel=channel, cursor="bm90IG91cnM=") == "invalid_cursor"


def test_meets_a_missing_scope(client):
    """The error says which scope is needed and which there are."""
    with pytest.raises(SlackApiError) as raised:
        client.reminders_list()
    found = raised.value.response
    assert (found["error"], found["needed"]) == ("missing_scope", "reminders:read")
    assert "reminders:read" not in found["provided"]


def test_meets_an_unknown_method(client):
    """A method that nobody has."""
    assert refused(client.api_call, api_method="numbers.count") == "unknown_method"


def test_meets_a_rate_limit():
    """A rate limit is HTTP 429 with Retry-After."""
    limited = WebClient(token=TOKEN, base_url=BASE, headers={"x-bi-fault": "rate-limit; retry-after=3"})
    with pytest.raises(SlackApiError) as raised:
        limited.users_list()
    assert raised.value.response.status_code == 429
    assert raised.value.response["error"] == "ratelimited"
    assert raised.value.response.headers["retry-after"] == "3"


def test_comes_back_after_a_rate_limit(client):
    """The SDK's own handler waits as long as it was told to, and succeeds."""
    fault("rate-limit; retry-after=1")
    client.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=1))
    assert client.auth_test()["ok"] is True


def test_comes_back_after_a_server_error(client):
    """The SDK's own handler tries again after a 500."""
    fault("status=500")
    client.retry_handlers.append(ServerErrorRetryHandler(max_retry_count=1))
    assert client.auth_test()["ok"] is True


def test_reads_asynchronously():
    """The asynchronous client (aiohttp) pages as well."""

    async def members():
        client = AsyncWebClient(token=TOKEN, base_url=BASE)
        return [member["id"] async for page in await client.users_list(limit=5) for member in page["members"]]

    assert len(set(asyncio.run(members()))) == ROWS


def test_comes_back_asynchronously():
    """The asynchronous handler waits out a rate limit as well."""
    fault("rate-limit; retry-after=1")

    async def name():
        client = AsyncWebClient(token=TOKEN, base_url=BASE)
        client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=1))
        return (await client.auth_test())["ok"]

    assert asyncio.run(name()) is True
