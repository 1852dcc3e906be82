"""Every format is told by its content and read whole."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bi_contracts.cassette.importers import load_importers
from bi_contracts.interaction import Source, header

from . import samples
from .samples import BODY, interactions, put, read_all, refusals

MOMENT = datetime(2025, 2, 3, 19, 7, 21, tzinfo=UTC)


@pytest.mark.parametrize("sample", samples.ALL)
def test_content_alone_tells_the_format(tmp_path: Path, sample: str) -> None:
    """A file is known by what is in it, whatever its name is."""
    assert read_all(put(tmp_path, samples.ALL[sample]))[0].split("-")[0] == sample.split()[0]


@pytest.mark.parametrize("sample", samples.ALL)
def test_exactly_one_importer_claims_a_file(tmp_path: Path, sample: str) -> None:
    """Formats do not depend on the order in which importers are asked."""
    path = put(tmp_path, samples.ALL[sample])
    claims = [one.name for one in load_importers(()).formats if one.sniff(path.read_bytes(), path)]
    assert len(claims) == 1


def test_vcrpy(tmp_path: Path) -> None:
    """A vcrpy cassette gives method, URL, both bodies, repeated headers, status, reason and the response's date."""
    (one,) = interactions(put(tmp_path, samples.VCRPY))
    assert (one.request.method, one.request.url) == ("POST", "https://api.example.com/v1/things?x=1")
    assert one.request.body == b'{"page": 1}'
    assert [value for name, value in one.response.headers if name == "Set-Cookie"] == ["a=1", "b=2"]
    assert (one.response.status, one.response.reason, one.response.body) == (201, "Created", BODY.encode())
    assert (one.recorded_at, one.source) == (MOMENT, Source.IMPORTED)


def test_vcrpy_json(tmp_path: Path) -> None:
    """vcrpy's JSON form reads like its YAML form; a header given as a number becomes text."""
    (one,) = interactions(put(tmp_path, samples.VCRPY_JSON))
    assert one.response.headers == (("X-Count", "3"),)
    assert one.response.body == BODY.encode()


def test_vcrpy_legacy(tmp_path: Path) -> None:
    """The older httpx form has `content` and `status_code`."""
    (one,) = interactions(put(tmp_path, samples.VCRPY_LEGACY))
    assert (one.response.status, one.response.body) == (404, BODY.encode())


@pytest.mark.parametrize("as_json", [False, True])
def test_vcrpy_single(tmp_path: Path, as_json: bool) -> None:
    """A file that is one interaction, without a list around it, is imported."""
    whole = json.loads(samples.VCRPY_JSON)["interactions"][0]
    (one,) = interactions(put(tmp_path, json.dumps(whole) if as_json else samples.VCRPY_SINGLE))
    assert one.response.envelope["body"] == {"id": 7, "name": "Ada"}


def test_vcrpy_compressed_body(tmp_path: Path) -> None:
    """A gzipped body is decoded, and the headers say so."""
    (one,) = interactions(put(tmp_path, samples.VCRPY_GZIP))
    assert one.response.body == BODY.encode()
    assert header(one.response.headers, "content-encoding", "none") == "none"
    assert header(one.response.headers, "content-length") == str(len(BODY))


def test_vcrpy_odd_bodies(tmp_path: Path) -> None:
    """A body as base64 text, and one that stands without `string` around it, are read."""
    text = samples.VCRPY.replace(f"string: '{BODY}'", "base64_string: aGk=")
    assert interactions(put(tmp_path, text))[0].response.body == b"hi"
    text = samples.VCRPY.replace(f"body:\n      string: '{BODY}'", "body: hi")
    assert interactions(put(tmp_path, text))[0].response.body == b"hi"


def test_vcrpy_other_metadata(tmp_path: Path) -> None:
    """Metadata of other tools is passed over."""
    assert len(interactions(put(tmp_path, "metadata: {tool: x}\n" + samples.VCRPY))) == 1


def test_chunked_transfer_is_undone(tmp_path: Path) -> None:
    """What the header says about the transfer is no longer true of the body in the file."""
    (one,) = interactions(
        put(tmp_path, samples.VCRPY.replace("Content-Type:", "Transfer-Encoding: [chunked]\n      X:"))
    )
    assert header(one.response.headers, "transfer-encoding", "none") == "none"


def test_vcrpy_include_is_named(tmp_path: Path) -> None:
    """An interaction that only points at another file is refused by number, its neighbours are imported."""
    path = put(tmp_path, samples.VCRPY.replace("version: 1", "- include_file: other.yaml\nversion: 1"))
    found = read_all(path)[1]
    assert [refused.interaction for refused in refusals(path)] == [1]
    assert "include_file" in refusals(path)[0].reason
    assert len(found) == 2


def test_vcrpy_template_body_is_refused(tmp_path: Path) -> None:
    """A body that its tool fills in from a template is no recording of an answer."""
    text = samples.VCRPY.replace(f"string: '{BODY}'", "string: {include_template: a.tpl, vars: {x: 1}}")
    assert "template" in refusals(put(tmp_path, text))[0].reason


def test_own_cassettes_are_not_imported(tmp_path: Path) -> None:
    """A cassette of this package keeps its provenance: a sandbox recording must not become an imported one."""
    text = "version: 1\nmetadata: {bi_contracts: {format: 1, source: sandbox}}\n" + samples.VCRPY
    assert "provenance" in refusals(put(tmp_path, text))[0].reason


def test_ruby(tmp_path: Path) -> None:
    """Binary, base64 and encoded bodies become bytes; `recorded_at` is read in both of its spellings."""
    first, second = interactions(put(tmp_path, samples.RUBY))
    assert (first.request.method, first.response.body, first.recorded_at) == ("GET", BODY.encode(), MOMENT)
    assert (second.request.body, second.response.body, second.recorded_at) == (b"a=1", "café".encode("latin-1"), MOMENT)


def test_ruby_json(tmp_path: Path) -> None:
    """VCR's JSON serializer writes the same structure."""
    entry = {
        "request": {"method": "get", "uri": "https://api.example.com/", "headers": {}},
        "response": {
            "status": {"code": 200},
            "headers": {},
            "body": {"encoding": "no such one", "string": "hé"},
        },
    }
    (one,) = interactions(put(tmp_path, json.dumps({"http_interactions": [entry]})))
    assert one.response.body == "hé".encode()


def test_ruby_objects_are_data(tmp_path: Path) -> None:
    """Tagged Ruby structs, symbols, arrays and strings are read as what they hold; nothing is constructed."""
    (one,) = interactions(put(tmp_path, samples.RUBY_STRUCTS))
    assert (one.request.method, one.response.body) == ("GET", b"hello")
    assert one.response.headers == (("content-type", "text/html"),)


def test_har(tmp_path: Path) -> None:
    """An archive gives posted text, base64 content, start and duration; HTTP/2 pseudo-headers go."""
    (one,) = interactions(put(tmp_path, samples.HAR))
    assert one.request.headers == (("Accept", "*/*"),)
    assert (one.request.body, one.response.body) == (b'{"page":1}', BODY.encode())
    assert (one.elapsed, one.recorded_at) == (0.125, MOMENT)
    assert one.response.headers == ()


def har_with(request: dict[str, object] | None = None, response: dict[str, object] | None = None) -> str:
    """The sample archive with other members in its one entry."""
    archive = json.loads(samples.HAR)
    (entry,) = archive["log"]["entries"]
    entry["request"].update(request or {})
    entry["response"].update(response or {})
    return json.dumps(archive)


@pytest.mark.parametrize(
    ("archive", "reason"),
    [
        (har_with(response={"status": 0}), "no response"),
        (har_with(response={"content": {"size": 9}}), "not saved"),
        (har_with(response={"content": {"encoding": "base64", "text": "%"}}), "base64"),
        (har_with(request={"url": "wss://api.example.com/socket"}), "not an HTTP exchange"),
        (har_with(request={"url": "https://[broken/"}), "does not parse"),
        (har_with(request={"url": ""}), "no URL"),
        (har_with(request={"method": "GE T"}), "method"),
        (har_with(request={"method": None}), "no HTTP method"),
        (har_with(request={"headers": "x"}), "headers"),
        (har_with(request={"headers": ["x"]}), "pair"),
        (har_with(request={"headers": {"a": {}}}), "neither text nor a number"),
        (har_with(request={"postData": {"mimeType": "multipart/form-data", "params": [{"name": "f"}]}}), "not saved"),
        (har_with(response={"status": "abc"}), "no HTTP status code"),
        (har_with(response={"status": None}), "no status code"),
    ],
)
def test_har_refusals_say_why(tmp_path: Path, archive: str, reason: str) -> None:
    """An entry that is no complete HTTP exchange is refused with the reason, by its number."""
    (refused,) = refusals(put(tmp_path, archive))
    assert reason in refused.reason
    assert refused.interaction == 0


def test_har_without_content(tmp_path: Path) -> None:
    """An answer without a body has no content text; a duration that is none is left out."""
    archive = json.loads(har_with(response={"status": 204, "content": {"size": 0}}))
    archive["log"]["entries"][0]["time"] = -1
    (one,) = interactions(put(tmp_path, json.dumps(archive)))
    assert (one.response.body, one.elapsed) == (b"", None)


def test_har_form_fields(tmp_path: Path) -> None:
    """A form that is given as fields is encoded as it was sent; base64 text is decoded."""
    fields = {"mimeType": "application/x-www-form-urlencoded", "params": [{"name": "a b", "value": "1"}]}
    (one,) = interactions(put(tmp_path, har_with(request={"postData": fields})))
    assert one.request.body == b"a+b=1"
    coded = {"text": base64.b64encode(b"\xff").decode(), "encoding": "base64"}
    (one,) = interactions(put(tmp_path, har_with(request={"postData": coded})))
    assert one.request.body == b"\xff"


def test_jsonl(tmp_path: Path) -> None:
    """A line is a response, alone or with what was asked; blank lines mean nothing."""
    first, second, third = interactions(put(tmp_path, samples.JSONL, "things.jsonl"))
    assert (first.request.method, first.request.url, first.response.body) == ("GET", "/things", BODY.encode())
    assert (second.request.method, second.response.status, second.response.body) == ("DELETE", 404, b"")
    assert (third.endpoint, third.elapsed, third.request.body) == ("shop/things", 0.5, b'{"page":1}')


def test_jsonl_damaged_line(tmp_path: Path) -> None:
    """A damaged line is refused with line and column; the lines around it are imported."""
    lines = ['{"status": 200, "body": 1}', '{"status": 200, "body"', "[1]", '{"status": 200, "body": 2}']
    found = read_all(put(tmp_path, "\n".join(lines)))[1]
    assert [getattr(one, "reason", "") for one in found] == [
        "",
        "line 2, column 23: corrupt JSON: Expecting ':' delimiter",
        "response is no object",
        "",
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"status": 200, "body": "\xff"}', "not UTF-8"),
        (b'{"status": 200, "body": ' + b"9" * 5000 + b"}", "too many digits"),
        (b'{"status": 200, "body": ' + b"[" * 100_000, "nested too deeply"),
        (b'{"status": 200, "body": NaN}', "JSON cannot carry"),
    ],
)
def test_jsonl_hostile_line(tmp_path: Path, line: bytes, reason: str) -> None:
    """A line that Python's JSON reader stumbles over is refused like any other."""
    path = put(tmp_path, b'{"status": 200, "body": 1}\n' + line)
    assert [reason in one.reason for one in refusals(path)] == [True]


def test_jsonl_long_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line over the limit is read past, not into memory; the next line is imported."""
    monkeypatch.setattr("bi_contracts.cassette.importers.jsonl.MAX_LINE", 40)
    long = '{"status": 200, "body": "' + "x" * 200 + '"}'
    path = put(tmp_path, f'{{"status": 200, "body": 1}}\n{long}\n{{"status": 200, "body": 2}}\n')
    assert [one.interaction for one in refusals(path)] == [1]
    assert len(read_all(path)[1]) == 3


def test_nango(tmp_path: Path) -> None:
    """Each entry becomes a request with its parameters in the query, and its JSON as the body."""
    first, second, third = interactions(put(tmp_path, samples.NANGO))
    assert first.request.url == "/v1/things?limit=5&tag=a&tag=b"
    assert (first.response.body, first.recorded_at) == (b'{"id":7}', MOMENT)
    assert (second.request.headers, second.response.body) == ((("X-A", "1"),), b"")
    assert (third.request.method, third.request.body, third.response.status) == ("POST", b'{"name":"Ada"}', 201)


def test_nango_leaves_the_proxys_headers_out(tmp_path: Path) -> None:
    """The rate limit and the safety headers that its proxy adds to every answer are not the vendor's."""
    proxys = {"X-RateLimit-Limit": "5000", "x-ratelimit-remaining": "4999", "x-frame-options": "SAMEORIGIN"}
    vendors = {"content-type": "application/json", "x-ratelimit-requests-limit": "10"}
    entry = {"response": {}, "status": 200, "headers": {**proxys, **vendors}}
    (one,) = interactions(put(tmp_path, json.dumps({"api": {"get": {"/v1/things": entry}}})))
    assert dict(one.response.headers) == vendors


@pytest.mark.parametrize("headers", [3, "x", ["x"]])
def test_nango_headers_that_are_none(tmp_path: Path, headers: object) -> None:
    """Headers of another kind are refused as in any format."""
    entry = {"response": {}, "status": 200, "headers": headers}
    assert refusals(put(tmp_path, json.dumps({"api": {"get": {"/v1/things": entry}}})))[0].reason


def test_nango_mock(tmp_path: Path) -> None:
    """An older mock file is one interaction."""
    (one,) = interactions(put(tmp_path, samples.NANGO_MOCK))
    assert (one.request.url, one.response.status) == ("/v1/things?limit=10", 200)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('{"input": {}, "output": {}}', "no recorded calls"),
        ('{"api": {"fetch": {}}}', "no recorded calls"),
        ('{"api": {"get": 3}}', "no object"),
        ('{"api": {"get": {"/a": 3}}}', "entry is no object"),
        ('{"api": {"get": {"/a": {"status": 200, "request": {"params": "x"}}}}}', "query parameters"),
        ('{"api": {"get": {"/a": {"status": 200, "request": {"params": [1]}}}}}', "query parameter"),
    ],
)
def test_nango_refusals_say_why(tmp_path: Path, content: str, reason: str) -> None:
    """A test file without usable calls is refused with the reason."""
    assert reason in refusals(put(tmp_path, content))[0].reason
