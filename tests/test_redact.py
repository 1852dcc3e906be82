"""Redaction by example: what goes, what stays, and what it turns into."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest

from bi_contracts.interaction import Interaction, Request, Response, header
from bi_contracts.redact import (
    Policy,
    find_secrets,
    holds_literal,
    redact_interaction,
    redact_json,
    redact_request,
    redact_response,
    redact_text,
    redact_url,
)
from bi_contracts.redact.keys import Kind, kind_of

SECRETS_ONLY = Policy(personal=False, text=False)


def answer(body: Any, status: int = 200) -> Any:
    """The redacted JSON body of a response."""
    return json.loads(redact_response(Response(status, (), json.dumps(body).encode())).body)


@pytest.mark.parametrize(
    "name",
    [
        "token",
        "access_token",
        "accessToken",
        "X-Api-Key",
        "api_key",
        "apiKey",
        "hapikey",
        "client_secret",
        "password",
        "newPassword",
        "Authorization",
        "X-Slack-Signature",
        "X-Amz-Security-Token",
        "X-Amz-Signature",
        "set-cookie",
        "AWSAccessKeyId",
        "private_key",
        "webhook_secret",
        "incoming_webhook_url",
        "webhook_url",
        "passwords",
        "api_keys",
        "sessionId",
        "code_verifier",
    ],
)
def test_credential_names(name: str) -> None:
    """The name of a credential is known in any spelling."""
    assert kind_of(name) is Kind.SECRET


@pytest.mark.parametrize(
    "name",
    [
        "token_type",
        "next_page_token",
        "nextPageToken",
        "page_token",
        "sync_token",
        "continuation_token",
        "cursor",
        "key",
        "public_key_id",
        "keys",
        "key_id",
        "max_tokens",
        "code",
        "starting_after",
        "offset",
        "after",
        "secretary",
        "tokens",
        "signature_id",
        "passenger",
        "author",
        "id",
        "type",
        "status",
        "error_message",
        "idempotency_key",
    ],
)
def test_harmless_names(name: str) -> None:
    """Page tokens, discriminators, ids and near misses are no credentials and no message texts."""
    assert kind_of(name) is Kind.PLAIN


@pytest.mark.parametrize(
    ("value", "redacted"),
    [
        ("Bearer abc", "Bearer REDACTED"),
        ("Basic dXNlcjpwYXNz", "Basic REDACTED"),
        ("lin_api_abcdefghijklmnop", "REDACTED"),
        ("my secret words", "REDACTED"),
        ("", ""),
    ],
)
def test_authorization_keeps_its_scheme(value: str, redacted: str) -> None:
    """Of an Authorization header only a known scheme stays."""
    request = redact_request(Request("GET", "https://h.example/", (("Authorization", value),)))
    assert request.headers == (("Authorization", redacted),)


def test_cookies_keep_names_and_attributes() -> None:
    """Of cookies the values go."""
    headers = (("Cookie", "d=xoxd-1; b=2; lonely"), ("X-Other", "1"))
    assert redact_request(Request("GET", "https://h.example/", headers)).headers == (
        ("Cookie", "d=REDACTED; b=REDACTED; REDACTED"),
        ("X-Other", "1"),
    )
    response = Response(200, (("Set-Cookie", "s=abc; Path=/; Secure; HttpOnly; SameSite=Lax"),))
    assert redact_response(response).headers == (("Set-Cookie", "s=REDACTED; Path=/; Secure; HttpOnly; SameSite=Lax"),)


@pytest.mark.parametrize(
    ("url", "redacted"),
    [
        ("https://h.example/a?b=c&token=x%20y", "https://h.example/a?b=c&token=REDACTED"),
        ("https://h.example/cb?code=4%2F0A&state=1", "https://h.example/cb?code=REDACTED&state=1"),
        ("https://u:p@h.example:8080/a", "https://REDACTED@h.example:8080/a"),
        ("https://h.example/services/T00AA/B00BB/abcdefgh12345678", "https://h.example/services/T00AA/B00BB/REDACTED"),
        ("https://hooks.slack.com/triggers/T01/123/abc123def", "https://hooks.slack.com/triggers/REDACTED"),
        ("https://h.example/#access_token=abc&x=1", "https://h.example/#access_token=REDACTED&x=1"),
        ("https://h.example/oauth/v1/access-tokens/abc/x", "https://h.example/oauth/v1/access-tokens/REDACTED/x"),
        ("https://h.example/a/b;c=d?x=%7B1%7D&y&=z", "https://h.example/a/b;c=d?x=%7B1%7D&y&=z"),
        ("https://[::1", "https://[::1"),
        ("/relative?api_key=1", "/relative?api_key=REDACTED"),
    ],
)
def test_urls(url: str, redacted: str) -> None:
    """In a URL only what is a credential or an address changes."""
    assert redact_url(url) == redacted


def test_an_address_in_a_path() -> None:
    """An encoded e-mail address in a path becomes another one."""
    assert re.fullmatch(
        r"https://h\.example/u/user-[0-9a-f]{10}@example\.com", redact_url("https://h.example/u/bob%40corp.io")
    )


def test_a_token_keeps_its_type_and_identity() -> None:
    """Different tokens stay different, equal ones equal, and the prefix tells the type."""
    first, second = "xoxb-123456789012-abcdefgh", "xoxb-123456789012-abcdefgi"
    redacted = redact_json({"a": first, "b": second, "c": f"and {first}."})
    assert redacted["a"].startswith("xoxb-REDACTED-")
    assert redacted["a"] != redacted["b"]
    assert redacted["c"] == f"and {redacted['a']}."


def test_a_token_shaped_cursor_makes_the_round_trip() -> None:
    """The cursor in a body, in a link and in the next request get the same stand-in, padded or not."""
    cursor = "eyJhbGciOiJIUzI1NiJ9.eyJvZmZzZXQiOjEwMH0.c2lnbmF0dXJl"
    body = redact_json({"next_page": {"offset": cursor, "uri": f"https://h.example/t?offset={cursor}&limit=1"}})
    stand_in = body["next_page"]["offset"]
    assert stand_in != cursor
    assert body["next_page"]["uri"] == f"https://h.example/t?offset={stand_in}&limit=1"
    assert redact_url(f"https://h.example/t?offset={cursor}") == redact_url(f"https://h.example/t?offset={stand_in}")


def test_types_stay() -> None:
    """Under the name of a credential numbers stay numbers, booleans and null stay what they are."""
    value = {"token": 5, "secret": 1.5, "password": True, "api_key": None, "client_secret": "", "phone": 4930123456}
    redacted = redact_json(value)
    assert redacted == {**value, "token": 0, "secret": 0.0, "phone": redacted["phone"]}
    assert len(str(redacted["phone"])) == 10


def test_an_object_of_credentials_keeps_what_tells_its_type() -> None:
    """Inside `credentials` every text goes but type, id and times."""
    assert redact_json({"credentials": {"type": "oauth", "id": "7", "value": "x", "deep": {"a": ["b"]}}}) == {
        "credentials": {"type": "oauth", "id": "7", "value": "REDACTED", "deep": {"a": ["REDACTED"]}}
    }


def test_code_is_a_credential_only_in_a_token_request() -> None:
    """An error code stays; the code that buys a token goes."""
    assert redact_json({"code": "not_found"}) == {"code": "not_found"}
    assert redact_json({"grant_type": "authorization_code", "code": "abc"})["code"] == "REDACTED"


def test_numbers_and_layout_survive_where_nothing_is_redacted() -> None:
    """A body without anything to redact keeps its bytes."""
    body = b'{ "id": 12345678901234567890, "x": 1.10, "id": 2, "u": "\\u00e9" }'
    assert redact_response(Response(200, (), body)).body == body


def test_numbers_survive_beside_a_secret() -> None:
    """Large integers and exact decimals are printed as they came, also where something else is redacted."""
    body = b'{"id": 12345678901234567890, "x": 1.10, "y": 1e400, "token": "abc"}'
    assert redact_response(Response(200, (), body)).body == (
        b'{"id":12345678901234567890,"x":1.10,"y":1e400,"token":"REDACTED"}'
    )


def test_exact_numbers_under_telling_names() -> None:
    """A decimal that cannot be printed from its float stays a number under every name."""
    body = b'{"text": 1.10, "phone": 2.50, "token": 3.30, "name": 1E5, "a": "\\ue000number:1x"}'
    assert redact_response(Response(200, (), body)).body.decode() == (
        '{"text":1.10,"phone":2.50,"token":0.0,"name":1E5,"a":"\ue000number:1x"}'
    )


def test_content_length_follows_the_body() -> None:
    """Content-Length is made right where it was right."""
    body = b'{"token": "abcdefghijklmnopq"}'
    response = redact_response(Response(200, (("Content-Length", str(len(body))),), body))
    assert header(response.headers, "content-length") == str(len(response.body))


def test_people() -> None:
    """Addresses, numbers and names of people become valid others; the same ones the same."""
    user = {"type": "user", "name": "Bob Smith", "email": "Bob@corp.io", "phone": "+49 (30) 123-456", "id": "8"}
    redacted = redact_json({"assignee": {"name": "Bob Smith"}, "user": user, "cc": "x <bob@corp.io>"})
    assert redacted["user"]["name"] == redacted["assignee"]["name"] != "Bob Smith"
    assert redacted["user"]["email"].endswith("@example.com")
    assert redacted["cc"] == f"x <{redacted['user']['email']}>"
    assert [char.isdigit() for char in redacted["user"]["phone"]] == [char.isdigit() for char in user["phone"]]
    assert redacted["user"]["phone"].startswith("+55 (50) 1")
    assert redacted["user"]["id"] == "8"


def test_things_keep_their_names() -> None:
    """A name is personal only where it is a person's."""
    value = {"project": {"name": "Roadmap"}, "type": "database", "name": "Tasks", "options": [{"name": "High"}]}
    assert redact_json(value) == value


def test_salesforce_people() -> None:
    """A record that tells its type by its mark is a person's, too."""
    assert redact_json({"Name": "Bob Smith", "Phone": "1", "FirstName": "Bob", "phone": "2"})["FirstName"] != "Bob"


def test_addresses_of_nobody_stay() -> None:
    """Reserved domains, documentation networks and loopback are left alone."""
    value = {
        "email": "bob@example.org",
        "x": "a@b.test",
        "ip": "192.0.2.7",
        "client_ip": "127.0.0.1",
        "ip_address": "n/a",
    }
    assert redact_json(value) == value


def test_clone_addresses_stay() -> None:
    """The user of a git remote is nobody."""
    assert redact_json({"ssh_url": "git@git.corp.io:a/b.git"}) == {"ssh_url": "git@git.corp.io:a/b.git"}


def test_ip_addresses() -> None:
    """Addresses move into documentation networks, lists one by one."""
    redacted = redact_json({"ip": "10.1.2.3", "last_ip": "2a00:1450::1", "client_ip": "10.1.2.3, 10.9.9.9"})
    assert redacted["ip"].startswith("192.0.2.")
    assert redacted["last_ip"].startswith("2001:db8::")
    assert redacted["client_ip"].split(", ")[0] == redacted["ip"]


def test_message_text_keeps_its_layout() -> None:
    """Words are replaced, white space, tags, mentions and links stay."""
    text = "<p>Dear <b class='x'>Bob</b>,</p>\n\n<@U123> see <https://h.example/a?token=x|this page> <Bob Smith>"
    redacted = redact_json({"text": text, "blocks": [{"text": {"type": "mrkdwn", "text": "Hi Bob"}}]})
    assert "Bob" not in str(redacted)
    assert "class" not in redacted["text"]
    assert redacted["text"].count("\n\n") == 1
    for kept in ("<p>", "<b>", "</b>", "<@U123>", "<https://h.example/a?token=REDACTED>"):
        assert kept in redacted["text"]
    assert redacted["blocks"][0]["text"]["type"] == "mrkdwn"


@pytest.mark.parametrize("text", ["", "  ", "-- !", "lorem ipsum"])
def test_texts_that_say_nothing_stay(text: str) -> None:
    """Empty texts, bare punctuation and filler are left alone."""
    assert redact_json({"text": text}) == {"text": text}


def test_words_of_the_platform_stay() -> None:
    """Error messages are the platform's: readers decide on them."""
    errors = {"errors": [{"message": "Not authorized", "help": "see docs"}], "error": {"message": "no"}}
    assert redact_json(errors) == errors
    assert redact_json({"code": "x", "message": "Gone"}) == {"code": "x", "message": "Gone"}
    assert answer({"title": "Bad request"}, 400) == {"title": "Bad request"}
    assert answer({"title": "Bad request"}, 200) != {"title": "Bad request"}


def test_policy_switches() -> None:
    """Personal data and texts stay where the policy says so; credentials never do."""
    value = {"email": "bob@corp.io", "text": "Hi", "first_name": "Bob", "phone": "123", "ip": "10.0.0.1"}
    assert redact_json(value, SECRETS_ONLY) == value
    assert redact_json({"token": "x"}, SECRETS_ONLY) == {"token": "REDACTED"}


def test_graphql_documents() -> None:
    """Literals are redacted by their argument; everything else in the document stays."""
    query = 'mutation { login(user: "u", password: "p w", note: """see xoxb-1234567890-abc""") { id } }'
    redacted = redact_json({"query": query, "variables": {"password": "x", "n": 1}})
    assert redacted["query"].startswith('mutation { login(user: "u", password: "REDACTED", note: "')
    assert "xoxb-1234567890" not in redacted["query"]
    assert redacted["variables"] == {"password": "REDACTED", "n": 1}
    assert redact_json({"query": "roadmap {2024}"}) == {"query": "roadmap {2024}"}


def test_a_graphql_document_without_literals_is_left_alone() -> None:
    """Variables that are called like credentials are no credentials."""
    query = "query Q($token: String!) { viewer(token: $token) { id email password } }"
    assert redact_json({"query": query}) == {"query": query}


def test_forms_keep_what_they_can() -> None:
    """In a form only the credential changes; the encoding of the rest stays."""
    body = b"channel=C%201&token=xoxb-1&limit=&flag&blocks=%5B%7B%22a%22%3A1%7D%5D"
    request = redact_request(Request("POST", "https://h.example/", (), body))
    assert request.body == b"channel=C%201&token=REDACTED&limit=&flag&blocks=%5B%7B%22a%22%3A1%7D%5D"


def test_multipart_keeps_files() -> None:
    """Fields are redacted by name, files are left as they are."""
    body = (
        b'--x\r\nContent-Disposition: form-data; name="token"\r\n\r\nabc\r\n'
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n\xff\x00\r\n--x--\r\n'
    )
    headers = (("Content-Type", "multipart/form-data; boundary=x"),)
    assert redact_request(Request("POST", "https://h.example/", headers, body)).body == body.replace(
        b"abc", b"REDACTED"
    )


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("password=hunter2; x", "password=REDACTED; x"),
        ('{"api_key": "abc', '{"api_key": "abc'),
        ('"api_key": "abc", "x"', '"api_key": "REDACTED", "x"'),
        ("<ns:sessionId>abc</ns:sessionId>", "<ns:sessionId>REDACTED</ns:sessionId>"),
        ("Authorization: Bearer abc123def456", "Authorization: Bearer REDACTED"),
        ("password: string", "password: string"),
        ("the bearer of this letter", "the bearer of this letter"),
        ("Basic dXNlcjpwYXNz", "Basic REDACTED"),
        ("Basic information", "Basic information"),
        ("call +49 30 1234567 now", "call +55 50 1"),
    ],
)
def test_free_text(text: str, redacted: str) -> None:
    """In free text credentials are known by what stands around them."""
    assert redact_text(text).startswith(redacted)


@pytest.mark.parametrize("before", ["https://x.example/", "https://x.example", "https://x.example/a/b/", "/", ""])
def test_a_token_with_a_slash_is_known_in_any_url(before: str) -> None:
    """An Asana token is told by its whole form, wherever the parts of the URL end."""
    text = f"{before}1/1111111111111111:{'0' * 32}"
    assert "0" * 32 not in redact_text(text)
    assert "0" * 32 not in redact_url(text)
    assert find_secrets(redact_url(text)) == []


def test_private_keys() -> None:
    """A private key goes, its armour stays, also in several keys one after another."""
    begin, end = (f"-----{word} RSA PRIVATE {'KEY'}-----" for word in ("BEGIN", "END"))
    key = f"{begin}\nMIIE\nProc-Type: 4\n{end}\n"
    assert redact_text(key * 2) == f"{begin}REDACTED{end}\n" * 2


def test_literals_in_every_form() -> None:
    """A known value goes in plain, encoded, escaped and base64 form, and as a number."""
    import base64
    from urllib.parse import quote

    secret = 'p/w"123 ä'
    policy = Policy(literals=(secret, "123456"))
    forms = [secret, quote(secret), quote(secret, safe=""), json.dumps(secret)[1:-1]]
    forms += [base64.b64encode(f"{pad}{secret}".encode()).decode() for pad in ("", "a", "ab")]
    for form in forms:
        assert redact_json({"x": f"see {form} !"}, policy) == {"x": "see REDACTED !"}
        assert holds_literal(form, policy)
    assert redact_json({"n": 123456, "m": 1234567}, policy) == {"n": 0, "m": 1234567}
    assert not holds_literal("nothing", policy)


def test_short_literals_are_not_searched() -> None:
    """A value such as `test` would match ordinary words."""
    assert redact_json({"x": "latest"}, Policy(literals=("test", "REDACTED"))) == {"x": "latest"}
    assert "hunter22" not in repr(Policy(literals=("hunter22",)))


def test_deep_and_odd_bodies() -> None:
    """Bodies that no parser takes are searched as text."""
    for body in (b"[" * 100_000, b'{"a":' * 500 + b'"xoxb-123456789-abcdef"' + b"}" * 500, b'"xoxb-123456789-abcdef"'):
        assert b"xoxb-123456789" not in redact_response(Response(200, (), body)).body


def test_find_secrets_tells_kind_and_place() -> None:
    """A finding has a kind, a position and a mask."""
    found = find_secrets("a ghp_abcdefghijklmnopqrstuvwxyz0123456789 b AKIAABCDEFGHIJKLMNOP")
    assert [(item.kind, item.position) for item in found] == [("github-token", 2), ("aws-key-id", 45)]
    assert found[0].masked == "ghp_******** (36 characters)"


HOSTILE = {
    "letters": "a" * 200_000,
    "at": "a@" * 100_000,
    "dots": "a@" + "a." * 100_000,
    "angle": "<" * 200_000,
    "quotes": '"' * 200_000,
    "backslash": "\\" * 200_000,
    "jwt": "eyJaaaaaaaa." * 16_000,
    "scheme": "http://" * 30_000,
    "pem": "-----BEGIN PRIVATE KEY-----" * 8_000,
    "assign": 'password: "' * 20_000,
    "space": "password" + " " * 200_000,
    "digits": "1" * 200_000 + "/:",
    "plus": "+1" * 100_000,
    "webhook": "/services/T" + "A" * 200_000,
    "braces": '{"a":' * 40_000,
    "graphql": '{"query": "query {' + "a:" * 90_000 + '"}',
    "base64": "Basic " + "a" * 200_000,
    "element": "<a></" * 40_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_time_is_linear(name: str) -> None:
    """Five times the hostile text takes no more than some five times as long."""
    text = HOSTILE[name]
    started = time.process_time()
    redact_text(text[: len(text) // 5])
    small = time.process_time() - started
    started = time.process_time()
    redact_text(text)
    redact_response(Response(200, (), text.encode()), Policy(literals=("aaaaaaaaa1",)))
    assert time.process_time() - started < 1.0 + 40 * small


def test_a_document_after_broken_json_is_text() -> None:
    """A GraphQL document sent without a content type is known by its look."""
    body = b'{ login(password: "hunter22") { id } }'
    assert redact_request(Request("POST", "https://h.example/", (), body)).body == body.replace(
        b"hunter22", b"REDACTED"
    )


def test_odd_literals_in_documents() -> None:
    """A literal with an escape GraphQL does not know is kept as it is read."""
    assert (
        redact_json({"query": '{ a(b: "\\x", password: "\\y") }'})["query"] == '{ a(b: "\\x", password: "REDACTED") }'
    )


def test_half_a_tag_is_text() -> None:
    """An angle bracket that opens nothing hides no words."""
    assert "Bob" not in redact_json({"text": "a <Bob"})["text"]
    assert redact_json({"phone": "none"}) == {"phone": "none"}


def test_basic_needs_to_be_base64() -> None:
    """The word after `Basic` is a credential only where it decodes to a name and a password."""
    assert redact_text("Basic abcde+fgh===") == "Basic abcde+fgh==="
    assert redact_text("Basic abcdefghi") == "Basic abcdefghi"


@pytest.mark.parametrize("name", ["X-Vendor-Auth", "auth", "X-Auth-User-Key", "Ocp-Apim-Subscription-Key"])
def test_headers_that_authenticate(name: str) -> None:
    """A header named after authentication holds a credential, in whatever form."""
    request = Request("GET", "https://h.example/", ((name, "opensesame 1"),))
    assert redact_request(request).headers == ((name, "REDACTED"),)


@pytest.mark.parametrize("name", ["idempotency-key", "x-oauth-scopes", "www-authenticate", "x-author"])
def test_headers_that_do_not_authenticate(name: str) -> None:
    """Scopes, challenges and keys that open nothing are left alone."""
    request = Request("GET", "https://h.example/", ((name, "something 1"),))
    assert redact_request(request) == request


def test_credentials_in_pairs_of_name_and_value() -> None:
    """A credential may be a value whose name stands beside it."""
    pairs = [{"name": "X-Api-Key", "value": "opensesame"}, {"key": "color", "value": "red"}]
    assert redact_json(pairs) == [{"name": "X-Api-Key", "value": "REDACTED"}, {"key": "color", "value": "red"}]


def test_an_address_in_the_name_of_an_uploaded_file() -> None:
    """The heads of a multipart body are looked at too."""
    body = b'--x\r\nContent-Disposition: form-data; name="f"; filename="jo.doe@corp.test.org.csv"\r\n\r\n1\r\n--x--\r\n'
    headers = (("Content-Type", "multipart/form-data; boundary=x"),)
    assert b"jo.doe" not in redact_request(Request("POST", "https://h.example/", headers, body)).body


@pytest.mark.parametrize(
    "request_",
    [
        Request("GET", "https://h.example/", (("Authorization", "Bearer opensesame1"),)),
        Request("GET", "https://h.example/", (("Authorization", "opensesame1"),)),
        Request("GET", "https://h.example/", (("Authorization", "Basic dTpvcGVuc2VzYW1lMQ=="),)),
        Request("GET", "https://h.example/", (("X-Api-Key", "opensesame1"),)),
        Request("GET", "https://h.example/", (("Cookie", "a=b; sid=opensesame1"),)),
        Request("GET", "https://h.example/?api_key=opensesame1"),
        Request("GET", "https://u:opensesame1@h.example/"),
        Request("POST", "https://h.example/", (("Content-Type", "x-www-form-urlencoded"),), b"password=opensesame1"),
        Request("POST", "https://h.example/", (), b'{"a": [{"client_secret": ["opensesame1"]}]}'),
    ],
)
def test_an_answer_that_repeats_a_credential(request_: Request) -> None:
    """What the request gave as a credential is masked in the answer, where nothing else gives it away."""
    body = b'{"message": "the value \'opensesame1\' was refused", "args": ["opensesame1"]}'
    exchange = Interaction("a/b", request_, Response(401, (("x-echo", "opensesame1"),), body))
    assert "opensesame1" not in str(redact_interaction(exchange))


@pytest.mark.parametrize(
    "request_",
    [
        Request("GET", "https://[h.example/", (("Authorization", "Basic not base64"),)),
        Request("POST", "https://h.example/", (("Authorization", "Bearer word"),), b'{"token": 5, "broken'),
        Request("POST", "https://h.example/", (), b'{"token": ' + b"[" * 900 + b"]" * 900 + b"}"),
    ],
)
def test_odd_requests_leave_the_answer_alone(request_: Request) -> None:
    """Half a URL, half a body and words too short for a credential mask nothing."""
    response = Response(200, (), b'{"a": "word"}')
    assert redact_interaction(Interaction("a/b", request_, response)).response == response


def test_a_token_that_runs_into_a_url_is_masked() -> None:
    """What ends a token may look like the beginning of a URL's scheme."""
    key = "AIza" + "0" * 23 + "-A0000000000"
    assert key not in redact_text(f"{key}https://example.com/?page=2")
