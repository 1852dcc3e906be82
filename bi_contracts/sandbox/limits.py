"""Counts requests in fixed windows, as the platforms do."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock

from ..dialects import Budget, RateDialect
from ..platform import Platform

MANY = 2048
"""Windows kept before those that have passed are thrown away."""


@dataclass(slots=True)
class _Window:
    reset: float
    used: int = 0


@dataclass(slots=True)
class Limits:
    """What is left of each platform's rate limit."""

    overrides: dict[str, tuple[int, float]] = field(default_factory=dict)
    enforced: bool = True
    _windows: dict[tuple[str, str], _Window] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def change(self, platform: str, limit: int, window: float) -> None:
        """Another limit for a platform, counted from now."""
        self.overrides[platform] = (limit, window)
        self.reset(platform)

    def reset(self, platform: str) -> None:
        with self._lock:
            self._windows = {name: window for name, window in self._windows.items() if name[0] != platform}

    def of(self, platform: Platform) -> tuple[int, float]:
        """Requests and seconds."""
        return self.overrides.get(platform.name, (platform.limits.limit, platform.limits.window))

    def count(self, platform: Platform, path: str, now: float) -> tuple[Budget, bool]:
        """Counts one request. Returns what is left, and True where the request is one too many."""
        limit, length = self.of(platform)
        name = (platform.name, path if platform.limits.per == "path" else "")
        with self._lock:
            window = self._windows.get(name)
            if window is None or now >= window.reset:
                self._tidy(now)
                window = self._windows[name] = _Window(now + length)
            refused = self.enforced and window.used >= limit
            window.used += not refused
            return Budget(limit, max(0, limit - window.used), window.reset), refused

    def _tidy(self, now: float) -> None:
        if len(self._windows) >= MANY:
            self._windows = {name: window for name, window in self._windows.items() if now < window.reset}
        if len(self._windows) >= MANY:
            self._windows.clear()


def headers(dialect: RateDialect, budget: Budget, now: float, *, refused: bool) -> list[tuple[str, str]]:
    """The headers, in lower case, that tell a client its budget."""
    return [(name.lower(), value) for name, value in dialect.render(budget, now, refused=refused).items()]
