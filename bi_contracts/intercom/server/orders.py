"""What the server and the process that syncs for it say to each other: lines of JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ...errors import ConfigurationError

TOKEN = "INTERCOM_ACCESS_TOKEN"
"""What a live sync needs. The server only looks whether it is set: the process that syncs reads it."""


def cannot_sync(origin: str, environ: Mapping[str, str]) -> str:
    """Why a sync cannot be done, "" where it can."""
    if origin == "live" and not environ.get(TOKEN, "").strip():
        return f"{TOKEN} is not set in its environment."
    return ""


@dataclass(frozen=True, slots=True)
class Order:
    """A sync that is wanted.

    Attributes:
        store: Address of the store, with its password where it has one.
        root: Folder of the workspace.
        origin: live, sandbox, replay, or the URL of a served sandbox.
        settings: Arguments of `SyncSettings`.
    """

    store: str = field(repr=False)
    root: str
    origin: str = "live"
    settings: dict[str, Any] = field(default_factory=dict)

    def line(self) -> bytes:
        return said(asdict(self))


def order_of(line: bytes) -> Order:
    """Raises `ConfigurationError` for what is no order."""
    match heard(line):
        case {
            "store": str() as store,
            "root": str() as root,
            "origin": str() as origin,
            "settings": dict() as settings,
        }:
            return Order(store, root, origin, settings)
    raise ConfigurationError("the process that syncs is started by `bi-contracts intercom serve`, and by nobody else")


def said(value: dict[str, Any]) -> bytes:
    """A value as a line."""
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"


def heard(line: bytes) -> dict[str, Any]:
    """What a line says; {} for one that is no object of JSON."""
    try:
        value = json.loads(line)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
