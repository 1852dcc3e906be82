"""A leak is found, and noise is none."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Callable

import pytest

from bi_contracts.errors import ExitCode, UpstreamError
from bi_contracts.intercom.procedure import leaks
from bi_contracts.intercom.procedure.leaks import Round, judge, rounds
from bi_contracts.intercom.procedure.line import Mark
from bi_contracts.intercom.procedure.trend import LEAST
from bi_contracts.intercom.procedure.workload import round_of_work


def leaking(size: int) -> Callable[[], None]:
    """Work that keeps so many bytes every time."""
    kept: list[bytes] = []
    return lambda: kept.append(bytes(size))


def test_work_that_keeps_memory_is_found() -> None:
    """20 KB that stay after every round are a leak, and the command ends with 1."""
    found = judge(list(rounds(leaking(20_000), LEAST)), "sandbox", warm_up=0)
    assert found.exit_code == ExitCode.FINDINGS
    assert found.figures["traced_growth_bytes"] == pytest.approx(20, rel=0.1)
    assert found.advice


def test_work_that_gives_back_its_memory_is_good() -> None:
    """What is made and dropped in every round is none."""
    assert judge(list(rounds(lambda: [bytes(50_000) for _ in range(10)], LEAST)), "", warm_up=0).mark is Mark.GOOD


def test_noise_and_a_cache_that_fills_are_no_leak() -> None:
    """Memory that jumps about, and memory that grows while it warms up, then no more."""
    chance = random.Random(1)
    noisy = [Round(10**6 + chance.randrange(200_000), 10**8 + chance.randrange(10**6)) for _ in range(30)]
    warming = [Round(10**6 + 100_000 * min(at, 7), 10**8) for at in range(24)]
    assert judge(noisy, "").mark is Mark.GOOD
    assert judge(warming, "").mark is Mark.GOOD


def test_too_few_rounds_are_no_pass() -> None:
    """Nothing is said of five rounds: nothing ran, as far as a leak goes."""
    assert judge([Round(1, 1)] * 5, "").exit_code == ExitCode.NOTHING_RAN
    assert judge([], "").exit_code == ExitCode.NOTHING_RAN


def test_rounds_are_measured_in_a_process_of_their_own(run: Callable) -> None:
    """Sync and queries, told round by round; the source is the sandbox."""
    ended = run("intercom", "memory", "leaks", "--rounds", "2", "--conversations", "2", "--format", "json")
    assert ended.exit_code == ExitCode.NOTHING_RAN
    assert '"source": "sandbox"' in ended.stdout
    assert '"rss"' in ended.stdout


def test_a_round_is_a_sync_and_queries() -> None:
    """It leaves no file and can be repeated."""
    work = round_of_work(2)
    work()
    work()


def test_a_process_that_fails_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """With its code and its last words."""
    done = subprocess.CompletedProcess([], 3, "", "first\nlast words\n")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)
    with pytest.raises(UpstreamError, match="ended with 3: last words"):
        leaks.in_a_process(1, 1)


def test_the_child_prints_rounds(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """One line of JSON for each."""
    monkeypatch.setattr("bi_contracts.intercom.procedure.workload.round_of_work", lambda _: lambda: None)
    leaks.child(2, 1)
    assert capsys.readouterr().out.count('{"traced"') == 2


def test_the_child_says_what_went_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """As its last words."""

    def fails(_: int) -> None:
        raise UpstreamError("nobody there")

    monkeypatch.setattr("bi_contracts.intercom.procedure.workload.round_of_work", fails)
    with pytest.raises(SystemExit, match="nobody there"):
        leaks.child(1, 1)
