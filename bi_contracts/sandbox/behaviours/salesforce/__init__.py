"""Salesforce: one path for all statements, records below `/sobjects`, a session that is logged into."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import ClassVar
from urllib.parse import unquote

import httpx

from ....pagination import BadPage, Locator, Page, Paginator
from ....paths import Json
from ....platform import Endpoint, Platform
from ....queries import BadQuery
from ....queries.soql import Select, parse
from ....queries.soql.tree import Field, Function
from ...answer import Answer, json_answer
from ...rest import Rest
from ...routing import Match
from ...rows import FOREVER, Rows
from ...world import World
from . import login, searches, writes
from .binding import aggregated, bound, relative
from .records import Org, Record, derived, made
from .refusals import deleted, not_found, refused
from .schema import Sobject, describe, summary
from .statements import Reader

DATA = "/services/data"
OLDEST, NEWEST = 31, 66
"""Versions of the API that are served: Summer '14 to Spring '26."""

KEPT = 256
"""Statements, and pages of them, that are remembered."""

PAGES = Locator("nextRecordsUrl", "done", "totalSize", "Sforce-Query-Options", "batchSize")
_VERSIONED = f"{DATA}/v{{version}}"
_BELOW = re.compile(r"v(?P<version>[0-9]{1,3}\.0)(?:/(?P<rest>.*))?")
_SEASONS = ("Spring", "Summer", "Winter")


class Desk(Rest):
    """Answers as Salesforce."""

    extra: ClassVar[tuple[Endpoint, ...]] = (
        Endpoint("token", "/services/oauth2/token", "POST", kind="write"),
        Endpoint("resources", _VERSIONED, kind="identity"),
        Endpoint("query_more", f"{_VERSIONED}/query/{{locator}}", records="records", key="Id", paginator=PAGES),
        Endpoint("query_all_more", f"{_VERSIONED}/queryAll/{{locator}}", records="records", key="Id", paginator=PAGES),
        Endpoint("sosl", f"{_VERSIONED}/search", records="searchRecords", key="Id"),
        Endpoint("sobject", f"{_VERSIONED}/sobjects/{{sobject}}", kind="identity"),
        Endpoint("create", f"{_VERSIONED}/sobjects/{{sobject}}", "POST", kind="write"),
        Endpoint("record", f"{_VERSIONED}/sobjects/{{sobject}}/{{id}}", kind="identity"),
        Endpoint("update", f"{_VERSIONED}/sobjects/{{sobject}}/{{id}}", "PATCH", kind="write"),
        Endpoint("delete", f"{_VERSIONED}/sobjects/{{sobject}}/{{id}}", "DELETE", kind="write"),
    )
    open: ClassVar[frozenset[str]] = frozenset({"versions", "token"})

    def __init__(self, platform: Platform, world: World) -> None:
        super().__init__(platform, world)
        self.org = Org(platform, world, self.brief_record, self.whole_record)
        self.tokens: set[str] = set()
        self.deleted: dict[str, tuple[str, float]] = {}
        self.statements: dict[str, tuple[str, bool]] = {}
        self.plans: dict[str, Callable[[int], Json]] = {}
        self.calls = [0.0, 0.0]
        known = [self._summary(one) for one in self.org.known.values()]
        world.put(platform, platform.endpoint("sobjects"), known[: world.size])

    def admit(self, request: httpx.Request, accepted: str) -> None:
        if self.platform.auth.presented(request) not in self.tokens:
            super().admit(request, accepted)

    # Which endpoint, by path, method and statement

    def name(self, request: httpx.Request, match: Match) -> str:
        below = _below(request)
        if below is None:
            return match.endpoint.name
        _, steps = below
        match steps:
            case ["query"] | ["query", _]:
                return self._listed(request, steps)
            case ["queryAll"] | ["queryAll", _]:
                return "query_all"
            case ["sobjects", name, *rest] if rest not in (["describe"], ["updated"], ["deleted"]):
                return self._named(request.method, name, bool(rest)) or match.endpoint.name
            case ["sobjects", _, word]:
                return word
        return match.endpoint.name

    def _listed(self, request: httpx.Request, steps: list[str]) -> str:
        """The list whose rows a statement selects."""
        text = request.url.params.get("q", "")
        if len(steps) > 1:
            text = self.statements.get(steps[1].partition("-")[0], (text, False))[0]
        try:
            found = self.org.find(parse(text).sobject)
        except BadQuery:
            found = None
        return found.list.name if found is not None else "query"

    def _named(self, method: str, name: str, one: bool) -> str:
        sobject = self.org.find(name)
        declared = {endpoint.name for endpoint in self.platform.endpoints}
        if sobject is None:
            return ""
        if method == "GET":
            return sobject.item.name if one else "sobject"
        verb = {"POST": "create", "PATCH": "update", "DELETE": "delete"}.get(method, "")
        wanted = f"{verb}_{sobject.item.name}"
        return wanted if wanted in declared else verb

    def answer(self, request: httpx.Request, match: Match) -> Answer:
        self._count()
        below = _below(request)
        if below is None:
            if request.url.path.partition(f"{DATA}/")[2]:
                raise not_found()
            return super().answer(request, match)
        version, steps = below
        if not OLDEST <= int(version.partition(".")[0]) <= NEWEST:
            raise not_found()
        found = self._routed(request, match, version, steps)
        return self._versioned(found, version)

    def _routed(self, request: httpx.Request, match: Match, version: str, steps: list[str]) -> Answer:
        method = request.method
        match steps:
            case ["query" | "queryAll"]:
                return self._query(request, match, version, deleted=steps[0] == "queryAll")
            case ["query" | "queryAll", _]:
                return self._query_more(match, request, version, steps)
            case ["search"]:
                return self._searched(searches.sosl(self.org, request.url.params.get("q", "")), version, "sosl")
            case ["parameterizedSearch"]:
                return self._searched(searches.parameterized(self.org, request), version, "search")
            case ["sobjects", name] if method == "POST":
                return self._create(request, self._sobject(name), version)
            case ["sobjects", name]:
                return self._basic(self._sobject(name), version)
            case ["sobjects", name, "describe" | "updated" | "deleted" as word] if method == "GET":
                return self._about(request, self._sobject(name), word)
            case ["sobjects", name, key]:
                return self._record(request, self._sobject(name), key, version)
            case []:
                return self._resources(version)
        return super().answer(request, match)

    def _sobject(self, name: str) -> Sobject:
        found = self.org.find(name)
        if found is None:
            raise not_found()
        return found

    def _versioned(self, answer: Answer, version: str) -> Answer:
        """Addresses in an answer name the version that was asked for."""
        if version == self.platform.version:
            return answer
        old, new = (f"{DATA}/v{number}/".encode() for number in (self.platform.version, version))
        return replace(answer, body=answer.body.replace(old, new))

    # Records

    def brief_record(self, sobject: Sobject, position: int, names: frozenset[str] | None) -> Mapping[str, Json]:
        """A record with the fields that its list shows, or with those that are named, as the index knows it by now."""
        home = self.org.home(sobject)
        if names is None or home.touched(position):
            row = home.row(position, self.world.horizon(self.platform))
        else:
            row = home.members(position, names)
        return self._fitted(sobject, row, position)

    def whole_record(self, sobject: Sobject, position: int) -> Mapping[str, Json]:
        """A record with all its fields."""
        home = self.org.home(sobject)
        return self._fitted(sobject, self.whole(sobject.item, home, position), position)

    def _fitted(self, sobject: Sobject, row: Mapping[str, Json], position: int) -> Mapping[str, Json]:
        """A made-up row with what follows from the rest of the org; rows that were put or written are as they are."""
        home = self.org.home(sobject)
        if home.exact is not None or position < 0:
            return row
        fitting = made(self.org, sobject, row, position)
        if home.touched(position):
            changed = {name for _, patch in home.patches.get(position, ()) for name in patch}
            fitting = {name: value for name, value in fitting.items() if name not in changed}
        found = {**row, **fitting}
        return {**found, **derived(sobject, found)}

    def _shown(self, endpoint: Endpoint, row: Json, position: int, fields: str) -> Json:
        make = self.plans.get(fields)
        if make is None:
            return super()._shown(endpoint, row, position, fields)
        return self.record(endpoint, make(position), position)

    # Statements

    def _query(self, request: httpx.Request, match: Match, version: str, *, deleted: bool) -> Answer:
        text = request.url.params.get("q", "")
        if not text.strip():
            raise BadQuery("A query string has to be specified", "MALFORMED_QUERY")
        path = f"{DATA}/v{version}/{'queryAll' if deleted else 'query'}"
        asked = httpx.Request("GET", f"{self.platform.base_url}{path}", params={"q": text}, headers=request.headers)
        answer = self._selected(asked, match.endpoint.paginator, text, version, deleted=deleted)
        if len(self.statements) >= KEPT:
            self.statements.pop(next(iter(self.statements)))
        self.statements[PAGES.locator(asked)] = (text, deleted)
        return answer

    def _query_more(self, match: Match, request: httpx.Request, version: str, steps: list[str]) -> Answer:
        kept = self.statements.get(steps[1].partition("-")[0])
        if kept is None or kept[1] != (steps[0] == "queryAll"):
            raise BadQuery("invalid query locator", "INVALID_QUERY_LOCATOR")
        text, deleted_too = kept
        url = f"{self.platform.base_url}{DATA}/v{version}/{'/'.join(steps)}"
        asked = httpx.Request("GET", url, headers=request.headers)
        return self._selected(asked, match.endpoint.paginator, text, version, deleted=deleted_too)

    def _selected(
        self, asked: httpx.Request, paginator: Paginator, text: str, version: str, *, deleted: bool
    ) -> Answer:
        """One page of what a statement selects."""
        sobject, select = bound(self.org, parse(text), text)
        reader = Reader(self.org, self.clock(), version, deleted=deleted)
        endpoint = self.platform.endpoint("query_all") if deleted else sobject.list
        if _counts(select):
            count = len(reader.selected(sobject, select))
            return json_answer(200, {"totalSize": count, "done": True, "records": []})
        if aggregated(select):
            return self._paged(endpoint, self._page(asked, paginator, reader.aggregates(sobject, select)), "")
        page = self._page(asked, paginator, self._rows(sobject, select, reader, text))
        make = reader.shown(sobject, select)
        if deleted or not _plain(select):
            return self._paged(endpoint, Page([make(place) for place in _places(page)], page.fields), "")
        plan = f"{version} {text}"
        if len(self.plans) >= KEPT:
            self.plans.clear()
        self.plans[plan] = make
        return self._paged(endpoint, page, plan)

    def _rows(self, sobject: Sobject, select: Select, reader: Reader, text: str) -> Rows:
        """The records that a statement wants; kept until something is written, so that a later page is not sought."""
        if self.world.version != self.version or len(self.queried) >= KEPT:
            self.queried.clear()
            self.version = self.world.version
        timeless = self.world.horizon(self.platform) == FOREVER and not relative(select.where)
        name = (text, reader.deleted)
        kept = self.queried.get(name) if timeless else None
        if kept is not None:
            return Rows(self.org.home(sobject), kept)
        rows = reader.selected(sobject, select)
        if timeless:
            self.queried[name] = rows.positions
        return rows

    def _page(self, asked: httpx.Request, paginator: Paginator, rows: Json) -> Page:
        memory = self.memories.setdefault("query", {})
        while len(memory) > KEPT:
            memory.pop(next(iter(memory)))
        try:
            return paginator.serve(asked, rows, memory)
        except BadPage as problem:
            code = "INVALID_QUERY_LOCATOR" if PAGES.continues(asked) else "MALFORMED_QUERY"
            raise BadQuery(str(problem), code) from None

    # What there is

    def answer_versions(self, request: httpx.Request, match: Match) -> Answer:
        home = self.world.collection(self.platform, match.endpoint)
        if home.exact is not None:
            return self.usual(request, match)
        count = min(home.count, NEWEST - OLDEST + 1)
        found = [_version(number) for number in range(NEWEST - count + 1, NEWEST + 1)]
        rows = [self.record(match.endpoint, row, place) for place, row in enumerate(found)]
        return json_answer(200, rows)

    def answer_token(self, request: httpx.Request, match: Match) -> Answer:  # noqa: ARG002
        accepted = next(iter(self.platform.auth.example(self.world.seed).values()))
        user = Record(self.org, self.org.known["user"], 0)["Id"] if self.org.home(self.org.known["user"]).count else ""
        return login.token(request, accepted, self.tokens, str(user), self.clock())

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
        start, end = _moments(request)
        if word == "deleted":
            return self._deletions(sobject, start, end)
        endpoint = self.platform.endpoint("updated")
        found = {"ids": self._updated(sobject, start, end), "latestDateCovered": _stamp(min(end, self.clock()))}
        return self.enveloped(endpoint, self.record(endpoint, found, 0))

    def _updated(self, sobject: Sobject, start: float, end: float) -> list[Json]:
        records = (self.org.record(sobject, place) for place in self.org.rows(sobject).positions)
        return [record["Id"] for record in records if start <= _seconds(record["SystemModstamp"]) <= end]

    def _deletions(self, sobject: Sobject, start: float, end: float) -> Answer:
        found = [
            {"deletedDate": _stamp(when), "id": key}
            for key, (name, when) in self.deleted.items()
            if name == sobject.name and start <= when <= end
        ]
        covered = {"earliestDateAvailable": _stamp(start), "latestDateCovered": _stamp(min(end, self.clock()))}
        return json_answer(200, {"deletedRecords": found, **covered})

    def _searched(self, search: searches.Search, version: str, name: str) -> Answer:
        found = searches.results(Reader(self.org, self.clock(), version), search)
        if name == "sosl":
            return json_answer(200, {"searchRecords": found})
        return self._paged(self.platform.endpoint(name), Page(found), "")

    # One record

    def _record(self, request: httpx.Request, sobject: Sobject, key: str, version: str) -> Answer:
        position = self.org.position(sobject, key)
        if position is None:
            raise deleted() if self._was_deleted(key) else not_found()
        match request.method:
            case "GET":
                return self._item(request, sobject, position, version)
            case "PATCH":
                return self._update(request, sobject, position)
            case "DELETE":
                return self._delete(sobject, position)
        raise refused(405, "METHOD_NOT_ALLOWED", f"HTTP Method '{request.method}' not allowed.")

    def _was_deleted(self, key: str) -> bool:
        return any(kept == key or kept[:15] == key for kept in self.deleted)

    def _item(self, request: httpx.Request, sobject: Sobject, position: int, version: str) -> Answer:
        record = self.org.record(sobject, position)
        attributes = Reader(self.org, self.clock(), version).attributes(record)
        asked = request.url.params.get("fields", "")
        wanted = [*sobject.fields]
        if asked:
            named = set(searches.spelled(sobject, asked.split(",")))
            wanted = [name for name in sobject.fields if name in named or name == "Id"]
        found = {"attributes": attributes, **{name: record.row.get(name) for name in wanted}}
        return self.enveloped(sobject.item, self.record(sobject.item, found, position))

    def _create(self, request: httpx.Request, sobject: Sobject, version: str) -> Answer:
        values = writes.checked(self.org, sobject, writes.sent(request), new=True)
        key = self.world.blank(self.platform, sobject.list)["Id"]
        me = self._me()
        record: dict[str, Json] = {
            "attributes": {"type": sobject.name, "url": sobject.url(str(self.platform.version), key)},
            **writes.blank(sobject),
            **({"OwnerId": me} if "OwnerId" in sobject.fields else {}),
            **values,
            **self._stamps("Created", me),
            **self._stamps("LastModified", me),
            "Id": key,
        }
        if sobject.name == "Case":
            record["CaseNumber"] = f"{10_001 + len(self.world.created):08d}"
        self.world.create(self.platform, sobject.list, record | derived(sobject, record))
        where = sobject.url(version, key)
        return json_answer(201, {"id": key, "success": True, "errors": []}, headers=[("location", where)])

    def _update(self, request: httpx.Request, sobject: Sobject, position: int) -> Answer:
        values = writes.checked(self.org, sobject, writes.sent(request), new=False)
        row = {**self.whole_record(sobject, position), **values}
        follows = {name: value for name, value in derived(sobject, row).items() if name not in values}
        patch = {**values, **follows, **self._stamps("LastModified", self._me())}
        self.world.update(self.platform, sobject.list, position, patch)
        return Answer(204, [], b"")

    def _delete(self, sobject: Sobject, position: int) -> Answer:
        if sobject.name == "User":
            raise refused(400, "INVALID_TYPE_FOR_OPERATION", "entity type User does not support delete", ())
        self.deleted[str(self.org.record(sobject, position)["Id"])] = (sobject.name, self.clock())
        self.world.delete(self.platform, sobject.list, position)
        return Answer(204, [], b"")

    def _me(self) -> Json:
        """The user whose session it is: the one that `userinfo` shows."""
        endpoint = self.platform.endpoint(self.platform.identity)
        return self.world.collection(self.platform, endpoint).scope(0).key

    def _stamps(self, beginning: str, who: Json) -> dict[str, Json]:
        now = _stamp(self.clock())
        return {f"{beginning}Date": now, f"{beginning}ById": who, "SystemModstamp": now}

    def _count(self) -> None:
        """Counts the calls of a day."""
        since, count = self.calls
        now = self.clock()
        self.calls = [since, count + 1] if now - since < self.platform.limits.window else [now, 1.0]


def _below(request: httpx.Request) -> tuple[str, list[str]] | None:
    """Version of the API and path below it, None where the path has no version."""
    path = request.url.raw_path.partition(b"?")[0].decode("ascii").rstrip("/")
    found = _BELOW.fullmatch(path.partition(f"{DATA}/")[2])
    if found is None:
        return None
    return found["version"], [unquote(step) for step in (found["rest"] or "").split("/") if step]


def _counts(select: Select) -> bool:
    """Whether a statement only asks how many there are: `SELECT COUNT()`."""
    value = select.columns[0].value
    return isinstance(value, Function) and value.name == "COUNT" and value.argument is None


def _plain(select: Select) -> bool:
    """Whether every column is a field of the record's own: nothing that another record's change could change."""
    return all(isinstance(column.value, Field) and len(column.value.steps) == 1 for column in select.columns)


def _places(page: Page) -> Sequence[int]:
    return page.rows.positions if isinstance(page.rows, Rows) else ()


def _version(number: int) -> dict[str, str]:
    """What `/services/data` says of a version: three releases a year, Spring '24 was 60."""
    year = number // 3 + 4 + (number % 3 == 2)
    label = f"{_SEASONS[number % 3]} '{year}"
    return {"label": label, "url": f"{DATA}/v{number}.0", "version": f"{number}.0"}


def _moments(request: httpx.Request) -> tuple[float, float]:
    """The arguments `start` and `end`, as Unix seconds. Raises `Refusal`."""
    try:
        start, end = (_seconds(request.url.params[name].replace(" ", "+")) for name in ("start", "end"))
    except (KeyError, ValueError, OverflowError):
        raise refused(400, "INVALID_FIELD", "start and end are date-times") from None
    if start > end:
        raise refused(400, "INVALID_REPLICATION_DATE", "startDate cannot be later than endDate")
    if end - start > 30 * 86_400:
        raise refused(400, "INVALID_REPLICATION_DATE", "startDate must be within 30 days of endDate")
    return start, end


def _seconds(text: Json) -> float:
    found = datetime.fromisoformat(str(text))
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def _stamp(seconds: float) -> str:
    """A time as the platform writes it: milliseconds, and an offset without a colon."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.000+0000"
