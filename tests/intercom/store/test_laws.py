"""Whatever comes in whatever order: counters are right, the newest body is held, nothing is written twice."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as some
from sqlalchemy import select

from bi_contracts.intercom.records import conversation_head, whole_conversation
from bi_contracts.intercom.store import open_store
from bi_contracts.intercom.store.checks.conversations import Judge
from bi_contracts.intercom.store.schema import conversations
from bi_contracts.intercom.store.store import Store
from bi_contracts.intercom.store.values import Damage, Written
from bi_contracts.intercom.store.verifying import stored_after

from ..conftest import fresh_schema
from ..made import ANN, body, head_row, part
from .contents import check, content, counted, found, write_bodies

T = 1_700_000_000
EXAMPLES = itertools.count()
EVE = {"type": "user", "id": "eve", "name": "Eve", "email": ""}

Step = tuple[str, int, int, Any]

times = some.integers(0, 6)
said = some.dictionaries(some.integers(0, 4), some.sampled_from(["apple", "pear <b>plum</b>", None]), max_size=4)
steps = some.one_of(
    some.tuples(some.just("head"), some.integers(0, 1), times, some.sampled_from(["fig", "kiwi"])),
    some.tuples(some.just("body"), some.integers(0, 1), times, some.tuples(said, some.integers(0, 2))),
    some.tuples(
        some.just("deleted"), some.integers(0, 1), times, some.sampled_from(["deleted", "missing", "reconciled"])
    ),
)


@pytest.fixture(scope="module")
def sqlite_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with open_store(tmp_path_factory.mktemp("laws") / "store.db") as store:
        yield store


@pytest.fixture(scope="module")
def postgresql_store(postgresql_server: str) -> Iterator[Store]:
    with open_store(fresh_schema(postgresql_server)) as store:
        yield store


def made(kind: str, id: str, at: int, told: Any) -> Any:
    contact = (ANN, EVE)[at % 2]
    if kind == "head":
        return head_row(id, T + at, text=told, contact=contact)
    parts = [part(str(n), T - 9 + n, text) for n, text in told[0].items()]
    return body(id, T + at, parts, total=len(parts) + told[1], contact=contact, state=f"after {len(parts)}")


def holds(store: Store, batches: list[list[Step]]) -> None:
    """Takes the steps, and checks after each batch; then two last bodies, which must be all that is held."""
    ids = [f"{next(EXAMPLES)}-{store.kind}" for _ in range(2)]
    for batch_of in batches:
        with store.batch() as batch:
            for kind, who, at, told in batch_of:
                if kind == "head":
                    batch.heads([conversation_head(made(kind, ids[who], at, told))])
                elif kind == "body":
                    batch.bodies([(whole_conversation(made(kind, ids[who], at, told)), T + at + told[1])])
                else:
                    batch.deleted([ids[who]], T + at, told)
        counted(store)
        assert not damages(store, ids)
    last = [body(id, T + 50, [part("1", T - 8, "grape"), part("9", T + 9)]) for id in ids]
    write_bodies(store, *last)
    twins = [{**one, "id": f"twin of {one['id']}"} for one in last]
    twins = [
        body(one["id"], T + 50, [part("1", T - 8, "grape"), part("9", T + 9)], source=one["source"]) for one in twins
    ]
    write_bodies(store, *twins)
    for one, twin in zip(last, twins, strict=True):
        assert plain(store, one["id"]) == plain(store, twin["id"])
    assert write_bodies(store, *last, *twins, at=T + 999) == Written(unchanged=4)
    check(store)


def damages(store: Store, ids: list[str]) -> list[Damage]:
    """What `verify` has against these conversations."""
    n = conversations.c.n
    with store.reading() as connection:
        numbers = connection.scalars(select(n).where(conversations.c.id.in_(ids))).all()
        held = [one for n in numbers for one in stored_after(connection, n - 1, n, 1)]
    found = (one.damage for stored in held for one in Judge(T + 99).damages(stored))
    return [damage for damage in found if damage.severity == "breaking"]


def plain(store: Store, id: str) -> Any:
    """What is held, without what tells its id."""
    head, parts, links = content(store, id)
    return head[1:14], [part[:12] for part in parts], links


@examples(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.lists(some.lists(steps, max_size=4), max_size=5))
def test_any_order_ends_with_the_last_body(sqlite_store: Store, batches: list[list[Step]]) -> None:
    """After any heads, bodies and deletions, counters equal the rows, and the last body is what is held."""
    holds(sqlite_store, batches)


@examples(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.lists(some.lists(steps, max_size=4), max_size=5))
def test_any_order_ends_with_the_last_body_in_postgresql(postgresql_store: Store, batches: list[list[Step]]) -> None:
    """The same with PostgreSQL."""
    holds(postgresql_store, batches)


@examples(max_examples=20)
@given(some.lists(some.tuples(times, some.integers(1, 9), said), min_size=1, max_size=5, unique_by=lambda one: one[:2]))
def test_bodies_in_any_order(sqlite_store: Store, bodies: list[tuple[int, int, Any]]) -> None:
    """Whatever order bodies are answered in, the newest is held. Each says something else: the same writes nothing."""
    ids = [str(next(EXAMPLES)), str(next(EXAMPLES))]
    bodies = [(at, later, said | {9: f"body {number}"}) for number, (at, later, said) in enumerate(bodies)]
    newest = max(bodies, key=lambda one: one[:2])
    for at, later, told in bodies:
        write_bodies(sqlite_store, made("body", ids[0], at, (told, 0)), at=T + 100 * at + later)
    write_bodies(sqlite_store, made("body", ids[1], newest[0], (newest[2], 0)), at=T + 100 * newest[0] + newest[1])
    one, other = (content(sqlite_store, id) for id in ids)
    assert [part[0:2] + part[11:13] for part in one[1]][:-1] == [part[0:2] + part[11:13] for part in other[1]][:-1]
    assert one[2] == other[2]
    assert found(sqlite_store, "nothing") == set()
