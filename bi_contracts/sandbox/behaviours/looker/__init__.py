"""Looker: a login for every token, projections, queries that are really run, HTML where no API is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar

import httpx

from ....dialects import ErrorKind
from ....pagination import Offset
from ....paths import Json, bury, dig
from ....platform import Endpoint, Platform
from ....slots import form_of, json_of
from ...answer import Answer, json_answer
from ...fieldsets import projected
from ...fieldsets import wanted as fields_of
from ...keys import mix
from ...refusal import Refusal
from ...rest import Rest
from ...routing import Match
from ...world import World
from ...writing import written
from . import results
from .asked import BLANK, asked_query, by_rows, invalid, links, query_of
from .projection import wanted
from .results import CannotRun

TOKEN_LIVES = 3600.0
"""Seconds."""

TOKENS_KEPT = 10_000
QUERIES_KEPT = 5_000
"""Queries, and tasks of them, that are remembered; the oldest go first."""

DEALS_KEPT = 50_000
"""Deals up to which all are kept, so that the next query makes none."""

EXPLORES_SHOWN = 20
"""Explores that a model lists within itself."""

WRITABLE: Mapping[str, type | tuple[type, ...]] = {
    "title": str,
    "description": (str, type(None)),
    "deleted": bool,
    "folder_id": str,
    "is_run_on_load": bool,
    "public": bool,
    "query_id": str,
    "user_id": str,
}
"""What can be changed of a look."""
AS_IN_EXAMPLE: Mapping[str, tuple[str, ...]] = {
    "explore": ("fields", "sets", "joins", "supported_measure_types", "access_filters", "aliases", "always_filter"),
    "dashboards": ("refresh_interval_to_i",),
    "dashboards_search": ("refresh_interval_to_i",),
    "dashboard": ("refresh_interval_to_i",),
    "scheduled_plans": ("crontab",),
    "scheduled_plan": ("crontab",),
    "run_scheduled_plan": ("crontab",),
    "connections": ("dialect", "dialect_name", "snippets", "host", "username", "database"),
    "connection": ("dialect", "dialect_name", "snippets", "host", "username", "database"),
}
"""What is described rather than counted: the same in every row."""

_PAGE = (
    b"<!DOCTYPE html>\n<html><head><title>Looker Not Found (404)</title></head>"
    b"<body><h1>404</h1><p>There is nothing at this address.</p></body></html>\n"
)
_TEXTS = {"csv": "text/csv", "txt": "text/plain", "md": "text/markdown", "sql": "application/sql"}


class Behaviour(Rest):
    """Answers as Looker."""

    extra: ClassVar[tuple[Endpoint, ...]] = (
        Endpoint("login", "/login", method="POST", kind="write", arguments="form"),
        Endpoint("logout", "/logout", method="DELETE", kind="write"),
        Endpoint("session", "/session", kind="identity", other_methods=("PATCH",)),
        Endpoint("look_run_as", "/looks/{look_id}/run/{result_format}"),
        Endpoint("run_query_as", "/queries/run/{result_format}", method="POST"),
        Endpoint("query", "/queries/{query_id}", kind="identity"),
        Endpoint("query_run", "/queries/{query_id}/run/{result_format}"),
        Endpoint("query_task", "/query_tasks/{query_task_id}", kind="identity"),
        Endpoint("query_task_results", "/query_tasks/{query_task_id}/results"),
        Endpoint("multi_results", "/query_tasks/multi_results"),
        # What lies outside of the API: the router gives such paths this name.
        Endpoint("page", "\0", kind="identity", other_methods=("POST", "PUT", "PATCH", "DELETE")),
    )
    open: ClassVar[frozenset[str]] = frozenset({"login", "versions", "page"})

    def __init__(self, platform: Platform, world: World) -> None:
        super().__init__(platform, world)
        self.tokens: dict[str, float] = {}
        self.logins = 0
        self.started = 0
        self.workspace = "production"
        self.queries: dict[str, dict[str, Json]] = {}
        self.deals: dict[int, results.Row] = {}
        self.tasks: dict[str, tuple[dict[str, Json], Mapping[str, Json]]] = {}

    def request_id(self, found: str) -> str:
        """Thirty-two hexadecimal digits, as Zipkin has them."""
        return found.replace("-", "")

    def dressed(self, answer: Answer) -> Answer:
        """JSON without a character set: it has only one."""
        said = dict(answer.headers).get("content-type", "")
        return answer.with_header("content-type", "application/json") if said.startswith("application/json") else answer

    # Credentials

    def admit(self, request: httpx.Request, accepted: str) -> None:  # noqa: ARG002
        """Only a token is good, and only as long as it lives."""
        if self.tokens.get(self.platform.auth.presented(request), 0.0) <= self.clock():
            raise Refusal(ErrorKind.UNAUTHORIZED)

    def answer_login(self, request: httpx.Request, match: Match) -> Answer:  # noqa: ARG002
        known = tuple(self.platform.auth.example(self.world.seed).values())
        given = {**request.url.params, **form_of(request)}
        if (given.get("client_id"), given.get("client_secret")) != known:
            raise Refusal(ErrorKind.NOT_FOUND)
        token = self._token()
        told = {"access_token": token, "token_type": "Bearer", "expires_in": int(TOKEN_LIVES), "refresh_token": None}
        return json_answer(200, told)

    def _token(self) -> str:
        now = self.clock()
        if len(self.tokens) >= TOKENS_KEPT:
            self.tokens = {token: until for token, until in self.tokens.items() if until > now}
            _bounded(self.tokens, TOKENS_KEPT)
        self.logins += 1
        token = hashlib.sha256(f"{self.world.seed}/{self.platform.name}/{self.logins}".encode()).hexdigest()[:40]
        self.tokens[token] = now + TOKEN_LIVES
        return token

    def answer_logout(self, request: httpx.Request, match: Match) -> Answer:  # noqa: ARG002
        self.tokens.pop(self.platform.auth.presented(request), None)
        return Answer(204, [], b"")

    def answer_page(self, request: httpx.Request, match: Match) -> Answer:
        """The web server's part, which speaks HTML; the Python SDK's logout comes here too."""
        if request.method == "DELETE" and request.url.path.endswith("/api/logout"):
            return self.answer_logout(request, match)
        return Answer(404, [("content-type", "text/html;charset=utf-8")], _PAGE)

    def answer_session(self, request: httpx.Request, match: Match) -> Answer:  # noqa: ARG002
        if request.method == "PATCH":
            asked = dig(json_of(request), "workspace_id")
            if asked not in ("dev", "production"):
                raise invalid("workspace_id", "invalid", "dev or production is wanted")
            self.workspace = asked
        told = {"workspace_id": self.workspace, "sudo_user_id": None, "can": {"view": True, "update": True}}
        return json_answer(200, told)

    # Lists and their rows

    def answer(self, request: httpx.Request, match: Match) -> Answer:
        return super().answer(by_rows(request, match.endpoint), match)

    def paged(self, request: httpx.Request, endpoint: Endpoint, rows: Sequence[Json], fields: str = "") -> Answer:
        """The page; where a size was asked for, headers tell the total and where the other pages are (RFC 8288)."""
        answer = super().paged(request, endpoint, rows, fields)
        if isinstance(endpoint.paginator, Offset) and request.url.params.get("limit"):
            answer.headers += links(request.url, len(rows))
        return answer

    def answer_explores(self, request: httpx.Request, match: Match) -> Answer:
        models, position = self.found(match)
        told = self.shown(self.platform.endpoint("lookml_models"), models, position)
        endpoint = replace(match.endpoint, envelope={**told, "explores": []})
        return self.paged(request, endpoint, self.rows(request, match))

    def answer_update_look(self, request: httpx.Request, match: Match) -> Answer:
        sent = json_of(request)
        if not isinstance(sent, Mapping):
            raise invalid("body", "invalid", "an object is wanted")
        kept = {name: value for name, value in sent.items() if name in WRITABLE}
        wrong = next((name for name, value in kept.items() if not isinstance(value, WRITABLE[name])), None)
        if wrong is not None:
            raise invalid(wrong, "invalid", "a value of another type is wanted")
        if "query_id" in kept:
            self._query(kept["query_id"])
        content = json.dumps(kept).encode()
        return written(self, httpx.Request("PATCH", request.url, headers=_JSON, content=content), match)

    def _shown(self, endpoint: Endpoint, row: Json, position: int, fields: str) -> Json:
        home = self.world.collection(self.platform, endpoint)
        if home.exact is None and isinstance(row, Mapping):
            row = self._mended(endpoint, dict(row), position)
        return projected(self.record(endpoint, row, position), wanted(fields))

    def _mended(self, endpoint: Endpoint, row: dict[str, Json], position: int) -> Json:
        """The row with what only other rows can tell."""
        example = endpoint.examples[position % len(endpoint.examples)]
        mended: Json = row
        for path in AS_IN_EXAMPLE.get(endpoint.name, ()) if position >= 0 else ():
            known = dig(example, path)
            mended = bury(mended, path, known) if known is not None else mended
        match endpoint.name:
            case "look" | "update_look":
                return {**mended, "query": self._query_of_look(mended, position), "url": f"/looks/{mended['id']}"}
            case "lookml_models":
                return {**mended, "explores": self._explores(position)}
            case "explore":
                model = self._model(position)
                known = f"{model}::{mended['name']}"
                return {**mended, "id": known, "model_name": model, "connection_name": self._connection(model)}
        return mended

    def _explores(self, position: int) -> list[Json]:
        home = self.collection("explores")
        return list(home.under(position)[:EXPLORES_SHOWN])

    def _model(self, position: int) -> Json:
        explores = self.collection("explores")
        models = self.collection("lookml_models")
        return models.key(explores.lineage(position).get("lookml_models", 0))

    def _connection(self, model: Json) -> Json:
        """The connection that a model may use."""
        models = self.collection("lookml_models")
        position = models.position(model)
        row = models.row(position) if position is not None else {}
        return next(iter(row.get("allowed_db_connection_names") or ()), None)

    # Queries

    def answer_create_query(self, request: httpx.Request, match: Match) -> Answer:
        sent = asked_query(request)
        known = {name: sent[name] for name in BLANK if name in sent}
        name = hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()
        number = str(200_000 + int(name[:8], 16) % 700_000)
        _bounded(self.queries, QUERIES_KEPT)
        query = self.queries.setdefault(number, query_of({**BLANK, **known}, number, name))
        return self._projected(request, match, query)

    def answer_query(self, request: httpx.Request, match: Match) -> Answer:
        query = self._query(match.arguments["query_id"])
        return self._projected(request, match, query)

    def answer_query_run(self, request: httpx.Request, match: Match) -> Answer:
        query = self._query(match.arguments["query_id"])
        return self._ran(request, query, str(match.arguments["result_format"]))

    def answer_run_query(self, request: httpx.Request, match: Match) -> Answer:
        home = self.world.collection(self.platform, match.endpoint)
        if home.exact is not None:
            return self.usual(request, match)
        return self._reshaped(match, self._ran(request, asked_query(request), "json"))

    def answer_run_query_as(self, request: httpx.Request, match: Match) -> Answer:
        return self._ran(request, asked_query(request), str(match.arguments["result_format"]))

    def answer_look_run(self, request: httpx.Request, match: Match) -> Answer:
        home = self.world.collection(self.platform, match.endpoint)
        if home.exact is not None:
            return self.usual(request, match)
        return self._reshaped(match, self._ran(request, self._query_asked(match), "json"))

    def answer_look_run_as(self, request: httpx.Request, match: Match) -> Answer:
        look = Match(self.platform.endpoint("look_run"), {"look_id": match.arguments["look_id"]})
        return self._ran(request, self._query_asked(look), str(match.arguments["result_format"]))

    def _query_asked(self, match: Match) -> Mapping[str, Json]:
        looks, position = self.found(match)
        return self._query_of_look(looks.row(position), position)

    def _query_of_look(self, look: Mapping[str, Json], position: int) -> dict[str, Json]:
        """The query of a look, under the number that the look has for it."""
        examples = [look["query"] for look in self.platform.endpoint("look").examples]
        number = str(look["query_id"])
        if number in self.queries:
            return self.queries[number]
        name = f"{mix(position, int(number)):016x}" * 4
        asked = {**examples[position % len(examples)], **self._explored(dig(look, "model.id"))}
        return query_of(asked, number, name)

    def _explored(self, model: Json) -> dict[str, Json]:
        """The model and the explore that a query is asked of: those of the look, else the first that there are."""
        models, explores = self.collection("lookml_models"), self.collection("explores")
        position = models.position(model) if model else 0
        if models.exact is not None or explores.exact is not None or position is None or not explores.count:
            return {"model": model} if model else {}
        return {"model": models.key(position), "view": explores.key(explores.under(position).positions[0])}

    def _query(self, number: Json) -> Mapping[str, Json]:
        """A query by its number: one that was created, the declaration's example, or the query of a look."""
        for query in (*self.platform.endpoint("create_query").examples, *filter(None, [self.queries.get(str(number))])):
            if query["id"] == number:
                return query
        looks = self.collection("looks")
        for position in range(min(looks.count, _LOOKS_SEARCHED)):
            if looks.row(position).get("query_id") == number:
                return self._query_of_look(looks.row(position), position)
        raise Refusal(ErrorKind.NOT_FOUND)

    def _ran(self, request: httpx.Request, query: Mapping[str, Json], form: str, task: str = "") -> Answer:
        """The rows of a query in one of Looker's formats."""
        try:
            asked = results.question(query, request.url.params.get("limit"))
        except CannotRun as problem:
            raise invalid(problem.field, "invalid", problem.message) from None
        world = self.world.of(self.platform)
        found = results.rows(self._deal, world.size, asked)
        match form:
            case "json":
                return json_answer(200, found)
            case "json_detail":
                return json_answer(200, results.as_detail(asked, query, found, task or "inline", self._moment()))
            case "csv":
                return _text(form, results.as_csv(asked.fields, found))
            case "txt":
                return _text(form, results.as_csv(asked.fields, found, "\t"))
            case "md":
                return _text(form, results.as_markdown(asked.fields, found))
            case "sql":
                return _text(form, results.as_sql(asked, str(query.get("view"))))
        raise invalid("result_format", "invalid", f"unknown format {form}")

    def _deal(self, index: int) -> results.Row:
        """A deal of the world; nobody changes deals here, so each is made once, unless there are too many."""
        found = self.deals.get(index)
        if found is None:
            found = results.deal(self.world.of(self.platform).entities, index)
            if len(self.deals) < DEALS_KEPT:
                self.deals[index] = found
        return found

    def _reshaped(self, match: Match, answer: Answer) -> Answer:
        """The rows as the API, evolved, gives them."""
        if not self.evolution.changes:
            return answer
        rows = [self.record(match.endpoint, row, place) for place, row in enumerate(json.loads(answer.body))]
        return json_answer(200, self.evolution.envelope(self.platform.id(match.endpoint), rows))

    # Tasks

    def answer_create_query_task(self, request: httpx.Request, match: Match) -> Answer:
        sent = json_of(request)
        if not isinstance(sent, Mapping):
            raise invalid("body", "missing", "a query task is wanted")
        absent = next((name for name in ("query_id", "result_format") if not sent.get(name)), None)
        if absent is not None:
            raise invalid(absent, "missing_field", "This field is required.")
        query = self._query(str(sent["query_id"]))
        self.started += 1
        number = hashlib.sha256(f"{self.world.seed}/task/{self.started}".encode()).hexdigest()[:32]
        example = match.endpoint.examples[0]
        task = {
            **example,
            "id": number,
            "query_id": query["id"],
            "query": query,
            "result_format": sent["result_format"],
        }
        _bounded(self.tasks, QUERIES_KEPT)
        self.tasks[number] = (task, query)
        return self._projected(request, match, task)

    def answer_query_task(self, request: httpx.Request, match: Match) -> Answer:
        task, _ = self._task(match.arguments["query_task_id"])
        done = {**task, "status": "complete", "runtime": 0.042, "result_source": "query"}
        return self._projected(request, match, done)

    def answer_query_task_results(self, request: httpx.Request, match: Match) -> Answer:
        task, query = self._task(match.arguments["query_task_id"])
        return self._ran(request, query, str(task["result_format"]), str(task["id"]))

    def answer_multi_results(self, request: httpx.Request, match: Match) -> Answer:  # noqa: ARG002
        asked = [one for one in request.url.params.get("query_task_ids", "").split(",") if one]
        if not asked:
            raise invalid("query_task_ids", "missing_field", "This field is required.")
        return json_answer(200, {number: self._finished(request, number) for number in asked})

    def _finished(self, request: httpx.Request, number: str) -> Json:
        task, query = self._task(number)
        answer = self._ran(request, query, str(task["result_format"]), number)
        is_json = dict(answer.headers)["content-type"].startswith("application/json")
        data = json.loads(answer.body) if is_json else answer.body.decode()
        return {"status": "complete", "result_source": "query", "data": data}

    def _task(self, number: Json) -> tuple[dict[str, Json], Mapping[str, Json]]:
        found = self.tasks.get(str(number))
        if found is None:
            raise Refusal(ErrorKind.NOT_FOUND)
        return found

    def _projected(self, request: httpx.Request, match: Match, record: Mapping[str, Json]) -> Answer:
        fields = fields_of(request, match.endpoint) or request.url.params.get("fields", "")
        evolved = self.record(match.endpoint, dict(record), 0)
        return json_answer(200, projected(evolved, wanted(fields)))

    def _moment(self) -> str:
        return datetime.fromtimestamp(self.clock(), UTC).isoformat(timespec="seconds")


_JSON = {"content-type": "application/json"}
_LOOKS_SEARCHED = 5_000


def _bounded(kept: dict[str, Any], most: int) -> None:
    """Makes room for one more: the oldest go."""
    while len(kept) >= most:
        kept.pop(next(iter(kept)))


def _text(form: str, text: str) -> Answer:
    return Answer(200, [("content-type", f"{_TEXTS[form]};charset=utf-8")], text.encode("utf-8", "replace"))
