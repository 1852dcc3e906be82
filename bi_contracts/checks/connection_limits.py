"""Whether a platform's way of limiting requests is understood: what is left, that it refuses, how long to wait."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

import httpx

from ..dialects import Budget, ErrorKind, Problem, Quota
from ..errors import Failure
from ..platform import Endpoint, Platform
from ..sandbox import Sandbox

ASKED = 7.0
"""Seconds in a staged `Retry-After`."""


class BudgetUnread(Failure):
    """An answer does not tell the budget that the platform is declared to tell, or tells one that cannot be."""

    rule = "rate-budget-unread"


class LimitUnread(Failure):
    """A refusal for the sake of a rate limit reads as something else."""

    rule = "rate-limit-unread"


class WaitMisread(Failure):
    """The wait that is computed from a refusal is not the one that the platform means."""

    rule = "rate-wait-misread"


@dataclass(frozen=True, slots=True)
class Refused:
    """A refusal that was staged. `wait` is what a client can know of it, in seconds; None where nothing is told."""

    name: str
    response: httpx.Response
    wait: float | None


def budget_told(platform: Platform, endpoint: Endpoint, response: httpx.Response) -> dict[str, Budget]:
    """The budgets that an answer states, by the name of the limit ("" is the usual one): all that are to be told.

    Raises `BudgetUnread`.
    """
    told = [quota for quota in platform.limits.all_for(endpoint.name) if _tells(quota)]
    found = {}
    for quota in told:
        budget = quota.budget(response)
        if budget is None:
            names = ", ".join(quota.headers)
            raise BudgetUnread(f"{platform.id(endpoint)}: no {quota.name or 'usual'} budget can be read from {names}")
        if not 0 <= budget.remaining <= budget.limit:
            figures = f"{budget.remaining} of {budget.limit}"
            raise BudgetUnread(f"{platform.id(endpoint)}: {figures} left of the {quota.name or 'usual'} budget")
        found[quota.name] = budget
    return found


def rate_limited(platform: Platform, response: httpx.Response) -> Problem:
    """The refusal, understood as one for too many requests. Raises `LimitUnread`."""
    problem = platform.errors.recognise(response)
    if problem is None or problem.kind is not ErrorKind.RATE_LIMITED:
        read = "no error" if problem is None else problem.kind.replace("_", " ")
        raise LimitUnread(f"{platform.name}: a rate limit reads as {read} (HTTP {response.status_code})")
    return problem


def wait_agrees(
    platform: Platform, response: httpx.Response, expected: float | None, *, tolerance: float = 1.0
) -> float | None:
    """The seconds to wait after a refusal, as the platform's dialect reads them. Raises `WaitMisread`.

    A `tolerance` of 1 s is what headers in whole seconds cost.
    """
    found = platform.limits.wait(response)
    agree = found is expected if found is None or expected is None else abs(found - expected) <= tolerance
    if not agree:
        raise WaitMisread(f"{platform.name}: a wait of {_seconds(expected)} is read as {_seconds(found)}")
    return found


def understood(platform: Platform, refused: Refused) -> float | None:
    """Both: it is a rate limit, and the wait is right. Raises `LimitUnread`, `WaitMisread`."""
    rate_limited(platform, refused.response)
    return wait_agrees(platform, refused.response, refused.wait)


def staged_refusals(platform: Platform, sandbox: Sandbox) -> Iterator[Refused]:
    """Every way in which a platform refuses, staged: each of its limits, then `Retry-After` in seconds and as a date.

    The sandbox's clock is stopped, and its limits are changed: use one of your own.
    """
    sandbox.clock.freeze(ceil(sandbox.now()))
    signed = platform.auth.sign(sandbox.credentials(platform.name))
    with httpx.Client(transport=sandbox.transport(), auth=signed) as http:
        for quota in platform.limits.all_for("")[:1] + platform.limits.quotas:
            endpoint = _probe(platform, quota)
            if endpoint is not None:
                yield _exhausted(http, platform, endpoint, quota, sandbox)
        endpoint = platform.endpoint(platform.identity)
        for form in ("retry-after", "retry-after-date"):
            http.send(platform.request(endpoint, {}, base_url(platform)))  # a login comes before the fault
            sandbox.fault(f"rate-limit; {form}={ASKED:g}", platform=platform.name)
            yield Refused(form, http.send(platform.request(endpoint, {}, base_url(platform))), ASKED)


def base_url(platform: Platform) -> str:
    """Where a platform stands in a sandbox in process: accounts share a host and are told apart by the path."""
    if "@" not in platform.name:
        return platform.base_url
    return f"http://localhost/{platform.name}{httpx.URL(platform.base_url).path.rstrip('/')}"


def _exhausted(http: httpx.Client, platform: Platform, endpoint: Endpoint, quota: Quota, sandbox: Sandbox) -> Refused:
    """The refusal of the request after the last one that a limit allows, a third into its window."""
    place = base_url(platform)
    identity = platform.endpoint(platform.identity)
    http.send(platform.request(identity, {}, place))  # a login is a request, too, and is no part of this
    sandbox.limit(platform.name, 1, quota.window, quota.name)
    http.send(platform.request(endpoint, {}, place))
    sandbox.clock.advance(quota.window / 3)
    refused = http.send(platform.request(endpoint, {}, place))
    sandbox.limit(platform.name, quota.limit, quota.window, quota.name)
    return Refused(quota.name or "usual", refused, _knowable(platform, quota, quota.window * 2 / 3))


def _knowable(platform: Platform, quota: Quota, left: float) -> float | None:
    """What an answer tells of the seconds that are left of a window."""
    if platform.limits.retry_after:
        return float(max(1, ceil(left)))
    if any("reset" in said for said in quota.headers.values()):
        return left
    first = platform.limits.all_for("")[0]
    return first.window if any("window" in said for said in first.headers.values()) else None


def _probe(platform: Platform, quota: Quota) -> Endpoint | None:
    """An endpoint that a limit holds for and that can be asked without knowing anything; None where there is none."""
    asked = [one for one in platform.endpoints if one.kind != "write" and not one.parents and not one.placeholders]
    if not quota.endpoints:
        return platform.endpoint(platform.identity)
    return next((one for one in asked if quota.concerns(one.name)), None)


def _tells(quota: Quota) -> bool:
    return any("remaining" in said or "used" in said for said in quota.headers.values())


def _seconds(value: float | None) -> str:
    return "nothing" if value is None else f"{value:g} s"
