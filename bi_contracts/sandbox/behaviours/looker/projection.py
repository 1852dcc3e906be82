"""The argument `fields` of Looker: `id,title,folder(id,name)`; what it names is shown, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from ....paths import Json
from ....queries import BadQuery

Wanted = Mapping[str, "Wanted"]
"""Names, each with what is wanted inside; nothing there is all of it."""

_TOKEN = re.compile(r"\s*([(),]|[^(),\s]+)")
_DEEPEST = 20


@lru_cache(maxsize=512)
def wanted(fields: str) -> Wanted:
    """What a request wants to see; nothing is everything. Raises `BadQuery` for brackets that do not match."""
    return _read(iter(_TOKEN.findall(fields)), 0)


def _read(tokens: Iterator[str], depth: int) -> dict[str, Wanted]:
    if depth > _DEEPEST:
        raise BadQuery("fields: nested too deeply")
    found: dict[str, Wanted] = {}
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


def projected(value: Json, fields: Wanted) -> Json:
    """The value with what is wanted of it."""
    if isinstance(value, list):
        return [projected(item, fields) for item in value]
    if not fields or not isinstance(value, Mapping):
        return value
    return {name: projected(item, fields[name]) for name, item in value.items() if name in fields}
