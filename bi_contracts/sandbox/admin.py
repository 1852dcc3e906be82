"""The sandbox's own address, `/_sandbox`: look at it and change it while it runs.

Every answer is the state after the request:

    GET    /_sandbox             platforms, rows, faults, limits, time, requests counted
    POST   /_sandbox/faults      {"fault": "status=503", "platform": "*", "endpoint": "*", "times": 1}
                                 or a rule: {"rule": "slack/*: rate-limit; retry-after=1 x3"}
    DELETE /_sandbox/faults
    POST   /_sandbox/limits      {"platform": "asana", "limit": 5, "window": 60}; another quota by its name: "quota"
    GET    /_sandbox/clock       what time it is
    POST   /_sandbox/clock       {"now": "2026-03-01T09:00:00Z"} (or Unix seconds), {"advance": 3600}, {"frozen": true}
    POST   /_sandbox/evolve      [{"endpoint": "asana/tasks", "change": "remove", "path": "notes"}]
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import httpx

from ..errors import BiContractsError, ConfigurationError
from ..paths import Json
from .answer import Answer, json_answer
from .clock import iso, moment_of
from .evolution import Evolution

if TYPE_CHECKING:
    from .engine import Sandbox

ADMIN = "/_sandbox"
LONGEST_WINDOW = 31_536_000
"""Seconds in which a rate limit may count."""


def is_admin(path: str) -> bool:
    """Whether a path belongs to the sandbox itself rather than to a platform."""
    return path == ADMIN or path.startswith(ADMIN + "/")


def answer(sandbox: Sandbox, request: httpx.Request) -> Answer:
    """What the sandbox says about itself. Bad input is answered with 400 and words."""
    action = _ACTIONS.get((request.method, request.url.path.rstrip("/")))
    if action is None:
        known = ", ".join(f"{method} {path}" for method, path in _ACTIONS)
        return json_answer(404, {"error": f"{request.method} {request.url.path} is not known; known are {known}"})
    try:
        action(sandbox, request)
    except BiContractsError as problem:
        return json_answer(400, {"error": str(problem)})
    told = clock if request.url.path.rstrip("/").endswith("/clock") else status
    return json_answer(200, told(sandbox))


def clock(sandbox: Sandbox) -> dict[str, Json]:
    """What time it is in the sandbox."""
    now = sandbox.now()
    return {"now": iso(now), "unix": now, "frozen": sandbox.clock.frozen is not None}


def status(sandbox: Sandbox) -> dict[str, Json]:
    """Platforms, rows, faults, limits and counts as plain data."""
    platforms = sandbox.platforms.values()
    return {
        "platforms": {
            platform.name: {"title": platform.title, "endpoints": [endpoint.name for endpoint in platform.endpoints]}
            for platform in platforms
        },
        "seed": sandbox.seed,
        "rows": sandbox.world.size,
        "faults": [
            {"platform": rule.platform, "endpoint": rule.endpoint, "fault": rule.text, "times": rule.times}
            for rule in sandbox.faults.rules
        ],
        "limits": {
            platform.name: dict(zip(("limit", "window"), sandbox.limits.of(platform), strict=True))
            for platform in platforms
        },
        "quotas": {
            platform.name: {quota.name: [quota.limit, quota.window] for quota in platform.limits.quotas}
            for platform in platforms
        },
        "clock": clock(sandbox),
        "changes": len(sandbox.evolution.changes),
        "requests": dict(sandbox.requests),
        "failures": sandbox.failures,
    }


def _look(_sandbox: Sandbox, _request: httpx.Request) -> None:
    """Nothing changes."""


def _add_fault(sandbox: Sandbox, request: httpx.Request) -> None:
    wanted = {"fault": str, "platform": str, "endpoint": str, "times": int | None, "rule": str}
    given = _object(request, wanted, ())
    if set(given) == {"rule"}:
        return sandbox.rule(given["rule"])
    if "rule" in given or "fault" not in given:
        raise ConfigurationError("fault must be given, or a rule alone")
    times = given.get("times", 1)
    if times is not None and times < 0:
        raise ConfigurationError("times must be 0 (for ever) or more")
    platform = given.get("platform", "*")
    if not any(char in platform for char in "*?["):
        sandbox.credentials(platform)
    return sandbox.fault(given["fault"], platform=platform, endpoint=given.get("endpoint", "*"), times=times or None)


def _clear_faults(sandbox: Sandbox, _request: httpx.Request) -> None:
    sandbox.faults.clear()


def _limit(sandbox: Sandbox, request: httpx.Request) -> None:
    wanted = {"platform": str, "limit": int, "window": int | float, "quota": str}
    given = _object(request, wanted, ("platform", "limit", "window"))
    if given["limit"] < 0 or not 0 < given["window"] <= LONGEST_WINDOW:
        raise ConfigurationError("limit must be 0 or more and window above 0 seconds, and a year at most")
    sandbox.limit(given["platform"], given["limit"], float(given["window"]), given.get("quota", ""))


def _move_clock(sandbox: Sandbox, request: httpx.Request) -> None:
    given = _object(request, {"now": str | int | float, "advance": int | float, "frozen": bool}, ())
    if not given or ("now" in given and "advance" in given):
        raise ConfigurationError("now or advance must be given, or frozen")
    moment = sandbox.now() + given["advance"] if "advance" in given else None
    moment = moment_of(given["now"]) if "now" in given else moment
    if moment is not None:
        sandbox.clock.set(moment)
    if "frozen" in given:
        sandbox.clock.freeze() if given["frozen"] else sandbox.clock.run()


def _evolve(sandbox: Sandbox, request: httpx.Request) -> None:
    sandbox.evolve(Evolution.parse(_body(request), "request body"))


def _body(request: httpx.Request) -> Json:
    """The JSON of a request, whatever type it declares: `curl -d` calls everything a form."""
    try:
        return json.loads(request.content)
    except (ValueError, RecursionError):
        return None


def _object(request: httpx.Request, known: Mapping[str, Json], wanted: tuple[str, ...]) -> Mapping[str, Json]:
    """The JSON object of a request. Raises `ConfigurationError` naming the member that is not right."""
    given = _body(request)
    if not isinstance(given, Mapping):
        raise ConfigurationError(f"a JSON object with {', '.join(known)} is wanted")
    for name, value in given.items():
        if name not in known:
            raise ConfigurationError(f"{name} is not known; known are {', '.join(known)}")
        if not isinstance(value, known[name]) or isinstance(value, bool) is not (known[name] is bool):
            raise ConfigurationError(f"{name}: {value!r} is not of the right type")
    missing = [name for name in wanted if name not in given]
    if missing:
        raise ConfigurationError(f"{', '.join(missing)} must be given")
    return given


_ACTIONS: dict[tuple[str, str], Callable[[Sandbox, httpx.Request], None]] = {
    ("GET", ADMIN): _look,
    ("POST", f"{ADMIN}/faults"): _add_fault,
    ("DELETE", f"{ADMIN}/faults"): _clear_faults,
    ("POST", f"{ADMIN}/limits"): _limit,
    ("GET", f"{ADMIN}/clock"): _look,
    ("POST", f"{ADMIN}/clock"): _move_clock,
    ("POST", f"{ADMIN}/evolve"): _evolve,
}
