"""The last look before a recording is written: no credential may be left in it."""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import SecretLeak
from ..interaction import Headers, Interaction
from ..redact import Policy, SecretFound, find_secrets, holds_literal
from .store import Cassette


def refuse_leaks(cassette: Cassette, policy: Policy) -> None:
    """Raises `SecretLeak` where a redacted cassette still holds something credential-like."""
    for number, interaction in enumerate(cassette.interactions, start=1):
        for where, text in parts_of(interaction):
            if found := find_secrets(text):
                raise _leak(number, interaction, where, found[0])
            if holds_literal(text, policy):
                raise _leak(number, interaction, where, SecretFound("known value", 0, "********"))


def _leak(number: int, interaction: Interaction, where: str, found: SecretFound) -> SecretLeak:
    return SecretLeak(
        f"nothing was written: interaction {number} ({interaction.request.method} {interaction.request.path}) still "
        f"holds a credential after redaction, in its {where}: {found.kind} {found.masked}. "
        "Pass its value in `secrets=` and please report the form it has."
    )


def parts_of(interaction: Interaction) -> Iterator[tuple[str, str]]:
    """The texts of an interaction with the name of the place each stands in."""
    request, response = interaction.request, interaction.response
    yield "request URL", request.url
    yield from _headers("request", request.headers)
    yield "request body", request.body.decode("utf-8", "replace")
    yield from _headers("response", response.headers)
    yield "response body", response.body.decode("utf-8", "replace")


def _headers(side: str, headers: Headers) -> Iterator[tuple[str, str]]:
    for name, value in headers:
        yield f"{side} header {name}", value
