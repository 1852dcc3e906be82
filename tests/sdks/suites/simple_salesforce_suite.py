"""simple-salesforce lists, pages, gets, writes and fails as its documentation says.

It speaks https to a host and knows no path before `/services`, so a session of `requests` carries its calls to the
sandbox, as a company's gateway would.
"""

from __future__ import annotations

import json
import os
import urllib.request
from urllib.parse import urlsplit

import pytest
import requests
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceRefusedRequest,
    SalesforceResourceNotFound,
)
from urllib3.util.retry import Retry

pytestmark = pytest.mark.bi_cassette("cassettes")

SANDBOX = os.environ["SANDBOX_URL"]
BASE = f"{SANDBOX}/salesforce"
TOKEN = os.environ["SALESFORCE_ACCESS_TOKEN"]
ROWS = int(os.environ["SANDBOX_ROWS"])
SMALL = {"Sforce-Query-Options": "batchSize=3"}
FIELDS = "Id, Name, Email, AccountId"


class ToSandbox(HTTPAdapter):
    """Sends what is meant for an org to the sandbox."""

    def send(self, request, *arguments, **options):
        asked = urlsplit(request.url)
        below = f"{asked.path}?{asked.query}" if asked.query else asked.path
        there = BASE if asked.hostname.endswith("salesforce.com") else SANDBOX
        request.url = there + below
        return super().send(request, *arguments, **options)


def session(retries=0):
    made = requests.Session()
    made.mount("https://", ToSandbox(max_retries=retries))
    return made


def client(token=TOKEN, retries=0):
    return Salesforce(
        instance_url="https://example.my.salesforce.com", session_id=token, version="60.0", session=session(retries)
    )


def logged_in(secret=TOKEN):
    return Salesforce(
        consumer_key="an-app", consumer_secret=secret, domain="example.my", version="60.0", session=session()
    )


def fault(text, endpoint="*"):
    asked = {"fault": text, "platform": "salesforce", "endpoint": endpoint, "times": 1}
    json_body = {"Content-Type": "application/json"}
    admin = urllib.request.Request(f"{SANDBOX}/_sandbox/faults", json.dumps(asked).encode(), json_body)
    with urllib.request.urlopen(admin, timeout=5) as answer:
        assert answer.status == 200


@pytest.fixture
def sf():
    return client()


def test_authenticates(sf):
    """The session's owner is a user of the org, and the call is counted."""
    me = sf.oauth2("userinfo")
    assert sf.User.get(me["user_id"])["Email"] == me["email"]
    assert sf.api_usage["api-usage"].total == 15000
    assert sf.api_usage["api-usage"].used > 0


def test_logs_in_with_client_credentials():
    """The client credentials flow gives a session that works."""
    assert logged_in().limits()["DailyApiRequests"]["Max"] == 15000


def test_meets_a_refused_login():
    """A wrong secret is SalesforceAuthenticationFailed with the code of OAuth."""
    with pytest.raises(SalesforceAuthenticationFailed) as raised:
        logged_in(secret="wrong")
    assert raised.value.code == "invalid_client"


def test_lists_to_the_end(sf):
    """The SDK's iterator follows `nextRecordsUrl`."""
    contacts = list(sf.query_all_iter(f"SELECT {FIELDS} FROM Contact", headers=SMALL))
    assert len({contact["Id"] for contact in contacts}) == ROWS


def test_lists_page_by_page(sf):
    """Small pages: every row once; the last page says that it is."""
    page = sf.query(f"SELECT {FIELDS} FROM Contact", headers=SMALL)
    sizes = [len(page["records"])]
    while not page["done"]:
        page = sf.query_more(page["nextRecordsUrl"], identifier_is_url=True)
        sizes.append(len(page["records"]))
    assert sizes == [3, 3, ROWS - 6]
    assert page["totalSize"] == ROWS


def test_gets_by_id(sf):
    """A record of a query can be asked for alone, by 18 characters and by 15."""
    row = sf.query("SELECT Id, Name FROM Account LIMIT 1")["records"][0]
    assert sf.Account.get(row["Id"])["Name"] == row["Name"]
    assert sf.Account.get(row["Id"][:15])["Id"] == row["Id"]


def test_follows_relationships(sf):
    """A parent's field, the children of a record, and a semi-join tell of the same customer."""
    contact = sf.query("SELECT Id, Account.Id, Account.Name FROM Contact WHERE AccountId != null LIMIT 1")["records"][0]
    query = f"SELECT Name, (SELECT Id FROM Contacts) FROM Account WHERE Id = '{contact['Account']['Id']}'"
    account = sf.query(query)["records"][0]
    assert account["Name"] == contact["Account"]["Name"]
    assert contact["Id"] in [child["Id"] for child in account["Contacts"]["records"]]
    joined = sf.query(
        f"SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE Id = '{contact['Id']}')"
    )
    assert [row["Id"] for row in joined["records"]] == [contact["Account"]["Id"]]


def test_counts_and_sums(sf):
    """Groups add up to the whole."""
    groups = sf.query("SELECT StageName, COUNT(Id) n FROM Opportunity GROUP BY StageName")["records"]
    assert sum(group["n"] for group in groups) == sf.query("SELECT COUNT() FROM Opportunity")["totalSize"] == ROWS


def test_describes_what_it_lists(sf):
    """The fields of `describe` are those of a record."""
    described = [field["name"] for field in sf.Lead.describe()["fields"]]
    row = sf.query("SELECT Id FROM Lead LIMIT 1")["records"][0]
    assert set(described) == set(sf.Lead.get(row["Id"])) - {"attributes"}
    assert "Lead" in [sobject["name"] for sobject in sf.describe()["sobjects"]]


def test_writes_are_read_again(sf):
    """A task is created, changed and deleted; afterwards it is gone, and only `queryAll` finds it."""
    made = sf.Task.create({"Subject": "Send the figures", "Priority": "High"})
    assert (made["success"], made["errors"]) == (True, [])
    assert sf.Task.update(made["id"], {"Status": "Completed"}) == 204
    found = sf.query(f"SELECT Priority, IsClosed FROM Task WHERE Id = '{made['id']}'")["records"][0]
    assert (found["Priority"], found["IsClosed"]) == ("High", True)
    assert sf.Task.delete(made["id"]) == 204
    with pytest.raises(SalesforceResourceNotFound) as raised:
        sf.Task.get(made["id"])
    assert raised.value.content[0]["errorCode"] == "ENTITY_IS_DELETED"
    gone = sf.query(f"SELECT Id, IsDeleted FROM Task WHERE Id = '{made['id']}'", include_deleted=True)["records"]
    assert [row["IsDeleted"] for row in gone] == [True]


def test_searches(sf):
    """A search in words finds contacts, and nothing where no contact has the word."""
    ids = {row["Id"] for row in sf.query("SELECT Id FROM Contact")["records"]}
    found = sf.search("FIND {example} IN EMAIL FIELDS RETURNING Contact(Id, Title)")["searchRecords"]
    assert {row["Id"] for row in found} == ids
    assert sf.search("FIND {nobody} RETURNING Contact")["searchRecords"] == []


@pytest.mark.parametrize(
    ("call", "error", "code"),
    [
        (lambda: client("00D000000000000!nobody").limits(), SalesforceExpiredSession, "INVALID_SESSION_ID"),
        (lambda: client().Account.get("001000000000000AAA"), SalesforceResourceNotFound, "NOT_FOUND"),
        (lambda: client().query("SELECT Id FRM Account"), SalesforceMalformedRequest, "MALFORMED_QUERY"),
        (lambda: client().query("SELECT Shoesize FROM Contact"), SalesforceMalformedRequest, "INVALID_FIELD"),
        (lambda: client().query("SELECT Id FROM Shoe"), SalesforceMalformedRequest, "INVALID_TYPE"),
        (lambda: client().Contact.create({}), SalesforceMalformedRequest, "REQUIRED_FIELD_MISSING"),
    ],
    ids=["401", "404", "syntax", "field", "type", "required"],
)
def test_meets_errors(call, error, code):
    """Each status has an exception of its own, with the platform's array of errors."""
    with pytest.raises(error) as raised:
        call()
    assert raised.value.content[0]["errorCode"] == code


def test_meets_a_rate_limit():
    """The day's quota is HTTP 403; the SDK does not try again."""
    with pytest.raises(SalesforceRefusedRequest) as raised:
        client().query("SELECT Id FROM Account", headers={"x-bi-fault": "rate-limit"})
    assert raised.value.content[0]["errorCode"] == "REQUEST_LIMIT_EXCEEDED"


def test_comes_back_when_the_server_is_too_busy():
    """With a retry in its session the SDK waits as long as it was told to, and succeeds."""
    fault("status=503; retry-after=1", endpoint="limits")
    assert client(retries=Retry(total=2, status_forcelist=[503])).limits()["DailyApiRequests"]


def test_logs_in_again_when_the_session_expires():
    """A session that was logged into is renewed after 401, by the SDK itself."""
    sf = logged_in()
    fault("status=401", endpoint="limits")
    assert sf.limits()["DailyApiRequests"]
