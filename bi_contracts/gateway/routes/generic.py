"""GET: identity and lists of any declared platform, so that a new one has routes from the start."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException, Response

from .. import models
from ..answers import answered, documented
from .parameters import Limit, Name, Views

router = APIRouter(prefix="/api/business", tags=["platforms"])
POSTED = frozenset({("message", "preview"), ("workflows", "trigger")})
"""Paths of the same form that take POST alone."""


@router.get("/{platform}", response_model=models.Identity, responses=documented(models.Identity, absent=True))
async def identity(views: Views, platform: Name) -> Response:
    """Who the credential of a platform is."""
    return answered(await views.identity(platform), views.ask.sources.max_age)


@router.get("/{platform}/{endpoint}", response_model=models.Rows, responses=documented(models.Rows, absent=True))
async def rows(views: Views, platform: Name, endpoint: Name, limit: Limit = 100) -> Response:
    """Rows of a declared list, as the platform gives them."""
    if (platform, endpoint) in POSTED:
        raise HTTPException(405, "Method Not Allowed", {"allow": "POST"})
    return answered(await views.rows(platform, endpoint, limit=limit), views.ask.sources.max_age)
