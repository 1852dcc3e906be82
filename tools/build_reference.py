"""Builds the reference contracts and cassettes with the product's own commands.

    python tools/build_reference.py ../shared/vendor

The folder holds `specs/<platform>/` (the vendors' own descriptions) and `recorded/<platform>/` (real traffic). For
every endpoint that can be read: `contract import` where a description knows it, `cassette import` and `infer` where
it was recorded (which tightens the imported contract), and a recording of the sandbox where there is neither. The
cassettes are recorded from the sandbox, all of them. Each file says which of these it rests on.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bi_contracts.contract import Contract
from bi_contracts.registry import Target, platforms, targets
from bi_contracts.sandbox import Sandbox
from bi_contracts.sandbox.server import running

ROOT = Path(__file__).resolve().parent.parent
ROWS, PAGE = 25, 10
VERSIONS = {"intercom": "2.11"}
"""The description of the version that a platform declares, where the newest is of another."""


def run(folder: Path, *arguments: str, allowed: tuple[int, ...] = (0,)) -> int:
    """One command of the product, in a workspace."""
    done = subprocess.run(
        [sys.executable, "-c", "import sys; from bi_contracts.cli import main; sys.exit(main())", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in allowed:
        raise SystemExit(f"bi-contracts {' '.join(arguments)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.returncode


def descriptions(vendor: Path, platform: str) -> Iterator[Path]:
    """A vendor's descriptions, the newest first."""
    wanted = VERSIONS.get(platform, "")
    for path in sorted((vendor / "specs" / platform).iterdir(), reverse=True):
        if path.suffix in (".json", ".yaml", ".graphql") and path.name.startswith(wanted):
            yield path


def imported(space: Path, vendor: Path, target: Target) -> bool:
    """Whether a description knows the endpoint; its contract is written then."""
    found = descriptions(vendor, target.platform.name)
    return any(run(space, "contract", "import", str(path), target.id, allowed=(0, 1, 3)) == 0 for path in found)


def contract(space: Path, vendor: Path, target: Target) -> str:
    """Makes the contract of one endpoint, and says what it rests on."""
    known = imported(space, vendor, target)
    recorded = (space / "cassettes" / f"{target.id}.yaml").is_file()
    if recorded and not (known and target.platform.protocol == "graphql"):
        run(space, "infer", target.id, "--accept")
        return "description and recordings" if known else "recordings"
    return "description" if known else ""


def main(vendor: Path) -> None:
    readable = [target for target in targets() if target.endpoint.kind != "write"]
    shutil.rmtree(ROOT / "cassettes", ignore_errors=True)
    shutil.rmtree(ROOT / "contracts", ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        real, made = Path(folder, "real"), Path(folder, "made")
        for space in (real, made):
            space.mkdir()
            (space / "bi-contracts.toml").touch()
        for platform in sorted({target.platform.name for target in readable}):
            recorded = vendor / "recorded" / platform
            if recorded.is_dir():
                run(real, "cassette", "import", str(recorded), "-o", str(real / "cassettes"), allowed=(0, 1))
        with running(Sandbox(platforms(), rows=ROWS, enforce_limits=False)) as url:
            run(made, "record", "*", "--from", url, "--page-size", str(PAGE), allowed=(0, 1))
        run(made, "infer", "*", "--accept")
        for target in readable:
            rests_on = contract(real, vendor, target)
            space = real if rests_on else made
            _copied(space, "contracts", f"{target.id}.schema.json")
            _copied(made, "cassettes", f"{target.id}.yaml")
            found = Contract.load(ROOT / "contracts" / f"{target.id}.schema.json")
            print(f"{target.id:34} {rests_on or 'sandbox':28} {found.evidence.samples:4} responses")


def _copied(space: Path, kind: str, name: str) -> None:
    there = ROOT / kind / name
    there.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(space / kind / name, there)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
