"""The tests, or the procedure, on every interpreter of this machine: through tox from a checkout, else one by one."""

from __future__ import annotations

import platform
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .install import Environment, Plan
from .line import Mark
from .result import Result, Row, Section
from .running import Done, Runner

VERSIONS = ("3.11", "3.12", "3.13")
"""Interpreters that are supported."""

TESTS = "tests/intercom"
"""What tox runs unless all tests are asked for."""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """An interpreter, and where it is; "" where it is not there."""

    version: str
    path: str = ""


def interpreters(runner: Runner, versions: Sequence[str] = VERSIONS, folder: Path | None = None) -> list[Interpreter]:
    """Where each version is: this one, on the PATH, or with pyenv; one that does not start is not there."""
    return [Interpreter(version, _found(version, runner, folder)) for version in versions]


def _found(version: str, runner: Runner, folder: Path | None) -> str:
    if version == f"{sys.version_info[0]}.{sys.version_info[1]}":
        return sys.executable
    home = folder or Path.home() / ".pyenv" / "versions"
    kept = sorted(home.glob(f"{version}.*/bin/python"), key=_patch)
    known = [*(str(path) for path in reversed(kept)), shutil.which(f"python{version}") or ""]
    # The shims of pyenv are there for versions that are not.
    return next((path for path in known if path and _starts(path, version, runner)), "")


def _starts(path: str, version: str, runner: Runner) -> bool:
    done = runner([path, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], timeout=30.0)
    return done.good and done.out.strip() == version


def _patch(path: Path) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", path.parent.parent.name)))


def with_tox(source: Path, found: Sequence[Interpreter], runner: Runner, *, everything: bool) -> Result:
    """The tests of a checkout, in tox's own environment for each interpreter."""
    tox = [sys.executable, "-m", "tox"] if runner([sys.executable, "-m", "tox", "--version"]).good else ["tox"]
    more = [] if everything else ["--", str(source / TESTS)]
    rows = []
    for one in found:
        if not one.path:
            rows.append(_absent(one))
            continue
        environment = f"py{one.version.replace('.', '')}"
        asked = [*tox, "run", "--root", str(source), "--skip-missing-interpreters", "false", "-e", environment]
        discover = ["--discover", one.path]
        rows.append(_row(one, runner([*asked, *discover, *more], timeout=3600.0)))
    return _result(rows, "all tests" if everything else TESTS, "tox")


def one_by_one(source: Path | None, found: Sequence[Interpreter], folder: Path, runner: Runner) -> Result:
    """The procedure on the sandbox, installed from the wheel into an environment of each interpreter."""
    rows = [_procedure(source, one, folder / one.version, runner) if one.path else _absent(one) for one in found]
    return _result(rows, "the integration procedure on the sandbox", "virtual environments")


def _procedure(source: Path | None, one: Interpreter, folder: Path, runner: Runner) -> Row:
    folder.mkdir(parents=True, exist_ok=True)
    place = Environment(source, Plan(), runner, folder, [one.path])
    broken = next((row for row in place.build() if row.mark is Mark.BAD), None)
    if broken is not None:
        return Row(f"Python {one.version}", f"{broken.name}: {broken.said}", mark=Mark.BAD)
    environ = {"FASTINTERCOM_TEST_WORKSPACE": str(folder / "test")}
    done = runner(place.command("intercom", "test", "--mode", "sandbox"), timeout=900.0, environ=environ)
    list(place.remove())
    return _row(one, done)


def _row(one: Interpreter, done: Done) -> Row:
    said = f"passed in {done.seconds:.0f} s" if done.good else f"failed ({done.code}): {done.last}"
    return Row(f"Python {one.version}", said, mark=Mark.GOOD if done.good else Mark.BAD, note=one.path)


def _absent(one: Interpreter) -> Row:
    return Row(f"Python {one.version}", "not there", mark=Mark.SKIPPED, note=f"pyenv install {one.version}")


def _result(rows: Sequence[Row], what: str, how: str) -> Result:
    others: Mapping[str, tuple[str, ...]] = {
        "Linux": ("macOS", "Windows"),
        "Darwin": ("Linux", "Windows"),
        "Windows": ("Linux", "macOS"),
    }
    here = platform.system()
    systems = [Row(f"{here} {platform.machine()}", "this machine", note=platform.release())]
    systems += [
        Row(name, "not there", mark=Mark.SKIPPED, note="run the same command on one")
        for name in others.get(here, ("Linux", "macOS", "Windows"))
    ]
    sections = (Section(f"Interpreters ({what}, through {how})", tuple(rows)), Section("Systems", tuple(systems)))
    return Result("cross-platform", "Cross-platform run", "", sections, data={"ran": what, "through": how})
