"""The platform says no."""

from __future__ import annotations

from ..dialects import ErrorKind, ErrorShape


class Refusal(Exception):
    """The platform says no: in the way of its kind, or in a shape of its own."""

    def __init__(self, kind: ErrorKind, message: str = "", shape: ErrorShape | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.shape = shape
