"""Writes batches: everything of one is kept, counters, coverage and cursors included, or nothing."""

from __future__ import annotations

from .batch import Batch

__all__ = ["Batch"]
