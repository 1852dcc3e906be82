"""What goes wrong between us and a platform is seen for what it is, whichever platform it is."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bi_contracts.checks import connection_staging
from bi_contracts.checks.connection_staging import CUTS, DAMAGE, FaultMisread, cuts_seen, damage_seen
from bi_contracts.platform import Platform
from bi_contracts.platforms.gong import PLATFORM
from bi_contracts.sandbox import Sandbox
from tests.platforms.declared import PLATFORMS, named


@pytest.mark.parametrize("platform", PLATFORMS, ids=named)
def test_every_cut_and_every_damage_is_seen(platform: Platform) -> None:
    """Timeout and reset; HTML, half a body, broken JSON, another type, another status, another clock."""
    sandbox = Sandbox([platform], rows=3)
    assert asyncio.run(cuts_seen(platform, sandbox)) == len(CUTS)
    assert asyncio.run(damage_seen(platform, sandbox)) == len(DAMAGE)


def test_a_cut_that_is_taken_for_another_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reset read as timeout, or as nothing at all."""
    monkeypatch.setattr(connection_staging, "CUTS", {"reset": "timeout"})
    with pytest.raises(FaultMisread, match="timeout is read as reset"):
        asyncio.run(cuts_seen(PLATFORM, Sandbox([PLATFORM], rows=3)))
    monkeypatch.setattr(connection_staging, "CUTS", {"gzip": "reset"})
    with pytest.raises(FaultMisread, match="reset is read as an answer"):
        asyncio.run(cuts_seen(PLATFORM, Sandbox([PLATFORM], rows=3)))


def test_damage_that_goes_unnoticed_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    """A compressed body is no damage."""
    monkeypatch.setattr(connection_staging, "DAMAGE", {"gzip": "html-page"})
    with pytest.raises(FaultMisread, match="html-page is read as a good answer"):
        asyncio.run(damage_seen(PLATFORM, Sandbox([PLATFORM], rows=3)))


def test_an_account_is_damaged_where_it_stands() -> None:
    """By its own path, beside the platform whose host it shares."""
    account = replace(PLATFORM, name="gong@eu")
    sandbox = Sandbox([PLATFORM, account], rows=3)
    assert asyncio.run(damage_seen(account, sandbox)) == len(DAMAGE)
