"""Slack: arguments in any place, scopes, threads, what an app may write."""

from __future__ import annotations

from .behaviour import Behaviour

__all__ = ["Behaviour"]
