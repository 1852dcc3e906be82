"""For test suites: `conformance` makes a test class, the pytest plugin's fixture `bi` is a `Bound`."""

from __future__ import annotations

from .conformance import conformance

__all__ = ["conformance"]
