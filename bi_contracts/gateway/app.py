"""The gateway over HTTP: routes that hand parameters to the business views and answers to the caller."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager

from fastapi import Depends, FastAPI

from .. import __version__
from ..reading import Reader
from ..resilience import Breakers, LastGood, RetryConfig
from .answers import HANDLERS
from .guard import Guard
from .metrics import Metrics
from .routes import actions, business, generic, system
from .routes.parameters import known_parameters
from .sources import BREAKER, MAX_AGE, MAX_PAGES, MakeFallback, Sources

TITLE = "BI gateway"
DESCRIPTION = (
    "What several BI platforms know, behind one API on this machine. Every answer says of each section who answered"
    " and how old that is. 200: something is known (see `degraded`); 503: nothing is."
)


class Gateway(FastAPI):
    """The application; `sources` are what its views are read from, `metrics` what it counts."""

    sources: Sources
    metrics: Metrics
    allow_writes: bool


def create_app(
    reader: Reader,
    *,
    allow_writes: bool = False,
    platforms: Iterable[str] = (),
    max_age: float = MAX_AGE,
    max_pages: int = MAX_PAGES,
    fallbacks: Sequence[MakeFallback] = (),
    breakers: Breakers | None = None,
    retry: RetryConfig | None = None,
    last_good: LastGood | None = None,
    closing: bool = False,
) -> Gateway:
    """The gateway over what a reader reads; the arguments are those of `Sources`.

    `allow_writes` lets workflows write. `closing` closes the reader when the server ends; otherwise whoever made it
    does.
    """
    breakers = breakers or Breakers(BREAKER)
    metrics = Metrics(breakers)
    sources = Sources(
        reader,
        platforms=platforms,
        max_age=max_age,
        max_pages=max_pages,
        fallbacks=fallbacks,
        breakers=breakers,
        retry=retry,
        last_good=last_good,
        observe=metrics.section,
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await sources.aclose()
        if closing:
            await reader.aclose()

    app = Gateway(
        title=TITLE,
        version=__version__,
        description=DESCRIPTION,
        lifespan=lifespan,
        dependencies=[Depends(known_parameters)],
        exception_handlers=HANDLERS,
        redirect_slashes=False,
        docs_url=None,  # its page runs a script from elsewhere, which could read what stands here
        redoc_url=None,
    )
    app.sources, app.metrics, app.allow_writes = sources, metrics, allow_writes
    for router in (system.router, business.router, actions.router, generic.router):
        app.include_router(router)
    app.add_middleware(Guard, metrics=metrics)
    return app
