"""Recording and replaying through every client, and what a miss says."""

from __future__ import annotations

import asyncio
import base64
import http.client
import json
import os
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import aiohttp
import httpx
import pytest
import requests
import urllib3

from bi_contracts.cassette import store
from bi_contracts.cassette.player import use_cassette, use_cassettes
from bi_contracts.cassette.sockets import block_sockets
from bi_contracts.errors import CassetteError, CassetteMiss, CassetteNotFound, ConfigurationError, SecretLeak
from bi_contracts.interaction import Source, header
from bi_contracts.redact import Policy

from .conftest import CountingApi, interaction


def record(path: Path, api: CountingApi, **options: object) -> None:
    """Three requests, two of them alike."""
    with (
        use_cassette(path, mode="record", source=Source.LIVE, endpoint="example/things", **options),
        api.client() as client,
    ):  # type: ignore[arg-type]
        client.get("/things?b=2&a=1&token=abc", headers={"authorization": "Bearer opensesame1"})
        client.get("/things?b=2&a=1&token=abc")
        client.post("/search", json={"q": "x", "page": {"size": 1}})


def test_what_is_recorded_is_replayed_without_a_socket(tmp_path: Path, api: CountingApi) -> None:
    """Recorded answers come back in order, the last one again and again, and no request is sent."""
    path = tmp_path / "a" / "b.yaml"
    record(path, api)
    with block_sockets(), use_cassette(path) as player, httpx.Client(base_url="https://api.example.com") as client:
        assert [client.get("/things?token=zzz&a=1&b=2").json()["n"] for _ in range(3)] == [1, 2, 2]
        assert client.post("/search", json={"page": {"size": 1}, "q": "x"}).json()["n"] == 3
    assert len(api.requests) == 3
    assert len(player.played) == len(player) == 3
    assert player.unused == ()
    assert player.missed == []


def test_the_recording_caller_gets_the_real_answer(tmp_path: Path, api: CountingApi) -> None:
    """Redaction is for the file; the program that records goes on with what the API said."""
    with use_cassette(tmp_path / "a.yaml", mode="record"), api.client() as client:
        response = client.get("/things")
    assert response.json()["access_token"] == "xoxb-123456789012-abcdefgh"
    assert response.headers["content-encoding"] == "gzip"


def test_what_is_recorded_is_decoded_redacted_and_dated(tmp_path: Path, api: CountingApi) -> None:
    """In the file bodies are plain, credentials are gone, and origin and duration are noted."""
    path = tmp_path / "a.yaml"
    record(path, api, api_version="2024-01", note="trial")
    text = path.read_text()
    for secret in ("xoxb-1234", "topsecret", "opensesame", "token=abc"):
        assert secret not in text
    cassette = store.load(path)
    assert (cassette.provenance.source, cassette.provenance.api_version) == (Source.LIVE, "2024-01")
    assert (cassette.provenance.endpoint, cassette.provenance.note) == ("example/things", "trial")
    first = cassette.interactions[0]
    assert first.recorded_at is not None
    assert first.elapsed is not None
    assert 0 < first.elapsed < 5
    assert header(first.response.headers, "content-encoding") == ""
    assert first.response.envelope["body"] == {"n": 1, "access_token": "REDACTED", "gid": 12345678901234567890}
    assert header(first.response.headers, "content-length") == str(len(first.response.body))


def test_known_secrets_are_never_written(tmp_path: Path) -> None:
    """A credential without any shape is replaced wherever it appears: path, body, base64."""
    secret = "correct-horse"
    token = base64.b64encode(f"bot:{secret}".encode()).decode()
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"echo": secret, "auth64": token}))
    path = tmp_path / "a.yaml"
    with use_cassette(path, mode="record", secrets=[secret]), httpx.Client(transport=transport) as client:
        assert client.get(f"https://h.example/{secret}/x?a={secret}").json()["echo"] == secret
    assert secret not in path.read_text()
    assert token not in path.read_text()
    with use_cassette(path, secrets=["another-one"]), httpx.Client() as client:
        assert client.get("https://h.example/another-one/x?a=another-one").json()["echo"] == "REDACTED"


def test_a_leak_is_refused(tmp_path: Path, api: CountingApi, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where redaction fails, nothing is written and the earlier file stays."""
    path = tmp_path / "a.yaml"
    record(path, api)
    before = path.read_bytes()
    monkeypatch.setattr("bi_contracts.cassette.player.redact_interaction", lambda item, _: item)
    with pytest.raises(SecretLeak, match="still holds a credential") as error:
        record(path, api)
    assert "123456789012" not in str(error.value)
    with pytest.raises(SecretLeak, match="known value"), use_cassette(path, mode="record", secrets=["q-secret-q"]):
        httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200))).get("https://h.example/q-secret-q")
    assert path.read_bytes() == before


@pytest.mark.parametrize("failure", [RuntimeError("boom"), KeyboardInterrupt()])
def test_a_recording_that_is_broken_off_changes_nothing(
    failure: BaseException, tmp_path: Path, api: CountingApi
) -> None:
    """After an exception or Ctrl-C the earlier file is as it was, and the patches are gone."""
    path = tmp_path / "a.yaml"
    record(path, api)
    before = path.read_bytes()

    def break_off() -> None:
        with use_cassette(path, mode="record"), api.client() as client:
            client.get("/other")
            raise failure

    with pytest.raises(type(failure)):
        break_off()
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
    with api.client() as client:
        assert client.get("/after").json()["n"] == 5


def test_a_recording_without_requests_changes_nothing(tmp_path: Path, api: CountingApi) -> None:
    """Nothing asked, nothing written."""
    path = tmp_path / "a.yaml"
    with use_cassette(path, mode="record"):
        pass
    assert not path.exists()
    record(path, api)
    before = path.read_bytes()
    with use_cassette(path, mode="record"):
        pass
    assert path.read_bytes() == before


def test_recording_replaces(tmp_path: Path, api: CountingApi) -> None:
    """A new recording is the whole cassette."""
    path = tmp_path / "a.yaml"
    record(path, api)
    with use_cassette(path, mode="record"), api.client() as client:
        client.get("/only")
    assert [item.request.path for item in store.load(path).interactions] == ["/only"]


def test_new_episodes_are_added(tmp_path: Path, api: CountingApi) -> None:
    """What is recorded is replayed, what is not is sent and added."""
    path = tmp_path / "a.yaml"
    record(path, api)
    with use_cassette(path, mode="record", new_episodes=True), api.client() as client:
        assert client.get("/things?a=1&b=2&token=x").json()["n"] == 1
        assert client.get("/new").json()["n"] == 4
    assert len(store.load(path).interactions) == 4


def test_an_unwritable_place_is_known_before_the_first_request(tmp_path: Path, api: CountingApi) -> None:
    """Nobody's API is called for a file that cannot be written."""
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="cannot be written"):
        record(tmp_path / "file" / "a.yaml", api)
    assert api.requests == []


def test_a_missing_cassette(tmp_path: Path) -> None:
    """Replay without a file is CassetteNotFound."""
    with pytest.raises(CassetteNotFound), use_cassette(tmp_path / "none.yaml"):
        pass


def test_a_body_that_cannot_be_decoded_is_not_recorded(tmp_path: Path) -> None:
    """What cannot be read cannot be redacted, so it is not kept."""
    transport = httpx.MockTransport(
        lambda _: httpx.Response(200, headers={"content-encoding": "snappy"}, content=b"\xff")
    )
    with pytest.raises(CassetteError, match="snappy"), use_cassette(tmp_path / "a.yaml", mode="record"):
        httpx.Client(transport=transport).get("https://h.example/")


MISSES = [
    ("GET", "/things?a=2", b"", ['query a: asked "2", recorded "1"']),
    ("GET", "/things?a=1&b=2", b"", ['query b: asked "2", recorded nothing']),
    ("DELETE", "/things?a=1", b"", ['method: asked "DELETE", recorded "GET"']),
    ("GET", "/thing?a=1", b"", ['path: asked "/thing", recorded "/things"']),
    (
        "POST",
        "/search",
        b'{"q": {"x/y": [1, 3]}, "z": null}',
        ["body /q/x~1y/1: asked 3, recorded 2", "body /z: asked null, recorded nothing"],
    ),
    ("POST", "/search", b"plain", ['body: asked "plain", recorded ']),
]


@pytest.mark.parametrize(("method", "target", "body", "lines"), MISSES)
def test_a_miss_names_the_closest_recording(
    method: str, target: str, body: bytes, lines: list[str], saved: Callable[..., Path]
) -> None:
    """The error says which recorded request came nearest and what differs."""
    path = saved(
        interaction("https://other.example.com/zzz"),
        interaction("https://api.example.com/things?a=1"),
        interaction("https://api.example.com/search", method="POST", body=b'{"q": {"x/y": [1, 2]}}'),
    )
    with use_cassette(path) as player, httpx.Client() as client, pytest.raises(CassetteMiss) as error:
        client.request(method, f"https://api.example.com{target}", content=body)
    assert len(error.value.difference) == len(lines)
    for line, expected in zip(error.value.difference, lines, strict=True):
        assert line.startswith(expected)
        assert line in str(error.value)
    assert "https://api.example.com/" in error.value.closest
    assert player.missed == [error.value]
    assert error.value.__cause__ is None
    assert error.value.__suppress_context__


def test_a_miss_in_a_form_names_the_field(saved: Callable[..., Path]) -> None:
    """A form is compared field by field."""
    form = (("Content-Type", "application/x-www-form-urlencoded"),)
    path = saved(interaction(method="POST", body=b"a=1&b=2", request_headers=form))
    with use_cassette(path), httpx.Client() as client, pytest.raises(CassetteMiss) as error:
        client.post("https://api.example.com/things", data={"a": "1", "b": "3"})
    assert error.value.difference == ('form b: asked "3", recorded "2"',)


def test_a_miss_repeats_no_secret(saved: Callable[..., Path]) -> None:
    """Nothing of the error comes from the request as it was sent."""
    path = saved(interaction())
    with use_cassette(path, secrets=["plainsecret"]), httpx.Client() as client, pytest.raises(CassetteMiss) as error:
        client.post(
            "https://api.example.com/t/plainsecret?api_key=LEAKME1&q=xoxb-1234567890-abcdefgh",
            json={"password": "LEAKME2", "email": "bob@corp.io"},
        )
    for secret in ("LEAKME", "xoxb-1234", "plainsecret", "bob@corp"):
        assert secret not in str(error.value)


def test_a_long_difference_is_cut(saved: Callable[..., Path]) -> None:
    """A message stays readable however much differs."""
    path = saved(interaction(method="POST", body=json.dumps({str(n): n for n in range(99)}).encode()))
    with use_cassette(path), httpx.Client() as client, pytest.raises(CassetteMiss, match="more differences") as error:
        client.post("https://api.example.com/things", json={"x": "y" * 5000})
    assert len(str(error.value)) < 3000


def test_a_miss_in_an_empty_cassette(saved: Callable[..., Path]) -> None:
    """Without any recording there is no closest one."""
    path = saved()
    with use_cassette(path), httpx.Client() as client, pytest.raises(CassetteMiss, match="empty"):
        client.get("https://api.example.com/things")


def test_several_cassettes_are_one(saved: Callable[..., Path]) -> None:
    """A test may talk to several endpoints; the order of the files is the order of the answers."""
    paths = [
        saved(interaction(answer=b"1"), interaction("https://api.example.com/a"), name="a.yaml"),
        saved(interaction(answer=b"2"), interaction("https://api.example.com/b"), name="b.yaml"),
    ]
    with use_cassettes(paths) as player, httpx.Client(base_url="https://api.example.com") as client:
        assert [client.get("/things").json() for _ in range(3)] == [1, 2, 2]
        client.get("/b")
        with pytest.raises(CassetteMiss, match="2 cassettes"):
            client.get("/c")
    assert [item.request.path for item in player.played] == ["/things", "/things", "/b"]
    assert [item.request.path for item in player.unused] == ["/a"]
    with use_cassettes([]) as player, httpx.Client() as client, pytest.raises(CassetteMiss):
        client.get("https://api.example.com/things")


def test_a_file_is_parsed_once(saved: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a changed file is read again."""
    path = saved(interaction(answer=b"1"))
    reads: list[str] = []
    original = store.read

    def counting(text: str, name: str = "") -> store.Cassette:
        reads.append(name)
        return original(text, name)

    monkeypatch.setattr(store, "read", counting)
    for _ in range(3):
        with use_cassette(path), httpx.Client() as client:
            assert client.get("https://api.example.com/things").json() == 1
    saved(interaction(answer=b"22"))
    with use_cassettes([path]), httpx.Client() as client:
        assert client.get("https://api.example.com/things").json() == 22
    assert len(reads) == 2


def test_ignored_hosts_are_left_alone(saved: Callable[..., Path], tmp_path: Path, api: CountingApi) -> None:
    """Requests to an ignored host are sent, and not recorded."""
    path = saved(interaction())
    with use_cassette(path, ignore_hosts=["api.example.com"]), api.client() as client:
        assert client.get("/things").json()["n"] == 1
    target = tmp_path / "x.yaml"
    with use_cassette(target, mode="record", ignore_hosts=["api.example.com"]), api.client() as client:
        client.get("/things")
    assert not target.exists()


def test_cassettes_recorded_unredacted_are_matched(saved: Callable[..., Path]) -> None:
    """A recording that others made holds its secrets; a client that sends others is answered all the same."""
    path = saved(interaction("https://api.example.com/things?api_key=real&email=bob@corp.io"))
    with use_cassette(path), httpx.Client() as client:
        assert client.get("https://api.example.com/things?email=bob%40corp.io&api_key=mine").status_code == 200


def test_policy_reaches_the_file(tmp_path: Path) -> None:
    """What the policy leaves is left."""
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"email": "bob@corp.io", "text": "Hi Bob"}))
    path = tmp_path / "a.yaml"
    with use_cassette(path, mode="record", policy=Policy(personal=False, text=False)):
        httpx.Client(transport=transport).get("https://h.example/")
    assert "bob@corp.io" in path.read_text()


class _Api(BaseHTTPRequestHandler):
    """A small API on loopback: echoes, redirects, sets cookies."""

    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(length)
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/things")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        answer = json.dumps({"path": self.path, "echo": body.decode()}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = _answer  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Silence."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The base URL of an API on loopback."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Api) as running:
        running.daemon_threads = True
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


def with_httpx(base: str) -> object:
    with httpx.Client(trust_env=False) as client:
        return client.post(f"{base}/things?a=1", json={"a": 1}).json()["path"]


def with_async_httpx(base: str) -> object:
    async def ask() -> object:
        async with httpx.AsyncClient(trust_env=False) as client:
            return (await client.post(f"{base}/things?a=1", json={"a": 1})).json()["path"]

    return asyncio.run(ask())


def with_requests(base: str) -> object:
    with requests.Session() as session:
        session.trust_env = False
        return session.post(f"{base}/things?a=1", json={"a": 1}).json()["path"]


def with_urllib3(base: str) -> object:
    with urllib3.PoolManager() as pool:
        return pool.request("POST", f"{base}/things?a=1", json={"a": 1}).json()["path"]


def with_urllib(base: str) -> object:
    request = urllib.request.Request(f"{base}/things?a=1", b'{"a": 1}', {"Content-Type": "application/json"})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as response:
        return json.load(response)["path"]


def with_http_client(base: str) -> object:
    connection = http.client.HTTPConnection(base.removeprefix("http://"))
    connection.request("POST", "/things?a=1", b'{"a":1}', {"Content-Type": "application/json"})
    answer = json.loads(connection.getresponse().read())["path"]
    connection.close()
    return answer


def with_aiohttp(base: str) -> object:
    async def ask() -> object:
        async with aiohttp.ClientSession() as session, session.post(f"{base}/things?a=1", json={"a": 1}) as response:
            return (await response.json())["path"]

    return asyncio.run(ask())


CLIENTS: list[Callable[[str], object]] = [
    with_httpx,
    with_async_httpx,
    with_requests,
    with_urllib3,
    with_urllib,
    with_http_client,
    with_aiohttp,
]


@pytest.mark.parametrize("client", CLIENTS)
def test_every_client_records_and_all_replay(client: Callable[[str], object], server: str, tmp_path: Path) -> None:
    """What one client recorded answers every other."""
    path = tmp_path / "a.yaml"
    with use_cassette(path, mode="record"):
        assert client(server) == "/things?a=1"
    with block_sockets(), use_cassette(path) as player:
        for other in CLIENTS:
            assert other(server) == "/things?a=1"
    assert len(player.played) == 1


def test_aiohttp_forms_and_redirects(server: str, tmp_path: Path) -> None:
    """aiohttp hands on values instead of bytes, and follows redirects by itself."""

    async def ask() -> list[object]:
        async with aiohttp.ClientSession() as session:
            answers: list[object] = []
            for data in ({"a": "1", "b": "2"}, aiohttp.FormData({"a": "1", "b": "3"}), b"raw", None):
                async with session.post(f"{server}/form", data=data) as response:
                    answers.append((await response.json())["echo"])
            async with session.get(f"{server}/moved") as response:
                answers.append((await response.json())["path"])
            return answers

    path = tmp_path / "a.yaml"
    with use_cassette(path, mode="record"):
        recorded = asyncio.run(ask())
    assert recorded == ["a=1&b=2", "a=1&b=3", "raw", "", "/things"]
    with block_sockets(), use_cassette(path) as player:
        assert asyncio.run(ask()) == recorded
    assert player.unused == ()


def test_a_form_recorded_by_another_client_answers_aiohttp(server: str, tmp_path: Path) -> None:
    """A mapping given to aiohttp may be a form or JSON; both are looked for."""
    path = tmp_path / "a.yaml"
    with use_cassette(path, mode="record"), httpx.Client(trust_env=False) as client:
        client.post(f"{server}/form", data={"b": "2", "a": "1"})

    async def ask() -> object:
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{server}/form", data={"a": "1", "b": "2"}) as response,
        ):
            return (await response.json())["echo"]

    with block_sockets(), use_cassette(path):
        assert asyncio.run(ask()) == "b=2&a=1"


def test_streamed_and_file_bodies_are_recorded(server: str, tmp_path: Path) -> None:
    """Bodies given as iterators or files are recorded as what was sent."""
    path = tmp_path / "a.yaml"
    file = tmp_path / "upload.txt"
    file.write_text("from a file")

    def ask() -> list[str]:
        with requests.Session() as session, file.open("rb") as upload:
            session.trust_env = False
            return [session.post(f"{server}/x", data=upload).json()["path"]]

    with use_cassette(path, mode="record"):
        ask()
        with httpx.Client(trust_env=False) as client:
            client.post(f"{server}/y", content=iter([b"a", b"b"]), headers={"content-length": "2"})
    assert [item.request.body for item in store.load(path).interactions] == [b"from a file", b"ab"]
    with block_sockets(), use_cassette(path):
        assert ask() == ["/x"]


def test_a_player_counts_as_a_cassette(saved: Callable[..., Path]) -> None:
    """What vcrpy asks of its cassette, ours answers: size, membership, no list of near requests."""
    from vcr.request import Request as VcrRequest

    from bi_contracts.cassette._vcr import _Tape
    from bi_contracts.cassette.player import Player
    from bi_contracts.cassette.shelf import cassette_at, index_of

    path = saved(interaction())
    tape = _Tape("name", Player(index_of([path]), name="name", ignore_hosts=["other.example.com"]))
    known = VcrRequest("GET", "https://api.example.com/things", "", {})
    assert len(tape) == len(cassette_at(path).interactions) == 1
    assert known in tape
    assert tape.filter_request(known) is known
    assert tape.filter_request(VcrRequest("GET", "https://other.example.com/", None, {})) is None
    assert tape.find_requests_with_most_matches(known) == []
    with pytest.raises(CassetteMiss):
        tape.play_response(VcrRequest("GET", "https://api.example.com/none", None, {}))


def test_a_string_body_is_text() -> None:
    """Whatever a stub hands on as a body becomes bytes."""
    from vcr.request import Request as VcrRequest

    from bi_contracts.cassette.exchange import form_of, request_of

    made = VcrRequest("POST", "https://h.example/", None, {"a": b"\xe2"})
    made._body = "text"
    assert request_of(made).body == b"text"
    assert request_of(made).headers == (("a", "â"),)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert request_of(VcrRequest("POST", "https://h.example/", {"a": "b c"}, form)).body == b"a=b+c"
    assert form_of(VcrRequest("POST", "https://h.example/", {"a": ["b"]}, {})) is None


@pytest.mark.skipif(sys.platform != "linux", reason="file names that are no Unicode")
def test_a_folder_in_another_encoding(tmp_path: Path, api: CountingApi) -> None:
    """A path with bytes that are no UTF-8 is recorded and replayed as any other."""
    path = tmp_path / os.fsdecode(b"caf\xe9") / "a.yaml"
    record(path, api)
    with use_cassette(path), httpx.Client(base_url="https://api.example.com") as client:
        assert client.get("/things?b=2&a=1&token=x").json()["n"] == 1


def test_a_miss_is_short_however_long_the_request(tmp_path: Path, api: CountingApi) -> None:
    """The name of a form field can be megabytes of something that was no form."""
    path = tmp_path / "a.yaml"
    with use_cassette(path, mode="record"), api.client() as client:
        client.post("/form", data={"a": "1"})
    with use_cassette(path), httpx.Client() as client, pytest.raises(CassetteMiss) as missed:
        client.post("https://api.example.com/form", data={"x" * 100_000: "1"})
    assert len(str(missed.value)) < 2000
