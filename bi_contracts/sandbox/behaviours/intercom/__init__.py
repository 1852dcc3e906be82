"""Intercom: versions, companies that are listed or scrolled, contacts, tags and replies that are written."""

from __future__ import annotations

from .behaviour import Behaviour

__all__ = ["Behaviour"]
