"""Two processes on one state file: nothing is lost, nothing is counted twice, nobody is told twice."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from bi_contracts.errors import ConfigurationError
from bi_contracts.health import shared as module
from bi_contracts.health.memory import Memory, load, save
from bi_contracts.health.shared import Shared

from .making import DOWN, START, UP, Taking, World, settings

LOCKS = pytest.mark.skipif(sys.platform == "win32", reason="there is no such lock")


def process(path: Path, chat: Taking, said: list[str] | None = None) -> World:
    """A watch of its own over that file, which tells the same channel."""
    world = World(settings=settings(failures=3), channels={"chat": chat})
    file = Shared(path, (said if said is not None else []).append)
    world.started(file.opened())
    world.monitor.keep, world.monitor.alone = file.keep, file.alone
    return world


def test_the_third_failure_is_the_third_whoever_sees_it(tmp_path: Path) -> None:
    """Two watches look by turns; one message is sent, and each knows of it."""
    chat = Taking()
    one, other = (process(tmp_path / "health.json", chat) for _ in range(2))
    for number, world in enumerate([one, other, one, other, one]):
        world.now = START + 60 * number
        world.look(DOWN if number else UP)
    assert [message.title for message in chat.taken] == ["gong is down"]
    standing = load(tmp_path / "health.json").standings["gong"]
    assert (standing.down, standing.state) == (4, DOWN)


@LOCKS
def test_looks_at_the_same_time_come_one_after_another(tmp_path: Path) -> None:
    """Ten watches, each with a look at once: ten failures are counted, and one message is sent."""
    chat = Taking()
    worlds = [process(tmp_path / "health.json", chat) for _ in range(10)]

    async def together() -> None:
        for world in worlds:
            world.states["gong"] = DOWN
        await asyncio.gather(*(world.monitor.tick() for world in worlds))

    asyncio.run(together())
    assert len(chat.taken) == 1
    assert load(tmp_path / "health.json").standings["gong"].down == 10


def test_what_could_not_be_written_is_not_forgotten(tmp_path: Path) -> None:
    """A full disk: the file is as it was, so nobody else wrote it, and the watch knows what it has seen."""
    world = process(tmp_path / "health.json", Taking())
    world.look(UP)

    def full(_: Memory) -> None:
        raise ConfigurationError("no space left")

    kept, world.monitor.keep = world.monitor.keep, full
    world.looks([DOWN, DOWN])
    world.monitor.keep = kept
    world.look(DOWN)
    assert load(tmp_path / "health.json").standings["gong"].state is DOWN


@pytest.mark.parametrize("damage", ["", "gone"])
def test_a_file_that_is_damaged_or_gone_meanwhile_is_written_anew(tmp_path: Path, damage: str) -> None:
    """The watch goes on from what it knows."""
    path = tmp_path / "health.json"
    world = process(path, Taking())
    world.look(UP)
    path.unlink() if damage else path.write_text("{")
    world.looks([DOWN, DOWN, DOWN])
    assert load(path).standings["gong"].state is DOWN


@LOCKS
def test_a_look_that_does_not_end_holds_up_nobody_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other one says so, and goes on."""
    monkeypatch.setattr(module, "PATIENCE", 0.1)
    said: list[str] = []
    first, second = (Shared(tmp_path / "health.json", said.append) for _ in range(2))

    async def both() -> None:
        async with first.alone(Memory()), second.alone(Memory()):
            assert said == ["another look at health.json does not end; going on without it"]

    asyncio.run(both())


@LOCKS
def test_a_wait_that_is_ended_leaves_no_lock(tmp_path: Path) -> None:
    """Whoever is interrupted while it waits takes nothing along."""
    first, second, third = (Shared(tmp_path / "health.json", print) for _ in range(3))

    async def wait() -> None:
        async with first.alone(Memory()):
            waiting = asyncio.create_task(_entered(second))
            await asyncio.sleep(0.06)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
        await _entered(third)

    asyncio.run(asyncio.wait_for(wait(), 30))


async def _entered(file: Shared) -> None:
    async with file.alone(Memory()):
        pass


def test_where_there_is_no_lock_what_others_wrote_is_read_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows has another kind of lock."""
    monkeypatch.setitem(sys.modules, "fcntl", None)
    path = tmp_path / "health.json"
    file = Shared(path, print)
    assert file.opened() == Memory()
    save(Memory(at=START), path)

    async def look() -> Memory:
        async with file.alone(Memory()) as found:
            return found

    assert asyncio.run(look()).at == START
