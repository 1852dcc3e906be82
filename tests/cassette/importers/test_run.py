"""Importing files and folders: everything is accounted for, cassettes are safe, repeatable and never overwritten."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
import vcr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from vcr.persisters.filesystem import FilesystemPersister
from vcr.serializers import jsonserializer, yamlserializer

from bi_contracts.cassette.importers import Importers, Refused, load_importers
from bi_contracts.cassette.importers.naming import Names
from bi_contracts.cassette.importers.run import ImportReport, import_paths, read_file
from bi_contracts.cassette.store import Cassette, Provenance, load, save
from bi_contracts.errors import ConfigurationError
from bi_contracts.interaction import Interaction, Request, Response, Source

from . import samples
from .samples import interactions, put

NAMES = Names(
    hosts={"example.com": "shop"},
    known=lambda platform, one: "things" if platform == "shop" and one.request.path.endswith("/things") else None,
    origins={"shop": "https://api.example.com/v1"},
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with every sample and some files that are no recordings."""
    for name, content in samples.ALL.items():
        put(tmp_path / "in" / "shop", content, name.replace(" ", "_"))
    put(tmp_path / "in", "MIT License", "LICENSE")
    put(tmp_path / "in", '{"type": "list", "data": []}', "body.json")
    put(tmp_path / "in", "", "empty.yaml")
    put(tmp_path / "in" / ".git", "x", "HEAD")
    return tmp_path / "in"


def run(folder: Path, out: Path, **options: object) -> ImportReport:
    """An import with the built-in formats only."""
    return import_paths([folder], out, names=NAMES, importers=load_importers(()), **options)  # type: ignore[arg-type]


def texts(out: Path) -> dict[str, bytes]:
    """Every file below, by name."""
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


def test_everything_is_accounted_for(folder: Path, tmp_path: Path) -> None:
    """Each file is in the report once; each interaction is imported; what is no recording is listed with a reason."""
    report = run(folder, tmp_path / "out")
    assert len(report.files) == len({file.file for file in report.files}) == len(samples.ALL) + 4
    assert report.imported == sum(len(load(path).interactions) for path in report.cassettes) == 16
    assert {one.where: one.reason.partition(":")[0] for one in (*report.refused, *report.foreign)} == {
        "LICENSE": "not a recording",
        "body.json": "not a recording",
        "empty.yaml": "empty",
        ".git": "a hidden folder",
    }
    assert [one.where for one in report.refused] == ["empty.yaml"]


def test_interactions_are_grouped_by_endpoint(folder: Path, tmp_path: Path) -> None:
    """A known endpoint gets its declared name whatever the format; the rest get ids from method and path."""
    report = run(folder, tmp_path / "out")
    names = [path.relative_to(tmp_path / "out").as_posix() for path in report.cassettes]
    assert names == ["shop/delete.v1.things.{id}.yaml", "shop/get.v1.jsonl.yaml", "shop/things.yaml"]
    cassette = load(tmp_path / "out" / "shop" / "things.yaml")
    assert cassette.provenance.endpoint == "shop/things"
    assert cassette.provenance.source is Source.IMPORTED
    assert "ruby-vcr shop/ruby;" in cassette.provenance.note
    assert {one.endpoint for one in cassette.interactions} == {"shop/things"}


def test_paths_without_host_get_an_origin(folder: Path, tmp_path: Path) -> None:
    """A path that repeats the base URL's path, and one that leaves it out, both become full URLs."""
    run(folder / "shop" / "nango", tmp_path / "out")
    urls = {one.request.url for one in load(tmp_path / "out" / "shop" / "things.yaml").interactions}
    assert "https://api.example.com/v1/things" in urls
    put(folder / "shop", samples.NANGO_MOCK.replace('"v1/things"', '"orders"'), "short")
    run(folder / "shop" / "short", tmp_path / "out")
    (one,) = load(tmp_path / "out" / "shop" / "get.v1.orders.yaml").interactions
    assert one.request.url == "https://api.example.com/v1/orders?limit=10"


def test_platform_of_files_without_host(tmp_path: Path) -> None:
    """The caller's platform wins, then the nearest folder of that name; else the platform is unknown."""
    path = put(tmp_path / "nowhere", samples.NANGO_MOCK)
    report = import_paths([path], tmp_path / "a", importers=load_importers(()))
    assert [one.parent.name for one in report.cassettes] == ["unknown"]
    report = import_paths([path], tmp_path / "b", names=Names(platform="shop"), importers=load_importers(()))
    assert [one.parent.name for one in report.cassettes] == ["shop"]
    (one,) = load(report.cassettes[0]).interactions
    assert one.request.url.startswith("https://shop.invalid/v1/things")


def test_importing_twice_changes_nothing(folder: Path, tmp_path: Path) -> None:
    """The same input gives the same bytes, into the same folder and into another one."""
    run(folder, tmp_path / "out")
    first = texts(tmp_path / "out")
    run(folder, tmp_path / "out")
    run(folder, tmp_path / "other")
    assert first == texts(tmp_path / "out") == texts(tmp_path / "other")


def test_a_second_import_adds(folder: Path, tmp_path: Path) -> None:
    """Importing other recordings of the same endpoint keeps the earlier ones, and an exchange recorded twice."""
    put(
        folder / "shop",
        samples.VCRPY + samples.VCRPY.removeprefix("interactions:\n").replace("version: 1\n", ""),
        "bad",
    )
    run(folder / "shop" / "har", tmp_path / "out")
    run(folder / "shop" / "vcrpy", tmp_path / "out")
    cassette = load(tmp_path / "out" / "shop" / "things.yaml")
    assert len(cassette.interactions) == 2
    assert cassette.provenance.note == "imported: har har; vcrpy vcrpy"


def test_recordings_of_others_are_not_overwritten(folder: Path, tmp_path: Path) -> None:
    """Where a live recording stands, the import leaves it alone and lists what it did not write."""
    path = tmp_path / "out" / "shop" / "things.yaml"
    save(path, Cassette(Provenance(source=Source.LIVE), ()))
    before = path.read_bytes()
    report = run(folder / "shop" / "vcrpy", tmp_path / "out")
    assert path.read_bytes() == before
    assert report.imported == 0
    assert "not imported (source: live)" in report.refused[0].reason
    path.write_text("interactions: [")
    assert "no valid YAML" in run(folder / "shop" / "vcrpy", tmp_path / "out").refused[0].reason


def test_oversized_cassettes_are_refused(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cassette that could not be read again is not written."""
    monkeypatch.setattr("bi_contracts.cassette.importers.output.LARGEST", 100)
    report = run(folder / "shop" / "vcrpy", tmp_path / "out")
    assert "are not read" in report.refused[0].reason
    assert not texts(tmp_path).keys() & {"out/shop/things.yaml"}


def test_by_source_file(folder: Path, tmp_path: Path) -> None:
    """With `layout="source"` each file becomes one cassette of the same name, in the file's order."""
    put(folder, samples.VCRPY, "a.json")
    put(folder, samples.VCRPY_JSON, "a.yaml")
    report = run(folder, tmp_path / "out", layout="source")
    names = [path.relative_to(tmp_path / "out").as_posix() for path in report.cassettes]
    assert "shop/ruby.yaml" in names
    assert {"a.json.yaml", "a.yaml.yaml"} <= set(names)
    assert [one.request.method for one in load(tmp_path / "out" / "shop" / "ruby.yaml").interactions] == ["GET", "POST"]


def test_secrets_do_not_reach_the_disk(tmp_path: Path) -> None:
    """Credentials in headers and URLs are gone from cassettes and from their names."""
    secret = "abcdefghij0123456789"
    text = samples.VCRPY.replace("Accept: ['*/*']", f"Authorization: ['Bearer {secret}']")
    put(tmp_path / "in", text.replace("things?x=1", f"{secret}/things?api_key={secret}"))
    run(tmp_path / "in", tmp_path / "out")
    found = texts(tmp_path / "out")
    assert found
    assert not any(
        secret in name or f"Bearer {secret}" in text.decode() or f"key={secret}" in text.decode()
        for name, text in found.items()
    )


def test_api_version_is_kept(tmp_path: Path) -> None:
    """The API version that requests name stands in the provenance; client versions do not."""
    text = samples.VCRPY.replace("Accept: ['*/*']", "Shop-Version: ['2022-06-28']\n      X-Client-Version: ['9.9']")
    put(tmp_path / "in", text)
    (path,) = run(tmp_path / "in", tmp_path / "out").cassettes
    assert load(path).provenance.api_version == "2022-06-28"


def test_missing_path(tmp_path: Path) -> None:
    """A path that does not exist is an error, not an empty import."""
    with pytest.raises(ConfigurationError, match="no such file or folder"):
        import_paths([tmp_path / "nowhere"], tmp_path / "out")


def test_unwritable_folder(folder: Path, tmp_path: Path) -> None:
    """Where the cassettes cannot be written the error says so."""
    (tmp_path / "out").write_text("a file")
    with pytest.raises(ConfigurationError, match="a file stands there"):
        run(folder, tmp_path / "out")
    with pytest.raises(ConfigurationError, match="cannot be written"):
        run(folder, Path("/dev/null/out") if os.name == "nt" else Path("/proc/out"))


def test_the_output_folder_is_not_an_input(folder: Path) -> None:
    """Importing into a folder inside the input does not import what it wrote."""
    first = run(folder, folder / "out")
    second = run(folder, folder / "out")
    assert second.imported == first.imported
    assert any(one.where == "out" for one in second.foreign)


def test_several_paths(folder: Path, tmp_path: Path) -> None:
    """A file that is given twice counts once; names are relative to what the paths have in common."""
    report = import_paths([folder / "shop", folder / "shop" / "har", folder / "LICENSE"], tmp_path / "out")
    assert [file.file for file in report.files].count("shop/har") == 1
    assert "LICENSE" in [file.file for file in report.files]


def test_special_files(tmp_path: Path) -> None:
    """Pipes are not opened and links to folders are not followed."""
    put(tmp_path / "in", samples.VCRPY)
    os.mkfifo(tmp_path / "in" / "pipe")
    (tmp_path / "in" / "loop").symlink_to(tmp_path / "in", target_is_directory=True)
    report = run(tmp_path / "in", tmp_path / "out")
    assert report.imported == 1
    assert [one.reason.partition(":")[0] for one in report.foreign] == ["a linked folder", "not a regular file"]
    assert len(import_paths([tmp_path / "in" / "pipe"], tmp_path / "out").foreign) == 1


def test_unreadable_files(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file or folder that may not be read is refused, the others are imported."""
    real_open, real_list = Path.open, Path.iterdir

    def refuse(real: Callable[..., object], name: str) -> Callable[..., object]:
        def inner(path: Path, *args: object, **options: object) -> object:
            if path.name == name:
                raise PermissionError(13, "Permission denied")
            return real(path, *args, **options)

        return inner

    put(folder / "closed", samples.VCRPY)
    monkeypatch.setattr(Path, "open", refuse(real_open, "har"))
    monkeypatch.setattr(Path, "iterdir", refuse(real_list, "closed"))
    report = run(folder, tmp_path / "out")
    assert {one.where for one in (*report.refused, *report.foreign) if "Permission denied" in one.reason} == {
        "shop/har",
        "closed",
    }
    assert report.imported == 15


def test_odd_file_names(tmp_path: Path) -> None:
    """File names with separators, people's addresses or bytes that are no UTF-8 are told apart and stored safely."""
    names = ["a; b", "ada@shop.dev", os.fsdecode(b"\xff"), os.fsdecode(b"\xfe")]
    for name in names:
        put(tmp_path / "in", samples.VCRPY, name)
    report = run(tmp_path / "in", tmp_path / "out")
    assert report.imported == len({file.file for file in report.files}) == 4
    assert len(run(tmp_path / "in", tmp_path / "mirrored", layout="source").cassettes) == 4
    before = texts(tmp_path / "out")
    run(tmp_path / "in", tmp_path / "out")
    assert texts(tmp_path / "out") == before
    assert b"ada@shop.dev" not in before["shop/things.yaml"]


def test_progress(folder: Path, tmp_path: Path) -> None:
    """Progress is told before each file."""
    seen: list[tuple[str, int, int]] = []
    report = run(folder, tmp_path / "out", on_progress=lambda *step: seen.append(step))
    assert [done for _, done, _ in seen] == list(range(len(report.files)))[: len(seen)] or len(seen) == len(
        report.files
    )
    assert {total for _, _, total in seen} == {len(report.files)}


def test_hopeless_files_are_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After very many refusals the rest of a file is not read, and the report says so."""
    monkeypatch.setattr("bi_contracts.cassette.importers.run.MAX_REFUSED", 3)
    put(tmp_path / "in", "interactions: [1, 2, 3, 4, 5, 6]")
    report = run(tmp_path / "in", tmp_path / "out")
    assert len(report.refused) == 4
    assert "the rest of the file is not read" in report.refused[3].reason


def test_an_empty_cassette_is_listed(tmp_path: Path) -> None:
    """A recording without interactions is refused as empty."""
    put(tmp_path / "in", '{"version": 1, "interactions": []}', "a")
    put(tmp_path / "in", "interactions: []", "b")
    put(tmp_path / "in", "http_interactions:", "c")
    assert [one.reason for one in run(tmp_path / "in", tmp_path / "out").refused] == ["empty: no interaction in it"] * 3


@dataclass(frozen=True)
class Lines:
    """A third party's importer: each line that is a path is a GET of it."""

    name: str = "lines"
    fail: bool = False

    def sniff(self, head: bytes, path: Path) -> bool:  # noqa: ARG002 the content decides
        if self.fail:
            raise ValueError("boom")
        return head.startswith(b"LINES")

    def read(self, path: Path) -> Iterator[Interaction | Refused]:
        for line in path.read_text().splitlines()[1:]:
            if line == "boom":
                raise RuntimeError("the recording says hunter22")
            yield Interaction("", Request("GET", f"https://api.example.com{line}"), Response(200, body=b"{}"))


LINES = Lines()
FAILING = Lines("failing", fail=True)
NOTHING = object()


def test_third_parties_come_in_by_entry_point(tmp_path: Path) -> None:
    """An entry point adds a format; one that does not load or is no importer is reported, the rest works."""
    points = [
        EntryPoint("failing", f"{__name__}:FAILING", "bi_contracts.importers"),
        EntryPoint("lines", f"{__name__}:LINES", "bi_contracts.importers"),
        EntryPoint("gone", "no_such_module:X", "bi_contracts.importers"),
        EntryPoint("nothing", f"{__name__}:NOTHING", "bi_contracts.importers"),
    ]
    formats = load_importers(points)
    assert [reason.split("'")[1] for reason in formats.broken] == ["gone", "nothing"]
    put(tmp_path / "in", "LINES\n/a\nboom\n/b", "x")
    put(tmp_path / "in", samples.VCRPY, "y")
    report = import_paths([tmp_path / "in"], tmp_path / "out", importers=formats)
    assert (report.imported, report.broken) == (2, formats.broken)
    assert [str(one) for one in report.refused] == ["x, interaction 1: the importer 'lines' failed (RuntimeError)"]


def test_installed_entry_points_are_asked() -> None:
    """Without being given any, the installed entry points are taken; the built-in formats come first."""
    names = [one.name for one in load_importers().formats]
    assert names[:5] == ["vcrpy", "ruby-vcr", "har", "nango", "jsonl"]


def test_what_cannot_be_redacted_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where redaction fails the interaction is refused: nothing unredacted reaches the disk."""

    def fail(*_: object) -> Request:
        raise RecursionError

    monkeypatch.setattr("bi_contracts.cassette.importers.naming.redact_request", fail)
    put(tmp_path / "in", samples.VCRPY)
    report = run(tmp_path / "in", tmp_path / "out")
    assert "cannot be redacted" in report.refused[0].reason
    assert not (tmp_path / "out").exists()


def test_a_file_that_breaks_while_it_is_read(tmp_path: Path) -> None:
    """An input error in the middle of a file is a refusal."""
    found = list(read_file(Lines(), put(tmp_path / "in", "LINES") / "below"))
    assert [str(one).rpartition(": ")[2] for one in found] == ["cannot be read (Not a directory)"]


def test_no_format_knows_it(tmp_path: Path) -> None:
    """Without importers every file is foreign."""
    report = import_paths([put(tmp_path / "in", samples.VCRPY)], tmp_path / "out", importers=Importers(()))
    assert len(report.foreign) == 1


HEADERS = st.dictionaries(
    st.from_regex(r"X-[A-Za-z]{1,8}", fullmatch=True),
    st.lists(st.from_regex(r"[!-~]{1,9}", fullmatch=True), min_size=1, max_size=2),
    max_size=2,
)
BODIES = st.text(st.characters(codec="utf-8"), max_size=40)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    as_json=st.booleans(),
    exchanges=st.lists(
        st.tuples(
            st.sampled_from(["GET", "POST"]),
            st.from_regex(r"/[a-z0-9/]{0,9}(\?[a-z]=[a-z0-9]{0,4})?", fullmatch=True),
            HEADERS,
            BODIES,
            st.integers(100, 599),
            HEADERS,
            BODIES,
        ),
        min_size=1,
        max_size=3,
    ),
)
def test_what_vcrpy_writes_is_read(tmp_path: Path, as_json: bool, exchanges: list[tuple[Any, ...]]) -> None:
    """Any cassette that vcrpy writes is read back: methods, URLs, headers, statuses and bodies."""
    requests = [vcr.request.Request(m, f"https://a.example{u}", b, dict(h)) for m, u, h, b, *_ in exchanges]
    responses = [
        {"status": {"code": s, "message": "M"}, "headers": h, "body": {"string": b.encode()}}
        for *_, s, h, b in exchanges
    ]
    path = tmp_path / "cassette"
    serializer = jsonserializer if as_json else yamlserializer
    FilesystemPersister.save_cassette(path, {"requests": requests, "responses": responses}, serializer)
    read = interactions(path)
    assert [(one.request.method, one.request.url, one.request.body) for one in read] == [
        (m, f"https://a.example{u}", b.encode()) for m, u, _, b, *_ in exchanges
    ]
    assert [(one.response.status, one.response.body) for one in read] == [(s, b.encode()) for *_, s, _, b in exchanges]
    assert [sorted(one.response.headers) for one in read] == [
        sorted((name, value) for name, values in h.items() for value in values) for *_, h, _ in exchanges
    ]
