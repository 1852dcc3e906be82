"""Every check of every platform in one run, with the reports of it.

Names are loaded when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..checks.connection import ConnectionTest as ConnectionTest
    from ..checks.dataflow import DataFlowTest as DataFlowTest
    from ..checks.rules import BusinessRule as BusinessRule
    from ..checks.workflow import Step as Step
    from ..checks.workflow import Workflow as Workflow
    from ..load import BenchmarkConfig as BenchmarkConfig
    from ..load import SLAThresholds as SLAThresholds
    from ..mock import MockDataConfig as MockDataConfig
    from ..resilience import CircuitBreakerConfig as CircuitBreakerConfig
    from ..resilience import RetryConfig as RetryConfig
    from .benchmarker import BIPerformanceBenchmarker as BIPerformanceBenchmarker
    from .generator import BIMockDataGenerator as BIMockDataGenerator
    from .tester import BIIntegrationTester as BIIntegrationTester

_HOME = {
    "BIIntegrationTester": ".tester",
    "BIMockDataGenerator": ".generator",
    "BIPerformanceBenchmarker": ".benchmarker",
    "BenchmarkConfig": "..load",
    "BusinessRule": "..checks.rules",
    "CircuitBreakerConfig": "..resilience",
    "ConnectionTest": "..checks.connection",
    "DataFlowTest": "..checks.dataflow",
    "MockDataConfig": "..mock",
    "RetryConfig": "..resilience",
    "SLAThresholds": "..load",
    "Step": "..checks.workflow",
    "Workflow": "..checks.workflow",
}

__all__ = list(_HOME)


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name], __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
