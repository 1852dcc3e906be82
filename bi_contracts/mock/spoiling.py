"""Which records are spoilt, and how: as many as the quality asks for, spread over the kinds of defects."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from ..errors import ConfigurationError
from ..paths import Json
from ..sandbox.keys import Shuffle, mix, salt
from .defects import Change, Path, Spoiler, changed, pointer
from .records import Records
from .value import DEFECTS, Defect

PROBED = 24
"""Records that are looked at before a kind of defect is said not to apply."""


def kinds_of(asked: Sequence[str]) -> tuple[str, ...]:
    """The kinds of defects that were asked for, all where none was. Raises `ConfigurationError` for an unknown one."""
    for kind in asked:
        if kind not in DEFECTS:
            near = get_close_matches(kind, DEFECTS, n=1, cutoff=0.4)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(DEFECTS)}."
            raise ConfigurationError(f"there is no defect {kind!r}: {hint}")
    return tuple(dict.fromkeys(asked)) or DEFECTS


def spoilt(
    records: Records, clean: Sequence[Json], present: float, share: float, asked: Sequence[str], each: int
) -> tuple[tuple[Json, ...], tuple[Defect, ...]]:
    """The records, a share of them spoilt, and what is wrong with them.

    Raises `ConfigurationError` for a kind of defect that was asked for and that no record can have.
    """
    kinds, size = kinds_of(asked), len(clean)
    wanted = int(share * size + 0.5)
    if not wanted:
        return tuple(clean), ()
    shuffle = Shuffle.make(size, salt(records.seed, "spoilt"))
    order = [shuffle.there(index) for index in range(size)]
    spoiler = Spoiler(records, present, order[wanted:] or order[-1:])
    usable = _usable(spoiler, clean, order, kinds)
    refused = [kind for kind in asked if kind not in usable]
    if refused:
        raise ConfigurationError(f"{records.id}: {_reason(refused[0])}; leave out --defect {refused[0]}")
    return _spread(spoiler, clean, order, wanted, usable, each)


def _spread(
    spoiler: Spoiler, clean: Sequence[Json], order: Sequence[int], wanted: int, kinds: Sequence[str], each: int
) -> tuple[tuple[Json, ...], tuple[Defect, ...]]:
    found, defects, number = list(clean), [], 0
    for index in order:
        if number == wanted:
            break
        record, made = clean[index], []
        for kind, (path, value) in _changes(spoiler, index, record, kinds, number, each):
            found[index] = changed(found[index], path, value)
            made.append(Defect(index, pointer(path), kind))
        number += bool(made)
        defects += made
    return tuple(found), tuple(sorted(defects, key=lambda one: (one.record, one.path)))


def _changes(
    spoiler: Spoiler, index: int, record: Json, kinds: Sequence[str], number: int, each: int
) -> list[tuple[str, Change]]:
    """So many changes of one record, of different kinds in turn, each at a place of its own."""
    found: list[tuple[str, Change]] = []
    beside: list[Path] = []
    for turn in range(len(kinds)):
        if len(found) == each:
            break
        kind = kinds[(number + turn) % len(kinds)]
        change = spoiler.change(kind, index, record, mix(spoiler.records.bits(index), salt(kind)), beside)
        if change is not None:
            found.append((kind, change))
            beside.append(change[0])
    return found


def _usable(spoiler: Spoiler, clean: Sequence[Json], order: Sequence[int], kinds: Sequence[str]) -> tuple[str, ...]:
    """The kinds that some record can have."""
    looked = [(index, clean[index], spoiler.records.bits(index)) for index in order[:PROBED]]
    return tuple(kind for kind in kinds if any(spoiler.change(kind, *one) is not None for one in looked))


def _reason(kind: str) -> str:
    return {
        "missing-field": "its contract requires no field, so that none can be missing",
        "wrong-type": "its contract fixes no type, so that none can be wrong",
        "duplicate-id": "its records have no key that a second one could repeat",
        "dangling-reference": "its records refer to no other list",
        "stale-timestamp": "its records hold no time",
        "malformed-email": "its records hold no e-mail address",
    }[kind]
