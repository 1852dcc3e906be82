"""A scenario as a k6 script (https://grafana.com/docs/k6/latest/using-k6/scenarios/)."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from ..errors import DeclarationError
from ..interaction import DEGRADED_HEADER
from ..redact import REDACTED, SECRETS_ONLY, redact_url
from .scenario import BenchmarkConfig
from .thresholds import Threshold

HEADERS = "BI_CONTRACTS_LOAD_HEADERS"
"""The environment variable that exported scripts take headers from, as JSON: none of them stands in a file."""

_SCRIPT = """\
// {name}: made by `bi-contracts load --export k6`.
// Run it: k6 run -e BASE_URL={base_url} {name}.js
import http from 'k6/http';
import {{ check{sleep} }} from 'k6';

const BASE_URL = __ENV.BASE_URL || {base};
const HEADERS = Object.assign({headers}, JSON.parse(__ENV.{variable} || '{{}}'));
const EXPECTED = {expected};

export const options = {options};

http.setResponseCallback(http.expectedStatuses({statuses}));

export default function () {{
  const response = http.request({method}, {url}, {payload}, {{
    headers: HEADERS,
    timeout: {timeout},
  }});
  check(response, {{
    'the platform answered as expected': (r) =>
      (EXPECTED.length ? EXPECTED.includes(r.status) : r.status >= 200 && r.status < 300) &&
      !r.headers['{degraded}'],
  }});{think}
}}
"""


def script(config: BenchmarkConfig, base_url: str, thresholds: Sequence[Threshold] = ()) -> str:
    """The script. Headers of the scenario are read from the environment: they may be credentials.

    Raises `DeclarationError` for Poisson arrivals, which k6 does not have, and where no request is planned.
    """
    refuse_credentials(config)
    base = without_password(base_url.rstrip("/"))
    config = replace(config, endpoint=without_password(config.endpoint))
    return _SCRIPT.format(
        name=file_name(config),
        base_url=comment(base),
        base=_js(base),
        headers=_js({"accept": "application/json"} | _content_type(config)),
        variable=HEADERS,
        expected=_js(list(config.expected_status)),
        options=_js(options(config, thresholds), indent=2),
        statuses=", ".join(map(str, config.expected_status)) or "{ min: 200, max: 299 }",
        method=_js(config.method),
        url=_url(config),
        payload="null" if config.payload is None else f"JSON.stringify({_js(config.payload)})",
        timeout=_js(f"{round(1000 * config.timeout_seconds)}ms"),
        degraded=DEGRADED_HEADER.title(),  # k6 gives canonical names
        sleep=", sleep" if config.think_seconds else "",
        think=f"\n  sleep({config.think_seconds:g});" if config.think_seconds else "",
    )


def options(config: BenchmarkConfig, thresholds: Sequence[Threshold] = ()) -> dict[str, Any]:
    """What k6 calls `options`: one scenario, and the thresholds by metric."""
    limits: dict[str, list[dict[str, Any]]] = {}
    for one in thresholds:
        limits.setdefault(one.key, []).append(_threshold(one))
    found: dict[str, Any] = {"scenarios": {file_name(config): _scenario(config)}}
    if limits:
        found["thresholds"] = limits
    # Without these, k6's summary has no p(99).
    return found | {"summaryTrendStats": ["avg", "min", "med", "p(90)", "p(95)", "p(99)", "max", "count"]}


def _threshold(one: Threshold) -> dict[str, Any]:
    found: dict[str, Any] = {"threshold": one.condition}
    if one.abort_on_fail:
        found |= {"abortOnFail": True}
    if one.delay_abort_eval:
        found |= {"delayAbortEval": _duration(one.delay_abort_eval)}
    return found


def _scenario(config: BenchmarkConfig) -> dict[str, Any]:
    if config.poisson:
        raise DeclarationError(f"{config.name}: k6 has even arrivals only; leave poisson out of what is exported")
    if config.planned == 0:
        raise DeclarationError(f"{config.name}: no request is planned, and k6 refuses to run none")
    users = config.concurrent_users
    if config.model == "closed":
        if config.duration_seconds is not None:
            return {"executor": "constant-vus", "vus": users, "duration": _duration(config.duration_seconds)}
        return {"executor": "shared-iterations", "vus": users, "iterations": config.total_requests}
    most = {"preAllocatedVUs": min(max(users, 50), config.max_in_flight), "maxVUs": config.max_in_flight}
    if config.ramp:
        # k6 takes whole rates only: a minute is the unit, so that 2.5 a second can be said.
        stages = [{"target": round(60 * one.rate), "duration": _duration(one.seconds)} for one in config.ramp]
        start = round(60 * (config.arrival_rate or 0))
        return {"executor": "ramping-arrival-rate", "startRate": start, "timeUnit": "1m", "stages": stages, **most}
    rate, unit = _rate(config.arrival_rate or 0.0)
    window = _duration(config.window or 0.0)
    return {"executor": "constant-arrival-rate", "rate": rate, "timeUnit": unit, "duration": window, **most}


def _rate(rate: float) -> tuple[int, str]:
    """A rate as whole requests in a unit of time."""
    for unit, seconds in (("1s", 1), ("10s", 10), ("1m", 60)):
        if abs(rate * seconds - round(rate * seconds)) < 1e-9:
            return round(rate * seconds), unit
    return max(1, round(rate * 3600)), "1h"


def _duration(seconds: float) -> str:
    return f"{seconds:g}s" if float(seconds).is_integer() else f"{round(1000 * seconds)}ms"


def file_name(config: BenchmarkConfig) -> str:
    """The name with letters, digits, underscores and dashes only: k6 allows no others in a scenario's name."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", config.name)


def without_password(url: str) -> str:
    """The address without the credentials that stand before its host: they have no place in a file."""
    return re.sub(r"^([a-zA-Z][a-zA-Z0-9+.-]*://)[^/?#]*@", r"\1", url)


def refuse_credentials(config: BenchmarkConfig) -> None:
    """Raises `DeclarationError` where the query holds a credential: it would stand in the file."""
    given = config.endpoint, "?" + urlencode({name: str(value) for name, value in config.params.items()})
    if any(REDACTED in redact_url(url, SECRETS_ONLY) for url in map(without_password, given)):
        raise DeclarationError(
            f"{file_name(config)}: the query holds a credential, which has no place in a file;"
            f" send it as a header, from the environment variable {HEADERS}"
        )


def comment(text: str) -> str:
    """A text that cannot leave the comment it stands in."""
    return re.sub(r"[^\x21-\x7e]|[\"'\\]", "", text)


def _content_type(config: BenchmarkConfig) -> dict[str, str]:
    return {} if config.payload is None else {"content-type": "application/json"}


def _url(config: BenchmarkConfig) -> str:
    target = target_of(config)
    return _js(target) if "://" in target else f"`${{BASE_URL}}${{{_js(target)}}}`"


def target_of(config: BenchmarkConfig) -> str:
    """The path with its query, or the whole URL where the scenario has one."""
    import httpx

    from ..slots import text

    if not config.params:
        return config.endpoint
    query = str(httpx.QueryParams({name: text(value) for name, value in config.params.items()}))
    return f"{config.endpoint}{'&' if '?' in config.endpoint else '?'}{query}"


def _js(value: Any, indent: int | None = None) -> str:
    """JSON is JavaScript, but for two line separators of old and the end of a script element."""
    text = json.dumps(value, indent=indent)
    return text.replace("</", "<\\/")
