"""Asana: tasks by what they belong to, lists under several paths, searches, events, batches."""

from __future__ import annotations

from .behaviour import Behaviour

__all__ = ["Behaviour"]
