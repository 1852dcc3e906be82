"""Which platforms there are, and what a glob selects."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from bi_contracts import registry
from bi_contracts.errors import DeclarationError, UnknownEndpoint
from bi_contracts.platform import Platform
from bi_contracts.registry import GROUP, find, installed, platform, platforms, select, target, targets
from bi_contracts.workspace import CONFIG, Workspace

ACME = Path(__file__).parent / "declared" / "acme.toml"


@pytest.fixture
def entries(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[EntryPoint]]:
    """Entry points as they would be installed; the registry forgets what it knew before and after."""
    found: list[EntryPoint] = []
    installed.cache_clear()
    monkeypatch.setattr(registry, "entry_points", lambda group: [each for each in found if each.group == group])
    yield found
    installed.cache_clear()


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


def test_a_platform_that_does_not_load_is_named(entries: list[EntryPoint]) -> None:
    """A third party's mistake says whose it is."""
    entries.append(EntryPoint("broken", "no_such_module:PLATFORM", GROUP))
    with pytest.raises(DeclarationError, match="'broken'"):
        platforms()


def test_an_entry_point_must_be_a_platform(entries: list[EntryPoint]) -> None:
    """Anything else is refused by name."""
    entries.append(EntryPoint("odd", "json:dumps", GROUP))
    with pytest.raises(DeclarationError, match="is no Platform but a function"):
        platforms()


def test_two_packages_cannot_declare_one_platform(entries: list[EntryPoint]) -> None:
    """Nobody could tell which one answers."""
    entries += [EntryPoint(name, "bi_contracts.platforms.asana:PLATFORM", GROUP) for name in ("one", "two")]
    with pytest.raises(DeclarationError, match="declare the platform asana"):
        platforms()


def workspace(folder: Path, *files: str) -> Workspace:
    """A workspace that lists these files as platforms."""
    (folder / CONFIG).write_text(f"platforms = {list(files)!r}")
    return Workspace.discover(folder, {})


def test_a_file_of_the_workspace_declares_a_platform(tmp_path: Path) -> None:
    """There, and nowhere else; from any folder below the workspace."""
    (tmp_path / "platforms").mkdir()
    (tmp_path / "platforms" / "acme.toml").write_text(ACME.read_text())
    space = workspace(tmp_path, "platforms/acme.toml")
    assert [one.id for one in select(["acme"], space)] == ["acme/me", "acme/customers", "acme/customer", "acme/orders"]
    assert select(["acme/add_order"], space) == (target("acme/add_order", space),)
    assert {one.name for one in platforms(space)} == {"acme", *(one.name for one in platforms())}
    assert platform("acme", Workspace.discover(tmp_path / "platforms", {})).title == "Acme"
    assert find("acme/orders") is None


def test_a_file_that_was_changed_is_read_again(tmp_path: Path) -> None:
    """Without a new process."""
    file = tmp_path / "acme.toml"
    file.write_text(ACME.read_text())
    space = workspace(tmp_path, "acme.toml")
    assert platform("acme", space) is platform("acme", space)
    file.write_text(ACME.read_text().replace("api.acme", "api2.acme"))
    os.utime(file, (1, 1))
    assert platform("acme", space).base_url == "https://api2.acme.example/v1"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"acme"', '"asana"', "name: there is a platform asana already"),
        ('"acme"', '"a/b"', "name: 'a/b' must be small letters"),
        ('"acme"', '"acme@eu"', "name: 'acme@eu' must be small letters"),
    ],
)
def test_a_name_that_cannot_be_told_apart_is_refused(tmp_path: Path, old: str, new: str, words: str) -> None:
    """Whatever is installed keeps its name, and `@` is for accounts."""
    (tmp_path / "acme.toml").write_text(ACME.read_text().replace(old, new))
    with pytest.raises(DeclarationError, match=words):
        platforms(workspace(tmp_path, "acme.toml"))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """As a line, not as a traceback."""
    with pytest.raises(DeclarationError, match=r"none\.toml: no such file"):
        platforms(workspace(tmp_path, "none.toml"))


def test_an_installed_package_declares_a_platform(entries: list[EntryPoint], tmp_path: Path) -> None:
    """By its entry point alone; it can have accounts like any other."""
    package = tmp_path / "acme_for_bi_contracts.py"
    imports = "from pathlib import Path\nfrom bi_contracts.declaration import read\n"
    package.write_text(f"{imports}PLATFORM = read(Path({str(ACME)!r}))\n")
    entries.append(EntryPoint("acme", "acme_for_bi_contracts:PLATFORM", GROUP))
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(tmp_path)
        (tmp_path / CONFIG).write_text('[accounts."acme@eu"]\n')
        found = platforms(Workspace.discover(tmp_path, {}))
    assert [one.name for one in found] == ["acme", "acme@eu"]
