"""`bi-contracts demo`: record, infer, replay, change, record again, detect. All of it real, none of it live."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import ExitCode
from . import options

if TYPE_CHECKING:
    from ..platform import Endpoint
    from ..registry import Target
    from ..report.events import Outcome
    from ..sandbox import Sandbox
    from ..sandbox.evolution import Change, Evolution
    from ..workspace import Workspace


@click.command("demo")
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("bi-contracts-demo"),
    show_default=True,
    help="Where cassettes, contracts and report.html go.",
)
@click.option("--rows", type=click.IntRange(1), default=120, show_default=True, help="Rows an endpoint.")
def command(output: Path, rows: int) -> None:
    """The whole story on the sandbox, in under a minute, with no account and no network.

    Records every declared platform, infers contracts, replays the suite with sockets blocked, lets the sandbox's
    APIs change, records again, and says what drifted. Ends with 0 when every change was found. Platforms and accounts
    that the workspace declares take part.
    """
    from ..registry import platforms, select
    from ..sandbox import Sandbox
    from ..sandbox.evolution import DEMO, Evolution
    from ..workspace import Workspace

    started = time.perf_counter()
    here = options.workspace()
    story = Story(output.resolve(), select(["*"], here), Sandbox(platforms(here), rows=rows, enforce_limits=False))
    before, after = (
        Workspace(story.folder / name, platforms=here.platforms, accounts=here.accounts) for name in ("before", "after")
    )
    story.record(before)
    story.infer(before)
    outcomes = story.replay(before)
    evolution = Evolution.read(DEMO)
    story.change(evolution)
    story.record(after)
    outcomes += story.drift(before, after)
    story.report(outcomes, time.perf_counter() - started)
    missed = story.missed(evolution, outcomes)
    click.get_current_context().exit(int(ExitCode.FINDINGS if missed else ExitCode.GOOD))


@dataclass
class Story:
    """The chapters of the demo. Each does the real thing and says in a line what came of it."""

    folder: Path
    targets: tuple[Target, ...]
    sandbox: Sandbox

    def record(self, space: Workspace) -> None:
        """Every endpoint through the ordinary recorder."""
        from ..session import Mode, Session, Upstream

        session = Session(space, Mode.RECORD, Upstream(space, "sandbox", self.sandbox))
        with self._chapter("record") as tell:
            made = [session.record(one.platform, one.endpoint) for one in self.targets]
            pages, records = sum(one.pages for one in made), sum(one.records for one in made)
            names = {one.platform.name for one in self.targets}
            what = f"{len(names)} platforms, {len(made)} endpoints, {pages} pages, {records} records"
            tell(f"{what} -> {self._at(space)}")

    def infer(self, space: Workspace) -> None:
        """A contract for every recording."""
        from .. import suite
        from ..session import Session

        with self._chapter("infer") as tell:
            for one in self.targets:
                suite.infer(Session(space), one.id).save(space.contract(one.id))
            tell(f"{len(self.targets)} contracts -> {self._at(space)}")

    def replay(self, space: Workspace) -> list[Outcome]:
        """Every recorded read again through the client, sockets blocked, and every response against its contract."""
        from .. import suite
        from ..report.events import Status
        from ..session import Session

        with self._chapter("replay") as tell:
            outcomes = suite.run([suite.replay, suite.check], Session(space), [one.id for one in self.targets])
            passed = sum(outcome.verdict is Status.PASSED for outcome in outcomes)
            tell(f"{passed} of {len(outcomes)} checks passed, sockets blocked")
        return outcomes

    def change(self, evolution: Evolution) -> None:
        """The sandbox's APIs change, as written in a list."""
        self.sandbox.evolve(evolution)
        with self._chapter("change") as tell:
            tell(f"{len(evolution.changes)} changes to the sandbox's APIs:")
        for change in evolution.changes:
            click.echo(f"             {described(change)}")

    def drift(self, before: Workspace, after: Workspace) -> list[Outcome]:
        """The second recordings against the contracts of the first."""
        from .. import suite
        from ..session import Session

        outcomes = []
        with self._chapter("drift") as tell:
            for one in self.targets:
                fresh = suite.kept_in(after.root / after.settings.cassettes)
                outcomes.append(suite.drift(Session(before), one.id, fresh)[0])
            found = [finding.severity for outcome in outcomes for finding in outcome.findings]
            tell(", ".join(f"{found.count(severity)} {severity}" for severity in ("breaking", "warning", "info")))
        return outcomes

    def report(self, outcomes: list[Outcome], elapsed: float) -> None:
        """The table on stdout, and report.html."""
        from .. import suite
        from ..files import write_text
        from ..report import render

        stream = suite.events("The demo, on the sandbox", "demo", outcomes, elapsed, mode="sandbox")
        click.echo()
        click.echo(render(stream, "text", color=options.use_color()))
        write_text(self.folder / "report.html", render(stream, "html"))
        click.echo(f"{elapsed:.1f} s. The same as a page: {_short(self.folder / 'report.html')}")

    def missed(self, evolution: Evolution, outcomes: list[Outcome]) -> list[str]:
        """The written changes that no drift finding names; said on stdout either way."""
        known = {one.id: one.endpoint for one in self.targets}
        missed = [
            described(change)
            for change in evolution.changes
            if not any(
                outcome.check == "drift"
                and change.concerns(outcome.subject)
                and any(finding.path in pointers(change, known[outcome.subject]) for finding in outcome.findings)
                for outcome in outcomes
            )
        ]
        click.echo(f"{len(evolution.changes) - len(missed)} of {len(evolution.changes)} staged changes were found.")
        for words in missed:
            click.echo(f"missed: {words}")
        return missed

    @contextmanager
    def _chapter(self, name: str) -> Iterator[Callable[[str], None]]:
        started = time.perf_counter()
        yield lambda words: click.echo(f"{name:<8} {time.perf_counter() - started:4.1f} s  {words}")

    def _at(self, space: Workspace) -> str:
        return _short(space.root)


def pointers(change: Change, endpoint: Endpoint) -> set[str]:
    """The JSON Pointers over the response envelope at which a staged change shows."""
    if change.change == "status":
        return {"/status"}
    if change.change == "header":
        return {f"/headers/{change.path.lower()}"}
    root = "/body"
    if change.scope == "record":
        root = _join(root, endpoint.records) + ("/*" if endpoint.kind == "list" else "")
    places = {_join(root, change.path)}
    if change.change in ("rename", "wrap"):
        parent, _, _ = change.path.rpartition(".")
        places.add(_join(_join(root, parent), str(change.to)))
    return places


def described(change: Change) -> str:
    """A staged change in a line."""
    to = "" if change.to is None else f" -> {json.dumps(change.to) if change.change in ('add', 'enum') else change.to}"
    share = f" (in {change.share:.0%} of the rows)" if change.share < 1 else ""
    return f"{change.endpoint}: {change.change} {change.path}{to}{share}"


def _join(root: str, path: str) -> str:
    return root + "".join(f"/{step}" for step in path.split(".") if step)


def _short(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
