"""Slack's arguments that choose rows: a span of message times, kinds of conversations."""

from __future__ import annotations

from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bi_contracts.platforms.slack import KINDS, SPAN
from bi_contracts.queries import BadQuery, QueryLanguage, matches
from bi_contracts.queries.slack import Timespan
from bi_contracts.slots import FORM

moments = st.integers(1_000_000_000, 2_000_000_000).flatmap(
    lambda seconds: st.integers(0, 999_999).map(lambda micros: f"{seconds}.{micros:06d}")
)


def form(**arguments: str) -> httpx.Request:
    content = urlencode(arguments).encode()
    return httpx.Request("POST", "https://slack.com/api/x", headers={"content-type": FORM}, content=content)


def code(language: QueryLanguage, **arguments: str) -> str:
    with pytest.raises(BadQuery) as caught:
        language.read(form(**arguments))
    return caught.value.code


@given(moments, moments, moments)
def test_a_span_leaves_its_ends_out_unless_they_are_wanted(oldest: str, latest: str, ts: str) -> None:
    """Between the two ends; with `inclusive` the ends themselves too."""
    asked = {"oldest": oldest, "latest": latest}
    assert matches(SPAN.read(form(**asked)).where, {"ts": ts}) == (float(oldest) < float(ts) < float(latest))
    whole = SPAN.read(form(**asked, inclusive="true")).where
    assert matches(whole, {"ts": ts}) == (float(oldest) <= float(ts) <= float(latest))


def test_no_ends_are_no_condition() -> None:
    """Nothing, an empty text and zero mean the beginning of time."""
    assert SPAN.read(form()).plain
    assert SPAN.read(form(oldest="0", latest="")).plain


@pytest.mark.parametrize("value", ["yesterday", "-1", "1767225601.0001000", "1e9"])
def test_what_is_no_time_is_refused(value: str) -> None:
    """Each end has a code of its own."""
    assert code(SPAN, oldest=value) == "invalid_ts_oldest"
    assert code(SPAN, latest=value) == "invalid_ts_latest"


def test_the_ends_of_files_belong_to_them() -> None:
    """`files.list` takes both ends in, under other names."""
    query = Timespan("created", "ts_from", "ts_to", inclusive="").read(form(ts_from="5", ts_to="7"))
    assert [matches(query.where, {"created": number}) for number in range(4, 9)] == [False, True, True, True, False]


PUBLIC = {"is_channel": True, "is_private": False, "is_archived": False}
SECRET = {"is_channel": True, "is_private": True, "is_mpim": False, "is_im": False, "is_archived": True}
DIRECT = {"is_im": True, "is_channel": False, "is_private": True, "is_archived": False}


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ({}, [PUBLIC]),
        ({"types": "public_channel,private_channel"}, [PUBLIC, SECRET]),
        ({"types": " im "}, [DIRECT]),
        ({"types": "private_channel", "exclude_archived": "true"}, []),
        ({"types": "public_channel,im", "exclude_archived": "1"}, [PUBLIC, DIRECT]),
    ],
)
def test_kinds_of_conversations(arguments: dict[str, str], found: list[object]) -> None:
    """The kinds that are named, public channels where none is."""
    where = KINDS.read(form(**arguments)).where
    assert [row for row in (PUBLIC, SECRET, DIRECT) if matches(where, row)] == found


def test_an_unknown_kind_is_refused() -> None:
    """With the code that Slack has for it."""
    assert code(KINDS, types="public_channel,secret") == "invalid_types"
