"""Gong's calls as whoever knows them expects them: coherent within, and with the other platforms."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from bi_contracts.paths import dig
from bi_contracts.platforms import gong, salesforce
from bi_contracts.sandbox import Sandbox

from .api import Api

ROWS = 130
PARTS = {
    "parties": True,
    "interaction": {"speakers": True},
    "content": {"highlights": True, "topics": True, "trackers": True, "outline": True, "pointsOfInterest": True},
}
EVERYTHING = {"filter": {}, "contentSelector": {"context": "Extended", "exposedFields": PARTS}}


@pytest.fixture(scope="module")
def api() -> Api:
    return Api(gong.PLATFORM, ROWS)


def everything(api: Api, path: str, name: str, **body: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while True:
        page = api.http.post(f"/v2{path}", json=body).json()
        found += page[name]
        if "cursor" not in page["records"]:
            return found
        body["cursor"] = page["records"]["cursor"]


def test_answers_and_refusals_look_like_those_of_the_service(api: Api) -> None:
    """Nineteen digits and letters as the id, the version of the service, and two ways to write the content type."""
    good, bad = api.http.get("/v2/users"), api.http.get("/v2/calls/1")
    for answer in (good, bad):
        assert re.fullmatch(r"[0-9a-z]{19}", answer.headers["x-traceid"])
        assert answer.json()["requestId"] == answer.headers["x-traceid"]
        assert answer.headers["x-gong-service-version"].startswith("PublicApiServer:")
    assert good.headers["content-type"] == "application/json;charset=UTF-8"
    assert bad.headers["content-type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize("type_", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_a_body_that_is_not_said_to_be_json_is_415(api: Api, type_: str) -> None:
    """Whatever stands in it."""
    answer = api.http.post("/v2/calls/extensive", content=b'{"filter":{}}', headers={"content-type": type_})
    assert (answer.status_code, answer.json()["errors"]) == (415, ["Unsupported Media Type"])


@pytest.mark.parametrize("name", ["fromDateTime", "toDateTime", "workspaceId"])
@pytest.mark.parametrize("value", [5, {"a": 1}, ["2026-01-01"], True])
def test_a_filter_of_another_type_is_refused(api: Api, name: str, value: Any) -> None:
    """It is not left out, as if it had not been sent."""
    answer = api.http.post("/v2/calls/extensive", json={"filter": {name: value}})
    assert (answer.status_code, answer.json()["errors"]) == (400, [f"{name} must be a text"])


def test_a_cursor_is_good_for_what_was_asked(api: Api) -> None:
    """With another filter it is refused, by GET and by POST; with its own it goes on."""
    since = "2020-01-01T00:00:00Z"
    cursor = api.http.get("/v2/calls", params={"fromDateTime": since}).json()["records"]["cursor"]
    for asked, status in ((since, 200), ("2020-01-02T00:00:00Z", 400)):
        answer = api.http.get("/v2/calls", params={"fromDateTime": asked, "cursor": cursor})
        assert answer.status_code == status
    body = {"filter": {"fromDateTime": since}}
    cursor = api.http.post("/v2/calls/extensive", json=body).json()["records"]["cursor"]
    assert api.http.post("/v2/calls/extensive", json={**body, "cursor": cursor}).status_code == 200
    assert api.http.post("/v2/calls/extensive", json={"filter": {}, "cursor": cursor}).status_code == 400


def test_nobody_talks_longer_than_a_call_lasts(api: Api) -> None:
    """And nothing is said after its end."""
    for call in everything(api, "/calls/extensive", "calls", **EVERYTHING):
        lasts = call["metaData"]["duration"]
        assert sum(one["talkTime"] for one in dig(call, "interaction.speakers") or []) <= lasts
        for highlight in dig(call, "content.highlights") or []:
            assert all(at <= lasts for item in highlight["items"] for at in item["startTimes"])


def test_days_are_those_of_the_period_and_of_the_calls(api: Api) -> None:
    """Each call on the day it was held, with the user who held it; nothing outside of the period."""
    calls = {
        call["metaData"]["id"]: call["metaData"] for call in everything(api, "/calls/extensive", "calls", filter={})
    }
    first = min(call["started"] for call in calls.values())[:10]
    asked = {"fromDate": first, "toDate": "2026-01-08"}
    held = 0
    for user in everything(api, "/stats/activity/day-by-day", "usersDetailedActivities", filter=asked):
        for day in user["userDailyActivityStats"]:
            assert first <= day["fromDate"][:10] < "2026-01-08"
            for id in day["callsAsHost"]:
                held += 1
                assert calls[id]["primaryUserId"] == user["userId"]
    assert 0 < held < len(calls)
    none = {"fromDate": "2031-01-01", "toDate": "2031-01-31"}
    for user in everything(api, "/stats/activity/day-by-day", "usersDetailedActivities", filter=none):
        assert user["userDailyActivityStats"] == []


def test_a_call_that_was_added_is_in_the_days() -> None:
    """At once, for its user."""
    api = Api(gong.PLATFORM, 5)
    user = api.http.get("/v2/users").json()["users"][0]["id"]
    asked = {"filter": {"fromDate": "2031-05-01", "toDate": "2031-05-03", "userIds": [user]}}
    days = api.http.post("/v2/stats/activity/day-by-day", json=asked).json()["usersDetailedActivities"]
    assert days[0]["userDailyActivityStats"] == []
    call: dict[str, Any] = {"clientUniqueId": "c-1", "actualStart": "2031-05-02T17:00:00Z", "direction": "Inbound"}
    call |= {"primaryUser": user, "parties": [{"name": "Sam Okafor"}], "title": "Imported", "duration": 60}
    id = api.http.post("/v2/calls", json=call).json()["callId"]
    (day,) = api.http.post("/v2/stats/activity/day-by-day", json=asked).json()["usersDetailedActivities"][0][
        "userDailyActivityStats"
    ]
    assert (day["fromDate"], day["callsAsHost"]) == ("2031-05-02T00:00:00-08:00", [id])


def test_answers_are_to_questions_of_their_scorecard(api: Api) -> None:
    """Whoever joins them finds the question; whoever updated a scorecard is a user, or Gong itself."""
    cards = {card["scorecardId"]: card for card in api.http.get("/v2/settings/scorecards").json()["scorecards"]}
    asked = [question["questionId"] for card in cards.values() for question in card["questions"]]
    assert len(set(asked)) == len(asked)
    for answered in everything(api, "/stats/activity/scorecards", "answeredScorecards", filter={}):
        questions = {one["questionId"] for one in cards[answered["scorecardId"]]["questions"]}
        assert {answer["questionId"] for answer in answered["answers"]} <= questions
    users = {user["id"] for user in everything(api, "/users/extensive", "users", filter={})}
    assert {card["updaterUserId"] for card in cards.values()} <= {*users, "-1", None}


def test_identifiers_of_the_crm_are_those_of_salesforce() -> None:
    """The deal, the company and the contact in a call are found there, and are called the same where they say so."""
    sandbox = Sandbox([gong.PLATFORM, salesforce.PLATFORM], rows=20, enforce_limits=False)
    http = httpx.Client(transport=sandbox.transport())
    pair = tuple(sandbox.credentials("gong").values())
    answer = http.post("https://api.gong.io/v2/calls/extensive", json=EVERYTHING, auth=(pair[0], pair[1]))
    calls = answer.json()["calls"]
    contexts = [call.get("context", []) for call in calls]
    contexts += [party["context"] for call in calls for party in call["parties"]]
    found = [one for context in contexts for system in context for one in system["objects"]]
    assert {one["objectType"] for one in found} == {"Account", "Contact", "Opportunity"}
    token = sandbox.credentials("salesforce")["SALESFORCE_ACCESS_TOKEN"]
    base = f"{salesforce.PLATFORM.base_url}/services/data/v60.0/sobjects"
    for one in found:
        record = http.get(f"{base}/{one['objectType']}/{one['objectId']}", headers={"authorization": f"Bearer {token}"})
        assert record.status_code == 200
        for field in one["fields"]:
            assert record.json()[field["name"]] in (field["value"], None)


def test_accounts_have_a_crm_of_their_own() -> None:
    """A call of one account leads to nothing in the Salesforce of another."""
    from dataclasses import replace

    sandbox = Sandbox([replace(gong.PLATFORM, name="gong@eu"), salesforce.PLATFORM], rows=5, enforce_limits=False)
    eu = sandbox.world.of(replace(gong.PLATFORM, name="gong@eu"))
    assert (set(eu.platforms), set(sandbox.world.platforms)) == ({"gong"}, {"salesforce"})
