"""Salesforce's declaration: statements and examples agree, and one path serves many endpoints."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bi_contracts.cassette.importers.declared import Declared
from bi_contracts.interaction import Interaction, Request, Response
from bi_contracts.pagination import BadPage, Locator
from bi_contracts.paths import Json
from bi_contracts.platform import Endpoint
from bi_contracts.platforms.salesforce import PLATFORM
from bi_contracts.queries.soql import Soql, parse
from bi_contracts.queries.soql.tree import names
from bi_contracts.sandbox.keys import salesforce_id

from .recorded import answers

STATEMENTS = [endpoint for endpoint in PLATFORM.endpoints if isinstance(endpoint.query, Soql)]
LISTS = [endpoint for endpoint in STATEMENTS if endpoint.path.endswith("/query")]
ITEMS = [endpoint for endpoint in PLATFORM.endpoints if endpoint.kind == "item" and endpoint.name != "describe"]
PREFIXES = {"Account": "001", "Case": "500", "Contact": "003", "Lead": "00Q", "Opportunity": "006", "Task": "00T"}


def named(value: object) -> str | None:
    return value.name if isinstance(value, Endpoint) else None


def texts(value: Json) -> Iterator[str]:
    """Every text in a value."""
    match value:
        case str():
            yield value
        case dict():
            for item in value.values():
                yield from texts(item)
        case list() | tuple():
            for item in value:
                yield from texts(item)


@pytest.mark.parametrize("endpoint", STATEMENTS, ids=named)
def test_a_statement_selects_what_its_examples_show(endpoint: Endpoint) -> None:
    """The columns of the declared statement are the fields of every example, parents by their relationship."""
    columns = [name.partition(".")[0] for name in names(parse(endpoint.params["q"]))]
    for example in endpoint.examples:
        assert list(example) == ["attributes", *columns]


@pytest.mark.parametrize("endpoint", ITEMS, ids=named)
def test_a_whole_record_has_what_its_list_shows(endpoint: Endpoint) -> None:
    """Read by id, a record has the list's fields and more; relationships are only in queries."""
    row = PLATFORM.endpoint(next(iter(endpoint.parents.values()))).examples[0]
    for example in endpoint.examples:
        assert {name for name in row if name != "Profile"} < set(example)
        assert example["Id"] == row["Id"]


def test_every_id_in_an_example_is_one() -> None:
    """Eighteen characters, the last three of which check the case of the others; the first three tell the object."""
    found = {
        text
        for endpoint in PLATFORM.endpoints
        for text in texts(list(endpoint.examples))
        if re.fullmatch(r"0[0-9A-Za-z]{17}|500[0-9A-Za-z]{15}", text)
    }
    assert len(found) > 15
    assert {key for key in found if salesforce_id(key[:15]) != key} == set()
    for endpoint in LISTS:
        kind = endpoint.examples[0]["attributes"]["type"]
        assert all(row["Id"].startswith(PREFIXES.get(kind, "005")) for row in endpoint.examples)


@pytest.mark.parametrize("endpoint", LISTS, ids=named)
def test_a_statement_is_read_by_one_endpoint_alone(endpoint: Endpoint) -> None:
    """Seven lists share a path; the object that is selected from tells them apart, first page and later ones."""
    request = PLATFORM.request(endpoint, {})
    later = request.url.copy_with(path=f"{request.url.path}/0r8000000000000000-2000")
    for asked in (request, httpx.Request("GET", later)):
        read = [one.name for one in PLATFORM.endpoints if one.read(asked, PLATFORM.base_url) is not None]
        assert read == [endpoint.name]
    assert endpoint.paginator.continues(httpx.Request("GET", later))


def test_the_version_in_the_path_is_an_argument() -> None:
    """Every endpoint takes another version, and reads it back."""
    for endpoint in PLATFORM.endpoints:
        if "version" not in endpoint.placeholders:
            assert endpoint.name in ("userinfo", "versions")
            continue
        given = dict.fromkeys(endpoint.parents, "x")
        request = PLATFORM.request(endpoint, {**given, "version": "62.0"})
        assert "/v62.0/" in request.url.path
        assert "version" not in request.url.params
        read = endpoint.read(request, PLATFORM.base_url)
        assert read is not None
        assert read["version"] == "62.0"
        assert "/v60.0/" in PLATFORM.request(endpoint, given).url.path


# Pages by locator


PAGES = Locator("nextRecordsUrl", "done", "totalSize", "Sforce-Query-Options", "batchSize")
QUERY = httpx.Request("GET", "https://example.my.salesforce.com/services/data/v60.0/query?q=SELECT+Id+FROM+Lead")


def test_only_the_last_segment_of_a_link_is_followed() -> None:
    """Whatever stands before the locator, the next page is below the path that was asked, with the same arguments."""
    flow = PAGES.page_flow(QUERY)
    request = next(flow)
    link = "https://elsewhere.example/services/data/v60.0/query/0r8000000000000000-2000"
    following = flow.send(httpx.Response(200, json={"nextRecordsUrl": link, "done": False}, request=request))
    assert following.url.host == "example.my.salesforce.com"
    assert following.url.path == "/services/data/v60.0/query/0r8000000000000000-2000"
    assert following.url.params["q"] == "SELECT Id FROM Lead"


def test_the_page_size_travels_in_a_header() -> None:
    """`Sforce-Query-Options: batchSize=...`, beside other options, in any case; the last page has no link."""
    sized = PAGES.sized(QUERY, 2)
    assert sized.headers["sforce-query-options"] == "batchSize=2"
    page = PAGES.serve(sized, ["a", "b", "c"], {})
    assert list(page.rows) == ["a", "b"]
    assert page.fields["done"] is False
    options = httpx.Request("GET", QUERY.url, headers={"sforce-query-options": "other=1, BATCHSIZE=3"})
    assert PAGES.serve(options, ["a", "b", "c"], {}).fields == {"totalSize": 3, "done": True}


def test_a_locator_is_of_a_query_that_was_asked() -> None:
    """The same query and size have the same locator; one that was never handed out is refused."""
    memory: dict[str, int] = {}
    rows = list("abcde")
    first = PAGES.serve(PAGES.sized(QUERY, 2), rows, memory)
    again = PAGES.serve(PAGES.sized(QUERY, 2), rows, {})
    assert first.fields == again.fields
    following = QUERY.url.copy_with(path=str(first.fields["nextRecordsUrl"]))
    assert list(PAGES.serve(httpx.Request("GET", following), rows, memory).rows) == ["c", "d"]
    with pytest.raises(BadPage):
        PAGES.serve(httpx.Request("GET", following), rows, {})


# Recordings


def known(method: str, path: str) -> str | None:
    """The name under which a recorded request is imported."""
    request = Request(method, f"https://example.my.salesforce.com{path}")
    return Declared((PLATFORM,)).known("salesforce", Interaction("", request, Response(200)))


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/services/data/v59.0/query?q=SELECT+Id+FROM+Case", "cases"),
        ("/services/data/v59.0/query/?q=SELECT+Id+FROM+Case", "cases"),
        ("/services/data/v59.0/query/0r8000000000000000-2000?q=SELECT+Id+FROM+Case", "cases"),
        ("/services/data/v59.0/query/0r8000000000000000-2000", None),
        ("/services/data/v59.0/query?q=SELECT+Id+FROM+CaseComment", None),
        ("/services/data/v62.0/queryAll?q=SELECT+Id+FROM+Lead", "query_all"),
        ("/services/data/v62.0/sobjects", "sobjects"),
        ("/services/data/v62.0/sobjects/Contact/describe", "describe"),
        ("/services/data/v62.0/sobjects/Contact/003Ex00000aB1cDIAS", "contact"),
        ("/services/data/v62.0/sobjects/Shop/003Ex00000aB1cDIAS", None),
        ("/services/data", "versions"),
        ("/services/oauth2/userinfo", "userinfo"),
    ],
)
def test_a_recorded_request_is_known(path: str, name: str | None) -> None:
    """By its path in any version, and by the object of its statement."""
    assert known("GET", path) == name


def test_real_recordings_are_of_declared_endpoints(vendor_data: Path) -> None:
    """Most kinds of traffic that others recorded have an endpoint here."""
    found = {known(method, path) for method, path, _ in answers(vendor_data, PLATFORM)}
    assert found >= {"accounts", "cases", "contacts", "opportunities", "users", "sobjects", "recent", "search"}
