"""Leases: one sync at a time, and nobody waits for a dead one for longer than its lease lasts."""

from __future__ import annotations

import math
import os
import socket
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from sqlalchemy import Connection, delete, insert, select, update

from ...errors import StoreBusy
from .schema import leases

if TYPE_CHECKING:
    from .store import Store

LONGEST = 3600.0
"""Seconds. A lease that ends later was given by a clock that was set back since."""

VERIFY = "verify"
"""What the name of a holder begins with that is no sync, and ends by itself."""

POLL = 0.25
"""Seconds between two looks at somebody else's lease."""


class Lease:
    """A lease that is held. Leaving the block gives it back.

    Attributes:
        name: Of the work.
        ttl: Seconds it lasts from each renewal on.
        holder: A token of its own.
    """

    def __init__(self, store: Store, name: str, ttl: float, holder: str) -> None:
        self.store, self.name, self.ttl, self.holder = store, name, ttl, holder

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def renew(self) -> None:
        """Makes it last for `ttl` seconds from now on. Raises `StoreBusy` where it was lost."""
        with self.store.writing() as connection:
            self.renew_in(connection)

    def renew_in(self, connection: Connection) -> None:
        """The same, in a transaction. Raises `StoreBusy`."""
        until = math.ceil(self.store.now() + self.ttl)
        mine = (leases.c.name == self.name, leases.c.holder == self.holder)
        if connection.execute(update(leases).where(*mine).values(expires_at=until)).rowcount:
            return
        held = _held(connection, self.name)
        raise StoreBusy(
            f"{self.store.address}: its lease {self.name!r} expired and was taken by {held.who if held else 'nobody'};"
            " nothing of this batch was written",
            holder=held.who if held else "",
        )

    def release(self) -> None:
        """Gives it back, where it is still held."""
        mine = (leases.c.name == self.name, leases.c.holder == self.holder)
        with self.store.writing() as connection:
            connection.execute(delete(leases).where(*mine))


@dataclass(frozen=True, slots=True)
class Held:
    """Whose a lease is."""

    holder: str
    who: str
    expires_at: int

    def gone(self, now: float) -> bool:
        return not now < self.expires_at <= now + LONGEST or _dead(self.holder)


def acquire(store: Store, name: str, *, ttl: float, wait: float, who: str | None) -> Lease:
    """Takes a lease, waiting at most `wait` seconds. Raises `StoreBusy` with its holder."""
    holder, shown = (
        f"{_here()}/{os.getpid()}/{uuid.uuid4().hex}",
        who or f"{socket.gethostname()}, process {os.getpid()}",
    )
    deadline = time.monotonic() + wait
    while True:
        # Looked at first: whoever holds it may be the one that keeps everybody from writing.
        held = holder_of(store, name) or _taken(store, name, ttl, holder, shown)
        if held is None:
            return Lease(store, name, ttl, holder)
        left = deadline - time.monotonic()
        if left <= 0:
            expires_in = max(0.0, held.expires_at - store.now())
            raise StoreBusy(
                f"{store.address} is in use by {held.who}; its lease ends in {expires_in:.0f} s unless it is renewed:"
                " wait for it, or stop that process",
                holder=held.who,
                expires_in=expires_in,
            )
        time.sleep(min(POLL, left))


def holder_of(store: Store, name: str) -> Held | None:
    """Who has a lease now, None for nobody who could still use it."""
    with store.reading() as connection:
        held = _held(connection, name)
    return None if held is None or held.gone(store.now()) else held


def _taken(store: Store, name: str, ttl: float, holder: str, who: str) -> Held | None:
    """Takes the lease, or says who has it."""
    with store.writing() as connection:
        held, now = _held(connection, name), store.now()
        if held is not None and not held.gone(now):
            return held
        row = {"holder": holder, "who": who, "acquired_at": int(now), "expires_at": math.ceil(now + ttl)}
        if held is None:
            connection.execute(insert(leases).values(name=name, **row))
        else:
            connection.execute(update(leases).where(leases.c.name == name).values(**row))
    return None


def _held(connection: Connection, name: str) -> Held | None:
    found = select(leases.c.holder, leases.c.who, leases.c.expires_at).where(leases.c.name == name)
    row = connection.execute(found).first()
    return None if row is None else Held(*row)


def _here() -> str:
    """This machine, and on Linux the namespace that its process ids belong to."""
    space = boot = "-"
    with suppress(OSError):
        space = str(Path("/proc/self/ns/pid").stat().st_ino)
        # Machines that share a database may share a name too, and their first namespaces have the same number.
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return f"{socket.gethostname()}/{boot}/{space}"


def _dead(holder: str) -> bool:
    """Whether the holder was a process of this machine that is there no more: nobody waits for that one."""
    where, _, rest = holder.rpartition("/")[0].rpartition("/")
    if where != _here() or not rest.isdecimal() or os.name == "nt":  # there, os.kill would end the process
        return False
    try:
        os.kill(int(rest), 0)
    except ProcessLookupError:
        return True
    except OSError:
        pass
    return False
