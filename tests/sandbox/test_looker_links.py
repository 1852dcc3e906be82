"""Where Looker's looks, models and explores lead, what it remembers, and what stands beside its API."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from bi_contracts.platforms import slack
from bi_contracts.platforms.looker import PLATFORM
from bi_contracts.sandbox import Sandbox
from bi_contracts.sandbox.behaviours import looker as behaviour

from .api import Api

HOST = "https://looker.example.com"


class Looker(Api):
    """Asked with a token."""

    def __init__(self, rows: int = 7) -> None:
        super().__init__(PLATFORM, rows)
        key, secret = self.credentials.values()
        given = {"client_id": key, "client_secret": secret}
        answer = self.http.post("/login", data=given)
        self.http.headers["authorization"] = f"token {answer.json()['access_token']}"

    def get(self, path: str) -> Any:
        answer = self.http.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()


def test_a_look_asks_an_explore_that_is_there() -> None:
    """Its model and its view are found, and stand in the addresses; the explore's connection is the model's."""
    looker = Looker()
    for brief in looker.get("/looks"):
        query = looker.get(f"/looks/{brief['id']}")["query"]
        explore = looker.get(f"/lookml_models/{query['model']}/explores/{query['view']}")
        model = looker.get(f"/lookml_models/{query['model']}")
        assert explore["model_name"] == query["model"]
        assert explore["connection_name"] in (model["allowed_db_connection_names"] or [None])
        assert f"/explore/{query['model']}/{query['view']}?" in query["expanded_share_url"]
        assert looker.get(f"/queries/{query['id']}")["view"] == query["view"]


def test_an_interval_is_as_long_as_it_says() -> None:
    """`1 hour` is 3600 seconds."""
    for dashboard in Looker().get("/dashboards"):
        wanted = {"1 hour": 3600, None: None}[dashboard["refresh_interval"]]
        assert dashboard["refresh_interval_to_i"] == wanted


@pytest.mark.parametrize("path", ["/", "/api/3.1/user", "/looks", "/api"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_outside_of_the_api_there_are_pages(path: str, method: str) -> None:
    """HTML with 404, at Looker's own address as below the sandbox's."""
    looker = Looker(1)
    answers = [looker.http.request(method, f"{HOST}{path}"), looker.http.request(method, f"http://x/looker{path}")]
    for answer in answers:
        assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html;charset=utf-8")


def test_the_address_of_a_platform_is_never_nobodys() -> None:
    """A path outside of an API is answered in that platform's way, not in the sandbox's."""
    sandbox = Sandbox([slack.PLATFORM], rows=1)
    answer = httpx.Client(transport=sandbox.transport()).get("https://slack.com/nothing")
    assert "no platform at" not in answer.text


def test_json_is_written_without_a_character_set() -> None:
    """As recorded; the id of an answer has thirty-two hexadecimal digits."""
    answer = Looker(1).http.get("/user")
    assert answer.headers["content-type"] == "application/json"
    assert len(answer.headers["x-b3-traceid"]) == 32


def test_queries_and_tasks_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest go; the newest is good."""
    monkeypatch.setattr(behaviour, "QUERIES_KEPT", 3)
    monkeypatch.setattr(behaviour, "DEALS_KEPT", 2)
    monkeypatch.setattr(behaviour, "TOKENS_KEPT", 2)
    looker = Looker()
    asked = {"model": "sales_model", "view": "deals_explore", "fields": ["deals.name"]}
    queries = [looker.http.post("/queries", json={**asked, "limit": limit}).json()["id"] for limit in range(1, 9)]
    task = {"query_id": queries[-1], "result_format": "json"}
    tasks = [looker.http.post("/query_tasks", json=task).json()["id"] for _ in range(8)]
    assert len(set(tasks)) == 8
    assert looker.http.get(f"/query_tasks/{tasks[-1]}/results").status_code == 200
    assert looker.http.get(f"/query_tasks/{tasks[0]}/results").status_code == 404
    served: Any = looker.sandbox._behaviours["looker"]
    assert max(len(served.queries), len(served.tasks)) <= 3
    assert len(served.deals) <= 2
    key, secret = looker.credentials.values()
    for _ in range(5):
        looker.http.post("/login", data={"client_id": key, "client_secret": secret})
    assert len(served.tokens) <= 2
