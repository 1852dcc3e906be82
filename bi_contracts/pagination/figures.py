"""Page sizes and numbers, figures in an envelope, and the walk from page to page."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import httpx

from ..errors import PaginationLoop
from ..paths import Json
from .protocol import BadPage, PageFlow


def page_size(asked: Json, usual: int, most: int) -> int:
    """The page size a platform grants. Raises `BadPage` outside 1..most."""
    size = whole_number(asked, usual)
    if not 1 <= size <= most:
        raise BadPage(f"page size must be between 1 and {most}")
    return size


def whole_number(value: Json, usual: int) -> int:
    """A number that came as text or as JSON; `usual` where none came. Raises `BadPage` for anything else."""
    if value in (None, ""):
        return usual
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        raise BadPage("not a whole number") from None


def follow(
    request: httpx.Request, following: Callable[[httpx.Response], tuple[Json, httpx.Request] | None]
) -> PageFlow:
    """Drives a chain of pages; the same mark twice is a loop."""
    seen: set[Json] = set()
    while True:
        response = yield request
        step = following(response)
        if step is None:
            return
        mark, request = step
        if mark in seen:
            raise looping(request, "page token")
        seen.add(mark)


def looping(request: httpx.Request, what: str) -> PaginationLoop:
    """The error for a page that came before; names the endpoint and never the query."""
    return PaginationLoop(f"{request.url.host}{request.url.path}: the same {what} came twice; stopped reading")


def figures_of(
    also: Mapping[str, str], start: int, size: int, total: int, target: httpx.Request | None
) -> dict[str, Json]:
    """Envelope path -> figure, for the figures that are asked for; those of a next page where there is one."""
    known: dict[str, Json] = {
        "page": start // size + 1,
        "size": size,
        "pages": math.ceil(total / size),
        "total": total,
        "index": start // size,
        "count": max(0, min(size, total - start)),
    }
    if target is not None:
        path = target.url.raw_path.decode()
        known |= {"next_page": start // size + 2, "next_url": str(target.url), "next_path": path, "next_size": size}
    return {path: known[name] for path, name in also.items() if name in known}
