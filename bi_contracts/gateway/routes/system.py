"""The gateway about itself."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from ... import __version__
from .. import models
from ..answers import EVERY, answered
from ..readiness import readiness
from ..sources import Ask
from .parameters import Views

router = APIRouter(tags=["system"])
UNREADY: dict[int | str, dict[str, Any]] = {
    **EVERY,
    503: {"model": models.Readiness, "description": "Some platform cannot be read now."},
}
TEXT: dict[int | str, dict[str, Any]] = {
    **EVERY,
    200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "Prometheus text format."},
}


@router.get("/healthz", response_model=models.Health, responses=EVERY)
async def healthz(request: Request) -> Response:
    """The process answers; that says nothing of the platforms."""
    upstream = request.app.sources.reader.upstream
    mode = upstream.mode.value
    return answered(models.Health(mode=mode, version=__version__))


@router.get("/readyz", response_model=models.Readiness, responses=UNREADY)
async def readyz(views: Views) -> Response:
    """Whether every platform that is served can be read now: asked for its identity, or answered a moment ago."""
    found = await readiness(Ask(views.ask.sources, fresh=views.ask.fresh))
    response = answered(found)
    response.status_code = 200 if found.ready else 503
    return response


@router.get("/metrics", response_class=Response, responses=TEXT)
async def metrics(request: Request) -> Response:
    """What is counted, for Prometheus."""
    text = request.app.metrics.text()
    return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8", headers={"cache-control": "no-store"})
