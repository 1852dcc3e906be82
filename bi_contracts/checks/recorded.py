"""Checks of a recording: it keeps its contract, its rows can be told apart, and all of it can be replayed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from ..errors import CassetteMiss, ContractViolated, Failure
from ..interaction import Envelope
from ..paths import Json, dig
from ..platform import Endpoint

if TYPE_CHECKING:
    from ..contract import Contract, Violation


class KeysNotUnique(Failure):
    """Two rows of one read have the same key, or a row has none."""


class PagesMissing(Failure):
    """Reading again did not ask for everything that was recorded."""


def violations(contract: Contract, responses: Iterable[Envelope]) -> list[Violation]:
    """Every violation in every response, in order."""
    return [violation for response in responses for violation in contract.violations(response)]


def contract_holds(contract: Contract, responses: Iterable[Envelope]) -> None:
    """Raises `ContractViolated` naming the first violations."""
    found = violations(contract, responses)
    if found:
        lines = "\n".join(f"  {violation.path}: {violation.message}" for violation in islice(found, 5))
        more = f"\n  and {len(found) - 5} more" if len(found) > 5 else ""
        raise ContractViolated(f"{contract.id}: {len(found)} violations of the contract\n{lines}{more}")


def keys_unique(endpoint: Endpoint, rows: Sequence[Json]) -> None:
    """Raises `KeysNotUnique` where rows of one read lack the declared key or share it."""
    if endpoint.kind != "list":
        return
    keys = [json.dumps(dig(row, endpoint.key)) for row in rows]
    missing = keys.count("null")
    if missing:
        raise KeysNotUnique(f"{endpoint.name}: {missing} of {len(rows)} rows have no {endpoint.key}")
    shared = sum(count > 1 for count in Counter(keys).values())
    if shared:
        raise KeysNotUnique(f"{endpoint.name}: {shared} of {len(set(keys))} keys stand on more than one row")


def everything_asked(id: str, unused: int, misses: Sequence[CassetteMiss]) -> None:
    """Raises `PagesMissing` where recorded answers were not asked for; a miss on the way says why."""
    if unused:
        why = "".join(f"\n  {miss}" for miss in misses[:1])
        raise PagesMissing(f"{id}: {unused} recorded answers were never asked for{why}")
