"""The sandbox's own time: it can be moved, and everything that tells the time follows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bi_contracts.errors import ConfigurationError
from bi_contracts.sandbox import Clock
from bi_contracts.sandbox.clock import LATEST, http_date, iso, moment_of

from .made_up import Shop


def test_a_clock_follows_the_one_it_is_given() -> None:
    """Moved, it stays as far ahead; frozen, it stands; let go, it goes on from there."""
    wall = [1000.0]
    clock = Clock(lambda: wall[0])
    assert clock() == 1000
    clock.set(5000)
    wall[0] += 10
    assert clock() == 5010
    clock.advance(-10)
    clock.freeze()
    wall[0] += 100
    assert clock() == 5000
    clock.advance(60)
    assert clock() == 5060
    clock.run()
    wall[0] += 1
    assert clock() == 5061
    clock.run()
    assert clock() == 5061
    clock.freeze(7.5)
    assert clock() == 7.5


@pytest.mark.parametrize("moment", [-20.0, LATEST + 1, float("nan"), float("inf")])
def test_a_time_that_cannot_be_written_is_refused(moment: float) -> None:
    """The clock stays where it was."""
    clock = Clock(lambda: 10.0)
    for move in (clock.set, clock.advance, clock.freeze):
        with pytest.raises(ConfigurationError, match="between 1970 and 9999"):
            move(moment)
    assert clock() == 10


@pytest.mark.parametrize(
    ("given_", "moment"),
    [
        ("2026-03-01T09:00:00Z", 1772355600),
        ("2026-03-01T10:00:00+01:00", 1772355600),
        ("2026-03-01 09:00", 1772355600),
        ("2026-03-01", 1772323200),
        ("1772323200.5", 1772323200.5),
        (1772323200, 1772323200),
    ],
)
def test_moments_are_read(given_: str | float, moment: float) -> None:
    """ISO 8601, UTC where no zone is named, or Unix seconds."""
    assert moment_of(given_) == moment


@pytest.mark.parametrize("text", ["", "soon", "2026-13-01", "nan", "1e400", "-5", "0001-01-01T00:00:00+14:00"])
def test_what_is_no_moment_is_an_error(text: str) -> None:
    """It says how to write one."""
    with pytest.raises(ConfigurationError, match="time"):
        moment_of(text)


@given(st.floats(0, LATEST))
def test_every_moment_can_be_written_and_read_back(moment: float) -> None:
    """To the millisecond."""
    assert abs(moment_of(iso(moment)) - moment) < 0.0011


def test_http_dates_are_those_of_rfc_9110() -> None:
    """Twice the same moment, then another."""
    assert [http_date(moment) for moment in (784111777.9, 784111777.0, 0.0)] == [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Thu, 01 Jan 1970 00:00:00 GMT",
    ]


def test_answers_windows_and_desks_follow_the_clock() -> None:
    """`Date`, the reset of a rate limit, and what time a platform thinks it is."""
    shop = Shop()
    shop.sandbox.limit("shop", 1, 60)
    shop.sandbox.clock.set(1_772_323_200)
    answer = shop.get("/users/me")
    assert answer.headers["date"] == "Sun, 01 Mar 2026 00:00:00 GMT"
    assert answer.headers["x-reset"] == "1772323260"
    assert shop.get("/users/me").status_code == 429
    shop.sandbox.clock.advance(60)
    assert shop.get("/users/me").status_code == 200
    shop.sandbox.clock.advance(-86_400)
    assert shop.get("/users/me").status_code == 200
    assert shop.sandbox.world.clock() == shop.sandbox.now() == 1_772_323_260 - 86_400
