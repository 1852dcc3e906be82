"""How long a question may take. What was found until then is answered."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

_STEPS = 200
"""Steps of SQLite's virtual machine between two looks at the clock: some hundredths of a millisecond."""


class OutOfTime(Exception):
    """A statement was ended before it was done."""


class Budget:
    """Seconds that a question may take, counted from here on."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.perf_counter) -> None:
        self.seconds = seconds
        self._clock = clock
        self._end = clock() + seconds

    @property
    def left(self) -> float:
        """Seconds, below 0 where it is spent."""
        return self._end - self._clock()

    @property
    def spent(self) -> bool:
        """Whether nothing is left."""
        return self.left <= 0

    @contextmanager
    def over(self, connection: Connection) -> Iterator[None]:
        """Ends a statement that is still running when the budget is spent. Raises `OutOfTime` then."""
        if self.spent:
            raise OutOfTime
        watched = _sqlite if connection.dialect.name == "sqlite" else _postgresql
        with watched(connection, self):
            yield


@contextmanager
def _sqlite(connection: Connection, budget: Budget) -> Iterator[None]:
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.set_progress_handler(lambda: budget.spent, _STEPS)
    try:
        yield
    except DBAPIError as error:
        if "interrupted" not in str(error.orig):
            raise
        raise OutOfTime from None
    finally:
        driver.set_progress_handler(None, 0)


@contextmanager
def _postgresql(connection: Connection, budget: Budget) -> Iterator[None]:
    try:
        with connection.begin_nested():  # only the statement is lost, not the transaction
            limit = max(1, round(budget.left * 1000))
            connection.execute(text("SELECT set_config('statement_timeout', :limit, true)"), {"limit": str(limit)})
            yield
            connection.execute(text("SELECT set_config('statement_timeout', '0', true)"))
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", "") != _QUERY_CANCELED:
            raise
        raise OutOfTime from None


_QUERY_CANCELED = "57014"
