"""docs/platforms.md names everything that a declaration is made of."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from pathlib import Path

import pytest

from bi_contracts import auth, pagination, queries

PAGE = (Path(__file__).parents[2] / "docs" / "platforms.md").read_text(encoding="utf-8")


def languages() -> set[str]:
    """The query languages, each as the page writes it."""
    found = {"Arguments"}
    for module in pkgutil.iter_modules(queries.__path__):
        for name, kind in vars(import_module(f"{queries.__name__}.{module.name}")).items():
            if isinstance(kind, type) and hasattr(kind, "read") and kind.__module__.startswith(queries.__name__):
                found |= {f"{module.name}.{name}"} if kind.__module__.endswith(module.name) else set()
    return found - {"arguments.Arguments", "predicate.QueryLanguage"}


def classes(module: object, method: str) -> set[str]:
    """The public classes of a module that have a method, protocols aside."""
    found = ((name, kind) for name, kind in vars(module).items() if isinstance(kind, type) and hasattr(kind, method))
    return {name for name, kind in found if not name.startswith("_") and not getattr(kind, "_is_protocol", False)}


@pytest.mark.parametrize(
    "name", sorted(classes(auth, "sign") | classes(pagination, "page_flow") | languages()), ids=str
)
def test_the_page_names_everything_that_can_be_declared(name: str) -> None:
    """Every auth scheme, paginator and query language is written there."""
    assert f"`{name}`" in PAGE
