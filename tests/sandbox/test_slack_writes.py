"""What is written to Slack in the sandbox, and seen in later reads."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from bi_contracts.platforms.slack import PLATFORM

from .slack import Slack

ROWS = 6


@pytest.fixture
def slack() -> Iterator[Slack]:
    made = Slack(rows=ROWS)
    yield made
    assert made.sandbox.failures == 0


def test_a_message_is_the_newest_until_it_is_gone(slack: Slack) -> None:
    """It has the sandbox's time, can be changed and deleted, and belongs to its author."""
    channel = slack.channel()
    before = slack.messages(channel)
    posted = slack("chat.postMessage", channel=channel, text="Hello")
    assert posted["ts"] == "1790000000.250000"
    assert slack.messages(channel)[0] == posted["message"]
    slack.now += 60
    changed = slack("chat.update", channel=channel, ts=posted["ts"], text="Good-bye")
    assert slack.messages(channel)[0] == changed["message"]
    assert changed["message"]["edited"]["ts"] == "1790000060.000000"
    assert changed["message"]["blocks"][0]["elements"][0]["elements"] == [{"type": "text", "text": "Good-bye"}]
    assert slack("chat.delete", channel=channel, ts=posted["ts"])["ok"] is True
    assert slack.messages(channel) == before


def test_two_messages_have_two_times(slack: Slack) -> None:
    """However fast they come."""
    channel = slack.channel()
    times = [slack("chat.postMessage", channel=channel, text="Hello")["ts"] for _ in range(3)]
    assert len(set(times)) == 3
    assert [message["ts"] for message in slack.messages(channel, limit=3)] == times[::-1]


@pytest.mark.parametrize("method", ["chat.update", "chat.delete"])
def test_the_messages_of_others_are_theirs(slack: Slack, method: str) -> None:
    """An app changes only what it wrote."""
    channel, me = slack.channel(), slack("auth.test")["user_id"]
    other = next(message for message in slack.messages(channel) if message["user"] != me)
    answer = slack(method, channel=channel, ts=other["ts"], text="Mine")
    assert answer["error"] == f"cant_{method.partition('.')[2]}_message"


def test_a_reply_is_counted(slack: Slack) -> None:
    """The message knows how many there are, and when the last one came; the channel does not list it."""
    channel = slack.channel()
    first = slack("chat.postMessage", channel=channel, text="Who?")
    reply = slack("chat.postMessage", channel=channel, text="Me.", thread_ts=first["ts"])
    thread = slack("conversations.replies", channel=channel, ts=first["ts"])["messages"]
    assert [message["ts"] for message in thread] == [first["ts"], reply["ts"]]
    newest = slack.messages(channel)[0]
    assert (newest["ts"], newest["reply_count"], newest["latest_reply"]) == (first["ts"], 1, reply["ts"])
    changed = slack("chat.update", channel=channel, ts=reply["ts"], text="You.")
    assert slack("conversations.replies", channel=channel, ts=first["ts"])["messages"][1] == changed["message"]


def test_a_reply_joins_a_thread_that_was_there(slack: Slack) -> None:
    """After the replies that others wrote."""
    channel = slack.channel()
    first = next(message for message in slack.messages(channel) if message.get("reply_count"))
    reply = slack("chat.postMessage", channel=channel, text="And me.", thread_ts=first["ts"])
    thread = slack("conversations.replies", channel=channel, ts=first["ts"])["messages"]
    assert len(thread) == 2 + first["reply_count"] == 1 + thread[0]["reply_count"]
    assert thread[-1]["ts"] == reply["ts"] == thread[0]["latest_reply"]


def test_reactions_are_counted_once_each(slack: Slack) -> None:
    """The same one twice is refused."""
    channel = slack.channel()
    here = {"channel": channel, "timestamp": slack.messages(channel)[0]["ts"]}
    assert slack("reactions.add", **here, name=":eyes:") == {"ok": True}
    assert slack("reactions.add", **here, name="eyes")["error"] == "already_reacted"
    assert slack("reactions.add", **here, name="no such thing")["error"] == "invalid_name"
    found = slack("reactions.get", **here)["message"]["reactions"]
    assert [(one["name"], one["count"]) for one in found if one["name"] == "eyes"] == [("eyes", 1)]


def test_a_reaction_of_others_is_joined(slack: Slack) -> None:
    """The count goes up, and the users with it."""
    channel = slack.channel()
    known = next(message for message in slack.messages(channel) if message.get("reactions"))
    before = known["reactions"][0]
    slack("reactions.add", channel=channel, timestamp=known["ts"], name=before["name"])
    after = slack("reactions.get", channel=channel, timestamp=known["ts"])["message"]["reactions"][0]
    assert after["count"] == before["count"] + 1
    assert after["users"] == [*before["users"], slack("auth.test")["user_id"]]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({}, "no_text"),
        ({"text": "a" * 40_001}, "msg_too_long"),
        ({"blocks": "{"}, "invalid_blocks"),
        ({"blocks": "{}"}, "invalid_blocks"),
        ({"attachments": "7"}, "invalid_attachments"),
    ],
)
def test_a_message_that_cannot_be_posted(slack: Slack, arguments: dict[str, str], code: str) -> None:
    """Nothing is said, too much, or in no list of blocks."""
    assert slack("chat.postMessage", channel=slack.channel(), **arguments)["error"] == code


def test_blocks_and_attachments_are_kept(slack: Slack) -> None:
    """As they were sent, as JSON in a form."""
    blocks = [{"type": "divider"}]
    sent = {"blocks": json.dumps(blocks), "attachments": json.dumps([{"text": "a"}])}
    message = slack("chat.postMessage", channel=slack.channel(), **sent)["message"]
    assert (message["blocks"], message["attachments"], message["text"]) == (blocks, [{"text": "a"}], "")


def test_a_link_to_a_message(slack: Slack) -> None:
    """It holds channel and time."""
    channel = slack.channel()
    ts = slack.messages(channel)[0]["ts"]
    link = slack("chat.getPermalink", channel=channel, message_ts=ts)["permalink"]
    assert link.endswith(f"/archives/{channel}/p{ts.replace('.', '')}")


def test_joining_makes_a_member(slack: Slack) -> None:
    """Once; who is a member already is warned, and an archived channel cannot be joined."""
    listed = slack("conversations.list")["channels"]
    home = slack.sandbox.world.collection(PLATFORM, PLATFORM.endpoint("conversations"))
    slack.sandbox.world.update(PLATFORM, PLATFORM.endpoint("conversations"), 0, {"is_member": False})
    joined = slack("conversations.join", channel=home.key(0))["channel"]
    assert (joined["is_member"], joined["num_members"]) == (True, listed[0]["num_members"] + 1)
    again = slack("conversations.join", channel=home.key(0))
    assert again["warning"] == "already_in_channel"
    assert slack("conversations.join", channel=listed[1]["id"])["error"] == "is_archived"
    assert slack("chat.postMessage", channel=listed[1]["id"], text="a")["error"] == "is_archived"
