"""What a process has used: memory, its peak, processor time, and bytes written."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from .sampling import psutil_module


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process has used until now.

    Attributes:
        resident: Bytes in memory.
        peak: The most that it ever was, as the system knows it; `resident` where the system does not tell.
        cpu: Seconds of processor time.
        wrote: Bytes written to the disk, None where the system does not tell.
    """

    resident: int
    peak: int
    cpu: float
    wrote: int | None


def usage(pid: int | None = None) -> Usage | None:
    """What a process (this one if None) has used; None where there is none of that number, or it is not ours."""
    psutil = psutil_module()
    try:
        process = psutil.Process(pid)
        with process.oneshot():
            memory, times = process.memory_info(), process.cpu_times()
            wrote = process.io_counters().write_bytes if hasattr(process, "io_counters") else None
    except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
        return None
    peak = _peak(process.pid) or getattr(memory, "peak_wset", 0)
    return Usage(memory.rss, max(peak, memory.rss), times.user + times.system, wrote)


def _peak(pid: int) -> int:
    """As Linux tells it. `ru_maxrss` would count what the parent had before the program was begun."""
    try:
        text = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("VmHWM:")), 0)


def children(pid: int | None = None) -> set[int]:
    """The processes that a process started, and theirs, that still run."""
    psutil = psutil_module()
    try:
        found = psutil.Process(os.getpid() if pid is None else pid).children(recursive=True)
        return {one.pid for one in found if one.status() != psutil.STATUS_ZOMBIE}
    except psutil.NoSuchProcess:
        return set()


def running(pid: int) -> bool:
    """Whether there is such a process, one that ended and waits to be collected not counted."""
    psutil = psutil_module()
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
