"""Receivers that say yes and mean no, that never end, and that point elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from bi_contracts.health.channels import Undelivered
from bi_contracts.health.channels import http as module
from bi_contracts.health.channels.http import Http, wait

from .receivers import Issues, Receiver, served
from .test_channels import OPENED, channel, github, sent, webhook

PAGE = "<html><title>Sign in to the network</title></html>"


@pytest.mark.parametrize("said", ["no_service", "invalid_token", PAGE, '{"ok": false}', "[]", '{"error": "x"}'])
def test_slack_that_says_no_with_a_200_is_undelivered(said: str) -> None:
    """A message counts as sent when the channel accepted it, and not when somebody answered."""
    receiver = Receiver(answers=[(200, {}, said)])
    with served(receiver), pytest.raises(Undelivered, match="not the answer of Slack"):
        sent(channel("slack", {"URL": receiver.url}, {"url_env": "URL"}), OPENED)


@pytest.mark.parametrize("said", ["ok", "", '{"ok": true}', '{"success": true}'])
def test_those_who_speak_like_slack_say_yes_in_their_own_way(said: str) -> None:
    """Slack says `ok`; others take the same messages and answer in JSON."""
    receiver = Receiver(answers=[(200, {}, said)])
    with served(receiver):
        sent(channel("slack", {"URL": receiver.url}, {"url_env": "URL"}), OPENED)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_signed_message_is_not_carried_elsewhere(status: int) -> None:
    """A redirect is an answer, and not yes: neither body nor signature goes to who it points at."""
    other = Receiver()
    receiver = Receiver()
    with served(other), served(receiver):
        receiver.answers = [(status, {"location": f"{other.url}/take"}, "")]
        with pytest.raises(Undelivered, match=f"HTTP {status}"):
            sent(webhook(receiver, "topsecret"), OPENED)
    assert other.asked == []


@pytest.mark.parametrize("status", [401, 403, 404, 422, 500])
def test_github_that_refuses_is_undelivered_in_our_own_words(status: int) -> None:
    """Whatever it says, the token and its words stay where they are."""
    issues = Issues(answers=[(status, {}, {"message": "no, ghp_secret"})])
    with served(issues), pytest.raises(Undelivered) as caught:
        sent(github(issues), OPENED)
    assert str(caught.value) == f"channel chat: HTTP {status}"


def test_github_behind_a_page_is_undelivered() -> None:
    """HTML with a 200 is no list of issues."""
    issues = Issues(answers=[(200, {}, PAGE)])
    with served(issues), pytest.raises(Undelivered, match="no list of issues"):
        sent(github(issues), OPENED)


def test_a_token_goes_to_no_other_port_of_the_same_host() -> None:
    """Another port is another server, and another scheme may be in the clear."""
    other, issues = Receiver(), Issues()
    with served(other), served(issues):
        issues.answers = [(200, {"link": f'<{other.url}/issues>; rel="next"'}, [])]
        sent(github(issues), OPENED)
    assert other.asked == []


def test_an_answer_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte now and then keeps a connection alive, and must not keep the watch."""
    monkeypatch.setattr(module, "TIMEOUT", 0.2)

    class Dripping(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            while True:
                yield b"."
                await asyncio.sleep(0.01)

    async def ask() -> None:
        http = Http("chat")
        transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=Dripping()))
        http._client = httpx.AsyncClient(transport=transport)
        try:
            await http.request("POST", "http://127.0.0.1/")
        finally:
            await http.aclose()

    with pytest.raises(Undelivered, match="no answer"):
        asyncio.run(asyncio.wait_for(ask(), 30))


@pytest.mark.parametrize("header", ["retry-after", "x-ratelimit-reset"])
def test_a_wait_that_only_looks_like_a_number_is_none(header: str) -> None:
    """Unicode has more digits than HTTP."""
    headers = [(b"x-ratelimit-remaining", b"0"), (header.encode(), b"\xb2")]
    response = httpx.Response(429, headers=headers)
    assert wait(response, 0.0) is None
