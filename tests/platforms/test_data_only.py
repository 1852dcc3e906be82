"""A platform's file holds declarations and nothing else."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from bi_contracts.platform import Platform

from .declared import FILES, MODULES, PLATFORMS

STATEMENTS = (ast.Assign, ast.AnnAssign, ast.ImportFrom, ast.Expr)
LOGIC = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Lambda,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
    ast.IfExp,
    ast.BoolOp,
    ast.Compare,
    ast.Await,
    ast.Yield,
    ast.NamedExpr,
)
SOURCES = {"auth", "dialects", "pagination", "platform", "queries"}


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def tree(request: pytest.FixtureRequest) -> ast.Module:
    path: Path = request.param
    return ast.parse(path.read_text(encoding="utf-8"))


def test_only_assignments_and_imports(tree: ast.Module) -> None:
    """At module level stand a docstring, imports and constants."""
    assert ast.get_docstring(tree)
    assert [type(node).__name__ for node in tree.body if not isinstance(node, STATEMENTS)] == []


def test_no_logic(tree: ast.Module) -> None:
    """Nothing in the file decides, loops or defines."""
    assert [type(node).__name__ for node in ast.walk(tree) if isinstance(node, LOGIC)] == []


def test_calls_only_declared_types(tree: ast.Module) -> None:
    """The only things called are the types that were imported from the layers below."""
    imported = {name.name for node in tree.body if isinstance(node, ast.ImportFrom) for name in node.names}
    called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert called <= imported


def test_imports_only_the_layers_below(tree: ast.Module) -> None:
    """A platform knows what declarations are made of, and no other platform."""
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module != "__future__"]
    assert all(node.level == 2 and str(node.module).partition(".")[0] in SOURCES for node in imports)


def test_every_module_declares_the_platform_it_is_named_after() -> None:
    """`platforms/x.py` holds `PLATFORM` named `x`."""
    assert [(module.__name__.rpartition(".")[2], type(module.PLATFORM)) for module in MODULES] == [
        (platform.name, Platform) for platform in PLATFORMS
    ]
