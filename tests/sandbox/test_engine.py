"""From request to response: the order in which a platform decides, and what it says."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from bi_contracts.errors import DeclarationError, UnknownEndpoint
from bi_contracts.sandbox import Sandbox

from .made_up import SHOP, Shop


@pytest.fixture
def shop() -> Shop:
    return Shop()


def first(shop: Shop, path: str, where: str = "data") -> Any:
    return shop.get(path).json()[where][0]["id"]


def test_identity_answers_who_one_is(shop: Shop) -> None:
    """The identity endpoint gives one record, as compact JSON in UTF-8."""
    answer = shop.get("/users/me")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert b", " not in answer.content
    assert set(answer.json()) == {"id", "name", "email", "admin", "joined_on"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 401), ({"authorization": "Bearer nonsense"}, 401), ({"authorization": "shop_x"}, 401)],
)
def test_only_the_sandboxes_own_credential_is_accepted(shop: Shop, headers: dict[str, str], status: int) -> None:
    """No credential and a wrong one meet the platform's own refusal."""
    answer = shop.http.get("/users/me", headers=headers)
    assert answer.status_code == status
    assert answer.json()["error"]["code"] == "unauthorized"


def test_credentials_depend_on_the_seed() -> None:
    """Another seed, another credential; the form is the declared one."""
    made = [Shop(seed=seed).sandbox.credentials("shop")["SHOP_TOKEN"] for seed in ("a", "a", "b")]
    assert made[0] == made[1] != made[2]
    assert made[0].startswith("shop_")


def test_the_version_header_is_required_and_echoed(shop: Shop) -> None:
    """Without it the platform answers its own error; with it the answer names the version."""
    bare = shop.http.get("/users/me", headers={"authorization": shop.headers["authorization"]})
    assert (bare.status_code, bare.json()["error"]["code"]) == (400, "missing")
    assert shop.get("/users/me").headers["shop-version"] == "2026-01"


@pytest.mark.parametrize("path", ["/nowhere", "/users/", "/books/12", "/users/me/more", "/shelves//books"])
def test_what_is_not_there_is_the_platforms_not_found(shop: Shop, path: str) -> None:
    """An unknown path or id is answered in the platform's words; a slash at the end changes nothing."""
    answer = shop.get(path)
    assert answer.status_code == (200 if path == "/users/" else 404)
    assert path == "/users/" or answer.json()["error"]["code"] == "not_found"


def test_a_method_that_is_not_declared_is_not_found(shop: Shop) -> None:
    """DELETE on a list is not routed; a method that is declared beside the usual one is."""
    assert shop.http.delete("/users", headers=shop.headers).status_code == 404
    assert shop.get("/messages.list").status_code == 200
    assert shop.post("/messages.list", data={"limit": "3"}).status_code == 200


def test_a_missing_parent_is_a_bad_request(shop: Shop) -> None:
    """A list that stands under a parent needs it, and names it."""
    answer = shop.get("/books")
    assert answer.status_code == 400
    assert "shelf" in answer.json()["error"]["words"]


def test_an_unknown_parent_is_not_found(shop: Shop) -> None:
    """A parent that does not exist is the platform's not-found."""
    assert shop.get("/books", shelf="nobody").status_code == 404


def test_an_item_is_the_row_of_its_list_and_more(shop: Shop) -> None:
    """By id comes what the list showed, with the fields that only the item endpoint has."""
    shelf = first(shop, "/shelves")
    row = shop.get("/books", shelf=shelf).json()["data"]["items"][3]
    item = shop.get(f"/books/{row['id']}").json()["data"]
    assert {name: item[name] for name in row} == row
    assert item["summary"]


def test_an_item_stands_under_its_own_parent_only(shop: Shop) -> None:
    """Two parents must belong together."""
    one, other = (row["id"] for row in shop.get("/shelves").json()["data"][:2])
    book = shop.get("/books", shelf=one).json()["data"]["items"][0]["id"]
    assert shop.get(f"/shelves/{one}/books/{book}").status_code == 200
    assert shop.get(f"/shelves/{other}/books/{book}").status_code == 404


@pytest.mark.parametrize("size", [1, 7, 10])
def test_cursor_pages_hold_every_row_once(shop: Shop, size: int) -> None:
    """All pages together are the list, in order; the flag and the block say where it ends."""
    shelf = first(shop, "/shelves")
    found, after = [], None
    while True:
        sent = {"shelf": shelf, "size": size} | ({"after": after} if after else {})
        answer = shop.get("/books", **sent).json()
        found += answer["data"]["items"]
        assert answer["object"] == "list"
        if not answer["more"]:
            break
        after = answer["page"]["next"]
    assert answer["page"] is None
    assert [row["number"] for row in found] == list(range(1, 26))


def test_links_can_be_followed(shop: Shop) -> None:
    """The URL of the next page leads to it."""
    found, url = [], "/shelves"
    while url:
        answer = shop.get(url).json()
        found += answer["data"]
        url = answer["next"]
    assert len({row["id"] for row in found}) == 25


def test_a_scroll_ends_with_an_empty_page(shop: Shop) -> None:
    """One token for the whole read."""
    pages = [shop.get("/everything").json()]
    while pages[-1]["rows"]:
        pages.append(shop.get("/everything", scroll=pages[-1]["scroll"]).json())
    assert [len(page["rows"]) for page in pages] == [10, 10, 5, 0]
    assert shop.get("/everything", scroll="gone").status_code == 400


def test_pages_by_number(shop: Shop) -> None:
    """Pages are counted from one; page nought is refused."""
    assert [len(shop.get("/users", page=number, size=10).json()["data"]) for number in (1, 2, 3, 4)] == [10, 10, 5, 0]
    assert shop.get("/users", page=0).status_code == 400
    assert shop.get("/users", size=5000).status_code == 400


def test_arguments_come_in_query_or_form(shop: Shop) -> None:
    """A form endpoint takes its arguments in either place, and ends with an empty token."""
    posted = shop.post("/messages.list", data={"limit": "4"}).json()
    got = shop.get("/messages.list", limit=4).json()
    assert posted == got
    assert shop.get("/messages.list", limit=25).json()["meta"]["cursor"] == ""


def test_endpoints_that_share_a_path_are_told_apart_by_what_is_sent(shop: Shop) -> None:
    """Two searches at one path: the fixed part of the body decides."""
    one = shop.post("/search", json={"filter": "books", "size": 5}).json()["found"]
    other = shop.post("/search", json={"filter": "all", "size": 5}).json()["found"]
    assert {row.get("kind") for row in one} != {row.get("kind") for row in other}


def test_a_list_may_be_the_whole_answer(shop: Shop) -> None:
    """Rows at the root make an array."""
    assert len(shop.get("/colours").json()) == 25


def test_a_write_echoes_the_record(shop: Shop) -> None:
    """What was sent comes back inside a record; fields the record does not have are left out."""
    shelf = first(shop, "/shelves")
    answer = shop.post("/books", json={"shelf": shelf, "data": {"title": "New", "nonsense": 1}})
    assert answer.json()["data"]["title"] == "New"
    assert "nonsense" not in answer.json()["data"]
    assert shop.post("/books", json={"shelf": "nobody"}).status_code == 404


def test_rate_limit_is_counted_and_refused(shop: Shop) -> None:
    """The budget goes down with every request, then comes the refusal, and after the window it starts again."""
    shop.sandbox.limit("shop", 2, 30)
    answers = [shop.get("/users/me") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert [answer.headers["x-remaining"] for answer in answers] == ["1", "0", "0"]
    assert answers[2].headers["retry-after"] == "30"
    shop.now += 30
    assert shop.get("/users/me").status_code == 200


def test_limits_may_be_stated_without_being_enforced() -> None:
    """With `enforce_limits=False` the headers are there and no refusal is."""
    shop = Shop(enforce_limits=False)
    shop.sandbox.limit("*", 1, 30)
    assert [shop.get("/users/me").status_code for _ in range(3)] == [200, 200, 200]


def test_limits_count_by_path_where_the_platform_does() -> None:
    """Slack counts each method by itself."""
    from bi_contracts.platforms.slack import PLATFORM

    sandbox = Sandbox([PLATFORM], clock=lambda: 0.0)
    sandbox.limit("slack", 1, 60)
    token = {"authorization": f"Bearer {sandbox.credentials('slack')['SLACK_BOT_TOKEN']}"}
    http = httpx.Client(transport=sandbox.transport(), base_url="https://slack.com/api", headers=token)
    assert [http.post(path).status_code for path in ("/auth.test", "/users.list", "/auth.test")] == [200, 200, 429]


def test_exact_rows_are_answered(shop: Shop) -> None:
    """Rows put in are the rows that come out."""
    shop.sandbox.put("shop/shelves", [{"id": "one"}, {"id": "two"}])
    assert shop.get("/shelves").json()["data"] == [{"id": "one"}, {"id": "two"}]
    assert shop.get("/books", shelf="one").status_code == 200


@pytest.mark.parametrize("wanted", ["shop/nothing", "nowhere/books", "shop"])
def test_rows_go_to_endpoints_that_exist(shop: Shop, wanted: str) -> None:
    """Putting rows nowhere names what there is."""
    with pytest.raises((UnknownEndpoint, DeclarationError)):
        shop.sandbox.put(wanted, [])


def test_an_unknown_platform_has_no_credentials(shop: Shop) -> None:
    """Asking for another platform's credentials names those there are."""
    with pytest.raises(DeclarationError, match="graph, shop"):
        shop.sandbox.credentials("stop")


def test_empty_lists_and_no_items() -> None:
    """With no rows the lists are empty and identities are still there."""
    empty = Shop(rows=0)
    assert empty.get("/shelves").json()["data"] == []
    assert empty.get("/users/7001").status_code == 404
    assert empty.get("/users/me").status_code == 200


def test_a_first_path_segment_names_the_platform(shop: Shop) -> None:
    """At any other host the path says who is asked; links stay in that layout."""
    base = "http://127.0.0.1:8080/shop/v2"
    answer = shop.http.get(f"{base}/shelves", headers=shop.headers)
    assert answer.json()["next"].startswith(f"{base}/shelves?")
    assert shop.http.get("http://127.0.0.1:8080/shop/v3/shelves", headers=shop.headers).status_code == 404
    elsewhere = shop.http.get("http://127.0.0.1:8080/other", headers=shop.headers)
    assert elsewhere.status_code == 404
    assert "graph, shop" in elsewhere.json()["error"]


def test_every_answer_can_be_told_apart(shop: Shop) -> None:
    """Each answer has a request id of its own."""
    assert len({shop.get("/users/me").headers["x-request-id"] for _ in range(5)}) == 5


def test_one_seed_gives_the_same_answers() -> None:
    """Two sandboxes of one seed answer the same bytes."""
    one, other = Shop(), Shop()
    assert one.get("/shelves").content == other.get("/shelves").content


async def _read(sandbox: Sandbox, headers: dict[str, str]) -> int:
    async with httpx.AsyncClient(transport=sandbox.async_transport()) as http:
        return (await http.get("https://api.shop.test/v2/users/me", headers=headers)).status_code


def test_async_clients_are_answered_too(shop: Shop) -> None:
    """The asynchronous transport gives the same."""
    import asyncio

    assert asyncio.run(_read(shop.sandbox, shop.headers)) == 200


def test_a_bare_sandbox_needs_only_platforms() -> None:
    """Everything else has a default."""
    assert Sandbox([SHOP]).world.size == 120
