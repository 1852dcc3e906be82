"""Gong: one path for one transcript and for many, content that is selected, periods that are asked for and told."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import ClassVar

import httpx

from ....auth import Basic
from ....dialects import ErrorKind
from ....pagination import BadPage, Cursor
from ....paths import Json, bury, dig
from ....platform import Endpoint, Platform
from ....queries import Arguments, Where
from ....slots import json_of, media_type, read_slot
from ...answer import Answer
from ...collection import Collection
from ...keys import mix
from ...merging import merged
from ...refusal import Refusal
from ...rest import Rest
from ...routing import Match
from ...rows import Rows
from ...selecting import Columns
from ...world import World
from ...writing import patch_of, values
from .asked import call_ids, check, digest, selector
from .contents import BARE, aligned, selected, timed

SERVICE = "PublicApiServer:26.main.10001"
"""What answers: the form of the header is Gong's, the number is made up."""

AUTOMATIC = "-1"
"""Who updated what Gong itself made."""

SPEAKERS = ("6432345678555530001", "6432345678555530002")
"""Who speaks in the examples."""
PLAIN, JSON = "application/json", "application/json;charset=UTF-8"
"""The type of a body, and how Gong writes it where all went well."""

IN_CRM: Mapping[str, str] = {
    "context.0.objects.0.objectId": "deal",
    "context.0.objects.1.objectId": "company",
    "parties.1.context.0.objects.0.objectId": "person",
}
"""Where an identifier of Salesforce stands in a call, and of what."""


OF_CALLS = Arguments(
    {
        "body.filter.fromDateTime": Where("started", "ge", "time"),
        "body.filter.toDateTime": Where("started", "lt", "time"),
        "body.filter.workspaceId": Where("workspaceId"),
        "body.filter.callIds": Where("id", "in", "list"),
        "body.filter.primaryUserIds": Where("primaryUserId", "in", "list"),
    }
)
"""The filter of the posts that are about calls, over the rows of `calls`."""

AS_IN_EXAMPLE: Mapping[str, tuple[str, ...]] = {
    "interaction_stats": ("personInteractionStats",),
    "calls_extensive": (
        "interaction.interactionStats",
        "interaction.video",
        "content.callOutcome",
        "context.0.objects.0.fields.0.name",
        "context.0.objects.0.fields.1.name",
        "context.0.objects.0.fields.2.name",
        "context.0.objects.1.fields.0.name",
        "parties.1.context.0.objects.0.fields.0.name",
    ),
}
"""Names of figures and fields, which are Gong's and no data: they are the same in every row."""


CURSOR_LIVES = 86_400.0
"""Seconds after which a cursor is refused. Gong says that they expire, and not when."""

CURSORS_KEPT = 10_000
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
AWAY = timedelta(hours=-8)
"""The time zone of the company, in which days begin."""


class Behaviour(Rest):
    """Answers as Gong."""

    names: ClassVar[tuple[str, ...]] = ("calls_extensive", "transcripts")
    """Lists that show `calls` in another way."""

    def __init__(self, platform: Platform, world: World) -> None:
        super().__init__(platform, world)
        self.cursors: dict[str, dict[str, float]] = {}
        self.hosted: tuple[int, dict[Json, dict[date, list[Json]]]] = (-1, {})

    def request_id(self, found: str) -> str:
        """Nineteen digits and letters."""
        number, letters = int(found.replace("-", ""), 16), ""
        for _ in range(19):
            number, digit = divmod(number, 36)
            letters += _DIGITS[digit]
        return letters

    def dressed(self, answer: Answer) -> Answer:
        answer = answer.with_header("x-gong-service-version", SERVICE)
        said = dict(answer.headers).get("content-type", "")
        return answer.with_header("content-type", JSON) if answer.status < 400 and said.startswith(PLAIN) else answer

    def admit(self, request: httpx.Request, accepted: str) -> None:
        """A secret is good with its own key only; a bearer token is the secret alone."""
        auth = self.platform.auth
        key, secret = auth.pair(request) if isinstance(auth, Basic) else ("", "")
        if secret and isinstance(auth, Basic) and key != auth.example(self.world.seed)[auth.key]:
            raise Refusal(ErrorKind.UNAUTHORIZED)
        super().admit(request, accepted)

    def name(self, request: httpx.Request, match: Match) -> str:
        """One call asked for is `transcript`, more or none are `transcripts`."""
        name = match.endpoint.name
        return "transcript" if name == "transcripts" and len(call_ids(request)) == 1 else name

    def answer(self, request: httpx.Request, match: Match) -> Answer:
        if request.content and media_type(request.headers) != PLAIN and self.platform.errors.wrong_method is not None:
            shape = replace(self.platform.errors.wrong_method, status=415, message="Unsupported Media Type")
            raise Refusal(ErrorKind.BAD_REQUEST, shape=shape)
        check(request, match.endpoint)
        if self.name(request, match) == "transcript":
            match = Match(self.platform.endpoint("transcript"), {"filter.callIds.0": call_ids(request)[0]})
        return super().answer(request, match)

    def rows(self, request: httpx.Request, match: Match) -> Rows:
        if match.endpoint.name not in self.names:
            return super().rows(request, match)
        home = self.world.collection(self.platform, match.endpoint)
        calls = self.platform.endpoint("calls")
        query = OF_CALLS.read(request)
        if home.exact is not None or self._calls.exact is not None:
            return home.everything(self.world.horizon(self.platform)) if query.plain else super().rows(request, match)
        found = self._named(self._calls.everything(self.world.horizon(self.platform)), call_ids(request))
        found = found if query.plain else self.narrowed(found, query)
        positions = found.positions if match.endpoint.name != "transcripts" else self._told(found)
        return Rows(home, positions, found.until) if calls is not match.endpoint else found

    def paged(self, request: httpx.Request, endpoint: Endpoint, rows: Sequence[Json], fields: str = "") -> Answer:
        """The page; its cursor is good for a time, and for what was asked when it was given."""
        paginator = endpoint.paginator
        if not isinstance(paginator, Cursor):
            return super().paged(request, endpoint, rows, fields)
        asked = digest(request, paginator.slot)
        given = self.cursors.get(str(read_slot(request, paginator.slot)))
        if given is not None and given.get(asked, 0.0) <= self.clock():
            raise BadPage("unknown or expired page token")
        if endpoint.empty is not None and not len(rows):
            return super().paged(request, endpoint, rows, fields)
        page = paginator.serve(request, rows, {})
        token = page.fields.get(paginator.token)
        if isinstance(token, str):
            if sum(map(len, self.cursors.values())) >= CURSORS_KEPT:
                self.cursors.clear()
            self.cursors.setdefault(token, {})[asked] = self.clock() + CURSOR_LIVES
        return self._paged(endpoint, page, fields)

    @property
    def _calls(self) -> Collection:
        return self.collection("calls")

    def _named(self, found: Rows, ids: Sequence[Json]) -> Rows:
        """The calls of these ids, found without looking at any other; all where there are none."""
        if not ids:
            return found
        places = {place for place in map(self._calls.position, ids) if place is not None and place in found.positions}
        return Rows(self._calls, sorted(places, key=lambda place: (place < 0, abs(place))), found.until)

    def _told(self, found: Rows) -> Json:
        """Positions without those of calls that were only just added: they have no transcript yet."""
        positions = found.positions
        if not len(positions) or min(positions[-1], positions[0]) >= 0:
            return positions
        return [position for position in positions if position >= 0]

    # Calls

    def answer_call(self, request: httpx.Request, match: Match) -> Answer:
        try:
            return self.usual(request, match)
        except Refusal as refusal:
            words = f"Call ID {match.arguments['id']} was not found"
            raise Refusal(refusal.kind, words, match.endpoint.missing) from None

    def answer_calls_extensive(self, request: httpx.Request, match: Match) -> Answer:
        wanted = json.dumps(selector(request), sort_keys=True)
        return self.paged(request, match.endpoint, self.rows(request, match), wanted)

    def answer_transcript(self, request: httpx.Request, match: Match) -> Answer:  # noqa: ARG002
        endpoint = self.platform.endpoint("transcripts")
        home = self.world.collection(self.platform, endpoint)
        position = home.position(match.arguments["filter.callIds.0"])
        if position is None or position < 0:
            raise Refusal(ErrorKind.NOT_FOUND, shape=match.endpoint.missing)
        row = home.row(position)
        row = self._mended(endpoint, row, position) if home.exact is None else row
        return self.enveloped(match.endpoint, self.record(match.endpoint, row, position))

    def answer_add_call(self, request: httpx.Request, match: Match) -> Answer:
        write = match.endpoint.write
        assert write is not None
        sent = values(request, write)
        absent = next((name for name in write.required if sent.get(name) in (None, "", [])), None)
        if absent is not None:
            raise Refusal(ErrorKind.BAD_REQUEST, f"{absent} is required")
        calls = self.platform.endpoint("calls")
        known = {write.renamed.get(name, name): name for name in sent}
        kept = {known[name]: sent[known[name]] for name in calls.examples[0] if name in known}
        record = merged(self.world.blank(self.platform, calls), patch_of(self, self._calls, write, kept))
        position = self.world.create(self.platform, calls, record)
        return self.enveloped(match.endpoint, {"callId": self._calls.key(position)})

    # Other lists

    def answer_activity_aggregate(self, request: httpx.Request, match: Match) -> Answer:
        return self._of_period(request, match)

    def answer_activity_day_by_day(self, request: httpx.Request, match: Match) -> Answer:
        """The days of the period on which somebody had calls."""
        rows = self.rows(request, match)
        if rows.source.exact is not None:
            return self.paged(request, match.endpoint, rows)
        asked = dig(json_of(request), "filter")
        period = json.dumps([asked["fromDate"], asked["toDate"], self.world.version])
        return self.paged(request, match.endpoint, rows, period)

    def _days(self, user: Json, example: Mapping[str, Json], period: str) -> Iterator[Json]:
        first, last, _ = json.loads(period)
        quiet: dict[str, Json] = {name: [] for name, value in example.items() if isinstance(value, list)}
        for day, calls in sorted(self._hosted().get(user, {}).items()):
            if first <= day.isoformat() < last:
                spans = {"fromDate": f"{day}T00:00:00-08:00", "toDate": f"{day + timedelta(1)}T00:00:00-08:00"}
                yield {**quiet, "callsAsHost": calls, "callsAttended": calls, **spans}

    def _hosted(self) -> Mapping[Json, Mapping[date, list[Json]]]:
        """User -> day -> the calls that the user had then; kept until something is written."""
        version, found = self.hosted
        if version == self.world.version and not self.world.lag:
            return found
        found = {}
        calls = self._calls.everything(self.world.horizon(self.platform))
        columns = self.columns.setdefault(id(calls.source), Columns())
        for position in calls.positions:
            told = columns.values(calls, position, _HOSTED)
            user, started, call = (told[name][0] for name in ("primaryUserId", "started", "id"))
            day = (datetime.fromisoformat(started).astimezone(UTC) + AWAY).date()
            found.setdefault(user, {}).setdefault(day, []).append(call)
        self.hosted = self.world.version, found
        return found

    def answer_interaction_stats(self, request: httpx.Request, match: Match) -> Answer:
        return self._of_period(request, match)

    def _of_period(self, request: httpx.Request, match: Match) -> Answer:
        """The answer tells the period that was asked for, as times."""
        asked = dig(json_of(request), "filter") or {}
        told = {f"{name}Time": f"{asked[name]}T00:00:00-08:00" for name in ("fromDate", "toDate")}
        endpoint = replace(match.endpoint, envelope={**match.endpoint.envelope, **told})
        return self.paged(request, endpoint, self.rows(request, match))

    def answer_library_calls(self, request: httpx.Request, match: Match) -> Answer:
        if match.arguments.get("folderId") in (None, ""):
            return self.usual(request, match)
        folders = self.collection("library_folders")
        position = folders.position(match.arguments["folderId"])
        if position is None:
            raise Refusal(ErrorKind.NOT_FOUND)
        folder = folders.row(position)
        told = {name: folder[name] for name in ("id", "name", "createdBy", "updated") if name in folder}
        endpoint = replace(match.endpoint, envelope={**match.endpoint.envelope, **told})
        return self.paged(request, endpoint, self.rows(request, match))

    # Rows

    def _shown(self, endpoint: Endpoint, row: Json, position: int, fields: str) -> Json:
        home = self.world.collection(self.platform, endpoint)
        if home.exact is None and isinstance(row, Mapping):
            row = self._mended(endpoint, row, position)
        if endpoint.name == "activity_day_by_day" and fields and isinstance(row, Mapping):
            days = "userDailyActivityStats"
            row = {**row, days: list(self._days(row["userId"], endpoint.examples[0][days][0], fields))}
        if endpoint.name == "calls_extensive" and fields and isinstance(row, Mapping):
            row = selected(row, json.loads(fields))
        return self.record(endpoint, row, position)

    def _mended(self, endpoint: Endpoint, row: Mapping[str, Json], position: int) -> Json:
        """The row with what only the call itself can tell."""
        if endpoint.name == "calls_extensive" and position < 0:
            return {**BARE, "metaData": row}
        examples = endpoint.examples
        mended: Json = row
        for path in AS_IN_EXAMPLE.get(endpoint.name, ()) if position >= 0 else ():
            known = dig(examples[position % len(examples)], path)
            mended = bury(mended, path, known) if known is not None else mended
        if endpoint.name in self.names:
            mended = aligned(examples[position % len(examples)], mended, self._speakers(position))
        match endpoint.name:
            case "calls_extensive" if self._calls.exact is None:
                return timed({**self._in_crm(mended, position), "metaData": self._calls.row(position)})
            case "transcripts":
                return {**mended, "transcript": list(self._spoken(mended, position))}
            case "scorecards" if position >= 0:
                known = {AUTOMATIC: AUTOMATIC, **self._questions(position)}
                return aligned(examples[position % len(examples)], mended, known)
            case "activity_scorecards" if position >= 0:
                scorecard = self.collection("scorecards").position(mended["scorecardId"])
                return aligned(examples[position % len(examples)], mended, self._questions(scorecard or 0))
        return mended

    def _in_crm(self, call: Json, position: int) -> Json:
        """The call with the identifiers that its deal and its people have in Salesforce, where that is served too."""
        crm = self.world.platforms.get("salesforce")
        if crm is None:
            return call
        for path, kind in IN_CRM.items():
            endpoint = next(one for one in crm.endpoints if one.kind == "list" and one.entity == kind)
            home = self.world.collection(crm, endpoint)
            if dig(call, path) is not None and home.exact is None and home.count:
                index = self.world.entities.related("call", position, kind)
                call = bury(call, path, home.key(index % home.count))
        return call

    def _questions(self, position: int) -> dict[Json, Json]:
        """What the question of a scorecard is called in the examples -> what it is called in the scorecard there."""
        own = mix(position, self.collection("scorecards").seed)
        names = ("questionId", "questionRevisionId")
        asked = [one["questions"][0] for one in self.platform.endpoint("scorecards").examples]
        return {
            one[name]: str(_LOWEST + mix(own, number) % (9 * _LOWEST))
            for one in asked
            for number, name in enumerate(names)
        }

    def _speakers(self, position: int) -> dict[Json, Json]:
        """Who speaks in a call: the identifier in the examples -> that of this call, the same wherever it stands."""
        own = mix(position, self._calls.seed)
        return {known: str(_LOWEST + mix(own, number) % (9 * _LOWEST)) for number, known in enumerate(SPEAKERS)}

    def _spoken(self, row: Mapping[str, Json], position: int) -> Iterator[Json]:
        """The monologues, one after the other; each sentence has its time in milliseconds."""
        entities = self.world.of(self.platform).entities
        at, number = 1000, 0
        for monologue in row["transcript"]:
            sentences = []
            for _ in monologue["sentences"]:
                said = entities.attribute("article", mix(position, number) % entities.size, "text")
                long = 900 + 55 * len(str(said))
                sentences.append({"start": at, "end": at + long, "text": said})
                at, number = at + long + 250, number + 1
            yield {**monologue, "sentences": sentences}


_HOSTED = frozenset(("id", "primaryUserId", "started"))

_LOWEST = 10**18
"""The least number of nineteen digits."""
