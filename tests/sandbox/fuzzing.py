"""How much is tried, and requests that a sandbox lets in."""

from __future__ import annotations

import os

import httpx

from bi_contracts.platform import Platform
from bi_contracts.sandbox import Sandbox

DEPTH = int(os.environ.get("BI_CONTRACTS_FUZZ", "1"))
"""How many times as much is tried as usual."""


def signed(sandbox: Sandbox, platform: Platform, request: httpx.Request) -> httpx.Request:
    """The request with the credential that the sandbox accepts, after a login where the platform wants one."""
    flow = platform.auth.sign(sandbox.credentials(platform.name)).sync_auth_flow(request)
    sent = next(flow)
    while sent is not request:
        answer = sandbox.handle(sent)
        answer.read()
        sent = flow.send(answer)
    return sent
