"""How a request is signed, read both ways: the client signs, the sandbox verifies.

A scheme names its environment variables and where a person gets the value; it never holds one.
"""

from __future__ import annotations

import binascii
import hashlib
from base64 import b64decode, b64encode
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlencode

import httpx

from .errors import ApiError, ConfigurationError, CredentialsMissing
from .paths import dig
from .slots import FORM, answer_of, form_of

Credentials = Mapping[str, str]
"""Environment variable name -> value."""

SANDBOX_SEED = "bi"
"""Of the sandbox's data and credentials, where nobody names another."""


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


@dataclass(frozen=True, slots=True)
class Basic:
    """A key and its secret in HTTP Basic authentication (RFC 7617).

    Attributes:
        key: The environment variable that holds the key, which may not contain a colon.
        secret: The environment variable that holds the secret.
        where: Where a person gets them.
        bearer: True where the platform takes a token as `Bearer` too (RFC 6750).
    """

    key: str
    secret: str
    where: str = ""
    bearer: bool = False

    @property
    def variables(self) -> tuple[str, ...]:
        return (self.key, self.secret)

    def sign(self, credentials: Credentials) -> httpx.Auth:
        pair = f"{credentials[self.key]}:{credentials[self.secret]}"
        return _HeaderAuth("Authorization", f"Basic {b64encode(pair.encode()).decode()}")

    def presented(self, request: httpx.Request) -> str:
        """The secret, or the bearer token. `pair` gives the key that the secret came with."""
        scheme, _, value = request.headers.get("Authorization", "").strip().partition(" ")
        if self.bearer and scheme.lower() == "bearer":
            return str(value).strip()
        return self.pair(request)[1]

    def pair(self, request: httpx.Request) -> tuple[str, str]:
        """Key and secret of a request; two empty strings where it carries none, or they cannot be read."""
        scheme, _, value = request.headers.get("Authorization", "").strip().partition(" ")
        if scheme.lower() != "basic":
            return "", ""
        try:
            key, _, secret = b64decode(value.strip(), validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError, ValueError):
            return "", ""
        return key, secret

    def example(self, seed: str) -> dict[str, str]:
        return {
            self.key: _minted(seed, self.key, 32).upper(),
            self.secret: _minted(seed, self.secret, 64),
        }


@dataclass(frozen=True, slots=True)
class OAuthLogin:
    """Key and secret are exchanged for a token that lives for a while (RFC 6749 section 4.4, as Looker does it).

    Attributes:
        client_id: The environment variable that holds the key.
        client_secret: The environment variable that holds the secret.
        root: Where the API begins in every URL: the login stands there, whatever host or path comes before.
        login: Path of the login below it.
        prefix: What stands before the token in `Authorization`.
        also: Other prefixes the platform accepts.
        where: Where a person gets the key.
    """

    client_id: str
    client_secret: str
    root: str
    login: str = "/login"
    prefix: str = "token "
    also: tuple[str, ...] = ("Bearer ",)
    where: str = ""

    @property
    def variables(self) -> tuple[str, ...]:
        return (self.client_id, self.client_secret)

    def sign(self, credentials: Credentials) -> httpx.Auth:
        """Logs in before the first request, and once more where a token is refused (HTTP 401).

        A login that is refused is the answer to the request that needed it. Raises `ConfigurationError` for a
        request outside the API, `ApiError` for a login that is answered without a token.
        """
        return _LoginAuth(self, credentials[self.client_id], credentials[self.client_secret])

    def presented(self, request: httpx.Request) -> str:
        """The token of a request; of a login, the secret."""
        value: str = request.headers.get("Authorization", "").strip()
        for prefix in (self.prefix, *self.also):
            if value.lower().startswith(prefix.lower()):
                return value[len(prefix) :].strip()
        return form_of(request).get("client_secret", "") if request.url.path.endswith(self.login) else ""

    def example(self, seed: str) -> dict[str, str]:
        return {
            self.client_id: _minted(seed, self.client_id, 20),
            self.client_secret: _minted(seed, self.client_secret, 24),
        }

    def request(self, request: httpx.Request, client_id: str, client_secret: str) -> httpx.Request:
        """The login that a request needs first. Raises `ConfigurationError` where it has no `root` in its path."""
        before, root, _ = f"{request.url.path}/".partition(f"{self.root}/")
        if not root:
            where = f"{request.url.host}{request.url.path}"
            raise ConfigurationError(f"no {self.root} in {where}: the base URL must end in {self.root}")
        url = request.url.copy_with(path=f"{before}{self.root}{self.login}", query=None)
        fields = urlencode({"client_id": client_id, "client_secret": client_secret})
        headers = {"accept": "application/json", "content-type": FORM}
        return httpx.Request("POST", url, headers=headers, content=fields)


class _LoginAuth(httpx.Auth):
    """Keeps the token of one client."""

    requires_response_body = True

    def __init__(self, scheme: OAuthLogin, client_id: str, client_secret: str) -> None:
        self._scheme = scheme
        self._client_id = client_id
        self._client_secret = client_secret
        self._token = ""

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if not self._token and not (yield from self._logged_in(request)):
            return
        response = yield self._signed(request)
        if response.status_code == httpx.codes.UNAUTHORIZED and (yield from self._logged_in(request)):
            yield self._signed(request)

    def _logged_in(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, bool]:
        login = self._scheme.request(request, self._client_id, self._client_secret)
        response = yield login
        if not response.is_success:
            self._token = ""
            return False
        token = dig(answer_of(response), "access_token")
        if not isinstance(token, str) or not token:
            raise ApiError(f"{login.url.host}{login.url.path} answered HTTP {response.status_code} without a token")
        self._token = token
        return True

    def _signed(self, request: httpx.Request) -> httpx.Request:
        request.headers["Authorization"] = f"{self._scheme.prefix}{self._token}"
        return request

    def __repr__(self) -> str:
        return "_LoginAuth('***')"


def _minted(seed: str, variable: str, length: int) -> str:
    return hashlib.sha256(f"{seed}/{variable}".encode()).hexdigest()[:length]
