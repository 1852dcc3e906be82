"""Which response headers belong in a contract, and what a media type is.

Most headers belong to proxies, caches and browsers; they change every night and no reader of the API minds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

CONTENT_TYPE: Final = "content-type"
LIFECYCLE: Final = frozenset({"sunset", "deprecation", "warning"})
"""Headers that announce the end of an API: RFC 8594, RFC 9745, RFC 9111 section 5.5."""

_VOLATILE = re.compile(
    r"""
    date|server|via|age|etag|vary|expires|pragma|p3p|nel|connection|keep-alive|upgrade|trailer|priority|host|status
    |last-modified|cache-control|cdn-.*|set-cookie2?|transfer-encoding|accept-ranges|alt-svc|report(ing|-to).*
    |content-(length|encoding|language|security.*|disposition|md5|digest)|digest|referrer-policy|permissions-policy
    |x-bi-contracts-.*|feature-policy|expect-ct|strict-transport-security|cross-origin-.*|origin-agent-cluster|access-control-.*
    |timing-allow-origin|server-timing|traceparent|tracestate|b3|cf-.*|fastly-.*|akamai-.*|surrogate-.*|www-authenticate
    |x-(amz|amzn|cache|cdn|envoy|b3|cloud|datadog|evy|frame|xss|content-type-options|content-security|permitted)(-.*)?
    |x-(powered-by|served-by|timer|runtime|robots-tag|download-options|ua-compatible|backend.*|edge-.*|via|server|proxy.*)
    |x-(varnish|ac|hacker|dns-prefetch-control|proc-.*|node|host|hits|ratelimit-reset|rate-limit-reset|azure-.*|github-.*)
    |x-sfdc-.*|queryid|x-ami-version|x-request-queueing|x-intercom-version|x-gong-service-version|x-hubspot-correlation-.*
    |x-webkit-csp|x-slack-(backend|unique-id|shared-secret-outcome|edge-.*)
    |(x-)?ratelimit-reset.*
    |.*(request|req|correlation|trace|transaction|span|session|instance|ray|response)-?id|.*-(req|trace|span)|x-id
    """,
    re.VERBOSE,
)
_PROMISED = re.compile(
    r"link|location|retry-after|content-type|(x-)?rate-?limit.*|x-.*(total|count|page|pages|cursor|version).*"
)


def contract_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers a contract speaks about. `content-type` is reduced to its media type."""
    kept = {name: value for name, value in headers.items() if not is_volatile(name)}
    if CONTENT_TYPE in kept:
        kept[CONTENT_TYPE] = media_type(kept[CONTENT_TYPE])
    return kept


def is_volatile(name: str) -> bool:
    """Whether a header (lower case) is the business of transport, not of the API."""
    return _VOLATILE.fullmatch(name) is not None


def is_promised(name: str) -> bool:
    """Whether clients read this header (lower case): paging, limits, media type."""
    return _PROMISED.fullmatch(name) is not None


def media_type(content_type: str) -> str:
    """`Application/JSON; charset=utf-8` -> `application/json`. Parameters are no part of the contract."""
    return content_type.split(";", 1)[0].split(",", 1)[0].strip().lower()
