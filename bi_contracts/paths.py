"""JSON values and dotted paths into them: `data.issues.nodes`, `errors.0.message`; "" is the value itself."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

Json = Any
"""A JSON value as `json.loads` gives it."""


def dig(value: Json, path: str, default: Json = None) -> Json:
    """The value at `path`, or `default` where a step is missing."""
    for step in path.split(".") if path else ():
        if isinstance(value, Mapping) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return default
    return value


def bury(value: Json, path: str, leaf: Json) -> Json:
    """A copy of `value` with `leaf` at `path`. Missing objects on the way are made; siblings are shared."""
    if not path:
        return leaf
    step, _, rest = path.partition(".")
    if isinstance(value, Sequence) and not isinstance(value, str) and step.isdigit():
        items = list(value)
        items[int(step)] = bury(items[int(step)], rest, leaf)
        return items
    members = dict(value) if isinstance(value, Mapping) else {}
    members[step] = bury(members.get(step), rest, leaf)
    return members


def decode_body(body: bytes) -> Json:
    """The body as JSON where it is JSON, else as text, else None when empty."""
    if not body.strip():
        return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError):  # nested deeper than anybody could read
        return body.decode("utf-8", errors="replace")
