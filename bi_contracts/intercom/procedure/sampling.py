"""What processes hold in memory, looked at again and again; kept as one JSON object a line."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from ...errors import ConfigurationError

INTERVAL = 0.5
"""Seconds between two looks."""

OURS = ("bi-contracts", "bi_contracts")
OWN = "memory"
"""The verb that watches is not watched."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What one process held.

    Attributes:
        at: Unix seconds.
        pid: The process.
        name: What it does: `sync`, `serve`, or the program's name.
        rss: Bytes that were resident.
    """

    at: float
    pid: int
    name: str
    rss: int

    def line(self) -> str:
        """As one line of JSON."""
        return json.dumps(asdict(self), separators=(",", ":"))


def psutil_module() -> Any:
    """psutil. Raises `ConfigurationError` where it is not installed."""
    try:
        return import_module("psutil")
    except ImportError:
        raise ConfigurationError(
            "measuring memory needs psutil, which is not installed: pip install 'bi-contracts[intercom]'"
        ) from None


def resident(pid: int | None = None) -> int:
    """Bytes that a process (this one where none is named) holds resident. Raises `ConfigurationError`: no such one."""
    psutil = psutil_module()
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.NoSuchProcess:
        raise ConfigurationError(f"there is no process {pid}; `ps` lists those that run") from None


def samples(pids: Iterable[int] = (), now: Callable[[], float] = time.time) -> list[Sample]:
    """One look: at these processes and what they started, or at every command of ours on this machine."""
    psutil = psutil_module()
    gone = (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess)
    found: list[Sample] = []
    at = now()
    for process in _family(psutil, list(pids), gone):
        try:
            name, rss = _name(process.cmdline()), int(process.memory_info().rss)
        except gone:
            continue
        found.append(Sample(at, process.pid, name, rss))
    return found


def _family(psutil: Any, pids: list[int], gone: tuple[type[Exception], ...]) -> Iterator[Any]:
    if not pids:
        own = psutil.Process().pid
        yield from (one for one in psutil.process_iter() if one.pid != own and _ours(one, gone))
        return
    for pid in pids:
        try:
            process = psutil.Process(pid)
            family = [process, *process.children(recursive=True)]
        except gone:
            continue
        yield from family


def _ours(process: Any, gone: tuple[type[Exception], ...]) -> bool:
    try:
        words = process.cmdline()
    except gone:
        return False
    program = any(word.rpartition("/")[2] in OURS or _module(word) for word in words[:4])
    return program and OWN not in words


def _module(word: str) -> bool:
    """`python -m bi_contracts...` and `python -c "from bi_contracts..."`: workers, and servers of the procedure."""
    return word.startswith(("bi_contracts.", "from bi_contracts."))


def _name(words: list[str]) -> str:
    """The verb, or a worker's module, never an argument: those may hold somebody's words."""
    for at, word in enumerate(words):
        if word == "intercom" and at + 1 < len(words):
            return words[at + 1]
        if word.startswith("bi_contracts."):
            return ".".join(word.split(".")[-2:])
    return words[0].rpartition("/")[2] if words else "?"


def read(path: Path) -> list[Sample]:
    """The samples of a file; a last line that was cut off is left out. Raises `ConfigurationError` for any other."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: cannot be read ({error}); `intercom memory monitor` writes one") from None
    found = []
    for number, line in enumerate(lines, 1):
        try:
            found.append(_sample(json.loads(line)))
        except (ValueError, KeyError, TypeError):
            if number == len(lines):
                break
            raise ConfigurationError(f"{path}, line {number}: no sample of memory") from None
    return found


def _sample(known: dict[str, Any]) -> Sample:
    return Sample(float(known["at"]), int(known["pid"]), str(known["name"]), int(known["rss"]))
