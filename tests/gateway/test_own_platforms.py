"""A platform that a workspace declares has routes, readiness and tools without a line of code."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bi_contracts.gateway.sources import Ask, Sources
from bi_contracts.reading import Reader
from bi_contracts.session import Upstream
from bi_contracts.workspace import Workspace

from .worlds import asked, get

ACME = Path(__file__).parents[1] / "declared" / "acme.toml"


@pytest.fixture
def own(tmp_path: Path) -> Upstream:
    """A workspace with a platform of its own, answered by the sandbox."""
    shutil.copy(ACME, tmp_path)
    (tmp_path / "bi-contracts.toml").write_text('platforms = ["acme.toml"]\n[accounts."slack@eu"]\n')
    return Upstream(Workspace.discover(tmp_path, environ={}), "sandbox")


def test_its_lists_and_its_identity_are_there(own: Upstream) -> None:
    """As the seed's `/api/business/new-platform/data` wants it."""
    assert get("acme", own).json()["identity"]
    told = get("acme/customers?limit=2", own).json()
    assert (told["id"], len(told["rows"])) == ("acme/customers", 2)


def test_so_are_those_of_a_second_account(own: Upstream) -> None:
    """By its name."""
    assert get("slack@eu/users", own).json()["total"] > 0


def test_it_takes_part_in_readiness(own: Upstream) -> None:
    """With the variable of its credential."""
    answer = asked(lambda client: client.get("/readyz"), own, platforms=["acme"])
    assert answer.json()["platforms"][0]["variables"] == ["ACME_TOKEN"]


def test_what_is_served_is_what_is_declared(own: Upstream) -> None:
    """Unless it is told otherwise."""
    names = {one.name for one in Ask(Sources(Reader(own))).sources.platforms}
    assert {"acme", "slack", "slack@eu"} <= names
