"""The resilience phase shows the policy at work on every platform, and says what that is evidence of."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from bi_contracts.cassette.sockets import block_sockets
from bi_contracts.integration.context import Context
from bi_contracts.integration.phases import resilience
from bi_contracts.reading import Reader
from bi_contracts.registry import Target, platforms
from bi_contracts.report.events import Outcome, Status
from bi_contracts.resilience import CircuitBreakerConfig, RetryConfig
from bi_contracts.session import Upstream
from bi_contracts.workspace import Workspace

NINE = tuple(each.name for each in platforms())


def phase(root: Path, names: tuple[str, ...] = NINE, mode: str = "replay") -> list[Outcome]:
    """The outcomes of the phase; no socket can be opened meanwhile."""
    targets = tuple(Target(each, each.endpoint(each.identity)) for each in platforms() if each.name in names)

    async def outcomes() -> list[Outcome]:
        upstream = Upstream(Workspace(root), mode)
        async with Reader(upstream) as reader, httpx.AsyncClient() as gateway:
            return [each async for each in resilience.run(Context(upstream, reader, targets, gateway))]

    with block_sockets():
        return asyncio.run(outcomes())


def test_the_policy_holds_towards_every_platform(tmp_path: Path) -> None:
    """Six checks of nine platforms, and every one is kept."""
    found = phase(tmp_path)
    assert [each for each in found if each.status is not Status.PASSED] == []
    assert [(each.platform, each.check) for each in found] == [
        (name, check) for name in NINE for check in resilience.CHECKS
    ]


def test_a_live_run_is_not_made_good_by_a_sandbox(tmp_path: Path) -> None:
    """Regression: nothing that was not asked live looks like a pass; whoever is live is skipped with the reason."""
    (skipped,) = phase(tmp_path, ("gong",), "live")
    assert (skipped.status, skipped.subject) == (Status.SKIPPED, "gong/resilience")
    assert "--mode sandbox" in skipped.note


@pytest.mark.parametrize("mode", ["replay", "sandbox"])
def test_the_phase_asks_nobody_but_its_own_sandbox(tmp_path: Path, mode: str) -> None:
    """In every mode it says who answered and that this is no evidence about the live API."""
    for outcome in phase(tmp_path, ("gong",), mode):
        assert (outcome.source, outcome.live, outcome.phase) == ("sandbox", False, "resilience")
        assert "not about the live API" in outcome.note
        assert outcome.samples > 0
        assert outcome.elapsed is not None


def test_only_platforms_that_take_part_are_looked_at(tmp_path: Path) -> None:
    """Regression: `--platform` filters."""
    assert {each.platform for each in phase(tmp_path, ("slack", "notion"))} == {"slack", "notion"}


def test_a_platform_that_states_no_reset_says_so(tmp_path: Path) -> None:
    """Salesforce names no time to come back, the others do; what was done instead stands in the note."""
    notes = {each.platform: each.note for each in phase(tmp_path) if each.check == "waits for its limit"}
    assert {name for name, note in notes.items() if "states no reset" in note} == {"salesforce"}


@pytest.mark.parametrize(
    ("name", "value", "broken"),
    [
        ("RETRY", RetryConfig(max_attempts=1), "outlives 503"),
        ("RETRY", RetryConfig(max_attempts=1), "waits as told"),
        ("RETRY", RetryConfig(max_attempts=1), "waits for its limit"),
        ("RETRY", RetryConfig(jitter=True, base_delay=1.0), "outlives 503"),
        ("BREAKER", CircuitBreakerConfig(2, 30.0, counts=lambda _: False), "breaker opens and recovers"),
        ("BREAKER", CircuitBreakerConfig(2, counts=lambda _: True), "stops at auth error"),
    ],
)
def test_a_policy_that_does_not_hold_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: Any, broken: str
) -> None:
    """The phase can fail: a policy that does otherwise is a breaking finding under the check's own rule."""
    monkeypatch.setattr(resilience, name, value)
    (outcome,) = (each for each in phase(tmp_path, ("gong",)) if each.check == broken)
    assert outcome.verdict is Status.FAILED
    (finding,) = outcome.findings
    assert finding.rule == f"resilience/{broken.replace(' ', '-')}"
    assert "gong/account" in finding.message


def test_a_refusal_that_is_taken_for_an_answer_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a bad credential does not fail the call, the check does."""

    async def deaf(_: Any) -> str:
        return "anything"

    monkeypatch.setattr(resilience._Stage, "ask", deaf)
    (outcome,) = (each for each in phase(tmp_path, ("gong",)) if each.check == "stops at auth error")
    assert "taken for an answer" in outcome.findings[0].message
