"""Real traffic, imported once."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from bi_contracts.cli import cli


@pytest.fixture(scope="session")
def imported(vendor_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with every real recording, imported as a user would."""
    space = tmp_path_factory.mktemp("real")
    for folder in sorted((vendor_data / "recorded").iterdir()):
        if folder.is_dir():
            found = CliRunner().invoke(cli, ["cassette", "import", str(folder), "-o", str(space / "cassettes")])
            assert found.exit_code in (0, 1), found.output
    return space / "cassettes"
