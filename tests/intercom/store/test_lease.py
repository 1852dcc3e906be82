"""Leases: one holder at a time, and a dead one keeps nobody waiting."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import update

from bi_contracts.errors import StoreBusy
from bi_contracts.intercom.records import conversation_head
from bi_contracts.intercom.store.lease import LONGEST
from bi_contracts.intercom.store.schema import leases
from bi_contracts.intercom.store.store import Store

from ..conftest import Clock
from ..made import head_row


def test_a_second_holder_is_told_who_has_it(store: Store) -> None:
    """Whoever comes second learns who holds the lease, and for how long."""
    with store.lease(who="the first", ttl=60), pytest.raises(StoreBusy, match="the first") as told:
        store.lease()
    assert (told.value.holder, told.value.expires_in) == ("the first", 60)


def test_a_lease_that_was_given_back_is_free(store: Store) -> None:
    """Leaving the block gives the lease back; other names are other leases."""
    with store.lease(), store.lease("other"):
        pass
    with store.lease():
        pass


def test_whoever_waits_gets_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """With time to wait, a lease is taken as soon as it is free."""
    held = store.lease()
    monkeypatch.setattr("time.sleep", lambda _: held.release())
    with store.lease(wait=60):
        pass


def test_an_expired_lease_is_taken_and_lost(store: Store, clock: Clock) -> None:
    """A batch of a holder whose lease was taken over keeps nothing."""
    old = store.lease(ttl=60)
    clock.now += 61
    with store.lease(who="the second") as new:
        with pytest.raises(StoreBusy, match="the second"), store.batch(old) as batch:
            batch.heads([conversation_head(head_row("1", 5))])
        assert store.known(["1"]) == {}
        old.release()  # gives back nothing that is another's
        new.renew()


def test_every_batch_renews(store: Store, clock: Clock) -> None:
    """A sync that writes keeps its lease for as long as it takes."""
    with store.lease(ttl=60) as lease:
        for _ in range(3):
            clock.now += 50
            with store.batch(lease):
                pass
        with pytest.raises(StoreBusy):
            store.lease()


def test_a_lease_from_a_clock_that_was_ahead(store: Store, clock: Clock) -> None:
    """A lease that seems to last for ever was given by a clock that was wrong, and keeps nobody out."""
    store.lease()
    clock.now -= LONGEST * 24
    with store.lease():
        pass


@pytest.mark.skipif(os.name == "nt", reason="whether a process is there cannot be asked without harm")
def test_the_lease_of_a_process_that_is_gone(store: Store) -> None:
    """A process of this machine that was killed keeps nobody out."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    lease = store.lease()
    gone = lease.holder.replace(f"/{os.getpid()}/", f"/{process.pid}/")
    with store.writing() as connection:
        connection.execute(update(leases).values(holder=gone))
    with store.lease():
        pass


@pytest.mark.skipif(not Path("/proc/sys/kernel/random/boot_id").exists(), reason="nothing tells machines apart there")
def test_a_machine_of_the_same_name_is_another(store: Store) -> None:
    """Many are called localhost: that a process is not here does not say that it is gone there."""
    lease = store.lease()
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    with store.writing() as connection:
        there = lease.holder.replace(boot, "another").replace(f"/{os.getpid()}/", "/4194304/")
        connection.execute(update(leases).values(holder=there))
    with pytest.raises(StoreBusy):
        store.lease()


@pytest.mark.parametrize("holder", ["elsewhere/-/1/x", "nonsense", "{here}/word/x", "{here}/1/x"])
def test_a_holder_who_may_be_alive(store: Store, holder: str) -> None:
    """Of anybody else it is not known whether they are there: their lease is kept until it expires."""
    lease = store.lease()
    here = lease.holder.rsplit("/", 2)[0]
    with store.writing() as connection:
        connection.execute(update(leases).values(holder=holder.format(here=here)))
    with pytest.raises(StoreBusy):
        store.lease()
