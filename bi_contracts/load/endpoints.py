"""A declared endpoint of a platform under load: its own request, its own signature, its own words for a failure."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import httpx

from ..dialects import Quota
from ..platform import Endpoint, Platform
from ..registry import Target
from ..session import Upstream, draw_arguments, who_answered
from .benchmarks import of_request
from .engine import client_for
from .scenario import BenchmarkConfig

SHARE = 0.1
"""The part of a limit for an hour or a day that one run on a live platform may use up."""

SHORT = 60.0
"""Seconds. Limits for a window of that or less are kept by the rate, those for longer ones by the number."""


@dataclass(frozen=True, slots=True)
class EndpointLoad:
    """What an endpoint is asked, and who answered it until now."""

    target: Target
    upstream: Upstream
    config: BenchmarkConfig
    request: httpx.Request
    answered: set[str] = field(default_factory=set)

    def client(self) -> httpx.AsyncClient:
        """The one client of the run, which signs as the platform wants it."""
        platform = self.target.platform
        transport = self.upstream.transport(platform)
        auth = platform.auth.sign(self.upstream.credentials(platform))
        return client_for(self.upstream.base_url(platform), transport=transport, auth=auth)

    def judged(self, response: httpx.Response) -> str:
        """What the platform says went wrong: with Slack, that may be a 200."""
        url = str(response.request.url)
        self.answered.add(str(who_answered(self.upstream.origin, url, response.headers)))
        problem = self.target.platform.errors.recognise(response)
        if problem is None or self.target.endpoint.says_empty(problem):
            return ""
        return f"HTTP {problem.status}: {problem.kind.replace('_', ' ')}"

    @property
    def source(self) -> str:
        """Who answered; "unknown" where that were several, or nobody."""
        return next(iter(self.answered)) if len(self.answered) == 1 else "unknown"

    def signed(self) -> BenchmarkConfig:
        """The scenario with the signature among its headers, for an engine that does not know the platform.

        Raises `DeclarationError` where the request's body is no JSON.
        """
        platform = self.target.platform
        auth = platform.auth.sign(self.upstream.credentials(platform))
        made = httpx.Request(
            self.request.method, self.request.url, headers=self.request.headers, content=self.request.content
        )
        return of_request(self.config.name, next(auth.sync_auth_flow(made)), self.config)


def endpoint_load(target: Target, upstream: Upstream, given: BenchmarkConfig) -> EndpointLoad:
    """The first page of an endpoint, under the first row of each parent; how often, as given.

    Live platforms are asked within their declared limits. Raises as `Upstream.client` does, and `UpstreamError`.
    """
    platform, endpoint = target.platform, target.endpoint
    with upstream.client(platform) as client:
        arguments = draw_arguments(client, endpoint)
    request = platform.request(endpoint, arguments, upstream.base_url(platform))
    size = endpoint.paginator.page
    request = endpoint.paginator.sized(request, size) if size else request
    config = replace(given, name=target.id, endpoint=str(request.url), method=request.method)
    if upstream.origin == "live":
        config = capped(config, platform, endpoint)
    return EndpointLoad(target, upstream, config, request)


def capped(config: BenchmarkConfig, platform: Platform, endpoint: Endpoint) -> BenchmarkConfig:
    """The scenario within the limits that the platform declares: always an open model, for users have no rate.

    Limits that are counted in points cannot be known before and are left to the platform.
    """
    quotas = [quota for quota in platform.limits.all_for(endpoint.name) if quota.counts == "requests"]
    short = [quota for quota in quotas if quota.window <= SHORT] or [_shortest(quotas)]
    fastest = min(quota.limit / quota.window for quota in short)
    asked = max((rate for stage in config.stages for rate in stage[1:]), default=0.0) or fastest
    rate = min(max(asked, 1 / (config.window or math.inf)), fastest)
    most = min((int(quota.limit * SHARE) for quota in quotas if quota.window > SHORT), default=None)
    number = config.total_requests
    if config.window is not None and config.model == "open":
        number = max(1, int(rate * config.window))
    elif config.duration_seconds is not None:
        number = max(1, int(rate * config.duration_seconds))
    number = number if most is None else min(number, most)
    return replace(
        config,
        arrival_rate=rate,
        ramp=(),
        duration_seconds=None,
        total_requests=number,
        poisson=False,
        warmup_requests=0,  # nothing paces them
    )


def _shortest(quotas: list[Quota]) -> Quota:
    return min(quotas, key=lambda quota: quota.window)
