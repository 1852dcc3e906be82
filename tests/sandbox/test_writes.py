"""What is written is read later: in lists, by id, in searches, and not before the index has it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bi_contracts.client import Client
from bi_contracts.sandbox import Sandbox
from bi_contracts.sandbox.merging import merged
from bi_contracts.sandbox.rows import Positions
from bi_contracts.sandbox.writing import stamped

from .crm import CRM, DESK

NOW = 1_790_000_000.0


class Api:
    """Plain requests to the sandbox."""

    def __init__(self, rows: int = 6) -> None:
        self.sandbox = Sandbox([CRM, DESK], rows=rows, enforce_limits=False, clock=lambda: self.now)
        self.now = NOW
        signed = CRM.auth.sign(self.sandbox.credentials("crm"))
        self.http = httpx.Client(transport=self.sandbox.transport(), base_url=CRM.base_url, auth=signed)

    def __call__(self, method: str, path: str, json: Any = None) -> Any:
        response = self.http.request(method, path, json=json)
        self.status = response.status_code
        return response.json() if response.content else None

    def mails(self, path: str = "/contacts?limit=100") -> list[str]:
        return [row["properties"]["mail"] for row in self("GET", path)["rows"]]


@pytest.fixture
def api() -> Iterator[Api]:
    made = Api()
    yield made
    made.http.close()


def test_what_is_created_is_listed_found_and_searched(api: Api) -> None:
    """A new contact stands in the list, is read by its id, and is among the rows of a search."""
    made = api("POST", "/contacts", {"values": {"mail": "new@shop.test"}})
    assert api.status == 201
    assert made["properties"]["mail"] == "new@shop.test"
    assert made["created_at"] == "2026-09-21T14:13:20.000Z"
    assert api.mails()[-1] == "new@shop.test"
    assert len(api.mails()) == 7
    assert api("GET", f"/contacts/{made['id']}")["properties"] == made["properties"]
    assert made["id"] in [row["id"] for row in api("POST", "/contacts/search", {})["found"]]


def test_what_is_changed_is_changed_everywhere(api: Api) -> None:
    """A change is seen in the list, by id and in a search; the rest of the record stays."""
    before = api("GET", "/contacts")["rows"][2]
    answer = api("PATCH", f"/contacts/{before['id']}", {"values": {"mail": "other@shop.test"}})
    assert set(answer) == {"id", "properties"}
    after = api("GET", "/contacts")["rows"][2]
    assert after == {
        **before,
        "properties": {**before["properties"], "mail": "other@shop.test"},
        "updated_at": "2026-09-21T14:13:20.000Z",
    }
    item = api("GET", f"/contacts/{before['id']}")
    assert (item["properties"], item["history"]) == (after["properties"], ["made"])
    found = [row for row in api("POST", "/contacts/search", {})["found"] if row["id"] == before["id"]]
    assert found == [{"id": before["id"], "properties": after["properties"]}]


def test_what_is_deleted_is_gone_everywhere(api: Api) -> None:
    """A deleted contact is in no list and no search, and its id says so in the endpoint's own words."""
    gone = api("GET", "/contacts")["rows"][1]["id"]
    assert (api("DELETE", f"/contacts/{gone}"), api.status) == (None, 204)
    assert gone not in [row["id"] for row in api("GET", "/contacts")["rows"]]
    assert gone not in [row["id"] for row in api("POST", "/contacts/search", {})["found"]]
    assert api("GET", f"/contacts/{gone}") == {"gone": "no such contact"}
    assert api.status == 410
    api("DELETE", f"/contacts/{gone}")
    assert api.status == 404


def test_a_created_row_can_be_changed_and_deleted(api: Api) -> None:
    """What was created here behaves as what was there before."""
    made = api("POST", "/contacts", {"values": {"mail": "new@shop.test"}})["id"]
    api("PATCH", f"/contacts/{made}", {"values": {"mail": "newer@shop.test"}})
    assert api.mails()[-1] == "newer@shop.test"
    api("DELETE", f"/contacts/{made}")
    assert len(api.mails()) == 6
    api("GET", f"/contacts/{made}")
    assert api.status == 410


def test_a_child_is_created_under_the_parent_it_names(api: Api) -> None:
    """A note for a deal is the first of that deal's notes, newest first, and of no other deal's."""
    deals = [row["id"] for row in api("GET", "/deals")["rows"]]
    made = api("POST", "/notes", {"deal": deals[3], "body": "Called back."})
    assert made["made"] == int(NOW)
    notes = api("GET", f"/deals/{deals[3]}/notes")["rows"]
    assert (notes[0]["id"], notes[0]["body"], len(notes)) == (made["id"], "Called back.", 7)
    assert len(api("GET", f"/deals/{deals[2]}/notes")["rows"]) == 6
    api("POST", "/notes", {"deal": "nobody", "body": "x"})
    assert api.status == 404


@pytest.mark.parametrize(
    "sent", [{}, {"values": {}}, {"values": {"mail": ""}}, {"values": [1]}, [1], None], ids=lambda sent: str(sent)
)
def test_a_write_without_what_it_needs_is_refused(api: Api, sent: Any) -> None:
    """A missing required value, and a body of another shape, are answered with the platform's 400."""
    answer = api("POST", "/contacts", sent)
    assert (api.status, answer["error"]["code"]) == (400, "bad_request")
    assert len(api.mails()) == 6


def test_a_list_shows_a_write_when_its_index_has_it(api: Api) -> None:
    """With index lag, lists and filters show the state of some seconds ago; reading by id does not."""
    api.sandbox.world.lag["crm"] = 30.0
    first, second = (row["id"] for row in api("GET", "/contacts")["rows"][:2])
    made = api("POST", "/contacts", {"values": {"mail": "new@shop.test"}})["id"]
    api("PATCH", f"/contacts/{first}", {"values": {"mail": "changed@shop.test"}})
    api("DELETE", f"/contacts/{second}")
    early = api.mails()
    assert len(early) == 6
    assert not {"new@shop.test", "changed@shop.test"} & set(early)
    assert api.mails("/contacts?mail=new@shop.test") == []
    assert api("GET", f"/contacts/{made}")["properties"]["mail"] == "new@shop.test"
    assert api("GET", f"/contacts/{first}")["properties"]["mail"] == "changed@shop.test"
    api.now += 31
    assert len(api.mails()) == 6
    assert {"new@shop.test", "changed@shop.test"} <= set(api.mails())
    assert api.mails("/contacts?mail=new@shop.test") == ["new@shop.test"]


def test_filters_and_sorting(api: Api) -> None:
    """Arguments narrow and order a list, together, and see what was written."""
    mails = api.mails()
    assert api.mails("/contacts?sort=mail") == sorted(mails)
    assert api.mails("/contacts?sort=-mail") == sorted(mails, reverse=True)
    assert api.mails(f"/contacts?mail={mails[3].upper()}") == [mails[3]]
    assert api.mails("/contacts?since=2026-09-21T00:00:00Z") == []
    changed = api("GET", "/contacts")["rows"][4]["id"]
    api("PATCH", f"/contacts/{changed}", {"values": {}})
    assert api.mails("/contacts?since=2026-09-21T00:00:00Z") == [mails[4]]
    assert len(api.mails("/contacts?archived=false")) + len(api.mails("/contacts?archived=true")) == 6


@pytest.mark.parametrize("query", ["since=yesterday", "archived=maybe", "sort=shoe"])
def test_a_wrong_filter_is_refused(api: Api, query: str) -> None:
    """A value that is none of its kind is the platform's 400, and names the argument."""
    answer = api("GET", f"/contacts?{query}")
    assert api.status == 400
    assert query.partition("=")[0] in answer["error"]["words"]


def test_an_empty_list_may_be_an_error_and_reads_as_empty(api: Api) -> None:
    """Where a platform answers "none found", the client reads no rows, and raises nothing."""
    assert api("GET", "/nothing?name=nobody") == {"error": {"words": "none found"}}
    assert api.status == 404
    with Client(CRM, api.sandbox.credentials("crm"), transport=api.sandbox.transport()) as client:
        assert list(client.records("nothing", name="nobody")) == []
        assert len(list(client.records("nothing"))) == 6


records = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: st.dictionaries(st.sampled_from("abcd"), inner, max_size=3) | st.lists(inner, max_size=2),
    max_leaves=8,
)


@given(record=records, patch=records)
def test_a_patch_wins_and_leaves_the_rest(record: Any, patch: Any) -> None:
    """After a change the patch holds, laying it twice changes nothing more, and other members are as before."""
    found = merged(record, patch)
    assert merged(found, patch) == found
    if isinstance(record, dict) and isinstance(patch, dict):
        assert set(found) == {*record, *patch}
        assert all(found[name] == record[name] for name in record if name not in patch)


@given(start=st.integers(0, 50), size=st.integers(0, 60), data=st.data())
def test_positions_are_a_list_without_what_is_gone(start: int, size: int, data: st.DataObject) -> None:
    """Length, items, slices and membership are those of the list that one would write out."""
    base = range(start, start + size)
    gone = data.draw(st.lists(st.integers(0, 120), unique=True, max_size=12))
    more = data.draw(st.lists(st.integers(-20, -1), unique=True, max_size=5))
    positions = Positions(base, gone, more)
    whole = [position for position in base if position not in gone] + more
    assert list(positions) == whole
    assert positions[::-1] == whole[::-1]
    assert [position for position in range(-20, 130) if position in positions] == sorted(whole)


@settings(max_examples=50)
@given(now=st.integers(1_300_000_000, 2_000_000_000))
@pytest.mark.parametrize(
    "example",
    [
        1767225600,
        1767225600123,
        "2026-03-01T09:12:24.630Z",
        "2026-03-01T09:12:24Z",
        "2026-03-01T09:12:24.000+0000",
        "2026-03-01T09:12:24+00:00",
        "2026-03-01",
        None,
    ],
)
def test_a_time_of_writing_has_the_form_of_the_example(example: Any, now: int) -> None:
    """Seconds stay seconds, and a text has the length, the fraction and the zone of its example."""
    found = stamped(example, float(now))
    if isinstance(example, str):
        assert len(found) == len(example)
        assert found[10:11] == example[10:11]
        assert found[23:] == example[23:]
    elif example is None:
        assert found.endswith("Z")
    else:
        assert len(str(found)) == len(str(example))
