"""What a run takes of the machine."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time

import pytest

from bi_contracts.errors import ConfigurationError
from bi_contracts.load import resources
from bi_contracts.load.resources import Monitor, Usage, process_at, psutil_module
from bi_contracts.serving import Receive, Scope, Send, running


def watch(target: int | None, work: float = 0.0) -> dict[str, Usage]:
    """What was seen of a run that takes `work` seconds of a processor: they are counted in hundredths."""

    async def main() -> Monitor:
        async with Monitor(target, interval=0.01) as monitor:
            await asyncio.sleep(0.05)
            begun = time.process_time()
            while time.process_time() - begun < work:
                sum(range(1000))
        return monitor

    return dict(asyncio.run(main()).usage)


def test_the_generator_and_the_machine_are_always_known() -> None:
    """Memory of the one, network of the other."""
    found = watch(None, work=0.05)
    assert set(found) == {"generator", "machine"}
    assert (found["generator"].memory_bytes or 0) > 1e6
    assert found["generator"].cpu_percent > 0
    assert {"cpu_percent", "sent_kb", "received_kb"} == set(found["machine"].figures)


def test_a_target_in_a_process_of_its_own_is_told_apart() -> None:
    """And one in this process is not, for it cannot be."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        assert set(watch(process.pid)) == {"generator", "target", "machine"}
        assert process.stdin is not None
        process.stdin.write(b"\n")
    assert "target" not in watch(os.getpid())
    assert "target" not in watch(process.pid), "it has ended"


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that only starts and stops."""
    while scope["type"] == "lifespan":
        event = (await receive())["type"]
        await send({"type": f"{event}.complete"})
        if event == "lifespan.shutdown":
            return


def test_the_process_at_an_address_is_found() -> None:
    """On this machine only, and only where somebody listens."""
    with running(application) as url:
        assert process_at(url) == os.getpid()
    assert process_at("http://127.0.0.1:9") is None
    assert process_at("https://api.example.com") is None


def test_without_psutil_people_are_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra by its name."""
    monkeypatch.setitem(sys.modules, "psutil", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'bi-contracts\[load\]'"):
        psutil_module()
    assert resources.EXTRA == "load"
