"""Counts requests and points in fixed windows, as the platforms do: several limits may hold at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from threading import Lock

from ..dialects import Budget, Quota, RateDialect
from ..platform import Platform

MANY = 4096
"""Windows kept before those that have passed are thrown away."""


@dataclass(slots=True)
class Window:
    """One stretch of counting. `reset` is the Unix time at which it ends."""

    quota: Quota
    reset: float
    used: int = 0

    @property
    def spent(self) -> bool:
        return self.used >= self.quota.limit

    def budget(self) -> Budget:
        return Budget(self.quota.limit, max(0, self.quota.limit - self.used), self.reset)


@dataclass(slots=True)
class Tally:
    """What one request found: the windows it fell into, and the one that had nothing left, if any had."""

    dialect: RateDialect
    windows: Sequence[Window]
    refused: Window | None = None

    def headers(self, now: float, skew: float = 0.0) -> list[tuple[str, str]]:
        """The headers, in lower case, that tell a client its budgets: by a clock that is `skew` seconds ahead."""
        if skew:
            return self._ahead(skew).headers(now + skew)
        found: dict[str, str] = {}
        for window in self.windows:
            if window.quota.headers:
                found |= window.quota.render(window.budget(), now)
        if self.refused is not None:
            found |= self.dialect.refusal(self.refused.budget(), now)
        return [(name.lower(), value) for name, value in found.items()]

    def _ahead(self, skew: float) -> Tally:
        refused = None if self.refused is None else replace(self.refused, reset=self.refused.reset + skew)
        return Tally(self.dialect, [replace(each, reset=each.reset + skew) for each in self.windows], refused)

    def exhausted(self, reset: float) -> Tally:
        """As if nothing were left of the first limit until `reset`."""
        first = replace(self.windows[0], reset=reset, used=self.windows[0].quota.limit)
        return Tally(self.dialect, [first, *self.windows[1:]], first)


@dataclass(slots=True)
class Limits:
    """What is left of each platform's rate limits; where they are not enforced, never nothing."""

    overrides: dict[tuple[str, str], tuple[int, float]] = field(default_factory=dict)
    enforced: bool = True
    _quotas: dict[tuple[str, str], tuple[Quota, ...]] = field(default_factory=dict)
    _windows: dict[tuple[str, str, str], Window] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def change(self, platform: str, limit: int, window: float, quota: str = "") -> None:
        """Another limit for a platform, counted from now; the first one unless another is named."""
        with self._lock:
            self.overrides[platform, quota] = (limit, window)
            self._quotas.clear()
            self._windows = {name: kept for name, kept in self._windows.items() if name[0] != platform}

    def of(self, platform: Platform) -> tuple[int, float]:
        """Requests and seconds of the first limit."""
        first = self.quotas(platform, "")[0]
        return first.limit, first.window

    def quotas(self, platform: Platform, endpoint: str) -> tuple[Quota, ...]:
        """Every limit that holds for an endpoint."""
        found = self._quotas.get((platform.name, endpoint))
        if found is None:
            declared = platform.limits.all_for(endpoint)
            found = tuple(self._changed(platform.name, quota) for quota in declared)
            self._quotas[platform.name, endpoint] = found
        return found

    def _changed(self, platform: str, quota: Quota) -> Quota:
        override = self.overrides.get((platform, quota.name))
        return quota if override is None else replace(quota, limit=override[0], window=override[1])

    def look(self, platform: Platform, endpoint: str, path: str, now: float) -> Tally:
        """The budgets as they stand, with nothing counted."""
        quotas = self.quotas(platform, endpoint)
        with self._lock:
            return Tally(platform.limits, self._found(platform.name, quotas, path, now))

    def count(self, platform: Platform, endpoint: str, path: str, now: float) -> Tally:
        """Counts one request. A request that is one too many is not counted, and the tally says so."""
        quotas = self.quotas(platform, endpoint)
        with self._lock:
            windows = self._found(platform.name, quotas, path, now)
            full = next((window for window in windows if window.spent), None) if self.enforced else None
            if full is None:
                for window in windows:
                    self._use(window, int(window.quota.counts == "requests"))
            # Another request may count on before this answer is written: it states the budgets as they are now.
            return Tally(platform.limits, [replace(window) for window in windows], full)

    def charge(self, platform: Platform, endpoint: str, path: str, now: float, points: int) -> Tally:
        """Counts what an answer cost."""
        quotas = self.quotas(platform, endpoint)
        with self._lock:
            windows = self._found(platform.name, quotas, path, now)
            for window in windows:
                self._use(window, points if window.quota.counts == "points" else 0)
            return Tally(platform.limits, [replace(window) for window in windows])

    def _use(self, window: Window, number: int) -> None:
        """Counts on. Where nothing is refused something is always left: a client that reads 0 waits for nothing."""
        window.used += number
        if not self.enforced:
            window.used = min(window.used, max(0, window.quota.limit - 1))

    def _found(self, platform: str, quotas: Sequence[Quota], path: str, now: float) -> list[Window]:
        return [self._window(platform, quota, path if quota.per == "path" else "", now) for quota in quotas]

    def _window(self, platform: str, quota: Quota, path: str, now: float) -> Window:
        name = (platform, f"{quota.name}/{quota.limit}", path)
        window = self._windows.get(name)
        if window is None or not 0 < window.reset - now <= quota.window:
            self._tidy(now)
            window = self._windows[name] = Window(quota, now + quota.window)
        return window

    def _tidy(self, now: float) -> None:
        if len(self._windows) >= MANY:
            self._windows = {name: window for name, window in self._windows.items() if now < window.reset}
        if len(self._windows) >= MANY:
            self._windows.clear()
