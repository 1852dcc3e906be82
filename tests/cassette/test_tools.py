"""Audit, prune, export and the replay server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, MutableMapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from bi_contracts.cassette.audit import audit
from bi_contracts.cassette.export import to_har, to_jsonl
from bi_contracts.cassette.prune import prune
from bi_contracts.cassette.server import ReplayServer
from bi_contracts.cassette.store import Cassette, Provenance, save
from bi_contracts.interaction import Interaction, Request, Response

from .conftest import RECORDED, cassette, interaction

TOKEN = "xoxb-123456789012-abcdefghijkl"
NOW = RECORDED + timedelta(days=10)


def test_a_clean_cassette_has_no_findings(saved: Callable[..., Path]) -> None:
    """Redacted, dated, recent: nothing to say."""
    assert audit(saved(interaction()), now=NOW) == []


def test_credentials_are_found_wherever_they_stand(saved: Callable[..., Path]) -> None:
    """URL, header, body: each place is named, no credential is repeated."""
    headers = (("Authorization", f"Bearer {TOKEN}"), ("Content-Length", "3"))
    leaky = interaction(
        f"https://h.example/?token={TOKEN}",
        method="POST",
        request_headers=headers,
        body=b'{"password": "p"}',
        answer=json.dumps([{"a": [{"note": TOKEN}, {"note": TOKEN}]}]).encode(),
    )
    leaky = replace(leaky, response=replace(leaky.response, headers=(("Set-Cookie", "a=b"),)))
    found = audit(saved(interaction(), leaky), now=NOW)
    assert [(item.kind, item.interaction) for item in found] == [("secret", 2)] * 5
    text = "\n".join(map(str, found))
    for place in (
        "request URL",
        "request header authorization",
        "request body /password",
        "response header set-cookie",
    ):
        assert place in text
    assert "response body /*/a/*/note (slack-token" in text
    assert TOKEN not in text
    assert "123456789012" not in text


def test_personal_data_is_found(saved: Callable[..., Path]) -> None:
    """An address in a body is a finding; many places are summed up."""
    body = {f"k{number}": "bob@corp.io" for number in range(9)}
    found = audit(saved(interaction(answer=json.dumps(body).encode())), now=NOW)
    assert {item.kind for item in found} == {"personal data"}
    assert len(found) == 6
    assert "4 more places" in str(found[-1])


def test_texts_that_are_no_json_are_searched(saved: Callable[..., Path]) -> None:
    """A secret in plain text has no pointer, and is found."""
    (found,) = audit(saved(interaction(answer=TOKEN.encode())), now=NOW)
    assert "in the response body (slack-token" in str(found)


def test_origin_age_and_damage(saved: Callable[..., Path], tmp_path: Path) -> None:
    """Unknown origin, old age and unreadable files are findings of the file."""
    path = saved(interaction())
    (old,) = audit(path, now=RECORDED + timedelta(days=200))
    assert (old.kind, old.interaction) == ("old", 0)
    assert "200 days" in str(old)
    save(path, Cassette(Provenance(), (interaction(),)))
    assert [item.kind for item in audit(path)] == ["no provenance"]
    path.write_text("[")
    (broken,) = audit(path)
    assert broken.kind == "unreadable"
    assert str(broken).count(str(path)) == 1
    assert audit(tmp_path / "none.yaml")[0].kind == "unreadable"


def test_prune_keeps_the_latest_answer() -> None:
    """Of several answers to one request the latest stays, at the place of the first."""
    first, other = interaction(answer=b"1"), interaction("https://api.example.com/other")
    later = replace(interaction(answer=b"2"), recorded_at=RECORDED + timedelta(days=1))
    undated = replace(interaction(answer=b"3"), recorded_at=None)
    pruned = prune(cassette(first, other, later, undated))
    assert pruned.cassette.interactions == (later, other)
    assert pruned.dropped == (first, undated)
    assert pruned.cassette.provenance == cassette().provenance


def test_prune_keeps_what_is_used() -> None:
    """What no test asked for goes; a sequence of answers may stay."""
    first, second, other = interaction(answer=b"1"), interaction(answer=b"2"), interaction("https://h.example/")
    pruned = prune(cassette(first, second, other), used=[first, second], duplicates=False)
    assert pruned.cassette.interactions == (first, second)
    assert pruned.dropped == (other,)


def test_export_to_jsonl() -> None:
    """One envelope a line, with the endpoint it belongs to."""
    (line,) = to_jsonl([cassette(interaction())])
    assert json.loads(line) == {
        "endpoint": "example/things",
        "status": 200,
        "headers": {"content-type": "application/json"},
        "body": {"n": 1},
    }


def test_export_to_har() -> None:
    """Requests, responses and times as HAR 1.2 has them; bytes that are no text in base64."""
    asked = interaction(
        "https://h.example/?a=1&a=2", method="POST", body=b"{}", request_headers=(("Content-Type", "x/y"),)
    )
    binary = Interaction("", Request("GET", "https://h.example/"), Response(302, (("Location", "/b"),), b"\xff"))
    log = to_har([cassette(asked), cassette(binary)])["log"]
    first, second = log["entries"]
    assert (log["version"], first["time"], second["time"]) == ("1.2", 250.0, -1)
    assert first["request"]["queryString"] == [{"name": "a", "value": "1"}, {"name": "a", "value": "2"}]
    assert first["request"]["postData"] == {"mimeType": "x/y", "text": "{}"}
    assert second["response"]["content"] == {"size": 1, "mimeType": "", "text": "/w==", "encoding": "base64"}
    assert second["response"]["redirectURL"] == "/b"
    json.dumps(log)


LINKED = b'{"next": "https://api.example.com/things?page=2", "slashed": "https:\\/\\/api.example.com\\/x", "o": "https://api.example.community/"}'


@pytest.fixture
def server() -> ReplayServer:
    return ReplayServer(
        [
            interaction("https://api.example.com/things?page=1", answer=LINKED),
            interaction("https://api.example.com:8443/things?page=2", answer=b'{"n": 2}'),
            interaction("https://files.example.com/f", answer=b"\xff\xfe", endpoint="example/files"),
            interaction("https://h.example/search", method="POST", body=b'{"q": "a", "token": "b"}', endpoint=""),
        ]
    )


def ask(server: ReplayServer, method: str, url: str, **options: Any) -> httpx.Response:
    async def send() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(server)) as client:
            return await client.request(method, url, **options)

    return asyncio.run(send())


def test_the_server_answers_by_host(server: ReplayServer) -> None:
    """A client that keeps the host gets the recorded answer as it is."""
    response = ask(server, "GET", "http://localhost/things?page=1", headers={"Host": "api.example.com"})
    assert (response.status_code, response.content) == (200, LINKED)
    assert response.headers["content-length"] == str(len(LINKED))


@pytest.mark.parametrize("prefix", ["api.example.com", "example"])
def test_the_server_answers_by_prefix(prefix: str, server: ReplayServer) -> None:
    """Under a host or a platform as first segment, links lead back to the server, and can be followed."""
    response = ask(server, "GET", f"http://localhost:8080/{prefix}/things?page=1")
    assert response.json() == {
        "next": f"http://localhost:8080/{prefix}/things?page=2",
        "slashed": f"http://localhost:8080/{prefix}/x",
        "o": "https://api.example.community/",
    }
    assert ask(server, "GET", response.json()["next"]).json() == {"n": 2}


def test_a_platform_may_have_several_hosts(server: ReplayServer) -> None:
    """The second host of a platform is found as well, and bytes stay bytes."""
    assert ask(server, "GET", "http://localhost/example/f").content == b"\xff\xfe"


def test_the_server_reads_bodies(server: ReplayServer) -> None:
    """Bodies are matched like anywhere else, whatever the credential."""
    answer = ask(server, "POST", "http://localhost/h.example/search", json={"token": "mine", "q": "a"})
    assert answer.json() == {"n": 1}


def test_head_has_no_body(server: ReplayServer) -> None:
    """HEAD that is not recorded is a miss without a body."""
    assert ask(server, "HEAD", "http://localhost/example/f").content == b""


@pytest.mark.parametrize(
    "url", ["http://localhost/example/thing?api_key=LEAK", "http://localhost/", "http://localhost/nope/x"]
)
def test_the_server_explains_a_miss(url: str, server: ReplayServer) -> None:
    """501 with the closest recording, without the caller's credentials."""
    response = ask(server, "GET", url)
    assert response.status_code == 501
    assert response.json()["error"] == "no_recording"
    assert response.json()["closest"].startswith("GET https://")
    assert response.json()["prefixes"] == ["api.example.com", "example", "files.example.com", "h.example"]
    assert "LEAK" not in response.text


def test_a_server_without_recordings() -> None:
    """Nothing recorded, nothing near."""
    assert ask(ReplayServer([]), "GET", "http://localhost/").json()["closest"] is None


def run(server: ReplayServer, scope: dict[str, Any], *messages: dict[str, Any]) -> list[MutableMapping[str, Any]]:
    """What the application sends for these messages."""
    sent: list[MutableMapping[str, Any]] = []
    queue = list(messages)

    async def receive() -> MutableMapping[str, Any]:
        return queue.pop(0)

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    asyncio.run(server(scope, receive, send))
    return sent


def test_other_protocols(server: ReplayServer) -> None:
    """Start and stop are acknowledged, web sockets refused, bodies in parts joined."""
    lifespan = run(server, {"type": "lifespan"}, {"type": "lifespan.startup"}, {"type": "lifespan.shutdown"})
    assert [message["type"] for message in lifespan] == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert run(server, {"type": "websocket"})[0]["type"] == "websocket.close"
    scope = {"type": "http", "method": "POST", "path": "/h.example/search", "headers": []}
    parts = [{"body": b'{"q": "a", ', "more_body": True}, {"body": b'"token": "x"}', "more_body": False}]
    assert run(server, scope, *parts)[0]["status"] == 200
