"""Schemas that are served: one that a platform brings, one that is learnt from what it declares, and both evolved."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import httpx
import pytest

from bi_contracts.auth import Token
from bi_contracts.dialects import ErrorDialect, ErrorKind, ErrorShape, RateDialect
from bi_contracts.pagination import Relay
from bi_contracts.platform import Endpoint, Platform, Write
from bi_contracts.sandbox import Sandbox
from bi_contracts.sandbox.evolution import Evolution
from bi_contracts.sandbox.graphql.documents import parsed
from bi_contracts.sandbox.graphql.problems import Invalid

BODY = {"errors": [{"message": "{message}", "extensions": {"code": "{code}"}}]}
SHAPES = {
    kind: ErrorShape(status, BODY, code=kind.name)
    for kind, status in zip(ErrorKind, (401, 403, 200, 400, 429, 500), strict=True)
}
OWNER = {"id": "9b6f1a10-3c52-4d0e-8f11-000000000001", "name": "Kim Roe"}
BOOK: dict[str, Any] = {
    "id": "9b6f1a10-3c52-4d0e-8f11-000000000101",
    "title": "Weekly report",
    "price": 12.5,
    "pages": 320,
    "lent": True,
    "tags": ["one", "two"],
    "settings": {"a": 1},
    "query": {"id": "q1", "text": "x"},
    "odd keys": {"a b": 1},
    "owner": OWNER,
    "sequel": None,
    "reviews": None,
    "sizes": [{"w": 1, "h": 2}, None],
    "empty": {},
}


def graphql(name: str, **more: Any) -> Endpoint:
    return Endpoint(name, "/graphql", method="POST", arguments="body.variables", **more)


LIBRARY = Platform(
    name="library",
    title="Library",
    base_url="https://library.test",
    auth=Token("LIBRARY_TOKEN", form="lib_{}"),
    protocol="graphql",
    identity="me",
    endpoints=(
        graphql("me", kind="identity", records="data.me", examples=(OWNER,)),
        graphql("owners", records="data.owners", examples=(OWNER, {**OWNER, "id": OWNER["id"][:-1] + "2"})),
        graphql(
            "books",
            records="data.books.nodes",
            paginator=Relay("data.books", page=5, most=20),
            body={
                "query": "query books($first: Int, $after: String) { books(first: $first, after: $after)"
                " { nodes { ...B } pageInfo { hasNextPage endCursor } } }"
                " fragment B on Book { id title settings sequel { id title }"
                " reviews { nodes { stars } } ... on Book { owner { id name } } }",
                "variables": {},
            },
            examples=(BOOK,),
        ),
        graphql(
            "lent",
            records="data.lent.nodes",
            paginator=Relay("data.lent", page=5, most=20),
            examples=({**BOOK, "id": BOOK["id"][:-1] + "7", "title": "Away"},),
        ),
        graphql(
            "book", kind="item", records="data.book", parents={"id": "books"}, examples=({**BOOK, "blurb": "Long"},)
        ),
        graphql("rename", kind="write", records="data.bookRename.book", examples=(BOOK,)),
        graphql(
            "add",
            kind="write",
            records="data.bookAdd.book",
            write=Write("create", target="books", sent="variables.input", required=("title",)),
            examples=(BOOK,),
        ),
        graphql(
            "retitle",
            kind="write",
            records="data.bookRetitle.book",
            parents={"id": "books"},
            write=Write("update", target="books", sent="variables.input"),
            examples=(BOOK,),
        ),
        graphql(
            "drop",
            kind="write",
            records="data.bookDrop.book",
            parents={"id": "books"},
            write=Write("delete", target="books", silent=True),
            examples=(BOOK,),
        ),
        graphql("odd", kind="item", records="elsewhere.odd", examples=(BOOK,)),
        graphql("broken", kind="item", records="data.broken", body={"query": "{"}, examples=({"id": "b"},)),
    ),
    errors=ErrorDialect(SHAPES, code="errors.0.extensions.code", message="errors.0.message", failed="errors"),
    limits=RateDialect(limit=1000, window=60.0),
)

SDL = """
scalar DateTime
scalar JSON
enum Kind { paper sound }
interface Thing { id: ID! }
type Owner implements Thing { id: ID! name: String! url: String! books(first: Int, filter: JSON): BookConnection! }
type Shelf implements Thing { id: ID! color: String! place: UUID! }
scalar UUID
union Either = Shelf | Owner
type Book {
  id: ID! title: String! owner: Owner! shelf: Shelf! thing: Thing! either: Either kind: Kind! kinds: [Kind!]!
  made: DateTime!
  figures: JSON! count: Int! share: Float! price: Float lent: Boolean! shelves: [Shelf!]! others: [Shelf!]
  label(upper: Boolean): String! editions(first: Int): BookConnection!
}
type BookConnection { nodes: [Book!]! edges: [BookEdge!]! pageInfo: PageInfo! totalCount: Int! }
type BookEdge { node: Book! cursor: String! }
type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
type Status { ready: Boolean! }
type Payload { success: Boolean! book: Book }
type Query {
  me: Owner! owners: [Owner!]! books(first: Int, after: String, orderBy: String): BookConnection! book(id: ID!): Book
  lent(first: Int): BookConnection!
  shelf(id: ID!): Shelf shelves: [Shelf!]! status: Status! version: String other: BookConnection! audited: [Status!]
}
type Mutation {
  bookRename(id: ID!, title: String): Payload! bookCreate(input: JSON): Payload! shelfDelete(id: ID!): Payload!
}
"""
STRICT = replace(LIBRARY, schema=SDL)


class Reader:
    """A client of a library."""

    def __init__(self, platform: Platform = LIBRARY, rows: int = 12) -> None:
        self.sandbox = Sandbox([platform], rows=rows, enforce_limits=False)
        self.headers = {"authorization": f"Bearer {self.sandbox.credentials('library')['LIBRARY_TOKEN']}"}
        self.http = httpx.Client(transport=self.sandbox.transport())

    def post(self, text: str, **variables: Any) -> httpx.Response:
        body = json.dumps({"query": text, "variables": variables})
        return self.http.post("https://library.test/graphql", content=body, headers=self.headers)

    def ask(self, text: str, **variables: Any) -> Any:
        answer = self.post(text, **variables)
        assert answer.status_code == 200, answer.text
        assert "errors" not in answer.json(), answer.text
        return answer.json()["data"]

    def refused(self, text: str, **variables: Any) -> str:
        answer = self.post(text, **variables)
        assert answer.status_code == 400, answer.text
        return str(answer.json()["errors"][0]["message"])


# Learnt


def test_the_declared_query_can_be_asked() -> None:
    """Also for what no example shows: an object and a page that are null in all of them, and a value left as it is."""
    reader = Reader()
    rows = reader.ask(LIBRARY.endpoint("books").body["query"], first=2)["books"]["nodes"]
    assert (rows[0]["settings"], rows[0]["sequel"], rows[0]["reviews"]) == ({"a": 1}, None, None)
    assert set(rows[0]["owner"]) == {"id", "name"}


def test_what_examples_show_can_be_asked() -> None:
    """Figures, flags, lists, lists of objects; what is named like a type of GraphQL's own; not what has no name."""
    reader = Reader()
    text = """{ books(first: 1) { nodes { price pages lent tags sizes { w } query { text __typename } empty } }
        owners { name } }"""
    found = reader.ask(text)
    book = found["books"]["nodes"][0]
    assert (book["pages"] > 0, type(book["price"]), len(book["sizes"]), book["empty"]) == (True, float, 1, {})
    assert (book["query"]["__typename"], len(found["owners"])) == ("QueryValue", 12)
    fields = reader.ask('{ __type(name: "Book") { fields { name } } }')["__type"]["fields"]
    assert "odd keys" not in [field["name"] for field in fields]
    assert "no subfields" in reader.refused("{ books { nodes { settings { a } } } }")
    assert "on type" in reader.refused("{ odd { id } }")


def test_an_item_shows_more_and_lends_it_to_the_list() -> None:
    """The type is one: what only the item's example has can be asked of the list, too."""
    reader = Reader()
    book = reader.ask("{ books(first: 1) { nodes { id blurb } } }")["books"]["nodes"][0]
    assert book["blurb"]
    assert reader.ask("query($id: ID!) { book(id: $id) { id blurb } }", id=book["id"])["book"] == book


def test_what_is_not_there_is_null_beside_the_rest() -> None:
    """Partial data: the error says where."""
    answer = Reader().post('{ book(id: "nobody") { id } me { id } }')
    found = answer.json()
    assert (answer.status_code, found["data"]["book"], len(found["data"]["me"])) == (200, None, 1)
    assert (found["errors"][0]["path"], found["errors"][0]["message"]) == (["book"], "Book")


def test_arguments_that_nobody_declared_are_taken() -> None:
    """A derived schema knows no types of inputs: any variable passes, and what is sent is echoed."""
    reader = Reader()
    text = "mutation($i: BookInput!, $ids: [ID!]) { bookRename(input: $i, ids: $ids) { success book { title pages } } }"
    found = reader.ask(text, i={"title": "New"}, ids=["a"])["bookRename"]
    assert (found["success"], found["book"]["title"], found["book"]["pages"] > 0) == (True, "New", True)
    assert reader.ask("query($n: Any = 2) { books(first: $n) { nodes { id } } }")["books"]["nodes"][1]
    assert 'Variable "$i"' in reader.refused(text)


def test_declared_writes_are_done() -> None:
    """A row is made, changed and taken away, whether its values come as variables or in the query."""
    reader = Reader()
    made = reader.ask('mutation { bookAdd(input: { title: "New" }) { success book { id title } } }')["bookAdd"]["book"]
    text = "query($id: String!) { book(id: $id) { id title } books(first: 20) { totalCount } }"
    assert reader.ask(text, id=made["id"]) == {"book": {**made, "title": "New"}, "books": {"totalCount": 13}}
    change = "mutation($id: String!, $i: BookInput!) { bookRetitle(id: $id, input: $i) { book { title } } }"
    assert reader.ask(change, id=made["id"], i={"title": "Newer"})["bookRetitle"]["book"] == {"title": "Newer"}
    assert reader.ask(text, id=made["id"])["book"]["title"] == "Newer"
    gone = reader.ask("mutation($id: String!) { bookDrop(id: $id) { success book { id } } }", id=made["id"])["bookDrop"]
    assert gone == {"success": True, "book": None}
    assert reader.post(text, id=made["id"]).json()["data"]["book"] is None


def test_declared_writes_that_do_not_fit_are_refused() -> None:
    """What is required is missing, or what is to be changed is not there."""
    reader = Reader()
    for text, said in (
        ("mutation { bookAdd(input: {}) { success } }", "title: Missing input"),
        ("mutation { bookAdd { success } }", "title: Missing input"),
        ('mutation { bookRetitle(id: "nobody", input: {}) { success } }', ""),
    ):
        answer = reader.post(text)
        assert answer.json()["errors"][0]["message"] == said
        assert set(answer.json()["data"].values()) == {None}
    assert "JSON!" in reader.refused("mutation { bookRetitle(id: null) { success } }")
    assert '"id"' in reader.refused("mutation($id: String) { bookRetitle(id: $id) { success } }")
    assert reader.sandbox.failures == 0


def test_pages_of_a_derived_schema() -> None:
    """Cursors of edges, totals, and a filter that nobody knows."""
    reader = Reader()
    page = reader.ask("{ books(first: 3, filter: { a: [UP, 1] }) { totalCount edges { cursor node { id } } } }")[
        "books"
    ]
    assert (page["totalCount"], len(page["edges"])) == (12, 3)
    after = reader.ask(
        "query($a: String) { books(first: 1, after: $a) { nodes { id } } }", a=page["edges"][1]["cursor"]
    )
    assert after["books"]["nodes"] == [page["edges"][2]["node"]]


def test_a_query_is_named_after_what_it_asks_for() -> None:
    """Through fragments too, so that faults find it."""
    reader = Reader()
    reader.ask("query { ...Q } fragment Q on Query { ... on Query { books(first: 1) { nodes { id } } } }")
    reader.ask("{ __typename ...Q ...Q } fragment Q on Query { owners { id } }")
    reader.refused("{ ...Missing }")
    assert {name: count for name, count in reader.sandbox.requests.items() if count} == {
        "library/books": 1,
        "library/owners": 1,
        "library/": 1,
    }


def test_exact_rows_teach_what_they_have() -> None:
    """A platform whose rows were put is learnt from them."""
    reader = Reader()
    reader.sandbox.put("library/books", [{"id": "b1", "mood": {"id": "m", "colour": "red"}}])
    assert reader.ask("{ books { nodes { mood { colour } } } }")["books"]["nodes"] == [{"mood": {"colour": "red"}}]


# Brought along


def test_a_schema_of_ones_own_is_served() -> None:
    """What it promises and no example says has a plausible value; the same one every time."""
    reader = Reader(STRICT)
    text = """{ books(first: 1) { nodes { title owner { name url } shelf { id color place } thing { __typename id }
        either { __typename } kind kinds made figures count share lent shelves { id } others { id } label
        editions { nodes { id } } } } }"""
    book = reader.ask(text)["books"]["nodes"][0]
    assert (book["kind"], book["kinds"], book["figures"], book["count"], book["share"]) == ("paper", [], {}, 0, 0)
    assert (book["either"], book["shelves"], book["others"], book["label"]) == (None, [], None, "")
    assert book["editions"] == {"nodes": []}
    assert book["made"].endswith("Z")
    assert (book["shelf"]["color"][0], len(book["shelf"]["id"]), len(book["shelf"]["place"])) == ("#", 36, 36)
    assert book["owner"]["url"].startswith("https://")
    assert book["thing"]["__typename"] in ("Owner", "Shelf")
    assert reader.ask(text)["books"]["nodes"][0] == book


def test_roots_without_an_endpoint() -> None:
    """Lists of things without data are empty, objects have values of their own, unknown things are not there."""
    reader = Reader(STRICT)
    text = "{ shelves { id } status { ready } version other { nodes { id } totalCount } audited { ready } }"
    found = reader.ask(text)
    assert (found["shelves"], found["status"], found["version"]) == ([], {"ready": False}, None)
    assert found["audited"] == []
    assert found["other"]["totalCount"] == 12
    assert reader.post('{ shelf(id: "x") { id } }').json()["errors"][0]["message"] == "Shelf"


def test_two_lists_of_one_type_are_two_lists() -> None:
    """They hold rows of their own, whichever was asked first."""
    found = Reader(STRICT).ask("{ books(first: 3) { nodes { id } } lent(first: 3) { nodes { id } } }")
    ids = [row["id"] for rows in found.values() for row in rows["nodes"]]
    assert len(set(ids)) == 6


def test_a_relation_is_found_by_its_type() -> None:
    """The books of an owner are those whose owner it is."""
    reader = Reader(STRICT)
    owners = reader.ask("{ owners { id books(first: 20) { nodes { owner { id } } } } }")["owners"]
    assert sum(len(owner["books"]["nodes"]) for owner in owners) == 12
    assert all(book["owner"]["id"] == owner["id"] for owner in owners for book in owner["books"]["nodes"])


def test_mutations_of_a_schema_of_ones_own() -> None:
    """They are answered as declared, and take what the schema says and nothing else."""
    reader = Reader(STRICT)
    found = reader.ask('mutation { bookRename(id: "x", title: "New") { success book { title } } }')["bookRename"]
    assert found["success"] is True
    assert reader.ask("mutation { bookCreate(input: {}) { success book { id } } }")["bookCreate"]["book"] is None
    assert "Unknown argument" in reader.refused('mutation { bookRename(id: "x", nosuch: 1) { success } }')
    assert "Unknown type" in reader.refused("query($x: Nosuch) { book(id: $x) { id } }")


# Evolved


@pytest.mark.parametrize("platform", [LIBRARY, STRICT], ids=["derived", "strict"])
def test_both_evolve(platform: Platform) -> None:
    """A field is renamed, gone, new, nothing, or something else, in the schema and in the answers."""
    reader = Reader(platform)
    changes = [
        {"change": "rename", "path": "title", "to": "heading"},
        {"change": "remove", "path": "price"},
        {"change": "add", "path": "isbn", "to": "978"},
        {"change": "nullify", "path": "lent", "share": 0.5},
        {"change": "retype", "path": "owner.name", "to": "array"},
        {"change": "remove", "path": "owner.url"},
        {"change": "remove", "path": "nosuch.name"},
        {"change": "remove", "path": "title.name"},
        {"change": "add", "path": "data.extra", "to": 1, "scope": "envelope"},
        {"change": "header", "path": "x-new", "to": "1"},
    ]
    reader.sandbox.evolve(Evolution.parse([{"endpoint": "library/books", **change} for change in changes]))
    answer = reader.post("{ books(first: 12) { nodes { heading isbn lent owner { name } } } }")
    data = answer.json()["data"]
    assert (answer.headers["x-new"], data["extra"]) == ("1", 1)
    rows = data["books"]["nodes"]
    assert all(row["heading"] and row["isbn"] == "978" and isinstance(row["owner"]["name"], list) for row in rows)
    assert 0 < [row["lent"] for row in rows].count(None) < 12
    for gone in ("title", "price"):
        assert f'Cannot query field "{gone}"' in reader.refused(f"{{ books {{ nodes {{ {gone} }} }} }}")


# Documents


@pytest.mark.parametrize(
    "text",
    [
        "{ a " * 70 + "}" * 70,
        "{ ... on A " * 70 + "{ b }" + "}" * 70,
        "{ me { " + "name " * 600 + "} }",
        "{ me { " + "...A " * 600 + "} } fragment A on Owner { id }",
        "{ " + "x " * 16_000 + "}",
        "{ a(b: " + "[" * 5000 + "]" * 5000 + ") }",
    ],
)
def test_documents_have_a_size(text: str) -> None:
    """Too deep, too repetitive, too long."""
    with pytest.raises(Invalid):
        parsed(text)


def test_fragments_that_nest_too_deeply_together_are_refused() -> None:
    """Each is shallow, and together they are not."""
    chain = " ".join(f"fragment F{n} on Book {{ owner {{ books {{ nodes {{ ...F{n + 1} }} }} }} }}" for n in range(30))
    text = "{ books { nodes { ...F0 } } } fragment F30 on Book { id } " + chain
    assert "nested too deeply" in Reader(STRICT).refused(text)


def test_a_query_that_costs_too_much_is_refused() -> None:
    """Also where the platform says nothing of costs."""
    text = "title kind"
    for _ in range(5):
        text = f"owner {{ books(first: 20) {{ nodes {{ {text} }} }} }}"
    assert "complex" in Reader(STRICT).refused(f"{{ books {{ nodes {{ {text} }} }} }}")
