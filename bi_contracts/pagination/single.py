"""Everything in one answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import httpx

from ..paths import Json
from .protocol import Memory, Page, PageFlow


@dataclass(frozen=True, slots=True)
class Single:
    """Everything in one answer."""

    page: int = 0

    def sized(self, request: httpx.Request, size: int) -> httpx.Request:  # noqa: ARG002
        return request

    def continues(self, request: httpx.Request) -> bool:  # noqa: ARG002
        return False

    def page_flow(self, request: httpx.Request) -> PageFlow:
        yield request

    def serve(self, request: httpx.Request, rows: Sequence[Json], memory: Memory) -> Page:  # noqa: ARG002
        return Page(rows)
