"""Recordings that others made: one file per format, found by content, open to third parties.

Built-in formats come in through the same hook as third parties': entry points of the group
`bi_contracts.importers`, each of which names an `Importer`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from .base import HEAD, Importer, Refused, Unusable

GROUP = "bi_contracts.importers"

BUILT_IN = tuple(
    EntryPoint(name, f"{__name__}.{module}:IMPORTER", GROUP)
    for name, module in (
        ("vcrpy", "vcrpy"),
        ("ruby-vcr", "ruby_vcr"),
        ("har", "har"),
        ("nango", "nango"),
        ("jsonl", "jsonl"),
    )
)


@dataclass(frozen=True, slots=True)
class Importers:
    """The formats that can be read, in the order they are asked; `broken` says which could not be loaded and why."""

    formats: tuple[Importer, ...]
    broken: tuple[str, ...] = ()

    def of(self, head: bytes, path: Path) -> Importer | None:
        """The first format that knows the content."""
        return next((item for item in self.formats if _knows(item, head, path)), None)


def load_importers(points: Iterable[EntryPoint] | None = None) -> Importers:
    """The built-in formats, then those of third parties. One that does not load is reported, the others work."""
    formats: list[Importer] = []
    broken: list[str] = []
    for point in (*BUILT_IN, *(entry_points(group=GROUP) if points is None else points)):
        try:
            found = point.load()
        except Exception as error:  # whatever a third party's module raises when imported
            broken.append(f"importer {point.name!r} ({point.value}) does not load: {type(error).__name__}: {error}")
            continue
        if all(hasattr(found, wanted) for wanted in ("name", "sniff", "read")):
            formats.append(found)
        else:
            broken.append(f"importer {point.name!r} ({point.value}) has no name, sniff and read")
    return Importers(tuple(formats), tuple(broken))


def _knows(item: Importer, head: bytes, path: Path) -> bool:
    try:
        return bool(item.sniff(head, path))
    except Exception:  # a third party's sniffer must not stop the others
        return False


__all__ = ["BUILT_IN", "GROUP", "HEAD", "Importer", "Importers", "Refused", "Unusable", "load_importers"]
