"""How a platform says no, and how it says slow down: as data, read both ways."""

from __future__ import annotations

from .errors import ErrorDialect, ErrorKind, ErrorShape, Problem
from .limits import Budget, Quota, RateDialect

__all__ = ["Budget", "ErrorDialect", "ErrorKind", "ErrorShape", "Problem", "Quota", "RateDialect"]
