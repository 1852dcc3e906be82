"""GET: the business views."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from .. import models
from ..answers import answered, documented
from ..models.insights import SignalKind
from ..sources import Sources
from .parameters import Crm, Days, Id, Limit, Views, sources_of

router = APIRouter(prefix="/api/business", tags=["business"])
Given = Annotated[Sources, Depends(sources_of)]


@router.get("/crm/contacts", response_model=models.Contacts, responses=documented(models.Contacts))
async def crm_contacts(
    views: Views,
    given: Given,
    limit: Limit = 100,
    q: Annotated[str, Query(max_length=100, description="In name, e-mail, company or title.")] = "",
    platform: Crm | None = None,
) -> Response:
    """People of HubSpot, Salesforce and Intercom, changed last first."""
    return answered(await views.contacts(limit=limit, q=q, platform=platform), given.max_age)


@router.get("/crm/pipeline", response_model=models.Pipeline, responses=documented(models.Pipeline))
async def crm_pipeline(views: Views, given: Given, limit: Limit = 100) -> Response:
    """Deals and opportunities by stage, with amounts and what they are worth by probability."""
    return answered(await views.pipeline(limit=limit), given.max_age)


@router.get("/calls/recent", response_model=models.Calls, responses=documented(models.Calls))
async def calls_recent(views: Views, given: Given, days: Days = 7, limit: Limit = 100) -> Response:
    """Recent calls, and which of their parties the CRM knows."""
    return answered(await views.calls_recent(days=days, limit=limit), given.max_age)


@router.get("/gong/recent", response_model=models.Calls, responses=documented(models.Calls))
async def gong_recent(views: Views, given: Given, days: Days = 7, limit: Limit = 100) -> Response:
    """Recent calls of Gong with their parties."""
    return answered(await views.gong_recent(days=days, limit=limit), given.max_age)


@router.get("/projects/overview", response_model=models.Projects, responses=documented(models.Projects))
async def projects_overview(views: Views, given: Given, limit: Limit = 100) -> Response:
    """Projects of Asana and Linear with their work."""
    return answered(await views.projects(limit=limit), given.max_age)


@router.get("/dashboard", response_model=models.Dashboard, responses=documented(models.Dashboard))
async def dashboard(views: Views, given: Given) -> Response:
    """Everything at a glance."""
    return answered(await views.dashboard(), given.max_age)


@router.get("/looker/looks", response_model=models.Looks, responses=documented(models.Looks))
async def looker_looks(views: Views, given: Given, limit: Limit = 100) -> Response:
    """Looks, seen most first."""
    return answered(await views.looks(limit=limit), given.max_age)


@router.get("/looker/dashboards", response_model=models.LookerDashboards, responses=documented(models.LookerDashboards))
async def looker_dashboards(views: Views, given: Given, limit: Limit = 100) -> Response:
    """Dashboards of Looker, by title."""
    return answered(await views.looker_dashboards(limit=limit), given.max_age)


@router.get("/looker/run", response_model=models.LookRun, responses=documented(models.LookRun, absent=True))
async def looker_run(
    views: Views,
    given: Given,
    look_id: Annotated[
        str | None, Query(pattern=r"^[A-Za-z0-9_-]{1,200}$", description="The first look where none is named.")
    ] = None,
    limit: Limit = 100,
) -> Response:
    """The rows of a look."""
    return answered(await views.run_look(look_id, limit=limit), given.max_age)


@router.get("/looker/looks/{id}/run", response_model=models.LookRun, responses=documented(models.LookRun, absent=True))
async def looker_look_run(views: Views, given: Given, id: Id, limit: Limit = 100) -> Response:
    """The rows of the look of that id."""
    return answered(await views.run_look(id, limit=limit), given.max_age)


@router.get("/signals", response_model=models.Signals, responses=documented(models.Signals))
async def signals(
    views: Views,
    given: Given,
    limit: Limit = 100,
    kind: SignalKind | None = None,
    stalled_days: Annotated[int, Query(ge=1, le=365, description="After how many days a deal counts as stalled.")] = 14,
) -> Response:
    """What somebody should look at, each with the rows it was derived from."""
    return answered(await views.signals(limit=limit, kind=kind, stalled_days=stalled_days), given.max_age)


@router.get("/leads", response_model=models.Leads, responses=documented(models.Leads))
async def leads(
    views: Views, given: Given, limit: Limit = 100, min_score: Annotated[int, Query(ge=0, le=100)] = 0
) -> Response:
    """Leads with their score and its reasons, best first."""
    return answered(await views.leads(limit=limit, min_score=min_score), given.max_age)


@router.get("/analytics", response_model=models.Analytics, responses=documented(models.Analytics))
async def analytics(views: Views, given: Given, days: Days = 30) -> Response:
    """Aggregates over everything that was read."""
    return answered(await views.analytics(days=days), given.max_age)
