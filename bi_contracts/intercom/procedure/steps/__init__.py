"""The eight steps, in order, and what each needs to have gone well before it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from importlib import import_module

from ..context import Context
from ..line import CLEANUP, CONNECTION, DATABASE, ENVIRONMENT, INTEGRITY, PERFORMANCE, SERVER, SYNC


@dataclass(frozen=True, slots=True)
class Step:
    """A step.

    Attributes:
        name: As the report of its time calls it.
        section: Where its lines stand.
        module: Where it is written.
        needs: Section that must not have failed -> why it is skipped otherwise.
        line: What is said to have failed where the step itself could not be done.
    """

    name: str
    section: str
    module: str
    needs: Mapping[str, str]
    line: str

    @property
    def run(self) -> Callable[[Context], Awaitable[None]]:
        """What does it."""
        found: Callable[[Context], Awaitable[None]] = import_module(f".{self.module}", __package__).run
        return found


_CONNECTED = {ENVIRONMENT: "Skipped due to environment failure", CONNECTION: "Skipped due to API failure"}
_STORED = {**_CONNECTED, DATABASE: "Skipped due to database failure"}
_NO_DATA = "Skipped due to data unavailability"
_SYNCED = dict.fromkeys((ENVIRONMENT, CONNECTION, DATABASE, SYNC), _NO_DATA)

STEPS = (
    Step("environment", ENVIRONMENT, "environment", {}, "API Workspace"),
    Step(
        "API connection",
        CONNECTION,
        "connection",
        {ENVIRONMENT: "Skipped due to environment failure"},
        "Status",
    ),
    Step("database", DATABASE, "database", {ENVIRONMENT: "Skipped due to environment failure"}, DATABASE),
    Step("data sync", SYNC, "syncing", _STORED, "Conversations"),
    Step("data integrity", INTEGRITY, "integrity", _SYNCED, "Schema Validation"),
    Step("MCP server", SERVER, "server", _SYNCED, "Startup"),
    Step("queries", SERVER, "queries", _SYNCED, "search_conversations"),
    Step("performance", PERFORMANCE, "performance", _SYNCED, "Query Response"),
    Step("cleanup", CLEANUP, "cleanup", {}, "Temp Files"),
)
"""Checking what was synced is a part of the fourth step in the report's model, and stands by itself here."""
