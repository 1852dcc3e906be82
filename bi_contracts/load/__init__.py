"""Load: arrivals, measurement from the intended start, thresholds, and export to Locust and k6.

`run` sends a `BenchmarkConfig` through one client and gives a `LoadResult`; `outcome` holds that against thresholds.
"""

from __future__ import annotations

from .benchmarks import STANDARD_BENCHMARKS, benchmark
from .engine import client_for, run
from .outcomes import check, limits, outcome
from .result import LoadResult
from .scenario import BenchmarkConfig, Stage
from .sla import SLAThresholds
from .thresholds import Breach, Threshold, breaches, parse

__all__ = [
    "STANDARD_BENCHMARKS",
    "BenchmarkConfig",
    "Breach",
    "LoadResult",
    "SLAThresholds",
    "Stage",
    "Threshold",
    "benchmark",
    "breaches",
    "check",
    "client_for",
    "limits",
    "outcome",
    "parse",
    "run",
]
