"""Installs from nothing and tries what was installed: in a container where Docker answers, else in a fresh environment.

Six groups, as the seed has them: build, startup, command line, MCP server, API, cleanup.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from ...errors import BiContractsError, ConfigurationError
from ...report.figures import size
from .line import TOOLS, Mark
from .mcp_client import serving
from .result import Result, Row, Section
from .running import Done, Runner, run
from .wheels import checkout, wheel

TOKEN = "INTERCOM_ACCESS_TOKEN"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is tried.

    Attributes:
        api: Whether the API is asked, too.
        mode: Who answers then: `live` or `sandbox`.
        days: Days that are synced then.
        image: The image's name.
        keep: Leave image and environment as they are.
        pip: More arguments for pip: `--index-url ...`.
        timeout: Seconds for one step.
    """

    api: bool = False
    mode: str = "sandbox"
    days: float = 1.0
    image: str = "bi-contracts-install-test"
    keep: bool = False
    pip: tuple[str, ...] = ()
    timeout: float = 900.0

    @classmethod
    def read(cls, path: Path, **more: Any) -> Plan:
        """From a JSON file. Raises `ConfigurationError` naming what is not understood."""
        try:
            known = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ConfigurationError(f"{path}: {error}") from None
        kinds: dict[str, tuple[type, ...]] = {"days": (int, float), "image": (str,), "keep": (bool,)}
        kinds |= {"pip": (list,), "timeout": (int, float), "mode": (str,)}
        if not isinstance(known, dict):
            raise ConfigurationError(f'{path}: an object is wanted: {{"days": 1}}')
        for name, value in known.items():
            if name not in kinds or not isinstance(value, kinds[name]):
                raise ConfigurationError(f"{path}: {name}: known are {', '.join(kinds)}, each of its own kind")
        return cls(**{**known, "pip": tuple(known.get("pip", ())), **more})


class Place(Protocol):
    """Where it is installed."""

    what: str

    def build(self) -> Iterator[Row]: ...

    def command(self, *arguments: str) -> list[str]: ...

    def remove(self) -> Iterator[Row]: ...


@dataclass
class Container:
    """An image that is built from the checkout's Dockerfile."""

    source: Path
    plan: Plan
    runner: Runner
    what: str = "a container"

    def build(self) -> Iterator[Row]:
        """The image, and its size."""
        done = self._docker("build", "--tag", self.plan.image, str(self.source))
        yield _row("Building the image", done, f"{done.seconds:.0f} s")
        if done.good:
            told = self._docker("image", "inspect", "--format", "{{.Size}}", self.plan.image)
            yield _row("Image size", told, size(float(told.out)) if told.out.strip().isdigit() else "not told")
            user = self._docker("image", "inspect", "--format", "{{.Config.User}}", self.plan.image)
            rootless = user.good and user.out.strip() not in ("", "root", "0")
            yield Row("User", user.out.strip() or "root", mark=Mark.GOOD if rootless else Mark.BAD, target="not root")

    def command(self, *arguments: str) -> list[str]:
        """Runs it once. Variables are named and never shown: their values come from this process's environment."""
        return ["docker", "run", "--rm", "--interactive", "--env", TOKEN, self.plan.image, *arguments]

    def remove(self) -> Iterator[Row]:
        """The image, gone."""
        if self.plan.keep:
            yield Row("Image", "kept", note=self.plan.image)
        else:
            yield _row("Image", self._docker("image", "rm", "--force", self.plan.image), "removed")

    def _docker(self, *arguments: str) -> Done:
        return self.runner(["docker", *arguments], timeout=self.plan.timeout)


@dataclass
class Environment:
    """A virtual environment with nothing but the wheel and what it asks for."""

    source: Path | None
    plan: Plan
    runner: Runner
    folder: Path
    python: Sequence[str]
    what: str = "a fresh virtual environment"

    @property
    def bin(self) -> Path:
        """Where its programs are."""
        return self.folder / "venv" / ("Scripts" if os.name == "nt" else "bin")

    def build(self) -> Iterator[Row]:
        """Wheel, environment, installation."""
        try:
            built = wheel(self.folder, self.runner, self.source)
        except ConfigurationError as error:
            yield Row("Wheel", str(error), mark=Mark.BAD)
            return
        where = "the checkout" if self.source else "the installed distribution"
        yield Row("Wheel", built.name, mark=Mark.GOOD, note=f"{size(built.stat().st_size)}, from {where}")
        made = self.runner([*self.python, "-m", "venv", str(self.folder / "venv")], timeout=self.plan.timeout)
        yield _row("Environment", made, "made")
        if made.good:
            asked = [str(self.bin / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            done = self.runner([*asked, *self.plan.pip, f"{built}[intercom]"], timeout=self.plan.timeout)
            yield _row("Dependencies", done, f"installed in {done.seconds:.0f} s")

    def command(self, *arguments: str) -> list[str]:
        """Runs it."""
        return [str(self.bin / "bi-contracts"), *arguments]

    def remove(self) -> Iterator[Row]:
        """The environment, gone."""
        path = self.folder / "venv"
        if self.plan.keep:
            yield Row("Environment", "kept", note=str(path))
            return
        shutil.rmtree(path, ignore_errors=True)
        left = path.exists()
        yield Row("Environment", "left behind" if left else "removed", mark=Mark.BAD if left else Mark.GOOD)


def chosen(plan: Plan, folder: Path, python: Sequence[str], *, docker: bool | None, runner: Runner = run) -> Place:
    """Docker where its engine answers and there is a checkout to build from, else an environment.

    Raises `ConfigurationError` where Docker is insisted upon and does not answer.
    """
    source = checkout()
    if docker is not False:
        told = runner(["docker", "info", "--format", "{{.ServerVersion}}"], timeout=30.0)
        there = told.good and source is not None and (source / "Dockerfile").is_file()
        if there and source is not None:
            return Container(source, plan, runner)
        if docker:
            why = "there is no checkout with a Dockerfile" if told.good else f"no engine answers ({told.last})"
            raise ConfigurationError(f"--docker: {why}; leave it out to use a fresh environment")
    return Environment(source, plan, runner, folder, python)


Ask = Callable[[Sequence[str], Path, Mapping[str, str]], "tuple[Row, ...]"]


@dataclass
class Installation:
    """One run of the six groups."""

    place: Place
    plan: Plan
    runner: Runner
    folder: Path
    verbs: Sequence[str]
    sections: list[Section] = field(default_factory=list)

    def result(self, ask: Ask | None = None) -> Result:
        """Every group in turn. What was made is removed, whatever happened."""
        ask = ask or mcp
        try:
            if self._group("Build", self.place.build()) and self._group("Startup", self._startup()):
                self._group("Command line", self._cli())
                self._group("MCP server", ask(self._serve(), self.folder, {}))
                self._group("API", self._api())
            else:
                skipped = Row("Not tried", "what comes before it failed", mark=Mark.SKIPPED)
                self.sections += [Section(name, (skipped,)) for name in ("Command line", "MCP server", "API")]
        finally:
            self._group("Cleanup", self.place.remove())
        title = f"Clean install in {self.place.what}"
        advice = () if "container" in self.place.what else (DOCKER,)
        source = self.plan.mode if self.plan.api else ""
        return Result("install", title, source, tuple(self.sections), advice, {"place": self.place.what})

    def _group(self, title: str, rows: Iterator[Row] | tuple[Row, ...]) -> bool:
        known = tuple(rows)
        self.sections.append(Section(title, known))
        return all(row.mark is not Mark.BAD for row in known)

    def _run(self, *arguments: str) -> Done:
        return self.runner(self.place.command(*arguments), timeout=self.plan.timeout)

    def _startup(self) -> Iterator[Row]:
        done = self._run("--version")
        yield _row("Program", done, done.out.strip())
        done = self._run("intercom", "init", "--store", self._store())
        yield _row("Empty store", done, "made")

    def _cli(self) -> Iterator[Row]:
        done = [(verb, self._run("intercom", verb, "--help")) for verb in self.verbs]
        bad = [f"{verb}: {one.last}" for verb, one in done if not one.good or "Usage:" not in one.out]
        yield Row("Commands", f"{len(done) - len(bad)} of {len(done)} help", mark=Mark.BAD if bad else Mark.GOOD,
                  note="; ".join(bad[:3]))  # fmt: skip
        done_ = self._run("platforms", "intercom/*", "--format", "json")
        yield _row("Declarations", done_, "listed")

    def _serve(self) -> list[str]:
        return self.place.command("intercom", "serve", "--mode", "sandbox", "--store", self._store())

    def _api(self) -> Iterator[Row]:
        if not self.plan.api:
            yield Row("Sync", "not asked for", mark=Mark.SKIPPED, note="--with-api-test")
            return
        store, mode = self._store(), self.plan.mode
        sync = ("intercom", "sync", "--mode", mode, "--store", store)
        days = ("--days", f"{self.plan.days:g}") if mode == "live" else ()
        yield _row(f"Sync ({mode})", self._run(*sync, *days), "done")
        if isinstance(self.place, Environment):  # each run of a container is a new one, and its store with it
            done = self._run("intercom", "status", "--store", store, "--format", "json")
            yield _row("Data are kept", done, "the next process reads them")

    def _store(self) -> str:
        return "/data/install.db" if isinstance(self.place, Container) else str(self.folder / "install.db")


DOCKER = "Where Docker's engine answers (docker info) and there is a checkout, the same is done in a container"


def mcp(command: Sequence[str], folder: Path, environ: Mapping[str, str]) -> tuple[Row, ...]:
    """Starts a server, asks it, ends it, and starts it again."""
    try:
        return (*asyncio.run(_asked(command, folder, environ)), *asyncio.run(_again(command, folder, environ)))
    except BiContractsError as error:
        return (Row("Server", str(error), mark=Mark.BAD),)


async def _asked(command: Sequence[str], folder: Path, environ: Mapping[str, str]) -> tuple[Row, ...]:
    async with serving(command, folder, environ) as (server, ended):
        status = await server.ask("get_server_status", {})
        missing = sorted(set(TOOLS) - set(server.tools))
        started, tools = server.started_in, len(server.tools)
    clean = ended.code == 0 and not ended.terminated
    said = f"ended with {ended.code}" if ended.code is not None else "not seen to end"
    return (
        Row("Server", f"started in {started:.1f} s", mark=Mark.GOOD),
        Row("Tools", tools, mark=Mark.BAD if missing else Mark.GOOD, note=f"without {missing}" if missing else ""),
        Row("Answer", status.error or "get_server_status answered", mark=Mark.BAD if status.error else Mark.GOOD),
        Row("Shutdown", said, mark=Mark.GOOD if clean else Mark.BAD, target="0, by itself"),
    )


async def _again(command: Sequence[str], folder: Path, environ: Mapping[str, str]) -> tuple[Row, ...]:
    async with serving(command, folder, environ) as (server, _):
        return (Row("Restart", f"in {server.started_in:.1f} s", mark=Mark.GOOD),)


def _row(name: str, done: Done, good: str) -> Row:
    return Row(name, good if done.good else done.last, mark=Mark.GOOD if done.good else Mark.BAD)
