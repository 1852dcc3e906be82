"""What Looker does that no declaration can say."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bi_contracts.client import Client
from bi_contracts.errors import Unauthorized
from bi_contracts.paths import Json
from bi_contracts.platforms.looker import PLATFORM
from bi_contracts.queries import BadQuery
from bi_contracts.sandbox.behaviours import looker as behaviour
from bi_contracts.sandbox.behaviours.looker import TOKEN_LIVES
from bi_contracts.sandbox.behaviours.looker.projection import wanted
from bi_contracts.sandbox.evolution import Evolution
from bi_contracts.sandbox.fieldsets import projected

from .api import Api

ROWS = 23
HOST = "https://looker.example.com"
BASE = f"{HOST}/api/4.0"
QUERY = {"model": "sales_model", "view": "deals_explore", "fields": ["deal_no", "deals.stage", "deals.amount"]}


class Looker(Api):
    """Looker, asked with a token of its own."""

    def __init__(self, rows: int = ROWS) -> None:
        super().__init__(PLATFORM, rows)
        self.login_token = self.login().json()["access_token"]

    def login(self, **others: str) -> httpx.Response:
        key, secret = self.credentials.values()
        given = {"client_id": key, "client_secret": secret, **others}
        return self.sandbox.handle(httpx.Request("POST", f"{BASE}/login", data=given))

    def __call__(self, method: str, path: str, **given: Json) -> httpx.Response:
        headers = {"Authorization": f"token {self.login_token}"}
        return self.sandbox.handle(httpx.Request(method, f"{BASE}{path}", headers=headers, **given))

    def get(self, path: str, **params: Json) -> Json:
        return self("GET", path, params=params).json()


@pytest.fixture
def looker() -> Looker:
    return Looker()


# Logging in


def test_a_login_gives_a_token_that_lives_for_an_hour(looker: Looker) -> None:
    """By the sandbox's own clock, which tests can move; a new login makes a new token."""
    assert looker.login().json() | {"access_token": ""} == {
        "access_token": "",
        "token_type": "Bearer",
        "expires_in": TOKEN_LIVES,
        "refresh_token": None,
    }
    looker.now += TOKEN_LIVES - 1
    assert looker("GET", "/user").status_code == 200
    looker.now += 1
    assert looker("GET", "/user").status_code == 401
    looker.login_token = looker.login().json()["access_token"]
    assert looker("GET", "/user").status_code == 200


@pytest.mark.parametrize("wrong", [{"client_id": "x"}, {"client_secret": "x"}, {"client_id": ""}])
def test_a_failed_login_is_404(looker: Looker, wrong: dict[str, str]) -> None:
    """Not 401: whoever only looks at the status takes it for a wrong address."""
    answer = looker.login(**wrong)
    assert (answer.status_code, answer.json()["message"]) == (404, "Not found")


def test_a_failed_login_is_unauthorized_to_the_client(looker: Looker) -> None:
    """The dialect knows that 404 means something else at the login."""
    foreign = PLATFORM.auth.example("somebody else")
    with (
        Client(PLATFORM, foreign, transport=looker.sandbox.transport()) as client,
        pytest.raises(Unauthorized) as found,
    ):
        client.identity()
    assert found.value.status == 404
    assert "LOOKER_CLIENT_ID" in str(found.value)


def test_the_client_logs_in_again_when_its_token_is_too_old(looker: Looker) -> None:
    """A read that goes on for longer than an hour notices nothing."""
    with Client(PLATFORM, looker.sandbox.credentials("looker"), transport=looker.sandbox.transport()) as client:
        rows: Iterator[Json] = client.records("users", page_size=5)
        found = [next(rows) for _ in range(5)]
        looker.now += TOKEN_LIVES + 1
        found += list(rows)
    assert len({user["id"] for user in found}) == ROWS


def test_without_a_token_only_versions_are_told(looker: Looker) -> None:
    """Everything else is 401, after the logout too."""
    assert looker.sandbox.handle(httpx.Request("GET", f"{BASE}/versions")).status_code == 200
    assert looker.sandbox.handle(httpx.Request("GET", f"{BASE}/user")).status_code == 401
    assert looker("DELETE", "/logout").status_code == 204
    assert looker("GET", "/user").status_code == 401


def test_outside_of_the_api_there_is_html(looker: Looker) -> None:
    """Served under its name the sandbox has Looker's web pages too; an unknown path of the API is JSON."""
    page = looker.sandbox.handle(httpx.Request("GET", "http://127.0.0.1/looker/browse"))
    assert (page.status_code, page.headers["content-type"][:9]) == (404, "text/html")
    assert looker("GET", "/nothing").json()["message"] == "Not found"


def test_tokens_that_are_too_old_are_forgotten(looker: Looker, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sandbox that runs for weeks does not fill with them; those that live stay good."""
    monkeypatch.setattr(behaviour, "TOKENS_KEPT", 3)
    old = [looker.login().json()["access_token"] for _ in range(3)]
    looker.now += TOKEN_LIVES
    looker.login_token = looker.login().json()["access_token"]
    looker.login()
    assert looker("GET", "/user").status_code == 200
    looker.login_token = old[0]
    assert looker("GET", "/user").status_code == 401


def test_the_older_logout_is_taken_too(looker: Looker) -> None:
    """Looker's Python client logs out at a path without a version."""
    headers = {"Authorization": f"Bearer {looker.login_token}"}
    request = httpx.Request("DELETE", "http://127.0.0.1/looker/api/logout", headers=headers)
    assert looker.sandbox.handle(request).status_code == 204
    assert looker("GET", "/user").status_code == 401


def test_a_session_has_a_workspace(looker: Looker) -> None:
    """Production until it is changed; there are two."""
    assert looker.get("/session")["workspace_id"] == "production"
    assert looker("PATCH", "/session", json={"workspace_id": "dev"}).json()["workspace_id"] == "dev"
    assert looker.get("/session")["workspace_id"] == "dev"
    assert looker("PATCH", "/session", json={"workspace_id": "other"}).status_code == 422


# Lists


def test_every_row_comes_until_a_limit_is_sent(looker: Looker) -> None:
    """Bare arrays; with a limit, headers tell the total and the next page."""
    assert len(looker.get("/users")) == ROWS
    page = looker("GET", "/users", params={"limit": 10, "offset": 10, "fields": "id,email"})
    assert [len(page.json()), page.headers["x-total-count"]] == [10, str(ROWS)]
    links = {name: url for url, _, name in (link.partition("; rel=") for link in page.headers["link"].split(", "))}
    following = looker.sandbox.handle(
        httpx.Request("GET", links['"next"'].strip("<>"), headers={"Authorization": f"Bearer {looker.login_token}"})
    )
    assert page.json() + following.json() == looker.get("/users", fields="id,email")[10:]
    assert '"next"' not in following.headers["link"]


def test_page_and_per_page_are_limit_and_offset(looker: Looker) -> None:
    """The older arguments give the same rows."""
    assert looker.get("/looks/search", page=2, per_page=5) == looker.get("/looks/search", limit=5, offset=5)
    assert looker("GET", "/looks/search", params={"page": "x", "per_page": 5}).status_code == 400


@pytest.mark.parametrize("limit", ["0", "-1", "x", "10001"])
def test_a_limit_out_of_range_is_refused(looker: Looker, limit: str) -> None:
    """In Looker's own words."""
    answer = looker("GET", "/users", params={"limit": limit})
    assert (answer.status_code, set(answer.json())) == (400, {"message", "documentation_url"})


def test_fields_show_what_they_name_and_nothing_else(looker: Looker) -> None:
    """The key too comes only where it is named; brackets reach into objects."""
    assert set(looker.get("/looks", fields="title")[0]) == {"title"}
    look = looker.get("/looks", fields="id,folder(id,name),nothing")[0]
    assert {name: set(value) for name, value in look.items() if name == "folder"} == {"folder": {"id", "name"}}
    assert set(look) == {"id", "folder"}
    assert set(looker.get(f"/looks/{look['id']}", fields="query(model)")["query"]) == {"model"}


@pytest.mark.parametrize("fields", ["id,folder(", "id)", "(id)", "folder(id", "a(" * 30])
def test_brackets_must_match(looker: Looker, fields: str) -> None:
    """Refused, not guessed at."""
    with pytest.raises(BadQuery):
        wanted(fields)
    assert looker("GET", "/looks", params={"fields": fields}).status_code == 400


@given(names=st.sets(st.sampled_from("abcdef"), min_size=1))
def test_a_projection_keeps_what_is_named(names: set[str]) -> None:
    """As many members as were named and are there, in the order of the row, and twice is as once."""
    row = {name: {"a": 1, "b": name} for name in "abcd"}
    fields = wanted(",".join(names))
    assert projected(row, fields) == {name: row[name] for name in "abcd" if name in names}
    assert projected(projected([row], fields), fields) == projected([row], fields)


def test_a_model_lists_the_explores_that_can_be_read(looker: Looker) -> None:
    """What the model names is found under it, and under no other model."""
    one, other = looker.get("/lookml_models")[:2]
    name = one["explores"][3]["name"]
    assert looker.get(f"/lookml_models/{one['name']}/explores/{name}")["id"] == f"{one['name']}::{name}"
    assert looker("GET", f"/lookml_models/{other['name']}/explores/{name}").status_code == 404
    assert looker.get(f"/lookml_models/{one['name']}")["explores"][3] == one["explores"][3]


def test_rows_refer_to_rows(looker: Looker) -> None:
    """Owners, folders and looks that are named are there."""
    look = looker.get("/looks")[0]
    assert looker.get(f"/users/{look['user_id']}")["display_name"] == look["user_name"]
    assert looker("GET", f"/folders/{look['folder_id']}").status_code == 200
    plan = looker.get("/scheduled_plans")[0]
    assert looker("GET", f"/looks/{plan['look_id']}").status_code == 200
    assert plan["crontab"].count(" ") == 4


# Writes


def test_a_changed_look_is_seen_everywhere(looker: Looker) -> None:
    """Alone, in the list and in searches; what is read-only stays."""
    look = looker.get("/looks")[4]
    sent = {"title": "Read by the board", "id": "1", "view_count": 9}
    changed = looker("PATCH", f"/looks/{look['id']}", json=sent).json()
    assert (changed["id"], changed["title"], changed["view_count"]) == (look["id"], sent["title"], look["view_count"])
    assert looker.get("/looks")[4]["title"] == sent["title"]
    assert [one["id"] for one in looker.get("/looks/search", title="read by%")] == [look["id"]]
    assert looker("PATCH", f"/looks/{look['id']}", json={"title": 5}).status_code == 422


def test_a_plan_that_is_run_tells_when(looker: Looker) -> None:
    """The run's time is the sandbox's."""
    plan = looker.get("/scheduled_plans")[0]
    ran = looker("POST", f"/scheduled_plans/{plan['id']}/run_once", json={}).json()
    assert (ran["id"], ran["name"]) == (plan["id"], plan["name"])
    assert ran["last_run_at"].startswith("2026-05-28T20:26:40")
    assert looker.get(f"/scheduled_plans/{plan['id']}")["last_run_at"] == ran["last_run_at"]


def test_a_look_can_be_given_another_query(looker: Looker) -> None:
    """One that was created is run from then on; one that is not there is refused."""
    look = looker.get("/looks")[0]["id"]
    made = looker("POST", "/queries", json={**QUERY, "limit": "2"}).json()
    assert looker("PATCH", f"/looks/{look}", json={"query_id": made["id"]}).json()["query"] == made
    assert looker.get(f"/looks/{look}/run/json") == looker.get(f"/queries/{made['id']}/run/json")
    assert len(looker("GET", f"/looks/{look}/run/csv").text.splitlines()) == 3
    assert looker("PATCH", f"/looks/{look}", json={"query_id": "1"}).status_code == 404
    assert looker("PATCH", f"/looks/{look}", json=["title"]).status_code == 422


# Queries


def run(looker: Looker, form: str = "json", **others: Json) -> httpx.Response:
    return looker("POST", f"/queries/run/{form}", json={**QUERY, **others})


def test_a_query_answers_the_deals_of_the_world(looker: Looker) -> None:
    """As many as there are, in their own order, with the columns that were asked for."""
    rows = run(looker).json()
    assert [list(row) for row in rows] == [QUERY["fields"]] * ROWS
    assert [row["deal_no"] for row in rows] == sorted({row["deal_no"] for row in rows})


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("field", ["deal_no", "deals.stage", "deals.amount"])
def test_sorts_order_and_limits_cut(looker: Looker, field: str, descending: bool) -> None:
    """Any column, either way; -1 is no limit."""
    every = [row[field] for row in run(looker).json()]
    sorts = [f"{field} desc" if descending else field]
    found = [row[field] for row in run(looker, sorts=sorts, limit="7").json()]
    assert found == sorted(every, reverse=descending)[:7]
    assert len(run(looker, limit="-1").json()) == ROWS


@pytest.mark.parametrize(
    ("expression", "holds"),
    [
        (">50000", lambda amount: amount > 50_000),
        ("<=50000", lambda amount: amount <= 50_000),
        (">=20000,<10000", lambda amount: amount >= 20_000 or amount < 10_000),
        ("-NULL", lambda _: True),
        ("NULL", lambda _: False),
    ],
)
def test_filters_choose(looker: Looker, expression: str, holds: object) -> None:
    """Comparisons, several of them, and their opposite."""
    assert callable(holds)
    every = [row["deals.amount"] for row in run(looker).json()]
    found = [row["deals.amount"] for row in run(looker, filters={"deals.amount": expression}).json()]
    assert found == [amount for amount in every if holds(amount)]


def test_texts_are_filtered_by_value_and_pattern(looker: Looker) -> None:
    """A value, all but it, and what begins like it."""
    stages = [row["deals.stage"] for row in run(looker).json()]
    one = stages[0]
    for expression, kept in (
        (one, [stage for stage in stages if stage == one]),
        (f"-{one}", [stage for stage in stages if stage != one]),
        (f"{one[:4]}%", [stage for stage in stages if stage.startswith(one[:4])]),
        (f"%{one[1:4]}%", [stage for stage in stages if one[1:4] in stage]),
    ):
        assert [row["deals.stage"] for row in run(looker, filters={"deals.stage": expression}).json()] == kept


def test_measures_are_taken_of_groups(looker: Looker) -> None:
    """Counts and totals by stage add up to those of everything."""
    fields = ["deals.stage", "deals.count", "deals.total_amount", "deals.average_amount"]
    rows = run(looker, fields=fields, sorts=["deals.count desc"]).json()
    assert len({row["deals.stage"] for row in rows}) == len(rows)
    assert sum(row["deals.count"] for row in rows) == ROWS
    assert sum(row["deals.total_amount"] for row in rows) == sum(row["deals.amount"] for row in run(looker).json())
    assert [row["deals.count"] for row in rows] == sorted((row["deals.count"] for row in rows), reverse=True)
    assert run(looker, fields=["deals.count"]).json() == [{"deals.count": ROWS}]


def test_every_format_has_the_same_rows(looker: Looker) -> None:
    """JSON, JSON with details, CSV, text with tabs, Markdown; SQL has none."""
    rows = run(looker).json()
    detail = run(looker, "json_detail").json()
    assert [{name: cell["value"] for name, cell in row.items()} for row in detail["data"]] == rows
    for form, delimiter in (("csv", ","), ("txt", "\t")):
        table = list(csv.reader(io.StringIO(run(looker, form).text), delimiter=delimiter))
        assert table[0] == ["Deal no.", "Deals Stage", "Deals Amount"]
        assert table[1:] == [[str(value) for value in row.values()] for row in rows]
    assert run(looker, "md").text.count("\n") == ROWS + 2
    assert run(looker, "sql").headers["content-type"].startswith("application/sql")


def test_results_evolve_as_other_rows_do(looker: Looker) -> None:
    """A change of the API that is staged for the results of a look is seen in them."""
    change = [{"endpoint": "looker/look_run", "change": "remove", "path": "deal_no"}]
    looker.sandbox.evolve(Evolution.parse(change))
    look = looker.get("/looks")[0]["id"]
    assert "deal_no" not in looker.get(f"/looks/{look}/run/json")[0]
    assert "deal_no" in run(looker).json()[0]


def test_a_query_is_found_by_its_number(looker: Looker) -> None:
    """The same query has the same number; a look's query is that of the look."""
    made = looker("POST", "/queries", json=QUERY).json()
    assert looker("POST", "/queries", json=QUERY).json()["id"] == made["id"]
    assert looker.get(f"/queries/{made['id']}") == made
    assert looker.get(f"/queries/{made['id']}/run/json") == run(looker).json()
    look = looker.get(f"/looks/{looker.get('/looks')[3]['id']}")
    assert looker.get(f"/queries/{look['query_id']}") == look["query"]
    assert looker.get(f"/looks/{look['id']}/run/json") == looker.get(f"/queries/{look['query_id']}/run/json")
    assert looker("GET", "/queries/1").status_code == 404


def test_a_task_runs_a_query(looker: Looker) -> None:
    """Made, complete when it is asked for, and read alone or with others."""
    query = looker("POST", "/queries", json=QUERY).json()["id"]
    asked = {"query_id": query, "result_format": "json"}
    task = looker("POST", "/query_tasks?fields=id,status", json=asked).json()
    assert (set(task), task["status"]) == ({"id", "status"}, "added")
    assert looker.get(f"/query_tasks/{task['id']}")["status"] == "complete"
    assert looker.get(f"/query_tasks/{task['id']}/results") == run(looker).json()
    [found] = looker.get("/query_tasks/multi_results", query_task_ids=task["id"]).values()
    assert (found["status"], found["data"]) == ("complete", run(looker).json())
    assert looker("GET", "/query_tasks/1").status_code == 404
    assert looker("GET", "/query_tasks/multi_results").status_code == 422


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/queries", {"view": "deals_explore"}, "model"),
        ("/queries", {"model": "sales_model"}, "view"),
        ("/queries", [], "body"),
        ("/queries/run/json", {**QUERY, "fields": ["deals.nothing"]}, "fields"),
        ("/queries/run/json", {**QUERY, "fields": []}, "fields"),
        ("/queries/run/json", {**QUERY, "sorts": ["deals.nothing"]}, "sorts"),
        ("/queries/run/json", {**QUERY, "filters": {"deals.nothing": "x"}}, "filters"),
        ("/queries/run/json", {**QUERY, "limit": "many"}, "limit"),
        ("/queries/run/xlsx", QUERY, "result_format"),
        ("/queries/run/json", {**QUERY, "limit": "-2"}, "limit"),
        ("/queries/run/json", {**QUERY, "filters": ["x"]}, "filters"),
        ("/queries/run/json", {**QUERY, "filters": {"deals.amount": 5}}, "filters"),
        ("/queries/run/json", {**QUERY, "fields": "deal_no"}, "fields"),
        ("/queries/run/json", "deal_no", "body"),
        ("/query_tasks", [], "body"),
        ("/query_tasks", {"result_format": "json"}, "query_id"),
        ("/query_tasks", {"query_id": "100701"}, "result_format"),
    ],
)
def test_what_is_wrong_is_told_field_by_field(looker: Looker, path: str, body: Json, field: str) -> None:
    """422 with the field, a code and words (ValidationError in Looker's description)."""
    answer = looker("POST", path, json=body)
    assert (answer.status_code, answer.json()["message"]) == (422, "Validation Failed")
    [error] = answer.json()["errors"]
    assert error["field"] == field
    assert set(error) == {"field", "code", "message", "documentation_url"}


NAMES = ("model", "view", "fields", "sorts", "filters", "limit", "query_id", "result_format", "title", "deals.amount")
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(max_size=8) | st.sampled_from(["deals.amount", "deals.stage desc", ">x", "json", "100701", "%", "-"])
VALUES = st.recursive(
    LEAVES | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=6,
)
PLACES = [
    ("POST", "/queries"),
    ("POST", "/queries/run/json"),
    ("POST", "/queries/run/csv"),
    ("POST", "/queries/run/json_detail"),
    ("POST", "/query_tasks"),
    ("PATCH", "/session"),
]
FUZZED = Looker(rows=3)


@given(place=st.sampled_from(PLACES), body=VALUES, others=st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=3))
@settings(max_examples=200, deadline=None)
def test_no_body_breaks_anything(place: tuple[str, str], body: Json, others: dict[str, Json]) -> None:
    """Whatever is sent, the answer is data or an error of Looker's own, never a crash."""
    for sent in (body, {**QUERY, **others}):
        answer = FUZZED(*place, json=sent)
        assert answer.status_code in (200, 400, 404, 422)
        assert answer.status_code == 200 or answer.json()["documentation_url"]
    assert FUZZED.sandbox.failures == 0


@given(
    path=st.sampled_from(["/users", "/users/search", "/looks/search", "/dashboards/search", "/groups", "/looks"]),
    given=st.dictionaries(
        st.sampled_from(["limit", "offset", "page", "per_page", "fields", "sorts", "title", "id", "filter_or", "ids"]),
        st.text(max_size=8) | st.integers().map(str) | st.sampled_from(["id,title", "title desc", "%a%", "NULL"]),
    ),
)
@settings(max_examples=200, deadline=None)
def test_no_argument_breaks_anything(path: str, given: dict[str, str]) -> None:
    """Searches and pages take any text, or refuse it."""
    answer = FUZZED("GET", path, params=given)
    assert answer.status_code in (200, 400)
    assert isinstance(answer.json(), list) or answer.json()["documentation_url"]
    assert FUZZED.sandbox.failures == 0
