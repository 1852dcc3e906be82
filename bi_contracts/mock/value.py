"""What mock data is: records that say of themselves that nobody answered them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from ..interaction import MOCK_HEADER, Envelope
from ..paths import Json

__all__ = ["DEFECTS", "MOCK_HEADER", "SCENARIOS", "SOURCE", "Defect", "Mock", "MockDataConfig"]

SOURCE: Final = "mock"
SCENARIOS: Final = ("success", "empty", "partial", "error")
DEFECTS: Final = (
    "missing-field",
    "wrong-type",
    "duplicate-id",
    "dangling-reference",
    "stale-timestamp",
    "malformed-email",
)


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing that is wrong on purpose: in which record (from 0), at which JSON Pointer of it, of which kind."""

    record: int
    path: str
    kind: str

    def __str__(self) -> str:
        return f"{self.record}:{self.path}: {self.kind}"


@dataclass(frozen=True, slots=True)
class MockDataConfig:
    """What mock data are wanted.

    Attributes:
        platform: Whose; "" for the one that a generator stands for.
        scenario: `success`, `empty`, `partial` or `error`.
        record_count: How many records, 0 or more.
        data_quality: The share of records without a defect.
        seed: The same seed gives the same data.
        defects: Which kinds of defects there may be; all that apply where none is named.
        error: With `error`, which: `unauthorized`, `rate-limited`, ...; drawn from the seed where "".
    """

    platform: str = ""
    scenario: str = "success"
    record_count: int = 10
    data_quality: float = 1.0
    seed: str | int = "bi"
    defects: tuple[str, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True)
class Mock:
    """Mock records of one endpoint.

    Attributes:
        id: The endpoint: `gong/calls`.
        records: The records, of a list as of single things.
        seed: What they were made from.
        at: The Unix time that is "now" for them: nothing in them is later, the newest is days old.
        quality: The share of records without a defect that was asked for.
        scenario: `success`, `empty`, `partial` or `error`.
        defects: What is wrong on purpose, and where.
        source: Always `mock`: it is nobody's answer, and never counts as success or as evidence.
    """

    id: str
    records: tuple[Json, ...]
    seed: str
    at: float
    quality: float = 1.0
    scenario: str = "success"
    defects: tuple[Defect, ...] = ()
    source: str = field(default=SOURCE, init=False)
    pages: Callable[[Mock], tuple[Envelope, ...]] = field(default=lambda _: (), repr=False, compare=False)
    whole: Callable[[Mock], Envelope | None] = field(default=lambda _: None, repr=False, compare=False)

    @property
    def envelopes(self) -> tuple[Envelope, ...]:
        """The answers in which the records would come, page by page; each carries `x-bi-contracts-mock`."""
        return self.pages(self)

    @property
    def answer(self) -> Envelope | None:
        """One answer with all the records of a list, however long its pages are; None for single things."""
        return self.whole(self)

    def as_dict(self) -> dict[str, Any]:
        """The mock as plain data, marked `"source": "mock"`."""
        return {
            "source": self.source,
            "endpoint": self.id,
            "seed": self.seed,
            "scenario": self.scenario,
            "quality": self.quality,
            "records": list(self.records),
            "defects": [{"record": one.record, "path": one.path, "kind": one.kind} for one in self.defects],
        }
