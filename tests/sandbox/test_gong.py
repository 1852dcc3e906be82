"""What Gong does that no declaration can say."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bi_contracts.client import Client
from bi_contracts.dialects import ErrorKind
from bi_contracts.paths import Json, dig
from bi_contracts.platforms.gong import PLATFORM
from bi_contracts.sandbox.behaviours import gong as behaviour
from bi_contracts.sandbox.behaviours.gong import CURSOR_LIVES

from .api import Api

ROWS = 230
NEW = {
    "clientUniqueId": "c-1",
    "title": "Imported",
    "actualStart": "2039-03-01T10:00:00Z",
    "duration": 125.8,
    "direction": "Inbound",
    "parties": [{"name": "Sam Okafor"}],
    "primaryUser": "7254376376091929501",
}


class Gong(Api):
    """Gong, asked with the credentials of the sandbox."""

    def __init__(self, rows: int = ROWS) -> None:
        super().__init__(PLATFORM, rows)

    def __call__(self, method: str, path: str, **given: Json) -> httpx.Response:
        return self.http.request(method, f"/v2{path}", **given)

    def get(self, path: str, **params: str) -> Json:
        return self("GET", path, params=params).json()

    def post(self, path: str, **body: Json) -> Json:
        return self("POST", path, json=body).json()


@pytest.fixture
def gong() -> Gong:
    return Gong()


def test_pages_tell_where_they_stand(gong: Gong) -> None:
    """Total, size and number of each page, counted from 0; no cursor on the last."""
    seen, cursor = [], ""
    while cursor is not None:
        page = gong.get("/users", **({"cursor": cursor} if cursor else {}))
        cursor = page["records"].pop("cursor", None)
        seen.append(page["records"])
        assert len(page["users"]) == page["records"]["currentPageSize"]
    assert [page["currentPageSize"] for page in seen] == [100, 100, 30]
    assert [page["currentPageNumber"] for page in seen] == [0, 1, 2]
    assert {page["totalRecords"] for page in seen} == {ROWS}


def test_a_cursor_is_good_for_its_own_path_and_for_a_while(gong: Gong) -> None:
    """One that is foreign, changed, of another list or too old is refused in Gong's words."""
    cursor = gong.get("/users")["records"]["cursor"]
    assert cursor.count(".") == 2
    for path, wrong in (("/users", "foreign"), ("/users", cursor[:-2]), ("/calls", cursor)):
        answer = gong("GET", path, params={"cursor": wrong})
        assert (answer.status_code, list(answer.json())) == (400, ["requestId", "errors"])
    assert gong("GET", "/users", params={"cursor": cursor}).status_code == 200
    gong.now += CURSOR_LIVES
    assert gong("GET", "/users", params={"cursor": cursor}).status_code == 400


def test_no_calls_are_404_and_no_rows_to_the_client(gong: Gong) -> None:
    """Gong answers an empty list of calls with 404; who reads it gets nothing, and no error."""
    answer = gong("GET", "/calls", params={"fromDateTime": "2039-01-01T00:00:00Z"})
    assert answer.status_code == 404
    assert answer.json()["errors"] == ["No calls found corresponding to the provided filters"]
    with Client(PLATFORM, gong.sandbox.credentials("gong"), transport=gong.sandbox.transport()) as client:
        assert list(client.records("calls", fromDateTime="2039-01-01T00:00:00Z")) == []


def test_a_missing_scope_is_401_and_understood(gong: Gong) -> None:
    """Provoked by a fault: the status is that of a wrong key, the words tell it apart."""
    gong.sandbox.fault("forbidden", platform="gong")
    problem = PLATFORM.errors.recognise(gong("GET", "/users"))
    assert problem is not None
    assert (problem.status, problem.kind) == (401, ErrorKind.FORBIDDEN)
    assert "'api:" in problem.message


def test_a_secret_is_good_with_its_own_key_only(gong: Gong) -> None:
    """The pair counts; a bearer token is the secret alone."""
    key, secret = gong.sandbox.credentials("gong").values()
    for auth, status in (((key, secret), 200), (("other", secret), 401), ((key, "other"), 401)):
        request = next(httpx.BasicAuth(*auth).auth_flow(httpx.Request("GET", "https://api.gong.io/v2/users")))
        assert gong.sandbox.handle(request).status_code == status
    bearer = httpx.Request("GET", "https://api.gong.io/v2/users", headers={"Authorization": f"Bearer {secret}"})
    assert gong.sandbox.handle(bearer).status_code == 200


def test_every_answer_has_an_id_of_its_own(gong: Gong) -> None:
    """`requestId` stands in answers and errors, and in a header; the service tells its version."""
    answers = [gong("GET", "/users"), gong("GET", "/users"), gong("GET", "/calls/1")]
    ids = [answer.json()["requestId"] for answer in answers]
    assert ids == [answer.headers["x-traceid"] for answer in answers]
    assert len(set(ids)) == 3
    assert answers[0].headers["x-gong-service-version"].startswith("PublicApiServer:")


def test_identifiers_are_texts_beyond_what_a_float_holds(gong: Gong) -> None:
    """Up to twenty digits: as numbers they would be rounded."""
    for call in gong.get("/calls")["calls"]:
        assert isinstance(call["id"], str)
        assert 2**53 < int(call["id"]) < 10**20


def test_a_call_is_the_same_however_it_is_read(gong: Gong) -> None:
    """The list, the call alone and the extensive answer agree."""
    listed = gong.get("/calls")["calls"][7]
    assert gong.get(f"/calls/{listed['id']}")["call"] == listed
    extensive = gong.post("/calls/extensive", filter={"callIds": [listed["id"]]})["calls"]
    assert [call["metaData"] for call in extensive] == [listed]
    missing = gong("GET", "/calls/7782342274025937895")
    assert (missing.status_code, missing.json()["errors"]) == (404, ["Call ID 7782342274025937895 was not found"])


def test_parties_are_people_of_the_world() -> None:
    """Inside is a user of Gong, outside a customer with an address at a company."""
    gong = Gong(rows=60)
    users = {user["id"]: user for user in gong.get("/users")["users"]}
    selector = {"exposedFields": {"parties": True}}
    calls = gong.post("/calls/extensive", filter={}, contentSelector=selector)["calls"]
    for call in calls:
        inside, outside = call["parties"]
        assert users[inside["userId"]]["emailAddress"] == inside["emailAddress"]
        assert outside["emailAddress"].endswith(".example")
        assert call["metaData"]["primaryUserId"] in users


def test_content_comes_as_it_is_selected(gong: Gong) -> None:
    """Metadata always, and of the rest what is named."""
    only = gong.post("/calls/extensive", filter={})["calls"][0]
    assert set(only) == {"metaData"}
    selector = {
        "context": "Basic",
        "exposedFields": {"content": {"brief": True}, "interaction": {"personInteractionStats": True}},
    }
    some = gong.post("/calls/extensive", filter={}, contentSelector=selector)["calls"][0]
    assert {name: set(some[name]) for name in ("content", "interaction")} == {
        "content": {"brief"},
        "interaction": {"interactionStats"},
    }
    assert "fields" not in some["context"][0]["objects"][0]


def test_filters_agree_on_every_path(gong: Gong) -> None:
    """The same period gives the same calls, by GET, by POST and as transcripts."""
    calls = gong.get("/calls")["calls"]
    period = {"fromDateTime": calls[10]["started"], "toDateTime": calls[20]["started"]}
    ids = [call["id"] for call in gong.get("/calls", **period)["calls"]]
    assert ids == [call["id"] for call in calls[10:20]]
    assert [one["metaData"]["id"] for one in gong.post("/calls/extensive", filter=period)["calls"]] == ids
    assert [one["callId"] for one in gong.post("/calls/transcript", filter=period)["callTranscripts"]] == ids


def test_a_transcript_is_of_its_call(gong: Gong) -> None:
    """Speakers are parties, sentences follow each other in milliseconds; unknown calls are 404."""
    id = gong.get("/calls")["calls"][3]["id"]
    asked = {"filter": {"callIds": [id]}, "contentSelector": {"exposedFields": {"parties": True}}}
    parties = {party["speakerId"] for party in gong.post("/calls/extensive", **asked)["calls"][0]["parties"]}
    answer = gong.post("/calls/transcript", filter={"callIds": [id]})
    assert answer["records"] == {"totalRecords": 1, "currentPageSize": 1, "currentPageNumber": 0}
    [found] = answer["callTranscripts"]
    assert found["callId"] == id
    assert {monologue["speakerId"] for monologue in found["transcript"]} <= parties
    times = [at for part in found["transcript"] for one in part["sentences"] for at in (one["start"], one["end"])]
    assert times == sorted(times)
    assert gong("POST", "/calls/transcript", json={"filter": {"callIds": ["12"]}}).status_code == 404


def test_an_added_call_is_seen_at_once(gong: Gong) -> None:
    """In the list, alone, and in the extensive answer; it has no transcript yet."""
    id = gong.post("/calls", **NEW)["callId"]
    found = gong.get(f"/calls/{id}")["call"]
    assert (found["title"], found["started"], found["direction"]) == ("Imported", NEW["actualStart"], "Inbound")
    assert [call["id"] for call in gong.get("/calls", fromDateTime="2039-01-01T00:00:00Z")["calls"]] == [id]
    assert gong.post("/calls/extensive", filter={"callIds": [id]})["calls"] == [{"metaData": found}]
    assert gong("POST", "/calls/transcript", json={"filter": {"callIds": [id]}}).status_code == 404
    assert set(found) == set(gong.get("/calls")["calls"][0])


def test_a_call_without_a_transcript_is_left_out(gong: Gong) -> None:
    """A list of transcripts does not tell of a call that was only just added."""
    gong.post("/calls", **NEW)
    assert gong.post("/calls/extensive", filter={})["records"]["totalRecords"] == ROWS + 1
    assert gong.post("/calls/transcript", filter={})["records"]["totalRecords"] == ROWS


@pytest.mark.parametrize(
    "selector", ["all", {"exposedFields": "all"}, {"context": "Everything"}, {"context": []}, ["parties"]]
)
def test_a_selector_must_be_one(gong: Gong, selector: Json) -> None:
    """Refused, not taken for nothing."""
    assert gong("POST", "/calls/extensive", json={"filter": {}, "contentSelector": selector}).status_code == 400


def test_cursors_do_not_pile_up(gong: Gong, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forgotten ones are good all the same: they carry their own place."""
    monkeypatch.setattr(behaviour, "CURSORS_KEPT", 1)
    first = gong.get("/users")["records"]["cursor"]
    gong.get("/calls")
    assert gong("GET", "/users", params={"cursor": first}).status_code == 200


@pytest.mark.parametrize("left_out", ["clientUniqueId", "actualStart", "parties", "direction", "primaryUser"])
def test_a_call_needs_what_gong_needs(gong: Gong, left_out: str) -> None:
    """A required member that is missing is named, and nothing is added."""
    answer = gong("POST", "/calls", json={name: value for name, value in NEW.items() if name != left_out})
    assert answer.status_code == 400
    assert left_out in answer.json()["errors"][0]
    assert gong.get("/calls")["records"]["totalRecords"] == ROWS


def test_statistics_tell_their_period(gong: Gong) -> None:
    """What was asked for as days comes back as times; users are those of the list."""
    period = {"fromDate": "2026-02-01", "toDate": "2026-02-15"}
    answer = gong.post("/stats/activity/aggregate", filter=period)
    assert (answer["fromDateTime"][:10], answer["toDateTime"][:10]) == tuple(period.values())
    user = answer["usersAggregateActivityStats"][5]
    assert gong.get(f"/users/{user['userId']}")["user"]["emailAddress"] == user["userEmailAddress"]
    [only] = gong.post("/stats/interaction", filter={**period, "userIds": [user["userId"]]})["peopleInteractionStats"]
    assert only["userId"] == user["userId"]
    assert {"Talk Ratio"} <= {one["name"] for one in only["personInteractionStats"]}


@pytest.mark.parametrize("path", ["/stats/activity/aggregate", "/stats/activity/day-by-day", "/stats/interaction"])
@pytest.mark.parametrize(
    "asked",
    [
        None,
        {},
        {"fromDate": "2026-02-01"},
        {"fromDate": "2026-02-31", "toDate": "2026-03-01"},
        {"fromDate": "2026-02-02", "toDate": "2026-02-01"},
        {"fromDate": 1, "toDate": 2},
    ],
)
def test_a_period_must_be_one(gong: Gong, path: str, asked: Json) -> None:
    """Missing, impossible or turned around: refused."""
    assert gong("POST", path, json={"filter": asked}).status_code == 400


def test_logs_need_a_type_and_a_beginning(gong: Gong) -> None:
    """One of Gong's types of log, from some time on."""
    assert gong("GET", "/logs").status_code == 400
    assert gong("GET", "/logs", params={"logType": "Other", "fromDateTime": "2026-01-01T00:00:00Z"}).status_code == 400
    assert gong("GET", "/logs", params={"logType": "AccessLog"}).status_code == 400
    found = gong.get("/logs", logType="AccessLog", fromDateTime="2026-01-05T09:00:00Z")["logEntries"]
    assert min(entry["eventTime"] for entry in found) >= "2026-01-05T09"


def test_a_folder_is_told_with_its_calls(gong: Gong) -> None:
    """The folder's own members stand beside the calls in it."""
    folder = gong.get("/library/folders")["folders"][1]
    answer = gong.get("/library/folder-content", folderId=folder["id"])
    assert {name: answer[name] for name in ("id", "name", "createdBy")} == {
        name: folder[name] for name in ("id", "name", "createdBy")
    }
    assert len(answer["calls"]) == ROWS
    assert gong("GET", "/library/folder-content", params={"folderId": "1"}).status_code == 404
    assert gong("GET", "/library/folder-content").status_code == 400


def test_another_method_is_405(gong: Gong) -> None:
    """A known path, asked in a way that it does not take."""
    answer = gong("DELETE", "/calls")
    assert (answer.status_code, answer.json()["errors"]) == (405, ["Method Not Allowed"])


POSTED = sorted({one.path for one in PLATFORM.endpoints if one.method == "POST"})
NAMES = sorted(
    {"fromDateTime", "toDateTime", "callIds", "userIds", "fromDate", "toDate", "workspaceId", "scorecardIds"}
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(["2026-01-05", "2026-01-05T08:00:00Z"])
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner), max_leaves=6
)
BODIES = st.fixed_dictionaries(
    {},
    optional={
        "filter": VALUES | st.dictionaries(st.sampled_from(NAMES), VALUES),
        "contentSelector": VALUES | st.fixed_dictionaries({"exposedFields": VALUES}),
        "cursor": VALUES,
        "parties": VALUES,
    },
)
FUZZED = Gong(rows=3)


@given(path=st.sampled_from(POSTED), body=BODIES | VALUES)
@settings(max_examples=200, deadline=None)
def test_no_body_breaks_anything(path: str, body: Json) -> None:
    """Whatever is posted, the answer is data or an error of Gong's own, never a crash."""
    answer = FUZZED("POST", path.removeprefix("/v2"), json=body)
    assert answer.status_code in (200, 400, 404)
    if answer.status_code != 200:
        assert isinstance(dig(answer.json(), "errors.0"), str)
    assert FUZZED.sandbox.failures == 0
