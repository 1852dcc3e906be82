"""Imported interactions into cassettes: new ones, and ones that an earlier import wrote."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ...errors import CassetteError, CassetteNotFound
from ...interaction import Interaction, Source
from ...redact import redact_text
from ..store import LARGEST, Cassette, Provenance, load, read, tool_version, write
from .naming import api_versions


@dataclass(frozen=True, slots=True)
class Item:
    """An interaction and where it comes from: file, format, number in the file."""

    file: str
    format: str
    number: int
    interaction: Interaction


def compose(path: Path, items: Sequence[Item]) -> str:
    """The text of the cassette: what an earlier import left in the file, then the interactions that are new.

    Raises `CassetteError` where the file holds a recording of another source, cannot be read, or would become larger
    than `load` reads.
    """
    notes = {_origin(item.format, item.file) for item in items}
    interactions = [item.interaction for item in items]
    earlier = _earlier(path)
    if earlier is not None:
        interactions = _added(earlier, interactions)
        notes |= set(earlier.provenance.note.removeprefix(_NOTE).split(_BETWEEN))
    text = write(_cassette(interactions, notes))
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > LARGEST:
        raise CassetteError(
            f"the cassette {path.name} would have {size / 2**20:.0f} MB and cassettes over {LARGEST / 2**20:.0f} MB "
            "are not read; import fewer files into it, or shorten them"
        )
    return text


_NOTE = "imported: "
_BETWEEN = "; "


def _origin(format: str, file: str) -> str:
    """Where an interaction comes from; file names may name people too."""
    return redact_text(f"{format} {file}".replace(";", "_"))


def _earlier(path: Path) -> Cassette | None:
    try:
        cassette = load(path)
    except CassetteNotFound:
        return None
    if cassette.provenance.source is not Source.IMPORTED:
        raise CassetteError(
            f"{path.name} is there already and was not imported (source: {cassette.provenance.source}); "
            "import into another folder, or move it away first"
        )
    return cassette


def _added(earlier: Cassette, interactions: list[Interaction]) -> list[Interaction]:
    """The earlier interactions and those of the new ones that are not among them. An exchange that was recorded
    twice stands there twice."""
    there = Counter((one.request, one.response) for one in earlier.interactions)
    added = list(earlier.interactions)
    # The file lays bodies out: compare what reading it would give.
    for one in read(write(_cassette(interactions, set()))).interactions:
        if there[one.request, one.response]:
            there[one.request, one.response] -= 1
        else:
            added.append(one)
    return added


def _cassette(interactions: Sequence[Interaction], notes: set[str]) -> Cassette:
    ids = {one.endpoint for one in interactions}
    provenance = Provenance(
        source=Source.IMPORTED,
        recorded_at=_latest(interactions),
        tool_version=tool_version(),
        api_version=api_versions(list(interactions)),
        endpoint=ids.pop() if len(ids) == 1 else "",
        note=_NOTE + _BETWEEN.join(sorted(notes)),
    )
    return Cassette(provenance, tuple(interactions))


def _latest(interactions: Sequence[Interaction]) -> datetime | None:
    """When the last one was recorded; None unless all say so, since those that do not would inherit it."""
    moments = [one.recorded_at for one in interactions if one.recorded_at]
    return max(moments) if moments and len(moments) == len(interactions) else None
