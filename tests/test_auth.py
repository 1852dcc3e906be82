"""How requests are signed, and how the sandbox reads the signature."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bi_contracts.auth import Token, read_credentials
from bi_contracts.errors import CredentialsMissing

BEARER = Token("TOKEN", where="app.example")
BARE = Token("KEY", prefix="", also=("Bearer ",), form="key_{}")
TOKENS = st.text("abcdefABCDEF0123456789-_.:/", min_size=1)


def signed(scheme: Token, value: str) -> httpx.Request:
    auth = scheme.sign({scheme.variable: value})
    return next(auth.auth_flow(httpx.Request("GET", "https://api.example/")))


@pytest.mark.parametrize("scheme", [BEARER, BARE])
@given(value=TOKENS)
def test_what_is_signed_is_what_is_presented(scheme: Token, value: str) -> None:
    """The sandbox reads the credential that the client wrote."""
    assert scheme.presented(signed(scheme, value)) == value


@pytest.mark.parametrize("header", ["Token abc", "", "Basic YTpi"])
def test_another_scheme_presents_nothing(header: str) -> None:
    """A header of another form is no credential."""
    assert BEARER.presented(httpx.Request("GET", "https://api.example/", headers={"Authorization": header})) == ""


def test_a_bare_key_may_come_with_another_prefix() -> None:
    """Where the platform takes both forms, both are read."""
    request = httpx.Request("GET", "https://api.example/", headers={"Authorization": "Bearer key_1"})
    assert BARE.presented(request) == "key_1"


def test_the_sandbox_mints_the_same_credential_for_the_same_seed() -> None:
    """Another seed gives another one, in the declared form."""
    assert BARE.example("a") == BARE.example("a") != BARE.example("b")
    assert BARE.example("a")["KEY"].startswith("key_")


def test_a_signer_does_not_show_its_secret() -> None:
    """The representation ends up in logs and tracebacks."""
    assert "hunter2" not in repr(BEARER.sign({"TOKEN": "hunter2"}))


@pytest.mark.parametrize("value", [None, "", "  "])
def test_an_unset_credential_is_named(value: str | None) -> None:
    """Unset, empty and blank are the same: the variable is named."""
    environ = {} if value is None else {"TOKEN": value}
    with pytest.raises(CredentialsMissing, match="TOKEN is not set"):
        read_credentials(BEARER, "example", environ)


@pytest.mark.parametrize("value", ["two\nlines", "schlüssel"])
def test_a_malformed_credential_is_refused_without_being_shown(value: str) -> None:
    """A line break would forge a header; the value itself is not repeated."""
    with pytest.raises(CredentialsMissing, match="TOKEN is set but malformed") as caught:
        read_credentials(BEARER, "example", {"TOKEN": value})
    assert value not in str(caught.value)


def test_white_space_around_a_credential_is_no_part_of_it() -> None:
    """A trailing newline from a file is a common mistake."""
    assert read_credentials(BEARER, "example", {"TOKEN": " abc\n"}) == {"TOKEN": "abc"}
