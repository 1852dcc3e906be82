"""Parsed and indexed cassettes, kept while their files stay the same: a test suite reads each file once."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from ..redact import DEFAULT, Policy
from .index import Index
from .store import Cassette, load

_MOST = 256
_Stamp = tuple[str, int, int]
"""Path, time of change in nanoseconds, size in bytes."""


def cassette_at(path: str | Path) -> Cassette:
    """The cassette in a file, parsed once for each state of the file. Raises as `store.load` does."""
    return _cassette(_stamp(path))


def index_of(paths: Sequence[str | Path], policy: Policy = DEFAULT) -> Index:
    """One index over the cassettes in these files, in this order. Raises as `store.load` does."""
    stamps = tuple(map(_stamp, paths))
    return _index(stamps[0], policy) if len(stamps) == 1 else _merged(stamps, policy)


def _stamp(path: str | Path) -> _Stamp:
    try:
        found = os.stat(path)
    except OSError:
        load(path)  # says what is wrong
        raise
    return str(path), found.st_mtime_ns, found.st_size


@lru_cache(maxsize=_MOST)
def _cassette(stamp: _Stamp) -> Cassette:
    return load(stamp[0])


@lru_cache(maxsize=_MOST)
def _index(stamp: _Stamp, policy: Policy) -> Index:
    return Index(_cassette(stamp).interactions, policy)


@lru_cache(maxsize=_MOST)
def _merged(stamps: tuple[_Stamp, ...], policy: Policy) -> Index:
    return Index.merged((_index(stamp, policy) for stamp in stamps), policy)
