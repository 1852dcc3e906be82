"""Made-up rows: the same for a seed, never twice the same key, in the form of the examples."""

from __future__ import annotations

import json
import re
import tracemalloc
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bi_contracts.errors import ConfigurationError
from bi_contracts.platform import Endpoint
from bi_contracts.platforms.asana import PLATFORM as ASANA
from bi_contracts.platforms.notion import PLATFORM as NOTION
from bi_contracts.platforms.slack import PLATFORM as SLACK
from bi_contracts.sandbox.world import Rows, World

from .made_up import BOOK, SHOP

SHELVES, BOOKS = SHOP.endpoint("shelves"), SHOP.endpoint("books")


def books(seed: str = "bi", rows: int = 30) -> list[Any]:
    world = World(seed, rows)
    return list(world.rows(SHOP, BOOKS, world.rows(SHOP, SHELVES)[2]["id"]))


def dumped(seed: str) -> str:
    world = World(seed, 12)
    return json.dumps([list(world.rows(SHOP, endpoint))[:40] for endpoint in SHOP.endpoints])


def test_one_seed_gives_the_same_bytes_twice() -> None:
    """Two worlds of one seed are equal, of two seeds are not."""
    assert dumped("a") == dumped("a") != dumped("b")


@pytest.mark.parametrize("endpoint", SHOP.endpoints, ids=lambda endpoint: endpoint.name)
def test_keys_of_a_list_are_unique(endpoint: Endpoint) -> None:
    """No two rows share their key, under whichever parents."""
    rows = World("bi", 9).rows(SHOP, endpoint)
    keys = [row[endpoint.key] for row in rows if endpoint.key in row]
    assert len(set(keys)) == len(rows) == len(keys)


@settings(max_examples=30, deadline=None)
@given(position=st.integers(0, 29), rows=st.integers(30, 10**6))
def test_a_row_is_found_by_its_key(position: int, rows: int) -> None:
    """`find(row.key)` gives the row, in a world of any size."""
    world = World("bi", rows)
    found = world.rows(SHOP, BOOKS, world.rows(SHOP, SHELVES)[position]["id"])
    assert found.find(found[position]["id"]) == found[position]


def test_a_key_of_another_parent_is_not_found() -> None:
    """A list holds only the rows of its own parent, and none for a key that nobody has."""
    world = World("bi", 5)
    first, second = (world.rows(SHOP, BOOKS, world.rows(SHOP, SHELVES)[number]["id"]) for number in (0, 1))
    assert first.find(second[0]["id"]) is None
    assert first.find("nobody") is None
    assert first.find(None) is None


def test_integer_keys_are_found_as_text() -> None:
    """A path carries `7003`; the row's key is the number."""
    rows = World("bi", 5).rows(SHOP, SHOP.endpoint("users"))
    assert isinstance(rows[3]["id"], int)
    assert rows.find(str(rows[3]["id"])) == rows[3]


def test_an_unknown_parent_is_an_error() -> None:
    """Rows under a parent that does not exist raise LookupError."""
    with pytest.raises(LookupError):
        World("bi", 5).rows(SHOP, BOOKS, "nobody")


def test_values_keep_type_and_form() -> None:
    """Every field of every row has the type of its example, and times, dates and texts their form."""
    for row in books():
        assert {name: type(value) for name, value in row.items()} == {name: type(value) for name, value in BOOK.items()}
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", row["created_at"])
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", row["updated_at"])
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", row["due_on"])
        assert re.fullmatch(r"[0-9a-f]{24}", row["author"]["id"])
        assert re.fullmatch("<p>.+</p>", row["html"])


def test_tokens_stay_and_content_varies() -> None:
    """`type`, `state`, null and old dates are the same everywhere; titles, texts and flags are not."""
    found = books(rows=60)
    assert {(row["type"], row["state"], row["note"], row["born"]) for row in found} == {
        ("book", "lent", None, "1990-01-01")
    }
    assert {row["lent"] for row in found} == {True, False}
    for name in ("title", "text", "pages", "price"):
        assert len({row[name] for row in found}) > 20


@pytest.mark.parametrize("rows", [30, 10**6])
def test_times_advance_with_the_rows(rows: int) -> None:
    """The later row was made later, whatever the number of rows, and not before it was created was it changed."""
    found = books(rows=rows)[:30] if rows == 30 else list(World("bi", rows).rows(SHOP, BOOKS)[:30])
    times = [datetime.fromisoformat(row["created_at"]) for row in found]
    assert times == sorted(set(times))
    assert [row["seen"] for row in found] == sorted({row["seen"] for row in found})
    assert all(row["created_at"][:19] <= row["updated_at"][:19] for row in found)
    assert all(2025 <= time.year <= 2026 for time in times)


def test_identifiers_inside_a_row_agree() -> None:
    """The URL holds the row's id and its shelf's, the ticket its number, the shelf is the parent."""
    world = World("bi", 6)
    shelf = world.rows(SHOP, SHELVES)[4]
    for number, row in enumerate(world.rows(SHOP, BOOKS, shelf["id"])):
        assert row["url"] == f"https://shop.test/books/{row['id']}?shelf={shelf['id']}"
        assert (row["ticket"], row["number"]) == (f"LIB-{number + 1}", number + 1)
        assert row["shelf"] == {"id": shelf["id"], "name": shelf["name"]}
        assert row["reader_id"] != BOOK["reader_id"]


def test_a_person_has_one_name_and_an_address_that_goes_with_it() -> None:
    """The same id has the same name in every row; addresses are at example.com and start like the name."""
    names: dict[str, str] = {}
    for row in books(rows=400):
        author = row["author"]
        assert names.setdefault(author["id"], author["name"]) == author["name"]
        assert author["email"].endswith("@example.com")
        assert author["email"].isascii()
    assert 20 < len(names) <= 97


def test_identity_is_a_row_of_the_list_it_refers_to() -> None:
    """Whoever the credential is can be read as a user, by the same id and under the same name."""
    world = World("bi", 8)
    me = world.rows(ASANA, ASANA.endpoint("me"))[0]
    user = world.rows(ASANA, ASANA.endpoint("users")).find(me["gid"])
    assert user is not None
    assert user["name"] == me["name"]


def test_identity_that_refers_to_nothing_keeps_its_key() -> None:
    """The workspace that Slack's tokens belong to is the one that its rows name."""
    world = World("bi", 8)
    team = world.rows(SLACK, SLACK.endpoint("team"))[0]
    assert {user["team_id"] for user in world.rows(SLACK, SLACK.endpoint("users"))} == {team["id"]}


def test_rows_of_a_nested_list_are_found_where_items_are_looked_for() -> None:
    """A row that a Notion data source holds is a page: it is found among the pages, and so is what stands under it."""
    world = World("bi", 8)
    sources = world.rows(NOTION, NOTION.endpoint("data_sources"))
    row = world.rows(NOTION, NOTION.endpoint("rows"), sources[3]["id"])[5]
    pages = world.collection(NOTION, NOTION.endpoint("page"))
    position = pages.position(row["id"])
    assert position is not None
    assert pages.row(position) == row
    assert row["parent"]["data_source_id"] == sources[3]["id"]
    block = world.rows(NOTION, NOTION.endpoint("blocks"), row["id"])[0]
    assert block["parent"]["page_id"] == row["id"]
    assert world.rows(NOTION, NOTION.endpoint("blocks")).source.position(block["id"]) is not None


def test_a_search_over_two_kinds_shows_both() -> None:
    """What Notion's search finds is a page or a data source that can be read by its id."""
    world = World("bi", 12)
    for row in world.rows(NOTION, NOTION.endpoint("search")):
        home = world.rows(NOTION, NOTION.endpoint({"page": "pages", "data_source": "data_sources"}[row["object"]]))
        assert home.find(row["id"]) == row


def test_search_shows_rows_of_other_lists() -> None:
    """A list whose examples belong to other lists shows their rows: what it finds can be read there."""
    world = World("bi", 12)
    shelves = world.rows(SHOP, SHELVES)
    found = world.rows(SHOP, SHOP.endpoint("found_books"))
    assert [row["id"] for row in found] == [row["id"] for row in shelves]
    assert found.find(found[5]["id"]) == found[5]
    assert found.find("nobody") is None


def test_rows_are_lazy_sequences() -> None:
    """Length, negative indexes, slices, steps and iteration work as in a list."""
    rows = World("bi", 20).rows(SHOP, SHELVES)
    whole = list(rows)
    assert isinstance(rows[3:9], Rows)
    assert list(rows[3:9]) == whole[3:9]
    assert list(rows[15:99]) == whole[15:]
    assert rows[::7] == whole[::7]
    assert rows[-1] == whole[-1]
    assert len(rows[9:3]) == 0
    with pytest.raises(IndexError):
        rows[20]


def test_a_million_rows_cost_no_memory() -> None:
    """Making the world and reading its ends takes less than a megabyte."""
    tracemalloc.start()
    rows = World("bi", 10**6).rows(SHOP, SHELVES)
    assert rows[10**6 - 1] != rows[0]
    assert rows.find(rows[999_999]["id"]) == rows[999_999]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000


def test_a_million_rows_under_a_million_parents() -> None:
    """Four levels of a million rows each: the deepest row is made from the keys of those above it."""
    world = World("bi", 10**6)
    key = world.rows(ASANA, ASANA.endpoint("workspaces"))[999_999]["gid"]
    for name in ("projects", "tasks", "stories"):
        rows = world.rows(ASANA, ASANA.endpoint(name), key)
        assert len(rows) == 10**6
        key = rows[999_999]["gid"]
        assert rows.find(key)["gid"] == key


def test_exact_rows_stand_where_they_were_put() -> None:
    """Rows that were put come back as they are, under every parent, and are found by key."""
    world = World("bi", 5)
    exact = [{"id": "a", "x": 1}, {"id": 2, "x": None}]
    world.put(SHOP, BOOKS, exact)
    rows = world.rows(SHOP, BOOKS, world.rows(SHOP, SHELVES)[0]["id"])
    assert list(rows) == exact
    assert (rows.find("a"), rows.find("2"), rows.find("b")) == (exact[0], exact[1], None)


def test_made_up_rows_follow_exact_parents() -> None:
    """Under two shelves that were put stand two shelves' books, and they say so."""
    world = World("bi", 5)
    world.put(SHOP, SHELVES, [{"id": "left"}, {"id": "right"}])
    rows = world.rows(SHOP, BOOKS, "right")
    assert len(rows) == 5
    assert {row["shelf"]["id"] for row in rows} == {"right"}


def test_no_examples_make_plain_rows() -> None:
    """An endpoint without examples has rows of a key and a name."""
    row = World("bi", 3).rows(SHOP, SHOP.endpoint("everything"))[1]
    assert set(row) == {"id", "name"}


def test_fewer_than_no_rows_are_refused() -> None:
    """A negative number of rows is a configuration error."""
    with pytest.raises(ConfigurationError, match="rows"):
        World("bi", -1)


def test_no_rows_are_allowed() -> None:
    """A world of no rows has empty lists."""
    assert list(World("bi", 0).rows(SHOP, SHELVES)) == []
