"""What the package loads, and what it says of what is not there."""

from __future__ import annotations

import subprocess
import sys

import pytest

import bi_contracts.gateway
from bi_contracts.gateway import models
from bi_contracts.gateway.models import Rows, written


def test_nothing_heavy_is_loaded_before_a_gateway_is_made() -> None:
    """Importing the package loads neither FastAPI nor the rest of the extra."""
    heavy = "fastapi starlette pydantic mcp prometheus_client uvicorn stamina"
    code = f"import sys, bi_contracts.gateway; print([one for one in '{heavy}'.split() if one in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_package_has_what_it_says() -> None:
    """And nothing else."""
    assert all(hasattr(bi_contracts.gateway, name) for name in bi_contracts.gateway.__all__)
    with pytest.raises(AttributeError, match="nothing"):
        _ = bi_contracts.gateway.nothing


def test_every_model_that_is_exported_is_there() -> None:
    """The list is kept by hand."""
    assert all(hasattr(models, name) for name in models.__all__)


def test_rows_that_utf_8_cannot_hold_are_written_all_the_same() -> None:
    """Half a surrogate pair and numbers that JSON has not, deep inside what a platform said."""
    rows = [{"a\ud800": ["\udfff", float("nan"), 10**30, None, True, 0.5]}]
    text = written(Rows(degraded=False, at=None, sections=[], id="a/b", total=1, rows=rows))
    assert text.encode("utf-8").decode() == text
    assert '["?", null, 1000000000000000000000000000000, null, true, 0.5]' in text
