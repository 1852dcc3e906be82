"""Full disks, places that must not be written to, and readers that take their time."""

from __future__ import annotations

import os
import random
import shutil
import stat
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import event

from bi_contracts.errors import StoreError, StoreFull
from bi_contracts.intercom.records import whole_conversation
from bi_contracts.intercom.store import open_store
from bi_contracts.intercom.store.examining import examine
from bi_contracts.intercom.store.repairing import repair
from bi_contracts.intercom.store.store import Store
from bi_contracts.intercom.store.verifying import verify

from ..made import body, part
from .conftest import Original
from .damage import owners, zero
from .filling import END, START, answers, content

NOBODY = 65534


def write(store: Store, number: int, size: int = 60_000) -> None:
    """One conversation whose message does not get shorter by deflating."""
    words = random.Random(number).randbytes(size // 2).hex()
    one = body(f"big{number}", START + number, [part(f"b{number}", START, words)], created_at=START - 9)
    with store.batch() as batch:
        batch.bodies([(whole_conversation(one), END)])


def test_a_full_disk_costs_the_batch_and_nothing_else(damaged: Path, original: Original) -> None:
    """SQLite may take no more pages: what was committed stays, and writing goes on when there is room."""
    with open_store(damaged) as store:
        limit = int(damaged.stat().st_size / 4096) + 2
        set_limit = _pragma(store, f"PRAGMA max_page_count={limit}")
        with pytest.raises(StoreFull, match="full"):
            write(store, 1)
        event.remove(store.database.engine, "connect", set_limit)
    with open_store(damaged) as store:
        assert verify(store).sound
        assert content(store) == original.content
        write(store, 1)
        assert verify(store).sound


def _pragma(store: Store, statement: str) -> Callable[..., None]:
    def set_limit(connection: object, _: object) -> None:
        connection.execute(statement)  # type: ignore[attr-defined]

    store.database.engine.dispose()
    event.listen(store.database.engine, "connect", set_limit)
    return set_limit


@pytest.mark.skipif(sys.platform == "win32", reason="there are no limits of resources on Windows")
def test_a_disk_that_fills_up_under_a_process_leaves_a_sound_store(damaged: Path, original: Original) -> None:
    """The system refuses to let any file grow: the process ends with our error, and the store is as it was."""
    code = """
        import resource, sys
        from bi_contracts.errors import StoreFull
        from bi_contracts.intercom.store import open_store
        from tests.intercom.care.test_limits import write
        resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))
        with open_store(sys.argv[1]) as store:
            try:
                for number in range(99):
                    write(store, number)
            except StoreFull:
                print("full after", number)
    """
    told = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), str(damaged)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[3],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    )
    assert told.stdout.startswith("full after"), told.stderr
    with open_store(damaged) as store:
        assert verify(store).sound
        held = content(store)["conversations"]
    ids = {row["id"] for row in held}
    assert {row["id"] for row in original.content["conversations"]} <= ids
    assert {f"big{number}" for number in range(int(told.stdout.split()[-1]))} <= ids


def test_no_room_for_a_repaired_copy_changes_nothing(
    damaged: Path, original: Original, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The damaged file is still there, and there is no half-made one beside it."""
    zero(damaged, owners(damaged)["parts"][1])
    before = [one.damage for one in examine(damaged)]

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("bi_contracts.intercom.store.repairing.salvage", full)
    with pytest.raises(StoreFull, match="nothing was changed"):
        repair(damaged, answers(original.bodies))
    assert [one.damage for one in examine(damaged)] == before
    assert not [path for path in damaged.parent.iterdir() if "repairing" in path.name or "damaged" in path.name]


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that others may read."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


def as_nobody(work: Callable[[], str]) -> str:
    """What `work` says in a process without any rights of ours, whoever runs the tests."""
    import warnings

    read, written = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # threads of a test runner do not outlive the fork, and nobody needs them
        child = os.fork()
    if child == 0:  # pragma: no cover
        said = "nothing"
        try:
            if os.getuid() == 0:
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            said = work()
        except BaseException as error:
            said = f"{type(error).__name__}: {error}"
        finally:
            os.write(written, said.encode())
            os._exit(0)
    os.close(written)
    os.waitpid(child, 0)
    with os.fdopen(read) as stream:
        return stream.read()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.parametrize("folder", [0o555, 0o755], ids=["read-only folder", "folder of another"])
def test_a_store_that_must_not_be_written_is_read_and_never_half_written(
    original: Original, place: Path, folder: int
) -> None:
    """Opening it to write is refused with our error; to read and to verify it needs no right to write."""
    path = original.copied(place / "store.db")
    before = path.read_bytes()
    path.chmod(0o444)
    place.chmod(folder & ~0o222 if os.getuid() else folder)
    with open_store(path, read_only=True) as store:  # what is imported late is imported now
        verify(store)
        store.conversation("1001")
    for end in ("-wal", "-shm"):
        Path(f"{path}{end}").unlink(missing_ok=True)

    def writing() -> str:
        try:
            with open_store(path) as store:
                write(store, 1)
        except StoreFull as error:
            return f"StoreFull {'read-only' in str(error)}"
        return "written"

    def reading() -> str:
        with open_store(path, create=False, read_only=True) as store:
            return f"{verify(store).damaged} {store.conversation('1001') is not None}"

    assert as_nobody(writing).startswith("StoreFull")
    assert as_nobody(reading) == "0 True"
    assert path.read_bytes() == before
    assert stat.S_IMODE(path.stat().st_mode) == 0o444


def test_a_reader_keeps_its_state_while_a_writer_commits_and_checkpoints(damaged: Path) -> None:
    """It sees what was there when it began; when it ends, the log is used again and stops growing."""
    log = Path(f"{damaged}-wal")
    with open_store(damaged) as store, open_store(damaged, read_only=True) as slow:
        with slow.reading() as connection:
            count = "SELECT count(*), sum(length(text)) FROM parts"
            before = connection.exec_driver_sql(count).one()
            for number in range(12):
                write(store, number)
            with store.reading() as other:
                busy, frames, done = other.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)").one()
            assert connection.exec_driver_sql(count).one() == before
            assert done < frames or not busy
        for number in range(12, 60):
            write(store, number)
            grown = log.stat().st_size
            if number == 20:
                early = grown
        assert grown <= max(early, 4096 * 1400) * 2
        assert verify(store).sound


def test_a_writer_that_must_wait_says_so(damaged: Path) -> None:
    """A verification that cannot look at the full-text index, since somebody writes, says that it did not."""
    with open_store(damaged, patience=0.05) as store, store.writing():
        try:
            found = verify(store)
        except StoreError:
            pytest.fail("a verification waits for nobody")
        assert "index" in found.skipped
        assert not found.sound
