"""Things that go wrong between us and a platform, staged in a sandbox: each must be seen for what it is."""

from __future__ import annotations

from collections.abc import Iterator

import httpx

from ..client import AsyncClient, as_response
from ..errors import Failure, Unreachable
from ..platform import Platform
from ..sandbox import Sandbox
from .connection_limits import base_url
from .connection_response import problems

CUTS = {"timeout": "timeout", "reset": "reset"}
"""Fault of the sandbox -> the reason that a client must read from it."""

DAMAGE = {
    "html": "html-page",
    "html; status=503": "html-page",
    "truncate": "truncated-json",
    "malformed": "not-json",
    "content-type=text/plain": "content-type",
    "status=503": "unexpected-status",
    "clock-skew=600": "clock-skewed",
}
"""Fault of the sandbox -> the rule of the response checks that must find it."""


class FaultMisread(Failure):
    """Something went wrong, and it was taken for something else, or for nothing."""

    rule = "fault-misread"


async def cuts_seen(platform: Platform, sandbox: Sandbox) -> int:
    """Breaks the connection in every way that can be staged in process. Raises `FaultMisread`; gives how many."""
    transport = sandbox.async_transport()
    credentials = sandbox.credentials(platform.name)
    async with AsyncClient(platform, credentials, transport=transport, base_url=base_url(platform)) as client:
        await client.identity()
        for fault, reason in CUTS.items():
            sandbox.fault(fault, platform=platform.name)
            try:
                await client.identity()
            except Unreachable as error:
                read = error.reason
            else:
                read = "an answer"
            if read != reason:
                raise FaultMisread(f"{platform.name}: {reason} is read as {read}")
    return len(CUTS)


async def damage_seen(platform: Platform, sandbox: Sandbox) -> int:
    """Damages an answer in every way that can be staged. Raises `FaultMisread`; gives how many."""
    signed = platform.auth.sign(sandbox.credentials(platform.name))
    async with httpx.AsyncClient(transport=sandbox.async_transport(), auth=signed) as http:
        await _asked(http, platform)  # a login comes before the damage
        for fault, rule in DAMAGE.items():
            sandbox.fault(fault, platform=platform.name)
            found = list(_rules(await _asked(http, platform), platform, sandbox.now()))
            if rule not in found:
                read = ", ".join(found) or "a good answer"
                raise FaultMisread(f"{platform.name}: {rule} is read as {read}")
    return len(DAMAGE)


async def _asked(http: httpx.AsyncClient, platform: Platform) -> httpx.Response:
    endpoint = platform.endpoint(platform.identity)
    return await http.send(platform.request(endpoint, {}, base_url(platform)))


def _rules(response: httpx.Response, platform: Platform, now: float) -> Iterator[str]:
    return (problem.rule for problem in problems(as_response(response), platform=platform, now=now))
