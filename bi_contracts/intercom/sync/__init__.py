"""Sync: what changed in Intercom is found, fetched within the rate limit, and written batch by batch."""

from __future__ import annotations

from .api import Intercom
from .engine import refetch, sync
from .outcome import Synced
from .progress import Progress, Step
from .settings import SyncSettings

__all__ = ["Intercom", "Progress", "Step", "SyncSettings", "Synced", "refetch", "sync"]
