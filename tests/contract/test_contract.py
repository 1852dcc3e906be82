"""Contract files, violations and proposals."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from bi_contracts.contract import Contract, diff_text, propose
from bi_contracts.errors import ConfigurationError, ContractNotFound, InvalidContract

from .test_inference import ok, prop

SAMPLES = [
    ok({"object": "list", "rows": [prop("title"), prop("date")], "next": None}, **{"content-type": "text/x"})
] * 4


def written(body: Any, **more: Any) -> Contract:
    """A contract written by hand, about bodies."""
    return Contract.from_json(json.dumps({"properties": {"body": body}, **more}), "c.json")


def violated(contract: Contract, body: Any) -> list[tuple[str, str]]:
    """Path and keyword of each violation of a body."""
    return [(one.path, one.keyword) for one in contract.violations(ok(body))]


def test_a_contract_is_saved_and_loaded(tmp_path: Path) -> None:
    """Missing folders are made; the file is readable JSON."""
    contract, path = Contract.infer("x/y", SAMPLES), tmp_path / "new" / "c.json"
    contract.save(path)
    assert Contract.load(path) == contract
    assert list(json.loads(path.read_text()))[-1] == "x-evidence"
    assert [found.name for found in path.parent.iterdir()] == ["c.json"]


def test_saving_keeps_the_mode_of_the_file(tmp_path: Path) -> None:
    """A private contract stays private."""
    path = tmp_path / "c.json"
    path.write_text("{}")
    path.chmod(0o600)
    Contract.infer("x/y", SAMPLES).save(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_unwritable_place_is_named_and_nothing_is_lost(tmp_path: Path) -> None:
    """The old file is left as it was."""
    (tmp_path / "folder").write_text("a file")
    with pytest.raises(ConfigurationError, match="cannot be written"):
        Contract.infer("x/y", SAMPLES).save(tmp_path / "folder" / "c.json")
    (tmp_path / "taken").mkdir()
    with pytest.raises(ConfigurationError, match="taken"):
        Contract.infer("x/y", SAMPLES).save(tmp_path / "taken")
    assert sorted(found.name for found in tmp_path.iterdir()) == ["folder", "taken"]


def test_an_interrupted_save_leaves_no_rubbish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C between writing and replacing keeps the old file and removes the new."""

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    path = tmp_path / "c.json"
    path.write_text("old")
    monkeypatch.setattr("os.replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        Contract.infer("x/y", SAMPLES).save(path)
    assert [found.read_text() for found in tmp_path.iterdir()] == ["old"]


def test_a_missing_contract_says_how_to_make_one(tmp_path: Path) -> None:
    """The message names the command."""
    with pytest.raises(ContractNotFound, match="bi-contracts infer"):
        Contract.load(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"type":\n', "c.json:2:1: not JSON"),
        ("[]", "c.json:1:1: a contract is a JSON object"),
        ("[" * 100_000, "nested too deep"),
        ('{\n  "properties": {\n    "body": {"type": "nope"}}}', "c.json:3:22: at /properties/body/type"),
        ('{"oneOf": [{}, {"type": 5}]}', "c.json:1:25: at /oneOf/1/type"),
        ('{"$ref": "https://example.com/x.json"}', "remote references are not followed"),
        ('{"$ref": "#/$defs/none"}', "c.json: not a usable JSON Schema"),
        ('{"pattern": "(("}', "c.json: not a usable JSON Schema"),
        ('{"$schema": "https://example.com/draft"}', "c.json: not a usable"),
        ('{"$id": 5}', "c.json: at /.id"),
        ('{"x-evidence": 5}', "c.json: at /x-evidence"),
        ('{"x-evidence": {"counts": {"/body": {"seen": "many"}}}}', "c.json: at /x-evidence"),
        ('{"x-evidence": {"counts": {"/body": {"types": {"null": "x"}}}}}', "c.json: at /x-evidence"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_what_is_no_contract_is_refused(text: str, told: str) -> None:
    """File and position stand in the message."""
    with pytest.raises(InvalidContract, match=told):
        Contract.from_json(text, "c.json")


def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    """Binary files and folders are no contracts."""
    (tmp_path / "c.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidContract, match="not UTF-8"):
        Contract.load(tmp_path / "c.json")
    with pytest.raises(InvalidContract, match="cannot be read"):
        Contract.load(tmp_path)


def test_the_id_comes_from_the_file_where_the_schema_has_none() -> None:
    """`$id`, else `title`, else the name of the file."""
    assert Contract.from_json('{"type": "object"}', "contracts/tasks.schema.json").id == "tasks"
    assert Contract.from_json('{"title": "T", "type": "object"}').id == "T"
    assert Contract.infer("GET /a b/{id}", SAMPLES).schema["$id"] == "GET%20/a%20b/%7Bid%7D"


def test_a_contract_without_evidence_is_written_without() -> None:
    """A hand-written file is not given an empty block."""
    assert "x-evidence" not in written({"type": "object"}).to_json()
    assert json.loads(Contract("x", {}).to_json()) == {}


VIOLATIONS: list[tuple[Any, list[tuple[str, str]]]] = [
    ({"object": "list", "rows": []}, [("/body/next", "required")]),
    ({"object": "list", "rows": [], "next": 5}, []),
    ({"object": "pile", "rows": [], "next": None}, [("/body/object", "const")]),
    ({"object": "list", "rows": "x", "next": None}, [("/body/rows", "type")]),
    ({"object": "list", "rows": [prop("title") | {"id": 5}], "next": None}, [("/body/rows/0/id", "type")]),
    ({"object": "list", "rows": [{"id": "x", "type": "title"}], "next": None}, [("/body/rows/0/title", "required")]),
    ({"object": "list", "rows": [prop("other")], "next": None}, [("/body/rows/0/type", "enum")]),
    ({"object": "list", "rows": [{"id": "x"}], "next": None}, [("/body/rows/0", "oneOf")]),
    ({"object": "list", "rows": [5], "next": None}, [("/body/rows/0", "type")]),
    ("<html>", [("/body", "type")]),
]


@pytest.mark.parametrize(("body", "expected"), VIOLATIONS, ids=str)
def test_violations_are_told_where_they_are(body: Any, expected: Any) -> None:
    """The deepest place that explains, in the variant that was meant."""
    assert violated(Contract.infer("x/y", SAMPLES), body) == expected


def test_a_message_tells_shapes_not_values() -> None:
    """Personal data stays out of messages."""
    contract = written(
        {"properties": {"a": {"type": "integer"}, "b": {"const": "x"}, "c": {"pattern": "^z"}, "d": {"maximum": 1}}}
    )
    body = {"a": "jane@doe.org", "b": "jane@doe.org", "c": "jane@doe.org", "d": 31337}
    told = [str(one) for one in contract.violations(ok(body))]
    assert told == [
        "/body/a: expected integer, got string",
        "/body/b: expected x, got another string",
        "/body/c: string that does not match ^z",
        "/body/d: integer that breaks `maximum`",
    ]


def test_another_status_is_a_violation() -> None:
    """A status that the contract does not know is told at /status."""
    found = list(Contract.infer("x/y", [ok({}), ok({}, 404)]).violations(ok({}, 500)))
    assert [(one.path, one.keyword) for one in found] == [("/status", "enum")]


def test_headers_that_were_not_recorded_are_no_violation() -> None:
    """No headers at all is no evidence; other headers are."""
    contract = Contract.infer("x/y", [ok({}, **{"content-type": "text/x", "link": "l"})])
    assert list(contract.violations(ok({}))) == []
    assert [one.path for one in contract.violations(ok({}, **{"Content-Type": "text/y; a=b"}))] == [
        "/headers/content-type",
        "/headers/link",
    ]


def test_graphql_and_slack_variants_are_explained() -> None:
    """The outcome decides the variant."""
    contract = Contract.infer("x", [ok({"data": {"a": 1}}), ok({"errors": [{"message": "m"}]})])
    assert violated(contract, {"data": {"a": "x"}}) == [("/body/data/a", "type")]
    assert violated(contract, {"errors": [{}]}) == [("/body/errors/0/message", "required")]


def test_any_of_by_hand_is_explained() -> None:
    """Without a discriminator the branches are only counted."""
    contract = written({"anyOf": [{"required": ["a"]}, {"required": ["b"]}, True]})
    assert violated(contract, {}) == []
    contract = written({"anyOf": [{"required": ["a"]}, {"required": ["b"]}]})
    (found,) = contract.violations(ok({}))
    assert (found.path, found.message) == ("/body", "object that fits none of the 2 variants")
    assert violated(written({"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}), {"a": 1, "b": 2}) == [
        ("/body", "oneOf")
    ]


def test_a_hostile_pattern_takes_no_time() -> None:
    """Regular expressions run in linear time, or give up."""
    contract = written({"pattern": "^(a+)+$"})
    assert violated(contract, "a" * 50_000 + "b") == [("/body", "pattern")]


def test_numbers_outside_json_are_explained_slowly_but_surely() -> None:
    """NaN and huge integers do not break validation."""
    contract = written({"properties": {"a": {"type": "integer"}}})
    assert violated(contract, {"a": float("nan")}) == [("/body/a", "type")]
    assert violated(contract, {"a": 2**80}) == []


def test_a_recursive_contract_is_checked_to_the_bottom() -> None:
    """References are followed as deep as the response goes."""
    node = {"properties": {"next": {"$ref": "#/$defs/node"}}, "required": ["name"]}
    contract = written({"$ref": "#/$defs/node"}, **{"$defs": {"node": node}})
    assert violated(contract, {"name": 1, "next": {"next": {"name": 1}}}) == [("/body/next/name", "required")]


def edited(contract: Contract, change: Any) -> Contract:
    """The contract after a person changed its file."""
    document = json.loads(contract.to_json())
    change(document["properties"]["body"], document)
    return Contract.from_json(json.dumps(document))


def describe(body: Any, document: Any) -> None:
    """Edits of several kinds."""
    document["description"] = "reviewed"
    body["required"].remove("object")
    body["properties"]["next"] = {"type": ["string", "null"]}
    body["properties"]["rows"]["maxItems"] = 100
    body["properties"]["rows"]["items"]["oneOf"][0]["description"] = "dates"


def test_hand_edits_survive_a_new_inference() -> None:
    """What a person wrote stays; what is new is proposed; accepting it is the end of it."""
    current = edited(Contract.infer("x/y", SAMPLES), describe)
    new = {"object": "list", "rows": [prop("date"), prop("title"), prop("people")], "next": None, "total": 3}
    inferred = Contract.infer("other", [ok(new, **{"content-type": "text/x"})] * 4)
    proposal = propose(current, inferred)
    body = proposal.contract.schema["properties"]["body"]
    assert proposal.contract.id == "x/y"
    assert proposal.contract.schema["description"] == "reviewed"
    assert body["required"] == ["next", "rows", "total"]
    assert body["properties"]["next"] == {"type": ["string", "null"]}
    assert body["properties"]["rows"]["maxItems"] == 100
    branches = body["properties"]["rows"]["items"]["oneOf"]
    assert [branch.get("description") for branch in branches] == ["dates", None, None]
    assert '+        "total"' in proposal.diff
    assert not propose(proposal.contract, inferred).changed


def test_a_tightened_vocabulary_survives() -> None:
    """A value that a person struck out does not come back; one that is new is proposed."""
    rows = [ok({"status": value}) for value in ("open", "shut", "held")] * 9
    current = edited(Contract.infer("x", rows), lambda body, _: body["properties"]["status"]["enum"].remove("held"))
    proposal = propose(current, Contract.infer("x", [*rows, *[ok({"status": "done"})] * 9]))
    assert proposal.contract.schema["properties"]["body"]["properties"]["status"]["enum"] == ["done", "open", "shut"]


def test_what_is_gone_is_proposed_to_go() -> None:
    """Untouched parts follow the samples in both directions."""
    proposal = propose(Contract.infer("x", [ok({"a": 1, "b": 2})]), Contract.infer("x", [ok({"a": 1})]))
    assert list(proposal.contract.schema["properties"]["body"]["properties"]) == ["a"]


def test_a_contract_by_hand_only_grows() -> None:
    """Without evidence everything is a person's word; unknown properties are added."""
    current = written({"type": "object", "properties": {"a": {}, "rows": {"items": {"properties": {"x": {}}}}}})
    proposal = propose(current, Contract.infer("c", [ok({"a": 1, "b": 2, "rows": [{"x": 1, "y": 2}]})]))
    body = proposal.contract.schema["properties"]["body"]
    assert body["properties"]["a"] == {}
    assert "required" not in body
    assert list(body["properties"]["rows"]["items"]["properties"]) == ["x", "y"]
    assert body["properties"]["b"] == {"type": "integer"}


def test_a_union_rewritten_by_hand_is_left_alone() -> None:
    """Variants that cannot be told apart any more are not merged."""

    def flatten(body: Any, _: Any) -> None:
        body["properties"]["rows"]["items"]["oneOf"] = [{"type": "object"}, {"type": "object"}]

    current = edited(Contract.infer("x/y", SAMPLES), flatten)
    new = {"object": "list", "rows": [prop("date"), prop("title"), prop("people")], "next": None}
    items = propose(current, Contract.infer("x/y", [ok(new)] * 4)).contract.schema["properties"]["body"]["properties"][
        "rows"
    ]
    assert items["items"]["oneOf"] == [{"type": "object"}, {"type": "object"}]


def test_the_diff_leaves_counts_out() -> None:
    """More samples of the same shape are no change of the contract."""
    assert diff_text(Contract.infer("x", [ok({"a": 1})]), Contract.infer("x", [ok({"a": 2})] * 9)) == ""


def test_a_contract_that_chases_its_own_tail_is_told() -> None:
    """A schema that refers to itself without end is no crash, and no pass."""
    contract = Contract.from_json('{"allOf": [{"$ref": "#"}, {"required": ["nothing"]}]}')
    assert [one.keyword for one in contract.violations(ok({}))] == ["$ref"]
