"""What a person declares is looked at when it is declared: a wrong value is told with its field and what is allowed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from ...errors import ConfigurationError
from ...report.events import SEVERITIES


def refuse(who: str, name: str, wanted: str, value: Any) -> None:
    """Raises `ConfigurationError`: what the field of a declaration must be, and what it is."""
    shown = repr(value)
    raise ConfigurationError(f"{who}: {name} must be {wanted}, not {shown if len(shown) <= 80 else shown[:77] + '...'}")


def text(who: str, name: str, value: Any, *, empty: bool = True) -> None:
    """A text; with `empty` an empty one too."""
    if not isinstance(value, str) or not (empty or value.strip()):
        refuse(who, name, "text" if empty else "text, and not empty", value)


def texts(who: str, name: str, value: Any) -> None:
    """A list or tuple of texts, none of them empty."""
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Sequence):
        refuse(who, name, "a list of texts", value)
    for one in value:
        text(who, f"each of {name}", one, empty=False)


def flag(who: str, name: str, value: Any) -> None:
    """True or False."""
    if not isinstance(value, bool):
        refuse(who, name, "True or False", value)


def severity(who: str, name: str, value: Any) -> None:
    """One of the severities."""
    if value not in SEVERITIES:
        refuse(who, name, f"one of {', '.join(SEVERITIES)}", value)


def mapping(who: str, name: str, value: Any) -> None:
    """A mapping whose names are texts."""
    if not isinstance(value, Mapping) or not all(isinstance(one, str) for one in value):
        refuse(who, name, "a mapping from texts", value)


def number(
    who: str,
    name: str,
    value: Any,
    *,
    least: float = 0.0,
    most: float | None = None,
    whole: bool = False,
    none: bool = False,
) -> None:
    """A finite number within bounds; with `none` it may be None."""
    if value is None and none:
        return
    good = isinstance(value, int) or (isinstance(value, float) and not whole and isfinite(value))
    if isinstance(value, bool) or not good or value < least or (most is not None and value > most):
        bounds = f"from {least:g} to {most:g}" if most is not None else f"of {least:g} or more"
        refuse(who, name, f"a {'whole ' * whole}number {bounds}{', or None' * none}", value)


def endpoint(who: str, value: Any, name: str = "endpoint") -> None:
    """An endpoint's id, with wildcards; `*` alone is any."""
    text(who, name, value, empty=False)
    if "/" not in value and value != "*":
        refuse(who, name, "the id of an endpoint such as hubspot/deals, with * for anything", value)


def place(who: str, value: Any, name: str = "source") -> None:
    """An endpoint's id and a dotted path in its rows."""
    text(who, name, value, empty=False)
    id, colon, path = value.partition(":")
    if not (colon and path and "/" in id):
        raise ConfigurationError(f"{who}: {value!r} is no place: write it as `platform/endpoint:path`, `gong/users:id`")
