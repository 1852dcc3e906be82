"""Intercom: versions, companies that are listed or scrolled, contacts, tags and replies that are written."""

from __future__ import annotations

from .desk import Desk

__all__ = ["Desk"]
