"""Other libraries log the addresses that they send to, and here an address may be a secret."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache

_SENDING: ContextVar[bool] = ContextVar("sending", default=False)


class _WhileSending(logging.Filter):
    """Drops what is logged by the task that sends."""

    def filter(self, record: logging.LogRecord) -> bool:  # noqa: ARG002
        return not _SENDING.get()


class _Always(logging.Filter):
    """Drops everything: threads that somebody else starts know nothing of our task."""

    def filter(self, record: logging.LogRecord) -> bool:  # noqa: ARG002
        return False


@cache
def mute_for_good(name: str) -> None:
    """From now on nothing of that logger is passed on."""
    logging.getLogger(name).addFilter(_Always())


@contextmanager
def muted(name: str) -> Iterator[None]:
    """Nothing that this task logs to that logger is passed on, for as long as the block lasts."""
    _installed(name)
    token = _SENDING.set(True)
    try:
        yield
    finally:
        _SENDING.reset(token)


@cache
def _installed(name: str) -> None:
    logging.getLogger(name).addFilter(_WhileSending())
