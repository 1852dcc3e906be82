"""A platform from a file: what a file can say, and what it hears where it is wrong."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from bi_contracts.auth import Token
from bi_contracts.declaration import read
from bi_contracts.dialects import ErrorKind
from bi_contracts.errors import DeclarationError
from bi_contracts.pagination import Cursor, Link, Single
from bi_contracts.platform import Write

ACME = Path(__file__).parent / "declared" / "acme.toml"


def declared(tmp_path: Path, text: str, *, name: str = "acme.toml") -> Path:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return file


def changed(tmp_path: Path, old: str, new: str) -> Path:
    """The made-up API with one thing said otherwise."""
    text = ACME.read_text(encoding="utf-8")
    assert old in text
    return declared(tmp_path, text.replace(old, new))


def test_five_endpoints_take_less_than_forty_lines() -> None:
    """Authentication, pages, a parent, a write, errors and limits among them."""
    platform = read(ACME)
    assert len(ACME.read_text(encoding="utf-8").splitlines()) < 40
    assert len(platform.endpoints) == 5


def test_a_file_says_what_python_would() -> None:
    """Each table is the value of the same name."""
    platform = read(ACME)
    me, customers, customer, orders, add_order = platform.endpoints
    assert (platform.name, platform.title, platform.identity) == ("acme", "Acme", "me")
    assert platform.auth == Token("ACME_TOKEN", "acme.example/settings/tokens", form="acme_{}")
    assert customers.paginator == Cursor("next", "query.after", size="query.limit", page=50)
    assert customers.paginator is orders.paginator
    assert isinstance(customer.paginator, Single)
    assert customers.examples[0]["phone"] is None
    assert orders.parents == {"customer": "customers"}
    assert add_order.write == Write("create", target="orders", required=("total",), status=201)
    assert (me.kind, add_order.kind) == ("identity", "write")


def test_the_usual_errors_are_filled_in() -> None:
    """A shape for every kind, with status, code and words, and what the file says of one of them on top."""
    errors = read(ACME).errors
    assert {kind: shape.status for kind, shape in errors.shapes.items()} == {
        ErrorKind.UNAUTHORIZED: 401,
        ErrorKind.FORBIDDEN: 403,
        ErrorKind.NOT_FOUND: 404,
        ErrorKind.BAD_REQUEST: 400,
        ErrorKind.RATE_LIMITED: 429,
        ErrorKind.SERVER_ERROR: 500,
    }
    status, body = errors.render(ErrorKind.RATE_LIMITED)
    assert (status, body["error"]["code"]) == (429, "slow_down")
    assert body["error"]["message"]


def test_a_paginator_may_stand_where_it_is_used(tmp_path: Path) -> None:
    """With its type beside its fields."""
    file = changed(tmp_path, 'paginator = "pages"\nentity', 'paginator = { type = "Link", next = "next_url" }\nentity')
    assert read(file).endpoint("customers").paginator == Link("next_url")


def test_an_ellipsis_can_be_written(tmp_path: Path) -> None:
    """`"..."` is what Python writes as `...`: nothing stands there."""
    paginator = read(changed(tmp_path, "page = 50", 'page = 50, end = "..."')).endpoint("customers").paginator
    assert isinstance(paginator, Cursor)
    assert paginator.end is ...


def test_a_query_and_a_union_are_read_too(tmp_path: Path) -> None:
    """Every field of a declaration can be said, the optional ones among them."""
    said = 'query = { filters."query.email" = { path = "email" } }\nmissing = { status = 410, body = { gone = true } }'
    endpoint = read(changed(tmp_path, 'entity = "person"', said)).endpoint("customers")
    assert endpoint.missing is not None
    assert (endpoint.missing.status, endpoint.missing.body) == (410, {"gone": True})
    assert endpoint.query is not None


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('base_url = "https://api.acme.example/v1"', "", "base_url: is missing"),
        ("https://api", "http://api", "base_url: must be an https URL"),
        ("limits = {", "limitz = {", "'limitz' is not known here: did you mean limits"),
        ("limit = 600", 'limit = "600"', "limits.limit: must be a whole number, not text"),
        ("window = 60", "window = true", "limits.window: must be a number, not true or false"),
        ('arguments = "body"', 'arguments = "url"', "add_order.arguments: 'url' is not known here: known are query"),
        ('type = "Cursor"', 'type = "Cursr"', "paginators.pages.type: 'Cursr' is not known here: did you mean Cursor"),
        ('type = "Cursor", ', "", "paginators.pages.type: is missing: known are Cursor"),
        ('token = "next", ', "", "paginators.pages.token: is missing"),
        ('slot = "query.after"', 'slot = "url.after"', "endpoints.customers: cannot be asked for: slot 'url.after'"),
        ('paginator = "pages"\nentity', 'paginator = "page"\nentity', "customers.paginator: .*did you mean pages"),
        ('path = "/me"', "", "endpoints.me.path: is missing"),
        ('path = "/me"', 'path = "me"', "endpoints.me.path: must start with /"),
        ('path = "/me"', 'pth = "/me"', "endpoints.me: 'pth' is not known here: did you mean path"),
        ('kind = "identity"', 'kind = "who"', "endpoints.me.kind: 'who' is not known here: known are list"),
        ('identity = "me"', 'identity = "mee"', "not declared: mee"),
        ('customer = "customers" }\n\n[endpoints.orders]', 'customer = "kunden" }\n\n[endpoints.orders]', "kunden"),
        ("shapes.rate_limited", "shapes.rate_limit", "errors.shapes: 'rate_limit' .*did you mean rate_limited"),
        ('required = ["total"]', 'required = "total"', "add_order.write.required: .*JSON text"),
        ("[{ id = \"ord_7bW3cN\"", "[{ nr = \"ord_7bW3cN\"", "endpoints.orders.examples.0: has no id; say which field"),
        ('"2026-03-01T09:12:24Z"', "2026-03-01T09:12:24Z", "examples.0.ordered_at: .*datetime: put it in quotes"),
        ('"phone": null', '"phone": nil', "endpoints.customers.examples: .*column"),
        ('variable = "ACME_TOKEN"', 'variable = "s3cr3t-value"', "auth: names environment variables"),
        ('identity = "me"', 'identity = "me', "line 3"),
        ('auth = { variable = "ACME_TOKEN",', 'auth = 3 # ', "auth: must be a table, not a whole number"),
        ('"https://api.acme.example/v1"', "1", "base_url: must be text, not a whole number"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_file_and_key(tmp_path: Path, old: str, new: str, words: str) -> None:
    """What is wrong, where, and what to type instead."""
    file = changed(tmp_path, old, new)
    with pytest.raises(DeclarationError, match=words) as caught:
        read(file)
    assert str(caught.value).startswith(f"{file}: ")
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("paginators = 1", "paginators: must be tables by name"),
        ("errors = 1", "errors: must be a table"),
        ("endpoints.me = 1", "endpoints.me: must be a table"),
        ("endpoints.me = { path = '/', paginator = 'p' }", "no .paginators. are declared"),
        ("endpoints = 1", "endpoints: must be tables by name"),
        ("base_url = 'https://a.example'", "name: is missing"),
        ("endpoints.me = { path = '/', params = [] }", "params: must be a table, not a list"),
        ("endpoints.me = { path = '/', examples = {} }", "examples: must be a list, not a table"),
    ],
)
def test_what_is_no_table_is_named(tmp_path: Path, text: str, words: str) -> None:
    """However short the file is."""
    with pytest.raises(DeclarationError, match=words):
        read(declared(tmp_path, text))


def test_a_python_file_declares_what_no_table_can(tmp_path: Path) -> None:
    """It exposes PLATFORM, as a module of an installed package does."""
    text = (
        f"from pathlib import Path\nfrom bi_contracts.declaration import read\nPLATFORM = read(Path({str(ACME)!r}))\n"
    )
    assert read(declared(tmp_path, text, name="acme.py")).name == "acme"


OWN_SCHEME = """
from __future__ import annotations
from dataclasses import dataclass, replace
from pathlib import Path
from bi_contracts.auth import Token
from bi_contracts.declaration import read

@dataclass(frozen=True, slots=True)
class Doubled(Token):
    again: str = ""

PLATFORM = replace(read(Path({acme!r})), auth=Doubled("ACME_TOKEN", again="yes"))
"""


def test_a_python_file_may_bring_a_scheme_of_its_own(tmp_path: Path) -> None:
    """That is what it is for."""
    found = read(declared(tmp_path, OWN_SCHEME.format(acme=str(ACME)), name="acme.py"))
    assert type(found.auth).__name__ == "Doubled"
    assert found.auth.variables == ("ACME_TOKEN",)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("PLATFORM = 1", "declares no platform: PLATFORM = "),
        ("\n\nraise ValueError('no')", "line 3: ValueError: no"),
        ("PLATFORM = (", "SyntaxError"),
    ],
)
def test_a_python_file_that_fails_is_named(tmp_path: Path, text: str, words: str) -> None:
    """With the line, and without a traceback."""
    file = declared(tmp_path, text, name="acme.py")
    with pytest.raises(DeclarationError, match=words) as caught:
        read(file)
    assert str(file) in str(caught.value)


def test_a_file_must_be_there_and_of_a_known_kind(tmp_path: Path) -> None:
    """The setting that lists it is named."""
    with pytest.raises(DeclarationError, match="no such file; the setting `platforms` lists it"):
        read(tmp_path / "none.toml")
    with pytest.raises(DeclarationError, match=r"\.toml or \.py file, not \.json"):
        read(declared(tmp_path, "{}", name="acme.json"))


def test_the_example_is_toml_that_others_can_read() -> None:
    """Nothing but TOML stands in it."""
    assert tomllib.loads(ACME.read_text(encoding="utf-8"))["name"] == "acme"
