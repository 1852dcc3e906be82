"""Filters that look at every row of a list: nobody makes a row twice, and no more of it than is looked at."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from bi_contracts.platforms import linear, salesforce
from bi_contracts.sandbox.collection import Collection

from .api import Api

ROWS = 40
DATA = "/services/data/v60.0"


class Made:
    """How many rows were made, whole or in part, since it was last asked."""

    def __init__(self) -> None:
        self.count = 0

    def since(self) -> int:
        count, self.count = self.count, 0
        return count


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Made:
    found = Made()
    for name in ("members", "untouched"):
        plain = getattr(Collection, name)

        def counted(self: Collection, *arguments: Any, plain: Any = plain) -> Any:
            found.count += 1
            return plain(self, *arguments)

        monkeypatch.setattr(Collection, name, counted)
    return found


def soql(org: Api, text: str) -> list[dict[str, Any]]:
    answer = org.http.get(f"{DATA}/query", params={"q": text})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["records"])


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("SELECT COUNT() FROM Account WHERE Name LIKE 'q%'", "SELECT COUNT() FROM Account WHERE Name LIKE 'z%'"),
        (
            "SELECT COUNT() FROM Contact WHERE Account.Name LIKE 'q%'",
            "SELECT COUNT() FROM Contact WHERE Account.Name LIKE 'z%'",
        ),
        (
            "SELECT COUNT() FROM Contact WHERE AccountId IN (SELECT Id FROM Account WHERE Name LIKE 'q%')",
            "SELECT COUNT() FROM Contact WHERE AccountId IN (SELECT Id FROM Account WHERE Name LIKE 'z%')",
        ),
        (
            "SELECT Industry, COUNT(Id) FROM Account GROUP BY Industry",
            "SELECT Industry, COUNT(Id) n FROM Account GROUP BY Industry",
        ),
    ],
    ids=["condition", "relationship", "semi-join", "groups"],
)
def test_a_second_statement_makes_no_rows(made: Made, first: str, second: str) -> None:
    """What a statement looked at is known to the next one that looks at the same."""
    org = Api(salesforce.PLATFORM, ROWS)
    soql(org, first)
    assert made.since() >= ROWS
    soql(org, second)
    assert made.since() == 0


def test_a_second_search_makes_no_rows(made: Made) -> None:
    """A search by word reads what the one before it read."""
    org = Api(salesforce.PLATFORM, ROWS)
    for word in ("zzzz", "qqqq"):
        answer = org.http.get(f"{DATA}/search", params={"q": f"FIND {{{word}}} RETURNING Account(Id)"})
        assert answer.json() == {"searchRecords": []}
    made.since()
    org.http.get(f"{DATA}/search", params={"q": "FIND {xxxx} RETURNING Account(Id)"})
    assert made.since() == 0


def test_a_record_that_was_written_is_looked_at_again() -> None:
    """A condition, a relationship, a search and a semi-join see the new value at once."""
    org = Api(salesforce.PLATFORM, ROWS)
    by_contact = "SELECT AccountId FROM Contact WHERE Account.Name = 'Renamed Works'"
    joined = "SELECT Id FROM Contact WHERE AccountId IN (SELECT Id FROM Account WHERE Name = 'Renamed Works')"
    find = {"q": "FIND {Renamed} RETURNING Account(Id)"}
    assert soql(org, by_contact) == soql(org, joined) == []
    assert org.http.get(f"{DATA}/search", params=find).json()["searchRecords"] == []
    key = soql(org, "SELECT AccountId FROM Contact LIMIT 1")[0]["AccountId"]
    assert org.http.patch(f"{DATA}/sobjects/Account/{key}", json={"Name": "Renamed Works"}).status_code == 204
    assert {row["AccountId"] for row in soql(org, by_contact)} == {key}
    assert len(soql(org, joined)) == len(soql(org, by_contact)) > 0
    assert [row["Id"] for row in org.http.get(f"{DATA}/search", params=find).json()["searchRecords"]] == [key]


def test_a_semi_join_is_of_the_very_records() -> None:
    """As many contacts as their accounts have, whichever way it is asked; the rest is in NOT IN."""
    org = Api(salesforce.PLATFORM, ROWS)
    industry = next(row["Industry"] for row in soql(org, "SELECT Industry FROM Account WHERE Industry != null"))
    inner = f"(SELECT Id FROM Account WHERE Industry = '{industry}')"
    inside = soql(org, f"SELECT Id FROM Contact WHERE AccountId IN {inner}")
    outside = soql(org, f"SELECT Id FROM Contact WHERE AccountId NOT IN {inner}")
    assert inside == soql(org, f"SELECT Id FROM Contact WHERE Account.Industry = '{industry}'")
    assert len(inside) + len(outside) == ROWS


# Linear


def ask(api: Api, text: str) -> Any:
    answer = api.http.post("/graphql", json={"query": text})
    assert answer.status_code == 200, answer.text
    assert "errors" not in answer.json(), answer.text
    return answer.json()["data"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ('title: { contains: "qq" }', 'title: { contains: "zz" }'),
        ('team: { key: { eq: "ZZZ" } }', 'team: { key: { eq: "QQQ" } }'),
        ('updatedAt: { gt: "2036-01-01" }', 'updatedAt: { gt: "2037-01-01" }'),
        ('labels: { some: { name: { eq: "zz" } } }', 'labels: { some: { name: { eq: "qq" } } }'),
        ('comments: { some: { body: { contains: "zzz" } } }', 'comments: { some: { body: { contains: "qqq" } } }'),
    ],
    ids=["text", "relation", "time", "labels", "comments"],
)
def test_a_second_filter_makes_no_rows(made: Made, first: str, second: str) -> None:
    """What a filter looked at is known to the next one, and stays so when another row is written."""
    api = Api(linear.PLATFORM, ROWS)
    team = ask(api, "{ teams(first: 1) { nodes { id } } }")["teams"]["nodes"][0]["id"]
    create = f'mutation {{ issueCreate(input: {{ teamId: "{team}", title: "New" }}) {{ success }} }}'
    ask(api, create)
    made.since()
    assert ask(api, f"{{ issues(filter: {{ {first} }}) {{ nodes {{ id }} }} }}") == {"issues": {"nodes": []}}
    assert made.since() >= ROWS
    ask(api, create)
    made.since()
    assert ask(api, f"{{ issues(filter: {{ {second} }}) {{ nodes {{ id }} }} }}") == {"issues": {"nodes": []}}
    assert made.since() < ROWS / 2


def test_an_order_makes_no_row_whole(made: Made) -> None:
    """By `updatedAt`, with one page of rows: the rest is only looked at, once."""
    api = Api(linear.PLATFORM, ROWS)
    ask(api, "{ issues(orderBy: updatedAt, first: 1) { nodes { id } } }")
    made.since()
    ask(api, "{ issues(orderBy: updatedAt, first: 2) { nodes { title } } }")
    assert made.since() <= 3


@pytest.mark.parametrize("name", ["identifier", "url", "branchName", "title", "priority", "number"])
def test_what_is_looked_at_is_what_is_shown(name: str) -> None:
    """A member that is made alone is the one of the whole row."""
    api = Api(linear.PLATFORM, 12)
    platform = linear.PLATFORM
    behaviour = api.sandbox._behaviours["linear"]
    home = api.sandbox.world.collection(platform, platform.endpoint("issues"))
    for position in range(12):
        assert behaviour.glanced(home, position, name) == behaviour.values(home, position)[name]  # type: ignore[attr-defined]


@pytest.mark.parametrize("endpoint", [one.name for one in linear.PLATFORM.endpoints if one.kind == "list"])
def test_every_member_alone_is_the_one_of_the_whole(endpoint: str) -> None:
    """Whatever a filter may read, of every list."""
    api = Api(linear.PLATFORM, 6)
    behaviour = api.sandbox._behaviours["linear"]
    home = api.sandbox.world.collection(linear.PLATFORM, linear.PLATFORM.endpoint(endpoint))
    for position in range(min(6, home.count)):
        whole = behaviour.values(home, position)  # type: ignore[attr-defined]
        alone = {name: behaviour.glanced(home, position, name) for name in whole}  # type: ignore[attr-defined]
        assert json.dumps(alone) == json.dumps(dict(whole))


def test_a_filter_sees_what_was_written() -> None:
    """An issue that is renamed is found by its new title and not by the old one."""
    api = Api(linear.PLATFORM, ROWS)
    issue = ask(api, "{ issues(first: 1) { nodes { id title } } }")["issues"]["nodes"][0]

    def found(title: str) -> list[str]:
        text = json.dumps(title)
        nodes = ask(api, f"{{ issues(filter: {{ title: {{ eq: {text} }} }}) {{ nodes {{ id }} }} }}")["issues"]["nodes"]
        return [node["id"] for node in nodes]

    assert issue["id"] in found(issue["title"])
    ask(api, f'mutation {{ issueUpdate(id: "{issue["id"]}", input: {{ title: "Renamed" }}) {{ success }} }}')
    assert found("Renamed") == [issue["id"]]
    assert issue["id"] not in found(issue["title"])


@pytest.mark.parametrize(
    "asked", ['createdAt: { gt: "nope" }', 'dueDate: { lt: "31/01/2026" }', "createdAt: { gt: 5 }"]
)
def test_a_time_that_is_none_is_refused(asked: str) -> None:
    """With 400, where it was once compared as a text and nothing was found."""
    api = Api(linear.PLATFORM, 3)
    answer = api.http.post("/graphql", json={"query": f"{{ issues(filter: {{ {asked} }}) {{ nodes {{ id }} }} }}"})
    assert (answer.status_code, "errors" in answer.json()) == (400, True)


@pytest.mark.parametrize("asked", ['createdAt: { gt: "-P2W" }', 'createdAt: { gt: "2026-01-01T00:00:00.000Z" }'])
def test_a_time_or_a_duration_is_taken(asked: str) -> None:
    """In a literal and in a variable."""
    ask(Api(linear.PLATFORM, 3), f"{{ issues(filter: {{ {asked} }}) {{ nodes {{ id }} }} }}")


def test_addresses_are_of_what_they_stand_in() -> None:
    """An issue's has its identifier and its title, a comment's is on the page of its issue; no two are the same."""
    api = Api(linear.PLATFORM, ROWS)
    data = ask(
        api,
        "{ organization { name userCount } issues { nodes { identifier title url } } projects { nodes { url } }"
        " comments { nodes { url issue { url } } } teams { nodes { issueCount issues { nodes { id } } } } }",
    )
    assert data["organization"] == {"name": "Example Works", "userCount": ROWS}
    for issue in data["issues"]["nodes"]:
        words = issue["title"].lower().split()
        assert issue["url"].startswith(f"https://linear.app/example-works/issue/{issue['identifier']}/{words[0]}")
    for comment in data["comments"]["nodes"]:
        if comment["issue"] is not None:
            assert comment["url"].startswith(f"{comment['issue']['url']}#comment-")
    urls = [node["url"] for name in ("issues", "projects") for node in data[name]["nodes"]]
    assert len(set(urls)) == len(urls)
    for team in data["teams"]["nodes"]:
        assert team["issueCount"] == len(team["issues"]["nodes"])


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/graphql", 405), ("POST", "/nothing", 404)])
def test_what_is_no_query_is_refused(method: str, path: str, status: int) -> None:
    """In the form of an error, and not as an issue that was not found."""
    api = Api(linear.PLATFORM, 1)
    answer: httpx.Response = api.http.request(method, path)
    assert answer.status_code == status
    assert "Entity not found" not in answer.text
    assert answer.json()["errors"][0]["message"]


def test_salesforce_writes_as_it_does() -> None:
    """Figures before the records, its own way to write the content type, and ids of thirty-two digits."""
    org = Api(salesforce.PLATFORM, ROWS)
    header = {"Sforce-Query-Options": "batchSize=5"}
    answer = org.http.get(f"{DATA}/query", params={"q": "SELECT Id FROM Account"}, headers=header)
    assert list(answer.json()) == ["totalSize", "done", "nextRecordsUrl", "records"]
    for one in (answer, org.http.get(f"{DATA}/nothing")):
        assert one.headers["content-type"] == "application/json;charset=UTF-8"
        assert len(one.headers["x-sfdc-request-id"]) == 32
