"""The sandbox's own address, `/_sandbox`: look at it and change it while it runs.

Every answer is the state after the request:

    GET    /_sandbox             platforms, rows, faults, limits, requests counted
    POST   /_sandbox/faults      {"fault": "status=503", "platform": "*", "endpoint": "*", "times": 1}
    DELETE /_sandbox/faults
    POST   /_sandbox/limits      {"platform": "asana", "limit": 5, "window": 60}
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
from .evolution import Evolution

if TYPE_CHECKING:
    from .engine import Sandbox

ADMIN = "/_sandbox"


def is_admin(path: str) -> bool:
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
    return json_answer(200, status(sandbox))


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
        "changes": len(sandbox.evolution.changes),
        "requests": dict(sandbox.requests),
    }


def _look(_sandbox: Sandbox, _request: httpx.Request) -> None:
    """Nothing changes."""


def _add_fault(sandbox: Sandbox, request: httpx.Request) -> None:
    given = _object(request, {"fault": str, "platform": str, "endpoint": str, "times": int | None}, ("fault",))
    times = given.get("times", 1)
    if times is not None and times < 0:
        raise ConfigurationError("times must be 0 (for ever) or more")
    platform = given.get("platform", "*")
    if not any(char in platform for char in "*?["):
        sandbox.credentials(platform)
    sandbox.fault(given["fault"], platform=platform, endpoint=given.get("endpoint", "*"), times=times or None)


def _clear_faults(sandbox: Sandbox, _request: httpx.Request) -> None:
    sandbox.faults.clear()


def _limit(sandbox: Sandbox, request: httpx.Request) -> None:
    wanted = {"platform": str, "limit": int, "window": int | float}
    given = _object(request, wanted, tuple(wanted))
    if given["limit"] < 0 or given["window"] <= 0:
        raise ConfigurationError("limit must be 0 or more and window above 0 seconds")
    sandbox.limit(given["platform"], given["limit"], float(given["window"]))


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
        if not isinstance(value, known[name]) or isinstance(value, bool):
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
    ("POST", f"{ADMIN}/evolve"): _evolve,
}
