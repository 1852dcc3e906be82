"""Which platforms there are, and what a glob selects."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import EntryPoint

import pytest

from bi_contracts import registry
from bi_contracts.errors import DeclarationError, UnknownEndpoint
from bi_contracts.platform import Platform
from bi_contracts.registry import GROUP, platform, platforms, select, target, targets


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[EntryPoint]]:
    """Entry points as they would be installed; the registry forgets what it knew before and after."""
    found: list[EntryPoint] = []
    platforms.cache_clear()
    monkeypatch.setattr(registry, "entry_points", lambda group: [each for each in found if each.group == group])
    yield found
    platforms.cache_clear()


def test_every_built_in_comes_in_by_entry_point() -> None:
    """The same hook that third parties use, under the name it is declared with."""
    assert platforms()
    assert all(isinstance(each, Platform) for each in platforms())
    assert [each.name for each in platforms()] == sorted(each.name for each in platforms())


def test_a_glob_selects_ids_and_a_name_selects_its_platform() -> None:
    """`asana` is `asana/*`; each endpoint comes once."""
    assert select(["asana"]) == select(["asana/*", "asana/tasks"])
    assert {one.platform.name for one in select(["*"])} == {each.name for each in platforms()}
    assert [one.id for one in select(["*/me", "slack/users"])] == [
        one.id for one in targets() if one.id.endswith("/me") or one.id == "slack/users"
    ]


def test_no_glob_selects_a_write() -> None:
    """Only its whole id does."""
    writes = [one.id for one in targets() if one.endpoint.kind == "write"]
    assert not {one.id for one in select(["*"])} & set(writes)
    for id in writes:
        assert [one.id for one in select([id])] == [id]


def test_what_is_not_declared_is_an_error_with_the_nearest() -> None:
    """For globs, ids and names alike."""
    with pytest.raises(UnknownEndpoint, match=r"did you mean .*asana/tasks"):
        select(["asana/taskz"])
    with pytest.raises(UnknownEndpoint, match=r"did you mean .*asana/tasks"):
        target("asana/taskz")
    with pytest.raises(UnknownEndpoint, match="did you mean asana"):
        platform("asanna")
    assert target("asana/tasks").platform is platform("asana")


def test_a_platform_that_does_not_load_is_named(installed: list[EntryPoint]) -> None:
    """A third party's mistake says whose it is."""
    installed.append(EntryPoint("broken", "no_such_module:PLATFORM", GROUP))
    with pytest.raises(DeclarationError, match="'broken'"):
        platforms()


def test_an_entry_point_must_be_a_platform(installed: list[EntryPoint]) -> None:
    """Anything else is refused by name."""
    installed.append(EntryPoint("odd", "json:dumps", GROUP))
    with pytest.raises(DeclarationError, match="is no Platform but a function"):
        platforms()


def test_two_packages_cannot_declare_one_platform(installed: list[EntryPoint]) -> None:
    """Nobody could tell which one answers."""
    installed += [EntryPoint(name, "bi_contracts.platforms.asana:PLATFORM", GROUP) for name in ("one", "two")]
    with pytest.raises(DeclarationError, match="declare the platform asana"):
        platforms()
