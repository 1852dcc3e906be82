"""Which requests ask the same, and what plays when they do."""

from __future__ import annotations

import gzip
import threading
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bi_contracts.cassette.encoding import decoded
from bi_contracts.cassette.index import Index, Playback
from bi_contracts.cassette.keys import canonical_graphql, key_of
from bi_contracts.cassette.nearest import nearest
from bi_contracts.cassette.tls import shared_ssl_context
from bi_contracts.errors import CassetteError
from bi_contracts.interaction import Request

from .conftest import interaction

FORM = (("Content-Type", "application/x-www-form-urlencoded"),)
GRAPHQL = (("Content-Type", "application/graphql"),)


def post(body: bytes, headers: tuple[tuple[str, str], ...] = (), url: str = "https://h.example/") -> Request:
    return Request("POST", url, headers, body)


def multipart(boundary: str, value: str = "1") -> Request:
    body = f'--{boundary}\r\nContent-Disposition: form-data; name="a"\r\n\r\n{value}\r\n--{boundary}--\r\n'
    return post(body.encode(), (("Content-Type", f"multipart/form-data; boundary={boundary}"),))


SAME = {
    "method": (Request("get", "https://h.example"), Request("GET", "https://h.example/")),
    "host and port": (Request("GET", "HTTPS://H.example:443/"), Request("GET", "https://h.example/")),
    "query order": (Request("GET", "https://h.example/?a=1&b="), Request("GET", "https://h.example/?b=&a=1")),
    "escapes": (Request("GET", "https://h.example/%7ea%2f"), Request("GET", "https://h.example/~a%2F")),
    "json layout": (post(b'{"a": [1, 2], "b": {}}'), post(b'{"b":{},"a":[1,2]}')),
    "form order": (post(b"a=1&b=2", FORM), post(b"b=2&a=1", FORM)),
    "boundary": (multipart("xxx"), multipart("yyy")),
    "graphql layout": (
        post(
            b'{"query": "query Q { # names\\n a(x: 1, y: \\"b  c\\") { id }\\n}", '
            b'"variables": {}, "operationName": null}'
        ),
        post(b'{"query": "query Q{a(x:1 y:\\"b  c\\"){id}}"}'),
    ),
    "graphql batch": (post(b'[{"query": "{ a }"}]'), post(b'[{"query": "{a}"}]')),
    "graphql body": (post(b"{ a  b }", GRAPHQL), post(b"{a,b}", GRAPHQL)),
    "headers": (Request("GET", "https://h.example/", (("a", "b"),)), Request("GET", "https://h.example/")),
}
OTHER = {
    "method": (Request("GET", "https://h.example/"), Request("PUT", "https://h.example/")),
    "scheme": (Request("GET", "http://h.example/"), Request("GET", "https://h.example/")),
    "port": (Request("GET", "https://h.example:8443/"), Request("GET", "https://h.example/")),
    "path": (Request("GET", "https://h.example/a%2Fb"), Request("GET", "https://h.example/a/b")),
    "query": (Request("GET", "https://h.example/?a=1"), Request("GET", "https://h.example/?a=1&a=1")),
    "json value": (post(b'{"a": [1, 2]}'), post(b'{"a": [2, 1]}')),
    "large numbers": (post(b'{"a": 12345678901234567890}'), post(b'{"a": 12345678901234567891}')),
    "graphql string": (post(b'{"query": "{a(x: \\"b  c\\")}"}'), post(b'{"query": "{a(x: \\"b c\\")}"}')),
    "graphql variables": (post(b'{"query": "{a}", "variables": {"x": 1}}'), post(b'{"query": "{a}"}')),
    "search": (post(b'{"query": "a  b"}'), post(b'{"query": "a b"}')),
    "part": (multipart("xxx", "1"), multipart("xxx", "2")),
    "binary": (post(b"\xff\x00"), post(b"\xff\x01")),
    "broken json": (post(b'{"a": '), post(b'{"a":')),
}


@pytest.mark.parametrize("name", SAME)
def test_requests_that_ask_the_same(name: str) -> None:
    """What does not change the meaning of a request does not change its key."""
    first, second = SAME[name]
    assert key_of(first) == key_of(second)


@pytest.mark.parametrize("name", OTHER)
def test_requests_that_ask_for_something_else(name: str) -> None:
    """What changes the meaning changes the key."""
    first, second = OTHER[name]
    assert key_of(first) != key_of(second)


@settings(max_examples=200, deadline=None)
@given(text=st.text(alphabet="{}()[]:!$@ab1.,# \n&|=é'-", max_size=40))
def test_graphql_layout_is_normalised_once(text: str) -> None:
    """The canonical form of a document is its own canonical form, whatever the document is."""
    once = canonical_graphql(text)
    assert canonical_graphql(once) == once


def test_the_same_request_is_answered_in_recorded_order() -> None:
    """Recorded answers come in order, the last repeats, and a rewind starts again."""
    playback = Playback(Index([interaction(answer=b"1"), interaction(answer=b"2")]))
    asked = Request("GET", "https://api.example.com/things")
    answers = [item.response.body for _ in range(4) if (item := playback.play(asked))]
    assert answers == [b"1", b"2", b"2", b"2"]
    playback.rewind()
    assert playback.played == ()
    assert playback.has(asked)
    assert playback.play(Request("GET", "https://api.example.com/none")) is None


def test_runs_do_not_disturb_each_other() -> None:
    """Two playbacks of one index each start at the first answer."""
    index = Index([interaction(answer=b"1"), interaction(answer=b"2")])
    asked = Request("GET", "https://api.example.com/things")
    for playback in (Playback(index), Playback(index)):
        item = playback.play(asked)
        assert item is not None
        assert item.response.body == b"1"


def test_threads_share_the_order() -> None:
    """Each recorded answer is given once, however many threads ask."""
    playback = Playback(Index([interaction(answer=str(number).encode()) for number in range(200)]))
    got: list[bytes] = []

    def ask() -> None:
        for _ in range(50):
            item = playback.play(Request("GET", "https://api.example.com/things"))
            assert item is not None
            got.append(item.response.body)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(got)) == 200


def test_the_nearest_of_many_is_found_quickly() -> None:
    """The search is bounded, and prefers the same path."""
    recorded = [Request("GET", f"https://h.example/a/{number}?x=1") for number in range(5000)]
    found = nearest(Request("GET", "https://h.example/a/1500?x=2"), recorded)
    assert found is not None
    assert found.request.url == "https://h.example/a/1500?x=1"
    assert nearest(Request("GET", "https://h.example/"), []) is None


def test_a_repeated_parameter_is_compared_value_by_value() -> None:
    """Of a list in the query the one that differs is named."""
    found = nearest(Request("GET", "https://h.example/?a=1&a=2"), [Request("GET", "https://h.example/?a=1&a=3")])
    assert found is not None
    assert found.difference == ('query a: asked "2", recorded "3"',)


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(b"hello", mtime=0)),
        ("x-gzip", gzip.compress(b"hello", mtime=0)),
        ("deflate", zlib.compress(b"hello")),
        ("deflate", zlib.compress(b"hello", wbits=-15)),
        ("deflate, gzip", gzip.compress(zlib.compress(b"hello"), mtime=0)),
        ("identity", b"hello"),
        ("gzip", b"hello"),
        ("", b"hello"),
    ],
)
def test_bodies_are_decoded(coding: str, body: bytes) -> None:
    """Any known coding is taken off; a body that is plain already stays."""
    headers = (("Content-Encoding", coding), ("Content-Length", "99"), ("Transfer-Encoding", "chunked"))
    kept, plain = decoded(headers, body)
    assert plain == b"hello"
    assert [name for name, _ in kept] == ["Content-Length"]


@pytest.mark.parametrize(("coding", "body"), [("compress", b"x"), ("gzip", b"\x1f\x8b\x00\xff")])
def test_bodies_that_cannot_be_decoded(coding: str, body: bytes) -> None:
    """An unknown or broken coding is an error with a way out."""
    with pytest.raises(CassetteError, match="Accept-Encoding"):
        decoded((("Content-Encoding", coding),), body)


def test_a_coding_without_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package that is missing is named."""

    def missing(name: str) -> object:
        raise ImportError(name)

    monkeypatch.setattr("bi_contracts.cassette.encoding.import_module", missing)
    for coding, package in (("br", "brotli"), ("zstd", "zstandard")):
        with pytest.raises(CassetteError, match=f"pip install {package}"):
            decoded((("Content-Encoding", coding),), b"\x00")


def test_an_empty_body_has_no_coding() -> None:
    """An answer to HEAD says gzip and sends nothing."""
    assert decoded((("Content-Encoding", "br"), ("Content-Length", "5")), b"") == ((("Content-Length", "5"),), b"")


def test_one_tls_context() -> None:
    """Building it costs much, so there is one."""
    assert shared_ssl_context() is shared_ssl_context()


def test_brotli_and_zstd_are_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a package for the coding is installed, it is used; brotlicffi stands in for brotli."""

    class Stub:
        """Both packages at once: 'decompresses' by taking off a prefix."""

        @staticmethod
        def decompress(body: bytes) -> bytes:
            return body.removeprefix(b"\x00")

        @classmethod
        def ZstdDecompressor(cls) -> type[Stub]:  # noqa: N802
            return cls

        @classmethod
        def decompressobj(cls) -> type[Stub]:
            return cls

    def only_brotlicffi(name: str) -> type[Stub]:
        if name == "brotli":
            raise ImportError(name)
        return Stub

    monkeypatch.setattr("bi_contracts.cassette.encoding.import_module", only_brotlicffi)
    for coding in ("br", "zstd"):
        assert decoded((("Content-Encoding", coding),), b"\x00hello")[1] == b"hello"
