"""Damaged, foreign and hostile input: a reason with a place, never a traceback, and nothing that was read is lost."""

from __future__ import annotations

import gzip
import json
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bi_contracts.cassette.importers import Refused, Unusable, load_importers
from bi_contracts.cassette.importers.bodies import as_bytes, dump_json, encode_body, plain
from bi_contracts.cassette.importers.run import import_paths, read_file, unknown_reason
from bi_contracts.cassette.importers.values import moment_of, text_of
from bi_contracts.interaction import Interaction
from bi_contracts.paths import decode_body

from . import samples
from .samples import BODY, put, read_all, refusals

QUICK = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
FORMATS = load_importers(()).formats


@QUICK
@given(content=st.binary(max_size=300))
@example(content=b"interactions: [")
@example(content=b"interactions:\n- !!python/object/apply:os.system ['true']\n")
@example(content=b"http_interactions: \xff")
@example(content=b'{"log": {"entries": [{"request": ')
def test_any_bytes_give_reasons(tmp_path: Path, content: bytes) -> None:
    """Whatever bytes an importer is given, it yields interactions and reasons and raises nothing but `Unusable`."""
    path = put(tmp_path, content)
    for importer in FORMATS:
        try:
            found = list(importer.read(path))
        except Unusable:
            continue
        assert all(isinstance(one, Interaction | Refused) for one in found)


@QUICK
@given(sample=st.sampled_from(sorted(samples.ALL)), data=st.data())
def test_any_truncation_gives_reasons(tmp_path: Path, sample: str, data: st.DataObject) -> None:
    """A recording that is cut off anywhere, with any byte changed before, is imported as far as it goes or refused."""
    content = bytearray(samples.ALL[sample].encode())
    content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    del content[data.draw(st.integers(0, len(content))) :]
    report = import_paths([put(tmp_path / "in", bytes(content))], tmp_path / "out", importers=load_importers(()))
    (file,) = report.files
    assert file.imported + len(file.refused) > 0


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@QUICK
@given(
    junk=JSON,
    shape=st.sampled_from(
        ["interactions", "http_interactions", "log.entries", "api.get./v1", "requestIdentity", "status"]
    ),
)
def test_any_json_in_the_right_place_gives_reasons(tmp_path: Path, junk: Any, shape: str) -> None:
    """JSON of the right outline with anything inside never makes an importer fail."""
    whole: Any = [junk]
    for key in reversed(shape.split(".")):
        whole = {key: whole}
    path = put(tmp_path, json.dumps(whole))
    for importer in FORMATS:
        failed = [one for one in read_file(importer, path) if isinstance(one, Refused) and " failed (" in one.reason]
        assert not failed, f"{importer.name}: {failed}"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("interactions:\n- request: {method: GET\n", "line 3, column 1"),
        ("interactions:\n- request:\n    uri: \x07\n", "not readable as text: position"),
        ("interactions:\n- a: *nowhere\n", "undefined alias"),
        (b"interactions:\n- \xff\n", "not readable as text"),
        ("interactions:\n- " + "[" * 300, "nested deeper than 200 levels"),
        ('{"interactions": [{"request": ', "cut off: line 1, column 31"),
        ('{"interactions": [\n{} {}]}', "corrupt JSON: line 2, column 4: expected ','"),
        ('{"interactions": [1', "cut off: line 1, column 20: expected ','"),
        ('{"interactions" 1}', "corrupt JSON: line 1, column 17"),
        ('{"version": 1, "interactions": 3}', "interactions is no list"),
        ('{"log": {"version": "1.2", "creator": {}}}', "no log.entries in it"),
        ('{"log": "creator", "x": "entries"}', ""),
        (b'{"interactions": ["\xff"]}', "not UTF-8: byte 19"),
        ('{"interactions": ' + "[" * 200_000, "nested too deeply"),
        ('{"interactions": [' + "9" * 5000 + "]}", "too many digits"),
        ("version: 1\ninteractions: 3\n", "interaction is no object"),
    ],
)
def test_damage_is_located(tmp_path: Path, content: str | bytes, reason: str) -> None:
    """A file that cannot be read on is refused with the place of the damage."""
    path = put(tmp_path, content)
    assert any(
        reason in one.reason for importer in FORMATS for one in read_file(importer, path) if isinstance(one, Refused)
    )


@pytest.mark.parametrize("sample", ["vcrpy", "vcrpy json"])
def test_what_precedes_the_damage_is_imported(tmp_path: Path, sample: str) -> None:
    """Two whole interactions and half of a third give two interactions and one refusal."""
    if sample == "vcrpy":
        whole = samples.VCRPY.removesuffix("version: 1\n").removeprefix("interactions:\n")
        content = "interactions:\n" + whole * 2 + "- request: {method: 'GET"
    else:
        item = json.dumps(json.loads(samples.VCRPY_JSON)["interactions"][0])
        content = f'{{"interactions": [{item}, {item}, {item[:80]}'
    found = read_all(put(tmp_path, content))[1]
    assert [type(one) for one in found] == [Interaction, Interaction, Refused]
    assert isinstance(found[2], Refused)
    assert found[2].interaction == 2


def test_refusals_quote_nothing(tmp_path: Path) -> None:
    """A reason never shows what stands in the recording."""
    path = put(tmp_path, samples.VCRPY.replace("https://api.example.com", "ftp://user:hunter22@x"))
    assert "hunter22" not in str(refusals(path)[0])
    assert str(refusals(path)[0]).startswith(f"{path}, interaction 0: not an HTTP exchange")


def test_large_documents_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A JSON document over the limit is refused before it is read."""
    monkeypatch.setattr("bi_contracts.cassette.importers.json_stream.MAX_DOCUMENT", 10)
    assert "larger than" in refusals(put(tmp_path, samples.HAR))[0].reason


def test_top_level_list_of_interactions_is_no_vcrpy(tmp_path: Path) -> None:
    """YAML without a list of interactions is refused by the importer that is asked for it."""
    path = put(tmp_path, "interactional: 1\n- x")
    vcrpy = next(one for one in FORMATS if one.name == "vcrpy")
    assert [type(one) for one in read_file(vcrpy, path)] == [Refused]


def test_unknown_content_says_what_it_looks_like() -> None:
    """A file of no known format is described by its look."""
    assert unknown_reason(b" \n") == ("empty", False)
    assert unknown_reason(b"\x89PNG\0")[0] == "not a recording: binary"
    assert "response body alone" in unknown_reason(b'{"type": "list", "data": []}')[0]
    assert "marks" in unknown_reason(b"MIT License")[0]


@QUICK
@given(body=JSON)
@example(body="1")
@example(body="plain")
@example(body="\ud800")
def test_bodies_decode_to_what_was_encoded(body: Any) -> None:
    """Encoding a JSON value as a body and decoding it gives the value back."""
    assert decode_body(encode_body(body)) == body


def test_deeply_nested_text_is_no_crash() -> None:
    """Text that looks like endless JSON is a string like any other."""
    assert decode_body(encode_body("[" * 200_000)) == "[" * 200_000


def test_infinity_is_no_json() -> None:
    """A value that JSON cannot carry is refused."""
    with pytest.raises(Unusable):
        dump_json(float("inf"))


@pytest.mark.parametrize(
    ("coding", "body", "expected"),
    [
        ("gzip", gzip.compress(b"hi"), b"hi"),
        ("gzip", gzip.compress(b"a") + gzip.compress(b"b") + b"rest", b"ab"),
        ("gzip", b"already decoded", b"already decoded"),
        ("deflate", zlib.compress(b"hi"), b"hi"),
        ("deflate", zlib.compress(b"hi")[2:-4], b"hi"),
        ("deflate", b"{already: decoded}", b"{already: decoded}"),
        ("gzip, deflate", zlib.compress(gzip.compress(b"hi")), b"hi"),
        ("br", b"already decoded", b"already decoded"),
        ("identity", b"hi", b"hi"),
        ("gzip", b"", b""),
        ("identity", b"\xff", b"\xff"),
    ],
)
def test_content_codings(coding: str, body: bytes, expected: bytes) -> None:
    """Every content coding is undone, also where the tool had undone it already."""
    headers, decoded = plain((("Content-Encoding", coding), ("X", "1")), body)
    assert (headers, decoded) == ((("X", "1"),), expected)


@pytest.mark.parametrize(
    ("coding", "body", "reason"),
    [
        ("gzip", gzip.compress(b"hello")[:-5], "cut off"),
        ("gzip", b"\x1f\x8b" + b"\xff" * 20, "damaged"),
        ("deflate", b"\xff\xfe\xfd", "deflated and is not"),
        ("br", b"\xff\xfe\xfd", "'br'"),
        ("snappy", b"\xff\xfe\xfd", "compressed with 'snappy'"),
    ],
)
def test_undecodable_bodies_are_refused(coding: str, body: bytes, reason: str) -> None:
    """A body that cannot be decoded is refused rather than stored unreadable and unredacted."""
    with pytest.raises(Unusable, match=reason):
        plain((("content-encoding", coding),), body)


@pytest.mark.parametrize("members", [1, 3])
def test_decompression_is_bounded(monkeypatch: pytest.MonkeyPatch, members: int) -> None:
    """A small body that would unpack to a huge one is refused."""
    monkeypatch.setattr("bi_contracts.cassette.importers.bodies.MAX_BODY", 1000)
    packed = gzip.compress(b"x" * (2000 // members)) * members
    with pytest.raises(Unusable, match="when decompressed"):
        plain((("content-encoding", "gzip"),), packed)


def test_broken_base64_in_yaml(tmp_path: Path) -> None:
    """A `!binary` value that is no base64 spoils its own interaction only."""
    text = samples.RUBY.replace("string: !binary |-\n        ", "string: !binary |-\n        *")
    found = read_all(put(tmp_path, text))[1]
    assert [type(one) for one in found] == [Refused, Interaction]
    assert "base64" in str(found[0])


def test_broken_base64_in_a_header(tmp_path: Path) -> None:
    """The same holds for a header."""
    text = samples.VCRPY.replace("Accept: ['*/*']", "Accept: [!!binary '*']")
    assert "base64" in refusals(put(tmp_path, text))[0].reason


def test_aliases_and_odd_keys(tmp_path: Path) -> None:
    """Anchors are followed; keys that are no text become text or nothing."""
    text = samples.VCRPY.replace(
        "Accept: ['*/*']", "Accept: &a ['*/*']\n      Other: *a\n      1: x\n      ? [a]\n      : y"
    )
    (one,) = samples.interactions(put(tmp_path, text))
    assert one.request.headers == (("Accept", "*/*"), ("Other", "*/*"), ("1", "x"))


def test_scalars() -> None:
    """Header values become text, bodies become bytes, moments become UTC, and nothing is guessed."""
    assert [text_of(value) for value in (None, "a", b"\xe9", True, 1.5)] == ["", "a", "é", "true", "1.5"]
    assert [as_bytes(value) for value in (None, "a", b"b", True, 3)] == [b"", b"a", b"b", b"true", b"3"]
    assert moment_of("no moment") is None
    assert str(moment_of("2025-02-03T19:07:21+02:00")) == "2025-02-03 17:07:21+00:00"
    assert str(moment_of("2025-02-03 19:07:21")) == "2025-02-03 19:07:21+00:00"


def test_lone_surrogates_are_refused(tmp_path: Path) -> None:
    """Text that no encoding can carry is refused, not half-written."""
    path = put(tmp_path, samples.VCRPY_JSON.replace(json.dumps(BODY), '"\\ud800"'))
    assert "Unicode" in refusals(path)[0].reason
