"""Changes to a record, laid over it."""

from __future__ import annotations

from collections.abc import Mapping

from ..paths import Json


def merged(record: Json, patch: Json) -> Json:
    """The record with the members of the patch; objects are gone into, lists replaced, `...` removes a member."""
    if not isinstance(record, Mapping) or not isinstance(patch, Mapping):
        return patch
    found = {**record}
    for name, value in patch.items():
        if value is ...:
            found.pop(name, None)
        else:
            found[name] = merged(found[name], value) if name in found else value
    return found


def composed(first: Json, second: Json) -> Json:
    """One patch that does what two do, one after the other; None where only the two can."""
    if not isinstance(first, Mapping) or not isinstance(second, Mapping):
        return None
    found = {**first}
    for name, value in second.items():
        if name in first and isinstance(value, Mapping):
            value = composed(first[name], value)
            if value is None:
                return None
        found[name] = value
    return found
