"""What the org says of itself: its versions, limits and objects, and what was found, written and deleted in it."""

from __future__ import annotations

import httpx

from ....pagination import Page
from ....paths import Json
from ....platform import Platform
from ...answer import Answer, json_answer
from ...routing import Match
from ...world import World
from . import searches
from .querying import DATA, Statements
from .refusals import refused
from .schema import Sobject, describe, summary
from .statements import Reader
from .times import moments, seconds_of, stamp

OLDEST, NEWEST = 31, 66
"""Versions of the API that are served: Summer '14 to Spring '26."""

_SEASONS = ("Spring", "Summer", "Winter")


class About(Statements):
    """Answers whoever asks what there is."""

    def __init__(self, platform: Platform, world: World) -> None:
        super().__init__(platform, world)
        self.calls = [0.0, 0.0]
        known = [self._summary(one) for one in self.org.known.values()]
        world.put(platform, platform.endpoint("sobjects"), known[: world.size])

    def answer_versions(self, request: httpx.Request, match: Match) -> Answer:
        home = self.world.collection(self.platform, match.endpoint)
        if home.exact is not None:
            return self.usual(request, match)
        count = min(home.count, NEWEST - OLDEST + 1)
        found = [_version(number) for number in range(NEWEST - count + 1, NEWEST + 1)]
        rows = [self.record(match.endpoint, row, place) for place, row in enumerate(found)]
        return json_answer(200, rows)

    def answer_limits(self, request: httpx.Request, match: Match) -> Answer:  # noqa: ARG002
        example = match.endpoint.examples[0]
        most = self.platform.limits.limit
        daily = {"Max": most, "Remaining": max(0, most - int(self.calls[1]))}
        return self.enveloped(match.endpoint, self.record(match.endpoint, {**example, "DailyApiRequests": daily}, 0))

    def answer_recent(self, request: httpx.Request, match: Match) -> Answer:
        limit = request.url.params.get("limit", "")
        if limit and (not limit.isdecimal() or not 0 < int(limit[:9]) <= 2000):
            raise refused(400, "INVALID_QUERY_SCOPE", "limit is a number between 1 and 2000")
        rows = self.rows(request, match)
        return self.paged(request, match.endpoint, rows[: int(limit)] if limit else rows)

    def _resources(self, version: str) -> Answer:
        names = ("sobjects", "query", "queryAll", "search", "parameterizedSearch", "limits", "recent")
        return json_answer(200, {name: f"{DATA}/v{version}/{name}" for name in names})

    def _summary(self, sobject: Sobject) -> dict[str, Json]:
        template = self.platform.endpoint("describe").examples[0]
        return summary(sobject, template, self.platform.endpoint("sobjects").examples)

    def _basic(self, sobject: Sobject, version: str) -> Answer:
        reader = Reader(self.org, self.clock(), version)
        label = next((name for name in ("Name", "CaseNumber", "Subject") if name in sobject.fields), "Id")
        places = self.org.rows(sobject).positions[:5]
        recent = [searches.shown(reader, self.org.record(sobject, place), (label,)) for place in places]
        return json_answer(200, {"objectDescribe": self._summary(sobject), "recentItems": recent})

    def _about(self, request: httpx.Request, sobject: Sobject, word: str) -> Answer:
        if word == "describe":
            endpoint = self.platform.endpoint("describe")
            found = describe(sobject, self.org.known, endpoint.examples[0])
            return self.enveloped(endpoint, self.record(endpoint, found, 0))
        start, end = moments(request)
        if word == "deleted":
            return self._deletions(sobject, start, end)
        endpoint = self.platform.endpoint("updated")
        found = {"ids": self._updated(sobject, start, end), "latestDateCovered": stamp(min(end, self.clock()))}
        return self.enveloped(endpoint, self.record(endpoint, found, 0))

    def _updated(self, sobject: Sobject, start: float, end: float) -> list[Json]:
        names = frozenset(("Id", "SystemModstamp"))
        records = (self.org.record(sobject, place, names) for place in self.org.rows(sobject).positions)
        return [record["Id"] for record in records if start <= seconds_of(record["SystemModstamp"]) <= end]

    def _deletions(self, sobject: Sobject, start: float, end: float) -> Answer:
        found = [
            {"deletedDate": stamp(when), "id": key}
            for key, (name, when) in self.deleted.items()
            if name == sobject.name and start <= when <= end
        ]
        covered = {"earliestDateAvailable": stamp(start), "latestDateCovered": stamp(min(end, self.clock()))}
        return json_answer(200, {"deletedRecords": found, **covered})

    def _searched(self, search: searches.Search, version: str, name: str) -> Answer:
        found = searches.results(Reader(self.org, self.clock(), version), search)
        if name == "sosl":
            return json_answer(200, {"searchRecords": found})
        return self._paged(self.platform.endpoint(name), Page(found), "")

    def _count(self) -> None:
        """Counts the calls of a day."""
        since, count = self.calls
        now = self.clock()
        self.calls = [since, count + 1] if now - since < self.platform.limits.window else [now, 1.0]


def _version(number: int) -> dict[str, str]:
    """What `/services/data` says of a version: three releases a year, Spring '24 was 60."""
    year = number // 3 + 4 + (number % 3 == 2)
    label = f"{_SEASONS[number % 3]} '{year}"
    return {"label": label, "url": f"{DATA}/v{number}.0", "version": f"{number}.0"}
