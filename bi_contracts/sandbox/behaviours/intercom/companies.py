"""Companies: listed by page number up to a limit, or scrolled, one scroll at a time.

Source: developers.intercom.com (list all companies, scroll over all companies) and github.com/intercom/intercom-ruby
issues 292, 348 and 474.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass

import httpx

from ....pagination import whole_number
from ....paths import dig
from ....queries import Condition, Query
from ....slots import read_slot
from ...answer import Answer, json_answer
from ...routing import Match
from .base import Base

LISTED = 10_000
"""Companies that can be listed by page number."""

COUNTED = 20_000
"""Companies that are looked at to count those of a segment."""

_TYPE = "content-type"

EXPIRES = 60.0
"""Seconds after which a scroll that nobody uses is forgotten."""


@dataclass(slots=True)
class Open:
    """The scroll of a workspace."""

    token: str
    used: float


class Companies(Base):
    """Answers about companies."""

    scrolling: Open | None = None

    def answer_companies(self, request: httpx.Request, match: Match) -> Answer:
        for name in ("name", "company_id"):
            wanted = request.url.params.get(name)
            if wanted is not None:
                return self._one_of(name, wanted)
        return self._listed(request, match)

    def answer_companies_list(self, request: httpx.Request, match: Match) -> Answer:
        return self._listed(request, match)

    def _listed(self, request: httpx.Request, match: Match) -> Answer:
        size = whole_number(read_slot(request, "query.per_page"), match.endpoint.paginator.page)
        page = whole_number(read_slot(request, "query.page"), 1)
        if (page - 1) * size >= LISTED:
            raise self.refusal(400, "bad_request", "page limit reached, please use scroll API")
        return self.usual(request, match)

    def _one_of(self, name: str, wanted: str) -> Answer:
        """The company of that name, or of that id of the customer's own."""
        item = self.platform.endpoint("company")
        rows = self.narrowed(self.collection("companies").everything(), Query(Condition(name, "eq", wanted)))
        if not len(rows):
            raise self.lacking(item.missing)
        return self.enveloped(item, self.shown(item, rows.source, rows.positions[0]))

    def answer_segments(self, request: httpx.Request, match: Match) -> Answer:
        """All segments; how many companies are in each where the request asks for it."""
        answer = self.usual(request, match)
        if request.url.params.get("include_count") != "true":
            return answer
        home = self.collection("companies")
        rows = (home.row(place) for place in home.everything().positions[:COUNTED])
        counted = Counter(one["id"] for row in rows for one in dig(row, "segments.segments") or [])
        body = json.loads(answer.body)
        found = [{**one, "count": counted[one["id"]]} for one in body["segments"]]
        return json_answer(200, {**body, "segments": found}, [pair for pair in answer.headers if pair[0] != _TYPE])

    def answer_companies_scroll(self, request: httpx.Request, match: Match) -> Answer:
        token, now = request.url.params.get("scroll_param"), self.clock()
        known = self.scrolling if self.scrolling is not None and now - self.scrolling.used <= EXPIRES else None
        if token is None and known is not None:
            raise self.refusal(400, "scroll_exists", "scroll already exists for this workspace")
        if token is not None and (known is None or known.token != token):
            raise self.refusal(404, "not_found", "scroll parameter not found")
        memory = self.memories.setdefault(match.endpoint.name, {})
        page = match.endpoint.paginator.serve(request, self.rows(request, match), memory)
        self.scrolling = Open(str(page.fields["scroll_param"]), now) if len(page.rows) else None
        return self._paged(match.endpoint, page, "")
