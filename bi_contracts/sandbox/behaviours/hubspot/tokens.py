"""OAuth: tokens that are handed out for a refresh token, and expire."""

from __future__ import annotations

import hashlib
from itertools import count

import httpx

from ....dialects import ErrorKind, ErrorShape
from ....paths import Json
from ....platform import Platform
from ....slots import form_of
from ...answer import Answer, json_answer
from ...clock import iso
from ...refusal import Refusal
from ...rest import Rest
from ...routing import Match
from ...world import World

LIFETIME = 1800
"""Seconds that a token is good for."""

KEPT = 1000
"""Tokens that are remembered."""


class Tokens(Rest):
    """Hands out tokens and looks at them."""

    def __init__(self, platform: Platform, world: World) -> None:
        super().__init__(platform, world)
        self.numbers = count()
        self.expiries: dict[str, float] = {}

    def admit(self, request: httpx.Request, accepted: str) -> None:
        token = self.platform.auth.presented(request)
        expiry = self.expiries.get(token) if token else None
        if expiry is None:
            super().admit(request, accepted)
        elif expiry <= self.clock():
            raise Refusal(ErrorKind.UNAUTHORIZED, shape=_expired(expiry))

    def answer_token(self, request: httpx.Request, match: Match) -> Answer:  # noqa: ARG002
        """A new access token."""
        sent = form_of(request)
        absent = [name for name in ("grant_type", "client_id", "client_secret") if not sent.get(name)]
        if absent:
            raise _refused("BAD_REQUEST", f"missing {absent[0]}")
        kind = sent["grant_type"]
        if kind not in ("refresh_token", "authorization_code"):
            raise _refused("BAD_GRANT_TYPE", "unknown grant type")
        if not sent.get("refresh_token" if kind == "refresh_token" else "code"):
            raise _refused("BAD_REFRESH_TOKEN", "missing or unknown refresh token")
        token = f"C{hashlib.sha256(f'{self.world.seed}/{next(self.numbers)}'.encode()).hexdigest()}"
        self.expiries[token] = self.clock() + LIFETIME
        if len(self.expiries) > KEPT:
            del self.expiries[next(iter(self.expiries))]
        refresh = sent.get("refresh_token") or f"refresh-{token[1:17]}"
        body = {"token_type": "bearer", "refresh_token": refresh, "access_token": token, "expires_in": LIFETIME}
        return json_answer(200, body)

    def answer_token_details(self, request: httpx.Request, match: Match) -> Answer:  # noqa: ARG002
        """Whose a token is."""
        token = str(match.arguments["token"])
        expiry = self.expiries.get(token, 0.0)
        if expiry <= self.clock():
            raise _refused("NOT_FOUND", "unknown or expired token", 404)
        account = self.platform.endpoint(self.platform.identity).examples[0]
        body: dict[str, Json] = {
            "token": token,
            "user": "ava.lindqvist@example.com",
            "hub_domain": "example.com",
            "scopes": ["crm.objects.contacts.read", "oauth"],
            "hub_id": account["portalId"],
            "app_id": 41900801,
            "expires_in": int(expiry - self.clock()),
            "user_id": 60100101,
            "token_type": "access",
        }
        return json_answer(200, body)


def _expired(expiry: float) -> ErrorShape:
    when = iso(expiry)
    body = {
        "status": "error",
        "message": f"The OAuth token used to make this call expired at {when}",
        "correlationId": "{request_id}",
        "category": "EXPIRED_AUTHENTICATION",
        "context": {"expire time": [when]},
    }
    return ErrorShape(401, body)


def _refused(code: str, message: str, status: int = 400) -> Refusal:
    body = {"status": code, "message": message, "correlationId": "{request_id}"}
    return Refusal(ErrorKind.BAD_REQUEST, shape=ErrorShape(status, body))
