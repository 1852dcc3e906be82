"""Who may ask over HTTP."""

from __future__ import annotations

import pytest

from bi_contracts.errors import ConfigurationError
from bi_contracts.intercom.server.access import KEY, Access

SECRET = "0123456789abcdef"


def refused(access: Access, path: str = "/mcp", **headers: str) -> int | None:
    found = access.refusal({name.replace("_", "-"): value for name, value in headers.items()}, path)
    return None if found is None else found[0]


@pytest.mark.parametrize("host", ["127.0.0.1:3000", "localhost", "[::1]:3000", "LOCALHOST:1"])
def test_this_machine_is_let_in_by_its_own_names(host: str) -> None:
    """With no key, since nobody else reaches a loopback address."""
    assert refused(Access.granted("127.0.0.1", [], {}), host=host) is None


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "evil.example:3000",
        "127.0.0.1.evil.example",
        "localhost.evil.example:3000",
        "[::1",
        "127.0.0.1@evil.example",
    ],
)
def test_another_name_for_this_machine_is_refused(host: str) -> None:
    """A page whose name was bound to 127.0.0.1 sends its own name as Host (DNS rebinding)."""
    assert refused(Access.granted("127.0.0.1", [], {}), host=host) == 421


@pytest.mark.parametrize(
    ("origin", "status"), [("http://localhost:5173", None), ("https://evil.example", 403), ("null", 403)]
)
def test_a_page_may_ask_only_from_here(origin: str, status: int | None) -> None:
    """A page of another site sends where it is from."""
    assert refused(Access.granted("127.0.0.1", [], {}), host="localhost", origin=origin) == status


def test_others_need_an_allowed_name_and_a_key() -> None:
    """Each of them alone does not open the server."""
    with pytest.raises(ConfigurationError, match="--allow-host"):
        Access.granted("0.0.0.0", [], {KEY: SECRET})
    with pytest.raises(ConfigurationError, match=KEY):
        Access.granted("0.0.0.0", ["desk.example"], {})
    with pytest.raises(ConfigurationError, match=KEY):
        Access.granted("127.0.0.1", ["desk.example"], {})
    access = Access.granted("0.0.0.0", ["Desk.example"], {KEY: SECRET})
    assert refused(access, host="desk.example:3000", authorization=f"Bearer {SECRET}") is None
    assert refused(access, host="desk.example:3000", x_api_key=SECRET) is None
    assert refused(access, host="desk.example:3000") == 401
    assert refused(access, host="desk.example:3000", authorization="Bearer 0123456789abcdeF") == 401
    assert refused(access, host="desk.example:3000", authorization=f"Basic {SECRET}") == 401
    assert refused(access, host="other.example", authorization=f"Bearer {SECRET}") == 421


def test_whoever_watches_needs_no_key() -> None:
    """/healthz says nothing of anybody."""
    access = Access.granted("127.0.0.1", [], {KEY: SECRET})
    assert refused(access, "/healthz", host="localhost") is None
    assert refused(access, "/mcp", host="localhost") == 401


@pytest.mark.parametrize("key", ["short", "ключключключключ"])
def test_a_key_that_is_none_is_refused(key: str) -> None:
    """And never shown."""
    with pytest.raises(ConfigurationError, match=KEY) as raised:
        Access.granted("127.0.0.1", [], {KEY: key})
    assert key not in str(raised.value)


@pytest.mark.parametrize("name", ["*", "*.example", "https://desk.example", "desk.example:3000", "a/b", "", "x@y"])
def test_an_allowed_name_is_a_name(name: str) -> None:
    """No pattern, no port, no address of a page."""
    with pytest.raises(ConfigurationError, match="--allow-host"):
        Access.granted("0.0.0.0", [name], {KEY: SECRET})


def test_the_key_is_not_shown() -> None:
    """Nor anything that would tell it."""
    assert SECRET not in repr(Access.granted("127.0.0.1", [], {KEY: SECRET}))
