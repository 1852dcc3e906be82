"""The phases of a run, one module each."""

from __future__ import annotations

PHASES = ("connection", "data flow", "workflow", "resilience", "load", "health")
"""In the order in which they run."""
