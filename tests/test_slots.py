"""Where values travel in a request."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bi_contracts.errors import DeclarationError
from bi_contracts.slots import FORM, answer_of, json_of, media_type, read_slot, text, write_slot

URL = "https://api.example/things"
BARE = httpx.Request("GET", URL)
POST = httpx.Request("POST", URL, headers={"content-type": FORM}, content=b"a=1")
JSON = httpx.Request("POST", URL, json={"a": 1})


@pytest.mark.parametrize(
    ("request_", "slot"),
    [(BARE, "query.after"), (POST, "form.after"), (JSON, "body.page.after"), (BARE, "param.x"), (POST, "param.x")],
)
@given(value=st.text())
def test_what_is_written_is_read(request_: httpx.Request, slot: str, value: str) -> None:
    """Any text survives the way into a slot and out of it."""
    assert read_slot(write_slot(request_, slot, value), slot) == value


@pytest.mark.parametrize("slot", ["query.after", "form.after", "body.after", "param.after"])
def test_writing_keeps_the_rest_and_makes_a_new_request(slot: str) -> None:
    """Method, URL path and headers stay; the request that was given is not changed."""
    given_ = httpx.Request("POST", URL, headers={"x-kept": "yes", "content-type": FORM}, content=b"a=1")
    written = write_slot(given_, slot, "t")
    assert (written.method, written.url.path, written.headers["x-kept"]) == ("POST", "/things", "yes")
    assert given_.content == b"a=1"
    assert str(given_.url) == URL


def test_a_parameter_is_read_wherever_it_stands() -> None:
    """`param` looks into query, form and JSON body, as Slack does."""
    assert read_slot(httpx.Request("GET", URL, params={"limit": "3"}), "param.limit") == "3"
    assert (
        read_slot(httpx.Request("POST", URL, headers={"content-type": FORM}, content=b"limit=4"), "param.limit") == "4"
    )
    assert read_slot(httpx.Request("POST", URL, json={"limit": 5}), "param.limit") == 5
    assert read_slot(BARE, "param.limit") is None


@pytest.mark.parametrize("touch", [lambda: read_slot(BARE, "header.x"), lambda: write_slot(BARE, "header.x", 1)])
def test_an_unknown_place_is_a_declaration_error(touch: object) -> None:
    """A slot that is none of the four places is named in the error."""
    with pytest.raises(DeclarationError, match=r"header\.x"):
        touch()  # type: ignore[operator]


def test_json_that_does_not_parse_is_no_json() -> None:
    """A broken body is not an exception."""
    assert json_of(httpx.Request("POST", URL, content=b"{")) is None
    assert json_of(BARE) is None
    assert json_of(POST) is None


@pytest.mark.parametrize(
    ("value", "written"),
    [(True, "true"), (None, "null"), (3, "3"), (["a", "b"], "a,b"), ({"a": 1}, '{"a": 1}'), ("x", "x")],
)
def test_values_as_a_query_carries_them(value: object, written: str) -> None:
    """Booleans are lower case, lists are joined by commas, objects are JSON."""
    assert text(value) == written


def test_an_answer_is_parsed_once() -> None:
    """However many ask, they get the same object."""
    response = httpx.Response(200, json={"a": [1]})
    assert answer_of(response) is answer_of(response)


def test_the_media_type_is_bare_and_lower_case() -> None:
    """Parameters and case do not matter."""
    assert media_type(httpx.Headers({"content-type": "Application/JSON; charset=utf-8"})) == "application/json"
