"""An answer of the business views as an HTTP response, and what else a route may answer."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from ..interaction import DEGRADED_HEADER
from .business import NotAllowed, NotThere
from .models import Answer, Invalid, Invalidity, Model, Problem, SectionState, status_of, written
from .sources import said

_WORST = ("unavailable", "mock", "stale")

Documented = dict[int | str, dict[str, Any]]


def answered(answer: Model, max_age: float = 0.0) -> Response:
    """The status by the rule of `models.status_of`; and in the header whether something was not fresh."""
    status, headers = 200, {"cache-control": "no-store"}
    if isinstance(answer, Answer):
        status = status_of(answer)
        if status == 200 and max_age > 0 and not answer.degraded:
            headers["cache-control"] = f"private, max-age={_left(answer.sections, max_age)}"
        if answer.degraded:
            headers[DEGRADED_HEADER] = worst(answer.sections)
    return Response(written(answer), status, headers, "application/json")


def worst(sections: list[SectionState]) -> str:
    """The worst source among sections; `partial` where only a part of a fresh one could not be read."""
    sources = {one.source for one in sections}
    return next((source for source in _WORST if source in sources), "partial")


def problem(status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
    """Why there is no answer."""
    kept = {"cache-control": "no-store", **(headers or {})}
    return Response(Problem(detail=detail).model_dump_json(), status, kept, "application/json")


async def on_not_there(_: Request, error: Exception) -> Response:
    """404."""
    return problem(404, said(error))


async def on_not_allowed(_: Request, error: Exception) -> Response:
    """403."""
    return problem(403, said(error))


async def on_http(_: Request, error: Exception) -> Response:
    """What the framework refuses: unknown paths and methods, a body that is no JSON."""
    assert isinstance(error, HTTPException)
    return problem(error.status_code, str(error.detail), dict(error.headers or {}))


async def on_invalid(_: Request, error: Exception) -> Response:
    """422; what was sent is not repeated."""
    assert isinstance(error, RequestValidationError)
    found = [Invalidity(where=[_step(one) for one in each["loc"]], message=str(each["msg"])) for each in error.errors()]
    body = Invalid(detail=found).model_dump_json()
    return Response(body, 422, {"cache-control": "no-store"}, "application/json")


HANDLERS: dict[int | type[Exception], Any] = {
    NotThere: on_not_there,
    NotAllowed: on_not_allowed,
    HTTPException: on_http,
    RequestValidationError: on_invalid,
}

EVERY: Documented = {
    403: {"model": Problem, "description": "The page that asks is of another origin."},
    421: {"model": Problem, "description": "The Host header names somebody else."},
    422: {"model": Invalid, "description": "A parameter is wrong, or there is none of that name."},
}
BODY: Documented = {
    400: {"model": Problem, "description": "The body cannot be read as JSON."},
    413: {"model": Problem, "description": "The body is too large."},
    415: {"model": Problem, "description": "The body is not application/json."},
}


def documented(model: type[Model] | None = None, *, absent: bool = False, body: bool = False) -> Documented:
    """Every status but 200 that a route may answer; `model` is what it answers where nothing could be read."""
    found = dict(EVERY)
    if body:
        found |= BODY
    if absent:
        found[404] = {"model": Problem, "description": "There is no such thing."}
    if model is not None:
        found[503] = {"model": model, "description": "No section is usable."}
    return found


def _left(sections: list[SectionState], max_age: float) -> int:
    """Whole seconds for which the youngest answer may be kept: ages of recordings do not count down."""
    oldest = max((one.age or 0.0 for one in sections if one.source in ("live", "sandbox")), default=0.0)
    return max(0, int(max_age - oldest))


def _step(value: object) -> str | int:
    return value if isinstance(value, int) else "".join(each if each.isprintable() else "?" for each in str(value))[:80]
