"""Contracts from a vendor's description of its API, whatever language that is written in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..errors import InvalidContract
from .contract import Contract
from .graphql import from_graphql
from .openapi import from_openapi


def described(path: Path, id: str, methods: Sequence[str], operation: str, query: str = "") -> Contract:
    """The contract of one operation, or of one query where the file is GraphQL SDL.

    `methods` are tried in order. `operation` is the path below the API's root; the description may have it with the
    root's own path before it. Raises `InvalidContract` with the file, and the position where it does not parse.
    """
    text = _text(path)
    try:
        if path.suffix.lower() in (".graphql", ".gql", ".graphqls"):
            return _named(from_graphql(text, query, id=id), path)
        document = _document(text, path)
        method, found = _operation(document, methods, operation)
        return _named(from_openapi(document, method, found, id=id), path)
    except InvalidContract as error:
        said = str(error)
        raise InvalidContract(said if str(path) in said else f"{path}: {said}") from None


def _named(contract: Contract, path: Path) -> Contract:
    """The contract, saying which file it came from."""
    said = f"{path.name} ({contract.evidence.described_by})"
    return replace(contract, evidence=replace(contract.evidence, described_by=said))


def _operation(document: Any, methods: Sequence[str], operation: str) -> tuple[str, str]:
    """Method and path as the description has them; as asked for where it has neither."""
    for candidate in _candidates(document, operation):
        item = _paths(document)[candidate]
        for method in methods:
            if isinstance(item, dict) and method.lower() in item:
                return method, candidate
    return methods[0], operation


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidContract(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error}).") from None


@lru_cache(maxsize=2)
def _document(text: str, path: Path) -> Any:
    """The description as data. Kept, since many contracts come from one description that takes seconds to read."""
    try:
        return json.loads(text)
    except ValueError as error:
        if path.suffix.lower() == ".json":
            raise InvalidContract(f"{path}: not JSON ({error}).") from None
    import yaml

    try:
        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, RecursionError) as error:
        where = getattr(error, "problem_mark", None)
        place = f"{path}:{where.line + 1}:{where.column + 1}" if where else str(path)
        raise InvalidContract(f"{place}: not YAML ({getattr(error, 'problem', error)}).") from None


def _paths(document: Any) -> dict[str, Any]:
    found = document.get("paths") if isinstance(document, dict) else None
    return found if isinstance(found, dict) else {}


def _candidates(document: Any, operation: str) -> list[str]:
    """The operation's path as the description may write it: templates by position, with or without a common root."""
    shape = _shape(operation)
    exact = [path for path in _paths(document) if _shape(path) == shape]
    longer = [path for path in _paths(document) if _shape(path).endswith(shape)]
    return [*exact, *sorted(longer, key=len)]


def _shape(path: str) -> str:
    return "/".join("{}" if step.startswith("{") else step for step in urlsplit(path).path.rstrip("/").split("/"))
