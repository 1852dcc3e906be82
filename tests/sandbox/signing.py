"""A request with the credential that a sandbox accepts, after a login where the platform wants one."""

from __future__ import annotations

import httpx

from bi_contracts.platform import Platform
from bi_contracts.sandbox import Sandbox


def signed(sandbox: Sandbox, platform: Platform, request: httpx.Request) -> httpx.Request:
    """The request, signed."""
    flow = platform.auth.sign(sandbox.credentials(platform.name)).sync_auth_flow(request)
    sent = next(flow)
    while sent is not request:
        answer = sandbox.handle(sent)
        answer.read()
        sent = flow.send(answer)
    return sent
