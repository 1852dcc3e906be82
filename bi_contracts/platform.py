"""A platform as one frozen value: no I/O, no logic of its own. The client and the sandbox both read it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Literal
from urllib.parse import quote, unquote, urlencode

import httpx

from .auth import AuthScheme
from .dialects import ErrorDialect, ErrorShape, Problem, RateDialect
from .errors import DeclarationError, UnknownEndpoint
from .pagination import Locator, Paginator, Single
from .paths import Json, bury, dig
from .queries import QueryLanguage, Selective
from .slots import FORM, form_of, json_of, text

Kind = Literal["list", "item", "identity", "write"]
Place = Literal["query", "form", "body", "body.variables"]


@dataclass(frozen=True, slots=True)
class Write:
    """What a write does, so that later reads show it.

    Attributes:
        action: `create` a row, or `update` or `delete` the one that the last parent argument names.
        target: The list whose rows it concerns; "" is the last parent.
        sent: Dotted path of the values in the request body; "" is all of it.
        into: Dotted path in the record below which the values stand (HubSpot's `properties`).
        renamed: Name as it is sent -> dotted path in the record, where the two differ.
        required: Names that must be sent.
        under: Dotted path, in the values sent, of the key of the parent row that a created row stands under.
        fixed: Dotted path in the record -> what the write sets it to.
        stamps: Dotted paths in the record that are set to the time of writing, in the form they have there.
        status: HTTP status of the answer.
        silent: True where the answer has no body.
    """

    action: Literal["create", "update", "delete"]
    target: str = ""
    sent: str = ""
    into: str = ""
    renamed: Mapping[str, str] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    under: str = ""
    fixed: Mapping[str, Json] = field(default_factory=dict)
    stamps: tuple[str, ...] = ()
    status: int = 200
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One thing to read, or to write.

    Attributes:
        name: The second half of its id: `tasks` in `asana/tasks`.
        path: Below the platform's base URL; `{name}` is filled from the arguments.
        method: What the client uses.
        params: Arguments sent unless the caller gives others; one may stand in the path, such as a version.
        body: JSON body that the arguments are written into.
        arguments: Where arguments travel that are not in the path.
        records: Dotted path of the rows (of the object, for `item` and `identity`) in the answer; "" is the root.
        key: The field that tells two rows apart.
        paginator: How the rows come in pages.
        kind: `list`, `item` (one row, by id), `identity` (who am I; also the health probe) or `write`.
        parents: Argument -> endpoint whose keys fill it. An item's row stands in its parent's list.
        envelope: What stands in the answer beside the rows.
        examples: Records as the platform writes them; the sandbox varies them.
        other_methods: Methods the platform also takes.
        fields: The slot that names the fields wanted, `name,assignee.name`; "" where all always come.
        entity: What its rows are (`person`, `company`, `deal`, ...): the same thing has the same index everywhere.
        attributes: Dotted path in a row -> the attribute of its entity, or of a related one, that stands there.
        query: How a request says which rows it wants, and in what order; None where it cannot.
        newest_first: True where the list answers its rows in the opposite order of their making.
        write: What a write does.
        missing: How this endpoint says that a row is not there, where the platform has several ways.
        empty: What it answers in place of an empty list, None where an empty list is answered.
    """

    name: str
    path: str
    method: str = "GET"
    params: Mapping[str, Json] = field(default_factory=dict)
    body: Json = None
    arguments: Place = "query"
    records: str = ""
    key: str = "id"
    paginator: Paginator = field(default_factory=Single)
    kind: Kind = "list"
    parents: Mapping[str, str] = field(default_factory=dict)
    envelope: Mapping[str, Json] = field(default_factory=dict)
    examples: tuple[Mapping[str, Json], ...] = ()
    other_methods: tuple[str, ...] = ()
    fields: str = ""
    entity: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    query: QueryLanguage | None = None
    newest_first: bool = False
    write: Write | None = None
    missing: ErrorShape | None = None
    empty: ErrorShape | None = None

    @property
    def placeholders(self) -> tuple[str, ...]:
        """The names in the path that arguments fill."""
        return tuple(_PLACEHOLDER.findall(self.path))

    def request(self, base_url: str, headers: Mapping[str, str], arguments: Mapping[str, Json]) -> httpx.Request:
        """The first request, unsigned. Raises `DeclarationError` where an argument for the path is missing."""
        given = {**self.params, **arguments}
        missing = [name for name in self.placeholders if name not in given]
        if missing:
            raise DeclarationError(f"{self.name}: {self.path} needs {', '.join(missing)}=...")
        path = _PLACEHOLDER.sub(lambda found: quote(text(given[found[1]]), safe=""), self.path)
        sent = {name: value for name, value in given.items() if name not in self.placeholders}
        return self._place(base_url.rstrip("/") + path, dict(headers), sent)

    def says_empty(self, problem: Problem) -> bool:
        """Whether an error only says that there are no rows (Gong answers 404)."""
        return (
            self.empty is not None
            and problem.status == self.empty.status
            and problem.message.startswith(self.empty.message)
        )

    def read(self, request: httpx.Request, base_url: str) -> dict[str, Json] | None:
        """The arguments of a request to this endpoint, page and all; None where it is another endpoint's request.

        The mirror of `request`: what was recorded can be asked for again. For GraphQL the query text decides,
        white space aside; where the query language says whose rows are asked for (SOQL), that does.
        """
        root = httpx.URL(base_url).path.rstrip("/")
        path = request.url.raw_path.partition(b"?")[0].decode()
        if isinstance(self.paginator, Locator):
            path = self.paginator.head(path)
        found = _path_pattern(root + self.path).fullmatch(path)
        if found is None or request.method not in (self.method, *self.other_methods):
            return None
        if isinstance(self.query, Selective) and not self.query.concerns(request):
            return None
        if self.arguments == "body.variables" and not _same_query(self.body, json_of(request)):
            return None
        return {**self._sent(request), **{name: unquote(value) for name, value in found.groupdict().items()}}

    def _sent(self, request: httpx.Request) -> dict[str, Json]:
        if self.arguments == "query" or (self.arguments == "form" and request.method == "GET"):
            return dict(request.url.params)
        if self.arguments == "form":
            return dict(form_of(request))
        sent = dig(json_of(request), self.arguments.partition(".")[2])
        return dict(sent) if isinstance(sent, Mapping) else {}

    def _place(self, url: str, headers: dict[str, str], sent: Mapping[str, Json]) -> httpx.Request:
        if self.arguments == "query":
            params = {name: text(value) for name, value in sent.items()}
            if self.body is None:
                return httpx.Request(self.method, url, params=params or None, headers=headers)
            return self._json(httpx.URL(url, params=params) if params else httpx.URL(url), headers, self.body)
        if self.arguments == "form":
            headers["content-type"] = FORM
            fields = urlencode({name: text(value) for name, value in sent.items()})
            return httpx.Request(self.method, url, headers=headers, content=fields)
        inside = self.arguments.partition(".")[2]
        body = dict(self.body or {})
        for name, value in sent.items():
            body = bury(body, f"{inside}.{name}".lstrip("."), value)
        return self._json(httpx.URL(url), headers, body)

    def _json(self, url: httpx.URL, headers: dict[str, str], body: Json) -> httpx.Request:
        headers["content-type"] = "application/json"
        return httpx.Request(self.method, url, headers=headers, content=json.dumps(body))


@dataclass(frozen=True, slots=True)
class Platform:
    """One vendor's API.

    Attributes:
        name: The first half of every id, and the folder of cassettes and contracts.
        title: As a person writes it.
        base_url: The API's root.
        auth: How requests are signed.
        endpoints: What can be asked.
        errors: How it says no.
        limits: How it says slow down.
        identity: The endpoint that says who the credential is; the health probe.
        headers: Sent with every request.
        version: The API version this declaration speaks, "" where the API has none.
        version_header: The header that carries it.
        version_missing: What the platform answers without that header, None where it does not mind.
        protocol: `rest`, or `graphql` for one path that takes queries.
        request_id: The response header that carries the id which error bodies repeat as `{request_id}`.
        schema: The GraphQL schema, in SDL or as `package/file` of one; "" where it is derived from the examples.
        aliases: Environment variable that people also use -> the one of ours that it stands for.
        tenant: True where every customer has an address of their own: `base_url` is an example then, and a live
            call needs `<PLATFORM>_BASE_URL`.
    """

    name: str
    title: str
    base_url: str
    auth: AuthScheme
    endpoints: tuple[Endpoint, ...]
    errors: ErrorDialect
    limits: RateDialect
    identity: str
    headers: Mapping[str, str] = field(default_factory=dict)
    version: str = ""
    version_header: str = ""
    version_missing: ErrorShape | None = None
    protocol: Literal["rest", "graphql"] = "rest"
    request_id: str = "x-request-id"
    tenant: bool = False
    schema: str = ""
    aliases: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = [endpoint.name for endpoint in self.endpoints]
        doubled = sorted({name for name in names if names.count(name) > 1})
        if doubled:
            raise DeclarationError(f"{self.name}: declared twice: {', '.join(doubled)}")
        wanted = {self.identity} | {parent for endpoint in self.endpoints for parent in endpoint.parents.values()}
        if not wanted <= set(names):
            raise DeclarationError(f"{self.name}: not declared: {', '.join(sorted(wanted - set(names)))}")

    def endpoint(self, name: str) -> Endpoint:
        """The endpoint of that name. Raises `UnknownEndpoint` with the nearest names."""
        for endpoint in self.endpoints:
            if endpoint.name == name:
                return endpoint
        raise UnknownEndpoint(f"{self.name}/{name}", [self.id(endpoint) for endpoint in self.endpoints])

    def id(self, endpoint: Endpoint) -> str:
        """`asana/tasks`: the one key that names the endpoint everywhere."""
        return f"{self.name}/{endpoint.name}"

    @property
    def all_headers(self) -> dict[str, str]:
        """The headers sent with every request, the API version among them."""
        version = {self.version_header: self.version} if self.version_header else {}
        return {"accept": "application/json", **self.headers, **version}

    def environment(self, environ: Mapping[str, str]) -> Mapping[str, str]:
        """An environment in which what is set under another name stands under ours too; ours count first."""
        meant = {ours: environ[name] for name, ours in self.aliases.items() if environ.get(name)}
        return {**meant, **{name: value for name, value in environ.items() if value or name not in meant}}

    def request(self, endpoint: Endpoint, arguments: Mapping[str, Json], base_url: str = "") -> httpx.Request:
        """The endpoint's first request, unsigned, at `base_url` where one is given."""
        return endpoint.request(base_url or self.base_url, self.all_headers, arguments)


_PLACEHOLDER = re.compile(r"{(\w+)}")


@cache
def _path_pattern(path: str) -> re.Pattern[str]:
    parts = _PLACEHOLDER.split(path)
    return re.compile("".join(f"(?P<{part}>[^/]+)" if odd % 2 else re.escape(part) for odd, part in enumerate(parts)))


def _same_query(declared: Json, sent: Json) -> bool:
    queries = (dig(declared, "query"), dig(sent, "query"))
    return all(isinstance(query, str) for query in queries) and len({" ".join(query.split()) for query in queries}) == 1
