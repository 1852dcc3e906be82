"""The recordings of one test: opened and closed to the network in replay, written in record mode."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import httpx

from ..errors import CassetteNotFound
from ..interaction import Interaction
from ..registry import Target, target
from ..session import Mode, moved, who_answered

if TYPE_CHECKING:
    from ..cassette.player import Player
    from .run import Run

SUFFIXES = (".yaml", ".yml", ".json")
_LONGEST = 120


@dataclass(frozen=True)
class Wanted:
    """What a test's marker names.

    Attributes:
        test: The test's node id.
        ids: Endpoints, of the marker `bi_contract`.
        paths: Of the marker `bi_cassette`, relative to the test's folder or the workspace: files, and folders, of
            which a test's own file is read where there is one, else all.
        folder: The test's folder.
    """

    test: str
    folder: Path
    ids: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()

    @property
    def file_name(self) -> str:
        """What the test's own file is called in a folder of recordings."""
        file, _, name = self.test.partition("::")
        readable = re.sub(r"[^\w.-]+", "-", f"{Path(file).stem}.{name}").strip("-")
        if len(readable) > _LONGEST:
            readable = f"{readable[:_LONGEST]}-{sha256(self.test.encode()).hexdigest()[:8]}"
        return f"{readable}.yaml"

    def targets(self, run: Run) -> tuple[Target, ...]:
        """The endpoints. Raises `UnknownEndpoint` with the nearest ids."""
        return tuple(target(id, run.workspace) for id in self.ids)


@contextmanager
def opened(run: Run, wanted: Wanted, passed: Callable[[], bool]) -> Iterator[Player | None]:
    """What the marker asks for while the block runs: replay, recording, or nothing in the modes live and sandbox.

    `passed` is asked after the block whether its traffic is worth keeping. Raises `UnknownEndpoint`,
    `CassetteNotFound`, `CassetteError`; inside, `CassetteMiss` and `SocketBlocked`.
    """
    targets = wanted.targets(run)
    if run.mode is Mode.REPLAY:
        paths = [run.session.cassette(one.id) for one in targets] + recordings_of(run, wanted)
        with _replayed(run, wanted.test, paths) as player:
            yield player
    elif run.mode is Mode.RECORD:
        with _recorded(run, wanted, targets, passed) as player:
            yield player
    else:
        yield None


@contextmanager
def _replayed(run: Run, test: str, paths: Sequence[Path]) -> Iterator[Player]:
    from ..cassette.player import use_cassettes
    from ..cassette.sockets import block_sockets

    with (
        use_cassettes(paths, policy=run.policy, ignore_hosts=run.ignored) as player,
        block_sockets(run.allowed) as block,
    ):
        try:
            yield player
        finally:
            run.usage.note(test, paths, player, block.attempts)


@contextmanager
def _recorded(run: Run, wanted: Wanted, targets: Sequence[Target], passed: Callable[[], bool]) -> Iterator[Player]:
    from ..cassette.player import use_cassette

    place = _by_endpoint(run, targets) if targets else _in_file(_record_path(run, wanted))
    with TemporaryDirectory() as folder:
        scratch = Path(folder) / "test.yaml"
        with use_cassette(
            scratch, mode="record", policy=run.policy, secrets=run.secrets, ignore_hosts=run.ignored
        ) as player:
            yield player
    if not passed():
        run.usage.dropped.append(wanted.test)
    elif player.recorded:
        run.keep([_placed(run, one, place(one)[0], targets) for one in player.recorded], place)


def recordings_of(run: Run, wanted: Wanted) -> list[Path]:
    """The cassettes that the paths of a marker stand for. Raises `CassetteNotFound`."""
    return [file for path in wanted.paths for file in _files(path, run.workspace.root, wanted)]


def _files(path: str, root: Path, wanted: Wanted) -> list[Path]:
    for place in (wanted.folder / path, root / path):
        if place.is_file():
            return [place]
        own = place / wanted.file_name
        found = [own] if own.is_file() else sorted(one for one in place.rglob("*") if one.suffix in SUFFIXES)
        if found:
            return found
    raise CassetteNotFound(
        f"no recording at {wanted.folder / path}"
        + (f" or {root / path}" if root != wanted.folder else "")
        + "; `pytest --bi-mode record` makes one of what the test asks for"
    )


def _record_path(run: Run, wanted: Wanted) -> Path:
    """Where a test with the marker `bi_cassette` records: its first path; a file of its own in a folder."""
    here, there = wanted.folder / wanted.paths[0], run.workspace.root / wanted.paths[0]
    found = there if there.exists() and not here.exists() else here
    return found if found.suffix in SUFFIXES and not found.is_dir() else found / wanted.file_name


def _in_file(path: Path) -> Callable[[Interaction], tuple[str, Path]]:
    return lambda _: ("", path)


def _by_endpoint(run: Run, targets: Sequence[Target]) -> Callable[[Interaction], tuple[str, Path]]:
    """Each interaction to the first endpoint whose request it is, else to the first endpoint."""

    def place(interaction: Interaction) -> tuple[str, Path]:
        asked = interaction.request
        request = httpx.Request(asked.method, asked.url, headers=list(asked.headers), content=asked.body or None)
        bases = {one.id: (run.upstream.base_url(one.platform), one.platform.base_url) for one in targets}
        found = [one for one in targets if any(one.endpoint.read(request, base) is not None for base in bases[one.id])]
        one = (found or targets)[0]
        return one.id, run.workspace.cassette(one.id)

    return place


def _placed(run: Run, interaction: Interaction, endpoint: str, targets: Sequence[Target]) -> Interaction:
    """The interaction with its endpoint and source, and with the vendor's URL where a served sandbox answered."""
    platforms = {one.platform.name: one.platform for one in targets}
    headers = {name.lower(): value for name, value in interaction.response.headers}
    source = who_answered(run.origin, interaction.request.url, headers)
    found = replace(interaction, endpoint=endpoint, source=source)
    for platform in platforms.values():
        found = moved(found, run.upstream.base_url(platform), platform.base_url)
    return found
