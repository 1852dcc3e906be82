"""How sections are read: once for many, behind one policy a platform, kept for a while."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from bi_contracts.gateway.section import Section
from bi_contracts.gateway.sources import KEPT, Ask, Sources, Want, combined
from bi_contracts.reading import Reader
from bi_contracts.resilience import Breakers, CircuitBreakerConfig, LastGood, RetryConfig
from bi_contracts.sandbox import Sandbox

from .worlds import ONCE, asked, gateway, sandbox, section, upstream

CALLS = "/api/business/gong/recent"


class Clock:
    """Seconds that go on when they are told to."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def run(question: Any, world: Sandbox | None = None, **options: Any) -> Any:
    """What comes of asking sources of their own."""

    async def ask() -> Any:
        async with Reader(upstream(world or sandbox(rows=5))) as reader:
            sources = Sources(reader, **{"retry": ONCE, **options})
            try:
                return await question(sources)
            finally:
                await sources.aclose()

    return asyncio.run(ask())


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids that readers are asked for."""
    seen: list[str] = []
    usual = Reader.read

    async def noting(self: Reader, id: str, **settings: Any) -> Any:
        seen.append(id)
        return await usual(self, id, **settings)

    monkeypatch.setattr(Reader, "read", noting)
    return seen


def test_a_section_is_asked_for_once_in_its_time(reads: list[str]) -> None:
    """Within `max_age` it is given again, older by the time that went by; afterwards it is asked for anew."""
    clock = Clock()

    async def ask(sources: Sources) -> list[float]:
        ages = []
        for clock.seconds in (0.0, 3.0, 6.0):
            ages.append((await sources.section(Want("gong/users"))).age)
        return ages

    assert run(ask, max_age=5.0, clock=clock) == [0.0, 3.0, 0.0]
    assert reads == ["gong/users"] * 2


def test_no_cache_asks_the_platform(reads: list[str]) -> None:
    """A load test that wants to measure the platforms, too, sends `Cache-Control: no-cache`."""

    async def ask(client: httpx.AsyncClient) -> None:
        for headers in ({}, {}, {"cache-control": "no-cache"}, {"cache-control": "max-age=0"}):
            await client.get(CALLS, headers=headers)

    asked(ask)
    assert len(reads) == 3


def test_whoever_asks_at_the_same_time_waits_for_the_same_answer(reads: list[str]) -> None:
    """Ten requests at once are one question to the platform."""

    async def ask(client: httpx.AsyncClient) -> list[int]:
        return [one.status_code for one in await asyncio.gather(*(client.get(CALLS) for _ in range(10)))]

    assert set(asked(ask)) == {200}
    assert len(reads) == 1


def test_who_leaves_does_not_take_the_answer_from_the_others() -> None:
    """A request that is cancelled does not end what another waits for."""

    async def ask(sources: Sources) -> Section:
        leaving = asyncio.create_task(sources.section(Want("gong/users")))
        staying = asyncio.create_task(sources.section(Want("gong/users")))
        await asyncio.sleep(0)
        leaving.cancel()
        return await staying

    assert run(ask).source == "sandbox"


def test_what_is_still_read_at_the_end_is_ended() -> None:
    """Closing leaves no task behind."""
    world = sandbox(rows=5)
    world.fault("latency=30", times=None)

    async def ask(sources: Sources) -> bool:
        task = asyncio.create_task(sources.section(Want("gong/users")))
        await asyncio.sleep(0.01)
        await sources.aclose()
        with pytest.raises(asyncio.CancelledError):
            await task
        return task.done()

    assert run(ask, world)


def test_one_client_a_run_and_not_a_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """Regression row: one client per run, not per request."""
    made: list[httpx.AsyncClient] = []
    usual = httpx.AsyncClient.__init__

    def noting(self: httpx.AsyncClient, *arguments: Any, **settings: Any) -> None:
        made.append(self)
        usual(self, *arguments, **settings)

    monkeypatch.setattr(httpx.AsyncClient, "__init__", noting)

    async def ask(client: httpx.AsyncClient) -> None:
        for _ in range(5):
            await client.get(CALLS, headers={"cache-control": "no-cache"})

    asked(ask)
    assert len(made) == 2  # the caller's, and Gong's


def test_the_breaker_remembers_across_requests(reads: list[str]) -> None:
    """Regression row: breaker state survives across calls. Once it is open nobody is asked any more."""
    world = sandbox(rows=5)
    world.fault("status=503", platform="gong", times=None)
    breakers = Breakers(CircuitBreakerConfig(failure_threshold=3, recovery_timeout=60))

    async def ask(client: httpx.AsyncClient) -> list[httpx.Response]:
        return [await client.get(CALLS) for _ in range(6)]

    answers = asked(ask, world, breakers=breakers)
    assert len(reads) == 3
    assert {one.status_code for one in answers} == {503}
    assert str(breakers.of("gong").state) == "open"


def test_an_open_breaker_still_tells_what_was_known() -> None:
    """Regression row: the stale answer is still there when the fallback reads it, however long the outage."""
    world = sandbox(rows=5)

    async def ask(client: httpx.AsyncClient) -> list[str]:
        await client.get(CALLS)
        world.fault("status=503", platform="gong", times=None)
        return [section(await client.get(CALLS), "gong/calls_extensive")["source"] for _ in range(8)]

    assert asked(ask, world, max_age=0) == ["stale"] * 8


def test_the_age_of_what_is_stale_goes_on() -> None:
    """Seconds since the rows were the platform's, not since the fault."""
    world, clock = sandbox(rows=5), Clock()

    async def ask(client: httpx.AsyncClient) -> float:
        await client.get(CALLS)
        world.fault("status=503", platform="gong", times=None)
        clock.seconds = 90.0
        return float(section(await client.get(CALLS), "gong/calls_extensive")["age"])

    assert asked(ask, world, max_age=0, last_good=LastGood(now=clock)) == 90.0


def test_a_failure_that_passes_is_tried_again() -> None:
    """One bad answer in a good hour is not seen from outside."""
    world = sandbox(rows=5)
    world.fault("status=503", platform="gong", times=1)
    answer = asked(lambda client: client.get(CALLS), world, retry=RetryConfig(max_attempts=2, base_delay=0.0))
    assert section(answer, "gong/calls_extensive")["source"] == "sandbox"


def test_no_more_sections_are_kept_than_there_is_room_for() -> None:
    """Whatever is asked for, memory is bounded."""

    async def ask(sources: Sources) -> int:
        for number in range(KEPT + 5):
            sources._keep(str(number), Section(str(number), "sandbox"))
        return len(sources._kept)

    assert run(ask) == KEPT


def test_a_request_asks_each_thing_once(reads: list[str]) -> None:
    """Even when it wants everything fresh."""

    async def ask(sources: Sources) -> None:
        one = Ask(sources, fresh=True)
        await one.sections(Want("gong/users"), Want("gong/users"))

    run(ask)
    assert reads == ["gong/users"]


def test_a_parent_without_rows_leaves_an_empty_list() -> None:
    """That there is nothing to read from is an answer, not an outage."""

    async def ask(sources: Sources) -> Section:
        return await sources.section(Want("gong/library_calls"))

    found = run(ask, sandbox(rows=0))
    assert (found.source, found.rows, found.absent) == ("sandbox", (), True)


def test_sections_put_together_are_as_good_as_the_worst_that_has_rows() -> None:
    """And say what is missing."""
    fresh = Section("asana/tasks", "sandbox", rows=({"gid": "1"},), at=1.0, complete=True)
    old = Section("asana/tasks", "stale", rows=({"gid": "2"},), at=2.0, age=9.0, error="down")
    gone = Section("asana/tasks", "unavailable", error="gone")
    found = combined("asana/tasks", [fresh, old, gone])
    assert (found.source, len(found.rows), found.age, found.at) == ("stale", 2, 9.0, 2.0)
    assert (found.complete, found.error) == (False, "down")
    assert combined("asana/tasks", [gone]).source == "unavailable"


def test_what_was_made_of_kept_rows_is_made_once() -> None:
    """For one section and for several put together; never for rows that are others."""
    one, two, three = (Section("asana/tasks", "sandbox", rows=({"gid": str(n)},), at=1.0) for n in range(3))
    first = combined("asana/tasks", [one, two])
    assert first.once("x", len) == combined("asana/tasks", [one, two]).once("x", lambda _: 99) == 2
    assert combined("asana/tasks", [one, three]).once("x", lambda _: 99) == 99
    assert combined("asana/tasks", [one]).once("x", lambda _: 7) == 7


def test_a_budget_that_is_stated_and_not_enforced_holds_nobody_up() -> None:
    """How long a limit is waited for is the policy's to say: a client that waits looks like one that hangs."""
    world = sandbox(rows=120)
    world.limit("hubspot", 1, 60.0)

    async def ask(client: httpx.AsyncClient) -> list[str]:
        answers = [await client.get("/api/business/hubspot/contacts") for _ in range(3)]
        return [section(one, "hubspot/contacts")["source"] for one in answers]

    assert asked(ask, world, max_age=0) == ["sandbox"] * 3


def test_a_reader_that_is_given_stays_open() -> None:
    """Whoever made it closes it: the runner shares its reader with the gateway."""

    async def ask() -> int:
        async with Reader(upstream(sandbox(rows=5))) as reader:
            for _ in range(2):
                from bi_contracts.gateway import in_process

                async with in_process(reader, platforms=["gong"]) as client:
                    assert (await client.get(CALLS)).status_code == 200
            return len((await reader.read("gong/users")).records)

    assert asyncio.run(ask()) == 5


@pytest.mark.parametrize("closing", [True, False])
def test_the_gateway_closes_the_reader_that_it_was_given_for_itself(closing: bool) -> None:
    """Served, with `closing`, the reader ends with the server; otherwise whoever made it closes it."""
    from bi_contracts.gateway import create_app

    async def ask() -> list[bool]:
        async with Reader(upstream(sandbox(rows=5))) as reader:
            app = create_app(reader, closing=closing)
            async with app.router.lifespan_context(app):
                await reader.read("gong/users")
                before = bool(reader._clients)
            return [before, bool(reader._clients)]

    assert asyncio.run(ask()) == [True, not closing]


def test_a_gateway_left_early_leaves_nothing_open() -> None:
    """What goes wrong inside the block closes everything, too."""

    async def ask() -> None:
        async with gateway(sandbox(rows=5)) as client:
            await client.get(CALLS)
            raise LookupError

    with pytest.raises(LookupError):
        asyncio.run(ask())
