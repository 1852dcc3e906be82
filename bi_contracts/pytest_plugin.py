"""The pytest plugin. Importing it costs next to nothing: the work is imported by the tests that use it.

Every name is prefixed, so that it loads beside pytest-recording.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .cassette.player import Player
    from .testing.bound import Bound
    from .testing.run import Run

MODES = ("replay", "record", "live", "sandbox")
CONTRACT = (
    "bi_contract(id, *ids, contract=True, **arguments): the test reads this endpoint, `asana/tasks`, through the"
    " fixture `bi`; in replay mode from its recording, with sockets blocked."
)
CASSETTE = (
    "bi_cassette(path, *paths): HTTP traffic of the test, by any client, is replayed from or recorded to these files"
    " or folders; in replay mode sockets are blocked."
)

_RUN = pytest.StashKey["Run"]()
_PASSED = pytest.StashKey[bool]()
_ELSEWHERE = pytest.StashKey[list[dict[str, Any]]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The command-line options; every name has the prefix `bi`."""
    group = parser.getgroup("bi_contracts", "record, replay and contracts of SaaS APIs")
    group.addoption("--bi-mode", choices=MODES, default=None, help="Where answers come from (default: replay).")
    group.addoption(
        "--bi-from",
        default=None,
        metavar="live|sandbox|URL",
        help="Who answers outside replay: the vendors, the sandbox in process, or one that is served at a URL.",
    )
    group.addoption(
        "--bi-allow-host",
        action="append",
        default=[],
        metavar="HOST[:PORT]",
        help="A host that replaying tests may connect to. Repeatable.",
    )
    group.addoption("--bi-strict", action="store_true", help="Fail the run for missing, unused and stale recordings.")


def pytest_configure(config: pytest.Config) -> None:
    """Registers the markers; refuses to record in several processes."""
    config.addinivalue_line("markers", CONTRACT)
    config.addinivalue_line("markers", CASSETTE)
    config.stash[_ELSEWHERE] = []
    if config.getoption("bi_mode") == "record" and getattr(config.option, "dist", "no") != "no":
        raise pytest.UsageError("--bi-mode record: tests write to the same recordings; run them in one process (-n 0)")


def pytest_report_header(config: pytest.Config) -> str | None:
    """Where answers come from, where that is not a replay."""
    mode = config.getoption("bi_mode")
    return f"bi_contracts: {mode} from {config.getoption('bi_from') or _origin(mode)}" if mode in MODES[1:] else None


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each endpoint of a conformance class."""
    if "bi_target" in metafunc.fixturenames:
        from .errors import BiContractsError
        from .registry import select

        try:
            space = run_of(metafunc.config).workspace
            metafunc.parametrize("bi_target", [one.id for one in select(metafunc.cls.bi_globs, space)])
        except BiContractsError as error:
            raise pytest.Collector.CollectError(str(error)) from None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Findings are shown as messages, without a traceback."""
    if call.excinfo is not None and not item.config.getoption("fulltrace"):
        _shorten(call.excinfo)
    report = yield
    if report.when == "call":
        item.stash[_PASSED] = report.passed
    return report


@pytest.fixture(autouse=True)
def bi_cassette(request: pytest.FixtureRequest) -> Iterator[Player | None]:
    """The open recordings of a test with the marker `bi_contract` or `bi_cassette`; None without one."""
    contract, cassette = (request.node.get_closest_marker(name) for name in ("bi_contract", "bi_cassette"))
    if contract is None and cassette is None:
        yield None
        return
    _check(contract, cassette)
    context = _opened(request, contract, cassette)
    with _told():
        player = context.__enter__()
    yield player
    with _told():
        context.__exit__(None, None, None)


@pytest.fixture
def bi(request: pytest.FixtureRequest, bi_cassette: Player | None) -> Iterator[Bound]:
    """The endpoint that the marker `bi_contract` names: `bi.records()`, `bi.record()`, `bi.client`, `bi.contract`."""
    marker = request.node.get_closest_marker("bi_contract")
    if marker is None:
        pytest.fail('bi needs to know its endpoint: @pytest.mark.bi_contract("asana/tasks")', pytrace=False)
    from .registry import target
    from .testing.bound import Bound

    arguments = {name: value for name, value in marker.kwargs.items() if name != "contract"}
    checked = marker.kwargs.get("contract", True) is not False
    run = run_of(request.config)
    bound = Bound(run, target(marker.args[0], run.workspace), bi_cassette, arguments, checked=checked)
    yield bound
    bound.close()


@pytest.fixture
def bi_conforms(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Runs one check of `conformance`; what has no recording or no contract is skipped with the reason."""
    from .errors import CassetteNotFound, ContractNotFound

    def conforms(check: Callable[..., None], *arguments: object) -> None:
        try:
            with _told():
                run = run_of(request.config)
            check(run, *arguments)
        except (CassetteNotFound, ContractNotFound) as missing:
            pytest.skip(str(missing))

    return conforms


def run_of(config: pytest.Config) -> Run:
    """The run of this process, made when the first test needs it. Raises `ConfigurationError`."""
    if _RUN not in config.stash:
        from .session import Mode
        from .testing.run import Run
        from .workspace import Workspace

        workspace = Workspace.discover(config.rootpath).with_settings(mode=config.getoption("bi_mode"))
        mode = workspace.settings.mode
        origin = config.getoption("bi_from") or _origin(mode)
        config.stash[_RUN] = Run(workspace, Mode(mode), origin, tuple(config.getoption("bi_allow_host")))
    return config.stash[_RUN]


def _opened(
    request: pytest.FixtureRequest, contract: pytest.Mark | None, cassette: pytest.Mark | None
) -> AbstractContextManager[Player | None]:
    from .testing.opening import Wanted, opened

    node = request.node
    ids = contract.args if contract else ()
    paths = tuple(map(str, cassette.args)) if cassette else ()
    wanted = Wanted(node.nodeid, Path(node.path).parent, ids, paths)
    with _told():
        run = run_of(request.config)
        if run.mode == "record" and "bi" in request.fixturenames:
            run.draw(wanted.targets(run)[0])
    return opened(run, wanted, lambda: node.stash.get(_PASSED, False))


@contextmanager
def _told() -> Iterator[None]:
    """An error of this package as its message alone, without a traceback."""
    from .errors import BiContractsError

    try:
        yield
    except BiContractsError as error:
        said = str(error).replace("`--from ", "`--bi-from ")
        raise pytest.fail.Exception(said, pytrace=False) from None


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:  # noqa: ARG001
    """A worker of pytest-xdist has finished: what it used comes here."""
    usage = getattr(node, "workeroutput", {}).get("bi_contracts")
    if usage:
        node.config.stash[_ELSEWHERE].append(usage)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Sends what a worker used to the main process; with `--bi-strict`, recordings out of order fail the run."""
    config = session.config
    output = getattr(config, "workeroutput", None)
    if output is not None and _RUN in config.stash:
        output["bi_contracts"] = config.stash[_RUN].usage.as_dict()
    strict = output is None and config.getoption("bi_strict")
    if strict and session.exitstatus == pytest.ExitCode.OK and _problems(config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Misses, unused and stale recordings."""
    if _RUN not in config.stash and not config.stash[_ELSEWHERE]:
        return
    from datetime import UTC, datetime

    from .testing.summary import lines

    run = _gathered(config)
    found = lines(run.usage, run.workspace.settings.max_age_days, datetime.now(UTC), _owned_by(run))
    if found:
        terminalreporter.section(f"bi_contracts ({run.mode})", sep="-")
        for line in found:
            terminalreporter.write_line(line)
        if config.getoption("bi_strict") and _problems(config):
            terminalreporter.write_line("failed by --bi-strict", red=True)


def _owned_by(run: Run) -> Callable[[Path], bool]:
    """Whether a recording is the suite's own and no packaged reference; `bi_cassette` may name one anywhere."""
    from .workspace import reference

    packaged = reference("cassettes")
    return lambda path: run.workspace.owns(path) or not path.is_relative_to(packaged)


def _problems(config: pytest.Config) -> list[str]:
    if _RUN not in config.stash and not config.stash[_ELSEWHERE]:
        return []
    from datetime import UTC, datetime

    from .testing.summary import problems

    run = _gathered(config)
    return problems(run.usage, run.workspace.settings.max_age_days, datetime.now(UTC))


def _gathered(config: pytest.Config) -> Run:
    """The run with what the workers used."""
    from .testing.usage import Usage

    run = run_of(config)
    while config.stash[_ELSEWHERE]:
        run.usage.add(Usage.from_dict(config.stash[_ELSEWHERE].pop()))
    return run


def _origin(mode: str) -> str:
    return "sandbox" if mode == "sandbox" else "live"


def _check(contract: pytest.Mark | None, cassette: pytest.Mark | None) -> None:
    """Fails the test for a marker that cannot be meant."""
    if contract and cassette:
        pytest.fail("a test takes the marker bi_contract or bi_cassette, not both", pytrace=False)
    if contract and not (contract.args and all(isinstance(id, str) for id in contract.args)):
        pytest.fail('bi_contract needs an endpoint id: @pytest.mark.bi_contract("asana/tasks")', pytrace=False)
    if cassette and not (cassette.args and all(isinstance(path, str | Path) for path in cassette.args)):
        pytest.fail('bi_cassette needs a file: @pytest.mark.bi_cassette("cassettes/users.yaml")', pytrace=False)


def _shorten(excinfo: pytest.ExceptionInfo[BaseException]) -> None:
    """Leaves this package and what stands below it out of a traceback: the message says what is wrong."""
    from .errors import BiContractsError, Failure

    if not isinstance(excinfo.value, BiContractsError | Failure):
        return
    here = str(Path(__file__).parent)
    entry: TracebackType | None = excinfo.tb
    while entry is not None:
        following = entry.tb_next
        if following is not None and following.tb_frame.f_code.co_filename.startswith(here):
            entry.tb_next = following = None
        entry = following
