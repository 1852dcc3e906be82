"""looker_sdk logs in, lists, pages, gets, runs queries and fails as its documentation says."""

from __future__ import annotations

import csv
import io
import json
import os
import time
import urllib.request

import looker_sdk
import pytest
from looker_sdk import error
from looker_sdk.rtl import api_settings
from looker_sdk.sdk.api40 import models

pytestmark = pytest.mark.bi_cassette("cassettes")

SANDBOX = os.environ["SANDBOX_URL"]
ROWS = int(os.environ["SANDBOX_ROWS"])


class Settings(api_settings.ApiSettings):
    """Settings from values, as the SDK's documentation shows."""

    def __init__(self, **values):
        self.values = values
        super().__init__()

    def read_config(self):
        known = {"client_id": os.environ["LOOKER_CLIENT_ID"], "client_secret": os.environ["LOOKER_CLIENT_SECRET"]}
        return {"base_url": f"{SANDBOX}/looker", "verify_ssl": "false", "timeout": "5", **known, **self.values}


def api(**values):
    sdk = looker_sdk.init40(config_settings=Settings(**values))
    sdk.api_path = f"{SANDBOX}/looker/api/4.0/"  # The SDK leaves out what stands before /api.
    return sdk


@pytest.fixture
def sdk():
    return api()


def fault(fault):
    """Lets one request to Looker's users fail."""
    wanted = {"fault": fault, "platform": "looker", "endpoint": "users", "times": 1}
    json_body = {"Content-Type": "application/json"}
    admin = urllib.request.Request(f"{SANDBOX}/_sandbox/faults", json.dumps(wanted).encode(), json_body)
    with urllib.request.urlopen(admin, timeout=5) as answer:
        assert answer.status == 200


def deals_query(**others):
    fields = ["deal_no", "deals.name", "deals.amount"]
    return models.WriteQuery(**{"model": "sales_model", "view": "deals_explore", "fields": fields, **others})


def test_logs_in(sdk):
    """The first call logs in; `me` is whoever the key belongs to."""
    assert not sdk.auth.is_authenticated
    assert sdk.me().id
    assert sdk.auth.is_authenticated
    assert sdk.auth.token.token_type == "Bearer"


def test_logs_out_and_in_again(sdk):
    """After the logout the old token is no good; the SDK logs in again by itself."""
    sdk.me()
    old = sdk.auth.token
    sdk.auth.logout()
    assert sdk.me().id
    assert sdk.auth.token is not old


def test_pages_to_the_end(sdk):
    """Bare arrays, by limit and offset, until a page is short."""
    found, offset = [], 0
    while page := sdk.all_users(limit=3, offset=offset, fields="id,email"):
        found += page
        offset += 3
        if len(page) < 3:
            break
    assert len({user.id for user in found}) == len(found) == ROWS
    assert {user.first_name for user in found} == {None}


def test_pages_by_number(sdk):
    """The older arguments are taken too."""
    pages = [sdk.search_looks(page=number, per_page=5, sorts="id") for number in (1, 2)]
    assert [len(page) for page in pages] == [5, ROWS - 5]
    assert len({look.id for page in pages for look in page}) == ROWS


def test_searches_with_patterns(sdk):
    """`%` stands for anything; letter case does not matter."""
    name = sdk.all_folders(fields="id,name")[0].name
    assert name in {folder.name for folder in sdk.search_folders(name=f"%{name[2:7].upper()}%")}
    assert sdk.search_folders(name="no such folder") == []


def test_gets_by_id(sdk):
    """A look, a dashboard, a user and an explore can be asked for by what their lists said."""
    listed = sdk.all_looks()[0]
    look = sdk.look(listed.id)
    assert (look.id, look.title, look.query.id) == (listed.id, listed.title, listed.query_id)
    dashboard = sdk.all_dashboards()[0]
    assert sdk.dashboard(dashboard.id).title == dashboard.title
    assert sdk.user(sdk.all_users()[0].id, fields="id").email is None
    model = sdk.all_lookml_models()[0]
    explore = sdk.lookml_model_explore(model.name, model.explores[0].name)
    assert explore.fields.dimensions[0].name == "deals.amount"


def test_runs_a_look(sdk):
    """As JSON with columns by field, as CSV with headings."""
    look = sdk.all_looks(fields="id")[0].id
    rows = json.loads(sdk.run_look(look, "json"))
    assert len(rows) == ROWS
    table = list(csv.reader(io.StringIO(sdk.run_look(look, "csv"))))
    assert table[0][1] == "Deals Name"
    assert [row[1] for row in table[1:]] == [row["deals.name"] for row in rows]
    assert len(json.loads(sdk.run_look(look, "json", limit=2))) == 2


def test_creates_and_runs_a_query(sdk):
    """A query is made, found by its number, and run by it; the same query has the same number."""
    query = sdk.create_query(deals_query(sorts=["deals.amount desc"], limit="4"))
    assert sdk.create_query(deals_query(sorts=["deals.amount desc"], limit="4")).id == query.id
    assert sdk.query(query.id).view == "deals_explore"
    amounts = [row["deals.amount"] for row in json.loads(sdk.run_query(query.id, "json"))]
    assert amounts == sorted(amounts, reverse=True)
    assert len(amounts) == 4


def test_runs_an_inline_query(sdk):
    """Filters, measures and formats without anything being kept."""
    stages = json.loads(sdk.run_inline_query("json", deals_query(fields=["deals.stage", "deals.count"])))
    assert sum(row["deals.count"] for row in stages) == ROWS
    one = deals_query(filters={"deals.stage": stages[0]["deals.stage"]})
    assert len(json.loads(sdk.run_inline_query("json", one))) == stages[0]["deals.count"]
    assert sdk.run_inline_query("sql", one).startswith("SELECT")


def test_runs_a_query_task(sdk):
    """A task is made, waited for, and its results are read."""
    query = sdk.create_query(deals_query())
    task = sdk.create_query_task(models.WriteCreateQueryTask(query_id=query.id, result_format=models.ResultFormat.json))
    while sdk.query_task(task.id).status != "complete":
        time.sleep(0.1)
    assert len(json.loads(sdk.query_task_results(task.id))) == ROWS
    assert sdk.query_task_multi_results(models.DelimSequence([task.id]))[task.id]["status"] == "complete"


@pytest.mark.parametrize("wrong", ["client_id", "client_secret"])
def test_meets_a_failed_login(wrong):
    """A login with a wrong key is answered 404, not 401."""
    with pytest.raises(error.SDKError, match="Not found"):
        api(**{wrong: "wrong"}).me()


def test_meets_what_is_not_there(sdk):
    """An unknown look is an SDKError with Looker's own body."""
    with pytest.raises(error.SDKError) as raised:
        sdk.look("999999999")
    assert raised.value.message == "Not found"
    assert raised.value.documentation_url


def test_meets_a_validation_error(sdk):
    """What is wrong is told field by field."""
    with pytest.raises(error.SDKError) as raised:
        sdk.create_query(models.WriteQuery(model="", view="deals_explore"))
    assert raised.value.message == "Validation Failed"
    assert [(one.field, one.code) for one in raised.value.errors] == [("model", "missing_field")]


def test_meets_an_error_page(sdk):
    """Outside of the API there is HTML: an SDKError with the page in it."""
    sdk.api_path = f"{SANDBOX}/looker/somewhere/"
    with pytest.raises(error.SDKError, match="<html>"):
        sdk.me()


def test_meets_a_rate_limit(sdk):
    """429 is an SDKError; the Python SDK has no retry of its own."""
    fault("rate-limit; retry-after=1")
    with pytest.raises(error.SDKError, match="Too many requests"):
        sdk.all_users()
    assert len(sdk.all_users()) == ROWS
