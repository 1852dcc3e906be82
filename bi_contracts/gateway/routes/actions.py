"""POST: previews, analyses and workflows."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from .. import models
from ..actions import trigger
from ..answers import answered, documented
from ..views import message
from .parameters import Id, Views

router = APIRouter(prefix="/api/business", tags=["actions"])

REFUSED = {"model": models.WorkflowRun, "description": "A platform refused a write; `plan` says which, and why."}


@router.post("/message/preview", response_model=models.Preview, responses=documented(body=True))
async def message_preview(asked: models.MessageRequest) -> Response:
    """A Slack message as it would look. Nothing is sent."""
    return answered(message.preview(asked.template, asked.data, asked.channel))


@router.post(
    "/calls/{id}/analyze",
    response_model=models.CallAnalysis,
    responses=documented(models.CallAnalysis, absent=True, body=True),
)
async def calls_analyze(views: Views, id: Id) -> Response:
    """A call looked at by fixed rules: who spoke, about what, what was asked, what is to follow."""
    return answered(await views.call_analysis(id))


@router.post(
    "/projects/{id}/optimize",
    response_model=models.Optimisation,
    responses=documented(models.Optimisation, absent=True, body=True),
)
async def projects_optimize(views: Views, id: Id) -> Response:
    """Suggestions for a project by fixed rules, each with the tasks it was derived from."""
    return answered(await views.optimisation(id))


@router.post(
    "/workflows/trigger",
    response_model=models.WorkflowRun,
    responses={**documented(models.WorkflowRun, absent=True, body=True), 409: REFUSED},
)
async def workflows_trigger(request: Request, views: Views, asked: models.WorkflowRequest) -> Response:
    """Runs a workflow and plans its writes; performs them only with `dry_run: false` and where writing is allowed."""
    return answered(await trigger(views, asked, writes=request.app.allow_writes))
