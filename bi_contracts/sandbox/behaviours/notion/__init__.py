"""Notion: versions, ids that are UUIDs, blocks below blocks, pages and comments that are written."""

from __future__ import annotations

from .behaviour import Behaviour

__all__ = ["Behaviour"]
