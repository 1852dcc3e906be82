"""One request on its way through the sandbox."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import httpx

from .faults import Fault
from .routing import Match, Place


@dataclass(slots=True)
class Exchange:
    """One request on its way through the sandbox, with what was found out about it so far.

    Attributes:
        number: Counts the requests.
        name: The endpoint that is asked for, "" where none is.
        delay: Seconds to wait before the answer.
        unreadable: What is wrong with the body.
        problem: What is wrong with the fault that was asked for.
        crashed: True where the sandbox itself failed.
    """

    request: httpx.Request
    place: Place
    number: int
    match: Match | None = None
    name: str = ""
    fault: Fault | None = None
    delay: float = 0.0
    unreadable: str = ""
    problem: str = ""
    crashed: bool = False

    @property
    def skew(self) -> float:
        """Seconds that the platform's clock is ahead."""
        return 0.0 if self.fault is None else self.fault.clock_skew


class Address(httpx.URL):
    """A URL that parses its query once, however many ask."""

    @cached_property
    def params(self) -> httpx.QueryParams:
        return super().params


@lru_cache(maxsize=512)
def address(text: str) -> Address:
    """The URL of a text; many requests are to the same few. Raises `httpx.InvalidURL`."""
    return Address(text)
