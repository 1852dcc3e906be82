"""Intercom's conversations as a workspace has them: many parts, messages redacted, contacts that become one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from bi_contracts.platforms.intercom import WHOLE_CONVERSATIONS

from .test_intercom import NOW, Intercom, refused, search, where

ROWS = 40


@pytest.fixture(scope="module")
def many() -> Intercom:
    """Conversations that nobody writes."""
    return Intercom(rows=ROWS)


@pytest.fixture
def ask() -> Intercom:
    return Intercom(rows=ROWS)


def whole(ask: Intercom, key: Any) -> dict[str, Any]:
    answer = ask("GET", f"/conversations/{key}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def parts(conversation: Mapping[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = conversation["conversation_parts"]["conversation_parts"]
    return found


def heads(ask: Intercom) -> list[dict[str, Any]]:
    return search(ask, "conversations", where("updated_at", ">", 0), pagination={"per_page": 150})


def test_conversations_have_none_to_eight_parts(many: Intercom) -> None:
    """The number differs; list, search and the conversation itself say the same of it."""
    counts = set()
    for head in heads(many):
        found = whole(many, head["id"])
        count = len(parts(found))
        assert found["conversation_parts"]["total_count"] == count
        assert found["statistics"]["count_conversation_parts"] == count
        assert found["statistics"] == head["statistics"]
        counts.add(count)
    assert min(counts) == 0
    assert max(counts) == 8
    assert len(counts) > 5


def test_the_number_of_parts_is_searched(many: Intercom) -> None:
    """What a search finds by it are the conversations that say so."""
    field = "statistics.count_conversation_parts"
    found = search(many, "conversations", where(field, ">", 5), pagination={"per_page": 150})
    wanted = [one["id"] for one in heads(many) if one["statistics"]["count_conversation_parts"] > 5]
    assert [one["id"] for one in found] == wanted != []


def test_parts_are_told_apart_and_stand_in_order(many: Intercom) -> None:
    """No id comes twice in a workspace; parts are chronological, within the life of their conversation."""
    seen: set[str] = set()
    for head in heads(many):
        found = whole(many, head["id"])
        times = [part["created_at"] for part in parts(found)]
        assert times == sorted(times)
        assert all(found["created_at"] <= time <= found["updated_at"] for time in times)
        ids = {part["id"] for part in parts(found)}
        assert len(ids) == len(times)
        assert not ids & seen
        seen |= ids


def test_parts_are_by_the_people_of_the_conversation(many: Intercom) -> None:
    """A contact who writes is one of its contacts; who answers is an admin, as both have it in their own lists."""
    wrote = set()
    for head in heads(many)[:20]:
        for author in (part["author"] for part in parts(whole(many, head["id"]))):
            wrote.add(author["type"])
            if author["type"] == "user":
                assert author["id"] in [one["id"] for one in head["contacts"]["contacts"]]
            kind = "contacts" if author["type"] == "user" else "admins"
            known = many("GET", f"/{kind}/{author['id']}").json()
            assert known["name"] in (None, author["name"])  # some contacts are anonymous
            assert known["email"] in (None, author["email"])
    assert wrote == {"admin", "bot", "user"}


def long(ask: Intercom, count: int) -> dict[str, Any]:
    """The one conversation of a workspace, with so many parts."""
    row: Any = WHOLE_CONVERSATIONS[0]
    part = row["conversation_parts"]["conversation_parts"][0]
    said = [{**part, "id": str(number), "created_at": int(NOW) - count + number} for number in range(count)]
    held = {**row["conversation_parts"], "conversation_parts": said, "total_count": count}
    found: dict[str, Any] = {**row, "conversation_parts": held}
    ask.sandbox.put("intercom/conversations", [found])
    return found


@pytest.mark.parametrize(("count", "sent"), [(499, 499), (500, 500), (501, 500), (720, 500)])
def test_the_newest_500_parts_are_sent(ask: Intercom, count: int, sent: int) -> None:
    """With the number of all; a reply is one more, at the end."""
    key = long(ask, count)["id"]
    found = whole(ask, key)
    assert [part["id"] for part in parts(found)] == [str(number) for number in range(count - sent, count)]
    assert found["conversation_parts"]["total_count"] == count
    reply = {"message_type": "comment", "type": "admin", "admin_id": ask.key("admins"), "body": "One more"}
    answer = ask("POST", f"/conversations/{key}/reply", reply).json()
    assert answer == whole(ask, key)
    assert answer["conversation_parts"]["total_count"] == count + 1
    assert (len(parts(answer)), parts(answer)[-1]["body"]) == (min(500, count + 1), "<p>One more</p>")


def spoken(ask: Intercom) -> dict[str, Any]:
    """A conversation with a first message and parts."""
    return next(found for head in heads(ask) if parts(found := whole(ask, head["id"])) and found["source"])


def test_a_part_is_redacted(ask: Intercom) -> None:
    """Its words are gone for good, it says so, and the conversation is updated."""
    before = spoken(ask)
    part = parts(before)[1]
    ask.now += 60
    asked = {"type": "conversation_part", "conversation_id": before["id"], "conversation_part_id": part["id"]}
    answer = ask("POST", "/conversations/redact", asked)
    after = whole(ask, before["id"])
    assert answer.json() == after
    assert after["updated_at"] == ask.now > before["updated_at"]
    found = parts(after)
    assert (found[1]["redacted"], found[1]["updated_at"]) == (True, ask.now)
    assert part["body"] not in answer.text
    assert [one for one in found if one["id"] != part["id"]] == [one for one in parts(before) if one is not part]
    assert [one["id"] for one in search(ask, "conversations", where("updated_at", ">", ask.now - 1))] == [after["id"]]


def test_the_first_message_is_redacted(ask: Intercom) -> None:
    """In the list, in searches and in the conversation itself."""
    before = spoken(ask)
    asked = {"type": "source", "conversation_id": before["id"], "source_id": before["source"]["id"]}
    assert ask("POST", "/conversations/redact", asked).status_code == 200
    found = [whole(ask, before["id"]), next(one for one in heads(ask) if one["id"] == before["id"])]
    for one in found:
        assert one["source"]["redacted"] is True
        assert before["source"]["body"] not in str(one)


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"type": "conversation_part", "conversation_part_id": "1"}, 404, "conversation_part_or_message_not_found"),
        ({"type": "source", "source_id": "1"}, 404, "conversation_part_or_message_not_found"),
        ({"type": "title"}, 400, "parameter_invalid"),
        ({"type": "source", "conversation_id": "1"}, 404, "not_found"),
    ],
)
def test_what_is_not_there_is_not_redacted(ask: Intercom, asked: Any, status: int, code: str) -> None:
    """Each with the code that says what is missing."""
    refused(ask("POST", "/conversations/redact", {"conversation_id": spoken(ask)["id"], **asked}), status, code)


def people(ask: Intercom, role: str) -> list[dict[str, Any]]:
    return search(ask, "contacts", where("role", "=", role), pagination={"per_page": 150})


def test_a_lead_becomes_a_user(ask: Intercom) -> None:
    """Its id leads to the user, it is in no list any more, and its conversations name the user and are updated."""
    named = {contact["id"] for head in heads(ask) for contact in head["contacts"]["contacts"]}
    lead = next(one for one in people(ask, "lead") if one["id"] in named)
    user = next(one for one in people(ask, "user") if one["id"] not in named)
    mine = search(ask, "conversations", where("contact_ids", "=", lead["id"]))
    ask.now += 60
    answer = ask("POST", "/contacts/merge", {"from": lead["id"], "into": user["id"]})
    assert (answer.status_code, answer.json()["id"]) == (200, user["id"])
    assert ask("GET", f"/contacts/{lead['id']}").json() == ask("GET", f"/contacts/{user['id']}").json()
    assert lead["id"] not in [one["id"] for one in people(ask, "lead")]
    assert search(ask, "conversations", where("contact_ids", "=", lead["id"])) == []
    found = search(ask, "conversations", where("contact_ids", "=", user["id"]))
    assert [one["id"] for one in found] == [one["id"] for one in mine] != []
    for one in found:
        assert one["updated_at"] == ask.now
        assert lead["id"] not in str(whole(ask, one["id"]))


def test_merges_follow_one_another(ask: Intercom) -> None:
    """Two leads that become one user are both that user."""
    leads, user = people(ask, "lead")[:2], people(ask, "user")[0]
    for lead in leads:
        assert ask("POST", "/contacts/merge", {"from": lead["id"], "into": user["id"]}).status_code == 200
    assert {ask("GET", f"/contacts/{lead['id']}").json()["id"] for lead in leads} == {user["id"]}


def test_only_a_lead_becomes_a_user(ask: Intercom) -> None:
    """Anything else is refused, and nothing changes."""
    lead, (user, other) = people(ask, "lead")[0]["id"], [one["id"] for one in people(ask, "user")[:2]]
    for sent, status, code in (
        ({"from": lead}, 400, "parameter_not_found"),
        ({"from": user, "into": other}, 400, "parameter_invalid"),
        ({"from": user, "into": lead}, 400, "parameter_invalid"),
        ({"from": "nobody", "into": user}, 404, "not_found"),
    ):
        refused(ask("POST", "/contacts/merge", sent), status, code)
    assert ask("GET", f"/contacts/{lead}").json()["role"] == "lead"


def test_an_index_that_lags_shows_the_old_version(ask: Intercom) -> None:
    """Until the lag has passed a search has the row as it was, its old time included; reading by id is at once."""
    ask.sandbox.fault("index-lag=300", platform="intercom", endpoint="conversations*", times=None)
    old = heads(ask)[0]
    ask.now += 1000
    close = {"message_type": "close", "admin_id": ask.key("admins")}
    assert ask("POST", f"/conversations/{old['id']}/parts", close).status_code == 200
    assert whole(ask, old["id"])["updated_at"] == ask.now
    ask.now += 299
    assert next(one for one in heads(ask) if one["id"] == old["id"]) == old
    assert search(ask, "conversations", where("updated_at", ">", NOW + 999)) == []
    ask.now += 1
    assert [one["id"] for one in search(ask, "conversations", where("updated_at", ">", NOW + 999))] == [old["id"]]


def test_another_limit_is_counted_and_told() -> None:
    """So many requests in ten seconds, each told in the headers; the next is refused until the window has passed."""
    ask = Intercom(rows=1)
    ask.sandbox.limits.enforced = True
    ask.sandbox.limit("intercom", 1667, 10)
    told = [ask("GET", "/me").headers for _ in range(1667)]
    assert {one["x-ratelimit-limit"] for one in told} == {"1667"}
    assert [int(one["x-ratelimit-remaining"]) for one in told] == list(range(1666, -1, -1))
    assert {int(one["x-ratelimit-reset"]) for one in told} == {int(NOW) + 10}
    assert ask("GET", "/me").status_code == 429
    ask.now += 10
    assert ask("GET", "/me").headers["x-ratelimit-remaining"] == "1666"
