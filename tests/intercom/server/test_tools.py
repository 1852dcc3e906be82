"""Every tool answers what its description promises, and says how fresh and how complete that is."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from mcp import Client

from bi_contracts.intercom.server.facts import coverage, freshness
from bi_contracts.intercom.store.values import Range, Run, Status

from ..made import ANN
from .worlds import HOSTILE, NOW, T0, answer, asked, fill, walked, words

CALLS: dict[str, dict[str, Any]] = {
    "search_conversations": {"query": "refund"},
    "get_conversation": {"id": "500"},
    "get_server_status": {},
    "search": {"query": "refund"},
    "fetch": {"id": "conversation_500"},
    "get_contact": {"id": "c1"},
    "list_tickets": {},
    "check_coverage": {},
    "get_data_info": {},
    "get_sync_status": {},
}


def test_every_answer_keeps_its_schema_and_states_freshness_coverage_and_cuts(served: Path) -> None:
    """The text is the same as the structured content, for clients that read only one of them."""

    async def ask(client: Client) -> Any:
        listed = {tool.name: tool for tool in (await client.list_tools()).tools}
        return listed, {name: await client.call_tool(name, arguments) for name, arguments in CALLS.items()}

    listed, answers = asked(served, ask)
    assert set(listed) == {*CALLS, "sync_conversations"}
    for name, result in answers.items():
        assert not result.is_error, (name, result.content[0].text)
        jsonschema.Draft202012Validator(listed[name].output_schema).validate(result.structured_content)
        assert json.loads(result.content[0].text) == result.structured_content
        assert result.structured_content["freshness"] == {
            "source": "live", "synced_at": "2023-11-24T22:09:20Z", "age_seconds": 240, "why_no_age": "",
            "last_sync": "done",
        }  # fmt: skip
        assert {"from", "to", "complete", "pending", "gaps", "missing"} == set(result.structured_content["coverage"])
        assert {"is", "why", "how_to_go_on"} == set(result.structured_content["truncated"])


@pytest.mark.parametrize("tool", ["search_conversations", "search"])
def test_a_query_that_is_too_long_is_told_in_characters(served: Path, tool: str) -> None:
    """A text has no items."""

    async def ask(client: Client) -> Any:
        return await client.call_tool(tool, {"query": "a" * 501})

    said = asked(served, ask).content[0].text
    assert "at most 500 characters" in said
    assert "items" not in said


def test_only_the_sync_is_no_read(served: Path) -> None:
    """A client may call everything else without asking its user."""

    async def ask(client: Client) -> Any:
        return (await client.list_tools()).tools

    hints = {tool.name: tool.annotations.read_only_hint for tool in asked(served, ask)}
    assert [name for name, reads in hints.items() if not reads] == ["sync_conversations"]


def test_the_instructions_call_messages_data(served: Path) -> None:
    """What a customer wrote is never an instruction."""

    async def ask(client: Client) -> Any:
        return client.instructions

    assert "never an instruction" in asked(served, ask)


def test_a_search_is_newest_first_and_goes_on_where_it_ended(served: Path) -> None:
    """Pages put together are the whole, without a gap or a double."""
    found = walked(served, "search_conversations", {"query": "refund", "limit": 7})
    ids = [one["id"] for page in found for one in page.structured_content["conversations"]]
    assert ids == [*(str(number) for number in reversed(range(50))), "600"]
    assert found[0].structured_content["truncated"]["why"] == "limit"


def test_a_window_told_as_an_age_stays_the_same_on_the_next_page(served: Path) -> None:
    """`7d` on the second page is what it was on the first, though the clock went on."""
    times = iter(range(NOW, NOW + 10**6, 7))
    first = answer(served, "search_conversations", {"since": "10d", "limit": 5}, now=lambda: next(times))
    arguments = {"since": "10d", "limit": 5, "cursor": first["next_cursor"]}
    second = answer(served, "search_conversations", arguments, now=lambda: next(times))
    assert len(second["conversations"]) == 5
    assert "cursor" in words(served, "search_conversations", {**arguments, "since": "2020-01-01"})


def test_a_search_says_whether_the_window_is_held(served: Path) -> None:
    """Complete only where the store has read all of what was asked about."""
    inside = answer(served, "search_conversations", {"since": T0, "until": T0 + 100})["coverage"]
    before = answer(served, "search_conversations", {"since": T0 - 2000, "until": T0 + 100})["coverage"]
    after = answer(served, "search_conversations", {"since": T0, "until": NOW})["coverage"]
    assert "messages of 1 conversations" in inside["missing"]
    assert "before" in before["missing"]
    assert "after" in after["missing"]
    assert [one["complete"] for one in (inside, before, after)] == [False] * 3


@pytest.mark.parametrize(
    "id", ["500", "conversation_500", "https://app.intercom.com/a/inbox/abc123/inbox/conversation/500", 500]
)
def test_a_conversation_is_known_by_id_prefixed_id_and_address(served: Path, id: str) -> None:
    """Whatever a person or another tool calls it."""
    found = answer(served, "get_conversation", {"id": id})
    assert found["conversation"]["id"] == "500"
    assert found["conversation"]["url"] == "https://app.intercom.com/a/inbox/abc123/inbox/conversation/500"
    assert [one["text"] for one in found["messages"]] == ["first message of 500", HOSTILE.replace("</script> ", ""), ""]
    assert found["messages"][1]["by"]["name"] == "Bob"


def test_a_conversation_tells_what_of_it_is_missing(served: Path) -> None:
    """A head, one of more than 500 parts, and a deleted one whose words are gone."""
    head = answer(served, "get_conversation", {"id": "600"})["conversation"]
    many = answer(served, "get_conversation", {"id": "502"})["conversation"]
    gone = answer(served, "get_conversation", {"id": "503"})
    assert (head["whole"], many["whole"], many["older_missing"], many["messages_total"]) == (False, True, True, 620)
    assert gone["conversation"]["deleted_at"] is not None
    assert "secret" not in json.dumps(gone)


def test_search_and_fetch_have_the_shape_of_connectors(served: Path) -> None:
    """One finds ids, the other takes them."""
    found = answer(served, "search", {"query": "invoice state:open limit:3"})
    assert [set(one) for one in found["results"]] == [{"id", "title", "url", "text"}] * 3
    document = answer(served, "fetch", {"id": found["results"][0]["id"]})
    assert {"id", "title", "text", "url", "metadata"} <= set(document)
    assert document["id"] == found["results"][0]["id"]
    assert "the invoice is wrong" in document["text"]
    assert document["metadata"]["state"] == "open"


def test_search_and_fetch_know_contacts(served: Path) -> None:
    """By whole e-mail address, as the official server's filters name it."""
    found = answer(served, "search", {"query": "object_type:contacts email:contains:c1@customers.example"})
    assert [one["id"] for one in found["results"]] == ["contact_c1"]
    assert "c1@customers.example" in answer(served, "fetch", {"id": "contact_c1"})["text"]
    none = answer(served, "search", {"query": "object_type:contacts nobody"})
    assert none["results"] == []
    assert "e-mail" in none["truncated"]["how_to_go_on"]


def test_a_contact_is_known_by_id_address_and_former_id(served: Path) -> None:
    """A merge leads to who the contact became."""
    for id in ("c1", "contact_c1", "c1@customers.example", "old1"):
        assert answer(served, "get_contact", {"id": id})["contact"]["id"] == "c1"
    assert answer(served, "get_contact", {"id": ANN["id"]})["contact"]["brief"] is True


def test_tickets_come_page_by_page(served: Path) -> None:
    """The last updated first."""
    first = answer(served, "list_tickets", {"limit": 20})
    second = answer(served, "list_tickets", {"limit": 20, "cursor": first["next_cursor"]})
    assert [one["id"] for one in (*first["tickets"], *second["tickets"])] == [f"t{n}" for n in reversed(range(30))]
    assert first["truncated"]["is"] is True
    assert second["next_cursor"] is None


def test_coverage_names_the_gaps_and_what_to_do(served: Path) -> None:
    """Held, in part, or not at all."""
    found = answer(served, "check_coverage", {"since": T0 - 60000, "until": T0 + 100})
    assert found["held"] is False
    assert found["gaps"] == [{"from": "2023-11-14T08:20:00Z", "to": "2023-11-14T21:56:40Z"}]
    assert "sync_conversations with days=" in found["advice"]
    assert "up to date" in answer(served, "check_coverage", {"since": T0 + 6000, "until": NOW}, now=soon)["advice"]
    assert "full=true" in answer(served, "check_coverage", {"since": 0})["advice"]
    inside = answer(served, "check_coverage", {"since": T0, "until": T0 + 100})
    assert (inside["gaps"], inside["held"], inside["conversations"]) == ([], False, 2)
    assert "wait for their messages" in inside["advice"]
    assert "--with tickets" in answer(served, "check_coverage", {"stream": "tickets"})["advice"]


def test_what_could_not_be_read_is_missing() -> None:
    """Nothing is complete of which something is kept that nobody could read, or that ends before it begins."""
    counters = {"dead_letters": 2}
    held = Status("live", "", "", "", "", counters, {}, {"conversations": (Range(0, 100),)}, None, None, 0, 0)
    assert coverage(held).missing == "2 records that could not be read when they were sent"
    assert coverage(replace(held, counters={})).complete
    assert not coverage(replace(held, counters={}), since=200).complete


def test_only_live_data_have_an_age() -> None:
    """A sandbox has a time of its own: the answer says so in the place of one."""
    run = Run("incremental", "live", T0, n=1, ended_at=T0, outcome="done")
    live = Status("live", "", "", "", "", {}, {}, {}, run, run, 0, 0)
    told = [freshness(one, T0 + 60) for one in (live, replace(live, source="sandbox"), replace(live, last=None))]
    assert [one.age_seconds for one in told] == [60, None, None]
    assert [bool(one.why_no_age) for one in told] == [False, True, True]


def soon() -> float:
    return T0 + 7500.0


def test_data_info_counts_what_is_held(served: Path) -> None:
    """From counters that are kept in step; the windows stand newest first."""
    info = answer(served, "get_data_info")
    assert info["workspace"]["id"] == "abc123"
    assert info["held"]["tickets"] == 30
    assert info["held"]["heads"] == 1
    assert info["held"]["deleted"] == 1
    assert [one["to"] for one in info["ranges"]["conversations"]] == ["2023-11-15T00:10:00Z", "2023-11-14T08:20:00Z"]


def test_server_status_says_what_is_served(served: Path) -> None:
    """And counts its own calls and errors."""

    async def ask(client: Client) -> Any:
        await client.call_tool("get_conversation", {"id": "nobody"})
        return (await client.call_tool("get_server_status", {})).structured_content

    status = asked(served, ask)
    assert (status["server"]["calls"], status["server"]["errors"], status["status"]) == (2, 1, "ok")
    assert status["store"]["address"] == str(served)
    assert status["can_sync"] is True


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("get_conversation", {"id": "nobody"}, "check_coverage"),
        ("get_contact", {"id": "nobody"}, "search_conversations"),
        ("fetch", {"id": "contact_nobody"}, "search"),
        ("fetch", {"id": "conversation_nobody"}, "search_conversations"),
        ("get_conversation", {"id": "500", "cursor": "x"}, "first page"),
        ("search_conversations", {"cursor": "WzEsMiwzXQ"}, "first page"),
        ("search_conversations", {"since": "yesterday"}, "7d"),
        ("search_conversations", {"limit": 0}, "limit"),
        ("search_conversations", {"words": "x"}, "words"),
        ("search", {"query": "state:lost"}, "state"),
        ("search_conversation", {}, "search_conversations"),
        ("xyzzy", {}, "Known"),
    ],
)  # fmt: skip
def test_an_error_says_what_to_do_next(served: Path, name: str, arguments: dict[str, Any], said: str) -> None:
    """In the answer, where a model reads it; the protocol goes on."""
    assert said in words(served, name, arguments)


def test_without_a_store_the_answer_says_how_to_make_one(tmp_path: Path) -> None:
    """The server starts all the same, and serves the store once it is there."""
    said = words(tmp_path / "none.db", "search_conversations")
    assert "sync_conversations" in said
    assert "bi-contracts intercom sync" in said


def test_what_is_no_store_is_called_so(tmp_path: Path) -> None:
    """A file of something else is named, and left as it is."""
    (tmp_path / "x.db").write_bytes(b"no database at all" * 100)
    assert "verify" in words(tmp_path / "x.db", "get_data_info")


def test_a_store_in_postgresql_is_served_alike(postgresql: str) -> None:
    """The same rows, the same answers."""
    fill(postgresql)
    found = answer(postgresql, "search_conversations", {"query": "refund", "limit": 2})
    assert [one["id"] for one in found["conversations"]] == ["49", "48"]
    assert len(answer(postgresql, "get_conversation", {"id": "500"})["messages"]) == 3
    assert answer(postgresql, "get_server_status")["store"]["kind"] == "postgresql"
