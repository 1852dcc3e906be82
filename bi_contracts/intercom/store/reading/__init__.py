"""What a store answers. Every function takes a connection of SQLAlchemy, to SQLite or PostgreSQL."""

from __future__ import annotations

from .contact import contact
from .conversation import conversation
from .cursors import CursorRefused
from .notes import dead_letters, drift_notes
from .search import search
from .status import status
from .tickets import tickets

__all__ = [
    "CursorRefused",
    "contact",
    "conversation",
    "dead_letters",
    "drift_notes",
    "search",
    "status",
    "tickets",
]
