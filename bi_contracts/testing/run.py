"""One test run: its mode, its workspace, who answers, and what it has used so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ..registry import Target, find
from ..session import Mode, Session, Upstream, draw_arguments, policy
from ..workspace import Workspace
from .merge import Merges
from .usage import Usage

if TYPE_CHECKING:
    from ..interaction import Interaction
    from ..paths import Json
    from ..redact import Policy

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass
class Run:
    """What the tests of one process share.

    Attributes:
        workspace: Where recordings and contracts lie.
        mode: Where answers come from.
        origin: Who answers in the other modes than replay: `live`, `sandbox` or a URL.
        allowed: Hosts, or `host:port`, that replay does not block.
        usage: What was replayed, missed and written.
    """

    workspace: Workspace
    mode: Mode = Mode.REPLAY
    origin: str = "live"
    allowed: tuple[str, ...] = ()
    usage: Usage = field(default_factory=Usage)
    merges: Merges = field(default_factory=Merges)
    _drawn: dict[str, dict[str, Json]] = field(default_factory=dict)
    _observed: dict[tuple[str, int | None], list[Interaction]] = field(default_factory=dict)

    @cached_property
    def upstream(self) -> Upstream:
        """Who answers in the other modes than replay; one for the whole run."""
        return Upstream(self.workspace, self.origin)

    @cached_property
    def session(self) -> Session:
        return Session(self.workspace, self.mode, None if self.mode is Mode.REPLAY else self.upstream)

    @cached_property
    def policy(self) -> Policy:
        return policy(self.workspace)

    @property
    def ignored(self) -> tuple[str, ...]:
        """The allowed hosts by name: no recording is looked for there."""
        names = {_host(name) for name in self.allowed}
        return tuple(sorted(names | set(_LOOPBACK) if names & set(_LOOPBACK) else names))

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every credential this run knows of; none may get into a recording."""
        from ..registry import platforms

        known, environ = platforms(self.workspace), self.workspace.environ
        found = [one.environment(environ).get(name, "") for one in known for name in one.auth.variables]
        if self.origin == "sandbox":
            found += [value for one in known for value in self.upstream.credentials(one).values()]
        return tuple(sorted({value for value in found if value}))

    def draw(self, target: Target) -> dict[str, Json]:
        """Arguments for an endpoint that needs a parent's id, asked for once in a run. Raises `UpstreamError`."""
        if target.id not in self._drawn:
            with self.upstream.client(target.platform) as client:
                self._drawn[target.id] = draw_arguments(client, target.endpoint)
        return self._drawn[target.id]

    def observe(self, target: Target, max_pages: int | None) -> list[Interaction]:
        """Fresh answers of an endpoint, asked for once in a run. Raises `UpstreamError`."""
        key = (target.id, max_pages)
        if key not in self._observed:
            self._observed[key] = self.session.observe(target.platform, target.endpoint, max_pages=max_pages)
        return self._observed[key]

    def keep(self, fresh: list[Interaction], place: Callable[[Interaction], tuple[str, Path]]) -> None:
        """Writes what a test recorded, each interaction to the endpoint and file that `place` names."""
        by_file: dict[tuple[str, Path], list[Interaction]] = {}
        for interaction in fresh:
            by_file.setdefault(place(interaction), []).append(interaction)
        for (id, path), interactions in by_file.items():
            cassette = self.merges.write(path, id, interactions, self.policy, self._api_version(id))
            self.usage.written[str(path)] = (len(cassette.interactions), str(cassette.provenance.source))

    def _api_version(self, id: str) -> str:
        found = find(id, self.workspace)
        return found.platform.version if found is not None else ""


def _host(name: str) -> str:
    return name.lower() if name.count(":") > 1 else name.lower().partition(":")[0]
