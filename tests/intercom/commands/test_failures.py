"""A connection that is cut, a file that is damaged."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bi_contracts.errors import ConfigurationError, StoreFull, Unreachable
from bi_contracts.intercom.procedure import interruption, recovery
from bi_contracts.intercom.procedure.contents import Difference
from bi_contracts.intercom.procedure.cutting_proxy import Cuts, cutting
from bi_contracts.intercom.procedure.line import Mark
from bi_contracts.intercom.store.store import Store
from bi_contracts.workspace import Workspace


def test_a_sync_whose_connection_is_cut_holds_what_a_calm_one_holds(run: Callable) -> None:
    """Answers break off, new connections are refused for a while, and nothing is lost."""
    ended = run("intercom", "interruption", "--cuts", "2", "--refuse", "0.05", "--conversations", "10")
    assert ended.exit_code == 0, ended.output
    assert "✅ 2 times" in ended.stdout
    assert "identical" in ended.stdout


def test_a_sync_that_gives_up_is_a_failure(space: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told with its error, and how far it came."""

    def gone(*_: object) -> Any:
        raise Unreachable("nobody there")

    calm = interruption.measured

    async def once(upstream: Any, store: Any, settings: Any) -> Any:
        return await calm(upstream, store, settings) if upstream.in_process else gone()

    monkeypatch.setattr(interruption, "measured", once)
    told = interruption.run(space, tmp_path, 2, Cuts(1))
    assert told.mark is Mark.BAD
    assert "nobody there" in told.text()
    assert "2 missing" in told.text()
    assert told.advice  # not one cut was made


def test_an_answer_is_cut_in_the_middle_and_later_connections_are_refused() -> None:
    """Every second request here; a target that is not there is a connection that breaks."""

    async def main() -> list[object]:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while await reader.read(100):
                writer.write(b"x" * 1000)
                await writer.drain()
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        cuts = Cuts(1, refused_for=30)
        with cutting(f"http://127.0.0.1:{port}", cuts) as url:
            found = [await asked(url, 2), await asked(url, 1)]
        with cutting("http://127.0.0.1:9", Cuts(0)) as url:
            found.append(await asked(url, 1))
        server.close()
        await asyncio.sleep(0.02)  # its connections close in the turn after
        return [*found, cuts.made, cuts.refused]

    async def asked(url: str, times: int) -> int:
        """Bytes that came before the connection broke."""
        came = 0
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
        except ConnectionError:
            return came
        try:
            for _ in range(times):
                writer.write(b"?")
                await writer.drain()
                came += len(await reader.readexactly(1000))
        except asyncio.IncompleteReadError as error:
            came += len(error.partial)
        except ConnectionError:
            pass
        writer.transport.abort()
        return came

    first, second, third, made, refused = asyncio.run(main())
    assert 1000 <= cast(int, first) < 2000
    assert (second, third, made, refused) == (0, 0, 1, 1)


def test_every_damage_is_found_and_healed(run: Callable) -> None:
    """A bit, a page, the file's end and head, rows, texts, index, counter: found, repaired, identical."""
    ended = run("intercom", "recovery", "--conversations", "8")
    assert ended.exit_code == 0, ended.output
    assert ended.stdout.count("✅ identical") == len(recovery.DAMAGES)


def test_the_store_itself_is_never_touched(run: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not a byte of it, and no file of a copy stays."""
    monkeypatch.setattr(recovery, "DAMAGES", recovery.DAMAGES[-1:])
    assert run("intercom", "sync", "--mode", "sandbox", "--max-conversations", "4").exit_code in (0, 1)
    store = tmp_path / ".bi-contracts" / "intercom.db"
    before = store.read_bytes()
    ended = run("intercom", "recovery", "--store", str(store))
    assert "Conversations: 4" in ended.stdout
    assert store.read_bytes() == before
    assert sorted(path.name for path in store.parent.iterdir() if path.suffix == ".db") == ["intercom.db"]


def test_what_a_repair_cannot_do_is_a_failure(
    mock_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its error is told, as what is not found is; the rest goes on."""

    def full(*_: object) -> None:
        raise StoreFull("no room")

    monkeypatch.setattr(recovery, "repair", full)
    told = recovery.run(mock_store, cast(Any, None), tmp_path, [recovery.Damage("One", recovery.miscount)])
    assert told.mark is Mark.BAD
    assert "no room" in told.text()
    lost = recovery.Outcome("Two", 0, 0, Difference(1, 0, 0), Difference(1, 0, 0), 2)
    assert recovery.result([lost], "", 1).text().count("❌") >= 4


def test_only_files_are_damaged() -> None:
    """A server's database is none of ours; an empty store has nothing to damage."""
    store = cast(Any, SimpleNamespace(kind="postgresql", address="postgresql://host/db"))
    with pytest.raises(ConfigurationError, match="postgresql"):
        recovery.run(store, cast(Any, None), Path())


def test_a_store_without_messages_cannot_be_damaged(tmp_path: Path) -> None:
    """That is said."""
    from bi_contracts.intercom.store import open_store

    path = tmp_path / "empty.db"
    open_store(path).close()
    with pytest.raises(ConfigurationError, match="sync some"):
        recovery.flip(path)
