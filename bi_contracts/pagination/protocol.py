"""What a paginator is: one value that the client and the sandbox both read."""

from __future__ import annotations

from collections.abc import Generator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import httpx

from ..paths import Json

PageFlow = Generator[httpx.Request, httpx.Response, None]
Memory = MutableMapping[str, int]
"""What a sandbox remembers between two requests of a stateful pagination (scroll)."""


class BadPage(ValueError):
    """A page token or size that the platform would refuse."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page as the sandbox answers it: rows, and dotted envelope paths with their values."""

    rows: Sequence[Json]
    fields: Mapping[str, Json] = field(default_factory=dict)


class Paginator(Protocol):
    """How an endpoint hands out its rows in pages."""

    @property
    def page(self) -> int:
        """The page size asked for when nobody says otherwise; 0 where there is nothing to ask."""
        ...

    def sized(self, request: httpx.Request, size: int) -> httpx.Request:
        """The request, asking for pages of `size` rows."""
        ...

    def continues(self, request: httpx.Request) -> bool:
        """Whether a request asks for a later page rather than for the first."""
        ...

    def page_flow(self, request: httpx.Request) -> PageFlow:
        """Yields requests, is sent responses, returns after the last page.

        Raises `PaginationLoop` where a page repeats one that was already read.
        """
        ...

    def serve(self, request: httpx.Request, rows: Sequence[Json], memory: Memory) -> Page:
        """The page that `request` asks for. Raises `BadPage` for a token or size the platform refuses."""
        ...
