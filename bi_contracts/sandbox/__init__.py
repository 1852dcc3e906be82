"""The sandbox: answers as the declared APIs do, from the same declarations that the client reads."""

from __future__ import annotations

from .clock import Clock
from .engine import Sandbox
from .evolution import Evolution
from .faults import Fault
from .world import World

__all__ = ["Clock", "Evolution", "Fault", "Sandbox", "World"]
