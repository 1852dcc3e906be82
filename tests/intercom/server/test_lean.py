"""A package's own code waits until something of it is asked for."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bi_contracts.intercom.server.lean import lean

NAMES = ("waiting_outer", "waiting_outer.inner")


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    inner = tmp_path / "waiting_outer" / "inner"
    inner.mkdir(parents=True)
    (tmp_path / "waiting_outer" / "__init__.py").write_text("from .heavy import weight\n")
    (tmp_path / "waiting_outer" / "heavy.py").write_text("weight = 11\n")
    (inner / "__init__.py").write_text("name = 'inner'\n")
    (inner / "light.py").write_text("weight = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for name in [name for name in sys.modules if name.startswith("waiting_outer")]:
        del sys.modules[name]


@pytest.mark.usefixtures("package")
def test_a_module_below_is_imported_without_the_package(package: Path) -> None:
    """The package runs when a name of it is asked for, and then is as it always was."""
    lean(NAMES)
    import waiting_outer.inner.light  # type: ignore[import-not-found]

    assert waiting_outer.inner.light.weight == 1
    assert "waiting_outer.heavy" not in sys.modules
    assert waiting_outer.weight == 11
    assert waiting_outer.inner.name == "inner"
    assert Path(waiting_outer.__file__) == package / "waiting_outer" / "__init__.py"
    with pytest.raises(AttributeError):
        _ = waiting_outer.nothing


@pytest.mark.usefixtures("package")
def test_what_is_imported_or_not_installed_stays_as_it_is() -> None:
    """Whoever imports it gets it, or the error, as ever."""
    import waiting_outer

    before = waiting_outer
    lean(NAMES)
    lean(("waiting_nowhere",))
    assert sys.modules["waiting_outer"] is before
    assert "waiting_nowhere" not in sys.modules
