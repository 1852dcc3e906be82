"""The command line as a user types it: what is printed, what is written, how it ends."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tomllib
from contextlib import chdir
from pathlib import Path

import pytest
from click.testing import CliRunner

from bi_contracts.cli import VERBS, cli
from bi_contracts.drift import RULES
from bi_contracts.registry import select

from .conftest import Run


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with recordings and contracts of Asana, to be copied: making one takes longer than most tests."""
    folder = tmp_path_factory.mktemp("recorded")
    with chdir(folder):
        for words in (["record", "asana", "--from", "sandbox"], ["infer", "asana"]):
            assert CliRunner().invoke(cli, words).exit_code == 0
    return folder


@pytest.fixture
def recorded(run: Run, recordings: Path, tmp_path: Path) -> Run:
    """A workspace with recordings and contracts of Asana."""
    shutil.copytree(recordings, tmp_path, dirs_exist_ok=True)
    return run


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(verb: str) -> None:
    """Short in the list, longer on its own page."""
    result = CliRunner().invoke(cli, [verb, "--help"])
    assert result.exit_code == 0
    assert len(result.output.splitlines()) > 4
    assert VERBS[verb] in CliRunner().invoke(cli, ["--help"]).output.replace("\n", " ") or len(VERBS[verb]) > 60


def test_help_imports_nothing_heavy() -> None:
    """`bi-contracts --help` feels instant because it loads click and the table of verbs."""
    code = (
        "import sys; from bi_contracts.cli import cli\n"
        "try: cli(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'httpx', 'vcr', 'deepdiff', 'yaml', 'jsonschema', 'jsonschema_rs', 'graphql', 'rich', 'uvicorn'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_a_verb_does_not_load_the_command_line_of_httpx() -> None:
    """With rich and pygments it takes 6 MB."""
    code = (
        "import sys; from bi_contracts.cli import main\n"
        "sys.argv = ['bi-contracts', 'platforms', 'asana']\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "assert 'httpx' in sys.modules\n"
        "assert not {'pygments', 'rich'} & set(sys.modules), {'pygments', 'rich'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_a_typing_mistake_is_answered_with_the_nearest(run: Run) -> None:
    """Verbs and endpoints alike; usage errors end with 2."""
    verb = run("recrod")
    assert (verb.exit_code, "Did you mean 'record'" in verb.stderr) == (2, True)
    endpoint = run("record", "asana/taks", "--from", "sandbox")
    assert (endpoint.exit_code, "did you mean" in endpoint.stderr) == (2, True)


def test_recording_live_without_credentials_names_the_variable(run: Run) -> None:
    """It ends with 3 and writes nothing."""
    result = run("record", "asana/tasks")
    assert result.exit_code == 3
    assert "ASANA_ACCESS_TOKEN" in result.stderr
    assert not list(Path().iterdir())


def test_recording_says_what_it_wrote(run: Run) -> None:
    """One line an endpoint, its source among it; as JSON too."""
    result = run("record", "asana/tasks", "--from", "sandbox", "--format", "json")
    (row,) = json.loads(result.stdout)
    assert (row["id"], row["source"]) == ("asana/tasks", "sandbox")
    assert Path(row["cassette"]).is_file()


def test_a_dry_run_asks_nothing(run: Run) -> None:
    """It lists what would be asked, and needs no credentials."""
    result = run("record", "asana/tasks", "--dry-run")
    assert "https://app.asana.com/api/1.0/tasks" in result.stdout
    assert not list(Path().iterdir())


@pytest.mark.parametrize("origin", ["ftp://x", "elsewhere", "http://asana.example"])
def test_a_bad_origin_is_a_usage_error(run: Run, origin: str) -> None:
    """Neither a word we know nor a URL that a credential may travel to."""
    result = run("record", "asana/tasks", "--from", origin)
    assert (result.exit_code, "--from" in result.stderr) == (2, True)


@pytest.mark.parametrize("verb", ["check", "replay"])
def test_the_suite_passes_on_what_was_recorded(recorded: Run, verb: str) -> None:
    """Offline, and stated to be no evidence about the live API."""
    result = recorded(verb, "asana")
    assert result.exit_code == 0, result.output
    assert "not evidence about the live API" in result.stdout


@pytest.mark.parametrize("format", ["json", "markdown", "html", "junit", "sarif"])
def test_every_report_format_can_be_written(recorded: Run, format: str) -> None:
    """To a file, with the exit code of the run."""
    result = recorded("check", "asana/tasks", "--format", format, "--output", "report")
    assert result.exit_code == 0
    assert "sandbox" in Path("report").read_text()


def test_a_broken_contract_is_found(recorded: Run) -> None:
    """A hand-edited contract that the recording does not keep ends with 1 and names the place."""
    path = Path("contracts/asana/tasks.schema.json")
    contract = json.loads(path.read_text())
    contract["properties"]["body"]["properties"]["data"]["items"]["properties"]["gid"] = {"type": "integer"}
    path.write_text(json.dumps(contract))
    result = recorded("check", "asana/tasks")
    assert result.exit_code == 1
    assert "/body/data/0/gid" in result.stdout


def test_nothing_recorded_never_passes(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It ends with 5."""
    monkeypatch.setattr("bi_contracts.workspace.reference", lambda _: tmp_path / "none")
    for words in (
        ("check",),
        ("replay", "asana"),
        ("infer", "asana"),
        ("cassette", "show", "asana"),
        ("cassette", "audit"),
    ):
        assert run(*words).exit_code == 5, words
    for words in (("drift", "history"), ("cassette", "export", "asana"), ("cassette", "prune")):
        assert run(*words).exit_code == 5, words


def test_a_contract_is_proposed_before_it_is_changed(recorded: Run) -> None:
    """The diff is shown, --accept writes, and what says so already is left alone."""
    path = Path("contracts/asana/tasks.schema.json")
    assert "says so already" in recorded("infer", "asana/tasks").stdout
    cassette = Path("cassettes/asana/tasks.yaml")
    cassette.write_text(cassette.read_text().replace('"completed"', '"is_done"'))
    before = path.read_text()
    proposed = recorded("infer", "asana/tasks")
    assert path.read_text() == before
    assert "is_done" in proposed.stdout
    assert recorded("infer", "asana/tasks", "--accept").exit_code == 0
    assert "is_done" in path.read_text()
    assert "says so already" in recorded("infer", "asana/tasks").stdout


def test_accepting_takes_over_new_evidence(recorded: Run) -> None:
    """The same schema on other samples: who answered and how often is brought up to date."""
    path = Path("contracts/asana/tasks.schema.json")
    path.write_text(path.read_text().replace('"source": "sandbox"', '"source": "unknown"'))
    assert "says so already" in recorded("infer", "asana/tasks").stdout
    assert "its evidence only" in recorded("infer", "asana/tasks", "--accept").stdout
    assert '"source": "sandbox"' in path.read_text()


def test_drift_of_an_unchanged_sandbox_is_none(recorded: Run) -> None:
    """And the report is kept in the history."""
    result = recorded("drift", "asana", "--from", "sandbox", "--fail-on", "info")
    assert result.exit_code == 0, result.output
    history = json.loads(recorded("drift", "history", "asana", "--format", "json").stdout)
    assert {row["source"] for row in history} == {"sandbox"}


def test_drift_is_found_and_can_be_accepted(recorded: Run) -> None:
    """A required field that nobody sends is breaking; once accepted it is left out."""
    path = Path("contracts/asana/tasks.schema.json")
    text = path.read_text().replace('"resource_subtype"', '"resource_kind"')
    assert text != path.read_text()
    path.write_text(text)
    found = recorded("drift", "asana/tasks", "--from", "sandbox")
    assert found.exit_code == 1
    assert "/body/data/*/resource_kind" in found.stdout
    accepted = recorded("drift", "accept", "asana/tasks", "--reason", "renamed in our docs")
    assert accepted.exit_code == 0, accepted.output
    assert recorded("drift", "asana/tasks", "--from", "sandbox").exit_code == 0


def test_a_folder_that_is_not_there_is_said_to_be_none(recorded: Run) -> None:
    """What can stand behind --from is named."""
    result = recorded("drift", "asana/tasks", "--from", "missing/")
    assert (result.exit_code, "a folder of cassettes" in result.stderr) == (2, True)


def test_accepting_needs_a_report_and_a_change(recorded: Run) -> None:
    """Otherwise it says what to do."""
    assert recorded("drift", "accept", "asana/tasks", "--reason", "x").exit_code == 2
    recorded("drift", "asana/tasks", "--from", "sandbox")
    assert "no such change" in recorded("drift", "accept", "asana/tasks", "--reason", "x").stderr


def test_watching_prints_when_something_is_new(recorded: Run) -> None:
    """One look, one report."""
    result = recorded("drift", "watch", "asana/me", "--from", "sandbox", "--times", "1")
    assert (result.exit_code, "asana" in result.stdout) == (0, True)


def responses(path: Path, *bodies: object) -> None:
    path.write_text("".join(json.dumps({"status": 200, "headers": {}, "body": body}) + "\n" for body in bodies))


def test_plain_files_go_in_and_plain_changes_come_out(run: Run) -> None:
    """`infer --from` and `drift --contract --from` are all a script needs."""
    responses(Path("r1.jsonl"), *({"id": number, "name": "a"} for number in range(20)))
    responses(Path("r2.jsonl"), *({"id": str(number)} for number in range(20)))
    assert run("infer", "--from", "r1.jsonl", "-o", "c.json").exit_code == 0
    same = run("drift", "--contract", "c.json", "--from", "r1.jsonl", "--format", "json")
    assert (same.exit_code, json.loads(same.stdout)["changes"]) == (0, [])
    result = run("drift", "--contract", "c.json", "--from", "r2.jsonl", "--format", "json")
    assert result.exit_code == 1
    changes = {change["path"]: change for change in json.loads(result.stdout)["changes"]}
    assert changes["/body/name"]["severity"] == changes["/body/id"]["severity"] == "breaking"
    assert set(changes["/body/id"]) >= {"path", "severity", "rule", "before", "after", "evidence"}


def test_no_responses_are_no_verdict(run: Run) -> None:
    """An empty file ends with 5."""
    responses(Path("r1.jsonl"), {"id": 1})
    run("infer", "--from", "r1.jsonl", "-o", "c.json")
    Path("r2.jsonl").write_text("")
    assert run("drift", "--contract", "c.json", "--from", "r2.jsonl").exit_code == 5
    assert run("infer", "--from", "r2.jsonl", "-o", "d.json").exit_code == 5
    assert not Path("d.json").exists()


@pytest.mark.parametrize(
    "words",
    [
        ("infer", "--from", "r.jsonl"),
        ("infer", "-o", "c.json"),
        ("drift", "--contract", "c.json"),
        ("drift", "asana", "--contract", "c.json", "--from", "r.jsonl"),
    ],
)
def test_options_that_go_together_are_named(run: Run, words: tuple[str, ...]) -> None:
    """Half of a pair is a usage error."""
    assert run(*words).exit_code == 2


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "c.json"),
        ("[]", "c.json"),
        ('{"type": "objekt"}', "c.json"),
        ("", "c.json"),
        ('{"$schema": 3}', "c.json"),
        ('{"status": "x"}', "c.json"),
    ],
)
def test_a_contract_that_is_none_is_named(run: Run, content: str, says: str) -> None:
    """File and position, exit code 3, no traceback."""
    Path("c.json").write_text(content)
    responses(Path("r.jsonl"), {"id": 1})
    result = run("drift", "--contract", "c.json", "--from", "r.jsonl")
    assert result.exit_code == 3
    assert says in result.stderr


@pytest.mark.parametrize("content", ["{", "[1]", "null", '{"status": "x"}', "\x00\xff"])
def test_responses_that_are_none_are_named_by_line(run: Run, content: str) -> None:
    """`r.jsonl:2` is where to look."""
    responses(Path("r.jsonl"), {"id": 1})
    with Path("r.jsonl").open("a") as file:
        file.write(content + "\n")
    result = run("infer", "--from", "r.jsonl", "-o", "c.json")
    assert result.exit_code == 3, result.output
    assert "r.jsonl:2" in result.stderr
    assert not Path("c.json").exists()


@pytest.mark.parametrize("content", ["", "interactions: [", "a: 1", "version: 1\ninteractions: 3\n", "\x00"])
def test_a_cassette_that_is_none_is_named(recorded: Run, content: str) -> None:
    """check, replay and show end with 3 and name the file."""
    Path("cassettes/asana/tasks.yaml").write_text(content)
    for verb in (("check",), ("replay",), ("cassette", "show")):
        result = recorded(*verb, "asana/tasks")
        assert result.exit_code == 3, (verb, result.output)
        assert "tasks.yaml" in result.output


def test_a_cassette_from_a_newer_version_is_refused(recorded: Run) -> None:
    """It says to upgrade and ends with 3."""
    path = Path("cassettes/asana/tasks.yaml")
    path.write_text(path.read_text().replace("format: 1", "format: 99", 1))
    result = recorded("check", "asana/tasks")
    assert result.exit_code == 3
    assert "newer" in result.output or "later" in result.output


def test_platforms_say_what_is_known(recorded: Run) -> None:
    """Credentials, recording, source, contract."""
    (row,) = json.loads(recorded("platforms", "asana/tasks", "--format", "json").stdout)
    assert row == {
        "id": "asana/tasks", "kind": "list", "credentials": "missing", "cassette": "own", "source": "sandbox",
        "age": 0, "contract": "own",
    }  # fmt: skip


def test_the_doctor_finds_what_is_broken(recorded: Run) -> None:
    """Unset credentials are said; only what cannot be read fails."""
    well = recorded("doctor", "asana/tasks")
    assert well.exit_code == 0
    assert "ASANA_ACCESS_TOKEN" in well.stdout
    assert "recorded from the sandbox" in well.stdout
    Path("contracts/asana/tasks.schema.json").write_text("{")
    ill = recorded("doctor", "asana/tasks")
    assert ill.exit_code == 1
    assert "tasks.schema.json" in ill.stdout


def test_the_rules_are_listed(run: Run) -> None:
    """All of them, with severity and example."""
    rows = json.loads(run("rules", "--format", "json").stdout)
    assert {row["rule"] for row in rows} == set(RULES)
    assert all(row["example"] and row["explanation"] for row in rows)
    assert "breaking" in run("rules").stdout


def test_a_contract_is_shown_and_compared(recorded: Run) -> None:
    """`show` prints the file; `diff` ends with 1 where two differ."""
    path = "contracts/asana/tasks.schema.json"
    assert recorded("contract", "show", "asana/tasks").stdout == Path(path).read_text()
    assert recorded("contract", "diff", path, path).exit_code == 0
    assert recorded("contract", "diff", path, "contracts/asana/users.schema.json").exit_code == 1


def test_a_cassette_is_shown_exported_audited_and_pruned(recorded: Run) -> None:
    """Each says what it did; an export is what `infer --from` reads."""
    assert "200" in recorded("cassette", "show", "asana/tasks").stdout
    Path("r.jsonl").write_text(recorded("cassette", "export", "asana/tasks").stdout)
    assert recorded("infer", "--from", "r.jsonl", "-o", "c.json").exit_code == 0
    assert json.loads(recorded("cassette", "export", "asana/tasks", "--as", "har").stdout)["log"]["entries"]
    audited = recorded("cassette", "audit")
    assert audited.exit_code == 0, audited.output
    assert "0 interactions gone" in recorded("cassette", "prune", "asana/tasks").stdout
    assert recorded("cassette", "prune", "asana/tasks", "--dry-run").exit_code == 0


def test_an_audit_finds_a_planted_secret_without_showing_it(recorded: Run) -> None:
    """It ends with 1; the value itself is not printed."""
    path = Path("cassettes/asana/tasks.yaml")
    path.write_text(
        path.read_text().replace("application/json", "xoxb-1234567890-0987654321-abcdefABCDEFabcdefABCDEF", 1)
    )
    result = recorded("cassette", "audit", str(path), "--format", "json")
    assert result.exit_code == 1
    assert "abcdefABCDEF" not in result.output
    assert any(row["kind"] == "secret" for row in json.loads(result.stdout))


def test_recordings_of_others_are_imported_or_listed(run: Run) -> None:
    """Every file is accounted for; a foreign one is left out with a reason."""
    Path("in").mkdir()
    responses(Path("in/users.jsonl"), {"results": []})
    Path("in/README.md").write_text("# hello\n")
    Path("in/broken.yaml").write_text("interactions: [")
    result = run("cassette", "import", "in", "-o", "out", "--platform", "notion")
    assert result.exit_code == 1
    assert "broken.yaml" in result.stdout
    assert "README.md" in result.stdout
    assert json.loads(run("cassette", "import", "in", "-o", "out2", "--format", "json").stdout)["imported"] == 1
    Path("none").mkdir()
    assert run("cassette", "import", "none", "-o", "out3").exit_code == 5


def test_the_sandbox_prints_its_credentials(run: Run) -> None:
    """As export lines, or as JSON."""
    exports = run("sandbox", "--credentials").stdout
    assert "export ASANA_ACCESS_TOKEN=" in exports
    given = json.loads(run("sandbox", "--credentials", "--format", "json").stdout)
    assert f"export SLACK_BOT_TOKEN={given['SLACK_BOT_TOKEN']}" in exports
    assert given != json.loads(run("sandbox", "--credentials", "--seed", "x", "--format", "json").stdout)


def test_init_writes_a_workspace_and_leaves_what_is_there(run: Run) -> None:
    """Every scaffolded file is usable: the settings load, the workflow names every secret."""
    first = run("init")
    assert first.exit_code == 0
    assert tomllib.loads(Path("bi-contracts.toml").read_text())["mode"] == "replay"
    assert "secrets.ASANA_ACCESS_TOKEN" in Path(".github/workflows/drift.yml").read_text()
    assert "@" not in Path(".env.example").read_text()
    compile(Path("tests/test_contracts.py").read_text(), "test_contracts.py", "exec")
    Path("bi-contracts.toml").write_text('mode = "sandbox"\n')
    assert "left alone" in run("init").stdout
    assert Path("bi-contracts.toml").read_text() == 'mode = "sandbox"\n'


def test_an_unwritable_folder_is_named(run: Run) -> None:
    """Where a file stands in the way, it ends with 3."""
    Path("cassettes").write_text("in the way")
    result = run("record", "asana/me", "--from", "sandbox")
    assert result.exit_code == 3
    assert "cassettes" in result.stderr


def test_the_demo_finds_every_staged_change(run: Run) -> None:
    """Record, infer, replay, change, record again, drift, report: all of it, on every declared platform."""
    result = run("demo", "--rows", "40")
    assert result.exit_code == 0, result.output
    assert "missed" not in result.stdout
    page = Path("bi-contracts-demo/report.html").read_text()
    assert "not evidence about the live API" in page
    assert len(list(Path("bi-contracts-demo/before/contracts").glob("*/*.json"))) == len(select(["*"]))


@pytest.mark.parametrize("origin", ["http://[::1", "https://[::1", "http://", "https://", "http://localhost:x"])
def test_half_a_url_is_a_mistake_in_the_command(run: Run, origin: str) -> None:
    """A URL that does not parse ends with 2 and a line, never with a traceback."""
    result = run("record", "slack/users", "--from", origin)
    assert result.exit_code == 2
    assert "--from" in result.stderr


def test_recordings_that_nobody_declares_are_worked_with_too(run: Run) -> None:
    """An imported endpoint is shown, exported, compared, accepted and listed like any other."""
    for folder, field in (("cassettes", "id"), ("newer", "key")):
        Path("in/shop.example").mkdir(parents=True, exist_ok=True)
        line = {"method": "GET", "url": "https://shop.example/orders", "status": 200, "headers": {}, "body": {field: 1}}
        Path("in/orders.jsonl").write_text(json.dumps(line) + "\n")
        assert run("cassette", "import", "in", "-o", folder).exit_code == 0
    (row,) = json.loads(run("cassette", "show", "--format", "json").stdout)
    id = row["id"]
    assert "orders" in id
    assert json.loads(run("cassette", "export", id).stdout)["body"] == {"id": 1}
    assert run("infer").exit_code == 0
    assert run("drift", "--from", "newer").exit_code == 1
    assert json.loads(run("drift", "history", "--format", "json").stdout)[0]["id"] == id
    assert run("drift", "accept", id, "--reason", "renamed").exit_code == 0
    assert run("drift", "--from", "newer").exit_code == 0


def test_a_password_in_an_origin_is_not_repeated(recorded: Run) -> None:
    """Neither in the report nor in an error."""
    told = recorded("drift", "asana/me", "--from", "https://me:hunter2hunter2@127.0.0.1:9", "--format", "json")
    assert "hunter2" not in told.output
    assert "hunter2" not in recorded("record", "asana/me", "--from", "ftp://me:hunter2hunter2@x.example").output
