"""How a request is signed, read both ways: the client signs, the sandbox verifies.

A scheme names its environment variables and where a person gets the value; it never holds one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Protocol

import httpx

from .errors import CredentialsMissing

Credentials = Mapping[str, str]
"""Environment variable name -> value."""


class AuthScheme(Protocol):
    """What a platform declares about signing."""

    @property
    def variables(self) -> tuple[str, ...]:
        """The environment variables that hold the credential."""
        ...

    @property
    def where(self) -> str:
        """Where a person gets the credential, as a URL without a scheme."""
        ...

    def sign(self, credentials: Credentials) -> httpx.Auth:
        """An `httpx.Auth` that signs every request. Needs every variable set."""
        ...

    def presented(self, request: httpx.Request) -> str:
        """The credential a request carries, "" where it carries none or a malformed one."""
        ...

    def example(self, seed: str) -> dict[str, str]:
        """Credentials the sandbox accepts, in the platform's form; the same for the same seed."""
        ...


def read_credentials(scheme: AuthScheme, platform: str, environ: Mapping[str, str]) -> dict[str, str]:
    """The scheme's variables from an environment.

    Raises `CredentialsMissing` naming those unset or blank, `CredentialsMissing` too where a value holds a
    line break or another character that no HTTP header may carry (RFC 9110 section 5.5).
    """
    found = {name: environ.get(name, "").strip() for name in scheme.variables}
    missing = [name for name, value in found.items() if not value]
    if missing:
        raise CredentialsMissing(platform, missing, scheme.where)
    malformed = [name for name, value in found.items() if not (value.isascii() and value.isprintable())]
    if malformed:
        raise CredentialsMissing(platform, malformed, scheme.where, malformed=True)
    return found


@dataclass(frozen=True, slots=True)
class Token:
    """One token in one header: `Authorization: Bearer xoxb-...`, or bare with `prefix=""`.

    Attributes:
        variable: The environment variable that holds the token.
        where: Where a person gets one.
        header: The header it travels in.
        prefix: What stands before it, RFC 6750's `Bearer ` by default.
        also: Other prefixes the platform accepts.
        form: What such a token looks like, `{}` for the secret part; the sandbox mints its own from this.
    """

    variable: str
    where: str = ""
    header: str = "Authorization"
    prefix: str = "Bearer "
    also: tuple[str, ...] = ()
    form: str = "{}"

    @property
    def variables(self) -> tuple[str, ...]:
        return (self.variable,)

    def sign(self, credentials: Credentials) -> httpx.Auth:
        return _HeaderAuth(self.header, self.prefix + credentials[self.variable])

    def presented(self, request: httpx.Request) -> str:
        value: str = request.headers.get(self.header, "").strip()
        for prefix in (self.prefix, *self.also):
            if prefix and value.lower().startswith(prefix.lower()):
                return value[len(prefix) :].strip()
        return value if "" in (self.prefix, *self.also) else ""

    def example(self, seed: str) -> dict[str, str]:
        secret = hashlib.sha256(f"{seed}/{self.variable}".encode()).hexdigest()[:32]
        return {self.variable: self.form.format(secret)}


@dataclass(frozen=True, slots=True)
class _HeaderAuth(httpx.Auth):
    header: str
    value: str

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers[self.header] = self.value
        yield request

    def __repr__(self) -> str:
        return f"_HeaderAuth({self.header!r}, '***')"
