"""The package as it is installed: what it exports, what it carries, what importing it costs."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import resources
from pathlib import Path

import pytest

import bi_contracts

HEAVY = {"httpx", "vcr", "deepdiff", "jsonschema", "jsonschema_rs", "yaml", "graphql", "rich", "click", "uvicorn"}


def test_importing_the_package_imports_nothing_heavy() -> None:
    """Names are loaded when they are first used."""
    code = f"import sys, bi_contracts; found = {HEAVY!r} & set(sys.modules); assert not found, found"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", bi_contracts.__all__)
def test_every_exported_name_is_there(name: str) -> None:
    """What `__all__` promises can be had, and `dir` says so."""
    assert getattr(bi_contracts, name) is not None
    assert name in dir(bi_contracts)


def test_an_unknown_name_is_an_attribute_error() -> None:
    """As for any module."""
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = bi_contracts.nothing
    assert bi_contracts.drift.compare


@pytest.mark.parametrize(
    "file", ["py.typed", "sandbox/evolutions/demo.toml", "report/style.css", "cli/scaffold/drift.yml"]
)
def test_data_files_come_with_the_package(file: str) -> None:
    """What the code reads at run time is installed with it."""
    assert resources.files("bi_contracts").joinpath(*file.split("/")).is_file()


@pytest.mark.skipif("BI_CONTRACTS_TESTING_WHEEL" not in os.environ, reason="only where the wheel is tested")
def test_the_wheel_is_what_is_tested() -> None:
    """Not the checkout beside it."""
    assert "site-packages" in Path(bi_contracts.__file__).parts
