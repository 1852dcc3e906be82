"""The answers in which mock records would come: envelopes, page by page, in the platform's own form."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from functools import cached_property
from typing import Any

import httpx

from ..contract import Contract
from ..dialects import Budget, ErrorKind, ErrorShape
from ..errors import ConfigurationError
from ..interaction import Envelope
from ..pagination import Paginator
from ..paths import Json, bury, dig
from ..sandbox.keys import mix
from ..sandbox.refusal import Refusal
from ..sandbox.wording import REQUEST_ID, refused_as, request_id
from .fitting import Fitting, Spot
from .making import TRIES, Making
from .records import Declared, Records, Undeclared
from .schemas import Schemas, types
from .texts import Values
from .value import MOCK_HEADER

JSON = "application/json"


class Answers:
    """Makes the envelopes of one endpoint.

    Args:
        records: The records as they should be.
        contract: What the answers keep, None where there is none.
        values: Makers of single values.
        present: The Unix time of the answers.
        seed: What they are made from.
    """

    def __init__(self, records: Records, contract: Contract | None, values: Values, present: float, seed: str) -> None:
        self.records = records
        self.present = present
        self.seed = seed
        self.contract = contract
        self.values = values

    @cached_property
    def fitting(self) -> Fitting | None:
        """What brings an answer under the contract, None where there is none."""
        if self.contract is None:
            return None
        schemas = Schemas(self.contract.id, self.contract.schema)
        return Fitting(Making(schemas, self.contract.evidence, self.values))

    def of(self, records: Sequence[Json], whole: int, *, complete: bool) -> tuple[Envelope, ...]:
        """The answers that hold these records, out of `whole`; where they are not complete, none says that it is."""
        if isinstance(self.records, Declared):
            if self.records.place.many:
                return tuple(self._pages(self.records, records, whole, complete))
            return tuple(self._single(self.records, record, number) for number, record in enumerate(records))
        if self.records.place.many:
            return (self._made(list(records)),)
        return tuple(self._made(record) for record in records)

    def one(self, records: Sequence[Json]) -> Envelope:
        """All records of a list in one answer, as if its pages had no bound."""
        if not isinstance(self.records, Declared):
            return self._made(list(records))
        paginator = wide(self.records.endpoint.paginator, len(records))
        request = self._request(self.records, len(records))
        page = paginator.serve(request, range(len(records)), {})
        return self._page(self.records, records, page.fields, range(len(records)))

    def holding(self, envelope: Envelope, records: Sequence[Json]) -> Envelope:
        """An answer with other records in it."""
        body = bury(envelope["body"], self.records.place.dotted, list(records))
        return {"status": envelope["status"], "headers": envelope["headers"], "body": body}

    # Declared endpoints

    def _pages(self, home: Declared, records: Sequence[Json], whole: int, complete: bool) -> Iterator[Envelope]:
        paginator, size = home.endpoint.paginator, len(records)
        if not complete:
            paginator = wide(paginator, min(size, paginator.page or size))
        request = self._request(home, paginator.page)
        flow = paginator.page_flow(request)
        memory: dict[str, int] = {}
        request = next(flow)
        while True:
            page = paginator.serve(request, range(whole), memory)
            places = [place for place in page.rows if place < size]
            envelope = self._page(home, [records[place] for place in places], page.fields, places)
            yield envelope
            if not complete and (not places or places[-1] + 1 >= size):
                flow.close()
                return
            response = httpx.Response(envelope["status"], json=envelope["body"], request=request)
            try:
                request = flow.send(response)
            except StopIteration:
                return

    def _page(self, home: Declared, rows: Sequence[Json], told: Mapping[str, Json], places: Sequence[int]) -> Envelope:
        sample = [home.record(places[0])] if places else []
        body = bury(self._around(home), home.endpoint.records, sample)
        for path, value in told.items():
            if value is not ...:
                body = bury(body, path, value)
        envelope = self._fitted(self._envelope(200, body, self._headers(home)))
        envelope["body"] = bury(envelope["body"], home.endpoint.records, list(rows))
        return envelope

    def _single(self, home: Declared, record: Json, number: int) -> Envelope:
        clean = home.record(number)
        endpoint = home.endpoint
        body = bury(self._around(home), endpoint.records, clean) if endpoint.records else clean
        envelope = self._fitted(self._envelope(200, body, self._headers(home)))
        if record != clean:
            envelope["body"] = _replaced(envelope["body"], endpoint.records, clean, record)
        return envelope

    def _around(self, home: Declared) -> Json:
        """What stands in an answer beside the records."""
        text = json.dumps(dict(home.endpoint.envelope))
        return json.loads(text.replace(REQUEST_ID.decode(), request_id(self.seed, 1)))

    def _request(self, home: Declared, size: int) -> httpx.Request:
        platform, endpoint = home.platform, home.endpoint
        arguments: dict[str, Json] = {}
        for argument, parent in endpoint.parents.items():
            list_ = home.home.world.collection(platform, platform.endpoint(parent))
            arguments[argument] = list_.key(0)
        for name in endpoint.placeholders:
            if name not in endpoint.params:
                arguments.setdefault(name, "1")
        request = platform.request(endpoint, arguments)
        return endpoint.paginator.sized(request, size) if size else request

    def _headers(self, home: Declared) -> dict[str, str]:
        """What the platform states beside its answers: its limits and its version."""
        platform = home.platform
        found: dict[str, str] = {}
        for quota in platform.limits.all_for(home.endpoint.name):
            budget = Budget(quota.limit, max(0, quota.limit - 1), self.present + quota.window)
            found |= {name.lower(): value for name, value in quota.render(budget, self.present).items()}
        if platform.version_header:
            found[platform.version_header.lower()] = platform.version
        return found

    # Endpoints that only have a contract

    def _made(self, records: Json) -> Envelope:
        """An answer by the contract alone: what it requires around the records, and nothing more."""
        assert isinstance(self.records, Undeclared)
        place = self.records.place
        sample = self.records.record(0) if self.records.size else None
        clean = ([sample] if sample is not None else []) if place.many else sample
        envelope = self._fitted(self._envelope(200, bury({}, place.dotted, clean), {}))
        envelope["body"] = _replaced(envelope["body"], place.dotted, clean, records)
        return envelope

    def _fitted(self, envelope: Envelope) -> Envelope:
        if self.fitting is None:
            return envelope
        root = self.fitting.schemas.root
        found = envelope
        for attempt in range(TRIES):
            spot = Spot(0, mix(attempt, self.records.seed))
            found = self.fitting.fit(root, envelope, spot)
            if self.fitting.schemas.check(root)(found):
                break
        return Envelope(status=found["status"], headers=dict(found["headers"]), body=found["body"])

    def _envelope(self, status: int, body: Json, headers: Mapping[str, str]) -> Envelope:
        return {"status": status, "headers": {"content-type": JSON, **headers, MOCK_HEADER: "1"}, "body": body}

    # Nothing, and no

    def empty(self) -> tuple[Envelope, ...]:
        """What is answered where there is nothing: an empty page, or the platform's own way to say so."""
        home = self.records
        if not isinstance(home, Declared):
            return (self._made([]),) if home.place.many else (self._refused_by_contract(404),)
        if home.endpoint.kind == "item":
            return (self._refused(home, ErrorKind.NOT_FOUND, home.endpoint.missing),)
        if home.endpoint.empty is not None:
            return (self._refused(home, ErrorKind.NOT_FOUND, home.endpoint.empty),)
        return self.of((), 0, complete=True)

    def error(self, kind: str) -> tuple[Envelope, ...]:
        """What the platform answers when it says no. Raises `ConfigurationError` for a kind that it has not."""
        home = self.records
        if not isinstance(home, Declared):
            return (self._refused_by_contract(_STATUS.get(ErrorKind(kind), 0) if kind else 0),)
        kinds = sorted(home.platform.errors.shapes)
        chosen = ErrorKind(kind) if kind else kinds[mix(home.seed, len(kinds)) % len(kinds)]
        if chosen not in home.platform.errors.shapes:
            raise ConfigurationError(f"{home.platform.name} has no error {chosen.value!r}; it has {', '.join(kinds)}")
        shape = None
        if chosen is ErrorKind.RATE_LIMITED:
            shape = next((one.refusal for one in home.platform.limits.all_for(home.endpoint.name)), None)
        return (self._refused(home, chosen, shape),)

    def _refused(self, home: Declared, kind: ErrorKind, shape: ErrorShape | None) -> Envelope:
        answer = refused_as(home.platform, Refusal(kind, shape=shape))
        told = request_id(self.seed, 1).encode()
        headers = {name.lower(): value for name, value in answer.headers}
        if kind is ErrorKind.RATE_LIMITED:
            limits = home.platform.limits
            spent = Budget(limits.limit, 0, self.present + limits.window)
            headers |= {name.lower(): text for name, text in limits.render(spent, self.present, refused=True).items()}
        headers["content-type"] = JSON
        body = json.loads(answer.body.replace(REQUEST_ID, told))
        return self._envelope(answer.status, body, headers)

    def _refused_by_contract(self, status: int) -> Envelope:
        """An answer that the contract describes beside the success: with that status, or any where that is 0."""
        fitting = self.fitting
        if fitting is not None:
            schemas = fitting.schemas
            every = schemas.branches(schemas.flat(schemas.root))
            told = [(_fixed(schemas, branch), branch) for branch in every]
            failing = [one for one in told if one[0] >= 400 and status in (0, one[0])]
            if failing:
                found, branch = failing[mix(self.records.seed, 1) % len(failing)]
                made = fitting.making.make({**branch, "required": ["status", "headers", "body"]}, ())
                envelope: dict[str, Any] = made(0, self.records.seed)
                headers = envelope["headers"] if isinstance(envelope["headers"], dict) else {}
                return self._envelope(found, envelope["body"], headers)
        raise ConfigurationError(f"{self.records.id}: its contract describes no answer of that kind")


def wide(paginator: Paginator, size: int) -> Paginator:
    """The paginator with pages of so many rows, which its platform may not know."""
    held: Any = paginator
    sizes = {one.name: max(1, size) for one in fields(held) if one.name in ("page", "most") and size}
    return replace(held, **sizes) if sizes else paginator


_STATUS: Mapping[ErrorKind, int] = {
    ErrorKind.UNAUTHORIZED: 401,
    ErrorKind.FORBIDDEN: 403,
    ErrorKind.NOT_FOUND: 404,
    ErrorKind.BAD_REQUEST: 400,
    ErrorKind.RATE_LIMITED: 429,
    ErrorKind.SERVER_ERROR: 500,
}


def _replaced(body: Json, path: str, clean: Json, record: Json) -> Json:
    """The body with a record in the place of the one it was made with."""
    if path:
        return bury(body, path, record)
    if isinstance(body, Mapping) and isinstance(clean, Mapping) and isinstance(record, Mapping):
        return {**{name: value for name, value in body.items() if name not in clean}, **record}
    return record


def _fixed(schemas: Schemas, branch: Mapping[str, Any]) -> int:
    """The status that a variant of a contract is about; 0 where it names none."""
    status = schemas.flat(branch.get("properties", {}).get("status", {}))
    found = dig(status, "const") if "integer" in types(status) or "const" in status else None
    return found if isinstance(found, int) else 0
