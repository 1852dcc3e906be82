"""Mock data from contracts: consistent across endpoints and platforms, with named defects at an asked rate."""

from __future__ import annotations

from .generation import records, stream
from .value import DEFECTS, MOCK_HEADER, SCENARIOS, Defect, Mock, MockDataConfig

__all__ = ["DEFECTS", "MOCK_HEADER", "SCENARIOS", "Defect", "Mock", "MockDataConfig", "records", "stream"]
