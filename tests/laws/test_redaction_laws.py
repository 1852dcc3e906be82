"""What redaction promises for every input."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bi_contracts.cassette.keys import key_of
from bi_contracts.cassette.store import Cassette, Provenance, write
from bi_contracts.interaction import Interaction, Request, Response
from bi_contracts.redact import (
    Policy,
    find_secrets,
    redact_json,
    redact_request,
    redact_response,
    redact_text,
    redact_url,
)

ALNUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
HEX = "0123456789abcdef"
Secret = str
Place = Callable[[Secret], Interaction]


def of(alphabet: str, size: int) -> st.SearchStrategy[str]:
    return st.text(alphabet, min_size=size, max_size=size)


def joined(*parts: str | st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*(st.just(part) if isinstance(part, str) else part for part in parts)).map("".join)


SHAPED = {
    "slack bot": joined("xoxb-", of("0123456789", 11), "-", of(ALNUM, 24)),
    "slack user": joined("xoxp-", of("0123456789", 11), "-", of(ALNUM, 24)),
    "slack app": joined("xapp-1-", of(ALNUM, 30)),
    "notion secret": joined("secret_", of(ALNUM, 43)),
    "notion token": joined("ntn_", of(ALNUM, 46)),
    "linear key": joined("lin_api_", of(ALNUM, 40)),
    "linear oauth": joined("lin_oauth_", of(ALNUM, 40)),
    "hubspot": joined("pat-na1-", of(HEX, 8), "-", of(HEX, 4), "-", of(HEX, 4), "-", of(HEX, 4), "-", of(HEX, 12)),
    "intercom": of(ALNUM, 40).map(lambda text: base64.b64encode(f"tok:{text}".encode()).decode()),
    "asana": joined("1/", of("123456789", 16), ":", of(HEX, 32)),
    "asana 2": joined("2/", of("123456789", 16), "/", of("123456789", 16), ":", of(HEX, 32)),
    "salesforce": joined("00D", of(ALNUM, 12), "!", of(ALNUM + "._", 60)),
    "jwt": joined("eyJhbGciOiJIUzI1NiJ9.eyJ", of(ALNUM + "-_", 40), ".", of(ALNUM + "-_", 43)),
    "openai": joined("sk-", of(ALNUM, 48)),
    "github": joined("ghp_", of(ALNUM, 36)),
    "gitlab": joined("glpat-", of(ALNUM, 20)),
    "aws": joined("AKIA", of("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16)),
    "google": joined("AIza", of(ALNUM + "-_", 35)),
}
shaped = st.one_of(*SHAPED.values())
chosen = st.text(ALNUM + " !$%&/()=?+*#-_.:,;<>|@€ü\"'\\", min_size=4, max_size=40).map(lambda text: f"Zq7{text}!")
"""What a person may have chosen as a password."""


def asked(
    url: str = "https://api.example.com/v1/things", body: bytes = b"", content_type: str = "", **headers: str
) -> Interaction:
    pairs = [(name.replace("_", "-"), value) for name, value in headers.items()]
    if content_type:
        pairs.append(("Content-Type", content_type))
    return Interaction("x/y", Request("POST", url, tuple(pairs), body), Response(200))


def answered(body: bytes, content_type: str = "application/json", **headers: str) -> Interaction:
    pairs = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return Interaction(
        "x/y",
        Request("GET", "https://api.example.com/v1/things"),
        Response(200, (("Content-Type", content_type), *pairs), body),
    )


def as_json(value: Any) -> bytes:
    return json.dumps(value).encode()


def multipart(name: str, value: str) -> Interaction:
    part = f'--b0undary\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n--b0undary--\r\n'
    return asked(body=part.encode(), content_type="multipart/form-data; boundary=b0undary")


NAMED: dict[str, Place] = {
    "authorization": lambda secret: asked(Authorization=f"Bearer {secret}"),
    "bare authorization": lambda secret: asked(authorization=secret),
    "cookie": lambda secret: asked(Cookie=f"d={quote(secret)}; b=1"),
    "api key header": lambda secret: asked(X_Api_Key=secret),
    "set-cookie": lambda secret: answered(b"{}", Set_Cookie=f"session={quote(secret)}; Path=/; HttpOnly"),
    "query": lambda secret: asked("https://h.example/x?" + urlencode({"a": 1, "api_key": secret})),
    "query code": lambda secret: asked("https://h.example/cb?" + urlencode({"code": secret, "state": "s"})),
    "userinfo": lambda secret: asked(f"https://bot:{quote(secret, safe='')}@h.example/x"),
    "token list": lambda secret: asked(f"https://h.example/oauth/v1/access-tokens/{quote(secret, safe='')}"),
    "json": lambda secret: asked(body=as_json({"a": [{"client_secret": secret}]}), content_type="application/json"),
    "json answer": lambda secret: answered(as_json({"ok": True, "access_token": secret, "type": "bot"})),
    "json object": lambda secret: answered(as_json({"credentials": {"user": "u", "value": [secret]}})),
    "json in string": lambda secret: answered(as_json({"payload": json.dumps({"x": {"password": secret}})})),
    "token request": lambda secret: asked(
        body=as_json({"grant_type": "authorization_code", "code": secret}), content_type="application/json"
    ),
    "form": lambda secret: asked(
        body=urlencode({"a": "b", "token": secret}).encode(), content_type="application/x-www-form-urlencoded"
    ),
    "graphql variable": lambda secret: asked(
        body=as_json(
            {"query": "mutation($p: String!) { login(password: $p) { id } }", "variables": {"password": secret}}
        ),
        content_type="application/json",
    ),
    "graphql literal": lambda secret: asked(
        body=as_json({"query": f"mutation {{ login(password: {json.dumps(secret)}) {{ id }} }}"}),
        content_type="application/json",
    ),
    "multipart": lambda secret: multipart("api_key", secret),
}
ANYWHERE: dict[str, Place] = {
    "plain header": lambda secret: asked(X_Note=f"see {secret}"),
    "location": lambda secret: answered(b"", Location=f"https://h.example/next?a={quote(secret, safe='')}"),
    "path": lambda secret: asked(f"https://h.example/bot/{quote(secret, safe='')}/send"),
    "plain query": lambda secret: asked("https://h.example/x?" + urlencode({"q": secret})),
    "fragment": lambda secret: asked(f"https://h.example/x#id={quote(secret, safe='')}"),
    "json value": lambda secret: answered(as_json({"a": {"b": [[1, {"note_id": secret}]]}})),
    "json text": lambda secret: answered(as_json({"value": f"use {secret} please"})),
    "json key": lambda secret: answered(as_json({"by_token": {secret: 1}})),
    "json in json": lambda secret: answered(as_json({"a": json.dumps({"b": json.dumps([secret])})})),
    "link in json": lambda secret: answered(as_json({"next": f"https://h.example/?cursor={quote_plus(secret)}"})),
    "form value": lambda secret: asked(
        body=urlencode({"blocks": json.dumps([{"value": secret}])}).encode(),
        content_type="application/x-www-form-urlencoded",
    ),
    "graphql list": lambda secret: asked(
        body=as_json({"query": f"{{ things(ids: [{json.dumps(secret)}]) {{ id }} }}"}), content_type="application/json"
    ),
    "graphql body": lambda secret: asked(
        body=f'{{ thing(id: "{secret}") }}'.encode(), content_type="application/graphql"
    ),
    "multipart value": lambda secret: multipart("note_id", secret),
    "text": lambda secret: answered(f"Your token: {secret}.\n".encode(), "text/plain"),
    "html": lambda secret: answered(f"<p>Token <b>{secret}</b></p>".encode(), "text/html"),
    "broken json": lambda secret: answered(f'{{"a": "{secret}", '.encode()),
    "json lines": lambda secret: answered(as_json({"a": 1}) + b"\n" + as_json({"a": secret}), "application/x-ndjson"),
    "binary": lambda secret: answered(b"\xff\xfe\x00 " + secret.encode() + b" \x00", "application/octet-stream"),
    "latin-1": lambda secret: answered(f"f\xfcr {secret}".encode("latin-1"), "text/plain; charset=iso-8859-1"),
}


def written(interaction: Interaction, policy: Policy) -> str:
    """The file that the redacted interaction would become."""
    request = redact_request(interaction.request, policy)
    response = redact_response(interaction.response, policy)
    return write(Cassette(Provenance(), (Interaction("x/y", request, response),)))


def holds(text: str, secret: str) -> bool:
    return any(form in text for form in (secret, quote(secret), quote(secret, safe=""), json.dumps(secret)[1:-1]))


policies = st.builds(Policy, personal=st.booleans(), text=st.booleans())


@pytest.mark.parametrize("place", [*NAMED, *ANYWHERE])
@settings(max_examples=30, deadline=None)
@given(secret=shaped, policy=policies)
def test_a_token_shaped_string_never_survives(place: str, secret: str, policy: Policy) -> None:
    """Whatever looks like a token is gone from the file, wherever it stood."""
    assert not holds(written((NAMED | ANYWHERE)[place](secret), policy), secret)


@pytest.mark.parametrize("place", NAMED)
@settings(max_examples=30, deadline=None)
@given(secret=chosen, policy=policies)
def test_a_secret_under_a_telling_name_never_survives(place: str, secret: str, policy: Policy) -> None:
    """Under the name of a credential any value is gone from the file."""
    if place == "bare authorization" and " " in secret:
        secret = secret.replace(" ", "_")
    assert not holds(written(NAMED[place](secret), policy), secret)


@pytest.mark.parametrize(
    "encode", [str, lambda text: base64.b64encode(f"u:{text}".encode()).decode()], ids=["as is", "base64"]
)
@pytest.mark.parametrize("place", [*NAMED, *ANYWHERE])
@settings(max_examples=15, deadline=None)
@given(secret=joined("Zq7", of(ALNUM + "-_.~", 12)), policy=policies)
def test_a_known_value_never_survives(place: str, encode: Callable[[str], str], secret: str, policy: Policy) -> None:
    """A value given as a literal is gone wherever it stands, plain or inside base64."""
    known = Policy(policy.personal, policy.text, (secret,))
    assert not holds(written((NAMED | ANYWHERE)[place](encode(secret)), known), encode(secret))


leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | shaped
    | st.emails()
    | st.sampled_from(["+49 30 1234567", "10.1.2.3", "<p>Hi <b>Bob</b></p>", "https://u:p@h.io/?token=a&b=c#x=1"])
)
names = st.text(max_size=6) | st.sampled_from(
    [
        "id",
        "type",
        "name",
        "text",
        "body",
        "email",
        "phone",
        "ip",
        "token",
        "user",
        "code",
        "query",
        "message",
        "secret",
    ]
)
json_values: st.SearchStrategy[Any] = st.deferred(
    lambda: leaves | st.lists(json_values, max_size=3) | st.dictionaries(names, json_values, max_size=4)
)


def shape(value: Any) -> Any:
    """A JSON value with its leaves replaced by their types."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    return [shape(item) for item in value] if isinstance(value, list) else type(value).__name__


@settings(max_examples=150, deadline=None)
@given(value=json_values, policy=policies)
def test_json_keeps_its_shape(value: Any, policy: Policy) -> None:
    """The same keys, the same JSON types, the same lengths."""
    assert shape(redact_json(value, policy)) == shape(value)


@settings(max_examples=200, deadline=None)
@given(value=json_values, policy=policies)
def test_json_redaction_is_idempotent(value: Any, policy: Policy) -> None:
    """Redacting JSON twice is redacting it once."""
    once = redact_json(value, policy)
    assert redact_json(once, policy) == once


snippets = st.sampled_from(
    [
        "password=",
        "token: ",
        '"secret": "',
        "Bearer ",
        "Basic dXNlcjpwYXNz",
        "https://",
        "://",
        "@",
        "a@b.co",
        "\\",
        "%40",
        "&",
        "=",
        "?",
        "/services/T00/B00/",
        "-----BEGIN PRIVATE KEY-----",
        "<sessionId>",
        "</",
        "{",
        "}",
        "[",
        '"',
        "REDACTED",
        "xoxb-",
        "eyJ",
        "+1 555 123 4567",
        "user-0123456789@example.com",
        "<@U1>",
        "<",
        ">",
        "lorem",
        "#",
        " ",
        "\n",
        "é",
        "\ud7ff",
    ]
)
hostile = st.lists(snippets | shaped | st.text(max_size=8), max_size=10).map("".join)


@settings(max_examples=300, deadline=None)
@given(text=hostile, policy=policies)
def test_text_redaction_is_idempotent(text: str, policy: Policy) -> None:
    """Redacting text twice is redacting it once."""
    once = redact_text(text, policy)
    assert redact_text(once, policy) == once


@settings(max_examples=300, deadline=None)
@given(text=hostile, policy=policies)
def test_url_redaction_is_idempotent(text: str, policy: Policy) -> None:
    """Redacting a URL twice is redacting it once."""
    once = redact_url(f"https://h.example/{text}", policy)
    assert redact_url(once, policy) == once


content_types = st.sampled_from(
    [
        "",
        "application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=xx",
        "text/html",
        "application/graphql",
        "text/plain; charset=utf-16",
        "text/plain; charset=nonsense",
    ]
)


@settings(max_examples=300, deadline=None)
@given(
    text=hostile | json_values.map(json.dumps),
    content_type=content_types,
    status=st.sampled_from([200, 404]),
    policy=policies,
)
def test_message_redaction_is_idempotent(text: str, content_type: str, status: int, policy: Policy) -> None:
    """Redacting a request or a response twice is redacting it once, whatever its body is."""
    headers = (("Content-Type", content_type), ("X-Note", "a"), ("Content-Length", str(len(text))))
    request = redact_request(Request("POST", "https://h.example/", headers, text.encode()), policy)
    response = redact_response(Response(status, headers, text.encode()), policy)
    assert redact_request(request, policy) == request
    assert redact_response(response, policy) == response


@settings(max_examples=200, deadline=None)
@given(text=hostile)
def test_nothing_is_found_after_redaction(text: str) -> None:
    """`find_secrets` is content with what redaction made."""
    assert find_secrets(redact_text(text)) == []


@settings(max_examples=200, deadline=None)
@given(secret=shaped)
def test_finding_a_secret_does_not_repeat_it(secret: str) -> None:
    """What `find_secrets` returns holds no more of a token than its type."""
    (found,) = find_secrets(f"see {secret} .")
    assert found.position == 4
    assert secret[12:] not in str(found)


@pytest.mark.parametrize("name", ["cursor", "starting_after", "next_page_token", "offset"])
@settings(max_examples=100, deadline=None)
@given(cursor=shaped | hostile | st.text(), policy=policies)
def test_a_page_cursor_makes_the_round_trip(name: str, cursor: str, policy: Policy) -> None:
    """A client that was given the redacted cursor asks for the page that was recorded with the real one."""
    cursor = cursor.encode("utf-8", "replace").decode()
    stand_in = redact_json({name: cursor}, policy)[name]
    for ask in (in_query, in_form, in_json):
        recorded, replayed = (redact_request(ask(name, value), policy) for value in (cursor, stand_in))
        assert key_of(recorded) == key_of(replayed)


def in_query(name: str, value: str) -> Request:
    return Request("GET", "https://h.example/x?" + urlencode({"limit": 2, name: value}))


def in_form(name: str, value: str) -> Request:
    body = urlencode({"limit": 2, name: value}).encode()
    return Request("POST", "https://h.example/x", (("Content-Type", "application/x-www-form-urlencoded"),), body)


def in_json(name: str, value: str) -> Request:
    return Request(
        "POST", "https://h.example/x", (("Content-Type", "application/json"),), as_json({"page": {name: value}})
    )


benign = st.sampled_from(
    [
        "2024-01-02T03:04:05.678Z",
        "1202-3",
        "1200000000000001",
        "8e2f1c1e-6d4a-4a53-9a3c-0d4f1de0f3a1",
        "#task-1234",
        "task-lorem-ipsum-with-a-very-long-name-indeed",
        "0123456789abcdef0123456789abcdef",
        "Bearer of good news",
        "basic information",
        "application/json; charset=utf-8",
        "dXNlcjpVMEc5V0ZYTlo=",
        "WzE2ODk2LDEsMl0=",
        "next",
        "https://api.example.com/v1/users?limit=10&starting_after=abc",
        "token_type",
        "in_progress",
        "1.10",
        "U0G9QF9C6",
        "risk-free-and-very-long-kebab-case-words-0001",
        'W/"0815"',
        "key: value",
        "a = b",
        "npm:pkg@1.2.3",
        "T0001/B0001",
    ]
)


@settings(max_examples=60, deadline=None)
@given(
    text=benign,
    place=st.sampled_from(["id", "cursor", "next_page_token", "type", "token_type", "key", "public_key_id"]),
)
def test_what_is_no_secret_survives(text: str, place: str) -> None:
    """Ids, times, cursors and ordinary words are left alone, in a body and in a query."""
    assert redact_json({"pages": {"next": {place: text}}}) == {"pages": {"next": {place: text}}}
    url = "https://h.example/x?" + urlencode({place: text})
    assert redact_url(url) == url
