"""Every route answers what it is there for, from a world where all is well."""

from __future__ import annotations

from datetime import datetime

import pytest

from .worlds import get, post, sandbox, well

VIEWS = (
    *("crm/contacts", "crm/pipeline", "calls/recent", "gong/recent", "projects/overview", "dashboard", "looker/looks"),
    *("looker/dashboards", "looker/run", "signals", "leads", "analytics", "hubspot", "hubspot/deals"),
)


@pytest.mark.parametrize("path", VIEWS)
def test_a_view_says_who_answered_and_how_old_that_is(path: str) -> None:
    """Every section carries a source and an age; where all is well nothing is degraded."""
    answer = well(path)
    assert answer.status_code == 200
    told = answer.json()
    assert not told["degraded"]
    assert "x-bi-degraded" not in answer.headers
    assert {one["source"] for one in told["sections"]} == {"sandbox"}
    assert all(one["age"] is not None and one["error"] is None for one in told["sections"])


@pytest.mark.parametrize("path", ["dashboard", "crm/contacts", "signals"])
def test_times_are_written_as_text(path: str) -> None:
    """Regression row: an answer with datetimes serialises, as RFC 3339 with a zone."""
    at = datetime.fromisoformat(well(path).json()["at"])
    assert at.tzinfo is not None


def test_contacts_of_all_crms_are_told_alike() -> None:
    """Three platforms, one shape; the same person has one e-mail address everywhere."""
    told = well("crm/contacts?limit=1000").json()
    assert set(told["by_platform"]) == {"hubspot", "salesforce", "intercom"}
    assert told["total"] == len(told["contacts"]) == sum(told["by_platform"].values())
    assert told["people"] < told["total"]


def test_contacts_are_limited_and_filtered() -> None:
    """`limit` cuts what is shown and not what is counted; `platform` asks no other."""
    told = well("crm/contacts?limit=2&platform=hubspot").json()
    assert len(told["contacts"]) == 2 < told["total"]
    assert [one["platform"] for one in told["sections"]] == ["hubspot"]


def test_contacts_are_searched_whatever_the_case() -> None:
    """`q` is looked for in name, e-mail, company and title."""
    name = next(one["name"] for one in well("crm/contacts").json()["contacts"] if one["name"])
    found = well(f"crm/contacts?q={name.upper()}").json()["contacts"]
    assert found
    assert all(name.casefold() in one["name"].casefold() for one in found)


def test_the_pipeline_never_adds_up_two_crms() -> None:
    """Each CRM has totals of its own, and its stages add up to its deals."""
    told = well("crm/pipeline?limit=1000").json()
    for totals in told["totals"]:
        stages = [one for one in told["stages"] if one["platform"] == totals["platform"]]
        assert sum(one["count"] for one in stages) == totals["open"] + totals["won"] + totals["lost"]
    assert {one["platform"] for one in told["totals"]} == {"hubspot", "salesforce"}


def test_recent_calls_lie_in_the_days_asked_for() -> None:
    """Days are counted back from when the platform answered, whatever the wall clock says."""
    told = well("gong/recent?days=1").json()
    now = datetime.fromisoformat(told["at"])
    assert told["calls"] == [] or all(
        0 <= (now - datetime.fromisoformat(one["started"])).total_seconds() <= 86400 for one in told["calls"]
    )
    assert told["total"] <= well("gong/recent?days=30").json()["total"]


def test_calls_name_whom_the_crm_knows() -> None:
    """A party's e-mail leads to the contact in HubSpot; `gong/recent` does not ask HubSpot."""
    joined = well("calls/recent?days=30&limit=1000").json()
    assert any(one["contacts"] for one in joined["calls"])
    assert all(id.startswith("hubspot/contacts/") for one in joined["calls"] for id in one["contacts"])
    assert [one["platform"] for one in well("gong/recent").json()["sections"]] == ["gong"]


def test_a_look_is_run_by_its_id() -> None:
    """Both ways of asking give the same rows; without an id it is a look that is there."""
    id = well("looker/looks").json()["looks"][0]["id"]
    one, other = well(f"looker/looks/{id}/run"), well(f"looker/run?look_id={id}")
    assert one.json()["rows"] == other.json()["rows"] != []
    assert one.json()["columns"] == list(one.json()["rows"][0])
    assert well("looker/run").json()["look_id"]


def test_where_there_is_no_look_none_is_run() -> None:
    """An empty answer, and no failure."""
    told = get("looker/run", sandbox(rows=0))
    assert (told.status_code, told.json()["look_id"], told.json()["rows"]) == (200, None, [])


def test_projects_without_any_that_is_open_have_no_tasks() -> None:
    """Nobody is asked for them."""
    told = get("projects/overview", sandbox(rows=0)).json()
    assert (told["total"], told["degraded"]) == (0, False)


def test_signals_can_be_asked_for_by_kind() -> None:
    """Each names the rows it was derived from."""
    told = well("signals?kind=task-overdue").json()
    assert set(told["by_kind"]) == {"task-overdue"}
    assert all(one["evidence"] for one in told["signals"])


def test_leads_have_at_least_the_score_asked_for() -> None:
    """And the score is the sum of its reasons."""
    told = well("leads?min_score=30").json()
    assert told["leads"]
    assert all(sum(reason["points"] for reason in one["reasons"]) == one["score"] >= 30 for one in told["leads"])


def test_a_platform_without_a_view_of_its_own_has_routes() -> None:
    """Every declared list is there by its id, `-` for `_` if one likes."""
    told = well("hubspot/deal-pipelines").json()
    assert (told["id"], told["total"]) == ("hubspot/deal_pipelines", len(told["rows"]))
    assert well("notion").json()["identity"]


@pytest.mark.parametrize(
    "path", ["nobody", "nobody/things", "hubspot/nothing", "hubspot/contact", "looker/looks/0/run"]
)
def test_what_is_not_there_is_404(path: str) -> None:
    """An unknown platform, list or look; an item is no list."""
    answer = well(path)
    assert answer.status_code == 404
    assert answer.json()["detail"]


@pytest.mark.parametrize("path", ["crm/contacts?limt=3", "crm/contacts?limit=1&limit=2", "dashboard?limit=1"])
def test_a_parameter_that_the_route_does_not_know_is_refused(path: str) -> None:
    """A slip of the pen must not look like an answer; what was sent is not repeated."""
    answer = well(path)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["where"][0] == "query"


@pytest.mark.parametrize("path", ["crm/contacts?limit=0", "gong/recent?days=x", "signals?kind=none"])
def test_a_parameter_of_the_wrong_kind_is_refused_without_repeating_it(path: str) -> None:
    """422 names the parameter."""
    answer = well(path)
    assert answer.status_code == 422
    assert set(answer.json()["detail"][0]) == {"where", "message"}


@pytest.mark.parametrize("path", ["message/preview", "workflows/trigger"])
def test_what_is_posted_cannot_be_got(path: str) -> None:
    """Although the path looks like that of a list."""
    answer = well(path)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def test_a_call_is_analysed_by_its_id() -> None:
    """Talk ratio, topics and questions each say what they were taken from; an unknown call is 404."""
    world = sandbox()
    id = get("gong/recent?days=30", world).json()["calls"][0]["id"]
    told = post(f"calls/{id}/analyze", world=world).json()
    assert told["call"]["id"] == id
    assert 0 <= told["talk_ratio"] <= 1
    assert set(told["methods"]) == {"speakers", "talk_ratio", "topics", "questions_asked", "next_steps"}
    assert post("calls/1/analyze", world=world).status_code == 404


@pytest.mark.parametrize("platform", ["asana", "linear"])
def test_a_project_is_optimised_wherever_it_is(platform: str) -> None:
    """Suggestions name the tasks they were derived from; an unknown project is 404."""
    world = sandbox()
    projects = get("projects/overview?limit=1000", world).json()["projects"]
    busy = next(one for one in projects if one["platform"] == platform and one["work"] and one["work"]["overdue"])
    told = post(f"projects/{busy['id']}/optimize", world=world).json()
    assert told["project"]["id"] == busy["id"]
    overdue = next(one for one in told["suggestions"] if one["rule"] == "overdue")
    assert len(overdue["evidence"]) == busy["work"]["overdue"]
    assert {one["platform"] for one in told["sections"]} == {platform}


def test_an_unknown_project_is_404() -> None:
    """Where every platform that could have it says no."""
    assert post("projects/nothing/optimize").status_code == 404


def test_a_message_is_shown_and_not_sent() -> None:
    """The preview says so itself."""
    told = post("message/preview", {"template": "Deal {deal.name}", "data": {"deal": {"name": "A & B"}}}).json()
    assert (told["text"], told["sent"], told["missing"]) == ("Deal A &amp; B", False, [])
