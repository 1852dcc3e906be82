"""Lists that lie: pages that come again, rows that move between two pages, an index that is behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import httpx

from ..pagination import Relay
from ..platform import Endpoint
from .answer import Answer
from .exchange import Exchange
from .faults import Fault, Faults
from .looping import drifted, drifting, later, looped, mark, scrolls, shuffled, turned_back
from .rest import Rest
from .routing import Match
from .world import World

REPEATS_KEPT = 1000
"""Pages of scrolls that are kept to be answered again."""


@dataclass(slots=True)
class Bending:
    """Bends what a behaviour answers.

    Attributes:
        repeats: Pages of scrolls that were answered before.
    """

    world: World
    faults: Faults
    repeats: dict[str, Answer] = field(default_factory=dict)

    def answer(self, behaviour: Rest, exchange: Exchange, fault: Fault, match: Match) -> Answer:
        """The platform's answer, with pages and index as a fault wants them."""
        platform = exchange.place.platform
        request = exchange.request
        if fault.page_drift and platform.protocol == "graphql":
            relay = asked_of(exchange, match).paginator
            request = drifted(request, relay, fault.page_drift) if isinstance(relay, Relay) else request
        elif fault.page_drift:
            match = drifting(match, fault.page_drift)
        before = self.world.lag.get(platform.name, 0.0)
        self.world.lag[platform.name] = max(before, fault.index_lag)
        try:
            if fault.loop or fault.duplicate:
                answer = self._repeated(behaviour, exchange, request, fault, match)
            else:
                answer = behaviour.answer(request, match)
        finally:
            self.world.lag[platform.name] = before
        return shuffled(answer, asked_of(exchange, match), exchange.number) if fault.shuffle else answer

    def _repeated(
        self, behaviour: Rest, exchange: Exchange, request: httpx.Request, fault: Fault, match: Match
    ) -> Answer:
        """A page that comes again: always, or once."""
        platform = exchange.place.platform
        endpoint = asked_of(exchange, match)
        if not later(request, endpoint):
            return behaviour.answer(request, match)
        page = f"{platform.name}/{mark(request, endpoint)}"
        if scrolls(endpoint):
            return self._again(page, lambda: behaviour.answer(request, match), once=not fault.loop)
        again = fault.loop or self.faults.first(page)
        answer = behaviour.answer(turned_back(request, endpoint, once=not fault.loop), match)
        return looped(answer, request, endpoint) if again else answer

    def _again(self, page: str, fresh: Callable[[], Answer], *, once: bool) -> Answer:
        """The page of a scroll that was answered before, where one was."""
        kept = self.repeats.pop(page, None)
        if kept is not None and once:
            return kept
        if len(self.repeats) >= REPEATS_KEPT:
            self.repeats.clear()
        answer = kept or fresh()
        self.repeats[page] = replace(answer, headers=list(answer.headers))
        return answer


def asked_of(exchange: Exchange, match: Match) -> Endpoint:
    """The endpoint that is asked for: at one path of GraphQL there are many."""
    named = {endpoint.name: endpoint for endpoint in exchange.place.platform.endpoints}
    return named.get(exchange.name, match.endpoint)
