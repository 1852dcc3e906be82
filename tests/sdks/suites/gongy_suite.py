"""gongy lists, pages, gets and fails as its documentation says."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import urllib.request
from datetime import UTC, datetime

import pytest
from gongy import Gongy
from gongy.errors import AccessDeniedError, MalformedRequestError, NotFoundError, RequestLimitExceededError
from gongy.models import ContentSelector, PartyAffiliation
from yarl import URL

pytestmark = [
    pytest.mark.bi_cassette("cassettes"),
    # The client hands its credentials to aiohttp in a way that aiohttp 4 will no longer have.
    pytest.mark.filterwarnings("ignore::DeprecationWarning:gongy.api"),
]

SANDBOX = os.environ["SANDBOX_URL"]
KEY, SECRET = os.environ["GONG_ACCESS_KEY"], os.environ["GONG_ACCESS_KEY_SECRET"]
ROWS = int(os.environ["SANDBOX_ROWS"])
START, END = datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)
ENOUGH = 105
"""More calls than one page holds: Gong fixes the size of its pages at 100."""


def run(asked, **settings):
    """What `asked` gives with a client."""

    async def answered():
        async with Gongy(**{"api_key": KEY, "secret": SECRET, "base_url": URL(f"{SANDBOX}/gong"), **settings}) as gong:
            return await asked(gong)

    return asyncio.run(answered())


def post(path, body):
    """A post beside the client: to the sandbox itself, or of what the client cannot write."""
    pair = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
    headers = {"Content-Type": "application/json", "Authorization": f"Basic {pair}"}
    asked = urllib.request.Request(f"{SANDBOX}{path}", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(asked, timeout=5) as answer:
        return json.load(answer)


def fault(fault, times=1):
    post("/_sandbox/faults", {"fault": fault, "platform": "gong", "times": times})


async def first_call(gong):
    return (await gong.get_calls_page(START, END)).calls[0]


def test_authenticates():
    """Access key and secret open the list of calls; the identifiers are texts of up to twenty digits."""
    page = run(lambda gong: gong.get_calls_page(START, END))
    assert page.request_id
    assert page.records.total_records >= ROWS
    assert all(call.id.isdecimal() and 17 < len(call.id) <= 20 for call in page.calls)


def test_pages_to_the_end():
    """The client follows `records.cursor`, and every call comes once."""
    post("/_sandbox/limits", {"platform": "gong", "limit": 10_000, "window": 1})
    call = {"actualStart": "2039-03-01T10:00:00Z", "parties": [{"name": "Sam"}], "direction": "Inbound"}
    for number in range(ENOUGH):
        post("/gong/v2/calls", {**call, "clientUniqueId": str(number), "primaryUser": "1"})

    async def every(gong):
        return [page async for page in gong.get_calls(datetime(2039, 1, 1, tzinfo=UTC), END)]

    pages = run(every)
    found = [call.id for page in pages for call in page.calls]
    assert len(pages) >= 2
    assert pages[-1].records.cursor is None
    assert [page.records.current_page_number for page in pages] == list(range(len(pages)))
    assert len(set(found)) == len(found) == pages[0].records.total_records >= ENOUGH


def test_gets_by_id():
    """A call that was listed can be asked for alone."""

    async def both(gong):
        listed = await first_call(gong)
        return listed, (await gong.get_call(listed.id)).call

    listed, found = run(both)
    assert found == listed


def test_reads_everything_about_calls():
    """By POST: parties with their addresses, content, figures, as far as they are asked for."""

    async def every(gong):
        pages = gong.get_calls_extensive(start=START, end=datetime(2038, 1, 1, tzinfo=UTC), content_selector=ALL)
        return [call async for page in pages for call in page.calls]

    calls = run(every)
    assert len(calls) >= ROWS
    outside = [one for call in calls for one in call.parties if one.affiliation is PartyAffiliation.EXTERNAL]
    assert all(one.email_address.endswith(".example") for one in outside)
    assert all(call.content.brief and call.interaction.questions for call in calls)


def test_reads_no_more_than_it_asks_for():
    """Without a selector only the metadata comes."""
    page = run(lambda gong: gong.get_calls_extensive_page(start=START, end=datetime(2038, 1, 1, tzinfo=UTC)))
    assert {(call.parties, call.content, call.media) for call in page.calls} == {(None, None, None)}


def test_reads_transcripts_of_calls():
    """The speakers of a transcript are the parties of its call."""

    async def both(gong):
        ids = [(await first_call(gong)).id]
        told = await gong.get_call_transcripts_page(ids=ids)
        return ids, told.call_transcripts, (await gong.get_calls_extensive_page(ids=ids, content_selector=ALL)).calls

    ids, transcripts, calls = run(both)
    assert [one.call_id for one in transcripts] == ids
    spoken = {monologue.speaker_id for monologue in transcripts[0].transcript}
    assert spoken <= {party.speaker_id for party in calls[0].parties}
    ends = [sentence.end for monologue in transcripts[0].transcript for sentence in monologue.sentences]
    assert ends == sorted(ends)


def test_meets_no_calls():
    """Where no call is in a period, Gong answers 404."""
    with pytest.raises(NotFoundError):
        run(lambda gong: gong.get_calls_page(START, datetime(2020, 2, 1, tzinfo=UTC)))


def test_meets_what_is_not_there():
    """An unknown call is 404 too."""
    with pytest.raises(NotFoundError):
        run(lambda gong: gong.get_call("7782342274025937895"))


@pytest.mark.parametrize("wrong", ["api_key", "secret"])
def test_meets_refused_credentials(wrong):
    """A wrong key, or a wrong secret, is 401."""
    with pytest.raises(AccessDeniedError):
        run(lambda gong: gong.get_calls_page(START, END), **{wrong: "wrong"})


def test_meets_a_missing_scope():
    """A scope that is missing is 401 as well, not 403."""
    fault("forbidden")
    with pytest.raises(AccessDeniedError):
        run(lambda gong: gong.get_calls_page(START, END))


def test_meets_a_foreign_cursor():
    """A cursor that Gong did not give is 400."""
    with pytest.raises(MalformedRequestError):
        run(lambda gong: gong.get_calls_page(START, END, cursor="foreign"))


def test_meets_a_rate_limit():
    """When its retries are spent, the client raises what 429 stands for."""
    fault("rate-limit; retry-after=0", times=2)
    with pytest.raises(RequestLimitExceededError):
        run(lambda gong: gong.get_calls_page(START, END), retries=1)


def test_comes_back_after_a_rate_limit():
    """The client waits as long as it was told to, and succeeds."""
    fault("rate-limit; retry-after=1")
    assert run(lambda gong: gong.get_calls_page(START, END)).calls


ALL = ContentSelector.all()
