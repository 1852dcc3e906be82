"""A workspace's own checks: every value of a known kind in the files that its setting `checks` lists.

What such a check names is looked up before anything runs: a check of nothing would never be done, and look as if it
had passed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import redirect_stdout
from fnmatch import fnmatchcase
from pathlib import Path
from types import ModuleType
from typing import Any

from ..declaration import Place, module
from ..errors import ConfigurationError, DeclarationError, UnknownEndpoint
from ..registry import platforms, targets
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
    """The checks of all files, in order, each once.

    Raises `ConfigurationError` for a file that cannot be run or holds none, and for two checks of one kind and name;
    `UnknownEndpoint` for a check, or a rule of the configuration, about what the workspace does not declare. Whatever
    a file prints goes to stderr.
    """
    found: dict[int, tuple[Path, Any]] = {}
    for path in workspace.checks:
        for check in _in(path):
            found.setdefault(id(check), (path, check))
    rows = list(found.values())
    _each_name_once(rows)
    _known_to(workspace, [(f"{path}: {_called(check)}", check) for path, check in rows])
    _known_to(workspace, [(rule.place, rule) for rule in _tabled(workspace)])
    return tuple(check for _, check in rows)


def _in(path: Path) -> list[Any]:
    if not path.is_file():
        raise ConfigurationError(f"{path}: no such file; the setting `checks` lists it")
    try:
        with redirect_stdout(sys.stderr):
            found = list(_checks(module(Place(path))))
    except DeclarationError as error:
        raise ConfigurationError(str(error)) from None
    if not found:
        names = ", ".join(kind.__name__ for kind in kinds())
        raise ConfigurationError(f"{path}: holds no check; wanted are values of {names}")
    return found


def _checks(found: ModuleType) -> Iterator[Any]:
    known = kinds()
    for name, value in vars(found).items():
        if name.startswith("__"):
            continue
        values = value if isinstance(value, list | tuple) else [value]
        yield from (one for one in values if isinstance(one, known))


def _each_name_once(rows: Iterable[tuple[Path, Any]]) -> None:
    seen: dict[tuple[type[Any], str], Path] = {}
    for path, check in rows:
        key = (type(check), _name(check))
        if key[1] and key in seen:
            raise ConfigurationError(
                f"{path}: {_called(check)}: another one of this name stands in {seen[key]}; give each its own"
            )
        seen[key] = path


def _name(check: Any) -> str:
    return str(getattr(check, "name", "") or getattr(check, "id", ""))


def _called(check: Any) -> str:
    """`ConnectionTest 'crm'`, of what has no name `Freshness of gong/calls`."""
    place = getattr(check, "source", "") or getattr(check, "endpoint", "")
    return f"{type(check).__name__} {_name(check)!r}" if _name(check) else f"{type(check).__name__} of {place}"


def _tabled(workspace: Workspace) -> Sequence[Any]:
    """The rules of the configuration; of rules that cannot be used the data-flow phase tells."""
    from ..checks.rules import rules_from

    try:
        return rules_from(workspace.tables.get("rules", []), workspace.where)
    except ConfigurationError:
        return ()


def _known_to(workspace: Workspace, checks: Sequence[tuple[str, Any]]) -> None:
    if not checks:
        return
    ids = [one.id for one in targets(workspace)]
    names = [one.name for one in platforms(workspace)]
    for where, check in checks:
        for wanted in getattr(check, "platforms", ()):
            if wanted not in names:
                raise UnknownEndpoint(wanted, names, where)
        for wanted in _endpoints(check):
            if not any(fnmatchcase(one, wanted) for one in ids):
                raise UnknownEndpoint(wanted, ids, where)


def _endpoints(check: Any) -> Iterator[str]:
    """The ids, or patterns of ids, that a check is about. Paths of the gateway and whole addresses are none."""
    from ..checks.connection import ConnectionTest
    from ..checks.dataflow import DataFlowTest, Reference
    from ..checks.rules import BusinessRule
    from ..checks.workflow import Workflow
    from ..load import BenchmarkConfig

    match check:
        case Workflow():
            return
        case ConnectionTest() | DataFlowTest():
            if not check.of_gateway:
                yield check.endpoint if isinstance(check, ConnectionTest) else check.source_endpoint
        case BenchmarkConfig():
            if not check.endpoint.startswith("/") and "://" not in check.endpoint:
                yield check.endpoint
        case BusinessRule():
            yield from check.endpoint.split()
        case Reference():
            yield from (place.partition(":")[0] for place in (check.source, *check.targets))
        case _:
            yield (getattr(check, "source", "") or check.endpoint).partition(":")[0]
