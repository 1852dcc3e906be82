"""Cassettes on disk: exact, readable, vcrpy's format, never half-written."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
import vcr
from hypothesis import given, settings
from hypothesis import strategies as st

from bi_contracts.cassette import store
from bi_contracts.cassette.layout import pretty
from bi_contracts.cassette.store import Cassette, Provenance, load, read, save, write
from bi_contracts.errors import CassetteError, CassetteNotFound, ConfigurationError
from bi_contracts.interaction import Interaction, Request, Response, Source, header

from .conftest import RECORDED, cassette, interaction

bodies = st.one_of(
    st.binary(max_size=40),
    st.text(alphabet="a \n\t:#-'\"{}[],\r\x85\u2028😀é\x00\x7f\ufeff|>1.0\\", max_size=40).map(str.encode),
    st.sampled_from([b'{"a": [1, {"b": 1.10}], "a": "\\u00e9 \xf0\x9f\x98\x80"}', b"[]", b'{"":{}}', b"{broken"]),
)


@settings(max_examples=150, deadline=None)
@given(asked=bodies, answered=bodies)
def test_bodies_come_back(asked: bytes, answered: bytes) -> None:
    """A body comes back byte for byte, or laid out if it is JSON; writing again gives the same text."""
    item = Interaction("", Request("POST", "https://h.example/", (), asked), Response(200, (), answered))
    text = write(Cassette(Provenance(), (item,)))
    back = read(text).interactions[0]
    assert back.request.body == laid_out(asked)
    assert back.response.body == laid_out(answered)
    assert write(read(text)) == text


def laid_out(body: bytes) -> bytes:
    try:
        return pretty(body.decode()).encode()
    except UnicodeDecodeError:
        return body


header_names = st.text("abcdefgh-", min_size=1, max_size=6)
header_values = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_categories=["Cc"]), max_size=10)


@settings(max_examples=80, deadline=None)
@given(headers=st.lists(st.tuples(header_names, header_values), max_size=6), status=st.integers(100, 599))
def test_the_rest_comes_back(headers: list[tuple[str, str]], status: int) -> None:
    """Status, reason, URL, times and headers come back; headers of one name in their order."""
    item = Interaction(
        "a/b",
        Request("GET", "https://h.example/?a=b#é", tuple(headers)),
        Response(status, tuple(headers), b"", "no: #"),
        0.5,
        RECORDED,
        Source.SANDBOX,
    )
    (back,) = read(write(Cassette(Provenance(endpoint="c/d"), (item,)))).interactions
    for name, _ in headers:
        assert [value for key, value in back.response.headers if key == name] == [v for k, v in headers if k == name]
    assert back.request.headers == back.response.headers
    assert (back.request.url, back.response.status, back.response.reason) == (item.request.url, status, "no: #")
    assert (back.endpoint, back.elapsed, back.recorded_at, back.source) == ("a/b", 0.5, RECORDED, Source.SANDBOX)


def test_provenance_comes_back(tmp_path: Path) -> None:
    """Who answered, when, which API and which tool version."""
    origin = Provenance(Source.LIVE, RECORDED, "0.1.0", "2.11", "intercom/contacts", "trial workspace")
    save(tmp_path / "new" / "a.yaml", Cassette(origin, (interaction(),)))
    assert load(tmp_path / "new" / "a.yaml").provenance == origin


LAID_OUT = """\
    body:
      string: |-
        {
          "id": 12345678901234567890,
          "x": [
            1.10,
            {}
          ],
          "t": "\\u00e9😀"
        }
"""


def test_json_reads_well_in_a_diff() -> None:
    """A JSON body stands line by line, its tokens untouched, Content-Length made right."""
    item = interaction(answer=b'{"id":12345678901234567890,"x":[1.10,{}],"t":"\\u00e9\xf0\x9f\x98\x80"}')
    item = Interaction(
        "", item.request, Response(200, (("Content-Length", str(len(item.response.body))),), item.response.body)
    )
    text = write(Cassette(Provenance(), (item,)))
    assert text.endswith(LAID_OUT)
    back = read(text).interactions[0].response
    assert header(back.headers, "content-length") == str(len(back.body))


def test_deep_json_stays_on_its_line() -> None:
    """Layout that nobody could read is left out."""
    deep = "[" * 300 + "]" * 300
    assert pretty(deep) == deep
    assert pretty("[" * 100_000) == "[" * 100_000


def test_vcrpy_plays_what_we_write(saved: Callable[..., Path]) -> None:
    """A cassette of ours is a cassette of vcrpy's."""
    path = saved(interaction(answer=b'{"n": 1, "t": "\xf0\x9f\x98\x80"}'), interaction(method="POST", body=b'{"a":1}'))
    with vcr.use_cassette(str(path), record_mode="none"), httpx.Client() as client:
        assert client.get("https://api.example.com/things").json() == {"n": 1, "t": "😀"}
        assert client.post("https://api.example.com/things", json={"a": 1}).json() == {"n": 1}


def test_we_load_what_vcrpy_writes(tmp_path: Path) -> None:
    """A plain cassette of vcrpy's has interactions and an unknown source."""
    path = tmp_path / "vcr.yaml"
    transport = httpx.MockTransport(lambda _: httpx.Response(201, json={"a": 1}, headers=[("x", "1"), ("x", "2")]))
    with vcr.use_cassette(str(path)), httpx.Client(transport=transport) as client:
        client.post("https://h.example/x?b=1", content=b"\xff\x00")
    recorded = load(path)
    assert recorded.provenance == Provenance()
    (item,) = recorded.interactions
    assert (item.request.method, item.request.url, item.request.body) == (
        "POST",
        "https://h.example/x?b=1",
        b"\xff\x00",
    )
    assert item.response.envelope["body"] == {"a": 1}
    assert item.response.envelope["headers"]["x"] == "1, 2"


def test_vcrpy_keeps_our_provenance(saved: Callable[..., Path]) -> None:
    """When vcrpy adds an episode to a file of ours, its origin stays in it."""
    path = saved(interaction())
    transport = httpx.MockTransport(lambda _: httpx.Response(200))
    with vcr.use_cassette(str(path), record_mode="new_episodes"), httpx.Client(transport=transport) as client:
        client.get("https://api.example.com/other")
    assert load(path).provenance.endpoint == "example/things"
    assert len(load(path).interactions) == 2


OLD_FORMS = """
version: 1
interactions:
- request: {method: GET, uri: https://h.example/, body: '', headers: {a: b, c: [d, 1]}}
  response: {status_code: 200, content: '{"a": 1}', headers: [[content-type, text/html]], http_version: HTTP/1.1}
- request:
    method: POST
    uri: https://h.example/
    body: !!python/object/new:_io.BytesIO
      state: !!python/tuple [!!binary "eA==", 0, null]
    headers: null
  response: {status: {code: 200, message: null}, headers: {a: [!!binary "4g=="]}, body: {}}
- request:
    method: POST
    uri: !!python/unicode https://h.example/
    body: !!python/object/apply:builtins.iter
      args: [[!!binary "YQ==", !!python/str b]]
    headers: {}
  response: {status: {code: 200, message: OK}, headers: {}, body: text}
- request: {method: GET, uri: u, body: {a: [1]}}
  response: {status: {code: 1}, body: {base64_string: x}}
  recorded_at: 2024-01-02
"""


def test_earlier_forms_load() -> None:
    """What earlier versions of vcrpy wrote: httpx's own form, Python tags, streamed bodies, JSON as a value."""
    first, second, third, fourth = read(OLD_FORMS).interactions
    assert first.request.headers == (("a", "b"), ("c", "d"), ("c", "1"))
    assert first.response.envelope == {"status": 200, "headers": {"content-type": "text/html"}, "body": {"a": 1}}
    assert (second.request.body, second.response.headers, second.response.body) == (b"x", (("a", "â"),), b"")
    assert (third.request.body, third.response.body) == (b"ab", b"text")
    assert (fourth.request.body, fourth.recorded_at) == (b'{"a": [1]}', datetime(2024, 1, 2, tzinfo=UTC))


@pytest.mark.parametrize("chunks", ["[1, 2]", "[]"])
def test_streamed_bytes_load(chunks: str) -> None:
    """A streamed body may have been kept number by number."""
    body = f"!!python/object/apply:builtins.iter {{args: [{chunks}]}}"
    entry = f"{{request: {{method: P, uri: u, body: {body}}}, response: {{status: {{code: 200}}}}}}"
    (item,) = read(f"interactions: [{entry}]").interactions
    assert item.request.body == bytes([1, 2] if "1" in chunks else [])


BAD = {
    "empty": ("", "empty"),
    "blank": (" \n\t ", "empty"),
    "corrupt": ("version: 1\ninteractions: [\n  {a: 'b\n", ":4:1"),
    "tab": ("version: 1\n\tinteractions: []", ":2:1"),
    "truncated": ("version: 1\ninteractions:\n- request: {method: GET, uri", "no valid YAML"),
    "list": ("- 1\n- 2", "no list `interactions`"),
    "text": ("hello", "no list `interactions`"),
    "ruby": ("http_interactions: []", "Ruby VCR"),
    "har": ('{"log": {"version": "1.2"}}', "HAR"),
    "no list": ("interactions: {a: b}", "no list"),
    "python": ("interactions: !!python/object/apply:os.system [echo]", "no valid YAML"),
    "no request": ("interactions: [{response: {}}]", "interaction 1: not readable (KeyError: 'request' is missing)"),
    "no mapping": ("interactions: [1]", "interaction 1"),
    "bad status": ("interactions: [{request: {method: a, uri: b}, response: {status: {code: x}}}]", "interaction 1"),
    "newer": ("metadata: {bi_contracts: {format: 2}}\ninteractions: []", "upgrade"),
    "odd format": ("metadata: {bi_contracts: {format: x}}\ninteractions: []", "upgrade"),
    "deep": ("[" * 50_000, "no valid YAML"),
    "deep mappings": ("{a: [" * 25_000, "no valid YAML"),
    "deep list": ("- " * 50_000, "no valid YAML"),
    "deep indent": ("".join(f"{' ' * depth}-\n" for depth in range(2_000)), "no valid YAML"),
    "aliases": ("a: *b", "no valid YAML"),
    "control": ("a: \x01", "no valid YAML"),
    "two documents": ("a: 1\n---\nb: 2", "no valid YAML"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_files_are_explained(name: str, tmp_path: Path) -> None:
    """Whatever a file holds, the error names it, the place and the next step."""
    content, expected = BAD[name]
    path = tmp_path / "bad.yaml"
    path.write_text(content)
    with pytest.raises(CassetteError) as error:
        load(path)
    assert str(path) in str(error.value)
    assert expected in str(error.value)


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    """A file that is no UTF-8 is named with the byte."""
    path = tmp_path / "a.yaml"
    path.write_bytes(b"ab\xff\xfe")
    with pytest.raises(CassetteError, match="byte 2 is not UTF-8"):
        load(path)


def test_huge_files_are_refused_at_once(tmp_path: Path) -> None:
    """100 MB are not even read."""
    path = tmp_path / "a.yaml"
    with path.open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    with pytest.raises(CassetteError, match="100 MB"):
        load(path)


def test_missing_files_and_folders(tmp_path: Path) -> None:
    """No file is CassetteNotFound, a folder a CassetteError."""
    with pytest.raises(CassetteNotFound, match="record"):
        load(tmp_path / "none.yaml")
    with pytest.raises(CassetteError, match="cannot be read"):
        load(tmp_path)


def test_unwritable_folders(tmp_path: Path) -> None:
    """Where nothing can be written, the error says so."""
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="cannot be written"):
        save(tmp_path / "file" / "a.yaml", cassette())


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_nothing_is_half_written(
    failure: BaseException, step: str, saved: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever stops the writing, the earlier file is whole and no temporary file is left."""
    path = saved(interaction())
    before = path.read_bytes()

    def fail(*_: object) -> None:
        raise failure

    with monkeypatch.context() as patch:
        patch.setattr(os, step, fail)
        with pytest.raises((ConfigurationError, KeyboardInterrupt)):
            save(path, cassette(interaction(), interaction()))
    assert path.read_bytes() == before
    assert [item.name for item in path.parent.iterdir()] == [path.name]


def test_rights_are_kept(saved: Callable[..., Path]) -> None:
    """A file that others may read stays one; a new file gets the usual rights."""
    path = saved(interaction())
    mask = os.umask(0)
    os.umask(mask)
    assert path.stat().st_mode & 0o777 == 0o666 & ~mask
    path.chmod(0o640)
    save(path, cassette())
    assert path.stat().st_mode & 0o777 == 0o640


def test_odd_provenance_is_unknown() -> None:
    """A source or a time that means nothing is unknown, not an error."""
    text = "metadata: {bi_contracts: {source: elsewhere, recorded_at: soon}}\ninteractions: []"
    assert read(text).provenance == Provenance()
    naive = "metadata: {bi_contracts: {recorded_at: '2026-03-01T12:00:00'}}\ninteractions: []"
    assert read(naive).provenance.recorded_at == RECORDED
    number = "metadata: {bi_contracts: {recorded_at: 5}}\ninteractions: []"
    assert read(number).provenance.recorded_at is None


def test_a_package_that_is_not_installed_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run from a bare checkout, the tool version is unknown."""

    def missing(_: str) -> str:
        raise store.metadata.PackageNotFoundError

    store.tool_version.cache_clear()
    monkeypatch.setattr(store.metadata, "version", missing)
    assert store.tool_version() == "unknown"
    store.tool_version.cache_clear()
