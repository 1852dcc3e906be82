"""A wheel of this package: built from a checkout, or packed again from where it is installed."""

from __future__ import annotations

import sys
import zipfile
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from ...errors import ConfigurationError
from .running import Runner

NAME = "bi-contracts"


def checkout(start: Path | None = None) -> Path | None:
    """The source checkout that this package is imported from, None where it is an installed one."""
    root = start or Path(__file__).resolve().parents[3]
    project = root / "pyproject.toml"
    if not project.is_file():
        return None
    return root if f'name = "{NAME}"' in project.read_text(encoding="utf-8") else None


def wheel(folder: Path, runner: Runner, source: Path | None) -> Path:
    """A wheel in a folder. Raises `ConfigurationError` with the last words of what failed."""
    if source is None:
        return repacked(folder)
    done = runner([sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", str(folder), str(source)])
    found = sorted(folder.glob("*.whl"))
    if not done.good or not found:
        raise ConfigurationError(f"no wheel could be built from {source}: {done.last}")
    return found[-1]


def repacked(folder: Path, of: Distribution | None = None) -> Path:
    """The installed distribution as a wheel again: its files as its RECORD lists them (PEP 427).

    Raises `ConfigurationError` where it is not installed, or as a link to a checkout.
    """
    try:
        found = of or distribution(NAME)
    except PackageNotFoundError:
        raise ConfigurationError(f"{NAME} is neither installed nor a checkout: nothing to install from") from None
    files = [file for file in found.files or () if not str(file).startswith("..") and "__pycache__" not in file.parts]
    if not any(file.parts[0] == "bi_contracts" for file in files):
        raise ConfigurationError(f"{NAME} is installed as a link to a folder: run this from the checkout itself")
    path = folder / f"bi_contracts-{found.version}-py3-none-any.whl"
    left = ("INSTALLER", "REQUESTED", "direct_url.json")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in files:
            if file.name not in left:
                packed.write(str(file.locate()), str(file))
    return path
