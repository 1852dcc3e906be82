"""Watching memory, and reading what was watched."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bi_contracts.errors import ConfigurationError, ExitCode
from bi_contracts.intercom.procedure import memory, sampling
from bi_contracts.intercom.procedure.line import Mark
from bi_contracts.intercom.procedure.sampling import Sample

MB = 1_000_000


def watched(*megabytes: float, pid: int = 7, name: str = "sync") -> list[Sample]:
    return [Sample(float(at), pid, name, int(each * MB)) for at, each in enumerate(megabytes)]


def test_a_process_is_looked_at_until_it_is_gone() -> None:
    """A child is sampled under its program's name; when it ends, so does the watching."""
    program = "import sys; print('ready', flush=True); sys.stdin.read()"
    out = io.StringIO()
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        watch = memory.Watch([child.pid], interval=0.02, sleep=lambda _: child.stdin.close())
        assert watch.into(out) >= 1
    first = json.loads(out.getvalue().splitlines()[0])
    assert first["pid"] == child.pid
    assert first["rss"] > MB


def test_watching_ends_when_it_is_told_to_and_when_its_time_is_over() -> None:
    """After the look that is being taken."""
    watch = memory.Watch([os.getpid()], interval=60)
    watch.sleep = lambda _: watch.stop()
    assert watch.into(io.StringIO()) >= 1
    assert memory.Watch([os.getpid()], interval=60, duration=0).into(io.StringIO()) >= 1


def test_sigterm_ends_the_monitor_cleanly(tmp_path: Path) -> None:
    """As `pkill` does: exit code 0, every line whole, and the label that pkill finds it by in its command line."""
    file = tmp_path / "m.jsonl"
    words = ["intercom", "memory", "monitor", "--label", "monitor_memory_usage", "--interval", "0.02"]
    program = "from bi_contracts.cli import main; main()"
    monitor = subprocess.Popen(
        [sys.executable, "-c", program, *words, "--pid", str(os.getpid()), "--output", str(file)],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        until = time.monotonic() + 30
        while not (file.exists() and file.stat().st_size) and time.monotonic() < until:
            time.sleep(0.01)
        monitor.send_signal(signal.SIGTERM)
        _, said = monitor.communicate(timeout=30)
    finally:
        monitor.kill()
    assert monitor.returncode == 0, said
    assert "samples added to" in said
    assert sampling.read(file)


def test_a_program_is_run_and_watched(run: Callable, tmp_path: Path) -> None:
    """It ends with the watching, and one that cannot be started is told."""
    words = ("intercom", "memory", "monitor", "--duration", "0.1", "--interval", "0.02", "--output", "m.jsonl")
    ended = run(*words, "--", sys.executable, "-c", "import time; time.sleep(60)")
    assert ended.exit_code == 0
    assert run("intercom", "memory", "analyze", "m.jsonl", "--html", "m.html").exit_code == 0
    assert "Resident memory" in (tmp_path / "m.html").read_text()
    assert run(*words, "--", "no-such-program").exit_code == ExitCode.CONFIGURATION


def test_nothing_watched_is_no_pass(run: Callable) -> None:
    """A process that is not there leaves no sample: 5."""
    ended = run("intercom", "memory", "monitor", "--pid", "4194000", "--output", "m.jsonl")
    assert ended.exit_code == ExitCode.NOTHING_RAN
    assert run("intercom", "memory", "analyze", "m.jsonl").exit_code == ExitCode.NOTHING_RAN


def test_only_our_commands_are_watched_and_never_an_argument() -> None:
    """Somebody else's process is none of ours, the watching itself neither; the name is the verb alone."""
    assert sampling._name(["python", "/bin/bi-contracts", "intercom", "search", "secret words"]) == "search"
    assert sampling._name(["/usr/bin/python3", "-V"]) == "python3"
    assert sampling._name([]) == "?"

    class Process:
        def __init__(self, *words: str) -> None:
            self.words = list(words)

        def cmdline(self) -> list[str]:
            if not self.words:
                raise PermissionError
            return self.words

    ours = ("python", "/venv/bin/bi-contracts", "intercom")
    assert sampling._ours(Process(*ours, "sync"), (PermissionError,))
    assert not sampling._ours(Process(*ours, "memory", "monitor"), (PermissionError,))
    assert not sampling._ours(Process("vim", "notes"), (PermissionError,))
    assert not sampling._ours(Process(), (PermissionError,))
    assert isinstance(sampling.samples(), list)


def test_patterns_are_told_apart() -> None:
    """Steady, growing, rising once, peaking; and too short to tell."""
    assert memory.pattern([80] * 20) == "steady"
    assert memory.pattern(list(range(80, 120))) == "grows"
    assert memory.pattern([50] * 6 + [80] * 20) == "rises once"
    assert memory.pattern([50] * 10 + [120] * 3 + [60] * 10) == "peaks"
    assert memory.pattern([1, 2, 3]) == memory.SHORT == "too short to tell"
    assert memory.pattern(list(range(80, 120)), seconds=8) == memory.SHORT


def test_only_syncs_and_servers_are_judged() -> None:
    """`test` has the sandbox in it: its memory is told, and no target is held against it."""
    told = memory.analyze(watched(*range(100, 190), name="test"), "m")
    assert (told.mark, told.advice) == (Mark.GOOD, ())
    assert "not judged: neither a sync nor a server" in told.text()
    assert all(memory.judged(name) for name in ("sync", "serve", "procedure.worker", "server.worker"))


def test_peaks_are_held_against_the_targets() -> None:
    """Below 100 MB is good, below 150 a warning, above it a failure; growth is a warning with what to do."""
    marks = [memory.analyze(watched(*[peak] * 10), "m").mark for peak in (60, 120, 160)]
    assert marks == [Mark.GOOD, Mark.WARNING, Mark.BAD]
    growing = memory.analyze([*watched(*range(20, 60)), *watched(50, 50, pid=8, name="serve")], "m")
    assert "memory leaks" in growing.advice[0]
    assert [section.title for section in growing.sections] == ["sync (7)", "serve (8)"]


def test_a_sparkline_has_the_peak_of_every_stretch() -> None:
    """At most so many blocks; a peak is never averaged away."""
    assert memory.sparkline([]) == ""
    line = memory.sparkline([1.0] * 500 + [9.0] + [1.0] * 499)
    assert len(line) <= 40
    assert line.count("█") == 1


def test_a_file_that_is_none_is_told_with_its_line(tmp_path: Path) -> None:
    """A last line that was cut off is left out; any other is named."""
    file = tmp_path / "m.jsonl"
    whole = watched(80)[0].line()
    file.write_text(f'{whole}\n{{"at": 1')
    assert len(sampling.read(file)) == 1
    file.write_text(f"nonsense\n{whole}\n")
    with pytest.raises(ConfigurationError, match="line 1"):
        sampling.read(file)
    with pytest.raises(ConfigurationError, match="memory monitor"):
        sampling.read(tmp_path / "none")


def test_without_psutil_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """And a process that is not there is told as such."""
    with pytest.raises(ConfigurationError, match="no process 4194000"):
        sampling.resident(4194000)
    monkeypatch.setitem(sys.modules, "psutil", None)
    with pytest.raises(ConfigurationError, match=r"bi-contracts\[intercom\]"):
        sampling.psutil_module()
