"""`bi-contracts init`: a workspace to start from."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..files import write_text
from ..workspace import CONFIG

if TYPE_CHECKING:
    from ..platform import Platform

SCAFFOLD = {
    CONFIG: "bi-contracts.toml",
    "tests/test_contracts.py": "test_contracts.py.txt",
    ".github/workflows/contracts.yml": "contracts.yml",
    ".github/workflows/drift.yml": "drift.yml",
    ".env.example": "env.example",
}
"""Where a file goes -> the packaged file it is made from."""


@click.command("init")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=Path())
def command(folder: Path) -> None:
    """Write a configuration, a first test and CI workflows into FOLDER. What is there stays as it is."""
    from ..registry import platforms
    from ..workspace import Workspace

    known = platforms(Workspace.discover(folder))
    words = {"credentials": _credentials(known), "secrets": _secrets(known)}
    for place, source in SCAFFOLD.items():
        path = folder / place
        if path.exists():
            click.echo(f"{path}: is there, left alone")
            continue
        text = files("bi_contracts.cli").joinpath("scaffold", source).read_text(encoding="utf-8")
        write_text(path, _filled(text, words))
        click.echo(f"{path}: written")
    click.echo("next: bi-contracts record 'asana/*' --from sandbox && bi-contracts infer && pytest")


def _filled(text: str, words: dict[str, str]) -> str:
    for name, word in words.items():
        text = text.replace(f"@{name}@", word)
    return text


def _credentials(platforms: Iterable[Platform]) -> str:
    return "\n".join(
        f"# {one.title}: {one.auth.where}\n" + "".join(f"{name}=\n" for name in _variables(one)) for one in platforms
    )


def _secrets(platforms: Iterable[Platform]) -> str:
    names = [name for one in platforms for name in _variables(one)]
    return "\n".join(f"          {name}: ${{{{ secrets.{name} }}}}" for name in names)


def _variables(platform: Platform) -> tuple[str, ...]:
    """What a live call needs: the credential, and the address where every customer has an own one."""
    from ..accounts import address_variable

    return (*platform.auth.variables, *((address_variable(platform),) if platform.tenant else ()))
