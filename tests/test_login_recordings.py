"""Recordings of an API with a login: the exchange is kept without its secrets, and plays to whoever has none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bi_contracts.cassette.store import load
from bi_contracts.interaction import Interaction, Request, Response
from bi_contracts.platform import Endpoint
from bi_contracts.platforms.looker import PLATFORM
from bi_contracts.redact import redact_request
from bi_contracts.sandbox import Sandbox
from bi_contracts.session import Mode, Session, Upstream, envelopes, heads
from bi_contracts.suite import infer
from bi_contracts.workspace import Workspace

FORM = (("Content-Type", "application/x-www-form-urlencoded"),)
READS = [one for one in PLATFORM.endpoints if one.kind != "write"]


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox([PLATFORM], rows=3, enforce_limits=False)


def recorder(tmp_path: Path, sandbox: Sandbox) -> Session:
    space = Workspace(tmp_path)
    return Session(space, Mode.RECORD, Upstream(space, "sandbox", sandbox))


@pytest.mark.parametrize("endpoint", READS, ids=lambda endpoint: endpoint.name)
def test_every_read_is_replayed_through_its_login(tmp_path: Path, sandbox: Sandbox, endpoint: Endpoint) -> None:
    """Without credentials and without a socket; parents' pages are not part of the recording, the login is."""
    session = recorder(tmp_path, sandbox)
    made = session.record(PLATFORM, endpoint)
    kept = load(made.path).interactions
    assert [one.request.path for one in kept].count("/api/4.0/login") == 1
    assert len(kept) == made.pages + 1
    [head] = heads(endpoint, PLATFORM.base_url, kept)
    with session.replaying(PLATFORM, endpoint) as (client, player):
        assert len(list(client.follow(endpoint.name, head))) == made.pages
    assert len(player.played) == len(kept)


def test_a_recording_holds_neither_key_nor_secret_nor_token(tmp_path: Path, sandbox: Sandbox) -> None:
    """None of the three stands anywhere in the file."""
    made = recorder(tmp_path, sandbox).record(PLATFORM, PLATFORM.endpoint("users"))
    text = made.path.read_text(encoding="utf-8")
    assert "client_id=REDACTED&client_secret=REDACTED" in text
    answered = Sandbox([PLATFORM], rows=3).credentials("looker")
    assert not [value for value in answered.values() if value in text]
    assert '"access_token": "REDACTED"' in text


def test_a_contract_says_nothing_of_the_login(tmp_path: Path, sandbox: Sandbox) -> None:
    """Its answer is no data of the endpoint it was recorded with."""
    session = recorder(tmp_path, sandbox)
    session.record(PLATFORM, PLATFORM.endpoint("users"))
    contract = infer(session, "looker/users")
    assert "access_token" not in str(contract.schema)
    assert contract.evidence.samples == 1


def login(body: str, method: str = "POST", headers: tuple[tuple[str, str], ...] = FORM) -> Request:
    return Request(method, "https://looker.example/api/4.0/login", headers, body.encode())


@pytest.mark.parametrize(
    ("request_", "is_login"),
    [
        (login("client_id=a&client_secret=b"), True),
        (login("grant_type=refresh_token&refresh_token=x"), True),
        (login("client_id=a&title=b"), False),
        (login("client_id=a&client_secret=b", method="PUT"), False),
        (login("client_id=a&client_secret=b", headers=()), False),
        (login(""), False),
    ],
)
def test_a_login_is_known_by_what_it_sends(request_: Request, is_login: bool) -> None:
    """A form with a secret or a grant in it, posted (RFC 6749 section 4)."""
    assert request_.is_login is is_login
    exchange = Interaction("x/y", request_, Response(200, (), b"{}"))
    assert len(envelopes([exchange])) == (0 if is_login else 1)


@given(key=st.text("abc123", min_size=1), secret=st.text("abc123%", min_size=1))
def test_whoever_logs_in_asks_the_same(key: str, secret: str) -> None:
    """Redacted, the logins of any two keys are one request, and are redacted no further; order aside."""
    first = redact_request(login(f"client_id={key}&client_secret={secret}"))
    assert first.body == b"client_id=REDACTED&client_secret=REDACTED"
    assert redact_request(first) == first
    turned = redact_request(login(f"client_secret={secret}&client_id={key}"))
    assert sorted(turned.body.split(b"&")) == sorted(first.body.split(b"&"))


def test_a_key_alone_is_an_ordinary_value() -> None:
    """`client_id` without a secret is no login: a query may search by it."""
    asked = replace(login("client_id=abc&title=x"), url="https://looker.example/?client_id=abc")
    assert redact_request(asked).url.endswith("client_id=abc")
    assert b"client_id=abc" in redact_request(asked).body
