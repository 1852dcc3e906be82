"""Records of one endpoint, one by one: what the world has, brought under the contract, or by the contract alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from ..contract import Contract
from ..errors import ContractError, InvalidContract
from ..paths import Json, bury, dig
from ..platform import Endpoint, Platform
from ..sandbox.collection import Collection
from ..sandbox.compiler import Maker, Scope
from ..sandbox.keys import mix, salt
from ..sandbox.recipes import makers_for
from ..workspace import reference, shared_id
from .finding import Place, key_name, place_of_records
from .fitting import Fitting, Spot
from .making import TRIES, Making
from .schemas import Schemas
from .tables import Shown, Tables
from .texts import Make, Values, kind_of

_WHOLE = 1 << 64
_COUNTED = re.compile(r"[A-Za-z_]+_?[Nn]umber")
_NUMBER = re.compile(r"[0-9]{6,12}")


class Records:
    """Records by position, each made when it is asked for.

    Attributes:
        id: The endpoint's.
        size: How many there are.
        place: Where they stand in an answer.
        key: Dotted path of what tells them apart, "" where nothing does.
    """

    def __init__(self, id: str, size: int, place: Place, key: str, seed: str) -> None:
        self.id = id
        self.size = size
        self.place = place
        self.key = key
        self.seed = salt(seed, "mock", id)

    def bits(self, index: int) -> int:
        """64 bits that belong to a record."""
        return mix(index, self.seed)

    def record(self, index: int) -> Json:
        """The record at a position."""
        raise NotImplementedError

    def keeps(self, record: Json) -> bool:
        """Whether a record keeps the contract."""
        raise NotImplementedError


class OfContract:
    """What a contract says of the records of an endpoint, and how to bring a record there."""

    def __init__(self, contract: Contract, place: Place, values: Values, key: str) -> None:
        self.id = contract.id
        self.schemas = Schemas(contract.id, contract.schema)
        found = self.schemas.at(place.steps)
        self.schema: Json = found[0] if len(found) == 1 else {"anyOf": list(found)} if found else {}
        self.making = Making(self.schemas, contract.evidence, values, tuple(key.split(".")) if key else ())
        self.fitting = Fitting(self.making)
        self.pointer = place.pointer
        self.check = self.schemas.check(self.schema)

    @cached_property
    def make(self) -> Make:
        """A maker of records by the contract alone."""
        return self.making.make(self.schema, (), self.pointer)

    def kept(self, record: Json, index: int, bits: int, likes: Callable[[], Sequence[Json]]) -> Json:
        """The record as the contract wants it. Raises `InvalidContract` where no way is found to make it so."""
        if self.check(record):
            return record
        fitted = self.fitting.fit(self.schema, record, Spot(index, bits, (), self.pointer, likes()))
        if not self.check(fitted):
            raise InvalidContract(f"{self.id}: no record could be made: {self.schemas.complaint(self.schema, fitted)}")
        return fitted

    def made(self, index: int, bits: int) -> Json:
        """A record by the contract alone."""
        record = None
        for attempt in range(TRIES):
            record = self.make(index, mix(bits, attempt) if attempt else bits)
            if self.check(record):
                return record
        raise InvalidContract(f"{self.id}: no record could be made: {self.schemas.complaint(self.schema, record)}")


class Undeclared(Records):
    """Records of an endpoint that nobody declares: by its contract alone."""

    def __init__(self, contract: Contract, tables: Tables) -> None:
        schemas = Schemas(contract.id, contract.schema)
        place = place_of_records(schemas, contract.id)
        found = schemas.at(place.steps)
        key = key_name(schemas, found[0] if found else {}, contract.id)
        super().__init__(contract.id, tables.size, place, key, tables.seed)
        values = Values(tables.entities, kind_of(contract.id), tables.size, self.seed)
        self.contract = OfContract(contract, place, values, key)

    def record(self, index: int) -> Json:
        return self.contract.made(index, self.bits(index))

    def keeps(self, record: Json) -> bool:
        return self.contract.check(record)


class Declared(Records):
    """Records of a declared endpoint: the world's, brought under the contract where there is one."""

    def __init__(self, platform: Platform, endpoint: Endpoint, contract: Contract | None, tables: Tables) -> None:
        place = Place(tuple(filter(None, endpoint.records.split("."))), endpoint.kind == "list")
        size = min(1, tables.size) if endpoint.kind == "identity" else tables.size
        super().__init__(platform.id(endpoint), size, place, endpoint.key, tables.seed)
        self.platform = platform
        self.endpoint = endpoint
        self.home = tables.collection(platform, endpoint)
        values = Values(tables.entities, endpoint.entity or kind_of(endpoint.name), tables.size, self.seed)
        self.contract = None if contract is None else OfContract(contract, place, values, endpoint.key)
        self.added = [] if self.contract is None or contract is None else additions(self, contract)

    def keeps(self, record: Json) -> bool:
        return self.contract is None or self.contract.check(record)

    def whole(self, record: Json) -> Json:
        """The record with what stands beside it in its answer, where it is the answer itself."""
        if self.place.many or self.place.path or not isinstance(record, Mapping):
            return record
        return {**self.endpoint.envelope, **record}

    def record(self, index: int) -> Json:
        scope, makers = self._scope(index)
        record = self.whole(self._row(scope, makers))
        if self.contract is None:
            return record
        bits = self.bits(index)
        for path, make, share, mark in self.added:
            if mix(bits, mark) < share and isinstance(dig(record, path.rpartition(".")[0]), Mapping):
                record = bury(record, path, make(index, mix(bits, mark)))
        if self.contract.check(record):
            return record
        return self.contract.kept(record, index, bits, lambda: self._likes(scope, makers))

    def position(self, index: int) -> tuple[Collection, int]:
        """The list, and the position there, of the thing that a record shows."""
        return self.home.there(index) if isinstance(self.home, Shown) else (self.home, self._turn(index))

    def _turn(self, index: int) -> int:
        """The position of a record in the order of their making, the other way round where the newest is first."""
        return self.size - 1 - index if self.endpoint.newest_first else index

    def _scope(self, index: int) -> tuple[Scope, Sequence[Maker]]:
        if not isinstance(self.home, Shown):
            place = self._turn(index)
            return self.home.scope(place), _turned(self.home.makers, place)
        home, place = self.home.there(index)
        return home.scope(place), _turned(self.home.makers, self.home.turn(index))

    def _row(self, scope: Scope, makers: Sequence[Maker]) -> Json:
        row = makers[0](scope)
        if not isinstance(row, Mapping):
            return row
        extra = self._extra
        row = {**extra[scope.index % len(extra)](scope), **row} if extra else row
        numbers = {name: f"{first + scope.index:0{width}d}" for name, (first, width) in self._serials if name in row}
        return {**row, **numbers} if numbers else row

    @cached_property
    def _serials(self) -> list[tuple[str, tuple[int, int]]]:
        """Members such as `CaseNumber`, in which the platform counts its records: the first, and how wide."""
        found: dict[str, list[str]] = {}
        for example in self.home.endpoint.examples:
            for name, value in example.items() if isinstance(example, Mapping) else ():
                if isinstance(value, str) and _COUNTED.fullmatch(name) and _NUMBER.fullmatch(value):
                    found.setdefault(name, []).append(value)
        return [(name, (int(some[0]), len(some[0]))) for name, some in found.items() if len({*some}) == len(some)]

    @cached_property
    def _extra(self) -> tuple[Maker, ...]:
        """Makers of what only an item shows of itself, and its list does not."""
        if self.endpoint is self.home.endpoint or not self.endpoint.examples or self.endpoint.kind != "item":
            return ()
        return makers_for(self.home, self.endpoint)

    def _likes(self, scope: Scope, makers: Sequence[Maker]) -> list[Json]:
        return [*(make(scope) for make in self._extra), *(make(scope) for make in makers[1:])]


def _turned(makers: tuple[Maker, ...], turn: int) -> tuple[Maker, ...]:
    """The makers, the one that is due first."""
    turn %= len(makers)
    return makers[turn:] + makers[:turn] if turn else makers


Addition = tuple[str, Make, int, int]
"""Dotted path, maker, how often it is there out of 2**64, salt."""


def additions(home: Declared, contract: Contract) -> list[Addition]:
    """Optional members that the contract has, and neither the examples nor the packaged contract."""
    assert home.contract is not None
    known = _packaged(home.id)
    if known == contract.schema:
        return []
    examples = [dict(example) for example in (*home.endpoint.examples, *home.home.endpoint.examples)]
    before = [] if known is None else Schemas(home.id, known).at(home.place.steps)
    found: list[Addition] = []
    _collect(home.contract, home.contract.schema, examples, [dict(one) for one in before], (), found)
    return found


def _collect(
    about: OfContract,
    schema: Json,
    examples: Sequence[Mapping[str, Json]],
    before: Sequence[Mapping[str, Json]],
    path: tuple[str, ...],
    found: list[Addition],
) -> None:
    flat: Mapping[str, Any] = about.schemas.flat(schema)
    for name, inner in flat.get("properties", {}).items():
        here, pointer = (*path, name), f"{about.pointer}/{'/'.join((*path, name))}"
        beneath = [example[name] for example in examples if name in example]
        packaged = [one["properties"][name] for one in before if name in one.get("properties", {})]
        if beneath:
            objects = [one for one in beneath if isinstance(one, Mapping)]
            if objects and len(path) < 4:
                _collect(about, inner, objects, [one for one in packaged if isinstance(one, dict)], here, found)
        elif not packaged and name not in flat.get("required", ()) and inner is not False:
            share = about.making.share(pointer, len(path))
            make = about.making.make(inner, here, pointer)
            found.append((".".join(here), make, int(share * _WHOLE), salt("added", *here)))


@lru_cache(maxsize=512)
def _packaged(id: str) -> Mapping[str, Any] | None:
    """The schema of the packaged contract: kept, since it never changes."""
    path: Path = reference("contracts") / f"{shared_id(id)}.schema.json"
    try:
        return Contract.load(path).schema
    except ContractError:
        return None
