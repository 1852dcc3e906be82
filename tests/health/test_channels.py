"""The channels against real servers on this machine."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import replace
from email.utils import formatdate

import httpx
import pytest

from bi_contracts.errors import ConfigurationError
from bi_contracts.health.alerts import Message, notice
from bi_contracts.health.channels import Channel, Undelivered, channels
from bi_contracts.health.channels.http import wait
from bi_contracts.health.channels.webhook import SIGNATURE, TIMESTAMP, Webhook, signature
from bi_contracts.health.wiring import Wiring

from .making import START
from .receivers import Issues, Receiver, served

OPENED = Message(
    "gong/state/opened/1", "opened", "gong/state", "critical", "gong", "down", "gong is down",
    "server error: HTTP 503 <b>&", START, START - 120, "live", ("chat",),
)  # fmt: skip
REMINDER = replace(OPENED, id="gong/state/reminder/2", kind="reminder", title="gong is still down", at=START + 600)
CHANGED = replace(OPENED, id="gong/state/changed/3", kind="changed", label="degraded", level="warning", at=START + 700)
RESOLVED = replace(
    OPENED,
    id="gong/state/resolved/4",
    kind="resolved",
    level="info",
    label="up",
    title="gong is up again",
    at=START + 900,
)


def sent(channel: Channel, *messages: Message) -> None:
    """Sends messages one after another, and closes the channel."""

    async def send() -> None:
        try:
            for message in messages:
                await channel.send(message)
        finally:
            await channel.aclose()

    asyncio.run(send())


def channel(kind: str, environ: dict[str, str], variables: dict[str, str], **options: object) -> Channel:
    """A channel made as a watch makes it."""
    return channels((Wiring("chat", kind, variables=variables, options=options),), environ)["chat"]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()
    with served(found):
        yield found


@pytest.fixture
def issues() -> Iterator[Issues]:
    found = Issues()
    with served(found):
        yield found


def webhook(receiver: Receiver, secret: str = "") -> Channel:
    variables = {"url_env": "HOOK_URL"} | ({"secret_env": "HOOK_SECRET"} if secret else {})
    environ = {"HOOK_URL": f"{receiver.url}/hook/verysecret"} | ({"HOOK_SECRET": secret} if secret else {})
    return channel("webhook", environ, variables)


def test_a_webhook_gets_the_message_as_json(receiver: Receiver) -> None:
    """Every name, times in ISO 8601."""
    sent(webhook(receiver), OPENED)
    (asked,) = receiver.asked
    assert (asked.method, asked.path, asked.headers["content-type"]) == ("POST", "/hook/verysecret", "application/json")
    assert asked.json == {
        "version": 1,
        "id": "gong/state/opened/1",
        "kind": "opened",
        "key": "gong/state",
        "level": "critical",
        "platform": "gong",
        "state": "down",
        "title": "gong is down",
        "text": "server error: HTTP 503 <b>&",
        "at": "2026-02-02T02:40:00Z",
        "began": "2026-02-02T02:38:00Z",
        "duration": 120.0,
        "source": "live",
    }
    assert SIGNATURE not in asked.headers


def test_a_webhook_with_a_secret_is_signed(receiver: Receiver) -> None:
    """HMAC-SHA256 over time and body: a receiver with the secret comes to the same, another one does not."""
    sent(webhook(receiver, "s3cret"), OPENED)
    (asked,) = receiver.asked
    stamp = asked.headers[TIMESTAMP]
    assert asked.headers[SIGNATURE] == signature("s3cret", stamp, asked.body)
    assert asked.headers[SIGNATURE] != signature("other", stamp, asked.body)
    assert asked.headers[SIGNATURE] != signature("s3cret", stamp, asked.body + b" ")


def test_the_signature_is_the_one_that_is_documented() -> None:
    """A fixed example, computed with openssl: `printf '1700000000.{}' | openssl dgst -sha256 -hmac key`."""
    assert (
        signature("key", "1700000000", b"{}")
        == "sha256=9d713ed406bb7076d4123f0dc2c39d2df5c654ed4b0cd56b52c8b4c940bd63ae"
    )


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (429, {"retry-after": "7"}, 7),
        (500, {}, None),
        (404, {}, None),
        (301, {"location": "https://elsewhere.example.com"}, None),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1"}, 0),
        (503, {"retry-after": "nonsense"}, None),
    ],
)
def test_what_is_not_accepted_is_undelivered(
    receiver: Receiver, status: int, headers: dict[str, str], expected: float | None
) -> None:
    """Only a success counts; Retry-After is kept; the words hold status and name, never the address."""
    receiver.answers = [(status, headers, "no")]
    with pytest.raises(Undelivered) as caught:
        sent(webhook(receiver), OPENED)
    assert str(caught.value) == f"channel chat: HTTP {status}"
    assert caught.value.retry_after == expected
    assert len(receiver.asked) == 1


def test_a_receiver_that_is_gone_is_undelivered() -> None:
    """Nobody listens: the type of the failure, and no address."""
    with served(Receiver()) as url:
        place = f"{url}/verysecret"
    with pytest.raises(Undelivered) as caught:
        sent(channel("webhook", {"HOOK_URL": place}, {"url_env": "HOOK_URL"}), OPENED)
    assert str(caught.value) == "channel chat: no answer (ConnectError)"


def test_a_date_in_retry_after_is_understood() -> None:
    """RFC 9110 allows both."""
    response = httpx.Response(429, headers={"retry-after": formatdate(START + 90, usegmt=True)})
    assert wait(response, START) == 90


def test_slack_gets_what_it_shows(receiver: Receiver) -> None:
    """Text for the notification, blocks for the channel, Slack's three characters escaped."""
    sent(channel("slack", {"URL": f"{receiver.url}/services/T/B/x"}, {"url_env": "URL"}), OPENED)
    body = receiver.asked[0].json
    assert body["text"] == "gong is down"
    section, context = body["attachments"][0]["blocks"]
    assert section["text"]["text"] == "*gong is down*\nserver error: HTTP 503 &lt;b&gt;&amp;"
    assert context["elements"][0]["text"] == "critical · gong/state · live"


def test_slack_that_is_busy_is_undelivered(receiver: Receiver) -> None:
    """429 with Retry-After is kept for the next look."""
    receiver.answers = [(429, {"retry-after": "30"}, "rate_limited")]
    with pytest.raises(Undelivered) as caught:
        sent(channel("slack", {"URL": receiver.url}, {"url_env": "URL"}), OPENED)
    assert caught.value.retry_after == 30


def github(issues: Issues, token: str = "ghp_secret") -> Channel:
    options = {"repository": "acme/operations", "api": issues.url, "labels": ["health"]}
    return channel("github", {"GITHUB_TOKEN": token}, {"token_env": "GITHUB_TOKEN"}, **options)


def test_an_issue_is_opened_once_commented_and_closed(issues: Issues) -> None:
    """The whole life of an alarm is one issue."""
    sent(github(issues), OPENED, REMINDER, CHANGED, RESOLVED)
    (issue,) = issues.issues
    assert (issue["title"], issue["labels"], issue["state"]) == ("gong is down", ["health"], "closed")
    assert issue["state_reason"] == "completed"
    said = [one["body"].split("\n")[0] for one in issues.comments[1]]
    assert said == ["**gong is still down**", "**gong is down**", "**gong is up again**"]


def test_a_second_machine_opens_no_second_issue(issues: Issues) -> None:
    """It finds the open one by the mark in its body, and comments there."""
    sent(github(issues), OPENED)
    sent(github(issues), replace(OPENED, id="gong/state/opened/other-machine"))
    assert len(issues.issues) == 1
    assert len(issues.comments[1]) == 1


def test_the_open_issue_is_found_on_a_later_page(issues: Issues) -> None:
    """However many issues are open; pull requests are none."""
    sent(github(issues), OPENED)
    mine = issues.issues.pop()
    issues.size = 2
    issues.issues = [{"number": n, "state": "open", "body": None, "title": "other"} for n in range(1, 6)]
    issues.issues[0] |= {"pull_request": {}, "body": mine["body"]}
    issues.issues.append({**mine, "number": 6})
    sent(github(issues), REMINDER)
    assert list(issues.comments) == [6]


def test_what_is_sent_again_is_not_said_again(issues: Issues) -> None:
    """A message whose acceptance was lost leaves neither a second issue nor a second comment."""
    sent(github(issues), OPENED, OPENED, REMINDER, REMINDER)
    assert len(issues.issues) == 1
    assert len(issues.comments[1]) == 1


def test_an_issue_that_could_not_be_closed_is_closed_the_next_time(issues: Issues) -> None:
    """The comment was accepted, the closing was not: only the closing is repeated."""
    sent(github(issues), OPENED)
    usual = issues.answer
    refused = [True]

    def answer(asked: object) -> object:
        if asked.method == "PATCH" and refused:  # type: ignore[attr-defined]
            refused.pop()
            return 502, {}, "bad gateway"
        return usual(asked)  # type: ignore[arg-type]

    issues.answer = answer  # type: ignore[method-assign, assignment]
    with pytest.raises(Undelivered):
        sent(github(issues), RESOLVED)
    sent(github(issues), RESOLVED)
    assert issues.issues[0]["state"] == "closed"
    assert len(issues.comments[1]) == 1


def test_an_issue_that_a_person_closed_stays_closed(issues: Issues) -> None:
    """Reminders and the end open no new one; another state does."""
    sent(github(issues), OPENED)
    issues.issues[0]["state"] = "closed"
    sent(github(issues), REMINDER, RESOLVED)
    assert len(issues.issues) == 1
    sent(github(issues), CHANGED)
    assert [one["state"] for one in issues.issues] == ["closed", "open"]


def test_a_drill_has_an_issue_of_its_own(issues: Issues) -> None:
    """What a sandbox said never closes what the platform said."""
    sent(github(issues), OPENED)
    sent(github(issues), replace(RESOLVED, key="sandbox/gong/state", source="sandbox"))
    assert issues.issues[0]["state"] == "open"


def test_a_notice_is_no_issue(issues: Issues) -> None:
    """A changed configuration needs no work from anybody."""
    sent(github(issues), notice("health is watched otherwise", "changed: remind", START, "live", ()))
    assert issues.asked == []


def test_a_refused_token_is_undelivered_without_the_token(issues: Issues) -> None:
    """The status, and nothing that was sent."""
    with pytest.raises(Undelivered, match=r"^channel chat: HTTP 401$"):
        sent(github(issues, "ghp_wrong"), OPENED)


@pytest.mark.parametrize("body", ["<html>", "{}", "[1]"])
def test_an_answer_that_is_no_list_opens_nothing(issues: Issues, body: str) -> None:
    """Whoever cannot see what is open must not open another."""
    issues.answers = [(200, {}, body)]
    with pytest.raises(Undelivered, match="no list of issues"):
        sent(github(issues), OPENED)
    assert issues.issues == []


def test_a_next_page_elsewhere_is_not_followed(issues: Issues) -> None:
    """The token goes to the configured host alone."""
    issues.answers = [(200, {"link": '<https://elsewhere.example.com/issues>; rel="next"'}, [])]
    sent(github(issues), REMINDER)
    assert len(issues.asked) == 1


def test_apprise_reaches_its_services(receiver: Receiver) -> None:
    """Through Apprise's own JSON service, several at once."""
    pytest.importorskip("apprise")
    port = httpx.URL(receiver.url).port
    urls = f"json://127.0.0.1:{port}/one, json://127.0.0.1:{port}/two"
    sent(channel("apprise", {"URLS": urls}, {"urls_env": "URLS"}), OPENED, RESOLVED)
    assert sorted(one.path for one in receiver.asked) == ["/one", "/one", "/two", "/two"]
    assert {(one.json["title"], one.json["type"]) for one in receiver.asked} == {
        ("gong is down", "failure"),
        ("gong is up again", "success"),
    }


def test_apprise_that_fails_is_undelivered_and_logs_nothing(
    receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    """Its own log names addresses, which are secrets."""
    pytest.importorskip("apprise")
    receiver.answers = [(500, {}, "no")]
    port = httpx.URL(receiver.url).port
    with caplog.at_level(logging.DEBUG), pytest.raises(Undelivered, match="channel chat: not every service"):
        sent(channel("apprise", {"URLS": f"json://127.0.0.1:{port}/verysecret"}, {"urls_env": "URLS"}), OPENED)
    assert "verysecret" not in caplog.text


def test_no_log_holds_an_address(receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    """httpx logs whole URLs; those of a channel stay out, and its other requests' do not."""
    with caplog.at_level(logging.DEBUG):
        sent(webhook(receiver), OPENED)
        httpx.get(f"{receiver.url}/harmless", trust_env=False)
    assert "verysecret" not in caplog.text
    assert "harmless" in caplog.text


@pytest.mark.parametrize(
    ("kind", "variables", "value", "said"),
    [
        ("slack", {"url_env": "URL"}, "", "channel chat: URL is not set"),
        ("slack", {"url_env": "URL"}, "http://hooks.example.com/verysecret", "URL: must be an https:// URL"),
        ("slack", {"url_env": "URL"}, "verysecret", "URL: must be an https:// URL"),
        ("webhook", {"url_env": "URL"}, "https://host:verysecret", "URL: holds no URL"),
        ("webhook", {"url_env": "URL"}, "ftp://127.0.0.1/verysecret", "URL: must be an https:// URL"),
        ("github", {"token_env": "URL"}, "  ", "URL is not set"),
        ("apprise", {"urls_env": "URL"}, "nosuch://verysecret", "URL 1 in URL: is none that Apprise knows"),
        ("apprise", {"urls_env": "URL"}, "json://verysecret.example.com", "json:// is not encrypted; use jsons://"),
        ("fax", {}, "", "there is no kind 'fax'"),
    ],
)
def test_what_cannot_be_used_is_told_before_the_watch_begins(
    kind: str, variables: dict[str, str], value: str, said: str
) -> None:
    """By the variable's name, and never its value."""
    with pytest.raises(ConfigurationError) as caught:
        channel(kind, {"URL": value}, variables, repository="acme/operations")
    assert said in str(caught.value)
    assert "verysecret" not in str(caught.value)


def test_a_github_that_is_not_encrypted_is_refused() -> None:
    """The token would travel in the clear."""
    with pytest.raises(ConfigurationError, match="api: must be an https:// URL"):
        channel("github", {"T": "x"}, {"token_env": "T"}, repository="a/b", api="http://github.example.com")


def test_a_missing_apprise_is_told_with_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one command that mends it."""
    monkeypatch.setitem(__import__("sys").modules, "apprise", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'bi-contracts\[alerts\]'"):
        channel("apprise", {"URLS": "json://127.0.0.1"}, {"urls_env": "URLS"})


def test_a_closed_channel_opens_again(receiver: Receiver) -> None:
    """A watch may close its connections between two looks."""
    hook = Webhook(Wiring("chat", "webhook", variables={"url_env": "U"}), receiver.url)
    sent(hook, OPENED)
    sent(hook, RESOLVED)
    asyncio.run(hook.aclose())
    assert len(receiver.asked) == 2
