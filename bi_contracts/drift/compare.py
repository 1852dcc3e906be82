"""Fresh responses held against a contract."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ..contract import Contract
from ..contract.observation import DISCRIMINATORS, VARIANTS, Folding, observe
from ..contract.responses import as_envelopes
from ..contract.shape import Shape, walk
from ..interaction import Envelope, Source
from .facts import flatten
from .report import Change, DriftReport
from .verdict import judge, judge_at


def compare(contract: Contract, responses: Iterable[Envelope], *, source: Source | str = Source.UNKNOWN) -> DriftReport:
    """What changed in the shape of the responses, how bad that is, and on how much evidence.

    The samples are counted against the contract's counts. No response at all gives a report whose `ran` is False.
    Raises ConfigurationError for a malformed response, InvalidContract for a contract that is no JSON Schema.
    """
    contract.validation.check(contract.id)
    shape = contract.shape
    node = observe(as_envelopes(responses), _folding(shape))
    changes = judge(flatten(shape, node)) if node.count else ()
    return DriftReport(contract.id, changes, node.count, str(source), contract.evidence.samples or None)


def compare_at(contract: Contract, responses: Iterable[Envelope], paths: Collection[str]) -> tuple[Change, ...]:
    """What changed in presence and types at some paths (JSON Pointers as in `Change.path`), and nowhere else.

    For whoever knows already where to look, and looks often: nothing is compiled, and no deepdiff is loaded.
    """
    node = observe(as_envelopes(responses), _folding(contract.shape))
    return judge_at(flatten(contract.shape, node), paths) if node.count else ()


def _folding(shape: Shape) -> Folding:
    """Keep apart what the contract keeps apart, whatever it calls its discriminators."""
    unions = [found.union for _, found, _ in walk(shape) if found.union is not None]
    keys = {union.key for union in unions} - {"status", "ok", "errors"}
    most = max((len(union.variants) for union in unions), default=0)
    return Folding(DISCRIMINATORS | keys, max(VARIANTS, 4 * most))
