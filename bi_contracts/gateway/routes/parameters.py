"""What routes may be asked with."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Depends, Path, Query, Request
from fastapi.exceptions import RequestValidationError

from ..business import Business
from ..sources import Ask, Sources

Limit = Annotated[int, Query(ge=1, le=1000, description="How many rows are shown.")]
Days = Annotated[int, Query(ge=1, le=365, description="How far to look back, counted from when the platform answered.")]
Id = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,200}$", description="As the platform writes it.")]
Name = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_@-]{0,79}$", description="As `bi-contracts platforms` lists it.")]
Crm = Literal["hubspot", "salesforce", "intercom"]


def sources_of(request: Request) -> Sources:
    """The sources of the gateway that was asked."""
    sources: Sources = request.app.sources
    return sources


def business_of(request: Request, sources: Annotated[Sources, Depends(sources_of)]) -> Business:
    """The views for this request; `Cache-Control: no-cache` asks the platforms whatever is kept."""
    return Business(Ask(sources, fresh=_anew(request)))


Views = Annotated[Business, Depends(business_of)]


def known_parameters(request: Request) -> None:
    """Refuses parameters that the route does not know, and those given twice: a slip must not look like an answer."""
    route = request.scope["route"]
    known = {parameter.alias for parameter in route.dependant.query_params}
    names = [name for name, _ in request.query_params.multi_items()]
    wrong = [name for name in dict.fromkeys(names) if name not in known or names.count(name) > 1]
    if wrong:
        said = {True: "is given twice", False: "no such parameter"}
        raise RequestValidationError(
            [{"type": "extra_forbidden", "loc": ("query", name), "msg": said[name in known]} for name in wrong]
        )


def _anew(request: Request) -> bool:
    said = {word.strip().lower() for word in request.headers.get("cache-control", "").split(",")}
    return bool(said & {"no-cache", "no-store", "max-age=0"})
