"""Every example in README and docs is run, and shows what it prints."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .examples import agrees, examples

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def environment() -> dict[str, str]:
    """The environment of a reader: this interpreter's commands first, no colour, no credentials."""
    bin = str(Path(sys.executable).parent)
    kept = {name: value for name, value in os.environ.items() if not name.endswith(("_TOKEN", "_API_KEY"))}
    kept.pop("COLUMNS", None)
    return {**kept, "PATH": f"{bin}{os.pathsep}{os.environ['PATH']}", "NO_COLOR": "1"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_example_of_a_page_runs(page: Path, tmp_path: Path) -> None:
    """Console and Python blocks, in order, in one empty folder; what a page shows must be what is printed."""
    ran = 0
    for number, example in enumerate(examples(page)):
        where = f"{page.name}:{example.line}"
        if example.title:
            (tmp_path / example.title).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / example.title).write_text(example.text)
        elif example.language == "python":
            script = tmp_path / f"example_{number}.py"
            script.write_text(example.text)
            done = subprocess.run(
                [sys.executable, str(script)],
                cwd=tmp_path,
                env=environment(),
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, f"{where}\n{done.stdout}{done.stderr}"
            ran += 1
        if example.language == "console":
            for command, shown in example.commands():
                done = subprocess.run(
                    ["bash", "-c", command],
                    cwd=tmp_path,
                    env=environment(),
                    capture_output=True,
                    text=True,
                    check=False,
                )
                assert done.returncode in (0, 1), f"{where}: {command}\n{done.stdout}{done.stderr}"
                assert not shown.strip() or agrees(shown, done.stdout), (
                    f"{where}: {command}\n{done.stdout}{done.stderr}"
                )
                ran += 1
    assert ran or page.name in ("CONTRIBUTING.md", "architecture.md"), "a page without an example that runs"


def test_the_first_command_of_the_readme_works_from_a_fresh_checkout(tmp_path: Path) -> None:
    """One line sets up and runs the demo, and the page shows what it prints."""
    checkout = tmp_path / "checkout"
    shutil.copytree(ROOT, checkout, ignore=shutil.ignore_patterns(".*", "__pycache__", "bi-contracts-demo", "dist"))
    setup, listing = examples(ROOT / "README.md")[:2]
    (command,) = setup.text.strip().splitlines()
    done = subprocess.run(
        ["bash", "-c", command], cwd=checkout, env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    printed = done.stdout[done.stdout.index("record ") :]
    assert agrees(listing.text, printed), printed
    assert (checkout / "bi-contracts-demo" / "report.html").is_file()
