"""Salesforce: one path for all statements, records below `/sobjects`, a session that is logged into."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import ClassVar
from urllib.parse import unquote

import httpx

from ....platform import Endpoint, Platform
from ....queries import BadQuery
from ....queries.soql import parse
from ...answer import Answer
from ...routing import Match
from ...world import World
from . import login, searches
from .about import NEWEST, OLDEST, About
from .querying import DATA, PAGES
from .records import Record
from .refusals import not_found

_VERSIONED = f"{DATA}/v{{version}}"
_BELOW = re.compile(r"v(?P<version>[0-9]{1,3}\.0)(?:/(?P<rest>.*))?")


class Behaviour(About):
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
        Endpoint(
            "by_value",
            f"{_VERSIONED}/sobjects/{{sobject}}/{{field}}/{{value}}",
            kind="identity",
            other_methods=("PATCH", "DELETE"),
        ),
    )
    open: ClassVar[frozenset[str]] = frozenset({"versions", "token"})

    def __init__(self, platform: Platform, world: World) -> None:
        super().__init__(platform, world)
        self.tokens: set[str] = set()

    def admit(self, request: httpx.Request, accepted: str) -> None:
        if self.platform.auth.presented(request) not in self.tokens:
            super().admit(request, accepted)

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
            case ["sobjects", name, field, value]:
                return self._by_value(request, self._sobject(name), field, value, version)
            case []:
                return self._resources(version)
        return super().answer(request, match)

    def _versioned(self, answer: Answer, version: str) -> Answer:
        """Addresses in an answer name the version that was asked for."""
        if version == self.platform.version:
            return answer
        old, new = (f"{DATA}/v{number}/".encode() for number in (self.platform.version, version))
        return replace(answer, body=answer.body.replace(old, new))

    def answer_token(self, request: httpx.Request, match: Match) -> Answer:  # noqa: ARG002
        accepted = next(iter(self.platform.auth.example(self.world.seed).values()))
        user = Record(self.org, self.org.known["user"], 0)["Id"] if self.org.home(self.org.known["user"]).count else ""
        return login.token(request, accepted, self.tokens, str(user), self.clock())


def _below(request: httpx.Request) -> tuple[str, list[str]] | None:
    """Version of the API and path below it, None where the path has no version."""
    path = request.url.raw_path.partition(b"?")[0].decode("ascii").rstrip("/")
    found = _BELOW.fullmatch(path.partition(f"{DATA}/")[2])
    if found is None:
        return None
    return found["version"], [unquote(step) for step in (found["rest"] or "").split("/") if step]
