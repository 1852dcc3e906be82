"""The argument `fields` of Looker: `id,title,folder(id,name)`; what it names is shown, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from ....queries import BadQuery
from ...fieldsets import Tree

_TOKEN = re.compile(r"\s*([(),]|[^(),\s]+)")
_DEEPEST = 20


@lru_cache(maxsize=512)
def wanted(fields: str) -> Tree:
    """What a request wants to see; nothing is everything. Raises `BadQuery` for brackets that do not match."""
    return _read(iter(_TOKEN.findall(fields)), 0)


def _read(tokens: Iterator[str], depth: int) -> dict[str, Tree]:
    if depth > _DEEPEST:
        raise BadQuery("fields: nested too deeply")
    found: dict[str, Tree] = {}
    name = ""
    for token in tokens:
        if token == "(":
            if not name:
                raise BadQuery("fields: a bracket without a name before it")
            found[name] = _read(tokens, depth + 1)
        elif token == ")":
            if depth:
                return found
            raise BadQuery("fields: a closing bracket without an opening one")
        elif token != ",":
            name = token
            found.setdefault(name, {})
    if depth:
        raise BadQuery("fields: an opening bracket without a closing one")
    return found
