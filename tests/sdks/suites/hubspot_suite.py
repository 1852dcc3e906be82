"""hubspot-api-client lists, pages, searches, gets, writes and fails as its documentation says."""

from __future__ import annotations

import json
import os
import urllib.request

import pytest
from hubspot import HubSpot
from hubspot.crm.associations.v4.exceptions import ApiException as AssociationsException
from hubspot.crm.contacts import (
    BatchReadInputSimplePublicObjectId,
    PublicObjectSearchRequest,
    SimplePublicObjectId,
    SimplePublicObjectInput,
    SimplePublicObjectInputForCreate,
)
from hubspot.crm.contacts.exceptions import ApiException, NotFoundException, UnauthorizedException
from hubspot.crm.objects.notes import SimplePublicObjectInputForCreate as Note
from urllib3.util.retry import Retry

pytestmark = pytest.mark.bi_cassette("cassettes")

SANDBOX = os.environ["SANDBOX_URL"]
BASE = f"{SANDBOX}/hubspot"
TOKEN = os.environ["HUBSPOT_ACCESS_TOKEN"]
ROWS = int(os.environ["SANDBOX_ROWS"])


@pytest.fixture
def client():
    return HubSpot(access_token=TOKEN, host=BASE)


def test_authenticates(client):
    """The token is good, and says whose account it opens: a request of the SDK's own kind to any path."""
    answer = HubSpot(access_token=TOKEN, base_url=BASE).api_request({"path": "/account-info/v3/details"})
    assert answer.json()["portalId"] > 0
    assert client.crm.owners.owners_api.get_page(limit=1).results[0].type == "PERSON"


def test_pages_to_the_end(client):
    """Small pages, each with the cursor of the next, until none is named."""
    sizes, ids, after = [], set(), None
    while not sizes or after:
        page = client.crm.contacts.basic_api.get_page(limit=3, after=after)
        sizes.append(len(page.results))
        ids |= {contact.id for contact in page.results}
        after = page.paging.next.after if page.paging else None
    assert sizes == [3, 3, ROWS - 6]
    assert len(ids) == ROWS


def test_reads_all(client):
    """The SDK's own loop over all pages, for each type of object."""
    for kind in (client.crm.contacts, client.crm.companies, client.crm.deals, client.crm.tickets):
        assert len({row.id for row in kind.get_all()}) == ROWS
    assert len({row.id for row in client.crm.objects.tasks.basic_api.get_page(limit=100).results}) == ROWS


def test_chooses_properties(client):
    """Values are texts or null, under the names that were asked for; the usual ones come anyway."""
    contact = client.crm.contacts.basic_api.get_page(limit=1, properties=["jobtitle", "nothing"]).results[0]
    assert set(contact.properties) == {"createdate", "hs_object_id", "jobtitle", "lastmodifieddate"}
    assert contact.properties["hs_object_id"] == contact.id


def test_gets_by_id(client):
    """An object of a list can be asked for alone, with what it is associated with."""
    deal = client.crm.deals.basic_api.get_page(limit=1).results[0]
    found = client.crm.deals.basic_api.get_by_id(deal.id, associations=["contacts"])
    assert found.id == deal.id
    contact = client.crm.contacts.basic_api.get_by_id(found.associations["contacts"].results[0].id)
    linked = client.crm.associations.v4.basic_api.get_page("deals", deal.id, "contacts", limit=500)
    assert contact.id in {str(each.to_object_id) for each in linked.results}


def test_searches(client):
    """Search is a POST: groups of filters, an order, a total, and a cursor that counts results."""
    email = client.crm.contacts.basic_api.get_page(limit=1).results[0].properties["email"]
    groups = [{"filters": [{"propertyName": "email", "operator": "EQ", "value": email}]}]
    found = client.crm.contacts.search_api.do_search(PublicObjectSearchRequest(filter_groups=groups))
    assert [contact.properties["email"] for contact in found.results] == [email]
    request = PublicObjectSearchRequest(limit=3, sorts=["-createdate"], after="3")
    later = client.crm.contacts.search_api.do_search(request)
    assert (later.total, len(later.results), later.paging.next.after) == (ROWS, 3, "6")


def test_reads_a_batch(client):
    """Objects that are there come, with the ids of the others in the errors of a 207."""
    known = client.crm.contacts.basic_api.get_page(limit=2).results
    ids = [SimplePublicObjectId(each) for each in (known[0].id, known[1].id, "1")]
    asked = BatchReadInputSimplePublicObjectId(inputs=ids, properties=["email"], properties_with_history=[])
    found = client.crm.contacts.batch_api.read(asked)
    assert {contact.id for contact in found.results} == {contact.id for contact in known}
    assert found.num_errors == 1
    assert found.errors[0].context == {"ids": ["1"]}


def test_knows_its_schema(client):
    """Properties and pipelines describe what the objects hold."""
    names = {each.name for each in client.crm.properties.core_api.get_all("contacts").results}
    assert "email" in names
    pipeline = client.crm.pipelines.pipelines_api.get_all("deals").results[0]
    deal = client.crm.deals.basic_api.get_page(limit=1).results[0]
    assert deal.properties["pipeline"] == pipeline.id
    assert deal.properties["dealstage"] in {stage.id for stage in pipeline.stages}


def test_writes_are_read_again(client):
    """A contact is created, changed, noted on, archived, and gone."""
    api = client.crm.contacts.basic_api
    values = {"email": "ines.moreau@paper-mill.example", "firstname": "Ines"}
    made = api.create(SimplePublicObjectInputForCreate(properties=values, associations=[]))
    changed = api.update(made.id, SimplePublicObjectInput(properties={"lastname": "Moreau"}))
    assert api.get_by_id(made.id).properties["lastname"] == changed.properties["lastname"] != values["firstname"]
    to = {"to": {"id": made.id}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 202}]}
    note = Note(properties={"hs_timestamp": "2026-03-02T10:00:00Z", "hs_note_body": "Met."}, associations=[to])
    noted = client.crm.objects.notes.basic_api.create(note)
    linked = client.crm.associations.v4.basic_api.get_page("notes", noted.id, "contacts")
    assert [str(each.to_object_id) for each in linked.results] == [made.id]
    client.crm.objects.notes.basic_api.archive(noted.id)
    api.archive(made.id)
    with pytest.raises(NotFoundException):
        api.get_by_id(made.id)


def test_meets_a_wrong_value(client):
    """A malformed e-mail address is HTTP 400, and the body says which property is meant."""
    wrong = SimplePublicObjectInputForCreate(properties={"email": "nobody"}, associations=[])
    with pytest.raises(ApiException) as raised:
        client.crm.contacts.basic_api.create(wrong)
    assert raised.value.status == 400
    assert json.loads(raised.value.body)["errors"][0]["code"] == "INVALID_EMAIL"


def test_meets_a_refused_token():
    """A wrong token is HTTP 401, UnauthorizedException."""
    with pytest.raises(UnauthorizedException) as raised:
        HubSpot(access_token="wrong", host=BASE).crm.contacts.basic_api.get_page()
    assert json.loads(raised.value.body)["category"] == "INVALID_AUTHENTICATION"


def test_meets_what_is_not_there(client):
    """An unknown id is HTTP 404, NotFoundException; an unknown type of object is HTTP 400."""
    with pytest.raises(NotFoundException) as raised:
        client.crm.contacts.basic_api.get_by_id("1")
    body = json.loads(raised.value.body)
    assert body["category"] == "OBJECT_NOT_FOUND"
    assert body["correlationId"] == _headers(raised.value)["x-hubspot-correlation-id"]
    with pytest.raises(AssociationsException) as raised:
        client.crm.associations.v4.basic_api.get_page("planets", "1", "contacts")
    assert raised.value.status == 400


def test_meets_a_rate_limit(client):
    """A rate limit is HTTP 429, an ApiException that names the policy."""
    _fault("rate-limit")
    with pytest.raises(ApiException) as raised:
        client.crm.contacts.basic_api.get_page()
    assert raised.value.status == 429
    assert json.loads(raised.value.body)["policyName"] == "TEN_SECONDLY_ROLLING"
    assert _headers(raised.value)["x-hubspot-ratelimit-remaining"] == "0"


def test_comes_back_after_a_rate_limit():
    """The retry that the SDK is given waits and succeeds; HubSpot does not say how long, so it is told."""
    client = HubSpot(access_token=TOKEN, host=BASE, retry=Retry(total=3, backoff_factor=0.5, status_forcelist=(429,)))
    _fault("rate-limit")
    assert client.crm.contacts.basic_api.get_page(limit=1).results


def _headers(raised):
    """Pairs while it is recorded, a mapping otherwise."""
    return {name.lower(): value for name, value in dict(raised.headers).items()}


def _fault(words):
    fault = {"fault": words, "platform": "hubspot", "times": 1}
    json_body = {"Content-Type": "application/json"}
    admin = urllib.request.Request(f"{SANDBOX}/_sandbox/faults", json.dumps(fault).encode(), json_body)
    with urllib.request.urlopen(admin, timeout=5) as answer:
        assert answer.status == 200
