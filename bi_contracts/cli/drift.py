"""`bi-contracts drift`: what changed in an API's shape, and what was decided about it."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import ExitCode
from . import options

if TYPE_CHECKING:
    from ..interaction import Interaction
    from ..session import Session
    from ..workspace import Workspace

SEVERITIES = ("breaking", "warning", "info")


class DriftGroup(click.Group):
    """`drift GLOB` compares; `drift accept`, `drift history` and `drift watch` are verbs of their own."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if not args or args[0] not in self.commands:
            args = ["compare", *args]
        return super().resolve_command(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options of `compare`, which is what `drift` itself does, and then the other verbs."""
        click.Command.format_options(self.commands["compare"], ctx, formatter)
        self.format_commands(ctx, formatter)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or args[0] not in {*self.commands, "-h", "--help"}:
            args = ["compare", *args]
        return super().parse_args(ctx, args)


@click.group("drift", cls=DriftGroup)
def command() -> None:
    """Ask again and say what changed in an API's shape, how bad that is for a reader, and on how much evidence.

    \b
    bi-contracts drift 'notion/*'                     the live API against the contracts
    bi-contracts drift 'notion/*' --from newer/        recordings in a folder against the contracts
    bi-contracts drift --contract c.json --from r.jsonl --format json
    bi-contracts drift accept notion/search --rule response-required-property-removed --path /body/x --reason '...'
    bi-contracts drift history                        past reports
    """


@command.command("compare")
@options.globs
@click.option("--contract", type=click.Path(path_type=Path), help="A contract file, with --from FILE.")
@click.option(
    "--from",
    "origin",
    default=None,
    metavar="live|sandbox|URL|DIR|FILE",
    help="Who answers: as in record; or a folder of cassettes, or a JSONL file.",
)
@click.option("--fail-on", type=click.Choice(SEVERITIES), default=None, help="The least severity that fails.")
@options.max_pages
@options.report_options
def compare(
    globs: tuple[str, ...],
    contract: Path | None,
    origin: str | None,
    fail_on: str | None,
    max_pages: int,
    format: str,
    output: Path | None,
) -> None:
    """Compare fresh answers with contracts (the verb `drift` itself)."""
    if contract is not None:
        if origin is None or globs:
            raise click.UsageError("--contract takes --from FILE and no GLOB")
        _compare_file(contract, Path(origin), fail_on or "breaking", format, output)
        return
    space = options.workspace().with_settings(fail_on=fail_on)
    _compare_upstream(space, globs, origin, max_pages, format, output)


def _compare_file(contract: Path, responses: Path, fail_on: str, format: str, output: Path | None) -> None:
    """One contract against a file. As JSON this is the drift report itself: id, samples, worst, changes."""
    from .. import suite
    from ..contract import Contract, read_responses
    from ..drift import compare as compare_shapes
    from ..interaction import Source

    started = time.perf_counter()
    report = compare_shapes(Contract.load(contract), read_responses(responses))
    outcome = suite.drift_outcome(report, Source.UNKNOWN, fail_on)
    facts = {"contract": str(contract), "responses": str(responses)}
    stream = suite.events("Drift", "drift", [outcome], time.perf_counter() - started, **facts)
    options.emit(stream, format, output, fail_on, plain=report.as_dict())


def _compare_upstream(
    space: Workspace, globs: tuple[str, ...], origin: str | None, max_pages: int, format: str, output: Path | None
) -> None:
    from .. import suite
    from ..drift import history
    from ..redact import redact_url

    session, fresh, ids = _fresh(space, globs, origin, max_pages)
    started = time.perf_counter()
    outcomes = []
    with options.progress(len(ids), "comparing") as done:
        for id in ids:
            outcome, report = suite.drift(session, id, fresh, fail_on=space.settings.fail_on)
            outcomes.append(outcome)
            if report is not None:
                history.append(space.history, report)
            done(id)
    stream = suite.events(
        "Drift", "drift", outcomes, time.perf_counter() - started, origin=redact_url(origin or "live")
    )
    options.emit(stream, format, output, space.settings.fail_on)


def _fresh(
    space: Workspace, globs: tuple[str, ...], origin: str | None, max_pages: int
) -> tuple[Session, Callable[[str], Sequence[Interaction]], tuple[str, ...]]:
    """Who is compared with what: recordings in a folder where the origin is one, else whoever answers."""
    from .. import suite
    from ..session import Mode, Session

    wanted = globs or space.contract_ids()
    if origin is not None and Path(origin).is_dir():
        return Session(space), suite.kept_in(Path(origin)), options.recorded_ids(space, wanted)
    if origin is not None and origin not in ("live", "sandbox") and "://" not in origin:
        words = (
            f"{origin!r} is neither live, sandbox, a URL nor a folder of cassettes; a JSONL file goes with --contract"
        )
        raise click.BadParameter(words, param_hint="--from")
    session = Session(space, Mode.LIVE, options.upstream(space, origin))
    return session, suite.asked(session, max_pages), tuple(one.id for one in options.targets(space, wanted))


@command.command("accept")
@click.argument("id")
@click.option("--rule", default=None, help="Only changes of this rule.")
@click.option("--path", "pointer", default=None, help="Only the change at this path.")
@click.option("--reason", required=True, help="Why this is all right; it is kept.")
def accept(id: str, rule: str | None, pointer: str | None, reason: str) -> None:
    """Accept changes of the latest report of an endpoint, so that later reports leave them out."""
    from ..drift import DriftReport, baseline, history

    space = options.workspace()
    past = list(history.read(space.history, id))
    if not past:
        raise click.UsageError(f"no report of {id} yet; run `bi-contracts drift {id}` first")
    report = DriftReport.from_dict(past[-1].report)
    chosen = [one for one in report.changes if rule in (None, one.rule) and pointer in (None, one.path)]
    if not chosen:
        raise click.UsageError(f"the latest report of {id} has no such change")
    baseline.accept(space.baseline, report, chosen, reason=reason)
    for one in chosen:
        click.echo(f"{id}: {one.rule} at {one.path} is accepted")


@command.command("history")
@options.globs
@options.plain_format
def past(globs: tuple[str, ...], format: str) -> None:
    """List past drift reports, oldest first."""
    from ..drift import history
    from ..registry import pattern

    space = options.workspace()
    wanted = {pattern(glob) for glob in globs or ("*",)}
    rows = [
        {
            "at": entry.at,
            "id": entry.id,
            "source": entry.report.get("source"),
            "samples": entry.report.get("samples"),
            "worst": entry.worst or "none",
            "changes": len(entry.report.get("changes", [])),
        }
        for entry in history.read(space.history)
        if any(fnmatchcase(entry.id, one) for one in wanted)
    ]
    options.show(rows, ("at", "id", "source", "samples", "worst", "changes"), format)
    if not rows:
        click.get_current_context().exit(int(ExitCode.NOTHING_RAN))


@command.command("watch")
@options.globs
@click.option("--every", type=click.IntRange(1), default=1440, show_default=True, help="Minutes between two looks.")
@click.option("--times", type=click.IntRange(1), default=None, help="Looks before it ends; without end by default.")
@options.origin
@options.max_pages
def watch(globs: tuple[str, ...], every: int, times: int | None, origin: str | None, max_pages: int) -> None:
    """Look again and again; a report is printed when it differs from the one before. Ctrl-C ends it."""
    from .. import suite
    from ..drift import history
    from ..report import render

    space = options.workspace()
    session, fresh, ids = _fresh(space, globs, origin, max_pages)
    before: object = None
    for look in itertools.count(1):
        started = time.perf_counter()
        found = [suite.drift(session, id, fresh, fail_on=space.settings.fail_on) for id in ids]
        for _, report in found:
            if report is not None:
                history.append(space.history, report)
        outcomes = [outcome for outcome, _ in found]
        now = [(outcome.subject, outcome.verdict, outcome.findings) for outcome in outcomes]
        if now != before:
            click.echo(render(suite.events("Drift", "drift", outcomes, time.perf_counter() - started), "text"))
        before = now
        if look == times:
            return
        time.sleep(every * 60)
