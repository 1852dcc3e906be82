"""`bi-contracts mock` as a user types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bi_contracts.errors import ExitCode

from .conftest import Run


def test_one_endpoint_goes_to_stdout(run: Run) -> None:
    """Marked, with its seed; a line for a person on stderr."""
    ended = run("mock", "gong/calls", "-n", "3", "--seed", "7")
    found = json.loads(ended.stdout)
    assert ended.exit_code == 0
    assert (found["source"], found["endpoint"], found["seed"]) == ("mock", "gong/calls", "7")
    assert len(found["records"]) == 3
    assert ended.stderr.strip() == "# mock gong/calls: 3 records, seed 7, success"


def test_lines_hold_one_record_each(run: Run) -> None:
    """And stderr says that they are mock data."""
    ended = run("mock", "hubspot/contacts", "-n", "4", "--format", "jsonl")
    assert [len(json.loads(line)["id"]) > 3 for line in ended.stdout.splitlines()] == [True] * 4
    assert ended.stderr.startswith("# mock hubspot/contacts: 4 records")


def test_defects_are_listed_with_their_places(run: Run) -> None:
    """In the output, and counted on stderr."""
    ended = run("mock", "hubspot/contacts", "--quality", "0.7", "--defect", "malformed-email")
    found = json.loads(ended.stdout)
    assert [one["kind"] for one in found["defects"]] == ["malformed-email"] * 3
    assert {one["path"] for one in found["defects"]} == {"/properties/email"}
    assert "3 with a defect: 3 malformed-email" in ended.stderr


def test_a_shortage_of_defects_is_said(run: Run) -> None:
    """Where fewer records can have one than were asked for."""
    ended = run("mock", "salesforce/contacts", "-n", "30", "--quality", "0", "--defect", "malformed-email")
    assert "30 were asked for, more cannot have one" in ended.stderr


def test_a_defect_that_cannot_be_is_an_error(run: Run) -> None:
    """With what to leave out."""
    ended = run("mock", "gong/calls", "--quality", "0.5", "--defect", "missing-field")
    assert ended.exit_code == ExitCode.CONFIGURATION
    assert "requires no field" in ended.stderr


def test_an_empty_answer_is_shown(run: Run) -> None:
    """Gong's own."""
    found = json.loads(run("mock", "gong/calls", "--scenario", "empty").stdout)
    assert found["records"] == []
    assert found["envelopes"][0]["status"] == 404


def test_an_error_is_shown(run: Run) -> None:
    """The one that is named."""
    ended = run(
        "mock", "slack/users", "--scenario", "error", "--error", "rate-limited", "--envelope", "--format", "jsonl"
    )
    (answer,) = map(json.loads, ended.stdout.splitlines())
    assert answer["status"] == 429
    assert answer["headers"]["x-bi-contracts-mock"] == "1"


def test_whole_responses_stand_in_the_place_of_records(run: Run) -> None:
    """Each with the header that says what they are."""
    found = json.loads(run("mock", "gong/calls", "-n", "2", "--envelope").stdout)
    assert "records" not in found
    assert len(found["envelopes"][0]["body"]["calls"]) == 2
    assert found["envelopes"][0]["headers"]["x-bi-contracts-mock"] == "1"


@pytest.mark.parametrize("words", [("infer", "-o", "c.json"), ("drift", "--contract", "c.json")])
def test_mock_data_are_refused_as_evidence(run: Run, words: tuple[str, ...]) -> None:
    """Regression: mock results are marked; neither a contract nor drift rests on them."""
    assert run("mock", "gong/calls", "-n", "2", "--envelope", "--format", "jsonl", "--output", "r.jsonl").exit_code == 0
    Path("c.json").write_text('{"type": "object"}')
    ended = run(words[0], "--from", "r.jsonl", *words[1:])
    assert ended.exit_code == ExitCode.CONFIGURATION
    assert "r.jsonl:1: mock data" in ended.stderr
    assert Path("c.json").read_text() == '{"type": "object"}'


def test_a_glob_becomes_a_folder(run: Run) -> None:
    """A file for each endpoint, whose name says what it is."""
    ended = run("mock", "slack", "gong/calls", "-n", "5", "--output", "mocks")
    files = sorted(path.relative_to("mocks").as_posix() for path in Path("mocks").rglob("*") if path.is_file())
    assert ended.exit_code == 0
    assert "gong/calls.mock.json" in files
    assert "slack/history.mock.json" in files
    assert all(json.loads((Path("mocks") / name).read_text())["source"] == "mock" for name in files)


def test_a_glob_without_a_folder_is_a_mistake(run: Run) -> None:
    """Several endpoints in one stream would be nobody's data."""
    ended = run("mock", "slack")
    assert ended.exit_code == ExitCode.USAGE
    assert "name a folder for them with --output" in ended.stderr


def test_endpoints_of_a_set_that_cannot_have_a_defect_are_left_out(run: Run) -> None:
    """They are named; the others are written."""
    ended = run("mock", "gong/calls", "gong/users", "--defect", "malformed-email", "--quality", "0.5", "--output", "m")
    assert ended.exit_code == 0
    assert "gong/calls: its records hold no e-mail address" in ended.stderr
    assert [path.name for path in Path("m/gong").iterdir()] == ["users.mock.json"]
    none = run(
        "mock", "gong/calls", "gong/workspaces", "--defect", "malformed-email", "--quality", "0", "--output", "o"
    )
    assert none.exit_code == ExitCode.CONFIGURATION
    assert not Path("o").exists()


CONTRACT = {
    "$id": "acme/things",
    "type": "object",
    "properties": {
        "status": {"const": 200},
        "body": {
            "type": "object",
            "properties": {
                "things": {
                    "type": "array",
                    "items": {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]},
                }
            },
            "required": ["things"],
        },
    },
    "required": ["status", "body"],
}


@pytest.mark.parametrize(("words", "id"), [(("acme/others",), "acme/others"), ((), "acme/things")])
def test_a_contract_file_is_enough(run: Run, words: tuple[str, ...], id: str) -> None:
    """Whether its platform is declared or not; the endpoint's name is the contract's where none is given."""
    Path("things.schema.json").write_text(json.dumps(CONTRACT))
    ended = run("mock", *words, "--contract", "things.schema.json", "-n", "2")
    found = json.loads(ended.stdout)
    assert found["endpoint"] == id
    assert [sorted(record) for record in found["records"]] == [["id"], ["id"]]


def test_a_contract_file_may_be_of_a_declared_endpoint(run: Run) -> None:
    """Then the world's values stay."""
    Path("c.json").write_text(json.dumps(CONTRACT))
    ended = run("mock", "gong/calls", "--contract", "c.json", "-n", "1")
    assert json.loads(ended.stdout)["records"][0]["title"]
    assert run("mock", "gong/calls", "gong/users", "--contract", "c.json").exit_code == ExitCode.USAGE


def test_a_contract_of_the_workspace_is_enough(run: Run) -> None:
    """An endpoint that nobody declares, found among the contracts."""
    Path("contracts/acme").mkdir(parents=True)
    Path("contracts/acme/things.schema.json").write_text(json.dumps(CONTRACT))
    assert json.loads(run("mock", "acme/things", "-n", "3").stdout)["records"][2]["id"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((), ExitCode.USAGE, "name an endpoint or a glob"),
        (("gong/call",), ExitCode.GOOD, "# mock gong/call"),
        (("gong/cals",), ExitCode.USAGE, "did you mean"),
        (("gong/calls", "-n", "-1"), ExitCode.USAGE, "-1"),
        (("gong/calls", "--quality", "2"), ExitCode.USAGE, "0<=x<=1"),
        (("gong/calls", "--error", "forbidden"), ExitCode.USAGE, "--error goes with --scenario error"),
        (("asana/create_task",), ExitCode.NOTHING_RAN, "asana/create_task is a write"),
    ],
)
def test_mistakes_are_told(run: Run, words: tuple[str, ...], code: ExitCode, said: str) -> None:
    """In a line that says what to type."""
    ended = run("mock", *words)
    assert ended.exit_code == code
    assert said in ended.output


def test_a_recording_without_a_contract_is_not_enough(run: Run) -> None:
    """It is said how to make one."""
    assert run("record", "slack/team", "--from", "sandbox").exit_code == 0
    Path("cassettes/acme").mkdir(parents=True)
    Path("cassettes/slack/team.yaml").rename("cassettes/acme/things.yaml")
    ended = run("mock", "acme/things")
    assert ended.exit_code == ExitCode.NOTHING_RAN
    assert "bi-contracts infer acme/things" in ended.stderr


def test_many_lines_are_printed_as_they_are_made(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same ones as of a few at a time; a million need no more memory than a thousand."""
    words = ("mock", "gong/calls", "-n", "30", "--format", "jsonl")
    whole = run(*words)
    monkeypatch.setattr("bi_contracts.cli.mock.MANY", 7)
    streamed = run(*words)
    assert (streamed.exit_code, streamed.stdout, streamed.stderr) == (0, whole.stdout, whole.stderr)
    assert len(streamed.stdout.splitlines()) == 30


def test_mock_answers_are_not_imported_as_recordings(run: Run) -> None:
    """Nobody answered them: what was made can be no evidence of an API, whichever way it is brought in."""
    run("mock", "gong/calls", "-n", "3", "--envelope", "--format", "jsonl", "--output", "calls.jsonl")
    ended = run("cassette", "import", "calls.jsonl")
    assert (ended.exit_code, "mock data" in ended.output) == (ExitCode.NOTHING_RAN, True)
    assert not Path("cassettes").exists()
