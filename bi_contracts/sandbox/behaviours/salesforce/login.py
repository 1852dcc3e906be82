"""The OAuth token endpoint: client credentials, password and refresh.

Source: help.salesforce.com, OAuth 2.0 client credentials flow, username-password flow, and error codes.
The sandbox takes its access token as the client's secret, as the password, or as the refresh token.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

import httpx

from ....slots import form_of
from ...answer import Answer, json_answer


def token(request: httpx.Request, accepted: str, tokens: set[str], user: str, now: float) -> Answer:
    """The answer to a login: a session like the accepted one, or what is wrong with the request."""
    form = {**dict(request.url.params), **form_of(request), **_basic(request)}
    problem = _problem(form, accepted)
    if problem is not None:
        return json_answer(400, {"error": problem[0], "error_description": problem[1]})
    tokens.add(accepted)
    url = str(request.url.copy_with(query=None)).removesuffix("/services/oauth2/token")
    org = accepted.partition("!")[0]
    issued = str(int(now * 1000))
    identity = f"https://login.salesforce.com/id/{org}/{user}"
    signature = hmac.new(accepted.encode(), f"{identity}{issued}".encode(), hashlib.sha256).digest()
    found = {
        "access_token": accepted,
        "signature": base64.b64encode(signature).decode(),
        "scope": "api",
        "instance_url": url,
        "id": identity,
        "token_type": "Bearer",
        "issued_at": issued,
    }
    return json_answer(200, found)


def _basic(request: httpx.Request) -> dict[str, str]:
    """The client's id and secret where they come as Basic credentials (RFC 6749 section 2.3.1)."""
    kind, _, encoded = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return {}
    try:
        name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        return {}
    return {"client_id": name, "client_secret": secret}


def _problem(form: dict[str, str], accepted: str) -> tuple[str, str] | None:
    """OAuth error code and words, None where the login is good."""
    secret = _SECRETS.get(form.get("grant_type", ""))
    if secret is None:
        return "unsupported_grant_type", "grant type not supported"
    if not form.get("client_id"):
        return "invalid_client_id", "client identifier invalid"
    if form.get(secret) != accepted:
        return _WRONG[secret]
    return None


_SECRETS = {"client_credentials": "client_secret", "password": "password", "refresh_token": "refresh_token"}
_WRONG = {
    "client_secret": ("invalid_client", "invalid client credentials"),
    "password": ("invalid_grant", "authentication failure"),
    "refresh_token": ("invalid_grant", "expired access/refresh token"),
}
