"""A workspace's own checks: every value of a known kind in the files that its setting `checks` lists."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from ..declaration import Place, module
from ..errors import DeclarationError
from ..workspace import Workspace


def kinds() -> tuple[type[Any], ...]:
    """What may stand in such a file."""
    from ..checks.connection import ConnectionTest
    from ..checks.dataflow import KINDS, DataFlowTest
    from ..checks.rules import BusinessRule
    from ..checks.workflow import Workflow
    from ..load import BenchmarkConfig

    return (ConnectionTest, DataFlowTest, BusinessRule, *KINDS, Workflow, BenchmarkConfig)


def own_checks(workspace: Workspace) -> tuple[Any, ...]:
    """The checks of all files, in order. Raises `DeclarationError` for a file that cannot be run or holds none."""
    return tuple(check for path in workspace.checks for check in _in(path))


def _in(path: Path) -> list[Any]:
    if not path.is_file():
        raise DeclarationError(f"{path}: no such file; the setting `checks` lists it")
    found = list(_checks(module(Place(path))))
    if not found:
        names = ", ".join(kind.__name__ for kind in kinds())
        raise DeclarationError(f"{path}: holds no check; wanted are values of {names}")
    return found


def _checks(found: ModuleType) -> Iterator[Any]:
    known = kinds()
    for name, value in vars(found).items():
        if name.startswith("__"):
            continue
        values = value if isinstance(value, list | tuple) else [value]
        yield from (one for one in values if isinstance(one, known))
