"""Staged drift: each kind of change does what it says, to the rows it says, and nothing else."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from bi_contracts.client import Client
from bi_contracts.errors import ConfigurationError
from bi_contracts.platform import Endpoint, Platform
from bi_contracts.sandbox import Evolution, Sandbox
from bi_contracts.sandbox.evolution import DEMO, Change, retyped

from .made_up import Shop

RECORD = {"a": {"b": 1, "c": None}, "list": [{"x": "1", "y": 2}, {"x": "2"}], "map": {"p": {"v": 1}, "q": {"v": 2}}}


def changed(change: str, path: str, to: Any = None) -> Any:
    return Change("any", change, path, to).apply(RECORD)  # type: ignore[arg-type]


def test_remove() -> None:
    """A field goes, inside objects, in every item of a list, in every value of a map."""
    assert changed("remove", "a.b")["a"] == {"c": None}
    assert changed("remove", "list.*.x")["list"] == [{"y": 2}, {}]
    assert changed("remove", "map.*.v")["map"] == {"p": {}, "q": {}}
    assert changed("remove", "list.0")["list"] == [{"x": "2"}]
    assert changed("remove", "list.*")["list"] == []
    assert changed("remove", "map.*")["map"] == {}


@pytest.mark.parametrize("path", ["nope", "a.nope.more", "list.9", "list.x", "a.b.c"])
@pytest.mark.parametrize("change", ["remove", "nullify", "retype", "rename", "wrap", "enum"])
def test_what_is_not_there_stays_away(change: str, path: str) -> None:
    """A path that leads nowhere changes nothing."""
    assert changed(change, path, {"retype": "string"}.get(change, "to")) == RECORD


def test_rename_keeps_place_and_value() -> None:
    """The new name stands where the old one stood."""
    assert list(changed("rename", "a", "z")) == ["z", "list", "map"]
    assert changed("rename", "list.*.x", "z")["list"] == [{"z": "1", "y": 2}, {"z": "2"}]
    assert changed("rename", "list.0", "z") == RECORD


def test_nullify_enum_add_and_wrap() -> None:
    """Null, another token, a new field, an object around a value; null is no token."""
    assert changed("nullify", "list.*.x")["list"] == [{"x": None, "y": 2}, {"x": None}]
    assert changed("enum", "a.b", "new")["a"]["b"] == "new"
    assert changed("enum", "a.c", "new")["a"]["c"] is None
    assert changed("add", "a.d", [1])["a"]["d"] == [1]
    assert changed("wrap", "a.b", "value")["a"]["b"] == {"value": 1}


@pytest.mark.parametrize(
    ("value", "kind", "after"),
    [
        (7, "string", "7"),
        ("x", "string", "x"),
        (True, "string", "true"),
        ("12", "integer", 12),
        ("12", "number", 12.5),
        (0, "boolean", False),
        (1, "object", {"value": 1}),
        (1, "array", [1]),
        (None, "string", None),
    ],
)
def test_retype(value: Any, kind: str, after: Any) -> None:
    """A value becomes another type, null stays null."""
    assert retyped(value, kind) == after


def test_what_is_no_number_gets_one_of_its_own() -> None:
    """The same text always becomes the same number."""
    assert retyped("hello", "integer") == retyped("hello", "integer") != retyped("hallo", "integer")


def test_the_record_that_came_in_is_left_alone() -> None:
    """A change gives a copy."""
    before = json.dumps(RECORD)
    changed("remove", "list.*.x")
    changed("add", "a.new", 1)
    assert json.dumps(RECORD) == before


def test_a_share_shows_in_that_share_of_the_rows() -> None:
    """The same rows every time, about as many as asked."""
    change = Change("shop/books", "remove", "title", share=0.25)
    shown = [change.shows(position) for position in range(1000)]
    assert shown == [change.shows(position) for position in range(1000)]
    assert 200 < sum(shown) < 300


@pytest.fixture
def shop() -> Shop:
    return Shop()


def evolve(shop: Shop, **entry: Any) -> None:
    shop.sandbox.evolve(Evolution.parse([entry]))


def test_records_change_in_lists_and_items(shop: Shop) -> None:
    """A glob reaches both; rows read before do not hide it."""
    before = shop.get("/shelves").json()["data"][0]
    evolve(shop, endpoint="shop/*", change="rename", path="name", to="label")
    after = shop.get("/shelves").json()["data"][0]
    assert after == {("label" if name == "name" else name): value for name, value in before.items()}
    assert "label" in shop.get("/users/me").json()


def test_exact_rows_change_too(shop: Shop) -> None:
    """Rows that were put are part of the API."""
    shop.sandbox.put("shop/shelves", [{"id": "a", "name": "n"}])
    evolve(shop, endpoint="shop/shelves", change="remove", path="name")
    assert shop.get("/shelves").json()["data"] == [{"id": "a"}]


def test_changes_add_up(shop: Shop) -> None:
    """What changed before stays changed."""
    evolve(shop, endpoint="shop/shelves", change="rename", path="name", to="label")
    evolve(shop, endpoint="shop/shelves", change="nullify", path="label")
    assert shop.get("/shelves").json()["data"][0]["label"] is None


def test_envelopes_change(shop: Shop) -> None:
    """The whole answer, of lists and of items."""
    evolve(shop, endpoint="shop/shelves", change="wrap", path="data", to="rows", scope="envelope")
    evolve(shop, endpoint="shop/users", change="remove", path="object", scope="envelope")
    evolve(shop, endpoint="shop/users", change="remove", path="name")
    assert len(shop.get("/shelves").json()["data"]["rows"]) == 10
    users = shop.get("/users").json()
    assert set(users) == {"data"}
    assert "name" not in users["data"][0]


def test_headers_and_status_change(shop: Shop) -> None:
    """A header comes or goes; a status changes alone, or with the platform's error body from 400 on."""
    evolve(shop, endpoint="shop/shelves", change="header", path="Sunset", to="Sat, 01 May 2027 00:00:00 GMT")
    evolve(shop, endpoint="shop/shelves", change="header", path="Content-Type")
    evolve(shop, endpoint="shop/shelves", change="status", to=203)
    answer = shop.get("/shelves")
    assert (answer.status_code, answer.headers["sunset"]) == (203, "Sat, 01 May 2027 00:00:00 GMT")
    assert "content-type" not in answer.headers
    evolve(shop, endpoint="shop/shelves", change="status", to=410)
    gone = shop.get("/shelves")
    assert (gone.status_code, gone.json()["status"]) == (410, 410)


def test_graphql_rows_change(shop: Shop) -> None:
    """A field that was removed can no longer be asked for; a new one can."""
    evolve(shop, endpoint="graph/teams", change="rename", path="name", to="label")
    assert shop.query("{ teams { nodes { label } } }").status_code == 200
    assert shop.query("{ teams { nodes { name } } }").status_code == 400
    evolve(shop, endpoint="graph/teams", change="add", path="extensions", to={"a": 1}, scope="envelope")
    assert shop.query("{ teams { nodes { label } } }").json()["extensions"] == {"a": 1}


GOOD = {"endpoint": "shop/books", "change": "remove", "path": "title"}


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("text", "an object is wanted"),
        ({**GOOD, "when": 1}, "when is not known"),
        ({**GOOD, "endpoint": ""}, "endpoint must be given"),
        ({**GOOD, "change": 1}, "change must be given"),
        ({**GOOD, "change": "explode"}, "must be one of remove"),
        ({**GOOD, "scope": "world"}, "scope must be"),
        ({**GOOD, "share": 0}, "share must be"),
        ({**GOOD, "share": True}, "share must be"),
        ({**GOOD, "path": ""}, "path must be given"),
        ({**GOOD, "path": 3}, "path must be given"),
        ({**GOOD, "change": "retype", "to": "text"}, "one of string"),
        ({**GOOD, "change": "rename"}, "field name"),
        ({**GOOD, "change": "wrap", "to": "a.b"}, "field name"),
        ({**GOOD, "change": "status", "to": 99}, "status from 200"),
        ({**GOOD, "change": "status", "to": True}, "status from 200"),
    ],
)
def test_a_change_that_makes_no_sense_is_named_by_file_and_number(tmp_path: Path, entry: Any, said: str) -> None:
    """The message says which file, which entry, and what is wrong."""
    path = tmp_path / "changes.json"
    path.write_text(json.dumps([GOOD, entry]))
    with pytest.raises(ConfigurationError, match=said) as raised:
        Evolution.read(path)
    assert f"{path}, change 2" in str(raised.value)


@pytest.mark.parametrize("value", ["2026-03-01", "2026-03-01T09:00:00Z", "inf", "[nan]"])
def test_a_value_that_json_cannot_say_is_refused(tmp_path: Path, value: str) -> None:
    """A date of TOML would break every answer; the message says how to write it."""
    path = tmp_path / "a.toml"
    path.write_text(f'[[change]]\nendpoint = "shop/books"\nchange = "add"\npath = "due"\nto = {value}\n')
    with pytest.raises(ConfigurationError, match="change 1: to must be plain JSON"):
        Evolution.read(path)


@pytest.mark.parametrize("status", [204, 304])
def test_a_status_without_a_body_has_none(shop: Shop, status: int) -> None:
    """RFC 9110 sections 15.3.5 and 15.4.5."""
    evolve(shop, endpoint="shop/shelves", change="status", to=status)
    answer = shop.get("/shelves")
    assert (answer.status_code, answer.content) == (status, b"")


@pytest.mark.parametrize(("name", "text"), [("a.toml", "[["), ("a.json", "{"), ("b.json", "3"), ("c.toml", "x = 1")])
def test_a_file_that_holds_no_changes_is_named(tmp_path: Path, name: str, text: str) -> None:
    """Broken TOML or JSON, and JSON of another shape."""
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=name):
        Evolution.read(path)


def test_a_file_that_is_not_there_or_not_text_is_named(tmp_path: Path) -> None:
    """A missing file and one that is no UTF-8."""
    (tmp_path / "b.toml").write_bytes(b"\xff\xfe")
    for name in ("none.toml", "b.toml"):
        with pytest.raises(ConfigurationError, match=name):
            Evolution.read(tmp_path / name)


def answers(platform: Platform, endpoint: Endpoint, evolution: Evolution) -> list[str]:
    sandbox = Sandbox([platform], rows=12, enforce_limits=False)
    sandbox.evolve(evolution)
    client = Client(platform, sandbox.credentials(platform.name), transport=sandbox.transport())

    def arguments(wanted: Endpoint) -> dict[str, Any]:
        home = {name: platform.endpoint(parent) for name, parent in wanted.parents.items()}
        return {
            name: list(client.records(parent.name, **arguments(parent)))[1][parent.key] for name, parent in home.items()
        }

    found = client.responses(endpoint.name, **arguments(endpoint))
    return [f"{answer.headers.get('sunset')} {answer.text}" for answer in found]


@pytest.mark.parametrize("change", Evolution.read(DEMO).changes, ids=lambda change: f"{change.endpoint}-{change.path}")
def test_every_change_of_the_demo_can_be_seen(change: Change) -> None:
    """Each entry meets a declared endpoint, changes what a client reads at one of them, and breaks no read."""
    platform: Platform = import_module(f"bi_contracts.platforms.{change.endpoint.partition('/')[0]}").PLATFORM
    met = [endpoint for endpoint in platform.endpoints if change.concerns(platform.id(endpoint))]
    lists = [endpoint for endpoint in met if endpoint.kind == "list"]
    seen = [
        answers(platform, endpoint, Evolution()) != answers(platform, endpoint, Evolution((change,)))
        for endpoint in lists or [endpoint for endpoint in met if endpoint.kind != "write"]
    ]
    assert any(seen)
