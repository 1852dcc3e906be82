"""What a run of the procedure is asked to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from .targets import TARGETS, Target

Mode = Literal["sandbox", "live", "replay"]

TIMEOUT = 300.0
"""Seconds for the whole procedure."""

ROWS = 120
"""Conversations of a sandbox that is made for a run."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run is asked to do.

    Attributes:
        folder: Where the run's own folder is made.
        mode: Who answers.
        url: Where a sandbox is served that answers, "" for none.
        days: Conversations updated in the last so many days.
        max_conversations: At most so many, the newest; 0 for all.
        server: Another MCP server's command line, () for our own.
        performance: Whether the metrics are printed by themselves, and drawn.
        record: Where the traffic is kept, None for nowhere.
        keep: Leave the run's folder as it is.
        timeout: Seconds for everything.
        targets: What is to be reached.
        rows: Conversations of a sandbox that is made for the run.
        seed: Of what is drawn at random.
        rounds: Times that the questions are asked once more, only to measure.
        environ: Environment of the processes that are started, on top of this one's.
    """

    folder: Path
    mode: Mode = "sandbox"
    url: str = ""
    days: float = 7.0
    max_conversations: int = 0
    server: tuple[str, ...] = ()
    performance: bool = False
    record: Path | None = None
    keep: bool = False
    timeout: float = TIMEOUT
    targets: Mapping[str, Target] = field(default_factory=lambda: TARGETS)
    rows: int = ROWS
    seed: int = 5
    rounds: int = 8
    environ: Mapping[str, str] = field(default_factory=dict)
