"""The testbed of a run, who answers and where its files lie: opened before the first step, closed by the last."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import ConfigurationError
from ...interaction import Source
from ...platform import Platform
from ...session import Upstream, policy
from ...workspace import Workspace
from . import recording
from .proxy import Proxy
from .running import importable
from .settings import Settings
from .traffic import network

if TYPE_CHECKING:
    from ...sandbox import Sandbox

LIMIT = (1667, 10.0)
"""Calls in so many seconds: 10,000 a minute, what a private app has. Source: Intercom, rate limiting."""


@dataclass
class Testbed:
    """What a run works with.

    Attributes:
        settings: What is asked for.
        space: The user's workspace.
        platform: Intercom, as it is declared.
        folder: The run's own, in which everything is written.
        made: What a recording that is played back was made with, None where none is.
        proxy: What passes requests on and keeps them, None where nobody stands in between.
        sandbox: The sandbox of this run, None where another answers.
        roots: Stage -> workspace with its recording; empty where none is played back.
        environ: Environment of the processes that are started.
    """

    settings: Settings
    space: Workspace
    platform: Platform
    folder: Path
    made: recording.Made | None = None
    proxy: Proxy | None = None
    sandbox: Sandbox | None = None
    roots: Mapping[str, Path] = field(default_factory=dict)
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def store(self) -> Path:
        """The database of the run."""
        return self.folder / "data.db"

    @property
    def origin(self) -> str:
        """Who answers, as `Upstream` calls it."""
        if self.roots:
            return "replay"
        if self.sandbox is not None and self.proxy is not None:
            return self.proxy.url
        return self.settings.url or "live"

    def root(self, stage: str) -> Path:
        """The workspace of a stage."""
        return self.roots.get(stage, self.space.root)

    def upstream(self, stage: str) -> Upstream:
        """Who answers a stage, for this process. Ends the stage before it."""
        if self.proxy is not None:
            self.proxy.stage = stage
        if self.roots:
            return Upstream(Workspace.discover(self.roots[stage]), "replay")
        space = replace(self.space, environ={**self.space.environ, **self.environ})
        return Upstream(space, self.origin)

    @property
    def mode(self) -> str:
        """`sandbox`, `live` or `replay`."""
        return "replay" if self.roots else "live" if self.origin == "live" else "sandbox"

    @property
    def days(self) -> float:
        return self.made.days if self.made else self.settings.days

    @property
    def most(self) -> int:
        """Conversations at most, 0 for all."""
        return self.made.max_conversations if self.made else self.settings.max_conversations

    @property
    def base(self) -> str:
        """Where the API stands, for people: never an address of this machine."""
        if self.mode != "live" or self.proxy is not None:
            return self.platform.base_url
        return self.upstream("connection").base_url(self.platform)

    def record(self, path: Path, source: Source) -> int:
        """Writes what passed. Raises `SecretLeak`."""
        assert self.proxy is not None
        upstream = self.upstream(self.proxy.stage)
        rules = replace(policy(self.space), literals=tuple(upstream.credentials(self.platform).values()))
        here = upstream.base_url(self.platform)
        told = recording.Made(self.settings.days, self.settings.max_conversations, version=self.platform.version)
        kept = self.proxy.interactions(here, self.platform.base_url, source, rules)
        return recording.write(path, kept, told, rules)


@contextmanager
def opened(settings: Settings, space: Workspace) -> Iterator[Testbed]:
    """A testbed for as long as the block lasts. Raises `ConfigurationError`, `CassetteNotFound`."""
    from ...registry import platform

    testbed = Testbed(settings, space, platform("intercom", space), made_folder(settings.folder))
    testbed.environ = {**settings.environ, **importable()}
    with ExitStack() as stack:
        try:
            _answering(testbed, stack)
        except BaseException:
            removed(testbed)
            raise
        yield testbed


def _answering(testbed: Testbed, stack: ExitStack) -> None:
    match testbed.settings.mode:
        case "replay":
            file = recording.found(testbed.space)
            testbed.made = recording.made(file)
            testbed.roots = recording.staged(file, testbed.folder / "replay")
        case "sandbox" if not testbed.settings.url:
            testbed.sandbox = _sandbox(testbed)
            testbed.environ |= testbed.sandbox.credentials(testbed.platform.name)
            testbed.proxy = Proxy(testbed.sandbox.async_transport(), keeps=testbed.settings.record is not None)
            stack.enter_context(testbed.proxy.served())
        case _ if testbed.settings.record is not None:
            _between(testbed, stack)


def _between(testbed: Testbed, stack: ExitStack) -> None:
    """Somebody else answers, and what passes is to be kept: the processes ask this machine, which asks on."""
    upstream = testbed.upstream("connection")
    target = upstream.base_url(testbed.platform)
    testbed.proxy = Proxy(network(), target=target.rstrip("/"), keeps=True)
    url = stack.enter_context(testbed.proxy.served())
    testbed.environ["INTERCOM_BASE_URL"] = url


def _sandbox(testbed: Testbed) -> Sandbox:
    """A sandbox that lives at the time of its rows, and refuses whoever is too fast."""
    from ...sandbox import Sandbox

    made = Sandbox([testbed.platform], rows=testbed.settings.rows)
    made.clock.set(made.world.present)
    made.limit(testbed.platform.name, *LIMIT)
    return made


def made_folder(parent: Path) -> Path:
    """A new folder for one run. Raises `ConfigurationError`."""
    try:
        parent.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix="run-", dir=parent))
    except OSError as error:
        raise ConfigurationError(
            f"{parent}: no folder can be made there ({error.strerror or error});"
            " set FASTINTERCOM_TEST_WORKSPACE to another place"
        ) from None


def removed(testbed: Testbed) -> list[str]:
    """Removes the run's folder, and its parent where nothing else is in it. What could not be removed is named."""
    shutil.rmtree(testbed.folder, ignore_errors=True)
    left = [str(path.relative_to(testbed.folder.parent)) for path in testbed.folder.rglob("*")]
    if not testbed.folder.exists() and not any(testbed.settings.folder.iterdir()):
        testbed.settings.folder.rmdir()
    return left
