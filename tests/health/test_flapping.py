"""A hundred runs of platforms that flap."""

from __future__ import annotations

from .flapping import simulate


def test_messages_are_the_confirmed_changes_and_the_due_reminders_exactly() -> None:
    """In 100 runs with random flapping, gaps, restarts, maintenance and a failing channel: no more and no fewer."""
    runs = [simulate(seed, looks=80) for seed in range(100)]
    wrong = [(seed, run) for seed, run in enumerate(runs) if not run.exact]
    assert wrong == []
    assert sum(run.reminders for run in runs) > 100
    assert sum(run.changes for run in runs) > 500
    assert sum(run.flips for run in runs) > sum(run.changes for run in runs)


def test_no_message_arrives_twice() -> None:
    """Refused deliveries and restarts repeat nothing that was accepted."""
    for seed in range(20):
        order = simulate(seed, looks=60).order
        assert len(set(order)) == len(order)
