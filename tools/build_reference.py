"""Builds the reference contracts and cassettes with the product's own commands.

    python tools/build_reference.py ../shared/vendor [PLATFORM]...

The folder holds `specs/<platform>/` (the vendors' own descriptions) and `recorded/<platform>/` (real traffic). For
every endpoint that can be read: `contract import` where a description knows it, with what `contracts/corrections.toml`
says of it; `cassette import` and `infer` where it was recorded, which tightens what was imported; and `record` and
`infer` with the sandbox where there is neither. The cassettes are recorded from the sandbox, all of them. Each file
says which of these it rests on. With intercom, its integration procedure is recorded once more, too.
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
from corrections import Correction, corrected, read

from bi_contracts.cassette.store import load, save
from bi_contracts.cli import main as command
from bi_contracts.contract import Contract
from bi_contracts.interaction import Interaction
from bi_contracts.registry import Target, platforms, targets
from bi_contracts.sandbox import Sandbox
from bi_contracts.sandbox.server import running
from bi_contracts.slots import json_of

ROOT = Path(__file__).resolve().parent.parent
CORRECTIONS = ROOT / "contracts" / "corrections.toml"
ROWS, PAGE = 25, 10
CONVERSATIONS = 30
PROCEDURE = "intercom/procedure.yml"
"""The integration procedure's own traffic: of no endpoint, and so not called as recordings of endpoints are."""
VERSIONS = {"intercom": "2.11"}
"""The description of the version that a platform declares, where the newest is of another."""
GENERAL = ("objects-",)
"""Descriptions with paths for any kind of object, taken where none names the path."""


def run(folder: Path, *arguments: str, allowed: tuple[int, ...] = (0,)) -> int:
    """One command of the product, in a workspace."""
    out = io.StringIO()
    with (
        contextlib.chdir(folder),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(out),
        patch.object(sys, "argv", ["bi-contracts", *arguments]),
    ):
        try:
            command()
        except SystemExit as ended:
            code = int(ended.code or 0)
    if code not in allowed:
        raise SystemExit(f"bi-contracts {' '.join(arguments)}: exit {code}\n{out.getvalue()}")
    return code


def descriptions(vendor: Path, platform: str) -> Iterator[Path]:
    """A vendor's descriptions, the newest first and those that fit anything last."""
    wanted = VERSIONS.get(platform, "")
    found = sorted((vendor / "specs" / platform).iterdir(), reverse=True)
    for path in sorted(found, key=lambda path: path.name.startswith(GENERAL)):
        if path.suffix in (".json", ".yaml", ".graphql") and path.name.startswith(wanted):
            yield path


@dataclass(frozen=True)
class Builder:
    """`real` is a workspace for what vendors said and answered, `made` one for what the sandbox answered."""

    vendor: Path
    real: Path
    made: Path
    corrections: list[Correction]

    def prepare(self, chosen: list[Target]) -> None:
        """Imports the real recordings, and records the sandbox."""
        for space in (self.real, self.made):
            space.mkdir()
            (space / "bi-contracts.toml").touch()
        for platform in sorted({target.platform.name for target in chosen}):
            recorded = self.vendor / "recorded" / platform
            if recorded.is_dir():
                run(self.real, "cassette", "import", str(recorded), "-o", "cassettes", allowed=(0, 1))
        sandbox = Sandbox(platforms(), rows=ROWS, enforce_limits=False)
        sandbox.clock.set(sandbox.world.present)
        with running(sandbox) as url:
            ids = [target.id for target in chosen]
            run(self.made, "--quiet", "record", *ids, "--from", url, "--page-size", str(PAGE))

    def contract(self, target: Target) -> str:
        """Makes the contract of one endpoint; says what it rests on."""
        described, recorded = self._described(target), self._recorded(target)
        if recorded:
            run(self.real, "infer", target.id, "--accept")
        space = self.real if described or recorded else self.made
        if space is self.made:
            run(space, "infer", target.id, "--accept")
        self._correct(space, target)
        self._copied(space, "contracts", f"{target.id}.schema.json")
        self._copied(self.made, "cassettes", f"{target.id}.yaml")
        return " and ".join(["description"] * described + ["recordings"] * recorded) or "sandbox"

    def _described(self, target: Target) -> bool:
        """Whether a description knows the endpoint; its contract is written then."""
        paths = descriptions(self.vendor, target.platform.name)
        return any(run(self.real, "contract", "import", str(path), target.id, allowed=(0, 1, 3)) == 0 for path in paths)

    def _correct(self, space: Path, target: Target) -> None:
        file = space / "contracts" / f"{target.id}.schema.json"
        corrected(Contract.load(file), self.corrections).save(file)

    def _recorded(self, target: Target) -> bool:
        """Whether the endpoint was recorded. A GraphQL answer is of its query: those of other queries are dropped."""
        file = self.real / "cassettes" / f"{target.id}.yaml"
        if not file.is_file() or target.platform.protocol != "graphql":
            return file.is_file()
        kept = load(file)
        same = tuple(each for each in kept.interactions if _query(each) == _words(target.endpoint.body))
        if same:
            save(file, replace(kept, interactions=same))
        return bool(same)

    def _copied(self, space: Path, kind: str, name: str) -> None:
        there = ROOT / kind / name
        there.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(space / kind / name, there)


def _query(interaction: Interaction) -> list[str]:
    asked = interaction.request
    return _words(json_of(httpx.Request(asked.method, asked.url, headers=list(asked.headers), content=asked.body)))


def _words(body: Any) -> list[str]:
    return str(body.get("query", "")).split() if isinstance(body, dict) else []


def main(vendor: Path, names: list[str]) -> None:
    readable = [target for target in targets() if target.endpoint.kind != "write"]
    chosen = [target for target in readable if not names or target.platform.name in names]
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        builder = Builder(vendor, Path(folder, "real"), Path(folder, "made"), read(CORRECTIONS))
        builder.prepare(chosen)
        for kind in ("contracts", "cassettes"):
            for platform in {target.platform.name for target in chosen}:
                shutil.rmtree(ROOT / kind / platform, ignore_errors=True)
        for target in chosen:
            rests_on = builder.contract(target)
            counts[rests_on] += 1
            file = ROOT / "contracts" / f"{target.id}.schema.json"
            samples = Contract.load(file).evidence.samples
            print(f"{target.id:34} {rests_on:28} {samples:4} responses {file.stat().st_size // 1024:5} KB")
    if any(target.platform.name == "intercom" for target in chosen):
        procedure()
    print(*(f"{count} {rests_on}" for rests_on, count in counts.most_common()), sep=", ")


def procedure() -> None:
    """The recording that `intercom test --mode replay` repeats."""
    with (
        tempfile.TemporaryDirectory() as folder,
        patch.dict(os.environ, {"FASTINTERCOM_TEST_WORKSPACE": str(Path(folder, "work"))}),
    ):
        run(Path(folder), "intercom", "test", "--max-conversations", str(CONVERSATIONS), "--record")
        shutil.copy(Path(folder, "cassettes", PROCEDURE), ROOT / "cassettes" / PROCEDURE)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), sys.argv[2:])
