"""The sandbox as Salesforce: statements, records, writes and refusals, as its own documentation says."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bi_contracts.client import Client
from bi_contracts.errors import PaginationLoop, RateLimited
from bi_contracts.platforms.salesforce import PLATFORM
from bi_contracts.queries import matches
from bi_contracts.queries.soql import parse, predicate
from bi_contracts.sandbox.evolution import Evolution
from bi_contracts.sandbox.keys import salesforce_id

from .api import Api

ROWS = 24
DATA = "/services/data/v60.0"
OBJECTS = ("Account", "Case", "Contact", "Lead", "Opportunity", "Task", "User")


class Org(Api):
    """Asked in statements."""

    def __init__(self, rows: int = ROWS) -> None:
        super().__init__(PLATFORM, rows, 1_790_000_000.0)

    def get(self, path: str, **params: str) -> Any:
        answer = self.http.get(f"{DATA}{path}", params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def query(self, statement: str, **headers: str) -> Any:
        answer = self.http.get(f"{DATA}/query", params={"q": statement}, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def rows(self, statement: str) -> list[Any]:
        return list(self.query(statement)["records"])

    def first(self, sobject: str) -> str:
        return str(self.rows(f"SELECT Id FROM {sobject} LIMIT 1")[0]["Id"])

    def refused(self, statement: str) -> tuple[int, str, str]:
        answer = self.http.get(f"{DATA}/query", params={"q": statement})
        return answer.status_code, answer.json()[0]["errorCode"], answer.json()[0]["message"]


@pytest.fixture(scope="module")
def org() -> Org:
    """For tests that only read."""
    return Org()


@pytest.fixture
def fresh() -> Org:
    """For tests that write."""
    return Org()


def error(answer: httpx.Response) -> tuple[int, str]:
    """Status and code; the body is an array with one error in it."""
    [found] = answer.json()
    assert found["message"]
    return answer.status_code, found["errorCode"]


# Statements


def test_a_parents_fields_are_nested(org: Org) -> None:
    """A dotted field stands in an object with attributes of its own."""
    [row] = org.rows("SELECT Name, Account.Name, Account.Owner.Name FROM Contact LIMIT 1")
    assert list(row) == ["attributes", "Name", "Account"]
    account = row["Account"]
    assert account["attributes"]["type"] == "Account"
    assert account["Owner"]["attributes"]["type"] == "User"
    assert org.get(account["attributes"]["url"].removeprefix(DATA))["Name"] == account["Name"]


def test_children_are_those_that_name_the_parent(org: Org) -> None:
    """A sub-query gives for each account the contacts whose AccountId it is, and null where there are none."""
    contacts = Counter(row["AccountId"] for row in org.rows("SELECT AccountId FROM Contact"))
    accounts = org.rows("SELECT Id, (SELECT Id FROM Contacts) FROM Account")
    assert {row["Id"]: row["Contacts"] and row["Contacts"]["totalSize"] for row in accounts} == {
        row["Id"]: contacts.get(row["Id"]) for row in accounts
    }
    assert None in [row["Contacts"] for row in accounts]


def test_a_sub_query_has_clauses_of_its_own(org: Org) -> None:
    """Conditions, order and limit hold for each parent's children by themselves."""
    inner = "(SELECT Email FROM Contacts WHERE Email LIKE '%a%' ORDER BY Email DESC LIMIT 2)"
    rows = org.rows(f"SELECT {inner} FROM Account")
    pages = [row["Contacts"] for row in rows if row["Contacts"]]
    assert pages
    for page in pages:
        emails = [child["Email"] for child in page["records"]]
        assert page["done"] is True
        assert emails == sorted(emails, reverse=True)
        assert len(emails) == page["totalSize"] <= 2


def test_groups_add_up(org: Org) -> None:
    """What is counted and summed by group is what the rows say."""
    rows = org.rows("SELECT StageName, Amount FROM Opportunity")
    groups = org.rows("SELECT StageName, COUNT(Id) n, SUM(Amount), MAX(Amount) FROM Opportunity GROUP BY StageName")
    assert {(row["StageName"], row["n"], row["expr0"]) for row in groups} == {
        (
            stage,
            sum(row["StageName"] == stage for row in rows),
            sum(row["Amount"] or 0 for row in rows if row["StageName"] == stage) or None,
        )
        for stage in {row["StageName"] for row in rows}
    }
    assert {row["attributes"]["type"] for row in groups} == {"AggregateResult"}
    assert org.query("SELECT COUNT() FROM Opportunity") == {"totalSize": ROWS, "done": True, "records": []}


def test_having_and_order_of_groups(org: Org) -> None:
    """HAVING leaves groups out, ORDER BY takes an aggregate or its alias."""
    statement = "SELECT StageName s, COUNT(Id) n FROM Opportunity GROUP BY StageName HAVING COUNT(Id) > 1 ORDER BY"
    by_alias = org.rows(f"{statement} n DESC, StageName")
    assert by_alias == org.rows(f"{statement} COUNT(Id) DESC, StageName")
    assert all(row["n"] > 1 for row in by_alias)
    assert [row["n"] for row in by_alias] == sorted((row["n"] for row in by_alias), reverse=True)


def test_groups_by_month(org: Org) -> None:
    """Functions of dates group, in the calendar of UTC."""
    months = Counter(int(row["CloseDate"][5:7]) for row in org.rows("SELECT CloseDate FROM Opportunity"))
    statement = "SELECT CALENDAR_MONTH(CloseDate) m, COUNT(Id) n FROM Opportunity GROUP BY CALENDAR_MONTH(CloseDate)"
    assert {row["m"]: row["n"] for row in org.rows(statement)} == months
    assert org.rows("SELECT Id FROM Opportunity WHERE CALENDAR_YEAR(CloseDate) = 2001") == []


def test_averages_and_distinct_values(org: Org) -> None:
    """AVG, MIN and COUNT_DISTINCT over all rows are one row."""
    amounts = [row["Amount"] for row in org.rows("SELECT Amount FROM Opportunity WHERE Amount != null")]
    [row] = org.rows("SELECT AVG(Amount) mean, MIN(Amount) least, COUNT_DISTINCT(StageName) stages FROM Opportunity")
    assert row["mean"] == pytest.approx(sum(amounts) / len(amounts))
    assert row["least"] == min(amounts)
    assert row["stages"] == len({each["StageName"] for each in org.rows("SELECT StageName FROM Opportunity")})
    assert org.rows("SELECT SUM(Amount) FROM Opportunity WHERE Name = 'nothing'")[0]["expr0"] is None


def test_semi_joins(org: Org) -> None:
    """IN and NOT IN a statement divide the rows."""
    inner = "(SELECT AccountId FROM Opportunity WHERE IsWon = true)"
    inside = {row["Id"] for row in org.rows(f"SELECT Id FROM Account WHERE Id IN {inner}")}
    outside = {row["Id"] for row in org.rows(f"SELECT Id FROM Account WHERE Id NOT IN {inner}")}
    won = {row["AccountId"] for row in org.rows("SELECT AccountId FROM Opportunity WHERE IsWon = true")}
    assert inside == won
    assert len(inside | outside) == len(inside) + len(outside) == ROWS


@pytest.mark.parametrize("sobject", OBJECTS)
def test_fields_all_are_those_of_describe(org: Org, sobject: str) -> None:
    """Describe, FIELDS(ALL) and the whole record name the same fields."""
    described = [field["name"] for field in org.get(f"/sobjects/{sobject}/describe")["fields"]]
    [row] = org.rows(f"SELECT FIELDS(ALL) FROM {sobject} LIMIT 1")
    whole = org.get(f"/sobjects/{sobject}/{row['Id']}")
    assert list(row) == ["attributes", *described]
    assert row == whole


@pytest.mark.parametrize("sobject", OBJECTS)
def test_describe_tells_types_that_the_values_have(org: Org, sobject: str) -> None:
    """A value is of the JSON type that its field's type has; a reference leads to objects that are described."""
    kinds: dict[str, type | tuple[type, ...]] = {"boolean": bool, "int": int, "double": float, "currency": float}
    fields = {field["name"]: field for field in org.get(f"/sobjects/{sobject}/describe")["fields"]}
    for row in org.rows(f"SELECT FIELDS(ALL) FROM {sobject} LIMIT 8"):
        for name, value in row.items():
            if name == "attributes" or value is None:
                continue
            kind = fields[name]["type"]
            wanted = kinds.get(kind, (int, float) if kind == "percent" else dict if kind == "address" else str)
            assert isinstance(value, wanted), (name, value)
    assert all(field["referenceTo"] for field in fields.values() if field["type"] == "reference")


SAID = (
    "type",
    "soapType",
    "length",
    "scale",
    "nameField",
    "filterable",
    "sortable",
    "groupable",
    "createable",
    "idLookup",
)
OTHERWISE = {
    # Older, newer or differently set up orgs than the one described here.
    *(("Account", name, "length") for name in ("Industry", "Type", "Ownership", "Rating", "AccountSource")),
    *(("Lead", name, "createable") for name in ("IsConverted", "EmailBouncedReason", "EmailBouncedDate")),
    *(
        ("Opportunity", name, say)
        for name in ("HasOpenActivity", "HasOverdueTask")
        for say in ("filterable", "sortable")
    ),
}


@pytest.mark.parametrize("sobject", ["Account", "Contact", "Lead", "Opportunity"])
def test_describe_says_what_a_real_org_says(org: Org, sobject: str, vendor_data: Path) -> None:
    """Every property of an object and of a field is one that the vendor has, and the fields' properties are its."""
    [path] = (vendor_data / "specs" / "salesforce").glob(f"{sobject}-*.json")
    real = json.loads(path.read_text(encoding="utf-8"))
    ours = org.get(f"/sobjects/{sobject}/describe")
    newer = {"sobjectDescribeOption", "associateParentEntity", "associateEntityType"}
    assert set(real) <= set(ours) <= set(real) | newer
    theirs = {field["name"]: field for field in real["fields"]}
    assert len(set(theirs) & {field["name"] for field in ours["fields"]}) > 35
    different = {
        (sobject, field["name"], say)
        for field in ours["fields"]
        for say in SAID
        if field["name"] in theirs and field[say] != theirs[field["name"]][say]
    }
    assert different <= OTHERWISE
    assert all(set(field) == set(theirs["Id"]) for field in ours["fields"])


ORDERED = ["Name", "Amount", "CloseDate", "CreatedDate", "StageName"]
CONDITIONS = [
    "Amount > 50000",
    "Amount <= 100000",
    "StageName = 'Proposal'",
    "StageName IN ('Closed Won', 'Closed Lost')",
    "StageName NOT IN ('Proposal')",
    "Name LIKE '%a%'",
    "IsWon = true",
    "IsClosed = false",
    "CloseDate > 2026-04-01",
    "CreatedDate <= 2026-01-05T10:00:00Z",
    "LeadSource = null",
    "Type != null",
]
tests = st.recursive(
    st.sampled_from(CONDITIONS),
    lambda inner: (
        st.tuples(inner, st.sampled_from([" AND ", " OR "]), inner).map(lambda found: f"({''.join(found)})")
        | inner.map(lambda one: f"NOT {one}")
    ),
    max_leaves=5,
)


@given(condition=tests, order=st.sampled_from(ORDERED), descending=st.booleans(), limit=st.integers(0, 30))
@settings(max_examples=60)
def test_a_statement_is_a_filter_and_a_sort(org: Org, condition: str, order: str, descending: bool, limit: int) -> None:
    """What a statement gives is what Python would: filter, sort stably, cut."""
    columns = "Id, Name, Amount, CloseDate, CreatedDate, StageName, LeadSource, Type, IsWon, IsClosed"
    every = org.rows(f"SELECT {columns} FROM Opportunity")
    select = parse(f"SELECT Id FROM Opportunity WHERE {condition}")
    assert select.where is not None
    wanted = [row for row in every if matches(predicate(select.where, 0.0), row)]
    here, absent = ([row for row in wanted if (row[order] is None) is gone] for gone in (False, True))
    texts = order in ("Name", "StageName")
    here.sort(key=lambda row: row[order].casefold() if texts else row[order], reverse=descending)
    direction = "DESC" if descending else "ASC"
    found = org.query(f"SELECT {columns} FROM Opportunity WHERE {condition} ORDER BY {order} {direction} LIMIT {limit}")
    assert found["records"] == [*absent, *here][:limit]
    assert found["totalSize"] == len(found["records"])


def test_nulls_come_first_unless_it_is_said(org: Org) -> None:
    """ORDER BY puts rows without a value first; NULLS LAST puts them last."""
    first = [row["LeadSource"] for row in org.rows("SELECT LeadSource FROM Opportunity ORDER BY LeadSource")]
    last = [row["LeadSource"] for row in org.rows("SELECT LeadSource FROM Opportunity ORDER BY LeadSource NULLS LAST")]
    gone = first.count(None)
    assert 0 < gone < ROWS
    assert first[:gone] == last[-gone:] == [None] * gone
    assert first[gone:] == last[:-gone]


def test_names_are_read_in_any_case(org: Org) -> None:
    """Objects and fields are answered as they are spelled."""
    [row] = org.rows("select id, ACCOUNT.name, c.email from CONTACT c limit 1")
    assert set(row) == {"attributes", "Id", "Account", "Email"}
    assert row["attributes"]["type"] == "Contact"


def test_a_polymorphic_reference_leads_to_what_it_names(org: Org) -> None:
    """Who and What show the type of the record they lead to."""
    [row] = org.rows("SELECT Who.Name, Who.Type, What.Name FROM Task WHERE WhoId != null LIMIT 1")
    assert row["Who"]["Type"] == row["Who"]["attributes"]["type"] == "Contact"
    assert row["What"]["Name"]


@pytest.mark.parametrize(
    ("statement", "same"),
    [
        ("SELECT Id FROM Account USING SCOPE everything", "SELECT Id FROM Account"),
        ("SELECT Account.Id FROM Account WITH SECURITY_ENFORCED", "SELECT Id FROM Account"),
        ("SELECT a.Id FROM Account AS a FOR VIEW", "SELECT Id FROM Account"),
        ("SELECT FIELDS(CUSTOM) FROM Account LIMIT 24", "SELECT Id FROM Account"),
        ("SELECT Id FROM Account ALL ROWS", "SELECT Id FROM Account"),
        ("SELECT Id FROM Lead WHERE DAY_ONLY(CreatedDate) = 2026-01-05", "SELECT Id FROM Lead"),
        ("SELECT Id FROM Lead WHERE CreatedDate < TODAY OR CreatedDate IN (TODAY)", "SELECT Id FROM Lead"),
        ("SELECT Id FROM User WHERE Profile.Name LIKE '%'", "SELECT Id FROM User WHERE Profile.Name != null"),
        ("SELECT Id FROM Task WHERE Who.Type = 'Contact'", "SELECT Id FROM Task WHERE WhoId != null"),
    ],
)
def test_two_ways_to_ask_the_same(org: Org, statement: str, same: str) -> None:
    """What changes nothing in the sandbox changes nothing, and aliases stand for what they name."""
    assert org.rows(statement) == org.rows(same)


def test_having_compares_what_is_selected_or_not(org: Org) -> None:
    """HAVING may use an aggregate that no column shows, joined by AND, OR and NOT."""
    base = "SELECT StageName FROM Opportunity GROUP BY StageName"
    every = org.rows(base)
    some = org.rows(f"{base} HAVING MAX(Amount) > 100000 AND (COUNT(Id) > 1 OR NOT StageName = 'Proposal')")
    assert 0 < len(some) < len(every)
    assert all(row in every for row in some)


def test_old_queries_are_forgotten(fresh: Org) -> None:
    """The sandbox keeps as many queries as are likely to be paged; an older one's locator is no longer known."""
    link = next(pages(fresh, "SELECT Id FROM Contact", 5))["nextRecordsUrl"]
    for number in range(300):
        fresh.query(f"SELECT Id FROM Contact LIMIT {number}")
    assert error(fresh.http.get(link)) == (400, "INVALID_QUERY_LOCATOR")


def test_an_id_of_fifteen_characters_is_enough(org: Org) -> None:
    """In conditions and in paths; the answer has all eighteen."""
    key = org.first("Account")
    assert salesforce_id(key[:15]) == key
    assert org.rows(f"SELECT Id FROM Account WHERE Id = '{key[:15]}'")[0]["Id"] == key
    assert org.get(f"/sobjects/Account/{key[:15]}")["Id"] == key


REFUSED = [
    ("", "MALFORMED_QUERY"),
    ("SELECT Id FRM Account", "MALFORMED_QUERY"),
    ("SELECT Shoesize FROM Contact", "INVALID_FIELD"),
    ("SELECT Account.Shoesize FROM Contact", "INVALID_FIELD"),
    ("SELECT Shop.Name FROM Contact", "INVALID_FIELD"),
    ("SELECT Id FROM Contact WHERE Shoesize = 1", "INVALID_FIELD"),
    ("SELECT Id FROM Contact ORDER BY Shoesize", "INVALID_FIELD"),
    ("SELECT Id FROM Shop", "INVALID_TYPE"),
    ("SELECT Id, (SELECT Id FROM Shops) FROM Account", "INVALID_TYPE"),
    ("SELECT Id FROM Account WHERE Name = 5", "INVALID_FIELD"),
    ("SELECT Id FROM Opportunity WHERE Amount = '5'", "INVALID_FIELD"),
    ("SELECT Id FROM Opportunity WHERE CloseDate = 2026-01-05T08:00:00Z", "INVALID_FIELD"),
    ("SELECT Id FROM Opportunity WHERE CreatedDate = 2026-01-05", "INVALID_FIELD"),
    ("SELECT Id FROM Opportunity WHERE IsWon = 'true'", "INVALID_FIELD"),
    ("SELECT Id FROM Opportunity WHERE Amount LIKE 'x'", "INVALID_QUERY_FILTER_OPERATOR"),
    ("SELECT Id FROM Account WHERE Id = 'x'", "INVALID_QUERY_FILTER_OPERATOR"),
    ("SELECT Id FROM Account WHERE BillingAddress = 'x'", "INVALID_FIELD"),
    ("SELECT Id FROM Account WHERE COUNT(Id) > 1", "MALFORMED_QUERY"),
    ("SELECT Name, COUNT(Id) FROM Account", "MALFORMED_QUERY"),
    ("SELECT COUNT(), Id FROM Account", "MALFORMED_QUERY"),
    ("SELECT SUM(Name) FROM Account", "MALFORMED_QUERY"),
    ("SELECT Id FROM Account HAVING COUNT(Id) > 1", "MALFORMED_QUERY"),
    ("SELECT CALENDAR_YEAR(Name) FROM Account GROUP BY CALENDAR_YEAR(Name)", "MALFORMED_QUERY"),
    ("SELECT FIELDS(ALL) FROM Account", "MALFORMED_QUERY"),
    ("SELECT FIELDS(ALL) FROM Account LIMIT 201", "MALFORMED_QUERY"),
    ("SELECT Id FROM Account OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE"),
    ("SELECT Id FROM Account WHERE Id IN (SELECT Id, AccountId FROM Contact)", "MALFORMED_QUERY"),
    ("SELECT Id FROM Account WHERE CreatedDate > 2026-13-45T00:00:00Z", "MALFORMED_QUERY"),
    ("SELECT A.B.C.D.E.F.G.H FROM Contact", "MALFORMED_QUERY"),
    ("SELECT Id, (SELECT Id, (SELECT Id FROM Tasks) FROM Contacts) FROM Account", "MALFORMED_QUERY"),
    ("SELECT (SELECT Id FROM Contacts), COUNT(Id) FROM Account GROUP BY Name", "MALFORMED_QUERY"),
    ("SELECT Id FROM Account WHERE FIELDS(ALL) = 'x'", "MALFORMED_QUERY"),
    ("SELECT Id FROM Account ORDER BY COUNT(Id)", "MALFORMED_QUERY"),
    ("SELECT Id FROM Account WHERE CreatedDate = LAST_N_YEARS:999999", "MALFORMED_QUERY"),
    ("SELECT Profile.Shoesize FROM User", "INVALID_FIELD"),
    ("SELECT Id FROM Account WHERE Description LIKE '%x%'", "INVALID_FIELD"),
    ("SELECT Id FROM Account ORDER BY Description", "INVALID_FIELD"),
    ("SELECT Who.Shoesize FROM Task", "INVALID_FIELD"),
]


@pytest.mark.parametrize(("statement", "code"), REFUSED)
def test_a_statement_is_refused(org: Org, statement: str, code: str) -> None:
    """400 with the platform's code."""
    assert org.refused(statement)[:2] == (400, code)


# Pages


def pages(org: Org, statement: str, size: int, path: str = "query") -> Iterator[Any]:
    """Every page, following `nextRecordsUrl` as a client does."""
    headers = {"Sforce-Query-Options": f"batchSize={size}"}
    answer = org.http.get(f"{DATA}/{path}", params={"q": statement}, headers=headers).json()
    while True:
        yield answer
        if answer["done"]:
            return
        answer = org.http.get(answer["nextRecordsUrl"]).json()


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT Id FROM Contact",
        "SELECT Id, Account.Name FROM Contact WHERE Email != null ORDER BY Email",
        "SELECT OwnerId, COUNT(Id) FROM Task GROUP BY OwnerId",
        "SELECT Id, (SELECT Id FROM Contacts) FROM Account",
    ],
)
@pytest.mark.parametrize("size", [1, 5, 24])
def test_pages_together_are_the_whole(org: Org, statement: str, size: int) -> None:
    """Whatever the page size, the pages give the rows of one big page; only the last is done."""
    whole = org.query(statement)
    found = list(pages(org, statement, size))
    assert [row for page in found for row in page["records"]] == whole["records"]
    assert {page["totalSize"] for page in found} == {len(whole["records"])}
    assert [page["done"] for page in found] == [False] * (len(found) - 1) + [True]
    assert "nextRecordsUrl" not in found[-1]


def test_a_later_page_is_of_the_query_it_came_from(org: Org) -> None:
    """A locator of `query` is none of `queryAll`; an unknown one is refused; so is one with a wrong number."""
    link = next(pages(org, "SELECT Id FROM Contact", 5))["nextRecordsUrl"]
    for wrong in (link.replace("/query/", "/queryAll/"), link[:-1] + "999", f"{DATA}/query/0r8000000000000000-5"):
        assert error(org.http.get(wrong)) == (400, "INVALID_QUERY_LOCATOR")


@pytest.mark.parametrize("size", ["0", "2001", "x"])
def test_a_page_size_out_of_range_is_refused(org: Org, size: str) -> None:
    """Between 1 and 2000 rows a page."""
    options = {"Sforce-Query-Options": f"batchSize={size}"}
    answer = org.http.get(f"{DATA}/query", params={"q": "SELECT Id FROM Account"}, headers=options)
    assert error(answer)[0] == 400


def test_a_page_has_two_thousand_rows() -> None:
    """Where nobody asks for less."""
    found = Org(rows=2050).query("SELECT Id FROM Lead")
    assert (len(found["records"]), found["totalSize"], found["done"]) == (2000, 2050, False)


# One world


def test_a_contact_is_of_its_company(org: Org) -> None:
    """The address of a contact, the account's website, the deal's name and the case tell of the same customer."""
    for row in org.rows("SELECT Email, Account.Website FROM Contact WHERE Account.Website != null"):
        assert row["Account"]["Website"] == f"https://{row['Email'].partition('@')[2]}"
    for row in org.rows("SELECT Name, Account.Name, Contact.Account.Name FROM Opportunity WHERE ContactId != null"):
        assert row["Name"].startswith(row["Account"]["Name"])
        assert row["Contact"]["Account"]["Name"] == row["Account"]["Name"]
    for row in org.rows("SELECT ContactEmail, Contact.Email, Subject, Account.Name FROM Case"):
        assert row["ContactEmail"] == row["Contact"]["Email"]
        assert row["Subject"].startswith(row["Account"]["Name"])


def test_what_follows_from_a_stage_follows(org: Org) -> None:
    """Won deals are closed and certain, lost ones closed and hopeless."""
    for row in org.rows("SELECT StageName, IsWon, IsClosed, Probability, Amount, ExpectedRevenue FROM Opportunity"):
        assert row["IsWon"] is (row["StageName"] == "Closed Won")
        assert row["IsClosed"] is row["StageName"].startswith("Closed")
        assert not row["IsClosed"] or row["Probability"] == (100.0 if row["IsWon"] else 0.0)
        if row["Amount"] is not None:
            assert row["ExpectedRevenue"] == pytest.approx(row["Amount"] * row["Probability"] / 100, abs=0.01)


def test_ids_have_prefixes_and_check_characters(org: Org) -> None:
    """Three characters tell the object, three check the case of the others."""
    prefixes = {each["name"]: each["keyPrefix"] for each in org.get("/sobjects")["sobjects"]}
    assert sorted(prefixes) == list(OBJECTS)
    for sobject, prefix in prefixes.items():
        for row in org.rows(f"SELECT Id, CreatedDate FROM {sobject}"):
            assert row["Id"].startswith(prefix)
            assert salesforce_id(row["Id"][:15]) == row["Id"]
            assert row["CreatedDate"].endswith(".000+0000")


def test_who_is_logged_in_is_a_user(org: Org) -> None:
    """The identity's user is a record of the org."""
    me = org.http.get("/services/oauth2/userinfo").json()
    assert org.get(f"/sobjects/User/{me['user_id']}")["Email"] == me["email"]


# Other reads


@pytest.mark.parametrize("version", ["50.0", "60.0", "66.0"])
def test_the_version_in_the_path_is_that_of_the_answer(org: Org, version: str) -> None:
    """Addresses in records name the version that was asked for."""
    below = f"/services/data/v{version}"
    answer = org.http.get(f"{below}/query", params={"q": "SELECT Id FROM Account"}).json()
    assert all(row["attributes"]["url"].startswith(f"{below}/sobjects/Account/") for row in answer["records"])
    assert org.http.get(below).json()["query"] == f"{below}/query"
    assert org.http.get(f"{below}/sobjects/Case/describe").json()["urls"]["sobject"] == f"{below}/sobjects/Case"


@pytest.mark.parametrize("version", ["v12.0", "v99.0", "vX", "v60", "latest"])
def test_an_unknown_version_is_not_there(org: Org, version: str) -> None:
    """404 in the platform's array."""
    assert error(org.http.get(f"/services/data/{version}/limits")) == (404, "NOT_FOUND")


def test_versions_are_listed_for_everybody(org: Org) -> None:
    """Without a credential; each has the path of its resources."""
    found = (
        httpx.Client(transport=org.sandbox.transport()).get("https://example.my.salesforce.com/services/data").json()
    )
    assert {"label": "Spring '24", "url": "/services/data/v60.0", "version": "60.0"} in found
    assert [each["url"] for each in found] == [f"/services/data/v{each['version']}" for each in found]


def test_limits_count_down() -> None:
    """Every call takes one from the day's requests, in the header and in the resource."""
    fresh = Org()
    before, after = (fresh.get("/limits")["DailyApiRequests"] for _ in range(2))
    assert (before["Max"], before["Remaining"] - after["Remaining"]) == (15000, 1)
    answer = fresh.http.get(f"{DATA}/limits")
    assert answer.headers["sforce-limit-info"] == "api-usage=3/15000"


def test_fields_of_a_record_can_be_chosen(org: Org) -> None:
    """`fields` narrows a record; a field that is not there is refused."""
    key = org.first("Account")
    assert set(org.get(f"/sobjects/Account/{key}", fields="Name, Industry")) == {"attributes", "Id", "Name", "Industry"}
    answer = org.http.get(f"{DATA}/sobjects/Account/{key}", params={"fields": "Shoesize"})
    assert error(answer) == (400, "INVALID_FIELD")


def test_an_object_in_brief(org: Org) -> None:
    """`/sobjects/Account` is the object and its recent records."""
    found = org.get("/sobjects/Account/")
    assert found["objectDescribe"]["name"] == "Account"
    assert found["objectDescribe"]["urls"]["describe"] == f"{DATA}/sobjects/Account/describe"
    assert len(found["recentItems"]) == 5


def test_children_are_described(org: Org) -> None:
    """What describe calls a child relationship can be queried."""
    found = org.get("/sobjects/Account/describe")["childRelationships"]
    assert {child["relationshipName"] for child in found} >= {"Contacts", "Opportunities", "Cases"}
    for child in found:
        assert org.rows(f"SELECT Id, (SELECT Id FROM {child['relationshipName']}) FROM Account LIMIT 1")


def test_recent_items_can_be_limited(org: Org) -> None:
    """A bare array of records in brief."""
    found = org.get("/recent", limit="4")
    assert [set(row) for row in found] == [{"attributes", "Id", "Name"}] * 4
    for row in found:
        assert org.get(row["attributes"]["url"].removeprefix(DATA))["Name"] == row["Name"]
    assert error(org.http.get(f"{DATA}/recent", params={"limit": "0"}))[0] == 400


# What goes wrong on demand


def test_an_index_lags_behind_writes(fresh: Org) -> None:
    """Queries show the old record for a while; by its id the new one is there at once."""
    late = {"x-bi-fault": "index-lag=60"}
    key = fresh.first("Account")
    fresh.http.patch(f"{DATA}/sobjects/Account/{key}", json={"Name": "Alder Foods"})
    made = fresh.http.post(f"{DATA}/sobjects/Account", json={"Name": "Birch Foods"}).json()["id"]
    statement = "SELECT COUNT() FROM Account WHERE Name IN ('Alder Foods', 'Birch Foods')"
    assert fresh.query(statement, **late)["totalSize"] == 0
    assert fresh.query(statement)["totalSize"] == 2
    answer = fresh.http.get(f"{DATA}/sobjects/Account/{made}", headers=late)
    assert answer.json()["Name"] == "Birch Foods"


def test_a_loop_of_pages_is_found_out(fresh: Org) -> None:
    """A locator that leads to itself raises PaginationLoop."""
    fresh.sandbox.fault("loop", platform="salesforce", endpoint="contacts", times=None)
    with (
        Client(PLATFORM, fresh.sandbox.credentials("salesforce"), transport=fresh.sandbox.transport()) as reader,
        pytest.raises(PaginationLoop),
    ):
        list(reader.records("contacts", page_size=5))


def test_an_api_that_changes_drops_a_field(fresh: Org) -> None:
    """What evolution takes away from a list is missing in its rows."""
    change = {"endpoint": "salesforce/contacts", "change": "remove", "path": "Email"}
    fresh.sandbox.evolve(Evolution.parse([change]))
    [row] = fresh.rows("SELECT Id, Email FROM Contact LIMIT 1")
    assert set(row) == {"attributes", "Id"}


# Searches


def test_a_search_finds_the_beginnings_of_words(org: Org) -> None:
    """Every word must begin one of the record's words."""
    [contact] = org.rows("SELECT Id, FirstName, LastName FROM Contact LIMIT 1")
    words = f"{contact['FirstName']} {contact['LastName'][:3]}"
    found = org.get("/parameterizedSearch", q=words, sobject="Contact", fields="LastName")["searchRecords"]
    assert contact["Id"] in [row["Id"] for row in found]
    assert {frozenset(row) for row in found} == {frozenset({"attributes", "Id", "LastName"})}
    assert org.get("/parameterizedSearch", q="nobodyhasthis")["searchRecords"] == []


def test_sosl_returns_the_objects_that_are_named(org: Org) -> None:
    """FIND in some fields, RETURNING some objects with some fields, a limit for each."""
    statement = "FIND {example} IN EMAIL FIELDS RETURNING Contact(Id, Email LIMIT 3), Lead(Company)"
    found = org.get("/search", q=statement)["searchRecords"]
    kinds = Counter(row["attributes"]["type"] for row in found)
    assert kinds == {"Contact": 3, "Lead": ROWS}
    assert all("example" in row["Email"] for row in found if "Email" in row)


@pytest.mark.parametrize(
    ("path", "params", "code"),
    [
        ("/search", {"q": "LOOK FOR x"}, "MALFORMED_SEARCH"),
        ("/search", {"q": ""}, "MALFORMED_SEARCH"),
        ("/search", {"q": "FIND {a}"}, "MALFORMED_SEARCH"),
        ("/search", {"q": "FIND {ab} RETURNING Contact(Id,)"}, "MALFORMED_SEARCH"),
        ("/search", {"q": "FIND {ab} RETURNING Shop"}, "INVALID_TYPE"),
        ("/search", {"q": "FIND {ab} RETURNING Contact(Shoesize)"}, "INVALID_FIELD"),
        ("/parameterizedSearch", {}, "MALFORMED_SEARCH"),
        ("/parameterizedSearch", {"q": "ab", "in": "SHOES"}, "MALFORMED_SEARCH"),
        ("/parameterizedSearch", {"q": "ab", "sobject": "Shop"}, "INVALID_TYPE"),
        ("/parameterizedSearch", {"q": "ab", "overallLimit": "0"}, "MALFORMED_SEARCH"),
    ],
)
def test_a_search_is_refused(org: Org, path: str, params: dict[str, str], code: str) -> None:
    """400 with the platform's code."""
    assert error(org.http.get(f"{DATA}{path}", params=params)) == (400, code)


# Writes


def test_what_is_created_is_read(fresh: Org) -> None:
    """A new record has an id, an owner, times, what was sent and what follows from it; lists and queries show it."""
    account = fresh.first("Account")
    sent = {"FirstName": "Ines", "LastName": "Rao", "Email": "ines.rao@example.com", "accountid": account[:15]}
    answer = fresh.http.post(f"{DATA}/sobjects/Contact", json=sent)
    made = answer.json()
    assert (answer.status_code, made["success"], made["errors"]) == (201, True, [])
    assert answer.headers["location"] == f"{DATA}/sobjects/Contact/{made['id']}"
    me = fresh.http.get("/services/oauth2/userinfo").json()["user_id"]
    columns = "Id, Name, AccountId, OwnerId, CreatedById"
    [row] = fresh.rows(f"SELECT {columns} FROM Contact WHERE Email = 'ines.rao@example.com'")
    assert (row["Id"], row["Name"], row["AccountId"]) == (made["id"], "Ines Rao", account)
    assert (row["OwnerId"], row["CreatedById"]) == (me, me)
    assert fresh.query("SELECT COUNT() FROM Contact")["totalSize"] == ROWS + 1


def test_what_is_updated_is_read(fresh: Org) -> None:
    """204 without a body; relationships show the change, and what follows is worked out again."""
    key = fresh.first("Account")
    before = fresh.get(f"/sobjects/Account/{key}")
    answer = fresh.http.patch(f"{DATA}/sobjects/Account/{key}", json={"Name": "Alder Foods", "Industry": None})
    assert (answer.status_code, answer.content) == (204, b"")
    after = fresh.get(f"/sobjects/Account/{key}")
    changed = {name for name in after if after[name] != before[name]}
    assert changed <= {"Name", "Industry", "LastModifiedDate", "LastModifiedById", "SystemModstamp"}
    assert (after["Name"], after["Industry"]) == ("Alder Foods", None)
    named = fresh.rows("SELECT Account.Name FROM Contact WHERE Account.Name = 'Alder Foods'")
    assert named
    assert {row["Account"]["Name"] for row in named} == {"Alder Foods"}


def test_a_record_can_be_named_by_another_field(fresh: Org) -> None:
    """A contact is read, changed and made by its address: PATCH says whether it created."""
    [contact] = fresh.rows("SELECT Id, Email FROM Contact LIMIT 1")
    path = f"{DATA}/sobjects/Contact/Email/{contact['Email']}"
    assert fresh.http.get(path).json()["Id"] == contact["Id"]
    answer = fresh.http.patch(path, json={"Title": "Controller"})
    assert (answer.status_code, answer.json()["created"]) == (200, False)
    assert fresh.get(f"/sobjects/Contact/Id/{contact['Id']}")["Title"] == "Controller"
    other = f"{DATA}/sobjects/Contact/Email/ines.rao@example.com"
    assert error(fresh.http.get(other)) == (404, "NOT_FOUND")
    assert error(fresh.http.patch(f"{other}?updateOnly=true", json={"LastName": "Rao"})) == (404, "NOT_FOUND")
    answer = fresh.http.patch(other, json={"LastName": "Rao"})
    assert (answer.status_code, answer.json()["created"]) == (201, True)
    assert fresh.http.get(answer.headers["location"]).json()["Email"] == "ines.rao@example.com"
    answer = fresh.http.patch(f"{DATA}/sobjects/Contact/Id/{contact['Id']}", json={"Title": None})
    assert (answer.status_code, answer.json()["id"]) == (200, contact["Id"])
    assert fresh.http.delete(other).status_code == 204


def test_a_name_that_several_have_is_a_choice(fresh: Org) -> None:
    """300 and the addresses of all; a field that names nothing is refused."""
    sent = {"Name": "Twice", "StageName": "Proposal", "CloseDate": "2026-05-01"}
    keys = [fresh.http.post(f"{DATA}/sobjects/Opportunity", json=sent).json()["id"] for _ in range(2)]
    answer = fresh.http.get(f"{DATA}/sobjects/Opportunity/Name/Twice")
    assert (answer.status_code, answer.json()) == (300, [f"{DATA}/sobjects/Opportunity/{key}" for key in keys])
    assert error(fresh.http.get(f"{DATA}/sobjects/Contact/Title/Controller")) == (404, "NOT_FOUND")


def test_closing_a_deal_closes_it(fresh: Org) -> None:
    """What the platform works out is worked out after a write too."""
    [deal] = fresh.rows("SELECT Id FROM Opportunity WHERE IsClosed = false LIMIT 1")
    path = f"{DATA}/sobjects/Opportunity/{deal['Id']}"
    assert fresh.http.patch(path, json={"StageName": "Closed Won"}).status_code == 204
    row = fresh.http.get(path).json()
    assert (row["IsClosed"], row["IsWon"], row["Probability"]) == (True, True, 100.0)


def test_a_deleted_record_is_gone(fresh: Org) -> None:
    """404 that says so; lists forget it, `queryAll` and the list of deletions do not."""
    key = fresh.first("Task")
    assert fresh.http.delete(f"{DATA}/sobjects/Task/{key}").status_code == 204
    assert error(fresh.http.get(f"{DATA}/sobjects/Task/{key}")) == (404, "ENTITY_IS_DELETED")
    assert error(fresh.http.delete(f"{DATA}/sobjects/Task/{key}")) == (404, "ENTITY_IS_DELETED")
    assert fresh.query("SELECT COUNT() FROM Task")["totalSize"] == ROWS - 1
    found = fresh.get("/queryAll", q="SELECT Id, IsDeleted FROM Task WHERE IsDeleted = true")["records"]
    assert [row["Id"] for row in found] == [key]
    assert len(list(pages(fresh, "SELECT Id FROM Task", 5, "queryAll"))) == 5
    span = {"start": "2020-01-01T00:00:00Z", "end": "2020-01-02T00:00:00Z"}
    assert fresh.get("/sobjects/Task/deleted", **span)["deletedRecords"] == []


def test_updated_tells_what_was_written() -> None:
    """Ids of the records that were changed in a span of time, in the sandbox's own clock."""
    org = Org(rows=4)
    key = org.first("Lead")
    assert org.http.patch(f"{DATA}/sobjects/Lead/{key}", json={"Status": "Closed - Converted"}).status_code == 204
    span = {"start": "2026-09-20T00:00:00+00:00", "end": "2026-09-25T00:00:00+00:00"}
    found = org.get("/sobjects/Lead/updated", **span)
    assert (found["ids"], found["latestDateCovered"]) == ([key], "2026-09-21T14:13:20.000+0000")
    assert org.http.delete(f"{DATA}/sobjects/Lead/{key}").status_code == 204
    gone = org.get("/sobjects/Lead/deleted", **span)["deletedRecords"]
    assert gone == [{"deletedDate": "2026-09-21T14:13:20.000+0000", "id": key}]


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"start": "x", "end": "y"},
        {"start": "2026-02-01T00:00:00Z", "end": "2026-01-01T00:00:00Z"},
        {"start": "2026-01-01T00:00:00Z", "end": "2026-03-01T00:00:00Z"},
    ],
)
def test_a_span_must_be_one_of_thirty_days(org: Org, params: dict[str, str]) -> None:
    """Both ends, in order, not too far apart."""
    assert error(org.http.get(f"{DATA}/sobjects/Account/updated", params=params))[0] == 400


WRONG = [
    ("Contact", {"FirstName": "Ava"}, "REQUIRED_FIELD_MISSING"),
    ("Lead", {"LastName": "Ito", "Company": ""}, "REQUIRED_FIELD_MISSING"),
    ("Contact", {"LastName": "Ito", "Shoesize": 42}, "INVALID_FIELD"),
    ("Contact", {"LastName": "Ito", "CreatedDate": "2026-01-01"}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
    ("Contact", {"LastName": "Ito", "Email": "nobody"}, "INVALID_EMAIL_ADDRESS"),
    ("Contact", {"LastName": "I" * 256}, "STRING_TOO_LONG"),
    ("Contact", {"LastName": "Ito", "AccountId": "x"}, "MALFORMED_ID"),
    ("Contact", {"LastName": "Ito", "AccountId": "001000000000000AAA"}, "INVALID_CROSS_REFERENCE_KEY"),
    ("Contact", {"LastName": ["Ito"]}, "JSON_PARSER_ERROR"),
    ("Opportunity", {"Name": "x", "StageName": "y", "CloseDate": "tomorrow"}, "JSON_PARSER_ERROR"),
    ("Opportunity", {"Name": "x", "StageName": "y", "CloseDate": "2026-01-05", "Amount": "5"}, "JSON_PARSER_ERROR"),
    ("Task", {"IsReminderSet": "yes"}, "JSON_PARSER_ERROR"),
    ("Task", [], "JSON_PARSER_ERROR"),
]


@pytest.mark.parametrize(("sobject", "sent", "code"), WRONG)
def test_what_cannot_be_written_is_refused(fresh: Org, sobject: str, sent: Any, code: str) -> None:
    """400 with the platform's code, and nothing is written."""
    assert error(fresh.http.post(f"{DATA}/sobjects/{sobject}", json=sent)) == (400, code)
    assert fresh.query(f"SELECT COUNT() FROM {sobject}")["totalSize"] == ROWS


def test_a_body_that_is_no_json_is_refused(fresh: Org) -> None:
    """With the code of the parser."""
    headers = {"content-type": "application/json"}
    for content in (b"{", b"[" * 100_000, b"", b"null"):
        answer = fresh.http.post(f"{DATA}/sobjects/Task", content=content, headers=headers)
        assert error(answer) == (400, "JSON_PARSER_ERROR")


def test_a_user_is_not_deleted(fresh: Org) -> None:
    """Users are only ever deactivated."""
    key = fresh.first("User")
    assert error(fresh.http.delete(f"{DATA}/sobjects/User/{key}")) == (400, "INVALID_TYPE_FOR_OPERATION")
    assert fresh.http.patch(f"{DATA}/sobjects/User/{key}", json={"IsActive": False}).status_code == 204
    assert fresh.get(f"/sobjects/User/{key}")["IsActive"] is False


def test_values_are_kept_as_their_types() -> None:
    """Whole amounts become decimals, times take the platform's form, defaults fill what was not said."""
    fresh = Org()
    sent = {"Name": "x", "StageName": "Proposal", "CloseDate": "2026-05-01", "Amount": 5}
    key = fresh.http.post(f"{DATA}/sobjects/Opportunity", json=sent).json()["id"]
    row = fresh.get(f"/sobjects/Opportunity/{key}")
    assert (row["Amount"], row["FiscalQuarter"], row["ExpectedRevenue"]) == (5.0, 2, 0.5)
    sent = {"Subject": "x", "ReminderDateTime": "2026-05-01T10:00:00+02:00"}
    key = fresh.http.post(f"{DATA}/sobjects/Task", json=sent).json()["id"]
    row = fresh.get(f"/sobjects/Task/{key}")
    assert (row["ReminderDateTime"], row["Status"]) == ("2026-05-01T10:00:00.000+0200", "Not Started")
    key = fresh.http.post(f"{DATA}/sobjects/Case", json={"Subject": "x"}).json()["id"]
    assert fresh.get(f"/sobjects/Case/{key}")["CaseNumber"] not in [
        row["CaseNumber"] for row in fresh.rows(f"SELECT CaseNumber FROM Case WHERE Id != '{key}'")
    ]


# Refusals


def test_a_session_that_is_not_valid(org: Org) -> None:
    """401, with the scheme that is wanted."""
    for headers in ({"authorization": "Bearer nobody"}, {"authorization": ""}):
        answer = org.http.get(f"{DATA}/limits", headers=headers)
        assert error(answer) == (401, "INVALID_SESSION_ID")
        assert answer.headers["www-authenticate"] == "Token"


def test_the_older_scheme_is_taken(org: Org) -> None:
    """`OAuth` and `Bearer` stand for the same."""
    answer = org.http.get(f"{DATA}/limits", headers={"authorization": f"OAuth {org.token}"})
    assert answer.status_code == 200


def test_the_quota_is_a_rate_limit_without_a_time() -> None:
    """403 REQUEST_LIMIT_EXCEEDED is RateLimited for the client; nothing says when to come back."""
    org = Org()
    org.sandbox.limits.enforced = True
    org.sandbox.limit("salesforce", 1, 60.0)
    with Client(PLATFORM, org.sandbox.credentials("salesforce"), transport=org.sandbox.transport()) as reader:
        reader.identity()
        with pytest.raises(RateLimited) as caught:
            reader.identity()
    assert (caught.value.status, caught.value.code, caught.value.retry_after) == (403, "REQUEST_LIMIT_EXCEEDED", None)


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/services/data/v60.0/shop", (404, "NOT_FOUND")),
        ("GET", "/services/data/v60.0/sobjects/Shop", (404, "NOT_FOUND")),
        ("GET", "/services/data/v60.0/sobjects/Shop/describe", (404, "NOT_FOUND")),
        ("GET", "/services/data/v60.0/sobjects/Account/001000000000000AAA", (404, "NOT_FOUND")),
        ("GET", "/services/data/v60.0/sobjects/Account/%20", (404, "NOT_FOUND")),
        ("PUT", "/services/data/v60.0/limits", (405, "METHOD_NOT_ALLOWED")),
        ("DELETE", "/services/data/v60.0/query", (405, "METHOD_NOT_ALLOWED")),
        ("DELETE", "/services/data/v60.0/sobjects/Account/describe", (404, "NOT_FOUND")),
    ],
)
def test_what_is_not_there_is_refused(org: Org, method: str, path: str, expected: tuple[int, str]) -> None:
    """404 and 405 in the platform's array."""
    assert error(org.http.request(method, path)) == expected


# Logging in


def login(org: Org, auth: tuple[str, str] | None = None, **form: str) -> httpx.Response:
    with httpx.Client(transport=org.sandbox.transport()) as client:
        return client.post("http://127.0.0.1:8080/salesforce/services/oauth2/token", data=form, auth=auth)


def test_a_login_gives_a_session_and_an_address(org: Org) -> None:
    """The secret of the sandbox opens a session, by each of the flows; the address is where one logged in."""
    for form in (
        {"grant_type": "client_credentials", "client_id": "an-app", "client_secret": org.token},
        {"grant_type": "password", "client_id": "an-app", "username": "ava@example.com", "password": org.token},
        {"grant_type": "refresh_token", "client_id": "an-app", "refresh_token": org.token},
    ):
        found = login(org, **form).json()
        assert found["token_type"] == "Bearer"
        url = f"{found['instance_url']}{DATA}/limits"
        with httpx.Client(transport=org.sandbox.transport()) as client:
            assert client.get(url, headers={"authorization": f"Bearer {found['access_token']}"}).status_code == 200
    assert login(org, auth=("an-app", org.token), grant_type="client_credentials").status_code == 200


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({}, "unsupported_grant_type"),
        ({"grant_type": "magic"}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, "invalid_client_id"),
        ({"grant_type": "client_credentials", "client_id": "x", "client_secret": "y"}, "invalid_client"),
        ({"grant_type": "password", "client_id": "x", "password": "y"}, "invalid_grant"),
        ({"grant_type": "refresh_token", "client_id": "x", "refresh_token": "y"}, "invalid_grant"),
    ],
)
def test_a_login_is_refused(org: Org, form: dict[str, str], code: str) -> None:
    """400 with OAuth's own errors (RFC 6749 section 5.2)."""
    answer = login(org, **form)
    assert (answer.status_code, answer.json()["error"]) == (400, code)
    assert answer.json()["error_description"]


def test_basic_credentials_that_cannot_be_read_are_none(org: Org) -> None:
    """A broken Basic header is a login without a client."""
    with httpx.Client(transport=org.sandbox.transport()) as client:
        answer = client.post(
            "https://example.my.salesforce.com/services/oauth2/token",
            data={"grant_type": "client_credentials"},
            headers={"authorization": "Basic %%%"},
        )
    assert answer.json()["error"] == "invalid_client_id"


# Whatever is sent

WORDS = (
    *("SELECT", "FROM", "WHERE", "AND", "ORDER BY", "GROUP BY", "HAVING", "LIMIT 3", "OFFSET 1", "NOT", "DESC"),
    *("Id", "Name", "Account", "Contact", "Opportunity", "Task", "User", "Account.Name", "Who.Name", "BillingAddress"),
    *("COUNT()", "COUNT(Id)", "SUM(Amount)", "MAX(Name)", "FIELDS(STANDARD)", "CALENDAR_YEAR(CreatedDate)", "n"),
    *("(SELECT Id FROM Contacts)", "(SELECT AccountId FROM Contact)", "= 'x'", "!= null", "> 5", "IN", "LIKE 'a%'"),
    *("= TODAY", "< 2026-01-05", "> 2026-01-05T00:00:00Z", "= LAST_N_YEARS:99999", ",", "(", ")", "'", "\x00", "é"),
)


@given(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join), st.sampled_from(["query", "queryAll"]))
@settings(max_examples=300)
def test_no_statement_breaks_the_sandbox(org: Org, text: str, path: str) -> None:
    """Every text is answered with rows, or refused with 400 and a code."""
    for statement in (text, f"SELECT {text}", f"SELECT Id FROM Account WHERE {text}"):
        answer = org.http.get(f"{DATA}/{path}", params={"q": statement})
        assert answer.status_code in (200, 400)
        assert answer.status_code == 200 or answer.json()[0]["errorCode"]
    assert org.sandbox.failures == 0


@given(
    sobject=st.sampled_from([*OBJECTS, "Shop"]),
    sent=st.dictionaries(
        st.sampled_from(["Name", "LastName", "Amount", "CloseDate", "IsActive", "OwnerId", "Email", "Id", "x"]),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just([1]),
    ),
    key=st.sampled_from(["", "/001000000000000AAA", "/x", "/describe"]),
    method=st.sampled_from(["GET", "POST", "PATCH", "DELETE", "PUT"]),
)
@settings(max_examples=150)
def test_no_write_breaks_the_sandbox(sobject: str, sent: dict[str, Any], key: str, method: str) -> None:
    """Whatever is written where, the answer is the platform's own."""
    headers = {"content-type": "application/json"}
    url = f"{DATA}/sobjects/{sobject}{key}"
    answer = Org(rows=2).http.request(method, url, content=json.dumps(sent).encode(), headers=headers)
    assert answer.status_code < 500
    if answer.status_code >= 400:
        assert answer.json()[0]["errorCode"]
