"""What HubSpot's declaration promises about itself, and what real recordings say about its paths."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from bi_contracts.cassette.importers.declared import Declared
from bi_contracts.cassette.importers.run import import_paths
from bi_contracts.dialects import ErrorKind
from bi_contracts.paths import dig
from bi_contracts.platform import Endpoint
from bi_contracts.platforms.hubspot import PLATFORM
from bi_contracts.queries.filter_groups import FilterGroups

LISTS = {each.name: each for each in PLATFORM.endpoints if each.kind == "list"}
OBJECTS = [each for each in PLATFORM.endpoints if each.examples and "properties" in each.examples[0]]
OBJECTS = [each for each in OBJECTS if isinstance(each.examples[0]["properties"], dict)]
SEARCHES = [each for each in PLATFORM.endpoints if isinstance(each.query, FilterGroups)]
DEFINED = {"companies": "company", "contacts": "contact", "deals": "deal", "tickets": "ticket"}


def named(endpoint: Endpoint) -> str:
    return endpoint.name


@pytest.mark.parametrize("endpoint", OBJECTS, ids=named)
def test_a_property_is_a_text_or_null(endpoint: Endpoint) -> None:
    """Whatever a property holds, its value is written as a text; the id stands among them."""
    for example in endpoint.examples:
        assert {type(value) for value in example["properties"].values()} <= {str, type(None)}
        assert example["properties"]["hs_object_id"] == example["id"]


@pytest.mark.parametrize("endpoint", OBJECTS, ids=named)
def test_every_property_is_asked_for(endpoint: Endpoint) -> None:
    """The properties that a read asks for are those that its examples have: what is not asked for does not come."""
    if endpoint.kind == "write":
        assert endpoint.write is not None
        return
    request = PLATFORM.request(endpoint, dict.fromkeys(endpoint.parents, "1"))
    asked = request.url.params.get("properties", "").split(",") if endpoint.fields else endpoint.body["properties"]
    for example in endpoint.examples:
        assert set(asked) == set(example["properties"])


@pytest.mark.parametrize("name", DEFINED)
def test_every_property_is_defined(name: str) -> None:
    """The definitions name every property that the objects have, and times among them are known to the search."""
    definitions = {each["name"]: each for each in LISTS[f"{DEFINED[name]}_properties"].examples}
    assert set(LISTS[name].examples[0]["properties"]) <= set(definitions)
    query = LISTS[f"{name}_search"].query
    assert isinstance(query, FilterGroups)
    times = {each for each in query.properties if definitions[each]["type"] == "datetime"}
    assert set(query.times) == times
    assert set(query.searched) <= set(query.properties)


@pytest.mark.parametrize(("name", "stage"), [("deals", "dealstage"), ("tickets", "hs_pipeline_stage")])
def test_every_stage_stands_in_a_pipeline(name: str, stage: str) -> None:
    """Deals and tickets are in stages that the pipelines know."""
    pipelines = LISTS[f"{DEFINED[name]}_pipelines"].examples
    known = {each["id"] for pipeline in pipelines for each in pipeline["stages"]}
    assert {example["properties"][stage] for example in LISTS[name].examples} <= known


@pytest.mark.parametrize("endpoint", SEARCHES, ids=named)
def test_a_search_counts_what_was_read(endpoint: Endpoint) -> None:
    """The cursor of a search is a number, and the answer tells the total."""
    request = endpoint.paginator.sized(PLATFORM.request(endpoint, {}), 2)
    page = endpoint.paginator.serve(request, ["a", "b", "c"], {})
    assert dict(page.fields) == {"paging.next.after": "2", "total": 3}


def test_a_page_names_the_next_and_the_last_names_none() -> None:
    """`paging` is there with a cursor and a link, or not at all."""
    contacts = LISTS["contacts"]
    request = contacts.paginator.sized(PLATFORM.request(contacts, {}), 2)
    fields = contacts.paginator.serve(request, ["a", "b", "c"], {}).fields
    assert httpx.URL(fields["paging.next.link"]).params["after"] == fields["paging.next.after"]
    assert dict(contacts.paginator.serve(request, ["a"], {}).fields) == {}


def test_errors_are_told_apart() -> None:
    """What has no category is known by its status, what has one by that."""
    status, body = PLATFORM.errors.render(ErrorKind.RATE_LIMITED)
    assert (status, body["errorType"], body["policyName"]) == (429, "RATE_LIMIT", "TEN_SECONDLY_ROLLING")
    expired = httpx.Response(401, json={"status": "error", "message": "m", "category": "EXPIRED_AUTHENTICATION"})
    problem = PLATFORM.errors.recognise(expired)
    assert problem is not None
    assert problem.kind is ErrorKind.UNAUTHORIZED
    gone = PLATFORM.endpoint("contact").missing
    assert gone is not None
    assert dig(gone.render()[1], "category") == "OBJECT_NOT_FOUND"


RECORDED = {
    "account",
    "companies",
    "companies_search",
    "company_properties",
    "contact",
    "contacts",
    "deal",
    "deal_pipelines",
    "deals",
    "schemas",
    "tasks",
    "tickets",
    "users",
    "archive_contact",
    "create_contact",
    "create_task",
    "update_company",
    "update_deal",
    "update_task",
}


def test_real_recordings_are_of_the_declared_endpoints(vendor_data: Path, tmp_path: Path) -> None:
    """What others recorded of the current versions is imported under the names that are declared."""
    names = Declared((PLATFORM,)).names("hubspot")
    import_paths([vendor_data / "recorded" / "hubspot" / "nango"], tmp_path, names=names)
    written = {path.stem for path in (tmp_path / "hubspot").glob("*.yaml")}
    assert written >= RECORDED
    assert not [name for name in written if name.startswith(("get.crm", "post.crm.v3.objects.contacts"))]
