"""Real recordings of other projects: every indexed interaction is imported, or refused with a reason."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from vcr.persisters.filesystem import FilesystemPersister
from vcr.serializers import yamlserializer

from bi_contracts.cassette.importers import Refused, load_importers
from bi_contracts.cassette.importers.base import HEAD
from bi_contracts.cassette.importers.naming import Names
from bi_contracts.cassette.importers.run import ImportReport, import_paths, read_file
from bi_contracts.cassette.store import load
from bi_contracts.interaction import Interaction

pytestmark = pytest.mark.law

PLATFORMS = ("slack", "notion", "asana", "linear", "intercom")
OTHERS = ("gong", "hubspot", "looker", "salesforce")
BODY_ONLY = "nango-mock-body"


def indexed(recorded: Path, platform: str) -> Counter[tuple[str, str]]:
    """(file, format) -> how many interactions the index counts there."""
    rows = (json.loads(line) for line in (recorded / "INDEX.jsonl").read_text().splitlines())
    return Counter((row["file"], row["format"]) for row in rows if row["platform"] == platform)


@pytest.fixture(scope="module")
def imported(vendor_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], ImportReport]:
    """Imports a platform's folder, once for all tests."""

    @cache
    def run(platform: str) -> ImportReport:
        names = Names(origins={platform: f"https://{platform}.example"})
        source, out = vendor_data / "recorded" / platform, tmp_path_factory.mktemp(platform)
        return import_paths([source], out, names=names, importers=load_importers(()))

    return run


def _includes(refused: Refused) -> bool:
    return "include_file" in refused.reason


@pytest.mark.parametrize("platform", [*PLATFORMS, *OTHERS])
def test_every_indexed_interaction_is_accounted_for(
    vendor_data: Path, imported: Callable[[str], ImportReport], platform: str
) -> None:
    """File by file, imported and refused interactions add up to what the index counts; bare bodies are listed."""
    report = imported(platform)
    files = {f"{platform}/{file.file}": file for file in report.files}
    expected = indexed(vendor_data / "recorded", platform)
    assert expected
    for (name, kind), count in expected.items():
        file = files[name]
        if kind == BODY_ONLY:
            assert [one.foreign for one in file.refused] == [True], name
        else:
            # An `include_file` entry stands for an interaction of another file, which the index counts there.
            included = sum(_includes(one) for one in file.refused)
            assert file.imported + len(file.refused) - included == count, name
    recordings = {
        name for name, file in files.items() if file.imported or any(not _includes(one) for one in file.refused)
    }
    recordings = {name for name in recordings if files[name].format}
    assert recordings == {name for name, kind in expected if kind != BODY_ONLY}


@pytest.mark.parametrize("platform", PLATFORMS)
def test_nothing_is_refused(imported: Callable[[str], ImportReport], platform: str) -> None:
    """Every recording of these platforms is imported whole, and stands in cassettes that load."""
    report = imported(platform)
    assert report.refused == ()
    assert sum(len(load(path).interactions) for path in report.cassettes) == report.imported


def read_indexed(recorded: Path, name: str) -> list[Interaction | Refused]:
    """What the file's importer gives, in its order."""
    path = recorded / name
    importer = load_importers(()).of(path.read_bytes()[:HEAD], path)
    assert importer is not None, name
    return list(read_file(importer, path))


@pytest.mark.parametrize("platform", PLATFORMS)
def test_what_is_read_is_what_is_indexed(vendor_data: Path, platform: str) -> None:
    """Number for number, method, path and status are those of the index, which other code has written."""
    recorded = vendor_data / "recorded"
    rows = [json.loads(line) for line in (recorded / "INDEX.jsonl").read_text().splitlines()]
    wanted = [row for row in rows if row["platform"] == platform and row["format"] != BODY_ONLY]
    found = {name: read_indexed(recorded, name) for name in {row["file"] for row in wanted}}
    for row in wanted:
        one = found[row["file"]][row["i"]]
        assert isinstance(one, Interaction)
        seen = (one.request.method, one.request.path, one.response.status)
        assert seen == (row["method"], row["path"], row["status"]), row["file"]


def test_bodies_are_those_vcrpy_reads(vendor_data: Path) -> None:
    """For vcrpy's own format vcrpy is the judge: same URLs, request bodies and response bodies."""
    files = sorted((vendor_data / "recorded" / "notion" / "notion-sdk-py").rglob("*.yaml"))[::4]
    assert files
    for path in files:
        requests, responses, *_ = FilesystemPersister.load_cassette(path, yamlserializer)
        found = read_indexed(path.parent, path.name)
        assert len(found) == len(requests)
        for one, request, response in zip(found, requests, responses, strict=True):
            assert isinstance(one, Interaction)
            assert (one.request.url, one.request.body) == (request.uri, request.body or b"")
            assert one.response.body == response["body"]["string"]
