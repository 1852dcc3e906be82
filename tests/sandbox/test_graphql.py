"""GraphQL of a platform that declares no schema: what a query asks for it gets, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from bi_contracts.sandbox.graphql.derived import type_name

from .made_up import Shop


@pytest.fixture
def shop() -> Shop:
    return Shop()


def data(shop: Shop, text: str, variables: Any = None, **more: Any) -> Any:
    answer = shop.query(text, variables, **more)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def words(shop: Shop, text: str, variables: Any = None, **more: Any) -> str:
    answer = shop.query(text, variables, **more)
    assert answer.status_code == 400
    return str(answer.json()["error"]["words"])


def issue_id(shop: Shop) -> str:
    return str(data(shop, "{ issues(first: 1) { nodes { id } } }")["issues"]["nodes"][0]["id"])


def test_only_selected_fields_come_in_the_order_asked(shop: Shop) -> None:
    """The answer has the keys of the selection, under their aliases."""
    found = data(shop, "{ them: teams(first: 2) { nodes { label: name id __typename } } viewer { name } __typename }")
    assert list(found) == ["them", "viewer", "__typename"]
    assert [list(row) for row in found["them"]["nodes"]] == [["label", "id", "__typename"]] * 2
    assert found["them"]["nodes"][0]["__typename"] == "Team"
    assert found["__typename"] == "Query"


@pytest.mark.parametrize("size", [1, 7, 50])
def test_pages_forward_hold_every_row_once(shop: Shop, size: int) -> None:
    """Following endCursor to the end reads the whole list."""
    text = "query($n: Int, $after: String) { teams(first: $n, after: $after) { nodes { id } pageInfo { ...P } } }"
    text += " fragment P on PageInfo { hasNextPage endCursor }"
    found, after = [], None
    while True:
        page = data(shop, text, {"n": size, "after": after})["teams"]
        found += [row["id"] for row in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert len(found) == len(set(found)) == 25


def test_pages_backward_are_the_same_rows(shop: Shop) -> None:
    """`last` and `before` read the list from its end."""
    forward = data(shop, "{ teams(first: 25) { nodes { id } } }")["teams"]["nodes"]
    text = "query($b: String) { teams(last: 10, before: $b) { nodes { id } pageInfo { hasPreviousPage startCursor } } }"
    found: list[Any] = []
    before = None
    while True:
        page = data(shop, text, {"b": before})["teams"]
        found = page["nodes"] + found
        before = page["pageInfo"]["startCursor"]
        if not page["pageInfo"]["hasPreviousPage"]:
            break
    assert found == forward


def test_edges_carry_cursors_that_can_be_used(shop: Shop) -> None:
    """The rows after an edge's cursor are the rows after that edge."""
    edges = data(shop, "{ teams(first: 5) { edges { cursor node { id } __typename } totalCount __typename } }")["teams"]
    assert (edges["totalCount"], edges["__typename"]) == (25, "TeamConnection")
    cursor = edges["edges"][2]["cursor"]
    after = data(shop, f'{{ teams(first: 1, after: "{cursor}") {{ nodes {{ id }} }} }}')["teams"]["nodes"]
    assert after == [edges["edges"][3]["node"]]


def test_an_item_is_found_by_id_with_its_own_fields(shop: Shop) -> None:
    """One issue shows what the list does not."""
    found = data(shop, "query($id: String!) { issue(id: $id) { id extra } }", {"id": issue_id(shop)})["issue"]
    assert found["id"] == issue_id(shop)
    assert isinstance(found["extra"], str)


def test_what_is_not_there_is_not_found_by_its_type(shop: Shop) -> None:
    """The platform's own error names the type."""
    answer = shop.query('{ issue(id: "nobody") { id } }')
    assert answer.status_code == 200
    assert answer.json()["error"] == {"code": "not_found", "words": "Issue"}


def test_nested_connections_page_too(shop: Shop) -> None:
    """Labels of an issue take the same arguments."""
    text = (
        "{ issues(first: 1) { nodes { labels(first: 1) { nodes { id } pageInfo { hasNextPage } edges { cursor } } } } }"
    )
    labels = data(shop, text)["issues"]["nodes"][0]["labels"]
    assert len(labels["nodes"]) == len(labels["edges"]) == 1
    assert labels["pageInfo"] == {"hasNextPage": True}


def test_a_brief_object_can_be_asked_for_all_its_fields(shop: Shop) -> None:
    """A field that only the full row has is read from there."""
    team = data(shop, "{ issues(first: 1) { nodes { team { id name description } } } }")["issues"]["nodes"][0]["team"]
    teams = data(shop, "{ teams(first: 25) { nodes { id name description } } }")["teams"]["nodes"]
    assert team in teams


def test_lists_of_objects_and_plain_lists_are_projected(shop: Shop) -> None:
    """A list inside a row, and a root that is no connection."""
    row = data(shop, "{ issues(first: 1) { nodes { history { by } settings { a } } } labels { name } }")
    assert set(row["issues"]["nodes"][0]["history"][0]) == {"by"}
    assert row["issues"]["nodes"][0]["settings"]["a"] == 1
    assert len(row["labels"]) == 25


@pytest.mark.parametrize(("full", "keys"), [(True, {"id", "name"}), (False, {"id", "key"})])
def test_include_and_skip_decide(shop: Shop, full: bool, keys: set[str]) -> None:
    """Directives on fields, inline fragments and spreads."""
    text = """query($full: Boolean = false) { teams(first: 1) { nodes { id
        ... on Team @include(if: $full) { name } ...K @skip(if: $full) } } }
        fragment K on Team { key }"""
    assert set(data(shop, text, {"full": full} if full else None)["teams"]["nodes"][0]) == keys


def test_selections_of_one_key_are_merged(shop: Shop) -> None:
    """Asking twice for a field merges what is asked inside."""
    found = data(shop, "{ teams(first: 1) { nodes { id } nodes { name } } }")["teams"]["nodes"][0]
    assert set(found) == {"id", "name"}


def test_the_operation_is_chosen_by_name(shop: Shop) -> None:
    """Several operations in one document."""
    text = "query A { viewer { id } } query B { teams(first: 1) { nodes { id } } }"
    assert list(data(shop, text, operationName="B")) == ["teams"]
    assert "operation" in words(shop, text)
    assert "operation" in words(shop, text, operationName="C")


def test_a_mutation_echoes_its_input(shop: Shop) -> None:
    """The payload says that it went well and holds the record."""
    text = "mutation($input: IssueInput!) { issueCreate(input: $input) { success issue { title } } }"
    found = data(shop, text, {"input": {"title": "New"}})["issueCreate"]
    assert found == {"success": True, "issue": {"title": "New"}}
    assert words(shop, "{ issueCreate(input: {}) { success } }")
    assert words(shop, "mutation { viewer { id } }")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{ teams { nodes { nope } } }", 'Cannot query field "nope" on type "Team"'),
        ("{ teams { nope } }", 'Cannot query field "nope" on type "TeamConnection"'),
        ("{ teams { edges { nope } } }", 'Cannot query field "nope" on type "TeamEdge"'),
        ("{ teams { pageInfo { nope } } }", 'Cannot query field "nope" on type "PageInfo"'),
        ("{ nope { id } }", 'Cannot query field "nope" on type "Query"'),
        ("{ issues { nodes { team } } }", "must have a selection"),
        ("{ issues { nodes { labels } } }", "must have a selection"),
        ("{ issues }", "must have a selection"),
        ("{ viewer }", "must have a selection"),
        ("{ issues { nodes } }", "must have a selection"),
        ("{ issues { nodes { title { x } } } }", "no subfields"),
        ("{ issues { nodes { team { nope } } } }", 'Cannot query field "nope" on type "Team"'),
        ("{ issues { nodes { ...Missing } } }", 'Unknown fragment "Missing"'),
        ("{ issue { id } }", 'argument "id"'),
        ("query($id: String!) { issue(id: $id) { id } }", 'Variable "$id"'),
        ("{ teams(first: 0) { nodes { id } } }", "between 1 and 50"),
        ('{ teams(after: "x") { nodes { id } } }', "unknown page token"),
        ("fragment A on Team { ...A } { teams { nodes { ...A } } }", "within itself"),
        ("{ teams { nodes { id }", "Syntax Error"),
        ("", "Syntax Error"),
        ("{" * 5000, "Syntax Error"),
    ],
)
def test_a_query_that_does_not_fit_is_refused(shop: Shop, text: str, said: str) -> None:
    """In the words of GraphQL, as the platform's bad request."""
    assert said in words(shop, text)


def test_codes_tell_syntax_from_validation(shop: Shop) -> None:
    """Apollo's two codes."""
    codes = [shop.query(text).json()["error"]["code"] for text in ("{", "{ nope }")]
    assert codes == ["GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"]


def test_a_request_without_a_query_is_refused(shop: Shop) -> None:
    """No JSON, no query, variables that are no object."""
    headers = {"authorization": shop.sandbox.credentials("graph")["GRAPH_TOKEN"]}
    for body in (b"", b"nonsense", b"[]", b'{"query": 1}', b'{"query": "{ viewer { id } }", "variables": []}'):
        assert shop.http.post("https://graph.test/graphql", content=body, headers=headers).status_code == 400


def test_literals_of_every_kind_are_understood(shop: Shop) -> None:
    """Arguments that the sandbox does not use may hold any literal."""
    text = '{ teams(first: 1, filter: {a: [1, 2.5, "x", true, null, UP, $v], b: $v}) { nodes { id } } }'
    assert data(shop, "query($v: Int) " + text)["teams"]["nodes"]


def test_exact_rows_decide_what_can_be_asked(shop: Shop) -> None:
    """Rows that were put may have other fields than the examples."""
    shop.sandbox.put("graph/issues", [{"id": "a", "colour": "red"}])
    assert data(shop, "{ issues { nodes { colour } } }")["issues"]["nodes"] == [{"colour": "red"}]
    assert data(shop, '{ issue(id: "a") { colour } }')["issue"] == {"colour": "red"}
    shop.sandbox.put("graph/issues", [])
    assert data(shop, "{ issues { nodes { id } pageInfo { endCursor } } }")["issues"]["nodes"] == []


def test_complexity_is_stated(shop: Shop) -> None:
    """A tenth a property, one an object, times the page size: rounded up. An object's id alone is a property."""
    answer = shop.query("{ teams(first: 20) { nodes { id name } } viewer { id name } me: viewer { id } }")
    assert answer.headers["x-complexity"] == "26"


def test_errors_and_limits_are_the_platforms(shop: Shop) -> None:
    """401 as everywhere, a rate limit under the declared status."""
    assert shop.http.post("https://graph.test/graphql", json={"query": "{ viewer { id } }"}).status_code == 401
    shop.sandbox.limit("graph", 0, 60)
    assert shop.query("{ viewer { id } }").json()["error"]["code"] == "rate_limited"


def test_faults_find_the_endpoint_inside_the_query(shop: Shop) -> None:
    """A fault for issues leaves teams alone."""
    shop.sandbox.fault("status=503", platform="graph", endpoint="issues")
    statuses = [shop.query(text).status_code for text in ("{ teams { nodes { id } } }", "{ issues { nodes { id } } }")]
    assert statuses == [200, 503]
    assert shop.sandbox.requests["graph/issues"] == 1


def test_a_looping_cursor(shop: Shop) -> None:
    """The cursor that came in goes out again, and there is always more."""
    shop.sandbox.fault("loop", platform="graph", times=None)
    text = (
        "query($after: String) { teams(first: 20, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }"
    )
    after = data(shop, text)["teams"]["pageInfo"]["endCursor"]
    assert data(shop, text, {"after": after})["teams"]["pageInfo"] == {"hasNextPage": True, "endCursor": after}


def test_many_different_queries_do_not_fill_the_memory(shop: Shop) -> None:
    """Answers that are kept are thrown away in the end."""
    from bi_contracts.sandbox.graphql.graph import ANSWERS_KEPT

    shop = Shop(enforce_limits=False)
    for number in range(ANSWERS_KEPT + 5):
        data(shop, "{ viewer { id } }", None, number=number)
    behaviour = shop.sandbox._behaviours["graph"]
    assert len(behaviour.kept) <= ANSWERS_KEPT  # type: ignore[attr-defined]


@pytest.mark.parametrize(("root", "name"), [("issues", "Issue"), ("categories", "Category"), ("viewer", "Viewer")])
def test_types_are_named_after_fields(root: str, name: str) -> None:
    """A plural field holds objects of the singular type."""
    assert type_name(root) == name
