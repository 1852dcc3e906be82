"""Log lines: ours, on stderr, at the level asked for, and never with a secret."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from bi_contracts.cli.logs import configure
from bi_contracts.errors import ConfigurationError

OURS = logging.getLogger("bi_contracts")


@pytest.fixture(autouse=True)
def left_as_it_was() -> Iterator[None]:
    """Logging is the process's: what a test sets must not stay."""
    kept = OURS.level, OURS.propagate, list(OURS.handlers)
    yield
    OURS.setLevel(kept[0])
    OURS.propagate = kept[1]
    OURS.handlers[:] = kept[2]


def test_nothing_is_logged_unless_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    """No level, no lines."""
    configure({})
    OURS.info("a line")
    assert capsys.readouterr().err == ""


def test_lines_of_the_level_are_shown_and_lower_ones_are_not(capsys: pytest.CaptureFixture[str]) -> None:
    """The level is a floor, in either case of letters."""
    configure({"LOG_LEVEL": "info"})
    logging.getLogger("bi_contracts.client").info("gong/calls: GET /v2/calls -> HTTP 200")
    OURS.debug("too much")
    shown = capsys.readouterr().err
    assert "INFO bi_contracts.client: gong/calls: GET /v2/calls -> HTTP 200" in shown
    assert "too much" not in shown


def test_no_secret_is_logged(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever logs a token or an address: it is masked on its way out."""
    configure({"LOG_LEVEL": "DEBUG"})
    OURS.warning("sent xoxb-123456789012-abcdefghijklmnop for %s", "ava.lindqvist@lindqvist-works.com")
    shown = capsys.readouterr().err
    assert "abcdefghijklmnop" not in shown
    assert "ava.lindqvist" not in shown


def test_a_level_that_is_none_is_refused() -> None:
    """The message lists those that are."""
    with pytest.raises(ConfigurationError, match="LOG_LEVEL: 'LOUD' is no level; choose one of DEBUG"):
        configure({"LOG_LEVEL": "loud"})
