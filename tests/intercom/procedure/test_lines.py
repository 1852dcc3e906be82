"""What the steps say of environment, connection, database, sync and integrity where not all is well."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bi_contracts.dialects import Budget
from bi_contracts.errors import ApiError, Unauthorized
from bi_contracts.interaction import Source
from bi_contracts.intercom.procedure.line import DATABASE, Line, Mark
from bi_contracts.intercom.procedure.steps import (
    connection,
    database,
    environment,
    integrity,
    syncing,
)
from bi_contracts.intercom.procedure.worker import Order, Steady, synced
from bi_contracts.intercom.store import open_store
from bi_contracts.intercom.store.values import Damage
from bi_contracts.intercom.store.verifying import Verified

from .lines import context

# Environment and connection


def test_an_old_interpreter_and_missing_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both fail, and say what is wanted."""
    monkeypatch.setattr(environment, "LEAST_PYTHON", (99, 0))
    monkeypatch.setattr(environment, "NEEDED", ("httpx", "no-such-package"))
    assert environment._python().mark is Mark.BAD
    assert "without no-such-package" in environment._packages().text


def test_a_disk_that_is_nearly_full(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It is a warning: a small sync may still fit."""
    monkeypatch.setattr(environment, "LEAST_DISK", 2**90)
    found = environment._folder(context(tmp_path))
    assert (found.mark, found.problem) == (Mark.WARNING, "workspace")


class Refusing:
    """A client to which some endpoints are closed."""

    def __init__(self, **closed: Exception) -> None:
        self.closed, self.seconds = closed, [0.1]

    async def ask(self, name: str) -> list[Any]:
        if name in self.closed:
            raise self.closed[name]
        return []


def permissions(**closed: Exception) -> Line:
    return asyncio.run(connection._permissions(Refusing(**closed)))  # type: ignore[arg-type]


def test_permissions_are_told_by_what_was_refused() -> None:
    """What is needed fails, what is optional is said to be missing."""
    no = Unauthorized("no", status=403)
    assert permissions(teams=no).text == (
        "conversations:read, contacts:read, admins:read (optional, not given: teams:read)"
    )
    assert permissions(teams=ApiError("no", status=500)).mark is Mark.GOOD
    lacking = permissions(contacts_search=no, teams=no, admins=no, conversations_search=no)
    assert (lacking.mark, lacking.problem) == (Mark.BAD, "scope")
    assert lacking.text.startswith("none; missing: conversations:read")
    with pytest.raises(ApiError):
        permissions(contacts_search=ApiError("down", status=500))


def test_limits_that_are_used_up_or_not_told() -> None:
    """Both ask to be looked at."""
    assert connection._limits(None).mark is Mark.WARNING
    assert connection._limits(Budget(1000, 50, 10.0)).mark is Mark.WARNING
    assert connection._limits(Budget(1000, 950, 10.0)).text == "950 of 1,000 calls remaining in this window"


def test_slow_answers() -> None:
    """By their average."""
    assert connection._times([0.1, 0.19]).text == "145ms average of 2 calls"
    assert connection._times([3.0]).mark is Mark.WARNING


def test_who_answered_is_never_taken_for_intercom() -> None:
    """A sandbox that answers a live run is a sandbox, an unknown server is unknown, a recording is what it says."""
    live = SimpleNamespace(testbed=SimpleNamespace(made=None, mode="live"))
    assert connection._source(live, Source.UNKNOWN) is Source.LIVE  # type: ignore[arg-type]
    assert connection._source(live, Source.SANDBOX) is Source.SANDBOX  # type: ignore[arg-type]
    other = SimpleNamespace(testbed=SimpleNamespace(made=None, mode="sandbox"))
    assert connection._source(other, Source.UNKNOWN) is Source.UNKNOWN  # type: ignore[arg-type]
    assert connection.told_source("sandbox", Source.UNKNOWN) == "an unknown server"
    assert connection.told_source("replay", Source.LIVE) == "replay of a live recording"


# Database, sync, integrity


def test_a_database_that_is_not_as_it_should_be(tmp_path: Path) -> None:
    """No index, rights for others: all of it is said."""
    one = context(tmp_path)
    with open_store(one.testbed.store) as store:
        store.close()
    with closing(sqlite3.connect(one.testbed.store)) as direct:
        direct.execute("DROP TABLE messages_fts")
    one.testbed.store.chmod(0o644)
    asyncio.run(database.run(one))
    (line,) = one.of(DATABASE)
    assert line.mark is Mark.BAD
    assert "no full-text index" in line.text
    assert "others may read it (mode 644)" in line.text


RUN = {
    "outcome": "done",
    "error": "",
    "calls": 40,
    "refused": 0,
    "retried": 0,
    "conversations": 36,
    "milliseconds": 900,
}
COUNTERS = {"conversations": 36, "pending": 0, "truncated": 0, "parts": 99, "contacts": 9}


def test_open_ends_of_a_sync_are_told() -> None:
    """What is not held yet, what cannot be read, what Intercom does not send."""
    told = {"run": RUN, "dead": 2}
    found = syncing._conversations(told, {**COUNTERS, "pending": 1, "truncated": 3})
    assert (found.mark, found.problem) == (Mark.WARNING, "incomplete sync")
    assert "1 without their messages yet; 2 unreadable" in found.text
    assert syncing._conversations({"run": RUN, "dead": 0}, {**COUNTERS, "conversations": 0}).problem == "no data"
    failed = {"run": {**RUN, "outcome": "failed", "error": "the disk is full"}, "dead": 0}
    assert syncing._conversations(failed, COUNTERS).text == "36 synced, then: the disk is full"


def test_refused_and_repeated_calls_are_told() -> None:
    """No 429 belongs to normal operation; a repeated call is a warning too."""
    one = context()
    assert "3 refused with 429 (target: <0)" in syncing._calls(one, {**RUN, "refused": 3}, 36).said
    assert syncing._calls(one, {**RUN, "retried": 1}, 36).problem == "retried"
    assert syncing._calls(one, RUN, 0).text == "40 calls, none refused"


def test_the_speed_of_a_sync() -> None:
    """Judged by its target; not where there were too few conversations."""
    one = context()
    assert syncing._speed(one, RUN, 0.9, 36).mark is Mark.GOOD
    assert syncing._speed(one, RUN, 5.0, 36).mark is Mark.WARNING
    assert syncing._speed(one, RUN, 36.0, 36).exit_code == 6
    assert "too few to judge" in syncing._speed(one, {**RUN, "conversations": 3}, 36.0, 3).text


def verified(*damages: Damage, **more: Any) -> Verified:
    counts: dict[str, dict[str, int]] = {}
    for one in damages:
        counts.setdefault(one.check, {}).setdefault(one.severity, 0)
        counts[one.check][one.severity] += 1
    return Verified(damages, counts, conversations=9, **more)


def test_damage_fails_and_oddities_warn() -> None:
    """By line, with what is wrong; what was not checked is never called good."""
    found = verified(
        Damage("threading", "a part is missing"),
        Damage("chronology", "a message from the future", severity="warning"),
        Damage("contacts", "nobody", severity="info"),
        skipped={"contract": "no contract was given"},
    )
    assert integrity._line("Message Threading", found).mark is Mark.BAD
    assert integrity._line("Timestamps", found).text == "1 found: a message from the future"
    assert integrity._line("Customer Links", found).mark is Mark.GOOD
    assert integrity._line("Schema Validation", found).text == "not checked: contract: no contract was given"
    many = verified(*(Damage("ids", f"kind {at}", severity="warning") for at in range(4)))
    assert integrity._line("Conversation IDs", many).text == "4 found: kind 0; kind 1, and 2 other kinds"


def test_a_sync_in_this_process_says_what_it_took(tmp_path: Path) -> None:
    """As its own process does: calls, conversations, memory; the time is that of the answers where it must be."""
    steps: list[Any] = []
    order = Order(str(tmp_path), "sandbox", str(tmp_path / "data.db"), 30.0, 3, steady=True)
    told = asyncio.run(synced(order, lambda **line: steps.append(line)))
    assert told["run"]["conversations"] == 3
    assert told["usage"]["peak"] > 2**20
    assert {line["step"]["phase"] for line in steps} >= {"conversations"}
    clock = Steady(SimpleNamespace(read=lambda response: response))
    assert (clock.now(), clock.read(5.0), clock.now()) == (0.0, 5.0, 5.0)
