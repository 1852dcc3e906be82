"""Health: probes, states, alerts, metrics and a status page.

    probe -> evidence -> state -> conditions -> alerts -> channels
                           |
                           +-> look -> table, page, metrics, exit code

Everything between the probes and the channels is pure: values in, values out, the time as an argument.
"""

from __future__ import annotations

from .evidence import Evidence, Reason, State
from .look import Look
from .monitor import Monitor
from .opening import monitor, probe
from .settings import Limits, Settings
from .state import Standing, overall

__all__ = [
    "Evidence",
    "Limits",
    "Look",
    "Monitor",
    "Reason",
    "Settings",
    "Standing",
    "State",
    "monitor",
    "overall",
    "probe",
]
