"""SQL that is compiled once for all of the many small stores of a test run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from sqlalchemy import Engine

from bi_contracts.intercom.store import sqlite


@contextmanager
def compiled_once() -> Iterator[None]:
    """Stores in files share what SQLAlchemy compiled: every engine would do it anew, which takes most of its time."""
    make, first = sqlite.create_engine, list[Engine]()

    def made(*arguments: Any, **named: Any) -> Engine:
        engine = make(*arguments, **named)
        first[:] = first or [engine]
        engine.dialect, engine._compiled_cache = first[0].dialect, first[0]._compiled_cache
        return engine

    with mock.patch.object(sqlite, "create_engine", made):
        yield
