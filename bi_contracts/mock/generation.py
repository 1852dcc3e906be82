"""Mock data of an endpoint: the one way in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache

from ..contract import Contract
from ..dialects import ErrorKind
from ..errors import ConfigurationError, ContractNotFound, InvalidContract
from ..interaction import Envelope
from ..paths import Json, dig
from ..platform import Endpoint, Platform
from ..sandbox.keys import mix, salt
from .answers import Answers
from .records import Declared, Records, Undeclared
from .spoiling import kinds_of, spoilt
from .tables import Tables
from .texts import Values, kind_of
from .value import SCENARIOS, Mock

LARGEST = 10_000_000
"""Records that are made at a time."""


def records(
    platform: Platform | None,
    endpoint: Endpoint | None,
    contract: Contract | None,
    n: int = 10,
    seed: str | int = "bi",
    *,
    quality: float = 1.0,
    scenario: str = "success",
    defects: Sequence[str] = (),
    each: int = 1,
    error: str = "",
) -> Mock:
    """Mock records of an endpoint: a pure function of seed, endpoint and n, the same bytes everywhere.

    Endpoints that are asked with the same n and seed are one consistent set: references between them hold, and the
    same person is the same in all of them.

    Args:
        platform: Whose endpoint it is; None for one that nobody declares.
        endpoint: The declared endpoint; None goes by the contract alone.
        contract: What every record keeps; None goes by the declaration alone.
        n: How many, 0 or more. An identity (`who am I`) has one at most.
        seed: The same seed gives the same records.
        quality: The share of records without a defect.
        scenario: `success`; `empty`; `partial`, where the answers break off after half of the records and optional
            fields are missing; `error`, where the platform says no.
        defects: Which kinds of defects there may be; all that apply where none is named.
        each: Defects of a record that has any.
        error: With `error`: `unauthorized`, `forbidden`, `not-found`, `bad-request`, `rate-limited`, `server-error`.

    Raises `ConfigurationError` for numbers and words that are none of these and for defects that cannot be,
    `ContractNotFound` where there is neither declaration nor contract, `InvalidContract` for a contract that no
    record can keep.
    """
    _approve(n, seed, quality, scenario, each)
    kinds_of(defects)
    kind = _error_kind(error, scenario)
    word = str(seed)
    tables = _tables(word, n)
    with _within_reason(contract):
        rows = _rows(platform, endpoint, contract, tables)
        values = Values(tables.entities, kind_of(rows.id), max(1, n), rows.seed)
        answers = Answers(rows, contract, values, tables.present, word)
        made, total = _made(rows, scenario)
        share = round(1 - quality, 12) if made else 0.0
        found, wrong = spoilt(rows, made, tables.present, share, defects, each)
    return Mock(
        rows.id,
        found,
        word,
        tables.present,
        quality,
        scenario,
        wrong,
        pages=lambda mock: _pages(answers, mock, total, kind),
        whole=lambda mock: _whole(answers, mock, total, kind),
    )


def stream(
    platform: Platform | None, endpoint: Endpoint | None, contract: Contract | None, n: int, seed: str | int = "bi"
) -> Iterator[Json]:
    """The records that `records` makes, one after the other and none kept: memory does not grow with their number.

    Raises as `records` does.
    """
    _approve(n, seed, 1.0, "success", 1)
    with _within_reason(contract):
        rows = _rows(platform, endpoint, contract, _tables(str(seed), n))
        for index in range(rows.size):
            yield rows.record(index)


@contextmanager
def _within_reason(contract: Contract | None) -> Iterator[None]:
    """A contract that is nested, or has numbers, beyond what this machine reckons with is one that cannot be kept."""
    try:
        yield
    except (RecursionError, OverflowError) as error:
        if contract is None:
            raise
        raise InvalidContract(f"{contract.id}: too deep or too large to make values of: {error}") from None


def _pages(answers: Answers, mock: Mock, total: int, kind: str) -> tuple[Envelope, ...]:
    if mock.scenario == "error":
        return answers.error(kind)
    if not mock.records:
        return answers.empty()
    return answers.of(mock.records, total, complete=mock.scenario != "partial")


def _whole(answers: Answers, mock: Mock, total: int, kind: str) -> Envelope | None:
    many = answers.records.place.many
    if not many and mock.records:
        return None
    if mock.scenario == "success" and many:
        return answers.one(mock.records)
    pages = _pages(answers, mock, total, kind)
    if not pages:
        return None
    return answers.holding(pages[-1], mock.records) if mock.records else pages[0]


def _made(rows: Records, scenario: str) -> tuple[list[Json], int]:
    """The records of a scenario, and out of how many."""
    match scenario:
        case "error":
            return [], rows.size
        case "empty" if not (isinstance(rows, Declared) and rows.endpoint.kind == "identity"):
            return [], 0
        case "partial":
            half = -(-rows.size // 2)
            return [thinned(rows, rows.record(index), index) for index in range(half)], rows.size
    return [rows.record(index) for index in range(rows.size)], rows.size


def thinned(rows: Records, record: Json, index: int) -> Json:
    """The record without some of the members that it may do without."""
    if not isinstance(record, dict):
        return record
    top = rows.key.partition(".")[0]
    found = record
    for name in record:
        if name == top or mix(rows.bits(index), salt("thin", name)) % 2:
            continue
        less = {other: value for other, value in found.items() if other != name}
        if rows.keeps(less) and dig(less, rows.key) == dig(record, rows.key):
            found = less
    return found


def _rows(platform: Platform | None, endpoint: Endpoint | None, contract: Contract | None, tables: Tables) -> Records:
    if platform is not None and endpoint is not None and (endpoint.kind != "write" or contract is None):
        if endpoint.kind == "write":
            raise ContractNotFound(f"{platform.id(endpoint)} is a write: mock data are of what is read")
        return Declared(platform, endpoint, contract, tables)
    if contract is None:
        raise ContractNotFound("there is neither a declaration nor a contract to make mock data from")
    return Undeclared(contract, tables)


@lru_cache(maxsize=4)
def _tables(seed: str, n: int) -> Tables:
    """The tables of a seed: kept, since a set of files is made endpoint by endpoint."""
    return Tables(seed, n)


def _approve(n: int, seed: str | int, quality: float, scenario: str, each: int) -> None:
    if not 0 <= n <= LARGEST:
        raise ConfigurationError(f"n must be between 0 and {LARGEST}, not {n}")
    if not 0 <= quality <= 1:
        raise ConfigurationError(f"quality must be between 0 and 1, not {quality}")
    if scenario not in SCENARIOS:
        raise ConfigurationError(f"there is no scenario {scenario!r}; known are {', '.join(SCENARIOS)}")
    if str(seed).encode("utf-8", "replace").decode() != str(seed):
        raise ConfigurationError("the seed holds bytes that are no UTF-8")
    if each < 1:
        raise ConfigurationError(f"a defective record has 1 defect or more, not {each}")


def _error_kind(error: str, scenario: str) -> str:
    if not error:
        return ""
    if scenario != "error":
        raise ConfigurationError("an error is named with the scenario error")
    word = error.replace("-", "_")
    known = [kind.value for kind in ErrorKind]
    if word not in known:
        names = ", ".join(one.replace("_", "-") for one in known)
        raise ConfigurationError(f"there is no error {error!r}; known are {names}")
    return word
