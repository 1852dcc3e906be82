"""Slack's own ways in the sandbox: codes, scopes, warnings, threads, writes, tiers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bi_contracts.platforms.slack import PLATFORM

from .slack import Slack

ROWS = 6


@pytest.fixture
def slack() -> Iterator[Slack]:
    made = Slack(rows=ROWS)
    yield made
    assert made.sandbox.failures == 0


# Arguments


def test_arguments_may_come_in_any_way(slack: Slack) -> None:
    """A form, JSON and the query say the same."""
    channel = slack.channel()
    asked = {"channel": channel, "limit": "2"}
    answers = [
        slack.http.post("/conversations.history", data=asked),
        slack.http.post(
            "/conversations.history", json=asked, headers={"content-type": "application/json; charset=utf-8"}
        ),
        slack.http.get("/conversations.history", params=asked),
    ]
    assert len({answer.text for answer in answers}) == 1
    assert len(answers[0].json()["messages"]) == 2


@pytest.mark.parametrize(
    ("content_type", "content", "code"),
    [
        ("application/json", b"{", "invalid_json"),
        ("application/json", b'{"limit": Infinity}', "invalid_json"),
        ("application/json", b"[" * 5000, "invalid_json"),
        ("application/json", b"[1]", "json_not_object"),
        ("application/xml", b"<a/>", "invalid_post_type"),
        ("", b"limit=1", "missing_post_type"),
        ("application/json; charset=utf-16", b"{}", "invalid_charset"),
        ("application/x-www-form-urlencoded", b"a[b]=1", "invalid_array_arg"),
        ("application/x-www-form-urlencoded", b"a-b=1", "invalid_arg_name"),
        ("application/x-www-form-urlencoded", b"a=\xff", "invalid_form_data"),
        ("application/json; charset=utf-8", b'{"limit": {"a": 1}}', "invalid_limit"),
    ],
)
def test_a_body_that_cannot_be_read_has_a_code(slack: Slack, content_type: str, content: bytes, code: str) -> None:
    """Each way to be unreadable has its own, under HTTP 200."""
    headers = {"content-type": content_type} if content_type else {}
    answer = slack.http.post("/users.list", content=content, headers=headers)
    assert (answer.status_code, answer.json()["ok"], answer.json()["error"]) == (200, False, code)


@pytest.mark.parametrize(
    ("content_type", "warning"),
    [
        ("application/json", "missing_charset"),
        ("application/json; charset=utf-8", None),
        ("application/x-www-form-urlencoded; charset=utf-8", "superfluous_charset"),
        ("application/x-www-form-urlencoded", None),
    ],
)
@pytest.mark.parametrize("method", ["users.list", "users.info"])
def test_a_character_set_is_warned_of(slack: Slack, method: str, content_type: str, warning: str | None) -> None:
    """JSON should name one, a form should not; a success and an error say so alike."""
    content = b'{"limit": 2}' if "json" in content_type else b"limit=2"
    body = slack.http.post(f"/{method}", content=content, headers={"content-type": content_type}).json()
    assert body.get("warning") == warning
    assert body.get("response_metadata", {}).get("warnings") == ([warning] if warning else None)


# Who asks


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "not_authed"),
        ({"authorization": "Basic abc"}, "not_authed"),
        ({"authorization": "Bearer x"}, "invalid_auth"),
    ],
)
def test_a_credential_is_absent_or_wrong(slack: Slack, headers: dict[str, str], code: str) -> None:
    """Two different codes."""
    request = httpx.Request("POST", f"{PLATFORM.base_url}/auth.test", headers=headers)
    assert slack.sandbox.handle(request).json() == {"ok": False, "error": code}


def test_the_token_may_stand_in_the_form(slack: Slack) -> None:
    """The older way to sign."""
    headers = {"content-type": "application/x-www-form-urlencoded"}
    content = f"token={slack.token}".encode()
    request = httpx.Request("POST", f"{PLATFORM.base_url}/auth.test", headers=headers, content=content)
    assert slack.sandbox.handle(request).json()["ok"] is True


def test_headers_say_what_is_granted_and_what_would_do(slack: Slack) -> None:
    """Scopes of the token, and of the method where it needs any."""
    listed = slack.http.post("/users.list").headers
    assert listed["x-accepted-oauth-scopes"] == "users:read"
    assert "users:read" in listed["x-oauth-scopes"].split(",")
    assert listed["x-slack-req-id"]
    assert "x-accepted-oauth-scopes" not in slack.http.post("/auth.test").headers


def test_a_missing_scope_is_named(slack: Slack) -> None:
    """What is needed, and what there is."""
    answer = slack("reminders.list")
    assert (answer["error"], answer["needed"]) == ("missing_scope", "reminders:read")
    assert "users:read" in answer["provided"]


def test_a_bots_token_does_not_search(slack: Slack) -> None:
    """That is for users."""
    assert slack("search.messages", query="a") == {"ok": False, "error": "not_allowed_token_type"}


def test_testing_needs_no_token(slack: Slack) -> None:
    """`api.test` gives back what it was sent."""
    ask = slack.sandbox.handle
    assert ask(httpx.Request("GET", f"{PLATFORM.base_url}/api.test?foo=bar")).json() == {
        "ok": True,
        "args": {"foo": "bar"},
    }
    assert ask(httpx.Request("GET", f"{PLATFORM.base_url}/api.test?error=oh")).json()["error"] == "oh"


# What is not there


@pytest.mark.parametrize(
    ("method", "arguments", "code"),
    [
        ("users.info", {"user": "U0NOBODY00"}, "user_not_found"),
        ("users.info", {}, "user_not_found"),
        ("users.lookupByEmail", {"email": "nobody@example.com"}, "users_not_found"),
        ("conversations.info", {"channel": "C0NOWHERE0"}, "channel_not_found"),
        ("conversations.members", {"channel": "C0NOWHERE0"}, "channel_not_found"),
        ("conversations.replies", {"channel": "C0NOWHERE0", "ts": "1.000000"}, "channel_not_found"),
        ("files.info", {"file": "F0NOTHING0"}, "file_not_found"),
        ("usergroups.users.list", {"usergroup": "S0NOBODY00"}, "no_such_subteam"),
        ("chat.postMessage", {"channel": "C0NOWHERE0", "text": "Hello"}, "channel_not_found"),
        ("chat.everything", {}, "unknown_method"),
    ],
)
def test_each_method_has_its_code(slack: Slack, method: str, arguments: dict[str, str], code: str) -> None:
    """Users, channels, files and methods are missed in words of their own."""
    assert slack(method, **arguments) == {"ok": False, "error": code}


def test_messages_and_threads_are_missed_apart(slack: Slack) -> None:
    """A reply needs a thread, a change a message; a time that is none is told from one that nobody wrote at."""
    here = {"channel": slack.channel()}
    assert slack("conversations.replies", **here, ts="1111111111.000000")["error"] == "thread_not_found"
    assert slack("chat.postMessage", **here, text="a", thread_ts="1111111111.000000")["error"] == "thread_not_found"
    assert slack("chat.update", **here, ts="1111111111.000000", text="a")["error"] == "message_not_found"
    assert slack("reactions.add", **here, timestamp="1111111111.000000", name="eyes")["error"] == "message_not_found"
    assert slack("reactions.add", **here, timestamp="soon", name="eyes")["error"] == "bad_timestamp"
    assert slack("reactions.add", **here, name="eyes")["error"] == "no_item_specified"


def test_an_absent_argument_is_named(slack: Slack) -> None:
    """In the metadata, as an error."""
    answer = slack("conversations.history")
    assert answer["error"] == "invalid_arguments"
    assert answer["response_metadata"]["messages"] == ["[ERROR] missing required field: channel"]
    assert "email" in slack("users.lookupByEmail")["response_metadata"]["messages"][0]


def test_a_message_of_another_channel_is_not_there(slack: Slack) -> None:
    """A time belongs to one channel."""
    ts = slack.messages(slack.channel(0))[0]["ts"]
    assert slack("conversations.replies", channel=slack.channel(1), ts=ts)["ok"] is False
    assert slack("reactions.get", channel=slack.channel(1), timestamp=ts)["error"] == "message_not_found"


# Pages


@pytest.mark.parametrize("limit", ["0", "-1", "1001", "many", "99999999999999999999"])
def test_a_size_out_of_range_is_refused(slack: Slack, limit: str) -> None:
    """By its own code, whatever the cursor."""
    assert slack("users.list", limit=limit, cursor="foreign")["error"] == "invalid_limit"


def test_a_foreign_cursor_is_refused(slack: Slack) -> None:
    """A cursor is good for the method that gave it."""
    cursor = slack("users.list", limit=2)["response_metadata"]["next_cursor"]
    assert slack("users.list", limit=2, cursor=cursor)["ok"] is True
    for foreign in (cursor[:-4], "bmV4dDoyOjAwMDAwMDAw", "\u00e9", "0"):
        assert slack("users.list", cursor=foreign)["error"] == "invalid_cursor"
    assert slack("conversations.list", cursor=cursor)["error"] == "invalid_cursor"


def test_members_are_users_in_pages(slack: Slack) -> None:
    """As many as the channel says, or as there are."""
    channel = slack("conversations.list")["channels"][0]
    first = slack("conversations.members", channel=channel["id"], limit=2)
    rest = slack("conversations.members", channel=channel["id"], cursor=first["response_metadata"]["next_cursor"])
    known = {user["id"] for user in slack("users.list")["members"]}
    assert len(first["members"] + rest["members"]) == min(channel["num_members"], ROWS)
    assert set(first["members"] + rest["members"]) <= known
    group = slack("usergroups.list")["usergroups"][0]
    assert len(slack("usergroups.users.list", usergroup=group["id"])["users"]) == group["user_count"]


# The world


def test_a_message_names_a_customer_of_the_world(slack: Slack) -> None:
    """Person and company of a message are those that other platforms know."""
    world = slack.sandbox.world.entities
    message = slack.messages(slack.channel())[-1]
    assert world.attribute("message", 0, "company.name") in message["text"]
    assert message["blocks"][0]["elements"][0]["elements"][0]["text"] == message["text"]


def test_a_user_is_a_colleague_of_the_world(slack: Slack) -> None:
    """With one name and one address everywhere, by which they can be found; but for bots."""
    world = slack.sandbox.world.entities
    people = [(number, one) for number, one in enumerate(slack("users.list")["members"]) if not one["is_bot"]]
    for number, user in people:
        assert user["profile"]["real_name"] == world.attribute("colleague", number, "name")
    email = world.attribute("colleague", 0, "email")
    assert slack("users.lookupByEmail", email=email.upper())["user"]["profile"]["email"] == email


def test_users_are_what_they_can_be_at_once() -> None:
    """One is the primary owner; a bot is no admin and has an app's name; nobody is the most limited kind of guest."""
    users = Slack(rows=60)("users.list")["members"]
    assert [one["id"] for one in users if one.get("is_primary_owner")] == [users[0]["id"]]
    assert [one["id"] for one in users if one.get("is_owner")] == [users[0]["id"]]
    assert not any(one.get("is_ultra_restricted") for one in users)
    assert not any(one["is_admin"] and (one["is_bot"] or one["is_restricted"]) for one in users if "is_admin" in one)
    assert all(one["real_name"].startswith("Reports") and one["is_bot"] for one in users if "bot_id" in one["profile"])
    assert [one["deleted"] for one in users] == ["is_admin" not in one for one in users]


def test_one_channel_is_for_everybody() -> None:
    """And none is shared with another organization."""
    channels = Slack(rows=60)("conversations.list")["channels"]
    assert [place for place, one in enumerate(channels) if one["is_general"]] == [0]
    shared = ("is_shared", "is_ext_shared", "is_org_shared", "is_pending_ext_shared")
    assert not any(one[name] for one in channels for name in shared)


def test_a_bot_is_one_user(slack: Slack) -> None:
    """The same bot signs messages, stands in its user's profile and can be asked for."""
    me = slack("auth.test")
    assert slack("bots.info", bot=me["bot_id"])["bot"]["user_id"] == me["user_id"]
    by_bots = [one for one in slack.messages(slack.channel()) if "bot_id" in one]
    assert by_bots
    for one in by_bots:
        bot = slack("bots.info", bot=one["bot_id"])["bot"]
        assert (bot["user_id"], bot["id"], bot["name"]) == (
            one["user"],
            one["bot_profile"]["id"],
            one["bot_profile"]["name"],
        )
        assert slack("users.info", user=one["user"])["user"]["profile"]["bot_id"] == one["bot_id"]
    unknown = [
        slack("bots.info", bot=key)["error"] for key in ("", "B0", "B" + slack("users.list")["members"][0]["id"][1:])
    ]
    assert unknown == ["bot_not_found"] * 3


def test_a_text_is_that_of_its_blocks(slack: Slack) -> None:
    """Mentions, links and emoji stand in it as marks; a reaction changes nothing of it."""
    channel = slack.channel()
    before = {one["ts"]: one for one in slack.messages(channel)}
    marked = [one["text"] for one in before.values() if "emoji" in str(one.get("blocks"))]
    assert marked
    assert all(re.search(r" <@U\w+><https://example.com\|chart>:tada:$", text) for text in marked)
    for ts in before:
        slack("reactions.add", channel=channel, timestamp=ts, name="eyes")
    after = {one["ts"]: one for one in slack.messages(channel)}
    kept = {ts: {**one, "reactions": before[ts].get("reactions")} for ts, one in after.items()}
    assert kept == {ts: {**one, "reactions": one.get("reactions")} for ts, one in before.items()}


def test_authors_and_the_team_are_there(slack: Slack) -> None:
    """Who wrote a message can be asked for; the team has one name."""
    for message in slack.messages(slack.channel()):
        assert slack("users.info", user=message["user"])["ok"] is True
    assert slack("team.info")["team"]["name"] == slack("auth.test")["team"]


def test_a_thread_is_what_its_message_says(slack: Slack) -> None:
    """The message, then its replies: as many as counted, the last one at the time that is told."""
    channel = slack.channel()
    for message in slack.messages(channel):
        thread = slack("conversations.replies", channel=channel, ts=message["ts"])["messages"]
        assert thread[0] == message
        assert len(thread) == 1 + message.get("reply_count", 0)
        assert thread[-1]["ts"] == message.get("latest_reply", message["ts"])
        assert [one["ts"] for one in thread] == sorted(one["ts"] for one in thread)


def test_a_part_of_a_thread(slack: Slack) -> None:
    """The message always comes, the replies of the span with it."""
    channel = slack.channel()
    first = next(message for message in slack.messages(channel) if message.get("reply_count"))
    asked = {"channel": channel, "ts": first["ts"], "oldest": first["latest_reply"], "inclusive": "true"}
    found = slack("conversations.replies", **asked)["messages"]
    assert [message["ts"] for message in found] == [first["ts"], first["latest_reply"]]


def test_history_can_be_read_forwards(slack: Slack) -> None:
    """What came after a message: nothing is lost and nothing comes twice."""
    channel = slack.channel()
    times = [message["ts"] for message in slack.messages(channel)]
    assert times == sorted(times, reverse=True)
    assert [message["ts"] for message in slack.messages(channel, oldest=times[-1])] == times[:-1]


def test_kinds_of_channels_are_kept_apart(slack: Slack) -> None:
    """Public ones unless others are named; archived ones can be left out."""
    every = slack("conversations.list", types="public_channel,private_channel")["channels"]
    assert len(every) == ROWS
    current = slack("conversations.list", exclude_archived="true")["channels"]
    assert [channel["id"] for channel in current] == [one["id"] for one in every if not one["is_archived"]]
    assert slack("conversations.list", types="im")["channels"] == []


# Limits


@pytest.mark.parametrize(("method", "tier"), [("users.list", 20), ("users.info", 100), ("team.info", 50)])
def test_each_method_has_its_tier(method: str, tier: int) -> None:
    """So many calls a minute, each method counted by itself; then HTTP 429 with the seconds to wait."""
    slack = Slack(rows=1, enforce_limits=True)
    answers = [slack.http.post(f"/{method}", data={"user": "U"}) for _ in range(tier + 1)]
    assert [answer.status_code for answer in answers] == [200] * tier + [429]
    assert answers[-1].json() == {"ok": False, "error": "ratelimited"}
    assert answers[-1].headers["retry-after"] == "60"
    assert slack("auth.test")["ok"] is True
    slack.now += 61
    assert slack.http.post(f"/{method}").status_code == 200


# Anything at all


words = st.text(max_size=12) | st.sampled_from(["C0", "1767600000.000000", "true", "-1", "0", "{}", "[]"])
values = words | st.integers() | st.booleans() | st.none() | st.lists(words, max_size=2)
arguments = st.dictionaries(
    st.sampled_from(["channel", "ts", "timestamp", "limit", "cursor", "oldest", "latest", "types", "text", "blocks"])
    | st.sampled_from(["user", "file", "email", "name", "thread_ts", "count", "page", "usergroup", "message_ts"]),
    values,
    max_size=5,
)
METHODS = [
    *sorted(endpoint.path for endpoint in PLATFORM.endpoints),
    "/conversations.members",
    "/users.lookupByEmail",
    "/usergroups.users.list",
    "/chat.getPermalink",
    "/reactions.get",
]


@given(method=st.sampled_from(METHODS), sent=arguments, real=st.booleans())
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_anything_is_answered_in_slacks_way(slack: Slack, method: str, sent: dict[str, Any], real: bool) -> None:
    """Whatever the arguments: HTTP 200, `ok`, and where that is false a code that the client knows or can show."""
    if real:
        sent = {**sent, "channel": slack.channel()}
    content = json.dumps(sent).encode()
    answer = slack.http.post(method, content=content, headers={"content-type": "application/json; charset=utf-8"})
    body = answer.json()
    assert answer.status_code == 200
    assert body["ok"] is True or body["error"].isidentifier()


def test_a_form_may_come_in_parts(slack: Slack) -> None:
    """As clients send it that could send a file too; a file is no argument, and nonsense no form."""
    channel = slack.channel()
    parts = {"channel": (None, channel), "text": (None, "in parts, für alle"), "file": ("a.csv", b"a,b")}
    posted = slack.http.post("/chat.postMessage", files=parts).json()
    assert posted["message"]["text"] == "in parts, für alle"
    for body in (b"", b"--x", b"--x\r\n\r\n", b"\xff\x00"):
        headers = {"content-type": "multipart/form-data; boundary=x"}
        assert slack.http.post("/chat.postMessage", content=body, headers=headers).json()["ok"] is False
