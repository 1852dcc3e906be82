"""Messages that channels do not take: retried, reported, never lost, never twice."""

from __future__ import annotations

from bi_contracts.health.channels import Undelivered
from bi_contracts.health.codec import decoded, encoded
from bi_contracts.health.memory import Memory
from bi_contracts.health.wiring import Wiring

from .making import DOWN, UP, Taking, World, settings


def test_a_refused_message_is_sent_at_the_next_look() -> None:
    """A message counts as sent only when the channel accepted it; what went wrong is reported."""
    world = World(settings=settings(failures=1))
    world.chat.refuse = True
    world.looks([UP, DOWN, DOWN])
    assert world.chat.taken == []
    assert world.said == [
        "channel chat: HTTP 500; not sent yet (tried once): gong is down",
        "channel chat: HTTP 500; not sent yet (tried 2 times): gong is down",
    ]
    world.chat.refuse = False
    world.look(DOWN)
    assert world.chat.kinds == ["opened"]
    assert world.monitor.memory.outbox == ()


def test_what_waits_survives_the_process() -> None:
    """Retry and alert state survive: another process sends what the first one could not, and only that."""
    world = World(settings=settings(failures=1))
    world.chat.refuse = True
    world.looks([UP, DOWN])
    kept = decoded(Memory, encoded(world.kept[-1]))
    world.chat.refuse = False
    world.started(kept)
    world.looks([DOWN, DOWN])
    assert world.chat.kinds == ["opened"]


def test_a_message_is_remembered_before_it_is_sent() -> None:
    """Whoever is killed while sending sends it again, rather than never."""
    world = World(settings=settings(failures=1))
    world.looks([UP, DOWN])
    assert [len(one.outbox) for one in world.kept[-2:]] == [1, 0]


def test_messages_about_one_thing_arrive_in_order() -> None:
    """The end is not told before the beginning was accepted."""
    world = World(settings=settings(failures=1, successes=1))
    world.chat.refuse = True
    world.looks([UP, DOWN, UP])
    assert world.chat.tried == 2
    world.chat.refuse = False
    world.look(UP)
    assert world.chat.kinds == ["opened", "resolved"]


def test_a_channel_that_asks_to_wait_is_left_alone() -> None:
    """Nothing is tried before the time that Retry-After named."""
    world = World(settings=settings(failures=1))
    world.chat.refuse, world.chat.wait = True, 150.0
    world.looks([UP, DOWN])
    world.chat.refuse = False
    world.looks([DOWN, DOWN])
    assert (world.chat.tried, world.chat.taken) == (1, [])
    world.look(DOWN)
    assert world.chat.kinds == ["opened"]


def test_no_channel_may_ask_to_wait_for_days() -> None:
    """An hour at most: a wrong clock must not silence an alarm."""
    world = World(settings=settings(failures=1))
    world.chat.refuse, world.chat.wait = True, 1e9
    world.looks([UP, DOWN])
    world.chat.refuse = False
    world.look(DOWN, after=3700)
    assert world.chat.kinds == ["opened"]


def test_one_broken_channel_does_not_silence_another() -> None:
    """Each channel has its own queue, and its own reminders."""
    wirings = (Wiring("chat", "slack"), Wiring("pager", "webhook"))
    channels = {"chat": Taking(refuse=True), "pager": Taking()}
    world = World(settings=settings(failures=1, remind=60, channels=wirings), channels=channels)
    world.looks([UP, DOWN, DOWN, DOWN])
    assert channels["pager"].kinds == ["opened", "reminder", "reminder"]
    assert [one.message.kind for one in world.monitor.memory.outbox] == ["opened"]


def test_a_channel_that_fails_in_its_own_way_does_not_end_the_watch() -> None:
    """Whatever a channel raises is reported by its type alone: its words may hold an address."""
    world = World(settings=settings(failures=1))
    world.chat.error = RuntimeError("https://hooks.example.com/secret")
    world.looks([UP, DOWN])
    assert world.said == ["channel chat: RuntimeError; not sent yet (tried once): gong is down"]


def test_what_is_meant_for_a_channel_that_is_gone_is_given_up_aloud() -> None:
    """A channel that is configured no more leaves no queue behind."""
    world = World(settings=settings(failures=1))
    world.chat.refuse = True
    world.looks([UP, DOWN])
    world.channels = {}
    world.settings = settings(failures=1, channels=())
    world.started(world.monitor.memory)
    world.look(DOWN)
    assert world.said[-1] == "channel chat is configured no more; not sent: gong is down"
    assert world.monitor.memory.outbox == ()


def test_attempts_are_counted_by_channel_and_level() -> None:
    """What was accepted and what was refused, for the metrics; it outlives a process."""
    world = World(settings=settings(failures=1, successes=1))
    world.chat.refuse = True
    world.looks([UP, DOWN, DOWN])
    world.chat.refuse = False
    world.looks([DOWN, UP])
    counts = {one.level: (one.sent, one.refused) for one in world.monitor.memory.counts}
    assert counts == {"critical": (1, 2), "info": (1, 0)}


def test_a_silent_watch_leaves_alerts_as_they_are() -> None:
    """Who only looks changes nothing of what people were told: the next one who tells, tells all of it."""
    world = World(settings=settings(failures=1), options={"silent": True})
    world.looks([UP, DOWN])
    assert (world.chat.taken, world.monitor.memory.ledger) == ([], {})
    world.options = {}
    world.started(world.monitor.memory)
    world.look(DOWN)
    assert world.chat.kinds == ["opened"]


def test_a_channel_that_nobody_answers_is_tried_once_a_look() -> None:
    """Ten messages to a server that is gone wait for one timeout, not for ten."""
    names = [f"platform{number}" for number in range(10)]
    world = World(names=names, settings=settings(failures=1))
    world.chat.error = Undelivered("channel chat: no answer (ConnectTimeout)", answered=False)
    world.looks([UP, DOWN])
    assert (world.chat.tried, len(world.monitor.memory.outbox)) == (1, 10)
    world.chat.error = None
    world.look(DOWN)
    assert [one.platform for one in world.chat.taken] == names


def test_a_refusal_of_one_message_holds_back_no_other() -> None:
    """What a channel does not like about one message says nothing about the next."""
    world = World(names=("gong", "slack"), settings=settings(failures=1))
    world.chat.refuse = True
    world.looks([UP, DOWN])
    assert world.chat.tried == 2
